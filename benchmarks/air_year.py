"""A national year of air from hours to the ranking of cities, beside a bare group-by of the same file.

    python benchmarks/air_year.py [--stations 1500] [--hours 8760] [--years 10] [--folder DIR] [--only STEP]...

Files are made first (`benchmarks/air_made.py`). Each step reads its Parquet file anew in a process of its own with two
threads and tells time by the wall, processor time and the highest memory; ratios are of one run. Steps:
``sorted``, ``shuffled`` (5 % gaps, repeats, contradictions): daily values, city days, index, attainment, evaluation of
every station and city, ranking; ``statistics``: the annual evaluation alone, from daily values; ``hourly``: the index
of every hour, beside reading the six columns and writing the result; ``days``: the daily index beside ``python-aqi``,
where that is installed; ``years``: so many years one after the other. The short version is in
``tests/heqing/air/test_national_year.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from air_made import ITEMS, write_year

STEPS = ("sorted", "shuffled", "statistics", "hourly", "days", "years")
SAMPLE = 3000


def judge_year(hours: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """Judge a year: station days, city days, evaluated stations, evaluated and ranked cities."""
    from heqing.air import (
        attaining_day,
        city_daily_values,
        daily_index,
        daily_values,
        period_statistics,
        rank_cities,
    )

    values = daily_values(hours).collect()
    days, city_days = pl.collect_all(
        [attaining_day(daily_index(d)) for d in (values.lazy(), city_daily_values(values.lazy()))]
    )
    stations, cities = pl.collect_all(
        [
            period_statistics(days.lazy(), level="year"),
            rank_cities(period_statistics(city_days.lazy(), level="year", by=["city"])),
        ]
    )
    return {"days": days, "city_days": city_days, "stations": stations, "cities": cities}


def _run(what: str, files: list[str], out: str) -> int:
    """Do one step in this process and give the number of its rows."""
    hours = pl.scan_parquet(files)
    match what:
        case "bare":
            days = hours.group_by("station", day=pl.col("time").dt.date()).agg(pl.col(ITEMS).mean())
            return days.collect(engine="streaming").height
        case "year":
            return judge_year(hours)["days"].height
        case "years":
            rows = 0
            for file in files:
                rows += judge_year(pl.scan_parquet(file))["days"].height
            return rows
        case "read":
            read = pl.scan_parquet(files).select(ITEMS).collect()
            return read.height
        case "write":
            judged = pl.read_parquet(out)
            _start_clock()
            judged.write_parquet(out + ".again")
            return judged.height
        case "hourly":
            from heqing.air import hourly_index

            hourly_index(hours).sink_parquet(out)
            return pl.scan_parquet(out).select(pl.len()).collect().item()
        case "statistics":
            from heqing.air import attaining_day, daily_index, daily_values, period_statistics

            days = attaining_day(daily_index(daily_values(hours))).collect()
            count = hours.select(pl.len()).collect().item()
            _start_clock()
            period_statistics(days.lazy(), level="year").collect()
            return int(count)
        case "daily index":
            from heqing.air import daily_index, daily_values

            values = daily_values(hours).collect()
            _start_clock()
            return daily_index(values.lazy()).collect().height
        case "python-aqi":
            return _other_index(hours)
    raise ValueError(what)


def _other_index(hours: pl.LazyFrame) -> int:
    import aqi
    from aqi import constants as of

    from heqing.air import daily_values

    # CO above 2 falls between two steps of that package.
    codes = {
        "pm2_5": of.POLLUTANT_PM25, "pm10": of.POLLUTANT_PM10, "so2": of.POLLUTANT_SO2_24H,
        "no2": of.POLLUTANT_NO2_24H, "co": of.POLLUTANT_CO_24H, "o3_8h": of.POLLUTANT_O3_8H,
    }  # fmt: skip
    days = daily_values(hours).collect().drop_nulls(list(codes)).filter(pl.col("co") <= 2)
    days = days.sample(min(SAMPLE, days.height), seed=1)
    given = [
        [(code, f"{row[item]:.{1 if item == 'co' else 0}f}") for item, code in codes.items()]
        for row in days.iter_rows(named=True)
    ]
    _start_clock()
    for values in given:
        aqi.to_aqi(values, algo=of.ALGO_MEP)
    return len(given)


_STARTED = [0.0, 0.0]


def _start_clock() -> None:
    import time

    _STARTED[:] = [time.perf_counter(), time.process_time()]


def _inside(what: str, out: str, files: list[str]) -> None:
    import resource
    import time

    pl.LazyFrame({"x": [1]}).collect(engine="streaming")
    import heqing.air  # noqa: F401  # loaded before the clock starts

    _start_clock()
    rows = _run(what, files, out)
    wall, cpu = time.perf_counter() - _STARTED[0], time.process_time() - _STARTED[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "wall": wall, "cpu": cpu, "peak": peak}))


def step(what: str, files: list[Path], out: Path) -> dict[str, float]:
    """Do one step in a process of its own and print what it took."""
    told = subprocess.run(
        [sys.executable, __file__, "--inside", what, "--out", str(out), *map(str, files)],
        env={**os.environ, "POLARS_MAX_THREADS": "2"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    print(
        f"{what:12} {len(files):3} file(s) {found['rows']:>12,.0f} rows  wall {found['wall']:7.2f} s"
        f"  processor {found['cpu']:7.2f} s  peak {found['peak']:6.0f} MB",
        flush=True,
    )
    return found


def ratio(name: str, one: dict[str, float], other: dict[str, float]) -> None:
    print(f"  {name}: {one['wall'] / other['wall']:.2f} x by the wall, {one['cpu'] / other['cpu']:.2f} x processor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    parser.add_argument("--stations", type=int, default=1500)
    parser.add_argument("--hours", type=int, default=8760)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", action="append", choices=STEPS)
    asked = parser.parse_args()
    if asked.inside:
        _inside(asked.inside, asked.out, asked.files)
        return
    wanted = asked.only or STEPS
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)

        def made(*, shuffled: bool = False, year: int = 2025) -> Path:
            kind = "shuffled" if shuffled else "sorted"
            path = folder / f"air-{kind}-{year}-{asked.stations}-{asked.hours}.parquet"
            if not path.exists():
                write_year(path, year=year, stations=asked.stations, hours=asked.hours, shuffled=shuffled)
            return path

        out = folder / "judged.parquet"
        plain = [made()]
        for kind in ("sorted", "shuffled"):
            if kind in wanted:
                files = [made(shuffled=kind == "shuffled")]
                print(kind)
                bare = step("bare", files, out)
                ratio(f"year, {kind}", step("year", files, out), bare)
        if "statistics" in wanted:
            found = step("statistics", plain, out)
            print(f"  {found['rows'] / found['wall']:,.0f} hourly rows a second")
        if "hourly" in wanted:
            judged = step("hourly", plain, out)
            read, written = step("read", plain, out), step("write", plain, out)
            both = {k: read[k] + written[k] for k in ("wall", "cpu")}
            ratio("hourly index, beside reading and writing", judged, both)
        if "days" in wanted:
            ours = step("daily index", plain, out)
            print(f"  {ours['rows'] / ours['wall']:,.0f} rows a second")
            if find_spec("aqi"):
                other = step("python-aqi", plain, out)
                print(f"  {ours['rows'] / ours['wall'] / (other['rows'] / other['wall']):.0f} x the rows of python-aqi")
            else:
                print("  python-aqi is not installed: pip install python-aqi")
        if "years" in wanted:
            one = step("years", plain, out)
            many = [made(year=2025 - n) for n in range(asked.years)]
            ratio(f"{asked.years} years", step("years", many, out), one)


if __name__ == "__main__":
    main()
