"""Daily values from hours: 24-hour means, the daily maximum 8-hour mean of ozone, and the mean over a city's points.

A day is the natural day; the hour that ends at 00:00 belongs to the day before. Minimum counts are data of family
``air_evaluation``. It makes no index: see `heqing.air.index`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from heqing.air.evaluation import EVALUATION, LIMITS, limit, minimum, value_of_phase
from heqing.air.index import is_off_hour
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.quantities.rounding import PLACES, divide_up, exact_mean, scaled
from heqing.tables import as_doubles, items, join_reasons, marked, need_columns
from heqing.tables.door import any_frame

MEANS = ("pm2_5", "pm10", "so2", "no2", "co")
_HOURLY = (*MEANS, "o3", "o3_8h")
# Sums of six, seven or eight hours over a common denominator stay whole numbers.
_LCM_6_7_8 = 168
_HOURS = 24
_WINDOW = 8


@any_frame
def daily_values(
    frame: pl.LazyFrame, *, by: Sequence[str] = ("city", "station"), edition: Pins = None, zone_class: int = 2
) -> pl.LazyFrame:
    """Make daily values of each place from its hours.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and hour. Reads ``time`` (end of the hour, local), the columns `by`, and those of
        ``pm2_5 pm10 so2 no2 o3 o3_8h`` [µg/m³] and ``co`` [mg/m³] that it has. The 8-hour means are made from ``o3``;
        on days without any, ``o3_8h`` is taken as the moving mean that ends with the hour.
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
        ``conflicts`` (hours given twice with different values, not used), ``off_hour`` (rows whose time is no full
        hour, not used), ``value_reason``. A value with too few hours is null. Rows without a time are left out.

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
    days = hours.group_by([*keys, "day"]).agg(
        *[exact_mean(pl.col(i)).alias(i) for i in MEANS],
        *[pl.col(i).count().cast(pl.Int32).alias(f"hours_{i}") for i in (*MEANS, "o3")],
        pl.col("o3").max(),
        hours=(~pl.col("_off_hour")).sum().cast(pl.Int32),
        conflicts=pl.col("_conflict").sum().cast(pl.Int32),
        off_hour=pl.col("_off_hour").sum().cast(pl.Int32),
        _slot=pl.col("_slot"),
        _ozone=scaled(pl.col("o3"), PLACES),
        _moving=scaled(pl.col("o3_8h"), PLACES),
    )
    windows = days.map_batches(_with_windows, schema=_window_schema(days))
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
            "off_hour",
            "value_reason",
        )
    )


def _distinct_hours(frame: pl.LazyFrame, keys: list[str], found: list[str]) -> pl.LazyFrame:
    """Give one row per place and hour: repeats once, and no value where two rows of one hour disagree."""
    bounds = {i.code: i.plausible_max for i in items("air")}
    usable = [pl.when(pl.col(i).is_between(0, bounds[i])).then(pl.col(i)).alias(i) for i in found]
    ended = pl.col("time")
    rows = as_doubles(frame, found).filter(ended.is_not_null()).with_columns(usable)
    hours = rows.group_by([*keys, "time"]).agg(*_agreed(found), _conflict=_disagree(found))
    off_hour = is_off_hour(ended)
    # A microsecond back: the hour that ends at 00:00 belongs to the day before, any later moment to its own day.
    start = ended.dt.offset_by("-1us")
    absent = [pl.lit(None, pl.Float64).alias(i) for i in _HOURLY if i not in found]
    return hours.with_columns(
        *absent,
        *[pl.when(~off_hour).then(pl.col(i)).alias(i) for i in found],
        day=start.dt.date(),
        _slot=pl.when(~off_hour).then(start.dt.hour().cast(pl.Int64)),
        _off_hour=off_hour,
    )


def _agreed(found: list[str]) -> list[pl.Expr]:
    """Take the one value of a group for each item, null where its rows disagree."""
    return [pl.when(pl.col(i).min() == pl.col(i).max()).then(pl.col(i).min()).alias(i) for i in found]


def _disagree(found: list[str]) -> pl.Expr:
    """Say whether the rows of a group disagree in any item."""
    return pl.any_horizontal([pl.col(i).min() != pl.col(i).max() for i in found]).fill_null(False)


@any_frame
def distinct_days(frame: pl.LazyFrame, *, by: Sequence[str] = ("city", "station")) -> pl.LazyFrame:
    """Give one row per place and day of a frame of daily values.

    Parameters
    ----------
    frame : polars.LazyFrame
        Daily values as received. Reads ``day``, the columns `by`, and those of ``pm2_5 pm10 so2 no2 o3_8h o3``
        [µg/m³] and ``co`` [mg/m³] that it has. Rows without a day belong to none and are left out.
    by : sequence of str
        Columns that name a place; those the frame lacks are left out.

    Returns
    -------
    polars.LazyFrame
        One row per place and day, in order: `by`, ``day``, the items the frame has, ``conflicts`` (1 where rows of
        the day disagreed; a value in which they did is null), ``value_reason``.

    Raises
    ------
    MissingColumnError
        When ``day`` or all of `by` are missing.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.LazyFrame({"city": ["甲"] * 3, "day": [date(2020, 4, 1)] * 3, "pm2_5": [30.0, 30.0, 30.0]})
    >>> distinct_days(days, by=["city"]).collect().height
    1
    """
    present = need_columns(frame, "The daily table", ["day"])
    keys = [c for c in by if c in present] or need_columns(frame, "The daily table", by)[:0]
    found = [i for i in (*MEANS, "o3_8h", "o3") if i in present]
    rows = as_doubles(frame, found).filter(pl.col("day").is_not_null())
    days = rows.group_by([*keys, "day"]).agg(*_agreed(found), conflicts=_disagree(found).cast(pl.Int32))
    reason = pl.when(pl.col("conflicts") > 0).then(pl.lit("duplicate_conflict"))
    return days.with_columns(value_reason=reason).sort([*keys, "day"])


def _window_schema(days: pl.LazyFrame) -> pl.Schema:
    schema = days.collect_schema()
    kept = {name: kind for name, kind in schema.items() if name not in ("_slot", "_ozone", "_moving")}
    return pl.Schema({**kept, "o3_8h": pl.Float64(), "windows_o3_8h": pl.Int32()})


def _with_windows(days: pl.DataFrame) -> pl.DataFrame:
    """Add the daily maximum 8-hour mean and the number of windows that have it.

    It is made from the hours of ozone; a day without a window of its own takes the moving means as given.
    """
    best, count = _best_window(*_grid(days, "_ozone"))
    given, given_count = _best_given(*_grid(days, "_moving"))
    own = count > 0
    maximum = np.where(own, best / (_LCM_6_7_8 * float(10**PLACES)), given / float(10**PLACES))
    count = np.where(own, count, given_count)
    return days.drop("_slot", "_ozone", "_moving").with_columns(
        pl.when(pl.Series(count) > 0).then(pl.Series(maximum)).alias("o3_8h"),
        pl.Series("windows_o3_8h", count, dtype=pl.Int32),
    )


def _grid(days: pl.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Lay the hours of each day side by side: values, and which are known."""
    grid = np.zeros((days.height, _HOURS), dtype=np.int64)
    known = np.zeros((days.height, _HOURS), dtype=bool)
    flat = days.select(pl.int_range(pl.len()).alias("row"), "_slot", column).explode("_slot", column).drop_nulls()
    rows, slots = flat["row"].to_numpy(), flat["_slot"].to_numpy()
    grid[rows, slots] = flat[column].to_numpy()
    known[rows, slots] = True
    return grid, known


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
            pl.when(pl.col("off_hour") > 0).then(pl.lit("off_hour")),
        ),
    )


@any_frame
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
    counted = [c for c in ("hours", "conflicts", "off_hour") if c in present]
    # An item nobody measured that day is no item with too few hours.
    counts = {i: "windows_o3_8h" if i == "o3_8h" else f"hours_{i}" for i in values}
    measured = {i: c for i, c in counts.items() if c in present}
    seen = {i: pl.col(f"_seen_{i}") if i in measured else pl.lit(i in present) for i in values}
    days = (
        stations.with_columns(*absent)
        .group_by([*by, "day"])
        .agg(
            *[exact_mean(pl.col(i)).alias(i) for i in values],
            *[pl.col(i).count().cast(pl.Int32).alias(f"points_{i}") for i in values],
            *[(pl.col(c).max() if c == "hours" else pl.col(c).sum()).alias(c) for c in counted],
            *[(pl.col(c).sum() > 0).alias(f"_seen_{i}") for i, c in measured.items()],
            points=pl.len().cast(pl.Int32),
        )
    )
    conflicts = pl.col("conflicts") > 0 if "conflicts" in counted else pl.lit(False)
    off_hour = pl.col("off_hour") > 0 if "off_hour" in counted else pl.lit(False)
    judged = (*MEANS, "o3_8h")
    gone = marked((i, seen[i] & (pl.col(f"points_{i}") == 0)) for i in judged)
    few = marked((i, pl.col(f"points_{i}").is_between(1, _points_needed() - 1)) for i in judged)
    return (
        days.with_columns(
            value_reason=join_reasons(
                pl.when(gone != "").then(pl.format("too_few_hours({})", gone)),
                pl.when(few != "").then(pl.format("too_few_points({})", few)),
                pl.when(conflicts).then(pl.lit("duplicate_conflict")),
                pl.when(off_hour).then(pl.lit("off_hour")),
            )
        )
        .sort([*by, "day"])
        .select(*by, "day", *values, *counted, "points", *[f"points_{i}" for i in values], "value_reason")
    )


def _points_needed() -> pl.Expr:
    """Give how many of a city's points must have a value; the shares are the same in all editions."""
    points = pl.col("points").cast(pl.Int64)
    percent = (
        pl.when(points < minimum(0, "city_points_many_from"))
        .then(minimum(0, "city_points_few"))
        .otherwise(minimum(0, "city_points"))
    )
    return divide_up(points * percent, 100)
