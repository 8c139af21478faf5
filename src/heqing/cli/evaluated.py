"""``heqing read --evaluate FOLDER``: reads FOLDER/docs, compares with FOLDER/labels, prints the figures.

The comparing is done by `heqing.reading.evaluation`. Labels have the schema of the corpus: NAME.jsonl holds rows of
findings, NAME.meta.json the measures and noise lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import typer

from heqing.cli.console import say
from heqing.cli.many import Job, Told, read_each, sources_of
from heqing.cli.own_words import own_words
from heqing.cli.settings import outside_programs
from heqing.errors import BadFileError
from heqing.reading import Additions
from heqing.reading.evaluation import Evaluation, Labelled, Row, Score, evaluate, figures


def run(
    folder: Path, *, only: str, errors: int, jobs: int, seconds: float, as_json: bool, words: Path | None = None
) -> None:
    """Evaluate the documents of a folder that have labels and print how far they agree."""
    labels = {file.stem: file for file in sorted((folder / "labels").glob("*.jsonl"))}
    if only:
        labels = {name: file for name, file in labels.items() if name.startswith(tuple(only.split(",")))}
    if not labels:
        raise BadFileError(folder, "there are no labels in labels/*.jsonl; name a folder with docs/ and labels/")
    found = evaluate(_labelled(folder, labels, jobs, seconds, own_words(words)))
    if missing := sorted(set(labels) - set(found.documents)):
        raise BadFileError(folder / "docs", f"no readable document for the labels of {', '.join(missing)}")
    if as_json:
        typer.echo(json.dumps(figures(found), ensure_ascii=False))
        return
    for line in lines_of(found, errors):
        typer.echo(line)


def _labelled(
    folder: Path, labels: dict[str, Path], jobs: int, seconds: float, additions: Additions | None
) -> Iterator[Labelled]:
    outside = outside_programs()
    sources = [
        source for source in sources_of([folder / "docs"], with_pictures=bool(outside.ocr)) if source.document in labels
    ]
    job = Job(what=None, as_table=False, width=100, outside=outside, seconds=seconds, additions=additions)
    read: dict[str, Told] = {}
    with closing(read_each(sources, job, jobs)) as told_of:
        for told in told_of:
            if told.problem is not None:
                say(f"[red]error:[/red] {told.problem}", markup=True)
            else:
                read[told.source.document] = told
    for name, file in labels.items():
        if name in read:
            yield _beside(name, json.loads(read[name].text), _rows(file), _facts(file.with_suffix(".meta.json")))


def _beside(name: str, found: dict[str, Any], labels: list[Row], facts: dict[str, Any]) -> Labelled:
    return Labelled(
        name,
        found["text"],
        found["findings"],
        labels,
        found["measures"],
        facts.get("measures", []),
        [line["line"] for line in found["junk"]],
        facts.get("junk", []),
    )


def _rows(file: Path) -> list[Row]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise BadFileError(file, f"this is no JSON, one object a line ({error})") from error


def _facts(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadFileError(file, f"this is no JSON ({error})") from error
    return found


def lines_of(found: Evaluation, errors: int) -> Iterator[str]:
    """Give the figures as lines: errors first, then groups, fields, measures, noise, calibration, documents."""
    for name, matched in found.errors.items():
        for word, rows in (("missed", matched.missed), ("wrong", matched.wrong)):
            for row in rows[:errors]:
                said = " ".join(str(row.get(key)) for key in ("indicator", "comparator", "value", "unit"))
                yield f"{name} {word}: {said} | {row.get('quote')}"
    yield (
        f"documents {len(found.documents)}  matched {found.matched}  restated {found.restated}  "
        f"macro F1 {found.macro_f1:.4f}"
    )
    yield f"{'group':24}{'P':>8}{'R':>8}{'F1':>8}{'tp':>6}{'fp':>6}{'fn':>6}"
    for group, score in sorted(found.groups.items()):
        yield _line(group, score, 24)
    yield "over matched rows: " + "  ".join(f"{name} {share:.3f}" for name, share in found.fields().items())
    yield _line("measures", found.measures, 24)
    yield _line("junk", found.junk, 24)
    for tenth, sure in sorted(found.calibration.items()):
        yield (
            f"confidence {tenth / 10:.1f}: {sure.rows} rows, mean {sure.claimed / sure.rows:.3f}, "
            f"right {sure.right / sure.rows:.3f}"
        )
    for name, score in found.documents.items():
        yield _line(name, score, 34)


def _line(name: str, score: Score, wide: int) -> str:
    figures = f"{score.precision:8.3f}{score.recall:8.3f}{score.f1:8.3f}"
    return f"{name:{wide}}{figures}{score.right:6}{score.wrong:6}{score.missed:6}"
