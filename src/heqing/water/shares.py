"""Shares of sections: good ones (优良比例), those worse than class Ⅴ (劣Ⅴ比例), those that attain their target.

It counts sections, or section-months, whichever the rows are; a row without a class leaves numerator and denominator
alike. The grade of a river by its shares is in `heqing.water.basins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled, unscaled
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.limits import PLACES, WORSE_THAN_V
from heqing.water.samples import file_columns
from heqing.water.targets import target_of

METHOD = "surface_water_method"
CLASSES = tuple(range(1, WORSE_THAN_V + 1))
COUNTED = (
    "sections",
    "sections_judged",
    *[f"class_{k}_sections" for k in CLASSES],
    "good_sections",
    "good_percent",
    "worse_than_v_percent",
)
OF_TARGETS = ("sections_with_target", "attained_sections", "missed_sections", "attainment_percent")


@cache
def good_and_worse() -> tuple[int, int]:
    """Give the class up to which a section is good and the class from which it is worse than Ⅴ.

    Returns
    -------
    (int, int)
        Classes.

    References
    ----------
    Family ``surface_water_method``, table ``basin_rules``.

    Examples
    --------
    >>> good_and_worse()
    (3, 6)
    """
    row = table(METHOD, "basin_rules").row(-1, named=True)
    return row["good_class"], row["worse_class"]


def percent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Give a share in percent, to the billionth.

    Parameters
    ----------
    part, whole : polars.Expr
        Counts or amounts.

    Returns
    -------
    polars.Expr
        Float64, null where the whole is none.

    Examples
    --------
    >>> round(pl.select(percent(pl.lit(7), pl.lit(9))).item(), 1)
    77.8
    """
    share = part.cast(pl.Float64) * 100 / whole.cast(pl.Float64)
    return pl.when(whole > 0).then(unscaled(scaled(share, PLACES), PLACES))


def counts_of_classes(*, has_target: bool) -> list[pl.Expr]:
    """Count sections by class, for use in ``agg``.

    Parameters
    ----------
    has_target : bool
        Whether the rows have a column ``_target``.

    Returns
    -------
    list of polars.Expr
        Int64 each.

    Examples
    --------
    >>> rows = pl.DataFrame({"river": ["a"] * 3, "water_class": [1, 4, None]})
    >>> rows.group_by("river").agg(counts_of_classes(has_target=False)).select("sections", "good_sections").row(0)
    (3, 1)
    """
    section = pl.col("water_class")
    good, _ = good_and_worse()
    found = [
        pl.len().cast(pl.Int64).alias("sections"),
        section.count().cast(pl.Int64).alias("sections_judged"),
        *[(section == k).sum().cast(pl.Int64).alias(f"class_{k}_sections") for k in CLASSES],
        (section <= good).sum().cast(pl.Int64).alias("good_sections"),
    ]
    if has_target:
        known = section.is_not_null() & pl.col("_target").is_not_null()
        kept = known & (section <= pl.col("_target"))
        found += [
            known.sum().cast(pl.Int64).alias("sections_with_target"),
            kept.sum().cast(pl.Int64).alias("attained_sections"),
            (known & ~kept).sum().cast(pl.Int64).alias("missed_sections"),
        ]
    return found


@any_frame
def section_shares(frame: pl.LazyFrame, *, by: Sequence[str]) -> pl.LazyFrame:
    """Count the sections of each group by class, with the shares of good, worse than Ⅴ and attaining ones.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per section (or section and month, for 月度超标次数) with ``water_class`` and, where attainment is
        wanted, ``target_class``; ``unconfirmed`` where present.
    by : sequence of str
        Columns that make a group: ``river``, ``city``, ``period`` and the like.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``sections``, ``sections_judged``, ``class_<k>_sections``,
        ``good_sections``, ``good_percent``, ``worse_than_v_percent``; with targets ``sections_with_target``,
        ``attained_sections``, ``missed_sections``, ``attainment_percent``; ``shares_unconfirmed`` (a class is).

    Raises
    ------
    MissingColumnError
        Without ``water_class`` or a column of `by`.

    References
    ----------
    Family ``surface_water_method``, table ``basin_rules``.

    Examples
    --------
    >>> rows = pl.LazyFrame({"river": ["a"] * 4, "water_class": [2, 4, 6, None], "target_class": ["Ⅲ", "Ⅳ", "Ⅴ", "Ⅲ"]})
    >>> found = section_shares(rows, by=["river"]).collect()
    >>> found.select("sections_judged", pl.col("good_percent").round(1), pl.col("attainment_percent").round(1)).row(0)
    (3, 33.3, 66.7)
    """
    given = need_columns(frame, "sections", ["water_class", *by], hint="Judge the samples with water_class first.")
    taken = [b for b in by if b in (*COUNTED, *OF_TARGETS)]
    if taken:
        raise MissingColumnError("sections", taken, present=file_columns(given), hint="These are names of results.")
    has_target = "target_class" in given
    doubt = pl.col("unconfirmed") if "unconfirmed" in given else pl.lit(False)
    rows = frame.select(
        *by,
        pl.col("water_class").cast(pl.Int64),
        doubt.fill_null(False).alias("_doubt"),
        *([target_of(frame).alias("_target")] if has_target else []),
    )
    _, worse = good_and_worse()
    worst = pl.sum_horizontal([pl.col(f"class_{k}_sections") for k in CLASSES if k >= worse])
    judged = pl.col("sections_judged")
    found = (
        rows.group_by(*by)
        .agg(*counts_of_classes(has_target=has_target), shares_unconfirmed=pl.col("_doubt").any())
        .with_columns(
            good_percent=percent(pl.col("good_sections"), judged), worse_than_v_percent=percent(worst, judged)
        )
    )
    if has_target:
        share = percent(pl.col("attained_sections"), pl.col("sections_with_target"))
        found = found.with_columns(attainment_percent=share)
    return found.select(*by, *COUNTED, *(OF_TARGETS if has_target else ()), "shares_unconfirmed").sort(*by)
