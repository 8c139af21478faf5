"""The coverage table: every line of the seeds has a row, and every place that a row names exists."""

from __future__ import annotations

import csv
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def coverage(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that writes the table."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield import_module("coverage_table")
    sys.modules.pop("coverage_table", None)


def test_every_line_has_a_row_and_every_place_exists(coverage: Any) -> None:
    assert coverage.faults() == []
    assert len(coverage.inventory()) == 399


def test_the_lines_are_those_of_the_domain_table(coverage: Any, shared_dir: Path) -> None:
    with (shared_dir / "domain" / "seed_inventory.csv").open(encoding="utf-8", newline="") as lines:
        given = list(csv.DictReader(lines))
    kept = coverage.inventory()
    assert kept == [{name: row[name] for name in kept[0]} for row in given]


@pytest.mark.parametrize(
    "place",
    ["page:ledger:nowhere", "register:unicorns", "register:honours/unicorns", "pipeline:none", "indicator:air.none",
     "statistic:none", "list:none", "plan:none", "letter:none", "chief:none", "rule:none", "scheme:case_procedure",
     "command:heqing_fly", "nothing:here"],
)  # fmt: skip
def test_a_place_that_does_not_exist_is_a_fault(coverage: Any, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    rows = coverage.where()
    rows[3] = rows[3] | {"places": f"page:ledger:ledger {place}"}
    monkeypatch.setattr(coverage, "where", lambda: rows)
    assert coverage.faults() == [f"S004: there is no {place}"]
    with pytest.raises(SystemExit, match=place):
        coverage.coverage_table()


def test_a_row_that_says_nothing_is_a_fault(coverage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = coverage.where()
    rows[0] = rows[0] | {"status": "served", "places": ""}
    rows[1] = rows[1] | {"status": "partly", "note": ""}
    rows[2] = rows[2] | {"status": "perhaps", "note": "x"}
    monkeypatch.setattr(coverage, "where", lambda: [*rows[:-1], rows[0]])
    assert coverage.faults() == [
        "S399 has no row in where.csv",
        "S001 stands twice",
        "S001 is served but names no place",
        "S002 is partly but does not say what lacks",
        "S003: there is no status perhaps",
        "S001 is served but names no place",
    ]
