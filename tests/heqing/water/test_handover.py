"""Water handed over at borders: every row of the decision table, what is not known, and what need not be."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.water import handover_grade, section_shares
from heqing.water.handover import SETS, handover_items

LIMITS = {"codmn": 6.0, "nh3n": 1.0, "tp": 0.2}  # class III, rivers


def county(**quotients: float | None) -> dict[str, Any]:
    """Judge a county whose items stand at such parts of the limits of class III."""
    columns = {
        f"{item}{end}": [None if quotients.get(name) is None else quotients[name] * limit]
        for end, name in {"": "out", "_in": "inn", "_before": "last", "_in_before": "inn_last"}.items()
        for item, limit in LIMITS.items()
    }
    frame = pl.LazyFrame({"day": [date(2014, 12, 31)], "body_type": "river", "target_class": "Ⅲ", **columns},
                         schema_overrides=dict.fromkeys(columns, pl.Float64))  # fmt: skip
    return handover_grade(frame, rounding="raw").collect().row(0, named=True)


@pytest.mark.parametrize(
    ("of", "grade"),
    [
        ({"out": 1.0, "last": 1.0}, "优秀"),
        ({"out": 1.0, "last": 0.9}, "良好"),
        ({"out": 1.2, "inn": 1.3, "last": 1.2}, "优秀"),
        ({"out": 1.2, "inn": 1.3, "last": 1.0}, "良好"),
        ({"out": 1.2, "inn": 1.1, "last": 1.2}, "合格"),
        ({"out": 1.2, "inn": 1.1, "last": 1.0, "inn_last": 0.5}, "合格"),
        ({"out": 1.2, "inn": 1.1, "last": 1.0, "inn_last": 1.0}, "不合格"),
    ],
)
def test_every_row_of_the_decision_table(of: dict[str, float], grade: str) -> None:
    row = county(**of)
    assert (row["handover_grade"], row["handover_unconfirmed"]) == (grade, True)


def test_what_a_row_needs_and_does_not_have_is_named() -> None:
    row = county(out=1.2, last=1.2)
    assert row["handover_grade"] is None
    assert row["handover_reason"].startswith("handover_missing(codmn_in,nh3n_in,tp_in,")
    unknown = county(out=1.2, inn=1.1, last=1.0)
    assert unknown["handover_grade"] is None
    with pytest.raises(MissingColumnError, match="`nh3n`, `tp`"):
        handover_grade(pl.LazyFrame({"day": [date(2014, 1, 1)], "codmn": [1.0], "target_class": ["Ⅲ"]}))


def test_one_item_above_its_target_misses_it_though_the_index_is_low() -> None:
    frame = pl.LazyFrame({"day": [date(2014, 12, 31)], "body_type": "river", "target_class": "Ⅲ", "codmn": 1.0,
                          "nh3n": 1.1, "tp": 0.02})  # fmt: skip
    row = handover_grade(frame).collect().row(0, named=True)
    assert (row["handover_target_met"], row["outflow_index"] < 1) == (False, True)


def test_bands_of_the_index() -> None:
    states = [county(out=q, last=1.0)["handover_state"] for q in (0.9, 0.91, 1.0, 1.09, 1.1)]
    assert states == ["improved", "stable", "stable", "stable", "worse"]


def test_the_monthly_rate_of_other_provinces_is_that_of_shares() -> None:
    months = pl.LazyFrame({"city": ["a"] * 4, "water_class": [3, 4, 3, None], "target_class": ["Ⅲ"] * 4})
    row = section_shares(months, by=["city"]).collect().row(0, named=True)
    assert (row["attained_sections"], row["missed_sections"]) == (2, 1)
    assert row["attainment_percent"] == pytest.approx(66.666666667)


parts = st.floats(0.1, 3).map(lambda x: round(x, 2))


@given(parts, parts, parts, parts)
@settings(max_examples=40, deadline=None)
def test_cleaner_outflow_never_gives_a_worse_grade(out: float, inn: float, last: float, inn_last: float) -> None:
    order = ["优秀", "良好", "合格", "不合格"]
    dirty = county(out=out, inn=inn, last=last, inn_last=inn_last)["handover_grade"]
    clean = county(out=out * 0.9, inn=inn, last=last, inn_last=inn_last)["handover_grade"]
    assert order.index(clean) <= order.index(dirty)


@pytest.mark.shared
def test_the_decisions_are_those_of_the_shared_table(shared_dir: Path) -> None:
    path = shared_dir / "standards" / "water" / "zhejiang_handover_assessment.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        theirs = [
            (r["target_met"] == "yes", r["indicators_vs_last_year"], r["result_zh"]) for r in csv.DictReader(lines)
        ]
    ours = table("surface_water_handover", "decisions").select("target_met", "than_last_year", "grade_zh").rows()
    assert ours == theirs
    assert (handover_items(), len(SETS)) == (("codmn", "nh3n", "tp"), 4)
