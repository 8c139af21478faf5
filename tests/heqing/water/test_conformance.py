"""Worked examples of the surface-water families: every row of ``tests/conformance/surface_water`` holds."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.heqing.water.agreement import FAMILIES
from tests.heqing.water.examples import CLASSED, FOLDER, ROUNDED, check_class, check_rounding, read

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
def test_every_row_of_the_shared_list_is_an_example_here(shared_dir: Path) -> None:
    ours = {e["id"]: e for path in sorted(FOLDER.glob("*.csv")) for e in read(path.name)}
    with (shared_dir / "standards" / "water" / "test_vectors.csv").open(encoding="utf-8", newline="") as lines:
        listed = {r["id"]: r for r in csv.DictReader(lines)}
    assert len(listed) == 126
    assert listed.keys() == ours.keys()
    for id_, example in ours.items():
        assert json.loads(listed[id_]["inputs_json"]) == example["inputs"]
        assert json.loads(listed[id_]["expected_json"]) == example["expected"]
        assert listed[id_]["tolerance"] == example["tolerance"]
    checked = [*CLASSED, *ROUNDED, *(e for family in FAMILIES for e in family.EXAMPLES)]
    assert sorted(e["id"] for e in checked) == sorted(listed)


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
