"""Points from facts: each rule at its edges, losses that add up, vetoes over the points, ranks with ties."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heqing.errors import FactError, UnknownNameError
from heqing.scorecards import (
    Bonus,
    Deduction,
    Fact,
    Grade,
    Group,
    Item,
    Occurrence,
    Reference,
    Scheme,
    Veto,
    rank,
    scheme_on,
    score,
)
from heqing.tables import explain, reason_codes

HERE = Reference("case", "7")
GRADES = (
    Grade("excellent", "优秀", "excellent", Decimal(90), "", True),
    Grade("good", "良好", "good", Decimal(70), "", True),
    Grade("pass", "合格", "pass", Decimal(60), "", True),
    Grade("fail", "不合格", "fail", Decimal(0), "", True),
)


def item(key="a", weight=100, rule="count", *, per=5, free=0, absent="spread", levels=()):
    cost = (Deduction("score_event", Decimal(str(per)), free, "", True),)
    return Item(key, key, key, Decimal(str(weight)), rule, absent, "", True, cost, levels)


def scheme(*items, bonus_most=5):
    bonus = Bonus("commended", "表扬", "commended", Decimal(2), "", True)
    vetoes = (Veto("grave", "事件", "event", "good", "", False), Veto("false", "造假", "false data", "fail", "", True))
    group = Group("town", "镇", "towns", Decimal(bonus_most), tuple(items), (bonus,))
    return Scheme("s", "s", "s", "s 1", (group,), GRADES, vetoes, 3)


def once(about="事", amount="1", cause="score_event"):
    return Occurrence(cause, about, HERE, Decimal(amount))


def scored(one, fact, **options):
    return score(scheme(one), "town", {one.key: fact}, **options)


# --- rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "points"), [(0, "100.00"), (1, "95.00"), (19, "5.00"), (20, "0.00"), (21, "0.00"), (40, "0.00")]
)
def test_a_count_takes_its_points_each_time_and_never_goes_below_zero(times, points):
    assert scored(item(), Fact((once(),) * times)).points == Decimal(points)


def test_what_comes_after_an_item_is_used_up_stands_there_with_nothing_taken():
    found = scored(item(per=60), Fact((once("一"), once("二"), once("三"))))

    assert [(loss.points, loss.note) for loss in found.losses] == [
        (Decimal(60), ""), (Decimal(40), "score_used_up"), (Decimal(0), "score_used_up"),
    ]  # fmt: skip


@pytest.mark.parametrize(("times", "points"), [(1, "100.00"), (2, "100.00"), (3, "95.00")])
def test_the_first_times_may_be_free(times, points):
    assert scored(item(free=2), Fact((once(),) * times)).points == Decimal(points)


@pytest.mark.parametrize(("amount", "points"), [("0", "100.00"), ("1", "99.50"), ("1.5", "99.25"), ("200", "0.00")])
def test_steps_cost_by_how_many_there_are(amount, points):
    # A02 of the shared assessment rules: 0.5 for each microgram above the target
    assert scored(item(rule="steps", per="0.5"), Fact((once(amount=amount),))).points == Decimal(points)


def test_a_ratio_takes_the_share_of_each_thing_that_fails():
    found = scored(item(weight=100, rule="ratio", per=40), Fact((once(), once()), of=3))

    assert found.points == Decimal("73.33")
    assert [loss.points for loss in found.losses] == [Decimal("13.34"), Decimal("13.33")]  # 26.67 in all


def test_a_ratio_to_a_target_is_its_share_that_lacks():
    # A11: F·min(1, actual/target) with 45 of 60
    assert scored(item(rule="ratio", per=100), Fact((once(amount="0.25"),), of=1)).points == Decimal("75.00")


@pytest.mark.parametrize(("level", "points"), [("good", "100.00"), ("fair", "75.00"), ("bad", "0.00")])
def test_a_class_keeps_what_its_table_says(level, points):
    # A06: a boundary section of 60 points keeps 60, 45 or nothing by its grade
    levels = (("good", Decimal(100)), ("fair", Decimal(75)), ("bad", Decimal(0)))
    one = item(rule="classes", levels=levels)
    assert scored(one, Fact((once(),), level=level)).points == Decimal(points)


def test_an_event_costs_once_however_often_it_happened():
    found = scored(item(rule="event", per=50), Fact((once(), once(), once())))

    assert found.points == Decimal(50)
    assert [loss.points for loss in found.losses] == [Decimal("16.67"), Decimal("16.67"), Decimal("16.66")]


# --- facts that lack ----------------------------------------------------------------------------------------------


def test_an_item_without_facts_spreads_its_points_over_the_others_in_proportion():
    found = score(
        scheme(item("a", 50), item("b", 30, per=10), item("c", 20)), "town", {"a": Fact(), "b": Fact((once(),))}
    )

    assert [(row.full, row.points, row.note) for row in found.items] == [
        (Decimal("62.50"), Decimal("62.50"), ""),
        (Decimal("37.50"), Decimal("25.00"), ""),  # what a cause costs grows with the weight: 10 · 100/80
        (Decimal("0.00"), Decimal("0.00"), "score_absent_spread"),
    ]
    assert found.points == Decimal("87.50")


def test_an_item_without_facts_may_stay_full_instead():
    found = score(scheme(item("a", 60), item("b", 40, absent="full")), "town", {"a": Fact((once(),)), "b": None})

    assert found.points == Decimal("95.00")
    assert found.items[1].note == "score_absent_full"


def test_without_any_fact_there_is_no_score_and_no_grade():
    found = score(scheme(item("a", 60), item("b", 40, absent="full")), "town", {})

    assert (found.points, found.grade, found.full) == (None, None, Decimal(0))
    assert rank({"x": found.points}) == {}


@pytest.mark.parametrize(
    ("one", "fact", "error"),
    [
        (item(), Fact((once(cause="score_unheard_of"),)), UnknownNameError),
        (item(rule="ratio"), Fact((once(),), of=0), FactError),
        (item(rule="ratio"), Fact((once(), once()), of=1), FactError),
        (item(rule="classes", levels=(("bad", Decimal(0)),)), Fact(level="bad"), FactError),
        (item(rule="classes", levels=(("bad", Decimal(0)),)), Fact((once(),), level="odd"), UnknownNameError),
    ],
)
def test_a_fact_that_does_not_fit_is_an_error_of_whoever_made_it(one, fact, error):
    with pytest.raises(error):
        scored(one, fact)


def test_a_fact_of_an_unknown_item_or_group_is_refused():
    with pytest.raises(UnknownNameError):
        score(scheme(item()), "town", {"zzz": Fact()})
    with pytest.raises(UnknownNameError):
        score(scheme(item()), "village", {"a": Fact()})


# --- bonus, vetoes, grades ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("times", "bonus"), [(0, 0), (2, 4), (3, 5), (9, 5)])
def test_a_bonus_stops_at_its_most(times, bonus):
    found = scored(item(), Fact((once(),) * 4), bonuses=[once(cause="commended")] * times)

    assert found.bonus == bonus
    assert found.points == 80 + bonus


@pytest.mark.parametrize(
    ("times", "grade"), [(2, "excellent"), (3, "good"), (6, "good"), (7, "pass"), (8, "pass"), (9, "fail")]
)
def test_grades_begin_at_their_points(times, grade):
    assert scored(item(), Fact((once(),) * times)).grade.key == grade  # 90, 85, 70, 65, 60, 55


def test_a_veto_bars_grades_names_its_event_and_leaves_the_points():
    spill = Occurrence("grave", "3 月 5 日泄漏", Reference("event", "1"))
    found = scored(item(), Fact(), vetoes=[spill])

    assert (found.points, found.grade.key, found.grade_by_points.key) == (Decimal(100), "good", "excellent")
    assert found.vetoes[0][1].about == "3 月 5 日泄漏"


def test_the_gravest_veto_counts_and_none_lifts_a_grade():
    vetoes = [once(cause="grave"), once(cause="false")]
    assert scored(item(), Fact(), vetoes=vetoes).grade.key == "fail"
    assert scored(item(), Fact((once(),) * 9), vetoes=[once(cause="grave")]).grade.key == "fail"


# --- ranks --------------------------------------------------------------------------------------------------------


def test_equal_points_share_a_rank_and_the_next_is_left_out():
    assert rank({"a": Decimal(1), "b": Decimal(3), "c": Decimal(3), "d": Decimal(2), "e": None}) == {
        "b": 1, "c": 1, "d": 3, "a": 4,
    }  # fmt: skip


# --- properties ---------------------------------------------------------------------------------------------------

RULES = st.sampled_from(["ratio", "count", "steps", "event"])
AMOUNTS = st.decimals(min_value=0, max_value=4, places=2)


@st.composite
def cases(draw):
    cuts = sorted(draw(st.lists(st.integers(1, 9999), min_size=1, max_size=5, unique=True)))
    weights = [Decimal(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 10000], strict=True)]
    items, facts = [], {}
    for number, weight in enumerate(weights):
        per = draw(st.decimals(min_value=0, max_value=100, places=2))
        one = item(
            str(number), weight, draw(RULES), per=per, free=draw(st.integers(0, 2)),
            absent=draw(st.sampled_from(["spread", "full"])),
        )  # fmt: skip
        items.append(one)
        if draw(st.booleans()):
            amounts = draw(st.lists(AMOUNTS, max_size=6))
            facts[one.key] = Fact(
                tuple(once(amount=str(a)) for a in amounts), of=len(amounts) + draw(st.integers(0, 3))
            )
    return scheme(*items), facts, draw(st.integers(0, 4))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(cases())
def test_losses_always_add_up_to_what_lacks(case):
    declared, facts, times = case
    found = score(declared, "town", facts, bonuses=[once(cause="commended")] * times)

    if not facts:
        assert found.points is None
        return
    assert sum(row.full for row in found.items) == found.full == 100
    assert found.full - found.points == sum(loss.points for loss in found.losses) - found.bonus
    for row in found.items:
        assert row.full - row.points == sum(loss.points for loss in row.losses)
        assert 0 <= row.points <= row.full
        assert all(loss.points >= 0 for loss in row.losses)
        assert len(row.losses) == (len(facts[row.item.key].occurrences) if row.item.key in facts else 0)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(cases())
def test_points_stay_within_a_hundredth_for_each_item_of_the_exact_ones(case):
    declared, facts, _ = case
    found = score(declared, "town", facts)
    for row in found.items:
        for loss in row.losses:
            if loss.note == "" and row.item.rule == "count":
                kept = sum(i.weight for i in declared.groups[0].items if i.key in facts or i.absent == "full")
                exact = Fraction(row.item.deductions[0].per) * 100 / Fraction(kept)
                assert abs(Fraction(loss.points) - exact) <= Fraction(2, 100)


@given(st.integers(0, 30), st.integers(0, 30))
def test_one_more_occurrence_never_gives_points(few, more):
    one = item(per="3.7", free=1)
    low, high = sorted((few, few + more))
    assert scored(one, Fact((once(),) * high)).points <= scored(one, Fact((once(),) * low)).points


# --- the scheme of this house -------------------------------------------------------------------------------------


def test_every_cause_of_the_schemes_has_its_sentence_in_both_languages():
    for key in ("heqing", "deductions"):
        for group in scheme_on(key, date(2026, 10, 31)).groups:
            for one in group.items:
                assert {cost.cause for cost in one.deductions} <= set(reason_codes())


def test_a_cause_is_said_in_words_even_when_its_name_holds_brackets():
    found = scored(item(), Fact((once("PM2.5(年均), 全区"),)))

    assert explain(found.losses[0].reason, "zh") == "PM2.5（年均）， 全区。"
    used_up = scored(item(per=100), Fact((once("一"), once("二")))).losses[1]
    assert explain(used_up.reason, "zh") == "二。该项已扣完，不再扣分。"
    assert explain(used_up.reason, "en") == "二. The points of the item are used up; nothing more is taken."
