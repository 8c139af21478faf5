"""Hours from minutes, and by how much a period exceeds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.air import exceedance_ratios, hourly_values
from heqing.errors import MissingColumnError, UnknownNameError

NINE = datetime(2020, 4, 1, 9)


def _minutes(values: list[float | None], *, step: int = 5, first: int = 1) -> pl.LazyFrame:
    ends = [datetime(2020, 4, 1, 8) + timedelta(minutes=step * (n + first)) for n in range(len(values))]
    return pl.LazyFrame(
        {"station": ["甲"] * len(values), "time": ends, "so2": values}, schema_overrides={"so2": pl.Float64}
    )


@pytest.mark.parametrize(("sampled", "mean"), [(8, None), (9, 10.0), (12, 10.0)])
def test_an_hour_needs_45_minutes(sampled: int, mean: float | None) -> None:
    row = hourly_values(_minutes([10.0] * sampled + [None] * (12 - sampled)), step=5).collect().row(0, named=True)
    assert (row["time"], row["so2"], row["minutes_so2"]) == (NINE, mean, 5 * sampled)
    assert row["hour_reason"] == (None if mean else "too_few_minutes(so2)")


def test_what_ends_at_the_full_hour_closes_it() -> None:
    found = hourly_values(_minutes([1.0] * 13), step=5).collect()
    assert found["time"].to_list() == [NINE, NINE + timedelta(hours=1)]
    assert found["minutes_so2"].to_list() == [60, 5]


def test_a_minute_given_twice_counts_once_and_a_contradicted_or_impossible_one_not_at_all() -> None:
    whole = _minutes([10.0] * 12)
    again = pl.concat([whole, whole, _minutes([11.0]), _minutes([-5.0], first=2)])
    row = hourly_values(again, step=5).collect().row(0, named=True)
    assert (row["minutes_so2"], row["conflicts"], row["hour_reason"]) == (55, 1, "duplicate_conflict")


def test_mistakes_are_told() -> None:
    with pytest.raises(UnknownNameError, match="step"):
        hourly_values(_minutes([1.0]), step=7)
    with pytest.raises(MissingColumnError, match="time"):
        hourly_values(_minutes([1.0]).drop("time"), step=5)


@given(st.integers(0, 200_000), st.sampled_from([date(2025, 12, 31), date(2026, 12, 31), date(2031, 12, 31)]))
@settings(max_examples=30, deadline=None)
def test_a_multiple_is_the_exact_share_above_the_limit(thousandths: int, end: date) -> None:
    value = thousandths / 1000
    row = exceedance_ratios(pl.LazyFrame({"period_end": [end], "pm2_5_mean": [value], "co_p95": [value]})).collect()
    for name, bound in (("pm2_5_mean", {2025: 35, 2026: 30, 2031: 25}[end.year]), ("co_p95", 4)):
        share = Fraction(thousandths, 1000 * bound) - 1
        assert row[f"{name}_limit"].item() == bound
        assert row[f"{name}_exceedance_ratio"].item() == (float(round(share, 2)) if share > 0 else None)
    assert row["exceedance_unconfirmed"].item() is (value > 4)
