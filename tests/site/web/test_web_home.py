"""Home says what waits for a person today, what is late first."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from tests.site.conftest import AT, PASSWORD
from tests.site.reporting.conftest import deed, office, submitted, target  # noqa: F401  fixtures of the room below

from heqing_site.orgs.actions import create_unit, found_site
from heqing_site.orgs.rules import UnitKind
from heqing_site.web.mine import duties

APRIL = date(2026, 4, 10)


def test_a_reporter_is_told_what_is_owed_and_what_is_late(office, target):  # noqa: F811
    target()

    in_time = duties(office.reporter, on=date(2026, 4, 2))
    late = duties(office.reporter, on=APRIL)

    assert [(duty.key, duty.count, duty.light) for duty in in_time] == [("reports", 1, "grey")]
    assert [(duty.key, duty.count, duty.light) for duty in late] == [("reports", 1, "red")]
    assert "其中逾期或退回 1 项" in late[0].sentence


def test_a_checker_is_told_what_waits_and_never_what_their_own_unit_sent(office, submitted):  # noqa: F811
    assert [(duty.key, duty.count) for duty in duties(office.checker, on=date(2026, 3, 5))] == [("checks", 1)]
    assert "checks" not in [duty.key for duty in duties(office.reporter, on=date(2026, 3, 5))]


def test_whoever_has_no_right_has_no_duty(district, target):  # noqa: F811
    target()

    assert duties(district.clerk, on=APRIL) == []
    assert duties(district.leader, on=APRIL) == []


def test_the_page_leads_to_the_deed(office, submitted, open_as):  # noqa: F811
    page = open_as(office.checker).get(reverse("home")).content.decode()

    assert "1 项填报等您审核。" in page
    assert reverse("reporting:check") in page


def test_the_first_person_of_an_empty_site_is_told_what_comes_first(db, open_as):
    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    browser = open_as(admin)

    empty = browser.get(reverse("home")).content.decode()
    assert "系统里还没有单位，先做什么？" in empty
    assert reverse("orgs:add_unit") in empty

    create_unit(by=admin, at=AT, name="清河区", code="990101", kind=UnitKind.DISTRICT, parent=None, active_from=APRIL)
    assert "先做什么" not in browser.get(reverse("home")).content.decode()
