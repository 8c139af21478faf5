"""The trophic level index of lakes and reservoirs (综合营养状态指数 TLI) and its grade.

It judges one row at a time, a sample or a mean; several points of a lake are meaned in `heqing.water.lakes`. Trophic
state says nothing about the class of the water: see `heqing.water.classes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from heqing.editions import by_phase, table
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import marked
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.grounds import doubtful, ground_names, grounds, number_of, own_names
from heqing.water.limits import PLACES, whole
from heqing.water.means import TROPHIC, UNIT, counted_value, printed
from heqing.water.samples import bad_values, day_of, file_columns
from heqing.water.wording import names, set_of


@cache
def trophic_items() -> tuple[str, ...]:
    """Name the items of the index, in the order of its table.

    Returns
    -------
    tuple of str
        The same in every phase.

    Examples
    --------
    >>> trophic_items()
    ('chla', 'tp', 'tn', 'sd', 'codmn')
    """
    return tuple(table(TROPHIC, "parameters")["item"].unique(maintain_order=True))


@cache
def _parameter(item: str) -> dict[int, tuple[float, float, float]]:
    rows = table(TROPHIC, "parameters").filter(pl.col("item") == item).iter_rows(named=True)
    return {r["phase_no"]: (float(r["constant"]), float(r["slope"]), float(r["correlation"])) for r in rows}


def item_trophic_index(item: str, value: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Give the trophic index of one item.

    Parameters
    ----------
    item : str
        One of `trophic_items`.
    value : polars.Expr
        Concentration above zero: chlorophyll a in mg/m³, transparency in m, the others in mg/L.
    number : polars.Expr
        Place in the family's timeline.

    Returns
    -------
    polars.Expr
        Float64 to the billionth: the logarithm of a whole column differs from that of one value in its last bit.

    References
    ----------
    Family ``surface_water_trophic``, table ``parameters``.

    Examples
    --------
    >>> round(pl.select(item_trophic_index("tp", pl.lit(0.27), pl.lit(0))).item(), 2)
    73.1
    """
    return printed(by_phase(number, _parameter(item), lambda of: 10 * (of[0] + of[1] * value.log())))


def trophic_total(indices: Mapping[str, pl.Expr], number: pl.Expr) -> pl.Expr:
    """Give the weighted sum of the indices that are there; their weights are made to sum to one.

    Parameters
    ----------
    indices : mapping of str to polars.Expr
        Item to its index, null where missing.
    number : polars.Expr
        Place in the family's timeline.

    Returns
    -------
    polars.Expr
        Float64 to the billionth, null where no index is there.

    References
    ----------
    Family ``surface_water_trophic``, table ``parameters``: the weight is the square of the correlation.

    Examples
    --------
    >>> rows = pl.DataFrame({"chla": [40.0], "tp": [60.0]})
    >>> round(rows.select(trophic_total({i: pl.col(i) for i in rows.columns}, pl.lit(0))).item(), 3)
    48.274
    """
    weights = {i: by_phase(number, _parameter(i), lambda of: pl.lit(of[2] ** 2)) for i in indices}
    total = pl.sum_horizontal([one * weights[i] for i, one in indices.items()])
    of = pl.sum_horizontal([pl.when(one.is_not_null()).then(weights[i]) for i, one in indices.items()])
    return printed(pl.when(of > 0).then(total / of))


def trophic_level(index: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Give the level of a trophic index.

    Parameters
    ----------
    index : polars.Expr
        Float64.
    number : polars.Expr
        Place in the family's timeline.

    Returns
    -------
    polars.Expr
        Int64: 1 oligotrophic … 5 hyper-eutrophic.

    References
    ----------
    Family ``surface_water_trophic``, table ``grades``.

    Examples
    --------
    >>> pl.select(trophic_level(pl.Series([29.99, 30.0, 50.0, 50.01]), pl.lit(0))).to_series().to_list()
    [1, 2, 2, 3]
    """
    bounds: dict[int, tuple[tuple[int, bool], ...]] = {}
    for row in table(TROPHIC, "grades").filter(pl.col("lower").is_not_null()).iter_rows(named=True):
        bounds[row["phase_no"]] = (*bounds.get(row["phase_no"], ()), (whole(row["lower"]), row["lower_closed"]))
    exact = scaled(pl.lit(index) if isinstance(index, pl.Series) else index, PLACES)

    def of(steps: tuple[tuple[int, bool], ...]) -> pl.Expr:
        reached = [(exact >= low) if closed else (exact > low) for low, closed in steps]
        return pl.sum_horizontal([one.cast(pl.Int64) for one in reached]) + 1

    return pl.when(exact.is_not_null()).then(by_phase(number, bounds, of))


def trophic_grade(level: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Give the word for a trophic level.

    Parameters
    ----------
    level : polars.Expr
        1 to 5.
    number : polars.Expr
        Place in the family's timeline.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> pl.select(trophic_grade(pl.lit(3), pl.lit(0))).item()
    '轻度富营养'
    """
    words: dict[int, tuple[tuple[int, str], ...]] = {}
    for number_, level_, word in table(TROPHIC, "grades").select("phase_no", "level", "grade_zh").iter_rows():
        words[number_] = (*words.get(number_, ()), (level_, word))
    return by_phase(number, words, lambda of: level.replace_strict(dict(of), default=None, return_dtype=pl.String))


@any_frame
def trophic_index(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Give each row of a lake or reservoir its trophic level index and grade.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample or mean. Reads ``time``, ``day`` or ``period_end`` and any of ``chla`` [mg/m³], ``tp``,
        ``tn``, ``codmn`` [mg/L], ``sd`` [m]; ``<item>_below``; ``body_type`` where present: rivers get no index.
    edition : str, optional
        Pin an edition of the method.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``tli_<item>``, ``tli``, ``tli_level`` [1–5], ``tli_grade``,
        ``tli_items``, ``tli_edition``, ``tli_clause``, ``tli_unconfirmed``, ``tli_reason``.

    Raises
    ------
    MissingColumnError
        Without a date or any of the items.
    NoEditionError
        When the method has no edition of that name.

    References
    ----------
    Family ``surface_water_trophic``: tables ``parameters`` and ``grades``.

    Examples
    --------
    >>> from datetime import date
    >>> lake = pl.LazyFrame({"day": [date(2020, 6, 1)], "chla": [36.2], "tp": [0.05], "tn": [1.74],
    ...     "sd": [0.6], "codmn": [6.66]})
    >>> trophic_index(lake).select(pl.col("tli").round(2), "tli_grade").collect().row(0)
    (57.72, '轻度富营养')
    """
    known = trophic_items()
    results = [*[f"tli_{i}" for i in known], "tli", "tli_level", "tli_grade", "tli_items", *ground_names("tli")]
    frame, columns = own_names(frame, results)
    given = frame.collect_schema().names()
    items = [i for i in known if i in given]
    if not items:
        raise MissingColumnError("lake samples", list(known), present=file_columns(given))
    number, total = pl.col("_number"), pl.col("_total")
    lake = body_of(given) != "river" if "body_type" in given else pl.lit(True)
    values = {i: counted_value(i, given) for i in items}
    worked = (
        frame.with_columns(
            _number=number_of(TROPHIC, day_of(frame), edition),
            _lake=lake.fill_null(True),
            **{f"_value_{i}": pl.when(value > 0).then(value / UNIT) for i, value in values.items()},
            **{f"_zero_{i}": (value == 0).fill_null(False) for i, value in values.items()},
        )
        .with_columns(
            **{f"_tli_{i}": pl.when("_lake").then(item_trophic_index(i, pl.col(f"_value_{i}"), number)) for i in items}
        )
        .with_columns(_total=trophic_total({i: pl.col(f"_tli_{i}") for i in items}, number))
        .with_columns(_level=trophic_level(total, number))
    )
    absent = {i: pl.col(f"_value_{i}").is_null() if i in items else pl.lit(True) for i in known}
    used = set_of((k, ~absent[i]) for k, i in enumerate(known))
    stated = total.is_not_null()
    return worked.select(
        *columns,
        *[
            pl.col(f"_tli_{i}").alias(f"tli_{i}") if i in items else pl.lit(None, pl.Float64).alias(f"tli_{i}")
            for i in known
        ],
        total.alias("tli"),
        pl.col("_level").alias("tli_level"),
        trophic_grade(pl.col("_level"), number).alias("tli_grade"),
        names(pl.when(stated).then(used), known).alias("tli_items"),
        *grounds(
            "tli",
            TROPHIC,
            number,
            stated,
            tables=("parameters", "grades"),
            unconfirmed=by_phase(number, doubtful(TROPHIC, "parameters", "grades"), pl.lit),
            reasons=_reasons(items, absent, stated),
        ),
    )


def _reasons(items: list[str], absent: Mapping[str, pl.Expr], stated: pl.Expr) -> list[pl.Expr]:
    river = ~pl.col("_lake")
    said = [
        pl.concat_str(pl.lit(f"{code}("), names(sets, items), pl.lit(")")) for code, sets in bad_values(items).items()
    ]
    zero = marked((i, pl.col(f"_zero_{i}")) for i in items)
    missing = marked(absent.items())
    return [
        pl.when(river).then(pl.lit("not_a_lake")),
        *said,
        pl.when(zero != "").then(pl.concat_str(pl.lit("zero_value("), zero, pl.lit(")"))),
        pl.when(~river & ~stated & pl.col("_number").is_not_null()).then(pl.lit("no_items")),
        pl.when(stated & (missing != "")).then(pl.concat_str(pl.lit("items_absent("), missing, pl.lit(")"))),
    ]
