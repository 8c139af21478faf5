"""Items worse than the baseline class and by how much (超标项目与超标倍数).

The baseline is the class III limit, whatever the section's own target is. See `heqing.water.pollutants` for other
baselines and the three main pollutants, `heqing.water.classes` for the classes it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.quantities.rounding import divide_half_even
from heqing.water.limits import PLACES, limits
from heqing.water.practice import decimals

METHOD = "surface_water_method"
# Decimals to which multiples are put in order; equal ones keep the standard's order.
_FINE = 5


def method_number(day: pl.Expr) -> pl.Expr:
    """Give the place of each day's evaluation method in the timeline; days before the first take the first.

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
    >>> pl.select(method_number(pl.lit(date(2005, 1, 1)))).item()
    0
    """
    return timeline(METHOD).number_on(day).fill_null(0)


@cache
def baselines() -> dict[int, tuple[int, int, str]]:
    """Give the baseline class of multiples, their decimals and where ties go, in every phase of the method.

    Returns
    -------
    dict
        Place in the timeline to (class, decimals, ``up`` or ``even``).

    Examples
    --------
    >>> baselines()[0]
    (3, 1, 'up')
    """
    rows = table(METHOD, "multiples").iter_rows(named=True)
    return {row["phase_no"]: (row["baseline_class"], row["decimals"], row["ties"]) for row in rows}


@cache
def _bare() -> dict[int, frozenset[str]]:
    rows = table(METHOD, "bare_items").select("phase_no", "item").rows()
    return {phase: frozenset(item for number, item in rows if number == phase) for phase in baselines()}


def baseline_class(method: pl.Expr) -> pl.Expr:
    """Give the class of the baseline in each row's phase of the method.

    Parameters
    ----------
    method : polars.Expr
        Place in the method's timeline.

    Returns
    -------
    polars.Expr
        UInt8.

    Examples
    --------
    >>> pl.select(baseline_class(pl.lit(0))).item()
    3
    """
    return by_phase(method, {k: one[0] for k, one in baselines().items()}, lambda base: pl.lit(base, pl.UInt8))


def exceedances(rows: pl.DataFrame, items: Sequence[str]) -> pl.Series:
    """Say the items worse than the baseline with their multiples, worst class first, then the largest multiple.

    Parameters
    ----------
    rows : polars.DataFrame
        ``_value_<item>`` [billionths], ``_class_<item>``, ``_rounded``, ``_limits``, ``_method``, ``_practice``
        [places in timelines], ``_body``.
    items : sequence of str
        Items to look at, in the standard's order.

    Returns
    -------
    polars.Series
        ``nh3n:1.3,tp:0.6,do``: item and multiple; an item that is named bare, or whose baseline is not known, stands
        alone after those of its class. Null where nothing exceeds.

    References
    ----------
    Family ``surface_water_method``, tables ``multiples`` and ``bare_items``.

    Examples
    --------
    >>> rows = pl.DataFrame({"_value_tp": [260_000_000], "_class_tp": [4], "_rounded": [False],
    ...     "_limits": [0], "_method": [0], "_practice": [0], "_body": ["river"]})
    >>> exceedances(rows, ["tp"]).to_list()
    ['tp:0.3']
    """
    numbered = rows.with_row_index("_row")
    base = baseline_class(pl.col("_method"))
    parts = [
        numbered.filter(pl.col(f"_class_{item}") > base).select(
            "_row",
            "_method",
            "_rounded",
            pl.lit(item).alias("_item"),
            pl.lit(order).alias("_order"),
            pl.col(f"_class_{item}").alias("_item_class"),
            pl.col(f"_value_{item}").alias("_value"),
            last_unit(item).alias("_unit"),
            pl.when(~_is_bare(item)).then(_baseline(item)).alias("_limit"),
        )
        for order, item in enumerate(items)
    ]
    value, unit = pl.col("_value"), pl.col("_unit")
    said = (
        pl.concat(parts)
        # What exceeds a limit never rounds to zero, so no digit need be kept here.
        .with_columns(pl.when("_rounded").then(divide_half_even(value, unit) * unit).otherwise(value).alias("_value"))
        .with_columns(_multiple=multiple(pl.col("_value"), pl.col("_limit"), _FINE, "up"), _text=_said())
        .sort("_row", "_item_class", "_multiple", "_order", descending=[False, True, True, False], nulls_last=True)
        .group_by("_row", maintain_order=True)
        .agg(pl.col("_text").str.join(","))
    )
    return numbered.select("_row").join(said, on="_row", how="left", maintain_order="left")["_text"]


def multiple(value: pl.Expr, limit: pl.Expr, places: int, ties: str) -> pl.Expr:
    """Give by how many times a value exceeds a limit, whichever limit is the baseline (超标倍数).

    Parameters
    ----------
    value : polars.Expr
        Whole numbers of a billionth.
    limit : polars.Expr
        The baseline in billionths: the class III limit, the section's own target, an interim one.
    places : int
        Decimals of the multiple.
    ties : str
        Where a tie goes: ``up`` or ``even``.

    Returns
    -------
    polars.Expr
        Whole numbers of 10**-places.

    Examples
    --------
    >>> pl.select(multiple(pl.lit(260), pl.lit(200), 1, "up")).item()
    3
    """
    limit = limit.cast(pl.Int64)
    excess: pl.Expr = (value.cast(pl.Int64) - limit) * 10**places
    if ties == "even":
        return divide_half_even(excess, limit)
    nearest: pl.Expr = (excess * 2 + limit) // (limit * 2)  # whole numbers, so nothing is lost
    return nearest


def _said() -> pl.Expr:
    """Say an item with its multiple, or alone where it has none."""

    def by(method: tuple[int, int, str]) -> pl.Expr:
        _, places, ties = method
        shown = multiple(pl.col("_value"), pl.col("_limit"), places, ties)
        return pl.concat_str(pl.col("_item"), pl.lit(":"), multiple_text(shown, places))

    return pl.coalesce(by_phase(pl.col("_method"), baselines(), by), pl.col("_item"))


def last_unit(item: str) -> pl.Expr:
    """Give the unit of the last decimal to which an item is rounded, 1 where it never is.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    polars.Expr
        Int64, billionths; reads the place ``_practice`` of each row.

    Examples
    --------
    >>> pl.DataFrame({"_practice": [2]}).select(last_unit("nh3n")).item()
    10000000
    """
    units = {k: 10 ** (PLACES - to.decimals) for k, to in decimals(item).items()} or {0: 1}
    return by_phase(pl.col("_practice"), units, lambda unit: pl.lit(unit, pl.Int64))


def _is_bare(item: str) -> pl.Expr:
    """Say whether an item has no multiple: it is named bare, or the body decides its baseline and is not known."""
    named = by_phase(pl.col("_method"), {k: item in bare for k, bare in _bare().items()}, pl.lit)
    if not _depends_on_body(item):
        return named
    return named | pl.col("_body").is_null()


def multiple_text(number: pl.Expr, places: int) -> pl.Expr:
    """Write a multiple with its decimals.

    Parameters
    ----------
    number : polars.Expr
        Whole numbers of 10**-places, not negative.
    places : int
        Decimals.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> pl.select(multiple_text(pl.lit(13), 1)).item()
    '1.3'
    """
    unit = 10**places
    if not places:
        return number.cast(pl.String)
    fraction = (number % unit).cast(pl.String).str.zfill(places)
    return pl.concat_str((number // unit).cast(pl.String), pl.lit("."), fraction)


def _baseline(item: str) -> pl.Expr:
    """Give the limit that multiples of an item refer to, in billionths."""
    return by_phase(
        pl.col("_method"), {k: one[0] for k, one in baselines().items()}, lambda base: _limit_of(item, base)
    )


def _limit_of(item: str, base: int) -> pl.Expr:
    found = {
        body: {phase: of[item, body].classes[base - 1] for phase, of in limits().items() if (item, body) in of}
        for body in ("river", "lake")
    }
    river = by_phase(pl.col("_limits"), found["river"] or found["lake"], lambda bound: pl.lit(bound, pl.Int64))
    if found["river"] == found["lake"]:
        return river
    lake = by_phase(pl.col("_limits"), found["lake"], lambda bound: pl.lit(bound, pl.Int64))
    return pl.when(pl.col("_body") == "lake").then(lake).otherwise(river)


@cache
def _depends_on_body(item: str) -> bool:
    return any(of.get((item, "river")) != of.get((item, "lake")) for of in limits().values())
