"""Text of results, written once per distinct set of items or only for the rows that need a word.

Most rows of a nation say nothing; strings are the slowest thing a frame can make. It computes no class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
import polars as pl

_LISTED = 12  # up to so many items every set has its text beforehand


def set_of(claims: Iterable[tuple[int, pl.Expr]]) -> pl.Expr:
    """Gather claims about items into one whole number, one bit per item.

    Parameters
    ----------
    claims : iterable of (int, polars.Expr)
        The item's place and a Boolean; null counts as false.

    Returns
    -------
    polars.Expr
        UInt32.

    Examples
    --------
    >>> pl.select(set_of([(0, pl.lit(True)), (2, pl.lit(True))])).item()
    5
    """
    total = pl.lit(0, pl.UInt32)
    for place, claim in claims:
        total = total + claim.fill_null(False).cast(pl.UInt32) * pl.lit(1 << place, pl.UInt32)
    return total


def names(of: pl.Expr, items: Sequence[str]) -> pl.Expr:
    """Name the items of each set, in order, joined by commas.

    Parameters
    ----------
    of : polars.Expr
        Sets as `set_of` makes them.
    items : sequence of str
        The item at each place.

    Returns
    -------
    polars.Expr
        Text; null for null and for the empty set.

    Examples
    --------
    >>> pl.select(names(pl.lit(5), ["ph", "do", "codmn"])).item()
    'ph,codmn'
    """

    def name(sets: pl.Series) -> pl.Series:
        known = sets.unique().drop_nulls().to_list()
        said = [set_names(one, items) for one in known]
        return sets.replace_strict(known, pl.Series(said, dtype=pl.String), default=None, return_dtype=pl.String)

    return of.map_batches(name, return_dtype=pl.String, is_elementwise=True)


def set_names(one: int, items: Sequence[str]) -> str | None:
    """Name the items of one set.

    Parameters
    ----------
    one : int
        A bit per item.
    items : sequence of str
        The item at each place.

    Returns
    -------
    str or None
        Joined by commas; None for the empty set.

    Examples
    --------
    >>> set_names(6, ["ph", "do", "codmn"])
    'do,codmn'
    """
    return ",".join(item for i, item in enumerate(items) if one >> i & 1) or None


@cache
def _every_set(items: tuple[str, ...]) -> pl.Series:
    return pl.Series([set_names(one, items) for one in range(1 << len(items))], dtype=pl.String)


def said_sets(sets: np.ndarray, items: tuple[str, ...]) -> pl.Series:
    """Name the items of many sets, as `names` does for a column.

    Parameters
    ----------
    sets : numpy.ndarray
        Whole numbers, a bit per item.
    items : tuple of str
        The item at each place.

    Returns
    -------
    polars.Series
        Text, null for the empty set.

    Examples
    --------
    >>> said_sets(np.array([0, 3]), ("ph", "do")).to_list()
    [None, 'ph,do']
    """
    if len(items) <= _LISTED:
        return _every_set(items)[sets]
    found, place = np.unique(sets, return_inverse=True)
    return pl.Series([set_names(int(one), items) for one in found], dtype=pl.String)[place]


def where_needed(
    needed: pl.Expr, columns: Sequence[str], write: Callable[[pl.DataFrame], pl.Series | pl.Expr]
) -> pl.Expr:
    """Write text only for the rows that need it; the others get null.

    Parameters
    ----------
    needed : polars.Expr
        Boolean over `columns`; null counts as false.
    columns : sequence of str
        Columns that `write` reads.
    write : callable
        From those rows to their text, as a series or an expression over them.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> frame = pl.DataFrame({"n": [1, 2]})
    >>> frame.select(where_needed(pl.col("n") > 1, ["n"], lambda rows: pl.lit("many"))).to_series().to_list()
    [None, 'many']
    """

    def written(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        text = pl.Series("text", [None], dtype=pl.String).new_from_index(0, frame.height)
        wanted = frame.select(needed.fill_null(False)).to_series().arg_true()
        if wanted.len():
            some = frame[wanted]
            made = write(some)
            said = some.select(made.alias("text").cast(pl.String)).to_series() if isinstance(made, pl.Expr) else made
            said = said.new_from_index(0, some.height) if said.len() == 1 else said
            text = text.scatter(wanted, said)
        return text

    return pl.struct(columns).map_batches(written, return_dtype=pl.String, is_elementwise=True)
