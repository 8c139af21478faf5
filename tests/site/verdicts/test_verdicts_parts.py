"""The value of a target that is the sum of its parts, and the plan that stands for the straight line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.reporting.conftest import LATER, month, typed
from tests.site.worlds import kept

from heqing_site.ledger import actions as ledger
from heqing_site.ledger import splitting, tree
from heqing_site.ledger.rules import Light, PlanBasis
from heqing_site.ledger.splitting import Part
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.queries import owing_terms
from heqing_site.verdicts.actions import judge_all

DAY = date(2026, 3, 3)
APRIL = datetime(2026, 4, 3, 2, 0, tzinfo=UTC)
FIRST = date(2026, 2, 10)


def judged(target, on=DAY, at=LATER):
    return judge_all(at=at, on=on, readings=None, targets=[target.pk]).rows[-1:] or [
        target.verdicts.order_by("-day", "-number").first()
    ]


@kept
def sewers(target, district):
    """24 km of the bureau, 10 for the east and 14 for the west; the bureau's value is their sum."""

    def put(**facts):
        whole = target(lead=district.bureau, **facts)
        splitting.split_target(
            by=district.site_admin, at=AT, target=whole, because="分解", is_summed=True, valid_from=FIRST,
            parts=[Part(district.east, Decimal(10)), Part(district.west, Decimal(14))],
        )  # fmt: skip
        return whole, *(part.target for part in tree.parts_of(whole, as_of=date(2026, 3, 2)))

    return put


@pytest.fixture
def report(office, district):
    def act(target, value, number=2, at=AT):
        entry = reporting.submit(
            by=district.site_admin, at=at, target=target, period=month(2026, number), seen=0,
            typed=typed(value, value_date=month(2026, number).last),
        )  # fmt: skip
        reporting.accept_entry(by=office.checker, at=at, report=entry.report)

    return act


def test_the_sum_of_all_parts_on_one_day_is_the_value(sewers, report):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 3)

    [found] = judged(whole)

    assert (found.value, found.value_as_of, found.light) == (5, date(2026, 2, 28), Light.GREEN)
    assert [part["value"] for part in found.inputs["parts"]] == ["2", "3"]


def test_nobody_is_asked_to_report_a_sum(sewers):
    whole, east, west = sewers()

    assert {row.target_id for row in owing_terms(as_of=DAY)} == {east.pk, west.pk}
    assert whole.pk not in {east.pk, west.pk}


def test_while_a_part_has_no_value_there_is_no_sum_and_the_reason_names_it(sewers, report):
    whole, east, _ = sewers()
    report(east, 9)

    [found] = judged(whole)

    assert (found.value, found.light) == (None, Light.GREY)
    assert "下级没有审核过的数值，合计无从得出：西塘镇" in found.sentence
    assert "其余下级合计至少 9" in found.sentence


@pytest.mark.parametrize(
    ("comparator", "value", "met"),
    [(">=", "23.9", None), (">=", 24, True), (">=", "24.1", True), ("<=", 24, None), ("<=", "24.1", False)],
)
def test_a_lower_bound_is_a_value_only_where_it_decides(sewers, report, comparator, value, met):
    whole, east, _ = sewers(comparator=comparator)
    report(east, value)

    [found] = judged(whole)

    assert found.met is met
    assert found.value == (None if met is None else Decimal(value))
    if met is not None:
        assert "这是已报下级的合计" in found.sentence


def test_parts_that_end_on_different_days_are_added_up_on_the_last_common_day(sewers, report):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 3)
    report(east, 6, number=3, at=APRIL)

    [found] = judged(whole, on=date(2026, 4, 3), at=APRIL)

    assert (found.value, found.value_as_of) == (5, date(2026, 2, 28))
    assert "最晚的是：西塘镇" in found.sentence


def test_a_part_that_began_to_report_later_than_another_ended_gives_no_sum(sewers, report):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 6, number=3, at=APRIL)

    [found] = judged(whole, on=date(2026, 4, 3), at=APRIL)

    assert found.value is None
    assert "西塘镇" in found.sentence


def test_a_part_in_another_unit_is_not_added(sewers, report, district):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 3)
    ledger.amend_target(by=district.site_admin, at=AT, target=west, changes={"unit": "米"}, because="改单位")

    [found] = judged(whole)

    assert found.value is None
    assert "计量单位与上级目标不同" in found.sentence


def test_a_sum_of_sums_reaches_down_to_the_village(sewers, report, district):
    whole, east, west = sewers()
    splitting.split_target(
        by=district.site_admin, at=AT, target=east, because="分解到村", is_summed=True, valid_from=FIRST,
        parts=[Part(district.village, Decimal(10))],
    )  # fmt: skip
    report(tree.parts_of(east, as_of=DAY)[0].target, 4)
    report(west, 3)

    assert judged(whole)[0].value == 7


def test_a_part_taken_back_counts_no_more(sewers, report, district):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 3)
    splitting.split_target(
        by=district.site_admin, at=LATER, target=whole, because="西塘不再承担",
        parts=[Part(district.east, Decimal(24)), Part(district.west, is_withdrawn=True)],
    )  # fmt: skip

    assert judged(whole)[0].value == 2
    assert judged(whole, on=date(2026, 3, 2), at=LATER)[0].value == 5


def test_queries_do_not_grow_with_the_parts(sewers, report, district):
    sewers()
    with CaptureQueriesContext(connection) as few:
        judge_all(at=LATER, on=DAY, readings=None)
    for _ in range(4):
        sewers()
    with CaptureQueriesContext(connection) as many:
        judge_all(at=LATER, on=date(2026, 3, 2), readings=None)

    assert len(many) <= len(few) + 1


def test_the_page_of_why_lists_the_parts(sewers, report, open_as, district):
    whole, east, west = sewers()
    report(east, 2)
    report(west, 3)
    judged(whole)

    page = open_as(district.site_admin).get(reverse("verdicts:why", args=[whole.number])).content.decode()

    assert reverse("ledger:target", args=[east.number]) in page
    assert "西塘镇" in page
    assert "还没有审核过的数值" not in page


@pytest.mark.parametrize(
    ("february", "light", "planned"),
    # a straight line asks for 3.8795 km by the end of February; 30 points of 24 km are 7.2 km
    [(None, Light.GREEN, Decimal("3.879452")), ("4.9", Light.YELLOW, Decimal("4.9")), ("4", Light.GREEN, Decimal(4))],
)
def test_a_plan_stands_for_the_straight_line(office, target, district, february, light, planned):
    promised = target()
    if february:
        splitting.plan_target(
            by=district.site_admin, at=AT, target=promised, basis=PlanBasis.TYPED, because="安排",
            planned=[(date(2026, 2, 28), Decimal(february), ""), (date(2026, 12, 31), Decimal(24), "")],
        )  # fmt: skip
    entry = reporting.submit(
        by=office.reporter, at=AT, target=promised, period=month(2026, 2), typed=typed("4.5"), seen=0
    )
    reporting.accept_entry(by=office.checker, at=AT, report=entry.report)

    [found] = judged(promised)

    assert (found.light, found.schedule_value) == (light, planned)
    assert ("时序值取自分月计划" in found.sentence) is bool(february)
