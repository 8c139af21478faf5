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


def frame_f1(shared_dir: Path, numbers: tuple[str, ...]) -> tuple[float, float]:
    """Give the F1 of measures (level and title) and of noise lines over some documents."""
    scorer = load_scorer(shared_dir)
    counts = {"measures": [0, 0, 0], "junk": [0, 0, 0]}
    for number in numbers:
        (document,) = (shared_dir / "corpus" / "docs").glob(f"{number}_*.txt")
        label = shared_dir / "corpus" / "labels" / f"{document.stem}.meta.json"
        meta = json.loads(label.read_text(encoding="utf-8"))
        found = read(decode(document.read_bytes(), document.name))
        told = {
            "measures": [(m.level, scorer.plain(m.title)) for m in found.measures],
            "junk": [scorer.plain(j.line) for j in found.junk],
        }
        labelled = {
            "measures": [(m["level"], scorer.plain(m["title"])) for m in meta["measures"]],
            "junk": [scorer.plain(line) for line in meta["junk"]],
        }
        for part, count in counts.items():
            counts[part] = [a + b for a, b in zip(count, scorer.multiset(told[part], labelled[part]), strict=True)]
    return tuple(2 * hit / (2 * hit + wrong + missed) for hit, wrong, missed in counts.values())  # type: ignore[return-value]


FACTS = ("title", "issuer", "region", "date", "doc_type", "people")


def facts_told(shared_dir: Path, numbers: tuple[str, ...]) -> dict[str, int]:
    """Count the documents whose facts equal the labels; a region is right without the places above it."""
    scorer = load_scorer(shared_dir)
    right = dict.fromkeys(FACTS, 0)
    for number in numbers:
        (document,) = (shared_dir / "corpus" / "docs").glob(f"{number}_*.txt")
        label = shared_dir / "corpus" / "labels" / f"{document.stem}.meta.json"
        meta = json.loads(label.read_text(encoding="utf-8"))
        told = to_record(read(decode(document.read_bytes(), document.name)).meta)
        for name in FACTS:
            mine, said = told[name], meta[name]
            if name == "people":
                mine, said = ({(p["name"], p["post"]) for p in people} for people in (mine, said))
            elif mine and said:
                mine, said = scorer.plain(mine), scorer.plain(said)
            right[name] += mine == said or (name == "region" and bool(mine) and bool(said) and said.endswith(mine))
    return right


def seed_scores(shared_dir: Path) -> list[str]:
    """Say the F1 of all rows for the seeds, for the documents worked on, and for the half that was not."""
    halves = {"the five seeds": SEEDS, "odd documents, worked on": WORKED_ON, "even documents, not worked on": UNSEEN}
    return [f"{name:66} F1 of all rows {f1(shared_dir, numbers):.3f}" for name, numbers in halves.items()]
