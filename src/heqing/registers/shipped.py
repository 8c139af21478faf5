"""The kinds that ship with Heqing: family ``registers`` of the rulebook, read by the same code as an officer's own."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline
from heqing.registers.declaration import Kind
from heqing.registers.reading import read_kind
from heqing.registers.sheets import SHEETS

FAMILY = "registers"


def shipped_kinds(on: date) -> dict[str, Kind]:
    """Give the kinds of the rulebook that are in force on a day.

    Parameters
    ----------
    on : datetime.date
        The day; an entry keeps the edition under which it was entered.

    Returns
    -------
    dict
        Kinds by key, in the order of the rulebook.

    Raises
    ------
    DeclarationError
        When a kind of the rulebook breaks the form of declarations.

    Examples
    --------
    >>> shipped_kinds(date(2026, 11, 24))["zero_waste_cells"].name_zh
    '“无废城市细胞”'
    """
    phases = timeline(FAMILY).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)
    return _kinds(number)


@cache
def _kinds(number: int) -> dict[str, Kind]:
    edition = timeline(FAMILY).phases[number][0].number
    rows: dict[str, list[dict[str, Any]]] = {
        name: table(FAMILY, name).filter(pl.col("phase_no") == number).to_dicts() for name in SHEETS
    }
    found = {}
    for head in rows["kinds"]:
        key = head["kind"]
        tables = {name: [row for row in listed if row["kind"] == key] for name, listed in rows.items()}
        found[key] = read_kind(tables, edition=edition, known_kinds={row["kind"] for row in rows["kinds"]})
    return found
