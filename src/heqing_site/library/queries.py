"""What can be asked of documents and their findings. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from django.db.models import Q, QuerySet

from heqing_site.library import rules
from heqing_site.library.models import Document, DocumentQuerySet, Finding
from heqing_site.library.rules import FindingState


@dataclass(frozen=True)
class Progress:
    """How far a document is reviewed (37 / 59 已核)."""

    total: int
    accepted: int
    rejected: int

    @property
    def decided(self) -> int:
        """Findings that somebody decided."""
        return self.accepted + self.rejected

    @property
    def left(self) -> int:
        """Findings that nobody decided yet."""
        return self.total - self.decided

    @property
    def percent(self) -> int:
        """The share that is decided, whole percent, rounded down: 100 only when nothing is left."""
        return self.decided * 100 // self.total if self.total else 100


@dataclass(frozen=True)
class TextPiece:
    """A stretch of the received text with the findings that cover it, ready to be shown."""

    text: str
    start: int
    findings: tuple[Finding, ...]
    opens: tuple[int, ...]
    is_noise: bool

    @property
    def lead(self) -> Finding | None:
        """The finding that gives the stretch its colour: the shortest that covers it."""
        return self.findings[0] if self.findings else None


def documents(*, search: str = "") -> DocumentQuerySet:
    """List the documents with their progress, newest first; a search looks at title, file name and issuer."""
    found = Document.objects.with_progress().defer("text").select_related("unit", "added_by")
    if search:
        found = found.filter(Q(title__icontains=search) | Q(file_name__icontains=search) | Q(issuer__icontains=search))
    return found.order_by("-added_at", "-pk")  # counting forgets the order of the rows


def document_by_name(name: str) -> Document | None:
    """Find a document by its file name, with or without ending, or by its title; the newest when several fit."""
    stem = PurePath(name).name
    fitting = Q(file_name=stem) | Q(title=name) | Q(file_name__startswith=f"{stem}.")
    return Document.objects.filter(fitting).first()


def document_with(key: int) -> Document | None:
    """Find a document by its key, with its progress."""
    return Document.objects.with_progress().select_related("unit", "added_by").filter(pk=key).first()


def finding_with(key: int) -> Finding | None:
    """Find a finding by its key."""
    return Finding.objects.select_related("document__unit", "measure", "decided_by").filter(pk=key).first()


def findings_of(document: Document) -> QuerySet[Finding]:
    """List the findings of a document in the order of its text."""
    return document.findings.select_related("document", "measure", "decided_by").order_by("start", "number")


def progress(findings: list[Finding]) -> Progress:
    """Count what is decided."""
    states = [finding.state for finding in findings]
    return Progress(
        total=len(states),
        accepted=states.count(FindingState.ACCEPTED),
        rejected=states.count(FindingState.REJECTED),
    )


def progress_of(document: Document) -> Progress:
    """Count what is decided in one document."""
    return progress(list(document.findings.only("state", "document_id")))


def text_pieces(document: Document, findings: list[Finding]) -> list[TextPiece]:
    """Cut the received text of a document at the edges of its findings and noise lines."""
    by_number = {finding.number: finding for finding in findings}
    cut = rules.pieces(
        document.text,
        [(finding.number, finding.start, finding.end) for finding in findings],
        [(line["start"], line["end"]) for line in document.junk],
    )
    return [
        TextPiece(
            text=piece.text,
            start=piece.start,
            findings=tuple(by_number[number] for number in piece.numbers),
            opens=piece.opens,
            is_noise=piece.is_noise,
        )
        for piece in cut
    ]
