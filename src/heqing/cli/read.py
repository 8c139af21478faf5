"""The verb ``heqing read``: documents in, findings, measures, facts or noise lines out.

It opens the files and prints; all reading is done by `heqing.reading`. Look next at `docs/reference/reading.md`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from heqing.cli.console import say
from heqing.cli.own_words import Words, own_words
from heqing.errors import BadFileError, HeqingError
from heqing.reading import Finding, Reading, decode, to_record
from heqing.reading import read as read_document

_STRENGTHS = {"ensure": "确保", "strive": "力争", "plan": "计划", "reported": "已报"}
_KINDS = {"target": "目标", "achievement": "成效"}
_GAPS = {
    "number_masked": "数字被遮",
    "number_lost": "数字缺失",
    "indicator_lost": "指标缺失",
    "indicator_inferred": "指标为推断",
    "range": "区间",
}
# How a comparator is printed; the lexicon lists the words by which it is met in documents, many for each.
_COMPARATORS = {
    ">=": "≥",
    "<=": "≤",
    "==": "=",
    "~": "约",
    "+%": "增长",
    "-%": "下降",
    "+": "增加",
    "-": "减少",
    "complete": "完成",
}


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    jsonl = "jsonl"


class What(StrEnum):
    """Which part of the reading is printed."""

    findings = "findings"
    measures = "measures"
    meta = "meta"
    junk = "junk"


def read(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Documents: .txt, .html, .docx.", show_default=False)
    ],
    format: Annotated[Format, typer.Option("--format", help="A table for people, or one JSON object a line.")] = (
        Format.table
    ),
    what: Annotated[What, typer.Option("--what", help="Findings, measures, document facts, or noise lines.")] = (
        What.findings
    ),
    words: Words = None,
) -> None:
    """Read documents into findings: targets and reported results, each with the exact words it came from (文件解读).

    A file that cannot be read is named on standard error, the others go on, and the exit code is 1.

    For example:

      heqing read speech.txt

      heqing read report.docx --what measures

      heqing read *.html --format jsonl > findings.jsonl
    """
    try:
        additions = own_words(words)
    except HeqingError as error:
        say(f"[red]error:[/red] {error}", markup=True)
        raise typer.Exit(1) from None
    failed = False
    # No markup, no emoji: what stands in square brackets or between colons is the document's own.
    console = Console(soft_wrap=False, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 100
    try:
        for file in files:
            try:
                found = read_document(decode(_bytes(file), file.name), file.name, additions=additions)
            except HeqingError as error:
                failed = True
                say(f"[red]error:[/red] {error}", markup=True)
                continue
            if format is Format.jsonl:
                for row in _rows(found, what):
                    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            else:
                _show(console, found, what)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the pipe went away: nothing is wrong with the documents.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    if failed:
        raise typer.Exit(1)


def _bytes(file: Path) -> bytes:
    if file.is_dir():
        raise BadFileError(file, "this is a directory; name the files in it, for instance with a star")
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise BadFileError(file, "there is no such file; check the name") from error
    except OSError as error:
        raise BadFileError(file, f"the file cannot be opened ({error.strerror}); check its permissions") from error


def _rows(found: Reading, what: What) -> Iterator[dict[str, Any]]:
    match what:
        case What.findings:
            return (to_record(finding) for finding in found.findings)
        case What.measures:
            return (to_record(measure) for measure in found.measures)
        case What.meta:
            return iter([to_record(found.meta)])
        case What.junk:
            return (to_record(line) for line in found.junk)


def _show(console: Console, found: Reading, what: What) -> None:
    table = Table(title=found.doc, title_justify="left", show_lines=what is What.findings, expand=False)
    match what:
        case What.findings:
            _show_findings(table, found.findings)
        case What.measures:
            for name in ("级", "举措", "责任单位"):
                table.add_column(name, overflow="fold")
            for m in found.measures:
                table.add_row(str(m.level), m.title, "、".join(m.responsible))
        case What.meta:
            table.add_column("项")
            table.add_column("内容", overflow="fold")
            for key, value in to_record(found.meta).items():
                said = "、".join(f"{p['name']}（{p['post']}）" for p in value) if key == "people" else value
                table.add_row(key, "—" if said in (None, "") else str(said))
        case What.junk:
            table.add_column("噪声行", overflow="fold")
            for j in found.junk:
                table.add_row(j.line.strip())
    console.print(table)
    console.print(_closing(found, what))


def _show_findings(table: Table, findings: tuple[Finding, ...]) -> None:
    table.add_column("类", no_wrap=True)
    table.add_column("指标", ratio=3, overflow="fold")
    table.add_column("要求", ratio=2, overflow="fold")
    table.add_column("期", no_wrap=True)
    table.add_column("力度", no_wrap=True)
    table.add_column("原文", ratio=5, overflow="fold")
    for f in findings:
        table.add_row(
            _KINDS.get(f.kind, f.kind),
            f.indicator or "（缺）",
            _demand(f),
            f.period or "—",
            _STRENGTHS.get(f.strength, f.strength),
            re.sub(r"[\r\n\t]+", " ", f.quote),
        )


def _demand(f: Finding) -> str:
    if f.comparator == "complete":
        return _COMPARATORS["complete"]
    record = to_record(f)
    value = f.value_text or "？" if f.value is None else record["value"]
    said = f"{_COMPARATORS.get(f.comparator, f.comparator)} {value} {f.unit or ''}".rstrip()
    return f"{said}（{_GAPS.get(f.gap, f.gap)}）" if f.gap else said


def _closing(found: Reading, what: What) -> str:
    if what is not What.findings:
        count = {What.measures: len(found.measures), What.meta: 1, What.junk: len(found.junk)}[what]
        return f"{found.doc}：{count} 行"
    kinds = Counter(f.kind for f in found.findings)
    gaps = Counter(f.gap for f in found.findings if f.gap)
    told = "、".join(f"{_GAPS.get(g, g)} {n}" for g, n in gaps.most_common())
    return (
        f"共 {len(found.findings)} 条：目标 {kinds['target']}，成效 {kinds['achievement']}；"
        f"缺项 {sum(gaps.values())}{f'（{told}）' if told else ''}"
    )
