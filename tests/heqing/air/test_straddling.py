"""A year in which the standards changed, shown both ways, against the same functions with the editions pinned."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from heqing.air import attaining_day, both_regimes, daily_index, period_statistics

OLD = ["GB 3095-2012", "HJ 663-2013"]
NEW = ["GB 3095-2026", "HJ 663-2026"]


@pytest.fixture(scope="module")
def days() -> pl.LazyFrame:
    span = pl.date_range(date(2025, 1, 1), date(2026, 12, 31), eager=True)
    values = [50.0 + (n * 7) % 60 for n in range(len(span))]
    rest = {"pm10": 100.0, "so2": 8.0, "no2": 30.0, "co": 0.8, "o3_8h": 120.0}
    one = pl.LazyFrame({"city": ["甲"] * len(span), "day": span, "pm2_5": values})
    return pl.concat([one, one.with_columns(city=pl.lit("乙"), pm2_5=pl.col("pm2_5") - 40)]).with_columns(
        **{i: pl.lit(v) for i, v in rest.items()}
    )


@pytest.fixture(scope="module")
def years(days: pl.LazyFrame) -> pl.DataFrame:
    return both_regimes(days).collect()


def _pinned(days: pl.LazyFrame, level: str, index: str | None, others: list[str]) -> pl.DataFrame:
    judged = attaining_day(daily_index(days, edition=index), edition=others)
    return period_statistics(judged, level=level, by=["city"], edition=others).collect()  # type: ignore[arg-type]


def test_each_way_is_what_pinned_editions_give(days: pl.LazyFrame, years: pl.DataFrame) -> None:
    found = years
    own, old, new = (
        _pinned(days, "year", index, others)
        for index, others in ((None, []), ("HJ 633-2012", OLD), ("HJ 633-2026", NEW))
    )
    assert found["period"].to_list() == own["period"].to_list() == ["2025", "2026"] * 2
    assert found["straddles"].to_list() == [False, True] * 2
    for figure in ("good_days", "good_day_ratio", "attaining_days", "attains_all_by_mean", "pm2_5_exceeding_days"):
        assert found[figure].equals(own[figure])
        straddling = found.filter("straddles")
        assert straddling[f"{figure}_by_first"].equals(old.filter(period="2026")[figure])
        assert straddling[f"{figure}_by_last"].equals(new.filter(period="2026")[figure])
    whole = found.filter(~pl.col("straddles"))
    assert whole["good_days"].equals(whole["good_days_by_first"])
    assert whole["good_days"].equals(whole["good_days_by_last"])


def test_the_three_ways_differ_where_they_must(years: pl.DataFrame) -> None:
    row = years.filter(city="甲", period="2026").row(0, named=True)
    assert row["good_days_by_last"] < row["good_days"] < row["good_days_by_first"]
    # denominators of PM2.5 and PM10 are 35 and 70 before, 30 and 60 from the change on
    mean = row["pm2_5_mean"]
    assert row["composite_index_by_last"] - row["composite_index_by_first"] == pytest.approx(
        mean / 30 - mean / 35 + 100 / 60 - 100 / 70, abs=1e-8
    )
    assert row["composite_index"] == row["composite_index_by_last"]
    assert row["unconfirmed"]
    assert "straddles_editions" in row["reason"]
    assert "GB 3095-2012" in row["editions_first"]
    assert "GB 3095-2026" in row["editions_last"]


def test_no_month_straddles_and_one_quarter_does(days: pl.LazyFrame) -> None:
    months = both_regimes(days, level="month").collect()
    assert not months["straddles"].any()
    assert months["good_days"].equals(months["good_days_by_last"])
    quarters = both_regimes(days, level="quarter").collect()
    assert quarters.filter("straddles")["period"].unique().to_list() == ["2026-Q1"]
