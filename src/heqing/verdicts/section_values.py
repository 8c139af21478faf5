"""Values to date of surface water: months of sections, their means, shares of classes, months that miss a class.

A section is judged on the mean of its months. The science is that of `heqing.water`; see `heqing.verdicts.values` for
how a value is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from heqing.air.evaluation import decimals
from heqing.editions import table
from heqing.quantities.rounding import exact_mean
from heqing.tables import items
from heqing.verdicts.course import as_decimal
from heqing.verdicts.measured import ITEM, Measured, ending, exact, name_of, no_days, widened, within_days
from heqing.verdicts.promises import METHOD
from heqing.water import period_water_class


def section_months(
    frame: pl.LazyFrame,
    *,
    first: date | None = None,
    last: date | None = None,
    places: Sequence[str] | None = None,
    body_types: Mapping[str, str] | None = None,
) -> pl.LazyFrame:
    """Give the months of sections: means of their items and their class.

    Parameters
    ----------
    frame : polars.LazyFrame
        Observations of a store, or samples with ``section`` and ``time`` or ``day``.
    first, last : date, optional
        Only samples of these days.
    places : sequence of str, optional
        Sections that count; all by default.
    body_types : mapping, optional
        Section to kind of water body, where the frame has no ``body_type``; without it the kind is unknown.

    Returns
    -------
    polars.LazyFrame
        As `heqing.water.period_water_class` gives months. A frame that is such a result already is only cut.

    Examples
    --------
    >>> samples = pl.LazyFrame({"section": ["a"], "day": [date(2025, 6, 1)], "body_type": ["river"], "tp": [0.15]})
    >>> section_months(samples).select("section", "period", "water_class").collect().row(0)
    ('a', '2025-06', 3)
    """
    columns = frame.collect_schema().names()
    if {"period", "water_class", "section"} <= set(columns):
        month = pl.col("period").str.to_date("%Y-%m", strict=False)
        start = None if first is None else first.replace(day=1)
        wanted = within_days(month, start, last)
        return frame.filter(wanted if places is None else wanted & pl.col("section").is_in(list(places)))
    if "item" in columns and "period_end" in columns:
        frame = widened(frame, "water", ("sample", "hour", "day"), first, last)
        columns = frame.collect_schema().names()
    else:
        moment = pl.col("time").cast(pl.Date) if "time" in columns else pl.col("day").cast(pl.Date)
        frame = frame.filter(within_days(moment, first, last))
    if places is not None:
        frame = frame.filter(pl.col("section").is_in(list(places)))
    if "body_type" not in columns:
        known = dict(body_types or {})
        kind = pl.col("section").replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
        frame = frame.with_columns(body_type=kind if known else pl.lit(None, pl.String))
    return period_water_class(frame, level="month")


def _to_date(months: pl.DataFrame, last: date, edition: str | None) -> pl.DataFrame:
    """Judge each section on the mean of its months: each month's means stand as one sample of the last month.

    The mean of such samples is the mean of the months, pH by its ions as ever, and no minimum of months is asked, as
    it is of a whole year.
    """
    codes = [i.code for i in items("water") if i.code in months.columns]
    at = pl.datetime(last.year, last.month, 1)
    place = pl.int_range(pl.len()).over("section")
    rows = months.select("section", "body_type", *codes, time=at + pl.duration(seconds=place))
    return period_water_class(rows.lazy(), level="month", edition=edition).collect()


def of_sections(
    frame: pl.LazyFrame,
    statistic: str,
    first: date,
    last: date,
    places: Sequence[str] | None,
    required: Mapping[str, int],
    edition: str | None,
) -> Measured:
    """Give a statistic over months of sections as `section_months` gives them."""
    months = frame.filter(pl.col("period").is_not_null()).collect()
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    wanted = list(places) if places is not None else sorted(set(months["section"].drop_nulls().to_list()))
    expected = span * len(wanted)
    found = ITEM.fullmatch(statistic)
    if not months.height or (found is not None and found[2] not in months.columns):
        return Measured(statistic, None, last, 0, expected, reason=no_days(first, last))
    rows = _to_date(months, last, edition)
    if found is not None:
        item = found[2]
        value = exact(rows.select(exact_mean(pl.col(item))).item())
        samples = int((months[f"{item}_n"] > 0).sum())
        measured = Measured(statistic, value, last, samples, expected)
        if value is None:
            return replace(measured, reason=no_days(first, last))
        return ending(measured, _month_end(months.filter(pl.col(f"{item}_n") > 0), last))
    judged = rows.filter(pl.col("water_class").is_not_null())
    gone = sorted(set(wanted) - set(judged["section"].to_list()))
    said = [f"sections_not_judged({_listed(gone)})"] if gone else []
    if judged["unconfirmed"].any():
        said.append("unconfirmed_rows(断面水质评价)")
    base = Measured(
        statistic,
        None,
        last,
        int(months["water_class"].is_not_null().sum()),
        expected,
        edition=(judged["edition"][-1] or "") if judged.height else "",
        clause=(judged["clause"][-1] or "") if judged.height else "",
        unconfirmed=bool(judged["unconfirmed"].any()),
        reason=";".join(said),
    )
    if not judged.height:
        return replace(base, reason=";".join([no_days(first, last), *said]))
    classes = dict(judged.select("section", "water_class").iter_rows())
    ended = _month_end(months.filter(pl.col("water_class").is_not_null()), last)
    return _of_classes(ending(base, ended), classes, months, required)


def _month_end(months: pl.DataFrame, last: date) -> date:
    """Give the last day of the last month with data, at most the day asked for."""
    end: date | None = months.select(pl.col("period").max().str.to_date("%Y-%m").dt.month_end()).item()
    return last if end is None else min(end, last)


def _of_classes(base: Measured, classes: dict[str, int], months: pl.DataFrame, required: Mapping[str, int]) -> Measured:
    shares = table(METHOD, "class_shares").filter(pl.col("statistic") == base.statistic)
    if shares.height:
        low, high = shares["class_from"][0], shares["class_to"][0]
        return _share(base, sum(low <= c <= high for c in classes.values()), len(classes))
    if base.statistic == "water.worst_class":
        return replace(base, value=Decimal(max(classes.values())))
    unknown = sorted(set(classes) - set(required))
    if unknown:
        said = f"required_class_missing({_listed(unknown)})"
        base = replace(base, reason=";".join(filter(None, [said, base.reason])))
    held = {s: c for s, c in classes.items() if s in required}
    if not held:
        return base
    if base.statistic == "water.months_exceeding":
        rows = months.filter(pl.col("water_class").is_not_null()).select("section", "water_class").iter_rows()
        return replace(base, value=Decimal(sum(s in required and c > required[s] for s, c in rows)))
    if base.statistic in ("water.share_attaining", "water.source_attaining"):
        return _share(base, sum(c <= required[s] for s, c in held.items()), len(held))
    return replace(base, reason=f"statistic_elsewhere({name_of(base.statistic)})")


def _share(base: Measured, part: int, whole: int) -> Measured:
    value = as_decimal(Fraction(part * 100, whole))
    return replace(base, value=value, part=part, whole=whole, places=decimals(0, "ratio", "percent"))


def _listed(sections: Sequence[str]) -> str:
    return ",".join(re.sub(r"[();,]", " ", s) for s in sections)
