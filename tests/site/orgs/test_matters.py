"""Grants for some matters only: a right counts when the deed is about one of them, and nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.worlds import kept

from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.library.rules import PILLAR_NAMES as NAMES_ABOVE
from heqing_site.orgs import actions, queries
from heqing_site.orgs.models import RoleGrant, User
from heqing_site.orgs.rules import PILLAR_NAMES, Permission, Role, in_order


@kept
def water_clerk(district: District) -> User:
    """Somebody who reports the water and the soil of the western town, and nothing else."""
    person = actions.create_user(
        by=district.site_admin, at=AT, username="shuiyuan", display_name="沈源", password=PASSWORD, unit=district.west
    )
    actions.grant_role(
        by=district.site_admin,
        at=AT,
        user=person,
        role=Role.CLERK,
        unit=district.west,
        valid_from=DAY,
        matters=("soil", "water"),
    )
    return person


@pytest.mark.parametrize(
    ("matter", "expected"),
    [("water", True), ("soil", True), ("air", False), ("wat", False), ("", False), (".*", False)],
)
def test_a_restricted_grant_counts_for_its_matters_only(district, water_clerk, matter, expected):
    told: dict[str, Any] = {"on": DAY, "matter": matter}

    assert queries.may(water_clerk, Permission.REPORT_ENTER, district.west, **told) is expected
    assert queries.places_with(water_clerk, Permission.REPORT_ENTER, **told) == (
        {district.west.pk} if expected else set()
    )


@pytest.mark.parametrize("matter", ["", *PILLAR_NAMES])
def test_a_grant_without_matters_counts_for_all(district, matter):
    assert queries.may(district.town_clerk, Permission.REPORT_ENTER, district.east, on=DAY, matter=matter)


def test_the_menu_shows_what_somebody_may_do_for_any_matter(district, water_clerk):
    assert queries.may_somewhere(water_clerk, Permission.REPORT_ENTER, on=DAY)
    assert queries.may_somewhere(water_clerk, Permission.REPORT_ENTER, on=DAY, matter="water")
    assert not queries.may_somewhere(water_clerk, Permission.REPORT_ENTER, on=DAY, matter="air")
    assert not queries.may_somewhere(water_clerk, Permission.TASK_EDIT, on=DAY)


def test_a_refusal_names_the_matter(district, water_clerk):
    with pytest.raises(RuleBrokenError) as refusal:
        queries.require(water_clerk, Permission.REPORT_ENTER, district.west, on=DAY, matter="air")

    assert refusal.value.code == PERMISSION_MISSING
    assert "西塘镇·治气" in refusal.value.sentence()


def test_a_list_is_cut_down_matter_by_matter(district, water_clerk):
    actions.grant_role(
        by=district.site_admin, at=AT, user=water_clerk, role=Role.OFFICER, unit=district.bureau, valid_from=DAY
    )

    where = queries.reach(water_clerk, Permission.REPORT_ENTER, on=DAY)

    assert where.places == {"": {district.bureau.pk}, "soil": {district.west.pk}, "water": {district.west.pk}}
    assert where.holds(district.west.pk, "water")
    assert where.holds(district.bureau.pk, "air")
    assert not where.holds(district.west.pk, "air")
    assert not where.holds(district.west.pk)
    assert where.units == {district.west.pk, district.bureau.pk}
    assert not where.is_nowhere


def test_whoever_has_the_whole_site_sees_every_row_and_a_stranger_none(district):
    everywhere = queries.reach(district.site_admin, Permission.REPORT_ENTER, on=DAY)
    nowhere = queries.reach(district.clerk, Permission.REPORT_ENTER, on=DAY)

    assert everywhere.units is None
    assert everywhere.holds(None, "air")
    assert RoleGrant.objects.filter(everywhere.rows("unit", "matters")).count() == RoleGrant.objects.count()
    assert nowhere.is_nowhere
    assert not RoleGrant.objects.filter(nowhere.rows("unit", "matters")).exists()


def test_rows_of_a_list_are_those_of_the_unit_and_the_matter(district, water_clerk):
    # grants stand in for rows of any list: a unit, and one matter
    for matters in (("water",), ("air",)):
        actions.grant_role(
            by=district.site_admin,
            at=AT,
            user=district.clerk if matters == ("water",) else district.officer,
            role=Role.CLERK,
            unit=district.west,
            valid_from=DAY,
            matters=matters,
        )

    where = queries.reach(water_clerk, Permission.REPORT_ENTER, on=DAY)

    assert [row.user for row in RoleGrant.objects.filter(where.rows("unit", "matters"))] == [district.clerk]


def test_nobody_grants_more_matters_than_they_hold(district, water_clerk):
    actions.grant_role(
        by=district.site_admin, at=AT, user=water_clerk, role=Role.UNIT_ADMIN, unit=district.west, valid_from=DAY
    )
    told: dict[str, Any] = {"by": water_clerk, "at": AT, "role": Role.CLERK, "unit": district.west, "valid_from": DAY}

    assert actions.grant_role(**told, user=district.clerk, matters=("water",)).matters == "water"
    for matters in ((), ("water", "air")):
        with pytest.raises(RuleBrokenError) as refusal:
            actions.grant_role(**told, user=district.officer, matters=matters)
        assert refusal.value.code == "role.above_you"


@pytest.mark.parametrize("role", [Role.SITE_ADMIN, Role.UNIT_ADMIN, Role.AUDITOR])
def test_who_administers_does_so_for_all_matters(district, role):
    with pytest.raises(RuleBrokenError) as refusal:
        actions.grant_role(
            by=district.site_admin,
            at=AT,
            user=district.clerk,
            role=role,
            unit=district.east,
            valid_from=DAY,
            matters=("water",),
        )
    assert refusal.value.code == "grant.role_without_matters"

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(
            user=district.clerk, role=role, unit=district.west, valid_from=date(2026, 1, 1), matters="water"
        )


def test_matters_are_kept_once_and_in_the_order_of_the_table():
    assert in_order(["soil", "air", "soil", "nothing"]) == ("air", "soil")
    assert NAMES_ABOVE is PILLAR_NAMES


def test_the_form_offers_matters_and_the_page_of_the_person_shows_them(district, client: Client):
    client.force_login(district.site_admin)
    page = client.get(f"/orgs/people/{district.clerk.pk}/grants/add/").content.decode()
    assert "治水" in page

    answer = client.post(
        f"/orgs/people/{district.clerk.pk}/grants/add/",
        {"role": "officer", "unit": district.west.pk, "matters": ["water", "air"], "valid_from": "2026-03-02"},
        follow=True,
    )

    assert "治气、治水" in answer.content.decode()
    assert RoleGrant.objects.get(user=district.clerk).matters == "air water"
