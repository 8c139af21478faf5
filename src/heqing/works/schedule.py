"""The schedule of a work (序时进度): what should be done by a day, what is, and how early or late its milestones are.

Between its first and its last planned day the plan rises straight by days (rule G1.12), and each stage ends where the
shares of the stages up to it are reached. Days are whole; the last planned day is in time.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from heqing.works.pipelines import WHOLE, Pipeline

TENTH = Decimal("0.1")


def planned_percent(start: date | None, finish: date | None, on: date) -> Decimal | None:
    """Give what should be done by the end of a day, in percent.

    Parameters
    ----------
    start, finish : date or None
        The first and the last planned day.
    on : date
        The day.

    Returns
    -------
    Decimal or None
        0 before the start, 100 from the last day on, to one decimal; None where a day is not planned.

    Examples
    --------
    >>> planned_percent(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 5))
    Decimal('50.0')
    """
    if start is None or finish is None or finish < start:
        return None
    if on < start:
        return Decimal(0)
    if on >= finish:
        return WHOLE
    part = Fraction((on - start).days + 1, (finish - start).days + 1) * 100
    return (Decimal(part.numerator) / Decimal(part.denominator)).quantize(TENTH, ROUND_HALF_UP)


def planned_days(pipeline: Pipeline, start: date | None, finish: date | None) -> dict[str, date]:
    """Give the planned last day of each stage.

    Parameters
    ----------
    pipeline : Pipeline
        The stages with their shares.
    start, finish : date or None
        The first and the last planned day.

    Returns
    -------
    dict of str to date
        Stage to day; empty where a day is not planned.

    Examples
    --------
    >>> from heqing.works import pipelines_on
    >>> days = planned_days(pipelines_on(date(2026, 1, 1))["task"], date(2026, 1, 1), date(2026, 4, 10))
    >>> days["doing"], days["closed"]
    (datetime.date(2026, 3, 11), datetime.date(2026, 4, 10))
    """
    if start is None or finish is None or finish < start:
        return {}
    length = (finish - start).days + 1
    found, done = {}, Decimal(0)
    for stage in pipeline.stages:
        done += stage.share
        days = int((done * length / WHOLE).to_integral_value(ROUND_HALF_UP))
        found[stage.key] = start + timedelta(days=max(days, 1) - 1)
    return found


def percent_done(pipeline: Pipeline, stage: str, told: Decimal | None) -> Decimal:
    """Give what is done of a work that stands at a stage: what was told, but never less than the stages behind it.

    Parameters
    ----------
    pipeline : Pipeline
        The stages with their shares.
    stage : str
        Where it stands.
    told : Decimal or None
        Percent that the unit told.

    Returns
    -------
    Decimal
        Percent.

    Examples
    --------
    >>> from heqing.works import pipelines_on
    >>> task = pipelines_on(date(2026, 1, 1))["task"]
    >>> percent_done(task, "doing", None), percent_done(task, "doing", Decimal(40))
    (Decimal('5'), Decimal('40'))
    """
    return max(pipeline.share_before(stage), told or Decimal(0))


def lag(planned: date | None, actual: date | None, on: date) -> int | None:
    """Give how many days late a milestone is; less than 0 is early (早开工、早入库、早竣工).

    Parameters
    ----------
    planned : date or None
        The planned day.
    actual : date or None
        The day on which it was reached; None while it is not.
    on : date
        The day on which is asked.

    Returns
    -------
    int or None
        Days; None where nothing is planned, or while it is neither reached nor late.

    Examples
    --------
    >>> lag(date(2026, 5, 10), date(2026, 5, 1), date(2026, 6, 1)), lag(date(2026, 5, 10), None, date(2026, 5, 12))
    (-9, 2)
    """
    if planned is None:
        return None
    if actual is not None:
        return (actual - planned).days
    return (on - planned).days if on > planned else None


def months_over(since: date | None, on: date) -> int:
    """Give how many whole calendar months are over after the month of a day.

    Parameters
    ----------
    since : date or None
        A day of the first month: 0 while it runs.
    on : date
        The day on which is asked.

    Returns
    -------
    int
        Months.

    Examples
    --------
    >>> months_over(date(2026, 3, 20), date(2026, 3, 31)), months_over(date(2026, 3, 20), date(2026, 6, 1))
    (0, 3)
    """
    return 0 if since is None else max((on.year - since.year) * 12 + on.month - since.month, 0)


def clock_days(begun: date | None, ended: date | None, on: date) -> int | None:
    """Give the days that a clock between two papers shows.

    Parameters
    ----------
    begun, ended : date or None
        The days of the two papers.
    on : date
        The day on which is asked: the clock runs while the second paper lacks.

    Returns
    -------
    int or None
        Days; None before the first paper.

    Examples
    --------
    >>> clock_days(date(2026, 3, 2), date(2026, 3, 2), date(2026, 5, 1)), clock_days(None, None, date(2026, 5, 1))
    (0, None)
    """
    if begun is None:
        return None
    return ((ended or on) - begun).days
