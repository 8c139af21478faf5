"""The class of a section for a month or a year: mean of each item first, then rounding, then class (先均值后评价).

It forms no mean of classes and joins no sections. See `heqing.water.classes` for the class, and for a value below
the detection limit standing alone; in a mean such a value counts with half the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import MissingColumnError, UnknownNameError
from heqing.quantities.rounding import divide_half_even, scaled, unscaled
from heqing.tables import items as items_of
from heqing.tables import join_reasons
from heqing.water.bodies import body_of
from heqing.water.classes import RAW, RESULTS, ROUNDED, is_upper_limit, item_class, water_class
from heqing.water.exceedance import METHOD
from heqing.water.limits import FAMILY, PLACES, judged_items
from heqing.water.practice import practice_number
from heqing.water.samples import NOTICED, bad_values, day_of, file_columns, noticed, present_items, valid_value
from heqing.water.wording import names

KEYS = ("province", "city", "river", "section")
LEVELS = ("month", "year")
LN10 = log(10)
_UNIT = float(10**PLACES)
WORDS = ("deciding_items", "exceedance", "judged_items", "clause")
COUNTS = ("samples", "duplicate_rows", "conflicting_rows")


def period_water_class(
    frame: pl.LazyFrame, *, level: str = "month", edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Give each section its water class for a month or a year, by the means of its items.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``section``, with it ``province``, ``city``, ``river`` where present, ``body_type``
        (as in `heqing.water.water_class`), ``time`` or ``day``, and any of the 24 basic items by code [mg/L; pH none],
        with ``<item>_below`` (Boolean) where the value is a detection limit that was not reached. ``intake_reason``,
        where present, goes into the reason of the period.
    level : str
        ``month`` or ``year``; a year is the mean of its monthly means.
    edition : str, optional
        Pin an edition of the standard; by default the one in force on the last day of the period.
    rounding : str
        As in `heqing.water.water_class`, by the last day of the period.

    Returns
    -------
    polars.LazyFrame
        One row per section, body type and period, in order: the key columns (``body_type`` in the section's first word
        for it), ``period`` (``2025-11``, ``2025``), per item its mean before rounding and ``<item>_n`` (samples of the
        month, months of the year), ``samples`` used, ``duplicate_rows`` (counted once), ``conflicting_rows`` (not
        used), ``months`` with data (years only), and the results of `water_class`. Samples without a date form a row
        without period.

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
    if "section" not in given:
        hint = "A period is that of a section; say `--rename old=section`."
        raise MissingColumnError("water samples", ["section"], present=file_columns(given), hint=hint)
    present_items(frame, judged_items())
    items = present_items(frame, [i.code for i in items_of("water")])
    places = [k for k in KEYS if k in given]
    keys = [*places, "_body"]  # river or lake: two words for one kind make one row
    means = _monthly_means(_distinct_samples(frame, keys, items), keys, items)
    if level == "year":
        means = _yearly_means(means, keys, items)
    if "body_type" in given:
        word = pl.col("_word").sort_by("_row").first().over(keys)
        means, places = means.with_columns(body_type=word), [*places, "body_type"]
    return _judged(means, places, items, level, edition, rounding)


def _distinct_samples(frame: pl.LazyFrame, keys: Sequence[str], items: Sequence[str]) -> pl.LazyFrame:
    """Make one row per section and time: equal rows are one, of rows that contradict each other none counts."""
    schema = frame.collect_schema()
    given = schema.names()
    read = (
        frame.select(
            *keys[:-1],
            body_of(given).alias(keys[-1]),
            (pl.col("body_type") if "body_type" in given else pl.lit(None, pl.String)).alias("_word"),
            pl.col("time" if "time" in given else "day").alias("_moment"),
            day_of(frame).alias("_day"),
            *_counted(items, given),
            **_faults(items, is_noticed=schema.get("intake_reason") == pl.String),
        )
        .with_columns(_content=pl.struct(items).hash())
        .with_row_index("_row")
    )
    rows = read.group_by(*keys, "_moment").agg(
        pl.col("_day").first(),
        *[pl.col(i).first() for i in items],
        *_gathered(),
        _rows=pl.len().cast(pl.Int64),
        _agree=pl.col("_content").min() == pl.col("_content").max(),
    )
    undated, agree, count = pl.col("_moment").is_null(), pl.col("_agree"), pl.col("_rows")
    return rows.with_columns(
        *[pl.when(agree & ~undated).then(pl.col(i)) for i in items],
        samples=pl.when(undated).then(count).otherwise(agree.cast(pl.Int64)),
        duplicate_rows=pl.when(agree & ~undated).then(count - 1).otherwise(0),
        conflicting_rows=pl.when(agree | undated).then(0).otherwise(count),
    )


def _faults(items: Sequence[str], *, is_noticed: bool) -> dict[str, pl.Expr]:
    """Give what is wrong with values, as sets of items: what the rule finds itself and what the doors noticed."""
    nothing = pl.lit(0, pl.UInt32)
    found, said = bad_values(items), noticed(items) if is_noticed else {}
    return {f"_{code}": found.get(code, nothing) | said.get(code, nothing) for code in NOTICED}


def _gathered() -> list[pl.Expr]:
    """Carry along what is wrong with values, and the first row with its word for the water body."""
    faults = [pl.col(f"_{code}").bitwise_or() for code in NOTICED]
    return [*faults, pl.col("_word").min_by("_row"), pl.col("_row").min()]


def _counted(items: Sequence[str], given: Sequence[str]) -> list[pl.Expr]:
    """Give the value with which a sample enters a mean, as whole numbers of a billionth."""
    share = Fraction(str(table(METHOD, "detection")["share_in_mean"][0]))
    counted = []
    for item in items:
        value = valid_value(item)
        if f"{item}_below" in given and is_upper_limit(item):
            part = divide_half_even(value * share.numerator, share.denominator)
            value = pl.when(pl.col(f"{item}_below").fill_null(False)).then(part).otherwise(value)
        counted.append(value.alias(item))
    return counted


def _logarithmic(items: Sequence[str]) -> list[str]:
    """Name the items whose mean is that of the hydrogen-ion concentration."""
    means = dict(table(METHOD, "means").select("item", "mean").iter_rows())
    return [i for i in items if means.get(i, means["any"]) == "hydrogen_ion"]


def _monthly_means(samples: pl.LazyFrame, keys: Sequence[str], items: Sequence[str]) -> pl.LazyFrame:
    """Take the mean of each item over the samples of a month: an exact sum, divided once."""
    judged = [pl.col(f"{i}_n") > 0 for i in items if i in judged_items()]
    return (
        samples.with_columns(_start=pl.col("_day").dt.truncate("1mo"))
        .group_by(*keys, "_start")
        .agg(
            *[_mean(i).alias(i) for i in items],
            *[(pl.col(i) * (-LN10 / _UNIT)).exp().mean().alias(f"_ions_{i}") for i in _logarithmic(items)],
            *[pl.col(i).count().cast(pl.Int64).alias(f"{i}_n") for i in items],
            *_gathered(),
            *[pl.col(c).sum() for c in COUNTS],
        )
        .with_columns(months=pl.any_horizontal(judged).cast(pl.Int64), _last=pl.col("_start").dt.month_end())
    )


def _mean(item: str) -> pl.Expr:
    if item not in judged_items():  # coliforms in billionths could overflow an exact sum
        return pl.col(item).mean() / _UNIT
    return pl.when(pl.col(item).count() > 0).then(pl.col(item).sum() / pl.col(item).count() / _UNIT)


def _printed(mean: pl.Expr) -> pl.Expr:
    """Snap a mean to the billionth: a tie in thirds is a tie, and the double is the one nearest to the decimal."""
    return unscaled(scaled(mean, PLACES), PLACES)


def _yearly_means(months: pl.LazyFrame, keys: Sequence[str], items: Sequence[str]) -> pl.LazyFrame:
    """Take the mean of each item over the months of a year that have one."""
    return (
        months.with_columns(_start=pl.col("_start").dt.truncate("1y"))
        .group_by(*keys, "_start")
        .agg(
            *[pl.col(i).mean() for i in items],
            *[pl.col(f"_ions_{i}").mean() for i in _logarithmic(items)],
            *[pl.col(i).count().cast(pl.Int64).alias(f"{i}_n") for i in items],
            *_gathered(),
            *[pl.col(c).sum() for c in (*COUNTS, "months")],
        )
        .with_columns(_last=pl.col("_start").dt.offset_by("1y").dt.offset_by("-1d"))
    )


def _judged(
    means: pl.LazyFrame, keys: Sequence[str], items: Sequence[str], level: str, edition: str | None, rounding: str
) -> pl.LazyFrame:
    """Judge the means and say what makes the period doubtful."""
    logs = _logarithmic(items)
    dated = means.with_columns(
        *[pl.col(i).alias(f"_plain_{i}") for i in logs],
        *[(-pl.col(f"_ions_{i}").log10()).alias(i) for i in logs],
        day=pl.col("_last"),
        period=pl.col("_start").dt.strftime("%Y" if level == "year" else "%Y-%m"),
    ).with_columns(*[_printed(pl.col(i)).alias(i) for i in items])
    judged = water_class(dated, edition=edition, rounding=rounding).with_columns(
        _limits=timeline(FAMILY).number_on(pl.col("day"), edition=edition), _practice=practice_number(pl.col("day"))
    )
    doubts = {"ph_mean_unconfirmed": _other_mean(logs)} if logs else {}
    if rounding == "auto":
        doubts["straddles_editions"] = practice_number(pl.col("_start")) != practice_number(pl.col("_last"))
    needed, with_ice = table(METHOD, "periods").filter(period="year").select("needed", "needed_with_ice").row(0)
    if level == "year":
        doubts["months_missing"] = pl.col("months") < needed
    known = pl.col("water_class").is_not_null()
    enough = pl.col("months") >= with_ice if level == "year" else pl.lit(True)
    stated = known & enough
    results: dict[str, pl.Expr] = {r: pl.when(stated).then(pl.col(r)) for r in ("water_class", *WORDS)}
    results["unconfirmed"] = stated & (pl.col("unconfirmed") | pl.any_horizontal(False, *doubts.values()))
    results["reason"] = join_reasons(*_reasons(items, doubts, stated, known & ~enough))
    shown = [column for i in items for column in (i, f"{i}_n")]
    counts = [*COUNTS, *(["months"] if level == "year" else [])]
    return judged.with_columns(**results).select(*keys, "period", *shown, *counts, *RESULTS).sort(*keys, "period")


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
    said.append(pl.when(too_few).then(pl.concat_str(pl.lit("too_few_months("), months, pl.lit(")"))))
    for code, holds in doubts.items():
        word = pl.concat_str(pl.lit(f"{code}("), months, pl.lit(")")) if code == "months_missing" else pl.lit(code)
        said.append(pl.when(stated & holds).then(word))
    return [pl.col("reason"), *said]
