"""Routes of registers (台账) for programs: the kinds, the entries of one, one entry with its steps, and the counts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from heqing_site.envelope import READ_REFUSALS, Key, Page, Paging, Refusal, UnitRef, paged
from heqing_site.orgs.api import ref, unit_or_404
from heqing_site.orgs.queries import ids_below
from heqing_site.registers import counting, kinds, queries
from heqing_site.registers.models import Entry

router = Router(tags=["registers 台账"])


class CountForm(Schema):
    """A count that a kind offers to targets; `statistic` is what a target asks for."""

    statistic: str
    name: str
    unit: str
    what: str
    by_day: bool


class KindOut(Schema):
    """A kind of register (台账类别): its fields and states by key, and its counts."""

    key: str
    name: str
    pillar: str
    version: int
    is_retired: bool
    fields: dict[str, str]
    states: dict[str, str]
    counts: list[CountForm]


class RegisterEntryOut(Schema):
    """An entry (条目) as it stands now; `values` holds text, a reference its key and name; `gaps` the masks."""

    kind: str
    version: int
    number: int
    unit: UnitRef
    title: str
    state: str
    state_name: str
    state_since: date
    day: date | None
    values: dict[str, Any]
    gaps: dict[str, str]
    is_confirmed: bool
    counts: bool
    is_struck: bool
    steps: int
    is_invented: bool


class EntryStepOut(Schema):
    """A step of an entry (步骤), with the values after it."""

    number: int
    deed: str
    move: str
    state: str
    on: date
    at: datetime
    by: str
    unit: UnitRef
    values: dict[str, Any]
    gaps: dict[str, str]
    note: str
    evidence: list[str]


class EntryWithSteps(RegisterEntryOut):
    """An entry with its steps, oldest first."""

    history: list[EntryStepOut]


class CountedOut(Schema):
    """What was counted (统计): the value, the entries behind it, and what is not in it."""

    statistic: str
    name: str
    unit: str
    value: Decimal | None
    entries: int
    unknown: int
    waiting: int
    numbers: list[int]


@router.get("/register-kinds", response={200: list[KindOut], READ_REFUSALS: Refusal}, summary="List kinds 台账类别")
def register_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """List the kinds of registers with their fields, states and counts."""
    return [
        {
            "key": one.key,
            "name": one.form.name_zh,
            "pillar": one.form.pillar,
            "version": one.version,
            "is_retired": one.is_retired,
            "fields": {field.key: field.name_zh for field in one.form.fields},
            "states": {state.key: state.name_zh for state in one.form.states},
            "counts": [
                {
                    "statistic": f"registers.{one.key}.{count.key}",
                    "name": count.name_zh,
                    "unit": count.unit,
                    "what": count.what.value,
                    "by_day": count.by_day,
                }
                for count in one.form.counts
            ],
        }
        for one in kinds.standing_kinds(on=timezone.localdate()).values()
    ]


@router.get(
    "/entries/{kind}", response={200: Page[RegisterEntryOut], READ_REFUSALS: Refusal}, summary="List entries 条目"
)
def entries(
    request: HttpRequest,
    kind: str,
    paging: Query[Paging],
    state: str = "",
    unit: str = "",
    year: int | None = None,
    choice: str = "",
) -> dict[str, Any]:
    """List the entries of a kind, the newest first; of a state, a unit, a year, a choice."""
    _known(kind)
    under = unit_or_404(unit)
    found = queries.chosen(
        kind,
        state=state[:24],
        unit=under.pk if under else None,
        year=year if year and 1900 <= year <= 2999 else None,
        choice=choice[:60],
    )
    return paged(request, found, paging, lambda rows: [_told(row) for row in rows])


@router.get(
    "/entries/{kind}/counts",
    response={200: list[CountedOut], READ_REFUSALS: Refusal},
    summary="Counts of a register 台账统计",
)
def register_counts(
    request: HttpRequest, kind: str, first: date | None = None, last: date | None = None, unit: str = ""
) -> list[dict[str, Any]]:
    """Count a register as known today over a period, for a unit and all below it, or for all."""
    today = timezone.localdate()
    form = _known(kind)
    under = unit_or_404(unit)
    units = None if under is None else ids_below([under.pk])
    told = []
    for count in form.counts:
        statistic = f"registers.{kind}.{count.key}"
        found = counting.counted(statistic, units=units, first=first, last=last, as_of=today, names_entries=True)
        if found is not None:
            told.append(
                {
                    "statistic": statistic,
                    "name": count.name_zh,
                    "unit": count.unit,
                    **{name: getattr(found, name) for name in ("value", "entries", "unknown", "waiting")},
                    "numbers": list(found.numbers),
                }
            )
    return told


@router.get(
    "/entries/{kind}/{number}", response={200: EntryWithSteps, READ_REFUSALS: Refusal}, summary="One entry 一条台账"
)
def entry(request: HttpRequest, kind: str, number: Path[Key]) -> dict[str, Any]:
    """Give one entry with its steps."""
    found = queries.entry_numbered(kind, number)
    if found is None:
        raise Http404("entry")
    same = ("number", "deed", "move", "state", "on", "at", "values", "gaps", "note")
    history = [
        {
            **{name: getattr(step, name) for name in same},
            "by": step.by_name,
            "unit": ref(step.unit),
            "evidence": [file.file_name for file in step.files.all()],
        }
        for step in reversed(queries.steps_of(found))
    ]
    return {**_told(found), "history": history}


def _known(kind: str) -> Any:
    found = kinds.standing_kind(kind, on=timezone.localdate())
    if found is None:
        raise Http404("register")
    return found.form


def _told(found: Entry) -> dict[str, Any]:
    computed = {"unit", "counts", "steps", "state_name", "is_confirmed"}
    return {
        **{name: getattr(found, name) for name in set(RegisterEntryOut.model_fields) - computed},
        "unit": ref(found.unit),
        "counts": found.counts_now,
        "steps": found.steps_taken,
        "state_name": found.state_name,
        "is_confirmed": found.is_confirmed,
    }
