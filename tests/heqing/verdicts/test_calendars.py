"""Spans of calendars: which one a day lies in, how a period is cut, how officials name it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.verdicts import Calendar, Span, calendar_of, name_of_period, span_of, spans_in

CUT = [c for c in Calendar if c not in (Calendar.YEARS, Calendar.PROJECT, Calendar.YEAR_TO_DATE)]
days = st.dates(date(2019, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("calendar", "on", "first", "last", "zh", "en"),
    [
        ("day", "2026-03-05", "2026-03-05", "2026-03-05", "2026 年 3 月 5 日", "2026-03-05"),
        ("ten_days", "2026-03-10", "2026-03-01", "2026-03-10", "2026 年 3 月上旬", "the first ten days of March 2026"),
        ("ten_days", "2026-03-11", "2026-03-11", "2026-03-20", "2026 年 3 月中旬", "the second ten days of March 2026"),
        ("ten_days", "2024-02-29", "2024-02-21", "2024-02-29", "2024 年 2 月下旬", "the last days of February 2024"),
        ("month", "2026-02-28", "2026-02-01", "2026-02-28", "2026 年 2 月", "February 2026"),
        ("quarter", "2026-06-30", "2026-04-01", "2026-06-30", "2026 年第二季度", "quarter 2 of 2026"),
        ("half_year", "2026-07-01", "2026-07-01", "2026-12-31", "2026 年下半年", "the second half of 2026"),
        ("year", "2026-07-01", "2026-01-01", "2026-12-31", "2026 年", "2026"),
        ("year_to_date", "2026-11-22", "2026-01-01", "2026-11-22", "2026-01-01 至 2026-11-22",
         "2026-01-01 to 2026-11-22"),
    ],
)  # fmt: skip
def test_span_of_a_day_and_its_names(calendar: str, on: str, first: str, last: str, zh: str, en: str) -> None:
    span = span_of(Calendar(calendar), date.fromisoformat(on))
    assert (str(span.first), str(span.last), span.name(), span.name("en")) == (first, last, zh, en)


@settings(deadline=None, max_examples=50)
@given(first=days, length=st.integers(0, 900), calendar=st.sampled_from(CUT))
def test_spans_cover_a_period_without_gap_or_overlap(first: date, length: int, calendar: Calendar) -> None:
    last = first + timedelta(days=length)
    spans = spans_in(calendar, first, last)
    assert (spans[0].first, spans[-1].last) == (first, last)
    assert sum(span.days for span in spans) == length + 1
    for before, after in pairwise(spans):
        assert after.first == before.last + timedelta(days=1)


@settings(deadline=None, max_examples=50)
@given(on=days, calendar=st.sampled_from(CUT))
def test_every_day_lies_in_its_span_and_the_span_is_of_that_calendar_or_a_shorter_one(
    on: date, calendar: Calendar
) -> None:
    span = span_of(calendar, on)
    assert span.first <= on <= span.last
    assert CUT.index(calendar_of(span.first, span.last)) <= CUT.index(calendar)
    assert span_of(calendar, span.first) == span_of(calendar, span.last) == span


def test_periods_of_a_plan_and_of_a_project() -> None:
    assert name_of_period(date(2021, 1, 1), date(2025, 12, 31)) == "2021—2025 年"
    assert name_of_period(date(2025, 10, 1), date(2026, 3, 31)) == "2025-10-01 至 2026-03-31"
    assert calendar_of(date(2025, 10, 1), date(2026, 3, 31)) is Calendar.PROJECT


@pytest.mark.parametrize("calendar", [Calendar.YEARS, Calendar.PROJECT])
def test_ends_that_stand_in_the_promise_are_not_told_by_a_day(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="promise"):
        span_of(calendar, date(2026, 1, 1))
    with pytest.raises(ValueError, match="cut it into years"):
        spans_in(Calendar.YEAR_TO_DATE, date(2026, 1, 1), date(2026, 2, 1))


def test_a_span_counts_its_days() -> None:
    assert Span(Calendar.PROJECT, date(2026, 2, 27), date(2026, 3, 1)).days == 3
