"""Routes of findings that repeat a target, for programs (重申的确认与调整). See ``ledger.api``; added to its router."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Schema
from pydantic import Field

from heqing_site.envelope import READ_REFUSALS, WRITE_REFUSALS, Day, Key, Refusal, Typed, exact, sender
from heqing_site.ledger import repeats, restating
from heqing_site.ledger.api import TargetWithHistory, target_or_404, whole_target
from heqing_site.ledger.parts_api import router
from heqing_site.ledger.repeats import Paired
from heqing_site.library.api import finding_or_404
from heqing_site.library.queries import document_with

__all__ = ["router"]  # that of ``ledger.api``, with the routes below on it


class PairOut(Schema):
    """A finding beside the target that it repeats or reports on.

    `outcome` and `why` are codes of the rulebook's family ``pairing_words``; `version` is that of the target's terms,
    which a decision names as `seen`.
    """

    finding: int
    target: int
    version: int
    outcome: str
    outcome_zh: str
    why: list[str]
    difference: str | None
    confidence: float


class PairsOut(Schema):
    """What a document repeats, still to be decided, and what its results report on, for information."""

    as_of: date
    repeats: list[PairOut]
    reports: list[PairOut]


class ConfirmIn(Typed):
    """The target that a finding says again."""

    target: Key
    because: str = Field("", max_length=200)
    seen: Key | None = None


class AmendByIn(Typed):
    """The target that a finding amends."""

    target: Key
    valid_from: Day | None = None
    because: str = Field(max_length=2000)
    seen: Key | None = None


@router.get(
    "/documents/{key}/repeats", response={200: PairsOut, READ_REFUSALS: Refusal}, summary="Repeated targets 重申"
)
def repeated(request: HttpRequest, key: Path[Key]) -> dict[str, Any]:
    """List the findings of a document that repeat a target, and its results beside the targets they report on."""
    document = document_with(key)
    if document is None:
        raise Http404("document")
    today = timezone.localdate()
    found = repeats.repeats_of(document, as_of=today)
    return {
        "as_of": today,
        "repeats": [_told(pair) for pair in found.values()],
        "reports": [_told(pair) for pair in repeats.reports_of(document, as_of=today)],
    }


@router.post(
    "/findings/{key}/confirm", response={200: TargetWithHistory, WRITE_REFUSALS: Refusal}, summary="Confirm 确认目标"
)
def confirm(request: HttpRequest, key: Path[Key], said: ConfirmIn) -> dict[str, Any]:
    """Enter that a finding says a target again; another value is refused with 409."""
    now = timezone.now()
    target = target_or_404(said.target)
    restating.confirm_target(
        by=sender(request), at=now, finding=finding_or_404(key), target=target, because=said.because, seen=said.seen
    )
    return whole_target(target, timezone.localdate(now))


@router.post(
    "/findings/{key}/amend", response={200: TargetWithHistory, WRITE_REFUSALS: Refusal}, summary="Amend by 按文件调整"
)
def amend(request: HttpRequest, key: Path[Key], said: AmendByIn) -> dict[str, Any]:
    """Amend a target to what a finding says from a day on; the old terms stay for the days before."""
    now = timezone.now()
    target = target_or_404(said.target)
    restating.amend_by_finding(
        by=sender(request),
        at=now,
        finding=finding_or_404(key),
        target=target,
        because=said.because,
        valid_from=said.valid_from,
        seen=said.seen,
    )
    return whole_target(target, timezone.localdate(now))


def _told(pair: Paired) -> dict[str, Any]:
    return {
        "finding": pair.finding.pk,
        "target": pair.target.number,
        "version": pair.terms.pk,
        "outcome": pair.outcome,
        "outcome_zh": pair.outcome_name,
        "why": list(pair.why),
        "difference": exact(pair.difference),
        "confidence": pair.confidence,
    }
