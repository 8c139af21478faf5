"""``heqing assess air|water``: judge a file of measurements by the standards in force on each row's day.

It opens the file, calls the science and writes the result; no rule stands here. See `heqing.air` and `heqing.water`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from polars.io.plugins import register_io_source

from heqing.air import (
    attaining_day,
    city_daily_values,
    daily_index,
    daily_values,
    distinct_days,
    hourly_index,
    period_statistics,
)
from heqing.air.pins import pins_by_family
from heqing.cli.console import say, tell_problems, watching
from heqing.cli.options import parse_pairs
from heqing.cli.output import check_output, write
from heqing.errors import BadFileError
from heqing.store.intake import Intake, Problem, open_frame
from heqing.tables import explain, join_reasons
from heqing.water import period_water_class, water_class

assess = typer.Typer(help="Judge air or water by the standards in force on each row's day.", no_args_is_help=True)

_AIR_FAMILIES = ("air_index", "ambient_air", "air_evaluation", "air_ranking")
_WATER_FAMILIES = ("surface_water",)
# Rows judged at a time: large enough that planning costs little, small enough for a laptop.
_BATCH = 250_000


class AirLevel(StrEnum):
    """Levels at which air is judged."""

    hour = "hour"
    day = "day"
    month = "month"
    year = "year"


class WaterLevel(StrEnum):
    """Levels at which water is judged."""

    sample = "sample"
    month = "month"
    year = "year"


class By(StrEnum):
    """What one row of an air result stands for."""

    station = "station"
    city = "city"


class Rounding(StrEnum):
    """Whether water is judged on values as they are or rounded first."""

    auto = "auto"
    raw = "raw"
    rounded = "rounded"


class Validity(StrEnum):
    """Which minimum of days a statistic must have."""

    standard = "standard"
    local = "local"
    none = "none"


Input = Annotated[Path, typer.Argument(metavar="INPUT", help="CSV, Excel (.xlsx) or Parquet file.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="OUT", help="File ending in .csv, .parquet or .jsonl; CSV to standard output without it."
    ),
]
Rename = Annotated[list[str], typer.Option("--rename", metavar="OLD=NEW", help="Rename a column first; repeatable.")]
Unit = Annotated[
    list[str],
    typer.Option("--unit", metavar="ITEM=UNIT", help="Unit of an item in the file, e.g. co=µg/m³; repeatable."),
]
Edition = Annotated[
    list[str],
    typer.Option(
        "--edition", metavar="NUMBER", help="Pin an edition, e.g. HJ633-2012; repeatable. Default: in force on the day."
    ),
]
Excel = Annotated[bool, typer.Option("--excel", help="Begin a CSV with the mark by which Excel knows UTF-8.")]


@assess.command("air")
def air(
    source: Input,
    level: Annotated[
        AirLevel, typer.Option(help="hour keeps rows and order; the others give one row per place and period.")
    ],
    by: Annotated[
        By | None, typer.Option(help="One row per station or per city. Default: station where the file has it.")
    ] = None,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = [],  # noqa: B006
    not_monitored: Annotated[
        list[str],
        typer.Option("--not-monitored", metavar="ITEM", help="Item the monitoring plan never included; repeatable."),
    ] = [],  # noqa: B006
    zone_class: Annotated[int, typer.Option(min=1, max=2, help="Class of the zone whose limits count.")] = 2,
    validity: Annotated[Validity, typer.Option(help="Minimum of days behind a month or year.")] = Validity.standard,
    excel: Excel = False,
) -> None:
    """Judge hours, days, months or years of air.

    INPUT has `time` (local, the hour's end) or, for daily values, `day`; `station` and/or `city`; any of
    `pm2_5 pm10 so2 no2 co o3 o3_8h` (µg/m³, CO mg/m³).

    For example:

      heqing assess air hours.parquet --level hour --rename pm25=pm2_5 -o judged.parquet

      heqing assess air hours.csv --level day --by city -o days.csv --excel

      heqing assess air beijing_2014.csv --level year --edition GB3095-2012 --edition HJ633-2012
    """
    check_output(out, source)
    pins = pins_by_family(edition, _AIR_FAMILIES)
    with (
        watching(f"judging {source}"),
        open_frame(
            source, domain="air", rename=parse_pairs(rename, "--rename"), units=parse_pairs(unit, "--unit")
        ) as intake,
    ):
        _refuse_without_time(intake, tell_problems(intake))
        columns = intake.frame.collect_schema().names()
        hourly = "time" in columns
        if level is AirLevel.hour:
            if not hourly:
                raise typer.BadParameter(
                    f"{source} holds daily values (`day`); an hourly index needs `time`", param_hint="--level"
                )
            if by is not None:
                say(f"note: --by {by.value} has no effect at level hour, which keeps the file's rows.")
            _tell_repeats(intake, [c for c in ("city", "station") if c in columns])
            rule = partial(hourly_index, edition=pins["air_index"], not_monitored=not_monitored)
            result = _merged(_row_by_row(intake.frame, rule))
        else:
            keys = _places(columns, by)
            days = _days(intake, keys, pins, zone_class, hourly=hourly, not_monitored=not_monitored)
            result = days
            if level is not AirLevel.day:
                result = period_statistics(
                    days,
                    level="month" if level is AirLevel.month else "year",
                    by=keys,
                    edition=_given(pins, "air_evaluation", "ambient_air", "air_ranking"),
                    zone_class=zone_class,
                    validity=validity.value,
                )
        _finish(result, out, excel=excel)


def _given(pins: dict[str, str | None], *families: str) -> list[str]:
    return [name for key in families if (name := pins[key]) is not None]


def _places(columns: list[str], by: By | None) -> list[str]:
    if by is By.city or (by is None and "station" not in columns):
        if "city" not in columns:
            raise typer.BadParameter("the file has no column `city`", param_hint="--by")
        return ["city"]
    if "station" not in columns:
        raise typer.BadParameter("the file has no column `station`", param_hint="--by")
    return [c for c in ("city", "station") if c in columns]


def _days(
    intake: Intake,
    keys: list[str],
    pins: dict[str, str | None],
    zone_class: int,
    *,
    hourly: bool,
    not_monitored: list[str],
) -> pl.LazyFrame:
    """Make judged days: from hours, or from daily values as they are given."""
    frame = intake.frame
    columns = frame.collect_schema().names()
    points = keys == ["city"] and "station" in columns
    value_pins = _given(pins, "air_evaluation", "ambient_air")
    if hourly:
        places = [c for c in ("city", "station") if c in columns] if points else keys
        days = daily_values(frame, by=places, edition=value_pins, zone_class=zone_class)
    else:
        _refuse_hours_beside_days(intake, columns)
        places = [c for c in ("city", "station") if c in columns] if points else keys
        days = distinct_days(frame, by=places)
    if points:
        days = city_daily_values(days)
    judged = daily_index(days, edition=pins["air_index"], not_monitored=not_monitored)
    judged = attaining_day(judged, edition=value_pins, zone_class=zone_class)
    few_points = pl.col("value_reason").str.contains("too_few_points").fill_null(False)
    return judged.with_columns(
        reason=join_reasons(pl.col("value_reason"), pl.col("reason")),
        unconfirmed=pl.col("unconfirmed") | pl.col("limits_unconfirmed") | few_points,
    ).drop("value_reason", "limits_unconfirmed")


def _refuse_without_time(intake: Intake, problems: list[Problem]) -> None:
    """Refuse a file of which no time can be read: nothing in it could be judged."""
    unread = next((p for p in problems if p.code == "bad_time"), None)
    if unread is not None and unread.rows == intake.frame.select(pl.len()).collect().item():
        raise BadFileError(
            intake.path,
            f"no time in it can be read (“{unread.sample}”), so nothing in it could be judged. "
            "Write moments like 2020-04-01 08:00 in `time`, or days like 2020-04-01 in `day`",
            column=unread.column,
        )


def _tell_repeats(intake: Intake, keys: list[str]) -> None:
    """Say how many rows share place and hour: an hourly result judges each, a daily one does not count them twice."""
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
        say(f"note: {intake.path}: {shared} row(s) share place and hour with another; each is judged by itself here.")


def _refuse_hours_beside_days(intake: Intake, columns: list[str]) -> None:
    """Refuse a file whose hour stands in a column of its own: its rows are hours and not days."""
    names = files("heqing.tables").joinpath("hour_columns.csv").read_text(encoding="utf-8").split()[1:]
    beside = [c for c in columns if c.strip().lower() in names]
    if beside:
        raise BadFileError(
            intake.path,
            "it has days in one column and hours in another, so its rows are hours and would be taken for days. "
            "Join the two into one column `time` (the end of the hour, for instance 2020-04-01 08:00)",
            column=beside[0],
        )


def _row_by_row(frame: pl.LazyFrame, rule: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.LazyFrame:
    """Apply a rule that knows one row at a time to batch after batch, so that a file may be larger than memory."""

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        source = frame if rows is None else frame.head(rows)
        for batch in source.collect_batches(chunk_size=_BATCH, maintain_order=True):
            judged = rule(batch.lazy())
            judged = judged if predicate is None else judged.filter(predicate)
            yield (judged if columns is None else judged.select(columns)).collect()

    return register_io_source(batches, schema=rule(frame).collect_schema())


def _merged(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Put what the doors noticed about a row before the reason of its judgement."""
    noticed = pl.col("intake_reason").str.contains("bad_time").fill_null(False)
    said = pl.when(noticed).then(pl.col("reason").str.replace(r"^bad_time;?", "")).otherwise(pl.col("reason"))
    own = pl.when(said != "").then(said)
    return frame.with_columns(reason=join_reasons(pl.col("intake_reason"), own)).drop("file_row", "intake_reason")


@assess.command("water")
def water(
    source: Input,
    level: Annotated[WaterLevel, typer.Option(help="sample keeps rows and order; month and year judge means.")],
    rounding: Annotated[
        Rounding, typer.Option(help="Judge values as they are, rounded, or as published that day.")
    ] = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = [],  # noqa: B006
    excel: Excel = False,
) -> None:
    """Judge samples, months or years of surface water.

    INPUT has `section`, `time` (or `day`), `body_type` (river or lake; without it total phosphorus is judged only where
    both agree), any of the 24 basic items by their code (`ph do codmn cod bod5 nh3n tp tn …`, mg/L).

    For example:

      heqing assess water samples.csv --level sample -o classes.csv

      heqing assess water 2020.parquet --level month --rounding raw -o months.parquet
    """
    check_output(out, source)
    pin = pins_by_family(edition, _WATER_FAMILIES)["surface_water"]
    with (
        watching(f"judging {source}"),
        open_frame(
            source, domain="water", rename=parse_pairs(rename, "--rename"), units=parse_pairs(unit, "--unit")
        ) as intake,
    ):
        _refuse_without_time(intake, tell_problems(intake))
        if "body_type" not in intake.frame.collect_schema().names():
            say(
                f"note: {source} has no column `body_type` (river or lake): total phosphorus, whose limits differ, is "
                "judged only where both give the same class. Add the column, or name it with --rename."
            )
        if level is WaterLevel.sample:
            rule = partial(water_class, edition=pin, rounding=rounding.value)
            result = _merged(_row_by_row(intake.frame, rule))
        else:
            result = period_water_class(intake.frame, level=level.value, edition=pin, rounding=rounding.value)
        _finish(result, out, excel=excel)


def _finish(result: pl.LazyFrame, out: Path | None, *, excel: bool) -> None:
    """Write the result and say in one line what it holds: rows, how many unconfirmed, why some were not judged."""
    write(result, out, excel=excel)
    if out is None or str(out) == "-":
        return
    written = _scan(out)
    counts = written.select(pl.len(), pl.col("unconfirmed").cast(pl.Boolean).sum()).collect().row(0)
    say(f"{out}: {counts[0]} row(s), {counts[1] or 0} of them unconfirmed.")
    reasons = (
        written.select(
            pl.col("reason").cast(pl.String).drop_nulls().str.replace_all(r"\([^)]*\)", "").str.split(";").list.unique()
        )
        .explode("reason")
        .group_by("reason")
        .len()
        .sort("len", "reason", descending=[True, False])
        .collect()
    )
    for code, rows in reasons.iter_rows():
        say(f"  {rows} row(s) {code}: {explain(f'{code}(some item)', 'en')}")


def _scan(out: Path) -> pl.LazyFrame:
    match out.suffix.lower():
        case ".parquet":
            return pl.scan_parquet(out)
        case ".jsonl":
            return pl.scan_ndjson(out, infer_schema_length=None)
        case _:
            return pl.scan_csv(out, infer_schema=False).with_columns(pl.col("unconfirmed") == "true")
