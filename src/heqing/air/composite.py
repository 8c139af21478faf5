"""The composite index (综合指数) of a period: six concentrations, each divided by its limit, and their sum.

Lower is better. It ranks nothing yet; denominators and weights are table ``denominators`` of family ``air_ranking``.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import polars as pl

from heqing.air.dense import Days, day_numbers, doubles, named, of_phases, phase_numbers, words
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import table, timeline
from heqing.quantities.rounding import PLACES
from heqing.quantities.whole import Doubles
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
    text = pl.String()
    types = [*[pl.Float64()] * (len(columns) + 1), text, text, pl.Boolean()]
    schema = {**frame.collect_schema(), **dict(zip(results, types, strict=True))}
    judge = partial(_indexed, day=day, pin=pin, variant=weights == "variant")
    return frame.map_batches(judge, schema=schema, streamable=True)


def _indexed(frame: pl.DataFrame, *, day: str, pin: str | None, variant: bool) -> pl.DataFrame:
    columns = statistic_columns()
    values = {i: doubles(frame, c) for i, c in columns.items()}
    found = composite(values, day_numbers(frame[day]), pin=pin, variant=variant)
    return frame.with_columns(found)


def composite(values: dict[str, Doubles], last_days: Days, *, pin: str | None, variant: bool) -> list[pl.Series]:
    """Make the columns of `composite_index` from the statistics of each item and the last days of the periods."""
    line = timeline(RANKING)
    phases = range(len(line.phases))
    number = phase_numbers(RANKING, last_days, edition=pin)
    parts = {i: v / of_phases(number, [_row(n, i)[0] for n in phases]) for i, v in values.items()}
    total, largest = np.zeros(len(last_days)), np.full(len(last_days), -np.inf)
    for item, part in parts.items():
        total += part * of_phases(number, [_weight(n, item, variant) for n in phases])
        largest = np.maximum(largest, part)
    # Not a number where a part is missing.
    complete = np.isfinite(total)
    whole_total = np.rint(total * 10.0**PLACES) / 10.0**PLACES
    mask = np.zeros(len(last_days), dtype=np.uint8)
    for bit, part in enumerate(parts.values()):
        mask |= (complete & (part == largest)).astype(np.uint8) << bit
    unsure = of_phases(number, [any(_row(n, i)[3] for i in values) or variant for n in phases], False)
    names = [named(m, list(values)) or None for m in range(1 << len(values))]
    return [
        *[pl.Series(f"index_{i}", p).fill_nan(None) for i, p in parts.items()],
        pl.Series("composite_index", np.where(complete, whole_total, np.nan)).fill_nan(None),
        words("main_index_items", mask, names),
        words("composite_phase", number, [*(p.key for _, p in line.phases), None]),
        pl.Series("composite_unconfirmed", complete & unsure),
    ]


def _weight(phase_no: int, item: str, variant: bool) -> float:
    _, default, other, _ = _row(phase_no, item)
    return float(other if variant and other is not None else default)
