"""Days of a case: when a step is due, whether it is late, whether what comes back is a rebound.

The day of a deed itself is not counted; the last day is still in time. Working days are Monday to Friday without the
days off that the caller names: statutory holidays are announced each year and are not part of the procedure.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from heqing.cases.procedure import Counting, Deadline

SATURDAY = 5


def working_days_after(start: date, days: int, *, days_off: Collection[date] = ()) -> date:
    """Give the day that lies so many working days after a day.

    Parameters
    ----------
    start : date
        The day from which is counted; it does not count itself.
    days : int
        Number of working days, at least 1.
    days_off : collection of date
        Holidays from Monday to Friday.

    Returns
    -------
    date
        A working day.

    Examples
    --------
    >>> working_days_after(date(2026, 11, 20), 1)
    datetime.date(2026, 11, 23)
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY and day not in days_off
    return day


def due_day(start: date, deadline: Deadline, *, days_off: Collection[date] = ()) -> date:
    """Give the last day on which a step is in time.

    Parameters
    ----------
    start : date
        The day on which the step begins.
    deadline : Deadline
        Its days.
    days_off : collection of date
        Holidays from Monday to Friday.

    Returns
    -------
    date
        The last day.

    Examples
    --------
    >>> due_day(date(2026, 11, 24), Deadline(10, Counting.WORKING, "", True))
    datetime.date(2026, 12, 8)
    >>> due_day(date(2026, 11, 24), Deadline(30, Counting.CALENDAR, "", True))
    datetime.date(2026, 12, 24)
    """
    if deadline.counting is Counting.WORKING:
        return working_days_after(start, deadline.days, days_off=days_off)
    return start + timedelta(days=deadline.days)


def is_overdue(due_on: date | None, day: date) -> bool:
    """Tell whether a step is late on a day; the due day itself is in time.

    Parameters
    ----------
    due_on : date or None
        The last day in time; None where no clock runs.
    day : date
        The day.

    Returns
    -------
    bool
        Whether it is late.

    Examples
    --------
    >>> is_overdue(date(2026, 11, 24), date(2026, 11, 24)), is_overdue(date(2026, 11, 24), date(2026, 11, 25))
    (False, True)
    """
    return due_on is not None and day > due_on


def is_rebound(closed_on: date, watch_days: int, day: date) -> bool:
    """Tell whether a new exceedance reopens a closed case: after its closing and inside the watch period.

    Parameters
    ----------
    closed_on : date
        The day of closing.
    watch_days : int
        Days of the watch period; its last day counts.
    day : date
        The first day of the new exceedance: the day of a verdict, the first day of a month of a section.

    Returns
    -------
    bool
        Whether it is a rebound.

    Examples
    --------
    >>> is_rebound(date(2026, 1, 1), 365, date(2027, 1, 1)), is_rebound(date(2026, 1, 1), 365, date(2027, 1, 2))
    (True, False)
    """
    return closed_on < day <= closed_on + timedelta(days=watch_days)


def recheck_days(closed_on: date, months: Sequence[int]) -> list[date]:
    """List the days on which a closed case is looked at again.

    Parameters
    ----------
    closed_on : date
        The day of closing.
    months : sequence of int
        So many months after it.

    Returns
    -------
    list of date
        The same day of later months, or the last day of a shorter one.

    Examples
    --------
    >>> recheck_days(date(2026, 1, 31), [1, 3])
    [datetime.date(2026, 2, 28), datetime.date(2026, 4, 30)]
    """
    found = []
    for count in months:
        year, month = divmod(closed_on.year * 12 + closed_on.month - 1 + count, 12)
        last = calendar.monthrange(year, month + 1)[1]
        found.append(date(year, month + 1, min(closed_on.day, last)))
    return found
