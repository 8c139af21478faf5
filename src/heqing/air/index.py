"""The air quality index (AQI) of an hour or of a day: sub-indices, level, primary pollutants, and why.

It reads values that are already means; daily values are made by `heqing.air.daily`. Which values enter, with which
nodes, and when an index may be stated although an item is missing are tables of family ``air_index``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.air.dense import (
    NO_DAY,
    NO_PHASE,
    Days,
    Flags,
    Small,
    day_numbers,
    doubles,
    hour_ends,
    local_moments,
    named,
    over_cores,
    phase_numbers,
    possible,
    present,
    told,
    usable,
    words,
)
from heqing.air.pins import pins_by_family
from heqing.air.steps import FAMILY, NO_INDEX, Steps, index_decimals, step_index, steps
from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import PLACES
from heqing.quantities.whole import Doubles, rounded, whole
from heqing.tables import as_doubles, keep_inputs, need_columns
from heqing.tables.door import any_frame

ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3")
DAY_ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h", "o3")
_RESULT_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(("primary_pollutants", "edition", "phase", "clause", "reason"), pl.String()),
    **dict.fromkeys(("unconfirmed", "good_day"), pl.Boolean()),
}
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
    return _index(frame, "hour", ITEMS, edition, not_monitored)


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
    return _index(frame, "day", DAY_ITEMS, edition, not_monitored)


def _index(
    frame: pl.LazyFrame,
    report: str,
    values: Sequence[str],
    edition: str | None,
    not_monitored: Sequence[str],
) -> pl.LazyFrame:
    pin = pins_by_family(edition, [FAMILY])[FAMILY]
    never = _never_monitored(not_monitored)
    results = [f"iaqi_{v}" for v in values] + list(_TAIL) + (["good_day"] if report == "day" else [])
    frame = as_doubles(keep_inputs(frame, results), values)
    schema = {**frame.collect_schema(), **{r: _RESULT_TYPES.get(r, pl.Int32()) for r in results}}
    judge = partial(_judged, report=report, values=values, pin=pin, never=frozenset(never))
    return frame.map_batches(judge, schema=schema, streamable=True)


def _never_monitored(codes: Sequence[str]) -> set[str]:
    """Give the items meant by the codes; ozone by either of its values."""
    known = {v: "o3" if v == "o3_8h" else v for v in DAY_ITEMS}
    for code in codes:
        if code not in known:
            raise UnknownNameError("item of air", code, list(known))
    return {known[code] for code in codes}


@dataclass(frozen=True)
class _Ladder:
    """The sub-index of every value with so many decimals up to the possible; the last place stands for none."""

    nodes: Steps
    decimals: int | None
    scale: int
    index: npt.NDArray[np.int16]


# Published concentrations carry at most one decimal; others are sought among the nodes.
_PRINTED_DECIMALS = 1
# Stands in arrays of sub-indices where there is no value, or the value does not enter.
_NO_VALUE = -1
_NOT_ENTERING = -3


@cache
def _ladder(phase_no: int, report: str, entry: _Entry) -> _Ladder:
    nodes = steps(phase_no, entry.item, entry.averaging)
    decimals = index_decimals(phase_no, report, entry.value)
    scale = 10 ** (_PRINTED_DECIMALS if decimals is None else decimals)
    every = np.arange(int(possible(entry.value) * scale) + 1, dtype=np.int64) * (10**PLACES // scale)
    return _Ladder(nodes, decimals, scale, np.append(step_index(every, nodes), np.int16(_NO_VALUE)))


def _climbed(values: Doubles, given: Flags, ladder: _Ladder) -> npt.NDArray[np.int16]:
    """Give the sub-index of each value, `_NO_VALUE` where none is given that can be used."""
    nowhere = len(ladder.index) - 1
    if ladder.decimals is None:
        place = np.rint(values * ladder.scale)
        odd = given & (place / ladder.scale != values)
    else:
        place, odd = rounded(values, ladder.decimals), None
    found = ladder.index[np.where(given, place, nowhere).astype(np.intp)]
    if odd is not None and odd.any():
        found[odd] = step_index(whole(values[odd], PLACES), ladder.nodes)
    return found


def _judged(
    frame: pl.DataFrame, *, report: str, values: Sequence[str], pin: str | None, never: frozenset[str]
) -> pl.DataFrame:
    """Judge the rows of a frame, some at a time, on all cores."""
    rows = frame.height
    given = {v: doubles(frame, v) for v in values if v in frame.columns}
    when = local_moments(frame["time"]) if report == "hour" else day_numbers(frame["day"])
    iaqi = {v: np.full(rows, _NOT_ENTERING, dtype=np.int16) for v in values}
    aqi, number = np.empty(rows, dtype=np.int16), np.empty(rows, dtype=np.int8)
    primary, keys = np.empty(rows, dtype=np.uint8), np.empty(rows, dtype=np.int32)
    unsure = np.empty(rows, dtype=bool)

    def judge(piece: slice) -> None:
        days, off_hour = _moments(when[piece], report)
        number[piece] = phase_numbers(FAMILY, days, edition=pin)
        in_force = None if pin is None else phase_numbers(FAMILY, days)
        for phase_no, here in _by_phase(number[piece]):
            part = _Rows(
                days=days[here],
                values={v: c[piece][here] for v, c in given.items()},
                in_force=None if in_force is None else in_force[here],
            )
            found = _nothing(part) if phase_no == NO_PHASE else _found(part, phase_no, report, values, never)
            for v, index in found.iaqi.items():
                iaqi[v][piece][here] = index
            aqi[piece][here], primary[piece][here] = found.aqi, found.primary
            keys[piece][here], unsure[piece][here] = found.key, found.unsure
        if off_hour is not None:
            keys[piece][off_hour] |= _OFF_HOUR

    over_cores(rows, judge)
    level = _levels()[aqi]
    numbers = pl.DataFrame({f"iaqi_{v}": f for v, f in iaqi.items()} | {"aqi": aqi})
    line = timeline(FAMILY)
    return frame.with_columns(
        *numbers.select(pl.when(pl.all() >= 0).then(pl.all()).cast(pl.Int32)),
        present("level", level.astype(np.int32), level > 0),
        words("primary_pollutants", primary, _mask_names(tuple(values))),
        words("edition", number, [*(e.number for e, _ in line.phases), None]),
        words("phase", number, [*(p.key for _, p in line.phases), None]),
        words("clause", number, [*(_rule(n, report).clause for n in range(len(line.phases))), None]),
        pl.Series("unconfirmed", unsure),
        told("reason", keys, partial(_reason, report=report, values=values)),
        *([present("good_day", _good_levels()[level], level > 0)] if report == "day" else []),
    )


def _moments(when: npt.NDArray[np.integer[Any]], report: str) -> tuple[Days, Flags | None]:
    """Give the day of each row, and for hours which moments end none."""
    if report == "day":
        return when.astype(np.int32, copy=False), None
    ends = hour_ends(when.astype(np.int64, copy=False))
    return ends.days, ends.off_hour


def _by_phase(numbers: Small) -> Iterator[tuple[int, Any]]:
    """Give each phase among the rows with the rows it counts for."""
    present = np.flatnonzero(np.bincount(numbers - NO_PHASE)) + NO_PHASE
    for phase_no in present.tolist():
        yield phase_no, slice(None) if len(present) == 1 else np.flatnonzero(numbers == phase_no)


@dataclass(frozen=True)
class _Rows:
    """Rows of one phase: days, concentrations, and the phase in force where another is pinned."""

    days: Days
    values: dict[str, Doubles]
    in_force: Small | None


@dataclass(frozen=True)
class _Found:
    """What is found of rows: sub-indices, index, mask of primary pollutants, key of the reason, is it unconfirmed."""

    iaqi: dict[str, npt.NDArray[np.int16]]
    aqi: npt.NDArray[np.int16]
    primary: npt.NDArray[np.uint8]
    key: npt.NDArray[np.int32]
    unsure: Flags


# The key of a reason: which items lack, which values have no sub-index, the phase, and why.
_LACKING, _ABOVE, _PHASE = 0, 8, 16
_BAD_TIME, _NO_EDITION, _NO_ITEMS, _HELD, _ABSENT, _UNSEEN, _RECALCULATED, _OFF_HOUR = (1 << b for b in range(20, 28))
_MASK = (1 << 8) - 1


def _nothing(part: _Rows) -> _Found:
    """Give rows that no phase judges."""
    rows = len(part.days)
    key = np.where(part.days == NO_DAY, _BAD_TIME, _NO_EDITION).astype(np.int32)
    return _Found({}, np.full(rows, _NO_VALUE, np.int16), np.zeros(rows, np.uint8), key, np.zeros(rows, bool))


def _found(part: _Rows, phase_no: int, report: str, values: Sequence[str], never: frozenset[str]) -> _Found:
    rule = _rule(phase_no, report)
    rows = len(part.days)
    iaqi: dict[str, npt.NDArray[np.int16]] = {}
    lacking: dict[str, Flags] = {}
    key = np.full(rows, phase_no << _PHASE, dtype=np.int32)
    highest = np.full(rows, _NO_VALUE, dtype=np.int16)
    for entry in rule.entries:
        value = part.values.get(entry.value)
        if value is None:
            given = np.zeros(rows, dtype=bool)
            index = np.full(rows, _NO_VALUE, dtype=np.int16)
        else:
            given = usable(value, entry.value)
            index = _climbed(value, given, _ladder(phase_no, report, entry))
        iaqi[entry.value] = index
        np.maximum(highest, index, out=highest)
        lacking[entry.item] = lacking[entry.item] & ~given if entry.item in lacking else ~given
        key |= (index == NO_INDEX).astype(np.int32) << (_ABOVE + values.index(entry.value))
    lacks = np.zeros(rows, dtype=np.int32)
    for bit, (item, flags) in enumerate(lacking.items()):
        if item not in never:
            lacks |= flags.astype(np.int32) << (_LACKING + bit)
    gap = lacks != 0
    aqi = highest
    if rule.missing_above is not None:
        aqi = np.where(gap & (highest <= rule.missing_above), np.int16(_NO_VALUE), highest)
    stated = aqi >= 0
    key |= np.where(highest < 0, _NO_ITEMS, np.where(gap, lacks | np.where(stated, _ABSENT, _HELD), 0))
    unseen = stated & ~_seen(rule, part.days)
    key |= np.where(unseen, _UNSEEN, 0)
    if part.in_force is not None:
        key |= np.where(stated & (part.in_force != phase_no), _RECALCULATED, 0)
    primary = np.zeros(rows, dtype=np.uint8)
    for bit, v in enumerate(values):
        if v in iaqi:
            primary |= (iaqi[v] == aqi).astype(np.uint8) << bit
    primary[aqi <= _first_level()] = 0
    return _Found(iaqi, aqi, primary, key, unseen | rule.unconfirmed)


def _seen(rule: _Rule, days: Days) -> Flags | np.bool_:
    """Say on which days the practice that a rule rests on was seen."""
    if rule.seen is None:
        return np.True_
    first, last = ((d - date(1970, 1, 1)).days for d in rule.seen)
    return (days >= first) & (days <= last)


def _reason(key: int, *, report: str, values: Sequence[str]) -> str | None:
    """Say in codes what a key means."""
    phase_no = key >> _PHASE & 7
    rule = _rule(phase_no, report)
    lacking = named(key >> _LACKING & _MASK, list(dict.fromkeys(e.item for e in rule.entries)))
    above = named(key >> _ABOVE & _MASK, values)
    said = [
        "bad_time" if key & _BAD_TIME else "",
        "no_edition" if key & _NO_EDITION else "",
        "no_items" if key & _NO_ITEMS else "",
        f"missing_items({lacking})" if key & _HELD else "",
        f"items_absent({lacking})" if key & _ABSENT else "",
        f"no_sub_index({above})" if above else "",
        "practice_unconfirmed" if key & _UNSEEN else "",
        f"recalculated({timeline(FAMILY).phases[phase_no][0].number})" if key & _RECALCULATED else "",
        "off_hour" if key & _OFF_HOUR else "",
    ]
    return ";".join(s for s in said if s) or None


@cache
def _levels() -> npt.NDArray[np.int8]:
    """Give the level of every index; the last place, 0, stands for none."""
    bounds = table(FAMILY, "categories").filter(pl.col("phase_no") == 0)["aqi_max"].sort().to_numpy()
    every = np.searchsorted(bounds, np.arange(bounds[-1] + 1), side="left") + 1
    return np.append(every, 0).astype(np.int8)


@cache
def _good_levels() -> Flags:
    """Say of every level, from 0 on, whether a day of it is good."""
    good = table(FAMILY, "categories").filter(pl.col("good"))["level"].unique()
    return np.isin(np.arange(len(_levels())), good.to_numpy())


@cache
def _first_level() -> int:
    """Give the largest index of level 1, up to which no pollutant is primary."""
    return int(table(FAMILY, "categories").filter(pl.col("level") == 1)["aqi_max"][0])


@cache
def _mask_names(values: tuple[str, ...]) -> list[str | None]:
    return [named(mask, values) or None for mask in range(1 << len(values))]
