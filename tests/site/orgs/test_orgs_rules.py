"""The tables of the orgs room: periods, places of units, rights of roles."""

from __future__ import annotations

from datetime import date

import pytest

from heqing_site.orgs.rules import (
    KIND_NAMES,
    PERMISSION_NAMES,
    ROLE_NAMES,
    ROLE_PERMISSIONS,
    Permission,
    Role,
    UnitKind,
    do_overlap,
    is_within,
    may_stand_under,
    period,
)

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_period_counts_its_first_and_its_last_day(day, expected):
    assert is_within(day, FIRST, LAST) is expected


def test_a_period_without_a_last_day_goes_on():
    assert is_within(date(2099, 1, 1), FIRST, None)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 4, 1), None, False),
        (date(2026, 3, 31), None, True),
        (date(2026, 1, 1), date(2026, 2, 28), False),
        (date(2026, 1, 1), date(2026, 3, 1), True),
        (date(2026, 3, 10), date(2026, 3, 10), True),
    ],
)
def test_periods_overlap_when_they_share_a_day(first, last, expected):
    assert do_overlap(FIRST, LAST, first, last) is expected
    assert do_overlap(first, last, FIRST, LAST) is expected


def test_a_period_is_written_as_offices_write_it():
    assert period(FIRST, LAST) == "2026-03-01 至 2026-03-31"
    assert period(FIRST, None) == "2026-03-01 至今"


@pytest.mark.parametrize(
    ("kind", "parent_kind", "expected"),
    [
        (UnitKind.DISTRICT, None, True),
        (UnitKind.TOWN, UnitKind.DISTRICT, True),
        (UnitKind.VILLAGE, UnitKind.DISTRICT, True),
        (UnitKind.TOWN, UnitKind.STREET, False),
        (UnitKind.DISTRICT, UnitKind.TOWN, False),
        (UnitKind.TOWN, UnitKind.DEPARTMENT, False),
        (UnitKind.DEPARTMENT, UnitKind.DEPARTMENT, True),
        (UnitKind.ENTERPRISE, UnitKind.PARK, True),
        (UnitKind.DEPARTMENT, UnitKind.ENTERPRISE, False),
    ],
)
def test_which_kind_may_stand_under_which(kind, parent_kind, expected):
    assert may_stand_under(kind, parent_kind) is expected


def test_every_kind_permission_and_role_has_a_chinese_name_and_every_role_its_rights():
    assert set(KIND_NAMES) == set(UnitKind)
    assert set(PERMISSION_NAMES) == set(Permission)
    assert set(ROLE_NAMES) == set(Role) == set(ROLE_PERMISSIONS)


def test_the_site_administrator_has_every_right():
    assert ROLE_PERMISSIONS[Role.SITE_ADMIN] == set(Permission)
