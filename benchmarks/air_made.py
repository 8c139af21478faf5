"""Hours of invented air for the benchmarks: stations of cities with seasons, days, spikes; the same for the same seed.

Values are as published: whole numbers, CO to one decimal. A file may be sorted by place and hour and complete, or
shuffled with gaps, missing values and rows that stand twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

STATIONS_OF_A_CITY = 5
ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3")
STATIONS_AT_ONCE = 50
ROW_GROUP = 250_000
GAPS = 0.05
REPEATS = 0.01
CONTRADICTIONS = 0.0005


def places(stations: int) -> pl.DataFrame:
    """Name cities and stations, in order."""
    number = pl.int_range(stations)
    city = pl.format("城市{}", (number // STATIONS_OF_A_CITY).cast(pl.String).str.zfill(4))
    return pl.select(city=city, station=pl.format("{}站{}", city, number % STATIONS_OF_A_CITY + 1))


def _values(random: np.random.Generator, stations: int, hours: int) -> dict[str, np.ndarray]:
    """Draw the hours of some stations: a level of the place, a winter, a course of the day, weather of five days."""
    hour = np.arange(hours)
    winter = np.cos(2 * np.pi * hour / 8766)
    noon = np.maximum(0.0, np.sin(2 * np.pi * (hour % 24 - 8) / 24))
    level = random.lognormal(0, 0.25, (stations, 1))
    weather = np.repeat(random.normal(0, 0.5, (stations, hours // 120 + 1)), 120, axis=1)[:, :hours]
    dirt = level * np.exp(0.5 * winter + weather)
    noise = random.gamma(8, 1 / 8, (stations, hours)).astype(np.float32)
    other = random.gamma(8, 1 / 8, (stations, hours)).astype(np.float32)
    found = {
        "pm2_5": 28 * dirt * noise,
        "pm10": 52 * dirt * noise * (0.6 + 0.4 * other),
        "so2": 7 * dirt * other,
        "no2": 22 * dirt * other * (1.2 - 0.4 * noon),
        "co": 0.6 * dirt * noise,
        "o3": (30 + 110 * noon * (1.1 - 0.5 * winter)) * other,
    }
    tops = {"pm2_5": 900, "pm10": 1500, "so2": 900, "no2": 600, "co": 20, "o3": 500}
    return {i: np.clip(np.round(v, 1 if i == "co" else 0), 0.1 if i == "co" else 1, tops[i]) for i, v in found.items()}


def blocks(year: int, stations: int, hours: int | None = None, *, seed: int = 1) -> Iterator[pl.DataFrame]:
    """Give the hours of a year, some stations at a time, sorted and complete."""
    first, last = np.datetime64(f"{year}-01-01T01", "us"), np.datetime64(f"{year + 1}-01-01T01", "us")
    ends = np.arange(first, last, np.timedelta64(1, "h"))[:hours]
    named = places(stations)
    random = np.random.default_rng([seed, year])
    for start in range(0, stations, STATIONS_AT_ONCE):
        here = named.slice(start, STATIONS_AT_ONCE)
        values = _values(random, here.height, len(ends))
        every = pl.select(pl.int_range(here.height).repeat_by(len(ends)).explode()).to_series()
        yield here[every].with_columns(
            pl.Series("time", np.tile(ends, here.height)), *[pl.Series(i, v.ravel()) for i, v in values.items()]
        )


def spoilt(block: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Take rows and values away, and put some rows in twice, a few of them with another value."""
    random = np.random.default_rng([seed, 77])
    kept = block.filter(pl.Series(random.random(block.height) >= GAPS))
    missing = [pl.when(pl.Series(random.random(kept.height) >= 0.01)).then(pl.col(i)).alias(i) for i in ITEMS]
    kept = kept.with_columns(missing)
    again = kept.filter(pl.Series(random.random(kept.height) < REPEATS))
    other = kept.filter(pl.Series(random.random(kept.height) < CONTRADICTIONS)).with_columns(pl.col("pm2_5") + 1)
    return pl.concat([kept, again, other])


def write_year(
    path: Path,
    *,
    year: int = 2025,
    stations: int = 1500,
    hours: int | None = None,
    shuffled: bool = False,
    seed: int = 1,
) -> int:
    """Write one Parquet file with a year of hours and give the number of its rows."""
    frame = pl.concat(
        spoilt(b, seed=seed + n) if shuffled else b for n, b in enumerate(blocks(year, stations, hours, seed=seed))
    )
    if shuffled:
        frame = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    frame.write_parquet(path, row_group_size=ROW_GROUP)
    return frame.height
