"""Routes of works (任务与项目) for programs: the list, one work with its steps and progress, slips. Reads only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from heqing_site.envelope import READ_REFUSALS, Key, Page, Paging, Refusal, UnitRef, paged
from heqing_site.library.rules import plain
from heqing_site.orgs.api import ref, unit_or_404
from heqing_site.works import queries
from heqing_site.works.models import Work, WorkStep
from heqing_site.works.queries import Choice
from heqing_site.works.records import Progress, Slip
from heqing_site.works.rules import SlipState, State

router = Router(tags=["works 任务与项目"])


class WorkOut(Schema):
    """A task or project as it stands now; percents and money (万元) are strings without loss."""

    number: int
    task_list: str
    item: str
    kind: str
    title: str
    pillar: str
    pipeline: str
    state: str
    stage: str
    stage_name: str
    stage_due: date | None
    light: str
    reason: str
    percent: str
    planned_percent: str | None
    lead_unit: UnitRef
    acting_unit: UnitRef | None
    checker_unit: UnitRef | None
    planned_start: date | None
    planned_finish: date | None
    started_on: date | None
    finished_on: date | None
    money: str | None
    paid: str | None
    slip: str
    version: int
    is_invented: bool


class WorkStepOut(Schema):
    """A step of a work (步骤)."""

    number: int
    deed: str
    state: str
    stage: str
    on: date
    at: datetime
    by: str
    note: str


class ProgressOut(Schema):
    """What was told of a month (进展); `accepted` is null while nobody has checked it."""

    month: date
    version: int
    percent: str
    paid: str | None
    words: str
    problem: str
    outlook: str
    is_late: bool
    accepted: bool | None


class WorkWhole(WorkOut):
    """A work with what is asked of it, its steps and its months, oldest first."""

    requirement: str
    targets: list[int]
    steps: list[WorkStepOut]
    progress: list[ProgressOut]


class SlipOut(Schema):
    """A slip (督办单)."""

    number: int
    work: int
    colour: str
    state: str
    words: str
    issued_on: date | None
    due_on: date | None
    answered_on: date | None
    ended_on: date | None


@router.get("/works", response={200: Page[WorkOut], READ_REFUSALS: Refusal}, summary="List works 任务与项目")
def works(
    request: HttpRequest,
    paging: Query[Paging],
    state: State | None = None,
    unit: str = "",
    pillar: str = "",
    light: str = "",
    late: bool = False,
) -> dict[str, Any]:
    """List the works in hand, or those of a state; of a leading or acting unit, a pillar, a light; or those late."""
    under = unit_or_404(unit)
    asked = Choice(
        unit=under.pk if under else None,
        pillar=pillar,
        state=state.value if state else "",
        light=light,
        is_late=late,
    )
    found = queries.chosen(asked, on=timezone.localdate()).prefetch_related("checker_unit")
    return paged(request, found, paging, lambda rows: [_told(row) for row in rows])


@router.get("/works/{number}", response={200: WorkWhole, READ_REFUSALS: Refusal}, summary="One work 任务与项目")
def work(request: HttpRequest, number: Path[Key]) -> dict[str, Any]:
    """Give one work with its steps and months."""
    found = queries.work_numbered(number)
    if found is None:
        raise Http404("work")
    return {
        **_told(found),
        "requirement": found.requirement,
        "targets": [link.target.number for link in queries.links_of(found)],
        "steps": [_step(step) for step in reversed(queries.steps_of(found))],
        "progress": [_month(row) for row in reversed(queries.progress_of(found))],
    }


@router.get("/slips", response={200: Page[SlipOut], READ_REFUSALS: Refusal}, summary="List slips 督办单")
def slips(
    request: HttpRequest, paging: Query[Paging], state: SlipState | None = None, colour: str = ""
) -> dict[str, Any]:
    """List the open slips, or those of a state or a colour."""
    found = queries.slips(state=state.value if state else "", colour=colour)
    return paged(request, found, paging, lambda rows: [_slip(row) for row in rows])


def _told(row: Work) -> dict[str, Any]:
    same = {
        "number", "item", "kind", "title", "pillar", "pipeline", "state", "stage", "stage_name", "stage_due",
        "planned_start", "planned_finish", "started_on", "finished_on", "slip", "version", "is_invented",
    }  # fmt: skip
    return {
        **{name: getattr(row, name) for name in same},
        "task_list": str(row.task_list),
        "light": row.shown_light,
        "reason": row.behind,
        "percent": plain(row.percent),
        "planned_percent": _number(row.planned_now),
        "money": _number(row.money),
        "paid": _number(row.paid),
        "lead_unit": ref(row.lead_unit),
        "acting_unit": ref(row.acting_unit),
        "checker_unit": ref(row.checker_unit),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _step(step: WorkStep) -> dict[str, Any]:
    same = ("number", "deed", "state", "stage", "on", "at", "note")
    return {**{name: getattr(step, name) for name in same}, "by": step.by_name}


def _month(row: Progress) -> dict[str, Any]:
    check = getattr(row, "check_row", None)
    same = ("month", "words", "problem", "outlook", "is_late")
    return {
        **{name: getattr(row, name) for name in same},
        "version": row.number,
        "percent": plain(row.percent),
        "paid": _number(row.paid),
        "accepted": None if check is None else check.is_accepted,
    }


def _slip(row: Slip) -> dict[str, Any]:
    same = ("number", "colour", "state", "words", "issued_on", "due_on", "answered_on", "ended_on")
    return {**{name: getattr(row, name) for name in same}, "work": row.work.number}
