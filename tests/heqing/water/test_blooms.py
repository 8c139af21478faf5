"""Grades of algal blooms: the words before and since HJ 1098-2020, bounds, both tracks."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import CLASSES, read

from heqing.errors import MissingColumnError
from heqing.water import bloom_grade

EXAMPLES = read("blooms.csv")


def judged(day: date | list[date | None] = date(2013, 6, 30), **columns: Any) -> pl.DataFrame:
    height = max([len(v) for v in (*columns.values(), day) if isinstance(v, list)], default=1)
    filled = {"day": day, **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()}, strict=False)
    return bloom_grade(frame.lazy()).collect()


def check(example: dict[str, Any]) -> None:
    """Check one worked example of a report of 2013."""
    inputs, expected = example["inputs"], example["expected"]
    if example["kind"] == "algal_bloom":
        row = judged(algae_density=inputs["density_cells_L"]).row(0, named=True)
        assert (row["bloom_level"], row["bloom_word"]) == (CLASSES[expected["level"]], expected["old_name"])
    else:
        assert judged(bloom_share=inputs["ratio"])["bloom_area_word"].item() == expected["scale"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_grade(example: dict[str, Any]) -> None:
    check(example)


def test_the_day_before_the_standard_has_the_old_word() -> None:
    found = judged([date(2020, 4, 11), date(2020, 4, 12), date(1999, 1, 1), None], algae_density=5e6)
    assert found["bloom_word"].to_list() == ["轻微水华", "无明显水华", None, None]
    assert found["bloom_reason"].to_list() == [None, None, "no_edition", "bad_time"]
    assert found["bloom_unconfirmed"].to_list() == [True, True, False, False]


def test_bounds_of_both_tracks() -> None:
    found = judged(
        date(2021, 1, 1),
        algae_density=[1.999e6, 2e6, 1e7, 5e7, 1e8, -1.0],
        bloom_share=[0.0, 0.001, 0.10, 0.30, 0.60, 1.01],
    )
    assert found["bloom_level"].to_list() == [1, 2, 3, 4, 5, None]
    assert found["bloom_area_level"].to_list() == [1, 2, 3, 4, 5, None]
    assert found["bloom_unconfirmed"].to_list()[:3] == [True, True, True]
    assert judged(date(2021, 1, 1), algae_density=1e5)["bloom_unconfirmed"].item() is False


def test_one_of_the_columns_is_needed() -> None:
    with pytest.raises(MissingColumnError, match="algae_density"):
        judged(chla=1.0)


@given(st.lists(st.floats(0, 1e10), min_size=2, max_size=2), st.lists(st.floats(0, 1), min_size=2, max_size=2))
@settings(max_examples=40, deadline=None)
def test_more_algae_never_give_a_lower_grade(densities: list[float], shares: list[float]) -> None:
    found = judged(date(2022, 1, 1), algae_density=sorted(densities), bloom_share=sorted(shares))
    assert found["bloom_level"].is_sorted()
    assert found["bloom_area_level"].is_sorted()
