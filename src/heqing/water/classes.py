"""The class of a surface-water sample by its worst item (单因子评价), the items that decide it, and why.

It judges one row at a time, a single sample or a mean alike; means are formed in `heqing.water.periods`. Multiples
are told in `heqing.water.exceedance`, limits and rounding in `heqing.water.limits` and `heqing.water.practice`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from heqing.editions import by_phase
from heqing.tables import keep_inputs
from heqing.tables.door import any_frame
from heqing.water.limits import Limit, is_upper_limit, judged_items, limits, steps
from heqing.water.practice import check_rounding, decimals
from heqing.water.samples import day_of, present_items
from heqing.water.worst_item import RESULTS, Rule, judge, stretches


@dataclass(frozen=True)
class Reading:
    """Which decimals one reading of a row applies: none, those of all items, or only the confirmed ones."""

    mark: str

    def applies(self, unconfirmed: bool) -> bool:
        """Say whether an item with (un)confirmed decimals is rounded in this reading."""
        return self.mark == "rounded" or (self.mark == "confirmed" and not unconfirmed)


RAW, ROUNDED, CONFIRMED = Reading("raw"), Reading("rounded"), Reading("confirmed")


def item_class(item: str, body: str, value: pl.Expr, reading: Reading) -> pl.Expr:
    """Give the class of one item's values in one kind of water body.

    Parameters
    ----------
    item : str
        The item's code.
    body : str
        ``river`` or ``lake``.
    value : polars.Expr
        Whole numbers of a billionth.
    reading : Reading
        Which decimals apply.

    Returns
    -------
    polars.Expr
        UInt8, 1–6; reads the places ``_limits`` and ``_practice`` of each row.

    References
    ----------
    Family ``surface_water``, table ``limits``.

    Examples
    --------
    >>> rows = pl.DataFrame({"_limits": [0], "_practice": [0], "tp": [110_000_000]})
    >>> rows.select(item_class("tp", "lake", pl.col("tp"), RAW)).item()
    5
    """
    by_practice = decimals(item)

    def of(limit: Limit) -> pl.Expr:
        bounds = {
            k: steps(limit, to.decimals if reading.applies(to.unconfirmed) else None, keep_digit=to.keep_digit)
            for k, to in by_practice.items()
        } or {0: steps(limit, None)}
        return by_phase(pl.col("_practice"), bounds, lambda one: one.classes(value))

    return by_phase(
        pl.col("_limits"), {k: all_[item, body] for k, all_ in limits().items() if (item, body) in all_}, of
    )


@any_frame
def water_class(frame: pl.LazyFrame, *, edition: str | None = None, rounding: str = "auto") -> pl.LazyFrame:
    """Give each sample its surface-water class (水质类别) by the worst of its items.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``time`` or ``day``, ``body_type`` (river, lake, or a word for one of them; without
        it the kind of every row is unknown) and any of the 24 basic items by code [mg/L; pH none]. ``<item>_below``
        (Boolean) says that the value given is the detection limit and the true value lies below it.
    edition : str, optional
        Pin an edition of the standard; by default the one in force on each day.
    rounding : str
        ``raw``: judge values as measured; ``rounded``: round them first; ``auto``: as the publisher did on that day,
        and where that is not known as measured, marked unconfirmed.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``water_class`` [1–6, 6 worse than Ⅴ], ``deciding_items`` (those of that
        class), ``exceedance`` (items worse than class III, worst class first, then largest multiple: ``tp:0.3,do``),
        ``judged_items``, ``rounding`` (raw or rounded), ``edition``, ``phase``, ``clause``, ``unconfirmed``,
        ``reason``. Columns that already bear one of these names are kept as ``<name>_in``.

    Raises
    ------
    MissingColumnError
        Without a date or any item, or when one of these columns holds no dates or numbers.
    NoEditionError
        When the standard has no edition of that name.
    UnknownNameError
        When `rounding` is none of the three.

    References
    ----------
    Family ``surface_water``: clause column of table ``limits``. Family ``surface_water_method``: tables ``multiples``,
    ``bare_items``, ``detection``. Family ``surface_water_rounding``: tables ``practice``, ``decimals``.

    Examples
    --------
    >>> from datetime import date
    >>> samples = pl.LazyFrame({"day": [date(2020, 6, 1)] * 2, "body_type": ["river", "lake"], "tp": [0.11, 0.11]})
    >>> water_class(samples).select("water_class", "exceedance").collect().rows()
    [(3, None), (5, 'tp:1.2')]
    """
    check_rounding(rounding)
    frame = keep_inputs(frame, RESULTS)
    given = frame.collect_schema().names()
    day = day_of(frame)
    items = present_items(frame, judged_items())
    below = [i for i in items if f"{i}_below" in given and is_upper_limit(i)]
    rule = Rule(tuple(items), frozenset(below), edition, rounding)
    stretches(edition)  # an edition that is none is told here, before anything is read
    read = pl.struct(
        day.cast(pl.Date).to_physical().alias("_day"),
        (pl.col("body_type").cast(pl.String) if "body_type" in given else pl.lit(None, pl.String)).alias("_word"),
        *[pl.col(i).cast(pl.Float64) for i in items],
        *[pl.col(f"{i}_below").cast(pl.Boolean) for i in below],
    )
    found = read.map_batches(partial(judge, rule=rule), return_dtype=pl.Struct(RESULTS), is_elementwise=True)
    name = "_judged" + "_" * max(map(len, given))  # longer than any name of the frame
    return frame.with_columns(found.alias(name)).unnest(name)
