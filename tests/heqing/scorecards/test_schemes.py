"""Schemes as data: whole, marked where nobody confirmed them, and refused where they contradict themselves."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest

from heqing.errors import RulebookError, UnknownNameError
from heqing.scorecards import default_scheme, scheme_names, scheme_on
from heqing.scorecards.schemes import _check, _check_items, _groups

DAY = date(2026, 10, 31)


@pytest.fixture
def heqing():
    return scheme_on("heqing", DAY)


def test_the_default_is_one_of_the_names_and_says_that_it_is_a_proposal():
    assert default_scheme() in scheme_names()
    assert all("建议" in name for name in scheme_names().values())


@pytest.mark.parametrize("key", ["heqing", "deductions"])
def test_both_groups_weigh_a_hundred_and_hold_targets_reports_and_cases(key):
    scheme = scheme_on(key, DAY)
    for group in scheme.groups:
        assert sum(item.weight for item in group.items) == 100
        assert {"targets", "reports", "cases"} <= {item.key for item in group.items}
    assert {"sections", "air"} <= {item.key for item in scheme.group("town").items}


def test_an_unknown_scheme_is_refused_by_name():
    with pytest.raises(UnknownNameError, match="nobody"):
        scheme_on("nobody", DAY)


def test_cut_offs_and_vetoes_follow_the_shared_tables(heqing, shared_dir):
    with (shared_dir / "domain/assessment_grades.csv").open(encoding="utf-8") as lines:
        air = next(row for row in csv.DictReader(lines) if row["scheme"].startswith("Air Action Plan"))
    assert [f">={grade.from_points}" for grade in heqing.grades[:3]] == [
        air["excellent"], air["good"].split(" and ")[0], air["pass"].split(" and ")[0],
    ]  # fmt: skip
    assert air["status"] == "1 source"
    assert all(grade.unconfirmed for grade in heqing.grades)
    assert heqing.veto("grave_event").grade_most == "good"  # not 优秀
    assert not heqing.veto("grave_event").unconfirmed
    assert heqing.veto("false_data").grade_most == "fail"  # worst case 不合格
    assert heqing.objection_workdays == 3  # G1.07


def test_section_points_are_those_of_rule_a05(heqing, shared_dir):
    with (shared_dir / "domain/assessment_scoring_rules.csv").open(encoding="utf-8") as lines:
        rule = next(row for row in csv.DictReader(lines) if row["rule_id"] == "A05")
    costs = next(item for item in heqing.group("town").items if item.key == "sections").deductions
    assert {cost.cause: cost.per for cost in costs} == {
        "score_section_missed": Decimal(5),
        "score_section_inferior": Decimal(10),
    }
    assert "-5 per section-month" in rule["formula"]
    assert "-10 per section-month inferior V" in rule["formula"]
    assert all(cost.unconfirmed for cost in costs)


def test_weights_of_the_house_are_marked_unconfirmed(heqing):
    assert all(item.unconfirmed for group in heqing.groups for item in group.items)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": Decimal(99)}, "add up to 99"),
        ({"rule": "luck"}, "rule 'luck'"),
        ({"absent": "zero"}, "absent 'zero'"),
        ({"rule": "classes"}, "needs rows of table levels"),
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused(heqing, change, said):
    row = {"group": "town", "item": "a", "name_zh": "a", "name_en": "a", "weight": Decimal(100), "rule": "count",
           "absent": "full", "clause": None, "unconfirmed": True, **change}  # fmt: skip
    home = [{"group": "town", "name_zh": "镇", "name_en": "towns", "bonus_most": Decimal(5)}]
    with pytest.raises(RulebookError, match=said):
        _check("x", _groups(home, [row], [], [], []), heqing.grades, (), [])


def test_strays_of_groups_items_and_grades_are_refused(heqing):
    with pytest.raises(RulebookError, match="no such group: village"):
        _check("x", heqing.groups, heqing.grades, (), [{"group": "village"}])
    with pytest.raises(RulebookError, match="no such item"):
        _check_items("x", [{"group": "town", "item": "luck"}], heqing.groups)
    with pytest.raises(RulebookError, match="grave_event"):
        _check("x", heqing.groups, heqing.grades[2:], heqing.vetoes, [])
