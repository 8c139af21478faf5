"""The class of a groundwater sample by the worst of its items (地下水质量 GB/T 14848).

It judges one row at a time. Whether a source of drinking water attains is in `heqing.water.drinking`; the items and
their printed units are table ``limits`` of family ``groundwater``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import marked
from heqing.tables.door import any_frame
from heqing.water.exceedance import multiple, multiple_text
from heqing.water.grounds import ground_names, grounds, own_names
from heqing.water.limits import PLACES, whole
from heqing.water.samples import day_of, file_columns

FAMILY = "groundwater"
WORST = 5
RESULTS = ("groundwater_class", "groundwater_deciding", "groundwater_items", "groundwater_exceedance")
# Above this a count is taken for a fault: multiples of it would not fit whole numbers.
_CEILING = 10.0**7
# Micrograms are milligrams of three decimals more; other units are those of the frame.
_SMALLER = {"µg/L": 1000}


@dataclass(frozen=True)
class GroundLimit:
    """The limits of one item in billionths of the frame's unit; None where a class has no bound of its own."""

    item: str
    direction: str
    lower: int | None
    lower4: int | None
    classes: tuple[int | None, ...]


@cache
def ground_limits() -> dict[int, dict[str, GroundLimit]]:
    """Give the limits of every phase of the standard.

    Returns
    -------
    dict
        Place in the timeline to {item: limits}.

    Examples
    --------
    >>> ground_limits()[0]["benzene"].classes[2] / 10**9  # printed as 10 µg/L
    0.01
    """
    found: dict[int, dict[str, GroundLimit]] = {}
    for row in table(FAMILY, "limits").iter_rows(named=True):
        part = _SMALLER.get(row["unit"], 1)
        bounds = [None if row[c] is None else whole(row[c] / part) for c in ("lower", "lower4")]
        classes = tuple(None if row[f"class{k}"] is None else whole(row[f"class{k}"] / part) for k in range(1, WORST))
        limit = GroundLimit(row["item"], row["direction"], bounds[0], bounds[1], classes)
        found.setdefault(row["phase_no"], {})[row["item"]] = limit
    return found


@cache
def groundwater_items() -> tuple[str, ...]:
    """Name the items of the standard, in its order.

    Returns
    -------
    tuple of str
        93 codes.

    Examples
    --------
    >>> len(groundwater_items())
    93
    """
    return tuple(table(FAMILY, "limits")["item"].unique(maintain_order=True))


def _item_class(limit: GroundLimit, value: pl.Expr, below: pl.Expr) -> pl.Expr:
    """Give the class 1–5 of an item's values in billionths; for what is there or not, of zeros and ones."""
    if limit.direction == "absent":
        return pl.when(value > 0).then(pl.lit(WORST)).when(value == 0).then(pl.lit(1)).cast(pl.UInt8)
    if limit.direction == "range":
        good = (value >= limit.lower) & (value <= limit.classes[2])
        fair = (value >= limit.lower4) & (value <= limit.classes[3])
        of = pl.when(good).then(pl.lit(1)).when(fair).then(pl.lit(WORST - 1)).otherwise(pl.lit(WORST))
        return pl.when(value.is_not_null()).then(of).cast(pl.UInt8)
    total = pl.lit(1, pl.UInt8)
    for bound in limit.classes[1:] if limit.classes[0] is None else limit.classes:
        if bound is not None:
            total = total + (value > bound).cast(pl.UInt8)
    if limit.classes[0] is None:  # class I is for what was not detected
        total = pl.when(below).then(pl.lit(1, pl.UInt8)).otherwise(total + pl.lit(1, pl.UInt8))
    return total


@any_frame
def groundwater_class(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Give each groundwater sample its class by the worst of its items.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``time`` or ``day`` and any of the 93 items by code: concentrations in mg/L (those
        printed in µg/L too), others in the printed unit; ``odour`` and ``visible_matter`` as 1 (there) or 0.
        ``<item>_below`` says that the value is the detection limit, not reached: it is judged by the limit itself.
    edition : str, optional
        Pin an edition of the standard; by default the one in force on each day.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``groundwater_class`` [1–5], ``groundwater_deciding``,
        ``groundwater_items`` (that were judged), ``groundwater_exceedance`` (items worse than class III, worst class
        first, with their multiple over its limit: ``na:0.78,f:0.19``), ``groundwater_edition``,
        ``groundwater_clause``, ``groundwater_unconfirmed``, ``groundwater_reason``.

    Raises
    ------
    MissingColumnError
        Without a date or any item.
    NoEditionError
        When the standard has no edition of that name.

    References
    ----------
    Family ``groundwater``: tables ``limits``, ``multiples``, ``bare_items``.

    Examples
    --------
    >>> from datetime import date
    >>> sample = pl.LazyFrame({"day": [date(2022, 7, 1)], "f": [1.19], "na": [356.0]})
    >>> groundwater_class(sample).select("groundwater_class", "groundwater_exceedance").collect().row(0)
    (4, 'na:0.78,f:0.19')
    """
    frame, columns = own_names(frame, (*RESULTS, *ground_names("groundwater")))
    schema = frame.collect_schema()
    items = [i for i in groundwater_items() if i in schema and (schema[i].is_numeric() or schema[i] == pl.Boolean)]
    if not items:
        hint = "Give at least one item of GB/T 14848 by its code; see the table of limits."
        raise MissingColumnError("groundwater samples", ["nh3n"], present=file_columns(schema.names()), hint=hint)
    number = pl.col("_number")
    worked = frame.with_row_index("_row").with_columns(
        _number=timeline(FAMILY).number_on(day_of(frame), edition=edition),
        _dated=day_of(frame).is_not_null(),
        **{f"_value_{i}": _valid(i) for i in items},
        **{
            f"_below_{i}": pl.col(f"{i}_below").fill_null(False) if f"{i}_below" in schema else pl.lit(False)
            for i in items
        },
    )
    worked = worked.with_columns(**{f"_class_{i}": _class_of(i) for i in items})
    worst = pl.max_horizontal([pl.col(f"_class_{i}") for i in items])
    worked = worked.with_columns(_class=pl.when(number.is_not_null()).then(worst).cast(pl.Int64))
    section = pl.col("_class")
    exceeding = _exceedance(worked, items)
    return worked.join(exceeding, on="_row", how="left", maintain_order="left").select(
        *columns,
        section.alias("groundwater_class"),
        _named((i, pl.col(f"_class_{i}") == section) for i in items).alias("groundwater_deciding"),
        _named((i, pl.col(f"_class_{i}").is_not_null() & section.is_not_null()) for i in items).alias(
            "groundwater_items"
        ),
        pl.col("_text").alias("groundwater_exceedance"),
        *grounds(
            "groundwater",
            FAMILY,
            number,
            section.is_not_null(),
            tables=("limits",),
            undated=~pl.col("_dated"),
            reasons=_reasons(items, schema),
        ),
    )


def _valid(item: str) -> pl.Expr:
    """Give the value of an item in billionths, null where it is missing or impossible."""
    number = pl.col(item).cast(pl.Float64)
    return pl.when((number >= 0) & (number <= _CEILING)).then(scaled(number, PLACES))


def _class_of(item: str) -> pl.Expr:
    """Give the item's class; null where its detection limit is above that of the baseline."""
    value, below = pl.col(f"_value_{item}"), pl.col(f"_below_{item}")
    bounds = {k: of[item] for k, of in ground_limits().items() if item in of}
    found = by_phase(pl.col("_number"), bounds, lambda limit: _item_class(limit, value, below))
    return pl.when(~below | (found <= ground_baseline()[0])).then(found)


@cache
def ground_baseline() -> tuple[int, int, str]:
    """Give the class whose limits are the baseline, the decimals of multiples, and where their ties go.

    Returns
    -------
    (int, int, str)
        Of the latest phase.

    References
    ----------
    Family ``groundwater``, table ``multiples``.

    Examples
    --------
    >>> ground_baseline()
    (3, 2, 'up')
    """
    row = table(FAMILY, "multiples").row(-1, named=True)
    return row["baseline_class"], row["decimals"], row["ties"]


def _named(marks: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    said = marked(marks)
    return pl.when(said != "").then(said)


def _reasons(items: Sequence[str], schema: pl.Schema) -> list[pl.Expr]:
    numbers = [i for i in items if schema[i] != pl.Boolean]
    too_high = [(i, pl.col(f"_value_{i}").is_not_null() & pl.col(f"_class_{i}").is_null()) for i in items]
    sets = {
        "not_a_number": _named((i, pl.col(i).cast(pl.Float64).is_nan()) for i in numbers),
        "negative_value": _named((i, pl.col(i).cast(pl.Float64) < 0) for i in numbers),
        "impossible_value": _named(
            (i, pl.col(i).cast(pl.Float64).is_not_nan() & (pl.col(i).cast(pl.Float64) > _CEILING)) for i in numbers
        ),
        "detection_limit_too_high": _named(too_high),
    }
    in_force = pl.col("_number").is_not_null()
    said = [pl.when(in_force).then(pl.concat_str(pl.lit(f"{c}("), of, pl.lit(")"))) for c, of in sets.items()]
    return [*said, pl.when(in_force & pl.col("_class").is_null()).then(pl.lit("no_items"))]


def _exceedance(rows: pl.LazyFrame, items: Sequence[str]) -> pl.LazyFrame:
    """Write the items worse than the baseline class, the worst class first, then the largest multiple."""
    base, places, ties = ground_baseline()
    bare = set(table(FAMILY, "bare_items")["item"])
    value, limit = pl.col("_value"), pl.col("_limit")
    parts = []
    for order, item in enumerate(items):
        bounds = {k: of[item].classes[base - 1] for k, of in ground_limits().items() if item in of}
        found = by_phase(pl.col("_number"), bounds, lambda bound: pl.lit(bound, pl.Int64))
        parts.append(
            rows.filter(pl.col(f"_class_{item}") > base).select(
                "_row",
                pl.lit(item).alias("_item"),
                pl.lit(order).alias("_order"),
                pl.col(f"_class_{item}").alias("_of"),
                pl.col(f"_value_{item}").alias("_value"),
                (pl.lit(None, pl.Int64) if item in bare else found).alias("_limit"),
            )
        )
    shown = multiple_text(multiple(value, limit, places, ties), places)
    text = pl.when(limit.is_null()).then(pl.col("_item")).otherwise(pl.concat_str("_item", pl.lit(":"), shown))
    return (
        pl.concat(parts)
        .with_columns(_text=text, _fine=value / limit)
        .sort("_row", "_of", "_fine", "_order", descending=[False, True, True, False], nulls_last=True)
        .group_by("_row", maintain_order=True)
        .agg(pl.col("_text").str.join(","))
    )
