"""The main job on invented examples: judge air and water, read a speech, keep values, and show the results.

All values are made here by a fixed rule; nothing is real. Everything is written to var/show.
"""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "show"
HEQING = Path(sys.executable).with_name("heqing")
STATIONS = {"青澜区": ("云溪站", "石桥站"), "松岭区": ("云溪站", "北亭站")}
SECTIONS = {"云溪入湖口": "river", "石桥大桥": "river", "澜湖湖心": "lake"}


def write_hours(path: Path) -> None:
    """Write ten days of hours around 2026-03-01, the day on which the index changed its edition."""
    begin = datetime(2026, 2, 24)  # noqa: DTZ001
    with path.open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines)
        out.writerow(["city", "station", "time", "pm2_5", "pm10", "so2", "no2", "co", "o3"])
        for n, (city, station) in enumerate((c, s) for c, names in STATIONS.items() for s in names):
            for h in range(1, 241):
                swing = math.sin(2 * math.pi * (h + 3 * n) / 24)
                dust = 60 if 150 < h < 175 else 0
                row = [45 + 18 * swing + dust / 3 + 4 * n, 80 + 25 * swing + dust, 8 + n, 34 + 9 * swing]
                co, ozone = 0.7 + 0.2 * swing, max(5.0, 70 - 45 * swing)
                gap = n == 1 and h % 24 in (5, 6, 7, 8, 9)
                cells = ["" if gap else round(v) for v in row] + [round(co, 1), round(ozone)]
                out.writerow([city, station, (begin + timedelta(hours=h)).isoformat(" "), *cells])


def write_samples(path: Path) -> None:
    """Write four samples a day of three sections, among them a lake and a day of heavy rain."""
    begin = datetime(2025, 11, 10)  # noqa: DTZ001
    with path.open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines)
        out.writerow(["section", "time", "body_type", "ph", "do", "codmn", "nh3n", "tp"])
        for n, (section, body) in enumerate(SECTIONS.items()):
            for k in range(20):
                rain = 1.0 if k in (8, 9, 10) else 0.0
                swing = math.sin(k / 3 + n)
                values = [7.6 + 0.3 * swing, 8.2 - 2.1 * rain + 0.6 * swing, 3.6 + 1.9 * rain + n]
                values += [0.31 + 0.9 * rain + 0.1 * swing, (0.09 if body == "river" else 0.04) * (1 + rain)]
                moment = begin + timedelta(hours=6 * k)
                out.writerow([section, moment.isoformat(" "), body, *(f"{v:.3f}" for v in values)])


def show(*words: str) -> None:
    """Print a command and run it."""
    print(f"\n$ heqing {' '.join(words)}", flush=True)
    subprocess.run([str(HEQING), *words], cwd=OUT, check=True)


def head(name: str, columns: list[str], rows: int = 6) -> None:
    """Print some columns of the first rows of a result."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column, no_wrap=True)
    with (OUT / name).open(encoding="utf-8", newline="") as lines:
        for i, row in enumerate(csv.DictReader(lines)):
            if i == rows:
                break
            grid.add_row(*(row[c][:26] for c in columns))
    Console(width=110).print(grid)


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    write_hours(OUT / "hours.csv")
    write_samples(OUT / "samples.csv")
    (OUT / "speech.txt").write_text((ROOT / "examples/speech.txt").read_text(encoding="utf-8"), encoding="utf-8")
    print("演示数据：以下城市、站点、断面、讲话和数值均为虚构。 Demonstration: every name and value below is invented.")

    print("\n== 空气 Air: days of each city; the index changes its edition on 2026-03-01 ==")
    show("assess", "air", "hours.csv", "--level", "day", "--by", "city", "-o", "days.csv")
    head("days.csv", ["city", "day", "pm2_5", "aqi", "level", "primary_pollutants", "edition", "good_day"], 10)

    print("\n== 水 Water: class of each sample, judged on rounded values ==")
    show("assess", "water", "samples.csv", "--level", "sample", "-o", "classes.csv")
    head("classes.csv", ["section", "time", "body_type", "water_class", "deciding_items", "exceedance", "rounding"], 10)

    print("\n== 文件解读 Reading: a speech becomes targets ==")
    show("read", "speech.txt")

    print("\n== 存储 Store: the same file twice changes nothing ==")
    for _ in range(2):
        show("import", "water", "samples.csv", "--store", "store")
    print(f"\nThe results lie in {OUT.relative_to(ROOT)}. Next: README, “What you can do”.")


if __name__ == "__main__":
    main()
