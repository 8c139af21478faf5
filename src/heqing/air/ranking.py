"""Cities ranked by their composite index or PM2.5, and by the change against the same period of the year before.

Equal values, as published, share a rank (1, 1, 3). The index is made in `heqing.air.composite`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from heqing.air.composite import RANKING
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import by_phase, table, timeline
from heqing.quantities.rounding import PLACES, divide_half_even, round_scaled, scaled, unscaled
from heqing.tables import as_doubles, join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame

Key = Literal["composite_index", "pm2_5_mean"]
RESULTS = ("rank", "change", "improvement_rank", "worsening_rank")
_GROUNDS = ("rank_edition", "rank_phase", "rank_clause", "rank_unconfirmed", "change_unconfirmed", "rank_reason")


@dataclass(frozen=True)
class _Rule:
    """A row of table ``changes``."""

    value_decimals: int
    change_decimals: int
    attaining_left_out: bool
    clause: str
    unconfirmed: bool


@cache
def _rules(key: str) -> dict[int, _Rule]:
    rows = table(RANKING, "changes").filter(pl.col("key") == key).iter_rows(named=True)
    return {
        r["phase_no"]: _Rule(
            r["value_decimals"],
            r["change_decimals"],
            bool(r["attaining_left_out"]),
            f"环办〔2014〕64号；{r['clause']}",
            r["unconfirmed"],
        )
        for r in rows
    }


@any_frame
def beside_year_before(periods: pl.LazyFrame, *, by: Sequence[str] = ("city",)) -> pl.LazyFrame:
    """Put beside each period the values of the same period of the year before.

    Parameters
    ----------
    periods : polars.LazyFrame
        One row per place and period, as `heqing.air.period_statistics` gives it: ``period_end``, the columns `by`, and
        any of ``composite_index``, ``pm2_5_mean``.
    by : sequence of str
        Columns that name a place.

    Returns
    -------
    polars.LazyFrame
        The rows of `periods`, in order, plus ``composite_index_before`` and ``pm2_5_mean_before``: null where the
        frame has no such period. A period given twice has no year before.

    Raises
    ------
    MissingColumnError
        Without ``period_end`` or a column of `by`.

    Examples
    --------
    >>> from datetime import date
    >>> months = pl.LazyFrame({"city": ["甲"] * 2, "period_end": [date(2024, 2, 29), date(2025, 2, 28)],
    ...     "composite_index": [4.0, 3.0]})
    >>> beside_year_before(months).collect()["composite_index_before"].to_list()
    [None, 4.0]
    """
    present = need_columns(periods, "The table of periods", ["period_end", *by])
    keys: tuple[Key, ...] = ("composite_index", "pm2_5_mean")
    found = [k for k in keys if k in present]
    lengths = [c for c in ("period",) if c in present]  # a month and a quarter may end on one day
    kind = [pl.col(c).str.len_chars().alias("_kind") for c in lengths] or [pl.lit(0).alias("_kind")]
    frame = keep_inputs(periods, [f"{k}_before" for k in found])
    end = pl.col("period_end")
    earlier = (
        periods.select(*by, *kind, *found, _end=end.dt.offset_by("1y").dt.month_end())
        .group_by(*by, "_kind", "_end")
        .agg(*[pl.when(pl.len() == 1).then(pl.col(k).first()).alias(f"{k}_before") for k in found])
    )
    joined = frame.with_columns(*kind, _end=end.dt.month_end()).join(
        earlier, on=[*by, "_kind", "_end"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.drop("_kind", "_end")


@any_frame
def rank_cities(
    frame: pl.LazyFrame, *, key: Key = "composite_index", within: Sequence[str] = (), edition: Pins = None
) -> pl.LazyFrame:
    """Rank cities by a value, the lowest first, and by its change; equal values share a rank.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per city and period of any length. Reads ``period_end``, the column `key`, ``<key>_before`` (see
        `beside_year_before`), and ``attains_all_by_mean`` or ``attains_all`` where present.
    key : {"composite_index", "pm2_5_mean"}
        What is ranked.
    within : sequence of str
        Columns within whose groups ranks are counted: the period, and the list of cities where there are several.
    edition : str or sequence of str, optional
        Pin an edition of the ranking rule.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``rank``; ``change`` [%, negative is better]; ``improvement_rank`` (the
        greatest fall first); ``worsening_rank`` (the greatest rise first; by the composite index without cities that
        attain every limit); ``rank_edition``, ``rank_phase``, ``rank_clause``, ``rank_unconfirmed`` (for the index as
        ``composite_unconfirmed`` says), ``change_unconfirmed``, ``rank_reason``.

    Raises
    ------
    MissingColumnError
        Without ``period_end``, `key` or a column of `within`.

    References
    ----------
    环办〔2014〕64号; family ``air_ranking``, table ``changes`` (unconfirmed: decimals, the ranking by PM2.5).

    Examples
    --------
    >>> from datetime import date
    >>> cities = pl.LazyFrame({"city": ["甲", "乙", "丙"], "period_end": [date(2025, 12, 31)] * 3,
    ...     "composite_index": [3.501, 3.499, 3.2], "composite_index_before": [3.9, 3.4, 3.2]})
    >>> rank_cities(cities).select("rank", "change", "improvement_rank", "worsening_rank").collect().rows()
    [(2, -10.26, 1, 3), (2, 2.94, 3, 1), (1, 0.0, 2, 2)]
    """
    before = f"{key}_before"
    present = need_columns(frame, "The table of cities", ["period_end", key, *within])
    frame = as_doubles(keep_inputs(frame, [*RESULTS, *_GROUNDS]), [key, before])
    pin = pins_by_family(edition, [RANKING])[RANKING]
    line, rules, number = timeline(RANKING), _rules(key), pl.col("__heqing_ranking_no")
    attains = next(
        (pl.col(c) for c in ("attains_all_by_mean", "attains_all") if c in present), pl.lit(None, pl.Boolean)
    )

    def published(column: str) -> pl.Expr:
        exact = scaled(pl.col(column) if column in (*present, before) else pl.lit(None, pl.Float64), PLACES)
        return by_phase(number, rules, lambda r: round_scaled(exact, PLACES, r.value_decimals))

    now, then = pl.col("__heqing_now"), pl.col("__heqing_then")
    left_out = by_phase(number, rules, lambda r: attains.fill_null(False) & pl.lit(r.attaining_left_out))
    worked = (
        (frame if before in present else frame.with_columns(pl.lit(None, pl.Float64).alias(before)))
        .with_columns(__heqing_ranking_no=line.number_on(pl.col("period_end"), edition=pin))
        .with_columns(__heqing_now=published(key), __heqing_then=published(before))
        .with_columns(change=by_phase(number, rules, lambda r: _change(now, then, r.change_decimals)))
        .with_columns(__heqing_worse=pl.when(~left_out).then(pl.col("change")))
    )
    ranked, unsure = now.is_not_null(), by_phase(number, rules, lambda r: pl.lit(r.unconfirmed))
    # that the index ranks cities and that equal ones share a rank is confirmed; the ranking by PM2.5 alone is not
    value_unsure = pl.col("composite_unconfirmed") if "composite_unconfirmed" in present else pl.lit(False)
    value_unsure = value_unsure if key == "composite_index" else unsure
    result = worked.with_columns(
        rank=_rank(now, within),
        improvement_rank=_rank(pl.col("change"), within),
        worsening_rank=_rank(-pl.col("__heqing_worse"), within),
        rank_edition=line.edition_of(number),
        rank_phase=line.phase_of(number),
        rank_clause=pl.when(ranked).then(by_phase(number, rules, lambda r: pl.lit(r.clause))),
        rank_unconfirmed=(ranked & value_unsure).fill_null(False),
        change_unconfirmed=(pl.col("change").is_not_null() & unsure).fill_null(False),
        rank_reason=join_reasons(
            pl.when(number.is_null()).then(pl.lit("no_edition")),
            pl.when(number.is_not_null() & pl.col(key).is_null()).then(pl.lit("no_index")),
            pl.when(ranked & then.is_null()).then(pl.lit("nothing_to_compare")),
            pl.when(left_out & pl.col("change").is_not_null()).then(pl.lit("left_out_of_worsening")),
        ),
    )
    gone = [
        "__heqing_ranking_no",
        "__heqing_now",
        "__heqing_then",
        "__heqing_worse",
        *([] if before in present else [before]),
    ]
    return result.drop(gone)


def _change(now: pl.Expr, before: pl.Expr, places: int) -> pl.Expr:
    """Give the change in percent, rounded once from the exact quotient; null without a value above zero before."""
    whole = pl.when(before > 0).then(before)
    # values are billionths; two decimals of a percent are four of the quotient
    return unscaled(divide_half_even((now - before) * 10 ** (2 + places), whole), places)


def _rank(value: pl.Expr, within: Sequence[str]) -> pl.Expr:
    place = value.rank("min").cast(pl.Int64)
    return place.over(list(within)) if within else place
