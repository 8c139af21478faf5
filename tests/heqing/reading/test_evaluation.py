"""The figures of an evaluation: equal to those of the corpus's own scorer, and small cases by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.factories.command import heqing

from heqing.reading import decode, read, to_record
from heqing.reading.evaluation import Labelled, evaluate, figures, match


def _row(**said: Any) -> dict[str, Any]:
    row = {
        "kind": "target",
        "quote": "优良率达到85%",
        "indicator": "优良率",
        "comparator": "==",
        "value": 85,
        "unit": "%",
    }
    row |= {"value_text": "85", "strength": "plan", "pillar": "air", "period": None, "baseline": None, "scope": None}
    return row | said


TEXT = "优良率达到85%。治理河道万米，新建XX公里管网。优良率达到85%。"


@pytest.mark.parametrize(
    ("read_as", "labelled", "is_pair"),
    [
        ({}, {}, True),
        ({"comparator": ">="}, {}, True),
        ({"kind": "achievement"}, {}, False),
        ({"value": 86}, {}, False),
        ({"value": "85"}, {}, True),
        ({"value": "many"}, {}, False),
        ({"unit": "％"}, {}, True),
        ({"value": 8500, "unit": "元"}, {"value": 0.85, "unit": "万元"}, True),
        ({"value": 85, "unit": "户"}, {"value": 85, "unit": "家"}, True),
        ({"quote": "治理河道万米"}, {}, False),
        ({"quote": "85%"}, {"quote": "优良率达到85%"}, True),
        ({"quote": "不在文中的一句话达到85%以上"}, {"quote": "文中也没有的一句话达到85%以上"}, True),
        ({"quote": TEXT * 10}, {}, False),
        ({"value": None, "value_text": "xx万"}, {"value": None, "value_text": "XX"}, True),
        ({"value": None, "value_text": "*"}, {"value": None, "value_text": "XX"}, False),
        ({"value": None, "value_text": None, "comparator": "complete"}, {"value": None, "value_text": ""}, False),
        ({"value": None}, {}, False),
    ],
)
def test_what_makes_a_pair(read_as: dict[str, Any], labelled: dict[str, Any], is_pair: bool) -> None:
    found = match([_row(**read_as)], [_row(**labelled)], TEXT)
    assert (len(found.pairs), len(found.missed)) == ((1, 0) if is_pair else (0, 1))


def test_a_row_that_says_a_matched_label_again_is_restated_and_another_is_wrong() -> None:
    rows = [_row(), _row(quote="治理河道"), _row(indicator="河道长度", quote="治理河道")]
    found = match(rows, [_row()], TEXT)
    assert (len(found.pairs), found.restated, found.wrong) == (1, [rows[1]], [rows[2]])


def test_figures_of_a_small_case() -> None:
    found = figures(
        evaluate(
            [
                Labelled(
                    "a",
                    TEXT,
                    [_row(confidence=0.93, strength="ensure"), _row(value=7, confidence=0.95)],
                    [_row(), _row(value=8)],
                    [{"level": 1, "title": "一、治水"}],
                    [{"level": 1, "title": "一治水"}, {"level": 2, "title": "二、治气"}],
                    ["打印", "关闭"],
                    ["打印"],
                )
            ]
        )
    )
    assert found["groups"]["all"] == {"tp": 1, "fp": 1, "fn": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["fields_over_matched"]["strength"] == 0
    assert found["fields_over_matched"]["pillar"] == 1
    assert (found["measures"]["precision"], found["measures"]["recall"]) == (1, 0.5)
    assert (found["junk"]["precision"], found["junk"]["recall"]) == (0.5, 1)
    assert found["calibration"] == {"0.9": {"n": 2, "mean_confidence": 0.94, "right": 0.5}}


@pytest.mark.shared
def test_figures_are_those_of_the_shared_scorer(shared_dir: Path, tmp_path: Path) -> None:
    corpus = shared_dir / "corpus"
    parts: dict[str, list[str]] = {"findings": [], "measures": [], "junk": []}
    documents = []
    for file in sorted((corpus / "docs").glob("*.txt")):
        found = read(decode(file.read_bytes(), file.name))
        records = {part: [to_record(row) for row in getattr(found, part)] for part in parts}
        for part, rows in records.items():
            parts[part] += [json.dumps(row, ensure_ascii=False) for row in rows]
        labels = corpus / "labels" / f"{file.stem}.jsonl"
        facts = json.loads(labels.with_suffix(".meta.json").read_text(encoding="utf-8"))
        documents.append(
            Labelled(
                file.stem,
                found.text,
                records["findings"],
                [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()],
                records["measures"],
                facts["measures"],
                [line["line"] for line in records["junk"]],
                facts["junk"],
            )
        )
    for part, rows in parts.items():
        (tmp_path / f"{part}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    subprocess.run(
        [sys.executable, shared_dir / "tools" / "score_extraction.py", tmp_path / "findings.jsonl", corpus / "labels",
         "--measures", tmp_path / "measures.jsonl", "--junk", tmp_path / "junk.jsonl",
         "--json", tmp_path / "scores.json"],
        check=True, capture_output=True,
    )  # fmt: skip
    theirs = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert theirs.pop("without_predictions") == []
    ours = figures(evaluate(documents))
    assert {name: ours[name] for name in theirs} == theirs
    apart = ours["fields_left_empty"]["period"] + ours["fields_said_otherwise"]["period"]
    assert apart == round(ours["matched"] * (1 - ours["fields_over_matched"]["period"]))


def _folder(place: Path) -> Path:
    (place / "docs").mkdir(parents=True)
    (place / "labels").mkdir()
    (place / "docs" / "甲.txt").write_text("力争优良率达到85%。\n打印\n", encoding="utf-8")
    (place / "labels" / "甲.jsonl").write_text(json.dumps(_row(quote="优良率达到85%")) + "\n", encoding="utf-8")
    (place / "labels" / "甲.meta.json").write_text(json.dumps({"measures": [], "junk": ["打印"]}), encoding="utf-8")
    return place


def test_the_verb_prints_the_figures_of_a_folder(tmp_path: Path) -> None:
    done = heqing(_folder(tmp_path), "read", "--evaluate", ".", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["documents"], found["groups"]["all"]["f1"], found["junk"]["f1"]) == (1, 1, 1)


def test_the_verb_prints_errors_that_are_asked_for(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "labels" / "甲.jsonl").write_text(json.dumps(_row(value=90, quote="优良率达到85%")), encoding="utf-8")
    done = heqing(folder, "read", "--evaluate", ".", "--errors", "3", "--only", "甲")
    assert "甲 missed: 优良率 == 90 % | 优良率达到85%" in done.stdout
    assert "甲 wrong: " in done.stdout
    assert "set:numeric" in done.stdout


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "labels" / "甲.jsonl").unlink(), "there are no labels"),
        (lambda folder: (folder / "docs" / "甲.txt").unlink(), "no readable document for the labels of 甲"),
        (lambda folder: (folder / "labels" / "甲.jsonl").write_text("{", encoding="utf-8"), "this is no JSON"),
    ],
    ids=["no labels", "no document", "no JSON"],
)
def test_a_folder_that_cannot_be_evaluated_is_told(tmp_path: Path, spoil: Any, said: str) -> None:
    folder = _folder(tmp_path)
    spoil(folder)
    done = heqing(folder, "read", "--evaluate", ".")
    assert done.returncode == 1
    assert said in done.stderr
