"""What a rule needs of a frame, and what happens to columns that already bear a result's name.

It looks at names only; types and values are the matter of the rule. See `heqing.tables.catalogue` for the items.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from heqing.errors import HeqingError, MissingColumnError


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


def as_doubles(frame: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """Turn numeric columns into Float64 that carry the decimals as printed.

    A Float32 0.1 is 0.100000001 as a double; its shortest printed form is what was meant.

    Parameters
    ----------
    frame : polars.LazyFrame
        The frame.
    columns : iterable of str
        Columns to turn; those the frame lacks are left out.

    Returns
    -------
    polars.LazyFrame
        The same rows and columns.

    Raises
    ------
    HeqingError
        When a column is text: read files through `heqing.store.intake`, which keeps what is no number.

    Examples
    --------
    >>> frame = pl.LazyFrame({"co": [0.1]}, schema={"co": pl.Float32})
    >>> as_doubles(frame, ["co"]).collect()["co"].to_list()
    [0.1]
    """
    schema = frame.collect_schema()
    casts = []
    for name in columns:
        kind = schema.get(name)
        if kind is None or kind == pl.Float64:
            continue
        if kind == pl.Float32:
            casts.append(pl.col(name).cast(pl.String).cast(pl.Float64))
        elif kind.is_numeric() or kind == pl.Null:
            casts.append(pl.col(name).cast(pl.Float64))
        else:
            raise HeqingError(
                f"Column `{name}` is {kind}, not a number. Read files with heqing.store.open_frame, "
                "which keeps what is no number and says why."
            )
    return frame.with_columns(casts) if casts else frame
