"""A job on a Spark cluster that loses a worker half-way gives the rows of the run in one process.

The full version, with sizes and times, is ``benchmarks/spark_cluster.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.factories.command import heqing
from tests.factories.hours import hours
from tests.factories.spark_cluster import SparkCluster

pytest.importorskip("pyspark", reason="PySpark is not installed: pip install -r requirements/spark.txt")

# Small slices and parts, so that a small file makes a long enough job to lose a worker in.
COMMAND = """
from heqing.spread import spark
spark.SLICE_ROWS, spark.PART_ROWS = 2_000, 480
from heqing.cli.main import run
run()
"""
STATIONS, DAYS = 12, 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give hours of several cities in three files, their rows in no order, some of them twice."""
    folder = tmp_path_factory.mktemp("spark")
    values = dict.fromkeys(("pm2_5", "pm10", "so2", "no2", "co", "o3"), lambda h: 0.5 + h % 13)
    rows = pl.concat(
        hours(date(2025, 3, 1), 24 * DAYS, station=f"站{n:02d}", city=f"城{n % 7}", **values) for n in range(STATIONS)
    ).collect()
    rows = rows.with_columns(pm2_5=pl.col("pm2_5") + pl.int_range(pl.len()) % 97)
    mixed = pl.concat([rows, rows.sample(200, seed=2)]).sample(fraction=1, shuffle=True, seed=1)
    (folder / "hours").mkdir()
    for number, part in enumerate(mixed.iter_slices(2_100)):
        part.write_parquet(folder / "hours" / f"{number}.parquet")
    return folder


def test_job_that_loses_a_worker_half_way_gives_the_same_rows(folder: Path) -> None:
    here = heqing(folder, "assess", "air", "hours", "--level", "day", "-o", "here.parquet")
    assert here.returncode == 0, here.stderr
    with SparkCluster(folder / "cluster") as cluster:
        words = ["assess", "air", "hours", "--level", "day", "--engine", cluster.address, "-o", "there.parquet"]
        with (folder / "said").open("wb") as said:
            job = subprocess.Popen(
                [sys.executable, "-c", COMMAND, *words], cwd=folder, env=cluster.environment(), stderr=said
            )
            done_before = 0
            while job.poll() is None and done_before < 2:
                done_before = len(list(folder.glob(".there.parquet.*.parts/part-*.parquet")))
                time.sleep(0.01)
            cluster.kill_worker(0)
            assert job.wait() == 0, (folder / "said").read_text()
    assert 2 <= done_before < STATIONS
    assert_frame_equal(pl.read_parquet(folder / "there.parquet"), pl.read_parquet(folder / "here.parquet"))
    assert pl.read_parquet(folder / "there.parquet").height == STATIONS * DAYS
    assert "there.parquet: 240 row(s)" in (folder / "said").read_text()
    assert not list(folder.glob(".there*"))
