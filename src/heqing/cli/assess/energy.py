"""``heqing assess energy``: standard coal, use of coal, intensity and its fall, headroom. See `heqing.energy`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import polars as pl
import typer

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.words import By, Edition, Out
from heqing.cli.options import Excel, Input, Rename, parse_pairs
from heqing.energy import coal_use, fall_from_rates, freed_headroom, intensity_fall, standard_coal
from heqing.store.columns import Columns


class What(StrEnum):
    """What is worked out of amounts of energy."""

    standard_coal = "standard-coal"
    coal = "coal"
    intensity = "intensity"
    growth = "growth"
    headroom = "headroom"


class Electricity(StrEnum):
    """Which value a kilowatt-hour has in standard coal."""

    equivalent = "equivalent"
    equal = "equal"


_AMOUNTS = Columns(
    "Amounts of energy",
    needed=("year", "energy", "amount", "unit"),
    amounts=("amount", "heating_value"),
    whole=("year",),
)
_READS = {
    What.standard_coal: _AMOUNTS,
    What.coal: _AMOUNTS,
    What.intensity: Columns(
        "Years of intensity", needed=("year", "tce", "value_added"), amounts=("tce", "value_added"), whole=("year",)
    ),
    What.growth: Columns(
        "Rates of growth",
        needed=("energy_growth", "value_growth"),
        amounts=("energy_growth", "value_growth"),
        whole=("year",),
    ),
    What.headroom: Columns(
        "Certificates of energy set free",
        needed=("user", "tce_before", "tce_after", "certified"),
        amounts=("tce_before", "tce_after"),
        truths=("certified",),
        whole=("year",),
    ),
}


def energy(
    source: Input,
    what: Annotated[
        What,
        typer.Option(
            help="standard-coal of each amount; coal used and reduced; intensity and its fall; its fall from growth; "
            "headroom set free."
        ),
    ],
    by: By = [],  # noqa: B006
    electricity: Annotated[
        Electricity, typer.Option(help="Value of electricity: 当量值 or 等价值.")
    ] = Electricity.equivalent,
    equal_value: Annotated[
        list[str],
        typer.Option("--equal-value", metavar="YEAR=KGCE", help="Equal value of a year, kgce per kWh; repeatable."),
    ] = [],  # noqa: B006
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Convert energy to standard coal, and work out coal reduced, energy per value added and its fall, headroom.

    INPUT by what: standard-coal and coal `year energy amount unit` (`heating_value` where measured); intensity `year
    tce value_added` (t, 10 000 CNY at comparable prices); growth `energy_growth value_growth` (%); headroom `user
    tce_before tce_after certified`.

    For example:

      heqing assess energy amounts.csv --what standard-coal --electricity equal --equal-value 2023=0.3 -o tce.csv

      heqing assess energy years.csv --what intensity --by city
    """
    if electricity is Electricity.equal and not equal_value:
        raise typer.BadParameter(
            "the equal value of each year is needed: --equal-value 2023=0.3", param_hint="--electricity"
        )
    values = _equal_values(equal_value)

    def converted(frame: pl.LazyFrame) -> pl.LazyFrame:
        return standard_coal(frame, electricity=electricity.value, equal_values=values or None, edition=edition)

    rules = {
        What.standard_coal: converted,
        What.coal: lambda frame: coal_use(converted(frame), by=by),
        What.intensity: lambda frame: intensity_fall(frame, by=by),
        What.growth: fall_from_rates,
        What.headroom: lambda frame: freed_headroom(frame, by=by),
    }
    keeps_rows = what in (What.standard_coal, What.intensity, What.growth)
    judge_table(Words(source, out, rename, [], excel), _READS[what], rules[what], keeps_rows=keeps_rows)


def _equal_values(words: list[str]) -> dict[int, float]:
    found = {}
    for year, value in parse_pairs(words, "--equal-value").items():
        try:
            found[int(year)] = float(value)
        except ValueError as error:
            raise typer.BadParameter(
                f"“{year}={value}” is not of the form 2023=0.3", param_hint="--equal-value"
            ) from error
    return found
