"""Pages of registers. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. Everything works without scripts. Pages on which kinds are declared: ``registers.kind_views``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.registers import Move, pillars, shown_value, statistic_of
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.rules import shown
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.serving import open_evidence
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.registers import actions, counting, excel, kinds, queries
from heqing_site.registers.boxes import Box, boxes, typed_in
from heqing_site.registers.kinds import Standing
from heqing_site.registers.models import Entry, EntryFile, EntryStep
from heqing_site.registers.rules import RIGHTS, Deed
from heqing_site.registers.values import plain
from heqing_site.sheets import actions as sheets
from heqing_site.sheets.paper import export as sheet_out
from heqing_site.sheets.paper import template as empty_sheet
from heqing_site.sheets.views import brought, xlsx

ROWS_ON_A_PAGE = 50
COLUMNS_SHOWN = 5


# --- all registers --------------------------------------------------------------------------------------------------


def home(request: HttpRequest) -> HttpResponse:
    """List the kinds by pillar with what each holds, and find entries by their words."""
    today = timezone.localdate()
    search = request.GET.get("q", "").strip()[:60]
    shelves = queries.shelves(on=today, search=search)
    listed = [one for shelf in shelves for one in shelf.kinds]
    context = {
        "shelves": shelves,
        "search": search,
        "found": queries.entries_found(search) if search else [],
        "kind_count": sum(not standing.is_retired for standing, _, _ in listed),
        "entry_count": sum(count for _, count, _ in listed),
        "waiting": sum(waiting for _, _, waiting in listed),
        "may_declare": may(_me(request), Permission.REGISTER_DECLARE, None, on=today),
    }
    return render(request, "registers/home.html", context)


# --- one register ---------------------------------------------------------------------------------------------------


def register(request: HttpRequest, kind: str) -> HttpResponse:
    """List the entries of a kind, or the register as it stood on a day."""
    today = timezone.localdate()
    standing = _kind(kind, today)
    form = standing.form
    asked = request.GET
    day = _day(asked.get("day", ""))
    chosen: dict[str, Any] = {
        "state": asked.get("state", "") if asked.get("state") in {state.key for state in form.states} else "",
        "unit": _number(asked.get("unit", "")),
        "year": _year(_number(asked.get("year", ""))),
        "choice": asked.get("choice", "")[:60],
        "search": asked.get("q", "").strip()[:60],
        "waiting": asked.get("waiting") == "1",
    }
    by_state = queries.states_of(kind)
    rows: Any = queries.listed_on(standing, day) if day else queries.chosen(kind, **chosen)
    paginator = Paginator(rows, ROWS_ON_A_PAGE)
    if not day and not any(chosen.values()):  # all of them were counted by state already
        paginator.count = sum(count for count, _ in by_state.values())
    page = paginator.get_page(asked.get("page"))
    shown_fields = [one for one in form.fields if "title" not in one.roles][:COLUMNS_SHOWN]
    me = _me(request)
    context = {
        "standing": standing,
        "form": form,
        "pillar": pillars().get(form.pillar, ""),
        "columns": shown_fields,
        "rows": [_row(one, shown_fields, day) for one in page.object_list],
        "page": page,
        "total": page.paginator.count,
        "all": sum(count for count, _ in by_state.values()),
        "states": [(state, by_state[state.key][0]) for state in form.states if state.key in by_state],
        "units": list(queries.units_of(kind)),
        "years": queries.years_of(kind),
        "choices": next((one.options for one in form.fields if "choice" in one.roles), ()),
        "waiting": sum(waiting for _, waiting in by_state.values()) if form.needs_confirmation else 0,
        "chosen": chosen,
        "day": day,
        "asked": urlencode({key: value for key, value in asked.items() if key != "page"}),
        "may_enter": may_somewhere(me, Permission.REGISTER_ENTER, on=today, matter=form.pillar)
        and not standing.is_retired,
        "counts": [(statistic_of(kind, count.key), count) for count in form.counts],
    }
    return render(request, "registers/register.html", context)


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    entry: Entry
    unit: Unit
    cells: list[tuple[str, str]]
    state_name: str
    light: str


def _row(one: Any, fields: list[Any], day: date | None) -> Line:
    entry = one.entry if day else one
    cells = [(each.name_zh, shown_value(each, one.values.get(each.key), one.gaps.get(each.key, ""))) for each in fields]
    state = entry.form.state(one.state)
    light = ("green" if state.counts else "yellow") if day else entry.light
    return Line(entry, one.unit, cells, state.name_zh if day else entry.state_name, light)


def sheet_template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out an empty sheet of a kind."""
    form = _kind(kind, timezone.localdate()).form
    return xlsx(f"{form.name_zh} 登记表", empty_sheet(form.name_zh[:28], excel.columns(form)))


def sheet(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out a register as a sheet that can be brought back."""
    form = _kind(kind, timezone.localdate()).form
    listed = queries.chosen(kind)
    content = sheet_out(form.name_zh[:28], excel.columns(form), excel.rows(form, listed))
    return xlsx(f"{form.name_zh} {timezone.localdate()}", content)


def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """Take in a sheet of entries; each row that cannot be taken is told with its reason."""
    standing = _kind(kind, timezone.localdate())
    sentence, status = "", 200
    if request.method == "POST":
        try:
            got = brought(request)
            intake = sheets.take_in(
                by=_me(request),
                at=timezone.now(),
                subject=f"registers.{kind}"[:40],
                back=reverse("registers:register", args=[kind]),
                fields=excel.columns(standing.form),
                enter=excel.taking(standing, by=_me(request), at=timezone.now()),
                file_name=got.file_name,
                content=got.content,
                pasted=got.pasted,
                title=standing.form.name_zh[:40],
                language=get_language(),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            sentence, status = error.sentence(get_language()), 422
        else:
            return redirect("sheets:intake", intake.pk)
    context = {
        "form": standing.form,
        "sentence": sentence,
        "template_url": reverse("registers:template", args=[kind]),
        "is_retired": standing.is_retired,
    }
    return render(request, "registers/bring.html", context, status=status)


# --- entering and correcting ----------------------------------------------------------------------------------------


def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Enter a thing in a register."""
    today = timezone.localdate()
    standing = _kind(kind, today)
    me = _me(request)
    units = _units(me, today, standing.form.pillar)
    typed, faults, sentence, status = {}, {}, "", 200
    unit_pk: int | None = me.unit_id
    if request.method == "POST":
        typed = typed_in(standing.form, request.POST)
        unit_pk = _number(request.POST.get("unit", ""))
        unit = next((one for one in units if one.pk == unit_pk), None)
        try:
            if unit is None:
                raise RuleBrokenError("register.unit_missing", unit="未选单位")
            entry = actions.enter(
                by=me, at=timezone.now(), kind=kind, unit=unit, typed=typed, files=_files(request),
                note=request.POST.get("note", ""),
            )  # fmt: skip
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            sentence, status = error.sentence(get_language()), 422
            faults = cast(dict[str, str], error.values.get("faults", {}))
        else:
            messages.success(request, f"已登记，编号 {entry.number}。{_what_next(entry)}")
            return redirect("registers:entry", kind, entry.number)
    context = {
        "standing": standing,
        "form": standing.form,
        "boxes": boxes(standing.form, on=today, typed=typed, faults=faults),
        "units": units,
        "unit": unit_pk,
        "sentence": sentence,
        "note": request.POST.get("note", ""),
        **_limits(),
    }
    return render(request, "registers/edit.html", context, status=status)


def _what_next(entry: Entry) -> str:
    return "另一单位认定后计数。" if entry.waits_for_confirmation else ""


def correct(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Correct the values of an entry."""
    today = timezone.localdate()
    entry = _entry(kind, number)
    me = _me(request)
    units = _units(me, today, entry.form.pillar)
    typed: Mapping[str, str] = plain(entry.values) | entry.gaps
    faults, sentence, status, unit_pk = {}, "", 200, entry.unit_id
    if request.method == "POST":
        typed = typed_in(entry.form, request.POST)
        unit_pk = _number(request.POST.get("unit", "")) or entry.unit_id
        try:
            entry = actions.correct(
                by=me,
                at=timezone.now(),
                entry=entry,
                typed=typed,
                note=request.POST.get("note", ""),
                files=_files(request),
                unit=next((one for one in units if one.pk == unit_pk), None),
                seen=_number(request.POST.get("seen", "")),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            sentence, status = error.sentence(get_language()), 422
            faults = cast(dict[str, str], error.values.get("faults", {}))
        else:
            messages.success(request, f"已更正。{_what_next(entry)}")
            return redirect("registers:entry", kind, number)
    context = {
        "entry": entry,
        "form": entry.form,
        "boxes": boxes(entry.form, on=today, typed=typed, faults=faults),
        "units": units if any(one.pk == entry.unit_id for one in units) else [entry.unit, *units],
        "unit": unit_pk,
        "sentence": sentence,
        "note": request.POST.get("note", ""),
        "seen": request.POST.get("seen", entry.steps_taken),
        **_limits(),
    }
    return render(request, "registers/edit.html", context, status=status)


# --- one entry --------------------------------------------------------------------------------------------------------


@dataclass
class Doing:
    """A move that this person may make now, with its boxes and what was refused."""

    move: Move
    boxes: list[Box]
    is_first: bool
    sentence: str = ""
    note: str = ""
    first_day: date | None = None
    due: date | None = None

    @property
    def is_early(self) -> bool:
        """Whether the declared days have not passed."""
        return self.first_day is not None


@dataclass
class Refused:
    """What was refused, to be told beside its form."""

    deed: str
    sentence: str
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def entry(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Show an entry: its states as a line, the one next move, its values, who did what."""
    return _show(request, _entry(kind, number))


@require_POST
def act(request: HttpRequest, kind: str, number: int, deed: str) -> HttpResponse:
    """Do something to an entry; what is refused is told beside the form, which keeps what was typed."""
    found = _entry(kind, number)
    note = request.POST.get("note", "")
    who: dict[str, Any] = {
        "by": _me(request), "at": timezone.now(), "entry": found, "note": note,
        "seen": _number(request.POST.get("seen", "")),
    }  # fmt: skip
    typed = typed_in(found.form, request.POST)
    try:
        if deed.startswith("move-"):
            done = actions.move(**who, move=deed.removeprefix("move-"), typed=typed, files=_files(request))
        elif deed == "confirm":
            done = actions.confirm(**who)
        elif deed == "return":
            done = actions.give_back(**who)
        elif deed == "strike":
            done = actions.strike(**who)
        else:
            raise Http404
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        faults = cast(dict[str, str], error.values.get("faults", {}))
        refused = Refused(deed, error.sentence(get_language()), typed, faults, note)
        return _show(request, _entry(kind, number), refused, status=409)
    messages.success(request, f"已办理，现为“{done.state_name}”。{_what_next(done)}")
    return redirect("registers:entry", kind, number)


def _show(request: HttpRequest, found: Entry, refused: Refused | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    me = _me(request)
    form = found.form
    doings = _doings(me, found, today, refused)
    rights = {
        deed: may(me, RIGHTS[deed], found.unit, on=today, matter=form.pillar) for deed in (Deed.CONFIRM, Deed.CORRECT)
    }
    is_other = queries.may_be_checked_by(me, found)
    may_confirm = found.waits_for_confirmation and rights[Deed.CONFIRM] and is_other
    steps = queries.steps_of(found)
    context = {
        "entry": found,
        "form": form,
        "pillar": pillars().get(form.pillar, ""),
        "today": today,
        "path": _path(found),
        "doings": doings,
        "others": [doing for doing in doings if not doing.is_first],
        "may_confirm": may_confirm,
        "may_return": rights[Deed.CONFIRM] and is_other and not found.is_struck and not found.is_returned,
        "may_correct": rights[Deed.CORRECT] and not found.is_struck,
        "refused": refused,
        "nobody": "" if may_confirm or any(one.is_first for one in doings) else _why_not_me(found, rights, is_other),
        "history": [
            (step, _changes(steps[place + 1] if place + 1 < len(steps) else None, step))
            for place, step in enumerate(steps)
        ],
        "linked": [
            (one.name_zh, one.linked_kind, found.values[one.key])
            for one in form.fields
            if one.linked_kind and one.key in found.values
        ],
        "pointing": queries.pointing_to(found, on=today),
        "files": [file for step in steps for file in step.files.all()],
        **_limits(),
    }
    return render(request, "registers/entry.html", context, status=status)


def _doings(me: User, found: Entry, today: date, refused: Refused | None) -> list[Doing]:
    """List the moves that this person may make now; the first that leads on stands out."""
    if found.is_struck:
        return []
    form = found.form
    allowed = {
        deed: may(me, RIGHTS[deed], found.unit, on=today, matter=form.pillar) for deed in (Deed.MOVE, Deed.CONFIRM)
    }
    is_other = queries.may_be_checked_by(me, found)
    listed = []
    for move in form.possible(found.state):
        if not (allowed[Deed.CONFIRM] and is_other if move.needs_another_unit else allowed[Deed.MOVE]):
            continue
        here = refused if refused is not None and refused.deed == f"move-{move.key}" else None
        known = plain(found.values) | found.gaps
        typed = dict(here.typed) if here else {key: known[key] for key in move.fields if key in known}
        first = None if move.wait_days is None else found.state_since + timedelta(days=move.wait_days)
        listed.append(
            Doing(
                move,
                boxes(
                    form,
                    on=today,
                    typed=typed,
                    faults=here.faults if here else None,
                    only=move.fields,
                    needed=move.fields,
                ),
                is_first=False,
                sentence=here.sentence if here else "",
                note=here.note if here else "",
                first_day=first if first is not None and today < first else None,
                due=None if move.days is None else found.state_since + timedelta(days=move.days),
            )
        )
    order = [state.key for state in form.states]
    onward = [
        one for one in listed
        if order.index(one.move.leads_to) > order.index(found.state)
        and (not form.state(one.move.leads_to).is_end or form.state(one.move.leads_to).counts)
    ]  # fmt: skip
    first_one = next((one for one in listed if one.sentence), None) or next(iter(onward), None)
    for one in listed:
        one.is_first = one is first_one
    return sorted(listed, key=lambda one: not one.is_first)


def _path(found: Entry) -> list[dict[str, Any]]:
    """Give the states as a line: passed, here, to come; ends that were not taken are left out."""
    passed = [step.state for step in reversed(queries.steps_of(found))]
    here = found.state
    order = [state.key for state in found.form.states]
    return [
        {
            "name": state.name_zh,
            "is_here": state.key == here,
            "is_passed": state.key in passed and order.index(state.key) < order.index(here),
        }
        for state in found.form.states
        if state.key == here or state.key in passed or not state.is_end or state.counts
    ]


def _changes(before: EntryStep | None, step: EntryStep) -> list[tuple[str, str, str]]:
    """List what a step changed: the field, what stood there, what stands there now."""
    if before is None:
        return []
    found = []
    for one in step.entry.form.fields:
        old = shown_value(one, before.values.get(one.key), before.gaps.get(one.key, ""))
        new = shown_value(one, step.values.get(one.key), step.gaps.get(one.key, ""))
        if old != new:
            found.append((one.name_zh, old or "（无）", new or "（无）"))
    if before.unit_id != step.unit_id:
        found.append(("所属单位", str(before.unit), str(step.unit)))
    return found


def _why_not_me(found: Entry, rights: Mapping[Deed, bool], is_other: bool) -> str:
    """Say why there is nothing for this person to do."""
    if found.is_struck:
        return "这一条已作废，只供查阅。"
    if found.waits_for_confirmation and rights[Deed.CONFIRM] and not is_other:
        return "等另一单位认定：您或您的单位登记、办理过这一条。"
    moves = found.form.possible(found.state)
    if found.waits_for_confirmation and not moves:
        return f"等{found.form.confirms}认定。"
    if moves:
        waits = all(move.needs_another_unit for move in moves)
        return f"等{found.form.confirms or '另一单位'}办理下一步。" if waits else f"等{found.unit}办理下一步。"
    return "已办到最后一步。"


# --- counts -----------------------------------------------------------------------------------------------------------


def counts(request: HttpRequest, kind: str) -> HttpResponse:
    """Tell what the counts of a register stand at now, in a year, and for each unit, with the entries behind."""
    today = timezone.localdate()
    form = _kind(kind, today).form
    if not form.counts:
        raise Http404
    year = _year(_number(request.GET.get("year", ""))) or today.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    as_of = min(today, last) if year < today.year else today
    told = [
        counting.counted(statistic_of(kind, one.key), units=None, first=first, last=last, as_of=as_of)
        for one in form.counts
    ]
    wanted = request.GET.get("count", "")
    here = next((one for one in told if one is not None and one.count.key == wanted), told[0])
    assert here is not None  # noqa: S101 -- every count of a form is known
    unit = _number(request.GET.get("unit", ""))
    units = counting.by_unit(here.statistic, first=first, last=last, as_of=as_of)
    behind = counting.behind(
        here.statistic, units=None if unit is None else [unit], first=first, last=last, as_of=as_of
    )
    page = Paginator(behind, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "told": [(one, _said(one.value, one.count.unit)) for one in told if one is not None],
        "here": here,
        "said": _said(here.value, here.count.unit),
        "units": [(one, _said(one.value, here.count.unit)) for one in units],
        "unit": unit,
        "page": page,
        "year": year,
        "years": sorted({today.year, year, *queries.years_of(kind)}, reverse=True),
        "as_of": as_of,
        "asked": urlencode({"year": year, "count": here.count.key, **({"unit": unit} if unit else {})}),
    }
    return render(request, "registers/counts.html", context)


def _said(value: Any, unit: str) -> str:
    return "算不出" if value is None else f"{shown(value)} {unit}".strip()


# --- evidence ---------------------------------------------------------------------------------------------------------


def evidence(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a file of an entry: pictures and PDF in place, all others to be kept."""
    return open_evidence(get_object_or_404(EntryFile, pk=key))


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _kind(key: str, on: date) -> Standing:
    found = kinds.standing_kind(key, on=on)
    if found is None:
        raise Http404
    return found


def _entry(kind: str, number: int) -> Entry:
    found = queries.entry_numbered(kind, number)
    if found is None:
        raise Http404
    return found


def _units(me: User, on: date, matter: str) -> list[Unit]:
    within = places_with(me, Permission.REGISTER_ENTER, on=on, matter=matter)
    found = Unit.objects.active_on(on).order_by("code")
    return list(found if within is None else found.filter(pk__in=within))


def _files(request: HttpRequest) -> list[File]:
    chosen = [file for name in ("files", "camera") for file in request.FILES.getlist(name)]
    return [File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in chosen]


def _limits() -> dict[str, object]:
    return {"endings": endings(), "limit": settings.UPLOAD_LIMIT // MEGABYTE}


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def _year(number: int | None) -> int | None:
    return number if number is not None and 1900 <= number <= 2999 else None


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
