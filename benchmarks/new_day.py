"""One day of new or corrected hours in a store that holds a national year: seconds to judge what it touches.

    python benchmarks/new_day.py [--stations 1500] [--days 365] [--folder DIR]

The store is made first: hours of 1,500 stations in 337 cities, six items, a batch for five days. Then everything is
judged once (the full time). Two days are left out at first and imported one by one, and a day of two months before is
corrected. Each step is timed in the same process, which is warm by then. The short version of this run is
``tests/heqing/results/test_air.py``, which compares the results with judging everything.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from heqing.results import Refreshed, refresh_air
from heqing.store import delta, import_frame, open_frame, to_long

FIRST = date(2025, 1, 1)
CITIES = 337
ITEMS = {"pm2_5": 33.0, "pm10": 58.0, "so2": 9.0, "no2": 24.0, "o3": 75.0, "co": 0.7}
DAYS_AT_ONCE = 5


def make_hours(stations: int, first: date, days: int, *, seed: int) -> pl.DataFrame:
    """Give hours of all stations by time: 5 % of the values are missing."""
    random = np.random.default_rng([seed, first.toordinal()])
    begin = datetime.combine(first, datetime.min.time())
    times = pl.DataFrame({"time": [begin + timedelta(hours=h + 1) for h in range(days * 24)]})
    places = pl.DataFrame({"n": range(stations)}).select(
        city=pl.format("城市{}", pl.col("n") % CITIES), station=pl.format("站点{}", "n")
    )
    block = times.join(places, how="cross")
    values = {}
    for item, middle in ITEMS.items():
        drawn = np.round(middle * np.exp(random.normal(0, 0.5, block.height)), 1 if item == "co" else 0)
        values[item] = pl.Series(np.where(random.random(block.height) < 0.05, np.nan, drawn)).fill_nan(None)
    return block.with_columns(**values)


def make_store(store: Path, stations: int, days: int) -> int:
    """Fill a store, a batch for five days; give the number of values."""
    delta.make_tables(store)
    moment, rows = datetime(2026, 1, 1, tzinfo=UTC), 0
    done = 0
    while done < days:
        first = FIRST + timedelta(days=done)
        count = min(DAYS_AT_ONCE, days - done)
        batch = f"days{first:%Y%m%d}"
        long = to_long(make_hours(stations, first, count, seed=1).lazy(), domain="air", period="hour").collect()
        long = long.sort("period_end", maintain_order=True)
        for (year,), part in long.group_by(pl.col("period_end").dt.offset_by("-1us").dt.year()):
            columns = part.drop("domain").with_columns(
                flag=pl.lit(None, pl.String),
                flag_reason=pl.lit(None, pl.String),
                source_file=pl.lit(f"{batch}.csv"),
                source_sha256=pl.lit(batch),
                batch=pl.lit(batch),
                revision=pl.lit(1, pl.Int32),
                recorded_at=pl.lit(moment, delta.UTC_MOMENT),
            )
            order = [c for c in delta.OBSERVATIONS if c not in ("domain", "year")]
            partition = {"domain": "air", "year": str(year)}
            file = delta.write_file(store, "observations", columns.select(order), label=batch, partition=partition)
            mark: dict[str, object] = {"batch": batch, "domain": "air", "file": f"{batch}.csv", "sha256": batch}
            mark |= {"rows": part.height, "new": part.height, "changed": 0, "same": 0, "rejects": 0}
            mark["recorded_at"] = moment.isoformat()
            delta.commit_files(store, "observations", [file], moment=moment, mark=mark)
            rows += part.height
        done += count
    return rows


def bring(store: Path, folder: Path, hours: pl.DataFrame, number: int) -> float:
    """Import hours as a file; give the seconds."""
    file = folder / f"day-{number}.parquet"
    hours.write_parquet(file)
    started = time.perf_counter()
    with open_frame(file, domain="air") as intake:
        import_frame(store, intake, recorded_at=datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=number))
    return time.perf_counter() - started


def say(what: str, started: float, used: float, done: Refreshed | None = None, **more: object) -> float:
    """Print one step."""
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    line = {"what": what, "seconds": round(seconds, 2), "cpu": round(time.process_time() - used, 2), "peak_mb": peak}
    print(json.dumps({**line, **more, **(vars(done) if done else {})}, ensure_ascii=False), flush=True)
    return seconds


def main() -> None:
    """Make the store, judge everything, then single days."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--stations", type=int, default=1_500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    stations, days = arguments.stations, arguments.days
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        folder = Path(made)
        store = folder / "store"
        started, used = time.perf_counter(), time.process_time()
        say("make the store", started, used, rows=make_store(store, stations, days - 2))
        started, used = time.perf_counter(), time.process_time()
        full = say("judge everything", started, used, refresh_air(store))
        ratios = {}
        steps = (
            ("a new day, the first", days - 2, 2),
            ("a new day", days - 1, 3),
            ("a day of two months before, corrected", max(0, days - 70), 4),
        )
        for number, (what, day, seed) in enumerate(steps):
            hours = make_hours(stations, FIRST + timedelta(days=day), 1, seed=seed)
            imported = bring(store, folder, hours, number)
            started, used = time.perf_counter(), time.process_time()
            seconds = say(what, started, used, refresh_air(store), import_seconds=round(imported, 2))
            ratios[what] = f"{seconds / full:.1%}"
        print(json.dumps({"share_of_full": ratios}))


if __name__ == "__main__":
    main()
