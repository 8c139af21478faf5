"""Pages of reporting. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. The page of a unit works without scripts; a script that sends one row at a time gets back the
sentence for that row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.serving import open_evidence
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.reporting import actions, queries, rules, sheets
from heqing_site.reporting import forms as shapes
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import Closing, Evidence, Report
from heqing_site.reporting.queries import LateUnit, OwedRow
from heqing_site.reporting.rules import Kind, Period, State

ROWS_ON_A_PAGE = 40  # five fields each: well below what a form may hold
UNITS_ON_A_PAGE = 30
ALL_MONTHS = "all"


# --- my unit, this period -----------------------------------------------------------------------------------------


@dataclass
class Line:
    """One row of a unit's page: what is owed, its form, and what was refused."""

    row: OwedRow
    form: shapes.RowForm
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """Whose month is asked for; what makes no sense in the address is as if it were not there."""

    unit: Unit | None
    units: list[Unit]
    month: Period
    page: str

    @property
    def address(self) -> str:
        """The address of the same page."""
        said = {"month": self.month.key, "unit": self.unit.pk if self.unit else "", "page": self.page}
        return reverse("reporting:mine") + "?" + urlencode({key: value for key, value in said.items() if value})


def mine(request: HttpRequest) -> HttpResponse:
    """Show what a unit owes for a month (填报), and save or submit what was typed."""
    asked = _asked(request)
    page = _owed_page(asked)
    if request.method != "POST":
        return _mine(request, asked, page, [_line(row) for row in page.object_list])
    wants_submit = request.POST.get("deed") == "submit"
    only = request.POST.get("only", "")
    lines, saved, submitted = [], 0, 0
    for row in page.object_list:
        line = _line(row, request)
        lines.append(line)
        if not row.is_editable or f"seen-{row.key}" not in request.POST or (only and only != row.key):
            continue
        outcome = _enter(request, line, submits=wants_submit or only == row.key)
        saved += outcome == State.DRAFT
        submitted += outcome == State.SUBMITTED
    faulty = sum(bool(line.faults or line.form.errors) for line in lines)
    said = "，".join(
        part for part in (f"提交 {submitted} 项" if submitted else "", f"保存草稿 {saved} 项" if saved else "") if part
    )
    if not faulty:
        messages.success(request, f"已{said}。" if said else "没有新的内容，未作记录。")
        return redirect(asked.address)
    messages.error(
        request, f"{'已' + said + '；' if said else ''}有 {faulty} 项没有办理，原因写在该项下面，填的内容都还在。"
    )
    fresh = {row.key: row for row in _owed_page(asked).object_list}
    shown = []
    for line in lines:
        row = fresh.get(line.row.key, line.row)
        if line.faults or line.form.errors:
            line.row = row  # what was typed stays; the version before their eyes is now the newest
            shown.append(line)
        else:
            shown.append(_line(row))
    return _mine(request, asked, page, shown, status=409)


@require_POST
def save_row(request: HttpRequest) -> JsonResponse:
    """Save one row as it is typed; the answer says how the row stands."""
    asked = _asked(request)
    only = request.POST.get("only", "")
    for row in _owed_page(asked).object_list:
        if row.key == only and row.is_editable:
            line = _line(row, request)
            state = _enter(request, line, submits=False)
            faults = line.faults + [str(fault) for faults in line.form.errors.values() for fault in faults]
            seen = row.entry.number if row.entry is not None else row.seen
            words = f"已存 {timezone.localtime():%H:%M}" if state else ""
            return JsonResponse({"seen": seen, "said": words, "faults": faults}, status=409 if faults else 200)
    return JsonResponse({"faults": ["这一项现在不能填写，请刷新页面。"]}, status=409)


def _enter(request: HttpRequest, line: Line, *, submits: bool) -> State | None:
    """Save or submit one row; tell what became of it, or put the sentence on the line."""
    row, form = line.row, line.form
    if not form.is_valid():
        return None
    files = [File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in _files(request, row.key)]
    said = form.cleaned_data
    typed = Typed(said.get("value"), form.done_said if row.is_deed else None, said["value_date"], said["note"], files)
    if row.entry is None and typed.is_empty:
        return None
    seen = request.POST.get(f"seen-{row.key}", "")
    who: dict[str, Any] = {
        "by": _me(request),
        "at": timezone.now(),
        "target": row.target,
        "period": row.period,
        "typed": typed,
        "seen": int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0,
    }
    before = row.seen
    try:
        entry = actions.submit(**who) if submits else actions.save_draft(**who)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        line.faults.append(error.sentence(get_language()))
        return None
    row.entry = entry
    return State(entry.state) if entry.number != before or not submits else None


def _files(request: HttpRequest, key: str) -> list[Any]:
    return [file for name in (f"files-{key}", f"camera-{key}") for file in request.FILES.getlist(name)]


def _line(row: OwedRow, request: HttpRequest | None = None) -> Line:
    day = min(row.period.last, timezone.localdate()) if row.period.kind is not Kind.OWN else None
    initial = shapes.RowForm.facts_of(row.entry, day=day)
    typed = request.POST if request is not None and f"seen-{row.key}" in request.POST else None
    return Line(row, shapes.RowForm(typed, prefix=row.key, initial=initial, is_deed=row.is_deed))


def _owed_page(asked: Asked) -> Page[OwedRow]:
    units = {asked.unit.pk} if asked.unit else set()
    rows = queries.owed(month=asked.month, as_of=timezone.localdate(), units=units) if units else []
    rows.sort(key=lambda row: (row.is_deed, row.target.number, row.period.last))
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(asked.page or 1)


def _mine(
    request: HttpRequest, asked: Asked, page: Page[OwedRow], lines: list[Line], status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    rows = list(page.paginator.object_list)
    before, after = queries.months_around(asked.month, as_of=today)
    behind = queries.late(as_of=today, units={asked.unit.pk}) if asked.unit else []
    context = {
        "asked": asked,
        "today": today,
        "page": page,
        "lines": lines,
        "total": len(rows),
        "open": sum(row.is_editable for row in rows),
        "waiting": sum(row.entry is not None and row.entry.state == State.SUBMITTED for row in rows),
        "done": sum(row.accepted is not None for row in rows),
        "closed": sum(row.is_closed for row in rows),
        "may_type": any(line.row.is_editable for line in lines),
        "before": before,
        "after": after,
        "older": _older(behind, asked.month),
        "kinds": endings(),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
        "sheet_form": shapes.SheetForm(),
    }
    return render(request, "reporting/mine.html", context | _rooms(request, "mine"), status=status)


def _older(lines: list[LateUnit], month: Period) -> list[tuple[Period, int]]:
    """Count what lacks in other months, so that nothing owed is out of sight."""
    counts: dict[Period, int] = {}
    for line in lines:
        for behind in line.targets:
            for period in behind.missing + behind.returned:
                asked = rules.around(Kind.MONTH, period.last)
                if asked != month:
                    counts[asked] = counts.get(asked, 0) + 1
    return sorted(counts.items())


def _asked(request: HttpRequest) -> Asked:
    today = timezone.localdate()
    said = request.GET
    units = queries.reporting_units(_me(request), on=today)
    chosen = [unit for unit in units if str(unit.pk) == said.get("unit")]
    month = rules.parse_key(said.get("month", ""))
    if month is None or month.kind is not Kind.MONTH or month.first > today:
        month = queries.month_to_report(today)
    page = said.get("page", "")
    return Asked(next(iter(chosen or units), None), units, month, page if page.isdecimal() and len(page) < 6 else "")


# --- the sheet ----------------------------------------------------------------------------------------------------


def sheet(request: HttpRequest) -> HttpResponse:
    """Hand out what a unit owes for a month as one sheet for Excel."""
    asked = _asked(request)
    units = {asked.unit.pk} if asked.unit else set()
    rows = queries.owed(month=asked.month, as_of=timezone.localdate(), units=units)
    response = HttpResponse(sheets.write(rows), content_type=workbooks.CONTENT_TYPE)
    name = f"填报 {asked.unit or ''} {asked.month.key}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take a filled-in sheet back; each mistake is told by row and column, the good rows are saved."""
    asked = _asked(request)
    form = shapes.SheetForm(request.POST, request.FILES)
    outcome, sentence = None, ""
    if not form.is_valid():
        sentence = "请先选取填好的表格。"
    else:
        file = form.cleaned_data["file"]
        try:
            outcome = sheets.take_in(
                by=_me(request),
                at=timezone.now(),
                file_name=file.name,
                content=file.read(settings.UPLOAD_LIMIT + 1),
                language=get_language(),
            )
        except RuleBrokenError as error:
            sentence = error.sentence(get_language())
    if outcome is not None and not outcome.faults:
        messages.success(
            request,
            f"表格已导入：保存草稿 {len(outcome.saved)} 项，{outcome.untouched} 项空白或没有变化。核对后再提交。",
        )
        return redirect(asked.address)
    context = {"asked": asked, "outcome": outcome, "sentence": sentence, "form": shapes.SheetForm()}
    return render(request, "reporting/sheet.html", context | _rooms(request, "mine"), status=422)


# --- the checking desk --------------------------------------------------------------------------------------------


def check(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person to check (审核)."""
    return _check(request)


@require_POST
def accept(request: HttpRequest, key: int) -> HttpResponse:
    """Accept a submitted value."""
    report = get_object_or_404(Report.objects.select_related("target"), pk=key)
    try:
        actions.accept_entry(by=_me(request), at=timezone.now(), report=report, seen=_seen(request))
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _check(request, key, error.sentence(get_language()))
    messages.success(request, f"已审核通过：{report}。")
    return redirect(_desk_address(request))


@require_POST
def give_back(request: HttpRequest, key: int) -> HttpResponse:
    """Return a submitted value with the reason."""
    report = get_object_or_404(Report.objects.select_related("target"), pk=key)
    because = request.POST.get("because", "")[:400]
    try:
        actions.return_entry(by=_me(request), at=timezone.now(), report=report, because=because, seen=_seen(request))
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _check(request, key, error.sentence(get_language()), because)
    messages.success(request, f"已退回：{report}。")
    return redirect(_desk_address(request))


def _check(request: HttpRequest, faulty: int = 0, sentence: str = "", typed: str = "") -> HttpResponse:
    today = timezone.localdate()
    waiting = queries.waiting(_me(request), on=today).select_related(
        "report__target", "unit", "entered_by", "entered_unit"
    )
    asked = request.GET.get("unit", "")
    units = sorted({(entry.unit_id, entry.unit.name, entry.unit.code) for entry in waiting}, key=lambda row: row[2])
    if asked.isdecimal() and len(asked) < 16:
        waiting = waiting.filter(unit=int(asked))
    page = Paginator(waiting, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": queries.desk(page.object_list, as_of=today),
        "page": page,
        "total": page.paginator.count,
        "units": units,
        "unit": asked,
        "faulty": faulty,
        "sentence": sentence,
        "typed": typed,
    }
    status = 409 if sentence else 200
    return render(request, "reporting/check.html", context | _rooms(request, "check"), status=status)


def _desk_address(request: HttpRequest) -> str:
    asked = request.GET.urlencode()
    return reverse("reporting:check") + (f"?{asked}" if asked else "")


# --- who is late --------------------------------------------------------------------------------------------------


def late(request: HttpRequest) -> HttpResponse:
    """Show who is late (报送情况), by name: in the month to report, in another one, or in all (``?month=all``)."""
    today = timezone.localdate()
    asked = request.GET.get("month", "")
    month = rules.parse_key(asked)
    if month is None or month.kind is not Kind.MONTH:
        month = None if asked == ALL_MONTHS else queries.month_to_report(today)
    lines = queries.late(as_of=today, month=month)
    page = Paginator(lines, UNITS_ON_A_PAGE).get_page(request.GET.get("page"))
    around = month or queries.month_to_report(today)
    before, after = queries.months_around(around, as_of=today)
    context = {
        "today": today,
        "month": month,
        "around": around,
        "before": before,
        "after": after,
        "page": page,
        "query": f"month={month.key if month else ALL_MONTHS}",
        "due": sum(line.due for line in lines),
        "behind": sum(line.behind for line in lines),
        "late": sum(line.late for line in lines),
        "behind_units": sum(line.behind > 0 for line in lines),
    }
    return render(request, "reporting/late.html", context | _rooms(request, "late"))


# --- closed months ------------------------------------------------------------------------------------------------


def periods(request: HttpRequest) -> HttpResponse:
    """Show which months are closed (关账), and offer to close one."""
    return _periods(request, _close_form(request))


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close a month."""
    form = _close_form(request)
    if form is None or not form.is_valid():
        return _periods(request, form, status=422)
    month = rules.parse_key(form.cleaned_data["month"])
    if month is None or month.kind is not Kind.MONTH:
        form.add_error("month", "月份不能识别，请写成 2026-03。")
        return _periods(request, form, status=422)
    try:
        actions.close_period(
            by=_me(request),
            at=timezone.now(),
            unit=form.cleaned_data["unit"],
            month=month,
            because=form.cleaned_data["because"],
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        form.add_error(None, error.sentence(get_language()))
        return _periods(request, form, status=409)
    messages.success(request, f"{month.name}已为{form.cleaned_data['unit']}关账。")
    return redirect("reporting:periods")


@require_POST
def reopen(request: HttpRequest, key: int) -> HttpResponse:
    """Reopen a closed month with the reason."""
    closing = get_object_or_404(Closing.objects.select_related("unit"), pk=key)
    try:
        actions.reopen_period(
            by=_me(request), at=timezone.now(), closing=closing, because=request.POST.get("because", "")
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        messages.error(request, error.sentence(get_language()))
    else:
        messages.success(request, f"{closing.period.name}已为{closing.unit}重开。")
    return redirect("reporting:periods")


def _close_form(request: HttpRequest) -> shapes.CloseForm | None:
    today = timezone.localdate()
    if not may_somewhere(_me(request), Permission.PERIOD_LOCK, on=today):
        return None
    within = places_with(_me(request), Permission.PERIOD_LOCK, on=today)
    initial = {"month": queries.month_to_report(today).key, "unit": _top(within)}
    return shapes.CloseForm(request.POST or None, on=today, within=within, initial=initial)


def _top(within: set[int] | None) -> int | None:
    units = Unit.objects.all() if within is None else Unit.objects.filter(pk__in=within)
    first = units.order_by("code").first()
    return first.pk if first else None


def _periods(request: HttpRequest, form: shapes.CloseForm | None, status: int = 200) -> HttpResponse:
    within = places_with(_me(request), Permission.PERIOD_LOCK, on=timezone.localdate())
    closings = [
        (closing, within is None or closing.unit_id in within) for closing in queries.closings()[:ROWS_ON_A_PAGE]
    ]
    context = {"form": form, "closings": closings}
    return render(request, "reporting/periods.html", context | _rooms(request, "periods"), status=status)


# --- one target ---------------------------------------------------------------------------------------------------


def target(request: HttpRequest, number: int) -> HttpResponse:
    """Show what was ever reported for a target."""
    return _target(request, number)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what was submitted."""
    found = get_object_or_404(Target, number=number)
    try:
        actions.withdraw_entry(
            by=_me(request), at=timezone.now(), target=found, period=_period(request), seen=_seen(request)
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        messages.error(request, error.sentence(get_language()))
    else:
        messages.success(request, "已撤回，可以修改后重新提交。")
    return redirect("reporting:target", number)


def correct(request: HttpRequest, number: int) -> HttpResponse:
    """Correct a value that was accepted, with the reason."""
    found = get_object_or_404(Target, number=number)
    period = _period(request)
    told = next((row for row in queries.told(found) if row.report.period == period), None)
    terms = queries.owing_terms(as_of=timezone.localdate()).filter(target=found).first()
    if told is None or terms is None or told.accepted is None:
        raise Http404
    is_deed = queries.is_deed(terms)
    initial = shapes.RowForm.facts_of(told.accepted, day=None)
    form = shapes.CorrectionForm(request.POST or None, initial=initial, is_deed=is_deed)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            files = [File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in _files(request, "it")]
            typed = Typed(
                said.get("value"), form.done_said if is_deed else None, said["value_date"], said["note"], files
            )
            try:
                actions.correct_accepted(
                    by=_me(request),
                    at=timezone.now(),
                    target=found,
                    period=period,
                    typed=typed,
                    because=said["because"],
                    seen=_seen(request),
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                status = 409
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, "更正已提交审核；审核通过前，原数值继续有效。")
                return redirect("reporting:target", number)
    context = {
        "target": found, "terms": terms, "told": told, "period": period, "form": form, "kinds": endings(),
    }  # fmt: skip
    return render(request, "reporting/correct.html", context | _rooms(request, "mine"), status=status)


def _target(request: HttpRequest, number: int) -> HttpResponse:
    today = timezone.localdate()
    found = get_object_or_404(Target.objects.select_related("document"), number=number)
    terms = queries.owing_terms(as_of=today).filter(target=found).first()
    may_enter = terms is not None and may(
        _me(request), Permission.REPORT_ENTER, terms.lead_unit, on=today, matter=terms.pillar
    )
    context = {
        "target": found,
        "terms": terms,
        "rows": queries.told(found),
        "may_enter": may_enter,
        "title": terms.title if terms else str(found),
        "owed": _owed_by_target(terms, today) if terms else "",
    }
    return render(request, "reporting/target.html", context | _rooms(request, ""))


def _owed_by_target(terms: Any, today: date) -> str:
    reported = {row.report.period for row in queries.told(terms.target)}
    lacking = [p for p in queries.periods_of(terms, through=today) if p not in reported and p.last < today]
    return rules.say_periods(lacking)


# --- evidence -----------------------------------------------------------------------------------------------------


def evidence(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a file of evidence: pictures and PDF in place, all others to be kept."""
    return open_evidence(get_object_or_404(Evidence, pk=key))


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _seen(request: HttpRequest) -> int | None:
    said = request.POST.get("seen", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else None


def _period(request: HttpRequest) -> Period:
    period = rules.parse_key(request.POST.get("period") or request.GET.get("period", ""))
    if period is None:
        raise Http404
    return period


def _rooms(request: HttpRequest, here: str) -> dict[str, Any]:
    """Give the chips between the pages of this room, with the number that waits at the desk."""
    today = timezone.localdate()
    me = _me(request)
    rooms = [("mine", "本单位填报", 0)]
    if may_somewhere(me, Permission.REPORT_CHECK, on=today):
        rooms.append(("check", "审核", queries.waiting(me, on=today).count()))
    rooms += [("late", "报送情况", 0), ("periods", "关账", 0)]
    return {"rooms": [(reverse(f"reporting:{name}"), title, count, name == here) for name, title, count in rooms]}
