"""Every deed on targets and duties.

Each action takes who does it (`by`) and when (`at`), checks the right at the lead unit, keeps the rules, writes its
audit entry in the same transaction and returns the row. It never reads the clock. Terms are never changed: each deed
adds a row that is whole in itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import catalogue, queries, rules, tree
from heqing_site.ledger.deeds import (
    add_terms,
    check_digits,
    check_reason,
    following,
    from_day,
    indicator_of,
    settle_bound,
    take_up,
    terms_facts,
)
from heqing_site.ledger.models import Duty, Target, TargetTerms
from heqing_site.ledger.proposals import LeadProposal, Leads
from heqing_site.ledger.repeats import Paired, repeats_of
from heqing_site.ledger.rules import COMPLETE, NUMBER_GAPS, SOURCE_NAMES, STRENGTHS, Change, Origin, Rhythm, SourceKind
from heqing_site.library.actions import accept_finding
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import (
    PILLAR_NAMES,
    FindingKind,
    FindingState,
)
from heqing_site.orgs.actions import create_unit
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission, UnitKind

AMENDABLE = frozenset(
    {
        "title", "comparator", "bound", "bound_text", "unit", "period_text", "baseline", "scope_text", "scope_unit",
        "strength", "pillar", "gap", "note", "promised_under",
    }
)  # fmt: skip
OWN_CODE = "本级"  # the code of the unit that stands for a whole installation without units
REGION_KINDS = {
    "省": UnitKind.CITY,
    "市": UnitKind.CITY,
    "镇": UnitKind.TOWN,
    "乡": UnitKind.TOWN,
    "道": UnitKind.STREET,
}


@dataclass
class Adoption:
    """What became of a document's findings: new targets, how many stood there before or wait for review.

    Those that repeat a target of another document are left to an officer.
    """

    targets: list[Target] = field(default_factory=list)
    already: int = 0
    unreviewed: int = 0
    repeated: list[Paired] = field(default_factory=list)
    founded: Unit | None = None


# --- adoption -----------------------------------------------------------------------------------------------------


@transaction.atomic
def adopt_finding(
    *, by: User, at: datetime, finding: Finding, lead: Unit | None = None, period: str = "", because: str = ""
) -> Target:
    """Put an accepted finding into the ledger (采纳为目标), with a lead unit and a value source.

    Needs the right 目标管理 at the lead unit. The lead is the officer's choice, else the office that the document
    names, else the owner of the subject, else the installation's own top unit. `period` is taken where the document
    names none.
    """
    return _adopt(by, at, finding, Leads(on=timezone.localdate(at)), lead, period, because)


@transaction.atomic
def adopt_all(
    *,
    by: User,
    at: datetime,
    document: Document,
    lead: Unit | None = None,
    period: str = "",
    accept: bool = False,
    with_repeats: bool = False,
) -> Adoption:
    """Put every target of a document into the ledger (整份采纳); what stands there already is left as it is.

    A finding that repeats a target of another document is left to an officer (``ledger.restating``), unless
    `with_repeats` says that each shall be a target of its own.

    Needs the right 目标管理 at each lead unit. With `accept`, findings that nobody reviewed are accepted as read,
    which needs 文件核对 at the unit that keeps the document; without, they are left alone. In an installation without
    any unit one is entered that stands for the place of the document.
    """
    done = Adoption(already=Target.objects.filter(finding__document=document).count())
    to_adopt = queries.left_to_adopt(document)
    leads = Leads(on=timezone.localdate(at))
    if to_adopt and lead is None and leads.is_empty:
        done.founded = _found_own_unit(by, at, document)
        leads = Leads(on=timezone.localdate(at))
    repeated = {} if with_repeats else repeats_of(document, as_of=timezone.localdate(at), findings=to_adopt)
    done.repeated = list(repeated.values())
    for found in to_adopt:
        finding = found
        if finding.pk in repeated:
            continue
        if finding.state == FindingState.PROPOSED:
            if not accept:
                done.unreviewed += 1
                continue
            finding = accept_finding(by=by, at=at, finding=finding)
        done.targets.append(_adopt(by, at, finding, leads, lead, period, ""))
    return done


def _adopt(
    by: User, at: datetime, finding: Finding, leads: Leads, lead: Unit | None, period: str, because: str
) -> Target:
    on = timezone.localdate(at)
    finding = Finding.objects.select_for_update(of=("self",)).select_related("document", "measure").get(pk=finding.pk)
    proposal = _lead_by_officer(lead, by, on) if lead is not None else leads.propose(finding)
    if proposal is None:
        raise RuleBrokenError("target.no_unit")
    require(by, Permission.TARGET_EDIT, proposal.unit, on=on, matter=finding.pillar)
    _check_adoptable(finding)
    entry = catalogue.propose(
        indicator=finding.indicator,
        scope=finding.scope,
        comparator=finding.comparator,
        unit=finding.unit,
        pillar=finding.pillar,
        on=on,
    )
    indicator = indicator_of(entry, at)
    target = Target.objects.create(
        number=Target.next_number(),
        indicator=indicator,
        finding=finding,
        document=finding.document,
        created_at=at,
    )
    period_text = finding.period or period.strip()
    if period and rules.parse_period(period)[0] is None:
        raise RuleBrokenError("target.period_unclear", period=period)
    first, last = rules.parse_period(period_text)
    is_complete = finding.comparator == COMPLETE
    bound = None if is_complete else finding.value
    check_digits(bound, finding.indicator or entry.name)
    terms = TargetTerms(
        target=target,
        change=Change.ADOPT,
        title=(finding.indicator or entry.name)[:300],
        comparator=finding.comparator,
        bound=bound,
        bound_text="" if is_complete else (finding.value_text or "")[:120],
        unit=finding.unit,
        period_text=period_text,
        period_start=first,
        period_end=last,
        baseline=finding.baseline,
        scope_text=finding.scope,
        strength=finding.strength if finding.strength in STRENGTHS else "plan",
        pillar=finding.pillar,
        measure=finding.measure.title if finding.measure else "",
        quote=finding.quote,
        gap=_gap(finding, bound, is_complete=is_complete),
        lead_unit=proposal.unit,
        lead_from=proposal.origin,
        lead_note=proposal.note,
        source_kind=entry.source,
        source_from=entry.origin,
        source_note=entry.origin_in_words,
        statistic=entry.statistic,
        rhythm=entry.rhythm,
        note=f"文件没有写明期限，采纳时按 {period} 补" if period and not finding.period else "",
        valid_from=_first_day(finding.document, first, on),
    )
    add_terms(terms, by, at, because.strip() or f"采纳自《{finding.document}》第 {finding.number} 条")
    record(by=by.actor, at=at, action="ledger.adopt_finding", subject=target, because=because, after=terms_facts(terms))
    return target


# --- amendments ---------------------------------------------------------------------------------------------------


@transaction.atomic
def amend_target(
    *,
    by: User,
    at: datetime,
    target: Target,
    changes: Mapping[str, Any],
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> TargetTerms:
    """Amend what a target says (调整目标) from a day on, with the reason and on whose authority.

    Needs the right 目标管理 at the lead unit. A number that was masked in the document is entered the same way. The
    old terms stay in the record and count for the days before. `seen` is the key of the terms that the officer had
    before their eyes; when it is given and somebody changed the target since, nothing is done. So with the deeds below.
    """
    unknown = set(changes) - AMENDABLE
    if unknown:
        raise ValueError(f"These terms are not amended here: {', '.join(sorted(unknown))}.")
    before = take_up(by, at, target, because, seen)
    terms = following(before, Change.AMEND)
    for name, value in changes.items():
        setattr(terms, name, value)
    if terms.pillar != before.pillar:
        require(by, Permission.TARGET_EDIT, before.lead_unit, on=timezone.localdate(at), matter=terms.pillar)
    settle_bound(terms, before, changes)
    if terms.period_text != before.period_text:
        terms.period_start, terms.period_end = rules.parse_period(terms.period_text)
        if terms.period_text and terms.period_start is None:
            raise RuleBrokenError("target.period_unclear", period=terms.period_text)
    if not any(getattr(terms, name) != getattr(before, name) for name in TargetTerms.CARRIED):
        raise RuleBrokenError("target.nothing_changed")
    terms.valid_from = from_day(before, valid_from, at)
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.amend_target",
        subject=target,
        because=because,
        before=terms_facts(before),
        after=terms_facts(terms),
    )
    return terms


@transaction.atomic
def set_lead(
    *,
    by: User,
    at: datetime,
    target: Target,
    unit: Unit,
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> TargetTerms:
    """Name the unit that answers for a target (改定牵头单位).

    Needs the right 目标管理 at the unit that leads now and at the one that shall lead.
    """
    before = take_up(by, at, target, because, seen)
    require(by, Permission.TARGET_EDIT, unit, on=timezone.localdate(at), matter=before.pillar)
    day = from_day(before, valid_from, at)
    if not unit.is_active_on(day):
        raise RuleBrokenError("target.unit_inactive", unit=unit, day=day)
    if unit.pk == before.lead_unit_id and before.lead_from == Origin.OFFICER:
        raise RuleBrokenError("target.nothing_changed")
    terms = following(before, Change.SET_LEAD)
    terms.lead_unit = unit
    terms.lead_from = Origin.OFFICER
    terms.lead_note = f"{by.display_name}于 {timezone.localdate(at)} 指定：{because}"
    terms.valid_from = day
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.set_lead",
        subject=target,
        because=because,
        before=terms_facts(before),
        after=terms_facts(terms),
    )
    return terms


@transaction.atomic
def set_source(
    *,
    by: User,
    at: datetime,
    target: Target,
    source_kind: SourceKind,
    rhythm: Rhythm,
    because: str,
    statistic: str = "",
    places: Collection[str] = (),
    valid_from: date | None = None,
    seen: int | None = None,
) -> TargetTerms:
    """Say where the value of a target comes from (改定数据来源), and how often.

    Needs the right 目标管理 at the lead unit. An instrument is asked for a statistic of the catalogue, over the
    stations or sections of `places` (their codes); without any, over those that the words and the registers mean.
    """
    before = take_up(by, at, target, because, seen)
    if source_kind not in rules.WITH_STATISTIC:
        statistic = ""
    if source_kind is SourceKind.INSTRUMENT and catalogue.reads(statistic) not in ("air", "water"):
        raise RuleBrokenError("target.statistic_missing", source=SOURCE_NAMES[source_kind])
    if source_kind is SourceKind.PARTS:
        tree.check_can_be_summed(before, on=timezone.localdate(at))
    if source_kind is SourceKind.REGISTER and statistic and catalogue.reads(statistic) in ("air", "water"):
        raise RuleBrokenError("target.statistic_missing", source=SOURCE_NAMES[source_kind])
    if statistic and statistic not in catalogue.statistics():
        raise RuleBrokenError("target.statistic_missing", source=SOURCE_NAMES[source_kind])
    place_codes = " ".join(sorted(places)) if source_kind is SourceKind.INSTRUMENT else ""
    known = set(queries.places_for(statistic, on=timezone.localdate(at)))
    if stray := sorted(set(place_codes.split()) - known):
        raise RuleBrokenError("target.places_of_another_kind", places="、".join(stray))
    if (source_kind, statistic, place_codes, rhythm) == (
        before.source_kind,
        before.statistic,
        before.place_codes,
        before.rhythm,
    ):
        raise RuleBrokenError("target.nothing_changed")
    terms = following(before, Change.SET_SOURCE)
    terms.source_kind = source_kind
    terms.statistic = statistic
    terms.place_codes = place_codes
    terms.rhythm = rhythm
    terms.source_from = Origin.OFFICER
    terms.source_note = f"{by.display_name}于 {timezone.localdate(at)} 指定：{because}"
    terms.valid_from = from_day(before, valid_from, at)
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.set_source",
        subject=target,
        because=because,
        before=terms_facts(before),
        after=terms_facts(terms),
    )
    return terms


@transaction.atomic
def withdraw_target(
    *,
    by: User,
    at: datetime,
    target: Target,
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> TargetTerms:
    """Withdraw a target (撤销目标) from a day on; it stays in the record and counts for the days before.

    Needs the right 目标管理 at the lead unit. A withdrawn target is not changed any more.
    """
    before = take_up(by, at, target, because, seen)
    if parts := tree.parts_of(target, as_of=timezone.localdate(at)):
        raise RuleBrokenError("target.has_parts", target=target, count=len(parts))
    terms = following(before, Change.WITHDRAW)
    terms.valid_from = from_day(before, valid_from, at)
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.withdraw_target",
        subject=target,
        because=because,
        before=terms_facts(before),
    )
    return terms


# --- duties -------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_duty(*, by: User, at: datetime, unit: Unit, pillar: str, valid_from: date, because: str) -> Duty:
    """Enter that a unit owns a subject (列入职责清单) from a day on.

    Needs the right 目标管理 at the superior unit. The unit beside it that owned the subject until then owns it until
    the eve of that day.
    """
    on = timezone.localdate(at)
    require(by, Permission.TARGET_EDIT, unit.parent or unit, on=on, matter=pillar)
    check_reason(because)
    if pillar not in PILLAR_NAMES:
        raise ValueError(f"{pillar!r} is no pillar.")
    if not unit.is_active_on(valid_from):
        raise RuleBrokenError("target.unit_inactive", unit=unit, day=valid_from)
    beside = Duty.objects.select_for_update(of=("self",)).select_related("unit")
    for other in beside.filter(pillar=pillar, unit__parent=unit.parent, valid_to__isnull=True):
        if other.unit_id == unit.pk:
            raise RuleBrokenError("duty.exists", unit=unit, pillar=PILLAR_NAMES[pillar], day=other.valid_from)
        if valid_from <= other.valid_from:
            raise RuleBrokenError(
                "duty.begins_too_early", unit=other.unit, pillar=PILLAR_NAMES[pillar], day=other.valid_from
            )
        _end(other, by, at, valid_from - timedelta(days=1), f"改由{unit}负责：{because}")
    duty = Duty.objects.create(
        unit=unit, pillar=pillar, valid_from=valid_from, recorded_at=at, recorded_by=by.actor.name, because=because
    )
    record(by=by.actor, at=at, action="ledger.set_duty", subject=duty, because=because, after=_duty_facts(duty))
    return duty


@transaction.atomic
def end_duty(*, by: User, at: datetime, duty: Duty, last_day: date, because: str) -> Duty:
    """Enter that a unit no longer owns a subject (移出职责清单), with the last day and the reason.

    Needs the right 目标管理 at the superior unit.
    """
    duty = Duty.objects.select_for_update(of=("self",)).select_related("unit__parent").get(pk=duty.pk)
    require(by, Permission.TARGET_EDIT, duty.unit.parent or duty.unit, on=timezone.localdate(at), matter=duty.pillar)
    check_reason(because)
    if duty.valid_to is not None:
        raise RuleBrokenError("duty.already_ended", unit=duty.unit, day=duty.valid_to)
    if last_day < duty.valid_from:
        raise RuleBrokenError("duty.ends_before_start", day=duty.valid_from)
    return _end(duty, by, at, last_day, because)


# --- what the actions have in common ------------------------------------------------------------------------------


def _check_adoptable(finding: Finding) -> None:
    standing = Target.objects.filter(finding=finding).first()
    if standing is not None:
        raise RuleBrokenError("target.already_adopted", finding=finding, number=standing.number)
    if finding.kind != FindingKind.TARGET:
        raise RuleBrokenError("target.not_a_promise", finding=finding)
    if finding.state == FindingState.REJECTED:
        raise RuleBrokenError("target.finding_rejected", finding=finding)
    if finding.state == FindingState.PROPOSED:
        raise RuleBrokenError("target.finding_unreviewed", finding=finding)


def _lead_by_officer(lead: Unit, by: User, on: date) -> LeadProposal:
    if not lead.is_active_on(on):
        raise RuleBrokenError("target.unit_inactive", unit=lead, day=on)
    return LeadProposal(lead, Origin.OFFICER, f"{by.display_name}于 {on} 采纳时指定")


def _found_own_unit(by: User, at: datetime, document: Document) -> Unit:
    """Enter the one unit that stands for an installation without units, so that no target is left without a lead."""
    name = rules.region_name(document.region, document.issuer)
    kind = REGION_KINDS.get(name[-1], UnitKind.DISTRICT)
    start = min(document.date or timezone.localdate(at), timezone.localdate(at))
    unit = create_unit(by=by, at=at, name=name, code=OWN_CODE, kind=kind, parent=None, active_from=start)
    record(
        by=by.actor,
        at=at,
        action="ledger.found_own_unit",
        subject=unit,
        because=f"采纳《{document}》时系统中没有单位，先以“{name}”牵头；请补录部门后改定牵头单位",
    )
    return unit


def _gap(finding: Finding, bound: Decimal | None, *, is_complete: bool) -> str:
    """Give what is missing: a number that is absent is lost, whatever the reading said; one that is there is not."""
    gap = finding.gap
    if is_complete or bound is not None:
        return "" if gap in NUMBER_GAPS else gap
    return gap if gap in NUMBER_GAPS else "number_lost"


def _first_day(document: Document, period_start: date | None, on: date) -> date:
    """Give the day from which a target counts: its document's, else the first of its period, never a later one."""
    return next((day for day in (document.date, period_start) if day is not None and day <= on), on)


def _end(duty: Duty, by: User, at: datetime, last_day: date, because: str) -> Duty:
    before = _duty_facts(duty)
    duty.valid_to = last_day
    duty.ended_because = because[:200]
    duty.save(update_fields=["valid_to", "ended_because"])
    record(
        by=by.actor,
        at=at,
        action="ledger.end_duty",
        subject=duty,
        because=because,
        before=before,
        after=_duty_facts(duty),
    )
    return duty


def _duty_facts(duty: Duty) -> dict[str, object]:
    return {
        "unit": f"{duty.unit.name}（{duty.unit.code}）",
        "pillar": duty.pillar,
        "valid_from": duty.valid_from,
        "valid_to": duty.valid_to,
    }
