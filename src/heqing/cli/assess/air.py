"""``heqing assess air``: hours, days, months, quarters or years of air. See `heqing.air`."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from heqing.air.pins import pins_by_family
from heqing.cli.assess.engines import HERE, assess_with, check_words
from heqing.cli.assess.words import Editions, Engine, Inputs, Out
from heqing.cli.console import say, watching
from heqing.cli.options import Excel, Rename, SamePlace, Unit, parse_pairs
from heqing.errors import BadFileError
from heqing.spread import Assessment, Opening, air_assessment
from heqing.store.intake import Intake

_FAMILIES = ("air_index", "ambient_air", "air_evaluation", "air_ranking")


class AirLevel(StrEnum):
    """Levels at which air is judged."""

    hour = "hour"
    day = "day"
    month = "month"
    quarter = "quarter"
    year = "year"


class By(StrEnum):
    """What one row of an air result stands for."""

    station = "station"
    city = "city"


class Validity(StrEnum):
    """Which minimum of days a statistic must have."""

    standard = "standard"
    local = "local"
    none = "none"


def air(
    source: Inputs,
    level: Annotated[
        AirLevel, typer.Option(help="hour keeps rows and order; the others give one row per place and period.")
    ],
    by: Annotated[
        By | None, typer.Option(help="One row per station or per city. Default: station where the file has it.")
    ] = None,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
    edition: Editions = [],  # noqa: B006
    not_monitored: Annotated[
        list[str],
        typer.Option("--not-monitored", metavar="ITEM", help="Item the monitoring plan never included; repeatable."),
    ] = [],  # noqa: B006
    zone_class: Annotated[int, typer.Option(min=1, max=2, help="Class of the zone whose limits count.")] = 2,
    validity: Annotated[
        Validity, typer.Option(help="Minimum of days behind a month, quarter or year.")
    ] = Validity.standard,
    excel: Excel = False,
    engine: Engine = HERE,
) -> None:
    """Judge hours, days, months, quarters or years of air.

    INPUT has `time` (local, the hour's end) or, for daily values, `day`; `station` and/or `city`; any of
    `pm2_5 pm10 so2 no2 co o3 o3_8h` (µg/m³, CO mg/m³).

    For example:

      heqing assess air hours.parquet --level hour --rename pm25=pm2_5 -o judged.parquet

      heqing assess air hours.csv --level day --by city -o days.csv --excel

      heqing assess air beijing_2014.csv --level year --edition GB3095-2012 --edition HJ633-2012

      heqing assess air /data/hours/ --level year --engine spark://10.0.0.5:7077 -o /data/years.parquet
    """
    check_words(source, out, engine)
    pins = pins_by_family(edition, _FAMILIES)
    name = source[0]

    def asked(columns: list[str]) -> Assessment:
        hourly = "time" in columns
        if level is AirLevel.hour and not hourly:
            raise typer.BadParameter(
                f"{name} holds daily values (`day`); an hourly index needs `time`", param_hint="--level"
            )
        if level is AirLevel.hour and by is not None:
            say(f"note: --by {by.value} has no effect at level hour, which keeps the file's rows.")
        if level is not AirLevel.hour and not hourly:
            _refuse_hours_beside_days(name, columns)
        return air_assessment(
            columns,
            level=level.value,
            keys=[] if level is AirLevel.hour else _places(columns, by),
            pins=pins,
            not_monitored=not_monitored,
            zone_class=zone_class,
            validity=validity.value,
        )

    opening = Opening(
        "air",
        parse_pairs(rename, "--rename"),
        parse_pairs(unit, "--unit"),
        parse_pairs(same_place, "--same-place"),
    )
    with watching(f"judging {name}"):
        assess_with(engine, source, opening, asked, out, excel=excel, also_tell=partial(_tell_repeats, level=level))


def _places(columns: list[str], by: By | None) -> list[str]:
    if by is By.city or (by is None and "station" not in columns):
        if "city" not in columns:
            raise typer.BadParameter("the file has no column `city`", param_hint="--by")
        return ["city"]
    if "station" not in columns:
        raise typer.BadParameter("the file has no column `station`", param_hint="--by")
    return [c for c in ("city", "station") if c in columns]


def _tell_repeats(intake: Intake, _: Assessment, *, level: AirLevel) -> None:
    """Say how many rows share place and hour: an hourly result judges each, a daily one does not count them twice."""
    if level is not AirLevel.hour:
        return
    keys = [c for c in ("city", "station") if c in intake.frame.collect_schema().names()]
    shared = (
        intake.frame.filter(pl.col("time").is_not_null())
        .group_by([*keys, "time"])
        .len()
        .filter(pl.col("len") > 1)
        .select(pl.col("len").sum())
        .collect(engine="streaming")
        .item()
    )
    if shared:
        say(f"note: {intake.path}: {shared} row(s) share place and hour with another; at level hour each is judged.")


def _refuse_hours_beside_days(name: Path, columns: list[str]) -> None:
    """Refuse a file whose hour stands in a column of its own: its rows are hours and not days."""
    names = files("heqing.tables").joinpath("hour_columns.csv").read_text(encoding="utf-8").split()[1:]
    beside = [c for c in columns if c.strip().lower() in names]
    if beside:
        raise BadFileError(
            name,
            "it has days in one column and hours in another, so its rows are hours and would be taken for days. "
            "Join the two into one column `time` (the end of the hour, for instance 2020-04-01 08:00)",
            column=beside[0],
        )
