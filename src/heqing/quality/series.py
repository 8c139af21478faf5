"""Rows of one place in the order of time: which values stand still, which rows repeat or contradict another.

It counts nothing for a whole file: see `heqing.quality.survey`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from heqing.tables import as_doubles, items, join_reasons, keep_inputs, marked, need_columns, stale_lengths

_STEPS = {3_600: "hour", 14_400: "four_hours", 86_400: "day"}  # seconds
_SECOND = 1_000_000  # microseconds
_PLACES = {"air": ("city", "station"), "water": ("city", "section")}


def flag_series(frame: pl.LazyFrame, *, domain: str, by: Sequence[str] | None = None) -> pl.LazyFrame:
    """Flag what only the other rows of a place betray; the values stay as they are.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and time, as `heqing.store.open_frame` gives it. Reads ``time`` or ``day``, the columns `by`,
        the items of the domain by code, and ``<item>_below``: a detection limit may well stand still.
    domain : str
        ``air`` or ``water``.
    by : sequence of str, optional
        Columns that name a place; by default city and station or section, those that are there.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``flag`` (``suspect`` or null) and ``flag_reason``: ``stale_repeat(items)``
        where as many equal values stand in a row as ``stale_lengths.csv`` says (a setting, unconfirmed), ``duplicate``
        where another row of the place and time has the same values, ``duplicate_conflict`` where one has others.

    Raises
    ------
    MissingColumnError
        When the time or all of `by` are missing.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> ends = [datetime(2020, 4, 1) + timedelta(hours=h) for h in range(1, 31)]
    >>> hours = pl.LazyFrame({"station": ["甲"] * 30, "time": ends, "pm2_5": [35.0] * 25 + [36.0] * 5})
    >>> flag_series(hours, domain="air").filter(pl.col("flag") == "suspect").collect().height
    25
    """
    keys, time, codes = columns_read(frame, domain, by)
    frame = keep_inputs(frame, ["flag", "flag_reason"])

    def flagged(whole: pl.DataFrame) -> pl.DataFrame:
        rows = thin(whole.lazy(), domain, keys, time, codes).with_row_index("_row").collect()
        looked = look(rows.filter(pl.col("_time").is_not_null()), domain, codes)
        stale = marked((i, pl.col(f"_stale_{i}")) for i in codes)
        reasons = looked.select(
            "_row",
            flag_reason=join_reasons(
                pl.when(stale != "").then(pl.format("stale_repeat({})", stale)),
                pl.when("_conflict").then(pl.lit("duplicate_conflict")).when("_repeat").then(pl.lit("duplicate")),
            ),
        )
        placed = rows.select("_row").join(reasons, on="_row", how="left", maintain_order="left")["flag_reason"]
        return whole.with_columns(
            placed, flag=pl.when(placed.is_not_null()).then(pl.lit("suspect")).otherwise(pl.lit(None, pl.String))
        ).select(*whole.columns, "flag", "flag_reason")

    schema = pl.Schema({**frame.collect_schema(), "flag": pl.String(), "flag_reason": pl.String()})
    return frame.map_batches(flagged, schema=schema)


def columns_read(frame: pl.LazyFrame, domain: str, by: Sequence[str] | None) -> tuple[list[str], str, list[str]]:
    """Name the columns of places, the time column and the items of a frame."""
    present = frame.collect_schema().names()
    time = "time" if "time" in present else "day"
    need_columns(frame, "The table of measurements", [time])
    wanted = _PLACES[domain] if by is None else by
    keys = [c for c in wanted if c in present] or need_columns(frame, "The table of measurements", wanted)[:0]
    return keys, time, [i.code for i in items(domain) if i.code in present]


def thin(
    frame: pl.LazyFrame, domain: str, keys: Sequence[str], time: str, codes: Sequence[str], more: Sequence[pl.Expr] = ()
) -> pl.LazyFrame:
    """Keep what a look needs: ``_place_0`` …, ``_time`` and the items, without values that are only a limit."""
    present = frame.collect_schema().names()
    cells = as_doubles(frame, codes)
    bounds = {i.code: f"{i.code}_below" for i in items(domain) if f"{i.code}_below" in present}
    return cells.select(
        *[pl.col(k).cast(pl.String).alias(f"_place_{n}") for n, k in enumerate(keys)],
        pl.col(time).cast(pl.Datetime("us")).alias("_time"),
        *[
            pl.when(~pl.col(bounds[c]).fill_null(False)).then(pl.col(c)).alias(c) if c in bounds else pl.col(c)
            for c in codes
        ],
        *more,
    )


def look(rows: pl.DataFrame, domain: str, codes: Sequence[str]) -> pl.DataFrame:
    """Sort rows that have a time by place and time, and mark them.

    Added are ``_id`` (number of the place), ``_first`` (first row of its place and time), ``_repeat``, ``_conflict``,
    ``_step`` [s] and ``_stale_<item>``.
    """
    keys = [c for c in rows.columns if c.startswith("_place_")]
    places = rows.select(keys).unique(maintain_order=True).sort(keys).with_columns(_id=pl.int_range(pl.len()))
    rows = rows.join(places, on=keys, how="left", nulls_equal=True).sort("_id", "_time")
    first = (pl.col("_id") != pl.col("_id").shift()) | (pl.col("_time") != pl.col("_time").shift())
    rows = _with_repeats(rows.with_columns(_first=first.fill_null(True)), codes)
    firsts = rows.filter("_first").group_by("_id").agg(_step=pl.col("_time").diff().dt.total_microseconds().median())
    step = (firsts.sort("_id")["_step"] / _SECOND).fill_null(0).cast(pl.Int64)
    rows = rows.with_columns(step.gather(rows["_id"]).alias("_step") if rows.height else pl.lit(0).alias("_step"))
    return rows.with_columns(_stale(rows, code, step.to_numpy(), domain) for code in codes)


def _with_repeats(rows: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """Mark rows that share place and time with another; those that disagree in any item contradict it."""
    shares = ~pl.col("_first") | (~pl.col("_first")).shift(-1, fill_value=False)
    rows = rows.with_columns(_moment=pl.col("_first").cum_sum(), _shares=shares)
    some = rows.filter("_shares")
    if some.is_empty():
        return rows.drop("_moment", "_shares").with_columns(_repeat=pl.lit(False), _conflict=pl.lit(False))
    disagree = pl.any_horizontal([pl.lit(False), *[pl.col(c).min() != pl.col(c).max() for c in codes]])
    conflicts = some.group_by("_moment").agg(_c=disagree.fill_null(False)).filter("_c")["_moment"]
    conflict = pl.col("_shares") & pl.col("_moment").is_in(conflicts.implode())
    return rows.with_columns(_conflict=conflict, _repeat=pl.col("_shares") & ~conflict).drop("_moment", "_shares")


def _stale(rows: pl.DataFrame, code: str, steps: np.ndarray, domain: str) -> pl.Series:
    """Mark the values of an item that stand in a run of equal ones as long as declared, gaps left out."""
    name = f"_stale_{code}"
    needed = {s: stale_lengths(domain, p).get(code) for s, p in _STEPS.items()}
    lengths = np.zeros(len(steps), dtype=np.int64)
    for seconds, length in needed.items():
        lengths[steps == seconds] = length or 0
    marks = np.zeros(rows.height, dtype=bool)
    # of rows that contradict each other none is used, so none stands still
    known = (rows[code].is_not_null() & ~rows["_conflict"]).to_numpy()
    ids, values = rows["_id"].to_numpy()[known], rows[code].to_numpy()[known]
    if not lengths.any() or not len(values):
        return pl.Series(name, marks)
    times = rows["_time"].to_physical().to_numpy()[known]
    begins = np.concatenate([[True], (ids[1:] != ids[:-1]) | (values[1:] != values[:-1])])
    fresh = begins | np.concatenate([[True], times[1:] != times[:-1]])  # a row given twice is one value
    starts = np.flatnonzero(begins)
    counts = np.add.reduceat(fresh.astype(np.int64), starts)
    wanted = lengths[ids[starts]]
    stale = (wanted > 0) & (counts >= wanted)
    marks[known] = np.repeat(stale, np.diff(np.append(starts, len(values))))
    return pl.Series(name, marks)
