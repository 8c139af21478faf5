"""``heqing assess lakes|blooms``: class and trophic state of lakes, and blooms of algae. See `heqing.water.lakes`."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import polars as pl
import typer

from heqing.air.pins import pins_by_family
from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.water import Rounding, RoundingWord
from heqing.cli.assess.words import By, Edition, Editions, Out
from heqing.cli.options import Excel, Input, Rename, Unit
from heqing.store.columns import Columns
from heqing.tables import items
from heqing.water import bloom_grade, bloom_of_water, lake_water_class, trophic_index
from heqing.water.trophic import trophic_items

_FAMILIES = ("surface_water", "surface_water_trophic")
_ITEMS = tuple(i.code for i in items("water"))
_UNITS = {i.code: i.unit for i in items("water") if i.unit}


class LakeLevel(StrEnum):
    """Levels at which lakes are judged."""

    sample = "sample"
    week = "week"
    ten_days = "ten_days"
    month = "month"
    quarter = "quarter"
    year = "year"


class BloomLevel(StrEnum):
    """What one row of a bloom's grade stands for."""

    point = "point"
    water = "water"


def lakes(
    source: Input,
    level: Annotated[
        LakeLevel, typer.Option(help="sample: trophic index of each row; the others: class and index of each lake.")
    ],
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Editions = [],  # noqa: B006
    excel: Excel = False,
) -> None:
    """Judge lakes and reservoirs: class by the means of their points, and the trophic level index (综合营养状态指数).

    INPUT has `time` or `day`, `lake` and `point` (not at level sample), `zone` for parts of a large lake, items by code
    (mg/L, `chla` mg/m³, `sd` m).

    For example:

      heqing assess lakes taihu.csv --level month -o months.csv
    """
    pins = pins_by_family(edition, _FAMILIES)
    trophic = pins["surface_water_trophic"]
    words = Words(source, out, rename, unit, excel)
    reads = partial(Columns, "Samples of lakes", measured=_ITEMS, units=_UNITS)
    if level is LakeLevel.sample:
        index = partial(trophic_index, edition=trophic)
        judge_table(words, reads(one_of=trophic_items()), index, prefix="tli_", keeps_rows=True)
        return

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        judged = lake_water_class(frame, level=level.value, edition=pins["surface_water"], rounding=rounding.value)
        given = judged.collect_schema().names()
        return trophic_index(judged, edition=trophic) if set(trophic_items()) & set(given) else judged

    judge_table(words, reads(needed=("lake", "point"), one_of=_ITEMS), rule, keeps_rows=False)


def blooms(
    source: Input,
    level: Annotated[
        BloomLevel, typer.Option(help="point keeps rows; water joins the points of --by.")
    ] = BloomLevel.point,
    by: By = [],  # noqa: B006
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Grade blooms of algae (水华) by density, by area or by both.

    INPUT has `time` or `day`, `algae_density` (cells/L) and/or `bloom_share` (share of the area, 0 to 1); for
    --level water the columns of --by (default: `water day`).

    For example:

      heqing assess blooms points.csv --level water --by lake --by day
    """
    numbers = ("algae_density", "bloom_share")
    columns = Columns("Blooms", one_of=numbers, amounts=numbers)
    words = Words(source, out, rename, [], excel)
    if level is BloomLevel.point:
        judge_table(words, columns, partial(bloom_grade, edition=edition), prefix="bloom_", keeps_rows=True)
        return
    whole = partial(bloom_of_water, by=by or ["water", "day"], edition=edition)
    judge_table(words, columns, whole, prefix="water_bloom_", keeps_rows=False)
