"""Deeds that hand a target down (分解下达) to towns, departments, villages, and that plan its course through months.

A part is a target of its own with `parent`; splitting again amends it, so that its history stays. Amounts that add up
must together reach the whole; a ratio or a concentration has a limit of its own in each place (decision 0013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from heqing.ledger import Fault, fault_of_course, gap
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import tree
from heqing_site.ledger.deeds import (
    add_terms,
    check_digits,
    check_open,
    check_reason,
    following,
    from_day,
    lock,
)
from heqing_site.ledger.models import Plan, PlannedValue, Target, TargetTerms
from heqing_site.ledger.rules import COMPLETE, Change, Origin, PlanBasis, SourceKind
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, require
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Part:
    """What one unit shall take over: its bound, none for something to be done; or its part is taken back."""

    unit: Unit
    bound: Decimal | None = None
    is_withdrawn: bool = False


@dataclass
class Split:
    """What a split did: parts handed down anew, amended, taken back, and left as they were."""

    entered: list[Target] = field(default_factory=list)
    amended: list[Target] = field(default_factory=list)
    withdrawn: list[Target] = field(default_factory=list)
    unchanged: int = 0
    is_summed: bool = False

    @property
    def changed(self) -> int:
        """How many parts are not as before."""
        return len(self.entered) + len(self.amended) + len(self.withdrawn)


@transaction.atomic
def split_target(
    *,
    by: User,
    at: datetime,
    target: Target,
    parts: Sequence[Part],
    because: str,
    is_summed: bool = False,
    valid_from: date | None = None,
    seen: int | None = None,
) -> Split:
    """Hand a target down to units (分解目标), each with a bound of its own, in one deed with one reason.

    Needs the right 目标管理 at the lead unit of the target that is split. A unit that has a part already gets other
    terms for it; units not named keep theirs. Parts that add up must together reach the whole, or stay within it where
    the bound is one not to exceed. With `is_summed` the value of the whole is from now on the sum of its parts. `seen`
    is `tree.version_of` as the officer saw it.
    """
    before = lock(target)
    on = timezone.localdate(at)
    require(by, Permission.TARGET_EDIT, before.lead_unit, on=on, matter=before.pillar)
    check_reason(because)
    if seen is not None and seen != tree.version_of(target):
        raise RuleBrokenError("split.changed_meanwhile", target=target)
    if before.is_withdrawn:
        raise RuleBrokenError("target.withdrawn", target=target, day=before.valid_from)
    day = on if valid_from is None else valid_from
    _check_day(before, day, on)
    check_open(before, day)
    if before.bound is None and before.comparator != COMPLETE:
        raise RuleBrokenError("split.bound_missing", title=before.title)
    standing = {part.lead_unit_id: part for part in tree.parts_of(target, as_of=on)}
    _check_units(before, parts, standing, day)
    done = Split()
    for part in parts:
        _hand_down(done, before, part, standing.get(part.unit.pk), by=by, at=at, day=day, because=because)
    left = tree.parts_of(target, as_of=on)
    _check_sum(before, left)
    if is_summed and before.source_kind != SourceKind.PARTS:
        tree.check_can_be_summed(before, on=on)
        _take_the_sum(before, by=by, at=at, day=day, because=because)
        done.is_summed = True
    if not done.changed and not done.is_summed:
        raise RuleBrokenError("target.nothing_changed")
    record(
        by=by.actor,
        at=at,
        action="ledger.split_target",
        subject=target,
        because=because,
        before={_named(part.lead_unit): part.demand for part in standing.values()},
        after={_named(part.lead_unit): part.demand for part in left},
    )
    return done


@transaction.atomic
def plan_target(
    *,
    by: User,
    at: datetime,
    target: Target,
    planned: Sequence[tuple[date, Decimal | None, str]],
    basis: PlanBasis,
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> Plan:
    """Plan the course of a target through its period (编制分期计划): day, cumulative value, words.

    Needs the right 目标管理 at the lead unit. Values must not fall, and the last is the bound on the last day; a target
    that is something to be done is planned in words. Without any row the earlier plan no longer counts. A plan is never
    changed; the next one has the next number. `seen` is the number of the newest plan as the officer saw it, 0 before
    the first.
    """
    terms = lock(target)
    on = timezone.localdate(at)
    require(by, Permission.TARGET_EDIT, terms.lead_unit, on=on, matter=terms.pillar)
    check_reason(because)
    if terms.is_withdrawn:
        raise RuleBrokenError("target.withdrawn", target=target, day=terms.valid_from)
    newest = target.plans.order_by("-number").first()
    number = newest.number if newest is not None else 0
    if seen is not None and seen != number:
        raise RuleBrokenError("course.changed_meanwhile", target=target)
    day = on if valid_from is None else valid_from
    _check_day(terms, day, on)
    if newest is not None and day < newest.valid_from:
        raise RuleBrokenError("target.before_last_change", day=newest.valid_from)
    check_open(terms, day)
    rows = sorted(planned, key=lambda row: row[0])
    if rows:
        _check_course(terms, rows)
    elif number == 0:
        raise RuleBrokenError("target.nothing_changed")
    plan = Plan.objects.create(
        target=target,
        number=number + 1,
        basis=basis if rows else PlanBasis.NONE,
        valid_from=day,
        recorded_at=at,
        recorded_by=by.actor.name,
        because=because,
    )
    PlannedValue.objects.bulk_create(
        PlannedValue(plan=plan, day=until, value=value, words=words.strip()[:200]) for until, value, words in rows
    )
    record(
        by=by.actor,
        at=at,
        action="ledger.plan_target",
        subject=target,
        because=because,
        after={str(until): " ".join(filter(None, [_shown(value), words])) for until, value, words in rows},
    )
    return plan


# --- what the deeds have in common --------------------------------------------------------------------------------


def _check_day(terms: TargetTerms, day: date, on: date) -> None:
    if day > on:
        raise RuleBrokenError("target.day_in_future", day=day)
    first = (
        TargetTerms.objects.filter(target=terms.target_id).order_by("valid_from").values_list("valid_from", flat=True)
    )
    if day < first[0]:
        raise RuleBrokenError("target.before_last_change", day=first[0])


def _check_units(before: TargetTerms, parts: Sequence[Part], standing: dict[int, TargetTerms], day: date) -> None:
    """Each unit once, in existence, none below another, and with a number where one is asked for."""
    counted_whole = tree.decimals_of(before) == 0
    kept = {unit for unit in standing if unit not in {part.unit.pk for part in parts}}
    units: set[int] = set()
    for part in parts:
        if part.unit.pk in units:
            raise RuleBrokenError("split.unit_twice", unit=part.unit)
        units.add(part.unit.pk)
        if part.is_withdrawn:
            if part.unit.pk not in standing:
                raise RuleBrokenError("split.no_such_part", unit=part.unit)
            continue
        if not part.unit.is_active_on(day):
            raise RuleBrokenError("target.unit_inactive", unit=part.unit, day=day)
        kept.add(part.unit.pk)
        if before.comparator == COMPLETE:
            continue
        if part.bound is None:
            raise RuleBrokenError("split.number_missing", unit=part.unit)
        if part.bound < 0 and tree.adds_up(before):
            raise RuleBrokenError("split.negative", unit=part.unit)
        if counted_whole and tree.adds_up(before) and part.bound != part.bound.to_integral_value():
            raise RuleBrokenError("split.not_whole", unit=part.unit, value=plain(part.bound), measure=before.unit)
        check_digits(part.bound, before.title)
    for unit in kept:
        if inner := (ids_below([unit]) - {unit}) & kept:
            names = Unit.objects.in_bulk([unit, *inner])
            raise RuleBrokenError("split.units_nested", upper=names[unit], lower=names[min(inner)])


def _hand_down(
    done: Split,
    before: TargetTerms,
    part: Part,
    standing: TargetTerms | None,
    *,
    by: User,
    at: datetime,
    day: date,
    because: str,
) -> None:
    """Enter, amend or take back one part."""
    if standing is None:
        done.entered.append(_enter(before, part, by=by, at=at, day=day, because=because))
        return
    newest = lock(standing.target)
    if part.is_withdrawn:
        if below := tree.parts_of(standing.target, as_of=timezone.localdate(at)):
            raise RuleBrokenError("target.has_parts", target=standing.target, count=len(below))
        terms = following(newest, Change.WITHDRAW)
        done.withdrawn.append(standing.target)
    elif part.bound == newest.bound:
        done.unchanged += 1
        return
    else:
        terms = following(newest, Change.AMEND)
        terms.bound, terms.bound_text, terms.gap = part.bound, _shown(part.bound), ""
        done.amended.append(standing.target)
    terms.valid_from = from_day(newest, max(day, newest.valid_from), at)
    add_terms(terms, by, at, because)


def _enter(before: TargetTerms, part: Part, *, by: User, at: datetime, day: date, because: str) -> Target:
    """Enter the target of one unit as a part of the whole."""
    whole = before.target
    made = Target.objects.create(
        number=Target.next_number(), indicator=whole.indicator, document=whole.document, created_at=at
    )
    source, statistic, rhythm = tree.usual_source(before)
    terms = following(before, Change.SPLIT)
    terms.target = made
    terms.parent = whole
    terms.bound, terms.bound_text = part.bound, _shown(part.bound)
    terms.gap = ""
    terms.scope_text = _scope(before, part.unit)
    terms.scope_unit = part.unit if part.unit.kind in tree.PLACE_KINDS else before.scope_unit
    terms.lead_unit = part.unit
    terms.lead_from = Origin.OFFICER
    terms.lead_note = f"由目标 {whole.number} 分解到{part.unit}"
    terms.source_kind = source
    terms.source_from = Origin.OFFICER
    terms.source_note = f"与上级目标 {whole.number} 同一来源"
    terms.statistic = statistic
    terms.place_codes = ""
    terms.rhythm = rhythm
    terms.valid_from = day
    add_terms(terms, by, at, because)
    return made


def _scope(before: TargetTerms, unit: Unit) -> str:
    """Say the scope of a part: the unit, and the words of the whole that narrow it (国控断面、水源地 …)."""
    if unit.kind not in tree.PLACE_KINDS:
        return before.scope_text
    return f"{unit.name}（{before.scope_text}）" if before.scope_text else unit.name


def _check_sum(before: TargetTerms, parts: Sequence[TargetTerms]) -> None:
    if before.bound is None or not tree.adds_up(before) or not parts:
        return
    bounds = [part.bound for part in parts if part.bound is not None]
    downward = tree.is_downward(before)
    lacks = gap(before.bound, bounds, downward=downward)
    if lacks <= 0:
        return
    told = {
        "title": before.title,
        "whole": f"{plain(before.bound)} {before.unit}".strip(),
        "together": plain(sum(bounds, Decimal(0))),
        "lacks": f"{plain(lacks)} {before.unit}".strip(),
    }
    if downward:
        raise RuleBrokenError("split.too_much", **told)
    raise RuleBrokenError("split.too_little", **told)


def _take_the_sum(before: TargetTerms, *, by: User, at: datetime, day: date, because: str) -> None:
    terms = following(before, Change.SET_SOURCE)
    terms.source_kind = SourceKind.PARTS
    terms.statistic = terms.place_codes = ""
    terms.source_from = Origin.OFFICER
    terms.source_note = f"{by.display_name}于 {timezone.localdate(at)} 分解时指定：下级数值相加"
    terms.valid_from = from_day(before, max(day, before.valid_from), at)
    add_terms(terms, by, at, because)


def _check_course(terms: TargetTerms, rows: Sequence[tuple[date, Decimal | None, str]]) -> None:
    """Refuse a plan that does not fit its target: no amount, no period, or a course with a fault."""
    if terms.period_start is None or terms.period_end is None:
        raise RuleBrokenError("course.period_missing", title=terms.title)
    if terms.comparator == COMPLETE:
        for day, value, words in rows:
            if not terms.period_start <= day <= terms.period_end:
                raise RuleBrokenError("course.day_outside", day=day)
            if value is not None or not words.strip():
                raise RuleBrokenError("course.words_only", day=day)
        if len({row[0] for row in rows}) < len(rows):
            raise RuleBrokenError("course.day_twice", day=rows[0][0])
        return
    if not tree.has_course(terms):
        raise RuleBrokenError("course.no_course", title=terms.title)
    if terms.bound is None:
        raise RuleBrokenError("course.bound_missing", title=terms.title)
    valued = [(day, value) for day, value, _ in rows if value is not None]
    if len(valued) < len(rows):
        raise RuleBrokenError("course.number_missing", day=next(day for day, value, _ in rows if value is None))
    for day, value in valued:
        check_digits(value, terms.title)
        if tree.decimals_of(terms) == 0 and value != value.to_integral_value():
            raise RuleBrokenError("course.not_whole", day=day, value=plain(value))
    found = fault_of_course(valued, terms.bound, terms.period_start, terms.period_end)
    if found is None:
        return
    fault, where = found
    bound = f"{plain(terms.bound)} {terms.unit}".strip()
    match fault:
        case Fault.EMPTY:
            raise RuleBrokenError("course.empty")
        case Fault.DAY_OUTSIDE:
            raise RuleBrokenError("course.day_outside", day=where)
        case Fault.DAY_TWICE:
            raise RuleBrokenError("course.day_twice", day=where)
        case Fault.NEGATIVE:
            raise RuleBrokenError("course.negative", day=where)
        case Fault.FALLS:
            raise RuleBrokenError("course.falls", day=where)
        case Fault.ENDS_EARLY:
            raise RuleBrokenError("course.ends_early", day=where, end=terms.period_end, bound=bound)
        case Fault.ENDS_ELSEWHERE:
            raise RuleBrokenError("course.ends_elsewhere", last=plain(valued[-1][1]), bound=bound)


def _shown(bound: Decimal | None) -> str:
    return "" if bound is None else plain(bound)


def _named(unit: Unit) -> str:
    return f"{unit.name}（{unit.code}）"
