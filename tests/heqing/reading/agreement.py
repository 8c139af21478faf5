"""How far findings agree with the labelled documents; used by a test and by `make figures`.

The scorer is the corpus's own.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from heqing.reading import decode, read, to_record

SEEDS = ("000", "001", "002", "003", "004")
WORKED_ON = ("101", "103", "105", "107", "109", "111", "113", "115")
UNSEEN = ("102", "104", "106", "108", "110", "112", "114")


def load_scorer(shared_dir: Path) -> ModuleType:
    """Load the scorer that lies beside the corpus."""
    spec = importlib.util.spec_from_file_location("score_extraction", shared_dir / "tools" / "score_extraction.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def f1(shared_dir: Path, numbers: tuple[str, ...]) -> float:
    """Give the F1 of all rows over some documents; every quote is checked to stand at its offsets."""
    scorer = load_scorer(shared_dir)
    hits = wrong = missed = 0
    for number in numbers:
        (document,) = (shared_dir / "corpus" / "docs").glob(f"{number}_*.txt")
        raw = document.read_bytes()
        found = read(decode(raw, document.name))
        assert found.text == raw.decode("utf-8")
        assert all(found.text[f.start : f.end] == f.quote for f in found.findings)
        golds = _rows(shared_dir / "corpus" / "labels" / f"{document.stem}.jsonl")
        pairs, _, spare, left = scorer.match([to_record(f) for f in found.findings], golds, found.text)
        hits, wrong, missed = hits + len(pairs), wrong + len(spare), missed + len(left)
    return 2 * hits / (2 * hits + wrong + missed)


def seed_scores(shared_dir: Path) -> list[str]:
    """Say the F1 of all rows for the seeds, for the documents worked on, and for the half that was not."""
    halves = {"the five seeds": SEEDS, "odd documents, worked on": WORKED_ON, "even documents, not worked on": UNSEEN}
    return [f"{name:66} F1 of all rows {f1(shared_dir, numbers):.3f}" for name, numbers in halves.items()]
