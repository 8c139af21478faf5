"""What the command says beside its data: sentences on standard error, progress only where a person watches.

Data goes to standard output or a file and never through here; see `heqing.cli.output`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from heqing.quality import Survey, look_over
from heqing.store.intake import Intake, Problem
from heqing.tables import explain

_LOOKED_OVER = 64 << 20  # bytes of a file whose series are looked over before judging; `heqing check` takes any


def _console() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False)


def say(sentence: str, *, markup: bool = False) -> None:
    """Print one sentence on standard error."""
    if markup:
        head, _, rest = sentence.partition("[/red] ")
        sentence = f"{head}[/red] {escape(rest)}"
    _console().print(sentence, markup=markup)


@contextmanager
def watching(what: str) -> Iterator[None]:
    """Show that something is under way, on a terminal only."""
    console = _console()
    if console.is_terminal:
        with console.status(what):
            yield
    else:
        yield


@contextmanager
def pipe_may_break() -> Iterator[None]:
    """End with exit code 0 when the reader of standard output goes away: that is its right."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer goes nowhere; Python would otherwise complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def tell_problems(intake: Intake) -> list[Problem]:
    """Say what is wrong with a file before it is judged or stored: what its doors noticed, and its series."""
    problems = tell_notes(intake)
    if intake.path.stat().st_size <= _LOOKED_OVER:
        tell_series(intake, look_over(intake.frame, domain=intake.domain))
    else:
        say(f"note: {intake.path}: repeats, names and clocks were not looked over; heqing check does for a large file.")
    return problems


def tell_notes(intake: Intake) -> list[Problem]:
    """Say what the file's doors noticed: its notes, and how many rows have which problem, with the first of each."""
    problems = intake.problems()
    tell(intake.path, intake.notes, problems)
    return problems


def tell(
    name: Path, notes: Iterable[str], problems: Iterable[Problem], *, where: Callable[[int], str] | None = None
) -> None:
    """Say what was noticed about a file or a dataset; `where` names the file of a row of a dataset."""
    for note in notes:
        say(f"note: {note}")
    for problem in problems:
        code = f"{problem.code}({problem.column})" if problem.column else problem.code
        row = problem.first_row if where is None or problem.first_row is None else where(problem.first_row)
        first = f"first in row {row}" + (f": “{problem.sample}”" if problem.sample is not None else "")
        say(f"note: {name}: {problem.rows} row(s), {first}. {explain(code, 'en')}")


def tell_series(intake: Intake, survey: Survey) -> None:
    """Say what is wrong with the series of a file, and how its rows add up where anything is."""
    for finding in survey.findings:
        say(f"note: {intake.path}: {finding.sentence('en')}")
    if survey.rows != survey.clean:
        say(f"note: {intake.path}: {survey.sentence('en')}")
