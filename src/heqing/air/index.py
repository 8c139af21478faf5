"""The air quality index (AQI) of an hour or of a day: sub-indices, level, primary pollutants, and why.

It reads values that are already means; daily values are made by `heqing.air.daily`. Which values enter, with which
nodes, and when an index may be stated although an item is missing are tables of family ``air_index``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from heqing.air.pins import pins_by_family
from heqing.air.steps import FAMILY, Steps, entering, index_decimals, step_index, steps
from heqing.editions import by_phase, table, timeline
from heqing.errors import UnknownNameError
from heqing.tables import as_doubles, items, join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame

ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3")
DAY_ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h", "o3")
_TAIL = ("aqi", "level", "primary_pollutants", "edition", "phase", "clause", "unconfirmed", "reason")


@dataclass(frozen=True)
class _Entry:
    """One value that enters the index in a phase: column, item of the nodes, averaging of the nodes."""

    value: str
    item: str
    averaging: str


@dataclass(frozen=True)
class _Rule:
    """How a phase makes the index of a report: what enters, where the practice was seen, when it may be stated."""

    entries: tuple[_Entry, ...]
    seen: tuple[date, date] | None
    missing_above: int | None
    clause: str
    unconfirmed: bool


@cache
def _rule(phase_no: int, report: str) -> _Rule:
    here = (pl.col("phase_no") == phase_no) & (pl.col("report") == report)
    practice = table(FAMILY, "report_practice").filter(here)
    text = table(FAMILY, "report_items").filter(here)
    rows = practice if practice.height else text
    entries = tuple(_Entry(*r) for r in rows.select("value", "item", "averaging").iter_rows())
    bound = table(FAMILY, "publication").filter(here)["missing_above"]
    nodes = table(FAMILY, "breakpoints").filter(pl.col("phase_no") == phase_no)
    clauses = [rows["edition"][0] + " " + "、".join(rows["clause"].unique(maintain_order=True)), nodes["clause"][0]]
    if practice.height:
        clauses.append("按发布做法取六项 1 小时均值")
    return _Rule(
        entries=entries,
        seen=(practice["seen_from"][0], practice["seen_to"][0]) if practice.height else None,
        missing_above=bound.item() if len(bound) else None,
        clause="；".join(clauses),
        unconfirmed=bool(rows["unconfirmed"].any() or nodes["unconfirmed"].any()),
    )


@any_frame
def hourly_index(frame: pl.LazyFrame, *, edition: str | None = None, not_monitored: Sequence[str] = ()) -> pl.LazyFrame:
    """Give each hour its sub-indices, index (AQI), level and primary pollutants.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and hour. Reads ``time`` (local, the end of the hour; 00:00 belongs to the day before) and
        those of ``pm2_5 pm10 so2 no2 o3`` [µg/m³] and ``co`` [mg/m³] that it has.
    edition : str, optional
        Pin an edition of HJ 633; by default the one in force on each row's day.
    not_monitored : sequence of str
        Items the monitoring plan never included: their absence does not hold back the index.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``iaqi_<item>``, ``aqi``, ``level`` [1–6], ``primary_pollutants``,
        ``edition``, ``phase``, ``clause``, ``unconfirmed``, ``reason``.

    Raises
    ------
    MissingColumnError
        When `frame` has no ``time``.
    NoEditionError
        When there is no such edition.
    UnknownNameError
        When `not_monitored` names what is no item.

    References
    ----------
    HJ 633-2012, 5.1.3, and the published practice (table ``report_practice``); HJ 633-2026, 4.2.3 and 5.3.

    Examples
    --------
    >>> from datetime import datetime
    >>> hours = pl.LazyFrame({"time": [datetime(2020, 4, 1, 8)], "pm2_5": [36.0], "co": [2.2]})
    >>> hourly_index(hours).select("aqi", "level", "primary_pollutants").collect().row(0)
    (52, 2, 'pm2_5')
    """
    need_columns(frame, "The hourly table", ["time"], hint="It is the end of the hour, local time.")
    # An hour that ends at 00:00 belongs to the day before.
    day = pl.col("time").dt.offset_by("-1us").dt.date()
    return _index(frame, "hour", day, ITEMS, edition, not_monitored)


@any_frame
def daily_index(frame: pl.LazyFrame, *, edition: str | None = None, not_monitored: Sequence[str] = ()) -> pl.LazyFrame:
    """Give each day its sub-indices, index (AQI), level and primary pollutants.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and day. Reads ``day`` and those of ``pm2_5 pm10 so2 no2`` (24-hour means), ``o3_8h`` (daily
        maximum), ``o3`` (daily maximum of the hours; enters under the 2012 edition only) [µg/m³], ``co`` [mg/m³].
    edition : str, optional
        Pin an edition of HJ 633; by default the one in force on each day.
    not_monitored : sequence of str
        Items the monitoring plan never included.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``iaqi_<item>``, ``aqi``, ``level`` [1–6], ``primary_pollutants``,
        ``good_day`` (level 1 or 2), ``edition``, ``phase``, ``clause``, ``unconfirmed``, ``reason``.

    Raises
    ------
    MissingColumnError
        When `frame` has no ``day``.
    NoEditionError
        When there is no such edition.

    References
    ----------
    HJ 633-2012, 5.1.2; HJ 633-2026, 4.2.2 and 5.3.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.LazyFrame({"day": [date(2026, 2, 28), date(2026, 3, 1)], "pm2_5": [70.0, 70.0]})
    >>> daily_index(days).select("aqi", "edition", "good_day").collect().rows()
    [(94, 'HJ 633-2012', True), (110, 'HJ 633-2026', False)]
    """
    need_columns(frame, "The daily table", ["day"])
    return _index(frame, "day", pl.col("day"), DAY_ITEMS, edition, not_monitored)


def _index(
    frame: pl.LazyFrame,
    report: str,
    day: pl.Expr,
    values: Sequence[str],
    edition: str | None,
    not_monitored: Sequence[str],
) -> pl.LazyFrame:
    pin = pins_by_family(edition, [FAMILY])[FAMILY]
    never = _never_monitored(not_monitored)
    off_hour = is_off_hour(pl.col("time")) if report == "hour" else pl.lit(False)
    results = [f"iaqi_{v}" for v in values] + list(_TAIL) + (["good_day"] if report == "day" else [])
    frame = keep_inputs(frame, results)
    present = set(frame.collect_schema().names())
    frame = as_doubles(frame, values)
    line = timeline(FAMILY)
    rules = [_rule(n, report) for n in range(len(line.phases))]
    number = pl.col("__heqing_phase_no")
    found = frame.with_columns(
        __heqing_phase_no=line.number_on(day, edition=pin),
        __heqing_in_force=line.number_on(day),
        __heqing_day=day,
    )
    usable = {v: _usable(v) if v in present else pl.lit(None, pl.Float64) for v in values}
    found = found.with_columns(
        pl.when(number.is_not_null()).then(_sub_index(report, rules, v, usable[v])).cast(pl.Int32).alias(f"iaqi_{v}")
        for v in values
    )
    highest = pl.max_horizontal([pl.col(f"iaqi_{v}") for v in values])
    return (
        found.with_columns(__heqing_highest=highest, __heqing_missing=_missing(rules, usable, never))
        .with_columns(aqi=_stated(rules))
        .with_columns(_level(), primary_pollutants=_primary(values), **_why(rules, values, usable, off_hour))
        .with_columns(_good() if report == "day" else [])
        .drop(f"__heqing_{c}" for c in ("phase_no", "in_force", "day", "highest", "missing"))
        .select(pl.all().exclude(results), *results)
    )


def _never_monitored(codes: Sequence[str]) -> set[str]:
    """Give the items meant by the codes; ozone by either of its values."""
    known = {v: "o3" if v == "o3_8h" else v for v in DAY_ITEMS}
    for code in codes:
        if code not in known:
            raise UnknownNameError("item of air", code, list(known))
    return {known[code] for code in codes}


def is_off_hour(time: pl.Expr) -> pl.Expr:
    """Say of each moment whether it is no full hour, and so the end of none.

    Parameters
    ----------
    time : polars.Expr
        Moments.

    Returns
    -------
    polars.Expr
        Boolean; false for null.

    Examples
    --------
    >>> from datetime import datetime
    >>> pl.select(is_off_hour(pl.lit(datetime(2020, 4, 1, 8, 30)))).item()
    True
    """
    return ((time.dt.minute() != 0) | (time.dt.second() != 0) | (time.dt.microsecond() != 0)).fill_null(False)


def _usable(value: str) -> pl.Expr:
    """Take a value as missing where it is negative or beyond what is possible."""
    bound = next(i.plausible_max for i in items("air") if i.code == value)
    return pl.when(pl.col(value).is_between(0, bound)).then(pl.col(value))


def _sub_index(report: str, rules: Sequence[_Rule], value: str, usable: pl.Expr) -> pl.Expr:
    """Give the sub-index of a value by each row's phase; phases with the same nodes are one expression."""
    nodes: dict[int, Steps | None] = {}
    for n, rule in enumerate(rules):
        entry = next((e for e in rule.entries if e.value == value), None)
        nodes[n] = None if entry is None else steps(n, entry.item, entry.averaging)
    number = pl.col("__heqing_phase_no")
    places = {n: index_decimals(n, report, value) for n in nodes}
    exact = by_phase(number, places, lambda decimals: entering(usable, decimals))
    nothing = pl.lit(None, pl.Int64)
    return by_phase(number, nodes, lambda found: nothing if found is None else step_index(exact, found))


def _missing(rules: Sequence[_Rule], usable: dict[str, pl.Expr], not_monitored: set[str]) -> pl.Expr:
    """List the items of the phase that have no value; ozone counts as present with either of its values."""
    per_phase = []
    for n, rule in enumerate(rules):
        values_of: dict[str, list[str]] = {}
        for entry in rule.entries:
            values_of.setdefault(entry.item, []).append(entry.value)
        gaps = [
            pl.when(pl.all_horizontal([usable[v].is_null() for v in values])).then(pl.lit(item))
            for item, values in values_of.items()
            if item not in not_monitored
        ]
        joined = pl.concat_str(gaps, separator=",", ignore_nulls=True) if gaps else pl.lit("")
        per_phase.append(pl.when(pl.col("__heqing_phase_no") == n).then(joined))
    return pl.coalesce(per_phase)


def _stated(rules: Sequence[_Rule]) -> pl.Expr:
    """Give the index, null where an item is missing and the edition then states it only above a bound."""
    held = pl.lit(False)
    for n, rule in enumerate(rules):
        if rule.missing_above is not None:
            held |= (
                (pl.col("__heqing_phase_no") == n)
                & (pl.col("__heqing_missing") != "")
                & (pl.col("__heqing_highest") <= rule.missing_above)
            )
    return pl.when(~held).then(pl.col("__heqing_highest"))


def _level() -> pl.Expr:
    bounds = table(FAMILY, "categories").filter(pl.col("phase_no") == 0)["aqi_max"].sort()
    level = pl.lit(bounds).search_sorted(pl.col("aqi").cast(pl.Int64), side="left").cast(pl.Int32) + 1
    return pl.when(pl.col("aqi").is_not_null()).then(level.clip(1, len(bounds))).alias("level")


def _good() -> list[pl.Expr]:
    good = table(FAMILY, "categories").filter(pl.col("good"))["level"].unique()
    level = pl.col("level")
    return [pl.when(level.is_not_null()).then(level.is_in(good.implode())).alias("good_day")]


def _primary(values: Sequence[str]) -> pl.Expr:
    """List the items whose sub-index is the index, only above level 1."""
    first_level = table(FAMILY, "categories").filter(pl.col("level") == 1)["aqi_max"][0]
    named = [pl.when(pl.col(f"iaqi_{v}") == pl.col("aqi")).then(pl.lit(v)) for v in values]
    return pl.when(pl.col("aqi") > first_level).then(pl.concat_str(named, separator=",", ignore_nulls=True))


def _why(
    rules: Sequence[_Rule], values: Sequence[str], usable: dict[str, pl.Expr], off_hour: pl.Expr
) -> dict[str, pl.Expr]:
    number = pl.col("__heqing_phase_no")
    home = timeline(FAMILY)
    unseen = pl.lit(False)
    for n, rule in enumerate(rules):
        if rule.seen is not None:
            unseen |= (number == n) & ~pl.col("__heqing_day").is_between(*rule.seen)
    unseen &= pl.col("aqi").is_not_null()
    resting = pl.lit(pl.Series([r.unconfirmed for r in rules])).gather(number).fill_null(False)
    has_gap = pl.col("__heqing_missing") != ""
    above = pl.concat_str(
        [
            pl.when(usable[v].is_not_null() & pl.col(f"iaqi_{v}").is_null() & _enters(rules, v)).then(pl.lit(v))
            for v in values
        ],
        separator=",",
        ignore_nulls=True,
    )
    reason = join_reasons(
        pl.when(pl.col("__heqing_day").is_null()).then(pl.lit("bad_time")),
        pl.when(pl.col("__heqing_day").is_not_null() & number.is_null()).then(pl.lit("no_edition")),
        pl.when(number.is_not_null() & pl.col("__heqing_highest").is_null()).then(pl.lit("no_items")),
        pl.when(has_gap & pl.col("__heqing_highest").is_not_null() & pl.col("aqi").is_null()).then(
            pl.format("missing_items({})", "__heqing_missing")
        ),
        pl.when(has_gap & pl.col("aqi").is_not_null()).then(pl.format("items_absent({})", "__heqing_missing")),
        pl.when(number.is_not_null() & (above != "")).then(pl.format("no_sub_index({})", above)),
        pl.when(unseen).then(pl.lit("practice_unconfirmed")),
        pl.when(pl.col("aqi").is_not_null() & number.ne_missing(pl.col("__heqing_in_force"))).then(
            pl.format("recalculated({})", home.edition_of(number))
        ),
        pl.when(off_hour).then(pl.lit("off_hour")),
    )
    return {
        "edition": home.edition_of(number),
        "phase": home.phase_of(number),
        "clause": pl.lit(pl.Series([r.clause for r in rules])).gather(number),
        "unconfirmed": unseen | resting,
        "reason": reason,
    }


def _enters(rules: Sequence[_Rule], value: str) -> pl.Expr:
    phases = [n for n, r in enumerate(rules) if any(e.value == value for e in r.entries)]
    return pl.col("__heqing_phase_no").is_in(phases)
