"""The plan of a target through its period (分期计划), as of a day, and proposals for one. Nothing here writes.

A plan counts for verdicts only while it ends in the bound that counts: after the bound was amended the plan is out of
date, and the straight line counts until there is a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db.models import OuterRef, Subquery

from heqing.ledger import month_ends, profile_course, straight_course
from heqing_site.ledger import tree
from heqing_site.ledger.models import Plan, PlannedValue, Target, TargetTerms
from heqing_site.ledger.queries import ledger_rows, terms_as_of
from heqing_site.ledger.rules import COMPLETE, PlanBasis
from heqing_site.library.rules import plain


def plan_as_of(target: Target, day: date) -> Plan | None:
    """Give the plan of a target that counted on a day; None before the first, and after it was taken back."""
    found = target.plans.filter(valid_from__lte=day).order_by("-number").prefetch_related("values").first()
    return None if found is None or found.basis == PlanBasis.NONE else found


def plans_of(target: Target) -> list[Plan]:
    """List all plans of a target, newest first."""
    return list(target.plans.order_by("-number").prefetch_related("values"))


def planned_by_target(
    terms: Iterable[TargetTerms], *, as_of: date, known_by: datetime | None = None
) -> dict[int, list[tuple[date, Decimal]]]:
    """Give the planned values that count on a day for many targets; a plan that misses the bound is left out.

    With `known_by` only plans that were made by that moment.
    """
    rows = {row.target_id: row for row in terms}
    plans = Plan.objects.filter(target=OuterRef("plan__target"), valid_from__lte=as_of)
    if known_by is not None:
        plans = plans.filter(recorded_at__lte=known_by)
    newest = plans.order_by("-number").values("pk")[:1]
    values = PlannedValue.objects.filter(plan__target__in=rows, plan=Subquery(newest), value__isnull=False)
    found: dict[int, list[tuple[date, Decimal]]] = {}
    for target, day, value in values.order_by("day").values_list("plan__target_id", "day", "value"):
        found.setdefault(target, []).append((day, Decimal(plain(value))))
    return {key: planned for key, planned in found.items() if is_current(rows[key], planned)}


def is_current(terms: TargetTerms, planned: list[tuple[date, Decimal]]) -> bool:
    """Tell whether a plan still ends in the bound on the last day of the period, and may replace the straight line."""
    return (
        bool(planned)
        and terms.bound is not None
        and tree.has_course(terms)
        and planned[-1] == (terms.period_end, Decimal(plain(terms.bound)))
    )


@dataclass(frozen=True)
class PlanRow:
    """One line of the page of a plan: the day, the value, what should be done, and what was reached by then."""

    day: date
    value: str
    words: str = ""


def rows_of(plan: Plan) -> list[PlanRow]:
    """Give the lines of a plan as they stand in a form."""
    return [PlanRow(row.day, row.value_plain, row.words) for row in plan.values.all()]


def proposal(terms: TargetTerms, basis: PlanBasis) -> list[PlanRow] | None:
    """Propose a plan by months: evenly by days, or as last year went; None where there is nothing to go by."""
    if terms.period_start is None or terms.period_end is None:
        return None
    days = month_ends(terms.period_start, terms.period_end)
    if terms.comparator == COMPLETE or terms.bound is None or not tree.has_course(terms):
        return [PlanRow(day, "") for day in days] if basis is PlanBasis.TYPED else None
    bound, decimals = Decimal(plain(terms.bound)), tree.decimals_of(terms)
    if basis is PlanBasis.TYPED:
        return [*(PlanRow(day, "") for day in days[:-1]), PlanRow(days[-1], plain(bound))]
    if basis is PlanBasis.STRAIGHT:
        values = straight_course(bound, terms.period_start, days, decimals=decimals)
    else:
        brought = brought_last_year(terms, days)
        if brought is None:
            return None
        values = profile_course(bound, brought, decimals=decimals)
    return [PlanRow(day, plain(value)) for day, value in zip(days, values, strict=True)]


def brought_last_year(terms: TargetTerms, days: list[date]) -> list[Decimal] | None:
    """Give what each month brought in the year before; None where that target or one of its values is not known."""
    before = _before(terms)
    if before is None or terms.period_start is None:
        return None
    done: list[Decimal] = [Decimal(0)]
    for day in days:
        told = ledger_rows([before], as_of=_year_before(day) + timedelta(days=31))[0].standing.value
        if told is None or told < done[-1]:
            return None
        done.append(told)
    brought = [after - earlier for earlier, after in pairwise(done)]
    return brought if any(brought) else None


def _before(terms: TargetTerms) -> TargetTerms | None:
    """Find last year's target: the one this was carried from, else the one alone with its indicator and lead."""
    if terms.period_start is None or terms.period_end is None:
        return None
    eve = terms.period_start - timedelta(days=1)
    stood = terms_as_of(eve).select_related("lead_unit", "scope_unit", "target__indicator")
    if terms.target.carried_from_id is not None:
        return stood.filter(target=terms.target.carried_from_id).first()
    alike = stood.filter(
        target__indicator=terms.target.indicator_id, lead_unit=terms.lead_unit_id, unit=terms.unit, period_end=eve
    )
    found = list(alike[:2])
    return found[0] if len(found) == 1 else None


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
