"""Cities ranked by index and PM2.5 and by their change: month, quarter, year; ties; who is left out of what."""

from __future__ import annotations

import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.air import beside_year_before, period_statistics, rank_cities


def _cities(*rows: tuple[str, float | None, float | None], key: str = "composite_index", **more: list) -> pl.LazyFrame:
    names, now, before = zip(*rows, strict=True)
    end = [date(2025, 12, 31)] * len(rows)
    return pl.LazyFrame(
        {"city": names, "period_end": end, key: now, f"{key}_before": before, **more},
        schema_overrides={key: pl.Float64, f"{key}_before": pl.Float64},
    )


def _column(frame: pl.LazyFrame, name: str, **options: object) -> list:
    return rank_cities(frame, **options).collect()[name].to_list()  # type: ignore[arg-type]


def test_equal_indices_as_published_share_a_rank_and_the_next_is_skipped() -> None:
    cities = _cities(("a", 3.204, None), ("b", 3.196, None), ("c", 3.3, None), ("d", None, None))
    assert _column(cities, "rank") == [1, 1, 3, None]
    assert _column(cities, "rank_reason")[2:] == ["nothing_to_compare", "no_index"]


def test_the_greatest_fall_improves_most_and_ties_share_a_rank() -> None:
    cities = _cities(("a", 2.0, 4.0), ("b", 3.0, 6.0), ("c", 4.4, 4.0), ("d", 3.0, None), ("e", 3.0, 0.0))
    assert _column(cities, "change") == [-50.0, -50.0, 10.0, None, None]
    assert _column(cities, "improvement_rank") == [1, 1, 3, None, None]
    assert _column(cities, "worsening_rank") == [2, 2, 1, None, None]


def test_a_city_that_attains_is_left_out_of_those_that_grew_worse_alone() -> None:
    cities = _cities(("a", 4.4, 4.0), ("b", 5.0, 4.0), attains_all_by_mean=[False, True])
    assert _column(cities, "worsening_rank") == [1, None]
    assert _column(cities, "improvement_rank") == [1, 2]
    assert "left_out_of_worsening" in _column(cities, "rank_reason")[1]
    by_pm = _cities(("a", 30.0, 29.0), ("b", 33.0, 29.0), key="pm2_5_mean", attains_all_by_mean=[False, True])
    assert _column(by_pm, "worsening_rank", key="pm2_5_mean") == [2, 1]


def test_what_is_not_confirmed_says_so() -> None:
    cities = _cities(("a", 4.4, 4.0), composite_unconfirmed=[False])
    row = rank_cities(cities).collect().row(0, named=True)
    assert (row["rank_unconfirmed"], row["change_unconfirmed"]) == (False, True)
    by_pm = rank_cities(_cities(("a", 30.0, 29.0), key="pm2_5_mean"), key="pm2_5_mean").collect()
    assert by_pm["rank_unconfirmed"].item()


@pytest.mark.parametrize("level", ["month", "quarter", "year"])
def test_periods_of_two_years_are_compared_with_the_same_of_the_year_before(level: str) -> None:
    days = pl.date_range(date(2023, 1, 1), date(2024, 12, 31), eager=True)
    items = {"pm10": 50.0, "so2": 10.0, "no2": 30.0, "co": 0.8, "o3_8h": 120.0}
    frame = pl.concat(
        pl.LazyFrame(
            {"city": [c] * len(days), "day": days, "pm2_5": [before if d.year == 2023 else now for d in days]}
        ).with_columns(**{i: pl.lit(v) for i, v in items.items()})
        for c, before, now in (("甲", 40.0, 36.0), ("乙", 30.0, 33.0))
    )
    periods = beside_year_before(period_statistics(frame, level=level, by=["city"]))  # type: ignore[arg-type]
    ranked = rank_cities(periods, key="pm2_5_mean", within=["period"]).collect()
    later = ranked.filter(pl.col("period_end") > date(2023, 12, 31))
    assert later.filter(city="甲")["change"].unique().to_list() == [-10.0]
    assert later.filter(city="乙")["change"].unique().to_list() == [10.0]
    assert later.filter(city="乙")["rank"].unique().to_list() == [1]
    assert ranked.filter(pl.col("period_end") <= date(2023, 12, 31))["change"].is_null().all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 9), st.one_of(st.none(), st.floats(0.5, 9))), min_size=1, max_size=8))
def test_ranks_do_not_depend_on_the_order_of_rows(values: list[tuple[float, float | None]]) -> None:
    rows = [(str(n), now, before) for n, (now, before) in enumerate(values)]
    mixed = random.Random(len(rows)).sample(rows, len(rows))  # noqa: S311 - no secret hangs on it
    one, other = (rank_cities(_cities(*r)).collect().sort("city") for r in (rows, mixed))
    assert one.equals(other)
    assert one["rank"].min() == 1
