"""``heqing assess black-odorous``: samples, points, waters of cities and villages. See `heqing.water.black_odorous`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import polars as pl
import typer

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.words import By, Edition, Out
from heqing.cli.options import Excel, Input, Rename, Unit
from heqing.store.columns import Columns
from heqing.water import black_odorous_points, black_odorous_samples, black_odorous_waters


class Setting(StrEnum):
    """Where the water lies; the guides differ."""

    urban = "urban"
    rural = "rural"


class BlackLevel(StrEnum):
    """What one row of the result stands for."""

    sample = "sample"
    point = "point"
    water = "water"


_PREFIX = {BlackLevel.sample: "black_", BlackLevel.point: "point_", BlackLevel.water: "black_water_"}
_COLUMNS = Columns(
    "Samples of black and odorous water",
    one_of=("sd", "do", "orp", "nh3n"),
    measured=("sd", "do", "nh3n"),
    amounts=("orp", "depth"),
    truths=("clear_to_bottom",),
    units={"do": "mg/L", "nh3n": "mg/L"},
)


def black_odorous(
    source: Input,
    setting: Annotated[Setting, typer.Option(help="Which guide counts.")] = Setting.urban,
    level: Annotated[
        BlackLevel, typer.Option(help="sample keeps rows; point and water (cities only) by the share of heavy data.")
    ] = BlackLevel.sample,
    by: By = [],  # noqa: B006
    along: Annotated[
        str, typer.Option("--along", metavar="COLUMN", help="Column that puts points in order along the water.")
    ] = "point",
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Give samples, points or waters their level of blackness and odour (黑臭).

    INPUT has `time` or `day` and any of `sd` (transparency, m), `do`, `nh3n` (mg/L), `orp` (mV, cities); `depth`
    (m), `clear_to_bottom` (yes or no) where known; for points and waters the columns of --by (default: `water`) and
    --along.

    For example:

      heqing assess black-odorous samples.csv --level water --by city --by water --along kilometre -o waters.csv
    """
    if setting is Setting.rural and level is not BlackLevel.sample:
        raise typer.BadParameter("the guide for villages judges samples only; say --level sample", param_hint="--level")
    groups = by or ["water"]

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        if level is BlackLevel.sample:
            return black_odorous_samples(frame, setting=setting.value, edition=edition)
        points = black_odorous_points(frame, by=[*groups, along], edition=edition)
        return points if level is BlackLevel.point else black_odorous_waters(points, by=groups, order=along)

    words = Words(source, out, rename, unit, excel)
    judge_table(words, _COLUMNS, rule, prefix=_PREFIX[level], keeps_rows=level is BlackLevel.sample)
