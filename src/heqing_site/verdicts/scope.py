"""Which stations and sections a target of instruments speaks of (范围): read from its words and the registers.

Plain over rows that are handed in; it asks no database and judges nothing. What was chosen, and by which words, travels
with the verdict, so that an officer sees it and can say it otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from heqing_site.ledger.models import TargetTerms
from heqing_site.places.models import Section, Station
from heqing_site.places.rules import LEVEL_NAMES

HANDOVER, SOURCE, AND_ABOVE = "交接断面", "水源", "以上"


@dataclass(frozen=True)
class Scope:
    """The places that count for a target, and why these; `places` is empty where the register holds none."""

    places: tuple[str, ...]
    because: str


def stations_meant(terms: TargetTerms, stations: Sequence[Station], units: Collection[int] | None) -> Scope:
    """Choose the air stations a target speaks of: those it names, else the evaluated ones of its scope."""
    if chosen := _chosen(terms, stations):
        return chosen
    words = _words(terms)
    named = [station for station in stations if station.name in words]
    if named:
        return Scope(_names(named), "目标点名")
    within = [station for station in stations if units is None or station.unit_id in units]
    if units is not None:
        return Scope(_names(within), f"{terms.scope_unit}范围内的空气站")
    return Scope(_names([station for station in within if station.is_evaluated]), "参与评价的全部空气站")


def sections_meant(terms: TargetTerms, sections: Sequence[Section], units: Collection[int] | None) -> Scope:
    """Choose the sections a target speaks of: those or the river it names, those of its kind or level, else all."""
    if chosen := _chosen(terms, sections):
        return chosen
    words = _words(terms)
    within = [section for section in sections if units is None or section.unit_id in units]
    if named := [section for section in within if section.name in words]:
        return Scope(_names(named), "目标点名")
    if of_river := [section for section in within if section.river.name in words]:
        return Scope(_names(of_river), "目标点名的河湖")
    if SOURCE in words:
        return Scope(_names([section for section in within if SOURCE in section.name]), "水源地断面")
    if HANDOVER in words:
        return Scope(_names([section for section in within if section.is_handover]), HANDOVER)
    levels = list(LEVEL_NAMES)  # from the nation's down
    for number, level in enumerate(levels):
        name = LEVEL_NAMES[level]
        if name + AND_ABOVE in words:
            meant = levels[: number + 1]
            return Scope(_names([s for s in within if s.control_level in meant]), f"{name}以上断面")
        if name in words:
            return Scope(_names([s for s in within if s.control_level == level]), f"{name}断面")
    return Scope(_names(within), "全部断面" if units is None else f"{terms.scope_unit}范围内的断面")


def _chosen(terms: TargetTerms, places: Sequence[Station] | Sequence[Section]) -> Scope | None:
    codes = terms.place_codes.split()
    return Scope(_names([place for place in places if place.code in codes]), "人员指定") if codes else None  # type: ignore[arg-type]


def _words(terms: TargetTerms) -> str:
    return f"{terms.scope_text} {terms.title}"


def _names(places: Sequence[Station] | Sequence[Section]) -> tuple[str, ...]:
    return tuple(sorted(place.name for place in places))
