"""Every deed on a case.

Each action takes who does it (`by`) and when (`at`), checks the right at the responsible unit, keeps the procedure,
adds a step and its audit entry in the same transaction and returns the row. It never reads the clock. What the rounds
of a day find is opened, attached or reopened by the system itself; nothing else is done by it: no case closes itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.cases import Deed, Move, State, due_day, is_rebound, procedure_on, step
from heqing_site.audit.actions import record
from heqing_site.audit.rules import SYSTEM, Actor
from heqing_site.cases import queries
from heqing_site.cases.models import Case, CaseEvidence, CaseSignal, CaseStep, evidence_path
from heqing_site.cases.rules import ENDED, RIGHTS, CaseKind, Effect, class_name
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_of
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, require
from heqing_site.orgs.rules import Permission
from heqing_site.places.models import Section
from heqing_site.reporting.rules import Period
from heqing_site.verdicts.models import TargetVerdict

LONGEST_NOTE = 2000


@dataclass
class Opened:
    """What the signals of a day led to: cases opened, cases to which they were attached, cases reopened."""

    opened: list[Case] = field(default_factory=list)
    attached: list[Case] = field(default_factory=list)
    reopened: list[Case] = field(default_factory=list)


# --- opening ------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_for_verdicts(
    *, at: datetime, on: date, verdicts: Iterable[TargetVerdict] | None = None, by: User | None = None
) -> Opened:
    """Open cases for the red verdicts of a day (研判立案), attach them to open cases, or reopen closed ones.

    Parameters
    ----------
    at : datetime.datetime
        The moment, for the record.
    on : datetime.date
        The day of the verdicts.
    verdicts : iterable of TargetVerdict, optional
        Only these; the newest of each target for the day when left out. Those that are not red are passed over.
    by : User, optional
        Who does it, with the right 问题立案 at each unit; the system when left out.

    Notes
    -----
    A target that was red when its case ended and has been red since is not new: the verdict is attached to the ended
    case, so that its page shows it. When the light left red and came back, a closed case is reopened inside its watch
    period; after that period, or after a dismissal, a new case is opened. What is attached is told by its signal, not
    by an audit entry of its own.
    """
    reds = queries.reds(on=on, verdicts=verdicts)
    told = Opened()
    cases = queries.last_cases_of_targets([red.target_id for red in reds])
    units = Unit.objects.in_bulk()
    known = set(CaseSignal.objects.filter(verdict__in=[red.pk for red in reds]).values_list("verdict_id", flat=True))
    for red in reds:
        if by is not None:
            require(by, Permission.CASE_OPEN, red.terms.lead_unit, on=timezone.localdate(at), matter=red.terms.pillar)
        if red.pk in known:
            continue
        place = queries.place_of(red.terms, units)
        case = cases.get((red.target_id, place.pk))
        if case is None:
            told.opened.append(_open_for_verdict(red, place, by, at))
            continue
        if case.state in ENDED and case.closed_on is not None and red.day > case.closed_on:
            is_new = queries.left_red(red, since=case.closed_on)
            is_watched = _is_watched(case, red.day)
            if is_new and is_watched and case.state == State.CLOSED:
                _rebound(case, by, at, red.day, f"销号后又亮红灯：{red.say('zh-hans')}")
                _signal(case, Effect.REOPENED, red.day, at, red.say("zh-hans"), verdict=red)
                told.reopened.append(case)
                continue
            if is_new or not is_watched:
                told.opened.append(_open_for_verdict(red, place, by, at))
                continue
        if not CaseSignal.objects.filter(case=case, day=red.day).exists():
            _signal(case, Effect.ATTACHED, red.day, at, red.say("zh-hans"), verdict=red)
            told.attached.append(case)
    return told


@transaction.atomic
def open_for_section(
    *,
    at: datetime,
    on: date,
    section: Section,
    month: Period,
    water_class: int | str,
    required_class: int | str,
    reason: str,
    by: User | None = None,
) -> Case:
    """Open a case for a section that exceeds its class in a month (断面超标立案), attach it, or reopen the closed one.

    A month is counted once. The month in which a case ended is attached to it: part of it lies before the end. A month
    that begins after the end is a new exceedance: it reopens a closed case inside its watch period.

    Parameters
    ----------
    at : datetime.datetime
        The moment, for the record.
    on : datetime.date
        The day on which it was found.
    section : Section
        The section.
    month : Period
        The month.
    water_class, required_class : int or str
        What was found and what is required: 1 to 6 (劣Ⅴ类), or words.
    reason : str
        The exceedance in words: items and times over the limit.
    by : User, optional
        Who does it, with the right 问题立案 at the section's unit; the system when left out.
    """
    if by is not None:
        pillar = queries.pillar_of(target=None, section=section, verdict=None, on=on)
        require(by, Permission.CASE_OPEN, section.unit, on=timezone.localdate(at), matter=pillar)
    signal = CaseSignal.objects.filter(section=section, day=month.first).first()
    if signal is not None:
        return Case.objects.select_related("unit").get(pk=signal.case_id)
    found, required = class_name(water_class), class_name(required_class)
    words = f"{month.name}水质{found}，目标{required}。{reason.strip()}"
    told: dict[str, Any] = {"section": section, "water_class": found, "required_class": required}
    case = (
        Case.objects.select_for_update(of=("self",)).filter(section=section).select_related("unit").order_by("-number")
    ).first()
    if case is not None and case.state not in ENDED:
        _signal(case, Effect.ATTACHED, month.first, at, words, **told)
        return case
    if case is not None and case.closed_on is not None and month.first <= case.closed_on:
        _signal(case, Effect.ATTACHED, month.first, at, words, **told)
        return case
    if case is not None and case.state == State.CLOSED and _is_watched(case, month.first):
        _rebound(case, by, at, on, f"销号后又超标：{words}")
        _signal(case, Effect.REOPENED, month.first, at, words, **told)
        return case
    case = _open(
        by,
        at,
        on,
        kind=CaseKind.SECTION,
        section=section,
        title=f"{section}水质{found}，未达{required}目标",
        detail=words,
        unit=section.unit,
        place_unit=section.unit,
        is_invented=section.is_invented,
    )
    _signal(case, Effect.OPENED, month.first, at, words, **told)
    return case


@transaction.atomic
def open_case(
    *,
    by: User,
    at: datetime,
    title: str,
    detail: str,
    unit: Unit | None = None,
    place_unit: Unit | None = None,
    target: Target | None = None,
    section: Section | None = None,
    track: str = "",
    is_invented: bool = False,
) -> Case:
    """Open a case that a person saw (人工立案), about a target, a section, or neither.

    Needs the right 问题立案 at the responsible unit: the one named, or the lead unit of the target, or the unit of the
    section. There is one open case for a target and place, and for a section. The same case sent twice is opened once.
    """
    on = timezone.localdate(at)
    title, detail = title.strip()[:200], detail.strip()[:LONGEST_NOTE]
    if not title or not detail:
        raise RuleBrokenError("case.text_missing")
    if target is not None and section is not None:
        raise RuleBrokenError("case.one_subject")
    kind = CaseKind.MANUAL
    if target is not None:
        terms = terms_of(target, as_of=on)
        if terms is None or terms.is_withdrawn:
            raise RuleBrokenError("case.target_gone", target=target)
        kind, unit = CaseKind.TARGET, unit or terms.lead_unit
        place_unit = place_unit or queries.place_of(terms, Unit.objects.in_bulk())
        is_invented = is_invented or bool(target.document and target.document.is_invented)
    if section is not None:
        kind, unit, place_unit = CaseKind.SECTION, unit or section.unit, section.unit
        is_invented = is_invented or section.is_invented
    if unit is None or not unit.is_active_on(on):
        raise RuleBrokenError("case.unit_missing")
    pillar = queries.pillar_of(target=target, section=section, verdict=None, on=on)
    require(by, Permission.CASE_OPEN, unit, on=on, matter=pillar)
    place_unit = place_unit or queries.division_of(unit, Unit.objects.in_bulk())
    if track and track not in procedure_on(on).tracks:
        raise RuleBrokenError("case.track_unknown")
    standing = queries.standing_case(target=target, section=section, place_unit=place_unit)
    if standing is not None:
        raise RuleBrokenError("case.open_already", case=standing, state=standing.state_name)
    if kind is CaseKind.MANUAL:
        same = Case.objects.filter(
            kind=kind.value, title=title, detail=detail, unit=unit, opened_on=on, steps__number=1, steps__by=by
        ).first()
        if same is not None:
            return same
    return _open(
        by, at, on, kind=kind, target=target, section=section, title=title, detail=detail, unit=unit,
        place_unit=place_unit, track=track, is_invented=is_invented,
    )  # fmt: skip


# --- assigning ----------------------------------------------------------------------------------------------------


@transaction.atomic
def assign(
    *,
    by: User,
    at: datetime,
    case: Case,
    unit: Unit | None = None,
    person: User | None = None,
    due_on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Case:
    """Assign a case to a unit (交办), or to another unit than before (改派), with a deadline.

    Needs the right 问题交办 at the unit that answers for it so far and at the one that is to. The deadline is that of
    the procedure; another one, and another unit for what was assigned already, are stated with the reason.

    Parameters
    ----------
    by, at
        Who and when.
    case : Case
        The case.
    unit : Unit, optional
        Who is to rectify; the present unit when left out.
    person : User, optional
        Who of that unit handles it; needs the right 问题整改 there.
    due_on : datetime.date, optional
        Another last day than the procedure gives.
    note : str
        What is asked for, or the reason.
    seen : int, optional
        The step that the person had before their eyes; when another was taken since, nothing is done. So with the
        deeds below; the same deed sent twice is done once.
    """
    is_new = Case.objects.filter(pk=case.pk, state__in=[State.OPENED.value, State.REOPENED.value]).exists()
    deed = Deed.ASSIGN if is_new else Deed.REASSIGN
    if not is_new and seen is not None:  # sent twice: what was the first assignment is not to be another one
        newest = CaseStep.objects.filter(case=case).order_by("-number")[0]
        deed = Deed.ASSIGN if newest.number == seen + 1 and newest.deed == Deed.ASSIGN else deed
    desk = _take_up(by, at, case, deed, seen, note)
    if desk.is_done:
        return desk.case
    unit = unit or desk.case.unit
    if not unit.is_active_on(desk.on):
        raise RuleBrokenError("case.unit_missing")
    require(by, Permission.CASE_ASSIGN, unit, on=desk.on, matter=desk.case.pillar)
    if person is not None and not may(person, Permission.CASE_RECTIFY, unit, on=desk.on, matter=desk.case.pillar):
        raise RuleBrokenError("case.person_without_right", person=person, unit=unit)
    declared = _due(desk.case, State.ASSIGNED, desk.on)
    if due_on is not None and due_on < desk.on:
        raise RuleBrokenError("case.due_in_the_past", day=due_on)
    if due_on is not None and due_on != declared and not note.strip():
        raise RuleBrokenError("case.due_without_reason", day=declared)
    return _move(desk, by, at, note, due_on=due_on or declared, unit=unit, person=person, rectify_by=due_on or declared)


@transaction.atomic
def extend(*, by: User, at: datetime, case: Case, due_on: date, note: str, seen: int | None = None) -> Case:
    """Give more time (延期), before the deadline has passed, with the reason.

    Needs the right 问题交办 at the responsible unit.
    """
    desk = _take_up(by, at, case, Deed.EXTEND, seen, note)
    if desk.is_done:
        return desk.case
    before = desk.case.due_on
    if before is None or desk.on > before:
        raise RuleBrokenError("case.extended_too_late", day=before)
    if due_on <= before:
        raise RuleBrokenError("case.extension_is_none", day=before)
    return _move(desk, by, at, note, due_on=due_on, rectify_by=due_on)


# --- rectifying ---------------------------------------------------------------------------------------------------


@transaction.atomic
def accept_case(*, by: User, at: datetime, case: Case, note: str = "", seen: int | None = None) -> Case:
    """Take a case over (签收); the deadline goes on running.

    Needs the right 问题整改 at the responsible unit.
    """
    desk = _take_up(by, at, case, Deed.ACCEPT, seen, note)
    return (
        desk.case if desk.is_done else _move(desk, by, at, note, due_on=desk.case.due_on, person=desk.case.person or by)
    )


@transaction.atomic
def report_progress(
    *, by: User, at: datetime, case: Case, note: str, files: Sequence[File] = (), seen: int | None = None
) -> Case:
    """Tell how it goes (报告进展), or ask for more time; the case stays where it is.

    Needs the right 问题整改 at the responsible unit.
    """
    desk = _take_up(by, at, case, Deed.PROGRESS, seen, note, files)
    return desk.case if desk.is_done else _move(desk, by, at, note, files=files, due_on=desk.case.due_on)


@transaction.atomic
def submit_rectification(
    *, by: User, at: datetime, case: Case, note: str, files: Sequence[File] = (), seen: int | None = None
) -> Case:
    """Say what was put right, with evidence (提交整改); then another unit verifies it.

    Needs the right 问题整改 at the responsible unit. After a return, new evidence is needed too.
    """
    desk = _take_up(by, at, case, Deed.RECTIFY, seen, note, files)
    if desk.is_done:
        return desk.case
    return _move(desk, by, at, note, files=files, rectified_by=by, rectified_unit=by.unit or desk.case.unit)


# --- verifying and closing ----------------------------------------------------------------------------------------


@transaction.atomic
def verify(
    *, by: User, at: datetime, case: Case, note: str, files: Sequence[File] = (), seen: int | None = None
) -> Case:
    """Find it put right (核查通过), in words.

    Needs the right 整改核查 at the responsible unit, and a person of another unit than that and than whoever rectified.
    """
    desk = _take_up(by, at, case, Deed.VERIFY, seen, note, files)
    if desk.is_done:
        return desk.case
    return _move(desk, by, at, note, files=files, verified_by=by, verified_unit=by.unit)


@transaction.atomic
def return_case(
    *, by: User, at: datetime, case: Case, note: str, files: Sequence[File] = (), seen: int | None = None
) -> Case:
    """Find it not put right and give it back with the reason (退回).

    Needs what verifying needs.
    """
    desk = _take_up(by, at, case, Deed.RETURN, seen, note, files)
    if desk.is_done:
        return desk.case
    due = _due(desk.case, State.RETURNED, desk.on)
    return _move(desk, by, at, note, files=files, due_on=due, rectify_by=due, verified_by=None, verified_unit=None)


@transaction.atomic
def close_out(*, by: User, at: datetime, case: Case, note: str = "", seen: int | None = None) -> Case:
    """Close a verified case (销号); its watch period begins.

    Needs the right 问题销号 at the responsible unit, and a person of another unit than that and than whoever rectified.
    """
    desk = _take_up(by, at, case, Deed.CLOSE, seen, note)
    return desk.case if desk.is_done else _end(desk, by, at, note)


@transaction.atomic
def dismiss(*, by: User, at: datetime, case: Case, note: str, seen: int | None = None) -> Case:
    """Take a case back with the reason (撤销): opened in error, or not to be pursued.

    Needs the right 问题销号 at the responsible unit, and a person of another unit.
    """
    desk = _take_up(by, at, case, Deed.DISMISS, seen, note)
    return desk.case if desk.is_done else _end(desk, by, at, note)


@transaction.atomic
def reopen(*, by: User, at: datetime, case: Case, note: str, seen: int | None = None) -> Case:
    """Reopen a closed case that came back (反弹重开), inside its watch period.

    Needs the right 问题立案 at the responsible unit.
    """
    desk = _take_up(by, at, case, Deed.REOPEN, seen, note)
    if desk.is_done:
        return desk.case
    if desk.case.watch_until is None or desk.on > desk.case.watch_until:
        raise RuleBrokenError("case.watch_is_over", case=desk.case, day=desk.case.watch_until)
    standing = queries.standing_case(
        target=desk.case.target, section=desk.case.section, place_unit=desk.case.place_unit
    )
    if standing is not None:
        raise RuleBrokenError("case.open_already", case=standing, state=standing.state_name)
    return _reopen(desk, by, at, note)


# --- what the actions have in common ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Desk:
    """What an officer has before them: the locked case, the deed, where it leads, the day; is it done already."""

    case: Case
    move: Move
    leads_to: State
    on: date
    is_done: bool = False


def _take_up(
    by: User, at: datetime, case: Case, deed: Deed, seen: int | None, note: str, files: Sequence[File] = ()
) -> _Desk:
    """Lock the case, and check right, state, the version seen, words, evidence, and that another unit checks."""
    on = timezone.localdate(at)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("unit", "place_unit", "target", "section", "person")
        .get(pk=case.pk)
    )
    move = case.rules.moves[deed]
    require(by, RIGHTS[move.mover], case.unit, on=on, matter=case.pillar)
    newest = case.steps.select_related("by").order_by("-number")[0]
    if seen is not None and seen != case.version:
        sent_twice = seen == newest.number - 1 and newest.by_id == by.pk and newest.deed == deed
        if sent_twice and newest.note == note.strip()[:LONGEST_NOTE]:
            return _Desk(case, move, State(case.state), on, is_done=True)
        raise RuleBrokenError(
            "case.changed_meanwhile",
            case=case,
            person=newest.by_name,
            moment=timezone.localtime(newest.at).strftime("%Y-%m-%d %H:%M"),
            deed=newest.deed_name,
            state=case.state_name,
        )
    leads_to = step(case.rules, State(case.state), deed)
    if leads_to is None:
        raise RuleBrokenError("case.wrong_state", case=case, state=case.state_name, deed=move.name_zh)
    if move.needs_words and not note.strip():
        raise RuleBrokenError("case.words_missing", deed=move.name_zh)
    if move.needs_evidence and not files:
        raise RuleBrokenError("case.evidence_missing", deed=move.name_zh)
    if move.needs_another_unit:
        if by.unit_id is None:
            raise RuleBrokenError("case.checker_without_unit", deed=move.name_zh)
        if by.pk == case.rectified_by_id or by.unit_id in (case.unit_id, case.rectified_unit_id):
            raise RuleBrokenError("case.own_unit", case=case, unit=by.unit, deed=move.name_zh)
    return _Desk(case, move, leads_to, on)


def _due(case: Case, state: State, start: date) -> date:
    deadline = case.rules.deadline(case.track, state)
    if deadline is None:
        raise RuleBrokenError("case.no_deadline", state=case.rules.states[state].name_zh)
    return due_day(start, deadline)


def _move(
    desk: _Desk,
    by: User,
    at: datetime,
    note: str,
    *,
    files: Sequence[File] = (),
    due_on: date | None = None,
    **facts: object,
) -> Case:
    """Carry the deed out: change the case, add the step, its files and its audit entry."""
    case = desk.case
    before = _facts(case)
    for name, value in facts.items():
        setattr(case, name, value)
    case.state = desk.leads_to.value
    case.due_on = due_on or _due(case, desk.leads_to, desk.on)
    return _keep(desk, by, at, note, before, files)


def _end(desk: _Desk, by: User, at: datetime, note: str) -> Case:
    case = desk.case
    before = _facts(case)
    case.state, case.due_on, case.closed_on = desk.leads_to.value, None, desk.on
    case.watch_until = desk.on + timedelta(days=case.rules.watch(case.track).days)
    return _keep(desk, by, at, note, before)


def _reopen(desk: _Desk, by: User | None, at: datetime, note: str) -> Case:
    case = desk.case
    before = _facts(case)
    case.state, case.due_on = desk.leads_to.value, _due(case, desk.leads_to, desk.on)
    case.closed_on = case.watch_until = case.rectify_by = case.person = None
    case.rectified_by = case.rectified_unit = case.verified_by = case.verified_unit = None
    case.rebounds += 1
    return _keep(desk, by, at, note, before)


def _keep(
    desk: _Desk, by: User | None, at: datetime, note: str, before: Mapping[str, object], files: Sequence[File] = ()
) -> Case:
    case = desk.case
    case.version += 1
    case.save()
    added = _add_step(case, desk.move.deed, by, at, desk.on, note)
    _keep_files(added, at, files)
    after = _facts(case) | {"evidence": [f"{file.file_name} {file.sha256}" for file in added.evidence.all()]}
    _record(desk.move.deed, _actor(by), at, case, note, before, after)
    return case


def _record(
    deed: Deed,
    by: Actor,
    at: datetime,
    case: Case,
    because: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
) -> None:
    """Put the deed on record; each has its own code, so that each has its words."""
    told: dict[str, Any] = {
        "by": by,
        "at": at,
        "subject": case,
        "because": because.strip(),
        "before": before,
        "after": after,
    }
    match deed:
        case Deed.OPEN:
            record(action="cases.open_case", **told)
        case Deed.ASSIGN:
            record(action="cases.assign", **told)
        case Deed.REASSIGN:
            record(action="cases.reassign", **told)
        case Deed.ACCEPT:
            record(action="cases.accept_case", **told)
        case Deed.PROGRESS:
            record(action="cases.report_progress", **told)
        case Deed.EXTEND:
            record(action="cases.extend", **told)
        case Deed.RECTIFY:
            record(action="cases.submit_rectification", **told)
        case Deed.RETURN:
            record(action="cases.return_case", **told)
        case Deed.VERIFY:
            record(action="cases.verify", **told)
        case Deed.CLOSE:
            record(action="cases.close_out", **told)
        case Deed.DISMISS:
            record(action="cases.dismiss", **told)
        case Deed.REOPEN:
            record(action="cases.reopen", **told)


def _actor(by: User | None) -> Actor:
    return SYSTEM if by is None else by.actor


def _add_step(case: Case, deed: Deed, by: User | None, at: datetime, on: date, note: str) -> CaseStep:
    added = CaseStep(
        case=case,
        number=case.version,
        deed=deed.value,
        state=case.state,
        on=on,
        at=at,
        by=by,
        by_name=SYSTEM.name if by is None else by.display_name,
        by_unit=None if by is None else by.unit,
        unit=case.unit,
        person=case.person,
        note=note.strip()[:LONGEST_NOTE],
        due_on=case.due_on,
    )
    added.save()
    return added


def _open_for_verdict(red: TargetVerdict, place: Unit, by: User | None, at: datetime) -> Case:
    terms: TargetTerms = red.terms
    words = red.say("zh-hans")
    case = _open(
        by,
        at,
        red.day,
        kind=CaseKind.TARGET,
        target=red.target,
        verdict=red,
        title=f"{terms.title}{terms.demand}"[:200],
        detail=words,
        unit=terms.lead_unit,
        place_unit=place,
        is_invented=bool(red.target.document and red.target.document.is_invented),
    )
    _signal(case, Effect.OPENED, red.day, at, words, verdict=red)
    return case


def _open(
    by: User | None,
    at: datetime,
    on: date,
    *,
    kind: CaseKind,
    title: str,
    detail: str,
    unit: Unit,
    place_unit: Unit,
    track: str = "",
    target: Target | None = None,
    section: Section | None = None,
    verdict: TargetVerdict | None = None,
    is_invented: bool = False,
) -> Case:
    pillar = queries.pillar_of(target=target, section=section, verdict=verdict, on=on)
    if by is not None:
        require(by, Permission.CASE_OPEN, unit, on=timezone.localdate(at), matter=pillar)
    rules = procedure_on(on)
    case = Case(
        number=Case.next_number(),
        kind=kind.value,
        target=target,
        section=section,
        verdict=verdict,
        title=title,
        detail=detail,
        pillar=pillar,
        unit=unit,
        place_unit=place_unit,
        procedure=rules.edition,
        track=track or rules.track_for(kind.value),
        state=State.OPENED.value,
        opened_on=on,
        version=1,
        is_invented=is_invented,
    )
    case.due_on = _due(case, State.OPENED, on)
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError as error:  # somebody else opened the same case, or took the number, in this moment
        raise RuleBrokenError("case.opened_at_once", title=title) from error
    _add_step(case, Deed.OPEN, by, at, on, detail)
    _record(Deed.OPEN, _actor(by), at, case, detail, None, _facts(case))
    return case


def _is_watched(case: Case, day: date) -> bool:
    if case.closed_on is None or case.watch_until is None:
        return False
    return is_rebound(case.closed_on, (case.watch_until - case.closed_on).days, day)


def _rebound(case: Case, by: User | None, at: datetime, on: date, note: str) -> None:
    if by is not None:
        require(by, Permission.CASE_OPEN, case.unit, on=timezone.localdate(at), matter=case.pillar)
    _reopen(_Desk(case, case.rules.moves[Deed.REOPEN], State.REOPENED, on), by, at, note)


def _signal(
    case: Case,
    effect: Effect,
    day: date,
    at: datetime,
    reason: str,
    *,
    verdict: TargetVerdict | None = None,
    section: Section | None = None,
    water_class: str = "",
    required_class: str = "",
) -> None:
    CaseSignal(
        case=case,
        effect=effect.value,
        day=day,
        verdict=verdict,
        section=section,
        water_class=water_class,
        required_class=required_class,
        reason=reason,
        at=at,
    ).save()


def _keep_files(added: CaseStep, at: datetime, files: Sequence[File]) -> None:
    evidence.keep_all(files, partial(CaseEvidence, step=added, added_at=at), evidence_path)


def _facts(case: Case) -> dict[str, object]:
    return {
        "step": case.version,
        "state": str(case.state),
        "unit": f"{case.unit.name}（{case.unit.code}）",
        "person": None if case.person is None else str(case.person),
        "due_on": case.due_on,
        "closed_on": case.closed_on,
        "watch_until": case.watch_until,
        "rebounds": case.rebounds,
    }
