"""Rounding and exact means against Python's own decimals and fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.quantities.rounding import (
    PLACES,
    divide_half_even,
    divide_up,
    exact_mean,
    exact_percentile,
    round_half_even,
    round_keeping_digit,
    round_scaled,
    scaled,
    unscaled,
)

printed = st.decimals(0, 9999, places=3)


def test_float_is_refused_where_exactness_counts() -> None:
    with pytest.raises(TypeError, match="lost the printed decimal"):
        round_half_even(60.5, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [("0.0004", 3, "0.0004"), ("0.0451", 2, "0.05"), ("2.25", 1, "2.2"), ("0", 2, "0.00"), ("0.00096", 3, "0.001")],
)
def test_one_digit_is_kept_where_zero_would_be_left(value: str, decimals: int, rounded: str) -> None:
    assert round_keeping_digit(value, decimals) == Decimal(rounded)


@settings(deadline=None)
@given(st.lists(printed, min_size=1, max_size=20), st.integers(0, 2))
def test_column_rounds_as_the_decimal_type_does(values: list[Decimal], decimals: int) -> None:
    frame = pl.DataFrame({"x": [float(v) for v in values]})
    whole = round_scaled(scaled(pl.col("x"), PLACES), PLACES, decimals)
    found = frame.select(unscaled(whole, PLACES)).to_series().to_list()
    step = Decimal(1).scaleb(-decimals)
    assert found == [float(v.quantize(step, rounding=ROUND_HALF_EVEN)) for v in values]


@settings(deadline=None)
@given(st.integers(-10_000, 10_000), st.integers(1, 400))
def test_division_rounds_the_exact_quotient(numerator: int, denominator: int) -> None:
    frame = pl.DataFrame({"n": [numerator], "d": [denominator]})
    even, up = frame.select(
        divide_half_even(pl.col("n"), pl.col("d")).alias("e"), divide_up(pl.col("n"), pl.col("d")).alias("u")
    ).row(0)
    quotient = Fraction(numerator, denominator)
    assert even == round(quotient)
    assert up == -((-quotient) // 1)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), printed), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_mean_is_exact_and_the_same_in_every_order(values: list[Decimal | None], random: object) -> None:
    known = [Fraction(v) for v in values if v is not None]
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    means = []
    for order in (values, shuffled):
        frame = pl.DataFrame({"x": [None if v is None else float(v) for v in order]}, schema={"x": pl.Float64})
        means.append(frame.select(exact_mean(pl.col("x"))).item())
    assert means[0] == means[1]
    if not known:
        assert means[0] is None
    else:
        exact = sum(known) / len(known)
        tenths = frame.select(divide_half_even(scaled(pl.lit(means[0]), PLACES), 10 ** (PLACES - 1))).item()
        assert tenths == round(exact * 10)


@settings(deadline=None)
@given(st.lists(printed, min_size=1, max_size=60), st.sampled_from([90, 95, 98]))
def test_percentile_is_that_of_numpy(values: list[Decimal], percent: int) -> None:
    plain = [float(v) for v in values]
    found = pl.DataFrame({"x": plain}).select(exact_percentile(pl.col("x"), percent)).item()
    assert found == pytest.approx(np.percentile(plain, percent), abs=1e-8)


def test_unscaled_is_the_nearest_double() -> None:
    whole = list(range(0, 200_000, 7))
    found = pl.DataFrame({"x": whole}).select(unscaled(pl.col("x"), 1)).to_series().to_list()
    assert found == [w / 10 for w in whole]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, None])
def test_what_is_no_usable_number_becomes_missing(value: float | None) -> None:
    frame = pl.DataFrame({"x": [value]}, schema={"x": pl.Float64})
    assert frame.select(scaled(pl.col("x"), PLACES)).item() is None
