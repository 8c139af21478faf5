"""How a county or city hands over its water at the border (交接断面水质考核): target, inflow and the year before.

The decision table is that of one province. What "better" means over three items is said in no rule that was read: an
index of this house is used, and every result is unconfirmed. The monthly rate of attaining sections of other provinces
is that of `heqing.water.section_shares`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import marked
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.grounds import ground_names, grounds, number_of, own_names
from heqing.water.limits import FAMILY, PLACES
from heqing.water.means import printed
from heqing.water.pollutants import baseline_limit, judged_value
from heqing.water.practice import check_rounding, practice_number
from heqing.water.samples import day_of, file_columns
from heqing.water.targets import target_of

HANDOVER = "surface_water_handover"
# Ending of the columns of each of the four sets of values, and the name of its index.
SETS = {
    "": "outflow_index",
    "_in": "inflow_index",
    "_before": "outflow_index_before",
    "_in_before": "inflow_index_before",
}
RESULTS = (
    "handover_target_met",
    *SETS.values(),
    "outflow_change",
    "inflow_change",
    "handover_state",
    "handover_grade",
)


@cache
def handover_items() -> tuple[str, ...]:
    """Name the items compared.

    Returns
    -------
    tuple of str
        Codes.

    Examples
    --------
    >>> handover_items()
    ('codmn', 'nh3n', 'tp')
    """
    return tuple(table(HANDOVER, "items")["item"].unique(maintain_order=True))


@cache
def _rules() -> tuple[int, str]:
    row = table(HANDOVER, "rules").row(-1, named=True)
    return row["band_percent"], row["stable_is"]


@any_frame
def handover_grade(frame: pl.LazyFrame, *, edition: str | None = None, rounding: str = "auto") -> pl.LazyFrame:
    """Give each county or city its grade for the water it hands over in a year.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and year with yearly means [mg/L]: ``codmn``, ``nh3n``, ``tp`` of the outflow, the same of
        the inflow with the ending ``_in``, of the year before with ``_before`` and ``_in_before``; ``target_class``,
        ``body_type``, and ``time``, ``day`` or ``period_end``. What a row of the table does not need may be missing.
    edition : str, optional
        Pin an edition of the rule.
    rounding : str
        As in `heqing.water.water_class`, for the target.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``handover_target_met``, ``outflow_index``, ``inflow_index``,
        ``outflow_index_before``, ``inflow_index_before`` (mean of the items' quotients with the limits of the target
        class), ``outflow_change``, ``inflow_change`` [%; above zero is worse], ``handover_state`` (``improved``,
        ``stable``, ``worse``), ``handover_grade``, ``handover_edition``, ``handover_clause``,
        ``handover_unconfirmed``, ``handover_reason``.

    Raises
    ------
    MissingColumnError
        Without a date, ``target_class`` or the items of the outflow.
    UnknownNameError
        When `rounding` is none.

    References
    ----------
    Family ``surface_water_handover``: tables ``decisions``, ``items``, ``rules``.

    Examples
    --------
    >>> from datetime import date
    >>> county = pl.LazyFrame({"day": [date(2014, 12, 31)], "body_type": ["river"], "target_class": ["Ⅲ"],
    ...     "codmn": [4.0], "nh3n": [0.6], "tp": [0.15],
    ...     "codmn_before": [4.2], "nh3n_before": [0.7], "tp_before": [0.16]})
    >>> handover_grade(county).select("handover_target_met", "handover_state", "handover_grade").collect().row(0)
    (True, 'stable', '优秀')
    """
    check_rounding(rounding)
    frame, columns = own_names(frame, (*RESULTS, *ground_names("handover")))
    given = frame.collect_schema().names()
    items = handover_items()
    missing = [i for i in items if i not in given]
    if missing:
        raise MissingColumnError("sections of handover", missing, present=file_columns(given))
    day = day_of(frame)
    worked = frame.with_columns(
        _number=number_of(HANDOVER, day, edition),
        _limits=timeline(FAMILY).number_on(day),
        _practice=practice_number(day),
        _body=body_of(given),
        _base=target_of(frame),
        **{f"_value_{i}{end}": _value(f"{i}{end}", given) for i in items for end in SETS},
    )
    worked = worked.with_columns(**{f"_limit_{i}": baseline_limit(i) for i in items})
    met = pl.all_horizontal([judged_value(i, rounding) <= pl.col(f"_limit_{i}") for i in items])
    indices = {
        name: pl.mean_horizontal(
            [pl.col(f"_value_{i}{end}") / pl.col(f"_limit_{i}") for i in items], ignore_nulls=False
        )
        for end, name in SETS.items()
    }
    worked = worked.with_columns(_met=met, **{f"_{name}": printed(one) for name, one in indices.items()})
    outflow, inflow, before, inflow_before = (pl.col(f"_{name}") for name in SETS.values())
    band, _ = _rules()
    change = pl.col("_change")
    worked = worked.with_columns(
        _change=printed((outflow - before) * 100 / before),
        _inflow_change=printed((inflow - inflow_before) * 100 / inflow_before),
    ).with_columns(
        _state=pl.when(change <= -band)
        .then(pl.lit("improved"))
        .when(change >= band)
        .then(pl.lit("worse"))
        .when(change.is_not_null())
        .then(pl.lit("stable")),
    )
    worked = worked.with_columns(_grade=_decided())
    grade = pl.col("_grade")
    lacking = marked(
        [(f"{i}{end}", pl.col(f"_value_{i}{end}").is_null()) for end in SETS for i in items]
        + [("target_class", pl.col("_base").is_null()), ("body_type", pl.col("_body").is_null())]
    )
    return worked.select(
        *columns,
        pl.col("_met").alias("handover_target_met"),
        *[pl.col(f"_{name}").alias(name) for name in SETS.values()],
        change.alias("outflow_change"),
        pl.col("_inflow_change").alias("inflow_change"),
        pl.col("_state").alias("handover_state"),
        grade.alias("handover_grade"),
        *grounds(
            "handover",
            HANDOVER,
            pl.col("_number"),
            grade.is_not_null(),
            tables=("decisions", "rules"),
            reasons=[
                pl.when(grade.is_null() & pl.col("_number").is_not_null() & (lacking != "")).then(
                    pl.concat_str(pl.lit("handover_missing("), lacking, pl.lit(")"))
                )
            ],
        ),
    )


def _value(column: str, given: list[str]) -> pl.Expr:
    if column not in given:
        return pl.lit(None, pl.Int64)
    number = pl.col(column).cast(pl.Float64)
    return pl.when(number >= 0).then(scaled(number, PLACES))


def _decided() -> pl.Expr:
    """Take the first row of the decision table that fits; null where it cannot be told whether one fits."""
    band, stable_is = _rules()
    outflow, inflow = pl.col("_outflow_index"), pl.col("_inflow_index")
    change, inflow_change = pl.col("_change"), pl.col("_inflow_change")
    became_worse = (change >= band) if stable_is == "better" else (change > -band)
    rows = table(HANDOVER, "decisions")
    rows = rows.filter(pl.col("phase_no") == rows["phase_no"].max()).sort("no")

    def fits(row: dict[str, Any]) -> pl.Expr:
        holds = pl.col("_met") if row["target_met"] else ~pl.col("_met")
        if row["outflow"] != "any":
            holds = holds & ((outflow <= inflow) if row["outflow"] == "better" else (outflow > inflow))
        holds = holds & (became_worse if row["than_last_year"] == "worse" else ~became_worse)
        return holds & (change < inflow_change) if row["extra"] else holds

    found = pl.lit(None, pl.String)
    for row in reversed(rows.to_dicts()):
        holds = fits(row)
        found = pl.when(holds).then(pl.lit(row["grade_zh"])).when(holds.is_not_null()).then(found)
    return found
