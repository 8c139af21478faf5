"""The verb ``heqing read``: documents in, findings, measures, facts or noise lines out.

It says which documents and where the rows go; all reading is done by `heqing.reading`, many documents at once by
`heqing.cli.many`. Look next at `docs/reference/reading.md`.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from heqing.cli import evaluated, read_against, second_reader
from heqing.cli.console import pipe_may_break, say
from heqing.cli.many import Job, Source, Told, bytes_of, read_each, sources_of
from heqing.cli.own_words import Words, own_words
from heqing.cli.reading_tables import What, show
from heqing.cli.settings import outside_programs
from heqing.errors import BadFileError, HeqingError
from heqing.reading import Additions, Reading, decode
from heqing.reading import read as read_document
from heqing.reading.outside import Outside


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    jsonl = "jsonl"


def read(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE|FOLDER",
            help="Documents: text, HTML, Word, Excel, PDF, OFD; of a folder, all of them in it and below.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="A table for people, or one JSON object a line.")] = (
        Format.table
    ),
    what: Annotated[What, typer.Option("--what", help="Findings, measures, document facts, or noise lines.")] = (
        What.findings
    ),
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against", metavar="LAST", help="An earlier document: what became of its targets. May be given again."
        ),
    ] = None,
    second: Annotated[
        bool,
        typer.Option("--second-reader", help="Ask the model that the settings name too; its proposals are marked."),
    ] = False,
    words: Words = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, help="Processes that read side by side. Default: all cores for folders, one for files."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write the rows of each document to NAME.jsonl here.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Keep refused files and their reasons as CSV.")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, help="How long one document may take when several processes read.")
    ] = 300.0,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            "--evaluate", metavar="FOLDER", help="Read FOLDER/docs and compare with the labels in FOLDER/labels."
        ),
    ] = None,
    only: Annotated[
        str, typer.Option("--only", metavar="PREFIX,…", help="With --evaluate: these documents alone.")
    ] = "",
    errors: Annotated[
        int, typer.Option("--errors", min=0, help="With --evaluate: print up to so many missed and wrong rows each.")
    ] = 0,
) -> None:
    """Read documents into findings: targets and reported results, each with the exact words it came from (文件解读).

    A file that cannot be read is named on standard error, the others go on, and the exit code is 1. The documents of a
    folder are read by all cores; their rows come as they are ready, and a summary closes the run.

    For example:

      heqing read speech.txt

      heqing read report.docx --what measures

      heqing read *.html --format jsonl > findings.jsonl

      heqing read reports/ --out found/ --rejects refused.csv

      heqing read report-2026.docx --against report-2025.docx

      heqing read --evaluate corpus/ --errors 5
    """
    if evaluate is not None:
        if files:
            raise typer.BadParameter("--evaluate takes its documents from FOLDER/docs; name no others")
        with pipe_may_break():
            many = jobs or os.cpu_count() or 1
            as_json = format is Format.jsonl
            evaluated.run(evaluate, only=only, errors=errors, jobs=many, seconds=seconds, as_json=as_json, words=words)
        return
    if not files:
        raise typer.BadParameter("name the documents, or a folder of them", param_hint="FILE|FOLDER")
    outside = outside_programs()
    has_folder = any(file.is_dir() for file in files)
    sources = sources_of(files, with_pictures=bool(outside.ocr))
    if against or second:
        if what is not What.findings or out is not None:
            raise typer.BadParameter("--against and --second-reader print findings alone; leave --what and --out away")
        with pipe_may_break():
            _read_otherwise(sources, outside, against or [], own_words(words), as_json=format is Format.jsonl)
        return
    console = Console(stderr=True)
    width = Console().width if sys.stdout.isatty() else 100
    as_table = format is Format.table and out is None
    job = Job(what=what, as_table=as_table, width=width, outside=outside, seconds=seconds, additions=own_words(words))
    run = _Run(told_at_end=has_folder or out is not None or rejects is not None)
    many = jobs if jobs is not None else (os.cpu_count() or 1) if has_folder else 1
    with pipe_may_break(), ExitStack() as open_things:
        rows = open_things.enter_context(_rejects_to(rejects)) if rejects else None
        advance = open_things.enter_context(_progress(console, len(sources) if has_folder else 0))
        for told in open_things.enter_context(closing(read_each(sources, job, many))):
            run.count(told)
            if told.problem is not None:
                say(f"[red]error:[/red] {told.problem}", markup=True)
                if rows is not None:
                    rows.writerow([told.source.name, told.byte, told.code, told.problem])
            for note in told.notes:
                say(f"note: {note}")
            if told.problem is None:
                _put(told, out, run)
            advance()
    if run.told_at_end:
        for sentence in run.summary(rejects):
            say(sentence)
    if run.refused:
        raise typer.Exit(1)


def _read_otherwise(
    sources: list[Source], outside: Outside, against: list[Path], additions: Additions | None, *, as_json: bool
) -> None:
    """Read documents one by one to hold them against earlier ones, or to have a second reader read them too."""
    refused: list[Source] = []

    def one(source: Source) -> Reading:
        return read_document(decode(bytes_of(source), source.name, outside=outside), source.name, additions=additions)

    def each() -> Iterator[Reading]:
        for source in sources:
            try:
                yield one(source)
            except HeqingError as error:
                refused.append(source)
                say(f"[red]error:[/red] {error}", markup=True)

    if against:
        earlier = [one(source) for source in sources_of(against, with_pictures=bool(outside.ocr))]
        read_against.run(each(), earlier, as_json=as_json)
    else:
        second_reader.run(each(), None if as_json else _show_findings)
    if refused:
        raise typer.Exit(1)


def _show_findings(found: Reading) -> None:
    # No markup, no emoji: what stands in square brackets or between colons is the document's own.
    console = Console(soft_wrap=False, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 100
    show(console, found, What.findings)


@dataclass
class _Run:
    """What has come of a run so far."""

    told_at_end: bool
    began: float = field(default_factory=time.monotonic)
    files: int = 0
    findings: int = 0
    characters: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    written: set[str] = field(default_factory=set)

    def count(self, told: Told) -> None:
        if told.problem is not None:
            self.refused[told.code] += 1
            return
        self.files += 1
        self.findings += told.findings
        self.characters += told.characters

    def summary(self, rejects: Path | None) -> Iterator[str]:
        took = time.monotonic() - self.began
        yield (
            f"{self.files} document(s) read, {self.characters} characters, {self.findings} findings in {took:.1f} s: "
            f"{self.characters / max(took, 1e-3):.0f} characters a second."
        )
        if self.refused:
            why = ", ".join(f"{code} {count}" for code, count in self.refused.most_common())
            kept = f" Each with its reason: {rejects}." if rejects else ""
            yield f"{sum(self.refused.values())} file(s) refused: {why}.{kept}"


def _put(told: Told, out: Path | None, run: _Run) -> None:
    """Write what was read of one document: beside others on standard output, or to a file of its own."""
    if out is None:
        sys.stdout.write(told.text)
        return
    place = told.source.document
    if place in run.written:  # a.txt and a.docx in one folder
        place = told.source.name
    run.written.add(place)
    file = out / f"{place}.jsonl"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(told.text, encoding="utf-8")
    except OSError as error:
        raise BadFileError(file, f"cannot be written ({error.strerror}); check the folder") from error


@contextmanager
def _rejects_to(file: Path) -> Iterator[Any]:
    try:
        held: TextIO = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadFileError(file, f"cannot be written ({error.strerror}); check the folder") from error
    with held:
        rows = csv.writer(held)
        rows.writerow(["file", "byte", "code", "reason"])
        yield rows


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Any]:
    """Show how many of a folder's documents are done, on a terminal only."""
    if not total or not console.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda: bar.advance(task)
