"""The composite index (综合指数) of a period: six concentrations, each divided by its limit, and their sum.

Lower is better. It ranks nothing yet; denominators and weights are table ``denominators`` of family ``air_ranking``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import polars as pl

from heqing.air.evaluation import value_of_phase
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import table, timeline
from heqing.quantities.rounding import PLACES, scaled, unscaled
from heqing.tables import as_doubles, keep_inputs, need_columns
from heqing.tables.door import any_frame

RANKING = "air_ranking"


@cache
def statistic_columns() -> dict[str, str]:
    """Name for each item the column of the statistic that enters the index.

    Returns
    -------
    dict of str to str
        For instance ``pm2_5`` to ``pm2_5_mean``, ``co`` to ``co_p95``.

    Examples
    --------
    >>> statistic_columns()["o3_8h"]
    'o3_8h_p90'
    """
    rows = table(RANKING, "denominators").select("item", "percentile").unique(maintain_order=True)
    return {i: f"{i}_mean" if p is None else f"{i}_p{p}" for i, p in rows.iter_rows()}


@cache
def _row(phase_no: int, item: str) -> tuple[float, int, int | None, bool]:
    rows = table(RANKING, "denominators").filter((pl.col("phase_no") == phase_no) & (pl.col("item") == item))
    row = rows.row(0, named=True)
    return float(row["denominator"]), row["weight"], row["weight_variant"], row["unconfirmed"]


@any_frame
def composite_index(
    frame: pl.LazyFrame, *, day: str = "period_end", edition: Pins = None, weights: str = "default"
) -> pl.LazyFrame:
    """Give each period its composite index and the parts it is made of.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and period. Reads column `day` (the period's last day) and the statistics
        ``pm2_5_mean pm10_mean so2_mean no2_mean o3_8h_p90`` [µg/m³] and ``co_p95`` [mg/m³].
    day : str
        Column with the last day of the period.
    edition : str or sequence of str, optional
        Pin an edition of the ranking rule.
    weights : str
        ``default`` (1 each) or ``variant`` (seen in one repository only; the result is then unconfirmed).

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``index_<item>``, ``composite_index`` (null where a part is missing),
        ``main_index_items``, ``composite_phase``, ``composite_unconfirmed``.

    Raises
    ------
    MissingColumnError
        When the day column is missing.

    References
    ----------
    环办〔2014〕64号. No official rule for days from 2026-03-01 was found: those results are unconfirmed.

    Examples
    --------
    >>> from datetime import date
    >>> values = dict(co_p95=[0.9], no2_mean=[12.0], o3_8h_p90=[137.0], pm10_mean=[51.0], pm2_5_mean=[19.0])
    >>> year = pl.LazyFrame({"period_end": [date(2025, 12, 31)], "so2_mean": [6.0], **values})
    >>> round(composite_index(year).collect()["composite_index"].item(), 4)
    2.7527
    """
    need_columns(frame, "The table of periods", [day])
    pin = pins_by_family(edition, [RANKING])[RANKING]
    columns = statistic_columns()
    results = [f"index_{i}" for i in columns] + [
        "composite_index",
        "main_index_items",
        "composite_phase",
        "composite_unconfirmed",
    ]
    frame = as_doubles(keep_inputs(frame, results), columns.values())
    present = set(frame.collect_schema().names())
    line = timeline(RANKING)
    number = pl.col("__heqing_ranking_no")
    variant = weights == "variant"
    parts = {
        i: (pl.col(c) if c in present else pl.lit(None, pl.Float64))
        / value_of_phase(RANKING, number, _denominator(i), pl.Float64)
        for i, c in columns.items()
    }
    weighted = [
        pl.col(f"index_{i}") * value_of_phase(RANKING, number, _weight(i, variant), pl.Float64) for i in columns
    ]
    largest = pl.max_horizontal([pl.col(f"index_{i}") for i in columns])
    complete = pl.all_horizontal([pl.col(f"index_{i}").is_not_null() for i in columns])
    named = [pl.when(pl.col(f"index_{i}") == largest).then(pl.lit(i)) for i in columns]
    total = unscaled(scaled(pl.sum_horizontal(weighted), PLACES), PLACES)
    unsure = value_of_phase(RANKING, number, lambda n: any(_row(n, i)[3] for i in columns) or variant, pl.Boolean)
    return (
        frame.with_columns(__heqing_ranking_no=line.number_on(pl.col(day), edition=pin))
        .with_columns(**{f"index_{i}": p for i, p in parts.items()})
        .with_columns(
            composite_index=pl.when(complete).then(total),
            main_index_items=pl.when(complete).then(pl.concat_str(named, separator=",", ignore_nulls=True)),
            composite_phase=line.phase_of(number),
            composite_unconfirmed=pl.when(complete).then(unsure).otherwise(pl.lit(False)),
        )
        .drop("__heqing_ranking_no")
    )


def _denominator(item: str) -> Callable[[int], float]:
    return lambda phase_no: _row(phase_no, item)[0]


def _weight(item: str, variant: bool) -> Callable[[int], float]:
    def of(phase_no: int) -> float:
        _, default, other, _ = _row(phase_no, item)
        return float(other if variant and other is not None else default)

    return of
