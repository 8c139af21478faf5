"""The class of a lake or reservoir from its points and rounds (湖泊、水库): rounds first, then points, then class.

Each point is meaned over its rounds as a section is over its samples, then each item over the points, each counting
once. Total nitrogen is told beside the class and never moves it. Give the result to `heqing.water.trophic_index` for
the trophic state: it has the means that it needs.
"""

from __future__ import annotations

import polars as pl

from heqing.editions import by_phase, timeline
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import items as items_of
from heqing.tables import join_reasons
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.classes import water_class
from heqing.water.limits import FAMILY, PLACES, limits, steps
from heqing.water.means import mean_over
from heqing.water.periods import PERIOD, period_water_class
from heqing.water.samples import file_columns, present_items
from heqing.water.worst_item import RESULTS

NITROGEN = "tn"
PLACE = ("province", "city", "lake", "zone")


@any_frame
def lake_water_class(
    frame: pl.LazyFrame, *, level: str = "month", edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Give each lake or reservoir its water class for a period, by the means of its points.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``lake``, ``point``, with them ``province``, ``city``, ``zone`` (a part of a large
        lake, judged by itself) where present, ``body_type`` (without it, or where its word is not known, the limits of
        lakes count; a river-type reservoir takes those of rivers), ``time`` or ``day``, and any items as in
        `heqing.water.period_water_class`, ``chla`` [mg/m³] and ``sd`` [m] too.
    level : str
        As in `heqing.water.period_water_class`.
    edition : str, optional
        Pin an edition of the standard.
    rounding : str
        As in `heqing.water.water_class`.

    Returns
    -------
    polars.LazyFrame
        One row per lake (zone) and period, in order: the key columns, ``period``, ``period_end``, per item its mean,
        ``points``, ``points_judged`` (only these enter the means), ``tn_class`` [1–6, for reference], and the results
        of `heqing.water.water_class`.

    Raises
    ------
    MissingColumnError
        Without lake, point, date or any item.
    UnknownNameError
        When `level` or `rounding` is none.

    References
    ----------
    Family ``surface_water_method``: tables ``means`` and ``periods``. How points are meaned was not read in the text:
    the class of a lake with several points is unconfirmed.

    Examples
    --------
    >>> from datetime import date
    >>> samples = pl.LazyFrame({"lake": ["x"] * 3, "point": ["a", "a", "b"], "tp": [0.02, 0.04, 0.05],
    ...     "day": [date(2020, 6, 1), date(2020, 6, 8), date(2020, 6, 1)]})
    >>> lake_water_class(samples).select("period", "tp", "points_judged", "water_class").collect().row(0)
    ('2020-06', 0.04, 2, 3)
    """
    given = frame.collect_schema().names()
    missing = [c for c in ("lake", "point") if c not in given]
    if missing:
        hint = "A lake is judged by its points; say `--rename old=lake`."
        raise MissingColumnError("lake samples", missing, present=file_columns(given), hint=hint)
    items = present_items(frame, [i.code for i in items_of("water")])
    place = [c for c in PLACE if c in given]
    kind = body_of(given)
    points = period_water_class(
        frame.with_columns(body_type=pl.when(kind == "river").then(pl.lit("river")).otherwise(pl.lit("lake"))),
        level=level,
        edition=edition,
        rounding=rounding,
        places=(*PLACE, "point"),
    )
    judged = pl.col("water_class").is_not_null()
    lakes = points.group_by(*place, *PERIOD).agg(
        *mean_over(items, items, judged),
        points=pl.len().cast(pl.Int64),
        points_judged=judged.sum().cast(pl.Int64),
        _bodies=pl.col("body_type").filter(judged).n_unique(),
        body_type=pl.col("body_type").filter(judged).first(),
        _why=pl.col("reason").filter(~judged).drop_nulls().min(),
    )
    one_kind = pl.when(pl.col("_bodies") == 1).then(pl.col("body_type"))
    dated = lakes.with_columns(day=pl.col("period_end"), body_type=one_kind)
    found = water_class(dated, edition=edition, rounding=rounding)
    several, known = pl.col("points_judged") > 1, pl.col("water_class").is_not_null()
    why = pl.when(~known & (pl.col("points_judged") == 0)).then(pl.col("_why"))
    results = {
        "unconfirmed": pl.col("unconfirmed") | (known & several),
        "reason": join_reasons(pl.when(pl.col("points_judged") > 0).then(pl.col("reason")), why),
        "tn_class": _nitrogen_class(edition) if NITROGEN in items else pl.lit(None, pl.Int64),
    }
    shown = [*place, "body_type", *PERIOD, *items, "points", "points_judged", "tn_class", *RESULTS]
    return found.with_columns(**results).select(shown).sort(*place, "period_end")


def _nitrogen_class(edition: str | None) -> pl.Expr:
    """Give the class of total nitrogen by the limits of lakes, as measured."""
    bounds = {k: of[NITROGEN, "lake"] for k, of in limits().items() if (NITROGEN, "lake") in of}
    number = timeline(FAMILY).number_on(pl.col("day"), edition=edition)
    value = scaled(pl.col(NITROGEN), PLACES)
    found = by_phase(number, bounds, lambda one: steps(one, None).classes(value))
    return pl.when(number.is_not_null()).then(found.cast(pl.Int64))
