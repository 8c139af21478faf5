"""Routes of targets that are entered, split and planned, for programs (录入、分解、计划). See ``ledger.api``.

They are added to its router, so that one address may both list and enter.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Schema, Status
from pydantic import Field

from heqing_site.envelope import (
    READ_REFUSALS,
    WRITE_REFUSALS,
    Day,
    Key,
    Number,
    Refusal,
    Typed,
    Version,
    exact,
    sender,
)
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import entering, plans, splitting, tree
from heqing_site.ledger.api import TargetOut, TargetWithHistory, router, target_facts, target_or_404, whole_target
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_of
from heqing_site.ledger.rules import COMPARATORS, STRENGTHS, PlanBasis
from heqing_site.ledger.splitting import Part
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.api import unit_or_404

__all__ = ["router"]  # that of ``ledger.api``, with the routes below on it


class EnterIn(Typed):
    """A target entered by hand; a masked number is sent as it is written, XX or **, and stays a gap."""

    title: str = Field(min_length=1, max_length=300)
    comparator: str = Field(max_length=12)
    bound: str = Field("", max_length=60)
    unit: str = Field("", max_length=60)
    period: str = Field("", max_length=60)
    baseline: str = Field("", max_length=2000)
    scope: str = Field("", max_length=2000)
    strength: str = Field("plan", max_length=16)
    pillar: str = Field(max_length=20)
    lead: str = Field(max_length=32, description="Code of the lead unit")
    parent: Key | None = Field(None, description="Number of the target above")
    because: str = Field(max_length=200)


class PartsOut(Schema):
    """The parts of a target as of a day; `lacks` is above zero where they are not enough, null where not added up."""

    as_of: date
    version: int
    adds_up: bool
    together: str | None
    lacks: str | None
    parent: int | None
    parts: list[TargetOut]


class PartIn(Typed):
    """What one unit takes over; a thing to be done has no bound."""

    unit: str = Field(max_length=32, description="Code of the unit")
    bound: Number | None = None
    withdraw: bool = Field(False, strict=True)


class SplitIn(Typed):
    """A target handed down in one deed; units not named keep their parts."""

    parts: list[PartIn] = Field(min_length=1, max_length=500)
    because: str = Field(max_length=200)
    summed: bool = Field(False, strict=True, description="The value of the whole is from now on the sum of its parts")
    valid_from: Day | None = None
    seen: Version | None = Field(None, description="`version` as last read; stale is refused with 409")


class PlannedOut(Schema):
    """What a plan says of one day."""

    day: date
    value: str | None
    words: str


class CourseOut(Schema):
    """The plan of a target that counts on the day; `number` is 0 and `planned` empty without one."""

    number: int
    basis: str
    planned: list[PlannedOut]
    is_current: bool


class PlannedIn(Typed):
    """One line of a plan: the day, the cumulative value, or words for something to be done."""

    day: Day
    value: Number | None = None
    words: str = Field("", max_length=200)


class PlanIn(Typed):
    """A plan; without lines the earlier one no longer counts."""

    planned: list[PlannedIn] = Field(max_length=400)
    because: str = Field(max_length=200)
    seen: Version | None = Field(None, description="`number` of the newest plan as last read")


@router.post("/targets", response={201: TargetWithHistory, WRITE_REFUSALS: Refusal}, summary="Enter 录入目标")
def enter(request: HttpRequest, said: EnterIn) -> Any:
    """Enter a target by hand; the same one a second time is refused with 409."""
    if said.pillar not in PILLAR_NAMES or said.comparator not in COMPARATORS or said.strength not in STRENGTHS:
        raise RuleBrokenError("finding.unknown_word")
    facts = said.dict()
    lead, parent, because = (facts.pop(name) for name in ("lead", "parent", "because"))
    now = timezone.now()
    unit = unit_or_404(lead)
    if unit is None:
        raise Http404("unit")
    made = entering.enter_target(
        by=sender(request),
        at=now,
        typed=entering.Typed(**facts),
        lead=unit,
        parent=None if parent is None else target_or_404(parent),
        because=because,
    )
    return Status(201, whole_target(made, timezone.localdate(now)))


@router.get("/targets/{number}/parts", response={200: PartsOut, READ_REFUSALS: Refusal}, summary="Parts 分解")
def parts(request: HttpRequest, number: Path[Key], as_of: Day | None = None) -> dict[str, Any]:
    """Give the parts of a target as of a day, and what they lack of the whole."""
    return _parts(target_or_404(number), as_of or timezone.localdate())


@router.post("/targets/{number}/split", response={200: PartsOut, WRITE_REFUSALS: Refusal}, summary="Split 分解目标")
def split(request: HttpRequest, number: Path[Key], said: SplitIn) -> dict[str, Any]:
    """Hand a target down to units; amounts that add up must together reach the whole."""
    found = target_or_404(number)
    rows = []
    for part in said.parts:
        unit = unit_or_404(part.unit)
        if unit is None:
            raise Http404("unit")
        rows.append(Part(unit, part.bound, part.withdraw))
    now = timezone.now()
    splitting.split_target(
        by=sender(request),
        at=now,
        target=found,
        parts=rows,
        because=said.because,
        is_summed=said.summed,
        valid_from=said.valid_from,
        seen=said.seen,
    )
    return _parts(found, timezone.localdate(now))


@router.get("/targets/{number}/plan", response={200: CourseOut, READ_REFUSALS: Refusal}, summary="Plan 分期计划")
def plan(request: HttpRequest, number: Path[Key], as_of: Day | None = None) -> dict[str, Any]:
    """Give the plan of a target that counts on a day."""
    return _plan(target_or_404(number), as_of or timezone.localdate())


@router.post("/targets/{number}/plan", response={200: CourseOut, WRITE_REFUSALS: Refusal}, summary="Plan 编制计划")
def make_plan(request: HttpRequest, number: Path[Key], said: PlanIn) -> dict[str, Any]:
    """Plan the course of a target through its period; the last value is the bound on the last day."""
    found = target_or_404(number)
    now = timezone.now()
    splitting.plan_target(
        by=sender(request),
        at=now,
        target=found,
        planned=[(row.day, row.value, row.words) for row in said.planned],
        basis=PlanBasis.TYPED,
        because=said.because,
        seen=said.seen,
    )
    return _plan(found, timezone.localdate(now))


def _parts(found: Target, day: date) -> dict[str, Any]:
    terms = terms_of(found, as_of=day)
    if terms is None:
        raise Http404("target")
    told = tree.tree_of(terms, as_of=day)
    return {
        "as_of": day,
        "version": tree.version_of(found),
        "adds_up": told.adds_up,
        "together": exact(told.together),
        "lacks": exact(told.lacks),
        "parent": None if terms.parent is None else terms.parent.number,
        "parts": target_facts([row.terms for row in told.rows], as_of=day),
    }


def _plan(found: Target, day: date) -> dict[str, Any]:
    terms, current = terms_of(found, as_of=day), plans.plan_as_of(found, day)
    if terms is None:
        raise Http404("target")
    rows = [] if current is None else list(current.values.all())
    return {
        "number": 0 if current is None else current.number,
        "basis": "" if current is None else current.basis,
        "planned": [{"day": row.day, "value": exact(row.value), "words": row.words} for row in rows],
        "is_current": found.pk in plans.planned_by_target([terms], as_of=day),
    }
