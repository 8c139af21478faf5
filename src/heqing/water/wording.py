"""Text of results, written once per distinct set of items.

Most rows of a nation say nothing; strings are the slowest thing a frame can make. It computes no class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
