"""How well our class agrees with the one the national centre published, on data that stays outside the repository.

Compared are rows with a published class; the kind of water body comes from the list of sections that lies beside the
data, where it was voted on the same rows, so that agreement on total phosphorus is not independent of it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from tests.heqing.water import (
    examples,
    test_basins,
    test_black_odorous,
    test_blooms,
    test_changes,
    test_city_index,
    test_sources,
    test_trophic,
)

from heqing.water import water_class

FAMILIES = (
    test_basins,
    test_black_odorous,
    test_blooms,
    test_changes,
    test_city_index,
    test_sources,
    test_trophic,
)
CLASSES = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "劣Ⅴ": 6}
MEASURED = {"ph": "ph_raw", **{i: f"{i}_mgl_raw" for i in ("do", "codmn", "nh3n", "tp", "tn")}}


@dataclass(frozen=True)
class Agreement:
    """Counts of one comparison: rows with a published class, those we judged, those equal; and the misses."""

    published: int
    judged: int
    equal: int
    misses: pl.DataFrame

    @property
    def share(self) -> float:
        """Equal of judged."""
        return self.equal / self.judged


def _samples(shared_dir: Path, name: str) -> pl.LazyFrame:
    folder = shared_dir / "data" / "water_sections_cnemc"
    bodies = pl.scan_parquet(folder / "sections.parquet").select("province", "section", body_type="body_type_inferred")
    return (
        pl.scan_parquet(folder / f"{name}.parquet")
        .select(
            "province",
            "section",
            time="obs_time",
            published=pl.col("water_class").replace_strict(CLASSES, default=None, return_dtype=pl.Int64),
            **{item: pl.col(column) for item, column in MEASURED.items()},
        )
        .filter(pl.col("published").is_not_null())
        .join(bodies, on=["province", "section"], how="left", validate="m:1", maintain_order="left")
    )


def compare(shared_dir: Path, name: str, rounding: str) -> Agreement:
    """Judge one file and count."""
    judged = water_class(_samples(shared_dir, name), rounding=rounding).collect()
    known = judged.filter(pl.col("water_class").is_not_null())
    misses = known.filter(pl.col("water_class") != pl.col("published"))
    return Agreement(judged.height, known.height, known.height - misses.height, misses)


def compare_2020(shared_dir: Path, rounding: str = "raw") -> tuple[int, int]:
    """Give (equal, compared) for 2020-05 to 2020-12, daily values as measured."""
    found = compare(shared_dir, "daily_2020-05_2020-12", rounding)
    return found.equal, found.judged


def compare_2025(shared_dir: Path, rounding: str = "rounded") -> tuple[int, int]:
    """Give (equal, compared) for 2025-11-06 to 2025-11-08, 4-hourly values as measured."""
    found = compare(shared_dir, "nov_2025_06_08", rounding)
    return found.equal, found.judged


def published_classes(shared_dir: Path) -> list[tuple[str, int, int]]:
    """Give each comparison in words with (equal, compared)."""
    return [
        ("2020-05 to 2020-12, daily, as measured (raw)", *compare_2020(shared_dir, "raw")),
        ("2020-05 to 2020-12, daily, by the practice of the day (auto)", *compare_2020(shared_dir, "auto")),
        ("2025-11-06 to 08, 4-hourly, rounded first (rounded)", *compare_2025(shared_dir, "rounded")),
        ("2025-11-06 to 08, 4-hourly, by the practice of the day (auto)", *compare_2025(shared_dir, "auto")),
    ]


def covered_vectors(shared_dir: Path) -> list[tuple[str, int, int]]:
    """Run every worked example of the families built here; give (family, covered, listed in all)."""
    right = 0
    for example in examples.CLASSED:
        for rounding in ("raw", "rounded"):
            examples.check_class(example, rounding)
        right += 1
    for check, worked in ((examples.check_rounding, examples.ROUNDED), *((f.check, f.EXAMPLES) for f in FAMILIES)):
        for example in worked:
            check(example)
            right += 1
    with (shared_dir / "standards" / "water" / "test_vectors.csv").open(encoding="utf-8", newline="") as lines:
        return [("water", right, len(list(csv.DictReader(lines))))]
