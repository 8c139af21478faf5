"""Scoring schemes (评分方案): groups, items with weights, what costs points, grades and vetoes, as each one declares.

They are data of families ``score_…``; family ``score_presets`` lists the schemes and names the default. It scores
nothing: see `heqing.scorecards.engine`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import default_preset, preset_names, table, timeline
from heqing.errors import RulebookError, UnknownNameError

PRESETS = "score_presets"
FULL = Decimal(100)
RULES = ("ratio", "count", "steps", "classes", "event")
ABSENT = ("spread", "full")


@dataclass(frozen=True)
class Deduction:
    """What one cause costs: points, or per cent of a share; the first `free` times cost nothing."""

    cause: str
    per: Decimal
    free: int
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Item:
    """An item (考核项) of a group: its full points, its rule, what becomes of them without facts."""

    key: str
    name_zh: str
    name_en: str
    weight: Decimal
    rule: str
    absent: str
    clause: str
    unconfirmed: bool
    deductions: tuple[Deduction, ...]
    levels: tuple[tuple[str, Decimal], ...] = ()

    def deduction(self, cause: str) -> Deduction:
        """Give what a cause costs."""
        for found in self.deductions:
            if found.cause == cause:
                return found
        raise UnknownNameError(f"cause of item {self.key}", cause, [d.cause for d in self.deductions])

    def keeps(self, level: str) -> Decimal:
        """Give the per cent of the points that a class keeps."""
        levels = dict(self.levels)
        if level not in levels:
            raise UnknownNameError(f"class of item {self.key}", level, list(levels))
        return levels[level]


@dataclass(frozen=True)
class Bonus:
    """What adds points (加分), each time."""

    key: str
    name_zh: str
    name_en: str
    per: Decimal
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Group:
    """A group (考核组) of units that are compared with each other."""

    key: str
    name_zh: str
    name_en: str
    bonus_most: Decimal
    items: tuple[Item, ...]
    bonuses: tuple[Bonus, ...]

    def bonus(self, key: str) -> Bonus:
        """Give a bonus."""
        for found in self.bonuses:
            if found.key == key:
                return found
        raise UnknownNameError(f"bonus of group {self.key}", key, [b.key for b in self.bonuses])


@dataclass(frozen=True)
class Grade:
    """A grade (等次) and the points from which it counts."""

    key: str
    name_zh: str
    name_en: str
    from_points: Decimal
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Veto:
    """What bars the better grades (一票否决) whatever the points: the best grade that is still possible."""

    key: str
    name_zh: str
    name_en: str
    grade_most: str
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Scheme:
    """A scoring scheme on a day; grades from the best down."""

    key: str
    name_zh: str
    name_en: str
    edition: str
    groups: tuple[Group, ...]
    grades: tuple[Grade, ...]
    vetoes: tuple[Veto, ...]
    objection_workdays: int

    def group(self, key: str) -> Group:
        """Give a group."""
        for found in self.groups:
            if found.key == key:
                return found
        raise UnknownNameError("scoring group", key, [g.key for g in self.groups])

    def grade(self, points: Decimal) -> Grade:
        """Give the grade of so many points."""
        return next((g for g in self.grades if points >= g.from_points), self.grades[-1])

    def veto(self, key: str) -> Veto:
        """Give a veto."""
        for found in self.vetoes:
            if found.key == key:
                return found
        raise UnknownNameError("veto", key, [v.key for v in self.vetoes])


def scheme_names() -> dict[str, str]:
    """Name the schemes an installation can choose.

    Returns
    -------
    dict of str to str
        Key to Chinese name, the default first.

    Examples
    --------
    >>> list(scheme_names())
    ['heqing', 'deductions']
    """
    return preset_names(PRESETS)


def default_scheme() -> str:
    """Give the key of the scheme that counts when none is chosen.

    Returns
    -------
    str
        The key.

    Raises
    ------
    RulebookError
        When the data name none or several.

    Examples
    --------
    >>> default_scheme()
    'heqing'
    """
    return default_preset(PRESETS)


@cache
def scheme_on(key: str, on: date) -> Scheme:
    """Give a scheme as it stands on a day.

    Parameters
    ----------
    key : str
        One of `scheme_names`.
    on : date
        A day of the month that is scored; before the scheme's first edition, that edition counts: whoever chose it
        means it.

    Returns
    -------
    Scheme
        Its groups, grades and vetoes.

    Raises
    ------
    UnknownNameError
        When there is no such scheme.
    RulebookError
        When the weights of a group do not add up to 100, or a rule, a grade or an item is none.

    Examples
    --------
    >>> scheme = scheme_on("heqing", date(2026, 10, 31))
    >>> {group.key: sum(item.weight for item in group.items) for group in scheme.groups}
    {'town': Decimal('100'), 'department': Decimal('100')}
    """
    presets = {r["key"]: r for r in table(PRESETS, "presets").iter_rows(named=True)}
    if key not in presets:
        raise UnknownNameError("scoring scheme", key, list(presets))
    preset = presets[key]
    family = preset["family"]
    phases = timeline(family).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)

    def rows(name: str) -> list[dict[str, Any]]:
        return list(table(family, name).filter(pl.col("phase_no") == number).iter_rows(named=True))

    settings = {r["key"]: r["value"] for r in rows("settings")}
    if "objection_workdays" not in settings:
        raise RulebookError(f"schemes/{family}", "settings lack objection_workdays")
    grades = tuple(
        Grade(r["grade"], r["name_zh"], r["name_en"], _short(r["from_points"]), r["clause"] or "", r["unconfirmed"])
        for r in sorted(rows("grades"), key=lambda r: r["from_points"], reverse=True)
    )
    vetoes = tuple(
        Veto(r["veto"], r["name_zh"], r["name_en"], r["grade_most"], r["clause"] or "", r["unconfirmed"])
        for r in rows("vetoes")
    )
    groups = _groups(rows("groups"), rows("items"), rows("deductions"), rows("levels"), rows("bonuses"))
    _check(family, groups, grades, vetoes, [*rows("items"), *rows("deductions"), *rows("levels"), *rows("bonuses")])
    _check_items(family, [*rows("deductions"), *rows("levels")], groups)
    edition = phases[number][0].number
    names = (preset["name_zh"], preset["name_en"])
    return Scheme(key, *names, edition, groups, grades, vetoes, settings["objection_workdays"])


def _short(value: Decimal) -> Decimal:
    """Drop the zeros that the column adds."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


Rows = Iterable[dict[str, Any]]


def _groups(groups: Rows, items: Rows, deductions: Rows, levels: Rows, bonuses: Rows) -> tuple[Group, ...]:
    def item(r: dict[str, Any]) -> Item:
        def own(rows: Rows) -> list[dict[str, Any]]:
            return [row for row in rows if (row["group"], row["item"]) == (r["group"], r["item"])]

        costs = tuple(
            Deduction(d["cause"], _short(d["per"]), d["free"], d["clause"] or "", d["unconfirmed"])
            for d in own(deductions)
        )
        steps = tuple((row["level"], _short(row["keeps"])) for row in own(levels))
        names = (r["item"], r["name_zh"], r["name_en"])
        return Item(
            *names, _short(r["weight"]), r["rule"], r["absent"], r["clause"] or "", r["unconfirmed"], costs, steps
        )

    return tuple(
        Group(
            g["group"],
            g["name_zh"],
            g["name_en"],
            _short(g["bonus_most"]),
            tuple(item(r) for r in items if r["group"] == g["group"]),
            tuple(
                Bonus(b["bonus"], b["name_zh"], b["name_en"], _short(b["per"]), b["clause"] or "", b["unconfirmed"])
                for b in bonuses
                if b["group"] == g["group"]
            ),
        )
        for g in groups
    )


def _check(
    family: str, groups: tuple[Group, ...], grades: tuple[Grade, ...], vetoes: tuple[Veto, ...], rows: Rows
) -> None:
    file = f"schemes/{family}"
    if strays := {r["group"] for r in rows} - {g.key for g in groups}:
        raise RulebookError(file, f"no such group: {', '.join(sorted(strays))}")
    for group in groups:
        total = sum(item.weight for item in group.items)
        if total != FULL:
            raise RulebookError(file, f"the weights of group {group.key} add up to {total}, not to {FULL}")
        for item in group.items:
            if item.weight <= 0:
                raise RulebookError(file, f"item {item.key}: the weight is not above 0")
            if item.rule not in RULES:
                raise RulebookError(file, f"item {item.key}: rule {item.rule!r} is none of {', '.join(RULES)}")
            if item.absent not in ABSENT:
                raise RulebookError(file, f"item {item.key}: absent {item.absent!r} is none of {', '.join(ABSENT)}")
            if item.rule == "classes" and not item.levels:
                raise RulebookError(file, f"item {item.key}: rule classes needs rows of table levels")
    known = {grade.key for grade in grades}
    if wrong := [veto.key for veto in vetoes if veto.grade_most not in known]:
        raise RulebookError(file, f"veto {', '.join(wrong)}: the grade is none of {', '.join(sorted(known))}")


def _check_items(family: str, rows: Rows, groups: tuple[Group, ...]) -> None:
    known = {(group.key, item.key) for group in groups for item in group.items}
    if strays := {(r["group"], r["item"]) for r in rows} - known:
        raise RulebookError(f"schemes/{family}", f"no such item: {sorted(strays)}")
