"""A course through a period never falls, ends in the bound, follows days or last year's months; faults are found."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.ledger import Fault, fault_of_course, month_ends, profile_course, straight_course

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
AMOUNTS = st.decimals(0, 10**6, places=1)


@given(AMOUNTS, st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 2000), st.integers(0, 2))
def test_a_straight_course_holds_for_every_period(total, first, length, decimals):
    last = first + timedelta(days=length)
    days = month_ends(first, last)

    values = straight_course(total, first, days, decimals=decimals)

    assert days == sorted(set(days))
    assert days[-1] == last
    assert fault_of_course(list(zip(days, values, strict=True)), total, first, last) is None


@given(AMOUNTS, st.lists(st.decimals(0, 1000, places=1), min_size=12, max_size=12).filter(any))
def test_a_profile_holds_for_every_year_before(total, brought):
    values = profile_course(total, brought, decimals=1)

    assert fault_of_course(list(zip(month_ends(FIRST, LAST), values, strict=True)), total, FIRST, LAST) is None


def test_nothing_is_planned_for_months_that_brought_nothing_last_year():
    assert profile_course(Decimal(60), [Decimal(0), Decimal(20), Decimal(0), Decimal(40)]) == [0, 20, 20, 60]
    with pytest.raises(ValueError, match="no profile"):
        profile_course(Decimal(60), [Decimal(0)] * 12)


END = (LAST, Decimal(10))


@pytest.mark.parametrize(
    ("planned", "fault", "day"),
    [
        ([], Fault.EMPTY, None),
        ([(date(2025, 12, 31), Decimal(1)), END], Fault.DAY_OUTSIDE, date(2025, 12, 31)),
        ([(date(2026, 1, 1), Decimal(1)), END], None, None),
        ([END, (date(2027, 1, 1), Decimal(10))], Fault.DAY_OUTSIDE, date(2027, 1, 1)),
        ([(date(2026, 6, 30), Decimal(1)), (date(2026, 6, 30), Decimal(2)), END], Fault.DAY_TWICE, date(2026, 6, 30)),
        ([(date(2026, 6, 30), Decimal("-0.1")), END], Fault.NEGATIVE, date(2026, 6, 30)),
        ([(date(2026, 6, 30), Decimal(0)), END], None, None),
        ([(date(2026, 6, 30), Decimal(5)), (date(2026, 7, 31), Decimal("4.9")), END], Fault.FALLS, date(2026, 7, 31)),
        ([(date(2026, 6, 30), Decimal(5)), (date(2026, 7, 31), Decimal(5)), END], None, None),
        ([(date(2026, 12, 30), Decimal(10))], Fault.ENDS_EARLY, date(2026, 12, 30)),
        ([(LAST, Decimal("9.9"))], Fault.ENDS_ELSEWHERE, LAST),
        ([(LAST, Decimal("10.1"))], Fault.ENDS_ELSEWHERE, LAST),
    ],
)
def test_the_fault_of_a_course_is_named_with_its_day(planned, fault, day):
    found = fault_of_course(planned, Decimal(10), FIRST, LAST)

    assert found == (None if fault is None else (fault, day))
