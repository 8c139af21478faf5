"""Judge hours of air here, on a Spark cluster of one worker, of two, and of two of which one is killed half-way.

    PYTHONPATH=src:. python benchmarks/spark_cluster.py [--stations 300] [--days 366] [--level year] [--folder DIR]

Needs the extra ``spark`` (requirements/spark.txt) and Java 17. A worker is a process with one core on loopback. Every
run must give the same rows. Told are the seconds of each run from its start to its end, start-up of Spark included, and
the seconds of processor time that the command and the workers took, which do not depend on what else the machine does.
The short version is in ``tests/heqing/spread/test_spark_cluster.py``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal
from tests.factories.spark_cluster import SparkCluster

import heqing

ITEMS = {"pm2_5": 40, "pm10": 70, "so2": 9, "no2": 30, "co": 0.8, "o3": 60}
TICKS = os.sysconf("SC_CLK_TCK")


def write_hours(folder: Path, stations: int, days: int, files: int) -> int:
    """Write hours of invented stations, in no order, some twice, some missing; give their number."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(1)
    hours, rows = 24 * days, 0
    ends = np.datetime64("2024-01-01T01", "us") + np.arange(hours).astype("timedelta64[h]")
    for number in range(files):
        here = np.arange(number, stations, files)
        count = len(here) * hours
        made = {i: np.round(random.gamma(3, m / 3, count), 1 if i == "co" else 0) for i, m in ITEMS.items()}
        frame = pl.DataFrame(
            {"station": np.repeat(here, hours), "time": np.tile(ends, len(here)), **made}
        ).with_columns(
            pl.format("站{}", pl.col("station").cast(pl.String).str.zfill(5)).alias("station"),
            pl.format("城{}", pl.col("station") // 5).alias("city"),
        )
        frame = frame.filter(pl.Series(random.random(count) > 0.05))
        frame = pl.concat([frame, frame.sample(fraction=0.01, seed=1)]).sample(fraction=1, shuffle=True, seed=2)
        frame.write_parquet(folder / f"hours-{number:03d}.parquet")
        rows += frame.height
    return rows


def processor_seconds(sessions: set[int]) -> dict[int, float]:
    """Give the processor time so far of each process of these sessions, Python processes of executors among them."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) in sessions:
            found[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def run(folder: Path, words: list[str], out: str, *, cluster: SparkCluster | None = None, kills: bool = False) -> None:
    """Run the command once and tell its times."""
    engine = ["--engine", cluster.address] if cluster else []
    package = Path(heqing.__file__).absolute().parents[1]
    environment = cluster.environment() if cluster else {**os.environ, "PYTHONPATH": str(package)}
    started, spent, killed = time.monotonic(), {}, False
    job = subprocess.Popen(
        [sys.executable, "-c", "from heqing.cli.main import run; run()", *words, *engine, "-o", out],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    sessions = {job.pid, *(w.pid for w in cluster.workers)} if cluster else {job.pid}
    before = processor_seconds(sessions)
    while job.poll() is None:
        spent |= processor_seconds(sessions)
        if kills and not killed and len(list(folder.glob(f".{out}.*.parts/part-*.parquet"))) >= 2:
            cluster.kill_worker(0)
            killed = True
        time.sleep(0.1)
    seconds = time.monotonic() - started
    if job.returncode:
        sys.exit(job.stderr.read().decode())
    used = sum(s - before.get(p, 0.0) for p, s in spent.items())
    print(f"{out.removesuffix('.parquet'):24} {seconds:8.1f} s {used:8.1f} s of processor time", flush=True)
    if kills and not killed:
        sys.exit("the job was over before a worker could be killed; take more stations")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--stations", type=int, default=300)
    words.add_argument("--days", type=int, default=366)
    words.add_argument("--files", type=int, default=12)
    words.add_argument("--level", default="year")
    words.add_argument("--folder", type=Path)
    given = words.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as made:
        folder = Path(made)
        rows = write_hours(folder / "hours", given.stations, given.days, given.files)
        size = sum(p.stat().st_size for p in (folder / "hours").iterdir()) / 1e6
        load = os.getloadavg()[0]
        print(f"{rows:,} rows in {given.files} files, {size:.0f} MB; level {given.level}; load before: {load:.1f}")
        asked = ["assess", "air", "hours", "--level", given.level]
        run(folder, asked, "here.parquet")
        for workers in (1, 2):
            with SparkCluster(folder / f"cluster{workers}", workers=workers) as cluster:
                run(folder, asked, f"workers-{workers}.parquet", cluster=cluster)
                if workers == 2:
                    run(folder, asked, "workers-2-one-killed.parquet", cluster=cluster, kills=True)
        here = pl.read_parquet(folder / "here.parquet")
        for out in ("workers-1", "workers-2", "workers-2-one-killed"):
            assert_frame_equal(pl.read_parquet(folder / f"{out}.parquet"), here)
        print(f"all four gave the same {here.height:,} rows")


if __name__ == "__main__":
    main()
