"""From what is known of targets to their verdicts (下结论), for a round that keeps them and for a question alike.

Here stands the one rule of an installation that the engine does not know: a target whose later reports lack is never
green. Nothing is written; ``verdicts.actions`` keeps rows, ``verdicts.queries`` answers questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings

from heqing.verdicts import Light, Verdict, judge
from heqing_site.ledger.models import TargetTerms
from heqing_site.reporting.queries import LateTarget, late
from heqing_site.verdicts.evidence import Readings, gather
from heqing_site.verdicts.known import Known


@dataclass(frozen=True)
class Found:
    """What is known of a target, its verdict, and what its unit still owes."""

    known: Known
    verdict: Verdict
    overdue: LateTarget | None


def conclude(
    terms: Sequence[TargetTerms],
    *,
    on: date,
    readings: Readings | None,
    known_by: datetime | None = None,
    editions: tuple[str, ...] = (),
) -> dict[int, Found]:
    """Judge targets of a day on what was known; parameters as in ``verdicts.evidence.gather``."""
    known = gather(terms, on=on, readings=readings, known_by=known_by, editions=editions)
    overdue = {
        line.terms.target_id: line
        for unit in late(as_of=on, units={row.lead_unit_id for row in terms})
        for line in unit.targets
    }
    if known_by is not None:  # what came late is there by then, and lacks no more
        overdue = {key: line for key, line in overdue.items() if key in known and _lacks(line, known[key])}
    return {key: _found(one, overdue.get(key), on) for key, one in known.items()}


def _lacks(line: LateTarget, known: Known) -> bool:
    as_of = known.evidence.as_of
    return as_of is None or line.last_day > as_of


def _found(known: Known, overdue: LateTarget | None, on: date) -> Found:
    verdict = judge(known.promise, known.evidence, on=on, method=known.method(on), scheme=settings.LIGHT_SCHEME or None)
    is_stale = overdue is not None and (verdict.as_of is None or overdue.last_day > verdict.as_of)
    if is_stale and verdict.light is Light.GREEN and verdict.met is None:
        # nobody is green by not reporting
        verdict = replace(verdict, light=Light.GREY, reason=f"{verdict.reason};value_is_stale")
    return Found(known, verdict, overdue)
