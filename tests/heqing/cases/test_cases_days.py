"""Days of cases: before, on and after each deadline; weekends; months of unequal length."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from heqing.cases import (
    Counting,
    Deadline,
    due_day,
    is_overdue,
    is_rebound,
    recheck_days,
    working_days_after,
)

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (FRIDAY, 1, MONDAY),
        (FRIDAY + timedelta(days=1), 1, MONDAY),
        (FRIDAY + timedelta(days=2), 1, MONDAY),
        (MONDAY, 5, date(2026, 11, 30)),
        (MONDAY, 10, date(2026, 12, 7)),
        (date(2024, 2, 28), 2, date(2024, 3, 1)),
    ],
)
def test_working_days_leave_out_weekends(start: date, days: int, end: date) -> None:
    assert working_days_after(start, days) == end


def test_working_days_leave_out_the_days_off_that_are_named() -> None:
    # 2026-10-01 to 2026-10-07: the seven days of the national holiday
    holiday = {date(2026, 10, day) for day in range(1, 8)}
    assert working_days_after(date(2026, 9, 30), 1, days_off=holiday) == date(2026, 10, 8)
    assert due_day(date(2026, 9, 30), Deadline(1, Counting.WORKING, "", True), days_off=holiday) == date(2026, 10, 8)


def test_calendar_days_count_every_day() -> None:
    assert due_day(date(2026, 12, 20), Deadline(15, Counting.CALENDAR, "", True)) == date(2027, 1, 4)


@pytest.mark.parametrize(("offset", "late"), [(-1, False), (0, False), (1, True)])
def test_the_last_day_is_in_time(offset: int, late: bool) -> None:
    assert is_overdue(MONDAY, MONDAY + timedelta(days=offset)) is late


def test_where_no_clock_runs_nothing_is_late() -> None:
    assert not is_overdue(None, MONDAY)


@pytest.mark.parametrize(("offset", "back"), [(-1, False), (0, False), (1, True), (90, True), (91, False)])
def test_a_rebound_lies_after_the_closing_and_inside_the_watch_period(offset: int, back: bool) -> None:
    assert is_rebound(MONDAY, 90, MONDAY + timedelta(days=offset)) is back


def test_rechecks_fall_on_the_same_day_or_the_last_of_a_shorter_month() -> None:
    assert recheck_days(date(2025, 8, 31), [1, 3, 6, 12]) == [
        date(2025, 9, 30), date(2025, 11, 30), date(2026, 2, 28), date(2026, 8, 31),
    ]  # fmt: skip
