"""How much better or worse a section, river or region became between two periods (水质变化趋势，两时段比较).

One section or river goes by its grade, a region by the shares of its sections. Several periods are tested in
`heqing.trends`.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from heqing.editions import table
from heqing.quantities.rounding import scaled, unscaled
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.basins import basin_steps
from heqing.water.exceedance import METHOD
from heqing.water.grounds import ground_names, grounds, number_of, own_names
from heqing.water.limits import PLACES
from heqing.water.samples import day_of

RESULTS = ("change", "change_direction", "change_word")


@cache
def _steps(compared: str) -> tuple[tuple[int, int], ...]:
    rows = table(METHOD, "trend_steps").filter(pl.col("compared") == compared).sort("step")
    return tuple(rows.select("step", "above").iter_rows())


@cache
def _words() -> dict[str, str]:
    rows = table(METHOD, "trend_words").select("step", "direction", "word_zh")
    return {f"{step}{direction}": word for step, direction, word in rows.iter_rows()}


def _said(rows: pl.LazyFrame, columns: list[pl.Expr], compared: str, unit: int) -> pl.LazyFrame:
    """Say the change in column ``_change`` (above zero: better) in words."""
    change, number = pl.col("_change"), pl.col("_number")
    step = pl.sum_horizontal([(change.abs() > above * unit).cast(pl.Int64) for _, above in _steps(compared)])
    direction = (
        pl.when(step == 0).then(pl.lit("same")).when(change > 0).then(pl.lit("better")).otherwise(pl.lit("worse"))
    )
    direction = pl.when(change.is_not_null()).then(direction)
    key = pl.concat_str(step.cast(pl.String), direction)
    shown = unscaled(change, PLACES) if unit > 1 else change.cast(pl.Float64)
    return rows.select(
        *columns,
        shown.alias("change"),
        direction.alias("change_direction"),
        key.replace_strict(_words(), default=None, return_dtype=pl.String).alias("change_word"),
        *grounds(
            "change",
            METHOD,
            number,
            change.is_not_null(),
            tables=("trend_steps", "trend_words"),
            reasons=[pl.when(change.is_null() & number.is_not_null()).then(pl.lit("nothing_to_compare"))],
        ),
    )


@any_frame
def change_of_shares(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Say how a river or region changed by the shares of its sections.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows with ``good_percent``, ``worse_than_v_percent`` (of `heqing.water.section_shares`), the same of the
        period before as ``good_percent_before`` and ``worse_than_v_percent_before``, and ``time``, ``day`` or
        ``period_end``.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``change`` (change of the good share less that of the share worse than Ⅴ,
        percentage points; above zero is better), ``change_direction``, ``change_word``, ``change_edition``,
        ``change_clause``, ``change_unconfirmed``, ``change_reason``.

    Raises
    ------
    MissingColumnError
        Without a date or one of the four columns.

    References
    ----------
    Family ``surface_water_method``: tables ``trend_steps`` and ``trend_words`` (unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> region = pl.LazyFrame({"day": [date(2018, 12, 31)], "good_percent_before": [67.9], "good_percent": [71.0],
    ...     "worse_than_v_percent_before": [8.3], "worse_than_v_percent": [6.7]})
    >>> change_of_shares(region).select("change", "change_word").collect().row(0)
    (4.7, '无明显变化')
    """
    frame, columns = own_names(frame, (*RESULTS, *ground_names("change")))
    of = ("good_percent", "worse_than_v_percent")
    need_columns(frame, "shares of two periods", [*of, *[f"{c}_before" for c in of]])
    good, worse = (scaled(pl.col(c), PLACES) - scaled(pl.col(f"{c}_before"), PLACES) for c in of)
    rows = frame.with_columns(_number=number_of(METHOD, day_of(frame)), _change=good - worse)
    return _said(rows, columns, "shares", 10**PLACES)


@any_frame
def change_of_grade(frame: pl.LazyFrame, *, grade: str = "basin_grade") -> pl.LazyFrame:
    """Say how a section or river changed by its grade.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows with a grade in words (优 … 重度污染) in column `grade`, that of the period before in ``<grade>_before``,
        and ``time``, ``day`` or ``period_end``.
    grade : str
        The column.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``change`` (grades; above zero is better) and the other columns of
        `change_of_shares`.

    Raises
    ------
    MissingColumnError
        Without a date or one of the columns.

    References
    ----------
    Family ``surface_water_method``: tables ``trend_steps`` and ``trend_words`` (unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> rivers = pl.LazyFrame({"day": [date(2020, 12, 31)] * 2, "basin_grade": ["良好", "优"],
    ...     "basin_grade_before": ["优", "轻度污染"]})
    >>> change_of_grade(rivers).collect()["change_word"].to_list()
    ['有所下降', '明显好转']
    """
    frame, columns = own_names(frame, (*RESULTS, *ground_names("change")))
    need_columns(frame, "grades of two periods", [grade, f"{grade}_before"])
    place = {step.grade: k for k, step in enumerate(basin_steps())}
    now, before = (
        pl.col(c).replace_strict(place, default=None, return_dtype=pl.Int64) for c in (grade, f"{grade}_before")
    )
    rows = frame.with_columns(_number=number_of(METHOD, day_of(frame)), _change=before - now)
    return _said(rows, columns, "grades", 1)
