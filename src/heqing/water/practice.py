"""How the publisher rounds before judging, and since when: dated data beside the text of the standard.

It knows days and decimals; it gives no class. See `heqing.water.limits` for how rounding enters a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import divide_half_even, round_scaled
from heqing.water.limits import PLACES

FAMILY = "surface_water_rounding"
ROUNDINGS = ("auto", "raw", "rounded")


@dataclass(frozen=True)
class Decimals:
    """To how many decimals an item is rounded before it is judged, and whether that is confirmed."""

    decimals: int
    keep_digit: bool
    unconfirmed: bool


def check_rounding(rounding: str) -> None:
    """Refuse a rounding that is none.

    Parameters
    ----------
    rounding : str
        ``auto``, ``raw`` or ``rounded``.

    Raises
    ------
    UnknownNameError
        For anything else.

    Examples
    --------
    >>> check_rounding("raw")
    """
    if rounding not in ROUNDINGS:
        raise UnknownNameError("rounding", rounding, list(ROUNDINGS))


def practice_number(day: pl.Expr) -> pl.Expr:
    """Give the place of each day's practice in the timeline; days before the first take the first.

    Parameters
    ----------
    day : polars.Expr
        Dates.

    Returns
    -------
    polars.Expr
        Int32, never null.

    Examples
    --------
    >>> from datetime import date
    >>> pl.select(practice_number(pl.lit(date(2025, 11, 1)))).item()
    2
    """
    return timeline(FAMILY).number_on(day).fill_null(0)


@cache
def practices() -> dict[int, tuple[str, str]]:
    """Give what each phase of the practice judged on, and what we judge on in it.

    Returns
    -------
    dict
        Place in the timeline to (``raw``, ``rounded`` or ``unknown``; ``raw`` or ``rounded``).

    Examples
    --------
    >>> practices()[1]
    ('unknown', 'raw')
    """
    rows = table(FAMILY, "practice").iter_rows(named=True)
    return {row["phase_no"]: (row["judged_on"], row["stated_on"]) for row in rows}


@cache
def decimals(item: str) -> dict[int, Decimals]:
    """Give the decimals of an item in every phase of the practice.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    dict
        Place in the timeline to decimals.

    Examples
    --------
    >>> decimals("nh3n")[2].decimals, decimals("cod")[2].unconfirmed
    (2, True)
    """
    rows = table(FAMILY, "decimals").filter(pl.col("item") == item).iter_rows(named=True)
    return {row["phase_no"]: Decimals(row["decimals"], row["keep_digit"], row["unconfirmed"]) for row in rows}


def round_value(value: pl.Expr, to: Decimals) -> pl.Expr:
    """Round whole numbers of a billionth to the decimals of an item, still as whole numbers of a billionth.

    Parameters
    ----------
    value : polars.Expr
        Int64, not negative.
    to : Decimals
        Decimals to keep.

    Returns
    -------
    polars.Expr
        Int64; where the result would be zero, one significant digit of the value if `to` says so.

    Examples
    --------
    >>> pl.select(round_value(pl.lit(400_000), decimals("tp")[2])).item() / 10**9
    0.0004
    """
    rounded = round_scaled(value, PLACES, to.decimals)
    if not to.keep_digit:
        return rounded
    kept = value
    for place in range(1, PLACES - to.decimals):
        unit = 10**place
        kept = pl.when(value >= unit).then(divide_half_even(value, unit) * unit).otherwise(kept)
    return pl.when((rounded == 0) & (value > 0)).then(kept).otherwise(rounded)
