"""Routes of documents and findings (文件、条目) for programs. Writes go through the actions that the pages call."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import File, Form, Path, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from heqing_site.envelope import (
    KEEP,
    READ_REFUSALS,
    WRITE_REFUSALS,
    Key,
    Number,
    Page,
    Paging,
    Refusal,
    Typed,
    UnitRef,
    exact,
    paged,
    sender,
)
from heqing_site.library import actions, labels, queries
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import FindingKind, FindingState
from heqing_site.orgs.api import ref, unit_or_404

router = Router(tags=["documents 文件"])

MOST_CHARACTERS = 2**31 - 1  # what the database's column of a place can hold

Seen = Annotated[str | None, Field(max_length=120, description="`version` as last read; stale is refused with 409")]


class DocumentOut(Schema):
    """A document (文件) and how far its findings are decided."""

    id: int
    title: str
    file_name: str
    media_type: str
    sha256: str
    issuer: str
    region: str
    date: date | None
    doc_type: str
    unit: UnitRef | None
    is_invented: bool
    added_at: datetime
    added_by: str
    finding_count: int
    decided_count: int
    accepted_count: int


class MeasureOut(Schema):
    """A measure (举措): a heading of a document and the offices named for it."""

    number: int
    level: int
    title: str
    responsible: list[str]
    start: int
    end: int


class DocumentTextOut(DocumentOut):
    """A document with its text as received; places are counted in characters of `text`, from 0, end exclusive."""

    text: str
    measures: list[MeasureOut]


class FindingOut(Schema):
    """A finding (条目). `quote` is `text[start:end]` of its document; `as_read` is what the reading gave at first."""

    id: int
    document: int
    number: int
    kind: str
    quote: str
    start: int
    end: int
    indicator: str
    comparator: str
    value: str | None
    value_text: str | None
    unit: str
    period: str
    baseline: str
    strength: str
    scope: str
    pillar: str
    gap: str
    confidence: float
    measure: str | None
    state: str
    decided_by: str | None
    decided_at: datetime | None
    because: str
    demand_zh: str
    as_read: dict[str, Any]
    why: list[str]
    version: str
    is_invented: bool


class SeenIn(Typed):
    """A decision on a finding as it was last read."""

    seen: Seen = None


class BecauseIn(SeenIn):
    """A decision with its reason."""

    because: str = Field(max_length=200)


class CorrectionIn(SeenIn):
    """What a finding says instead; what is not named stays. `value` null takes the number away."""

    kind: str = Field(KEEP, max_length=16)
    indicator: str = Field(KEEP, max_length=200)
    comparator: str = Field(KEEP, max_length=12)
    value: Number | None = None
    unit: str = Field(KEEP, max_length=60)
    period: str = Field(KEEP, max_length=60)
    baseline: str = Field(KEEP, max_length=200)
    strength: str = Field(KEEP, max_length=16)
    scope: str = Field(KEEP, max_length=200)
    pillar: str = Field(KEEP, max_length=20)
    start: int = Field(KEEP, ge=0, le=MOST_CHARACTERS, description="where other words are cited: with `end`")
    end: int = Field(KEEP, ge=0, le=MOST_CHARACTERS)
    because: str = Field("", max_length=200)


class LabelsOut(Schema):
    """A reviewed document in the form of the labelled corpus; only accepted findings are labels."""

    name: str
    text: str
    labels: list[dict[str, Any]]
    meta: dict[str, Any]


@router.get("/documents", response={200: Page[DocumentOut], READ_REFUSALS: Refusal}, summary="List documents 文件")
def documents(request: HttpRequest, paging: Query[Paging], q: str = "") -> dict[str, Any]:
    """List the documents, newest first; `q` looks at title, file name and issuer."""
    return paged(
        request, queries.documents(search=q.strip()), paging, lambda rows: [document_facts(row) for row in rows]
    )


@router.get(
    "/documents/{key}", response={200: DocumentTextOut, READ_REFUSALS: Refusal}, summary="One document 文件原文"
)
def document(request: HttpRequest, key: Path[Key]) -> dict[str, Any]:
    """Give one document with its text as received and its measures."""
    found = _document(key)
    measures = [
        {
            "number": row.number,
            "level": row.level,
            "title": row.title,
            "responsible": row.responsible,
            "start": row.start,
            "end": row.end,
        }
        for row in found.measures.all()
    ]
    return {**document_facts(found), "text": found.text, "measures": measures}


@router.post(
    "/documents",
    response={200: DocumentOut, 201: DocumentOut, WRITE_REFUSALS: Refusal},
    summary="Upload a document 收存文件",
)
def add_document(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    title: str = Form("", max_length=300),  # type: ignore[type-arg]
    unit: str = Form("", max_length=32),  # type: ignore[type-arg]
) -> Any:
    """Take in a document and read it; the same bytes again give the document that has them, with 200 instead of 201.

    `unit` is the code of the unit that will keep it; without, the whole site. The right 文件收存 is needed there.
    """
    added = actions.add_document(
        by=sender(request),
        at=timezone.now(),
        file_name=file.name or "",
        content=file.read(settings.UPLOAD_LIMIT + 1),
        unit=unit_or_404(unit),
        title=title,
    )
    return Status(201 if added.is_new else 200, document_facts(_document(added.document.pk)))


@router.get(
    "/documents/{key}/findings", response={200: Page[FindingOut], READ_REFUSALS: Refusal}, summary="Findings 条目"
)
def findings(
    request: HttpRequest,
    key: Path[Key],
    paging: Query[Paging],
    state: FindingState | None = None,
    kind: FindingKind | None = None,
) -> dict[str, Any]:
    """List the findings of a document in the order of its text."""
    found = queries.findings_of(_document(key))
    if state is not None:
        found = found.filter(state=state)
    if kind is not None:
        found = found.filter(kind=kind)
    return paged(request, found, paging, lambda rows: [finding_facts(row) for row in rows])


@router.get(
    "/documents/{key}/labels",
    response={200: LabelsOut, READ_REFUSALS: Refusal, 409: Refusal},
    summary="Answer key 答案集",
)
def document_labels(request: HttpRequest, key: Path[Key]) -> dict[str, Any]:
    """Give a document of which every finding is decided as an answer key: text, labels, facts; 409 while some wait."""
    return asdict(labels.key_of(_document(key)))


@router.get("/findings/{key}", response={200: FindingOut, READ_REFUSALS: Refusal}, summary="One finding 条目")
def finding(request: HttpRequest, key: Path[Key]) -> dict[str, Any]:
    """Give one finding."""
    return finding_facts(finding_or_404(key))


@router.post("/findings/{key}/accept", response={200: FindingOut, WRITE_REFUSALS: Refusal}, summary="Accept 采纳")
def accept(request: HttpRequest, key: Path[Key], said: SeenIn) -> dict[str, Any]:
    """Accept a finding as the reading gave it."""
    found = finding_or_404(key)
    actions.accept_finding(by=sender(request), at=timezone.now(), finding=found, seen=said.seen)
    return finding_facts(finding_or_404(key))


@router.post("/findings/{key}/correct", response={200: FindingOut, WRITE_REFUSALS: Refusal}, summary="Correct 更正")
def correct(request: HttpRequest, key: Path[Key], said: CorrectionIn) -> dict[str, Any]:
    """Correct a finding and thereby accept it; what the reading gave stays in `as_read`."""
    found = finding_or_404(key)
    changes = said.dict(exclude_unset=True)
    because, seen = changes.pop("because", ""), changes.pop("seen", None)
    actions.correct_finding(
        by=sender(request), at=timezone.now(), finding=found, changes=changes, because=because, seen=seen
    )
    return finding_facts(finding_or_404(key))


@router.post("/findings/{key}/reject", response={200: FindingOut, WRITE_REFUSALS: Refusal}, summary="Reject 不采纳")
def reject(request: HttpRequest, key: Path[Key], said: BecauseIn) -> dict[str, Any]:
    """Reject a finding with the reason."""
    found = finding_or_404(key)
    actions.reject_finding(by=sender(request), at=timezone.now(), finding=found, because=said.because, seen=said.seen)
    return finding_facts(finding_or_404(key))


@router.post("/findings/{key}/reopen", response={200: FindingOut, WRITE_REFUSALS: Refusal}, summary="Reopen 恢复待核")
def reopen(request: HttpRequest, key: Path[Key], said: SeenIn) -> dict[str, Any]:
    """Take a decision back."""
    found = finding_or_404(key)
    actions.reopen_finding(by=sender(request), at=timezone.now(), finding=found, seen=said.seen)
    return finding_facts(finding_or_404(key))


def finding_or_404(key: int) -> Finding:
    """Find a finding by its key."""
    found = queries.finding_with(key)
    if found is None:
        raise Http404("finding")
    return found


def document_facts(document: Document) -> dict[str, Any]:
    """Tell a document with its progress."""
    counts: Any = document
    return {
        "id": document.pk,
        "title": document.title,
        "file_name": document.file_name,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "issuer": document.issuer,
        "region": document.region,
        "date": document.date,
        "doc_type": document.doc_type,
        "unit": ref(document.unit),
        "is_invented": document.is_invented,
        "added_at": document.added_at,
        "added_by": document.added_by.display_name,
        "finding_count": counts.finding_count,
        "decided_count": counts.decided_count,
        "accepted_count": counts.accepted_count,
    }


def finding_facts(finding: Finding) -> dict[str, Any]:
    """Tell a finding with its place in the document."""
    plain = (
        "number", "kind", "quote", "start", "end", "indicator", "comparator", "value_text", "unit", "period",
        "baseline", "strength", "scope", "pillar", "gap", "confidence", "state", "decided_at", "because", "as_read",
        "why", "version",
    )  # fmt: skip
    return {
        "id": finding.pk,
        "document": finding.document_id,
        **{name: getattr(finding, name) for name in plain},
        "value": exact(finding.value),
        "measure": finding.measure.title if finding.measure else None,
        "decided_by": finding.decided_by.display_name if finding.decided_by else None,
        "demand_zh": finding.demand,
        "is_invented": finding.document.is_invented,
    }


def _document(key: int) -> Document:
    found = queries.document_with(key)
    if found is None:
        raise Http404("document")
    return found
