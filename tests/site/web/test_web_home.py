"""Home says what waits for a person today, what is late first."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from tests.site.conftest import AT, PASSWORD
from tests.site.reporting.conftest import deed, office, submitted, target  # noqa: F401  fixtures of the room below

from heqing_site.orgs.actions import create_unit, found_site
from heqing_site.orgs.rules import UnitKind
from heqing_site.web.mine import SHOWN, Duty, duties

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


def test_a_leader_has_the_way_to_the_cockpit_in_large_even_with_a_duty(office, target, open_as, district, monkeypatch):  # noqa: F811
    waits = Duty("bulletins", 1, "grey", "1 份通报等您审签或印发。", [("通报", "待审签", "/x/")], "/y/", "去审签")
    target()
    page = open_as(district.leader)

    for found in ([], [waits]):
        monkeypatch.setattr("heqing_site.web.views.duties", lambda _user, on, found=found: found)
        said = page.get(reverse("home")).content.decode()
        assert f'<a class="button main large" href="{reverse("publishing:cockpit")}">打开驾驶舱</a>' in said
        assert said.count("打开驾驶舱") == 1
        assert '1 项目标：<span class="lights"><span class="light grey">待报 1</span></span>' in said


def test_whoever_leads_nothing_has_the_cockpit_beside_their_duties(office, submitted, open_as):  # noqa: F811
    page = open_as(office.checker).get(reverse("home")).content.decode()

    assert f'<a class="button" href="{reverse("publishing:cockpit")}">看全区怎样</a>' in page
    assert "全区今天怎样？" not in page


def test_what_is_late_says_so_and_what_is_not_shown_is_counted(office, target, open_as, monkeypatch):  # noqa: F811
    for _ in range(SHOWN + 2):
        target()

    [owed] = duties(office.reporter, on=APRIL)

    assert (len(owed.rows), owed.left, owed.light) == (SHOWN, 2, "red")
    assert all(words.endswith("限 2026-04-05") for _, words, _ in owed.rows)
    monkeypatch.setattr("heqing_site.web.views.duties", lambda _user, on: [owed])
    page = open_as(office.reporter).get(reverse("home")).content.decode()
    assert '<span class="light red">有逾期：</span>' in page
    assert f'<a href="{owed.address}">另有 2 个，看全部</a>' in page.replace("&amp;", "&")


def test_each_unit_whose_reports_wait_opens_its_own_desk(office, submitted, open_as):  # noqa: F811
    [waits] = duties(office.checker, on=date(2026, 3, 5))

    [(name, _, address)] = waits.rows

    rows = open_as(office.checker).get(address).context["rows"]
    assert {str(row.entry.unit) for row in rows} == {name}


def test_the_first_person_of_an_empty_site_is_told_what_comes_first(db, open_as):
    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    browser = open_as(admin)

    empty = browser.get(reverse("home")).content.decode()
    assert "系统里还没有单位，先做什么？" in empty
    assert reverse("orgs:add_unit") in empty

    create_unit(by=admin, at=AT, name="清河区", code="990101", kind=UnitKind.DISTRICT, parent=None, active_from=APRIL)
    assert "先做什么" not in browser.get(reverse("home")).content.decode()
