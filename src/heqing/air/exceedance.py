"""By how much a statistic of a period exceeds its limit (超标倍数): (value - limit) / limit, only where it exceeds.

The statistics come from `heqing.air.periods`; each ratio names the limit it is held against.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from heqing.air.evaluation import (
    EVALUATED,
    EVALUATION,
    LIMITS,
    daily_averaging,
    decimals,
    has_mean,
    limit,
    percentile_of,
    value_of_phase,
)
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import table, timeline
from heqing.quantities.rounding import PLACES, divide_half_even, scaled, unscaled
from heqing.tables import as_doubles, keep_inputs, need_columns
from heqing.tables.door import any_frame


def _statistics() -> dict[str, tuple[str, str]]:
    """Name for each statistic of a period its item and the averaging time of its limit."""
    found = {f"{i}_mean": (i, "annual") for i in EVALUATED if has_mean(i)}
    return found | {f"{i}_p{percentile_of(i)}": (i, daily_averaging(i)) for i in EVALUATED}


@any_frame
def exceedance_ratios(
    frame: pl.LazyFrame, *, day: str = "period_end", edition: Pins = None, zone_class: int = 2
) -> pl.LazyFrame:
    """Give by how much each statistic exceeds its limit.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and period, as `heqing.air.period_statistics` gives it: column `day` (the period's last day)
        and any of ``<item>_mean`` (held against the annual limit) and ``<item>_p<n>`` (against the daily one).
    day : str
        Column with the last day of the period.
    edition : str or sequence of str, optional
        Pin an edition of GB 3095 or HJ 663.
    zone_class : int
        1 for specially protected zones, 2 for all others.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus for each statistic it has ``<statistic>_limit`` and
        ``<statistic>_exceedance_ratio`` (two decimals; null where the value is missing or within the limit),
        ``exceedance_edition``, ``exceedance_unconfirmed`` (its decimals rest on one source).

    Raises
    ------
    MissingColumnError
        When column `day` is missing.

    References
    ----------
    GB 3095, table 1; HJ 663-2026, table 3 (two decimals, one source).

    Examples
    --------
    >>> from datetime import date
    >>> years = pl.LazyFrame({"period_end": [date(2025, 12, 31)] * 2, "pm2_5_mean": [42.0, 35.0]})
    >>> exceedance_ratios(years).select("pm2_5_mean_limit", "pm2_5_mean_exceedance_ratio").collect().rows()
    [(35.0, 0.2), (35.0, None)]
    """
    present = need_columns(frame, "The table of periods", [day])
    pins = pins_by_family(edition, [LIMITS, EVALUATION])
    statistics = {name: of for name, of in _statistics().items() if name in present}
    results = [f"{s}_{what}" for s in statistics for what in ("limit", "exceedance_ratio")]
    frame = as_doubles(keep_inputs(frame, [*results, "exceedance_edition", "exceedance_unconfirmed"]), statistics)
    line, number = timeline(LIMITS), pl.col("__heqing_limits_no")
    rule = timeline(EVALUATION).number_on(pl.col(day), edition=pins[EVALUATION]).fill_null(0)
    places = decimals(0, "multiple", "exceedance")
    doubt = dict(
        table(EVALUATION, "decimals").filter(pl.col("kind") == "multiple").select("phase_no", "unconfirmed").iter_rows()
    )
    bounds = {
        name: value_of_phase(LIMITS, number, partial(limit, item=item, averaging=of, zone_class=zone_class), pl.Float64)
        for name, (item, of) in statistics.items()
    }
    ratios = {}
    for name in statistics:
        value, bound = scaled(pl.col(name), PLACES), scaled(pl.col(f"{name}_limit"), PLACES)
        over = pl.when(value > bound).then((value - bound) * 10**places)
        ratios[f"{name}_exceedance_ratio"] = unscaled(divide_half_even(over, bound), places)
    return (
        frame.with_columns(
            __heqing_limits_no=line.number_on(pl.col(day), edition=pins[LIMITS]),
            exceedance_unconfirmed=value_of_phase(EVALUATION, rule, lambda n: doubt.get(n, True), pl.Boolean),
        )
        .with_columns(**{f"{name}_limit": bound for name, bound in bounds.items()})
        .with_columns(**ratios, exceedance_edition=line.edition_of(number))
        .with_columns(
            exceedance_unconfirmed=pl.col("exceedance_unconfirmed")
            & pl.any_horizontal([pl.lit(False), *[pl.col(m).is_not_null() for m in ratios]])
        )
        .drop("__heqing_limits_no")
    )
