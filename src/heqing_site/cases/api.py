"""Routes of cases (问题) for programs: the list, and one case with its steps. Reads only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from heqing.cases import State
from heqing_site.cases import queries
from heqing_site.cases.models import Case, CaseStep
from heqing_site.envelope import READ_REFUSALS, Key, Page, Paging, Refusal, UnitRef, paged
from heqing_site.orgs.api import ref, unit_or_404

router = Router(tags=["cases 问题"])


class CaseOut(Schema):
    """A case (问题) as it stands now: whose it is, where it lies, what is due when."""

    number: int
    kind: str
    title: str
    detail: str
    target: int | None
    section: str | None
    unit: UnitRef
    place_unit: UnitRef
    procedure: str
    state: str
    state_name: str
    opened_on: date
    due_on: date | None
    closed_on: date | None
    watch_until: date | None
    rebounds: int
    version: int
    is_invented: bool


class StepOut(Schema):
    """A step of a case (步骤)."""

    number: int
    deed: str
    state: str
    on: date
    due_on: date | None
    unit: UnitRef
    at: datetime
    by: str
    note: str
    evidence: list[str]


class CaseWithSteps(CaseOut):
    """A case with its steps, oldest first; `evidence` names the files."""

    steps: list[StepOut]


@router.get("/cases", response={200: Page[CaseOut], READ_REFUSALS: Refusal}, summary="List cases 问题")
def cases(
    request: HttpRequest, paging: Query[Paging], state: State | None = None, unit: str = "", late: bool = False
) -> dict[str, Any]:
    """List the open cases, or those of a state; of one responsible unit; or those whose step is late today."""
    under = unit_or_404(unit)
    found = queries.chosen(
        on=timezone.localdate(),
        state=state.value if state else "",
        unit=under.pk if under else None,
        late=late,
    )
    return paged(request, found, paging, lambda rows: [_told(row) for row in rows])


@router.get("/cases/{number}", response={200: CaseWithSteps, READ_REFUSALS: Refusal}, summary="One case 问题办理")
def case(request: HttpRequest, number: Path[Key]) -> dict[str, Any]:
    """Give one case with its steps."""
    found = queries.case_numbered(number)
    if found is None:
        raise Http404("case")
    return {**_told(found), "steps": [_step(step) for step in queries.steps_of(found)]}


def _told(case: Case) -> dict[str, Any]:
    computed = {"target", "section", "unit", "place_unit"}
    return {
        **{name: getattr(case, name) for name in set(CaseOut.model_fields) - computed},
        "target": case.target.number if case.target else None,
        "section": case.section.code if case.section else None,
        "unit": ref(case.unit),
        "place_unit": ref(case.place_unit),
    }


def _step(step: CaseStep) -> dict[str, Any]:
    same = ("number", "deed", "state", "on", "due_on", "at", "note")
    return {
        **{name: getattr(step, name) for name in same},
        "unit": ref(step.unit),
        "by": step.by_name,
        "evidence": [file.file_name for file in step.evidence.all()],
    }
