"""Regimes (标准体系): which editions a question “as if this standard counted” pins in each family.

Editions that came into force together are one regime, data of family ``verdict_method``; any other edition pins its own
family alone. It computes nothing: see `heqing.verdicts.values`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from heqing.editions import families, family, find_edition, table, timeline
from heqing.errors import NoEditionError, UnknownNameError
from heqing.verdicts.promises import METHOD

STANDARDS = "standards"


@dataclass(frozen=True)
class Pin:
    """An edition of a family that counts whatever the day; where it has several phases, a day that falls into one."""

    edition: str
    first_day: date | None = None
    last_day: date | None = None

    def phase_day(self, day: date) -> date:
        """Give the day whose phase counts for a day."""
        if self.first_day is not None:
            day = max(day, self.first_day)
        return day if self.last_day is None else min(day, self.last_day)


def regimes() -> list[str]:
    """Name the regimes, the oldest first.

    Returns
    -------
    list of str
        As `pins` takes them.

    Examples
    --------
    >>> regimes()
    ['GB 3095-2012', 'GB 3095-2026']
    """
    return list(table(METHOD, "regimes")["regime"].unique(maintain_order=True))


def pins(editions: Sequence[str]) -> dict[str, Pin]:
    """Tell what some editions pin in each family.

    Parameters
    ----------
    editions : sequence of str
        Regimes, such as ``GB 3095-2026``, or single editions, such as ``HJ 633-2012``; the form of writing is free.

    Returns
    -------
    dict of str to Pin
        By family; a single edition outdoes a regime.

    Raises
    ------
    UnknownNameError
        When there is no such edition.

    Examples
    --------
    >>> {name: pin.edition for name, pin in pins(["HJ 633-2012"]).items()}
    {'air_index': 'HJ 633-2012'}
    """
    found: dict[str, Pin] = {}
    alone: dict[str, Pin] = {}
    rows = table(METHOD, "regimes")
    for said in editions:
        homes = {name: number for name in families(STANDARDS) if (number := _number(name, said))}
        if not homes:
            raise UnknownNameError("edition", said, _numbers())
        for home, number in homes.items():
            together = rows.filter(pl.col("regime") == number)
            if together.is_empty():
                alone[home] = Pin(number)
            for row in together.iter_rows(named=True):
                found[row["family"]] = Pin(row["pinned"], row["first_day"], row["last_day"])
    return found | alone


def regime_on(day: date) -> str:
    """Give the regime of air in force on a day.

    Parameters
    ----------
    day : date
        Any day; before the first, the first.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> regime_on(date(2026, 2, 28)), regime_on(date(2026, 3, 1))
    ('GB 3095-2012', 'GB 3095-2026')
    """
    phases = timeline("ambient_air").phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= day), default=0)
    return phases[number][0].number


def _number(family_name: str, said: str) -> str:
    try:
        return find_edition(family_name, said).number
    except NoEditionError:
        return ""


def _numbers() -> list[str]:
    return sorted({e.number for name in families(STANDARDS) for e in family(name).editions})
