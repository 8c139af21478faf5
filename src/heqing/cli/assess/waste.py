"""``heqing assess waste``: rates of solid waste from the amounts of a year. See `heqing.waste`."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.words import Edition, Out
from heqing.cli.options import Excel, Input, Rename
from heqing.editions import table
from heqing.store.columns import Columns
from heqing.waste import waste_balance, waste_rates


def waste(
    source: Input,
    balance: Annotated[
        bool, typer.Option("--balance", help="Also say by how much the amounts of industrial waste do not add up.")
    ] = False,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Give each place and year the rates of use and cover that its amounts allow, in every reading.

    INPUT has one row per place and year: `year` and the amounts of at least one rate (t; counts), named as in
    `heqing standards show waste_indicators --table amounts`.

    For example:

      heqing assess waste amounts.csv --balance -o rates.csv
    """
    amounts = tuple(dict.fromkeys(table("waste_indicators", "amounts")["amount"]))
    columns = Columns("Amounts of waste", needed=("year",), one_of=amounts, amounts=amounts, whole=("year",))

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        rates = waste_rates(frame, edition=edition)
        return waste_balance(rates) if balance else rates

    judge_table(Words(source, out, rename, [], excel), columns, rule, keeps_rows=True)
