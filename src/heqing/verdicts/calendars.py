"""Calendars of promises (周期): day, ten-day block, month, quarter, half-year, year, to date, plan period, project.

It tells which span a day lies in, cuts a period into spans, and names a span as officials write it. It judges nothing:
see `heqing.verdicts.judgement`.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Calendar(StrEnum):
    """A calendar by which a promise runs or is looked at."""

    DAY = "day"
    TEN_DAYS = "ten_days"  # 旬: the 1st to the 10th, the 11th to the 20th, the 21st to the last
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    YEAR_TO_DATE = "year_to_date"  # from the first of January to any day
    YEARS = "years"  # whole years, as of a plan period
    PROJECT = "project"  # any other first and last day


_WITHIN_A_YEAR = (Calendar.DAY, Calendar.TEN_DAYS, Calendar.MONTH, Calendar.QUARTER, Calendar.HALF_YEAR, Calendar.YEAR)
_MONTHS = {Calendar.MONTH: 1, Calendar.QUARTER: 3, Calendar.HALF_YEAR: 6, Calendar.YEAR: 12}
_TENS = ("上旬", "中旬", "下旬")
_TENS_EN = ("first ten days", "second ten days", "last days")
_QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")
_HALVES = ("上半年", "下半年")


@dataclass(frozen=True)
class Span:
    """A span of days of a calendar, its first and last day included."""

    calendar: Calendar
    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def name(self, language: str = "zh") -> str:
        """Name the span as officials write it, ``zh`` or ``en``."""
        return _chinese(self) if language == "zh" else _english(self)


def span_of(calendar: Calendar, on: date) -> Span:
    """Give the span of a calendar that a day lies in.

    Parameters
    ----------
    calendar : Calendar
        Any but ``YEARS`` and ``PROJECT``, whose ends stand in the promise.
    on : date
        The day.

    Returns
    -------
    Span
        First and last day; of the year to date, the last is the day itself.

    Raises
    ------
    ValueError
        When the calendar's ends are not told by a day.

    Examples
    --------
    >>> span_of(Calendar.TEN_DAYS, date(2026, 2, 23)).name(), span_of(Calendar.QUARTER, date(2026, 11, 22)).name()
    ('2026 年 2 月下旬', '2026 年第四季度')
    """
    if calendar is Calendar.DAY:
        return Span(calendar, on, on)
    if calendar is Calendar.YEAR_TO_DATE:
        return Span(calendar, on.replace(month=1, day=1), on)
    if calendar is Calendar.TEN_DAYS:
        block = min((on.day - 1) // 10, 2)
        last = _month_end(on) if block == 2 else on.replace(day=10 * (block + 1))
        return Span(calendar, on.replace(day=10 * block + 1), last)
    if calendar not in _MONTHS:
        raise ValueError(f"The ends of a span of “{calendar.value}” stand in the promise; a day does not tell them.")
    length = _MONTHS[calendar]
    begins = (on.month - 1) // length * length + 1
    return Span(calendar, date(on.year, begins, 1), _month_end(date(on.year, begins + length - 1, 1)))


def calendar_of(first: date, last: date) -> Calendar:
    """Tell by which calendar a period runs.

    Parameters
    ----------
    first, last : date
        Its ends.

    Returns
    -------
    Calendar
        The shortest one of which the period is a whole span; ``YEARS`` for whole years, else ``PROJECT``.

    Examples
    --------
    >>> [calendar_of(date(2021, 1, 1), date(2025, m, d)).value for m, d in ((12, 31), (10, 1))]
    ['years', 'project']
    """
    for calendar in _WITHIN_A_YEAR:
        if span_of(calendar, first) == Span(calendar, first, last):
            return calendar
    whole = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    return Calendar.YEARS if whole else Calendar.PROJECT


def spans_in(calendar: Calendar, first: date, last: date) -> list[Span]:
    """Cut a period into the spans of a calendar, the first and the last cut off at its ends.

    Parameters
    ----------
    calendar : Calendar
        Any but ``YEARS``, ``PROJECT`` and ``YEAR_TO_DATE``.
    first, last : date
        The period.

    Returns
    -------
    list of Span
        In order, without gap or overlap; empty where the period is.

    Examples
    --------
    >>> [s.name("en") for s in spans_in(Calendar.MONTH, date(2026, 1, 15), date(2026, 2, 28))]
    ['2026-01-15 to 2026-01-31', 'February 2026']
    """
    if calendar is Calendar.YEAR_TO_DATE:
        raise ValueError("A period is not cut into years to date; cut it into years.")
    found = []
    day = first
    while day <= last:
        whole = span_of(calendar, day)
        found.append(Span(calendar, day, min(whole.last, last)))
        day = whole.last + timedelta(days=1)
    return found


def name_of_period(first: date, last: date, language: str = "zh") -> str:
    """Name a period as officials write it.

    Parameters
    ----------
    first, last : date
        Its ends.
    language : str
        ``zh`` or ``en``.

    Returns
    -------
    str
        For instance 2026 年上半年, 2021—2025 年, or both days.

    Examples
    --------
    >>> name_of_period(date(2026, 1, 1), date(2026, 6, 30)), name_of_period(date(2021, 1, 1), date(2025, 12, 31), "en")
    ('2026 年上半年', '2021 to 2025')
    """
    return Span(calendar_of(first, last), first, last).name(language)


def _month_end(day: date) -> date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _is_whole(span: Span) -> bool:
    return span.calendar in _WITHIN_A_YEAR and span_of(span.calendar, span.first) == span


def _chinese(span: Span) -> str:
    first, last = span.first, span.last
    if span.calendar is Calendar.YEARS:
        return f"{first.year}—{last.year} 年"
    if not _is_whole(span):
        return f"{first} 至 {last}"
    year = f"{first.year} 年"
    return {
        Calendar.DAY: f"{year} {first.month} 月 {first.day} 日",
        Calendar.TEN_DAYS: f"{year} {first.month} 月{_TENS[min((first.day - 1) // 10, 2)]}",
        Calendar.MONTH: f"{year} {first.month} 月",
        Calendar.QUARTER: f"{year}{_QUARTERS[(first.month - 1) // 3]}",
        Calendar.HALF_YEAR: f"{year}{_HALVES[(first.month - 1) // 6]}",
        Calendar.YEAR: year,
    }[span.calendar]


def _english(span: Span) -> str:
    first, last = span.first, span.last
    if span.calendar is Calendar.YEARS:
        return f"{first.year} to {last.year}"
    if not _is_whole(span):
        return f"{first} to {last}"
    month = f"{months.month_name[first.month]} {first.year}"
    return {
        Calendar.DAY: f"{first}",
        Calendar.TEN_DAYS: f"the {_TENS_EN[min((first.day - 1) // 10, 2)]} of {month}",
        Calendar.MONTH: month,
        Calendar.QUARTER: f"quarter {(first.month - 1) // 3 + 1} of {first.year}",
        Calendar.HALF_YEAR: f"the {('first', 'second')[(first.month - 1) // 6]} half of {first.year}",
        Calendar.YEAR: f"{first.year}",
    }[span.calendar]
