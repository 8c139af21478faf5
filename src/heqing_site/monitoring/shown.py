"""How values of air and water are shown: names, decimals, levels and classes with the colours of the standards.

Colours, names and decimals are dated data of the rulebook; a colour never stands without its number or word.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

import polars as pl

from heqing.air.evaluation import EVALUATION, decimals
from heqing.editions import table, timeline
from heqing.tables import explain, items
from heqing_site.places.rules import CLASS_NAMES

WORST = 6
AIR_ITEMS = ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h")
INK, PAPER = "#1F2A30", "#FFFFFF"


@dataclass(frozen=True)
class Level:
    """A level of the air index, or a class of water: its words and its colour."""

    number: int
    name: str
    words: str
    colour: str

    @property
    def ink(self) -> str:
        """The colour of words on it: the one that stands out more."""
        parts = [int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        bright = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return INK if (bright + 0.05) ** 2 > 0.07 * 1.05 else PAPER

    @property
    def style(self) -> str:
        """Colours as a style attribute."""
        return f"background:{self.colour};color:{self.ink}"


def _phase(family: str, day: date) -> int:
    phases = timeline(family).phases
    return max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= day), default=0)


@cache
def _levels(phase_no: int) -> dict[int, Level]:
    rows = table("air_index", "categories").filter(pl.col("phase_no") == phase_no)
    return {
        row["level"]: Level(row["level"], row["category_zh"], f"{row['aqi_min']}—{row['aqi_max']}", row["hex"])
        for row in rows.iter_rows(named=True)
    }


def levels(day: date) -> dict[int, Level]:
    """Give the levels of the air index in force on a day."""
    return _levels(_phase("air_index", day))


@cache
def classes() -> dict[int, Level]:
    """Give the classes of water with their grades and colours."""
    rows = table("surface_water_method", "section_grades").filter(pl.col("phase_no") == 0)
    return {
        row["class"]: Level(row["class"], class_name(row["class"]), row["grade_zh"], row["hex"])
        for row in rows.iter_rows(named=True)
    }


def class_name(number: int | None) -> str:
    """Name a class of water; empty where there is none."""
    return "" if number is None else CLASS_NAMES.get(number, "劣Ⅴ类")


@cache
def item_names(domain: str) -> dict[str, str]:
    """Give the short names of items: the formula of a pollutant of air, and for water the name without it."""
    if domain == "water":
        return {item.code: item.name_zh.replace("（", "(").partition("(")[0] for item in items(domain)}
    names = {}
    for item in items(domain):
        formula = item.name_zh.partition("（")[2].partition("）")[0]
        tail = item.name_zh.partition("）")[2].replace("小时", "h").replace(" ", "")
        names[item.code] = f"{formula} {tail}".strip() if formula else item.name_zh
    return names


@cache
def item_units(domain: str) -> dict[str, str]:
    """Give the units of items."""
    return {item.code: item.unit or "" for item in items(domain)}


def said(names: str | None, domain: str) -> str:
    """Write codes parted by commas as names."""
    known = item_names(domain)
    return "、".join(known.get(code, code) for code in (names or "").split(",") if code)


def air_value(item: str, value: float | None, day: date) -> str:
    """Write a daily value with the decimals of the edition of its day."""
    if value is None:
        return ""
    places = decimals(_phase(EVALUATION, day), "daily", item)
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def water_value(value: float | None) -> str:
    """Write a mean of water with three digits that count, zeros kept off."""
    if value is None:
        return ""
    number = Decimal(str(value))
    if not number:
        return "0"
    places = max(0, 2 - number.adjusted())
    return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"


def basis(edition: str | None, clause: str | None) -> str:
    """Name an edition and its clause; some clauses name their edition already."""
    if not edition or (clause or "").startswith(edition):
        return clause or ""
    return f"{edition} {clause or ''}".strip()


_VALUES = re.compile(r"\(([^)]*)\)")
PLACE_COLUMNS = {"station": "站点名称", "section": "断面名称", "city": "城市"}


@cache
def _full_names() -> dict[str, str]:
    whole = str.maketrans("()", "（）")  # a reason keeps its values in brackets of the other kind
    return {item.code: item.name_zh.translate(whole) for domain in ("air", "water") for item in items(domain)}


def in_words(reason: str | None) -> str:
    """Say a reason in sentences; items and columns in it are named, where the reason has their codes.

    Examples
    --------
    >>> in_words("not_a_number(so2)")
    '二氧化硫（SO2） 不是数字，按缺测处理。'
    """
    names = _full_names() | PLACE_COLUMNS

    def named(values: re.Match[str]) -> str:
        return f"({','.join(names.get(code, code) for code in values[1].split(','))})"

    return explain(_VALUES.sub(named, reason)) if reason else ""


def reason_words(*reasons: str | None) -> list[str]:
    """Say reasons in sentences, each once."""
    parts = [part for reason in reasons if reason for part in reason.split(";")]
    return [in_words(part) for part in dict.fromkeys(parts)]


# --- a year of days -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DayCell:
    """A day of the calendar: its index and level, or nothing."""

    day: date
    aqi: int | None
    level: Level | None

    @property
    def iso(self) -> str:
        """The day as an address has it."""
        return self.day.isoformat()


@dataclass(frozen=True)
class MonthGrid:
    """A month of the calendar: weeks from Monday, None outside of the month."""

    month: date
    weeks: list[list[DayCell | None]]


def year_grid(days: Iterable[dict[str, Any]], year: int, *, last: date) -> list[MonthGrid]:
    """Lay the days of a year out by months and weeks; what comes after the last day stays blank."""
    known = {row["day"]: row for row in days}
    grids = []
    for month in range(1, 13):
        weeks = []
        for week in calendar.Calendar().monthdatescalendar(year, month):
            weeks.append([_cell(day, known.get(day)) if day.month == month and day <= last else None for day in week])
        grids.append(MonthGrid(date(year, month, 1), weeks))
    return grids


def _cell(day: date, row: dict[str, Any] | None) -> DayCell:
    if row is None or row["aqi"] is None:
        return DayCell(day, None, None)
    return DayCell(day, row["aqi"], levels(day).get(row["level"]))
