"""Every deed on scorecards.

Each action takes when (`at`) and who (`by`; the rounds of the month act as the system), keeps the rules, writes its
audit entry in the same transaction and returns the rows. It never reads the clock. Scores are computed by
`heqing.scorecards` from the facts of ``scorecards.causes``; nobody types points.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing.scorecards import Occurrence, Reference, Scheme, Score, rank, score
from heqing_site.audit.actions import record
from heqing_site.audit.rules import SYSTEM
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.reporting.rules import Kind, Period
from heqing_site.scorecards import causes, queries
from heqing_site.scorecards.models import EventWithdrawal, Scorecard, ScoreEvent, ScoreLoss, ScorePublication
from heqing_site.scorecards.rules import EventKind, ReferenceKind, ScoreGroup, is_provisional, workday_after

LONGEST_NOTE = 400


@dataclass(frozen=True)
class Scored:
    """What scoring a month led to; the same result as before adds no version."""

    month: Period
    version: int
    cards: list[Scorecard]
    is_new: bool


@transaction.atomic
def score_month(*, at: datetime, month: Period, as_of: date, by: User | None = None) -> Scored:
    """Score a month (月度评分) for all towns and departments, from the facts as they are known on a day.

    A person needs the right 考核评分发布 above the units; without one the system scores. The month has ended. When
    nothing changed since the version before, that one stands.
    """
    if month.kind is not Kind.MONTH or month.last >= as_of:
        raise RuleBrokenError("score.month_not_over", month=month.name)
    units = causes.scored_units(on=month.last)
    if not units:
        raise RuleBrokenError("score.no_units", month=month.name)
    above = _take_up(by, at, [unit for unit, _ in units])
    scheme = queries.chosen_scheme(month.last)
    scores = _scores(scheme, units, month, as_of)
    version = queries.newest_version(month) or 0
    drafts = _cards(scheme, units, scores, month, as_of, at, by)
    before = list(queries.cards(month, version)) if version else []
    if before and _told(before, [list(card.losses.all()) for card in before]) == _told(
        [card for card, _ in drafts], [losses for _, losses in drafts]
    ):
        return Scored(month, version, before, is_new=False)
    cards = []
    for card, losses in drafts:
        card.version = version + 1
        card.save()
        for loss in losses:
            loss.scorecard = card
        ScoreLoss.objects.bulk_create(losses)
        cards.append(card)
    record(
        by=SYSTEM if by is None else by.actor,
        at=at,
        action="scorecards.score_month",
        subject=above[0],
        after={"month": month.key, "version": version + 1, "units": len(cards), "scheme": scheme.edition},
    )
    return Scored(month, version + 1, cards, is_new=True)


@transaction.atomic
def publish_month(
    *, by: User, at: datetime, month: Period, note: str = "", seen: int | None = None
) -> ScorePublication:
    """Publish the newest scores of a month (发布得分); from then a unit may object for some working days (G1.07).

    Needs the right 考核评分发布 above the units. `seen` is the version that the person had before their eyes.
    """
    version = queries.newest_version(month)
    if version is None:
        raise RuleBrokenError("score.not_scored", month=month.name)
    cards = list(queries.cards(month, version))
    above = _take_up(by, at, [card.unit for card in cards])
    if seen is not None and seen != version:
        raise RuleBrokenError("score.changed_meanwhile", month=month.name, version=version)
    standing = next((row for row in queries.publications(month) if row.version == version), None)
    if standing is not None:
        raise RuleBrokenError("score.published", month=month.name, version=version, person=standing.published_by)
    days = queries.chosen_scheme(month.last).objection_workdays
    publication = ScorePublication.objects.create(
        month_start=month.first,
        month_end=month.last,
        version=version,
        published_at=at,
        published_by=by,
        objection_until=workday_after(timezone.localdate(at), days),
        note=note.strip()[:LONGEST_NOTE],
    )
    record(
        by=by.actor,
        at=at,
        action="scorecards.publish_month",
        subject=publication,
        because=note.strip(),
        after={"month": month.key, "version": version, "unit": above[0].name},
    )
    return publication


@transaction.atomic
def enter_event(
    *, by: User, at: datetime, unit: Unit, kind: EventKind, key: str, day: date, what: str, evidence: str
) -> ScoreEvent:
    """Enter an event that bars grades or adds points (登记考核事项), with its day and evidence.

    Needs the right 考核评分发布 at the unit. It counts from the next scoring of its month.
    """
    on = timezone.localdate(at)
    require(by, Permission.SCORE_PUBLISH, unit, on=on)
    if day > on:
        raise RuleBrokenError("score.event_in_future", day=day)
    if not what.strip() or not evidence.strip():
        raise RuleBrokenError("score.event_without_evidence")
    groups = {scored.pk: group for scored, group in causes.scored_units(on=day)}
    if unit.pk not in groups:
        raise RuleBrokenError("score.unit_not_scored", unit=unit)
    scheme = queries.chosen_scheme(day)
    known = {
        EventKind.VETO: [veto.key for veto in scheme.vetoes],
        EventKind.BONUS: [bonus.key for bonus in scheme.group(groups[unit.pk]).bonuses],
    }
    if key not in known[kind]:
        raise RuleBrokenError("score.event_unknown", scheme=scheme.name_zh)
    event = ScoreEvent.objects.create(
        unit=unit,
        kind=kind,
        key=key,
        day=day,
        what=what.strip()[:200],
        evidence=evidence.strip()[:300],
        recorded_at=at,
        recorded_by=by,
    )
    record(
        by=by.actor,
        at=at,
        action="scorecards.enter_event",
        subject=event,
        after={"kind": kind, "key": key, "day": day, "evidence": event.evidence},
    )
    return event


@transaction.atomic
def withdraw_event(*, by: User, at: datetime, event: ScoreEvent, because: str) -> EventWithdrawal:
    """Withdraw an event that was entered wrongly (撤销考核事项), with the reason.

    Needs the right 考核评分发布 at the unit. It no longer counts from the next scoring of its month.
    """
    require(by, Permission.SCORE_PUBLISH, event.unit, on=timezone.localdate(at))
    if not because.strip():
        raise RuleBrokenError("because.missing")
    if EventWithdrawal.objects.filter(event=event).exists():
        raise RuleBrokenError("score.event_withdrawn", event=event)
    withdrawal = EventWithdrawal.objects.create(
        event=event, because=because.strip()[:200], recorded_at=at, recorded_by=by
    )
    record(by=by.actor, at=at, action="scorecards.withdraw_event", subject=event, because=because)
    return withdrawal


# --- what the actions have in common ------------------------------------------------------------------------------


def _take_up(by: User | None, at: datetime, units: list[Unit]) -> list[Unit]:
    """Check the right above the units, and let nobody else score or publish at the same time."""
    above = queries.tops(units)
    for unit in above if by is not None else ():
        require(by, Permission.SCORE_PUBLISH, unit, on=timezone.localdate(at))  # type: ignore[arg-type]
    list(Unit.objects.select_for_update().filter(pk__in=[unit.pk for unit in above]))
    return above


def _scores(scheme: Scheme, units: list[tuple[Unit, ScoreGroup]], month: Period, as_of: date) -> dict[int, Score]:
    facts = causes.facts_of(month=month, as_of=as_of)
    events: dict[tuple[int, str], list[Occurrence]] = {}
    for event in queries.events(month):
        place = Reference(ReferenceKind.EVENT, str(event.pk))
        about = f"{event.what}（{event.day}，依据：{event.evidence}）"
        events.setdefault((event.unit_id, event.kind), []).append(Occurrence(event.key, about, place))
    found = {}
    for unit, group in units:
        items = [item.key for item in scheme.group(group).items]
        found[unit.pk] = score(
            scheme,
            group,
            {key: facts.get(key, {}).get(unit.pk) for key in items},
            bonuses=events.get((unit.pk, EventKind.BONUS), ()),
            vetoes=events.get((unit.pk, EventKind.VETO), ()),
        )
    return found


def _cards(
    scheme: Scheme,
    units: list[tuple[Unit, ScoreGroup]],
    scores: dict[int, Score],
    month: Period,
    as_of: date,
    at: datetime,
    by: User | None,
) -> list[tuple[Scorecard, list[ScoreLoss]]]:
    actor = SYSTEM if by is None else by.actor
    found = []
    for group in ScoreGroup:
        members = [unit for unit, own in units if own is group]
        ranks = rank({unit.pk: scores[unit.pk].points for unit in members})
        for unit in members:
            one = scores[unit.pk]
            card = Scorecard(
                unit=unit,
                group=group,
                month_start=month.first,
                month_end=month.last,
                scheme=scheme.key,
                edition=scheme.edition,
                points=one.points,
                full=one.full,
                bonus=one.bonus,
                rank=ranks.get(unit.pk),
                of=len(ranks),
                grade="" if one.grade is None else one.grade.key,
                grade_name="" if one.grade is None else one.grade.name_zh,
                grade_by_points="" if one.grade_by_points is None else one.grade_by_points.name_zh,
                provisional=is_provisional(month.last, as_of),
                items=_items(one),
                bonuses=[_event(bonus.name_zh, once, points=str(bonus.per)) for bonus, once in one.bonuses],
                vetoes=[
                    _event(veto.name_zh, once, clause=veto.clause, unconfirmed=veto.unconfirmed)
                    for veto, once in one.vetoes
                ],
                as_of=as_of,
                recorded_at=at,
                recorded_by_id=actor.id,
                recorded_by=actor.name,
            )
            found.append((card, _losses(one)))
    return found


def _items(one: Score) -> list[dict[str, Any]]:
    return [
        {
            "item": row.item.key,
            "name": row.item.name_zh,
            "weight": str(row.item.weight),
            "full": str(row.full),
            "points": str(row.points),
            "note": row.note,
        }
        for row in one.items
    ]


def _event(name: str, once: Occurrence, **more: object) -> dict[str, Any]:
    return {"key": once.cause, "name": name, "about": once.about, "event": once.reference.key, **more}


def _losses(one: Score) -> list[ScoreLoss]:
    return [
        ScoreLoss(
            number=number,
            item=loss.item,
            points=loss.points,
            cause=loss.occurrence.cause,
            reason=loss.reason,
            ref_kind=loss.occurrence.reference.kind,
            ref_key=loss.occurrence.reference.key[:120],
        )
        for number, loss in enumerate(one.losses, start=1)
    ]


COMPARED = ("unit_id", "group", "scheme", "edition", "points", "full", "bonus", "rank", "of", "grade", "provisional",
            "items", "bonuses", "vetoes")  # fmt: skip


def _told(cards: list[Scorecard], losses: list[list[ScoreLoss]]) -> dict[int, Any]:
    """Put down what cards say, without who computed them and when."""
    return {
        card.unit_id: (
            [getattr(card, name) for name in COMPARED],
            [(loss.item, loss.points, loss.reason, loss.ref_kind, loss.ref_key) for loss in own],
        )
        for card, own in zip(cards, losses, strict=True)
    }
