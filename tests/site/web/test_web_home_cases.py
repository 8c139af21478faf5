"""Home tells a town which of its cases are with others, and hands them over when the move is the town's."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.cases.conftest import assigned, case, office  # noqa: F401  fixtures of the room below
from tests.site.conftest import AT, DAY

from heqing_site.cases import actions
from heqing_site.web.mine import SHOWN, duties, with_others


def test_a_case_is_either_with_others_or_a_duty(office, case):  # noqa: F811
    told = [(case.title, f"东溪镇 · {case.state_name}", reverse("cases:case", args=[case.number]))]
    waits = [
        (title, words.partition(" · 限")[0], address)
        for title, words, address in with_others(office.town_officer, on=DAY)
    ]

    assert waits == told
    assert duties(office.town_officer, on=DAY) == []

    assigned(office, case)

    assert with_others(office.town_officer, on=DAY) == []
    assert [duty.key for duty in duties(office.town_officer, on=DAY)] == ["cases"]


def test_home_names_some_cases_with_others_and_counts_the_rest(office, open_as, django_assert_max_num_queries):  # noqa: F811
    browser = open_as(office.town_officer)

    def add(count: int) -> None:
        for number in range(count):
            actions.open_case(
                by=office.supervisor,
                at=AT,
                title=f"第 {count}—{number} 段沟渠",
                detail="淤积",
                unit=office.district.east,
            )

    add(1)
    with CaptureQueriesContext(connection) as caught:
        browser.get(reverse("home"))
    few = len(caught)
    page = browser.get(reverse("home")).content.decode()
    assert "本单位负责的问题有 1 个等别的单位办下一步" in page
    assert "看全部" not in page

    add(SHOWN + 1)
    with django_assert_max_num_queries(few):
        page = browser.get(reverse("home")).content.decode()
    assert "本单位负责的问题有 7 个等别的单位办下一步" in page
    assert f'<a href="{reverse("cases:cases")}?unit={office.district.east.pk}">另有 2 个，看全部</a>' in page
