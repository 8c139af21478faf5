"""Judging (研判): every target of a day gets its verdict, stored beside the ones before it.

`judge_all` reads no clock: it is told the moment and the day. A day that is judged again gets a further row only where
something differs; what was said before stays, and the further row names what made the difference. Reports count as they
stood on the day, or with `known_by` as they stood at a later moment; measurements as they hold now, so that late or
corrected data judge a past day anew. Which days those touch is told by ``verdicts.again``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing.tables import explain
from heqing.verdicts import Remaining
from heqing_site.audit.actions import record
from heqing_site.audit.rules import SYSTEM, Actor
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of, waiting
from heqing_site.ledger.rules import Light
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import reach
from heqing_site.orgs.rules import PERMISSION_NAMES, Permission
from heqing_site.reporting.queries import waiting_for_check
from heqing_site.verdicts.causes import explain_changes
from heqing_site.verdicts.evidence import Readings
from heqing_site.verdicts.judging import Found, conclude
from heqing_site.verdicts.models import PLACES, Judging, TargetVerdict

# What is compared to tell whether a day judged again says anything new.
COMPARED = (
    "terms_id", "kind", "light", "met", "value", "value_as_of", "schedule_value", "gap", "remaining", "samples",
    "expected", "edition", "clause", "unconfirmed", "scheme", "light_edition", "light_clause", "light_unconfirmed",
    "reason", "note", "chance",
)  # fmt: skip
AT_ONCE = 500  # rows written with one statement


@dataclass(frozen=True)
class Judged:
    """What a round of judging did: how many targets, how many new rows, how many of them differ from before."""

    judging: Judging
    rows: list[TargetVerdict]
    new: int
    superseding: int


def judge_all(
    *,
    at: datetime,
    on: date,
    readings: Readings | None,
    by: User | None = None,
    targets: Sequence[int] | None = None,
    known_by: datetime | None = None,
    followed_until: datetime | None = None,
) -> Judged:
    """Judge every target that stands on a day (逐日研判), and keep what is new.

    Parameters
    ----------
    at : datetime.datetime
        The moment, for the record.
    on : datetime.date
        The day of the verdict; measurements count to its eve, reports as they were accepted by it.
    readings : Readings or None
        Measurements; None where the installation has none.
    by : User, optional
        Who asks; needs the right 目标研判 and judges the targets of the units where it holds. Without a person the
        nightly round acts, for all.
    targets : sequence of int, optional
        Only these.
    known_by : datetime.datetime, optional
        Reports count that were accepted by this moment; by default those of the end of the day.
    followed_until : datetime.datetime, optional
        For the record: the moment to which late and corrected data were followed through in this round.

    Raises
    ------
    RuleBrokenError
        ``permission.missing``; ``verdict.day_in_future``.
    """
    if on > timezone.localdate(at):
        raise RuleBrokenError("verdict.day_in_future", day=on)
    chosen = terms_as_of(on).select_related("target__indicator", "lead_unit", "scope_unit")
    if by is not None:
        mine = reach(by, Permission.VERDICT_JUDGE, on=timezone.localdate(at))
        if mine.is_nowhere:
            raise RuleBrokenError(
                PERMISSION_MISSING, permission=PERMISSION_NAMES[Permission.VERDICT_JUDGE], unit="任何单位"
            )
        chosen = chosen.filter(mine.rows("lead_unit", "pillar"))
    if targets is not None:
        chosen = chosen.filter(target__in=list(targets))
    terms = list(chosen.order_by("target__number"))
    found = conclude(terms, on=on, readings=readings, known_by=known_by)
    unchecked = waiting_for_check([row.target_id for row in terms], as_of=on)
    actor = by.actor if by else SYSTEM
    judging = Judging(day=on, recorded_at=at, recorded_by=actor.name, followed_until=followed_until)
    judging.store = readings.version if readings else ""
    # Reading and judging take their time and lock nothing; only what is new is written in one go.
    with transaction.atomic():
        return _keep(terms, found, unchecked, judging, actor)


def _keep(
    terms: list[TargetTerms],
    found: dict[int, Found],
    unchecked: dict[int, str],
    judging: Judging,
    actor: Actor,
) -> Judged:
    """Write the verdicts that say anything new, with the round they come from and its audit entry."""
    on, at = judging.day, judging.recorded_at
    earlier = TargetVerdict.objects.filter(day=on, target__in=[row.target_id for row in terms])
    before = {row.target_id: row for row in earlier.order_by("number")}
    judging.save()
    rows, fresh = [], []
    for row in terms:
        made = _verdict(row, found[row.target_id], on, at, unchecked.get(row.target_id, ""), judging)
        old = before.get(row.target_id)
        if old is not None and all(_same(getattr(old, name), getattr(made, name)) for name in COMPARED):
            rows.append(old)
            continue
        made.number = 1 if old is None else old.number + 1
        rows.append(made)
        fresh.append((old, made))
    explain_changes([(old, made) for old, made in fresh if old is not None])
    TargetVerdict.objects.bulk_create([made for _, made in fresh], batch_size=AT_ONCE)
    superseding = sum(made.number > 1 for _, made in fresh)
    told = {"day": on, "targets": len(rows), "new": len(fresh), "superseding": superseding}
    record(
        by=actor,
        at=at,
        action="verdicts.judge_all",
        subject=judging,
        after={**told, **Counter(row.light for row in rows)},
    )
    return Judged(judging, rows, len(fresh), superseding)


def _verdict(
    row: TargetTerms, grounds: Found, on: date, at: datetime, unchecked: str, judging: Judging
) -> TargetVerdict:
    found, known = grounds.verdict, grounds.known
    note = ""
    if found.value is None:
        note = (unchecked or waiting(row).reason) + explain(known.evidence.reason)
    if grounds.overdue:
        note += f"逾期未报：{grounds.overdue.said}。"
    return TargetVerdict(
        target_id=row.target_id,
        terms=row,
        day=on,
        number=1,
        kind=known.promise.kind,
        light=Light(found.light.value),
        met=found.met,
        value=_stored(found.value),
        value_as_of=found.as_of if found.value is not None else None,
        schedule_value=_stored(found.schedule_value),
        gap=_stored(found.gap),
        measure=found.measure,
        remaining=_remaining(found.remaining),
        samples=found.samples,
        expected=found.expected,
        edition=found.edition,
        clause=found.clause,
        unconfirmed=found.unconfirmed,
        scheme=found.scheme,
        light_edition=found.light_edition,
        light_clause=found.light_clause,
        light_unconfirmed=found.light_unconfirmed,
        reason=found.reason,
        note=note,
        inputs={**known.inputs, "judging": judging.pk, "basis": found.schedule_basis},
        chance=found.chance,
        recorded_at=at,
    )


def _stored(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-PLACES))


def _remaining(remaining: Remaining | None) -> dict[str, Any] | None:
    if remaining is None:
        return None
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(remaining).items()}


def _same(old: object, new: object) -> bool:
    return str(old) == str(new) if isinstance(old, str) else old == new
