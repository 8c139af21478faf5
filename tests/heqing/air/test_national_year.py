"""The chain from hours to ranked cities, on hours of the benchmark's own making: order, blocks of years, dirt."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
YEARS = (2024, 2025)
STATIONS, HOURS = 7, 24 * 62


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    sys.path.insert(0, str(BENCHMARKS))
    import air_made
    import air_year

    yield air_year, air_made
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def hours(bench: Any) -> pl.DataFrame:
    _, air_made = bench
    return pl.concat(air_made.spoilt(b, seed=3) for y in YEARS for b in air_made.blocks(y, STATIONS, HOURS))


@pytest.fixture(scope="module")
def judged(bench: Any, hours: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return bench[0].judge_year(hours.lazy())


def test_rows_in_another_order_and_years_one_by_one_give_the_same(bench, hours, judged):
    shuffled = bench[0].judge_year(hours.sample(fraction=1.0, shuffle=True, seed=5).lazy())
    # The hour that ends at New Year's midnight belongs to the old year.
    year = (pl.col("time") - pl.duration(microseconds=1)).dt.year()
    apart = [bench[0].judge_year(hours.filter(year == y).lazy()) for y in YEARS]

    for table in ("days", "city_days", "stations", "cities"):
        assert_frame_equal(shuffled[table], judged[table])
        keys = [c for c in ("city", "station", "day", "period") if c in judged[table].columns]
        if table != "cities":  # ranks are counted among all rows given
            assert_frame_equal(pl.concat(a[table] for a in apart).sort(keys), judged[table].sort(keys))


def test_days_are_those_of_a_plain_reading(hours, judged):
    held: dict[tuple[str, date], dict[int, list[dict[str, float | None]]]] = {}
    for row in hours.iter_rows(named=True):
        ended = row["time"]
        day, slot = (ended.date(), ended.hour) if ended.hour else (date.fromordinal(ended.toordinal() - 1), 24)
        held.setdefault((row["station"], day), {}).setdefault(slot, []).append(row)

    def value(rows: list[dict[str, Any]], item: str) -> float | None:
        found = {r[item] for r in rows if r[item] is not None}
        return found.pop() if len(found) == 1 else None

    for found in judged["days"].iter_rows(named=True):
        slots = held[found["station"], found["day"]]
        for item in ("pm2_5", "co", "so2"):
            values = [v for rows in slots.values() if (v := value(rows, item)) is not None]
            expected = fmean(values) if len(values) >= 20 else None
            assert (found[item] is None) == (expected is None)
            assert expected is None or math.isclose(found[item], expected, rel_tol=1e-12)
        ozone = {slot: v for slot, rows in slots.items() if (v := value(rows, "o3")) is not None}
        windows = [[ozone[s] for s in range(end - 7, end + 1) if s in ozone] for end in range(8, 25)]
        means = [fmean(w) for w in windows if len(w) >= 6]
        assert found["windows_o3_8h"] == len(means)
        highest = max(means, default=None)
        counts = highest is not None and (len(means) >= 14 or highest > 160)
        assert (found["o3_8h"] is not None) == counts
        assert not counts or math.isclose(found["o3_8h"], highest, rel_tol=1e-12)
