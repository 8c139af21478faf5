"""Statistics of a month, a quarter or a year: means, percentiles, valid and good days, attainment, composite index.

It reads daily values and aggregates them; a statistic that rests on too few days is absent, with the reason. Minimum
counts, percentiles and decimals are data of family ``air_evaluation``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import polars as pl

from heqing.air.composite import RANKING, composite_index
from heqing.air.evaluation import (
    EVALUATED,
    EVALUATION,
    LIMITS,
    daily_averaging,
    decimals,
    has_mean,
    limit,
    minimum,
    percentile_of,
    value_of_phase,
)
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import by_phase, timeline
from heqing.quantities.rounding import (
    PLACES,
    divide_half_even,
    exact_mean,
    exact_percentile,
    round_scaled,
    scaled,
    unscaled,
)
from heqing.tables import as_doubles, join_reasons, marked, need_columns
from heqing.tables.door import any_frame

Level = Literal["month", "quarter", "year"]
Validity = Literal["standard", "local", "none"]
_MONTHS = 12
_MONTHS_OF_QUARTER = 3
_EVERY = {"month": "1mo", "quarter": "1q", "year": "1y"}


@any_frame
def period_statistics(
    frame: pl.LazyFrame,
    *,
    level: Level,
    by: Sequence[str] = ("city", "station"),
    edition: Pins = None,
    zone_class: int = 2,
    validity: Validity = "standard",
    weights: str = "default",
) -> pl.LazyFrame:
    """Evaluate months, quarters or years of each place from its daily values.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and day. Reads ``day``, the columns `by`, those of ``pm2_5 pm10 so2 no2 o3_8h`` [µg/m³] and
        ``co`` [mg/m³] that it has, and ``aqi``, ``good_day``, ``attaining_day`` where present.
    level : {"month", "quarter", "year"}
        The period.
    by : sequence of str
        Columns that name a place; those the frame lacks are left out.
    edition : str or sequence of str, optional
        Pin editions of HJ 663, GB 3095 or the ranking rule; by default those in force on the period's last day.
    zone_class : int
        1 for specially protected zones, 2 for all others.
    validity : {"standard", "local", "none"}
        ``standard``: a year needs the days of GB 3095, a month or quarter has no minimum. ``local``: a month, and each
        month of a quarter, needs the month's part of the annual rule, as local bulletins do (unconfirmed). ``none``: no
        minimum; the result is unconfirmed.
    weights : str
        Weights of the composite index, see `heqing.air.composite.composite_index`.

    Returns
    -------
    polars.LazyFrame
        One row per place and period, in order: `by`, ``period`` (2020, 2020-Q2 or 2020-04), ``period_end``, ``days``,
        ``conflicts`` and ``off_hour`` (hours or days not used), ``valid_days`` (days with an index), ``good_days``,
        ``good_day_ratio`` [%], ``attaining_days``, ``attaining_day_ratio`` [%; absent where an item has no value, for
        then no day is known to attain], per item ``<item>_days``, ``<item>_mean``, ``<item>_p<n>``,
        ``<item>_exceeding_days``, ``attains_<item>`` (years: mean and percentile), ``attains_<item>_by_mean``,
        ``attains_all``, ``attains_all_by_mean``, the composite index with its parts, ``edition``, ``phase``,
        ``clause``, ``unconfirmed``, ``reason``. Statistics carry all their decimals: they are rounded for judging
        only, once.

    Raises
    ------
    MissingColumnError
        When ``day`` or all of `by` are missing.

    References
    ----------
    GB 3095, table 4; HJ 663-2013, clause 5 and annex A; HJ 663-2026, tables 3 and A.2; 环办〔2014〕64号.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    >>> year = pl.LazyFrame({"city": ["甲"] * 365, "day": days, "pm2_5": [34.0, 35.0, 34.5, 34.5, 34.5] * 73})
    >>> period_statistics(year, level="year").select("pm2_5_mean", "attains_pm2_5_by_mean").collect().row(0)
    (34.5, True)
    """
    present = need_columns(frame, "The daily table", ["day"])
    keys = [c for c in by if c in present] or need_columns(frame, "The daily table", by)[:0]
    pins = pins_by_family(edition, [EVALUATION, LIMITS, RANKING])
    found = [i for i in EVALUATED if i in present]
    days = (
        as_doubles(frame, found)
        .filter(pl.col("day").is_not_null())
        .with_columns(
            *[pl.lit(None, pl.Float64).alias(i) for i in EVALUATED if i not in found],
            *[pl.lit(None, pl.Boolean).alias(c) for c in ("good_day", "attaining_day") if c not in present],
            *[pl.lit(0, pl.Int32).alias(c) for c in ("conflicts", "off_hour") if c not in present],
            _start=pl.col("day").dt.truncate(_EVERY[level]),
        )
    )
    periods = _aggregated(_with_exceedance(days, pins, zone_class), keys)
    if level != "month":
        periods = periods.join(_full_months(days, keys, pins), on=[*keys, "_start"], how="left")
    periods = periods.with_columns(
        period=_name_of(pl.col("_start"), level),
        period_end=pl.col("_start").dt.offset_by(_EVERY[level]).dt.offset_by("-1d"),
    )
    return (
        _explained(
            composite_index(
                _judged(_withheld(_numbered(periods, pins), level, validity), level, zone_class),
                edition=pins[RANKING],
                weights=weights,
            ),
            validity,
        )
        .sort([*keys, "_start"])
        .select(*keys, "period", "period_end", *_result_columns(level))
    )


def _name_of(start: pl.Expr, level: Level) -> pl.Expr:
    if level == "quarter":
        return pl.format("{}-Q{}", start.dt.year(), start.dt.quarter())
    return start.dt.strftime("%Y-%m" if level == "month" else "%Y")


def _result_columns(level: Level) -> list[str]:
    columns = [
        "days",
        "conflicts",
        "off_hour",
        "valid_days",
        "good_days",
        "good_day_ratio",
        "attaining_days",
        "attaining_day_ratio",
    ]
    for item in EVALUATED:
        columns += [f"{item}_days", *([f"{item}_mean"] if has_mean(item) else []), f"{item}_p{percentile_of(item)}"]
        columns.append(f"{item}_exceeding_days")
        if level == "year":
            columns += [f"attains_{item}", f"attains_{item}_by_mean"]
    columns += ["attains_all", "attains_all_by_mean"] if level == "year" else []
    columns += [f"index_{i}" for i in EVALUATED] + ["composite_index", "main_index_items", "composite_phase"]
    return [*columns, "edition", "phase", "clause", "unconfirmed", "reason"]


def _with_exceedance(days: pl.LazyFrame, pins: dict[str, str | None], zone_class: int) -> pl.LazyFrame:
    """Mark for each item the days above its daily limit, by the limit in force that day."""
    number = timeline(LIMITS).number_on(pl.col("day"), edition=pins[LIMITS])
    rule = timeline(EVALUATION).number_on(pl.col("day"), edition=pins[EVALUATION]).fill_null(0)
    over = {}
    for item in EVALUATED:
        bound = value_of_phase(LIMITS, number, _bound(item, daily_averaging(item), zone_class), pl.Float64)
        judged = _rounded_for_judging(scaled(pl.col(item), PLACES), item, rule)
        over[f"_over_{item}"] = judged > scaled(bound, PLACES)
    return days.with_columns(**over)


def _rounded_for_judging(value: pl.Expr, item: str, rule: pl.Expr) -> pl.Expr:
    """Round to the decimals that the edition of each row keeps for judging."""
    places = {n: decimals(n, "judged", item) for n in range(len(timeline(EVALUATION).phases))}
    return by_phase(rule, places, lambda kept: round_scaled(value, PLACES, kept))


def _bound(item: str, averaging: str, zone_class: int) -> Callable[[int], float | None]:
    return partial(limit, item=item, averaging=averaging, zone_class=zone_class)


def _aggregated(days: pl.LazyFrame, keys: list[str]) -> pl.LazyFrame:
    statistics = [exact_mean(pl.col(i)).alias(f"{i}_mean") for i in EVALUATED if has_mean(i)]
    for item in EVALUATED:
        percent = percentile_of(item)
        if percent is not None:
            statistics.append(exact_percentile(pl.col(item), percent).alias(f"{item}_p{percent}"))
    good, attaining = pl.col("good_day"), pl.col("attaining_day")
    return (
        days.group_by([*keys, "_start"])
        .agg(
            *statistics,
            *[pl.col(i).count().cast(pl.Int32).alias(f"{i}_days") for i in EVALUATED],
            *[pl.col(f"_over_{i}").sum().cast(pl.Int32).alias(f"{i}_exceeding_days") for i in EVALUATED],
            days=pl.col("day").n_unique().cast(pl.Int32),
            valid_days=good.count().cast(pl.Int32),
            good_days=good.sum().cast(pl.Int32),
            attaining_days=attaining.sum().cast(pl.Int32),
            conflicts=pl.col("conflicts").sum().cast(pl.Int32),
            off_hour=pl.col("off_hour").sum().cast(pl.Int32),
            _attaining_of=attaining.count().cast(pl.Int32),
        )
        .with_columns(_no_values=marked((i, pl.col(f"{i}_days") == 0) for i in EVALUATED))
        .with_columns(
            good_day_ratio=ratio_percent(pl.col("good_days"), pl.col("valid_days")),
            # Without an item no day is known to attain, only to exceed: a share of those alone would say nothing.
            attaining_day_ratio=pl.when(pl.col("_no_values") == "").then(
                ratio_percent(pl.col("attaining_days"), pl.col("_attaining_of"))
            ),
        )
    )


def ratio_percent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Give a share in percent as it is published, rounded from the exact quotient.

    Parameters
    ----------
    part, whole : polars.Expr
        Counts.

    Returns
    -------
    polars.Expr
        Float64 [%], null where `whole` is 0.

    References
    ----------
    HJ 663-2026, table 3: one decimal (one source; four bulletins agree).

    Examples
    --------
    >>> pl.select(ratio_percent(pl.lit(27), pl.lit(29))).item()
    93.1
    """
    places = decimals(0, "ratio", "percent")
    whole = pl.when(whole > 0).then(whole.cast(pl.Int64))
    return unscaled(divide_half_even(part.cast(pl.Int64) * 100 * 10**places, whole), places)


def _full_months(days: pl.LazyFrame, keys: list[str], pins: dict[str, str | None]) -> pl.LazyFrame:
    """Count for each year and item the months that have enough days."""
    counted = days.group_by([*keys, "_start", pl.col("day").dt.month_end().alias("_month_end")]).agg(
        pl.col(i).count() for i in EVALUATED
    )
    number = timeline(EVALUATION).number_on(pl.col("_month_end"), edition=pins[EVALUATION]).fill_null(0)
    needed = _needed_in_month("year_month", number, pl.col("_month_end").dt.day())
    months = counted.with_columns((pl.col(i) >= needed).alias(f"_full_{i}") for i in EVALUATED)
    return months.group_by([*keys, "_start"]).agg(pl.col(f"_full_{i}").sum() for i in EVALUATED)


def _needed_in_month(statistic: str, rule: pl.Expr, length: pl.Expr) -> pl.Expr:
    """Give the days a month needs, by its length: the rule may ask less of February."""
    per_length = [
        pl.when(length == d).then(
            value_of_phase(EVALUATION, rule, partial(minimum, statistic=statistic, days_in_month=d), pl.Int32)
        )
        for d in range(28, 32)
    ]
    return pl.coalesce(per_length)


def _numbered(periods: pl.LazyFrame, pins: dict[str, str | None]) -> pl.LazyFrame:
    """Add the phases in force on the last day of the period, and whether its first day had another."""
    end, start = pl.col("period_end"), pl.col("_start")
    limits = timeline(LIMITS)
    return periods.with_columns(
        _rule_no=timeline(EVALUATION).number_on(end, edition=pins[EVALUATION]).fill_null(0),
        _limits_no=limits.number_on(end, edition=pins[LIMITS]),
        _first_no=limits.number_on(start, edition=pins[LIMITS]),
        _in_force=limits.number_on(end),
    )


def _withheld(periods: pl.LazyFrame, level: Level, validity: Validity) -> pl.LazyFrame:
    """Take out statistics that rest on too few days."""
    if validity == "none" or (level != "year" and validity == "standard"):
        return periods.with_columns(_short=pl.lit(""))
    rule = pl.col("_rule_no")
    valid = {}
    for item in EVALUATED:
        count = pl.col(f"{item}_days")
        if level == "year":
            enough = count >= value_of_phase(EVALUATION, rule, lambda n: minimum(n, "year"), pl.Int32)
            valid[item] = enough & (pl.col(f"_full_{item}") == _MONTHS)
        elif level == "quarter":
            valid[item] = pl.col(f"_full_{item}") == _MONTHS_OF_QUARTER
        else:
            valid[item] = count >= _needed_in_month("month", rule, pl.col("period_end").dt.day())
    gaps = [pl.when(~ok & (pl.col(f"{i}_days") > 0)).then(pl.lit(i)) for i, ok in valid.items()]
    statistics = {
        c: pl.when(valid[i]).then(pl.col(c))
        for i in EVALUATED
        for c in ([f"{i}_mean"] if has_mean(i) else []) + [f"{i}_p{percentile_of(i)}"]
    }
    return periods.with_columns(_short=pl.concat_str(gaps, separator=",", ignore_nulls=True)).with_columns(**statistics)


def _attains(column: str, item: str, averaging: str, zone_class: int, *, rounds: bool) -> pl.Expr:
    value = scaled(pl.col(column), PLACES)
    if rounds:
        value = _rounded_for_judging(value, item, pl.col("_rule_no"))
    bound = value_of_phase(LIMITS, pl.col("_limits_no"), _bound(item, averaging, zone_class), pl.Float64)
    return value <= scaled(bound, PLACES)


def _judged(periods: pl.LazyFrame, level: Level, zone_class: int) -> pl.LazyFrame:
    """Judge each item of a year: by mean and percentile, and by the mean alone as national bulletins do."""
    if level != "year":
        return periods.with_columns(_views_differ=pl.lit(False))
    both, by_mean, unrounded = {}, {}, {}
    for item in EVALUATED:
        mean, ranked = f"{item}_mean", f"{item}_p{percentile_of(item)}"
        percentile = _attains(ranked, item, daily_averaging(item), zone_class, rounds=True)
        raw = _attains(ranked, item, daily_averaging(item), zone_class, rounds=False)
        if has_mean(item):
            by_mean[item] = _attains(mean, item, "annual", zone_class, rounds=True)
            both[item] = by_mean[item] & percentile
            unrounded[item] = raw & _attains(mean, item, "annual", zone_class, rounds=False)
        else:
            both[item] = by_mean[item] = percentile
            unrounded[item] = raw
    differ = [both[i].ne_missing(by_mean[i]) | both[i].ne_missing(unrounded[i]) for i in EVALUATED]
    return periods.with_columns(
        **{f"attains_{i}": e for i, e in both.items()},
        **{f"attains_{i}_by_mean": e for i, e in by_mean.items()},
        attains_all=_all_known(both),
        attains_all_by_mean=_all_known(by_mean),
        _views_differ=pl.any_horizontal(differ),
    )


def _all_known(attains: dict[str, pl.Expr]) -> pl.Expr:
    """Join the items: false with one that fails, true when all are known to attain, null otherwise."""
    one_fails = pl.any_horizontal([~a for a in attains.values()])
    all_hold = pl.all_horizontal(list(attains.values()))
    return pl.when(one_fails).then(pl.lit(False)).when(all_hold).then(pl.lit(True))


def _explained(periods: pl.LazyFrame, validity: Validity) -> pl.LazyFrame:
    limits = timeline(LIMITS)
    number = pl.col("_limits_no")
    recalculated = number.is_not_null() & number.ne_missing(pl.col("_in_force"))
    straddles = number.is_not_null() & number.ne_missing(pl.col("_first_no"))
    rests_on = pl.concat_str(
        [
            pl.when(pl.col("_views_differ")).then(pl.lit("HJ 663 达标判定与修约")),
            pl.when(pl.col("composite_unconfirmed")).then(pl.lit("综合指数分母")),
            pl.when(pl.lit(validity != "standard")).then(pl.lit("有效天数要求")),
        ],
        separator=",",
        ignore_nulls=True,
    )
    rules = timeline(EVALUATION)
    return periods.with_columns(
        edition=limits.edition_of(number),
        phase=limits.phase_of(number),
        clause=pl.format(
            "{} 表 1；{}；环办〔2014〕64号", limits.edition_of(number), rules.edition_of(pl.col("_rule_no"))
        ),
        unconfirmed=straddles | (rests_on != ""),
        reason=join_reasons(
            pl.when(number.is_null()).then(pl.lit("no_edition")),
            pl.when(pl.col("_no_values") != "").then(pl.format("no_values({})", "_no_values")),
            pl.when(pl.col("_short") != "").then(pl.format("too_few_days({})", "_short")),
            pl.when(pl.col("conflicts") > 0).then(pl.lit("duplicate_conflict")),
            pl.when(pl.col("off_hour") > 0).then(pl.lit("off_hour")),
            pl.when(recalculated).then(pl.format("recalculated({})", limits.edition_of(number))),
            pl.when(straddles).then(pl.lit("straddles_editions")),
            pl.when(rests_on != "").then(pl.format("unconfirmed_rows({})", rests_on)),
        ),
    )
