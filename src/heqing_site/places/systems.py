"""The systems of chiefs (责任长制) that may be kept here: the rulebook's family ``chief_systems``.

Plain Python over ``heqing.editions``; it knows no table of this site. A system or level that rests on fewer than two
sources is a proposal, and its pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from heqing import editions
from heqing_site.orgs.rules import UnitKind

FAMILY = "chief_systems"
EVERY = "*"
RIVER = "river"


@dataclass(frozen=True)
class Level:
    """A level of a system: its name, the kinds of unit in which such a chief has a post, and the duty."""

    key: str
    name: str
    kinds: frozenset[UnitKind]
    duty: str
    is_confirmed: bool


@dataclass(frozen=True)
class System:
    """A system of chiefs: what the chief is called, what is watched, its levels, and what a sign board shows."""

    key: str
    name: str
    chief: str
    thing: str
    about: str
    watches_rivers: bool
    is_confirmed: bool
    clause: str
    levels: tuple[Level, ...]
    board: tuple[tuple[str, str], ...]
    is_board_confirmed: bool

    def level(self, key: str) -> Level | None:
        """Find a level by its key."""
        return next((level for level in self.levels if level.key == key), None)


@cache
def systems() -> tuple[System, ...]:
    """List the systems in their order."""
    levels = editions.table(FAMILY, "levels").sort("place").to_dicts()
    board = editions.table(FAMILY, "board").sort("place").to_dicts()
    found = []
    for row in editions.table(FAMILY, "systems").sort("place").to_dicts():
        key = row["system"]
        fields = [line for line in board if line["system"] == key] or [
            line for line in board if line["system"] == EVERY
        ]
        found.append(
            System(
                key=key,
                name=row["name_zh"],
                chief=row["chief_zh"],
                thing=row["thing_zh"],
                about=row["about_zh"] or "",
                watches_rivers=row["watches"] == RIVER,
                is_confirmed=row["sources"] >= 2,
                clause=row["clause"] or "",
                levels=tuple(
                    Level(
                        key=line["level"],
                        name=line["name_zh"],
                        kinds=frozenset(UnitKind(kind) for kind in line["kinds"].split("|")),
                        duty=line["duty_zh"] or "",
                        is_confirmed=line["sources"] >= 2,
                    )
                    for line in levels
                    if line["system"] == key
                ),
                board=tuple((line["field"], line["name_zh"]) for line in fields),
                is_board_confirmed=all(line["sources"] >= 2 for line in fields),
            )
        )
    return tuple(found)


def system(key: str) -> System | None:
    """Find a system by its key."""
    return next((found for found in systems() if found.key == key), None)
