"""Items worse than the baseline class and by how much (超标项目与超标倍数).

The baseline is the class III limit, whatever the section's own target is. See `heqing.water.pollutants` for other
baselines and the three main pollutants, `heqing.water.classes` for the classes it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.quantities.rounding import divide_half_even
from heqing.water.limits import PLACES, limits
from heqing.water.practice import decimals

METHOD = "surface_water_method"
# Decimals to which multiples are put in order; equal ones keep the standard's order.
_FINE = 5


def method_number(day: pl.Expr) -> pl.Expr:
    """Give the place of each day's evaluation method in the timeline; days before the first take the first.

    Parameters
    ----------
    day : polars.Expr
        Dates.

    Returns
    -------
    polars.Expr
        Int32, never null.

    Examples
    --------
    >>> from datetime import date
    >>> pl.select(method_number(pl.lit(date(2005, 1, 1)))).item()
    0
    """
    return timeline(METHOD).number_on(day).fill_null(0)


@cache
def baselines() -> dict[int, tuple[int, int, str]]:
    """Give the baseline class of multiples, their decimals and where ties go, in every phase of the method.

    Returns
    -------
    dict
        Place in the timeline to (class, decimals, ``up`` or ``even``).

    Examples
    --------
    >>> baselines()[0]
    (3, 1, 'up')
    """
    rows = table(METHOD, "multiples").iter_rows(named=True)
    return {row["phase_no"]: (row["baseline_class"], row["decimals"], row["ties"]) for row in rows}


@cache
def _bare() -> dict[int, frozenset[str]]:
    rows = table(METHOD, "bare_items").select("phase_no", "item").rows()
    return {phase: frozenset(item for number, item in rows if number == phase) for phase in baselines()}


def baseline_class(method: pl.Expr) -> pl.Expr:
    """Give the class of the baseline in each row's phase of the method.

    Parameters
    ----------
    method : polars.Expr
        Place in the method's timeline.

    Returns
    -------
    polars.Expr
        UInt8.

    Examples
    --------
    >>> pl.select(baseline_class(pl.lit(0))).item()
    3
    """
    return by_phase(method, {k: one[0] for k, one in baselines().items()}, lambda base: pl.lit(base, pl.UInt8))


@dataclass(frozen=True)
class Exceeding:
    """The values of one item that are worse than the baseline: their rows, billionths, classes, water bodies."""

    item: str
    order: int
    rows: np.ndarray
    value: np.ndarray
    classes: np.ndarray
    body: np.ndarray  # 0 river, 1 lake, 2 not known
    limits_no: int  # places in the timelines of the standard and of the method
    method_no: int


def values_as_judged(value: np.ndarray, item: str, practice_no: int, *, is_rounded: bool) -> np.ndarray:
    """Give values that are beyond a limit as whole numbers of a billionth, rounded where the practice says so.

    Parameters
    ----------
    value : numpy.ndarray
        Doubles as measured.
    item : str
        The item's code.
    practice_no : int
        Place in the practice's timeline.
    is_rounded : bool
        Round to the item's decimals.

    Returns
    -------
    numpy.ndarray
        Int64.

    Examples
    --------
    >>> values_as_judged(np.array([6.65]), "codmn", 2, is_rounded=True).tolist()
    [6600000000]
    """
    number: np.ndarray = np.rint(value * 10**PLACES).astype(np.int64)  # as `scaled` reads it
    kept = decimals(item)
    if not is_rounded or not kept:
        return number
    # what exceeds a limit never rounds to zero, so no digit need be kept here
    unit = 10 ** (PLACES - kept.get(practice_no, next(iter(kept.values()))).decimals)
    floor, rest = np.divmod(number, unit)
    rounded: np.ndarray = (floor + ((rest * 2 > unit) | ((rest * 2 == unit) & (floor % 2 != 0)))) * unit
    return rounded


def exceedances(found: Sequence[Exceeding], height: int) -> pl.Series:
    """Say the items worse than the baseline with their multiples, worst class first, then the largest multiple.

    Parameters
    ----------
    found : sequence of Exceeding
        Of all items and stretches of days.
    height : int
        Number of rows.

    Returns
    -------
    polars.Series
        ``nh3n:1.3,tp:0.6,do``: item and multiple; an item that is named bare, or whose baseline is not known, stands
        alone after those of its class. Null where nothing exceeds.

    References
    ----------
    Family ``surface_water_method``, tables ``multiples`` and ``bare_items``.

    Examples
    --------
    >>> one = Exceeding("tp", 0, np.array([1]), np.array([260_000_000]), np.array([4]), np.array([0]), 0, 0)
    >>> exceedances([one], 2).to_list()
    [None, 'tp:0.3']
    """
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, height)
    if not found:
        return nothing
    texts: list[str] = []
    piece, limit_of = [], []
    for one in found:
        _, places, ties = baselines()[one.method_no]
        limit = _limits_of(one)
        shown = _multiples(one.value, limit, places, ties)
        is_bare = limit == 0
        distinct, place = np.unique(np.where(is_bare, -1, shown), return_inverse=True)
        piece.append(len(texts) + place)
        texts += [one.item if m < 0 else f"{one.item}:{_decimal(int(m), places)}" for m in distinct]
        limit_of.append(limit)
    rows = np.concatenate([one.rows for one in found])
    pieces = np.concatenate(piece)
    words = pl.Series(texts, dtype=pl.String)
    is_alone = np.bincount(rows, minlength=height)[rows] == 1
    said = nothing.scatter(rows[is_alone], words[pieces[is_alone]])
    if is_alone.all():
        return said
    several = ~is_alone
    order = np.concatenate([np.full(len(one.rows), one.order) for one in found])[several]
    classes = np.concatenate([one.classes for one in found])[several].astype(np.int64)
    limits_ = np.concatenate(limit_of)[several]
    value = np.concatenate([one.value for one in found])[several]
    fine = np.where(limits_ == 0, -1, _multiples(value, limits_, _FINE, "up"))
    rows, pieces = rows[several], pieces[several]
    sorted_ = np.lexsort((order, -fine, -classes, rows))
    rows, pieces = rows[sorted_], pieces[sorted_]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    counts = np.diff(starts, append=len(rows))
    for count in np.unique(counts):
        first = starts[counts == count]
        parts = [words[pieces[first + k]].alias(str(k)) for k in range(count)]
        said = said.scatter(rows[first], pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=",")).to_series())
    return said


def _limits_of(one: Exceeding) -> np.ndarray:
    """Give the limit that the multiples of each row refer to, in billionths; 0 where the item stands bare."""
    if one.item in _bare()[one.method_no]:
        return np.zeros(len(one.value), dtype=np.int64)
    base = baselines()[one.method_no][0]
    of = {body: _baseline_of(one.item, body, one.limits_no, base) for body in ("river", "lake")}
    if not _depends_on_body(one.item):
        return np.full(len(one.value), of["river"], dtype=np.int64)
    by_body: np.ndarray = np.array([of["river"], of["lake"], 0], dtype=np.int64)[one.body]
    return by_body


@cache
def _baseline_of(item: str, body: str, limits_no: int, base: int) -> int:
    known = {k: of[item, body] for k, of in limits().items() if (item, body) in of}
    return known.get(limits_no, next(iter(known.values()))).classes[base - 1]


def _multiples(value: np.ndarray, limit: np.ndarray, places: int, ties: str) -> np.ndarray:
    """Give multiples as `multiple` does, for values above their limit; where there is no limit the number says nothing.

    Values below ten million times a unit stay within whole numbers of 64 bits.
    """
    safe = np.maximum(limit, 1)
    excess = (value - limit) * 10**places
    floor, rest = np.divmod(excess, safe)
    twice = rest * 2
    found: np.ndarray = floor + (
        (twice >= safe) if ties == "up" else (twice > safe) | ((twice == safe) & (floor % 2 != 0))
    )
    return found


def _decimal(number: int, places: int) -> str:
    return f"{number // 10**places}.{number % 10**places:0{places}}" if places else str(number)


def multiple(value: pl.Expr, limit: pl.Expr, places: int, ties: str) -> pl.Expr:
    """Give by how many times a value exceeds a limit, whichever limit is the baseline (超标倍数).

    Parameters
    ----------
    value : polars.Expr
        Whole numbers of a billionth.
    limit : polars.Expr
        The baseline in billionths: the class III limit, the section's own target, an interim one.
    places : int
        Decimals of the multiple.
    ties : str
        Where a tie goes: ``up`` or ``even``.

    Returns
    -------
    polars.Expr
        Whole numbers of 10**-places.

    Examples
    --------
    >>> pl.select(multiple(pl.lit(260), pl.lit(200), 1, "up")).item()
    3
    """
    limit = limit.cast(pl.Int64)
    excess: pl.Expr = (value.cast(pl.Int64) - limit) * 10**places
    if ties == "even":
        return divide_half_even(excess, limit)
    nearest: pl.Expr = (excess * 2 + limit) // (limit * 2)  # whole numbers, so nothing is lost
    return nearest


def last_unit(item: str) -> pl.Expr:
    """Give the unit of the last decimal to which an item is rounded, 1 where it never is.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    polars.Expr
        Int64, billionths; reads the place ``_practice`` of each row.

    Examples
    --------
    >>> pl.DataFrame({"_practice": [2]}).select(last_unit("nh3n")).item()
    10000000
    """
    units = {k: 10 ** (PLACES - to.decimals) for k, to in decimals(item).items()} or {0: 1}
    return by_phase(pl.col("_practice"), units, lambda unit: pl.lit(unit, pl.Int64))


def multiple_text(number: pl.Expr, places: int) -> pl.Expr:
    """Write a multiple with its decimals.

    Parameters
    ----------
    number : polars.Expr
        Whole numbers of 10**-places, not negative.
    places : int
        Decimals.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> pl.select(multiple_text(pl.lit(13), 1)).item()
    '1.3'
    """
    unit = 10**places
    if not places:
        return number.cast(pl.String)
    fraction = (number % unit).cast(pl.String).str.zfill(places)
    return pl.concat_str((number // unit).cast(pl.String), pl.lit("."), fraction)


@cache
def _depends_on_body(item: str) -> bool:
    return any(of.get((item, "river")) != of.get((item, "lake")) for of in limits().values())
