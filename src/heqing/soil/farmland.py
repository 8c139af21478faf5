"""Soil of farmland (农用地): results against the values of their pH band and land, and the class of a plot.

Construction land is judged in `heqing.soil.construction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline
from heqing.quantities.rounding import scaled
from heqing.soil.results import PLACES, check_results, compared, plain_name, spellings, why_not, worst_items
from heqing.tables import join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame

FAMILY = "soil_farmland"
RESULTS = (
    "soil_item",
    "ph_band",
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
# Kinds of land of the table, and those whose rows count for each kind of plot; of several the strictest.
_ROWS_FOR = {"paddy": ("paddy",), "orchard": ("orchard",), "other": ("other",), "rotation": ("paddy", "other")}


@any_frame
def farmland_soil(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Compare each result with the screening and the control value (筛选值、管制值) of its pH band and land.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample and item: ``day``, ``item`` (name or symbol), ``value`` [mg/kg], ``ph``, ``land`` (水田,
        果园, 旱地, 其他, 水旱轮作 or paddy, orchard, other, rotation). Optional: ``below`` (the value is the detection
        limit).
    edition : str, optional
        Pin an edition; by default the one in force on each day.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``soil_item``, ``ph_band`` (such as ``(5.5, 6.5]``), ``screening`` and
        ``control`` [mg/kg; null where the item has none], ``exceeds`` (``none``, ``screening``, ``control``),
        ``multiple`` (value / screening - 1), ``edition``, ``phase``, ``clause``, ``unconfirmed``, ``reason``.

    Raises
    ------
    MissingColumnError
        When a column is missing or ``value`` holds no numbers.
    NoEditionError
        When there is no such edition.

    References
    ----------
    GB 15618-2018, tables 1 to 3.

    Examples
    --------
    >>> from datetime import date
    >>> rows = {"day": [date(2024, 5, 1)] * 2, "item": ["Cd"] * 2, "value": [0.35] * 2, "ph": [5.5, 6.0]}
    >>> found = farmland_soil(pl.LazyFrame(rows).with_columns(land=pl.lit("水田")))
    >>> found.select("screening", "control", "exceeds").collect().rows()
    [(0.3, 1.5, 'screening'), (0.4, 2.0, 'none')]
    """
    given = check_results(frame, "soil results", "ph", "land")
    frame = keep_inputs(frame, RESULTS)
    kept = frame.collect_schema().names()
    line = timeline(FAMILY)
    day = pl.col("day").cast(pl.Date)
    ph = scaled(pl.col("ph"), PLACES)
    usable_ph = (ph >= 0) & (ph <= 14 * 10**PLACES)
    worked = frame.with_columns(
        _phase=line.number_on(day, edition=edition),
        soil_item=plain_name(pl.col("item")).replace_strict(_names(), default=None, return_dtype=pl.String),
        _land=plain_name(pl.col("land")).replace_strict(_lands(), default=None, return_dtype=pl.String),
        ph_band=pl.when(usable_ph).then(_band(ph)),
    ).join(_value_rows().lazy(), on=["_phase", "soil_item", "_land", "ph_band"], how="left", maintain_order="left")
    worked = worked.with_columns(**compared(given)).with_columns(
        reason=why_not(
            given,
            pl.when(day.is_null()).then(pl.lit("bad_time")),
            pl.when(day.is_not_null() & pl.col("_phase").is_null()).then(pl.lit("no_edition")),
            pl.when(pl.col("soil_item").is_null()).then(
                pl.concat_str(pl.lit("soil_unknown_item("), pl.col("item").cast(pl.String).fill_null(""), pl.lit(")"))
            ),
            pl.when(pl.col("_land").is_null()).then(pl.lit("soil_land_unknown")),
            pl.when(pl.col("ph_band").is_null()).then(pl.lit("soil_ph_missing")),
        )
    )
    return worked.select(
        *kept,
        "soil_item",
        "ph_band",
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
def farmland_plots(frame: pl.LazyFrame, *, by: Sequence[str] = ("plot",)) -> pl.LazyFrame:
    """Give each plot its class by its soil: 优先保护, 安全利用 or 严格管控.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows of `farmland_soil` with the columns of `by`.
    by : sequence of str
        What makes a plot.

    Returns
    -------
    polars.LazyFrame
        One row a plot, in order of appearance: `by`, ``results``, ``not_compared``, ``above_screening``,
        ``above_control``, ``farmland_class`` (``priority_protection``, ``safe_use``, ``strict_control``; null with a
        reason), ``edition``, ``unconfirmed``, ``reason``. The class in force also rests on tests of the produce.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    GB 15618-2018, 5 and 6 (wording not read: rows are marked unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> rows = {"plot": ["七组"], "day": [date(2024, 5, 1)], "item": ["铜"], "value": [900.0], "ph": [6.0]}
    >>> found = farmland_soil(pl.LazyFrame(rows).with_columns(land=pl.lit("其他")))
    >>> farmland_plots(found).select("farmland_class", "above_screening").collect().row(0)
    ('safe_use', '铜:17.00')
    """
    need_columns(frame, "compared soil results", [*by, *RESULTS], hint="Call farmland_soil first.")
    compared_row = pl.col("exceeds").is_not_null()
    grouped = frame.group_by(list(by), maintain_order=True).agg(
        results=compared_row.sum().cast(pl.Int64),
        not_compared=(~compared_row).sum().cast(pl.Int64),
        above_screening=worst_items("screening"),
        above_control=worst_items("control"),
        edition=pl.col("edition").drop_nulls().unique(maintain_order=True).str.join("；"),
        _control=(pl.col("exceeds") == "control").any(),
        _screening=(pl.col("exceeds") == "screening").any(),
    )
    stated = (
        pl.when(pl.col("_control").fill_null(False))
        .then(pl.lit("strict_control"))
        .when((pl.col("results") > 0) & (pl.col("not_compared") == 0))
        .then(
            pl.when(pl.col("_screening").fill_null(False))
            .then(pl.lit("safe_use"))
            .otherwise(pl.lit("priority_protection"))
        )
    )
    reason = join_reasons(
        pl.when(pl.col("results") == 0).then(pl.lit("no_values")),
        pl.when(pl.col("not_compared") > 0).then(
            pl.concat_str(pl.lit("soil_not_compared("), pl.col("not_compared"), pl.lit(")"))
        ),
    )
    return grouped.select(
        *by,
        "results",
        "not_compared",
        "above_screening",
        "above_control",
        stated.alias("farmland_class"),
        pl.when(pl.col("edition") != "").then("edition"),
        stated.is_not_null().alias("unconfirmed"),
        reason.alias("reason"),
    )


@cache
def _names() -> dict[str, str]:
    return spellings(table(FAMILY, "limits").iter_rows(named=True))


@cache
def _lands() -> dict[str, str]:
    return {row["word"]: row["land"] for row in table(FAMILY, "lands").iter_rows(named=True)}


@cache
def _bands() -> tuple[tuple[int | None, int | None, str], ...]:
    """Give the pH bands: above, at most, and how the band is written."""
    rows = table(FAMILY, "limits").select("ph_above", "ph_to").unique(maintain_order=True).rows()
    told = [(a, b) for a, b in rows if a is not None or b is not None]
    found = []
    for low, high in sorted(told, key=lambda row: row[0] or 0):
        name = f"> {low.normalize()}" if high is None else f"≤ {high.normalize()}" if low is None else ""
        name = name or f"({low.normalize()}, {high.normalize()}]"
        whole = [None if bound is None else int(bound.scaleb(PLACES)) for bound in (low, high)]
        found.append((whole[0], whole[1], name))
    return tuple(found)


def _band(ph: pl.Expr) -> pl.Expr:
    found: pl.Expr = pl.lit(None, pl.String)
    for low, high, name in _bands():
        above = pl.lit(True) if low is None else ph > low
        inside = above if high is None else above & (ph <= high)
        found = pl.when(inside).then(pl.lit(name)).otherwise(found)
    return found


@cache
def _value_rows() -> pl.DataFrame:
    """Give screening and control value for each phase, item, kind of plot and band."""
    rows = list(table(FAMILY, "limits").iter_rows(named=True))
    found = []
    for phase, item in dict.fromkeys((r["phase_no"], r["name_zh"]) for r in rows):
        own = [r for r in rows if (r["phase_no"], r["name_zh"]) == (phase, item)]
        for plot, lands in _ROWS_FOR.items():
            for low, high, band in _bands():
                here = [r for r in own if _covers(r, low, high)]
                screening = _strictest([r for r in here if r["value"] == "screening"], lands)
                control = _strictest([r for r in here if r["value"] == "control"], lands)
                if screening is None:
                    continue
                found.append(
                    {
                        "_phase": phase,
                        "soil_item": item,
                        "_land": plot,
                        "ph_band": band,
                        "screening": float(screening["limit"]),
                        "control": None if control is None else float(control["limit"]),
                        "_screening": int(screening["limit"].scaleb(PLACES)),
                        "_control": None if control is None else int(control["limit"].scaleb(PLACES)),
                        "clause": "；".join(r["clause"] for r in (screening, control) if r is not None),
                        "_doubtful": any(r["unconfirmed"] for r in (screening, control) if r is not None),
                    }
                )
    return pl.DataFrame(found, infer_schema_length=None)


def _covers(row: dict[str, Any], low: int | None, high: int | None) -> bool:
    """Say whether a row counts in a band: it has the band's bounds, or none at all."""
    bounds = [None if b is None else int(b.scaleb(PLACES)) for b in (row["ph_above"], row["ph_to"])]
    return bounds in ([low, high], [None, None])


def _strictest(rows: list[dict[str, Any]], lands: tuple[str, ...]) -> dict[str, Any] | None:
    """Take the row of each land (its own, else any, else other), and of these the lowest limit."""
    found = []
    for land in lands:
        for word in (land, "any", "other"):
            if of := [r for r in rows if r["land"] == word]:
                found += of
                break
    return min(found, key=lambda r: r["limit"], default=None)
