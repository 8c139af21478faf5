"""Agreement with the labelled seeds, read in place: the scorer is the corpus's own."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from heqing.reading import decode, read, to_record

SEEDS = ("000", "001", "002", "003", "004")
WORKED_ON = ("101", "103", "105", "107", "109", "111", "113", "115")


@pytest.fixture(scope="module")
def scorer(shared_dir: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", shared_dir / "tools" / "score_extraction.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _f1(scorer: ModuleType, shared_dir: Path, numbers: tuple[str, ...]) -> float:
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


@pytest.mark.shared
def test_seeds(scorer: ModuleType, shared_dir: Path) -> None:
    assert _f1(scorer, shared_dir, SEEDS) >= 0.97


@pytest.mark.shared
def test_documents_worked_on(scorer: ModuleType, shared_dir: Path) -> None:
    assert _f1(scorer, shared_dir, WORKED_ON) >= 0.97
