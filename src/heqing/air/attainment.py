"""Whether a day attains the limits of GB 3095: another question than whether its index is good.

From 2031 a day of index 100 can still exceed; the two are never derived from one another. Annual attainment is in
`heqing.air.periods`.
"""

from __future__ import annotations

import polars as pl

from heqing.air.evaluation import EVALUATED, EVALUATION, LIMITS, daily_averaging, decimals, limit, value_of_phase
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
from heqing.quantities.rounding import PLACES, round_scaled, scaled
from heqing.tables import as_doubles, keep_inputs, need_columns
from heqing.tables.door import any_frame


@any_frame
def attaining_day(frame: pl.LazyFrame, *, edition: Pins = None, zone_class: int = 2) -> pl.LazyFrame:
    """Say of each day whether it attains: no evaluated item above its daily limit.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and day. Reads ``day`` and those of ``pm2_5 pm10 so2 no2 o3_8h`` [µg/m³] and ``co`` [mg/m³].
    edition : str or sequence of str, optional
        Pin editions of GB 3095 or HJ 663.
    zone_class : int
        1 for specially protected zones, 2 for all others.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``attaining_day`` (null where an item is missing and none exceeds),
        ``exceeding_items``, ``limits_edition``, ``limits_phase``, ``limits_unconfirmed`` (the answer would change
        without a rounding that is not confirmed).

    Raises
    ------
    MissingColumnError
        When `frame` has no ``day``.

    References
    ----------
    GB 3095, table 1; HJ 663-2026, table 3 (rounding before the judgement, one source).

    Examples
    --------
    >>> from datetime import date
    >>> full = dict(pm10=[50.0], so2=[5.0], no2=[20.0], co=[0.5], o3_8h=[100.0])
    >>> days = pl.LazyFrame({"day": [date(2031, 1, 1)], "pm2_5": [55.0], **full})
    >>> attaining_day(days).select("attaining_day", "exceeding_items").collect().row(0)
    (False, 'pm2_5')
    """
    need_columns(frame, "The daily table", ["day"])
    pins = pins_by_family(edition, [LIMITS, EVALUATION])
    results = ["attaining_day", "exceeding_items", "limits_edition", "limits_phase", "limits_unconfirmed"]
    frame = as_doubles(keep_inputs(frame, results), EVALUATED)
    present = set(frame.collect_schema().names())
    limits, rules = timeline(LIMITS), timeline(EVALUATION)
    number = pl.col("__heqing_limits_no")
    rounded = {i: _exceeds(i, zone_class, rounds=True) for i in EVALUATED if i in present}
    exact = {i: _exceeds(i, zone_class, rounds=False) for i in EVALUATED if i in present}
    absent = [i for i in EVALUATED if i not in present]
    named = pl.concat_str(
        [pl.when(e).then(pl.lit(i)) for i, e in rounded.items()] or [pl.lit("")], separator=",", ignore_nulls=True
    )
    return (
        frame.with_columns(
            __heqing_limits_no=limits.number_on(pl.col("day"), edition=pins[LIMITS]),
            __heqing_rule_no=rules.number_on(pl.col("day"), edition=pins[EVALUATION]).fill_null(0),
        )
        .with_columns(
            attaining_day=_attains(rounded, complete=not absent),
            exceeding_items=pl.when(number.is_not_null() & (named != "")).then(named),
            limits_edition=limits.edition_of(number),
            limits_phase=limits.phase_of(number),
            limits_unconfirmed=_attains(rounded, complete=not absent).ne_missing(_attains(exact, complete=not absent)),
        )
        .drop("__heqing_limits_no", "__heqing_rule_no")
    )


def _exceeds(item: str, zone_class: int, *, rounds: bool) -> pl.Expr:
    bound = value_of_phase(
        LIMITS, pl.col("__heqing_limits_no"), lambda n: limit(n, item, daily_averaging(item), zone_class), pl.Float64
    )
    value = scaled(pl.col(item), PLACES)
    if rounds:
        places = {decimals(n, "judged", item) for n in range(len(timeline(EVALUATION).phases))}
        value = pl.coalesce(
            pl.when(
                value_of_phase(EVALUATION, pl.col("__heqing_rule_no"), lambda n: decimals(n, "judged", item), pl.Int32)
                == d
            ).then(round_scaled(value, PLACES, d))
            for d in sorted(places)
        )
    return value > scaled(bound, PLACES)


def _attains(exceeds: dict[str, pl.Expr], *, complete: bool) -> pl.Expr:
    """Join the items: false with one exceedance, true when every item is known to hold, null otherwise."""
    if not exceeds:
        return pl.lit(None, pl.Boolean)
    worst = pl.any_horizontal(exceeds.values())
    return pl.when(worst).then(pl.lit(False)).when(~worst & pl.lit(complete)).then(pl.lit(True))
