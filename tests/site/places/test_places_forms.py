"""Places are entered, put right and retired on pages: what the forms ask, to whom they open, what they say."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from tests.site.conftest import AT

from heqing_site.audit.models import AuditEntry
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.rules import Role
from heqing_site.places.models import MODELS, Section, Station
from heqing_site.places.rules import Register

POSITION = {"lon": "119.512300", "lat": "29.843210"}


def typed(register, district, places):
    """Give what somebody types into the form of a register."""
    return {
        Register.RIVER: {"unit": district.east.pk, "kind": "lake", "chief": district.director.pk},
        Register.STATION: {
            "unit": district.east.pk, "city": "清河区", "control_level": "national", "is_evaluated": "on", **POSITION,
        },
        Register.SECTION: {
            "unit": district.east.pk, "river": places.river.pk, "body_type": "river", "control_level": "province",
            "target_class": "3", **POSITION,
        },
        Register.OUTLET: {"enterprise": places.enterprise.pk, "river": "", **POSITION},
        Register.ENTERPRISE: {"unit": district.east.pk, "industry": "印染", "area_mu": "12.5", **POSITION},
    }[register] | {"name": "新点", "code": "QH-N01"}  # fmt: skip


def add(register):
    return reverse("places:add_place", args=[register])


@pytest.mark.parametrize("register", [*Register], ids=str)
def test_each_register_is_entered_and_put_right_and_retired(district, places, open_as, register):
    browser = open_as(district.site_admin)
    assert browser.get(add(register)).status_code == 200

    browser.post(add(register), typed(register, district, places))
    place = MODELS[register].objects.get(code="QH-N01")
    changes = {**typed(register, district, places), "name": "改名", "because": "核实后更正"}
    change = reverse("places:change_place", args=[register, place.pk])
    assert 'value="新点"' in browser.get(change).content.decode()
    browser.post(change, changes)
    place.refresh_from_db()
    assert (place.name, place.code) == ("改名", "QH-N01")

    browser.post(
        reverse("places:retire_place", args=[register, place.pk]), {"last_day": "2026-03-02", "because": "拆除"}
    )
    place.refresh_from_db()
    assert place.retired_on == date(2026, 3, 2)
    deeds = AuditEntry.objects.filter(subject_id=str(place.pk)).values_list("action", flat=True)
    assert {f"places.create_{register}", "places.change_place", "places.retire_place"} <= set(deeds)


def test_a_rule_is_said_on_the_form_and_what_was_typed_stays(district, places, open_as):
    browser = open_as(district.site_admin)
    facts = {**typed(Register.STATION, district, places), "code": places.station.code, "name": "另一站"}

    answer = browser.post(add(Register.STATION), facts)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已由“东溪站”使用" in page
    assert 'value="另一站"' in page
    assert Station.objects.count() == 1


def test_the_same_form_sent_twice_enters_one_place(district, places, open_as):
    browser = open_as(district.site_admin)
    facts = typed(Register.SECTION, district, places)

    assert browser.post(add(Register.SECTION), facts).status_code == 302
    again = browser.post(add(Register.SECTION), facts)

    assert again.status_code == 422
    assert "请核对后换一个代码" in again.content.decode()
    assert Section.objects.filter(code="QH-N01").count() == 1


def test_swapped_coordinates_are_refused_by_a_sentence(district, places, open_as):
    swapped = {**typed(Register.STATION, district, places), "lon": "29.8", "lat": "119.5"}
    page = open_as(district.site_admin).post(add(Register.STATION), swapped).content.decode()
    assert "请核对经纬度是否颠倒" in page


def test_who_has_no_right_sees_no_button_and_is_refused(district, places, open_as):
    browser = open_as(district.clerk)
    assert add(Register.STATION) not in browser.get(reverse("places:listing", args=["station"])).content.decode()
    for answer in (
        browser.get(add(Register.STATION)),
        browser.post(add(Register.STATION), typed(Register.STATION, district, places)),
        browser.post(reverse("places:retire_place", args=["station", places.station.pk]),
                     {"last_day": "2026-03-02", "because": "试"}),
    ):  # fmt: skip
        assert answer.status_code == 403
    assert Station.objects.filter(retired_on=None).count() == 1


def test_a_town_enters_places_on_its_own_ground_only(district, places, open_as):
    orgs.grant_role(by=district.site_admin, at=AT, user=district.clerk, role=Role.OFFICER, unit=district.west,
                    valid_from=date(2026, 3, 2))  # fmt: skip
    browser = open_as(district.clerk)
    own = {**typed(Register.STATION, district, places), "unit": district.west.pk}

    elsewhere = browser.post(add(Register.STATION), {**own, "unit": district.east.pk})
    forged = browser.post(
        reverse("places:change_place", args=["station", places.station.pk]),
        {**own, "name": "占用", "because": "试"},
    )
    placed = browser.post(add(Register.STATION), own)

    assert (elsewhere.status_code, forged.status_code, placed.status_code) == (422, 403, 302)
    assert sorted(Station.objects.values_list("name", flat=True)) == ["东溪站", "新点"]
