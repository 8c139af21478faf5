"""The grade of a river, a basin or a region from its sections (河流、流域水质状况).

With five sections and more it goes by their shares and there is no mean class; with fewer the items are meaned over the
sections and judged as one section. Counting is in `heqing.water.shares`, lakes are in `heqing.water.lakes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.classes import water_class
from heqing.water.exceedance import METHOD
from heqing.water.grounds import ground_names, grounds, number_of
from heqing.water.limits import PLACES, judged_items, whole
from heqing.water.means import mean_over
from heqing.water.pollutants import main_pollutants
from heqing.water.samples import day_of
from heqing.water.shares import COUNTED, OF_TARGETS, section_shares

RESULTS = ("basin_method", "basin_class", "basin_grade", "basin_colour", "basin_main_pollutants")


@dataclass(frozen=True)
class Step:
    """One grade of a basin and the shares from which it holds, in billionths of a percent."""

    good_at_least: int | None
    worse_at_least: int | None
    grade: str
    colour: str


@cache
def basin_steps() -> tuple[Step, ...]:
    """Give the grades of basins from the best on.

    Returns
    -------
    tuple of Step
        Of the latest phase of the method.

    Examples
    --------
    >>> [step.grade for step in basin_steps()]
    ['优', '良好', '轻度污染', '中度污染', '重度污染']
    """
    rows = table(METHOD, "basin_grades")
    rows = rows.filter(pl.col("phase_no") == rows["phase_no"].max()).sort("level")
    return tuple(
        Step(
            None if r["good_at_least"] is None else whole(r["good_at_least"]),
            None if r["worse_at_least"] is None else whole(r["worse_at_least"]),
            r["grade_zh"],
            r["colour_zh"],
        )
        for r in rows.iter_rows(named=True)
    )


def grade_by_shares(good_percent: pl.Expr, worse_percent: pl.Expr) -> pl.Expr:
    """Give the grade for the shares of good sections and of those worse than class Ⅴ.

    Parameters
    ----------
    good_percent, worse_percent : polars.Expr
        Percent of the sections judged.

    Returns
    -------
    polars.Expr
        Text, null where a share is.

    References
    ----------
    Family ``surface_water_method``, table ``basin_grades``.

    Examples
    --------
    >>> pl.select(grade_by_shares(pl.lit(77.8), pl.lit(22.2))).item()
    '良好'
    """
    good, worse = scaled(good_percent, PLACES), scaled(worse_percent, PLACES)
    first = [s for s in basin_steps() if s.good_at_least is not None]
    rest = [s for s in basin_steps() if s.good_at_least is None]
    word = pl.lit(None, pl.String)
    for step in rest:  # from the best on: a later one that holds is worse and counts
        holds = pl.lit(True) if step.worse_at_least is None else worse >= step.worse_at_least
        word = pl.when(holds).then(pl.lit(step.grade)).otherwise(word)
    for step in reversed(first):
        word = pl.when(good >= step.good_at_least).then(pl.lit(step.grade)).otherwise(word)
    return pl.when(good.is_not_null() & worse.is_not_null()).then(word)


def section_grade(water_class_: pl.Expr) -> pl.Expr:
    """Give the grade of a single section by its class (水质状况).

    Parameters
    ----------
    water_class_ : polars.Expr
        1–6.

    Returns
    -------
    polars.Expr
        Text.

    References
    ----------
    Family ``surface_water_method``, table ``section_grades``.

    Examples
    --------
    >>> pl.select(section_grade(pl.Series([2, 3, 6]))).to_series().to_list()
    ['优', '良好', '重度污染']
    """
    words = table(METHOD, "section_grades").select("class", "grade_zh").unique("class", keep="last")
    of = pl.lit(water_class_) if isinstance(water_class_, pl.Series) else water_class_
    return of.replace_strict(words["class"].to_list(), words["grade_zh"].to_list(), default=None)


@any_frame
def basin_grade(
    frame: pl.LazyFrame, *, by: Sequence[str], edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Give each river, basin or region its grade by its sections.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per section with ``water_class`` and ``exceedance`` (of `heqing.water.period_water_class` or
        `heqing.water.water_class`), ``time``, ``day`` or ``period_end``, the means of items by code and
        ``body_type`` for groups of fewer than five sections, ``target_class`` where attainment is wanted.
    by : sequence of str
        Columns that make a group; put the period among them.
    edition : str, optional
        Pin an edition of the standard, for means over sections.
    rounding : str
        As in `heqing.water.water_class`, for means over sections.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: the counts of `heqing.water.section_shares`, ``basin_method`` (``shares`` or
        ``means``), ``basin_class`` (of the means; none by shares), ``basin_grade``, ``basin_colour``,
        ``basin_main_pollutants`` (by shares those that most sections exceed; else as for one section),
        ``basin_edition``, ``basin_clause``, ``basin_unconfirmed``, ``basin_reason``.

    Raises
    ------
    MissingColumnError
        Without ``water_class``, a date or a column of `by`.

    References
    ----------
    Family ``surface_water_method``: tables ``basin_rules``, ``basin_grades``, ``section_grades``.

    Examples
    --------
    >>> from datetime import date
    >>> sections = pl.LazyFrame({"river": ["a"] * 5, "day": [date(2020, 6, 1)] * 5, "body_type": ["river"] * 5,
    ...     "tp": [0.05, 0.08, 0.15, 0.2, 0.5]})
    >>> basin_grade(water_class(sections), by=["river"]).select("basin_grade", "basin_main_pollutants").collect().row(0)
    ('良好', None)
    >>> few = sections.head(4).with_columns(tp=pl.Series([0.05, 0.5, 0.5, 0.5]))
    >>> basin_grade(water_class(few), by=["river"]).select("basin_method", "basin_class").collect().row(0)
    ('means', 5)
    """
    given = need_columns(frame, "sections", ["water_class", *by], hint="Judge the samples with water_class first.")
    taken = [b for b in by if b in (*RESULTS, *ground_names("basin"))]
    if taken:
        raise MissingColumnError("sections", taken, present=given, hint="These are names of results.")
    day = day_of(frame)
    items = [i for i in judged_items() if i in given]
    rules = table(METHOD, "basin_rules").row(-1, named=True)
    exceeded = [i for i in judged_items() if "exceedance" in given]
    body = body_of(given)
    judged = pl.col("water_class").is_not_null()
    groups = (
        frame.with_columns(
            _day=day,
            _body=body,
            _text=pl.concat_str(pl.lit(","), pl.col("exceedance"), pl.lit(","))
            if exceeded
            else pl.lit(None, pl.String),
        )
        .with_columns(**{f"_n_{i}": _exceeds(i) for i in exceeded})
        .group_by(*by)
        .agg(
            pl.col("_day").max(),
            *mean_over(items, given, judged),
            _same=pl.col("_body").filter(judged).n_unique() == 1,
            _kind=pl.col("_body").filter(judged).first(),
            **{f"_n_{i}": pl.col(f"_n_{i}").sum().cast(pl.Int64) for i in exceeded},
        )
    )
    keys = [f"by {k}" for k, _ in enumerate(by)]  # a group may bear a name that the rules below read or write
    means = groups.select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        *items,
        day=pl.col("_day"),
        body_type=pl.when("_same").then(pl.col("_kind")),
        **{f"n_{i}": pl.col(f"_n_{i}") for i in exceeded},
    )
    if not items:
        means = means.with_columns(pl.lit(None, pl.Float64).alias(judged_items()[0]))
    one = main_pollutants(water_class(means, edition=edition, rounding=rounding), edition=edition, rounding=rounding)
    one = one.select(
        *keys,
        pl.col("day").alias("_end"),
        pl.col("water_class").alias("_class"),
        pl.col("main_pollutants").alias("_main"),
        pl.col("reason").alias("_why"),
        *[f"n_{i}" for i in exceeded],
    )
    shares = section_shares(frame, by=by).with_row_index("_row")
    worked = shares.join(
        one, left_on=list(by), right_on=keys, how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(
        _number=number_of(METHOD, pl.col("_end")),
        _by_shares=pl.col("sections_judged") >= rules["sections_for_shares"],
        _main_shares=_main_by_share(exceeded, rules["main_items"]),
    )
    by_shares, number = pl.col("_by_shares"), pl.col("_number")
    worked = worked.with_columns(
        _grade=pl.when(by_shares)
        .then(grade_by_shares(pl.col("good_percent"), pl.col("worse_than_v_percent")))
        .otherwise(section_grade(pl.col("_class")))
    )
    grade = pl.col("_grade")
    stated = grade.is_not_null()
    clean = [s.grade for s in basin_steps() if s.good_at_least is not None]
    colours = {s.grade: s.colour for s in basin_steps()}
    at_the_edge = pl.col("sections_judged") == rules["sections_for_shares"]
    has_target = "target_class" in given
    reasons = [
        pl.when(pl.col("sections_judged") == 0).then(pl.lit("no_sections_judged")),
        pl.when(~by_shares & (pl.col("sections_judged") > 0) & ~stated).then(
            pl.concat_str(
                pl.lit("means_not_judged("),
                pl.col("_why").fill_null("no_items").str.replace_all(r"[();]", " "),
                pl.lit(")"),
            )
        ),
    ]
    return worked.sort("_row").select(
        *by,
        *COUNTED,
        *(OF_TARGETS if has_target else ()),
        pl.when(stated)
        .then(pl.when(by_shares).then(pl.lit("shares")).otherwise(pl.lit("means")))
        .alias("basin_method"),
        pl.when(~by_shares).then(pl.col("_class")).alias("basin_class"),
        grade.alias("basin_grade"),
        grade.replace_strict(colours, default=None, return_dtype=pl.String).alias("basin_colour"),
        pl.when(stated & ~grade.is_in(clean))
        .then(pl.when(by_shares).then(pl.col("_main_shares")).otherwise(pl.col("_main")))
        .alias("basin_main_pollutants"),
        *grounds(
            "basin",
            METHOD,
            number,
            stated,
            tables=("basin_rules", "basin_grades"),
            unconfirmed=pl.col("shares_unconfirmed") | ~by_shares | at_the_edge,
            reasons=reasons,
        ),
    )


def _exceeds(item: str) -> pl.Expr:
    """Say whether ``,…,`` names an item, with its multiple or bare."""
    text = pl.col("_text")
    return (text.str.contains(f",{item}:", literal=True) | text.str.contains(f",{item},", literal=True)).fill_null(
        False
    )


def _main_by_share(items: Sequence[str], kept: int) -> pl.Expr:
    """Name the items that most sections exceed, the most first; equal ones in the standard's order."""
    if not items:
        return pl.lit(None, pl.String)

    def name(rows: pl.Series) -> pl.Series:
        long = (
            rows.struct.unnest()
            .with_row_index("row")
            .unpivot(index="row")
            .with_row_index("place")
            .filter(pl.col("value") > 0)
            .sort("row", "value", "place", descending=[False, True, False])
            .group_by("row", maintain_order=True)
            .agg(pl.col("variable").head(kept).str.strip_prefix("n_").str.join(","))
        )
        base = pl.DataFrame({"row": pl.arange(0, rows.len(), eager=True, dtype=pl.UInt32)})
        return base.join(long, on="row", how="left", maintain_order="left")["variable"]

    counts = pl.struct([pl.col(f"n_{i}").fill_null(0) for i in items])
    return counts.map_batches(name, return_dtype=pl.String, is_elementwise=True)
