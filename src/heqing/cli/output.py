"""Where results go: CSV, Parquet or JSON lines, by the name of the file, or CSV to standard output.

A file appears whole or not at all: it is written beside its place and moved there at the end. Rows stream, so that a
result may be larger than memory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import typer

from heqing.cli.console import pipe_may_break
from heqing.errors import BadFileError

KINDS = (".csv", ".parquet", ".jsonl")
# Moments in a CSV, as Excel and people read them.
_MOMENT = "%Y-%m-%d %H:%M:%S"


def check_output(out: Path | None, source: Path) -> None:
    """Refuse an output that cannot be written or would overwrite its own input.

    Parameters
    ----------
    out : Path or None
        The file wanted; None or ``-`` is standard output.
    source : Path
        The input.

    Raises
    ------
    typer.BadParameter
        When its ending is none we write, its folder does not exist, or it is the input.
    """
    if out is None or str(out) == "-":
        return
    if out.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"{out}: the ending must be one of {', '.join(KINDS)}", param_hint="-o")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"{out}: there is no folder {out.parent}; make it first", param_hint="-o")
    if out.exists() and source.exists() and out.samefile(source):
        raise typer.BadParameter(f"{out} is the input itself; choose another name", param_hint="-o")


@contextmanager
def _full_disk_is_told() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer goes nowhere, or Python would try again at its end and leave with another code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BadFileError("standard output", f"it cannot be written: {error.strerror or error}") from error


def write(frame: pl.LazyFrame, out: Path | None, *, excel: bool = False) -> None:
    """Write a frame in row order.

    Parameters
    ----------
    frame : polars.LazyFrame
        The result.
    out : Path or None
        A file ending in .csv, .parquet or .jsonl; None or ``-`` for CSV on standard output.
    excel : bool
        Begin a CSV with the mark by which Excel knows UTF-8.

    Raises
    ------
    BadFileError
        When the file cannot be written.
    """
    if out is None or str(out) == "-":
        with pipe_may_break(), _full_disk_is_told():
            for i, batch in enumerate(frame.collect_batches(maintain_order=True)):
                sys.stdout.write(batch.write_csv(include_header=i == 0, datetime_format=_MOMENT))
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        match out.suffix.lower():
            case ".parquet":
                frame.sink_parquet(part, maintain_order=True)
            case ".jsonl":
                frame.sink_ndjson(part, maintain_order=True)
            case _:
                frame.sink_csv(part, include_bom=excel, datetime_format=_MOMENT, maintain_order=True)
        part.replace(out)
    except OSError as error:
        raise BadFileError(out, f"it cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
