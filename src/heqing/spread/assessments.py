"""What is asked of rows, as a value that can travel to another process: a rule, and the columns that name a place.

It composes functions of `heqing.air` and `heqing.water` as the command line offers them; it judges nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import polars as pl

from heqing.air import (
    attaining_day,
    city_daily_values,
    daily_index,
    daily_values,
    distinct_days,
    hourly_index,
    period_statistics,
)
from heqing.store.intake import Domain
from heqing.tables import join_reasons, keep_inputs
from heqing.water import period_water_class, water_class
from heqing.water.basins import section_grade
from heqing.water.periods import KEYS

Rule = Callable[[pl.LazyFrame], pl.LazyFrame]
Pinned = dict[str, str | None]
AirLevel = Literal["hour", "day", "month", "quarter", "year"]
_PLACES = ("city", "station")


@dataclass(frozen=True)
class Assessment:
    """What is asked of a dataset.

    ``rule`` takes a frame as `heqing.store.intake` opens it; ``keys`` are the columns that name a place, all rows of
    which the rule must see together. Without keys each row is judged by itself.
    """

    domain: Domain
    rule: Rule
    keys: tuple[str, ...] = ()


def air_assessment(
    columns: Sequence[str],
    *,
    level: AirLevel,
    keys: Sequence[str],
    pins: Pinned,
    not_monitored: Sequence[str] = (),
    zone_class: int = 2,
    validity: Literal["standard", "local", "none"] = "standard",
) -> Assessment:
    """Compose what is asked of air.

    Parameters
    ----------
    columns : sequence of str
        Columns of the frame: hours have ``time``, daily values ``day``.
    level : {"hour", "day", "month", "quarter", "year"}
        ``hour`` keeps rows and order; the others give one row per place and period.
    keys : sequence of str
        Columns that name a place of the result: ``city``, ``station`` or both.
    pins : dict of str to (str or None)
        The pinned edition of each family, as `heqing.air.pins.pins_by_family` gives them.
    not_monitored : sequence of str
        Items the monitoring plan never included.
    zone_class : int
        Class of the zone (1 or 2) whose limits count.
    validity : {"standard", "local", "none"}
        Minimum of days behind a month, quarter or year.

    Returns
    -------
    Assessment
        The rule with its places.

    Examples
    --------
    >>> from heqing.air.pins import pins_by_family
    >>> pins = pins_by_family(None, ["air_index", "ambient_air", "air_evaluation", "air_ranking"])
    >>> air_assessment(["station", "time", "pm2_5"], level="day", keys=["station"], pins=pins).keys
    ('station',)
    """
    if level == "hour":
        rule = partial(hourly_index, edition=pins["air_index"], not_monitored=list(not_monitored))
        return Assessment("air", partial(_row_by_row, rule=rule))
    whole = partial(
        _air_periods,
        level=level,
        keys=tuple(keys),
        places=tuple(c for c in _PLACES if c in columns) if _has_points(columns, keys) else tuple(keys),
        pins=pins,
        not_monitored=tuple(not_monitored),
        zone_class=zone_class,
        validity=validity,
    )
    return Assessment("air", whole, tuple(keys))


def water_assessment(
    columns: Sequence[str],
    *,
    level: Literal["sample", "week", "ten_days", "month", "quarter", "year"],
    edition: str | None = None,
    rounding: str = "auto",
) -> Assessment:
    """Compose what is asked of surface water.

    Parameters
    ----------
    columns : sequence of str
        Columns of the frame.
    level : str
        ``sample`` keeps rows and order; the others judge the means of each section.
    edition : str, optional
        Pin an edition.
    rounding : str
        As in `heqing.water.water_class`.

    Returns
    -------
    Assessment
        The rule with its places.

    Examples
    --------
    >>> water_assessment(["city", "section", "time", "tp"], level="month").keys
    ('city', 'section')
    """
    if level == "sample":
        rule = partial(water_class, edition=edition, rounding=rounding)
        return Assessment("water", partial(_graded, rule=partial(_row_by_row, rule=rule)))
    whole = partial(period_water_class, level=level, edition=edition, rounding=rounding)
    return Assessment("water", partial(_graded, rule=whole), tuple(k for k in KEYS if k in columns))


def _row_by_row(frame: pl.LazyFrame, *, rule: Rule) -> pl.LazyFrame:
    """Judge each row, and put what the doors noticed about it before the reason of its judgement."""
    noticed = pl.col("intake_reason").str.contains("bad_time").fill_null(False)
    said = pl.when(noticed).then(pl.col("reason").str.replace(r"^bad_time;?", "")).otherwise(pl.col("reason"))
    own = pl.when(said != "").then(said)
    judged = rule(frame).with_columns(reason=join_reasons(pl.col("intake_reason"), own))
    return judged.drop("file_row", "intake_reason")


def _graded(frame: pl.LazyFrame, *, rule: Rule) -> pl.LazyFrame:
    """Add the grade of the section in words (优 … 重度污染) beside its class."""
    judged = keep_inputs(frame, ["section_grade"])
    return rule(judged).with_columns(section_grade=section_grade(pl.col("water_class")))


def _has_points(columns: Sequence[str], keys: Sequence[str]) -> bool:
    """Say whether values of a city come from those of its stations."""
    return list(keys) == ["city"] and "station" in columns


def _air_periods(
    frame: pl.LazyFrame,
    *,
    level: Literal["day", "month", "quarter", "year"],
    keys: tuple[str, ...],
    places: tuple[str, ...],
    pins: Pinned,
    not_monitored: tuple[str, ...],
    zone_class: int,
    validity: Literal["standard", "local", "none"],
) -> pl.LazyFrame:
    """Make judged days, months, quarters or years: from hours, or from daily values as they are given."""
    value_pins = _given(pins, "air_evaluation", "ambient_air")
    if "time" in frame.collect_schema().names():
        days = daily_values(frame, by=places, edition=value_pins, zone_class=zone_class)
    else:
        days = distinct_days(frame, by=places)
    if places != keys:
        days = city_daily_values(days)
    judged = daily_index(days, edition=pins["air_index"], not_monitored=list(not_monitored))
    judged = attaining_day(judged, edition=value_pins, zone_class=zone_class)
    few_points = pl.col("value_reason").str.contains("too_few_points").fill_null(False)
    judged = judged.with_columns(
        reason=join_reasons(pl.col("value_reason"), pl.col("reason")),
        unconfirmed=pl.col("unconfirmed") | pl.col("limits_unconfirmed") | few_points,
    ).drop("value_reason", "limits_unconfirmed")
    if level == "day":
        return judged
    return period_statistics(
        judged,
        level=level,
        by=keys,
        edition=_given(pins, "air_evaluation", "ambient_air", "air_ranking"),
        zone_class=zone_class,
        validity=validity,
    )


def _given(pins: Pinned, *families: str) -> list[str]:
    return [name for key in families if (name := pins[key]) is not None]
