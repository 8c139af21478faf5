"""Worked examples of the surface-water families: every row of ``tests/conformance/surface_water`` holds."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.heqing.water.samples import judge, samples

from heqing.editions import table
from heqing.quantities.rounding import round_keeping_digit
from heqing.tables import items
from heqing.water import period_water_class
from heqing.water.practice import Decimals, round_value

FOLDER = Path(__file__).resolve().parents[2] / "conformance" / "surface_water"
CLASSES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, ">V": 6}
CODES = [i.code for i in items("water")]
NAMES = {"总磷": "tp", "溶解氧": "do"}


def examples(name: str) -> list[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        rows = [
            {**r, "inputs": json.loads(r["inputs"]), "expected": json.loads(r["expected"])}
            for r in csv.DictReader(lines)
        ]
    return rows


CLASSED = examples("gb3838_2002.csv")
ROUNDED = examples("rounding.csv")


def test_no_example_is_skipped() -> None:
    assert len(CLASSED) == 15
    assert len(ROUNDED) == 6


@pytest.mark.parametrize("rounding", ["raw", "rounded"])
@pytest.mark.parametrize("example", CLASSED, ids=[e["id"] for e in CLASSED])
def test_class_grade_and_exceedance(example: dict[str, Any], rounding: str) -> None:
    given, expected = example["inputs"], example["expected"]
    values = {k: float(v) for k, v in given.get("values", given).items() if k in CODES}
    found = judge(day=date(2020, 1, 1), rounding=rounding, body_type=given.get("water_body", "river"), **values)
    row = found.row(0, named=True)
    assert row["water_class"] == CLASSES[expected["class"]]
    if "grade" in expected:
        grades = dict(table("surface_water_method", "section_grades").select("class", "grade_zh").iter_rows())
        assert grades[row["water_class"]] == expected["grade"]
    if "target" in given:
        assert (row["water_class"] <= CLASSES[given["target"]]) is expected["attained"]
    said = [part.split(":") for part in (row["exceedance"] or "").split(",") if part]
    for key in ("main", "main_set"):
        if key in expected:
            assert {s[0] for s in said} == set(expected[key])
    if "main_with_multiples" in expected:
        assert said == [[item] if m is None else [item, str(m)] for item, m in expected["main_with_multiples"]]
    if "text" in expected:
        words = [w.removesuffix(")").split("(") for w in expected["text"].split(",")]
        assert said == [[NAMES[w[0]], *w[1:]] for w in words]


@pytest.mark.parametrize("example", ROUNDED, ids=[e["id"] for e in ROUNDED])
def test_rounding_and_mean_of_ph(example: dict[str, Any]) -> None:
    given, expected = example["inputs"], example["expected"]
    if example["kind"] == "rounding":
        exact = round_keeping_digit(given["value"], given["decimals"])
        assert exact == Decimal(str(expected["rounded"]))
        whole = pl.lit(int(Decimal(given["value"]) * 10**9))
        to = Decimals(given["decimals"], keep_digit=True, unconfirmed=False)
        assert pl.select(round_value(whole, to)).item() == int(exact * 10**9)
    else:
        days = [date(2020, 1, 1 + i) for i in range(len(given["values"]))]
        found = period_water_class(samples(day=days, ph=[float(v) for v in given["values"]])).collect()
        assert found["ph"].item() == pytest.approx(expected["mean"], abs=float(example["tolerance"]))


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
