"""``heqing assess water``: samples of surface water, and the periods of sections. See `heqing.water`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from heqing.air.pins import pins_by_family
from heqing.cli.assess.engines import HERE, assess_with, check_words
from heqing.cli.assess.words import Editions, Engine, Inputs, Out
from heqing.cli.console import say, watching
from heqing.cli.options import Excel, Rename, SamePlace, Unit, parse_pairs
from heqing.spread import Assessment, Opening, water_assessment

_FAMILIES = ("surface_water",)


class WaterLevel(StrEnum):
    """Levels at which the water of sections is judged."""

    sample = "sample"
    week = "week"
    ten_days = "ten_days"
    month = "month"
    quarter = "quarter"
    year = "year"


class Rounding(StrEnum):
    """Whether water is judged on values as they are or rounded first."""

    auto = "auto"
    raw = "raw"
    rounded = "rounded"


RoundingWord = Annotated[
    Rounding, typer.Option("--rounding", help="Judge values as they are, rounded, or as published that day.")
]


def water(
    source: Inputs,
    level: Annotated[
        WaterLevel, typer.Option(help="sample keeps rows and order; the others judge the means of each section.")
    ],
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
    edition: Editions = [],  # noqa: B006
    excel: Excel = False,
    engine: Engine = HERE,
) -> None:
    """Judge samples of surface water, or weeks, ten days, months, quarters or years of sections.

    INPUT has `section`, `time` (or `day`), `body_type` (river or lake; without it total phosphorus is judged only where
    both agree), any of the 24 basic items by their code (`ph do codmn cod bod5 nh3n tp tn …`, mg/L).

    For example:

      heqing assess water samples.csv --level sample -o classes.csv

      heqing assess water 2020.parquet --level month --rounding raw -o months.parquet
    """
    check_words(source, out, engine)
    pin = pins_by_family(edition, _FAMILIES)["surface_water"]
    name = source[0]

    def asked(columns: list[str]) -> Assessment:
        if "body_type" not in columns:
            say(
                f"note: {name} has no column `body_type` (river or lake): total phosphorus, whose limits differ, is "
                "judged only where both give the same class. Add the column, or name it with --rename."
            )
        return water_assessment(columns, level=level.value, edition=pin, rounding=rounding.value)

    opening = Opening(
        "water",
        parse_pairs(rename, "--rename"),
        parse_pairs(unit, "--unit"),
        parse_pairs(same_place, "--same-place"),
    )
    with watching(f"judging {name}"):
        assess_with(engine, source, opening, asked, out, excel=excel)
