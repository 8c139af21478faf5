"""A writer killed again and again while readers read: the store stays whole and the writer's work gets done.

    python benchmarks/store_kill.py [--kills 100] [--readers 3] [--folder DIR]

One process imports files of corrections in turn and is killed at a random moment, over and over. Readers check all
the while that they see whole batches only, that the revisions of a key have no gap, and that what is current is one
row per key. The short version is in ``tests/heqing/store/test_observations.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

HOURS = 20_000

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from heqing.store import import_frame, observations, open_frame
observations._CELLS_AT_ONCE = 10_000
for path in sorted(Path(sys.argv[2]).glob("*.csv")):
    done = import_frame(sys.argv[1], open_frame(path, domain="air"), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    print(path.name, done.is_repeat, flush=True)
"""

READER = """
import json, sys, time
from pathlib import Path
import polars as pl
from heqing.errors import StoreError
from heqing.store import current, history
store, stop, hours = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
reads = 0
while not stop.exists():
    try:
        seen = history(store).select("batch", "item", "period_end", "revision").collect()
        now = current(store).select("item", "period_end").collect()
    except StoreError:
        time.sleep(0.05)
        continue
    if seen.is_empty():
        continue
    whole = seen.group_by("batch").len()["len"]
    assert whole.is_in([hours, 2 * hours]).all(), whole
    last = seen.group_by("item", "period_end").agg(pl.len(), pl.col("revision").max())
    assert (last["len"] == last["revision"]).all()
    assert now.is_unique().all()
    reads += 1
print(json.dumps({"reads": reads}))
"""


def make_files(folder: Path, number: int) -> None:
    first = datetime(2018, 1, 1, 1)  # noqa: DTZ001
    for n in range(number):
        with (folder / f"{n:03}.csv").open("w", encoding="utf-8") as out:
            out.write("time,city,pm2_5,co\n")
            out.writelines(f"{first + timedelta(hours=h)},X,{(h + n) % 300},0.4\n" for h in range(HOURS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--files", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    dice = random.Random(options.seed)  # noqa: S311
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, store, stop = Path(name) / "files", Path(name) / "store", Path(name) / "stop"
        folder.mkdir()
        make_files(folder, options.files)
        started = time.perf_counter()
        readers = [
            subprocess.Popen([sys.executable, "-c", READER, store, stop, str(HOURS)], stdout=subprocess.PIPE, text=True)
            for _ in range(options.readers)
        ]
        kills = 0
        for _ in range(options.kills):
            writer = subprocess.Popen([sys.executable, "-c", WRITER, store, folder], stdout=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.5, 6.0))
            kills += writer.poll() is None
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        done = subprocess.run([sys.executable, "-c", WRITER, store, folder], check=True, capture_output=True, text=True)
        stop.touch()
        reads = [json.loads(r.communicate()[0])["reads"] for r in readers]
        failed = [r.returncode for r in readers if r.returncode]
        print(
            json.dumps(
                {
                    "killed_at_work": kills,
                    "batches": options.files,
                    "left_for_the_last_writer": done.stdout.count("False"),
                    "reads": reads,
                    "readers_that_failed": len(failed),
                    "seconds": round(time.perf_counter() - started),
                }
            )
        )
        sys.exit(bool(failed))


if __name__ == "__main__":
    main()
