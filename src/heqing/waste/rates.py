"""Rates of solid waste (固体废物指标) from the amounts of a place and year, each with every reading it may have.

The formulas are data, tables ``rates`` and ``balance``; a rate whose amounts are missing is absent with a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import MissingColumnError
from heqing.tables import as_doubles, join_reasons, keep_inputs, marked, need_columns
from heqing.tables.door import any_frame

FAMILY = "waste_indicators"
_TERM = re.compile(r"([+-]?)([a-z_]+)")


@dataclass(frozen=True)
class Rate:
    """One reading of a rate: factor times the sum of `above` over the sum of `under`."""

    name: str
    above: tuple[tuple[int, str], ...]
    under: tuple[tuple[int, str], ...]
    factor: int
    unconfirmed: bool

    @property
    def amounts(self) -> list[str]:
        """The amounts it reads."""
        return [name for _, name in self.above + self.under]


@any_frame
def waste_rates(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Give each place and year the rates that its amounts allow.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and year: ``year`` and those amounts of table ``amounts`` that are known [t; counts].
    edition : str, optional
        Pin an edition; by default the one in force at the end of each year.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus a column for each reading of each rate of which the frame has the amounts
        (``util_rate_general`` [%], ``hazardous_landfill_share_generated``, ``hazardous_landfill_share_treated`` …),
        ``edition``, ``unconfirmed`` (names of the rates given whose formula is not confirmed, comma-separated),
        ``reason``.

    Raises
    ------
    MissingColumnError
        When ``year`` is missing, or the frame has the amounts of no rate.
    NoEditionError
        When there is no such edition.

    References
    ----------
    Family ``waste_indicators``, table ``rates``.

    Examples
    --------
    >>> rows = {"year": [2023], "general_used": [95.0], "general_generated": [90.0], "general_used_of_stock": [10.0]}
    >>> waste_rates(pl.LazyFrame(rows)).select("util_rate_general").collect().item()
    95.0
    """
    given = need_columns(frame, "amounts of waste", ["year"])
    rates = [rate for rate in _rates() if set(rate.amounts) <= set(given)]
    if not rates:
        wanted = sorted({name for rate in _rates() for name in rate.amounts})
        raise MissingColumnError(
            "amounts of waste", wanted[:6], present=given, hint="The amounts of one rate at least."
        )
    names = [rate.name for rate in rates]
    frame = keep_inputs(frame, [*names, "edition", "unconfirmed", "reason"])
    kept = frame.collect_schema().names()
    frame = as_doubles(frame, sorted({name for rate in rates for name in rate.amounts}))
    line = timeline(FAMILY)
    phase = line.number_on(pl.date(pl.col("year"), 12, 31), edition=edition)
    worked = frame.with_columns(_phase=phase)
    stated, missing, negative, zero = {}, [], [], []
    for rate in rates:
        lacks = pl.any_horizontal([pl.col(a).is_null() for a in rate.amounts])
        wrong = pl.any_horizontal([(pl.col(a) < 0).fill_null(False) for a in rate.amounts])
        under = _sum(rate.under)
        usable = pl.col("_phase").is_not_null() & ~lacks & ~wrong & (under > 0)
        stated[rate.name] = pl.when(usable).then(rate.factor * _sum(rate.above) / under)
        missing.append((rate.name, lacks))
        negative.append((rate.name, wrong & ~lacks))
        zero.append((rate.name, (under <= 0).fill_null(False) & ~lacks & ~wrong))
    doubtful = [(rate.name, stated[rate.name].is_not_null()) for rate in rates if rate.unconfirmed]
    doubts = marked(doubtful) if doubtful else pl.lit("")
    reason = (
        pl.when(pl.col("_phase").is_null())
        .then(pl.lit("no_edition"))
        .otherwise(
            join_reasons(
                _said("waste_amounts_missing", missing),
                _said("waste_negative_amounts", negative),
                _said("waste_nothing_to_divide", zero),
            )
        )
    )
    return worked.with_columns(**stated).select(
        *kept,
        *names,
        line.edition_of(pl.col("_phase")).alias("edition"),
        pl.when(doubts != "").then(doubts).alias("unconfirmed"),
        reason.alias("reason"),
    )


@any_frame
def waste_balance(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Check that the amounts of general industrial waste add up to what was generated.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per place and year with the amounts of table ``balance`` and ``general_generated`` [t].

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``balance_gap`` (generated less the sum of the others [t]; null when one is
        missing). It changes nothing: a gap is for whoever reports the amounts.

    Raises
    ------
    MissingColumnError
        When an amount is missing as a column.

    References
    ----------
    Family ``waste_indicators``, table ``balance`` (the identity of the yearly statistics; one source).

    Examples
    --------
    >>> rows = {name: [0.0] for name in ("general_used_of_stock", "general_disposed_of_stock", "general_dumped")}
    >>> rows |= {"general_generated": [100.0], "general_used": [80.0], "general_stored": [5.0]}
    >>> waste_balance(pl.LazyFrame(rows | {"general_disposed": [14.0]})).select("balance_gap").collect().item()
    1.0
    """
    terms = tuple((int(s), a) for s, a in table(FAMILY, "balance").select("sign", "amount").unique().rows())
    amounts = sorted({"general_generated", *(name for _, name in terms)})
    need_columns(frame, "amounts of waste", amounts)
    frame = keep_inputs(frame, ["balance_gap"])
    return frame.with_columns(balance_gap=pl.col("general_generated") - _sum(terms))


@cache
def _rates() -> tuple[Rate, ...]:
    rows = table(FAMILY, "rates").unique(["rate", "reading"], keep="last", maintain_order=True)
    return tuple(
        Rate(
            "_".join(filter(None, (row["rate"], row["reading"]))),
            _terms(row["above"]),
            _terms(row["under"]),
            row["factor"],
            bool(row["unconfirmed"]),
        )
        for row in rows.iter_rows(named=True)
    )


def _terms(written: str) -> tuple[tuple[int, str], ...]:
    return tuple((-1 if sign == "-" else 1, name) for sign, name in _TERM.findall(written))


def _sum(terms: tuple[tuple[int, str], ...]) -> pl.Expr:
    total: pl.Expr = pl.lit(0.0)
    for sign, name in terms:
        total = total + sign * pl.col(name)
    return total


def _said(code: str, marks: list[tuple[str, pl.Expr]]) -> pl.Expr:
    names = marked(marks)
    return pl.when(names != "").then(pl.concat_str(pl.lit(f"{code}("), names, pl.lit(")")))
