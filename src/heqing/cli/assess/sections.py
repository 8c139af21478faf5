"""``heqing assess rivers|cities``: what the periods of sections add up to. See `heqing.water.basins`, `.city_index`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from heqing.air.pins import pins_by_family
from heqing.cli.assess.engines import opened_here
from heqing.cli.assess.finishing import finish
from heqing.cli.assess.water import Rounding, RoundingWord
from heqing.cli.assess.words import By, Editions, Inputs, Out
from heqing.cli.console import watching
from heqing.cli.options import Excel, Rename, SamePlace, Unit, parse_pairs
from heqing.cli.output import check_output
from heqing.errors import MissingColumnError
from heqing.spread import Opening
from heqing.water import basin_grade, city_water_index, period_water_class, rank_cities
from heqing.water.periods import KEYS

_FAMILIES = ("surface_water", "surface_water_ranking")
_BEFORE = ("city_index", "city_items", "worst_class", "missed_sections")


class Period(StrEnum):
    """Periods of which sections have means."""

    week = "week"
    ten_days = "ten_days"
    month = "month"
    quarter = "quarter"
    year = "year"


PeriodWord = Annotated[Period, typer.Option("--level", help="Period whose means are judged.")]


def rivers(
    source: Inputs,
    level: PeriodWord,
    by: By = [],  # noqa: B006
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
    edition: Editions = [],  # noqa: B006
    excel: Excel = False,
) -> None:
    """Grade rivers, basins or regions (优 … 重度污染) by their sections, period by period, from samples.

    INPUT as for `heqing assess water`, with the columns of --by (default: `river`); `target_class` where attainment is
    wanted.

    For example:

      heqing assess rivers 2025.parquet --level month --by province --by river -o rivers.csv
    """
    groups = by or ["river"]
    pins = pins_by_family(edition, _FAMILIES)

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        sections = _sections(frame, source[0], level, groups, pins["surface_water"], rounding)
        return basin_grade(sections, by=[*groups, "period"], edition=pins["surface_water"], rounding=rounding.value)

    _judge(source, rule, out, rename, unit, same_place, excel=excel, prefix="basin_")


def cities(
    source: Inputs,
    level: PeriodWord,
    by: By = [],  # noqa: B006
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
    edition: Editions = [],  # noqa: B006
    excel: Excel = False,
) -> None:
    """Rank cities by their water index (城市水质指数), period by period, from samples of sections and lake points.

    INPUT as for `heqing assess water`, with `body_type` and the columns of --by (default: `city`). Where it holds the
    same period of the year before, cities are ranked by their change too.

    For example:

      heqing assess cities 2024_2025.parquet --level quarter -o ranking.csv
    """
    groups = by or ["city"]
    pins = pins_by_family(edition, _FAMILIES)

    def rule(frame: pl.LazyFrame) -> pl.LazyFrame:
        sections = _sections(frame, source[0], level, groups, pins["surface_water"], rounding)
        ranking = pins["surface_water_ranking"]
        index = city_water_index(sections, by=[*groups, "period"], edition=ranking, rounding=rounding.value)
        return rank_cities(_with_year_before(index, groups), within=["period"], edition=ranking)

    _judge(source, rule, out, rename, unit, same_place, excel=excel, prefix="rank_")


def _sections(
    frame: pl.LazyFrame, source: Path, level: Period, groups: list[str], edition: str | None, rounding: Rounding
) -> pl.LazyFrame:
    """Judge the periods of sections, which keep the columns that groups are made of and their target."""
    given = frame.collect_schema().names()
    missing = [g for g in groups if g not in given]
    if missing:
        raise MissingColumnError(source.name, missing, present=given, hint="Name the columns of groups with --by.")
    more = [c for c in (*groups, "target_class") if c in given and c not in KEYS]
    places = [*KEYS[:-1], *more, KEYS[-1]]
    return period_water_class(frame, level=level.value, edition=edition, rounding=rounding.value, places=places)


def _with_year_before(index: pl.LazyFrame, groups: list[str]) -> pl.LazyFrame:
    """Put beside each period what the same period of the year before had, where the rows hold it."""
    given = index.collect_schema().names()
    dated = index.with_columns(_year=pl.col("period_end").dt.year(), _part=pl.col("period").str.slice(4))
    before = dated.select(
        *groups,
        "_part",
        pl.col("_year") + 1,
        *[pl.col(c).alias(f"{c}_before") for c in _BEFORE if c in given],
    )
    joined = dated.join(before, on=[*groups, "_part", "_year"], how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("_year", "_part")


def _judge(
    source: list[Path],
    rule: Callable[[pl.LazyFrame], pl.LazyFrame],
    out: Path | None,
    rename: list[str],
    unit: list[str],
    same_place: list[str],
    *,
    excel: bool,
    prefix: str,
) -> None:
    for path in source:
        check_output(out, path)
    opening = Opening(
        "water",
        parse_pairs(rename, "--rename"),
        parse_pairs(unit, "--unit"),
        parse_pairs(same_place, "--same-place"),
    )
    with watching(f"judging {source[0]}"), opened_here(source, opening) as intake:
        finish(rule(intake.frame), out, excel=excel, prefix=prefix)
