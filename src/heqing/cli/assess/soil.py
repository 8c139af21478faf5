"""``heqing assess soil``: results of soil samples, parcels and plots, the rate of safe use. See `heqing.soil`."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import polars as pl
import typer

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.words import By, Edition, Out
from heqing.cli.options import Excel, Input, Rename
from heqing.soil import construction_parcels, construction_soil, farmland_plots, farmland_soil, safe_use_rate
from heqing.store.columns import Columns


class Land(StrEnum):
    """Kinds of land with standards of their own."""

    construction = "construction"
    farmland = "farmland"


class SoilLevel(StrEnum):
    """What one row of a result on soil stands for."""

    result = "result"
    parcel = "parcel"
    rate = "rate"


_RESULTS = {
    Land.construction: Columns(
        "Results of construction land",
        needed=("day", "item", "value"),
        measured=("value",),
        amounts=("background",),
        whole=("land_class",),
        truths=("below",),
        below=lambda _: "below",
    ),
    Land.farmland: Columns(
        "Results of farmland",
        needed=("day", "item", "value", "ph", "land"),
        measured=("value",),
        amounts=("ph",),
        truths=("below",),
        below=lambda _: "below",
    ),
}
_PARCELS = Columns(
    "Key parcels",
    needed=("is_key", "is_safe", "area"),
    amounts=("area",),
    truths=("is_key", "is_safe"),
    whole=("year",),
)


def soil(
    source: Input,
    land: Annotated[Land, typer.Option(help="Which standard counts: GB 36600 or GB 15618.")] = Land.construction,
    level: Annotated[
        SoilLevel,
        typer.Option(
            help="result keeps rows; parcel (farmland: plot) by its highest results; rate of safe use of key parcels."
        ),
    ] = SoilLevel.result,
    by: By = [],  # noqa: B006
    some_items: Annotated[
        bool, typer.Option("--some-items", help="The survey was agreed to look at some of the 45 basic items only.")
    ] = False,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Judge results of soil samples, parcels of construction land, plots of farmland, or the rate of safe use.

    INPUT has one row per sample and item: `day`, `item` (name, symbol or CAS number), `value` (mg/kg; `<0.01` or
    `0.01L` below the limit), for construction land `land_class` (1, 2) or `land_use` (R2, A33 …), for farmland `ph` and
    `land` (水田, 果园, 旱地 …). For the rate one row per parcel: `is_key`, `is_safe`, `area`.

    For example:

      heqing assess soil results.csv --level parcel --by parcel -o parcels.csv

      heqing assess soil plots.xlsx --land farmland --rename 点位=plot --level parcel --by plot
    """
    words = Words(source, out, rename, [], excel)
    if level is SoilLevel.rate:
        judge_table(words, _PARCELS, partial(safe_use_rate, by=by), keeps_rows=False)
        return
    groups = by or ["parcel" if land is Land.construction else "plot"]

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        compare = construction_soil if land is Land.construction else farmland_soil
        compared = compare(frame, edition=edition)
        if level is SoilLevel.result:
            return compared
        if land is Land.construction:
            return construction_parcels(compared, by=groups, all_basic_items=not some_items)
        return farmland_plots(compared, by=groups)

    judge_table(words, _RESULTS[land], rule, keeps_rows=level is SoilLevel.result)
