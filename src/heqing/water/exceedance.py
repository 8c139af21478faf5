"""Items worse than the baseline class and by how much (超标项目与超标倍数).

The baseline is the class III limit, whatever the section's own target is. It picks no three main pollutants and puts
no heavy metal first. See `heqing.water.classes` for the classes it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.quantities.rounding import divide_half_even
from heqing.water.limits import by_phase, limits
from heqing.water.practice import decimals, round_value

METHOD = "surface_water_method"
# Multiples are put in order by a hundred-thousandth of themselves, so that equal ones keep the standard's order.
_FINE = 10**5


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
        ``_value_<item>`` [billionths], ``_class_<item>``, ``_class_<item>_worst``, ``_rounded``, ``_limits``,
        ``_method``, ``_practice`` [places in timelines], ``_body``.
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
    >>> rows = pl.DataFrame({"_value_tp": [260_000_000], "_class_tp": [4], "_class_tp_worst": [4], "_rounded": [False],
    ...     "_limits": [0], "_method": [0], "_practice": [0], "_body": ["river"]})
    >>> exceedances(rows, ["tp"]).to_list()
    ['tp:0.3']
    """
    numbered = rows.with_row_index("_row")
    base = baseline_class(pl.col("_method"))
    parts = []
    for order, item in enumerate(items):
        tail, fine = _multiple(item)
        over = numbered.filter(pl.col(f"_class_{item}") > base)
        parts.append(
            over.select(
                "_row",
                pl.lit(order).alias("_order"),
                pl.col(f"_class_{item}").cast(pl.Int32).alias("_item_class"),
                fine.alias("_multiple"),
                pl.concat_str(pl.lit(item), tail.fill_null("")).alias("_text"),
            )
        )
    said = (
        pl.concat(parts)
        .sort("_row", "_item_class", "_multiple", "_order", descending=[False, True, True, False], nulls_last=True)
        .group_by("_row", maintain_order=True)
        .agg(pl.col("_text").str.join(","))
    )
    return numbered.join(said, on="_row", how="left", maintain_order="left")["_text"]


def _multiple(item: str) -> tuple[pl.Expr, pl.Expr]:
    """Give an item's multiple as text after its name, and as a fine whole number for the order; null where bare."""
    by_item = decimals(item)
    measured = pl.col(f"_value_{item}")
    rounded = by_phase(pl.col("_practice"), by_item, lambda to: round_value(measured, to)) if by_item else measured
    value = pl.when(pl.col("_rounded")).then(rounded).otherwise(measured)
    texts: dict[int, pl.Expr] = {}
    fines: dict[int, pl.Expr] = {}
    for method, (base, places, ties) in baselines().items():
        limit = _limit_of(item, base)
        excess = value - limit
        if item in _bare()[method]:
            texts[method] = pl.lit(None, pl.String)
            fines[method] = pl.lit(None, pl.Int64)
            continue
        shown = _divide(excess * 10**places, limit, ties)
        texts[method] = pl.concat_str(pl.lit(":"), _printed(shown, places))
        fines[method] = divide_half_even(excess * _FINE, limit)
    number = pl.col("_method")
    known = pl.col(f"_class_{item}") == pl.col(f"_class_{item}_worst")
    sure = known & pl.col("_body").is_not_null() if _depends_on_body(item) else known
    text = by_phase(number, {k: k for k in texts}, lambda k: texts[k]) if len(texts) > 1 else texts[min(texts)]
    fine = by_phase(number, {k: k for k in fines}, lambda k: fines[k]) if len(fines) > 1 else fines[min(fines)]
    return pl.when(sure).then(text), pl.when(sure).then(fine)


def _divide(numerator: pl.Expr, denominator: pl.Expr, ties: str) -> pl.Expr:
    if ties == "even":
        return divide_half_even(numerator, denominator)
    return (numerator * 2 + denominator) // (denominator * 2)  # a tie goes up; whole numbers, so nothing is lost


def _printed(number: pl.Expr, places: int) -> pl.Expr:
    unit = 10**places
    if not places:
        return number.cast(pl.String)
    fraction = (number % unit).cast(pl.String).str.zfill(places)
    return pl.concat_str((number // unit).cast(pl.String), pl.lit("."), fraction)


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
