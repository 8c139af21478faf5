"""Routes of letters (责任书) for programs: series, letters, and one letter with its lines and signatures. Reads only.

What is not handed down yet is given only to those who work on the letters of the issuing unit.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from heqing_site.envelope import READ_REFUSALS, Key, Page, Paging, Refusal, UnitRef, paged, sender
from heqing_site.letters import queries
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.letters.rules import SIGNING, State
from heqing_site.orgs.api import ref, unit_or_404

router = Router(tags=["letters 责任书"])


class SeriesOut(Schema):
    """A series of letters (批次): one kind from one unit to many."""

    key: int
    kind: str
    kind_name: str
    title: str
    year: int
    campaign: str
    issuer: UnitRef
    receivers: int
    drafted: int
    issued: int
    signed: int
    is_invented: bool


class LetterOut(Schema):
    """A letter (责任书) as it stands now; `differs` tells whether the ledger says something else by now."""

    key: int
    series: int
    receiver: UnitRef
    state: str
    state_name: str
    waits_for: str
    number: str
    issued_on: date | None
    signed_on: date | None
    version: int
    in_force: int
    differs: bool


class LineOut(Schema):
    """A target as the letter states it."""

    target: int | None
    title: str
    demand: str
    period: str
    department: str
    is_masked: bool


class TaskOut(Schema):
    """A task as the letter states it."""

    title: str
    demand: str
    due: str
    department: str


class SignatureOut(Schema):
    """A signature under the version in force."""

    side: str
    signer: str
    post: str
    signed_on: date
    way: str
    at: datetime


class LetterWithLines(LetterOut):
    """A letter with what its version in force says; before it is handed down, its newest one."""

    title: str
    issuer: UnitRef
    targets: list[LineOut]
    tasks: list[TaskOut]
    signatures: list[SignatureOut]


@router.get(
    "/letter-series",
    response={200: Page[SeriesOut], READ_REFUSALS: Refusal},
    summary="List series of letters 责任书批次",
)
def series(request: HttpRequest, paging: Query[Paging], year: int | None = None, unit: str = "") -> dict[str, Any]:
    """List the series, newest first; of a year, or of a unit that issues or receives."""
    under = unit_or_404(unit)
    found = queries.listed_series(year=year, unit=under.pk if under else None)
    return paged(request, found, paging, lambda rows: [_series(row) for row in rows])


@router.get("/letters", response={200: Page[LetterOut], READ_REFUSALS: Refusal}, summary="List letters 责任书")
def letters(
    request: HttpRequest, paging: Query[Paging], series: Key | None = None, state: State | None = None, unit: str = ""
) -> dict[str, Any]:
    """List the letters that this person may see: of a series, in a state, or of a receiving unit."""
    today = timezone.localdate()
    under = unit_or_404(unit)
    found = queries.visible(sender(request), on=today)
    if series is not None:
        found = found.filter(series=series)
    if state is not None:
        found = found.filter(state=state.value)
    if under is not None:
        found = found.filter(receiver=under)

    def shape(rows: list[Letter]) -> list[dict[str, Any]]:
        differing = queries.differences(on=today, letters=[row.pk for row in rows])
        return [_letter(row, row.pk in differing) for row in rows]

    return paged(request, found.order_by("-series", "receiver__code", "pk"), paging, shape)


@router.get("/letters/{key}", response={200: LetterWithLines, READ_REFUSALS: Refusal}, summary="One letter 责任书正文")
def letter(request: HttpRequest, key: Path[Key]) -> dict[str, Any]:
    """Give one letter with its lines and signatures."""
    today = timezone.localdate()
    found = queries.visible(sender(request), on=today).filter(pk=key).first()
    if found is None:
        raise Http404("letter")
    version = queries.version_of(found, found.in_force or found.newest)
    content = version.content
    sides = {deed.value: side.value for side, deed in SIGNING.items()}
    return {
        **_letter(found, found.pk in queries.differences(on=today, letters=[found.pk])),
        "title": content.title,
        "issuer": ref(found.series.issuer),
        "targets": [{name: getattr(line, name) for name in LineOut.model_fields} for line in content.targets],
        "tasks": [{name: getattr(line, name) for name in TaskOut.model_fields} for line in content.tasks],
        "signatures": [
            {
                "side": sides[step.deed],
                "signer": step.signer,
                "post": step.signer_post,
                "signed_on": step.signed_on,
                "way": step.way,
                "at": step.at,
            }
            for step in queries.signatures_of(version).values()
        ],
    }


def _series(row: LetterSeries) -> dict[str, Any]:
    counted: Any = row
    return {
        "key": row.pk,
        "kind": row.kind,
        "kind_name": row.words.name,
        "title": row.title,
        "year": row.year,
        "campaign": row.campaign.name if row.campaign else "",
        "issuer": ref(row.issuer),
        "receivers": counted.receiver_count,
        "drafted": sum(getattr(counted, f"count_{state}") for state in ("draft", "submitted", "returned", "reviewed")),
        "issued": counted.count_out,
        "signed": counted.count_signed,
        "is_invented": row.is_invented,
    }


def _letter(row: Letter, differs: bool) -> dict[str, Any]:
    same = ("state", "state_name", "waits_for", "number", "issued_on", "signed_on", "in_force")
    return {
        **{name: getattr(row, name) for name in same},
        "key": row.pk,
        "series": row.series_id,
        "receiver": ref(row.receiver),
        "version": row.newest,
        "differs": differs,
    }
