"""Reasons: codes with parameters that travel with a row, and their sentences in Chinese and English.

A reason reads ``too_few_hours(pm2_5,co)``; several are joined by ``;``. The sentences are data in
``rulebook/messages/reasons.csv``, so that the command line and the pages say the same.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import polars as pl

_REASON = re.compile(r"(?P<code>[a-z0-9_]+)(?:\((?P<values>[^)]*)\))?")


@cache
def reason_codes() -> dict[str, tuple[str, str]]:
    """Give all reason codes with their sentences.

    Returns
    -------
    dict of str to (str, str)
        Code to sentences in Chinese and English; ``{}`` stands for the reason's values.

    Examples
    --------
    >>> "no_edition" in reason_codes()
    True
    """
    text = files("heqing.rulebook").joinpath("messages/reasons.csv").read_text(encoding="utf-8")
    return {r["code"]: (r["zh"], r["en"]) for r in csv.DictReader(text.splitlines())}


def explain(reason: str | None, language: str = "zh") -> str:
    """Say a reason in words.

    Parameters
    ----------
    reason : str or None
        Codes with their values, as in a result's ``reason`` column.
    language : str
        ``zh`` or ``en``.

    Returns
    -------
    str
        One sentence per code; empty for None. A code without a sentence is given as it is.

    Examples
    --------
    >>> explain("no_edition", "en")
    'No edition of the standard was in force on that day; pin one with --edition to judge it all the same.'
    """
    if not reason:
        return ""
    said = []
    for part in reason.split(";"):
        found = _REASON.fullmatch(part)
        sentences = reason_codes().get(found["code"]) if found else None
        if found is None or sentences is None:
            said.append(part)
            continue
        values = ("、" if language == "zh" else ", ").join((found["values"] or "").split(","))
        said.append(sentences[0 if language == "zh" else 1].replace("{}", values))
    return ("" if language == "zh" else " ").join(said)


def join_reasons(*reasons: pl.Expr) -> pl.Expr:
    """Join reason expressions into one column.

    Parameters
    ----------
    *reasons : polars.Expr
        Text or null each.

    Returns
    -------
    polars.Expr
        The ones present joined by ``;``, null where there is none.

    Examples
    --------
    >>> pl.select(join_reasons(pl.lit("a"), pl.lit(None, pl.String), pl.lit("b"))).item()
    'a;b'
    """
    joined = pl.concat_str(list(reasons), separator=";", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def marked(marks: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """List the names that are marked in each row, as the values of a reason.

    Parameters
    ----------
    marks : iterable of (str, polars.Expr)
        Names with a Boolean each.

    Returns
    -------
    polars.Expr
        The names marked true joined by commas, empty text where there is none.

    Examples
    --------
    >>> pl.select(marked([("co", pl.lit(True)), ("so2", pl.lit(False))])).item()
    'co'
    """
    return pl.concat_str([pl.when(mark).then(pl.lit(n)) for n, mark in marks], separator=",", ignore_nulls=True)
