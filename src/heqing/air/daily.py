"""Daily values from hours: 24-hour means, the daily maximum 8-hour mean of ozone, and the mean over a city's points.

A day is the natural day; the hour that ends at 00:00 belongs to the day before. Minimum counts are data of family
``air_evaluation``. It makes no index: see `heqing.air.index`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from heqing.air.evaluation import EVALUATION, LIMITS, limit, minimum, value_of_phase
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.quantities.rounding import PLACES, exact_mean, scaled
from heqing.tables import as_doubles, items, join_reasons, need_columns

MEANS = ("pm2_5", "pm10", "so2", "no2", "co")
_HOURLY = (*MEANS, "o3", "o3_8h")
# Sums of six, seven or eight hours over a common denominator stay whole numbers.
_LCM_6_7_8 = 168
_HOURS = 24
_WINDOW = 8


def daily_values(
    frame: pl.LazyFrame, *, by: Sequence[str] = ("city", "station"), edition: Pins = None, zone_class: int = 2
) -> pl.LazyFrame:
    """Make daily values of each place from its hours.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and hour. Reads ``time`` (end of the hour, local), the columns `by`, and those of
        ``pm2_5 pm10 so2 no2 o3 o3_8h`` [µg/m³] and ``co`` [mg/m³] that it has. The 8-hour means are made from ``o3``
        where the frame has it, otherwise ``o3_8h`` is taken as the moving mean that ends with the hour.
    by : sequence of str
        Columns that name a place; those the frame lacks are left out.
    edition : str or sequence of str, optional
        Pin editions of HJ 663 or GB 3095.
    zone_class : int
        Class of the zone (1 or 2) whose limit lets an ozone maximum count although windows are missing.

    Returns
    -------
    polars.LazyFrame
        One row per place and day, in order: `by`, ``day``, the six daily values (``o3_8h`` is the daily maximum),
        ``o3`` (daily maximum of the hours), ``hours`` (hours with a row), ``hours_<item>``, ``windows_o3_8h``,
        ``conflicts`` (hours given twice with different values, not used), ``value_reason``. A value with too few
        hours is null.

    Raises
    ------
    MissingColumnError
        When ``time`` or all of `by` are missing.

    References
    ----------
    GB 3095, table 4; HJ 663, 6.1.2.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> ends = [datetime(2020, 4, 1) + timedelta(hours=h) for h in range(1, 25)]
    >>> hours = pl.LazyFrame({"station": ["甲"] * 24, "time": ends, "pm2_5": [30.0] * 12 + [31.0] * 12})
    >>> daily_values(hours, by=["station"]).select("day", "pm2_5", "hours_pm2_5").collect().row(0)
    (datetime.date(2020, 4, 1), 30.5, 24)
    """
    present = need_columns(frame, "The hourly table", ["time"])
    keys = [c for c in by if c in present] or need_columns(frame, "The hourly table", by)[:0]
    pins = pins_by_family(edition, [EVALUATION, LIMITS])
    hours = _distinct_hours(frame, keys, [i for i in _HOURLY if i in present])
    stem = "o3" if "o3" in present else "o3_8h"
    days = hours.group_by([*keys, "day"]).agg(
        *[exact_mean(pl.col(i)).alias(i) for i in MEANS],
        *[pl.col(i).count().cast(pl.Int32).alias(f"hours_{i}") for i in (*MEANS, "o3")],
        pl.col("o3").max(),
        hours=pl.len().cast(pl.Int32),
        conflicts=pl.col("_conflict").sum().cast(pl.Int32),
        _slot=pl.col("_slot"),
        _ozone=scaled(pl.col(stem), PLACES),
    )
    moving = stem == "o3_8h"
    windows = days.map_batches(
        lambda batch: _with_windows(batch, moving=moving),
        schema=_window_schema(days),
    )
    return (
        _valid(windows, pins, zone_class)
        .sort([*keys, "day"])
        .select(
            *keys,
            "day",
            *MEANS,
            "o3_8h",
            "o3",
            "hours",
            *[f"hours_{i}" for i in (*MEANS, "o3")],
            "windows_o3_8h",
            "conflicts",
            "value_reason",
        )
    )


def _distinct_hours(frame: pl.LazyFrame, keys: list[str], found: list[str]) -> pl.LazyFrame:
    """Give one row per place and hour: repeats once, and no value where two rows of one hour disagree."""
    bounds = {i.code: i.plausible_max for i in items("air")}
    usable = [pl.when(pl.col(i).is_between(0, bounds[i])).then(pl.col(i)).alias(i) for i in found]
    ended = pl.col("time")
    whole = (ended.dt.minute() == 0) & (ended.dt.second() == 0)
    rows = as_doubles(frame, found).filter(whole).with_columns(usable)
    hours = rows.group_by([*keys, "time"]).agg(
        *[pl.when(pl.col(i).min() == pl.col(i).max()).then(pl.col(i).min()).alias(i) for i in found],
        _conflict=pl.any_horizontal([pl.col(i).min() != pl.col(i).max() for i in found]).fill_null(False),
    )
    start = ended.dt.offset_by("-1h")
    absent = [pl.lit(None, pl.Float64).alias(i) for i in _HOURLY if i not in found]
    return hours.with_columns(*absent, day=start.dt.date(), _slot=start.dt.hour().cast(pl.Int64))


def _window_schema(days: pl.LazyFrame) -> pl.Schema:
    schema = days.collect_schema()
    kept = {name: kind for name, kind in schema.items() if name not in ("_slot", "_ozone")}
    return pl.Schema({**kept, "o3_8h": pl.Float64(), "windows_o3_8h": pl.Int32()})


def _with_windows(days: pl.DataFrame, *, moving: bool) -> pl.DataFrame:
    """Add the daily maximum 8-hour mean and the number of windows that have it, from the hours of each day."""
    grid = np.zeros((days.height, _HOURS), dtype=np.int64)
    known = np.zeros((days.height, _HOURS), dtype=bool)
    flat = days.select(pl.int_range(pl.len()).alias("row"), "_slot", "_ozone").explode("_slot", "_ozone").drop_nulls()
    rows, slots = flat["row"].to_numpy(), flat["_slot"].to_numpy()
    grid[rows, slots] = flat["_ozone"].to_numpy()
    known[rows, slots] = True
    best, count = _best_given(grid, known) if moving else _best_window(grid, known)
    maximum = best / ((1 if moving else _LCM_6_7_8) * float(10**PLACES))
    return days.drop("_slot", "_ozone").with_columns(
        pl.when(pl.Series(count) > 0).then(pl.Series(maximum)).alias("o3_8h"),
        pl.Series("windows_o3_8h", count, dtype=pl.Int32),
    )


def _best_window(grid: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the largest mean of the windows that end at 08:00 … 24:00 and hold enough hours, times 168."""
    zero = np.zeros((len(grid), 1), dtype=np.int64)
    sums = np.concatenate([zero, np.cumsum(grid, axis=1)], axis=1)
    counts = np.concatenate([zero, np.cumsum(known, axis=1)], axis=1)
    total = sums[:, _WINDOW:] - sums[:, :-_WINDOW]
    hours = counts[:, _WINDOW:] - counts[:, :-_WINDOW]
    enough = hours >= minimum(0, "o3_8h")
    means = np.where(enough, total * (_LCM_6_7_8 // np.maximum(hours, 1)), -1)
    return means.max(axis=1), enough.sum(axis=1)


def _best_given(grid: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the largest of the moving means as given, those that end at 08:00 … 24:00."""
    late, seen = grid[:, _WINDOW - 1 :], known[:, _WINDOW - 1 :]
    return np.where(seen, late, -1).max(axis=1), seen.sum(axis=1)


def _valid(days: pl.LazyFrame, pins: dict[str, str | None], zone_class: int) -> pl.LazyFrame:
    """Take out values that rest on too few hours, and say so."""
    rules = timeline(EVALUATION).number_on(pl.col("day"), edition=pins[EVALUATION])
    limits = timeline(LIMITS).number_on(pl.col("day"), edition=pins[LIMITS])
    # Counts have been the same in all editions; days before the first are held to the first.
    rule_no = rules.fill_null(0)
    hours_needed = value_of_phase(EVALUATION, rule_no, lambda n: minimum(n, "day_mean"), pl.Int32)
    windows_needed = value_of_phase(EVALUATION, rule_no, lambda n: minimum(n, "o3_8h_day"), pl.Int32)
    ozone_limit = value_of_phase(LIMITS, limits, lambda n: limit(n, "o3_8h", "mda8", zone_class), pl.Float64)
    ozone_counts = (pl.col("windows_o3_8h") >= windows_needed) | (pl.col("o3_8h") > ozone_limit)
    short = [pl.when(pl.col(f"hours_{i}").is_between(1, hours_needed - 1)).then(pl.lit(i)) for i in (*MEANS, "o3")]
    too_few = pl.concat_str(short, separator=",", ignore_nulls=True)
    return days.with_columns(
        *[pl.when(pl.col(f"hours_{i}") >= hours_needed).then(pl.col(i)).alias(i) for i in (*MEANS, "o3")],
        o3_8h=pl.when(ozone_counts).then(pl.col("o3_8h")),
        value_reason=join_reasons(
            pl.when(too_few != "").then(pl.format("too_few_hours({})", too_few)),
            pl.when(pl.col("windows_o3_8h").gt(0) & ~ozone_counts.fill_null(False)).then(pl.lit("too_few_windows")),
            pl.when(pl.col("conflicts") > 0).then(pl.lit("duplicate_conflict")),
        ),
    )


def city_daily_values(stations: pl.LazyFrame, *, by: Sequence[str] = ("city",)) -> pl.LazyFrame:
    """Make daily values of a city: the mean over its points of their daily values.

    Parameters
    ----------
    stations : polars.LazyFrame
        Daily values of points as `daily_values` gives them. Only points that take part in the evaluation of the city
        belong here: background, traffic and source points do not.
    by : sequence of str
        Columns that name a city.

    Returns
    -------
    polars.LazyFrame
        One row per city and day, in order: `by`, ``day``, the six daily values and ``o3``, ``hours`` (of its best
        point), ``points`` (with a row that day), ``points_<item>`` (with a valid value), ``conflicts``,
        ``value_reason``.

    References
    ----------
    HJ 663-2026, table A.2 (one source): ozone is the mean of the points' daily maxima, not the maximum of city hours.

    Examples
    --------
    >>> from datetime import date
    >>> points = pl.LazyFrame({"city": ["甲", "甲"], "day": [date(2020, 4, 1)] * 2, "pm2_5": [30.0, 41.0]})
    >>> city_daily_values(points).select("pm2_5", "points_pm2_5").collect().row(0)
    (35.5, 2)
    """
    present = need_columns(stations, "The daily table", [*by, "day"])
    values = (*MEANS, "o3_8h", "o3")
    absent = [pl.lit(None, pl.Float64).alias(i) for i in values if i not in present]
    counted = [c for c in ("hours", "conflicts") if c in present]
    days = (
        stations.with_columns(*absent)
        .group_by([*by, "day"])
        .agg(
            *[exact_mean(pl.col(i)).alias(i) for i in values],
            *[pl.col(i).count().cast(pl.Int32).alias(f"points_{i}") for i in values],
            *[(pl.col(c).max() if c == "hours" else pl.col(c).sum()).alias(c) for c in counted],
            points=pl.len().cast(pl.Int32),
        )
    )
    none_left = [
        pl.when((pl.col("points") > 0) & (pl.col(f"points_{i}") == 0)).then(pl.lit(i)) for i in (*MEANS, "o3_8h")
    ]
    gone = pl.concat_str(none_left, separator=",", ignore_nulls=True)
    return (
        days.with_columns(value_reason=pl.when(gone != "").then(pl.format("too_few_hours({})", gone)))
        .sort([*by, "day"])
        .select(*by, "day", *values, *counted, "points", *[f"points_{i}" for i in values], "value_reason")
    )
