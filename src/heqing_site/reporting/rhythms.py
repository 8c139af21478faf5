"""When reports are due: the rulebook's family ``reporting_rhythms``.

Plain Python over ``heqing.editions``; it knows no table of this site. The days are a setting of the office, not law.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from heqing import editions
from heqing_site.ledger.rules import Rhythm
from heqing_site.reporting.rules import Kind, Period

FAMILY = "reporting_rhythms"


@cache
def _due() -> dict[Rhythm, tuple[Kind, int]]:
    rows = editions.table(FAMILY, "due").to_dicts()
    return {Rhythm(row["rhythm"]): (Kind(row["period"]), int(row["due_days"])) for row in rows}


def kind_of(rhythm: str) -> Kind:
    """Give the sort of period that a rhythm asks for."""
    return _due()[Rhythm(rhythm)][0]


def due_day(rhythm: str, period: Period, *, known_from: date) -> date:
    """Give the last day on which the report of a period is in time.

    What was due before its target stood in the ledger (`known_from`) is due as many days after that day: nobody is late
    with what nobody had asked for.
    """
    days = timedelta(days=_due()[Rhythm(rhythm)][1])
    due = period.last + days
    return due if due >= known_from else known_from + days
