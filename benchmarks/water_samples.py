"""Ten million samples of surface water: class, deciding items, exceedance and section months, beside a bare group-by.

    python benchmarks/water_samples.py [--rows 10000000] [--order sorted|time|shuffled] [--folder DIR] [--repeat 1]

The file is made first: automatic stations that measure every four hours over five years, across the days on which the
rounding practice changed, with gaps, values below detection, several words for a body of water and stations whose body
is not known. Each step reads the Parquet file anew in a process of its own with two threads; the ratios are of one
run. The short version of this run is in ``tests/heqing/water/test_speed_forms.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

FIRST = datetime(2020, 11, 1)  # noqa: DTZ001
SLOTS = 11_250  # four-hourly, to 2025-12-20: judged as measured, practice unknown, rounded
SECTIONS_AT_ONCE = 100
# item: middle of the distribution, its width, decimals printed, detection limit, share of gaps
ITEMS: dict[str, tuple[float, float, int, float | None, float]] = {
    "ph": (7.7, 0.045, 2, None, 0.03),
    "do": (8.2, 0.25, 2, None, 0.03),
    "codmn": (2.4, 0.45, 1, 0.5, 0.05),
    "cod": (10.5, 0.4, 0, 4.0, 0.05),
    "bod5": (1.5, 0.45, 1, 0.5, 0.08),
    "nh3n": (0.12, 1.0, 3, 0.025, 0.05),
    "tp": (0.05, 0.6, 3, 0.01, 0.05),
    "oil": (0.01, 0.6, 2, 0.01, 0.08),
    "f": (0.42, 0.45, 2, 0.05, 0.08),
}
BODIES = ("河流", "river", "湖库", "水库", "lake", "河道", "暗渠", None)
SHARES = (0.6, 0.15, 0.08, 0.06, 0.04, 0.04, 0.02, 0.01)

STEP = """
import json, resource, sys, time
import polars as pl
from heqing.water import period_water_class, water_class
what, file, out = sys.argv[1:]
pl.LazyFrame({"x": [1]}).collect(engine="streaming")
frame = pl.scan_parquet(file)
items = ["ph", "do", "codmn", "cod", "bod5", "nh3n", "tp", "oil", "f"]
started = time.perf_counter()
if what == "bare":
    month = pl.col("time").dt.truncate("1mo").alias("month")
    rows = frame.group_by("section", month).agg(pl.col(i).mean() for i in items).collect(engine="streaming").height
elif what == "samples":
    columns = ["section", "time", "water_class", "deciding_items", "exceedance"]
    water_class(frame).select(columns).sink_parquet(out)
    rows = None
elif what == "samples, every column":
    water_class(frame).sink_parquet(out)
    rows = None
elif what == "months":
    rows = period_water_class(frame, level="month").collect(engine="streaming").height
seconds = time.perf_counter() - started
if rows is None:
    rows = pl.scan_parquet(out).select(pl.len()).collect().item()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
print(json.dumps({"what": what, "seconds": round(seconds, 2), "peak_mb": peak, "rows": rows}))
"""
STEPS = ("bare", "samples", "months", "samples, every column")


def make_samples(sections: range, slots: int, *, seed: int = 1) -> pl.DataFrame:
    """Give the samples of some sections, by section and time; the same for the same numbers and seed."""
    random = np.random.default_rng([seed, sections.start])
    count = len(sections)
    rows = count * slots
    bodies = random.choice(len(BODIES), count, p=SHARES)
    times = [FIRST + timedelta(hours=4 * s) for s in range(slots)]
    columns: dict[str, pl.Series] = {
        "section": pl.Series([f"断面{s:05}" for s in sections]).gather(np.repeat(np.arange(count), slots)),
        "body_type": pl.Series([BODIES[b] for b in bodies], dtype=pl.String).gather(np.repeat(np.arange(count), slots)),
        "time": pl.Series(times * count, dtype=pl.Datetime("us")),
    }
    for item, (middle, width, decimals, detection, gaps) in ITEMS.items():
        place = np.repeat(random.normal(0, width * 0.7, count), slots)
        value = np.round(middle * np.exp(place + random.normal(0, width * 0.7, rows)), decimals)
        missing = random.random(rows) < gaps
        if detection is not None:
            below = value < detection
            value = np.where(below, detection, value)
            columns[f"{item}_below"] = pl.Series(below & ~missing)
        columns[item] = pl.Series(np.where(missing, np.nan, value)).fill_nan(None)
    return pl.DataFrame(columns)


def make_file(path: Path, rows: int, *, order: str = "sorted", seed: int = 1) -> int:
    """Write about so many samples; give their number."""
    sections = max(1, round(rows / SLOTS))
    slots = min(SLOTS, rows)
    parts = []
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for start in range(0, sections, SECTIONS_AT_ONCE):
            part = Path(folder) / f"{start:06}.parquet"
            make_samples(range(start, min(start + SECTIONS_AT_ONCE, sections)), slots, seed=seed).write_parquet(part)
            parts.append(part)
        frame = pl.scan_parquet(parts)
        if order == "time":
            frame = frame.sort("time", maintain_order=True)
        if order == "shuffled":
            frame = frame.select(pl.all().shuffle(seed))  # every column by the same seed, so rows stay whole
        frame.sink_parquet(path, row_group_size=250_000)
    return sections * slots


def measure(what: str, file: Path, folder: Path) -> dict[str, object]:
    """Run one step in a process of its own, with two threads."""
    done = subprocess.run(
        [sys.executable, "-c", STEP, what, str(file), str(folder / "out.parquet")],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    """Make the file, run the steps, say the figures as JSON lines and the ratios at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--order", choices=["sorted", "time", "shuffled"], default="sorted")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--repeat", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        folder = arguments.folder or Path(made)
        file = folder / f"water-{arguments.order}-{arguments.rows}.parquet"
        if not file.exists():
            make_file(file, arguments.rows, order=arguments.order)
        print(json.dumps({"file_mb": file.stat().st_size >> 20, "order": arguments.order}))
        for _ in range(arguments.repeat):
            found = {what: measure(what, file, Path(made)) for what in STEPS}
            for line in found.values():
                print(json.dumps(line), flush=True)
            seconds = {what: float(str(line["seconds"])) for what, line in found.items()}
            bare = seconds["bare"]
            ratios = {what: round(s / bare, 2) for what, s in seconds.items() if what != "bare"}
            ratios["samples and months"] = round((seconds["samples"] + seconds["months"]) / bare, 2)
            print(json.dumps({"times_bare": ratios}), flush=True)


if __name__ == "__main__":
    main()
