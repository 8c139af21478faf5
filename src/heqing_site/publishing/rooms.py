"""What cockpit and map ask of cases and scores; without the room of cases that answer is empty. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.apps import apps

from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards.queries import cards, newest_month, newest_version


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

    points: Decimal
    rank: int | None
    month: str


def scores(*, as_of: date) -> dict[int, Score]:
    """Give the points of each unit in the newest month that was scored and had begun by a day."""
    month = newest_month()
    while month is not None and month.first > as_of:
        month = around(Kind.MONTH, month.first - timedelta(days=1))
    version = None if month is None else newest_version(month)
    if month is None or version is None:
        return {}
    rows = cards(month, version).prefetch_related(None).values_list("unit_id", "points", "rank")
    return {unit: Score(points, rank, month.name) for unit, points, rank in rows if points is not None}
