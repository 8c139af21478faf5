"""Daily values from hours: 24-hour means, the daily maximum 8-hour mean of ozone, and the mean over a city's points.

A day is the natural day; the hour that ends at 00:00 belongs to the day before. Minimum counts are data of family
``air_evaluation``. It makes no index: see `heqing.air.index`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.air.dense import Flags, named, of_phases, over_cores, phase_numbers, usable, words
from heqing.air.evaluation import EVALUATION, LIMITS, limit, minimum
from heqing.air.hours import HOURS, HourGrid, grid_of_hours
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.quantities.rounding import PLACES, divide_up, exact_mean
from heqing.quantities.whole import Doubles
from heqing.tables import as_doubles, join_reasons, marked, need_columns
from heqing.tables.door import any_frame

MEANS = ("pm2_5", "pm10", "so2", "no2", "co")
_HOURLY = (*MEANS, "o3", "o3_8h")
# Sums of six, seven or eight hours over a common denominator stay whole numbers.
_LCM_6_7_8 = 168
_WINDOW = 8
_SHARE_OF_HOURS = np.array([0.0, *(_LCM_6_7_8 // n for n in range(1, _WINDOW + 1))])
# Sums and means of hours go through whole numbers of so many places, as `exact_mean` does.
_SUM_PLACES = 10
# Items whose hours are counted and must be enough.
_COUNTED = (*MEANS, "o3")
_DAYS_AT_ONCE = 2048
_DAY_TYPES: dict[str, pl.DataType] = {
    "day": pl.Date(),
    **dict.fromkeys((*MEANS, "o3_8h", "o3"), pl.Float64()),
    **dict.fromkeys(("hours", *(f"hours_{i}" for i in _COUNTED), "windows_o3_8h", "conflicts", "off_hour"), pl.Int32()),
    "value_reason": pl.String(),
}


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
    found = [i for i in _HOURLY if i in present]
    hours = as_doubles(frame, found).select(*keys, "time", *found)
    schema = {k: hours.collect_schema()[k] for k in keys} | _DAY_TYPES
    make = partial(_days_of_hours, keys=keys, found=found, pins=pins, zone_class=zone_class)
    return hours.map_batches(make, schema=schema)


def _days_of_hours(
    hours: pl.DataFrame, *, keys: list[str], found: list[str], pins: dict[str, str | None], zone_class: int
) -> pl.DataFrame:
    """Make one row per place and day of all hours."""
    # Here and not at the file, where it would be asked of each row while reading.
    hours = hours.filter(pl.col("time").is_not_null()) if hours["time"].null_count() else hours
    grid = grid_of_hours(hours, keys)
    rows = len(grid.days)
    means = {i: np.full(rows, np.nan) for i in MEANS}
    counts = {i: np.zeros(rows, dtype=np.int32) for i in (*MEANS, "o3", "o3_8h")}
    highest, best = np.full(rows, np.nan), np.full(rows, np.nan)
    windows = np.zeros(rows, dtype=np.int32)
    disagree: list[Flags] = []
    # Ozone before its moving means: these are taken on days without a window of its own.
    for item in sorted(found, key=_HOURLY.index):
        laid, differs = grid.lay(hours, item)
        disagree.append(differs)

        def summarise(piece: slice, item: str = item, laid: Doubles = laid) -> None:
            value = np.ascontiguousarray(laid[piece].T)
            known = usable(value, item)
            counts[item][piece] = known.sum(axis=0, dtype=np.int8)
            if item in means:
                means[item][piece] = _mean(value, known, counts[item][piece])
            elif item == "o3":
                highest[piece] = np.where(counts[item][piece] > 0, np.where(known, value, -1.0).max(axis=0), np.nan)
                best[piece], windows[piece] = _best_window(value, known)
            else:
                given, number = _best_given(value, known)
                lacking = windows[piece] == 0
                best[piece] = np.where(lacking, given, best[piece])
                windows[piece] = np.where(lacking, number, windows[piece])

        over_cores(rows, summarise, at_once=_DAYS_AT_ONCE)
    conflicts = grid.conflicts(np.logical_or.reduce(disagree)) if disagree else np.zeros(rows, dtype=np.int32)
    values = {**means, "o3_8h": best, "o3": highest}
    reasons = _withhold(grid, values, counts, windows, conflicts, pins, zone_class)
    return (
        grid.places[grid.place]
        .with_columns(
            pl.Series("day", grid.days).cast(pl.Date),
            *[pl.Series(i, v) for i, v in values.items()],
            pl.Series("hours", grid.hours),
            *[pl.Series(f"hours_{i}", counts[i]) for i in (*MEANS, "o3")],
            pl.Series("windows_o3_8h", windows),
            pl.Series("conflicts", conflicts),
            pl.Series("off_hour", grid.off_hour),
            words("value_reason", reasons, _value_reasons()),
        )
        .with_columns(pl.col(*values).fill_nan(None))
    )


def _withhold(
    grid: HourGrid,
    values: dict[str, Doubles],
    counts: dict[str, npt.NDArray[np.int32]],
    windows: npt.NDArray[np.int32],
    conflicts: npt.NDArray[np.int32],
    pins: dict[str, str | None],
    zone_class: int,
) -> npt.NDArray[np.int16]:
    """Take out values that rest on too few hours, and give the place of each row's reasons."""
    rules = phase_numbers(EVALUATION, grid.days, edition=pins[EVALUATION])
    limits = phase_numbers(LIMITS, grid.days, edition=pins[LIMITS])
    phases = range(len(timeline(EVALUATION).phases))
    # Counts have been the same in all editions; days before the first are held to the first.
    hours_needed = of_phases(rules, [minimum(n, "day_mean") for n in phases], minimum(0, "day_mean"))
    windows_needed = of_phases(rules, [minimum(n, "o3_8h_day") for n in phases], minimum(0, "o3_8h_day"))
    bounds = [limit(n, "o3_8h", "mda8", zone_class) for n in range(len(timeline(LIMITS).phases))]
    ozone_limit = of_phases(limits, [np.nan if b is None else b for b in bounds], np.nan)
    reasons = np.zeros(len(grid.days), dtype=np.int16)
    for bit, item in enumerate(_COUNTED):
        short = counts[item] < hours_needed
        reasons |= (short & (counts[item] > 0)).astype(np.int16) << bit
        values[item][short] = np.nan
    counts_not = ~((windows >= windows_needed) | (values["o3_8h"] > ozone_limit))
    values["o3_8h"][counts_not] = np.nan
    for bit, flag in enumerate((counts_not & (windows > 0), conflicts > 0, grid.off_hour > 0), len(_COUNTED)):
        reasons |= flag.astype(np.int16) << bit
    return reasons


@cache
def _value_reasons() -> list[str | None]:
    """Say in codes what each mask of `_withhold` means."""
    told = []
    codes = ("too_few_windows", "duplicate_conflict", "off_hour")
    for mask in range(1 << (len(_COUNTED) + len(codes))):
        few = named(mask & ((1 << len(_COUNTED)) - 1), _COUNTED)
        rest = named(mask >> len(_COUNTED), codes).replace(",", ";")
        told.append(";".join(p for p in (f"too_few_hours({few})" if few else "", rest) if p) or None)
    return told


def _mean(value: Doubles, known: Flags, count: npt.NDArray[np.int32]) -> Doubles:
    """Give the exact mean of each column of hours, not a number without any.

    Sums of whole numbers below 2**53 are exact in doubles, and so is their quotient rounded once.
    """
    wholes, scale = _wholes(value, known, _SUM_PLACES)
    mean: Doubles = wholes.sum(axis=0, dtype=wholes.dtype) / np.where(count > 0, count * scale, np.nan)
    return mean


def _wholes(value: Doubles, known: Flags, places: int) -> tuple[npt.NDArray[Any], float]:
    """Give values as whole numbers, 0 where missing, and how many of them make one; tenths where that is enough."""
    tenths = np.rint(value * 10)
    if ((tenths / 10 == value) | ~known).all():
        return np.where(known, tenths, 0.0).astype(np.int32), 10.0
    return np.where(known, np.rint(value * 10.0**places), 0.0), 10.0**places


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


def _best_window(value: Doubles, known: Flags) -> tuple[Doubles, npt.NDArray[np.int32]]:
    """Find the largest mean of the windows that end at 08:00 … 24:00 and hold enough hours, and count these."""
    wholes, scale = _wholes(value, known, PLACES)
    seen = known.astype(np.int8)
    needed = minimum(0, "o3_8h")
    total, held = wholes[:_WINDOW].sum(axis=0, dtype=wholes.dtype), seen[:_WINDOW].sum(axis=0, dtype=np.int8)
    best = np.full(len(total), -1, dtype=wholes.dtype)
    number = np.zeros(len(total), dtype=np.int32)
    shares = _SHARE_OF_HOURS.astype(wholes.dtype)
    for last in range(_WINDOW - 1, HOURS):
        if last >= _WINDOW:
            total += wholes[last] - wholes[last - _WINDOW]
            held += seen[last] - seen[last - _WINDOW]
        enough = held >= needed
        number += enough
        np.maximum(best, np.where(enough, total * shares[held], -1), out=best)
    return np.where(best >= 0, best / (_LCM_6_7_8 * scale), np.nan), number


def _best_given(value: Doubles, known: Flags) -> tuple[Doubles, npt.NDArray[np.int32]]:
    """Find the largest of the moving means as given, those that end at 08:00 … 24:00, and count these."""
    late, seen = value[_WINDOW - 1 :], known[_WINDOW - 1 :]
    best = np.where(seen, np.rint(late * 10.0**PLACES), -1.0).max(axis=0)
    return np.where(best >= 0, best / 10.0**PLACES, np.nan), seen.sum(axis=0, dtype=np.int32)


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
