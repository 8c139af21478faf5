"""A period in which the standards changed, shown both ways: each day by its own edition, and all days by one.

Which of the ways counts for the year 2026 is not established; so all stand side by side and none is preferred. It
computes no rule of its own: see `heqing.air.index` for days and `heqing.air.periods` for periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import polars as pl

from heqing.air.attainment import attaining_day
from heqing.air.composite import composite_index, statistic_columns
from heqing.air.evaluation import EVALUATED, EVALUATION, LIMITS
from heqing.air.index import daily_index
from heqing.air.periods import Level, Validity, period_statistics
from heqing.editions import timeline
from heqing.tables import join_reasons, need_columns
from heqing.tables.door import any_frame

_INDEX = "air_index"
_FAMILIES = (_INDEX, LIMITS, EVALUATION)
_EVERY = {"month": "1mo", "quarter": "1q", "year": "1y"}
# What an edition decides; means and percentiles are the same by all.
_JUDGED = (
    "valid_days",
    "good_days",
    "good_day_ratio",
    "attaining_days",
    "attaining_day_ratio",
    *[f"{i}_exceeding_days" for i in EVALUATED],
    "composite_index",
)
_OF_YEARS = ("attains_all", "attains_all_by_mean")
_WAYS = ("first", "last")


@dataclass(frozen=True)
class _Change:
    """A day on which editions changed, and those of each family before and from that day."""

    day: date
    first: dict[str, str]
    last: dict[str, str]


@cache
def _changes() -> tuple[_Change, ...]:
    days = set()
    for name in _FAMILIES:
        phases = timeline(name).phases
        days |= {p.valid_from for (e, _), (f, p) in pairwise(phases) if e.key != f.key}
    return tuple(_Change(day, _in_force(day - timedelta(days=1)), _in_force(day)) for day in sorted(days))


def _in_force(day: date) -> dict[str, str]:
    found = {}
    for name in _FAMILIES:
        for edition, phase in timeline(name).phases:
            if phase.valid_from <= day and (phase.valid_to is None or day <= phase.valid_to):
                found[name] = edition.number
    return found


@any_frame
def both_regimes(
    frame: pl.LazyFrame,
    *,
    level: Level = "year",
    by: Sequence[str] = ("city", "station"),
    zone_class: int = 2,
    validity: Validity = "standard",
    not_monitored: Sequence[str] = (),
) -> pl.LazyFrame:
    """Evaluate periods with each day by its own edition, and where editions changed also wholly by either of them.

    Parameters
    ----------
    frame : polars.LazyFrame
        Daily values of places: ``day``, the columns `by`, and those of ``pm2_5 pm10 so2 no2 o3_8h o3`` [µg/m³] and
        ``co`` [mg/m³] that it has; ``conflicts`` and ``off_hour`` where present.
    level : {"month", "quarter", "year"}
        The period.
    by : sequence of str
        Columns that name a place; those the frame lacks are left out.
    zone_class : int
        1 for specially protected zones, 2 for all others.
    validity : {"standard", "local", "none"}
        As in `heqing.air.period_statistics`.
    not_monitored : sequence of str
        As in `heqing.air.daily_index`.

    Returns
    -------
    polars.LazyFrame
        One row per place and period, in order: `by`, ``period``, ``period_end``, ``straddles`` (editions of HJ 633,
        GB 3095 or HJ 663 changed within it), ``editions_first``, ``editions_last`` (in force before and after the
        change), the means and percentiles; then each figure an edition decides three times: as it is (each day by the
        edition in force that day, the period by that of its last day), ``…_by_first`` (all of it by the editions before
        the change) and ``…_by_last`` (by those after); ``unconfirmed`` and ``reason``. In a period that does not
        straddle the three are equal.

    Raises
    ------
    MissingColumnError
        When ``day`` or all of `by` are missing.

    References
    ----------
    GB 3095-2026, HJ 633-2026 and HJ 663-2026 are in force from 2026-03-01; how 2026 is evaluated as a whole was found
    nowhere, so a straddling row is unconfirmed in every way.

    Examples
    --------
    >>> days = pl.date_range(date(2026, 1, 1), date(2026, 12, 31), eager=True)
    >>> rest = {"pm10": 50.0, "so2": 5.0, "no2": 20.0, "co": 0.5, "o3_8h": 90.0}
    >>> year = pl.LazyFrame({"city": ["甲"] * 365, "day": days, "pm2_5": [70.0] * 365}).with_columns(
    ...     **{i: pl.lit(v) for i, v in rest.items()})
    >>> both_regimes(year).select("good_days", "good_days_by_first", "good_days_by_last").collect().row(0)
    (59, 365, 0)
    """
    present = need_columns(frame, "The daily table", ["day"])
    keys = [c for c in by if c in present] or need_columns(frame, "The daily table", by)[:0]
    items = [i for i in (*EVALUATED, "o3", "conflicts", "off_hour") if i in present]
    days = frame.select(*keys, "day", *items)
    start = pl.col("day").dt.truncate(_EVERY[level])
    figures = [*_JUDGED, *(_OF_YEARS if level == "year" else ())]

    def evaluated(of: pl.LazyFrame, pins: dict[str, str]) -> pl.LazyFrame:
        index = pins.get(_INDEX)
        others = [number for family, number in pins.items() if family != _INDEX]
        judged = attaining_day(
            daily_index(of, edition=index, not_monitored=not_monitored), edition=others, zone_class=zone_class
        )
        return period_statistics(judged, level=level, by=keys, edition=others, zone_class=zone_class, validity=validity)

    own = evaluated(days, {})
    ways = []
    for change in _changes():
        at = pl.lit(change.day).dt.truncate(_EVERY[level])
        if change.day == pl.select(at).item():
            continue
        some = days.filter(start == at)
        before, after = (evaluated(some, pins) for pins in (change.first, change.last))
        # the denominators of the index have phases and no editions: those in force on the first day of the period
        before = composite_index(
            before.drop(
                *[f"index_{i}" for i in EVALUATED], "composite_index", "main_index_items", "composite_phase"
            ).with_columns(_first_day=at),
            day="_first_day",
        )
        both = before.select(*keys, "period", *[pl.col(c).alias(f"{c}_by_first") for c in figures]).join(
            after.select(*keys, "period", *[pl.col(c).alias(f"{c}_by_last") for c in figures]),
            on=[*keys, "period"],
            nulls_equal=True,
        )
        ways.append(
            both.with_columns(
                straddles=pl.lit(True),
                editions_first=pl.lit("；".join(change.first.values())),
                editions_last=pl.lit("；".join(change.last.values())),
            )
        )
    if ways:
        joined = own.join(pl.concat(ways), on=[*keys, "period"], how="left", nulls_equal=True, maintain_order="left")
    else:  # no change falls inside a period of this length
        same = {f"{c}_by_{w}": pl.col(c) for c in figures for w in _WAYS}
        nothing = {name: pl.lit(None, pl.String) for name in ("editions_first", "editions_last")}
        joined = own.with_columns(straddles=pl.lit(False), **same, **nothing)
    straddles = pl.col("straddles").fill_null(False)
    lines = [timeline(name) for name in _FAMILIES]
    in_force = pl.concat_str(
        [line.edition_of(line.number_on(pl.col("period_end"))) for line in lines], separator="；", ignore_nulls=True
    )
    kept = [c for c in (*statistic_columns().values(), "pm2_5_p95", "pm10_p95", "so2_p98", "no2_p98")]
    return joined.select(
        *keys,
        "period",
        "period_end",
        straddles.alias("straddles"),
        pl.coalesce("editions_first", in_force).alias("editions_first"),
        pl.coalesce("editions_last", in_force).alias("editions_last"),
        "days",
        *kept,
        *[
            column
            for c in figures
            for column in (
                pl.col(c),
                *[
                    pl.when(straddles).then(pl.col(f"{c}_by_{w}")).otherwise(pl.col(c)).alias(f"{c}_by_{w}")
                    for w in _WAYS
                ],
            )
        ],
        (pl.col("unconfirmed") | straddles).alias("unconfirmed"),
        join_reasons(
            pl.col("reason"),
            pl.when(straddles & ~pl.col("reason").fill_null("").str.contains("straddles_editions")).then(
                pl.lit("straddles_editions")
            ),
        ).alias("reason"),
    )
