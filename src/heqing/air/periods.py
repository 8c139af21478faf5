"""Statistics of a month, a quarter or a year: means, percentiles, valid and good days, attainment, composite index.

It reads daily values and aggregates them; a statistic that rests on too few days is absent, with the reason. Minimum
counts, percentiles and decimals are data of family ``air_evaluation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.air.composite import RANKING, composite, statistic_columns
from heqing.air.dense import (
    NO_PHASE,
    ROWS_AT_ONCE,
    Days,
    Flags,
    Small,
    day_numbers,
    doubles,
    each_on_a_core,
    named,
    of_phases,
    phase_numbers,
    present,
    told,
    words,
)
from heqing.air.evaluation import (
    EVALUATED,
    EVALUATION,
    LIMITS,
    daily_averaging,
    decimals,
    exceeds,
    has_mean,
    minimum,
    percentile_of,
    readable,
    rule_numbers,
)
from heqing.air.hours import runs_of_places
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.quantities.rounding import divide_half_even, unscaled
from heqing.quantities.whole import Doubles, Wholes, divided_half_even, whole
from heqing.tables import as_doubles, need_columns
from heqing.tables.door import any_frame

Level = Literal["month", "quarter", "year"]
Validity = Literal["standard", "local", "none"]
_UNIT = {"month": "datetime64[M]", "quarter": "datetime64[3M]", "year": "datetime64[Y]"}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
# Sums and ranks of days go through whole numbers of so many places, as `exact_mean` and `exact_percentile` do.
_SUM_PLACES = 10
# Periods are laid side by side while the table has at most so many cells for each day.
_TABLE_OF_A_DAY = 16
_UNKNOWN = -1


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
    counted = [c for c in ("good_day", "attaining_day", "conflicts", "off_hour") if c in present]
    days = as_doubles(frame, found).select(*keys, "day", *found, *counted)
    schema = {k: days.collect_schema()[k] for k in keys} | _result_types(level)
    evaluate = partial(
        _evaluated,
        keys=keys,
        rules=_Rules(level, validity, zone_class, pins, variant=weights == "variant"),
    )
    return days.map_batches(evaluate, schema=schema)


@dataclass(frozen=True)
class _Rules:
    """What an evaluation follows."""

    level: Level
    validity: Validity
    zone_class: int
    pins: dict[str, str | None]
    variant: bool


def _result_types(level: Level) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {}
    for name in ("period", "period_end", *_result_columns(level)):
        if name == "period_end":
            types[name] = pl.Date()
        elif name in ("period", "main_index_items", "composite_phase", "edition", "phase", "clause", "reason"):
            types[name] = pl.String()
        elif name == "unconfirmed" or name.startswith("attains_"):
            types[name] = pl.Boolean()
        elif name.endswith("days") or name in ("conflicts", "off_hour"):
            types[name] = pl.Int32()
        else:
            types[name] = pl.Float64()
    return types


def _name_of(first: pl.Series, level: Level) -> pl.Series:
    if level == "quarter":
        return first.dt.year().cast(pl.String) + "-Q" + first.dt.quarter().cast(pl.String)
    return first.dt.strftime("%Y-%m" if level == "month" else "%Y")


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


@dataclass(frozen=True)
class _Periods:
    """Days in the order of their place and period: where each period begins, its place, first and last day."""

    order: npt.NDArray[np.intp] | slice
    starts: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]
    place: npt.NDArray[np.int32]
    first: Days
    last: Days

    def sums(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """Add up by period what each day has."""
        return np.add.reduceat(numbers, self.starts, dtype=np.int64).astype(np.int32)


def _periods(place: npt.NDArray[np.int32], days: Days, level: Level) -> _Periods:
    earliest = int(days.min())
    span = int(days.max()) - earliest + 1
    key = place.astype(np.int64) * span + (days - earliest)
    order: npt.NDArray[np.intp] | slice = slice(None)
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
    place, days = place[order], days[order]
    # The period of each date there is, found once.
    dates = np.arange(earliest, earliest + span).astype("datetime64[D]")
    period = dates.astype(_UNIT[level]).astype(np.int64)[days - earliest]
    begins = np.concatenate([[True], (place[1:] != place[:-1]) | (period[1:] != period[:-1])])
    starts = np.flatnonzero(begins)
    first, after = (_first_days(period[starts] + n, level) for n in (0, 1))
    return _Periods(order, starts, np.cumsum(begins) - 1, place[starts], first, after - 1)


def _first_days(periods: npt.NDArray[np.int64], level: Level) -> Days:
    return periods.astype(_UNIT[level]).astype("datetime64[D]").astype(np.int64).astype(np.int32)


def _evaluated(frame: pl.DataFrame, *, keys: list[str], rules: _Rules) -> pl.DataFrame:
    """Make one row per place and period of all days."""
    frame = frame.filter(pl.col("day").is_not_null())
    if not frame.height:
        return pl.DataFrame(schema={k: frame.schema[k] for k in keys} | _result_types(rules.level))
    runs = runs_of_places(frame, keys)
    days = day_numbers(frame["day"])
    periods = _periods(runs.each(), days, rules.level)
    days = days[periods.order]
    limits_no = phase_numbers(LIMITS, days, edition=rules.pins[LIMITS])
    rule_no = rule_numbers(phase_numbers(EVALUATION, days, edition=rules.pins[EVALUATION]))
    columns: dict[str, npt.NDArray[Any]] = {}
    full: dict[str, Flags] = {}

    def summarise(item: str) -> None:
        values = doubles(frame, item)[periods.order]
        known = readable(values)
        over, _ = exceeds(values, item, daily_averaging(item), rules.zone_class, limits_no, rule_no, rounds=True)
        wholes = whole(np.where(known, values, 0.0), _SUM_PLACES)
        number = periods.sums(known)
        columns[f"{item}_days"], columns[f"{item}_exceeding_days"] = number, periods.sums(over)
        if has_mean(item):
            total = np.add.reduceat(wholes, periods.starts).astype(np.float64)
            columns[f"{item}_mean"] = total / np.where(number > 0, number * 10.0**_SUM_PLACES, np.nan)
        percent = percentile_of(item)
        if percent is not None:
            columns[f"{item}_p{percent}"] = _percentiles(wholes, known, periods, percent)
        if rules.level != "month":
            full[item] = _has_full_months(days[known], periods.group[known], periods, rules)

    each_on_a_core(EVALUATED, summarise, worth_it=len(days) > ROWS_AT_ONCE)
    columns |= _counts(frame, days, periods)
    series = _judged(columns, full, periods, rules)
    first = pl.Series("period", periods.first).cast(pl.Date)
    last = pl.Series("period_end", periods.last).cast(pl.Date)
    return (
        runs.places[periods.place]
        .with_columns(_name_of(first, rules.level), last, *[pl.Series(n, c) for n, c in columns.items()])
        .with_columns(series)
        .with_columns(pl.col(pl.Float64).exclude(keys).fill_nan(None))
        .select(*keys, "period", "period_end", *_result_columns(rules.level))
    )


def _percentiles(wholes: Wholes, known: Flags, periods: _Periods, percent: int) -> Doubles:
    """Give a percentile of each period, as `exact_percentile` does; not a number without a value."""
    number = periods.sums(known).astype(np.int64)
    begin = np.cumsum(number) - number
    values, group = wholes[known], periods.group[known]
    column = np.arange(len(values)) - begin[group]
    widest = int(number.max(initial=0))
    if widest * len(number) <= _TABLE_OF_A_DAY * max(len(values), 1):
        table = np.full((len(number), widest), np.iinfo(np.int64).max)
        table[group, column] = values
        table.sort(axis=1)
        ranked = table.ravel()
        begin = np.arange(len(number)) * widest
    else:
        # Periods of very different lengths: sorted within their stretch of the column.
        ranked = values[np.lexsort((values, group))]
    found = np.full(len(number), np.nan)
    some = np.flatnonzero(number)
    last = number[some] - 1
    place = last * percent
    lower = ranked[begin[some] + place // 100]
    upper = ranked[begin[some] + np.minimum(place // 100 + 1, last)]
    found[some] = (lower + divided_half_even((upper - lower) * (place % 100), 100)) / 10.0**_SUM_PLACES
    return found


def _has_full_months(days: Days, group: npt.NDArray[np.intp], periods: _Periods, rules: _Rules) -> Flags:
    """Say of each quarter or year whether all its months have enough of the days given."""
    months = _MONTHS[rules.level]
    earliest = int(periods.first.min())
    dates = np.arange(earliest, int(periods.last.max()) + 1).astype("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % months
    counted = np.bincount(group * months + month[days - earliest], minlength=len(periods.starts) * months).reshape(
        -1, months
    )
    first_month = periods.first.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    enough = np.ones(len(periods.starts), dtype=bool)
    for n in range(months):
        begin, after = (_first_days(first_month + n + m, "month") for m in (0, 1))
        rule = rule_numbers(phase_numbers(EVALUATION, after - 1, edition=rules.pins[EVALUATION]))
        enough &= counted[:, n] >= _needed_in_month("year_month", rule, after - begin)
    return enough


def _needed_in_month(statistic: str, rule: Small, length: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Give the days a month needs, by its length: the rule may ask less of February."""
    phases = range(len(timeline(EVALUATION).phases))
    table = np.array([[minimum(n, statistic, days_in_month=d) for d in range(28, 32)] for n in phases])
    found: npt.NDArray[np.int64] = table[rule, length - 28]
    return found


def _counts(frame: pl.DataFrame, days: Days, periods: _Periods) -> dict[str, npt.NDArray[Any]]:
    """Count the days of each period: all, good, attaining, and what was not used."""

    def given(column: str) -> pl.Series:
        series = frame[column] if column in frame.columns else pl.repeat(None, frame.height, eager=True)
        return series if isinstance(periods.order, slice) else series.gather(periods.order)

    new_day = np.concatenate([[True], (days[1:] != days[:-1])])
    new_day[periods.starts] = True
    found = {"days": periods.sums(new_day)}
    for column, valid, marked_days in (
        ("good_day", "valid_days", "good_days"),
        ("attaining_day", "_attaining_of", "attaining_days"),
    ):
        series = given(column)
        found[valid] = periods.sums(series.is_not_null().to_numpy())
        found[marked_days] = periods.sums(series.cast(pl.Boolean).fill_null(False).to_numpy())
    for column in ("conflicts", "off_hour"):
        found[column] = periods.sums(given(column).cast(pl.Int64).fill_null(0).to_numpy())
    return found


def _judged(
    columns: dict[str, npt.NDArray[Any]], full: dict[str, Flags], periods: _Periods, rules: _Rules
) -> list[pl.Series]:
    """Withhold what rests on too few days, judge each item of a year, and say why; changes `columns`."""
    last = periods.last
    rule = rule_numbers(phase_numbers(EVALUATION, last, edition=rules.pins[EVALUATION]))
    number = phase_numbers(LIMITS, last, edition=rules.pins[LIMITS])
    short = _withhold(columns, full, rule, periods, rules)
    no_values = _mask([columns[f"{i}_days"] == 0 for i in EVALUATED])
    columns["good_day_ratio"] = _share(columns["good_days"], columns["valid_days"])
    # Without an item no day is known to attain, only to exceed: a share of those alone would say nothing.
    attaining = _share(columns["attaining_days"], columns.pop("_attaining_of"))
    columns["attaining_day_ratio"] = np.where(no_values == 0, attaining, np.nan)
    series: list[pl.Series] = []
    differ = np.zeros(len(last), dtype=bool)
    if rules.level == "year":
        series, differ = _attainment(columns, number, rule, rules.zone_class)
    index = composite(
        {i: columns[c] for i, c in statistic_columns().items()}, last, pin=rules.pins[RANKING], variant=rules.variant
    )
    unsure = index.pop().to_numpy()
    rests = _mask([differ, unsure, np.full(len(last), rules.validity != "standard")])
    known = number != NO_PHASE
    straddles = known & (number != phase_numbers(LIMITS, periods.first, edition=rules.pins[LIMITS]))
    recalculated = known & (number != phase_numbers(LIMITS, last))
    flags = [~known, columns["conflicts"] > 0, columns["off_hour"] > 0, recalculated, straddles]
    key = no_values | short << 6 | _mask(flags) << 12 | rests << 17 | np.maximum(number, 0).astype(np.int64) << 20
    line, editions = timeline(LIMITS), [e.number for e, _ in timeline(EVALUATION).phases]
    clauses = [f"{e.number} 表 1；{own}；环办〔2014〕64号" for e, _ in line.phases for own in editions]
    clause_no = np.where(known, number.astype(np.int64) * len(editions) + rule, NO_PHASE)
    return [
        *series,
        *index,
        words("edition", number, [*(e.number for e, _ in line.phases), None]),
        words("phase", number, [*(p.key for _, p in line.phases), None]),
        words("clause", clause_no, [*clauses, None]),
        pl.Series("unconfirmed", straddles | (rests != 0)),
        told("reason", key, _reason),
    ]


def _mask(flags: Sequence[Flags]) -> npt.NDArray[np.int64]:
    """Join flags to one number for each row, the first as its lowest bit."""
    joined: npt.NDArray[np.int64] = np.sum([f.astype(np.int64) << bit for bit, f in enumerate(flags)], axis=0)
    return joined


def _share(part: npt.NDArray[np.int32], of: npt.NDArray[np.int32]) -> Doubles:
    """Give `ratio_percent` of counts; not a number where there are none."""
    places = decimals(0, "ratio", "percent")
    percent = divided_half_even(part.astype(np.int64) * 100 * 10**places, np.maximum(of, 1).astype(np.int64))
    return np.where(of > 0, percent / 10.0**places, np.nan)


def _withhold(
    columns: dict[str, npt.NDArray[Any]], full: dict[str, Flags], rule: Small, periods: _Periods, rules: _Rules
) -> npt.NDArray[np.int64]:
    """Take out statistics that rest on too few days; give the mask of items that have some, but too few."""
    if rules.validity == "none" or (rules.level != "year" and rules.validity == "standard"):
        return np.zeros(len(rule), dtype=np.int64)
    if rules.level == "year":
        needed = of_phases(rule, [minimum(n, "year") for n in range(len(timeline(EVALUATION).phases))], 0)
    elif rules.level == "quarter":
        needed = np.zeros(len(rule), dtype=np.int64)
    else:
        needed = _needed_in_month("month", rule, periods.last - periods.first + 1)
    short = []
    for item in EVALUATED:
        count = columns[f"{item}_days"]
        few = count < needed
        if rules.level != "month":
            few |= ~full[item]
        short.append(few & (count > 0))
        for column in ([f"{item}_mean"] if has_mean(item) else []) + [f"{item}_p{percentile_of(item)}"]:
            columns[column] = np.where(few, np.nan, columns[column])
    return _mask(short)


def _attainment(
    columns: dict[str, npt.NDArray[Any]], number: Small, rule: Small, zone_class: int
) -> tuple[list[pl.Series], Flags]:
    """Judge each item by mean and percentile, and by the mean alone as national bulletins do; say where they differ."""

    def attains(column: str, item: str, averaging: str, *, rounds: bool) -> Small:
        over, known = exceeds(columns[column], item, averaging, zone_class, number, rule, rounds=rounds)
        return np.where(known, ~over, _UNKNOWN).astype(np.int8)

    both: dict[str, Small] = {}
    by_mean: dict[str, Small] = {}
    differ = np.zeros(len(number), dtype=bool)
    for item in EVALUATED:
        ranked = f"{item}_p{percentile_of(item)}"
        both[item] = by_mean[item] = attains(ranked, item, daily_averaging(item), rounds=True)
        exact = attains(ranked, item, daily_averaging(item), rounds=False)
        if has_mean(item):
            by_mean[item] = attains(f"{item}_mean", item, "annual", rounds=True)
            both[item] = _all_hold([both[item], by_mean[item]])
            exact = _all_hold([exact, attains(f"{item}_mean", item, "annual", rounds=False)])
        differ |= (both[item] != by_mean[item]) | (both[item] != exact)
    named_views = {f"attains_{i}": a for i, a in both.items()} | {f"attains_{i}_by_mean": a for i, a in by_mean.items()}
    named_views["attains_all"] = _all_hold(list(both.values()))
    named_views["attains_all_by_mean"] = _all_hold(list(by_mean.values()))
    return [present(name, view == 1, view != _UNKNOWN) for name, view in named_views.items()], differ


def _all_hold(views: Sequence[Small]) -> Small:
    """Join answers: 0 with one that fails, 1 when all are known to hold, -1 otherwise."""
    fails = np.logical_or.reduce([v == 0 for v in views])
    holds = np.logical_and.reduce([v == 1 for v in views])
    return np.where(fails, 0, np.where(holds, 1, _UNKNOWN)).astype(np.int8)


def _reason(key: int) -> str | None:
    """Say in codes what the key of a period means."""
    no_values, short = (named(key >> bit & 63, EVALUATED) for bit in (0, 6))
    no_edition, conflicts, off_hour, recalculated, straddles = (key >> bit & 1 for bit in range(12, 17))
    rests = named(key >> 17 & 7, ("HJ 663 达标判定与修约", "综合指数分母", "有效天数要求"))
    edition = timeline(LIMITS).phases[key >> 20][0].number
    said = [
        "no_edition" if no_edition else "",
        f"no_values({no_values})" if no_values else "",
        f"too_few_days({short})" if short else "",
        "duplicate_conflict" if conflicts else "",
        "off_hour" if off_hour else "",
        f"recalculated({edition})" if recalculated else "",
        "straddles_editions" if straddles else "",
        f"unconfirmed_rows({rests})" if rests else "",
    ]
    return ";".join(s for s in said if s) or None
