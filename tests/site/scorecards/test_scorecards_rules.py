"""Groups, provisional months and objection days, at their edges."""

from __future__ import annotations

from datetime import date

import pytest

from heqing_site.orgs.rules import UnitKind
from heqing_site.scorecards.rules import GROUP_OF_KIND, ScoreGroup, is_provisional, workday_after


@pytest.mark.parametrize(
    ("as_of", "provisional"), [(date(2026, 11, 30), True), (date(2026, 12, 31), True), (date(2027, 1, 1), False)]
)
def test_a_month_is_provisional_until_its_year_is_over(as_of, provisional):
    assert is_provisional(date(2026, 10, 31), as_of) is provisional


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 3, 9), date(2026, 3, 12)),  # Monday
        (date(2026, 3, 11), date(2026, 3, 16)),  # Wednesday: over the week-end
        (date(2026, 3, 13), date(2026, 3, 18)),  # Friday
        (date(2026, 3, 14), date(2026, 3, 18)),  # Saturday
    ],
)
def test_objections_run_for_three_working_days(day, until):
    assert workday_after(day, 3) == until


def test_towns_and_streets_are_compared_and_so_are_departments():
    assert GROUP_OF_KIND[UnitKind.TOWN] is GROUP_OF_KIND[UnitKind.STREET] is ScoreGroup.TOWN
    assert GROUP_OF_KIND[UnitKind.DEPARTMENT] is ScoreGroup.DEPARTMENT
    assert UnitKind.DISTRICT not in GROUP_OF_KIND
