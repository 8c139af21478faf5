"""Every deed on a plan.

Each action takes who does it (`by`) and when (`at`), checks the right at the plan's unit, keeps the procedure, adds a
step and its audit entry in the same transaction and returns the row. It never reads the clock. What the rounds of a day
find without effect is reopened by the system itself; nothing else is done by it: no plan closes itself. The lists are
written in ``plans.lists``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.plans import Deed, Finding, Judge, Move, State, Tie, procedure_on, step
from heqing_site.audit.actions import record
from heqing_site.audit.rules import SYSTEM
from heqing_site.errors import RuleBrokenError
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.places.models import Enterprise, Outlet, River, Section
from heqing_site.plans import queries, water
from heqing_site.plans.models import Plan, PlanFile, PlanOpinion, PlanStep, evidence_path
from heqing_site.plans.rules import RIGHTS, Adoption
from heqing_site.plans.water import Standing

LONGEST_NOTE = 2000


# --- drafting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(
    *,
    by: User,
    at: datetime,
    kind: str,
    title: str,
    unit: Unit,
    begins_on: date,
    ends_on: date,
    chief: Post | None = None,
    river: River | None = None,
    sections: Sequence[Section] = (),
    enterprise: Enterprise | None = None,
    outlet: Outlet | None = None,
    place_text: str = "",
    approval: str = "",
    is_invented: bool = False,
) -> Plan:
    """Begin a plan (立项编制) for one thing.

    Needs the right 方案编制 at the unit that writes it.

    Parameters
    ----------
    by, at
        Who does it, and when.
    kind : str
        The kind of plan, see the rulebook.
    title : str
        Its name; left empty it is made of the thing and the kind.
    unit : Unit
        The unit that writes it.
    begins_on, ends_on : date
        The period in which it is carried out.
    chief : Post, optional
        The post of the chief who reviews it; for a river its own chief's when left out.
    river, sections, enterprise, outlet, place_text
        The one thing that it is for; sections narrow a river to a reach.
    approval : str, optional
        The way of approval, see the rulebook; the default one when left out.
    is_invented : bool
        Whether it belongs to the demonstration.
    """
    on = timezone.localdate(at)
    rules = procedure_on(on)
    form = rules.kinds.get(kind)
    require(by, Permission.PLAN_EDIT, unit, on=on, matter=form.matter if form else "")
    if form is None:
        raise RuleBrokenError("plan.kind_unknown", kind=kind)
    things = {Tie.RIVER: river, Tie.ENTERPRISE: enterprise, Tie.OUTLET: outlet, Tie.TEXT: place_text.strip() or None}
    tied = [tie for tie, thing in things.items() if thing is not None]
    if len(tied) != 1 or tied[0] not in form.ties:
        names = "或".join(rules.ties[tie][0] for tie in form.ties)
        raise RuleBrokenError("plan.thing_wrong", kind=form.name_zh, things=names)
    if ends_on < begins_on:
        raise RuleBrokenError("plan.period_wrong")
    if any(river is None or section.river_id != river.pk for section in sections):
        raise RuleBrokenError("plan.sections_of_other_river")
    way = rules.approvals.get(approval) if approval else rules.default_approval
    if way is None:
        raise RuleBrokenError("plan.approval_unknown", approval=approval)
    if way.whole_river_first and sections and river is not None:
        standing = queries.whole_river_plan(river)
        if standing is not None:
            raise RuleBrokenError("plan.whole_river_first", plan=standing, clause=way.clause)
    plan = Plan(
        number=Plan.next_number(),
        kind=kind,
        title=(title.strip() or f"{things[tied[0]]}{form.long_zh}")[:200],
        unit=unit,
        chief=chief or (river.chief if river is not None else None),
        tie=tied[0].value,
        river=river,
        enterprise=enterprise,
        outlet=outlet,
        place_text=place_text.strip()[:200],
        approval=way.key,
        procedure=rules.edition,
        drafted_on=on,
        begins_on=begins_on,
        ends_on=ends_on,
        version=1,
        state=State.DRAFTED.value,
        steps_taken=1,
        is_invented=is_invented,
    )
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError as error:  # somebody else took the number in this moment
        raise RuleBrokenError("plan.drafted_at_once", title=plan.title) from error
    plan.sections.set(sections)
    _add_step(plan, Deed.DRAFT, by, at, on, "")
    record(by=by.actor, at=at, action="plans.draft", subject=plan, after=_facts(plan))
    return plan


@transaction.atomic
def add_opinion(
    *,
    by: User,
    at: datetime,
    plan: Plan,
    consultee: str,
    party: str,
    opinion: str,
    adoption: Adoption = Adoption.PENDING,
    because: str = "",
    contract_until: date | None = None,
) -> PlanOpinion:
    """Enter an opinion on a plan (登记意见) and what became of it.

    Needs the right 方案编制 at the plan's unit. What was not or only partly taken up needs its reason.
    """
    on = timezone.localdate(at)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    require(by, Permission.PLAN_EDIT, plan.unit, on=on, matter=plan.matter)
    if consultee not in {each.key for each in plan.rules.approvals[plan.approval].consultees}:
        raise RuleBrokenError("plan.consultee_unknown", consultee=consultee)
    if not plan.is_open:
        raise RuleBrokenError("plan.not_writable", plan=plan, state=plan.state_name)
    if not party.strip() or not opinion.strip():
        raise RuleBrokenError("plan.opinion_missing")
    if adoption in (Adoption.PARTLY, Adoption.DECLINED) and not because.strip():
        raise RuleBrokenError("plan.opinion_because_missing")
    row = PlanOpinion(
        plan=plan,
        version=plan.version,
        consultee=consultee,
        party=party.strip()[:120],
        opinion=opinion.strip()[:LONGEST_NOTE],
        adoption=adoption.value,
        because=because.strip()[:LONGEST_NOTE],
        contract_until=contract_until,
        on=on,
        at=at,
        by=by,
    )
    row.save()
    told = {"party": row.party, "opinion": row.opinion, "adoption": adoption.value}
    record(by=by.actor, at=at, action="plans.add_opinion", subject=plan, because=row.because, after=told)
    return row


# --- the deeds of the procedure -----------------------------------------------------------------------------------


@transaction.atomic
def carry_out(
    *,
    by: User,
    at: datetime,
    plan: Plan,
    deed: Deed,
    note: str = "",
    files: Sequence[File] = (),
    day: date | None = None,
    reference: str = "",
    seen: int | None = None,
) -> Plan:
    """Do the next deed on a plan (办理), as its procedure has it.

    Parameters
    ----------
    by, at
        Who does it, and when. Needs the right of the deed's mover at the plan's unit; the holder of the chief's post
        may review and return.
    plan : Plan
        The plan.
    deed : Deed
        Any but drafting.
    note : str
        Why or how; needed where the procedure says so.
    files : sequence of File
        Evidence.
    day : date, optional
        The day on which the works were finished.
    reference : str
        The number of the approving document.
    seen : int, optional
        The number of the step that the person had before them; sent twice it is done once.
    """
    on = timezone.localdate(at)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("unit", "chief__unit", "river").get(pk=plan.pk)
    move = plan.rules.moves[deed]
    if not queries.may_move(by, plan, move, on=on):
        require(by, RIGHTS[move.mover], plan.unit, on=on, matter=plan.matter)
    if seen is not None and seen != plan.steps_taken:
        newest = plan.steps.order_by("-number")[0]
        if seen == newest.number - 1 and newest.by_id == by.pk and newest.deed == deed:
            return plan
        moment = timezone.localtime(newest.at).strftime("%Y-%m-%d %H:%M")
        raise RuleBrokenError(
            "plan.changed_meanwhile", plan=plan, person=newest.by_name, moment=moment, deed=newest.deed_name
        )
    leads_to = step(plan.rules, State(plan.state), deed)
    if leads_to is None or deed is Deed.DRAFT:
        raise RuleBrokenError("plan.wrong_state", plan=plan, state=plan.state_name, deed=move.name_zh)
    _check_needs(move, by, plan, note, files, day, on)
    before = _facts(plan)
    numbers: list[dict[str, Any]] = []
    match deed:
        case Deed.CONSULT:
            _check_opinions(plan)
        case Deed.APPROVE:
            if not reference.strip():
                raise RuleBrokenError("plan.reference_missing")
            plan.reference = reference.strip()[:120]
        case Deed.FINISH:
            plan.finished_on = day
            plan.finding, plan.finding_note, plan.finding_on = "", "", None
        case Deed.EVALUATE:
            numbers = _evaluate(plan, on, note, files)
        case Deed.REOPEN:
            numbers = _reopen(plan, on)
        case Deed.REVISE:
            plan.version += 1
            plan.due_on = None
        case Deed.CLOSE:
            _check_sustained(plan, on)
            plan.closed_on = on
    plan.state = leads_to.value
    return _keep(plan, deed, by, at, on, note, before, files=files, day=day, reference=reference, numbers=numbers)


def _check_needs(
    move: Move, by: User, plan: Plan, note: str, files: Sequence[File], day: date | None, on: date
) -> None:
    """Check what the procedure asks of a deed: words, evidence, a day, another person, whole lists."""
    if move.needs_words and not note.strip():
        raise RuleBrokenError("plan.words_missing", deed=move.name_zh)
    if move.needs_evidence and not files:
        raise RuleBrokenError("plan.evidence_missing", deed=move.name_zh)
    if move.needs_day and day is None:
        raise RuleBrokenError("plan.day_missing", deed=move.name_zh)
    if day is not None and day > on:
        raise RuleBrokenError("plan.day_in_future", day=day)
    if move.needs_another_person and queries.sent_on_by(plan, move) == by.pk:
        raise RuleBrokenError("plan.own_work", deed=move.name_zh)
    if move.needs_whole_lists:
        faults = queries.faults_of(plan, queries.items_of(plan))
        if faults:
            first = "；".join(f"{fault.code}{fault.sentence}" for fault in faults[:3])
            raise RuleBrokenError("plan.lists_broken", deed=move.name_zh, count=len(faults), first=first)


def _check_opinions(plan: Plan) -> None:
    missing = queries.opinions_missing(plan)
    if missing:
        way = plan.rules.approvals[plan.approval]
        names = "、".join(each.name_zh for each in missing)
        raise RuleBrokenError("plan.opinions_missing", parties=names, clause=way.clause)


def _evaluate(plan: Plan, on: date, note: str, files: Sequence[File]) -> list[dict[str, Any]]:
    """Find it effective: by the water where the water tells, else by a written appraisal with evidence."""
    found = water.standing(plan, on=on)
    if found is not None:
        if found.finding is Finding.NOT_IMPROVED:
            raise RuleBrokenError("plan.not_improved", sentence=found.sentence)
        if found.finding is Finding.UNKNOWN and not found.is_over:
            raise RuleBrokenError("plan.not_told_yet", sentence=found.sentence)
    is_told = found is not None and found.finding is Finding.IMPROVED
    if not is_told and not files:
        raise RuleBrokenError("plan.appraisal_missing")
    plan.finding, plan.finding_on = Finding.IMPROVED.value, on
    plan.finding_note = (found.sentence if found is not None and is_told else f"书面评估：{note.strip()}")[:300]
    return [] if found is None else found.numbers


def _reopen(plan: Plan, on: date) -> list[dict[str, Any]]:
    found = water.standing(plan, on=on)
    plan.finding, plan.finding_on = Finding.NOT_IMPROVED.value, on
    plan.finding_note = (found.sentence if found is not None else "")[:300]
    plan.closed_on = None
    plan.reopenings += 1
    plan.due_on = on + timedelta(days=plan.rules.revise_days)
    return [] if found is None else found.numbers


def _check_sustained(plan: Plan, on: date) -> None:
    """Close only a water that kept its class long enough, where the kind of plan asks it (治一条成一条)."""
    if not plan.rules.kind(plan.kind).sustains or plan.judged_by is not Judge.WATER:
        return
    kept = water.compliance(plan, on=on)
    if not water.is_sustained(kept):
        told = "；".join(
            f"{each.section.name}连续达标 {each.found.months} 个月"
            + (f"（{each.found.broken_by} 不达标或没有数据）" if each.found.broken_by else "")
            for each in kept
            if not each.found.is_sustained
        )
        needed = kept[0].found.needed if kept else 0
        raise RuleBrokenError("plan.not_sustained", told=told or "没有断面", needed=needed)


# --- what the rounds of a day do ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rounded:
    """What a round found of plans: those reopened, and those whose finding changed."""

    reopened: list[Plan]
    noted: list[Plan]


@transaction.atomic
def judge_finished(*, at: datetime, on: date) -> Rounded:
    """Judge every plan whose works are done by its water, and reopen those without effect (重新治理).

    The finding is kept with the plan. A plan is reopened by the system once its window has passed and the water did not
    get better; a new version is owed. What cannot be told is left alone, and what got better waits for a person.

    Parameters
    ----------
    at : datetime.datetime
        The moment, for the record.
    on : datetime.date
        The day.
    """
    reopened, noted = [], []
    for plan in queries.finished(tie=Tie.RIVER.value).select_for_update(of=("self",)):
        found = water.standing(plan, on=on)
        if found is None:
            continue
        if found.finding is Finding.NOT_IMPROVED and found.is_over:
            reopened.append(_reopen_unimproved(plan, found, at, on))
        elif (plan.finding, plan.finding_note) != (found.finding.value, found.sentence[:300]):
            before = {"finding": plan.finding, "note": plan.finding_note}
            plan.finding, plan.finding_note, plan.finding_on = found.finding.value, found.sentence[:300], on
            plan.save(update_fields=["finding", "finding_note", "finding_on"])
            after = {"finding": plan.finding, "note": plan.finding_note}
            record(by=SYSTEM, at=at, action="plans.note_finding", subject=plan, before=before, after=after)
            noted.append(plan)
    return Rounded(reopened, noted)


def _reopen_unimproved(plan: Plan, found: Standing, at: datetime, on: date) -> Plan:
    before = _facts(plan)
    numbers = _reopen(plan, on)
    plan.state = State.REOPENED.value
    note = f"工程 {found.finished_on} 完工，评估期 {found.first:%Y-%m} 至 {found.last:%Y-%m} 已过，{found.sentence}。"
    return _keep(plan, Deed.REOPEN, None, at, on, note, before, numbers=numbers)


# --- what the actions have in common ------------------------------------------------------------------------------


def _keep(
    plan: Plan,
    deed: Deed,
    by: User | None,
    at: datetime,
    on: date,
    note: str,
    before: Mapping[str, object],
    *,
    files: Sequence[File] = (),
    day: date | None = None,
    reference: str = "",
    numbers: list[dict[str, Any]] | None = None,
) -> Plan:
    """Carry the deed out: save the plan, add the step, its files and its audit entry."""
    plan.steps_taken += 1
    plan.save()
    added = _add_step(plan, deed, by, at, on, note, day=day, reference=reference, numbers=numbers)
    if by is not None:
        _keep_files(added, by, at, files)
    told = _facts(plan) | {"files": [f"{file.file_name} {file.sha256}" for file in added.files.all()]}
    _record(deed, by, at, plan, note, before, told)
    return plan


def _record(
    deed: Deed,
    by: User | None,
    at: datetime,
    plan: Plan,
    because: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """Put the deed on record; each has its own code, so that each has its words."""
    told: dict[str, Any] = {
        "by": SYSTEM if by is None else by.actor,
        "at": at,
        "subject": plan,
        "because": because.strip(),
        "before": before,
        "after": after,
    }
    match deed:
        case Deed.CONSULT:
            record(action="plans.consult", **told)
        case Deed.REVIEW:
            record(action="plans.review", **told)
        case Deed.APPROVE:
            record(action="plans.approve", **told)
        case Deed.RETURN:
            record(action="plans.send_back", **told)
        case Deed.ENFORCE:
            record(action="plans.enforce", **told)
        case Deed.FINISH:
            record(action="plans.finish", **told)
        case Deed.EVALUATE:
            record(action="plans.evaluate", **told)
        case Deed.REOPEN:
            record(action="plans.reopen", **told)
        case Deed.REVISE:
            record(action="plans.revise", **told)
        case Deed.CLOSE:
            record(action="plans.close_out", **told)
        case Deed.WITHDRAW:
            record(action="plans.withdraw", **told)


def _add_step(
    plan: Plan,
    deed: Deed,
    by: User | None,
    at: datetime,
    on: date,
    note: str,
    *,
    day: date | None = None,
    reference: str = "",
    numbers: list[dict[str, Any]] | None = None,
) -> PlanStep:
    added = PlanStep(
        plan=plan,
        number=plan.steps_taken,
        deed=deed.value,
        state=plan.state,
        version=plan.version,
        on=on,
        at=at,
        by=by,
        by_name=SYSTEM.name if by is None else by.display_name,
        by_unit=None if by is None else by.unit,
        note=note.strip()[:LONGEST_NOTE],
        reference=reference.strip()[:120],
        day=day,
        numbers=numbers or [],
    )
    added.save()
    return added


def _keep_files(added: PlanStep, by: User, at: datetime, files: Sequence[File]) -> None:
    evidence.keep_all(files, partial(PlanFile, step=added, added_by=by, added_at=at), evidence_path)


def _facts(plan: Plan) -> dict[str, object]:
    return {
        "step": plan.steps_taken,
        "state": str(plan.state),
        "version": plan.version,
        "reference": plan.reference,
        "finished_on": plan.finished_on,
        "closed_on": plan.closed_on,
        "due_on": plan.due_on,
        "finding": plan.finding,
        "finding_note": plan.finding_note,
    }
