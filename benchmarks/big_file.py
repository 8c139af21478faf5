"""A file of two gigabytes through the doors and into a store: peak memory and seconds.

    python benchmarks/big_file.py [--megabytes 2048] [--what open|import] [--folder DIR] [--encoding utf-8|gb18030]

The file is made first, hour by hour for 1,500 stations, all rows different; each step runs in a process of its own,
so that its peak memory is its own. The short version of this run is in ``tests/heqing/store/test_intake_size.py``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

STATIONS = 1_500
HOURS_AT_ONCE = 100

STEP = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from heqing.store import import_frame, open_frame
what, file, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
with open_frame(file, domain="air") as intake:
    opened = time.perf_counter() - started
    if what == "open":
        intake.frame.sink_parquet(folder / "out.parquet")
        rows = None
    else:
        rows = import_frame(folder / "store", intake, recorded_at=datetime(2026, 1, 1, tzinfo=UTC)).new
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"what": what, "file_mb": file.stat().st_size >> 20, "opened_s": round(opened, 1),
    "total_s": round(time.perf_counter() - started, 1), "idle_mb": base >> 10, "peak_mb": peak >> 10, "new": rows}))
"""


def make_file(path: Path, megabytes: int, *, encoding: str = "utf-8", seed: int = 1) -> int:
    """Write hourly rows of 1,500 stations until the file is large enough; give the number of rows."""
    random = np.random.default_rng(seed)
    places = pl.DataFrame({"n": range(STATIONS)}).select(
        city=pl.format("城市{}", pl.col("n") % 300), station=pl.format("站点{}", "n")
    )
    first = datetime(2013, 1, 1, 1)  # noqa: DTZ001
    rows = hours = 0
    with path.open("wb") as out:
        while out.tell() < megabytes << 20:
            times = pl.DataFrame({"time": [first + timedelta(hours=hours + h) for h in range(HOURS_AT_ONCE)]})
            block = times.join(places, how="cross")
            drawn = random.integers(1, 300, size=(block.height, 6))
            text = block.with_columns(
                pm2_5=drawn[:, 0],
                pm10=drawn[:, 1],
                so2=drawn[:, 2],
                no2=drawn[:, 3],
                co=drawn[:, 4] / 100,
                o3=drawn[:, 5],
            ).write_csv(include_header=not hours, datetime_format="%Y-%m-%d %H:%M:%S")
            out.write(text.encode(encoding))
            rows += block.height
            hours += HOURS_AT_ONCE
    return rows


def measure(what: str, file: Path, folder: Path) -> dict[str, object]:
    """Run one step in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", STEP, what, str(file), str(folder)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--what", choices=["open", "import"], action="append")
    parser.add_argument("--encoding", default="utf-8")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        file = folder / "hours.csv"
        print(f"{make_file(file, options.megabytes, encoding=options.encoding):,} rows in {file}", file=sys.stderr)
        for what in options.what or ["open", "import"]:
            print(json.dumps(measure(what, file, folder)))


if __name__ == "__main__":
    main()
