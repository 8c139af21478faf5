"""The pages of the registers: what they show, to whom, and that their queries do not grow with the rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT, DAY
from tests.site.places.conftest import HERE, enterprise_facts, section_facts, station_facts

from heqing_site.orgs import actions as orgs
from heqing_site.places import actions, queries
from heqing_site.places.models import MODELS
from heqing_site.places.rules import BodyType, Register


def page_of(browser, register, **asked):
    return browser.get(reverse("places:listing", args=[register]), asked).content.decode()


@pytest.mark.parametrize("register", [*Register], ids=str)
def test_each_register_is_listed_and_opens(district, places, open_as, register):
    browser = open_as(district.clerk)
    place = getattr(places, register)

    assert place.name in page_of(browser, register)
    opened = browser.get(reverse("places:place", args=[register, place.pk]))
    page = opened.content.decode()
    assert opened.status_code == 200
    assert place.code in page
    assert "登记" in page
    assert "王建国" in page


@pytest.mark.parametrize("register", [*Register], ids=str)
def test_an_empty_register_says_who_enters_it(district, open_as, register):
    assert "尚未登记" in page_of(open_as(district.clerk), register)


@pytest.mark.parametrize("register", ["station", "section"])
def test_what_measures_leads_to_its_measurements(district, places, open_as, register):
    place = getattr(places, register)

    page = open_as(district.clerk).get(reverse("places:place", args=[register, place.pk])).content.decode()

    assert f'href="{reverse(f"monitoring:{register}", args=[place.pk])}">监测数据</a>' in page


def test_invented_rows_say_so_and_others_do_not(district, places, open_as):
    browser = open_as(district.clerk)
    facts = {**station_facts(district), "code": "QH-A02", "name": "虚构站", "is_invented": True}
    invented = actions.create_station(by=district.site_admin, at=AT, **facts)

    assert page_of(browser, "station").count("演示数据") == 1
    for place, times in ((places.station, 0), (invented, 1)):
        page = browser.get(reverse("places:place", args=["station", place.pk])).content.decode()
        assert page.count("演示数据") == times


def test_a_river_names_its_chief_of_today(district, places, open_as):
    browser = open_as(district.clerk)
    assert "空缺" in page_of(browser, "river")

    orgs.appoint(
        by=district.site_admin, at=AT, post=district.director, holder=district.officer, started_on=date(2020, 1, 1)
    )

    assert "孙丽" in page_of(browser, "river")
    assert queries.chief_on(places.river, on=DAY).holder == district.officer


def test_a_search_looks_at_names_codes_and_where_things_lie(district, places, open_as):
    browser = open_as(district.clerk)
    for words, is_found in (("柳湾", True), ("qh-s01", True), ("东溪镇", True), ("北塘", False)):
        assert ("柳湾桥" in page_of(browser, "section", q=words)) is is_found


def test_what_is_retired_is_shown_when_asked_for(district, places, open_as):
    browser = open_as(district.clerk)
    actions.retire_place(
        by=district.site_admin, at=AT, place=places.station, last_day=date(2026, 1, 31), because="城市更新迁建"
    )

    assert "东溪站" not in page_of(browser, "station")
    assert "2026-01-31 停用" in page_of(browser, "station", retired="1")
    page = browser.get(reverse("places:place", args=["station", places.station.pk])).content.decode()
    assert "城市更新迁建" in page


def test_a_place_is_found_by_the_name_in_data_files_as_of_a_day(district, places):
    actions.retire_place(by=district.site_admin, at=AT, place=places.station, last_day=DAY, because="迁建")
    again = actions.create_station(by=district.site_admin, at=AT, **{**station_facts(district), "code": "QH-A09"})

    assert queries.station_named("清河区", "东溪站", on=DAY) == places.station
    assert queries.station_named("清河区", "东溪站", on=DAY + timedelta(days=1)) == again
    assert queries.station_named("邻区", "东溪站", on=DAY) is None
    assert queries.section_named("柳湾桥", on=DAY) == places.section
    assert queries.stations_of({district.east.pk}, on=DAY, only_evaluated=True).count() == 2
    assert queries.sections_of(on=DAY).get() == places.section


def test_the_map_shows_everything_with_a_position(district, places, open_as):
    response = open_as(district.clerk).get(reverse("places:map_layer"))

    found = response.json()["features"]
    assert response["Content-Type"] == "application/geo+json"
    assert {feature["properties"]["register"] for feature in found} == set(Register) - {"river"}
    assert found[0]["geometry"]["coordinates"] == [119.5123, 29.84321]


def test_an_unknown_register_or_place_is_not_found(district, places, open_as):
    browser = open_as(district.clerk)

    assert browser.get(reverse("places:listing", args=["volcano"])).status_code == 404
    assert browser.get(reverse("places:place", args=["river", 999])).status_code == 404


def test_a_stranger_is_sent_to_the_login(places, client):
    for address in (reverse("places:registers"), reverse("places:map_layer")):
        assert reverse("login") in client.get(address).headers["Location"]


@pytest.mark.parametrize("register", [*Register], ids=str)
def test_the_queries_of_a_list_do_not_grow_with_its_rows(district, places, open_as, register):
    browser = open_as(district.clerk)
    address = reverse("places:listing", args=[register])
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(address)
    who = {"by": district.site_admin, "at": AT}
    for n in range(5):
        new = {"name": f"点位{n}", "code": f"QH-N{n}"}
        post = orgs.create_post(**who, unit=district.east, name=f"河长{n}")
        orgs.appoint(**who, post=post, holder=district.clerk, started_on=DAY)
        actions.create_river(**who, **new, kind=BodyType.RIVER, unit=district.east, chief=post)
        actions.create_station(**who, **{**station_facts(district), **new})
        actions.create_section(**who, **{**section_facts(district, places.river), **new})
        owner = actions.create_enterprise(**who, **{**enterprise_facts(district), **new})
        actions.create_outlet(**who, **new, enterprise=owner, river=places.river, **HERE)

    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert MODELS[register].objects.count() == 6
    assert len(many) == len(few)
