"""Changes between two periods and over several, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import read, tolerance

from heqing.errors import MissingColumnError
from heqing.trends import trend_test
from heqing.water import change_of_grade, change_of_shares

EXAMPLES = read("trends.csv")
DAY = date(2020, 12, 31)


def shares(g1: float | None, g2: float, d1: float, d2: float) -> dict[str, Any]:
    frame = pl.LazyFrame(
        {"day": [DAY], "good_percent_before": pl.Series([g1], dtype=pl.Float64), "good_percent": [g2],
         "worse_than_v_percent_before": [d1], "worse_than_v_percent": [d2]}
    )  # fmt: skip
    return change_of_shares(frame).collect().row(0, named=True)


def check(example: dict[str, Any]) -> None:
    """Check one worked example."""
    inputs, expected, near = example["inputs"], example["expected"], tolerance(example)
    if example["kind"] == "trend_two_periods":
        row = shares(*[float(inputs[k]) for k in ("G1", "G2", "D1", "D2")])
        assert row["change"] == pytest.approx(expected["value"], abs=near)
        assert row["change_word"] == expected["verdict"]
    else:
        values = inputs["series"]
        frame = pl.LazyFrame({"year": range(len(values)), "x": values})
        row = trend_test(frame, value="x").collect().row(0, named=True)
        assert row["rank_correlation"] == pytest.approx(expected["rs"], abs=near)
        assert row["critical_value"] == expected["Wp_0.05"]
        assert row["significant"] is expected["significant"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_change_or_trend(example: dict[str, Any]) -> None:
    check(example)


@pytest.mark.parametrize(
    ("good", "word"),
    [
        (60.0, "无明显变化"),
        (60.1, "有所好转"),
        (70.0, "有所好转"),
        (70.1, "明显好转"),
        (40.0, "无明显变化"),
        (29.9, "明显下降"),
    ],
)
def test_bounds_belong_to_the_smaller_change(good: float, word: str) -> None:
    row = shares(50.0, good, 5.0, 5.0)
    assert (row["change_word"], row["change_unconfirmed"]) == (word, True)


def test_grades_go_by_steps() -> None:
    grades = ["优", "良好", "轻度污染", "中度污染", "重度污染"]
    frame = pl.LazyFrame({"day": [DAY] * 5, "basin_grade": grades, "basin_grade_before": ["轻度污染"] * 5})
    found = change_of_grade(frame).collect()
    assert found["change_word"].to_list() == ["明显好转", "有所好转", "无明显变化", "有所下降", "明显下降"]
    assert found["change_direction"].to_list() == ["better", "better", "same", "worse", "worse"]


def test_what_cannot_be_compared_says_so() -> None:
    row = shares(None, 50.0, 5.0, 5.0)
    assert (row["change"], row["change_word"], row["change_reason"]) == (None, None, "nothing_to_compare")
    with pytest.raises(MissingColumnError, match="basin_grade_before"):
        change_of_grade(pl.LazyFrame({"day": [DAY], "basin_grade": ["优"]}))


percents = st.floats(0, 100).map(lambda x: round(x, 1))


@given(percents, percents, percents, percents)
@settings(max_examples=40, deadline=None)
def test_a_change_and_its_reverse_differ_in_sign_alone(g1: float, g2: float, d1: float, d2: float) -> None:
    there, back = shares(g1, g2, d1, d2), shares(g2, g1, d2, d1)
    assert there["change"] == -back["change"]
    turned = {"better": "worse", "worse": "better", "same": "same"}
    assert back["change_direction"] == turned[there["change_direction"]]
