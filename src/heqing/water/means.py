"""How values become means: half the detection limit, the hydrogen-ion mean of pH, exact sums, one mean over rows.

It forms no periods and judges nothing: see `heqing.water.periods` for months, `heqing.water.lakes` for the points of
a lake and `heqing.water.basins` for a river's sections.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log

import polars as pl

from heqing.editions import table
from heqing.quantities.rounding import divide_half_even, scaled, unscaled
from heqing.water.limits import PLACES, is_upper_limit, judged_items
from heqing.water.samples import valid_value

METHOD = "surface_water_method"
TROPHIC = "surface_water_trophic"
LN10 = log(10)
UNIT = float(10**PLACES)


def halves_below_detection(item: str) -> bool:
    """Say whether a value of an item below detection enters a mean with a share of the limit.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    bool
        False for items that are the better the more there is of them, and for pH.

    Examples
    --------
    >>> [halves_below_detection(i) for i in ("nh3n", "chla", "do", "ph", "sd")]
    [True, True, False, False, False]
    """
    return (
        is_upper_limit(item) or item in table(TROPHIC, "parameters").filter(pl.col("correlation") > 0)["item"].to_list()
    )


def counted_value(item: str, given: Sequence[str]) -> pl.Expr:
    """Give the value with which a row enters a mean or an index, as whole numbers of a billionth.

    Parameters
    ----------
    item : str
        The item's code, a column.
    given : sequence of str
        Columns of the frame; ``<item>_below`` says that the value is a detection limit not reached.

    Returns
    -------
    polars.Expr
        Int64, null where missing or impossible.

    References
    ----------
    Family ``surface_water_method``, table ``detection``.

    Examples
    --------
    >>> rows = pl.DataFrame({"tp": [0.02, 0.02], "tp_below": [False, True]})
    >>> rows.select(counted_value("tp", rows.columns)).to_series().to_list()
    [20000000, 10000000]
    """
    value = valid_value(item)
    if f"{item}_below" in given and halves_below_detection(item):
        share = Fraction(str(table(METHOD, "detection")["share_in_mean"][0]))
        part = divide_half_even(value * share.numerator, share.denominator)
        value = pl.when(pl.col(f"{item}_below").fill_null(False)).then(part).otherwise(value)
    return value.alias(item)


def logarithmic_items(items: Sequence[str]) -> list[str]:
    """Name the items whose mean is that of the hydrogen-ion concentration.

    Parameters
    ----------
    items : sequence of str
        Items to look at.

    Returns
    -------
    list of str
        Those, in order.

    Examples
    --------
    >>> logarithmic_items(["ph", "do"])
    ['ph']
    """
    means = dict(table(METHOD, "means").select("item", "mean").iter_rows())
    return [i for i in items if means.get(i, means["any"]) == "hydrogen_ion"]


def arithmetic_mean(value: pl.Expr, item: str) -> pl.Expr:
    """Give the mean of whole numbers of a billionth: an exact sum, divided once.

    Parameters
    ----------
    value : polars.Expr
        Int64.
    item : str
        The item's code.

    Returns
    -------
    polars.Expr
        Float64, null where no value is present.

    Examples
    --------
    >>> pl.DataFrame({"tp": [100_000_000, 340_000_000]}).select(arithmetic_mean(pl.col("tp"), "tp")).item()
    0.22
    """
    if item not in judged_items():  # coliforms in billionths could overflow an exact sum
        return value.mean() / UNIT
    return pl.when(value.count() > 0).then(value.sum() / value.count() / UNIT)


def ions(value: pl.Expr) -> pl.Expr:
    """Give the hydrogen-ion concentration of pH values in billionths [mol/L].

    Parameters
    ----------
    value : polars.Expr
        Int64.

    Returns
    -------
    polars.Expr
        Float64.

    Examples
    --------
    >>> round(pl.select(ions(pl.lit(7 * 10**9))).item() * 10**7, 9)
    1.0
    """
    return (value * (-LN10 / UNIT)).exp()


def printed(mean: pl.Expr) -> pl.Expr:
    """Snap a mean to the billionth: a tie in thirds is a tie, and the double is the one nearest to the decimal.

    Parameters
    ----------
    mean : polars.Expr
        Float64.

    Returns
    -------
    polars.Expr
        Float64.

    Examples
    --------
    >>> pl.select(printed(pl.lit(0.1 + 0.2))).item()
    0.3
    """
    return unscaled(scaled(mean, PLACES), PLACES)


def mean_over(items: Sequence[str], given: Sequence[str], where: pl.Expr | None = None) -> list[pl.Expr]:
    """Give the mean of each item over the rows of a group, each row counting once, for use in ``agg``.

    Parameters
    ----------
    items : sequence of str
        Columns with concentrations.
    given : sequence of str
        Columns of the frame, for ``<item>_below``.
    where : polars.Expr, optional
        Which rows count.

    Returns
    -------
    list of polars.Expr
        Float64 each, named as the items.

    References
    ----------
    Family ``surface_water_method``, tables ``means`` and ``detection``.

    Examples
    --------
    >>> rows = pl.DataFrame({"lake": ["a", "a"], "ph": [6.0, 8.0], "tp": [0.1, 0.34]})
    >>> rows.group_by("lake").agg(mean_over(["ph", "tp"], rows.columns)).rows()
    [('a', 6.296708622, 0.22)]
    """
    found = []
    for item in items:
        value = counted_value(item, given)
        if where is not None:
            value = pl.when(where).then(value).alias(item)
        is_log = bool(logarithmic_items([item]))
        mean = -ions(value).mean().log10() if is_log else arithmetic_mean(value, item)
        found.append(printed(mean).alias(item))
    return found
