"""Light schemes (亮灯方案): how far behind is green, yellow and red, as each scheme declares it.

Thresholds are data of families ``lights_…``; family ``light_presets`` lists the schemes and names the default. It
measures nothing: see `heqing.verdicts.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

import polars as pl

from heqing.editions import default_preset, preset_names, table, timeline
from heqing.errors import UnknownNameError

PRESETS = "light_presets"


@dataclass(frozen=True)
class Threshold:
    """What one measure of being behind means in a scheme; `silent_to` is where its source says nothing below it."""

    measure: str
    green_to: Decimal
    silent_to: Decimal | None
    yellow_to: Decimal
    clause: str
    unconfirmed: bool

    def light(self, gap: Fraction) -> str:
        """Give the colour for a gap: ``green``, ``yellow`` or ``red``."""
        if gap <= Fraction(self.green_to):
            return "green"
        return "yellow" if gap <= Fraction(self.yellow_to) else "red"

    def is_silent(self, gap: Fraction) -> bool:
        """Whether the source says nothing of this gap; the light is then yellow."""
        return self.silent_to is not None and Fraction(self.green_to) < gap < Fraction(self.silent_to)


@dataclass(frozen=True)
class Scheme:
    """A light scheme on a day: its thresholds by measure, and the edition they stand in."""

    key: str
    name_zh: str
    name_en: str
    edition: str
    thresholds: tuple[Threshold, ...]

    def find(self, measure: str) -> Threshold | None:
        """Give the threshold of a measure, None where the scheme does not speak of it."""
        return next((t for t in self.thresholds if t.measure == measure), None)


def scheme_names() -> dict[str, str]:
    """Name the schemes an installation can choose.

    Returns
    -------
    dict of str to str
        Key to Chinese name, the default first.

    Examples
    --------
    >>> list(scheme_names())
    ['heqing', 'yinchuan']
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
        The day of the verdict; before the scheme's first edition, that edition counts: whoever chose it means it.

    Returns
    -------
    Scheme
        Its thresholds.

    Raises
    ------
    UnknownNameError
        When there is no such scheme.

    Examples
    --------
    >>> scheme_on("yinchuan", date(2026, 11, 22)).find("schedule_points").yellow_to
    Decimal('30.000000000000')
    """
    presets = {r["key"]: r for r in table(PRESETS, "presets").iter_rows(named=True)}
    if key not in presets:
        raise UnknownNameError("light scheme", key, list(presets))
    preset = presets[key]
    phases = timeline(preset["family"]).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)
    rows = table(preset["family"], "thresholds").filter(pl.col("phase_no") == number)
    found = tuple(
        Threshold(r["measure"], r["green_to"], r["silent_to"], r["yellow_to"], r["clause"] or "", r["unconfirmed"])
        for r in rows.iter_rows(named=True)
    )
    return Scheme(key, preset["name_zh"], preset["name_en"], phases[number][0].number, found)
