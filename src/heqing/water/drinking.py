"""Whether a source of drinking water attains (集中式饮用水水源达标), and the rates by number and by volume.

Surface sources are held against class III of the basic items and against tables 2 and 3 of the standard, groundwater
against class III of its own. A source attains when all its items do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import scaled
from heqing.tables import join_reasons, marked, need_columns
from heqing.tables.door import any_frame
from heqing.water import groundwater, pollutants
from heqing.water.exceedance import baselines, multiple, multiple_text
from heqing.water.grounds import clauses, ground_names, own_names
from heqing.water.limits import FAMILY, PLACES, judged_items, whole
from heqing.water.samples import day_of
from heqing.water.shares import percent

KINDS = ("surface", "ground")
RESULTS = (
    "source_attained",
    "source_attained_but_geology",
    "source_exceedance",
    "source_items",
    "source_edition",
    "source_clause",
    "source_unconfirmed",
    "source_reason",
)


@cache
def source_limits() -> dict[str, dict[int, tuple[int, bool]]]:
    """Give the limits of tables 2 and 3 for sources of drinking water.

    Returns
    -------
    dict
        Item to {place in the timeline: (limit in billionths of mg/L, whether it is unconfirmed)}.

    Examples
    --------
    >>> source_limits()["mn"][0]
    (100000000, False)
    """
    found: dict[str, dict[int, tuple[int, bool]]] = {}
    for row in table(FAMILY, "drinking_limits").iter_rows(named=True):
        found.setdefault(row["item"], {})[row["phase_no"]] = (whole(row["limit"]), row["unconfirmed"])
    return found


@any_frame
def source_attainment(
    frame: pl.LazyFrame, *, kind: str = "surface", edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Say of each source and month whether all its items attain.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per source and month. Reads ``time``, ``day`` or ``period_end`` and items by code [mg/L]: of surface
        sources the 21 basic ones (with ``body_type``) and those of tables 2 and 3, of groundwater those of
        `heqing.water.groundwater_class`; ``<item>_below``; ``geological_items`` (``f,na``: exceeding by nature).
    kind : str
        ``surface`` or ``ground``.
    edition : str, optional
        Pin an edition of the standard.
    rounding : str
        As in `heqing.water.water_class`, for the basic items.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``source_attained``, ``source_attained_but_geology`` (the items of
        ``geological_items`` left out), ``source_exceedance`` (``fe:0.3,mn:1.2``), ``source_items`` (how many were
        judged), ``source_edition``, ``source_clause``, ``source_unconfirmed``, ``source_reason``.

    Raises
    ------
    UnknownNameError
        When `kind` or `rounding` is none.
    MissingColumnError
        Without a date, or without any basic item (surface) or item of the standard (ground).

    References
    ----------
    Family ``surface_water``: tables ``limits`` and ``drinking_limits``; family ``groundwater``, table ``limits``.

    Examples
    --------
    >>> from datetime import date
    >>> source = pl.LazyFrame({"day": [date(2020, 6, 1)] * 2, "body_type": ["水库"] * 2, "tp": [0.03, 0.03],
    ...     "mn": [0.1, 0.25]})
    >>> source_attainment(source).select("source_attained", "source_exceedance").collect().rows()
    [(True, None), (False, 'mn:1.5')]
    """
    if kind not in KINDS:
        raise UnknownNameError("kind of source", kind, list(KINDS))
    frame, columns = own_names(frame, RESULTS)
    given = frame.collect_schema().names()
    judged = _surface(frame, edition, rounding) if kind == "surface" else _ground(frame, edition)
    attained, over = pl.col("_attained"), pl.col("_over")
    by_nature = pl.col("geological_items").cast(pl.String) if "geological_items" in given else pl.lit(None, pl.String)
    exceeding = over.fill_null("").str.split(",").list.eval(pl.element().str.extract(r"^([^:]+)")).list.drop_nulls()
    natural = by_nature.fill_null("").str.replace_all(r"\s", "").str.split(",")
    others = exceeding.list.set_difference(natural).list.len()
    shared = exceeding.list.set_intersection(natural)
    return judged.select(
        *columns,
        attained.alias("source_attained"),
        pl.when(attained.is_not_null()).then(attained | (others == 0)).alias("source_attained_but_geology"),
        over.alias("source_exceedance"),
        pl.when(attained.is_not_null()).then(pl.col("_count")).alias("source_items"),
        pl.col("_edition").alias("source_edition"),
        pl.when(attained.is_not_null()).then(pl.col("_clause")).alias("source_clause"),
        (attained.is_not_null() & pl.col("_unsure")).fill_null(False).alias("source_unconfirmed"),
        join_reasons(
            pl.col("_why"),
            pl.when(shared.list.len() > 0).then(
                pl.concat_str(pl.lit("geological_items("), shared.list.sort().list.join(","), pl.lit(")"))
            ),
        ).alias("source_reason"),
    )


def _surface(frame: pl.LazyFrame, edition: str | None, rounding: str) -> pl.LazyFrame:
    """Judge the basic items by class III and the others by their limits: ``_attained``, ``_over`` and so on."""
    schema = frame.collect_schema()
    limits = {i: of for i, of in source_limits().items() if i in schema and schema[i].is_numeric()}
    basic = [i for i in judged_items() if i in schema]
    # Results of other rules that the frame holds already stay what they are.
    taken = (*pollutants.RESULTS, *ground_names("main"))
    kept = {name: f"given {name}" for name in taken if name in schema}
    found = pollutants.main_pollutants(frame.rename(kept), edition=edition, rounding=rounding).rename(
        {"multiples": "_multiples", "meets_baseline": "_meets", "main_reason": "_main_reason"}
    )
    found = found.select(
        *[pl.col(kept.get(n, n)).alias(n) for n in schema.names()], "_multiples", "_meets", "_main_reason"
    )
    number = pl.col("_number")
    worked = found.with_columns(
        _number=timeline(FAMILY).number_on(day_of(found), edition=edition),
        **{f"_value_{i}": _valid(i) for i in limits},
        **{
            f"_below_{i}": pl.col(f"{i}_below").fill_null(False) if f"{i}_below" in schema else pl.lit(False)
            for i in limits
        },
    )
    bound = {i: by_phase(number, of, lambda one: pl.lit(one[0], pl.Int64)) for i, of in limits.items()}
    value = {i: pl.col(f"_value_{i}") for i in limits}
    below = {i: pl.col(f"_below_{i}") for i in limits}
    beyond = {
        i: pl.when(~below[i]).then(value[i] > bound[i]).when(value[i] <= bound[i]).then(pl.lit(False)) for i in limits
    }
    worked = worked.with_columns(**{f"_beyond_{i}": pl.when(number.is_not_null()).then(b) for i, b in beyond.items()})
    _, places, ties = baselines()[0]
    texts = [
        pl.when(pl.col(f"_beyond_{i}")).then(
            pl.concat_str(pl.lit(f"{i}:"), multiple_text(multiple(value[i], bound[i], places, ties), places))
        )
        for i in limits
    ]
    over = pl.concat_str([pl.col("_multiples"), *texts], separator=",", ignore_nulls=True)
    any_over = pl.any_horizontal([~pl.col("_meets"), *[pl.col(f"_beyond_{i}") for i in limits]])
    known = pl.any_horizontal([pl.col("_meets").is_not_null(), *[pl.col(f"_beyond_{i}").is_not_null() for i in limits]])
    sure = [i for i, of in limits.items() if not any(unsure for _, unsure in of.values())]
    sure_over = pl.any_horizontal([~pl.col("_meets"), *[pl.col(f"_beyond_{i}") for i in sure]]).fill_null(False)
    unsure = pl.any_horizontal(
        [pl.lit(False), *[pl.col(f"_beyond_{i}").is_not_null() for i in limits if i not in sure]]
    )
    count = pl.sum_horizontal(
        [pl.col(i).is_not_null().cast(pl.Int64) for i in basic]
        + [pl.col(f"_beyond_{i}").is_not_null().cast(pl.Int64) for i in limits]
    )
    unknown = [(i, value[i].is_not_null() & pl.col(f"_beyond_{i}").is_null() & number.is_not_null()) for i in limits]
    too_high = marked(unknown) if unknown else pl.lit("")
    return worked.with_columns(
        _attained=pl.when(known & number.is_not_null()).then(~any_over.fill_null(False)),
        _over=pl.when(over != "").then(over),
        _count=count,
        _edition=timeline(FAMILY).edition_of(number),
        _clause=by_phase(number, clauses(FAMILY, "limits", "drinking_limits"), pl.lit),
        _unsure=unsure & ~sure_over,
        _why=join_reasons(
            pl.col("_main_reason"),
            pl.when(too_high != "").then(pl.concat_str(pl.lit("detection_limit_too_high("), too_high, pl.lit(")"))),
            pl.when(~known & number.is_not_null()).then(pl.lit("no_items")),
        ),
    )


def _ground(frame: pl.LazyFrame, edition: str | None) -> pl.LazyFrame:
    """Judge groundwater by class III of its standard."""
    given = frame.collect_schema().names()
    names = {
        "groundwater_class": "_class",
        "groundwater_exceedance": "_over",
        "groundwater_items": "_judged",
        "groundwater_edition": "_edition",
        "groundwater_clause": "_clause",
        "groundwater_unconfirmed": "_unsure",
        "groundwater_reason": "_why",
    }
    taken = (*groundwater.RESULTS, *ground_names("groundwater"))
    kept = {name: f"given {name}" for name in taken if name in given}
    found = groundwater.groundwater_class(frame.rename(kept), edition=edition)
    found = found.select(
        *[pl.col(kept.get(n, n)).alias(n) for n in given], *[pl.col(n).alias(own) for n, own in names.items()]
    )
    return found.with_columns(
        _attained=pl.col("_class") <= groundwater.ground_baseline()[0],
        _count=pl.col("_judged").str.count_matches(",").cast(pl.Int64) + 1,
    )


def _valid(item: str) -> pl.Expr:
    number = pl.col(item).cast(pl.Float64)
    return pl.when(number >= 0).then(scaled(number, PLACES))


@any_frame
def source_rates(frame: pl.LazyFrame, *, by: Sequence[str] = (), attained: str = "source_attained") -> pl.LazyFrame:
    """Give the share of sources that attain, by their number and by the volume taken from them.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per source (and month) with a Boolean column `attained`, and ``volume`` where the rate by volume is
        wanted. Rows where it is not known leave numerator and denominator alike.
    by : sequence of str
        Columns that make a group; none for one row of all.
    attained : str
        ``source_attained`` or ``source_attained_but_geology``.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``sources``, ``sources_judged``, ``sources_attained``, ``count_percent``,
        ``volume``, ``volume_attained``, ``volume_percent`` (null where a volume is missing).

    Raises
    ------
    MissingColumnError
        Without the column `attained` or one of `by`.

    Examples
    --------
    >>> rows = pl.LazyFrame({"source_attained": [True, False], "volume": [451.05, 93.72]})
    >>> source_rates(rows).select("count_percent", pl.col("volume_percent").round(1)).collect().row(0)
    (50.0, 82.8)
    """
    given = need_columns(frame, "sources", [attained, *by], hint="Judge them with source_attainment first.")
    volume = pl.col("volume").cast(pl.Float64) if "volume" in given else pl.lit(None, pl.Float64)
    yes = pl.col("_yes")
    known = yes.is_not_null()
    rows = frame.select(*by, pl.col(attained).alias("_yes"), volume.alias("_volume"))
    whole_known = pl.col("_volume").filter(known).null_count() == 0
    sums = [
        pl.len().cast(pl.Int64).alias("sources"),
        known.sum().cast(pl.Int64).alias("sources_judged"),
        yes.sum().cast(pl.Int64).alias("sources_attained"),
        pl.when(whole_known).then(pl.col("_volume").filter(known).sum()).alias("volume"),
        pl.when(whole_known).then(pl.col("_volume").filter(yes.fill_null(False)).sum()).alias("volume_attained"),
    ]
    found = rows.group_by(*by).agg(*sums).sort(*by) if by else rows.select(*sums)
    return found.with_columns(
        count_percent=percent(pl.col("sources_attained"), pl.col("sources_judged")),
        volume_percent=percent(pl.col("volume_attained"), pl.col("volume")),
    ).select(
        *by,
        "sources",
        "sources_judged",
        "sources_attained",
        "count_percent",
        "volume",
        "volume_attained",
        "volume_percent",
    )
