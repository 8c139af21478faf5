"""Amounts of energy in tonnes of standard coal (折标准煤), with the value of electricity stated on every row.

Electricity has two values: the equivalent value (当量值), which is in the standard, and the equal value (等价值), the
coal that power plants burnt for a kilowatt-hour in a year, which the caller states. They are never mixed silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.tables import as_doubles, join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame

FAMILY = "standard_coal"
EQUIVALENT, EQUAL = "equivalent", "equal"
RESULTS = ("tce", "coefficient", "coefficient_of", "electricity_value", "edition", "clause", "unconfirmed", "reason")


@any_frame
def standard_coal(
    frame: pl.LazyFrame,
    *,
    electricity: str = EQUIVALENT,
    equal_values: Mapping[int, float] | None = None,
    edition: str | None = None,
) -> pl.LazyFrame:
    """Convert amounts of energy to tonnes of standard coal.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per amount: ``year``, ``energy`` (code or Chinese name: raw_coal, 原煤, electricity, 电力 …),
        ``amount``, ``unit`` (kg, t, 吨, 万立方米, kWh, 万千瓦时, GJ …). Optional: ``heating_value`` [kJ per kg, m³ or
        kWh] as measured; it goes before the table.
    electricity : str
        ``equivalent`` (当量值) or ``equal`` (等价值).
    equal_values : mapping of int to float, optional
        The equal value of each year [kgce per kWh]; needed with ``equal``.
    edition : str, optional
        Pin an edition; by default the one in force at the end of each year.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``tce`` [t of standard coal], ``coefficient`` [kgce per base unit],
        ``coefficient_of`` (``table``, ``measured``, ``equal``), ``electricity_value`` (on rows of electricity),
        ``edition``, ``clause``, ``unconfirmed``, ``reason``. Where the table gives a range and no heating value was
        measured there is no result.

    Raises
    ------
    MissingColumnError
        When a column is missing.
    UnknownNameError
        When `electricity` is neither of the two.
    NoEditionError
        When there is no such edition.

    References
    ----------
    GB/T 2589-2020, annex A (its table was not read: see the marks); 1 kgce = 29 307.6 kJ.

    Examples
    --------
    >>> rows = pl.LazyFrame({"year": [2023], "energy": ["电力"], "amount": [1.0], "unit": ["万千瓦时"]})
    >>> standard_coal(rows).select("tce", "electricity_value").collect().row(0)
    (1.229, 'equivalent')
    >>> equal = standard_coal(rows, electricity="equal", equal_values={2023: 0.2885})
    >>> equal.select("tce", "electricity_value").collect().row(0)
    (2.885, 'equal')
    """
    if electricity not in (EQUIVALENT, EQUAL):
        raise UnknownNameError("value of electricity", electricity, [EQUIVALENT, EQUAL])
    given = need_columns(frame, "amounts of energy", ["year", "energy", "amount", "unit"])
    frame = keep_inputs(frame, RESULTS)
    kept = frame.collect_schema().names()
    frame = as_doubles(frame, ["amount", "heating_value"])
    line = timeline(FAMILY)
    phase = line.number_on(pl.date(pl.col("year"), 12, 31), edition=edition)
    worked = (
        frame.with_columns(
            _phase=phase,
            _energy=pl.col("energy").cast(pl.String).replace_strict(_names(), default=None, return_dtype=pl.String),
            _unit=pl.col("unit").cast(pl.String).str.strip_chars(),
        )
        .join(_coefficients().lazy(), on=["_phase", "_energy"], how="left", maintain_order="left")
        .join(_units().lazy(), on=["_phase", "_unit"], how="left", maintain_order="left")
    )
    is_power = (pl.col("_energy") == "electricity").fill_null(False)
    measured = pl.col("heating_value") if "heating_value" in given else pl.lit(None, pl.Float64)
    stated_equal = pl.lit(None, pl.Float64)
    if electricity == EQUAL:
        stated_equal = pl.col("year").replace_strict(dict(equal_values or {}), default=None, return_dtype=pl.Float64)
    by_year = is_power & pl.lit(electricity == EQUAL)
    by_meter = ~by_year & (measured > 0).fill_null(False)
    coefficient = (
        pl.when(by_year)
        .then(stated_equal)
        .when(by_meter)
        .then(measured / pl.col("_kilojoules"))
        .when(pl.col("_lowest") == pl.col("_highest"))
        .then(pl.col("_lowest"))
    )
    fits = pl.col("_base") == pl.col("_table_unit")
    usable = pl.col("_phase").is_not_null() & fits & (pl.col("amount") >= 0)
    # Through whole numbers of a hundred-millionth: 0.1229 x 10000 is 1229 and not 1228.9999. The divisor is a column,
    # because Polars divides by a scalar with its reciprocal, which is not the same in every lane of a vector.
    exact = (coefficient * 10**8).round() * (pl.col("amount") * pl.col("_times")) / pl.col("_parts_of_a_tonne")
    tce = pl.when(usable).then(exact)
    return worked.with_columns(tce=tce, coefficient=pl.when(usable).then(coefficient)).select(
        *kept,
        "tce",
        "coefficient",
        pl.when(pl.col("coefficient").is_not_null())
        .then(pl.when(by_year).then(pl.lit("equal")).when(by_meter).then(pl.lit("measured")).otherwise(pl.lit("table")))
        .alias("coefficient_of"),
        pl.when(is_power).then(pl.lit(electricity)).alias("electricity_value"),
        line.edition_of(pl.col("_phase")).alias("edition"),
        pl.when(pl.col("tce").is_not_null()).then(pl.col("_clause")).alias("clause"),
        (pl.col("tce").is_not_null() & ~by_year & ~by_meter & pl.col("_doubtful").fill_null(False)).alias(
            "unconfirmed"
        ),
        _reason(fits, by_year, stated_equal, by_meter).alias("reason"),
    )


@any_frame
def coal_use(frame: pl.LazyFrame, *, by: Sequence[str]) -> pl.LazyFrame:
    """Sum the use of coal of each group, and say how much less it is than the year before.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows of `standard_coal`, with ``year`` and the columns of `by`.
    by : sequence of str
        What to group by beside the year, for instance the enterprise; may be empty.

    Returns
    -------
    polars.LazyFrame
        `by`, ``year``, ``coal_tce`` [t of standard coal; null when one amount has no result], ``coal_reduced``
        (coal of the year before less this [t]; null without it), ``reason``. In order of `by` and year.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    Table ``coefficients``, column ``is_coal``.

    Examples
    --------
    >>> rows = pl.LazyFrame({"year": [2022, 2023], "energy": ["raw_coal"] * 2, "amount": [200.0, 100.0]})
    >>> found = coal_use(standard_coal(rows.with_columns(unit=pl.lit("t"))), by=[])
    >>> found.select("coal_tce", "coal_reduced").collect().rows()
    [(142.86, None), (71.43, 71.43)]
    """
    need_columns(frame, "amounts in standard coal", [*by, "year", "energy", "tce"])
    coal = table(FAMILY, "coefficients").filter("is_coal")
    named = pl.concat([coal["energy"], coal["name_zh"]]).unique()
    lacks = pl.col("tce").is_null().sum()
    summed = (
        frame.filter(pl.col("energy").is_in(named.implode()))
        .group_by([*by, "year"])
        .agg(coal_tce=pl.col("tce").sum(), _lacks=lacks)
        .sort([*by, "year"])
        .with_columns(coal_tce=pl.when(pl.col("_lacks") == 0).then("coal_tce"))
    )
    before, year_before = pl.col("coal_tce").shift(1), pl.col("year").shift(1)
    if by:
        before, year_before = before.over(list(by)), year_before.over(list(by))
    reduced = pl.when(year_before == pl.col("year") - 1).then(before - pl.col("coal_tce"))
    reason = pl.when(pl.col("_lacks") > 0).then(
        pl.concat_str(pl.lit("energy_amounts_open("), pl.col("_lacks"), pl.lit(")"))
    )
    return summed.select(*by, "year", "coal_tce", reduced.alias("coal_reduced"), reason.alias("reason"))


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in table(FAMILY, "coefficients").iter_rows(named=True):
        for word in (row["energy"], row["name_zh"], row["name_zh"].split("（")[0]):
            found.setdefault(word, row["energy"])
    return found


@cache
def _coefficients() -> pl.DataFrame:
    kilojoules = float(table(FAMILY, "definition")["kilojoules_per_kgce"][0])
    return table(FAMILY, "coefficients").select(
        pl.col("phase_no").alias("_phase"),
        pl.col("energy").alias("_energy"),
        pl.col("unit").alias("_table_unit"),
        pl.col("lowest").cast(pl.Float64).alias("_lowest"),
        pl.col("highest").cast(pl.Float64).alias("_highest"),
        pl.lit(kilojoules).alias("_kilojoules"),
        pl.col("clause").alias("_clause"),
        pl.col("unconfirmed").alias("_doubtful"),
    )


@cache
def _units() -> pl.DataFrame:
    return table(FAMILY, "units").select(
        pl.col("phase_no").alias("_phase"),
        pl.col("unit").alias("_unit"),
        pl.col("base").alias("_base"),
        pl.col("times").cast(pl.Float64).alias("_times"),
        pl.lit(1e11).alias("_parts_of_a_tonne"),
    )


def _reason(fits: pl.Expr, by_year: pl.Expr, stated_equal: pl.Expr, by_meter: pl.Expr) -> pl.Expr:
    def said(code: str, what: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(f"{code}("), what.cast(pl.String).fill_null(""), pl.lit(")"))

    known = pl.col("_energy").is_not_null()
    ranged = pl.col("_lowest") != pl.col("_highest")
    return join_reasons(
        pl.when(pl.col("year").is_null()).then(pl.lit("bad_time")),
        pl.when(pl.col("year").is_not_null() & pl.col("_phase").is_null()).then(pl.lit("no_edition")),
        pl.when(~known).then(said("energy_unknown", pl.col("energy"))),
        pl.when(known & pl.col("_phase").is_not_null() & ~fits.fill_null(False)).then(
            said("energy_unit_unfit", pl.col("unit"))
        ),
        pl.when(pl.col("amount").is_null()).then(pl.lit("energy_no_amount")),
        pl.when(pl.col("amount") < 0).then(said("negative_value", pl.col("energy"))),
        pl.when(by_year & stated_equal.is_null()).then(said("energy_equal_value_missing", pl.col("year"))),
        pl.when(known & ranged & ~by_meter & ~by_year).then(said("energy_heating_value_needed", pl.col("energy"))),
    )
