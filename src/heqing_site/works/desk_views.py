"""My desk (我的任务), the progress of a month by phone and by sheet, its check, and slips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.works import Outlook, report_due_day, slip_scheme
from heqing_site.errors import RuleBrokenError
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission
from heqing_site.sheets import actions as sheets
from heqing_site.sheets.paper import export
from heqing_site.sheets.views import brought, xlsx
from heqing_site.works import progress, queries, slips, tables
from heqing_site.works.forms import ProgressForm, SlipDeedForm
from heqing_site.works.progress import Told
from heqing_site.works.records import Progress, Slip
from heqing_site.works.rules import (
    SLIP_DEED_NAMES,
    SLIP_STATE_NAMES,
    SlipDeed,
    SlipState,
    due_of,
    first_of,
    month_to_report,
)
from heqing_site.works.views import chip, found_or_404, me, month_of, say_clock, seen_of

SHOWN = 50


def desk(request: HttpRequest) -> HttpResponse:
    """Show what is mine: progress I owe, stages that are late, slips to answer, what I am to check or decide."""
    today = timezone.localdate()
    person = me(request)
    month = month_to_report(today)
    due = due_of(month, report_due_day())
    groups = [
        ("本月要报的进展", "report", queries.to_report(person, on=today)),
        ("该推进的阶段", "move", queries.to_move(person, on=today)),
        ("等我核查的进展", "check", queries.to_check(person, on=today)),
        ("等我批复的延期", "grant", queries.to_grant(person, on=today)),
    ]
    to_answer, to_decide = queries.slips_to_answer(person, on=today), queries.slips_to_decide(person, on=today)
    answers, decides = list(to_answer[:SHOWN]), list(to_decide[:SHOWN])
    decide_count = to_decide.count()
    shown = [(title, key, found.count(), list(found[:SHOWN])) for title, key, found in groups]
    context = {
        "today": today,
        "month": month,
        "due": due,
        "due_clock": say_clock(due, today),
        "is_due": today <= due,
        "groups": [group for group in shown if group[2]],
        "answers": answers,
        "decides": decides,
        "decide_count": decide_count,
        "total": sum(group[2] for group in shown) + to_answer.count() + decide_count,
        "owed": next(count for _title, key, count, _rows in shown if key == "report"),
        "unit": person.unit,
        "template_url": reverse("works:month_sheet") + f"?month={month:%Y-%m}",
    }
    return render(request, "works/desk.html", context)


# --- the progress of a month --------------------------------------------------------------------------------------


def report(request: HttpRequest, number: int) -> HttpResponse:
    """Tell the progress of a month on one screen."""
    today = timezone.localdate()
    found = found_or_404(number)
    owed = month_to_report(today)
    begun = first_of(found.activated_on) if found.activated_on else owed
    usual = owed if begun <= owed and (found.reported_through or date.min) < owed else first_of(today)
    month = month_of(request.POST.get("month", "") or request.GET.get("month", "")) or usual
    before = queries.newest_progress(found, month)
    last = before or found.progress.order_by("-month", "-number").first()
    initial = {"percent": found.percent, "outlook": found.outlook}
    if last is not None:
        initial |= {"percent": last.percent, "paid": last.paid, "amount": last.amount, "amount_unit": last.amount_unit}
    if before is not None:
        initial |= {"words": before.words, "problem": before.problem, "outlook": before.outlook}
    form = ProgressForm(request.POST or None, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            chosen = [file for name in ("files", "camera") for file in request.FILES.getlist(name)]
            files = [File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in chosen]
            told = Told(
                percent=said["percent"], words=said["words"], problem=said["problem"],
                outlook=Outlook(said["outlook"]), amount=said["amount"], amount_unit=said["amount_unit"],
                paid=said["paid"], files=files,
            )  # fmt: skip
            try:
                row = progress.report_progress(
                    by=me(request), at=timezone.now(), work=found, month=month, told=told, seen=seen_of(request)
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                late = "（逾期填报）" if row.is_late else ""
                messages.success(
                    request, f"{month.year} 年 {month.month} 月进展已报{late}，由{found.checker_unit}核查。"
                )
                return redirect(
                    "works:desk" if request.POST.get("back") == "desk" else "works:work", *_back(request, number)
                )
    context = {
        "work": found, "form": form, "sentence": sentence, "month": month, "before": before, "last": last,
        "due": due_of(month, report_due_day()), "today": today, "kinds": endings(), "back": request.GET.get("back", ""),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE, "is_late": today > due_of(month, report_due_day()),
    }  # fmt: skip
    return render(request, "works/report.html", context, status=status)


def _back(request: HttpRequest, number: int) -> tuple[int, ...]:
    return () if request.POST.get("back") == "desk" else (number,)


@require_POST
def check(request: HttpRequest, key: int) -> HttpResponse:
    """Accept the progress of a month, or return it."""
    row = get_object_or_404(Progress.objects.select_related("work"), pk=key)
    is_accepted = request.POST.get("accept") == "1"
    progress.check_progress(
        by=me(request), at=timezone.now(), progress=row, is_accepted=is_accepted, words=request.POST.get("words", "")
    )
    messages.success(request, "已核查通过。" if is_accepted else "已退回，由承办单位重报。")
    return redirect("works:work", row.work.number)


def month_sheet(request: HttpRequest) -> HttpResponse:
    """Hand out the sheet of a month: the works that my unit does."""
    today = timezone.localdate()
    month = month_of(request.GET.get("month", "")) or month_to_report(today)
    rows = tables.month_rows(tables.in_hand_of(me(request), on=today), month=month)
    return xlsx(f"{month:%Y-%m} 进展", export("月度进展", tables.MONTH_FIELDS, rows))


@require_POST
def bring_month(request: HttpRequest) -> HttpResponse:
    """Take in the sheet of a month."""
    now = timezone.now()
    month = month_of(request.POST.get("month", "")) or month_to_report(timezone.localdate(now))
    it = brought(request)
    intake = sheets.take_in(
        by=me(request), at=now, subject="works.month", title=f"{month:%Y-%m} 进展", back=reverse("works:desk"),
        file_name=it.file_name, content=it.content, pasted=it.pasted, fields=tables.MONTH_FIELDS,
        enter=tables.enter_month(by=me(request), at=now, month=month), language=get_language(),
    )  # fmt: skip
    return redirect("sheets:intake", intake.pk)


# --- slips --------------------------------------------------------------------------------------------------------

SLIP_DEEDS = (SlipDeed.ISSUE, SlipDeed.ANSWER, SlipDeed.ACCEPT, SlipDeed.RAISE, SlipDeed.DROP)


def slip_list(request: HttpRequest) -> HttpResponse:
    """List the slips: the open ones, or those of a state."""
    today = timezone.localdate()
    state = request.GET.get("state", "") if request.GET.get("state", "") in {s.value for s in SlipState} else ""
    colour = request.GET.get("colour", "")[:8]
    page = Paginator(queries.slips(state=state, colour=colour), SHOWN).get_page(request.GET.get("page"))
    counted = queries.slip_counts()
    context = {
        "page": page,
        "rows": [(r, say_clock(r.due_on, today) if r.state == SlipState.ISSUED else "") for r in page.object_list],
        "chips": [
            chip("没有了结", sum(counted.get(s, 0) for s in queries.OPEN_SLIPS), not state, {"colour": colour}),
            *(
                chip(SLIP_STATE_NAMES[s], counted[s.value], state == s.value, {"state": s.value, "colour": colour})
                for s in SlipState
                if counted.get(s.value)
            ),
        ],
        "colours": slip_scheme().colours,
        "colour": colour,
        "scheme": slip_scheme(),
        "state": state,
        "today": today,
    }  # fmt: skip
    return render(request, "works/slips.html", context)


def slip(request: HttpRequest, number: int) -> HttpResponse:
    """Show a slip as a sheet that can be printed, with what may be done."""
    return _slip(request, _slip_or_404(number))


@require_POST
def act_on_slip(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do something to a slip."""
    found = _slip_or_404(number)
    if deed not in {one.value for one in SLIP_DEEDS}:
        raise Http404
    done = SlipDeed(deed)
    form = SlipDeedForm(request.POST, prefix=done.value)
    if not form.is_valid():
        return _slip(request, found, done, "", 422)
    said: dict[str, Any] = {"by": me(request), "at": timezone.now(), "slip": found, "seen": seen_of(request)}
    words = form.cleaned_data["note"]
    deeds: dict[SlipDeed, Callable[..., Slip]] = {
        SlipDeed.ANSWER: slips.answer_slip, SlipDeed.ACCEPT: slips.accept_answer, SlipDeed.RAISE: slips.raise_slip,
        SlipDeed.DROP: slips.drop_slip,
    }  # fmt: skip
    try:
        after = slips.issue_slip(**said, words=words) if done is SlipDeed.ISSUE else deeds[done](**said, note=words)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _slip(request, found, done, error.sentence(get_language()), 409, words)
    messages.success(request, f"已办理“{SLIP_DEED_NAMES[done]}”。")
    return redirect("works:slip", after.number)


def _slip(
    request: HttpRequest,
    found: Slip,
    refused: SlipDeed | None = None,
    sentence: str = "",
    status: int = 200,
    words: str = "",
) -> HttpResponse:
    today = timezone.localdate()
    person, work = me(request), found.work
    acting = work.acting_unit or work.lead_unit
    deeds: list[SlipDeed] = []
    presses = may(person, Permission.SLIP_ISSUE, work.lead_unit, on=today, matter=work.pillar)
    presses = presses and person.unit_id is not None and person.unit_id not in (work.lead_unit_id, work.acting_unit_id)
    acts = acting.pk in queries.own_units(person) and may(
        person, Permission.TASK_REPORT, acting, on=today, matter=work.pillar
    )
    if found.state == SlipState.PROPOSED and presses:
        deeds = [SlipDeed.ISSUE, SlipDeed.DROP]
    if found.state == SlipState.ISSUED:
        deeds = [SlipDeed.ANSWER] if acts else []
        if presses and found.due_on is not None and today > found.due_on:
            deeds.append(SlipDeed.RAISE)
    if found.state == SlipState.ANSWERED and presses:
        deeds = [SlipDeed.ACCEPT, SlipDeed.RAISE]
    forms = [
        (
            deed,
            SLIP_DEED_NAMES[deed],
            SlipDeedForm(
                prefix=deed.value,
                initial={"note": words if deed is refused else found.words if deed is SlipDeed.ISSUE else ""},
            ),
            deed in (SlipDeed.RAISE, SlipDeed.DROP),
        )
        for deed in deeds
    ]
    context = {
        "slip": found, "work": work, "forms": forms, "sentence": sentence, "today": today,
        "clock": say_clock(found.due_on, today) if found.state == SlipState.ISSUED else found.state_name,
        "is_late": found.state == SlipState.ISSUED and found.due_on is not None and today > found.due_on,
        "steps": list(found.steps.select_related("by_unit").order_by("number")),
        "graver": Slip.objects.filter(earlier=found).first(),
        "scheme": slip_scheme(found.scheme),
    }  # fmt: skip
    return render(request, "works/slip.html", context, status=status)


def _slip_or_404(number: int) -> Slip:
    found = queries.slip_numbered(number)
    if found is None:
        raise Http404("slip")
    return found
