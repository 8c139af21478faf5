"""A target handed down: sums that reach the whole, limits of their own, amendments, pasting, pages, two officers."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.site.conftest import AT, DAY
from tests.site.worlds import kept

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger import actions, plans, splitting, tree
from heqing_site.ledger.models import Plan, PlannedValue, Target, TargetTerms
from heqing_site.ledger.pasting import pasted_parts, pasted_plan
from heqing_site.ledger.rules import Change, PlanBasis, Rhythm, SourceKind
from heqing_site.ledger.splitting import Part, plan_target, split_target
from heqing_site.orgs.actions import grant_role
from heqing_site.orgs.rules import Role

LATER = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
FIRMS = {
    "indicator": "整治散乱污企业", "comparator": ">=", "value": Decimal(150), "value_text": "150", "unit": "家",
    "pillar": "industry",
}  # fmt: skip
COAL = {
    "indicator": "煤炭消费量", "comparator": "<=", "value": Decimal(90), "value_text": "90", "unit": "万吨",
    "pillar": "energy",
}  # fmt: skip


def refused(code, act):
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    assert refusal.value.code == code
    assert refusal.value.sentence("zh-hans")
    return refusal.value


@kept
def firms(adopt, district):
    return adopt(lead=district.bureau, **FIRMS)


@pytest.fixture
def hand_down(district):
    def act(target, *parts, by=None, at=AT, **facts):
        return split_target(
            by=by or district.officer,
            at=at,
            target=target,
            parts=[Part(unit, None if bound is None else Decimal(bound)) for unit, bound in parts],
            because="区政府常务会议纪要",
            **facts,
        )

    return act


# --- sums and limits ----------------------------------------------------------------------------------------------


def test_each_part_is_a_target_of_its_own_under_the_whole(firms, hand_down, district):
    done = hand_down(firms, (district.east, 90), (district.west, 60), is_summed=True)

    assert (len(done.entered), done.is_summed) == (2, True)
    east, west = tree.parts_of(firms, as_of=DAY)
    assert [(part.lead_unit, part.scope_unit, part.bound) for part in (east, west)] == [
        (district.east, district.east, 90),
        (district.west, district.west, 60),
    ]
    assert (east.change, east.source_kind, east.parent) == (Change.SPLIT, SourceKind.REPORTED, firms)
    assert (east.title, east.unit, east.period_text) == ("整治散乱污企业", "家", "2026")
    assert firms.terms.order_by("-pk")[0].source_kind == SourceKind.PARTS
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.because) == ("ledger.split_target", "区政府常务会议纪要")
    assert tree.tree_of(firms.terms.order_by("-pk")[0], as_of=DAY).lacks == 0


@pytest.mark.parametrize(
    ("facts", "east", "west", "code"),
    [
        (FIRMS, 90, 59, "split.too_little"),
        (FIRMS, 90, 60, None),
        (FIRMS, 90, 61, None),
        (COAL, 50, "40.1", "split.too_much"),
        (COAL, 50, 40, None),
        (COAL, 50, "39.9", None),
    ],
)
def test_amounts_reach_the_whole_or_stay_within_it(adopt, hand_down, district, facts, east, west, code):
    target = adopt(lead=district.bureau, **facts)

    def act():
        return hand_down(target, (district.east, east), (district.west, west))

    if code is None:
        assert len(act().entered) == 2
    else:
        refused(code, act)
        assert Target.objects.count() == 1


def test_a_concentration_has_a_limit_in_each_place_and_is_never_added_up(adopt, hand_down, district):
    target = adopt(lead=district.bureau)  # PM2.5, at most 25

    hand_down(target, (district.east, "24"), (district.west, "27.5"))

    found = tree.tree_of(target.terms.get(), as_of=DAY)
    assert (found.adds_up, found.together, found.lacks) == (False, None, None)
    assert [row.terms.lead_unit for row in found.softer] == [district.west]
    assert {row.terms.statistic for row in found.rows} == {"air.pm2_5.mean"}
    refused(
        "target.parts_do_not_add_up",
        lambda: actions.set_source(
            by=district.officer, at=AT, target=target, source_kind=SourceKind.PARTS, rhythm=Rhythm.MONTH, because="试"
        ),
    )


@pytest.mark.parametrize(
    ("indicator", "unit", "comparator", "expected"),
    [
        ("整治散乱污企业", "家", ">=", True),
        ("管网长度", "公里", ">=", True),
        ("空气质量优良天数", "天", ">=", False),
        ("优良率", "%", ">=", False),
        ("能耗", "%", "-%", False),
        ("信访件数", "件", "<=", True),
        ("PM2.5平均浓度", "微克/立方米", "<=", False),
    ],
)
def test_what_adds_up_is_told_by_indicator_comparison_and_unit(adopt, indicator, unit, comparator, expected):
    target = adopt(indicator=indicator, unit=unit, comparator=comparator, value=Decimal(60))

    assert tree.adds_up(target.terms.get()) is expected


def test_a_thing_to_be_done_is_handed_down_without_numbers(adopt, hand_down, district):
    target = adopt(
        lead=district.bureau, indicator="出台方案", comparator="complete", value=None, value_text=None, unit=""
    )

    hand_down(target, (district.east, None), (district.west, None))

    assert [part.comparator for part in tree.parts_of(target, as_of=DAY)] == ["complete", "complete"]


# --- what is refused ----------------------------------------------------------------------------------------------


def test_what_a_split_refuses(firms, adopt, hand_down, district):
    east, west, village = (district.east, 90), (district.west, 60), (district.village, 60)
    for code, parts in (
        ("split.unit_twice", (east, east)),
        ("split.units_nested", (east, village)),
        ("split.number_missing", (east, (district.west, None))),
        ("split.negative", ((district.east, 160), (district.west, -1))),
        ("split.not_whole", ((district.east, "90.5"), west)),
    ):
        refused(code, lambda parts=parts: hand_down(firms, *parts))
    masked = adopt(lead=district.bureau, **{**FIRMS, "value": None, "value_text": "XX", "gap": "number_masked"})
    refused("split.bound_missing", lambda: hand_down(masked, east, west))
    refused("because.missing", lambda: split_target(by=district.officer, at=AT, target=firms, parts=[], because=" "))
    refused("target.nothing_changed", lambda: split_target(
        by=district.officer, at=AT, target=firms, parts=[], because="无"))  # fmt: skip
    assert tree.parts_of(firms, as_of=DAY) == []


def test_a_town_does_not_lower_its_own_share_and_who_splits_needs_the_right_at_the_whole(
    firms, hand_down, district, open_as
):
    refused(PERMISSION_MISSING, lambda: hand_down(firms, (district.east, 150), by=district.clerk))
    hand_down(firms, (district.east, 90), (district.west, 60))
    part = tree.parts_of(firms, as_of=DAY)[0].target
    grant_role(
        by=district.site_admin, at=AT, user=district.clerk, role=Role.OFFICER, unit=district.east, valid_from=DAY
    )

    def lower(by):
        return actions.amend_target(by=by, at=AT, target=part, changes={"bound": Decimal(1)}, because="做不到")

    refused(PERMISSION_MISSING, lambda: lower(district.clerk))
    lower(district.officer)
    assert "还差" not in open_as(district.clerk).get(reverse("ledger:target", args=[part.number])).content.decode()
    page = open_as(district.officer).get(reverse("ledger:target", args=[firms.number])).content.decode()
    assert "比上级目标少 89 家" in page


# --- again --------------------------------------------------------------------------------------------------------


def test_splitting_again_amends_and_takes_back_and_the_past_stays(firms, hand_down, district):
    hand_down(firms, (district.east, 90), (district.west, 60))
    done = split_target(
        by=district.officer, at=LATER, target=firms, because="年中调整",
        parts=[Part(district.east, Decimal(150)), Part(district.west, is_withdrawn=True)],
    )  # fmt: skip

    assert (len(done.amended), len(done.withdrawn), len(done.entered)) == (1, 1, 0)
    assert [part.bound for part in tree.parts_of(firms, as_of=date(2026, 5, 31))] == [90, 60]
    assert [part.bound for part in tree.parts_of(firms, as_of=date(2026, 6, 1))] == [150]
    assert Target.objects.count() == 3
    refused("split.no_such_part", lambda: split_target(
        by=district.officer, at=LATER, target=firms, because="再撤", parts=[Part(district.west, is_withdrawn=True)]
    ))  # fmt: skip
    refused("target.has_parts", lambda: actions.withdraw_target(
        by=district.officer, at=LATER, target=firms, because="撤"))  # fmt: skip


def test_the_second_of_two_officers_is_told_and_nothing_is_doubled(firms, hand_down, district):
    seen = tree.version_of(firms)
    hand_down(firms, (district.east, 90), (district.west, 60), seen=seen)

    refused("split.changed_meanwhile", lambda: hand_down(firms, (district.east, 100), (district.west, 60), seen=seen))
    refused("target.nothing_changed", lambda: hand_down(firms, (district.east, 90), (district.west, 60)))
    assert TargetTerms.objects.filter(parent=firms).count() == 2


def test_a_part_is_split_further_by_its_own_unit(firms, hand_down, district):
    hand_down(firms, (district.east, 90), (district.west, 60))
    part = tree.parts_of(firms, as_of=DAY)[0].target

    hand_down(part, (district.village, 90), by=district.site_admin)

    assert tree.is_below(tree.parts_of(part, as_of=DAY)[0].target, firms, on=DAY)
    assert not tree.is_below(firms, part, on=DAY)


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def page(firms, open_as, district):
    return open_as(district.officer), reverse("ledger:split", args=[firms.number])


def form(district, east="", west="", **facts):
    return {
        f"in.{district.east.pk}": "on", f"in.{district.west.pk}": "on",
        f"value.{district.east.pk}": east, f"value.{district.west.pk}": west,
        "valid_from": DAY.isoformat(), "because": "会议纪要", **facts,
    }  # fmt: skip


def test_a_proposal_fills_the_table_and_hands_nothing_down(page, district):
    browser, address = page
    answer = browser.post(address, form(district, do="fill", basis="equal")).content.decode()

    assert 'value="75"' in answer
    assert "已分足" in answer
    assert Target.objects.count() == 1
    typed = form(district, do="fill", basis="typed", **{
        f"weight.{district.east.pk}": "2", f"weight.{district.west.pk}": "1"})  # fmt: skip
    assert 'value="100"' in browser.post(address, typed).content.decode()


def test_a_column_pasted_from_excel_fills_the_table_and_the_gap_is_shown(page, district):
    browser, address = page

    answer = browser.post(address, form(district, do="paste", pasted="东溪镇\t80\n西塘\t60")).content.decode()

    assert "还差 10 家" in answer
    assert 'value="80"' in answer
    strange = browser.post(address, form(district, do="paste", pasted="东溪镇\t80\n北山镇\t60"))
    assert strange.status_code == 422
    assert "北山镇" in strange.content.decode()


def test_saving_hands_down_and_a_shortfall_keeps_what_was_typed(page, district, firms, settings):
    browser, address = page
    short = browser.post(address, form(district, "80", "60", do="save", seen=str(tree.version_of(firms))))

    assert short.status_code == 422
    assert "还差 10 家" in short.content.decode()
    assert 'value="80"' in short.content.decode()
    day = {"valid_from": ""}
    saved = browser.post(address, form(district, "80", "70", do="save", sum="on", **{**day}), follow=True)
    text = saved.content.decode()
    assert "新下达 2 项" in text
    assert "与上级目标相等" in text
    listed = browser.get(reverse("ledger:ledger")).content.decode()
    assert 'class="part"' in listed
    assert "只看本级" in listed
    assert 'class="part"' not in browser.get(reverse("ledger:ledger") + "?level=top").content.decode()


def test_who_has_no_right_sees_the_page_without_buttons_and_is_refused(page, district, open_as):
    _, address = page
    browser = open_as(district.clerk)

    assert "保存并下达" not in browser.get(address).content.decode()
    assert browser.post(address, form(district, "80", "70", do="save")).status_code == 403


def test_queries_of_the_page_do_not_grow_with_parts(firms, hand_down, district, open_as, django_assert_max_num_queries):
    hand_down(firms, (district.east, 90), (district.west, 60))
    browser = open_as(district.officer)

    with django_assert_max_num_queries(34):
        browser.get(reverse("ledger:target", args=[firms.number]))


def test_pasted_cells_are_placed_by_name_code_or_order(district):
    units = [district.east, district.west]

    assert pasted_parts("镇街\t目标\n990101101\t１,０００\n西塘镇\t2.5", units).values == {
        district.east.pk: 1000,
        district.west.pk: Decimal("2.5"),
    }
    assert pasted_parts("10\n20", units).values == {district.east.pk: 10, district.west.pk: 20}
    assert pasted_parts("1\n2\n3", units).faults
    assert pasted_parts("东溪镇 八十", units).faults == ["东溪镇的“八十”不是数字，没有填入。"]
    twice = pasted_parts("东溪镇\t1\n东溪镇\t2", units)
    assert (twice.values, len(twice.faults)) == ({district.east.pk: 1}, 1)


# --- plans --------------------------------------------------------------------------------------------------------

YEAR = [date(2026, 3, 31), date(2026, 6, 30), date(2026, 12, 31)]


@pytest.fixture
def planned(firms, district):
    def act(*values, at=AT, target=firms, basis=PlanBasis.TYPED, days=YEAR, words="", **facts):
        rows = [
            (day, None if value is None else Decimal(value), words) for day, value in zip(days, values, strict=False)
        ]
        return plan_target(
            by=district.officer, at=at, target=target, planned=rows, basis=basis, because="月度安排", **facts
        )

    return act


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((30, 80, 150), None),
        ((0, 0, 150), None),
        ((30, 29, 150), "course.falls"),
        ((30, 80, 149), "course.ends_elsewhere"),
        ((30, 80), "course.ends_early"),
        ((-1, 80, 150), "course.negative"),
        ((30, "80.5", 150), "course.not_whole"),
        ((30, None, 150), "course.number_missing"),
        ((), "target.nothing_changed"),
    ],
)
def test_a_plan_rises_to_the_bound_on_the_last_day(planned, values, code):
    if code is None:
        assert planned(*values).number == 1
    else:
        refused(code, lambda: planned(*values))
        assert Plan.objects.count() == PlannedValue.objects.count() == 0


def test_a_plan_counts_from_its_day_until_the_next_and_not_after_the_bound_was_amended(planned, firms, district):
    planned(30, 80, 150)
    planned(10, 60, 150, at=LATER, seen=1)
    terms = firms.terms.get()

    def counted(day):
        return plans.planned_by_target([terms], as_of=day).get(firms.pk)

    assert counted(date(2026, 3, 1)) is None
    assert counted(DAY)[0] == (YEAR[0], 30)
    assert counted(date(2026, 6, 1))[0] == (YEAR[0], 10)
    refused("course.changed_meanwhile", lambda: planned(30, 80, 150, at=LATER, seen=1))
    amended = actions.amend_target(
        by=district.officer, at=LATER, target=firms, changes={"bound": Decimal(160)}, because="加码"
    )
    assert plans.planned_by_target([amended], as_of=date(2026, 6, 2)) == {}
    planned(at=LATER)
    assert plans.plan_as_of(firms, date(2026, 6, 1)) is None


def test_a_share_has_no_plan_and_a_deed_is_planned_in_words(adopt, planned, district):
    share = adopt(lead=district.bureau, indicator="优良率", comparator=">=", value=Decimal(90), unit="%")
    deed = adopt(
        lead=district.bureau, indicator="出台方案", comparator="complete", value=None, value_text=None, unit=""
    )

    refused("course.no_course", lambda: planned(30, 80, 90, target=share))
    refused("course.words_only", lambda: planned(30, target=deed))
    assert planned(None, None, target=deed, words="形成初稿").number == 1


def test_the_page_of_a_plan_proposes_pastes_and_saves(firms, open_as, district):
    browser, address = open_as(district.officer), reverse("ledger:plan", args=[firms.number])

    even = browser.post(address, {"do": "straight"}).content.decode()
    assert 'value="12"' in even  # 31 of 365 days of 150
    pasted = "\n".join(str(n) for n in (5, 10, 20, 30, 45, 60, 75, 90, 110, 125, 140, 150))
    assert 'value="45"' in browser.post(address, {"do": "paste", "pasted": pasted}).content.decode()
    assert browser.post(address, {"do": "last_year"}).status_code == 422
    rows = {"day": ["2026-06-30", "2026-12-31", ""], "value": ["60", "150", ""], "words": ["过半", "", ""]}
    text = browser.post(address, {"do": "save", "because": "安排", **rows}, follow=True).content.decode()
    assert "已存为第 1 版计划" in text
    assert "6月 60" in text


def test_pasted_months_are_read_by_order_name_or_day():
    days = YEAR

    assert pasted_plan("1\n2\n3", days)[0] == [(YEAR[0], 1), (YEAR[1], 2), (YEAR[2], 3)]
    assert pasted_plan("月份\t累计\n3月\t30\n2026-06-30\t80", days) == ([(YEAR[0], 30), (YEAR[1], 80)], [])
    assert pasted_plan("1\n2", days)[1]


@pytest.mark.parametrize("deed", ["split_target", "plan_target"])
def test_every_deed_here_takes_names_only(deed):
    parameters = inspect.signature(getattr(splitting, deed)).parameters
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
