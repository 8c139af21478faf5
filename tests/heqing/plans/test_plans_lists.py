"""The five lists: each item links to one before, and each problem leads to a unit and a person."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import pytest

from heqing.plans import Item, broken, chain, lists_on

DAY = date(2026, 11, 24)
FORMS = lists_on(DAY)


def item(key, code, *links, without=()):
    filled = {field.key: field.key not in without for field in FORMS[key].fields}
    return Item(key, code, links, filled)


WHOLE = [
    item("problem", "W1"), item("goal", "M1", "W1"), item("task", "R1", "M1"), item("measure", "C1", "R1"),
    item("duty", "Z1", "C1"),
]  # fmt: skip


def said(items):
    return [(fault.list, fault.code, fault.fault) for fault in broken(items, on=DAY)]


def test_the_lists_are_those_of_the_guide(shared_dir):
    rows = csv.DictReader((shared_dir / "domain/five_lists.csv").read_text("utf-8").splitlines())
    assert [form.name_zh for form in FORMS.values()] == [row["list_zh"] for row in rows]


def test_a_whole_chain_has_no_fault():
    assert said(WHOLE) == []


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ("M1", [("problem", "W1", "no_follower"), ("goal", "", "empty"), ("task", "R1", "unknown_link")]),
        ("R1", [("goal", "M1", "no_follower"), ("task", "", "empty"), ("measure", "C1", "unknown_link")]),
        ("C1", [("task", "R1", "no_follower"), ("measure", "", "empty"), ("duty", "Z1", "unknown_link")]),
        ("Z1", [("measure", "C1", "no_follower"), ("duty", "", "empty")]),
        ("W1", [("problem", "", "empty"), ("goal", "M1", "unknown_link")]),
    ],
)
def test_a_link_that_is_missing_is_told_on_both_sides(left_out, expected):
    assert said([each for each in WHOLE if each.code != left_out]) == expected


def test_an_item_that_links_to_nothing_is_told():
    assert said([*WHOLE, item("measure", "C2")]) == [("measure", "C2", "no_link"), ("measure", "C2", "no_follower")]


def test_a_link_to_the_wrong_list_is_no_link():
    wrong = [replace(each, links=("W1",)) if each.code == "R1" else each for each in WHOLE]
    assert said(wrong) == [("goal", "M1", "no_follower"), ("task", "R1", "unknown_link")]


@pytest.mark.parametrize(("without", "fault"), [("unit", "no_unit"), ("person", "no_person"), ("due_on", "missing")])
def test_a_duty_names_unit_and_person(without, fault):
    assert said([*WHOLE[:4], item("duty", "Z1", "C1", without=(without,))]) == [("duty", "Z1", fault)]


def test_optional_fields_may_stay_empty():
    assert said([item("problem", "W1", without=("location", "severity")), *WHOLE[1:]]) == []


def test_a_chain_does_not_turn_back():
    shared = [*WHOLE, item("problem", "W2"), item("goal", "M2", "W2"), item("task", "R2", "M1", "M2")]
    assert chain(shared, "W2", on=DAY) == {"W2", "M2", "R2"}
    assert chain(shared, "R2", on=DAY) == {"W1", "W2", "M1", "M2", "R2"}
    assert chain(shared, "nothing", on=DAY) == set()
