"""Hourly means from shorter values: an hour needs its minutes of sampling.

The hour is named by its end; a value is named by the end of its own interval too, so one that ends at 09:00 belongs to
the hour that ends at 09:00. Days are made of hours in `heqing.air.daily`.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.air.evaluation import EVALUATION, minimum, value_of_phase
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import exact_mean
from heqing.tables import as_doubles, items, join_reasons, marked, need_columns
from heqing.tables.door import any_frame

_MEASURED = ("pm2_5", "pm10", "so2", "no2", "co", "o3")
_MINUTES = 60


@any_frame
def hourly_values(
    frame: pl.LazyFrame, *, step: int, by: Sequence[str] = ("city", "station"), edition: Pins = None
) -> pl.LazyFrame:
    """Make hourly means of each place from values of a few minutes.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and interval. Reads ``time`` (end of the interval, local), the columns `by`, and those of
        ``pm2_5 pm10 so2 no2 o3`` [µg/m³] and ``co`` [mg/m³] that it has.
    step : int
        Length of an interval [min]; it divides 60.
    by : sequence of str
        Columns that name a place; those the frame lacks are left out.
    edition : str or sequence of str, optional
        Pin an edition of HJ 663.

    Returns
    -------
    polars.LazyFrame
        One row per place and hour, in order: `by`, ``time`` (end of the hour), the items, ``minutes_<item>`` (sampled),
        ``conflicts`` (intervals given twice with different values, not used), ``hour_reason``: ``too_few_minutes(…)``,
        ``duplicate_conflict``. A mean of too few minutes is null. Rows without a time are left out.

    Raises
    ------
    MissingColumnError
        When ``time`` or all of `by` are missing.
    UnknownNameError
        When `step` does not divide 60.

    References
    ----------
    GB 3095, table 4: 45 minutes of sampling in the hour.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> ends = [datetime(2020, 4, 1, 8) + timedelta(minutes=5 * n) for n in range(1, 10)]
    >>> some = pl.LazyFrame({"station": ["甲"] * 9, "time": ends, "so2": [10.0] * 8 + [19.0]})
    >>> hourly_values(some, step=5).select("time", "so2", "minutes_so2").collect().row(0)
    (datetime.datetime(2020, 4, 1, 9, 0), 11.0, 45)
    """
    if step < 1 or _MINUTES % step:
        raise UnknownNameError("step in minutes", str(step), [str(n) for n in range(1, 61) if not _MINUTES % n])
    present = need_columns(frame, "The table of minutes", ["time"])
    keys = [c for c in by if c in present] or need_columns(frame, "The table of minutes", by)[:0]
    found = [i for i in _MEASURED if i in present]
    bounds = {i.code: i.plausible_max for i in items("air")}
    usable = [pl.when(pl.col(i).is_between(0, bounds[i])).then(pl.col(i)).alias(i) for i in found]
    rows = as_doubles(frame, found).filter(pl.col("time").is_not_null()).with_columns(usable)
    low, high = {i: pl.col(i).min() for i in found}, {i: pl.col(i).max() for i in found}
    differ = pl.any_horizontal([pl.lit(False), *[low[i] != high[i] for i in found]]).fill_null(False)
    once = rows.group_by([*keys, "time"]).agg(
        *[pl.when(low[i] == high[i]).then(low[i]).alias(i) for i in found], conflicts=differ.cast(pl.Int32)
    )
    # a microsecond back: what ends at the full hour belongs to the hour that ends then
    ended = pl.col("time").cast(pl.Datetime("us")).dt.offset_by("-1us").dt.truncate("1h").dt.offset_by("1h")
    hours = (
        once.with_columns(time=ended)
        .group_by([*keys, "time"])
        .agg(
            *[exact_mean(pl.col(i)).alias(i) for i in found],
            *[(pl.col(i).count() * step).cast(pl.Int32).alias(f"minutes_{i}") for i in found],
            pl.col("conflicts").sum(),
        )
    )
    pin = pins_by_family(edition, [EVALUATION])[EVALUATION]
    day = pl.col("time").dt.offset_by("-1us").dt.date()
    rule = timeline(EVALUATION).number_on(day, edition=pin).fill_null(0)
    needed = value_of_phase(EVALUATION, rule, lambda n: minimum(n, "hour_mean"), pl.Int32)
    short = marked((i, pl.col(f"minutes_{i}").gt(0) & (pl.col(f"minutes_{i}") < pl.col("_needed"))) for i in found)
    return (
        hours.with_columns(_needed=needed)
        .with_columns(
            *[pl.when(pl.col(f"minutes_{i}") >= pl.col("_needed")).then(pl.col(i)).alias(i) for i in found],
            hour_reason=join_reasons(
                pl.when(short != "").then(pl.format("too_few_minutes({})", short)),
                pl.when(pl.col("conflicts") > 0).then(pl.lit("duplicate_conflict")),
            ),
        )
        .sort([*keys, "time"])
        .select(*keys, "time", *found, *[f"minutes_{i}" for i in found], "conflicts", "hour_reason")
    )
