"""Which indicator a promise speaks of, and where its value is to come from: the rulebook's catalogue, asked by day.

It reads ``heqing.editions`` and knows no table of this site; what registers count is asked of the room above by its
name in the settings. Family ``indicator_catalogue`` holds the patterns, the defaults by form for promises outside the
catalogue, and what instruments can be asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from heqing import editions
from heqing_site.ledger.rules import Better, IndicatorKind, Origin, Rhythm, SourceKind, better_by, form_of

FAMILY = "indicator_catalogue"


@dataclass(frozen=True)
class Entry:
    """One indicator as the catalogue proposes it; `code` is empty for a promise outside the catalogue."""

    code: str
    name: str
    unit: str
    pillar: str
    kind: IndicatorKind
    better: Better
    source: SourceKind
    statistic: str
    rhythm: Rhythm
    origin: Origin
    edition: str

    @property
    def origin_in_words(self) -> str:
        """Where the proposal of the value source came from."""
        if self.origin is Origin.CATALOGUE:
            return f"{self.edition}：{self.name}"
        return "指标目录中没有这一项，按表述形式和计量单位定"


@dataclass(frozen=True)
class _Pattern:
    code: str
    form: str
    unit: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class _Catalogue:
    entries: dict[str, Entry]
    patterns: tuple[_Pattern, ...]
    forms: tuple[dict[str, Any], ...]


def propose(*, indicator: str, scope: str, comparator: str, unit: str, pillar: str, on: date) -> Entry:
    """Give the indicator that a promise speaks of, as the catalogue in force on a day knows it.

    A promise outside the catalogue gets a new indicator with its own words, and a value source by its form.
    """
    found = _catalogue(_phase_on(on))
    form = form_of(comparator)
    words = f"{scope}{_plain(indicator)}"
    for row in found.patterns:
        if row.form == form and row.unit in ("", unit) and row.pattern.search(words):
            return found.entries[row.code]
    default = _default(found, form, sort_of(unit))
    return Entry(
        code="",
        name=_plain(indicator) or "原文未写明指标",
        unit=unit,
        pillar=pillar,
        kind=IndicatorKind(default["kind"]),
        better=better_by(comparator),
        source=SourceKind(default["source"]),
        statistic="",
        rhythm=Rhythm(default["rhythm"]),
        origin=Origin.FORM,
        edition="",
    )


def entry(code: str, *, on: date) -> Entry | None:
    """Give one indicator of the catalogue in force on a day."""
    return _catalogue(_phase_on(on)).entries.get(code)


REGISTERS = "registers"  # the room whose counts begin with its name; it stands above this one
WORKS = "works"  # likewise


@cache
def own_statistics() -> dict[str, str]:
    """Name the statistics of instruments and cases: those that the catalogue itself lists."""
    return {row["statistic"]: row["name_zh"] for row in editions.table(FAMILY, "statistics").to_dicts()}


def statistics() -> dict[str, str]:
    """Name every statistic that instruments and registers can be asked for, in Chinese.

    The counts of registers are told by the room that keeps them, named by the setting ``LEDGER_STATISTICS``.
    """
    path = getattr(settings, "LEDGER_STATISTICS", "")
    return {**own_statistics(), **(import_string(path)() if path else {})}


def name_of(statistic: str) -> str:
    """Name one statistic in Chinese; the code itself when it is unknown."""
    path = getattr(settings, "LEDGER_STATISTIC_NAME", "")
    own = own_statistics().get(statistic, "")
    return own or (str(import_string(path)(statistic)) if path and reads(statistic) == REGISTERS else "") or statistic


@cache
def reads(statistic: str) -> str:
    """Tell which room's values a statistic reads: air, water, cases, registers; empty when unknown."""
    if statistic.startswith(f"{REGISTERS}."):
        return REGISTERS
    rows = editions.table(FAMILY, "statistics").to_dicts()
    return next((str(row["reads"]) for row in rows if row["statistic"] == statistic), "")


@cache
def counted_by(room: str) -> tuple[str, ...]:
    """Name the statistics of the rulebook that a room counts by itself, such as ``works``: nobody reports them.

    It asks no database, for it is asked while the program is loaded.
    """
    return tuple(key for key in own_statistics() if reads(key) == room)


@cache
def usual_departments() -> dict[str, tuple[str, ...]]:
    """Give, by pillar, words in the name of the department that usually owns it."""
    found: dict[str, tuple[str, ...]] = {}
    for row in editions.table(FAMILY, "usual_departments").to_dicts():
        found[row["pillar"]] = (*found.get(row["pillar"], ()), row["word"])
    return found


@cache
def sort_of(unit: str) -> str:
    """Tell the sort of a unit, with or without 万 or 亿 before it: count, area, money …; empty when unknown."""
    sorts = {row["unit"]: row["sort"] for row in editions.table("reading_words", "units").to_dicts()}
    return str(sorts.get(unit) or sorts.get(unit.lstrip("万亿"), ""))


def adds_up(unit: str) -> bool:
    """Tell whether amounts in a unit may be added up over places: enterprises and kilometres, not percent or days."""
    return bool(_part(unit)["adds_up"])


def decimals_of(unit: str) -> int:
    """Give the decimals to which a part in a unit is proposed."""
    return int(_part(unit)["decimals"])


def _part(unit: str) -> dict[str, Any]:
    rows = {row["sort"]: row for row in editions.table(FAMILY, "parts").to_dicts()}
    return rows.get(sort_of(unit)) or rows["*"]


def _plain(indicator: str) -> str:
    return re.sub(r"(?:力争|确保|继续|要)$|[“”\"\s]", "", indicator)


def _default(found: _Catalogue, form: str, sort: str) -> dict[str, Any]:
    for wanted in (sort, "*"):
        for row in found.forms:
            if row["form"] == form and row["sort"] == wanted:
                return row
    raise LookupError(f"{FAMILY}/forms has no row for {form}, *")


@cache
def _phases() -> tuple[tuple[int, date, date | None], ...]:
    rows = editions.table(FAMILY, "indicators").select("phase_no", "valid_from", "valid_to").unique().sort("valid_from")
    return tuple(rows.rows())


def _phase_on(day: date) -> int:
    """Give the phase of the catalogue in force on a day; before the first, the first."""
    begun = [number for number, first, _ in _phases() if first <= day]
    return begun[-1] if begun else _phases()[0][0]


@cache
def _catalogue(phase: int) -> _Catalogue:
    def rows(name: str) -> list[dict[str, Any]]:
        return [row for row in editions.table(FAMILY, name).to_dicts() if row["phase_no"] == phase]

    title = {e.number: e.title_zh for e in editions.family(FAMILY).editions}
    entries = {
        row["code"]: Entry(
            code=row["code"],
            name=row["name"],
            unit=row["unit"] or "",
            pillar=row["pillar"],
            kind=IndicatorKind(row["kind"]),
            better=Better(row["better"]),
            source=SourceKind(row["source"]),
            statistic=row["statistic"] or "",
            rhythm=Rhythm(row["rhythm"]),
            origin=Origin.CATALOGUE,
            edition=title[row["edition"]],
        )
        for row in rows("indicators")
    }
    patterns = tuple(
        _Pattern(row["code"], row["form"], row["unit"] or "", re.compile(row["pattern"])) for row in rows("patterns")
    )
    return _Catalogue(entries, patterns, tuple(rows("forms")))
