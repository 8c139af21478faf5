"""Whether a day attains the limits of GB 3095: another question than whether its index is good.

From 2031 a day of index 100 can still exceed; the two are never derived from one another. Annual attainment is in
`heqing.air.periods`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from heqing.air.dense import Flags, Small, day_numbers, doubles, named, over_cores, phase_numbers, present, words
from heqing.air.evaluation import EVALUATED, EVALUATION, LIMITS, daily_averaging, exceeds, rule_numbers
from heqing.air.pins import Pins, pins_by_family
from heqing.editions import timeline
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
    text = pl.String()
    types = (pl.Boolean(), text, text, text, pl.Boolean())
    schema = {**frame.collect_schema(), **dict(zip(results, types, strict=True))}
    judge = partial(_judged, pins=pins, zone_class=zone_class)
    return frame.map_batches(judge, schema=schema, streamable=True)


def _judged(frame: pl.DataFrame, *, pins: dict[str, str | None], zone_class: int) -> pl.DataFrame:
    """Judge the days of a frame, some at a time, on all cores."""
    rows = frame.height
    days = day_numbers(frame["day"])
    given = {i: doubles(frame, i) for i in EVALUATED if i in frame.columns}
    number = np.empty(rows, dtype=np.int8)
    attains, above, unsure = np.empty(rows, dtype=np.int8), np.zeros(rows, dtype=np.uint8), np.empty(rows, dtype=bool)

    def judge(piece: slice) -> None:
        number[piece] = phase_numbers(LIMITS, days[piece], edition=pins[LIMITS])
        rule = rule_numbers(phase_numbers(EVALUATION, days[piece], edition=pins[EVALUATION]))
        known = np.full(len(rule), len(given) == len(EVALUATED))
        worst, worst_exact = np.zeros(len(rule), dtype=bool), np.zeros(len(rule), dtype=bool)
        for item, values in given.items():
            row = (values[piece], item, daily_averaging(item), zone_class, number[piece], rule)
            over, can_tell = exceeds(*row, rounds=True)
            worst |= over
            worst_exact |= exceeds(*row, rounds=False)[0]
            known &= can_tell
            above[piece] |= over.astype(np.uint8) << EVALUATED.index(item)
        attains[piece] = _attains(worst, known)
        unsure[piece] = attains[piece] != _attains(worst_exact, known)

    over_cores(rows, judge)
    line = timeline(LIMITS)
    return frame.with_columns(
        present("attaining_day", attains == 1, attains != _UNKNOWN),
        words("exceeding_items", above, [named(mask, EVALUATED) or None for mask in range(1 << len(EVALUATED))]),
        words("limits_edition", number, [*(e.number for e, _ in line.phases), None]),
        words("limits_phase", number, [*(p.key for _, p in line.phases), None]),
        pl.Series("limits_unconfirmed", unsure),
    )


_UNKNOWN = -1


def _attains(worst: Flags, known: Flags) -> Small:
    """Join the items: 0 with one exceedance, 1 when every item is known to hold, -1 otherwise."""
    return np.where(worst, 0, np.where(known, 1, _UNKNOWN)).astype(np.int8)
