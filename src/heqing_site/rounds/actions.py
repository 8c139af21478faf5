"""The round of a day (每日例行): every target is judged on what the rooms below know.

It composes and decides nothing itself. It is told the moment and the day: the background worker, the command and the
tests are the outermost callers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from heqing_site.orgs.models import User
from heqing_site.rounds.readings import readings
from heqing_site.verdicts.actions import Judged, judge_all


@dataclass(frozen=True)
class Round:
    """What a round brought."""

    judged: Judged


def daily(*, at: datetime, on: date, by: User | None = None) -> Round:
    """Do the round of a day: judge every target.

    Parameters
    ----------
    at : datetime.datetime
        The moment.
    on : datetime.date
        The day.
    by : User, optional
        Who asks for it; the system itself without a person.
    """
    return Round(judge_all(at=at, on=on, readings=readings(on=on), by=by))
