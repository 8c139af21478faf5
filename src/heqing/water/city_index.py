"""The water quality index of sections and cities (城市水质指数 CWQI): each item over its class III limit, summed.

Lower is better. Ranks and changes are in `heqing.water.city_ranking`. A sum says nothing without the number of its
items: an index of 9 items is not one of 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import by_phase, table
from heqing.errors import MissingColumnError
from heqing.tables import marked, need_columns
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.grounds import ground_names, grounds, number_of, own_names
from heqing.water.limits import FAMILY, PLACES, Limit, limits
from heqing.water.means import counted_value, mean_over, printed
from heqing.water.practice import check_rounding, decimals, practice_number, practices, round_value
from heqing.water.samples import bad_values, day_of, file_columns, present_items
from heqing.water.targets import target_of
from heqing.water.wording import names, set_of

RANKING = "surface_water_ranking"
OF_CITY = (
    "river_index",
    "river_sections",
    "river_items",
    "lake_index",
    "lake_points",
    "lake_items",
    "city_index",
    "city_items",
)


@cache
def index_items() -> tuple[str, ...]:
    """Name the items of the index, in the standard's order.

    Returns
    -------
    tuple of str
        The 21 items.

    Examples
    --------
    >>> len(index_items())
    21
    """
    return tuple(table(RANKING, "items")["item"].unique(maintain_order=True))


@cache
def _forms(item: str) -> dict[int, tuple[str, int | None, int]]:
    base = dict(table(RANKING, "rules").select("phase_no", "baseline_class").iter_rows())
    rows = table(RANKING, "items").filter(pl.col("item") == item).iter_rows(named=True)
    return {
        r["phase_no"]: (r["form"], None if r["neutral"] is None else int(r["neutral"]), base[r["phase_no"]])
        for r in rows
    }


def item_index(item: str, body: str, value: pl.Expr) -> pl.Expr:
    """Give the index of one item in one kind of water body.

    Parameters
    ----------
    item : str
        One of `index_items`.
    body : str
        ``river`` or ``lake``.
    value : polars.Expr
        Whole numbers of a billionth.

    Returns
    -------
    polars.Expr
        Float64; reads the places ``_limits`` and ``_number`` of each row.

    References
    ----------
    Family ``surface_water_ranking``, table ``items``; limits of family ``surface_water``.

    Examples
    --------
    >>> rows = pl.DataFrame({"_limits": [0], "_number": [0], "do": [10 * 10**9]})
    >>> rows.select(item_index("do", "river", pl.col("do"))).item()
    0.5
    """

    def of(limit: Limit) -> pl.Expr:
        def by(form: tuple[str, int | None, int]) -> pl.Expr:
            name, neutral, base = form
            bound = limit.classes[base - 1]
            if name == "inverse":
                return pl.when(value > 0).then(bound / value)
            if name == "distance" and neutral is not None and limit.lower is not None:
                middle = neutral * 10**PLACES
                low, high = (middle - value) / (middle - limit.lower), (value - middle) / (bound - middle)
                return pl.when(value <= middle).then(low).otherwise(high)
            return value / bound

        return by_phase(pl.col("_number"), _forms(item), by)

    return by_phase(
        pl.col("_limits"), {k: all_[item, body] for k, all_ in limits().items() if (item, body) in all_}, of
    )


def _of_body(item: str, value: pl.Expr) -> pl.Expr:
    river, lake = (item_index(item, body, value) for body in ("river", "lake"))
    if all(of.get((item, "river")) == of.get((item, "lake")) for of in limits().values()):
        return river
    return pl.when(pl.col("_body") == "river").then(river).when(pl.col("_body") == "lake").then(lake)


def _judged(item: str, rounding: str) -> pl.Expr:
    raw = pl.col(f"_value_{item}")
    if rounding == "raw" or not decimals(item):
        return raw
    rounded = by_phase(pl.col("_practice"), decimals(item), lambda to: round_value(raw, to))
    if rounding == "rounded":
        return rounded
    stated = by_phase(pl.col("_practice"), {k: s == "rounded" for k, (_, s) in practices().items()}, pl.lit)
    return pl.when(stated).then(rounded).otherwise(raw)


@any_frame
def water_index(frame: pl.LazyFrame, *, edition: str | None = None, rounding: str = "auto") -> pl.LazyFrame:
    """Give each section, or the means of many, the indices of its items and their sum.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample or mean. Reads ``time``, ``day`` or ``period_end``, ``body_type`` (total phosphorus has no
        index where the kind is unknown), any of the 21 items by code, ``<item>_below`` (half the limit counts).
    edition : str, optional
        Pin an edition of the ranking rule.
    rounding : str
        As in `heqing.water.water_class`.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``index_<item>``, ``water_index`` (their sum), ``water_index_items`` (how
        many), ``water_index_edition``, ``water_index_clause``, ``water_index_unconfirmed``, ``water_index_reason``.

    Raises
    ------
    MissingColumnError
        Without a date or any item.
    UnknownNameError
        When `rounding` is none.

    References
    ----------
    Family ``surface_water_ranking``: tables ``items`` and ``rules``.

    Examples
    --------
    >>> from datetime import date
    >>> section = pl.LazyFrame({"day": [date(2020, 6, 1)], "body_type": ["river"], "tp": [0.1], "nh3n": [0.5]})
    >>> water_index(section).select("water_index", "water_index_items").collect().row(0)
    (1.0, 2)
    """
    check_rounding(rounding)
    known = index_items()
    results = [*[f"index_{i}" for i in known], "water_index", "water_index_items", *ground_names("water_index")]
    frame, columns = own_names(frame, results)
    given = frame.collect_schema().names()
    items = present_items(frame, known)
    day = day_of(frame)
    worked = frame.with_columns(
        _number=number_of(RANKING, day, edition),
        _limits=number_of(FAMILY, day),
        _practice=practice_number(day),
        _body=body_of(given),
        **{f"_value_{i}": counted_value(i, given) for i in items},
    )
    worked = worked.with_columns(**{f"_value_{i}": _judged(i, rounding) for i in items})
    # Decimals of a billionth: Polars divides by a scalar with its reciprocal, which is not the same in every lane.
    worked = worked.with_columns(**{f"_index_{i}": printed(_of_body(i, pl.col(f"_value_{i}"))) for i in items})
    indices = [pl.col(f"_index_{i}") for i in items]
    count = pl.sum_horizontal([one.is_not_null().cast(pl.Int64) for one in indices])
    stated = (count > 0) & pl.col("_number").is_not_null()
    no_body = {
        i: pl.col(f"_value_{i}").is_not_null() & pl.col("_body").is_null() & one.is_null()
        for i, one in zip(items, indices, strict=True)
    }
    zero = {i: (pl.col(f"_value_{i}") == 0) & one.is_null() for i, one in zip(items, indices, strict=True)}
    faults = [
        pl.when(sets > 0).then(pl.concat_str(pl.lit(f"{code}("), names(sets, items), pl.lit(")")))
        for code, sets in [
            *bad_values(items).items(),
            ("body_type_unknown", set_of((k, no_body[i] & ~zero[i]) for k, i in enumerate(items))),
            ("zero_value", set_of((k, zero[i]) for k, i in enumerate(items))),
        ]
    ]
    missing = marked((i, pl.col(f"_index_{i}").is_null() if i in items else pl.lit(True)) for i in known)
    return worked.select(
        *columns,
        *[(pl.col(f"_index_{i}") if i in items else pl.lit(None, pl.Float64)).alias(f"index_{i}") for i in known],
        pl.when(stated).then(printed(pl.sum_horizontal(indices))).alias("water_index"),
        pl.when(stated).then(count).alias("water_index_items"),
        *grounds(
            "water_index",
            RANKING,
            pl.col("_number"),
            stated,
            tables=("items",),
            reasons=[
                *faults,
                pl.when(~stated & pl.col("_number").is_not_null()).then(pl.lit("no_items")),
                pl.when(stated & (missing != "")).then(pl.concat_str(pl.lit("items_absent("), missing, pl.lit(")"))),
            ],
        ),
    )


@any_frame
def city_water_index(
    frame: pl.LazyFrame, *, by: Sequence[str], edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Give each city its index: items meaned over its river sections and lake points, indices, sums, weighted mean.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per river section or lake point with the means of the ranking period by item, ``body_type``, and
        ``time``, ``day`` or ``period_end``. With ``water_class`` and ``target_class`` it is also told which classes
        the sections reach and how many miss their target (for `heqing.water.rank_cities`).
    by : sequence of str
        Columns that make a city and period.
    edition : str, optional
        Pin an edition of the ranking rule.
    rounding : str
        As in `heqing.water.water_class`.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``period_end``, ``river_index``, ``river_sections``, ``river_items``, the
        same of lakes (``lake_points``), ``city_index``, ``city_items`` (the fewer of the two), ``worst_class`` and
        ``missed_sections`` where known, ``city_index_edition``, ``city_index_clause``, ``city_index_unconfirmed``
        (rivers and lakes are weighted by number, which was not read), ``city_index_reason``.

    Raises
    ------
    MissingColumnError
        Without ``body_type``, a date, any item or a column of `by`.

    References
    ----------
    Family ``surface_water_ranking``: tables ``items``, ``rules``, ``weights``. The effect of inflows that miss their
    target is not deducted: how was not found.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.LazyFrame({"city": ["a"] * 3, "day": [date(2020, 6, 1)] * 3, "body_type": ["river", "river", "lake"],
    ...     "nh3n": [0.5, 1.5, 0.4]})
    >>> city_water_index(rows, by=["city"]).select("river_index", "lake_index", "city_index").collect().row(0)
    (1.0, 0.4, 0.8)
    """
    given = need_columns(frame, "sections", ["body_type", *by])
    taken = [b for b in by if b in (*OF_CITY, *ground_names("city_index"), "worst_class", "missed_sections")]
    if taken:
        raise MissingColumnError("sections", taken, present=file_columns(given), hint="These are names of results.")
    items = present_items(frame, index_items())
    keys = [f"by {k}" for k, _ in enumerate(by)]
    nothing = pl.lit(None, pl.Int64)
    has_class = "water_class" in given
    section = pl.col("water_class").cast(pl.Int64) if has_class else nothing
    missed = section > target_of(frame) if has_class and "target_class" in given else pl.lit(None, pl.Boolean)
    rows = frame.select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        *items,
        *[f"{i}_below" for i in items if f"{i}_below" in given],
        kind=body_of(given),
        day=day_of(frame),
        section=section,
        missed=missed,
    )
    means = rows.group_by(*keys, "kind").agg(
        pl.col("day").max(),
        *mean_over(items, given),
        points=pl.len().cast(pl.Int64),
        worst=pl.col("section").max(),
        missed=pl.when(pl.col("missed").count() > 0).then(pl.col("missed").sum().cast(pl.Int64)),
    )
    indexed = water_index(means.with_columns(body_type=pl.col("kind")), edition=edition, rounding=rounding)
    river, lake = pl.col("kind") == "river", pl.col("kind") == "lake"
    cities = indexed.group_by(*keys).agg(
        pl.col("day").max(),
        *[
            pl.col(column).filter(kind).first().alias(name)
            for kind, names_ in ((river, OF_CITY[:3]), (lake, OF_CITY[3:6]))
            for name, column in zip(names_, ("water_index", "points", "water_index_items"), strict=True)
        ],
        worst_class=pl.col("worst").max(),
        missed_sections=pl.when(pl.col("missed").count() > 0).then(pl.col("missed").sum()),
        _why=pl.col("water_index_reason").drop_nulls().unique().sort().str.join(";"),
    )
    both = pl.col("river_index").is_not_null() & pl.col("lake_index").is_not_null()
    worked = cities.with_columns(
        *[pl.col(name).fill_null(0) for name in ("river_sections", "lake_points")],
        _number=number_of(RANKING, pl.col("day"), edition),
    ).with_columns(
        city_index=weighted_index(
            pl.col("river_index"), pl.col("river_sections"), pl.col("lake_index"), pl.col("lake_points")
        ),
        city_items=pl.min_horizontal("river_items", "lake_items"),
    )
    return worked.select(
        *[pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)],
        *([pl.col("day").alias("period_end")] if "period_end" not in by else []),
        *OF_CITY,
        *(["worst_class"] if has_class else []),
        *(["missed_sections"] if has_class and "target_class" in given else []),
        *grounds(
            "city_index",
            RANKING,
            pl.col("_number"),
            pl.col("city_index").is_not_null(),
            tables=("items", "weights"),
            unconfirmed=both,
            reasons=[pl.when(pl.col("_why") != "").then(pl.col("_why"))],
        ),
    ).sort(*by)


def weighted_index(river: pl.Expr, sections: pl.Expr, lake: pl.Expr, points: pl.Expr) -> pl.Expr:
    """Give the index of a city from those of its rivers and lakes, weighted by their numbers.

    Parameters
    ----------
    river, lake : polars.Expr
        Indices; where one is missing the other is that of the city.
    sections, points : polars.Expr
        Numbers of river sections and lake points.

    Returns
    -------
    polars.Expr
        Float64 to the billionth.

    References
    ----------
    Family ``surface_water_ranking``, table ``weights`` (unconfirmed).

    Examples
    --------
    >>> pl.select(weighted_index(pl.lit(4.2), pl.lit(8), pl.lit(5.4), pl.lit(2))).item()
    4.44
    """
    m, n = (pl.when(one.is_not_null()).then(of).otherwise(0) for one, of in ((river, sections), (lake, points)))
    total = river.fill_null(0.0) * m + lake.fill_null(0.0) * n
    return printed(pl.when(m + n > 0).then(total / (m + n)))
