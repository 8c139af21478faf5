"""The map: its layers, where lights come from, the list that says the same, and the picture without WebGL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT, DAY
from tests.site.places.conftest import station_facts
from tests.site.publishing.cockpit.conftest import put

from heqing_site.places import actions
from heqing_site.publishing import atlas
from heqing_site.publishing.atlas import CASE, TOWN


def of(layer: str, found: list[atlas.Spot]) -> list[atlas.Spot]:
    return [spot for spot in found if spot.layer == layer]


@pytest.fixture
def case(places, monkeypatch) -> Any:
    """An open case at the section, as the room of cases tells it."""
    known = SimpleNamespace(
        pk=7, number=1, title="柳湾桥总磷超标", section=places.section, section_id=places.section.pk,
        place_unit_id=places.section.unit_id, place_unit=places.section.unit,
        is_invented=False, unit_id=places.section.unit_id, unit=places.section.unit,
        due_then=date(2026, 3, 10),
    )  # fmt: skip
    monkeypatch.setattr(atlas, "open_cases", lambda *, as_of: [known])
    return known


def test_every_register_with_a_position_is_a_layer_and_a_town_stands_at_the_middle_of_its_places(places, district):
    found = atlas.spots(on=DAY)

    assert {spot.layer for spot in found} == {TOWN, "station", "section", "outlet", "enterprise"}
    town = of(TOWN, found)[0]
    assert town.name == "东溪镇"
    assert (town.lon, town.lat) == (119.5123, 29.84321)
    assert town.words == "本月尚无考核得分"


def test_a_place_bears_a_light_only_where_something_says_so(places, target):
    assert {spot.light for spot in atlas.spots(on=DAY)} == {""}

    mean = target(
        indicator="PM2.5平均浓度", quote="PM2.5平均浓度控制在25微克/立方米以内", comparator="<=", value=Decimal(25),
        value_text="25", unit="微克/立方米", pillar="air",
    )  # fmt: skip
    inputs = {"source": "instrument", "statistic": "air.pm2_5.mean"}
    put(mean, DAY, "yellow", inputs={**inputs, "places": ["东溪站", "西塘站"]})
    assert of("station", atlas.spots(on=DAY))[0].light == ""  # a mean of two is the light of neither

    put(mean, DAY, "yellow", inputs={**inputs, "places": ["东溪站"]})
    assert of("station", atlas.spots(on=DAY))[0].light == "yellow"


@pytest.mark.parametrize(
    ("day", "light"), [(date(2026, 3, 9), "yellow"), (date(2026, 3, 10), "yellow"), (date(2026, 3, 11), "red")]
)
def test_an_open_case_is_yellow_to_its_last_day_and_red_after_it_and_so_is_its_section(case, day, light):
    found = atlas.spots(on=day)

    assert [spot.light for spot in of(CASE, found)] == [light]
    assert [spot.light for spot in of("section", found)] == [light]
    assert (of(CASE, found)[0].lon, of(CASE, found)[0].lat) == (119.5123, 29.84321)


def test_a_case_without_a_section_stands_on_its_town(case):
    case.section, case.section_id = None, None

    found = atlas.spots(on=DAY)

    town = of(TOWN, found)[0]
    assert (of(CASE, found)[0].lon, of(CASE, found)[0].lat) == (town.lon, town.lat)


def test_layers_list_and_picture_say_the_same(places, case, district, open_as):
    browser = open_as(district.leader)
    response = browser.get(reverse("publishing:map_layer"))
    page = browser.get(reverse("publishing:map")).content.decode()

    assert response.headers["Content-Type"] == "application/geo+json"
    for feature in response.json()["features"]:
        assert f'data-spot="{feature["id"]}"' in page
        if feature["properties"]["layer"] != TOWN:
            cut = feature["id"].rpartition("-")
            assert f'<a href="{reverse("publishing:sheet", args=[cut[0], int(cut[2])])}"><title>' in page
    assert '<svg class="overview"' in page
    assert "图上不画行政区界" in page


def test_the_sheet_is_a_piece_for_the_map_and_a_page_for_whoever_has_no_javascript(places, case, district, open_as):
    browser = open_as(district.leader)
    address = reverse("publishing:sheet", args=["section", places.section.pk])

    piece = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    page = browser.get(address).content.decode()

    assert "柳湾桥总磷超标" in piece
    assert "<html" not in piece
    assert "<html" in page
    assert "柳湾桥总磷超标" in page


@pytest.mark.parametrize(("layer", "key"), [("section", 99999), ("river", 1), ("nonsense", 1)])
def test_what_is_not_on_the_map_has_no_sheet(places, district, open_as, layer, key):
    assert open_as(district.leader).get(f"/publishing/map/{layer}/{key}/").status_code == 404


def test_without_places_the_map_says_what_to_do(district, open_as):
    page = open_as(district.leader).get(reverse("publishing:map")).content.decode()

    assert "名录里还没有带位置的点位。" in page
    assert reverse("places:registers") in page


def test_a_base_map_without_a_review_number_is_said_to_be_without(places, district, open_as, settings):
    browser = open_as(district.leader)
    settings.MAP_TILES = "https://tiles.example/{z}/{x}/{y}.png"
    assert "底图未注明审图号" in browser.get(reverse("publishing:map")).content.decode()

    settings.MAP_TILES_NOTE = "示例底图，审图号：GS(0000)0000号"
    page = browser.get(reverse("publishing:map")).content.decode()
    assert "GS(0000)0000号" in page
    assert "底图未注明审图号" not in page


def test_the_number_of_queries_does_not_grow_with_places(places, district, open_as):
    browser = open_as(district.leader)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("publishing:map"))
        return len(queries)

    asked()
    few = asked()
    for number in range(2, 12):
        facts = station_facts(district) | {"name": f"东溪{number}站", "code": f"QH-A{number:02d}"}
        actions.create_station(by=district.site_admin, at=AT, **facts)

    assert asked() == few


def test_a_case_of_the_whole_district_stands_at_the_middle_of_everything(case, district):
    case.section, case.section_id, case.place_unit_id = None, None, district.district.pk

    assert (of(CASE, atlas.spots(on=DAY))[0].lon, of(CASE, atlas.spots(on=DAY))[0].lat) == (119.5123, 29.84321)


def test_without_scores_no_town_has_points(db):
    assert atlas.scores(as_of=DAY) == {}


def test_points_in_one_place_do_not_break_the_picture(places):
    overview = atlas.overview(atlas.spots(on=DAY))

    assert all(0 <= mark.x <= overview.width and 0 <= mark.y <= overview.height for mark in overview.marks)


def test_a_case_says_whether_it_is_late_and_not_what_a_target_would_say(case):
    told = {day: of(CASE, atlas.spots(on=day))[0].light_name for day in (date(2026, 3, 10), date(2026, 3, 11))}

    assert told == {date(2026, 3, 10): "办理中", date(2026, 3, 11): "逾期"}
