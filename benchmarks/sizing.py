"""What a million rows cost, and what a province and the nation therefore need: rows a day, bytes, cores, minutes.

    PYTHONPATH=src python benchmarks/sizing.py [--air 1000000] [--water 500000] [--minutes 2000000]

Each kind of rows is invented, written as Parquet and judged by the command in a process of its own with one thread;
told are its processor time less that of the same command on a few rows (start-up), its peak memory, and the size of
the file. Minutes of polluters have no verb: their hour means (exact, as `heqing.quantities.rounding` takes them) and
whether these are above a limit stand for it. The tables of ``docs/explanation/sizing.md`` are printed by this script.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import heqing

HOURS = """
import sys, polars as pl
from heqing.quantities.rounding import exact_mean
rows = pl.scan_parquet(sys.argv[1])
items = [c for c in rows.collect_schema().names() if c not in ("outlet", "time")]
hours = rows.group_by("outlet", hour=pl.col("time").dt.truncate("1h")).agg(
    *[exact_mean(pl.col(i)).alias(i) for i in items], *[pl.col(i).count().alias(f"n_{i}") for i in items])
hours.with_columns((pl.col(i) > 50).alias(f"over_{i}") for i in items).sort("outlet", "hour").sink_parquet(sys.argv[2])
"""


# What a row is made of, how many places there are: suppositions, to be replaced by one's own.
KINDS = [
    ("air, hours to years", "stations", 24),
    ("water, samples to months", "sections", 6),
    ("polluters, minutes to hours", "outlets", 1440),
]
PLACES = {"province": (250, 300, 2_500), "nation": (1_500, 3_641, 30_000)}


@dataclass(frozen=True)
class Cost:
    """What a million rows of a kind cost."""

    seconds: float
    bytes: float
    memory_mb: float


def air(rows: int) -> pl.DataFrame:
    """Make hours of stations: six items."""
    stations = max(1, rows // 8760)
    means = {"pm2_5": 40, "pm10": 70, "so2": 9, "no2": 30, "co": 0.8, "o3": 60}
    return _frame("station", stations, 8760, "1h", means, decimals={"co": 1}).with_columns(
        city=pl.format("城{}", pl.int_range(pl.len()) // 8760 // 5)
    )


def water(rows: int) -> pl.DataFrame:
    """Make samples of sections, every four hours: nine items."""
    sections = max(1, rows // 2190)
    means = {"ph": 7.5, "do": 8, "codmn": 3, "nh3n": 0.4, "tp": 0.1, "tn": 2, "cod": 14, "bod5": 2, "f": 0.4}
    decimals = {"ph": 1, "do": 2, "codmn": 2, "nh3n": 3, "tp": 3, "tn": 2, "cod": 1, "bod5": 1, "f": 2}
    frame = _frame("section", sections, 2190, "4h", means, decimals=decimals, spread=0.2)
    return frame.with_columns(body_type=pl.lit("river"))


def minutes(rows: int) -> pl.DataFrame:
    """Make minutes of outlets: six items."""
    outlets = max(1, rows // 1440)
    means = {"a21026": 20, "a21002": 40, "a34013": 4, "a00000": 50_000, "a19001": 9, "a01012": 90}
    return _frame("outlet", outlets, 1440, "1m", means, decimals=dict.fromkeys(means, 2))


def _frame(
    place: str,
    places: int,
    times: int,
    every: str,
    means: dict[str, float],
    *,
    decimals: dict[str, int],
    spread: float = 0.6,
) -> pl.DataFrame:
    random = np.random.default_rng(1)
    count = places * times
    step = {"1h": np.timedelta64(1, "h"), "4h": np.timedelta64(4, "h"), "1m": np.timedelta64(1, "m")}[every]
    ends = np.datetime64("2023-01-01T00", "us") + step * np.arange(1, times + 1)
    shape = 1 / spread**2
    values = {i: np.round(random.gamma(shape, m / shape, count), decimals.get(i, 0)) for i, m in means.items()}
    if "ph" in values:
        values["ph"] = np.round(random.normal(7.5, 0.3, count), 1)
    frame = pl.DataFrame({place: np.repeat(np.arange(places), times), "time": np.tile(ends, places), **values})
    return frame.with_columns(pl.format("点{}", pl.col(place).cast(pl.String).str.zfill(5)).alias(place))


def spent(words: list[str]) -> tuple[float, float]:
    """Run Python with these words; give its processor seconds and peak memory [MB]."""
    package = Path(heqing.__file__).absolute().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(package), "POLARS_MAX_THREADS": "1"}
    process = subprocess.Popen([sys.executable, *words], env=environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{words} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cost(frame: pl.DataFrame, words: list[str], folder: Path) -> Cost:
    """Measure what a frame costs, start-up not counted."""
    sized = {}
    for name, rows in (("few", frame.head(200)), ("all", frame)):
        path = folder / f"{name}.parquet"
        rows.write_parquet(path)
        sized[name] = spent([*(w.replace("IN", str(path)) for w in words)])
    million = frame.height / 1e6
    return Cost(
        (sized["all"][0] - sized["few"][0]) / million,
        (folder / "all.parquet").stat().st_size / frame.height,
        sized["all"][1],
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--air", type=int, default=1_000_000)
    words.add_argument("--water", type=int, default=500_000)
    words.add_argument("--minutes", type=int, default=2_000_000)
    given = words.parse_args()
    run = ["-c", "from heqing.cli.main import run; run()", "assess"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        out = ["-o", str(folder / "out.parquet")]
        costs = {
            "air, hours to days": cost(air(given.air), [*run, "air", "IN", "--level", "day", *out], folder),
            "air, hours to years": cost(air(given.air), [*run, "air", "IN", "--level", "year", *out], folder),
            "air, hourly index": cost(air(given.air), [*run, "air", "IN", "--level", "hour", *out], folder),
            "water, samples to months": cost(
                water(given.water), [*run, "water", "IN", "--level", "month", *out], folder
            ),
            "polluters, minutes to hours": cost(minutes(given.minutes), ["-c", HOURS, "IN", out[1]], folder),
        }
    print("| work | processor seconds per million rows | bytes per row | peak memory |\n| --- | --- | --- | --- |")
    for name, c in costs.items():
        print(f"| {name} | {c.seconds:.1f} | {c.bytes:.1f} | {c.memory_mb:,.0f} MB |")
    print("\n| | rows a day | MB a day | GB a year | a day on one core | a year on 16 cores |")
    print("| --- | --- | --- | --- | --- | --- |")
    for place, counts in PLACES.items():
        for (name, of, times), count in zip(KINDS, counts, strict=True):
            rows, c = count * times, costs[name]
            day, year = c.seconds * rows / 1e6, c.seconds * rows * 365 / 1e6 / 16 / 60
            print(
                f"| {place}: {count:,} {of}, {times:,} rows each | {rows:,} | {rows * c.bytes / 1e6:,.1f} | "
                f"{rows * 365 * c.bytes / 1e9:,.2f} | {day:,.1f} s | {year:,.2f} min |"
            )


if __name__ == "__main__":
    main()
