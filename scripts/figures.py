"""Print how far our results agree with published ones, on real data read in place from ../shared or HEQING_SHARED."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.heqing.air import agreement as air  # noqa: E402
from tests.heqing.air import test_conformance as air_examples  # noqa: E402
from tests.heqing.reading import agreement as reading  # noqa: E402
from tests.heqing.water import agreement as water  # noqa: E402


def main() -> None:
    shared = Path(os.environ.get("HEQING_SHARED") or ROOT.parent / "shared")
    if not (shared / "data").is_dir():
        sys.exit(f"no real data at {shared}: set HEQING_SHARED to the folder that holds data/, standards/ and corpus/")

    print("Hourly air, rows for which the national centre states an index")
    for file in air.FILES:
        for found in air.hourly_agreement(shared, file):
            print(f"  {found.what:66} {found.equal:>7} of {found.compared:>7} equal  {found.share:8.4f} %")

    print("Water class, rows for which the national centre states a class")
    for what, equal, compared in water.published_classes(shared):
        print(f"  {what:66} {equal:>7} of {compared:>7} equal  {100 * equal / compared:8.4f} %")

    print("Worked and published examples")
    right = 0
    for example in air_examples.EXAMPLES:
        air_examples.JUDGES[example["kind"]](example, json.loads(example["inputs"]), json.loads(example["expected"]))
        right += 1
    with (shared / "standards/air/test_vectors.csv").open(encoding="utf-8", newline="") as lines:
        print(f"  air: {right} of {len(list(csv.DictReader(lines)))} rows covered, all within their tolerance")
    for what, covered, total in water.covered_vectors(shared):
        print(f"  {what}: {covered} of {total} rows covered, all within their tolerance")

    print("Reading, the five seeds")
    for line in reading.seed_scores(shared):
        print(f"  {line}")


if __name__ == "__main__":
    main()
