"""The course of an amount through its period (分期计划): what should be reached by the end of each month.

Cumulative values on a grid: none is below zero, none less than the one before, and the last is the bound itself.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Fault(StrEnum):
    """Why a course is none: a day outside the period, a value below zero or falling, or one that ends elsewhere."""

    EMPTY = "empty"
    DAY_OUTSIDE = "day_outside"
    DAY_TWICE = "day_twice"
    NEGATIVE = "negative"
    FALLS = "falls"
    ENDS_EARLY = "ends_early"
    ENDS_ELSEWHERE = "ends_elsewhere"


def month_ends(first: date, last: date) -> list[date]:
    """List the last days of the months of a period; the last one is the last day of the period.

    Parameters
    ----------
    first, last : date
        First and last day.

    Returns
    -------
    list of date
        In order.

    Examples
    --------
    >>> [day.isoformat() for day in month_ends(date(2026, 1, 1), date(2026, 3, 15))]
    ['2026-01-31', '2026-02-28', '2026-03-15']
    """
    found = []
    year, month = first.year, first.month
    while (day := date(year, month, calendar.monthrange(year, month)[1])) < last:
        found.append(day)
        year, month = year + month // 12, month % 12 + 1
    return [*found, last]


def straight_course(total: Decimal, first: date, days: Sequence[date], *, decimals: int = 0) -> list[Decimal]:
    """Spread an amount evenly over the days of a period (逐日均摊).

    Parameters
    ----------
    total : Decimal
        The bound.
    first : date
        First day of the period.
    days : sequence of date
        The days to plan for, in order; the last is the last day of the period.
    decimals : int
        Decimals of a value; 0 for what is counted.

    Returns
    -------
    list of Decimal
        Cumulative values, cut down to the grid; the last is `total`.

    Examples
    --------
    >>> straight_course(Decimal(100), date(2025, 1, 1), month_ends(date(2025, 1, 1), date(2025, 4, 30)))
    [Decimal('25'), Decimal('49'), Decimal('75'), Decimal('100')]
    """
    eve = first - timedelta(days=1)
    length = (days[-1] - eve).days
    return _cut(total, [Fraction((day - eve).days, length) for day in days], decimals)


def profile_course(total: Decimal, brought: Sequence[Decimal], *, decimals: int = 0) -> list[Decimal]:
    """Spread an amount as another year's months brought theirs (按上年进度).

    Parameters
    ----------
    total : Decimal
        The bound.
    brought : sequence of Decimal
        What each month brought, not cumulative; none below zero, and not all of them zero.
    decimals : int
        Decimals of a value; 0 for what is counted.

    Returns
    -------
    list of Decimal
        Cumulative values, cut down to the grid; the last is `total`.

    Raises
    ------
    ValueError
        When there is no profile in the months.

    Examples
    --------
    >>> profile_course(Decimal(50), [Decimal(0), Decimal(30), Decimal(10)])
    [Decimal('0'), Decimal('37'), Decimal('50')]
    """
    whole = sum((Fraction(part) for part in brought), Fraction(0))
    if whole <= 0 or min(brought) < 0:
        raise ValueError("Months without any amount have no profile.")
    done, shares = Fraction(0), []
    for part in brought:
        done += Fraction(part)
        shares.append(done / whole)
    return _cut(total, shares, decimals)


def fault_of_course(
    planned: Sequence[tuple[date, Decimal]], bound: Decimal, first: date, last: date
) -> tuple[Fault, date | None] | None:
    """Find what is wrong with a course that was typed.

    Parameters
    ----------
    planned : sequence of (date, Decimal)
        Day and cumulative value, in order of days.
    bound : Decimal
        What the target asks for.
    first, last : date
        First and last day of its period.

    Returns
    -------
    (Fault, date or None) or None
        The first fault and its day; None when the course holds.

    Examples
    --------
    >>> fault_of_course([(date(2026, 6, 30), Decimal(8)), (date(2026, 12, 31), Decimal(6))], Decimal(6),
    ...     date(2026, 1, 1), date(2026, 12, 31))
    (<Fault.FALLS: 'falls'>, datetime.date(2026, 12, 31))
    """
    if not planned:
        return Fault.EMPTY, None
    before, eve = Decimal(0), None
    for day, value in planned:
        if not first <= day <= last:
            return Fault.DAY_OUTSIDE, day
        if day == eve:
            return Fault.DAY_TWICE, day
        if value < 0:
            return Fault.NEGATIVE, day
        if value < before:
            return Fault.FALLS, day
        before, eve = value, day
    if eve != last:
        return Fault.ENDS_EARLY, eve
    return None if before == bound else (Fault.ENDS_ELSEWHERE, eve)


def _cut(total: Decimal, shares: Sequence[Fraction], decimals: int) -> list[Decimal]:
    """Cut shares of an amount down to the grid, the last to the amount itself."""
    steps = Fraction(total) * 10**decimals
    cut = [Decimal(int(steps * share)).scaleb(-decimals) for share in shares[:-1]]
    return [*cut, total]
