"""The close of a year (年终结账): verdicts frozen, terms closed, and targets carried over into the next year (结转).

What is frozen is told by the room above that judges (`LEDGER_STANDING`). Nothing is carried over by itself: the officer
chooses what goes on, and with which number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import rules, tree
from heqing_site.ledger.deeds import add_terms, check_digits, check_reason, following, terms_facts
from heqing_site.ledger.models import FinalLine, Reopening, Target, TargetTerms, YearEnd
from heqing_site.ledger.queries import LedgerRow, ledger_rows, terms_as_of, whole
from heqing_site.ledger.rules import COMPLETE, Change, Origin, SourceKind
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, require
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Carry:
    """A target to be carried over, with its number for the next period; none for something to be done."""

    target: Target
    bound: Decimal | None = None


@transaction.atomic
def close_year(*, by: User, at: datetime, unit: Unit, year: int, because: str) -> YearEnd:
    """Close a year for the targets of a unit and all below it (年终结账): each gets its final line.

    Needs the right 目标管理 at the unit. The year must be over. What a unit below closed already stays as it was frozen
    there. From then on terms of that year are changed only after the close was opened again.
    """
    on = timezone.localdate(at)
    require(by, Permission.TARGET_EDIT, unit, on=on)
    check_reason(because)
    Unit.objects.select_for_update().get(pk=unit.pk)
    if year >= on.year:
        raise RuleBrokenError("year_end.not_over", year=year)
    if standing := standing_close(unit, year):
        raise RuleBrokenError("year_end.closed_already", unit=unit, year=year, person=standing.recorded_by)
    rows = lines_to_freeze(unit, year, on=on)
    if not rows:
        raise RuleBrokenError("year_end.nothing", unit=unit, year=year)
    made = YearEnd.objects.create(
        unit=unit,
        year=year,
        number=YearEnd.objects.filter(unit=unit, year=year).count() + 1,
        as_of=on,
        recorded_at=at,
        recorded_by=by.actor.name,
        because=because,
    )
    FinalLine.objects.bulk_create(_frozen(made, row) for row in rows)
    record(by=by.actor, at=at, action="ledger.close_year", subject=made, because=because, after={"targets": len(rows)})
    return made


@transaction.atomic
def reopen_year(*, by: User, at: datetime, year_end: YearEnd, because: str) -> Reopening:
    """Open a closed year again (重新打开) with the reason; the lines frozen by it stay in the record.

    Needs the right 目标管理 at the unit that was closed.
    """
    require(by, Permission.TARGET_EDIT, year_end.unit, on=timezone.localdate(at))
    check_reason(because)
    YearEnd.objects.select_for_update().get(pk=year_end.pk)
    if Reopening.objects.filter(year_end=year_end).exists():
        raise RuleBrokenError("year_end.open_already", unit=year_end.unit, year=year_end.year)
    made = Reopening.objects.create(year_end=year_end, recorded_at=at, recorded_by=by.actor.name, because=because)
    record(by=by.actor, at=at, action="ledger.reopen_year", subject=year_end, because=because)
    return made


@transaction.atomic
def carry_over(
    *, by: User, at: datetime, year_end: YearEnd, carried: Sequence[Carry], period: str, because: str
) -> list[Target]:
    """Carry targets of a closed year over into another period (结转), each as a new target that names the old one.

    Needs the right 目标管理 at each lead unit. A part whose whole is carried over too becomes a part of the new one.
    """
    lines = {
        line.target_id: line
        for line in year_end.lines.select_related("terms__lead_unit", "terms__scope_unit", "terms__target__indicator")
    }
    on = timezone.localdate(at)
    for line in (lines[carry.target.pk] for carry in carried if carry.target.pk in lines):
        require(by, Permission.TARGET_EDIT, line.terms.lead_unit, on=on, matter=line.terms.pillar)
    check_reason(because)
    first, last = rules.parse_period(period)
    if first is None:
        raise RuleBrokenError("target.period_unclear", period=period)
    if first <= date(year_end.year, 12, 31):
        raise RuleBrokenError("carry.period_is_closed", period=period, year=year_end.year)
    if Reopening.objects.filter(year_end=year_end).exists():
        raise RuleBrokenError("carry.not_closed", unit=year_end.unit, year=year_end.year)
    made = []
    for carry in _wholes_first(carried, lines):
        found = lines.get(carry.target.pk)
        if found is None or not found.is_over:
            raise RuleBrokenError("carry.no_line", target=carry.target)
        made.append(_carry(found, carry.bound, period.strip(), first, last, by=by, at=at, because=because))
    if not made:
        raise RuleBrokenError("carry.nothing")
    return made


# --- what is asked of closed years --------------------------------------------------------------------------------


def standing_close(unit: Unit, year: int) -> YearEnd | None:
    """Give the close of a unit's year that stands; None before the first and after it was opened again."""
    return YearEnd.objects.filter(unit=unit, year=year, reopening__isnull=True).first()


def year_ends() -> QuerySet[YearEnd]:
    """List all closes, newest first."""
    return YearEnd.objects.select_related("unit", "reopening").order_by("-recorded_at", "-pk")


def lines_to_freeze(unit: Unit, year: int, *, on: date) -> list[LedgerRow]:
    """List the targets that a close of the year would freeze: whose period touches it, not frozen elsewhere.

    One that ended is frozen as corrected by now; one that goes on by the terms of the last day of the year.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    frozen = FinalLine.objects.filter(year_end__year=year, year_end__reopening__isnull=True).values("target")
    below = ids_below([unit.pk])
    ended = terms_as_of(on).filter(period_end__range=(first, last))
    going_on = terms_as_of(last).filter(Q(period_end__isnull=True) | Q(period_end__gt=last), period_start__lte=last)
    keys = [
        key
        for found in (ended, going_on)
        for key in found.filter(lead_unit__in=below).exclude(target__in=frozen).values_list("pk", flat=True)
    ]
    listed = whole(TargetTerms.objects.filter(pk__in=keys)).select_related("scope_unit", "parent")
    return ledger_rows(listed.order_by("target__number"), as_of=on)


def is_over(terms: TargetTerms, year: int) -> bool:
    """Tell whether the period of a target ended with a year; one that goes on is frozen as it stands."""
    return terms.period_end is not None and terms.period_end <= date(year, 12, 31)


@dataclass(frozen=True)
class Line:
    """One frozen line with what may be carried over."""

    final: FinalLine
    proposed: str
    carried_to: Target | None

    @property
    def may_be_carried(self) -> bool:
        """Whether it may go on as a new target."""
        return self.final.is_over and self.carried_to is None

    @property
    def is_proposed(self) -> bool:
        """Whether it was not reached, so that the page ticks it."""
        return self.may_be_carried and self.final.met is False


def lines_of(year_end: YearEnd) -> list[Line]:
    """List the frozen lines of a close, each with the number that is proposed for the next period."""
    carried = Target.objects.filter(carried_from__isnull=False).only("number", "carried_from")
    finals = (
        year_end.lines.select_related("terms__lead_unit", "target__indicator", "terms__target__indicator")
        .prefetch_related(Prefetch("target__carried_to", queryset=carried))
        .order_by("target__number")
    )
    return [Line(final, proposed_bound(final), getattr(final.target, "carried_to", None)) for final in finals]


def proposed_bound(final: FinalLine) -> str:
    """Propose the number for the next period: what remains of an amount that was not reached, else the same."""
    terms = final.terms
    if terms.bound is None:
        return "" if terms.comparator == COMPLETE else terms.bound_text
    bound = terms.bound
    if final.met is False and final.value is not None and tree.has_course(terms) and not tree.is_downward(terms):
        return plain(max(bound - final.value, Decimal(0)))
    return plain(bound)


# --- what the deeds have in common --------------------------------------------------------------------------------


def _frozen(made: YearEnd, row: LedgerRow) -> FinalLine:
    over = is_over(row.terms, made.year)
    return FinalLine(
        year_end=made,
        target_id=row.terms.target_id,
        terms=row.terms,
        is_over=over,
        value=row.standing.value,
        met=row.standing.met if over else None,
        light=row.standing.light,
        source_kind=row.terms.source_kind,
        reason=row.standing.reason,
    )


def _wholes_first(carried: Iterable[Carry], lines: dict[int, FinalLine]) -> list[Carry]:
    """Put wholes before their parts, so that a new part finds its new whole."""

    def depth(key: int | None) -> int:
        level, seen = 0, set()
        while key in lines and key not in seen:
            seen.add(key)
            key = lines[key].terms.parent_id
            level += 1
        return level

    return sorted(carried, key=lambda carry: (depth(carry.target.pk), carry.target.number))


def _carry(
    line: FinalLine,
    bound: Decimal | None,
    period: str,
    first: date,
    last: date | None,
    *,
    by: User,
    at: datetime,
    because: str,
) -> Target:
    on = timezone.localdate(at)
    old = Target.objects.select_for_update().get(pk=line.target_id)
    before = line.terms
    standing = Target.objects.filter(carried_from=old).first()
    if standing is not None:
        raise RuleBrokenError("carry.carried_already", target=old, number=standing.number)
    if bound is None and before.comparator != COMPLETE and before.bound is not None:
        raise RuleBrokenError("split.number_missing", unit=f"{before.lead_unit}“{before.title}”")
    check_digits(bound, before.title)
    terms = following(before, Change.CARRY)
    terms.target = Target.objects.create(
        number=Target.next_number(),
        indicator=before.target.indicator,
        document=before.target.document,
        carried_from=old,
        created_at=at,
    )
    terms.parent = _successor(before)
    if bound is not None:
        terms.bound, terms.bound_text, terms.gap = bound, plain(bound), ""
    terms.period_text, terms.period_start, terms.period_end = period, first, last
    if terms.source_kind == SourceKind.PARTS:  # its parts are handed down anew; until then it is reported
        terms.source_kind, terms.statistic, terms.rhythm = tree.usual_source(before)
        terms.source_from, terms.source_note = Origin.OFFICER, "结转后尚未分解，先按填报"
    terms.valid_from = on
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.carry_over",
        subject=terms.target,
        because=because,
        before={"target": old.number, "bound": before.bound_plain, "outcome": line.outcome},
        after=terms_facts(terms),
    )
    return terms.target


def _successor(before: TargetTerms) -> Target | None:
    """Give the target into which the whole of a part was carried over."""
    if before.parent_id is None:
        return None
    return Target.objects.filter(carried_from=before.parent_id).first()


def frozen_on(target: Target) -> FinalLine | None:
    """Give the newest frozen line of a target that stands."""
    found = FinalLine.objects.filter(target=target, year_end__reopening__isnull=True)
    return found.select_related("year_end__unit").order_by("-year_end__year").first()
