"""Pages of cases. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. Everything works without scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.cases import Counting, Deadline, Deed, Move, Mover, State, due_day, procedure_on
from heqing_site.cases import actions, queries
from heqing_site.cases.forms import ASSIGNING, DeedForm, OpenForm
from heqing_site.cases.models import Case, CaseEvidence
from heqing_site.cases.rules import RIGHTS
from heqing_site.errors import RuleBrokenError
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.serving import open_evidence
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission

ROWS_ON_A_PAGE = 40
FIRST = (  # which deed stands out on the page of a case, the first that is possible
    Deed.ASSIGN, Deed.VERIFY, Deed.CLOSE, Deed.ACCEPT, Deed.RECTIFY,
)  # fmt: skip
GRAVE = (Deed.RETURN, Deed.DISMISS)


# --- the list -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the list: a case, and how its clock stands today."""

    case: Case
    today: date

    @property
    def is_late(self) -> bool:
        """Whether its step is late."""
        return self.case.is_overdue_on(self.today)

    @property
    def clock(self) -> str:
        """The clock in words."""
        return say_clock(self.case, self.today)


def say_clock(case: Case, today: date) -> str:
    """Tell how a case's clock stands: days left, today, days late, or when it ended."""
    if case.due_on is None:
        return f"{case.closed_on} 办结" if case.closed_on else ""
    days = (case.due_on - today).days
    return f"逾期 {-days} 天" if days < 0 else "今天到期" if days == 0 else f"还有 {days} 天"


def cases(request: HttpRequest) -> HttpResponse:
    """List the cases (问题清单), those whose clock is worst first."""
    today = timezone.localdate()
    me = _me(request)
    procedure = procedure_on(today)
    states = {state.value: form for state, form in procedure.states.items()}
    state = request.GET.get("state", "") if request.GET.get("state", "") in states else ""
    late, own = request.GET.get("late") == "1", request.GET.get("mine") == "1"
    said = request.GET.get("unit", "")
    unit = int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else None
    my_cases = queries.mine(me, on=today)
    found = queries.chosen(on=today, state=state, unit=unit, late=late)
    if own:
        found = my_cases if unit is None else my_cases.filter(unit=unit)
        found = found.filter(due_on__lt=today) if late else found
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    kept = {"unit": unit or ""}
    by_state, late_count, my_count = queries.counts_by_state(), queries.late_count(on=today), my_cases.count()
    open_count = sum(by_state.get(one.value, 0) for one in procedure.open_states)
    context = {
        "today": today,
        "rows": [Row(case, today) for case in page.object_list],
        "page": page,
        "total": page.paginator.count,
        "open": open_count,
        "late": late_count,
        "mine_count": my_count,
        "chips": [
            _chip("全部在办", open_count, not (state or late or own), kept),
            _chip("该我办", my_count, own, {**kept, "mine": 1}),
            _chip("逾期", late_count, late and not own, {**kept, "late": 1}),
        ],
        "state_chips": [
            _chip(form.name_zh, by_state[key], state == key, {**kept, "state": key})
            for key, form in states.items()
            if by_state.get(key)
        ],
        "units": list(queries.units_with_cases()),
        "unit": unit,
        "state": state,
        "shows_late": late,
        "shows_mine": own,
        "asked": urlencode({key: value for key, value in request.GET.items() if key != "page"}),
        "may_open": may_somewhere(me, Permission.CASE_OPEN, on=today),
        "is_invented": any(case.is_invented for case in page.object_list),
    }
    return render(request, "cases/cases.html", context)


def _chip(title: str, count: int, is_here: bool, asked: dict[str, Any]) -> dict[str, Any]:
    said = urlencode({key: value for key, value in asked.items() if value})
    return {"title": title, "count": count, "is_here": is_here, "asked": said}


# --- opening ------------------------------------------------------------------------------------------------------


def open_case(request: HttpRequest) -> HttpResponse:
    """Open a case that a person saw (立案)."""
    today = timezone.localdate()
    procedure = procedure_on(today)
    initial = {name: request.GET[name] for name in ("title", "section", "unit") if name in request.GET}
    form = OpenForm(request.POST or None, on=today, procedure=procedure, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                case = actions.open_case(
                    by=_me(request),
                    at=timezone.now(),
                    title=said["title"],
                    detail=said["detail"],
                    unit=said["unit"],
                    place_unit=said["place_unit"],
                    target=form.chosen_target,
                    section=said["section"],
                    track=said["track"],
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"已立案，编号 {case.number}，{case.due_on} 前交办。")
                return redirect("cases:case", case.number)
    tracks = [
        (track.name_zh, say_days(days), days.unconfirmed, days.clause)
        for track in procedure.tracks.values()
        if (days := procedure.deadline(track.key, State.ASSIGNED)) is not None
    ]
    context = {"form": form, "sentence": sentence, "tracks": tracks}
    return render(request, "cases/open.html", context, status=status)


def say_days(days: Deadline) -> str:
    """Write the days of a step as officials do."""
    return f"{days.days} 个工作日" if days.counting is Counting.WORKING else f"{days.days} 日"


# --- one case -----------------------------------------------------------------------------------------------------


@dataclass
class Doing:
    """A deed that this person may do now, with its form and what was refused."""

    move: Move
    form: DeedForm
    is_first: bool
    sentence: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether it throws a case back or away."""
        return self.move.deed in GRAVE


def case(request: HttpRequest, number: int) -> HttpResponse:
    """Show a case: its clock, whose move it is, what I may do, and all its steps."""
    return _case(request, _found(number))


@require_POST
def act(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do something to a case; what is refused is told beside the form, which keeps what was typed."""
    found = _found(number)
    if deed not in {one.value for one in Deed} - {Deed.OPEN.value}:
        raise Http404
    done = Deed(deed)
    move = found.rules.moves[done]
    form = DeedForm(request.POST, deed=done, on=timezone.localdate(), needs_words=move.needs_words)
    if not form.is_valid():
        return _case(request, found, Doing(move, form, True), status=422)
    try:
        changed = _carry_out(request, found, done, form)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _case(request, found, Doing(move, form, True, error.sentence(get_language())), status=409)
    messages.success(request, f"已办理“{move.name_zh}”，现为“{changed.state_name}”。")
    return redirect("cases:case", number)


def _carry_out(request: HttpRequest, found: Case, deed: Deed, form: DeedForm) -> Case:
    said = form.cleaned_data
    seen = request.POST.get("seen", "")
    who: dict[str, Any] = {
        "by": _me(request),
        "at": timezone.now(),
        "case": found,
        "note": said["note"],
        "seen": int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else None,
    }
    if deed in ASSIGNING:
        return actions.assign(**who, unit=said["unit"], person=said["person"], due_on=said["due_on"])
    if deed is Deed.EXTEND:
        return actions.extend(**who, due_on=said["due_on"])
    if form.has_files:
        chosen = [file for name in ("files", "camera") for file in request.FILES.getlist(f"{deed.value}-{name}")]
        who["files"] = [File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in chosen]
    deeds: dict[Deed, Callable[..., Case]] = {
        Deed.ACCEPT: actions.accept_case,
        Deed.PROGRESS: actions.report_progress,
        Deed.RECTIFY: actions.submit_rectification,
        Deed.RETURN: actions.return_case,
        Deed.VERIFY: actions.verify,
        Deed.CLOSE: actions.close_out,
        Deed.DISMISS: actions.dismiss,
        Deed.REOPEN: actions.reopen,
    }
    return deeds[deed](**who)


def _case(request: HttpRequest, found: Case, faulty: Doing | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    found.refresh_from_db(fields=["state", "due_on", "version"])
    doings = _doings(request, found, today)
    if faulty is not None:
        doings = [faulty, *[doing for doing in doings if doing.move.deed is not faulty.move.deed]]
        for doing in doings[1:]:
            doing.is_first = False
    deadline = found.rules.deadline(found.track, _clocked(found))
    signals = list(queries.signals_of(found))
    steps = list(queries.steps_of(found))
    for one in steps:
        one.case = found
    context = {
        "case": found,
        "today": today,
        "clock": say_clock(found, today),
        "is_late": found.is_overdue_on(today),
        "deadline": deadline,
        "deadline_said": say_days(deadline) if deadline else "",
        "is_stated": _is_stated(steps, found),
        "doings": doings,
        "others": [doing for doing in doings if not doing.is_first],
        "nobody": "" if any(doing.is_first for doing in doings) else _why_not_me(request, found, today),
        "steps": list(reversed(steps)),
        "signals": signals[:12],
        "signal_count": len(signals),
        "standards": found.rules.standards,
        "shows_standards": found.mover in (Mover.VERIFIER, Mover.CLOSER, Mover.OWNER),
        "rechecks": [day for day in found.recheck_days() if found.state == State.CLOSED],
        "watch": found.rules.watch(found.track),
        "kinds": endings(),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
    }
    return render(request, "cases/case.html", context, status=status)


def _clocked(found: Case) -> State:
    """Give the state whose days the clock shows: the one of assigning goes on while a unit rectifies."""
    return State.ASSIGNED if found.state == State.ACCEPTED else State(found.state)


def _is_stated(steps: list[Any], found: Case) -> bool:
    """Tell whether the running deadline was stated by a person instead of taken from the procedure."""
    begun = next((one for one in reversed(steps) if one.state == _clocked(found).value and one.deed != "extend"), None)
    deadline = found.rules.deadline(found.track, _clocked(found))
    if begun is None or deadline is None or found.due_on is None:
        return False
    first = next(one for one in steps if one.number <= begun.number and one.state == begun.state)
    return found.due_on not in (due_day(begun.on, deadline), due_day(first.on, deadline))


def _doings(request: HttpRequest, found: Case, today: date) -> list[Doing]:
    """List what this person may do now; the one that is theirs to do stands out and comes first."""
    me = _me(request)
    moves = _possible(found)
    rights = {
        mover: may(me, RIGHTS[mover], found.unit, on=today, matter=found.pillar)
        for mover in {move.mover for move in moves}
    }
    is_ours = me.unit_id is None or me.pk == found.person_id or found.unit_id in queries.own_units(me)
    allowed = [
        move
        for move in moves
        if rights[move.mover]
        and (not move.needs_another_unit or queries.may_be_checked_by(me, found))
        and (move.mover is not Mover.OWNER or is_ours)  # who presses others does not rectify for them
        and not (move.deed is Deed.EXTEND and found.is_overdue_on(today))
        and not (move.deed is Deed.REOPEN and (found.watch_until is None or today > found.watch_until))
    ]
    first = next((deed for deed in FIRST if any(move.deed is deed for move in allowed)), None)
    doings = [
        Doing(
            move,
            DeedForm(deed=move.deed, on=today, needs_words=move.needs_words, initial=_initial(found, move.deed, today)),
            move.deed is first,
        )
        for move in allowed
    ]
    return sorted(doings, key=lambda doing: not doing.is_first)


def _possible(found: Case) -> tuple[Move, ...]:
    return found.rules.possible(State(found.state))


def _initial(found: Case, deed: Deed, today: date) -> dict[str, object]:
    if deed in ASSIGNING:
        days = found.rules.deadline(found.track, State.ASSIGNED)
        return {"unit": found.unit_id, "due_on": due_day(today, days) if days else None}
    return {"due_on": found.due_on} if deed is Deed.EXTEND else {}


def _why_not_me(request: HttpRequest, found: Case, today: date) -> str:
    """Say why there is nothing for this person to do."""
    if not found.is_open:
        return "这件问题已经办结，没有要办的。"
    if found.mover in (Mover.VERIFIER, Mover.CLOSER) and may(
        _me(request), RIGHTS[found.mover], found.unit, on=today, matter=found.pillar
    ):
        return "您或您的单位负责或参与了整改，须由另一单位的人员办理。"
    return f"现在{found.mover_name}，没有要您办的。"


# --- evidence -----------------------------------------------------------------------------------------------------


def evidence(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a file of evidence: pictures and PDF in place, all others to be kept."""
    return open_evidence(get_object_or_404(CaseEvidence, pk=key))


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _found(number: int) -> Case:
    return get_object_or_404(
        Case.objects.select_related("unit", "place_unit", "person", "target", "section", "verdict"), number=number
    )
