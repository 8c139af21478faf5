"""What the verbs do whose input is one table with columns of its own: open, judge, write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from heqing.cli.assess.finishing import finish
from heqing.cli.console import tell, watching
from heqing.cli.options import parse_pairs
from heqing.cli.output import check_output
from heqing.store.columns import Columns, open_columns
from heqing.tables import join_reasons

Rule = Callable[[pl.LazyFrame], pl.LazyFrame]


@dataclass(frozen=True)
class Words:
    """Words of the call that say how a file is opened and where the result goes."""

    source: Path
    out: Path | None
    rename: list[str]
    unit: list[str]
    excel: bool


def judge_table(words: Words, columns: Columns, rule: Rule, *, prefix: str = "", keeps_rows: bool) -> None:
    """Open a table, judge it and write the result.

    Parameters
    ----------
    words : Words
        Words of the call.
    columns : Columns
        What the rule reads.
    rule : callable
        Frame to result.
    prefix : str
        What stands before ``reason`` and ``unconfirmed`` in the result.
    keeps_rows : bool
        Whether a row of the result is a row of the file: then what was noticed about it goes into its reason.

    Raises
    ------
    HeqingError
        When the file is refused.
    """
    check_output(words.out, words.source)
    with watching(f"judging {words.source}"):
        opened = open_columns(
            words.source,
            columns,
            rename=parse_pairs(words.rename, "--rename"),
            units=parse_pairs(words.unit, "--unit"),
        )
        tell(opened.path, opened.notes, opened.problems)
        result = rule(opened.frame)
        if keeps_rows:
            result = _with_noticed(result, f"{prefix}reason")
        finish(result, words.out, excel=words.excel, prefix=prefix)


def _with_noticed(result: pl.LazyFrame, reason: str) -> pl.LazyFrame:
    """Put what the doors noticed about a row before the reason of its judgement, a time that cannot be read once."""
    if reason not in result.collect_schema().names():
        return result.rename({"intake_reason": reason})
    noticed = pl.col("intake_reason").str.contains("bad_time").fill_null(False)
    said = pl.when(noticed).then(pl.col(reason).str.replace(r"^bad_time;?", "")).otherwise(pl.col(reason))
    own = pl.when(said != "").then(said)
    return result.with_columns(join_reasons(pl.col("intake_reason"), own).alias(reason)).drop("intake_reason")
