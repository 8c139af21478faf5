"""Whoever looks after some matters only acts on the cases and reports of these, and finds them on their lists."""

from __future__ import annotations

import pytest
from tests.site.cases.conftest import assigned, later
from tests.site.conftest import AT, DAY

from heqing_site.cases import actions, queries
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs.actions import grant_role
from heqing_site.orgs.models import RoleGrant
from heqing_site.orgs.rules import Role
from heqing_site.reporting.queries import reporting_units


def restrict(office, matter):
    """Leave the town's officer one matter only."""
    RoleGrant.objects.filter(user=office.town_officer).delete()
    grant_role(
        by=office.district.site_admin, at=AT, user=office.town_officer, role=Role.OFFICER, unit=office.town,
        valid_from=DAY, matters=[matter],
    )  # fmt: skip


@pytest.mark.parametrize(("matter", "allowed"), [("water", True), ("air", False)])
def test_a_case_about_a_section_is_one_of_water(office, section, matter, allowed):
    case = actions.open_case(by=office.supervisor, at=AT, title="断面有异味", detail="现场异味明显", section=section)
    assert case.pillar == "water"
    assigned(office, case)
    restrict(office, matter)

    assert list(queries.mine(office.town_officer, on=DAY)) == ([case] if allowed else [])
    if allowed:
        actions.accept_case(by=office.town_officer, at=later(1), case=case)
        return
    with pytest.raises(RuleBrokenError) as refusal:
        actions.accept_case(by=office.town_officer, at=later(1), case=case)
    assert refusal.value.code == PERMISSION_MISSING
    assert "·治水" in refusal.value.sentence()


def test_a_case_about_nothing_declared_needs_a_grant_for_all_matters(office):
    case = actions.open_case(
        by=office.supervisor, at=AT, title="路边有垃圾", detail="约十平方米", unit=office.town, place_unit=office.town
    )
    assert case.pillar == ""
    assigned(office, case)
    assert list(queries.mine(office.town_officer, on=DAY)) == [case]
    restrict(office, "water")
    assert not queries.mine(office.town_officer, on=DAY)


@pytest.mark.parametrize("fits", [True, False])
def test_who_reports_for_a_matter_finds_the_unit_that_owes_it(office, target, fits):
    found = target()
    pillar = found.terms.get().pillar
    restrict(office, pillar if fits else "publicity")

    assert list(reporting_units(office.town_officer, on=DAY)) == ([office.town] if fits else [])
