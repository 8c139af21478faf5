"""When reports are due and which files are evidence: the rulebook's family ``reporting_rhythms``.

Plain Python over ``heqing.editions``; it knows no table of this site. The days are a setting of the office, not law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from heqing import editions
from heqing_site.ledger.rules import Rhythm
from heqing_site.reporting.rules import Kind, Period

FAMILY = "reporting_rhythms"


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of file that is taken as evidence (佐证)."""

    ending: str
    media_type: str
    name: str
    starts: tuple[bytes, ...]
    is_shown: bool


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


@cache
def evidence_kinds() -> dict[str, EvidenceKind]:
    """Give the kinds of evidence by the ending of their names."""
    return {
        row["ending"]: EvidenceKind(
            ending=row["ending"],
            media_type=row["media_type"],
            name=row["name_zh"],
            starts=tuple(bytes.fromhex(start) for start in str(row["starts"]).split("|")),
            is_shown=bool(row["shown"]),
        )
        for row in editions.table(FAMILY, "evidence_kinds").to_dicts()
    }


def endings() -> str:
    """List the endings as a page asks the browser for them."""
    return ",".join(f".{ending}" for ending in evidence_kinds())


def kind_of_file(file_name: str, content: bytes) -> EvidenceKind | None:
    """Give the kind of a file whose name and first bytes agree; None when it is none that is taken."""
    ending = file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    kind = evidence_kinds().get(ending)
    return kind if kind is not None and content.startswith(kind.starts) else None
