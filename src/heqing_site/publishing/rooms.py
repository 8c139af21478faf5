"""Rooms that an installation may lack: what cockpit and map ask of cases and scores is empty without them.

Each is asked only through its ``queries``; nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.apps import apps

from heqing_site.reporting.rules import Kind, around


def _queries(room: str) -> Any:
    name = f"heqing_site.{room}"
    return import_module(f"{name}.queries") if apps.is_installed(name) else None


def open_cases(*, as_of: date) -> list[Any]:
    """List the cases that are open on a day."""
    room = _queries("cases")
    return [] if room is None else list(room.open_cases(as_of=as_of))


def has_cases() -> bool:
    """Tell whether this installation keeps cases."""
    return _queries("cases") is not None


@dataclass(frozen=True)
class Score:
    """Points of a unit in a month, as the board shows them."""

    unit_id: int
    points: Decimal
    rank: int | None
    month: str


def scores(*, as_of: date) -> dict[int, Score]:
    """Give the points of each unit of the newest month that has a board, at most a quarter back."""
    room = _queries("scorecards")
    if room is None:
        return {}
    month = around(Kind.MONTH, as_of)
    for _ in range(4):
        rows = list(room.board(month=month))
        if rows:
            return {row.unit.pk: Score(row.unit.pk, row.points, row.rank, month.name) for row in rows}
        month = around(Kind.MONTH, month.first.fromordinal(month.first.toordinal() - 1))
    return {}
