"""The kind of water body (水体类型): river limits or lake limits, however the word is written.

The words are data in table ``body_types``. It guesses nothing: an unknown word stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.editions import table


def body_type(word: pl.Expr) -> pl.Expr:
    """Give ``river`` or ``lake`` for each word, null for a word that is in no list.

    Parameters
    ----------
    word : polars.Expr
        Text as received: ``river``, ``河流``, ``水库``, ``湖库`` and the like.

    Returns
    -------
    polars.Expr
        Text.

    References
    ----------
    Family ``surface_water_method``, table ``body_types``.

    Examples
    --------
    >>> pl.select(body_type(pl.Series(["水库", "River ", "?"]))).to_series().to_list()
    ['lake', 'river', None]
    """
    rows = table("surface_water_method", "body_types").select("word", "body_type").unique("word", keep="last")
    bare = word.cast(pl.String).str.strip_chars().str.to_lowercase()
    return bare.replace_strict(rows["word"].to_list(), rows["body_type"].to_list(), default=None)


def body_of(given: Sequence[str]) -> pl.Expr:
    """Give ``river`` or ``lake`` for each sample; null for all where there is no column ``body_type``.

    Parameters
    ----------
    given : sequence of str
        Columns of the samples.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> pl.select(body_of(["section", "tp"])).item() is None
    True
    """
    return body_type(pl.col("body_type")) if "body_type" in given else pl.lit(None, pl.String)
