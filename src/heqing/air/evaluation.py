"""Minimum counts, percentiles and decimals of HJ 663, and limits of GB 3095, as the rules of this room read them.

It reads rows of families ``air_evaluation`` and ``ambient_air`` by phase, and compares values with limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from heqing.air.dense import Flags, Small, of_phases
from heqing.editions import table, timeline
from heqing.quantities.rounding import PLACES
from heqing.quantities.whole import Doubles, rounded

EVALUATION = "air_evaluation"
LIMITS = "ambient_air"

# Items judged over a day or a longer period; ozone by its daily maximum 8-hour mean.
EVALUATED = ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h")


def value_of_phase(family: str, phase_no: pl.Expr, value: Callable[[int], Any], dtype: Any) -> pl.Expr:
    """Give for each row the value that a function finds for its phase, null where no phase counts."""
    found = [value(n) for n in range(len(timeline(family).phases))]
    return pl.lit(pl.Series(found, dtype=dtype)).gather(phase_no)


@cache
def minimum(phase_no: int, statistic: str, days_in_month: int | None = None) -> int:
    """Give how many values a statistic needs in a phase; for months, by their number of days."""
    rows = table(EVALUATION, "validity").filter((pl.col("phase_no") == phase_no) & (pl.col("statistic") == statistic))
    if days_in_month is not None:
        short = rows.filter(pl.col("at_most_days") >= days_in_month)
        rows = short if short.height else rows.filter(pl.col("at_most_days").is_null())
    return int(rows["minimum"].item())


@cache
def decimals(phase_no: int, kind: str, item: str) -> int:
    """Give the decimals of a kind of value: ``daily``, ``published``, ``judged`` or ``ratio``."""
    here = (pl.col("phase_no") == phase_no) & (pl.col("kind") == kind) & (pl.col("item") == item)
    return int(table(EVALUATION, "decimals").filter(here)["decimals"].item())


@cache
def percentile_of(item: str) -> int | None:
    """Give the percentile evaluated for an item over a year, the same in all editions."""
    found = table(EVALUATION, "statistics").filter((pl.col("item") == item) & (pl.col("statistic") == "percentile"))
    percent: int | None = found["percentile"].unique().item()
    return percent


@cache
def has_mean(item: str) -> bool:
    """Say whether the mean of an item is evaluated over a year."""
    found = table(EVALUATION, "statistics").filter((pl.col("item") == item) & (pl.col("statistic") == "mean"))
    return found.height > 0


@cache
def limit(phase_no: int, item: str, averaging: str, zone_class: int) -> float | None:
    """Give a limit of GB 3095 in a phase [µg/m³; CO mg/m³], None where the table has none."""
    code = "o3" if item == "o3_8h" else item
    rows = table(LIMITS, "limits").filter(
        (pl.col("phase_no") == phase_no) & (pl.col("item") == code) & (pl.col("averaging") == averaging)
    )
    return float(rows[f"class{zone_class}"].item()) if rows.height else None


def daily_averaging(item: str) -> str:
    """Name the averaging time of the daily limit of an item."""
    return "mda8" if item == "o3_8h" else "24h"


def rule_numbers(numbers: Small) -> Small:
    """Give the phase of HJ 663 that rules each row: days before the first are held to the first."""
    return np.maximum(numbers, 0)


# Doubles at or beyond these are no concentrations: not finite, or short of digits when compared or summed.
_COMPARABLE = 9.2e9
_READABLE = 9.2e8


def readable(values: Doubles) -> Flags:
    """Say which values are numbers that can be summed to the last digit."""
    return np.abs(values) < _READABLE


def exceeds(
    values: Doubles, item: str, averaging: str, zone_class: int, limits_no: Small, rule_no: Small, *, rounds: bool
) -> tuple[Flags, Flags]:
    """Say of each value whether it is above its limit, and whether that can be said.

    Parameters
    ----------
    values : numpy.ndarray
        Concentrations, not a number where missing.
    item, averaging : str
        The row of GB 3095.
    zone_class : int
        Class of the zone (1 or 2).
    limits_no, rule_no : numpy.ndarray
        Phases of GB 3095 and HJ 663 for each value.
    rounds : bool
        Round first to the decimals that HJ 663 keeps for judging.

    Returns
    -------
    numpy.ndarray
        Above the limit.
    numpy.ndarray
        There are a value and a limit.
    """
    bounds = [limit(n, item, averaging, zone_class) for n in range(len(timeline(LIMITS).phases))]
    # Limits as whole numbers of a billionth.
    bound = of_phases(limits_no, [np.nan if b is None else float(round(b * 10**PLACES)) for b in bounds])
    known = (np.abs(values) < _COMPARABLE) & ~np.isnan(bound)
    if not rounds:
        return known & (np.rint(np.where(known, values, 0.0) * 10.0**PLACES) > bound), known
    over = np.zeros(len(values), dtype=bool)
    for kept, rows in _by_decimals(item, rule_no):
        step = 10.0 ** (PLACES - kept)
        over[rows] = rounded(values[rows], kept) > np.floor(bound[rows] / step)
    return over & known, known


def _by_decimals(item: str, rule_no: Small) -> Iterator[tuple[int, Any]]:
    """Give each number of decimals kept for judging an item, with the rows whose edition keeps it."""
    places = np.array([decimals(n, "judged", item) for n in range(len(timeline(EVALUATION).phases))])
    if len(set(places.tolist())) == 1:
        yield int(places[0]), slice(None)
        return
    for kept in np.unique(places).tolist():
        yield int(kept), np.flatnonzero(places[rule_no] == kept)
