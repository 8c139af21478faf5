"""Hours of places laid side by side: a row for each place and day that has any, a column for each of its 24 hours.

It finds which rows stand for the same hour and whether they agree; it makes no mean. Rows that are sorted, complete and
without repeats are taken as they stand. Look next at `heqing.air.daily`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.air.dense import HOUR, Days, Flags, doubles, hour_ends, local_moments, over_cores, usable
from heqing.quantities.whole import Doubles, Wholes

HOURS = 24
# A table of all places and days is made while it has at most so many cells, or so many for each row.
_TABLE, _TABLE_OF_A_ROW = 4_000_000, 8

# Runs of places count as such from this many rows on, on average.
_RUN = 4

Numbers: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Repeats:
    """Rows that share place and moment with others: their order, where each group begins, its row of the grid."""

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    rows: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp] | None

    def agreed(self, values: Doubles) -> tuple[Doubles, Flags]:
        """Give of values in that order the one of each group, none where its rows disagree, and whether they do."""
        least, most = np.fmin.reduceat(values, self.starts), np.fmax.reduceat(values, self.starts)
        return np.where(least == most, least, np.nan), least < most


@dataclass(frozen=True)
class HourGrid:
    """Where the hours of a frame lie in a grid, and what is known of its rows before any value is looked at.

    `places` are the places in order; `place` and `days` [days since 1970] name each row of the grid; `hours` and
    `off_hour` count the distinct full hours and other moments of each.
    """

    places: pl.DataFrame
    place: Numbers
    days: Days
    hours: Numbers
    off_hour: Numbers
    _cells: npt.NDArray[np.intp] | None = None
    _repeats: tuple[_Repeats, ...] = ()

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
            One value for each row and hour of the grid, not a number where there is none or its rows disagree.
        numpy.ndarray
            For each moment that has several rows, whether the usable values of these disagree.
        """
        values, cells = doubles(frame, item), self._cells
        if cells is None:
            return values.reshape(-1, HOURS), np.zeros(0, dtype=bool)
        laid = np.full(len(self.days) * HOURS, np.nan)

        def put(piece: slice) -> None:
            full = cells[piece] >= 0
            laid[cells[piece][full]] = values[piece][full]

        over_cores(len(values), put)
        disagree = [np.zeros(0, dtype=bool)]
        for repeats in self._repeats:
            given = values[repeats.order]
            value, differ = repeats.agreed(np.where(usable(given, item), given, np.nan))
            disagree.append(differ)
            if repeats.cells is not None:
                laid[repeats.cells] = value
        return laid.reshape(-1, HOURS), np.concatenate(disagree)

    def conflicts(self, disagree: Flags) -> Numbers:
        """Count for each row of the grid the moments whose rows disagree in any item."""
        rows = np.concatenate([np.zeros(0, dtype=np.intp), *[r.rows for r in self._repeats]])
        return np.bincount(rows[disagree], minlength=len(self.days)).astype(np.int32)


def grid_of_hours(frame: pl.DataFrame, keys: Sequence[str]) -> HourGrid:
    """Find where the rows of a frame lie in a grid of places, days and hours.

    Parameters
    ----------
    frame : polars.DataFrame
        Reads ``time`` (end of the hour, local; never null) and `keys`.
    keys : sequence of str
        Columns that name a place.

    Returns
    -------
    HourGrid
        The grid.
    """
    moments = local_moments(frame["time"])
    runs = runs_of_places(frame, keys)
    regular = _regular(runs, moments)
    return regular if regular is not None else _scattered(runs, moments)


def _regular(runs: PlaceRuns, moments: Wholes) -> HourGrid | None:
    """Take rows as they stand: sorted by place and hour, each place with whole days of 24 hours, none twice."""
    if not len(runs.starts) or (runs.lengths % HOURS).any() or (np.diff(runs.place) <= 0).any():
        return None
    first = hour_ends(moments[runs.starts])
    if first.off_hour.any() or first.slots.any():
        return None
    follows = np.ones(len(moments), dtype=bool)

    def step(piece: slice) -> None:
        before = max(piece.start - 1, 0)
        follows[before + 1 : piece.stop] = np.diff(moments[before : piece.stop]) == HOUR
        # The first row of a place follows none.

    over_cores(len(moments), step)
    follows[runs.starts] = True
    if not follows.all():
        return None
    days = runs.lengths // HOURS
    height = int(days.sum())
    since = np.arange(height) - np.repeat(np.cumsum(days) - days, days)
    return HourGrid(
        places=runs.places,
        place=np.repeat(runs.place, days),
        days=(np.repeat(first.days, days) + since).astype(np.int32),
        hours=np.full(height, HOURS, dtype=np.int32),
        off_hour=np.zeros(height, dtype=np.int32),
    )


def _scattered(runs: PlaceRuns, moments: Wholes) -> HourGrid:
    """Find for each row its place in the grid, and which rows share one."""
    place, rows = runs.each(), len(moments)
    days, cells = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.intp)
    slots, off_hour = np.empty(rows, dtype=np.int8), np.empty(rows, dtype=bool)

    def tell(piece: slice) -> None:
        ends = hour_ends(moments[piece])
        days[piece], slots[piece], off_hour[piece] = ends.days, ends.slots, ends.off_hour

    over_cores(rows, tell)
    row, row_place, row_day = _rows_of_grid(place, days, runs.places.height)
    height = len(row_day)
    taken = np.zeros(height * HOURS, dtype=bool)

    def seek(piece: slice) -> None:
        here = row[piece].astype(np.intp) * HOURS + slots[piece]
        here[off_hour[piece]] = -1
        cells[piece] = here
        taken[here[here >= 0]] = True

    over_cores(rows, seek)
    hours = taken.reshape(-1, HOURS).sum(axis=1, dtype=np.int32)
    repeats: list[_Repeats] = []
    other = np.zeros(height, dtype=np.int32)
    beside = np.flatnonzero(off_hour)
    if len(beside):
        repeats.append(_groups(beside, row[beside], moments[beside]))
        other = np.bincount(repeats[0].rows, minlength=height).astype(np.int32)
    if int(hours.sum()) < rows - len(beside):
        often = np.bincount(cells + 1, minlength=height * HOURS + 1) > 1
        often[0] = False
        at = np.flatnonzero(often[cells + 1])
        repeats.append(_groups(at, row[at], cells[at], in_grid=True))
    return HourGrid(runs.places, row_place, row_day, hours, other, cells, tuple(repeats))


def _groups(at: npt.NDArray[np.intp], rows: Numbers, moments: Wholes, *, in_grid: bool = False) -> _Repeats:
    """Group rows by row of the grid and moment."""
    order = np.lexsort((moments, rows))
    moment, row = moments[order], rows[order]
    starts = np.flatnonzero(np.concatenate([[True], (moment[1:] != moment[:-1]) | (row[1:] != row[:-1])]))
    return _Repeats(at[order], starts, row[starts].astype(np.intp), moment[starts] if in_grid else None)


@dataclass(frozen=True)
class PlaceRuns:
    """The places of a frame in order, and the runs of rows that have the same one: first row, length, place.

    Where runs are short there are none, and `place` is that of each row.
    """

    places: pl.DataFrame
    place: Numbers
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    def each(self) -> Numbers:
        """Give the number of the place of each row."""
        return np.repeat(self.place, self.lengths) if len(self.starts) else self.place


def runs_of_places(frame: pl.DataFrame, keys: Sequence[str]) -> PlaceRuns:
    """Give numbers to the places of a frame in the order of their names.

    Parameters
    ----------
    frame : polars.DataFrame
        Reads `keys`.
    keys : sequence of str
        Columns that name a place; null is a name too.

    Returns
    -------
    PlaceRuns
        The places and where they stand.

    Examples
    --------
    >>> found = runs_of_places(pl.DataFrame({"city": ["b", "a", "b"]}), ["city"])
    >>> found.each().tolist(), found.places["city"].to_list()
    ([1, 0, 1], ['a', 'b'])
    """
    named = frame.select(keys)
    # Two steps, so that columns are compared side by side.
    compared = named.select(pl.all().ne_missing(pl.all().shift(1)))
    changes = compared.select(pl.any_horizontal(pl.all())).to_series()
    starts = np.zeros(0, dtype=np.int64)
    if changes.sum() * _RUN <= frame.height:
        begins = changes.arg_true().to_numpy()
        # The first row begins a run whatever it is; after nothing, only a name is a change.
        starts = np.concatenate([starts, [0], begins[begins > 0]])[: frame.height]
    heads = named[starts] if len(starts) else named
    place, places = _numbered(heads, keys)
    return PlaceRuns(places, place, starts, np.diff(np.append(starts, frame.height)) if len(starts) else starts)


def _numbered(heads: pl.DataFrame, keys: Sequence[str]) -> tuple[Numbers, pl.DataFrame]:
    """Give numbers to the names of a frame in their order, and give each name once."""
    code, size = np.zeros(heads.height, dtype=np.int64), 1
    for key in keys:
        if heads[key].dtype != pl.String:
            size = _TABLE + 1
            break
        known = heads[key].cast(pl.Categorical).to_physical().cast(pl.Int64) + 1
        column = known.fill_null(0).to_numpy()
        # Polars numbers all names it ever saw; those of this frame are numbered anew, without gaps.
        occurs = np.zeros(int(column.max(initial=0)) + 1, dtype=bool)
        occurs[column] = True
        width = int(occurs.sum())
        code, size = code * width + (np.cumsum(occurs) - 1)[column], size * width
        if size > _TABLE:
            break
    if size > _TABLE:
        places = heads.unique().sort(keys)
        numbered = places.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("\0number"))
        joined = heads.join(numbered, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
        found: Numbers = joined["\0number"].to_numpy()
        return found, places
    row_of = np.full(size, -1, dtype=np.int64)
    row_of[code] = np.arange(heads.height)
    codes = np.flatnonzero(row_of >= 0)
    once = heads[row_of[codes]].with_columns(pl.Series("\0code", codes)).sort(keys)
    number_of = np.zeros(size, dtype=np.int32)
    number_of[once["\0code"].to_numpy()] = np.arange(once.height, dtype=np.int32)
    return number_of[code], once.drop("\0code")


def _rows_of_grid(place: Numbers, days: Days, count: int) -> tuple[Numbers, Numbers, Days]:
    """Give numbers to the pairs of place and day that occur: the number of each row; place and day of each pair."""
    if not len(days):
        return place, place, days
    first = int(days.min())
    span = int(days.max()) - first + 1
    number = np.empty(len(days), dtype=np.int32)
    if count * span > max(_TABLE, _TABLE_OF_A_ROW * len(days)):
        pairs, inverse = np.unique(place.astype(np.int64) * span + (days - first), return_inverse=True)
        number[:] = inverse
    else:
        occurs = np.zeros(count * span, dtype=bool)

        def mark(piece: slice) -> None:
            occurs[place[piece].astype(np.int64) * span + (days[piece] - first)] = True

        over_cores(len(days), mark)
        pairs = np.flatnonzero(occurs)
        place_of = np.cumsum(occurs, dtype=np.int32) - 1

        def seek(piece: slice) -> None:
            number[piece] = place_of[place[piece].astype(np.int64) * span + (days[piece] - first)]

        over_cores(len(days), seek)
    return number, (pairs // span).astype(np.int32), (pairs % span + first).astype(np.int32)
