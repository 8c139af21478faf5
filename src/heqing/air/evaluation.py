"""Minimum counts, percentiles and decimals of HJ 663, and limits of GB 3095, as the rules of this room read them.

It judges nothing; it turns rows of families ``air_evaluation`` and ``ambient_air`` into expressions by phase.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline

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
