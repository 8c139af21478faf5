"""The word lists: every row usable, every pattern compiles, no word lost."""

from __future__ import annotations

import re

import pytest

from heqing import editions
from heqing.reading.lexicon import FAMILY, patterns, rows, units

PILLARS = set(
    [
        "air",
        "water",
        "soil",
        "waste",
        "energy",
        "carbon",
        "industry",
        "land",
        "innovation",
        "talent",
        "livelihood",
        "agriculture",
        "governance",
        "digital",
        "publicity",
        "petition",
        "other",
    ]
)
TABLES = sorted(editions.family(FAMILY).tables)


@pytest.mark.parametrize("name", TABLES)
def test_table_has_rows_and_each_was_seen_somewhere(name: str) -> None:
    found = rows(name)
    assert found
    # A rule is seen in no document: it says what the reader does.
    assert name == "rules" or all(r["sources"] >= 1 for r in found)


@pytest.mark.parametrize("name", ["contexts", "exclusions", "junk", "scopes"])
def test_patterns_compile(name: str) -> None:
    for pattern, row in patterns(name):
        assert pattern.pattern == row["pattern"]


def test_values_are_of_their_lists() -> None:
    assert {r["pillar"] for r in rows("pillars")} <= PILLARS
    assert {r["comparator"] for r in rows("comparators")} == {">", ">=", "<", "<=", "~"}
    assert {r["strength"] for r in rows("strengths")} == {"ensure", "strive"}
    assert {r["kind"] for r in rows("contexts")} == {"target", "achievement", "none"}
    assert all((r["kind"] == "none") == (r["reach"] == "void") for r in rows("contexts"))
    assert {r["big"] for r in rows("units")} == {"keep", "fold"}


def test_a_unit_that_begins_another_word_says_so() -> None:
    for unit in units().values():
        if unit.written == "项":
            assert "目" in unit.not_before
        assert not re.search(r"\s", unit.written)
