"""Hours of places laid side by side: a row for each place and day that has any, a column for each of its 24 hours.

It finds which rows stand for the same hour and whether they agree; it makes no mean. Rows that are sorted, complete and
without repeats are taken as they stand. Look next at `heqing.air.daily`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.air.dense import NO_DAY, Days, Flags, doubles, hour_ends, local_moments, over_cores
from heqing.quantities.whole import Doubles, Wholes
from heqing.tables import items

HOURS = 24
# A table of all places and days is made while it has at most so many cells, or so many for each row.
_TABLE, _TABLE_OF_A_ROW = 4_000_000, 8
# With more runs than a part of the rows, places are sought row by row.
_RUNS = 4

Places = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Repeats:
    """Rows that share place and moment with others: their order, where each group begins, its row of the grid."""

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    rows: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp] | None

    def agreed(self, values: Doubles) -> tuple[Doubles, Flags]:
        """Give the one value of each group, none where its rows disagree, and whether they do."""
        sorted_values = values[self.order]
        least, most = np.fmin.reduceat(sorted_values, self.starts), np.fmax.reduceat(sorted_values, self.starts)
        return np.where(least == most, least, np.nan), least < most


@dataclass(frozen=True)
class HourGrid:
    """Where the hours of a frame lie in a grid, and what is known of its rows before any value is looked at.

    `places` are the places in order; `place` and `days` [days since 1970] name each row of the grid; `hours` and
    `off_hour` count the distinct full hours and other moments of each.
    """

    places: pl.DataFrame
    place: Places
    days: Days
    hours: npt.NDArray[np.int32]
    off_hour: npt.NDArray[np.int32]
    _kept: npt.NDArray[np.intp] | None
    _cells: npt.NDArray[np.intp] | None
    _repeats: tuple[_Repeats, ...]

    def lay(self, frame: pl.DataFrame, item: str) -> tuple[Doubles, Flags]:
        """Lay an item out.

        Parameters
        ----------
        frame : polars.DataFrame
            The rows the grid was made from.
        item : str
            A column of Float64.

        Returns
        -------
        numpy.ndarray
            One value for each row and hour of the grid, not a number where there is none, or none that counts:
            negative, beyond what is possible, or contradicted.
        numpy.ndarray
            For each moment that has several rows, whether they disagree.
        """
        bound = next(i.plausible_max for i in items("air") if i.code == item)
        values = doubles(frame, item)
        usable = np.empty(len(values))

        def use(piece: slice) -> None:
            here = values[piece]
            usable[piece] = np.where((here >= 0) & (here <= bound), here, np.nan)

        over_cores(len(values), use)
        if self._kept is not None:
            usable = usable[self._kept]
        found = [repeats.agreed(usable) for repeats in self._repeats]
        if self._cells is None:
            laid = usable
        else:
            laid = np.full(len(self.days) * HOURS, np.nan)
            full = self._cells >= 0
            laid[self._cells if full.all() else self._cells[full]] = usable if full.all() else usable[full]
        for repeats, (value, _) in zip(self._repeats, found, strict=True):
            if repeats.cells is not None:
                laid[repeats.cells] = value
        disagree = np.concatenate([d for _, d in found]) if found else np.zeros(0, dtype=bool)
        return laid.reshape(-1, HOURS), disagree

    def conflicts(self, disagree: Flags) -> npt.NDArray[np.int32]:
        """Count for each row of the grid the moments whose rows disagree in any item."""
        rows = np.concatenate([r.rows for r in self._repeats]) if self._repeats else np.zeros(0, dtype=np.intp)
        return np.bincount(rows[disagree], minlength=len(self.days)).astype(np.int32)


def grid_of_hours(frame: pl.DataFrame, keys: Sequence[str]) -> HourGrid:
    """Find where the rows of a frame lie in a grid of places, days and hours.

    Parameters
    ----------
    frame : polars.DataFrame
        Reads ``time`` (end of the hour, local) and `keys`. Rows without a time have no place in the grid.
    keys : sequence of str
        Columns that name a place.

    Returns
    -------
    HourGrid
        The grid.
    """
    moments = local_moments(frame["time"])
    place, places = place_numbers(frame, keys)
    kept: npt.NDArray[np.intp] | None = None
    if frame["time"].null_count():
        kept = frame["time"].is_not_null().arg_true().to_numpy().astype(np.intp)
        moments, place = moments[kept], place[kept]
    rows = len(moments)
    if not rows:
        none, empty = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.intp)
        return HourGrid(places, none, none, none, none, kept, empty, ())
    days, slots = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.int8)
    off_hour = np.empty(rows, dtype=bool)

    def tell(piece: slice) -> None:
        ends = hour_ends(moments[piece])
        days[piece], slots[piece], off_hour[piece] = ends.days, ends.slots, ends.off_hour

    over_cores(rows, tell)
    row, row_place, row_day = _rows_of_grid(place, days, places.height)
    height = len(row_day)
    cells = np.empty(rows, dtype=np.intp)

    def seek(piece: slice) -> None:
        cells[piece] = row[piece].astype(np.intp) * HOURS + slots[piece]

    over_cores(rows, seek)
    repeats: list[_Repeats] = []
    other = np.zeros(height, dtype=np.int32)
    if off_hour.any():
        cells[off_hour] = -1
        at = np.flatnonzero(off_hour)
        moment = _groups(at, row[at], moments[at])
        repeats.append(moment)
        other = np.bincount(moment.rows, minlength=height).astype(np.int32)
    if rows == height * HOURS and bool((cells == np.arange(rows)).all()):
        hours = np.full(height, HOURS, dtype=np.int32)
        return HourGrid(places, row_place, row_day, hours, other, kept, None, tuple(repeats))
    full = cells if not off_hour.any() else cells[~off_hour]
    taken = np.zeros(height * HOURS, dtype=bool)
    taken[full] = True
    hours = taken.reshape(-1, HOURS).sum(axis=1, dtype=np.int32)
    if int(hours.sum()) < len(full):
        often = np.bincount(full, minlength=height * HOURS) > 1
        at = np.flatnonzero(often[cells] & (cells >= 0))
        repeats.append(_groups(at, row[at], cells[at], in_grid=True))
    return HourGrid(places, row_place, row_day, hours, other, kept, cells, tuple(repeats))


def _groups(at: npt.NDArray[np.intp], rows: Places, moments: Wholes, *, in_grid: bool = False) -> _Repeats:
    """Group rows by row of the grid and moment."""
    order = np.lexsort((moments, rows))
    moment, row = moments[order], rows[order]
    starts = np.flatnonzero(np.concatenate([[True], (moment[1:] != moment[:-1]) | (row[1:] != row[:-1])]))
    return _Repeats(at[order], starts, row[starts].astype(np.intp), moment[starts] if in_grid else None)


def place_numbers(frame: pl.DataFrame, keys: Sequence[str]) -> tuple[Places, pl.DataFrame]:
    """Number the places of a frame in the order of their names.

    Parameters
    ----------
    frame : polars.DataFrame
        Reads `keys`.
    keys : sequence of str
        Columns that name a place; null is a name too.

    Returns
    -------
    numpy.ndarray
        Int32, the number of each row's place.
    polars.DataFrame
        The places, in order.

    Examples
    --------
    >>> numbers, places = place_numbers(pl.DataFrame({"city": ["b", "a", "b"]}), ["city"])
    >>> numbers.tolist(), places["city"].to_list()
    ([1, 0, 1], ['a', 'b'])
    """
    named = frame.select(keys)
    changes = named.select(pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))).to_series()
    starts = changes.arg_true()
    if len(starts) == 0 or starts[0] != 0:
        starts = pl.concat([pl.Series([0], dtype=starts.dtype), starts]).head(frame.height)
    runs = len(starts) * _RUNS < frame.height
    heads = named[starts] if runs else named
    places = heads.unique().sort(keys)
    numbered = places.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("\0number"))
    # The left side keeps its order.
    number = heads.join(numbered, on=list(keys), how="left", nulls_equal=True, maintain_order="left")["\0number"]
    found: Places = number.to_numpy()
    if runs:
        found = np.repeat(found, np.diff(np.append(starts.to_numpy(), frame.height)))
    return found, places


def _rows_of_grid(place: Places, days: Days, count: int) -> tuple[Places, Places, Days]:
    """Number the pairs of place and day that occur, in order: the number of each row; place and day of each pair."""
    first = int(days.min())
    span = int(days.max()) - first + 1
    pair = place.astype(np.int64) * span + (days - first)
    if count * span <= max(_TABLE, _TABLE_OF_A_ROW * len(days)):
        occurs = np.zeros(count * span, dtype=bool)
        occurs[pair] = True
        pairs = np.flatnonzero(occurs)
        number = (np.cumsum(occurs, dtype=np.int32) - 1)[pair]
    else:
        pairs, inverse = np.unique(pair, return_inverse=True)
        number = inverse.astype(np.int32)
    return number, (pairs // span).astype(np.int32), (pairs % span + first).astype(np.int32)
