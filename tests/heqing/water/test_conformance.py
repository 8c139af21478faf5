"""Worked examples of the surface-water families: every row of ``tests/conformance/surface_water`` holds."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.heqing.water.examples import CLASSED, ROUNDED, check_class, check_rounding

from heqing.editions import table


def test_no_example_is_skipped() -> None:
    assert len(CLASSED) == 15
    assert len(ROUNDED) == 6


@pytest.mark.parametrize("rounding", ["raw", "rounded"])
@pytest.mark.parametrize("example", CLASSED, ids=[e["id"] for e in CLASSED])
def test_class_grade_and_exceedance(example: dict[str, Any], rounding: str) -> None:
    check_class(example, rounding)


@pytest.mark.parametrize("example", ROUNDED, ids=[e["id"] for e in ROUNDED])
def test_rounding_and_mean_of_ph(example: dict[str, Any]) -> None:
    check_rounding(example)


@pytest.mark.shared
def test_the_examples_are_all_that_the_shared_list_has_of_their_kinds(shared_dir: Path) -> None:
    kinds = {e["kind"] for e in CLASSED + ROUNDED}
    with (shared_dir / "standards" / "water" / "test_vectors.csv").open(encoding="utf-8", newline="") as lines:
        listed = {r["id"]: r for r in csv.DictReader(lines) if r["kind"] in kinds}
    assert listed.keys() == {e["id"] for e in CLASSED + ROUNDED}
    for example in CLASSED + ROUNDED:
        assert json.loads(listed[example["id"]]["inputs_json"]) == example["inputs"]
        assert json.loads(listed[example["id"]]["expected_json"]) == example["expected"]


@pytest.mark.shared
def test_the_limits_are_those_of_the_shared_table(shared_dir: Path) -> None:
    ours = {(r["item"], r["body_type"]): r for r in table("surface_water", "limits").iter_rows(named=True)}
    with (shared_dir / "standards" / "water" / "gb3838_table1_basic.csv").open(encoding="utf-8", newline="") as lines:
        theirs = list(csv.DictReader(lines))
    assert len(theirs) == len(ours)
    for row in theirs:
        our = ours[row["item"], row["water_body"]]
        assert our["judged"] is (row["judged_21"] == "yes")
        for k, name in enumerate(("I", "II", "III", "IV", "V"), start=1):
            printed = row[name].split("-")[-1]
            assert our[f"class{k}"] == (Decimal(printed) if printed else None)
