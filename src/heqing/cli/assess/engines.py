"""Where ``heqing assess`` has the work done: in this process, or on a Spark cluster. Results are the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import typer

from heqing.cli.assess.finishing import finish
from heqing.cli.console import say, tell, tell_notes, tell_problems
from heqing.cli.output import check_output
from heqing.errors import BadFileError
from heqing.spread import Assessment, Opening, open_dataset
from heqing.spread.parts import judged, part_files, plan
from heqing.spread.spark import SLICE_ROWS, is_master, judge_all, look_at_all, session
from heqing.store.intake import Intake, Problem

HERE = "here"
_NOT_LOOKED_OVER = "note: {}: repeats, names and clocks were not looked over; heqing check does, file by file."
Asked = Callable[[list[str]], Assessment]
Notes = Callable[[Intake, Assessment], None]


def check_words(sources: Sequence[Path], out: Path | None, engine: str) -> None:
    """Refuse words that cannot go together, before anything is opened.

    Parameters
    ----------
    sources : sequence of Path
        The inputs.
    out : Path or None
        The output.
    engine : str
        ``here`` or a Spark master.

    Raises
    ------
    typer.BadParameter
        When the output cannot be written, the engine is none, or a cluster is to write to standard output.
    """
    for source in sources:
        check_output(out, source)
    if engine == HERE:
        return
    if not is_master(engine):
        raise typer.BadParameter(f"“{engine}” is none: say here, spark://HOST:PORT or local[N]", param_hint="--engine")
    if out is None or str(out) == "-":
        raise typer.BadParameter(
            "a cluster writes to a folder that all its machines see: name a file there", param_hint="-o"
        )


def assess_with(
    engine: str,
    sources: Sequence[Path],
    opening: Opening,
    asked: Asked,
    out: Path | None,
    *,
    excel: bool,
    also_tell: Notes | None = None,
) -> None:
    """Judge a dataset and write the result.

    Parameters
    ----------
    engine : str
        ``here`` or a Spark master.
    sources : sequence of Path
        A file, several Parquet files, a folder of them, or a Delta table.
    opening : Opening
        How it is opened.
    asked : callable
        Gives what is asked from the columns of the opened frame.
    out : Path or None
        Where the result goes.
    excel : bool
        As `heqing.cli.output.write`.
    also_tell : callable, optional
        Says more about a dataset that is judged in this process.

    Raises
    ------
    HeqingError
        When the input is refused or the engine fails.
    typer.BadParameter
        When a cluster is to read a place under another name: it sees parts of which some lack the place.
    """
    if engine != HERE and opening.same_place:
        raise typer.BadParameter("a cluster cannot join names; say --engine here", param_hint="--same-place")
    if engine == HERE or out is None:
        _here(sources, opening, asked, out, excel=excel, also_tell=also_tell)
    else:
        _on_cluster(engine, sources, opening, asked, out, excel=excel)


def _here(
    sources: Sequence[Path], opening: Opening, asked: Asked, out: Path | None, *, excel: bool, also_tell: Notes | None
) -> None:
    with opened_here(sources, opening) as intake:
        assessment = asked(intake.frame.collect_schema().names())
        if also_tell is not None:
            also_tell(intake, assessment)
        finish(judged(intake.frame, assessment), out, excel=excel)


@contextmanager
def opened_here(sources: Sequence[Path], opening: Opening) -> Iterator[Intake]:
    """Open a file or a dataset in this process, and say what its doors noticed.

    Parameters
    ----------
    sources : sequence of Path
        A file, several Parquet files, a folder of them, or a Delta table.
    opening : Opening
        How it is opened.

    Yields
    ------
    Intake
        With a frame of which some time can be read.

    Raises
    ------
    HeqingError
        When the input is refused.
    """
    is_file = len(sources) == 1 and not sources[0].is_dir()
    if is_file:
        opened = opening.open(sources[0])
    else:
        dataset = open_dataset(sources)
        opened = opening.open(dataset.name, dataset.frame())
    with opened as intake:
        problems = tell_problems(intake) if is_file else tell_notes(intake)
        if not is_file:
            say(_NOT_LOOKED_OVER.format(intake.path))
        _refuse_without_time(
            intake.path,
            problems,
            lambda: intake.frame.select(pl.len()).collect(engine="streaming").item(),
        )
        yield intake


def _on_cluster(
    engine: str, sources: Sequence[Path], opening: Opening, asked: Asked, out: Path, *, excel: bool
) -> None:
    dataset = open_dataset([s.absolute() for s in sources])
    # Beside the result, for that is a place which every machine of the cluster sees.
    folder = Path(mkdtemp(prefix=f".{out.name}.", suffix=".parts", dir=out.parent.absolute()))
    folder.chmod(0o777)  # processes of the cluster may run as another user
    try:
        job = plan(dataset, opening, asked, folder=folder, slice_rows=SLICE_ROWS)
        with session(engine, f"heqing assess {opening.domain}") as spark:
            looks = look_at_all(spark, job)
            tell(dataset.name, looks.notes, looks.problems, where=dataset.where)
            say(_NOT_LOOKED_OVER.format(dataset.name))
            _refuse_without_time(dataset.name, looks.problems, lambda: dataset.rows)
            judge_all(spark, job, looks)
        finish(pl.scan_parquet(part_files(job), glob=False), out, excel=excel)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_without_time(name: Path, problems: Sequence[Problem], rows: Callable[[], int]) -> None:
    """Refuse a file of which no time can be read: nothing in it could be judged."""
    unread = next((p for p in problems if p.code == "bad_time"), None)
    if unread is not None and unread.rows == rows():
        raise BadFileError(
            name,
            f"no time in it can be read (“{unread.sample}”), so nothing in it could be judged. "
            "Write moments like 2020-04-01 08:00 in `time`, or days like 2020-04-01 in `day`",
            column=unread.column,
        )
