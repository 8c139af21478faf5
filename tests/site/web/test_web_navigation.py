"""The menu: grouped, short enough for a phone, without rooms that are missing, with the open one marked once."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import reverse

from heqing_site.orgs.models import User
from heqing_site.web import environment, navigation


def asked(path: str, user: User):
    request = RequestFactory().get(path)
    request.user = user
    return request


def test_at_most_five_rooms_stay_in_sight_on_a_phone_and_all_others_stand_under_more(district, open_as):
    links = navigation.links(asked("/", district.officer))
    first = [link for link in links if link.is_first]
    page = open_as(district.officer).get(reverse("home")).content.decode()

    assert len(first) <= 5
    for link in links:
        assert page.count(f'href="{link.address}"') >= (1 if link.is_first else 2), link.title


def test_a_room_that_is_not_installed_is_left_out(district, monkeypatch):
    monkeypatch.setattr(navigation, "address_of", lambda name: None if name.startswith("ledger") else f"/{name}/")

    titles = [link.title for link in navigation.links(asked("/", district.officer))]

    assert "目标" not in titles
    assert "填报" in titles


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/publishing/map/", "地图"),
        ("/publishing/cockpit/targets/", "驾驶舱"),
        ("/ledger/targets/1/", "目标"),
        ("/", None),
    ],
)
def test_the_room_that_is_open_is_marked_and_no_other(district, path, title):
    open_now = [link.title for link in navigation.links(asked(path, district.officer)) if link.is_open]

    assert open_now == ([] if title is None else [title])


def test_accounts_and_records_are_shown_to_whoever_may_see_them(district):
    def titles(user: User) -> list[str]:
        return [link.title for link in navigation.registers(asked("/", user))]

    assert titles(district.clerk) == [
        "导览", "点位与名录", "河长、门长", "单位与职务", "领导小组", "我的导入记录", "运行状态",
    ]  # fmt: skip
    assert "账号与授权" in titles(district.east_admin)
    assert "操作记录" in titles(district.auditor)


def test_the_menu_speaks_english(district, open_as):
    browser = open_as(district.officer)
    browser.cookies["django_language"] = "en"

    page = browser.get(reverse("home")).content.decode()

    assert ">Targets</a>" in page
    assert "<summary>More</summary>" in page


def test_home_sends_whoever_has_no_duty_to_the_cockpit(district, open_as):
    page = open_as(district.leader).get(reverse("home")).content.decode()

    assert "今天没有等您办的事。" in page
    assert reverse("publishing:cockpit") in page


def test_tiles_are_an_address_with_three_places_or_none():
    assert environment.read({}).tiles == ""
    assert environment.read({"HEQING_TILES": "https://a/{z}/{x}/{y}.png"}).tiles.startswith("https://a/")
    with pytest.raises(ImproperlyConfigured, match="HEQING_TILES"):
        environment.read({"HEQING_TILES": "https://a/tiles.png"})
