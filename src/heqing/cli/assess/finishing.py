"""The end of every ``heqing assess``: the result is written, and one line says what it holds."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from heqing.cli.console import say
from heqing.cli.output import write
from heqing.tables import explain


def finish(result: pl.LazyFrame, out: Path | None, *, excel: bool, prefix: str = "") -> None:
    """Write the result and say in one line what it holds: rows, how many unconfirmed, why some were not judged.

    Parameters
    ----------
    result : polars.LazyFrame
        The result, with ``<prefix>unconfirmed`` and ``<prefix>reason``.
    out : Path or None
        As `heqing.cli.output.write`.
    excel : bool
        Begin a CSV with the mark by which Excel knows UTF-8.
    prefix : str
        What stands before the names of these two columns.
    """
    write(result, out, excel=excel)
    if out is None or str(out) == "-":
        return
    unconfirmed, reason = f"{prefix}unconfirmed", f"{prefix}reason"
    written = _scan(out)
    given = written.collect_schema().names()
    doubtful = pl.lit(0)
    if unconfirmed in given:
        said = pl.col(unconfirmed).cast(pl.String)
        # A rule that rests on several formulas names the unconfirmed ones; the others say true or false.
        doubtful = (said.is_not_null() & ~said.is_in(["false", ""])).sum()
    counts = written.select(pl.len(), doubtful.alias("doubtful")).collect().row(0)
    say(f"{out}: {counts[0]} row(s), {counts[1] or 0} of them unconfirmed.")
    if reason not in given:
        return
    reasons = (
        written.select(
            reason=pl.col(reason)
            .cast(pl.String)
            .drop_nulls()
            .str.replace_all(r"\([^)]*\)", "")
            .str.split(";")
            .list.unique()
        )
        .explode("reason")
        .group_by("reason")
        .len()
        .sort("len", "reason", descending=[True, False])
        .collect()
    )
    for code, rows in reasons.iter_rows():
        say(f"  {rows} row(s) {code}: {explain(f'{code}(some item)', 'en')}")


def _scan(out: Path) -> pl.LazyFrame:
    match out.suffix.lower():
        case ".parquet":
            return pl.scan_parquet(out, glob=False)
        case ".jsonl":
            return pl.scan_ndjson(out, infer_schema_length=None)
        case _:
            return pl.scan_csv(out, infer_schema=False, glob=False)
