"""Worked examples of the surface-water families, and what it means that one holds."""

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
from heqing.water import main_pollutants, period_water_class, target_attainment
from heqing.water.practice import Decimals, round_value

FOLDER = Path(__file__).resolve().parents[2] / "conformance" / "surface_water"
CLASSES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, ">V": 6}
CODES = [i.code for i in items("water")]


def read(name: str) -> list[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        rows = [
            {**r, "inputs": json.loads(r["inputs"]), "expected": json.loads(r["expected"])}
            for r in csv.DictReader(lines)
        ]
    return rows


def tolerance(example: dict[str, Any]) -> float:
    """Give how far a result may be from the published one."""
    return 0.0 if example["tolerance"] == "exact" else float(example["tolerance"])


CLASSED = read("gb3838_2002.csv")
ROUNDED = read("rounding.csv")


def check_class(example: dict[str, Any], rounding: str) -> None:
    """Check class, grade, attainment of the section's own target, and exceedances with their multiples."""
    given, expected = example["inputs"], example["expected"]
    values = {k: float(v) for k, v in given.get("values", given).items() if k in CODES}
    found = judge(day=date(2020, 1, 1), rounding=rounding, body_type=given.get("water_body", "river"), **values)
    row = found.row(0, named=True)
    assert row["water_class"] == CLASSES[expected["class"]]
    if "grade" in expected:
        grades = dict(table("surface_water_method", "section_grades").select("class", "grade_zh").iter_rows())
        assert grades[row["water_class"]] == expected["grade"]
    if "target" in given:
        attained = target_attainment(found.lazy().with_columns(target_class=pl.lit(given["target"]))).collect()
        assert attained["attained"].item() is expected["attained"]
    if "interim" in given:
        limits = {f"{item}_interim": float(limit) for item, limit in given["interim"].items()}
        frame = samples(day=date(2020, 1, 1), **values, **limits)
        main = main_pollutants(frame, baseline="interim_limits", rounding=rounding).collect().row(0, named=True)
        multiples = dict(part.split(":") for part in main["multiples"].split(","))
        assert multiples.keys() == expected["multiples"].keys()
        for item, expected_multiple in expected["multiples"].items():
            assert float(multiples[item]) == pytest.approx(expected_multiple, abs=float(example["tolerance"]))
        assert main["meets_baseline"] is expected["attained"]
    main = main_pollutants(
        samples(day=date(2020, 1, 1), body_type=given.get("water_body", "river"), **values)
    ).collect()
    assert main["multiples"].item() == row["exceedance"]
    if "text" in expected:
        assert main["main_pollutants_zh"].item() == expected["text"]
    said = [part.split(":") for part in (row["exceedance"] or "").split(",") if part]
    for key in ("main", "main_set"):
        if key in expected:
            assert {s[0] for s in said} == set(expected[key])
    if "main_with_multiples" in expected:
        assert said == [[item] if m is None else [item, str(m)] for item, m in expected["main_with_multiples"]]


def check_rounding(example: dict[str, Any]) -> None:
    """Check a rounding, exact and on whole numbers, or a mean of pH."""
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
