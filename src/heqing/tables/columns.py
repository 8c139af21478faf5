"""What a rule needs of a frame, and what happens to columns that already bear a result's name.

It looks at names only; types and values are the matter of the rule. See `heqing.tables.catalogue` for the items.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from heqing.errors import MissingColumnError


def need_columns(frame: pl.LazyFrame, table: str, columns: Iterable[str], *, hint: str = "") -> list[str]:
    """Check that a frame has the columns a rule reads.

    Parameters
    ----------
    frame : polars.LazyFrame
        The frame.
    table : str
        What the frame is, for the message.
    columns : iterable of str
        Names needed.
    hint : str
        What to do about it.

    Returns
    -------
    list of str
        All column names of the frame.

    Raises
    ------
    MissingColumnError
        When one is missing; names all that are.

    Examples
    --------
    >>> need_columns(pl.LazyFrame({"time": [1]}), "hourly air", ["time"])
    ['time']
    """
    present = frame.collect_schema().names()
    missing = [c for c in columns if c not in present]
    if missing:
        raise MissingColumnError(table, missing, present=present, hint=hint)
    return present


def keep_inputs(frame: pl.LazyFrame, results: Iterable[str]) -> pl.LazyFrame:
    """Keep columns that already bear a result's name as ``<name>_in``: results are always computed.

    Parameters
    ----------
    frame : polars.LazyFrame
        The frame as given.
    results : iterable of str
        Names the rule is about to add.

    Returns
    -------
    polars.LazyFrame
        The same rows; where ``<name>_in`` is taken too, ``<name>_in_in`` and so on.

    Examples
    --------
    >>> keep_inputs(pl.LazyFrame({"aqi": [50]}), ["aqi"]).collect_schema().names()
    ['aqi_in']
    """
    present = frame.collect_schema().names()
    taken = set(present)
    renames: dict[str, str] = {}
    for name in results:
        if name in present:
            kept = f"{name}_in"
            while kept in taken:
                kept += "_in"
            taken.add(kept)
            renames[name] = kept
    return frame.rename(renames) if renames else frame
