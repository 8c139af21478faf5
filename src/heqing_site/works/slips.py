"""Slips (督办单): proposed by the round of a day or by a person, issued, answered, accepted or raised one step.

A slip is raised one step only when the earlier one was not met without good reason; an important work may begin higher
(rule G1.11). The system proposes; a person issues. See ``works.actions`` for what all deeds have in common.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone

from heqing.cases import Counting, Deadline, due_day
from heqing.works import Colour, Event, event_of, proposed, slip_scheme
from heqing_site.audit.actions import record
from heqing_site.audit.rules import SYSTEM
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.works.actions import LONGEST_NOTE, locked
from heqing_site.works.models import Work
from heqing_site.works.records import Slip, SlipStep
from heqing_site.works.rules import SLIP_DEED_NAMES, SLIP_OPEN, SlipDeed, SlipState, State

PRESSING = (SlipState.ISSUED, SlipState.ANSWERED)  # what was only proposed presses nobody yet
EVENT_WORDS = {
    Event.NEAR: "计划 {finish} 完成，时限临近，请抓紧办理。",
    Event.BEHIND: "序时进度 {planned}%，核定完成 {percent}%，进度滞后，请说明原因和赶上进度的措施。",
    Event.OVERDUE: "计划 {finish} 完成，已经逾期，请说明原因和完成时间。",
}


@transaction.atomic
def propose_slips(*, at: datetime, on: date) -> list[Slip]:
    """Propose the slips that a day calls for (提请督办单): near its deadline, behind, overdue. A person issues them.

    The system does it in the round of a day; what was proposed, issued or refused for a deadline is not proposed again.
    """
    scheme = slip_scheme()
    colours = {colour.key: colour.step for colour in scheme.colours}
    still_open = Slip.objects.filter(work=OuterRef("pk"), state__in=[state.value for state in SLIP_OPEN])
    last = Slip.objects.filter(work=OuterRef("pk"), scheme=scheme.key).order_by("-number")
    works = (
        Work.objects.filter(~Exists(still_open), state=State.ACTIVE.value)
        .filter(Q(light__in=["yellow", "red"]) | Q(planned_finish__lte=_near(on, scheme.near_days)))
        .annotate(last_colour=Subquery(last.values("colour")[:1]), last_deadline=Subquery(last.values("deadline")[:1]))
        .order_by("number")
    )
    made = []
    number = Slip.next_number()
    for work in works:
        event = event_of(work.planned_finish, work.planned_now, work.percent, on=on, scheme=scheme)
        if event is None or work.planned_finish is None:
            continue
        known = work.last_colour if work.last_deadline == work.planned_finish else None  # type: ignore[attr-defined]
        earlier = scheme.find(known) if known in colours else None
        colour = proposed(event, earlier=earlier, is_open=False, scheme=scheme)
        if colour is None:
            continue
        slip = _made(work, colour, event.value, _words(work, event), on, number)
        number += 1
        _add_step(slip, SlipDeed.PROPOSE, None, at, on, slip.words)
        record(
            by=SYSTEM,
            at=at,
            action="works.propose_slip",
            subject=slip,
            after={"work": work.number, "colour": colour.key},
        )
        made.append(slip)
    return made


@transaction.atomic
def propose_slip(
    *, by: User, at: datetime, work: Work, words: str, colour: str = "", is_invented: bool = False
) -> Slip:
    """Draw up a slip by hand (拟督办单). The first is the mildest; an important work may begin one step higher.

    Needs the right 督办单签发 at the lead unit.
    """
    on = timezone.localdate(at)
    work = locked(work.pk)
    require(by, Permission.SLIP_ISSUE, work.lead_unit, on=on, matter=work.pillar)
    if work.state != State.ACTIVE or work.planned_finish is None:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed="督办")
    if not words.strip():
        raise RuleBrokenError("work.words_missing", deed="督办")
    scheme = slip_scheme()
    chosen = scheme.find(colour) if colour else scheme.colours[0]
    if chosen is None:
        raise RuleBrokenError("slip.colour_unknown")
    if Slip.objects.filter(work=work, state__in=[state.value for state in SLIP_OPEN]).exists():
        raise RuleBrokenError("slip.open_already", work=work)
    sent = Slip.objects.filter(work=work, scheme=scheme.key, deadline=work.planned_finish, issued_on__isnull=False)
    known = {found.step for key in sent.values_list("colour", flat=True) if (found := scheme.find(key)) is not None}
    highest = max(known, default=0) + 1 + (1 if work.is_important and not known else 0)
    if chosen.step > highest and not (chosen.event is not None and chosen.event == _event(work, on)):
        raise RuleBrokenError("slip.step_too_high", colour=chosen.name_zh)
    slip = _made(work, chosen, "", words.strip()[:LONGEST_NOTE], on, Slip.next_number(), is_invented=is_invented)
    _add_step(slip, SlipDeed.PROPOSE, by, at, on, words)
    record(
        by=by.actor, at=at, action="works.propose_slip", subject=slip, because=words.strip(),
        after={"work": work.number, "colour": chosen.key},
    )  # fmt: skip
    return slip


@transaction.atomic
def issue_slip(*, by: User, at: datetime, slip: Slip, words: str = "", seen: int | None = None) -> Slip:
    """Issue a slip (签发); the days of the answer run.

    Needs the right 督办单签发 at the lead unit of the work, and a person of another unit.
    """
    found, work, on, is_done = _take_up(by, at, slip, SlipDeed.ISSUE, (SlipState.PROPOSED,), seen)
    if is_done:
        return found
    _refuse_own(by, work, SlipDeed.ISSUE)
    found.words = words.strip()[:LONGEST_NOTE] or found.words
    found.state, found.issued_on = SlipState.ISSUED.value, on
    found.due_on = _due(found.form, on)
    _keep(found, SlipDeed.ISSUE, by, at, on, found.words)
    record(by=by.actor, at=at, action="works.issue_slip", subject=found, after={"due_on": found.due_on})
    return found


@transaction.atomic
def drop_slip(*, by: User, at: datetime, slip: Slip, note: str, seen: int | None = None) -> Slip:
    """Do not issue a slip that was proposed (不签发), with the reason.

    Needs the right 督办单签发 at the lead unit of the work.
    """
    found, _, on, is_done = _take_up(by, at, slip, SlipDeed.DROP, (SlipState.PROPOSED,), seen)
    if is_done:
        return found
    _need_words(note, SlipDeed.DROP)
    found.state, found.ended_on = SlipState.DROPPED.value, on
    _keep(found, SlipDeed.DROP, by, at, on, note)
    record(by=by.actor, at=at, action="works.drop_slip", subject=found, because=note.strip())
    return found


@transaction.atomic
def answer_slip(*, by: User, at: datetime, slip: Slip, note: str, seen: int | None = None) -> Slip:
    """Answer a slip (回复): why, and what is done until when.

    Needs the right 任务进展填报 at the acting unit.
    """
    found, _, on, is_done = _take_up(by, at, slip, SlipDeed.ANSWER, (SlipState.ISSUED,), seen)
    if is_done:
        return found
    _need_words(note, SlipDeed.ANSWER)
    found.state, found.answered_on = SlipState.ANSWERED.value, on
    _keep(found, SlipDeed.ANSWER, by, at, on, note)
    record(by=by.actor, at=at, action="works.answer_slip", subject=found, because=note.strip())
    return found


@transaction.atomic
def accept_answer(*, by: User, at: datetime, slip: Slip, note: str = "", seen: int | None = None) -> Slip:
    """Find the reason good or the matter met (认可销单); the slip ends.

    Needs the right 督办单签发 at the lead unit of the work, and a person of another unit.
    """
    found, work, on, is_done = _take_up(by, at, slip, SlipDeed.ACCEPT, (SlipState.ANSWERED,), seen)
    if is_done:
        return found
    _refuse_own(by, work, SlipDeed.ACCEPT)
    found.state, found.ended_on = SlipState.CLOSED.value, on
    _keep(found, SlipDeed.ACCEPT, by, at, on, note)
    record(by=by.actor, at=at, action="works.accept_answer", subject=found, because=note.strip())
    return found


@transaction.atomic
def raise_slip(*, by: User, at: datetime, slip: Slip, note: str, seen: int | None = None) -> Slip:
    """Raise a slip one step (升级): it was answered without good reason, or not answered in time. Give the graver slip.

    Needs the right 督办单签发 at the lead unit of the work, and a person of another unit. The graver slip is issued at
    once.
    """
    found, work, on, is_done = _take_up(by, at, slip, SlipDeed.RAISE, (SlipState.ISSUED, SlipState.ANSWERED), seen)
    if is_done:
        return Slip.objects.get(earlier=found)
    _refuse_own(by, work, SlipDeed.RAISE)
    _need_words(note, SlipDeed.RAISE)
    if found.state == SlipState.ISSUED and found.due_on is not None and on <= found.due_on:
        raise RuleBrokenError("slip.answer_not_due", day=found.due_on)
    above = slip_scheme(found.scheme).above(found.colour)
    if above is None:
        raise RuleBrokenError("slip.gravest_already", colour=found.colour_name)
    found.state, found.ended_on = SlipState.RAISED.value, on
    _keep(found, SlipDeed.RAISE, by, at, on, note)
    graver = _made(work, above, found.event, note.strip()[:LONGEST_NOTE], on, Slip.next_number(), earlier=found)
    _add_step(graver, SlipDeed.PROPOSE, by, at, on, note)
    graver.state, graver.issued_on, graver.due_on = SlipState.ISSUED.value, on, _due(above, on)
    _keep(graver, SlipDeed.ISSUE, by, at, on, note)
    record(
        by=by.actor, at=at, action="works.raise_slip", subject=found, because=note.strip(),
        after={"colour": above.key, "slip": graver.number},
    )  # fmt: skip
    return graver


# --- what the actions have in common ------------------------------------------------------------------------------


def _near(on: date, days: int) -> date:
    return date.fromordinal(on.toordinal() + days)


def _event(work: Work, on: date) -> Event | None:
    return event_of(work.planned_finish, work.planned_now, work.percent, on=on, scheme=slip_scheme())


def _words(work: Work, event: Event) -> str:
    said = {"finish": work.planned_finish, "planned": work.planned_now, "percent": work.percent}
    return EVENT_WORDS[event].format(**said)


def _due(colour: Colour, on: date) -> date:
    return due_day(on, Deadline(colour.days, Counting(colour.counting.value), colour.clause, colour.unconfirmed))


def _made(
    work: Work,
    colour: Colour,
    event: str,
    words: str,
    on: date,
    number: int,
    *,
    earlier: Slip | None = None,
    is_invented: bool = False,
) -> Slip:
    deadline = work.planned_finish
    if deadline is None:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed="督办")
    slip = Slip(
        number=number, work=work, scheme=slip_scheme().key, colour=colour.key, event=event, deadline=deadline,
        state=SlipState.PROPOSED.value, words=words, earlier=earlier, proposed_on=on,
        is_invented=is_invented or work.is_invented,
    )  # fmt: skip
    try:
        with transaction.atomic():
            slip.save()
    except IntegrityError as error:  # somebody else drew one up in this moment
        raise RuleBrokenError("slip.open_already", work=work) from error
    _mark(slip)
    return slip


def _take_up(
    by: User, at: datetime, slip: Slip, deed: SlipDeed, states: tuple[SlipState, ...], seen: int | None
) -> tuple[Slip, Work, date, bool]:
    """Lock a slip and its work, check the right, compare with what the person saw; sent twice it is done once."""
    work = locked(slip.work_id)
    found = Slip.objects.select_for_update().get(pk=slip.pk)
    on = timezone.localdate(at)
    if deed is SlipDeed.ANSWER:
        require(by, Permission.TASK_REPORT, work.acting_unit or work.lead_unit, on=on, matter=work.pillar)
    else:
        require(by, Permission.SLIP_ISSUE, work.lead_unit, on=on, matter=work.pillar)
    newest = found.steps.order_by("-number")[0]
    if seen is not None and seen != found.version:
        if seen == newest.number - 1 and newest.by_id == by.pk and newest.deed == deed:
            return found, work, on, True
        raise RuleBrokenError("slip.changed_meanwhile", slip=found, person=newest.by_name, deed=newest.deed_name)
    if found.state not in states:
        raise RuleBrokenError("slip.wrong_state", slip=found, state=found.state_name, deed=SLIP_DEED_NAMES[deed])
    return found, work, on, False


def _refuse_own(by: User, work: Work, deed: SlipDeed) -> None:
    if by.unit_id is None or by.unit_id in (work.lead_unit_id, work.acting_unit_id):
        raise RuleBrokenError("work.own_unit", work=work, deed=SLIP_DEED_NAMES[deed])


def _need_words(note: str, deed: SlipDeed) -> None:
    if not note.strip():
        raise RuleBrokenError("work.words_missing", deed=SLIP_DEED_NAMES[deed])


def _keep(slip: Slip, deed: SlipDeed, by: User, at: datetime, on: date, note: str) -> None:
    slip.version += 1
    slip.save()
    _mark(slip)
    _add_step(slip, deed, by, at, on, note)


def _mark(slip: Slip) -> None:
    """Keep on the work which slip is open."""
    Work.objects.filter(pk=slip.work_id).update(slip=slip.colour if slip.state in PRESSING else "")


def _add_step(slip: Slip, deed: SlipDeed, by: User | None, at: datetime, on: date, note: str) -> None:
    number = int(SlipStep.objects.filter(slip=slip).aggregate(last=Max("number"))["last"] or 0) + 1
    SlipStep(
        slip=slip, number=number, deed=deed.value, state=slip.state, on=on, at=at, by=by,
        by_name=SYSTEM.name if by is None else by.display_name, by_unit=None if by is None else by.unit,
        note=note.strip()[:LONGEST_NOTE],
    ).save()  # fmt: skip
