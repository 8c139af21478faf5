"""Months and years: minimum of days, percentiles, attainment in two views, composite index, a year of two regimes."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from heqing.air import period_statistics

EVEN = {"pm2_5": 30.0, "pm10": 50.0, "so2": 10.0, "no2": 30.0, "co": 0.8, "o3_8h": 120.0}


def _days(year: int, drop: list[date] | None = None, **items: object) -> pl.LazyFrame:
    days = [d for d in pl.date_range(date(year, 1, 1), date(year, 12, 31), eager=True) if d not in (drop or [])]
    columns = {k: [v] * len(days) if not isinstance(v, list) else v for k, v in (EVEN | items).items()}
    return pl.LazyFrame({"city": ["东城"] * len(days), "day": days, **columns})


def _year(frame: pl.LazyFrame, **options: object) -> dict:
    return period_statistics(frame, level="year", by=["city"], **options).collect().row(0, named=True)  # type: ignore[arg-type]


def _dates(year: int, month: int, first: int, last: int) -> list[date]:
    return [date(year, month, d) for d in range(first, last + 1)]


@pytest.mark.parametrize(("kept", "valid"), [(26, False), (27, True)])
def test_every_month_of_a_year_needs_its_days(kept: int, valid: bool) -> None:
    row = _year(_days(2025, drop=_dates(2025, 4, kept + 1, 30)))
    assert (row["pm2_5_mean"] is not None) is valid
    assert ("too_few_days" in (row["reason"] or "")) is not valid


@pytest.mark.parametrize(("year", "kept", "valid"), [(2025, 24, False), (2025, 25, True), (2024, 25, True)])
def test_february_needs_fewer(year: int, kept: int, valid: bool) -> None:
    row = _year(_days(year, drop=_dates(year, 2, kept + 1, 28)))
    assert (row["pm2_5_mean"] is not None) is valid


@pytest.mark.parametrize(("missing", "valid"), [(41, True), (42, False)])
def test_year_needs_324_days(missing: int, valid: bool) -> None:
    months = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    gaps = [date(2025, m, d) for m in months for d in range(1, 5) if not (m in (4, 6, 9, 11) and d == 4)]
    gaps = gaps[:missing] + _dates(2025, 2, 1, max(0, missing - len(gaps)))
    row = _year(_days(2025, drop=gaps))
    assert row["days"] == 365 - missing
    assert (row["pm2_5_mean"] is not None) is valid


def test_percentiles_are_those_of_an_independent_library() -> None:
    values = [float(v) for v in np.random.default_rng(7).integers(1, 300, 365)]
    row = _year(_days(2025, o3_8h=values, so2=values))
    assert row["o3_8h_p90"] == pytest.approx(np.percentile(values, 90), abs=1e-9)
    assert row["so2_p98"] == pytest.approx(np.percentile(values, 98), abs=1e-9)


def test_year_of_two_regimes_is_marked_and_judged_by_its_last_day() -> None:
    row = _year(_days(2026, pm2_5=32.0))
    assert (row["edition"], row["phase"], row["unconfirmed"]) == ("GB 3095-2026", "transition", True)
    assert "straddles_editions" in row["reason"]
    assert row["attains_pm2_5_by_mean"] is False
    pinned = _year(_days(2026, pm2_5=32.0), edition="GB3095-2012")
    assert (pinned["attains_pm2_5_by_mean"], "straddles" in (pinned["reason"] or "")) == (True, False)


def test_two_views_of_attainment_are_both_given_and_their_difference_marked() -> None:
    spiky = [80.0 if d % 15 == 0 else 20.0 for d in range(365)]
    row = _year(_days(2025, pm2_5=spiky))
    assert (row["attains_pm2_5_by_mean"], row["attains_pm2_5"]) == (True, False)
    assert row["unconfirmed"] is True
    assert _year(_days(2025))["unconfirmed"] is False


def test_month_has_no_minimum_unless_the_local_custom_is_asked_for() -> None:
    ten = _days(2025).filter(pl.col("day").is_between(date(2025, 4, 1), date(2025, 4, 10)))
    plain = period_statistics(ten, level="month", by=["city"]).collect().row(0, named=True)
    assert (plain["period"], plain["pm2_5_mean"], plain["pm2_5_days"]) == ("2025-04", 30.0, 10)
    local = period_statistics(ten, level="month", by=["city"], validity="local").collect().row(0, named=True)
    assert (local["pm2_5_mean"], local["unconfirmed"]) == (None, True)


def test_composite_index_is_the_sum_of_its_parts_and_names_the_largest() -> None:
    row = _year(_days(2025))
    parts = [row[f"index_{i}"] for i in EVEN]
    assert row["composite_index"] == pytest.approx(sum(parts), abs=1e-9)
    assert row["main_index_items"] == "pm2_5"
    gone = _year(_days(2025).drop("co"))
    assert (gone["composite_index"], gone["index_co"]) == (None, None)


def test_good_and_attaining_days_are_counted_over_valid_days() -> None:
    frame = _days(2025).with_columns(
        good_day=pl.when(pl.col("day").dt.month() == 1).then(None).otherwise(pl.col("day").dt.month() < 7),
        attaining_day=pl.lit(True),
    )
    row = _year(frame)
    assert (row["valid_days"], row["good_days"], row["good_day_ratio"]) == (334, 150, 44.9)
    assert (row["attaining_days"], row["attaining_day_ratio"]) == (365, 100.0)


def test_item_without_any_value_is_named_and_leaves_no_share_of_attaining_days() -> None:
    frame = _days(2025).drop("so2").with_columns(attaining_day=pl.lit(None, pl.Boolean), good_day=pl.lit(True))
    row = _year(frame)
    assert (row["attaining_day_ratio"], row["good_day_ratio"], row["composite_index"]) == (None, 100.0, None)
    assert row["reason"] == "no_values(so2)"


def test_period_counts_what_was_not_used() -> None:
    row = _year(_days(2025).with_columns(conflicts=pl.lit(1), off_hour=pl.lit(2)))
    assert (row["conflicts"], row["off_hour"]) == (365, 730)
    assert row["reason"] == "duplicate_conflict;off_hour"


def test_quarter_is_a_period_like_the_others() -> None:
    months = [float(d.month) for d in pl.date_range(date(2025, 1, 1), date(2025, 12, 31), eager=True)]
    frame = _days(2025, pm2_5=months)
    found = period_statistics(frame, level="quarter").collect()
    assert found["period"].to_list() == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert found["period_end"].to_list() == [
        date(2025, 3, 31),
        date(2025, 6, 30),
        date(2025, 9, 30),
        date(2025, 12, 31),
    ]
    assert found["pm2_5_days"].to_list() == [90, 91, 92, 92]
    assert found["pm2_5_mean"][0] == pytest.approx((31 * 1 + 28 * 2 + 31 * 3) / 90)
    assert "attains_all" not in found.columns
    short = frame.filter(pl.col("day") != date(2025, 5, 31)).filter(pl.col("day").dt.month() != 8)
    local = period_statistics(short, level="quarter", validity="local").collect()
    assert local["pm2_5_mean"].is_null().to_list() == [False, False, True, False]
