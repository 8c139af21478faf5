"""Days left out of an evaluation by an approved list: dust, and other days with the document that approved them.

The list is imported; no day is ever found here. Which items leave the statistics, and whether the day stays in the
ratios, is data of family ``air_exclusions``. Values are kept beside as ``<item>_measured``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import polars as pl

from heqing.air.evaluation import EVALUATED
from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.tables import keep_inputs, marked, need_columns
from heqing.tables.door import any_frame

EXCLUSIONS = "air_exclusions"
Ratios = Literal["rule", "kept", "excluded"]
_RATIO_COLUMNS = ("good_day", "attaining_day")
_REASON = "list_reason"


@cache
def _kinds() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, item in table(EXCLUSIONS, "kinds").select("kind", "item").unique(maintain_order=True).iter_rows():
        found.setdefault(kind, []).append(item)
    return found


@any_frame
def listed_days(listed: pl.LazyFrame, days: pl.LazyFrame, *, by: Sequence[str] = ("city",)) -> pl.LazyFrame:
    """Say of each row of a list of approved days whether it is used, and if not, why.

    Parameters
    ----------
    listed : polars.LazyFrame
        One row per place and day: the columns `by`, ``day``, ``kind`` (``dust``, or any word where ``items`` is
        given), ``document`` (what approved it), and ``items`` (codes joined by commas) where the list names them.
    days : polars.LazyFrame
        The days they are for: `by` and ``day``.
    by : sequence of str
        Columns that name a place.

    Returns
    -------
    polars.LazyFrame
        The rows of `listed`, in order, plus ``listed_items`` (those that leave the statistics), ``list_unconfirmed``,
        ``list_reason``: ``bad_time``, ``no_edition``, ``no_document``, ``unknown_kind`` (no rule and no items) or
        ``no_such_day``; null where the row is used.

    Raises
    ------
    MissingColumnError
        Without ``day``, ``kind``, ``document`` or a column of `by`, in either frame.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.LazyFrame({"city": ["甲"], "day": [date(2021, 3, 15)]})
    >>> listed = pl.LazyFrame({"city": ["甲", "甲"], "day": [date(2021, 3, 15), date(2021, 3, 16)],
    ...     "kind": ["dust"] * 2, "document": ["总站函〔2021〕1号"] * 2})
    >>> listed_days(listed, days).select("listed_items", "list_reason").collect().rows()
    [('pm2_5,pm10', None), ('pm2_5,pm10', 'no_such_day')]
    """
    present = need_columns(listed, "The list of days", [*by, "day", "kind", "document"])
    need_columns(days, "The daily table", [*by, "day"])
    listed = keep_inputs(listed, ["listed_items", "list_unconfirmed", _REASON])
    kind = pl.col("kind").cast(pl.String).str.strip_chars()
    text = pl.col("items").cast(pl.String).str.strip_chars() if "items" in present else pl.lit(None, pl.String)
    own = pl.when(text != "").then(text.str.split(",").list.eval(pl.element().str.strip_chars()))
    is_named = own.list.len().fill_null(0) > 0
    items = marked(
        (
            i,
            pl.when(is_named)
            .then(own.list.contains(i))
            .otherwise(kind.is_in([k for k, of in _kinds().items() if i in of])),
        )
        for i in EVALUATED
    )
    number = timeline(EXCLUSIONS).number_on(pl.col("day"))
    unsure = table(EXCLUSIONS, "kinds").filter("unconfirmed")["kind"].unique().to_list()
    there = days.select(*by, "day").unique().with_columns(_there=pl.lit(True))
    has_document = pl.col("document").cast(pl.String).str.strip_chars().fill_null("") != ""
    return (
        listed.join(there, on=[*by, "day"], how="left", nulls_equal=False, maintain_order="left")
        .with_columns(
            listed_items=pl.when(items != "").then(items),
            list_unconfirmed=is_named | kind.is_in(unsure).fill_null(False),
        )
        .with_columns(
            pl.when(pl.col("day").is_null())
            .then(pl.lit("bad_time"))
            .when(number.is_null())
            .then(pl.lit("no_edition"))
            .when(~has_document)
            .then(pl.lit("no_document"))
            .when(pl.col("listed_items").is_null())
            .then(pl.format("unknown_kind({})", kind.fill_null("")))
            .when(pl.col("_there").is_null())
            .then(pl.lit("no_such_day"))
            .alias(_REASON)
        )
        .drop("_there")
    )


@any_frame
def exclude_days(
    days: pl.LazyFrame, listed: pl.LazyFrame, *, by: Sequence[str] = ("city",), ratios: Ratios = "rule"
) -> pl.LazyFrame:
    """Leave the items of approved days out of what is evaluated next; the days and their values stay.

    Parameters
    ----------
    days : polars.LazyFrame
        Judged days: the columns `by`, ``day``, any of ``pm2_5 pm10 so2 no2 co o3_8h``, ``good_day`` and
        ``attaining_day`` where present. The index of a day is made before, from the measured values.
    listed : polars.LazyFrame
        As for `listed_days`; its rows that are not used change nothing.
    by : sequence of str
        Columns that name a place.
    ratios : {"rule", "kept", "excluded"}
        Whether such a day stays in the ratios of good and attaining days. ``rule``: as the family says (dust stays);
        ``excluded``: it counts neither as good nor as valid, as some published ratios have it.

    Returns
    -------
    polars.LazyFrame
        The rows of `days`, in order, where the listed items are null and their values stand in ``<item>_measured``;
        plus ``excluded_items``, ``excluded_kind``, ``excluded_by`` (the documents), ``exclusion_unconfirmed``. Give it
        to `heqing.air.period_statistics`.

    Raises
    ------
    MissingColumnError
        As `listed_days`.
    UnknownNameError
        For another word for `ratios`.

    References
    ----------
    环办监测〔2016〕120号; national monthly reports of 2021-07 and 2022-09: family ``air_exclusions``.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.LazyFrame({"city": ["甲"] * 2, "day": [date(2021, 3, 15), date(2021, 3, 16)], "pm10": [900.0, 60.0]})
    >>> listed = pl.LazyFrame({"city": ["甲"], "day": [date(2021, 3, 15)], "kind": ["dust"], "document": ["函"]})
    >>> exclude_days(days, listed).select("pm10", "pm10_measured", "excluded_kind").collect().rows()
    [(None, 900.0, 'dust'), (60.0, 60.0, None)]
    """
    if ratios not in ("rule", "kept", "excluded"):
        raise UnknownNameError("way with ratios", ratios, ["rule", "kept", "excluded"])
    used = listed_days(listed, days, by=by).filter(pl.col(_REASON).is_null())
    kept_out = table(EXCLUSIONS, "kinds").filter(pl.col("ratios") == "excluded")["kind"].unique().to_list()
    merged = used.group_by(*by, "day").agg(
        excluded_kind=pl.col("kind").unique().sort().str.join(","),
        excluded_by=pl.col("document").cast(pl.String).unique().sort().str.join("；"),
        exclusion_unconfirmed=pl.col("list_unconfirmed").any(),
        _leaves_ratios=pl.col("kind").is_in(kept_out).any(),
        **{f"_out_{i}": pl.col("listed_items").str.split(",").list.contains(i).any() for i in EVALUATED},
    )
    results = ["excluded_items", "excluded_kind", "excluded_by", "exclusion_unconfirmed"]
    present = days.collect_schema().names()
    found = [i for i in EVALUATED if i in present]
    frame = keep_inputs(days, [*results, *[f"{i}_measured" for i in found]])
    columns = frame.collect_schema().names()
    out = {i: pl.col(f"_out_{i}").fill_null(False) for i in EVALUATED}
    leaves = pl.col("_leaves_ratios").fill_null(False) if ratios == "rule" else pl.lit(ratios == "excluded")
    leaves = leaves & pl.col("excluded_kind").is_not_null()
    changed = {i: pl.when(~out[i]).then(pl.col(i)).alias(i) for i in found}
    changed |= {c: pl.when(~leaves).then(pl.col(c)).alias(c) for c in _RATIO_COLUMNS if c in present}
    named = marked((i, out[i]) for i in EVALUATED)
    return frame.join(merged, on=[*by, "day"], how="left", maintain_order="left").select(
        *[changed.get(c, pl.col(c)) for c in columns],
        *[pl.col(i).alias(f"{i}_measured") for i in found],
        pl.when(named != "").then(named).alias("excluded_items"),
        "excluded_kind",
        "excluded_by",
        pl.col("exclusion_unconfirmed").fill_null(False),
    )
