"""Routes of plans (治理方案) for programs: the list, and one plan with its lists and steps. Reads only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router, Schema

from heqing.plans import Finding, State
from heqing_site.envelope import READ_REFUSALS, Day, Key, Page, Paging, Refusal, UnitRef, paged
from heqing_site.orgs.api import ref, unit_or_404
from heqing_site.plans import queries
from heqing_site.plans.models import Plan, PlanItem, PlanStep

router = Router(tags=["plans 方案"])


class PlanOut(Schema):
    """A plan (治理方案) as it stands now: what it is for, whose it is, whether it helped."""

    number: int
    kind: str
    title: str
    unit: UnitRef
    tie: str
    river: str | None
    enterprise: str | None
    outlet: str | None
    place_text: str
    state: str
    state_name: str
    version: int
    begins_on: date
    ends_on: date
    reference: str
    finished_on: date | None
    finding: str
    finding_note: str
    finding_on: date | None
    due_on: date | None
    closed_on: date | None
    reopenings: int
    is_invented: bool


class ItemOut(Schema):
    """An item of one of the five lists; `links` are numbers of items of the list before."""

    list_key: str
    code: str
    links: list[str]
    words: str
    fields: dict[str, str]


class ListFaultOut(Schema):
    """What is broken in the lists; without a code it is the list as a whole."""

    list: str
    code: str
    fault: str
    sentence: str


class PlanStepOut(Schema):
    """A step of a plan (步骤)."""

    number: int
    deed: str
    state: str
    version: int
    on: date
    at: datetime
    by: str
    note: str
    reference: str
    files: list[str]


class WholePlan(PlanOut):
    """A plan with its lists as of a day, what is broken in them, and its steps, oldest first."""

    items: list[ItemOut]
    faults: list[ListFaultOut]
    steps: list[PlanStepOut]


@router.get("/plans", response={200: Page[PlanOut], READ_REFUSALS: Refusal}, summary="List plans 方案")
def plans(
    request: HttpRequest,
    paging: Query[Paging],
    kind: str = "",
    state: State | None = None,
    unit: str = "",
    finding: Finding | None = None,
) -> dict[str, Any]:
    """List the plans: of a kind, in a state, of a unit, or by whether they helped."""
    under = unit_or_404(unit)
    found = queries.chosen(
        kind=kind,
        state=state.value if state else "",
        unit=under.pk if under else None,
        finding=finding.value if finding else "",
    )
    return paged(request, found, paging, lambda rows: [_told(row) for row in rows])


@router.get("/plans/{number}", response={200: WholePlan, READ_REFUSALS: Refusal}, summary="One plan 方案内容")
def plan(request: HttpRequest, number: Path[Key], as_of: Day | None = None) -> dict[str, Any]:
    """Give one plan with its five lists as they stood on a day, or stand now."""
    found = queries.plan_numbered(number)
    if found is None:
        raise Http404("plan")
    items = queries.items_of(found, as_of=as_of)
    return {
        **_told(found),
        "items": [_item(line) for each in queries.lists_of(found, items) for line in each.lines],
        "faults": [vars(fault) for fault in queries.faults_of(found, items)],
        "steps": [_step(step) for step in queries.steps_of(found)],
    }


def _told(plan: Plan) -> dict[str, Any]:
    computed = {"unit", "river", "enterprise", "outlet"}
    return {
        **{name: getattr(plan, name) for name in set(PlanOut.model_fields) - computed},
        "unit": ref(plan.unit),
        "river": plan.river.code if plan.river else None,
        "enterprise": plan.enterprise.code if plan.enterprise else None,
        "outlet": plan.outlet.code if plan.outlet else None,
    }


def _item(line: queries.ItemLine) -> dict[str, Any]:
    item: PlanItem = line.item
    return {
        "list_key": item.list_key,
        "code": item.code,
        "links": item.links,
        "words": item.words,
        "fields": {name: str(value) for name, value in line.facts},
    }


def _step(step: PlanStep) -> dict[str, Any]:
    same = ("number", "deed", "state", "version", "on", "at", "note", "reference")
    return {
        **{name: getattr(step, name) for name in same},
        "by": step.by_name,
        "files": [file.file_name for file in step.files.all()],
    }
