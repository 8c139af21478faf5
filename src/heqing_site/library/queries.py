"""What can be asked of documents and their findings. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import PurePath

from django.db.models import Count, Q, QuerySet

from heqing import editions
from heqing.reading import ADDED_TABLES, Additions
from heqing.reading.lexicon import rows as words_of_the_lexicon
from heqing_site.library import rules
from heqing_site.library.models import Document, DocumentQuerySet, Finding, ProposedWord
from heqing_site.library.rules import FindingState, WordState, WordTable
from heqing_site.orgs.models import User


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
    opens: tuple[Finding, ...]
    is_noise: bool
    is_mask: bool

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
    return document.findings.select_related("measure", "decided_by").order_by("start", "number")


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
    counted = dict(document.findings.order_by().values_list("state").annotate(Count("pk")))
    return Progress(
        total=sum(counted.values()),
        accepted=counted.get(FindingState.ACCEPTED, 0),
        rejected=counted.get(FindingState.REJECTED, 0),
    )


def text_pieces(document: Document, findings: list[Finding]) -> list[TextPiece]:
    """Cut the received text of a document at the edges of its findings, its masks and its noise lines."""
    by_number = {finding.number: finding for finding in findings}
    masks = _masks(document.text, findings)
    cut = rules.pieces(
        document.text,
        [(finding.number, finding.start, finding.end) for finding in findings],
        [(line["start"], line["end"]) for line in document.junk],
        masks,
    )
    return [
        TextPiece(
            text=piece.text,
            start=piece.start,
            findings=tuple(by_number[number] for number in piece.numbers),
            opens=tuple(by_number[number] for number in piece.opens),
            is_noise=piece.is_noise,
            is_mask=piece.is_mask,
        )
        for piece in cut
    ]


def _masks(text: str, findings: list[Finding]) -> list[tuple[int, int]]:
    """Give where the masked numbers stand: the findings of one sentence take its masks in order."""
    found: list[tuple[int, int]] = []
    passed: dict[tuple[int, int, str], int] = {}
    for finding in findings:
        if finding.gap != "number_masked" or not finding.value_text:
            continue
        key = (finding.start, finding.end, finding.value_text)
        place = text.find(finding.value_text, passed.get(key, finding.start), finding.end)
        if place >= 0:
            passed[key] = place + len(finding.value_text)
            found.append((place, passed[key]))
    return found


def last_decision(document: Document, officer: User) -> list[Finding]:
    """Give what an officer decided last in a document and can take back: one finding, or many accepted together."""
    own = document.findings.filter(decided_by=officer, before__isnull=False).order_by("-decided_at", "-pk")
    last = own.first()
    if last is None:
        return []
    return list(own.filter(decided_at=last.decided_at).select_related("document__unit"))


# --- why a finding was read so ------------------------------------------------------------------------------------


@cache
def _rules() -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["zh"], row["en"]) for row in words_of_the_lexicon("rules")}


def why_in_words(codes: list[str], language: str | None) -> list[str]:
    """Say which rules made a finding, in order; a code that has no words yet is given as it is."""
    place = int((language or "").startswith("en"))
    return [_rules().get(code, (code, code))[place] for code in codes]


# --- names of indicators ------------------------------------------------------------------------------------------

SUGGESTED = 12  # names that are offered while an officer types


@cache
def catalogue_names() -> dict[str, tuple[str, str]]:
    """Give the unit and the pillar of each indicator of the rulebook's catalogue, by its name."""
    rows = editions.table("indicator_catalogue", "indicators").to_dicts()
    return {row["name"]: (row["unit"] or "", row["pillar"]) for row in rows}


def is_in_catalogue(name: str) -> bool:
    """Tell whether the catalogue names an indicator so."""
    return name in catalogue_names()


def suggest_indicators(typed: str, *, unit: str = "", pillar: str = "", most: int = SUGGESTED) -> list[str]:
    """Offer names for an indicator: of the catalogue and of the installation's own, the likeliest first.

    Words shared with what was typed count most, then the same unit and the same pillar.
    """
    own = ProposedWord.objects.filter(table=WordTable.INDICATORS).exclude(
        state__in=[WordState.REFUSED, WordState.WITHDRAWN]
    )
    names = {**{row.written: ("", row.pillar) for row in own}, **catalogue_names()}
    said = typed.strip().lower()
    weighed = [
        (rules.likeness(said, name.lower()) + 0.15 * (bool(unit) and unit == of) + 0.1 * (pillar == about), name)
        for name, (of, about) in names.items()
    ]
    weighed.sort(key=lambda row: (-row[0], row[1]))
    least = 0.3 if said else 0
    return [name for weight, name in weighed if weight >= least][:most]


# --- the installation's own words ---------------------------------------------------------------------------------


def own_words(*, on: date) -> Additions:
    """Give the accepted words that a reading on a day uses beside the lexicon."""
    return Additions.from_csv(own_word_tables(on=on))


def own_word_tables(*, on: date) -> dict[str, str]:
    """Give the accepted words of a day as CSV, by table: what ``heqing read --words`` reads."""
    held = Q(valid_from__lte=on) & (Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on))
    rows = list(ProposedWord.objects.filter(held, table__in=list(ADDED_TABLES)).order_by("valid_from", "pk"))
    tables = {}
    for table, columns in ADDED_TABLES.items():
        with_pillar = ("pillar",) if table == WordTable.SYNONYMS else ()
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\n")
        out.writerow((*columns, *with_pillar, "since"))
        for row in rows:
            if row.table == table:
                told = (row.written, row.meaning, row.pillar)[: len(columns) + len(with_pillar)]
                out.writerow((*told, row.valid_from))
        tables[table] = text.getvalue()
    return tables


def proposed_words(*, table: str = "", state: str = "") -> QuerySet[ProposedWord]:
    """List own words: those that wait first, then the newest."""
    found = ProposedWord.objects.select_related("document", "finding", "proposed_by", "decided_by")
    if table:
        found = found.filter(table=table)
    if state:
        found = found.filter(state=state)
    return found.order_by("-times", "-proposed_at", "-pk")


def word_counts() -> dict[str, int]:
    """Count own words by state."""
    counted = ProposedWord.objects.values_list("state").annotate(Count("pk"))
    return dict(counted.order_by())
