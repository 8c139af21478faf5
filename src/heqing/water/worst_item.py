"""Classes of many samples at once (单因子评价): columns as dense arrays, text made once per distinct answer.

A value is held against a limit as the double it came as, for which each limit is turned into a double once; a set of
items is one whole number until it is written. See `heqing.water.classes` for the rule as it is called,
`heqing.water.limits` for limits and `heqing.water.exceedance` for multiples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import polars as pl

from heqing.editions import table, timeline
from heqing.water.bodies import body_type
from heqing.water.exceedance import METHOD, Exceeding, baselines, exceedances, values_as_judged
from heqing.water.limits import FAMILY, first_double, limits, steps
from heqing.water.practice import FAMILY as PRACTICE
from heqing.water.practice import decimals, practices
from heqing.water.samples import ceiling
from heqing.water.wording import said_sets, set_names

RIVER, LAKE, UNKNOWN = 0, 1, 2  # kinds of water body
RESULTS: dict[str, pl.DataType] = {
    "water_class": pl.Int64(),
    "deciding_items": pl.String(),
    "exceedance": pl.String(),
    "judged_items": pl.String(),
    "rounding": pl.String(),
    "edition": pl.String(),
    "phase": pl.String(),
    "clause": pl.String(),
    "unconfirmed": pl.Boolean(),
    "reason": pl.String(),
}
_ROWS_AT_ONCE = 1 << 17
_Place = slice | np.ndarray  # some of the rows at hand
_CLASSES = pl.Series([None, 1, 2, 3, 4, 5, 6], dtype=pl.Int64)
_ROUNDINGS = pl.Series([None, "raw", "rounded"], dtype=pl.String)
_USUAL = pl.Series([None, *(f"rounding_practice_unknown(rounded={w})" for w in ("none", 1, 2, 3, 4, 5, 6))])
# reasons that name items, in the order in which they are said; the last is said after all others
_CODES = (
    "not_a_number",
    "negative_value",
    "impossible_value",
    "detection_limit_too_high",
    "body_type_unknown",
    "rounding_unconfirmed",
)


@dataclass(frozen=True)
class Rule:
    """What a call of the rule asks: its items in the standard's order, those that may lie below detection, and pins."""

    items: tuple[str, ...]
    below: frozenset[str]
    edition: str | None
    rounding: str


@dataclass(frozen=True)
class Stretch:
    """Days on which one phase each of standard, method and practice counts; `limits` is None without a standard."""

    limits: int | None
    method: int
    practice: int


@dataclass(frozen=True)
class Bounds:
    """Where the class of an item changes, in doubles: values from `at` on, or under `under`, are worse by a weight."""

    at: tuple[tuple[float, int], ...]
    under: tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class _Column:
    """One item of some rows: its values, which of them are measurements, which lie below detection."""

    item: str
    value: np.ndarray
    valid: np.ndarray
    below: np.ndarray | None
    is_faultless: bool

    def some(self, at: _Place) -> _Column:
        """Take some of the rows."""
        below = None if self.below is None else self.below[at]
        return _Column(self.item, self.value[at], self.valid[at], below, self.is_faultless)


@dataclass
class _Found:
    """What is found out about each row, as whole numbers, before it is written."""

    section: np.ndarray
    deciding: np.ndarray
    judged: np.ndarray
    stretch: np.ndarray
    is_rounded: np.ndarray
    is_doubtful: np.ndarray
    is_empty: np.ndarray
    other: np.ndarray  # the class in the other reading and one more; 0 where only one reading counts
    sets: dict[str, np.ndarray]  # by the code of a reason, the items it names
    beyond: list[Exceeding]


@dataclass(frozen=True)
class _Answer:
    """The classes of each item in one reading, 0 where there is none; `worst` differs where the body is not known."""

    best: list[np.ndarray]
    worst: list[np.ndarray]
    section: np.ndarray
    too_high: dict[int, np.ndarray]  # by the item's place: a detection limit too high to tell anything


@cache
def stretches(edition: str | None) -> tuple[tuple[int, ...], tuple[Stretch, ...]]:
    """Cut time where a phase of the standard, the method or the rounding practice begins or ends.

    Parameters
    ----------
    edition : str or None
        Pin an edition of the standard.

    Returns
    -------
    (tuple of int, tuple of Stretch)
        Days since 1970 on which a stretch begins, but for the first, which has no beginning; the stretches.

    Raises
    ------
    NoEditionError
        When the standard has no edition of that name.

    Examples
    --------
    >>> starts, found = stretches(None)
    >>> len(found) - len(starts), found[0].limits, found[-1].limits
    (1, None, 0)
    """
    lines = {name: timeline(name) for name in (FAMILY, METHOD, PRACTICE)}
    changes: set[date] = set()
    for line in lines.values():
        for _, phase in line.phases:
            changes |= {phase.valid_from} | ({phase.valid_to + timedelta(days=1)} if phase.valid_to else set())
    days = pl.DataFrame({"day": [min(changes) - timedelta(days=1), *sorted(changes)]})
    number = {
        name: days.select(line.number_on(pl.col("day"), edition=edition if name == FAMILY else None))
        .to_series()
        .to_list()
        for name, line in lines.items()
    }
    found = [Stretch(number[FAMILY][i], number[METHOD][i] or 0, number[PRACTICE][i] or 0) for i in range(days.height)]
    return tuple(days["day"].to_physical()[1:].to_list()), tuple(found)


@cache
def bounds(item: str, body: str, stretch: Stretch, *, is_rounded: bool) -> Bounds:
    """Give where the class of an item changes on some days.

    Parameters
    ----------
    item : str
        The item's code.
    body : str
        ``river`` or ``lake``.
    stretch : Stretch
        The days.
    is_rounded : bool
        Values are rounded before they are judged.

    Returns
    -------
    Bounds
        For values as measured.

    Examples
    --------
    >>> found = bounds("ph", "river", stretches(None)[1][-1], is_rounded=False)
    >>> found.at[0][0] > 9.0, found.under[0][0] <= 6.0
    (True, True)
    """
    known = {k: all_[item, body] for k, all_ in limits().items() if (item, body) in all_}
    limit = known.get(stretch.limits or 0, next(iter(known.values())))
    kept = decimals(item)
    to = kept.get(stretch.practice, next(iter(kept.values()))) if kept and is_rounded else None
    found = steps(limit, to.decimals, keep_digit=to.keep_digit) if to else steps(limit, None)
    return Bounds(
        tuple((first_double(bound + 1), weight) for bound, weight in found.above),
        tuple((first_double(bound), weight) for bound, weight in found.below),
    )


@cache
def differs_by_body(item: str) -> bool:
    """Say whether rivers and lakes have different limits for an item.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    bool
        True for total phosphorus.

    Examples
    --------
    >>> differs_by_body("tp"), differs_by_body("nh3n")
    (True, False)
    """
    return any(of.get((item, "river")) != of.get((item, "lake")) for of in limits().values())


def bodies(words: pl.Series) -> np.ndarray:
    """Give the kind of water body of each word: few words on many rows.

    Parameters
    ----------
    words : polars.Series
        Text as received.

    Returns
    -------
    numpy.ndarray
        UInt8: `RIVER`, `LAKE` or `UNKNOWN`.

    Examples
    --------
    >>> bodies(pl.Series(["水库", None, " River"])).tolist()
    [1, 2, 0]
    """
    known = words.drop_nulls().unique()
    if known.is_empty():
        return np.full(words.len(), UNKNOWN, dtype=np.uint8)
    kind = body_type(pl.col("word")).replace_strict(
        {"river": RIVER, "lake": LAKE}, default=UNKNOWN, return_dtype=pl.UInt8
    )
    codes = known.to_frame("word").select(kind).to_series()
    if known.len() == 1 and not words.null_count():
        return np.full(words.len(), codes[0], dtype=np.uint8)
    return words.replace_strict(known, codes, default=UNKNOWN, return_dtype=pl.UInt8).to_numpy()


def judge(rows: pl.Series, rule: Rule) -> pl.Series:
    """Judge samples.

    Parameters
    ----------
    rows : polars.Series
        Structs of ``_day`` (days since 1970, null without a date), ``_word`` for the water body, the items as doubles
        and their ``<item>_below``.
    rule : Rule
        What is asked.

    Returns
    -------
    polars.Series
        Structs of `RESULTS`, row for row.

    Examples
    --------
    >>> row = {"_day": 18_000, "_word": "river", "tp": 0.11}
    >>> judge(pl.Series([row]), Rule(("tp",), frozenset(), None, "auto")).struct.field("water_class").item()
    3
    """
    frame = rows.struct.unnest()
    parts = [
        _written(_found(frame.slice(first, _ROWS_AT_ONCE), rule), rule)
        for first in range(0, frame.height, _ROWS_AT_ONCE)
    ]
    return (pl.concat(parts) if parts else pl.DataFrame(schema=RESULTS)).to_struct(rows.name)


def _found(rows: pl.DataFrame, rule: Rule) -> _Found:
    """Judge rows, those of each stretch of days together."""
    height = rows.height
    starts, known = stretches(rule.edition)
    columns = [_column(rows[i], rows[f"{i}_below"] if i in rule.below else None) for i in rule.items]
    body = bodies(rows["_word"])
    place = np.zeros(height, dtype=np.uint8)
    undated = rows["_day"].is_null().to_numpy() if rows["_day"].null_count() else None
    day = (rows["_day"] if undated is None else rows["_day"].fill_null(0)).to_numpy()
    for start in starts:
        place += (day >= start).view(np.uint8)
    if undated is not None:
        place[undated] = len(known)
    sets = np.uint8 if len(columns) <= 8 else np.uint16 if len(columns) <= 16 else np.uint32
    found = _Found(
        section=np.zeros(height, dtype=np.uint8),
        deciding=np.zeros(height, dtype=sets),
        judged=np.zeros(height, dtype=sets),
        stretch=place,
        is_rounded=np.zeros(height, dtype=bool),
        is_doubtful=np.zeros(height, dtype=bool),
        is_empty=np.zeros(height, dtype=bool),
        other=np.zeros(height, dtype=np.uint8),
        sets=_faults(rows, columns),
        beyond=[],
    )
    for number, at in _places(place):
        if number < len(known) and known[number].limits is not None:
            _judge(found, at, known[number], [c.some(at) for c in columns], body[at], rule)
    return found


def _places(number: np.ndarray) -> Iterator[tuple[int, _Place]]:
    """Find the rows of each number: as slices where they lie together, which copies nothing."""
    edges = np.flatnonzero(np.diff(number)) + 1
    present = np.flatnonzero(np.bincount(number))
    if len(edges) < 4 * len(present):
        for first, last in pairwise([0, *edges.tolist(), len(number)]):
            yield int(number[first]), slice(first, last)
    else:
        for one in present.tolist():
            yield one, np.flatnonzero(number == one)


def _judge(
    found: _Found, at: _Place, stretch: Stretch, columns: Sequence[_Column], body: np.ndarray, rule: Rule
) -> None:
    """Judge some rows whose days lie in one stretch, and note what is found."""
    judged_on, stated_on = practices()[stretch.practice]
    is_rounded = rule.rounding == "rounded" or (rule.rounding == "auto" and stated_on == "rounded")
    answer = _read(columns, body, stretch, [is_rounded] * len(columns))
    section = answer.section
    doubtful = _detection_matters(answer, columns)
    if rule.rounding == "auto" and judged_on == "unknown":
        found.other[at] = _read(columns, body, stretch, [True] * len(columns)).section + 1
        doubtful[:] = True
    if is_rounded:
        doubtful |= _note_unconfirmed(found, at, answer, columns, body, stretch)
    deciding, judged = np.zeros_like(found.deciding[at]), np.zeros_like(found.judged[at])
    one = deciding.dtype.type
    for i, (low, high) in enumerate(zip(answer.best, answer.worst, strict=True)):
        decides = low == section if low is high else (low == section) & (high == section)
        deciding |= decides.astype(one) << one(i)
        judged |= (low > 0).astype(one) << one(i)
        if low is not high:
            _note(found.sets, "body_type_unknown", at, i, low != high)
    for i, off in answer.too_high.items():
        _note(found.sets, "detection_limit_too_high", at, i, off)
    is_judged = section > 0
    found.section[at] = section
    found.deciding[at] = deciding * is_judged
    found.judged[at] = judged * is_judged
    found.is_rounded[at] = is_rounded
    found.is_doubtful[at] = doubtful & is_judged
    found.is_empty[at] = judged == 0
    _note_beyond(found, at, answer, columns, body, stretch, is_rounded=is_rounded)


def _column(values: pl.Series, below: pl.Series | None) -> _Column:
    value = values.to_numpy()
    valid = (value >= 0.0) & (value <= ceiling(values.name))
    marks = None
    if below is not None and below.any():
        marks = (below.fill_null(False) if below.null_count() else below).to_numpy()
    is_faultless = int(np.count_nonzero(valid)) + values.null_count() == len(value)
    return _Column(values.name, value, valid, marks, is_faultless)


def _faults(rows: pl.DataFrame, columns: Sequence[_Column]) -> dict[str, np.ndarray]:
    """Find values that are no measurement, and make room for what else may be said of items."""
    sets = {code: np.zeros(rows.height, dtype=np.uint32) for code in _CODES}
    for i, column in enumerate(columns):
        if not column.is_faultless:
            unread = rows[column.item].is_nan().fill_null(False).to_numpy()
            _note(sets, "not_a_number", slice(None), i, unread)
            _note(sets, "negative_value", slice(None), i, column.value < 0)
            _note(sets, "impossible_value", slice(None), i, column.value > ceiling(column.item))
    return sets


def _note(sets: dict[str, np.ndarray], code: str, at: _Place, item: int, holds: np.ndarray) -> None:
    """Add an item to what a reason names, in the rows where it holds."""
    if holds.any():
        sets[code][at] |= holds.astype(np.uint32) << np.uint32(item)


def _classes(column: _Column, of: Bounds) -> np.ndarray:
    """Give the class 1–6 of each value, 0 where there is none."""
    total = column.valid.astype(np.uint8)
    for at, weight in of.at:
        worse = (column.value >= at).view(np.uint8)
        total += worse if weight == 1 else worse * np.uint8(weight)
    for under, weight in of.under:
        worse = (column.value < under).view(np.uint8)
        total += worse if weight == 1 else worse * np.uint8(weight)
    if not column.is_faultless:
        total *= column.valid.view(np.uint8)
    return total


def _item(column: _Column, body: np.ndarray, stretch: Stretch, is_rounded: bool) -> tuple[np.ndarray, np.ndarray]:
    """Give the class of an item by the better and by the worse of the tables that its body may fall under."""
    river = bounds(column.item, "river", stretch, is_rounded=is_rounded)
    if not differs_by_body(column.item):
        found = _classes(column, river)
        return found, found
    by_river = _classes(column, river)
    by_lake = _classes(column, bounds(column.item, "lake", stretch, is_rounded=is_rounded))
    known = np.where(body == LAKE, by_lake, by_river)
    if not (unknown := body == UNKNOWN).any():
        return known, known
    low, high = np.minimum(by_river, by_lake), np.maximum(by_river, by_lake)
    return np.where(unknown, low, known), np.where(unknown, high, known)


def _read(
    columns: Sequence[_Column],
    body: np.ndarray,
    stretch: Stretch,
    is_rounded: Sequence[bool],
    known: tuple[_Answer, Sequence[bool]] | None = None,
) -> _Answer:
    """Judge rows with each item rounded or not; what `known` has read in the same way is taken from it."""
    worst_class = int(table(METHOD, "detection")["worst_class"][0])
    best, worst, too_high = [], [], {}
    for i, column in enumerate(columns):
        if known is not None and known[1][i] == is_rounded[i]:
            low, high = known[0].best[i], known[0].worst[i]
            if i in known[0].too_high:
                too_high[i] = known[0].too_high[i]
        else:
            low, high = _item(column, body, stretch, is_rounded[i])
            if column.below is not None and (off := column.below & (high > worst_class)).any():
                too_high[i] = off
                low, high = np.where(off, 0, low).astype(np.uint8), np.where(off, 0, high).astype(np.uint8)
        best.append(low)
        worst.append(high)
    return _Answer(best, worst, _section(best, worst), too_high)


def _section(best: Sequence[np.ndarray], worst: Sequence[np.ndarray]) -> np.ndarray:
    """Take the worst item; none where it hangs on a water body of unknown kind."""
    top = best[0].copy()
    for one in best[1:]:
        np.maximum(top, one, out=top)
    if any(low is not high for low, high in zip(best, worst, strict=True)):
        top[top != np.maximum.reduce(list(worst))] = 0
    return top


def _detection_matters(answer: _Answer, columns: Sequence[_Column]) -> np.ndarray:
    """Say whether a detection limit alone gives the class, or an item fell out because of one."""
    section = answer.section
    none = np.zeros(len(section), dtype=bool)
    if not table(METHOD, "detection")["unconfirmed"].any() or all(c.below is None for c in columns):
        return none
    sure = np.zeros(len(section), dtype=np.uint8)
    for column, found in zip(columns, answer.best, strict=True):
        np.maximum(sure, found if column.below is None else found * ~column.below, out=sure)
    matters = (section > 1) & (sure < section)
    for off in answer.too_high.values():
        matters |= off
    return matters


def _note_unconfirmed(
    found: _Found,
    at: _Place,
    answer: _Answer,
    columns: Sequence[_Column],
    body: np.ndarray,
    stretch: Stretch,
) -> np.ndarray:
    """Find where decimals that are not confirmed change the class of the section, and of which items."""
    kept = [decimals(c.item) for c in columns]
    is_confirmed = [not (k and k.get(stretch.practice, next(iter(k.values()))).unconfirmed) for k in kept]
    confirmed = _read(columns, body, stretch, is_confirmed, known=(answer, [True] * len(columns)))
    matters: np.ndarray = confirmed.section != answer.section
    if matters.any():
        for i, (one, other) in enumerate(zip(confirmed.best, answer.best, strict=True)):
            if one is not other:
                _note(found.sets, "rounding_unconfirmed", at, i, matters & (one != other) & (one > 0) & (other > 0))
    return matters


def _note_beyond(
    found: _Found,
    at: _Place,
    answer: _Answer,
    columns: Sequence[_Column],
    body: np.ndarray,
    stretch: Stretch,
    *,
    is_rounded: bool,
) -> None:
    """Note the items worse than the baseline, in the rows that are."""
    base = baselines()[stretch.method][0]
    beyond = np.flatnonzero(answer.section > base)
    if not len(beyond):
        return
    for order, (column, classes) in enumerate(zip(columns, answer.best, strict=True)):
        some = beyond[classes[beyond] > base]
        if len(some):
            value = values_as_judged(column.value[some], column.item, stretch.practice, is_rounded=is_rounded)
            rows = some + (at.start or 0) if isinstance(at, slice) else at[some]
            found.beyond.append(
                Exceeding(
                    column.item, order, rows, value, classes[some], body[some], stretch.limits or 0, stretch.method
                )
            )


@cache
def _clauses() -> dict[int, str]:
    rows = table(FAMILY, "limits").filter("judged").group_by("phase_no", maintain_order=True)
    return {
        int(k): "；".join(of) for k, of in rows.agg(pl.col("clause").drop_nulls().unique(maintain_order=True)).rows()
    }


def _written(found: _Found, rule: Rule) -> pl.DataFrame:
    """Write what was found: every text once, then by its number to the rows."""
    _, known = stretches(rule.edition)
    phases = timeline(FAMILY).phases
    places = [None if s.limits is None else s.limits for s in known] + [None]

    def of_stretch(texts: Sequence[str | None]) -> pl.Series:
        return pl.Series(texts, dtype=pl.String)[found.stretch]

    in_force = np.array([p is not None for p in places])[found.stretch]
    clauses = pl.Series([None, *(None if p is None else _clauses().get(p) for p in places)], dtype=pl.String)
    written = {
        "water_class": _CLASSES[found.section],
        "deciding_items": said_sets(found.deciding, rule.items),
        "exceedance": exceedances(found.beyond, len(found.section)),
        "judged_items": said_sets(found.judged, rule.items),
        "rounding": _ROUNDINGS[np.where(in_force, found.is_rounded.view(np.uint8) + 1, 0)],
        "edition": of_stretch([None if p is None else phases[p][0].number for p in places]),
        "phase": of_stretch([None if p is None else phases[p][1].key for p in places]),
        "clause": clauses[np.where(found.section > 0, found.stretch + 1, 0)],
        "unconfirmed": pl.Series(found.is_doubtful),
        "reason": _reasons(found, rule, in_force),
    }
    return pl.DataFrame([written[c].alias(c) for c in RESULTS])


def _reasons(found: _Found, rule: Rule, in_force: np.ndarray) -> pl.Series:
    """Say why rows have no class or a doubtful one; most say nothing, or the same."""
    usual = _USUAL[np.where(found.section > 0, found.other, 0)]
    needed = found.section == 0
    for of in found.sets.values():
        needed |= of > 0
    few = np.flatnonzero(needed)
    if not len(few):
        return usual
    undated = len(stretches(rule.edition)[1])
    told = pl.DataFrame(
        {
            **{code: of[few] for code, of in found.sets.items()},
            "other": np.where(found.section[few] > 0, found.other[few], 0),
            "is_empty": found.is_empty[few],
            "is_outside": ~in_force[few],
            "is_undated": found.stretch[few] == undated,
        }
    )
    distinct = told.unique()
    text = pl.Series("text", [_reason(row, rule.items) for row in distinct.iter_rows(named=True)], dtype=pl.String)
    said = told.join(distinct.with_columns(text), on=told.columns, how="left", maintain_order="left")["text"]
    return usual.scatter(few, said)


def _reason(told: dict[str, int], items: Sequence[str]) -> str | None:
    """Write the reason of one distinct answer."""
    if told["is_outside"]:
        return "bad_time" if told["is_undated"] else "no_edition"
    said = [f"{code}({set_names(told[code], items)})" for code in _CODES if told[code]]
    last = said.pop() if told["rounding_unconfirmed"] else None
    said += ["no_items"] if told["is_empty"] else []
    said += [str(_USUAL[told["other"]])] if told["other"] else []
    return ";".join([*said, *([last] if last else [])]) or None
