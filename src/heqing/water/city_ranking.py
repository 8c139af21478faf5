"""Cities ranked by their water quality index, and by its change against the same period of the year before.

Ranked are only cities with the same number of items. Indices are computed in `heqing.water.city_index`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import by_phase, table
from heqing.quantities.rounding import round_scaled, scaled, unscaled
from heqing.tables import as_doubles, need_columns
from heqing.tables.door import any_frame
from heqing.water.city_index import RANKING
from heqing.water.grounds import ground_names, grounds, number_of, own_names
from heqing.water.limits import PLACES
from heqing.water.samples import day_of

RESULTS = ("city_rank", "city_change", "change_rank")


@cache
def _rules() -> dict[int, tuple[int, int, int]]:
    rows = table(RANKING, "rules").iter_rows(named=True)
    return {r["phase_no"]: (r["index_decimals"], r["change_decimals"], r["left_out_class"]) for r in rows}


def index_change(now: pl.Expr, before: pl.Expr, decimals: int) -> pl.Expr:
    """Give the change of an index in percent; negative is better.

    Parameters
    ----------
    now, before : polars.Expr
        Indices.
    decimals : int
        Decimals of the change, half to even.

    Returns
    -------
    polars.Expr
        Float64, null where the index before is missing or zero.

    Examples
    --------
    >>> pl.select(index_change(pl.lit(2.601), pl.lit(3.1255), 2)).item()
    -16.78
    """
    change = scaled((now - before) * 100 / before, PLACES)
    return pl.when(before > 0).then(unscaled(round_scaled(change, PLACES, decimals), PLACES))


@any_frame
def rank_cities(frame: pl.LazyFrame, *, within: Sequence[str] = (), edition: str | None = None) -> pl.LazyFrame:
    """Rank cities by their index and by its change, the best first; equal values share a rank.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per city with ``city_index`` and ``time``, ``day`` or ``period_end``; for the change
        ``city_index_before`` (same period of the year before). Where present: ``city_items`` (only cities with the
        largest number are ranked), ``city_items_before``, ``worst_class``, ``worst_class_before``,
        ``missed_sections``, ``missed_sections_before`` (a city whose sections all reach class II and their targets in
        both periods is left out of the ranking by change).
    within : sequence of str
        Columns within whose groups ranks are counted, the period among them where the frame holds several.
    edition : str, optional
        Pin an edition of the ranking rule.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``city_rank``, ``city_change`` [%, of the indices as published],
        ``change_rank``, ``rank_edition``, ``rank_clause``, ``rank_unconfirmed``, ``rank_reason``.

    Raises
    ------
    MissingColumnError
        Without ``city_index``, a date or a column of `within`.

    References
    ----------
    Family ``surface_water_ranking``, table ``rules``.

    Examples
    --------
    >>> from datetime import date
    >>> cities = pl.LazyFrame({"city": ["a", "b", "c"], "day": [date(2023, 9, 30)] * 3,
    ...     "city_index": [2.50004, 2.50001, 2.4], "city_index_before": [2.6, 2.4, 2.4]})
    >>> rank_cities(cities).select("city_rank", "city_change", "change_rank").collect().rows()
    [(2, -3.85, 1), (2, 4.17, 3), (1, 0.0, 2)]
    """
    frame, columns = own_names(frame, (*RESULTS, *ground_names("rank")))
    given = need_columns(frame, "cities", ["city_index", *within], hint="Compute it with city_water_index first.")
    frame = as_doubles(frame, ["city_index", "city_index_before"])

    def column(name: str) -> pl.Expr:
        return pl.col(name) if name in given else pl.lit(None, pl.Int64)

    groups = list(within)
    number = pl.col("_number")
    items = column("city_items")
    most = items.max().over(groups) if groups else items.max()
    rules = _rules()
    worked = frame.with_columns(_number=number_of(RANKING, day_of(frame), edition))
    worked = worked.with_columns(
        _now=_as_published(pl.col("city_index"), number),
        _before=_as_published(_before(given), number),
        _other_items=(items != most).fill_null(False) if "city_items" in given else pl.lit(False),
        _other_before=(
            (items != pl.col("city_items_before")).fill_null(True) if "city_items_before" in given else pl.lit(False)
        ),
        _left_out=by_phase(
            number,
            rules,
            lambda of: _all_good(
                column("worst_class"),
                column("worst_class_before"),
                column("missed_sections"),
                column("missed_sections_before"),
                of[2],
            ),
        ),
    )
    now, before = pl.col("_now"), pl.col("_before")
    worked = worked.with_columns(
        _change=pl.when(~pl.col("_other_before")).then(
            by_phase(number, rules, lambda of: index_change(now, before, of[1]))
        ),
        _ranked=pl.when(number.is_not_null() & ~pl.col("_other_items")).then(now),
    ).with_columns(_changed=pl.when(~pl.col("_left_out") & ~pl.col("_other_items")).then(pl.col("_change")))
    stated = pl.col("_ranked").is_not_null()
    return worked.select(
        *columns,
        _rank(pl.col("_ranked"), groups).alias("city_rank"),
        pl.col("_change").alias("city_change"),
        _rank(pl.col("_changed"), groups).alias("change_rank"),
        *grounds(
            "rank",
            RANKING,
            number,
            stated,
            tables=("rules",),
            reasons=[
                pl.when(pl.col("city_index").is_null()).then(pl.lit("no_index")),
                pl.when(pl.col("_other_items")).then(
                    pl.concat_str(pl.lit("other_items("), items.cast(pl.String), pl.lit(")"))
                ),
                pl.when(pl.col("_other_before") & before.is_not_null()).then(pl.lit("other_items_before")),
                pl.when(pl.col("_left_out") & pl.col("_change").is_not_null()).then(pl.lit("left_out_of_change")),
            ],
        ),
    )


def _as_published(index: pl.Expr, number: pl.Expr) -> pl.Expr:
    exact = scaled(index, PLACES)
    return by_phase(number, _rules(), lambda of: unscaled(round_scaled(exact, PLACES, of[0]), PLACES))


def _before(given: Sequence[str]) -> pl.Expr:
    return pl.col("city_index_before") if "city_index_before" in given else pl.lit(None, pl.Float64)


def _all_good(worst: pl.Expr, worst_before: pl.Expr, missed: pl.Expr, missed_before: pl.Expr, best: int) -> pl.Expr:
    """Say whether all sections reached a class and their targets in both periods; false where that is not known."""
    return ((worst <= best) & (worst_before <= best) & (missed == 0) & (missed_before == 0)).fill_null(False)


def _rank(value: pl.Expr, groups: list[str]) -> pl.Expr:
    place = value.rank("min").cast(pl.Int64)
    return place.over(groups) if groups else place
