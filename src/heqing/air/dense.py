"""What the dense kernels of this room share: columns as arrays, rows split over cores, phases of days, words by code.

No rule stands here. Look next at `heqing.air.index` and `heqing.air.hours`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.editions import timeline
from heqing.quantities.whole import Doubles, Wholes
from heqing.tables import items

Flags: TypeAlias = npt.NDArray[np.bool_]
Days: TypeAlias = npt.NDArray[np.int32]
Small: TypeAlias = npt.NDArray[np.int8]
_Piece = TypeVar("_Piece")

# Rows a kernel takes at once: its arrays then stay in the cache of a core.
ROWS_AT_ONCE = 1 << 16
# Stands where a row has no day.
NO_DAY = np.iinfo(np.int32).min
NO_PHASE = -1
# So many different keys are sought one by one; more are sorted.
_FEW_KEYS = 24


def doubles(frame: pl.DataFrame, column: str) -> Doubles:
    """Give a column as Float64, not a number where missing; a column the frame lacks is missing throughout."""
    if column not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[column].cast(pl.Float64).to_numpy()


@cache
def possible(item: str) -> float:
    """Give the concentration of an item above which a value is taken for a fault."""
    bound = next(i.plausible_max for i in items("air") if i.code == item)
    return float("inf") if bound is None else bound


def usable(values: Doubles, item: str) -> Flags:
    """Say which values can be used; a negative or impossible one counts as missing."""
    return (values >= 0) & (values <= possible(item))


def day_numbers(days: pl.Series) -> Days:
    """Give dates as days since 1970, `NO_DAY` for null."""
    return days.cast(pl.Date).to_physical().fill_null(NO_DAY).to_numpy()


@dataclass(frozen=True)
class HourEnds:
    """Ends of hours: the day each belongs to (`NO_DAY` without a time), its hour of that day, is it no full hour."""

    days: Days
    slots: Small
    off_hour: Flags


# Microseconds of an hour.
HOUR = 3_600_000_000
_NO_TIME = np.iinfo(np.int64).min


def local_moments(times: pl.Series) -> Wholes:
    """Give times as microseconds of the local clock, the least of numbers for null."""
    if not isinstance(times.dtype, pl.Datetime):
        if times.dtype != pl.Null:
            # The door says of text what to do about it.
            raise pl.exceptions.SchemaError(f"column `time` is {times.dtype}, not a moment")
        times = times.cast(pl.Datetime("us"))
    if getattr(times.dtype, "time_zone", None) is not None:
        times = times.dt.replace_time_zone(None)
    return times.cast(pl.Datetime("us")).to_physical().fill_null(_NO_TIME).to_numpy()


def hour_ends(moments: Wholes) -> HourEnds:
    """Take moments as ends of hours; the hour that ends at 00:00 belongs to the day before."""
    hours = moments // HOUR
    off_hour = hours * HOUR != moments
    known = moments != _NO_TIME
    # Any moment after the full hour lies in the hour that began there.
    began = np.where(off_hour, hours, hours - 1)
    days = began // 24
    slots = (began - days * 24).astype(np.int8)
    return HourEnds(np.where(known, days, NO_DAY).astype(np.int32), slots, off_hour & known)


def over_cores(rows: int, work: Callable[[slice], None], *, at_once: int = ROWS_AT_ONCE) -> None:
    """Do a piece of work for all rows, some at a time, on all cores that Polars uses."""
    pieces = [slice(start, min(start + at_once, rows)) for start in range(0, rows, at_once)]
    each_on_a_core(pieces, work, worth_it=len(pieces) > 1)


def each_on_a_core(pieces: Iterable[_Piece], work: Callable[[_Piece], None], *, worth_it: bool) -> None:
    """Do a piece of work for each, on all cores that Polars uses where it is worth it; NumPy itself uses one."""
    if not worth_it:
        for piece in pieces:
            work(piece)
        return
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for _ in pool.map(work, pieces):
            pass


@cache
def _turns(family: str, edition: str | None) -> tuple[Days, Small]:
    """Give the days on which the phase in force changes, the first of all days among them, and the phase from then."""
    line = timeline(family)
    eves = [p.valid_to for _, p in line.phases if p.valid_to is not None and p.valid_to < date.max]
    turns = sorted({date.min, *(p.valid_from for _, p in line.phases), *(e + timedelta(days=1) for e in eves)})
    days = pl.Series("day", turns, dtype=pl.Date)
    numbers = pl.select(line.number_on(pl.lit(days), edition=edition)).to_series().fill_null(NO_PHASE)
    return days.to_physical().to_numpy(), numbers.cast(pl.Int8).to_numpy()


def phase_numbers(family: str, days: Days, *, edition: str | None = None) -> Small:
    """Give the place in its family's timeline of the phase that counts on each day, `NO_PHASE` where none does."""
    starts, numbers = _turns(family, edition)
    known = days != NO_DAY
    if len(days) and known.all():
        first, last = np.searchsorted(starts, [days.min(), days.max()], side="right") - 1
        if first == last:
            return np.full(len(days), numbers[first], dtype=np.int8)
    place = np.searchsorted(starts, days, side="right") - 1
    return np.where(known, numbers[np.maximum(place, 0)], NO_PHASE).astype(np.int8)


def of_phases(numbers: Small, values: Sequence[Any], missing: Any = np.nan) -> npt.NDArray[Any]:
    """Give for each row what is said of its phase; `missing` where no phase counts."""
    # The last place is also the place -1.
    return np.array([*values, missing])[numbers]


def present(name: str, values: npt.NDArray[Any], known: Flags) -> pl.Series:
    """Make a column that is null where nothing is known."""
    column = pl.Series(name, values)
    return column if known.all() else pl.select(pl.when(pl.Series(known)).then(column)).to_series()


def words(name: str, codes: npt.NDArray[np.integer[Any]], texts: Sequence[str | None]) -> pl.Series:
    """Make a column of text from the place of each row's text in a list; -1 is the last place."""
    if len(codes) and (codes == codes[0]).all():
        return pl.repeat(texts[int(codes[0])], len(codes), dtype=pl.String, eager=True).alias(name)
    places = np.where(codes < 0, len(texts) - 1, codes)
    return pl.Series(name, texts, dtype=pl.String).gather(pl.Series(places.astype(np.uint32)))


def told(name: str, keys: npt.NDArray[np.integer[Any]], tell: Callable[[int], str | None]) -> pl.Series:
    """Make a column of text from keys of which few differ; each text is made once."""
    codes = np.zeros(len(keys), dtype=np.uint32)
    found: list[int] = []
    left = np.arange(0)
    if len(keys):
        found.append(int(keys[0]))
        left = np.flatnonzero(keys != keys[0])
    while len(left) and len(found) < _FEW_KEYS:
        here = keys[left]
        same = here == here[0]
        codes[left[same]] = len(found)
        found.append(int(here[0]))
        left = left[~same]
    if len(left):
        rest, place = np.unique(keys[left], return_inverse=True)
        codes[left] = len(found) + place
        found += [int(k) for k in rest]
    return words(name, codes, [tell(k) for k in found])


def named(mask: int, names: Sequence[str]) -> str:
    """List the names whose bit is set in a mask, as the values of a reason."""
    return ",".join(n for i, n in enumerate(names) if mask >> i & 1)
