"""Soil of construction land (建设用地): results against the values of their land class, and what a parcel needs next.

The highest result decides, never a mean. Farmland is judged in `heqing.soil.farmland`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.soil.results import PLACES, check_results, compared, plain_name, spellings, why_not, worst_items
from heqing.tables import join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame

FAMILY = "soil_construction_land"
RESULTS = (
    "soil_item",
    "soil_class",
    "screening",
    "control",
    "exceeds",
    "multiple",
    "edition",
    "phase",
    "clause",
    "unconfirmed",
    "reason",
)


@any_frame
def construction_soil(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Compare each result with the screening and the control value (筛选值、管制值) of its land class.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample and item: ``day``, ``item`` (name, symbol or CAS number), ``value`` [mg/kg], and
        ``land_class`` (1 or 2) or ``land_use`` (code of GB 50137 such as R2 or A33; G1c is a community or children's
        park). Optional: ``below`` (the value is the detection limit), ``background`` [mg/kg].
    edition : str, optional
        Pin an edition; by default the one in force on each day.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``soil_item`` (name in the standard), ``soil_class`` [1, 2], ``screening``
        and ``control`` [mg/kg], ``exceeds`` (``none``; ``background``: above the screening value, not above the
        natural background; ``screening``; ``control``), ``multiple`` (value / screening - 1), ``edition``, ``phase``,
        ``clause``, ``unconfirmed``, ``reason``.

    Raises
    ------
    MissingColumnError
        When a column is missing or ``value`` holds no numbers.
    NoEditionError
        When there is no such edition.

    References
    ----------
    GB 36600-2018, 4.1, 5.3, tables 1 and 2.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.LazyFrame({"day": [date(2024, 5, 1)], "item": ["As"], "value": [119.0], "land_class": [2]})
    >>> construction_soil(rows).select("soil_item", "screening", "exceeds").collect().row(0)
    ('砷', 60.0, 'screening')
    """
    given = check_results(frame, "soil results")
    if "land_class" not in given:
        need_columns(frame, "soil results", ["land_use"], hint="Or `land_class` (1 or 2) instead.")
    frame = keep_inputs(frame, RESULTS)
    kept = frame.collect_schema().names()
    line = timeline(FAMILY)
    day = pl.col("day").cast(pl.Date)
    worked = frame.with_columns(
        _phase=line.number_on(day, edition=edition),
        soil_item=plain_name(pl.col("item")).replace_strict(_names(), default=None, return_dtype=pl.String),
        _class=_class_of_land(given),
    ).join(_values(), on=["_phase", "soil_item", "_class"], how="left", maintain_order="left")
    columns = [*given, "_background_counts"]
    worked = worked.with_columns(**compared(columns)).with_columns(
        reason=why_not(
            columns,
            pl.when(day.is_null()).then(pl.lit("bad_time")),
            pl.when(day.is_not_null() & pl.col("_phase").is_null()).then(pl.lit("no_edition")),
            pl.when(pl.col("soil_item").is_null()).then(
                pl.concat_str(pl.lit("soil_unknown_item("), pl.col("item").cast(pl.String).fill_null(""), pl.lit(")"))
            ),
            pl.when(pl.col("_class").is_null()).then(pl.lit("soil_land_unknown")),
        )
    )
    return worked.select(
        *kept,
        "soil_item",
        pl.col("_class").cast(pl.Int64).alias("soil_class"),
        "screening",
        "control",
        "exceeds",
        "multiple",
        line.edition_of(pl.col("_phase")).alias("edition"),
        line.phase_of(pl.col("_phase")).alias("phase"),
        "clause",
        (pl.col("_doubtful").fill_null(False) & pl.col("exceeds").is_not_null()).alias("unconfirmed"),
        "reason",
    )


@any_frame
def construction_parcels(
    frame: pl.LazyFrame, *, by: Sequence[str] = ("parcel",), all_basic_items: bool = True
) -> pl.LazyFrame:
    """Say what each parcel needs next by its highest results: nothing, a detailed survey, or control and remediation.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows of `construction_soil` with the columns of `by`.
    by : sequence of str
        What makes a parcel.
    all_basic_items : bool
        Hold back ``acceptable`` while one of the 45 basic items has no result; False for a survey that was agreed to
        look at some items only.

    Returns
    -------
    polars.LazyFrame
        One row a parcel, in order of appearance: `by`, ``results``, ``not_compared``, ``basic_items`` [0–45],
        ``above_screening`` and ``above_control`` (items with their largest multiple), ``outcome`` (``acceptable``,
        ``detailed_survey``, ``control_or_remediation``; null with a reason), ``edition``, ``clause``, ``unconfirmed``,
        ``reason``.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    GB 36600-2018, 5.3 (wording not read: rows are marked unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> rows = {"parcel": ["东厂"], "day": [date(2024, 5, 1)], "item": ["砷"], "value": [150.0], "land_class": [2]}
    >>> construction_parcels(construction_soil(pl.LazyFrame(rows))).select("outcome", "above_control").collect().row(0)
    ('control_or_remediation', '砷:1.50')
    """
    need_columns(frame, "compared soil results", [*by, *RESULTS], hint="Call construction_soil first.")
    basic = table(FAMILY, "limits").filter(pl.col("list") == "basic")["name_zh"].unique()
    compared_row = pl.col("exceeds").is_not_null()
    grouped = frame.group_by(list(by), maintain_order=True).agg(
        results=compared_row.sum().cast(pl.Int64),
        not_compared=(~compared_row).sum().cast(pl.Int64),
        basic_items=pl.col("soil_item").filter(compared_row & pl.col("soil_item").is_in(basic.implode())).n_unique(),
        above_screening=worst_items("screening"),
        above_control=worst_items("control"),
        edition=pl.col("edition").drop_nulls().unique(maintain_order=True).str.join("；"),
        _unconfirmed=pl.col("unconfirmed").any(),
        _control=(pl.col("exceeds") == "control").any(),
        _screening=(pl.col("exceeds") == "screening").any(),
    )
    lacks = pl.lit(len(basic)) - pl.col("basic_items").cast(pl.Int64)
    missing = pl.lit(all_basic_items) & (lacks > 0)
    clean = (pl.col("results") > 0) & (pl.col("not_compared") == 0) & ~missing
    outcome = (
        pl.when(pl.col("_control").fill_null(False))
        .then(pl.lit("control_or_remediation"))
        .when(pl.col("_screening").fill_null(False))
        .then(pl.lit("detailed_survey"))
        .when(clean)
        .then(pl.lit("acceptable"))
    )
    reason = join_reasons(
        pl.when(pl.col("results") == 0).then(pl.lit("no_values")),
        pl.when(pl.col("not_compared") > 0).then(
            pl.concat_str(pl.lit("soil_not_compared("), pl.col("not_compared"), pl.lit(")"))
        ),
        pl.when(missing).then(pl.concat_str(pl.lit("soil_basic_items_missing("), lacks, pl.lit(")"))),
    )
    return grouped.select(
        *by,
        "results",
        "not_compared",
        pl.col("basic_items").cast(pl.Int64),
        "above_screening",
        "above_control",
        outcome.alias("outcome"),
        pl.when(pl.col("edition") != "").then("edition"),
        pl.when(outcome.is_not_null()).then(pl.lit("5.3")).alias("clause"),
        outcome.is_not_null().alias("unconfirmed"),  # clause 5.3 was not read
        reason.alias("reason"),
    )


@cache
def _names() -> dict[str, str]:
    return spellings(table(FAMILY, "limits").iter_rows(named=True))


@cache
def _land_codes() -> tuple[tuple[str, int], ...]:
    rows = table(FAMILY, "land_classes").select("code", "land_class").unique(maintain_order=True)
    return tuple(sorted(rows.rows(), key=lambda row: -len(row[0])))


def _class_of_land(given: Sequence[str]) -> pl.Expr:
    if "land_class" in given:
        told = pl.col("land_class").cast(pl.Int64, strict=False)
        return pl.when(told.is_in([1, 2])).then(told)
    use = pl.col("land_use").cast(pl.String).str.strip_chars()
    found: pl.Expr = pl.lit(None, pl.Int64)
    for code, land_class in reversed(_land_codes()):  # the longest code is asked first
        found = pl.when(use.str.starts_with(code)).then(pl.lit(land_class, pl.Int64)).otherwise(found)
    return found


@cache
def _value_rows() -> pl.DataFrame:
    rows = table(FAMILY, "limits")
    classes = [
        rows.select(
            pl.col("phase_no").alias("_phase"),
            pl.col("name_zh").alias("soil_item"),
            pl.lit(k, pl.Int64).alias("_class"),
            pl.col(f"screening{k}").cast(pl.Float64).alias("screening"),
            pl.col(f"control{k}").cast(pl.Float64).alias("control"),
            (pl.col(f"screening{k}") * 10**PLACES).cast(pl.Int64).alias("_screening"),
            (pl.col(f"control{k}") * 10**PLACES).cast(pl.Int64).alias("_control"),
            pl.col("background").alias("_background_counts"),
            "clause",
            pl.col("unconfirmed").alias("_doubtful"),
        )
        for k in (1, 2)
    ]
    return pl.concat(classes)


def _values() -> pl.LazyFrame:
    return _value_rows().lazy()
