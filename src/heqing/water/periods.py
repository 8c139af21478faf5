"""The class of a section for a period: mean of each item first, then rounding, then class (先均值后评价).

It forms no mean of classes and joins no sections. See `heqing.water.classes` for the class, and for a value below
the detection limit standing alone; in a mean such a value counts with half the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import MissingColumnError, UnknownNameError
from heqing.quantities.rounding import scaled
from heqing.tables import items as items_of
from heqing.tables import join_reasons
from heqing.tables.door import any_frame
from heqing.water.classes import RAW, ROUNDED, item_class, water_class
from heqing.water.exceedance import METHOD
from heqing.water.limits import FAMILY, PLACES, judged_items
from heqing.water.means import logarithmic_items, printed
from heqing.water.practice import practice_number
from heqing.water.samples import NOTICED, day_of, file_columns, present_items
from heqing.water.sums import COUNTS, period_sums
from heqing.water.wording import names
from heqing.water.worst_item import RESULTS

KEYS = ("province", "city", "river", "section")
LEVELS = ("week", "ten_days", "month", "quarter", "year")
WORDS = ("deciding_items", "exceedance", "judged_items", "clause")
PERIOD = ("period", "period_end")
_EVERY = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}


@any_frame
def period_water_class(
    frame: pl.LazyFrame,
    *,
    level: str = "month",
    edition: str | None = None,
    rounding: str = "auto",
    places: Sequence[str] = KEYS,
) -> pl.LazyFrame:
    """Give each section its water class for a period, by the means of its items.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``section``, with it ``province``, ``city``, ``river`` where present, ``body_type``
        (as in `heqing.water.water_class`), ``time`` or ``day``, and any of the 24 basic items by code [mg/L; pH none],
        with ``<item>_below`` (Boolean) where the value is a detection limit that was not reached. ``intake_reason``,
        where present, goes into the reason of the period.
    level : str
        ``week``, ``ten_days`` (旬), ``month``, ``quarter`` or ``year``; a year is the mean of its monthly means, the
        others are means of samples.
    edition : str, optional
        Pin an edition of the standard; by default the one in force on the last day of the period.
    rounding : str
        As in `heqing.water.water_class`, by the last day of the period.
    places : sequence of str
        Columns that name the place, those that are there; the last must be.

    Returns
    -------
    polars.LazyFrame
        One row per section, body type and period, in order: the key columns (``body_type`` in the section's first word
        for it), ``period`` (``2025-W45``, ``2025-11上旬``, ``2025-11``, ``2025-Q4``, ``2025``) and its last day
        ``period_end``, per item its mean before rounding and ``<item>_n`` (samples, of a year months), ``samples``
        used, ``duplicate_rows`` (counted once), ``conflicting_rows`` (not used), ``months`` with data (years only),
        and the results of `water_class`. Samples without a date form a row without period.

    Raises
    ------
    UnknownNameError
        When `level` or `rounding` is none.
    MissingColumnError
        Without section, date or any item.

    References
    ----------
    Family ``surface_water_method``: tables ``means``, ``periods``, ``detection``.

    Examples
    --------
    >>> from datetime import date
    >>> samples = pl.LazyFrame({"section": ["a", "a"], "day": [date(2020, 6, 1), date(2020, 6, 8)],
    ...     "body_type": ["river", "river"], "tp": [0.1, 0.34]})
    >>> period_water_class(samples).select("period", "tp", "tp_n", "water_class").collect().rows()
    [('2020-06', 0.22, 2, 4)]
    """
    if level not in LEVELS:
        raise UnknownNameError("level", level, list(LEVELS))
    given = frame.collect_schema().names()
    if places[-1] not in given:
        hint = f"A period is that of a {places[-1]}; say `--rename old={places[-1]}`."
        raise MissingColumnError("water samples", [places[-1]], present=file_columns(given), hint=hint)
    day_of(frame)
    present_items(frame, judged_items())
    items = present_items(frame, [i.code for i in items_of("water")])
    shown = [k for k in places if k in given]
    keys = [*shown, "_body"]  # river or lake: two words for one kind make one row
    means = _means(frame, shown, items, "month" if level == "year" else level)
    if level == "year":
        means = _yearly_means(means, keys, items)
    if "body_type" in given:
        word = pl.col("_word").sort_by("_row").first().over(keys)
        means, shown = means.with_columns(body_type=word), [*shown, "body_type"]
    return _judged(means, shown, items, level, edition, rounding)


def _gathered() -> list[pl.Expr]:
    """Carry along what is wrong with values, and the first row with its word for the water body."""
    faults = [pl.col(f"_{code}").bitwise_or() for code in NOTICED]
    return [*faults, pl.col("_word").min_by("_row"), pl.col("_row").min()]


def _start(level: str, day: pl.Expr) -> pl.Expr:
    """Give the first day of the period of each day."""
    if level == "ten_days":
        return day.dt.truncate("1mo") + pl.duration(days=(day.dt.day().cast(pl.Int64) - 1).clip(0, 29) // 10 * 10)
    return day.dt.truncate(_EVERY[level])


def _last(level: str, start: pl.Expr) -> pl.Expr:
    """Give the last day of the period that begins on a day."""
    if level == "ten_days":
        return pl.when(start.dt.day() == 21).then(start.dt.month_end()).otherwise(start + pl.duration(days=9))
    return start.dt.offset_by(_EVERY[level]).dt.offset_by("-1d")


def _label(level: str, start: pl.Expr) -> pl.Expr:
    """Write a period as it is named."""
    forms = {"week": "%G-W%V", "ten_days": "%Y-%m", "month": "%Y-%m", "quarter": "%Y", "year": "%Y"}
    text = start.dt.strftime(forms[level])
    if level == "quarter":
        return pl.concat_str(text, pl.lit("-Q"), start.dt.quarter().cast(pl.String))
    if level == "ten_days":
        return pl.concat_str(text, start.dt.day().replace_strict([1, 11, 21], ["上旬", "中旬", "下旬"], default=None))
    return text


def _means(frame: pl.LazyFrame, places: Sequence[str], items: Sequence[str], level: str) -> pl.LazyFrame:
    """Take the mean of each item over the samples of a period: an exact sum, divided once."""
    sums = period_sums(
        frame,
        places=places,
        items=items,
        start=partial(_start, level),
        hours_per_bit=3 if level == "quarter" else 1,
    )
    last = _last(level, pl.col("_start"))
    return sums.with_columns(_last=last, months=(pl.col("_measured") > 0).cast(pl.Int64))


def _yearly_means(months: pl.LazyFrame, keys: Sequence[str], items: Sequence[str]) -> pl.LazyFrame:
    """Take the mean of each item over the months of a year that have one."""
    return (
        months.with_columns(_start=pl.col("_start").dt.truncate("1y"))
        .group_by(*keys, "_start")
        .agg(
            *[pl.col(i).mean() for i in items],
            *[pl.col(f"_ions_{i}").mean() for i in logarithmic_items(items)],
            *[pl.col(i).count().cast(pl.Int64).alias(f"{i}_n") for i in items],
            *_gathered(),
            *[pl.col(c).sum() for c in (*COUNTS, "months", "_measured")],
        )
        .with_columns(_last=_last("year", pl.col("_start")))
    )


def _judged(
    means: pl.LazyFrame, keys: Sequence[str], items: Sequence[str], level: str, edition: str | None, rounding: str
) -> pl.LazyFrame:
    """Judge the means and say what makes the period doubtful."""
    logs = logarithmic_items(items)
    dated = means.with_columns(
        *[pl.col(i).alias(f"_plain_{i}") for i in logs],
        *[(-pl.col(f"_ions_{i}").log10()).alias(i) for i in logs],
        day=pl.col("_last"),
        period=_label(level, pl.col("_start")),
        period_end=pl.col("_last"),
    ).with_columns(*[printed(pl.col(i)).alias(i) for i in items])
    judged = water_class(dated, edition=edition, rounding=rounding).with_columns(
        _limits=timeline(FAMILY).number_on(pl.col("day"), edition=edition), _practice=practice_number(pl.col("day"))
    )
    doubts = {"ph_mean_unconfirmed": _other_mean(logs)} if logs else {}
    if rounding == "auto":
        doubts["straddles_editions"] = practice_number(pl.col("_start")) != practice_number(pl.col("_last"))
    needed, with_ice = table(METHOD, "periods").filter(period=level).select("needed", "needed_with_ice").row(0)
    if level == "year":
        doubts["months_missing"] = pl.col("months") < needed
    known = pl.col("water_class").is_not_null()
    enough = pl.col("months") >= with_ice if level == "year" else pl.col("_measured") >= needed
    stated = known & enough
    results: dict[str, pl.Expr] = {r: pl.when(stated).then(pl.col(r)) for r in ("water_class", *WORDS)}
    results["unconfirmed"] = stated & (pl.col("unconfirmed") | pl.any_horizontal(False, *doubts.values()))
    results["reason"] = join_reasons(*_reasons(items, doubts, stated, _too_few(level, needed, known & ~enough)))
    shown = [column for i in items for column in (i, f"{i}_n")]
    counts = [*COUNTS, *(["months"] if level == "year" else [])]
    return judged.with_columns(**results).select(*keys, *PERIOD, *shown, *counts, *RESULTS).sort(*keys, "period_end")


def _other_mean(logs: Sequence[str]) -> pl.Expr:
    """Say whether the arithmetic mean of a logarithmic item would give the period another class."""
    if not table(METHOD, "means").filter(pl.col("mean") == "hydrogen_ion")["unconfirmed"].any():
        return pl.lit(False)
    section, differs = pl.col("water_class"), pl.lit(False)
    for item in logs:
        own, plain = (_class_as_judged(item, scaled(pl.col(c), PLACES)) for c in (item, f"_plain_{item}"))
        differs = differs | (plain > section) | ((plain < own) & (pl.col("deciding_items") == item))
    return differs.fill_null(False)


def _class_as_judged(item: str, value: pl.Expr) -> pl.Expr:
    raw, rounded = (item_class(item, "river", value, reading) for reading in (RAW, ROUNDED))
    return pl.when(pl.col("rounding") == "rounded").then(rounded).otherwise(raw)


def _too_few(level: str, needed: int, too_few: pl.Expr) -> pl.Expr:
    """Say that a period has too few months or samples to be judged."""
    if level == "year":
        text = pl.concat_str(pl.lit("too_few_months("), pl.col("months").cast(pl.String), pl.lit(")"))
    else:
        text = pl.concat_str(pl.lit("too_few_samples("), pl.col("_measured").cast(pl.String), pl.lit(f"/{needed})"))
    return pl.when(too_few).then(text)


def _reasons(items: Sequence[str], doubts: dict[str, pl.Expr], stated: pl.Expr, too_few: pl.Expr) -> list[pl.Expr]:
    months, conflicting = pl.col("months").cast(pl.String), pl.col("conflicting_rows").cast(pl.String)
    *of_items, of_row = NOTICED
    said = [pl.concat_str(pl.lit(f"{c}("), names(pl.col(f"_{c}"), items), pl.lit(")")) for c in of_items]
    said.append(pl.when(pl.col(f"_{of_row}") > 0).then(pl.lit(of_row)))
    said.append(
        pl.when(pl.col("conflicting_rows") > 0).then(
            pl.concat_str(pl.lit("conflicting_rows("), conflicting, pl.lit(")"))
        )
    )
    said.append(too_few)
    for code, holds in doubts.items():
        word = pl.concat_str(pl.lit(f"{code}("), months, pl.lit(")")) if code == "months_missing" else pl.lit(code)
        said.append(pl.when(stated & holds).then(word))
    return [pl.col("reason"), *said]
