"""``heqing assess groundwater|sources``: class of groundwater, attainment of drinking-water sources."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import polars as pl
import typer

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.water import Rounding, RoundingWord
from heqing.cli.assess.words import By, Edition, Out
from heqing.cli.options import Excel, Input, Rename, Unit
from heqing.editions import table
from heqing.store.columns import Columns
from heqing.tables import items
from heqing.water import groundwater_class, source_attainment, source_rates
from heqing.water.drinking import source_limits
from heqing.water.groundwater import groundwater_items


class Kind(StrEnum):
    """Kinds of drinking-water sources."""

    surface = "surface"
    ground = "ground"


class SourceLevel(StrEnum):
    """What one row of a result on sources stands for."""

    source = "source"
    rate = "rate"


def groundwater(
    source: Input,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Give each groundwater sample its class (Ⅰ–Ⅴ) by the worst of its items.

    INPUT has `time` or `day` and any of the 93 items by the code of `heqing standards show groundwater` (concentrations
    in mg/L, those printed in µg/L too; `odour` and `visible_matter` 1 or 0; `<0.05` or `0.05L` below the limit).

    For example:

      heqing assess groundwater wells.csv --unit benzene=µg/L -o classes.csv
    """
    codes = groundwater_items()
    columns = Columns("Samples of groundwater", one_of=codes, measured=codes, units=_concentrations())
    rule = partial(groundwater_class, edition=edition)
    judge_table(Words(source, out, rename, unit, excel), columns, rule, prefix="groundwater_", keeps_rows=True)


def sources(
    source: Input,
    kind: Annotated[Kind, typer.Option(help="Which standard counts: GB 3838 or GB/T 14848.")] = Kind.surface,
    level: Annotated[
        SourceLevel, typer.Option(help="source keeps rows; rate counts those that attain, by number and by volume.")
    ] = SourceLevel.source,
    by: By = [],  # noqa: B006
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Say of each drinking-water source and month whether all its items attain, or how many sources do.

    INPUT has `time` or `day` and items by code (mg/L): of surface sources the basic ones (with `body_type`) and those
    of tables 2 and 3; `geological_items` (items that exceed by nature, `f,na`); `volume` for the rate by volume.

    For example:

      heqing assess sources june.csv -o attainment.csv

      heqing assess sources 2025.csv --level rate --by city
    """
    ground = kind is Kind.ground
    codes = groundwater_items() if ground else (*(i.code for i in items("water")), *source_limits())
    house = _concentrations() if ground else dict.fromkeys(source_limits(), "mg/L") | _units_of_water()
    columns = Columns(
        "Samples of sources",
        one_of=tuple(codes),
        measured=tuple(dict.fromkeys(codes)),
        amounts=("volume",),
        units=house,
    )

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        judged = source_attainment(frame, kind=kind.value, edition=edition, rounding=rounding.value)
        return judged if level is SourceLevel.source else source_rates(judged, by=by)

    words = Words(source, out, rename, unit, excel)
    judge_table(words, columns, rule, prefix="source_", keeps_rows=level is SourceLevel.source)


def _concentrations() -> dict[str, str]:
    """Give the house's unit of items of groundwater that are concentrations."""
    rows = table("groundwater", "limits").filter(pl.col("unit").is_in(["mg/L", "µg/L"]))
    return dict.fromkeys(rows["item"], "mg/L")


def _units_of_water() -> dict[str, str]:
    return {i.code: i.unit for i in items("water") if i.unit}
