"""Routes of targets (目标) for programs: the ledger as of a day, one target with its history, adoption, amendment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import override
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from heqing_site.envelope import (
    KEEP,
    READ_REFUSALS,
    WRITE_REFUSALS,
    Day,
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
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions, queries
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import LedgerRow
from heqing_site.ledger.rules import COMPARATORS, STRENGTHS, Light, SourceKind
from heqing_site.library.api import finding_or_404
from heqing_site.library.queries import document_with
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.api import ref, unit_or_404

router = Router(tags=["targets 目标"])


class TermsOut(Schema):
    """The terms of a target (条款) from a day on; `version` is what an amendment names as `seen`."""

    version: int
    change: str
    title: str
    comparator: str
    bound: str | None
    bound_text: str
    unit: str
    period_text: str
    period_start: date | None
    period_end: date | None
    baseline: str
    scope_text: str
    scope_unit: UnitRef | None
    strength: str
    pillar: str
    measure: str
    quote: str
    gap: str
    lead_unit: UnitRef
    lead_from: str
    lead_note: str
    source_kind: str
    source_from: str
    source_note: str
    statistic: str
    rhythm: str
    note: str
    promised_under: str
    valid_from: date
    recorded_at: datetime
    recorded_by: str
    because: str


class StandingOut(Schema):
    """How a target stands on the day; `reason_en` is null where the reason exists in Chinese only."""

    light: Light
    value: str | None
    reason_zh: str
    reason_en: str | None


class ProvenanceOut(Schema):
    """Where a target was read: document, finding, and the place of its words in the text as received."""

    document: int
    document_title: str
    sha256: str
    finding: int | None
    start: int | None
    end: int | None


class TargetOut(Schema):
    """A target (目标) as of a day: its terms, how it stands, and where it was read."""

    number: int
    indicator: str
    indicator_name: str
    terms: TermsOut
    standing: StandingOut
    provenance: ProvenanceOut | None
    is_invented: bool


class TargetWithHistory(TargetOut):
    """A target with all its terms, newest first."""

    as_of: date
    history: list[TermsOut]


class AdoptIn(Typed):
    """How a document enters the ledger."""

    lead: str = Field("", max_length=32, description="Code of one lead unit for all; empty: proposed one by one")
    period: str = Field("", max_length=20, description="Taken where the document names none, e.g. 2026")
    accept: bool = Field(False, description="Also accept findings that nobody reviewed", strict=True)
    with_repeats: bool = Field(False, description="Enter even those that repeat a target as targets", strict=True)


class AdoptionOut(Schema):
    """What became of a document's findings; `repeated` are keys of those left because they repeat a target."""

    targets: list[int]
    already: int
    unreviewed: int
    repeated: list[int]


class AdoptFindingIn(Typed):
    """How one finding enters the ledger."""

    lead: str = Field("", max_length=32)
    period: str = Field("", max_length=20)
    because: str = Field("", max_length=200)


class AmendIn(Typed):
    """What a target says instead; what is not named stays."""

    title: str = Field(KEEP, min_length=1, max_length=300)
    comparator: str = Field(KEEP, max_length=12)
    bound: Number | None = None
    unit: str = Field(KEEP, max_length=60)
    period_text: str = Field(KEEP, max_length=60)
    scope_text: str = Field(KEEP, max_length=2000)
    scope_unit: Annotated[str | None, Field(max_length=32, description="Code of a unit")] = None
    baseline: str = Field(KEEP, max_length=2000)
    strength: str = Field(KEEP, max_length=16)
    pillar: str = Field(KEEP, max_length=20)
    promised_under: str = Field(KEEP, max_length=80)
    note: str = Field(KEEP, max_length=2000)
    valid_from: Day | None = None
    because: str = Field(max_length=2000)
    seen: Key | None = Field(None, description="`terms.version` as last read; stale is refused with 409")


@router.get("/targets", response={200: Page[TargetOut], READ_REFUSALS: Refusal}, summary="The ledger 目标台账")
def targets(
    request: HttpRequest,
    paging: Query[Paging],
    as_of: Day | None = None,
    pillar: str = "",
    unit: str = "",
    document: Key | None = None,
    source: SourceKind | None = None,
    light: Light | None = None,
    q: str = "",
) -> dict[str, Any]:
    """List the ledger as of a day in the order of numbers; `unit` is a code and means all units below it too."""
    day = as_of or timezone.localdate()
    asked = queries.ledger_terms(
        as_of=day,
        pillar=pillar,
        unit=unit_or_404(unit),
        source=source.value if source else "",
        document=_document(document),
        text=q.strip()[:100],
    )
    found = queries.whole(asked).select_related("target__finding", "scope_unit")
    if light is None:
        return paged(request, found, paging, lambda rows: target_facts(rows, as_of=day))
    lit = [row.terms for row in queries.ledger_rows(found, as_of=day) if row.standing.light is light]
    return paged(request, lit, paging, lambda rows: target_facts(rows, as_of=day))


@router.get("/targets/{number}", response={200: TargetWithHistory, READ_REFUSALS: Refusal}, summary="One target 目标")
def target(request: HttpRequest, number: Path[Key], as_of: Day | None = None) -> dict[str, Any]:
    """Give a target as of a day with the history of its terms; 404 before it was promised."""
    day = as_of or timezone.localdate()
    found = target_or_404(number)
    return whole_target(found, day)


@router.post(
    "/targets/{number}/amend", response={200: TargetWithHistory, WRITE_REFUSALS: Refusal}, summary="Amend 调整目标"
)
def amend(request: HttpRequest, number: Path[Key], said: AmendIn) -> dict[str, Any]:
    """Amend what a target says from a day on; the old terms stay for the days before."""
    found = target_or_404(number)
    changes = said.dict(exclude_unset=True)
    because, valid_from, seen = (changes.pop(name, None) for name in ("because", "valid_from", "seen"))
    if "scope_unit" in changes:
        changes["scope_unit"] = unit_or_404(changes["scope_unit"])
    if (
        changes.get("pillar", "other") not in PILLAR_NAMES
        or changes.get("comparator", "<=") not in COMPARATORS
        or changes.get("strength", "plan") not in STRENGTHS
    ):
        raise RuleBrokenError("finding.unknown_word")
    now = timezone.now()
    actions.amend_target(
        by=sender(request), at=now, target=found, changes=changes, because=because, valid_from=valid_from, seen=seen
    )
    return whole_target(found, timezone.localdate(now))


@router.post(
    "/documents/{key}/adopt", response={200: AdoptionOut, WRITE_REFUSALS: Refusal}, summary="Adopt a document 整份采纳"
)
def adopt_document(request: HttpRequest, key: Path[Key], said: AdoptIn) -> dict[str, Any]:
    """Put every target of a document into the ledger; sent twice, nothing stands there twice."""
    document = _document(key)
    done = actions.adopt_all(
        by=sender(request),
        at=timezone.now(),
        document=document,
        lead=unit_or_404(said.lead),
        period=said.period.strip(),
        accept=said.accept,
        with_repeats=said.with_repeats,
    )
    return {
        "targets": [made.number for made in done.targets],
        "already": done.already,
        "unreviewed": done.unreviewed,
        "repeated": [pair.finding.pk for pair in done.repeated],
    }


@router.post(
    "/findings/{key}/adopt", response={201: TargetWithHistory, WRITE_REFUSALS: Refusal}, summary="Adopt 采纳为目标"
)
def adopt_finding(request: HttpRequest, key: Path[Key], said: AdoptFindingIn) -> Any:
    """Put one accepted finding into the ledger; a second time it is refused with 409."""
    now = timezone.now()
    made = actions.adopt_finding(
        by=sender(request),
        at=now,
        finding=finding_or_404(key),
        lead=unit_or_404(said.lead),
        period=said.period.strip(),
        because=said.because,
    )
    return Status(201, whole_target(made, timezone.localdate(now)))


def target_or_404(number: int) -> Target:
    """Find a target by its number."""
    found = queries.target_numbered(number)
    if found is None:
        raise Http404("target")
    return found


def target_facts(rows: list[TargetTerms], *, as_of: date) -> list[dict[str, Any]]:
    """Tell targets with how they stand, the reason in both languages."""
    with override("en"):
        english = [row.standing.reason for row in queries.ledger_rows(rows, as_of=as_of)]
    with override("zh-hans"):
        told = queries.ledger_rows(rows, as_of=as_of)
    return [_told(row, reason) for row, reason in zip(told, english, strict=True)]


def _told(row: LedgerRow, english: str) -> dict[str, Any]:
    target, finding, document = row.target, row.target.finding, row.target.document
    return {
        "number": target.number,
        "indicator": target.indicator.code,
        "indicator_name": target.indicator.name,
        "terms": terms_facts(row.terms),
        "standing": {
            "light": row.standing.light,
            "value": exact(row.standing.value),
            "reason_zh": row.standing.reason,
            "reason_en": None if english == row.standing.reason else english,
        },
        "provenance": None
        if document is None
        else {
            "document": document.pk,
            "document_title": document.title,
            "sha256": document.sha256,
            "finding": finding.pk if finding else None,
            "start": finding.start if finding else None,
            "end": finding.end if finding else None,
        },
        "is_invented": row.is_invented,
    }


def terms_facts(terms: TargetTerms) -> dict[str, Any]:
    """Tell one row of terms."""
    names = set(TermsOut.model_fields) - {"version", "bound", "scope_unit", "lead_unit"}
    return {
        **{name: getattr(terms, name) for name in names},
        "version": terms.pk,
        "bound": exact(terms.bound),
        "scope_unit": ref(terms.scope_unit),
        "lead_unit": ref(terms.lead_unit),
    }


def whole_target(found: Target, day: date) -> dict[str, Any]:
    """Tell a target as of a day with its history."""
    terms = queries.terms_of(found, as_of=day)
    if terms is None:
        raise Http404("target")
    told = target_facts([terms], as_of=day)[0]
    return {**told, "as_of": day, "history": [terms_facts(step.terms) for step in queries.history(found)]}


def _document(key: int | None) -> Any:
    if key is None:
        return None
    found = document_with(key)
    if found is None:
        raise Http404("document")
    return found
