"""The course of a promise: what should be done by now, and what the days that remain must bring (保目标倒推).

Exact arithmetic on fractions; a figure is rounded only when it is handed out. It gives no light: see
`heqing.verdicts.judgement`.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from heqing.verdicts.promises import Evidence, Promise

PLACES = 6  # of figures handed out


def as_decimal(exact: Fraction, places: int = PLACES) -> Decimal:
    """Round an exact fraction to a decimal, a tie to the even digit.

    Parameters
    ----------
    exact : Fraction
        The value.
    places : int
        Decimals to keep.

    Returns
    -------
    Decimal
        Without zeros at its end.

    Examples
    --------
    >>> as_decimal(Fraction(1, 3), 2), as_decimal(Fraction(200))
    (Decimal('0.33'), Decimal('200'))
    """
    whole = Decimal(round(exact * 10**places)).scaleb(-places)
    return Decimal(format(whole.normalize(), "f"))


def elapsed_days(promise: Promise, as_of: date) -> tuple[int, int]:
    """Count the days of the period up to a day, and those after it.

    Parameters
    ----------
    promise : Promise
        With both ends of its period.
    as_of : date
        Any day.

    Returns
    -------
    tuple of int
        Days past, that day included, and days left.

    Raises
    ------
    ValueError
        When an end of the period is not known.

    Examples
    --------
    >>> from heqing.verdicts.promises import Kind
    >>> year = Promise(Kind.MEAN, "<=", Decimal(57), date(2020, 1, 1), date(2020, 12, 31))
    >>> elapsed_days(year, date(2020, 7, 27))
    (209, 157)
    """
    if promise.period_start is None or promise.days is None:
        raise ValueError("The days of a period are counted only where both its ends are known.")
    past = min(max((as_of - promise.period_start).days + 1, 0), promise.days)
    return past, promise.days - past


def judged_bound(
    bound: Decimal, places: int | None, *, downward: bool = True, strict: bool = False
) -> tuple[Decimal, bool]:
    """Give the last value that still meets a bound once it is rounded for judging.

    Parameters
    ----------
    bound : Decimal
        The bound as promised.
    places : int or None
        Decimals kept when judging; a bound with more decimals is judged to its own. None for no rounding.
    downward : bool
        Whether the value must stay at or under the bound, rather than at or over it.
    strict : bool
        Whether the bound itself does not meet the promise (below, above).

    Returns
    -------
    tuple of Decimal and bool
        The value, and whether that very value still meets the promise: a tie goes to the even digit.

    References
    ----------
    GB/T 8170-2008, 3.2; HJ 663-2026, table 3 (decimals for judging, one source).

    Examples
    --------
    >>> judged_bound(Decimal(25), 0), judged_bound(Decimal(30), 0)
    ((Decimal('25.5'), False), (Decimal('30.5'), True))
    """
    if places is None:
        return bound, not strict
    own = bound.normalize().as_tuple().exponent
    places = max(places, -own if isinstance(own, int) else 0)
    grid = int(Fraction(bound) * 10**places)
    sign = 1 if downward else -1
    last = grid - sign if strict else grid
    return as_decimal(Fraction(2 * last + sign, 2 * 10**places), places + 1), last % 2 == 0


def remaining_mean(
    bound: Decimal | Fraction, mean: Decimal | Fraction, counted: int | Fraction, left: int
) -> Fraction | None:
    """Give the mean that the remaining days must keep for the whole period to end at a bound.

    Parameters
    ----------
    bound : Decimal or Fraction
        The mean that the period may have.
    mean : Decimal or Fraction
        The mean to date.
    counted : int or Fraction
        Days the mean to date rests on; days without a value count nowhere.
    left : int
        Days still to come.

    Returns
    -------
    Fraction or None
        (bound * (counted + left) - mean * counted) / left; below zero it cannot be reached by a concentration. None
        when no day is left.

    Examples
    --------
    >>> round(float(remaining_mean(Decimal(57), Decimal(58), 209, 157)), 2)
    55.67
    """
    if left <= 0:
        return None
    limit, done = Fraction(bound), Fraction(mean) * Fraction(counted)
    return (limit * (Fraction(counted) + left) - done) / left


def day_budget(
    ratio: Decimal, hits: int, counted: int, left: int, *, downward: bool = False, included: bool = True
) -> tuple[int, int]:
    """Give how many days are still needed for a share of days, and how many may still fail it.

    Parameters
    ----------
    ratio : Decimal
        The share promised [%].
    hits : int
        Days so far that count for the share.
    counted : int
        Days with a verdict so far.
    left : int
        Days still to come.
    downward : bool
        Whether the share must stay at or under `ratio`.
    included : bool
        Whether exactly that share still meets the promise.

    Returns
    -------
    tuple of int
        Days still needed and days that may still fail; for a share to stay under, days that must still be free of it
        and days that may still have it. Both may be below zero: needed when there is room to spare, to fail when the
        promise can no longer be kept.

    Examples
    --------
    >>> day_budget(Decimal("85"), 127, 209, 156)
    (184, -28)
    """
    total = counted + left
    exact = Fraction(ratio) * total / 100
    if downward:
        most = floor(exact) if included or exact.denominator != 1 else int(exact) - 1
        return left - (most - hits), most - hits
    needed = ceil(exact) if included or exact.denominator != 1 else int(exact) + 1
    return needed - hits, total - needed - (counted - hits)


def percentile_budget(percent: int, days: int) -> tuple[int, int]:
    """Give how many days of a period may be beyond a bound that a percentile of them must keep.

    Parameters
    ----------
    percent : int
        The percentile, for instance 90.
    days : int
        Days with a value in the whole period.

    Returns
    -------
    tuple of int
        Days that keep it for certain, and the most that can keep it: with one more it is missed for certain. Between
        the two it hangs on how far beyond the bound the values are.

    References
    ----------
    HJ 663-2013, annex A: the percentile lies between the ordered values s and s + 1, with k = 1 + (n - 1) * percent.

    Examples
    --------
    >>> percentile_budget(90, 365), percentile_budget(90, 11)
    ((36, 37), (1, 1))
    """
    place = 1 + Fraction((days - 1) * percent, 100)
    return days - ceil(place), days - floor(place)


def schedule_basis(promise: Promise, evidence: Evidence) -> str:
    """Tell what the schedule value of a promise follows.

    Parameters
    ----------
    promise : Promise
        What is promised.
    evidence : Evidence
        With its plan or the months of past years.

    Returns
    -------
    str
        ``plan``, ``profile``, ``straight``, or nothing while bound or period is not known.

    Examples
    --------
    >>> from heqing.verdicts.promises import Kind
    >>> year = Promise(Kind.AMOUNT, ">=", Decimal(365), date(2025, 1, 1), date(2025, 12, 31))
    >>> schedule_basis(year, Evidence(None, None))
    'straight'
    """
    if promise.bound is None or promise.period_end is None or promise.days is None:
        return ""
    if evidence.milestones:
        return "plan"
    return "straight" if _profile_share(promise, evidence, promise.period_end) is None else "profile"


def planned_value(promise: Promise, evidence: Evidence, day: date) -> Decimal | None:
    """Give the value a promise should have by a day: by its plan, the months of past years, or a straight line.

    Parameters
    ----------
    promise : Promise
        With bound and both ends of the period.
    evidence : Evidence
        Its `milestones` count first, then its `profile` where the period is as many whole months.
    day : date
        The day.

    Returns
    -------
    Decimal or None
        The schedule value; None while bound or period is not known.

    Examples
    --------
    >>> from heqing.verdicts.promises import Kind
    >>> year = Promise(Kind.AMOUNT, ">=", Decimal(365), date(2025, 1, 1), date(2025, 12, 31))
    >>> planned_value(year, Evidence(None, None), date(2025, 4, 10))
    Decimal('100')
    """
    exact = exact_schedule(promise, evidence, day)
    return None if exact is None else as_decimal(exact)


def exact_schedule(promise: Promise, evidence: Evidence, day: date) -> Fraction | None:
    """Give `planned_value` before it is rounded.

    Parameters
    ----------
    promise : Promise
        As there.
    evidence : Evidence
        As there.
    day : date
        As there.

    Returns
    -------
    Fraction or None
        As there.

    Examples
    --------
    >>> from heqing.verdicts.promises import Kind
    >>> plan = Evidence(None, None, milestones=((date(2025, 6, 30), Decimal(2)),))
    >>> one = Promise(Kind.AMOUNT, ">=", Decimal(3), date(2025, 1, 1), date(2025, 12, 31))
    >>> [exact_schedule(one, plan, date(2025, 6, d)).numerator for d in (29, 30)]
    [0, 2]
    """
    if promise.bound is None or promise.period_end is None or promise.days is None:
        return None
    bound = Fraction(promise.bound)
    if day >= promise.period_end:
        return bound
    if evidence.milestones:
        due = [value for on, value in sorted(evidence.milestones) if on <= day]
        return Fraction(due[-1]) if due else Fraction(0)
    past, _ = elapsed_days(promise, day)
    share = _profile_share(promise, evidence, day)
    return bound * (Fraction(past, promise.days) if share is None else share)


def _profile_share(promise: Promise, evidence: Evidence, day: date) -> Fraction | None:
    """Give the part of a past year's total that its months had brought by the day."""
    start, end = promise.period_start, promise.period_end
    if not evidence.profile or start is None or end is None:
        return None
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1
    total = sum((Fraction(p) for p in evidence.profile), Fraction(0))
    if not whole or months != len(evidence.profile) or total <= 0 or min(evidence.profile) < 0:
        return None
    if day < start:
        return Fraction(0)
    place = (day.year - start.year) * 12 + day.month - start.month
    done = sum((Fraction(p) for p in evidence.profile[:place]), Fraction(0))
    length = calendar.monthrange(day.year, day.month)[1]
    return (done + Fraction(evidence.profile[place]) * day.day / length) / total
