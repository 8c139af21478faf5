"""The effect of water that enters a city worse than its target (入境断面), deducted before the city's index is made.

That it is deducted was read once, how was found nowhere: every deduction is unconfirmed, and the values as measured
stay beside. The index is made in `heqing.water.city_index`, once of each.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.editions import by_phase, table
from heqing.quantities.rounding import unscaled
from heqing.tables import marked, need_columns
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.city_index import RANKING, index_items
from heqing.water.grounds import ground_names, grounds, number_of, own_names
from heqing.water.limits import FAMILY, PLACES, limits
from heqing.water.means import counted_value
from heqing.water.samples import day_of, present_items
from heqing.water.targets import target_of

_AMOUNT = "excess_over_target"


def _form(item: str) -> str:
    return str(table(RANKING, "items").filter(pl.col("item") == item)["form"].last())


def _excess(item: str, inverse: bool) -> pl.Expr:
    """Give by how much the inflow is worse than the limit of its target class [billionths], 0 where it is not."""
    value, found = pl.col(f"_value_{item}"), pl.lit(None, pl.Int64)
    for body in ("river", "lake"):
        classes = {k: of[item, body].classes for k, of in limits().items() if (item, body) in of}
        bound = by_phase(
            pl.col("_limits"), classes, lambda c: pl.lit(pl.Series(c, dtype=pl.Int64)).gather(pl.col("_target") - 1)
        )
        found = pl.when(pl.col("_body") == body).then(bound).otherwise(found)
    over = found - value if inverse else value - found
    return pl.when(over > 0).then(over).otherwise(pl.when(over.is_not_null()).then(0))


@any_frame
def deduct_inflows(
    sections: pl.LazyFrame, inflows: pl.LazyFrame, *, by: Sequence[str] = (), edition: str | None = None
) -> pl.LazyFrame:
    """Take off the means of a city's sections what water entering worse than its target brings with it.

    Parameters
    ----------
    sections : polars.LazyFrame
        One row per section with the means of the ranking period by item, ``inflow`` (name of the section at which its
        water enters the city; null where none does) and ``time``, ``day`` or ``period_end``.
    inflows : polars.LazyFrame
        One row per such section: ``inflow``, ``body_type``, ``target_class``, ``time``, ``day`` or ``period_end``, its
        means by item. A section named twice deducts nothing.
    by : sequence of str
        Columns that both frames have and that must agree besides the name: the period, for instance.
    edition : str, optional
        Pin an edition of the ranking rule.

    Returns
    -------
    polars.LazyFrame
        The rows of `sections`, in order, with what the inflow brings taken off each item of the index but pH (oxygen:
        its lack added; never below zero; a value that is only a detection limit stays); the means as they were in
        ``<item>_measured``; ``inflow_items`` (those changed), ``inflow_edition``, ``inflow_clause``,
        ``inflow_unconfirmed`` (wherever anything was deducted), ``inflow_reason``. Give it to
        `heqing.water.city_water_index`, and the frame as it was for the index without deduction.

    Raises
    ------
    MissingColumnError
        Without ``inflow``, ``target_class``, ``body_type``, a date, any item or a column of `by`.

    References
    ----------
    Family ``surface_water_ranking``, table ``inflow`` (unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> day = [date(2020, 6, 30)]
    >>> inside = pl.LazyFrame({"section": ["桥"], "inflow": ["界"], "period_end": day, "nh3n": [1.4]})
    >>> border = pl.LazyFrame({"inflow": ["界"], "body_type": ["river"], "target_class": ["Ⅲ"], "period_end": day,
    ...     "nh3n": [1.3]})
    >>> deduct_inflows(inside, border).select("nh3n", "nh3n_measured", "inflow_items").collect().row(0)
    (1.1, 1.4, 'nh3n')
    """
    given = need_columns(sections, "sections", ["inflow", *by])
    border = need_columns(inflows, "inflows", ["inflow", "body_type", *by])
    known = index_items()
    both = [i for i in present_items(sections, known) if i in present_items(inflows, known) and _form(i) != "distance"]
    keys = [f"by {k}" for k, _ in enumerate(by)]
    brought = (
        inflows.select(
            *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
            pl.col("inflow").cast(pl.String).alias("name"),
            _limits=number_of(FAMILY, day_of(inflows, "inflows")),
            _body=body_of(border),
            _target=target_of(inflows),
            **{f"_value_{i}": counted_value(i, border) for i in both},
        )
        .select(*keys, "name", **{f"_excess_{i}": _excess(i, _form(i) == "inverse") for i in both})
        .group_by(*keys, "name")
        .agg(
            *[pl.when(pl.len() == 1).then(pl.col(f"_excess_{i}").first()).alias(f"_excess_{i}") for i in both],
            _named=pl.len(),
        )
    )
    results = [*[f"{i}_measured" for i in both], "inflow_items", *ground_names("inflow")]
    frame, columns = own_names(sections, results)
    joined = frame.with_columns(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        name=pl.col("inflow").cast(pl.String),
        _number=number_of(RANKING, day_of(sections), edition),
    ).join(brought, on=[*keys, "name"], how="left", nulls_equal=False, maintain_order="left")
    amounts = dict(table(RANKING, "inflow").select("phase_no", "amount").iter_rows())
    counts = pl.col("_number").is_in([n for n, amount in amounts.items() if amount == _AMOUNT])
    reduced, changed = {}, {}
    for item in both:
        below = pl.col(f"{item}_below").fill_null(False) if f"{item}_below" in given else pl.lit(False)
        excess = pl.col(f"_excess_{item}")
        changed[item] = (counts & ~below & (excess > 0) & pl.col(item).is_not_null()).fill_null(False)
        value = counted_value(item, [])
        less = value + excess if _form(item) == "inverse" else pl.max_horizontal(value - excess, 0)
        reduced[item] = (
            pl.when(changed[item]).then(unscaled(less, PLACES)).otherwise(pl.col(item).cast(pl.Float64)).alias(item)
        )
    named = marked(changed.items())
    return joined.select(
        *[reduced.get(name, column) for name, column in zip(_names(columns), columns, strict=True)],
        *[pl.col(i).cast(pl.Float64).alias(f"{i}_measured") for i in both],
        pl.when(named != "").then(named).alias("inflow_items"),
        *grounds(
            "inflow",
            RANKING,
            pl.col("_number"),
            named != "",
            tables=("inflow",),
            reasons=[
                pl.when(pl.col("inflow").is_not_null() & (pl.col("_named").fill_null(0) != 1)).then(
                    pl.format("inflow_unknown({})", pl.col("inflow").cast(pl.String))
                ),
                pl.when(named != "").then(pl.format("inflow_deducted({})", named)),
            ],
        ),
    )


def _names(columns: Sequence[pl.Expr]) -> list[str]:
    return [column.meta.output_name() for column in columns]
