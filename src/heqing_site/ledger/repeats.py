"""Which findings of a document repeat a target that stands, and which results report on one. Nothing here writes.

Names are paired by `heqing.reading.against`; here stand the borders of a place: a document of another district repeats
nothing, and a part handed down is repeated only by words that name its unit. What comes of a pair is decided by an
officer: see ``ledger.restating``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet

from heqing.reading.against import reported, restated
from heqing.reading.findings import FINDING_SCHEMA
from heqing.reading.likeness import words
from heqing_site.ledger import rules
from heqing_site.ledger.models import Restatement, Target, TargetTerms
from heqing_site.ledger.queries import left_to_adopt, terms_as_of
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import FindingKind, FindingState, plain

CONFIRMS = "same"
_COLUMNS = (
    "kind", "quote", "indicator", "comparator", "value", "value_text", "unit", "period", "baseline", "strength",
    "scope", "pillar", "start", "end", "confidence", "gap",
)  # fmt: skip
_SCHEMA = {"doc": pl.String, **{name: FINDING_SCHEMA[name] for name in _COLUMNS}}


@dataclass(frozen=True)
class Paired:
    """A finding beside the target that it repeats or reports on, and how far the two agree."""

    finding: Finding
    terms: TargetTerms
    outcome: str
    why: tuple[str, ...]
    difference: Decimal | None
    confidence: float

    @property
    def target(self) -> Target:
        """The target."""
        return self.terms.target

    @property
    def is_confirmation(self) -> bool:
        """Whether the finding says the same as the target: the same number, or the same deed."""
        return self.outcome == CONFIRMS

    @property
    def outcome_name(self) -> str:
        """What became of it, in words."""
        return said("outcomes")[self.outcome]

    @property
    def reasons(self) -> str:
        """Why, in words."""
        return "；".join(said("reasons")[code] for code in self.why)

    @property
    def difference_plain(self) -> str:
        """How far the result goes beyond the target, or falls short of it; empty when it cannot be told."""
        if self.difference is None or self.difference == 0:
            return ""
        return ("+" if self.difference > 0 else "−") + plain(abs(self.difference))


@cache
def said(table: str) -> dict[str, str]:
    """Give the Chinese words of the outcomes or reasons of pairs by their codes."""
    return {row["code"]: row["zh"] for row in words(table)}


def repeats_of(document: Document, *, as_of: date, findings: Iterable[Finding] | None = None) -> dict[int, Paired]:
    """Give the findings left to adopt that repeat a target of another document or one entered by hand, by their key."""
    left = list(findings) if findings is not None else left_to_adopt(document)
    found: dict[int, Paired] = {}
    for group, terms in _in_groups(document, left, as_of):
        pairs = restated(_frame(_of_finding(one) for one in group), _frame(_of_terms(row) for row in terms))
        found.update((pair.finding.pk, pair) for pair in _paired(pairs, group, terms))
    return found


def reports_of(document: Document, *, as_of: date) -> list[Paired]:
    """List the results of a document beside the targets that they report on, in the order of its text."""
    results = list(
        document.findings.filter(kind=FindingKind.ACHIEVEMENT).exclude(state=FindingState.REJECTED).order_by("start")
    )
    found = []
    for group, terms in _in_groups(document, results, as_of):
        pairs = reported(_frame(_of_finding(one) for one in group), _frame(_of_terms(row) for row in terms))
        found += _paired(pairs, group, terms)
    return sorted(found, key=lambda pair: (pair.finding.start, pair.finding.number))


def reports_on(terms: TargetTerms) -> list[Paired]:
    """List the reviewed results of all documents that report on one target, the newest document first."""
    if terms.period_start is None:
        return []
    years = range(terms.period_start.year, (terms.period_end or terms.period_start).year + 1)
    of_these_years = Q(period="")
    for year in years:
        of_these_years |= Q(period__contains=str(year))
    results = (
        Finding.objects.filter(of_these_years, kind=FindingKind.ACHIEVEMENT, state=FindingState.ACCEPTED)
        .filter(pillar__in=(terms.pillar, "other"))
        .select_related("document")
        .defer("document__text", "document__junk", "document__people")
    )
    by_document: dict[int, list[Finding]] = {}
    for result in results:
        by_document.setdefault(result.document_id, []).append(result)
    found = []
    for group in by_document.values():
        if not _is_of_place(terms, group[0].document):
            continue
        fitting = [one for one in group if _may_speak_of(one, terms)]
        pairs = reported(_frame(_of_finding(one) for one in fitting), _frame([_of_terms(terms)]))
        found += _paired(pairs, fitting, [terms])
    newest = date.min
    return sorted(
        found, key=lambda pair: (pair.finding.document.date or newest, pair.finding.document_id), reverse=True
    )


def restatements_of(target: Target) -> QuerySet[Restatement]:
    """List what officers decided of findings that repeat a target, oldest first."""
    return (
        Restatement.objects.filter(target=target)
        .select_related("finding__document", "finding__target", "terms")
        .defer("finding__document__text", "finding__document__junk", "finding__document__people")
        .order_by("pk")
    )


def settled_of(document: Document) -> QuerySet[Restatement]:
    """List what officers decided of the findings of a document that repeat a target, in the order of its text."""
    found = Restatement.objects.filter(finding__document=document).select_related("finding", "target", "terms")
    return found.order_by("finding__start", "finding__number")


# --- borders of a place -------------------------------------------------------------------------------------------


def _in_groups(
    document: Document, findings: list[Finding], as_of: date
) -> Iterable[tuple[list[Finding], list[TargetTerms]]]:
    """Give findings with the targets that they may speak of: whole targets, or for words with a scope parts too."""
    if not findings:
        return
    standing = (
        terms_as_of(as_of)
        .exclude(target__document=document)
        .select_related("target__document", "lead_unit", "scope_unit")
        .defer("target__document__text", "target__document__junk", "target__document__people")
        .order_by("target__number")
    )
    terms = [row for row in standing if _is_of_place(row, document)]
    for has_scope in (False, True):
        group = [one for one in findings if bool(one.scope) is has_scope]
        fitting = [row for row in terms if has_scope or not _is_part(row)]
        if group and fitting:
            yield group, fitting


def _is_of_place(terms: TargetTerms, document: Document) -> bool:
    """Tell whether a target may belong to the place of a document; what is not known forbids nothing."""
    origin = terms.target.document
    if origin is None:
        return True
    names = [rules.region_name(one.region, one.issuer) for one in (origin, document)]
    return len(set(names)) == 1 or rules.region_name("", "") in names


def _is_part(terms: TargetTerms) -> bool:
    return terms.parent_id is not None or terms.scope_unit_id is not None


def _unit_of(terms: TargetTerms) -> str:
    """Name the unit to which a target is limited; empty for the whole place."""
    if terms.scope_unit is not None:
        return terms.scope_unit.name
    return terms.lead_unit.name if terms.parent_id is not None else ""


def _may_speak_of(finding: Finding, terms: TargetTerms) -> bool:
    return not _is_part(terms) or _unit_of(terms) in finding.scope


# --- frames -------------------------------------------------------------------------------------------------------


def _frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=_SCHEMA)


def _of_finding(finding: Finding) -> dict[str, Any]:
    row = {name: getattr(finding, name) for name in _COLUMNS}
    blanks = ("unit", "period", "baseline", "scope", "gap")
    return {**row, "doc": str(finding.pk), **{name: row[name] or None for name in blanks}}


def _of_terms(terms: TargetTerms) -> dict[str, Any]:
    return {
        "doc": str(terms.pk),
        "kind": FindingKind.TARGET.value,
        "quote": terms.quote or terms.title,
        "indicator": terms.title,
        "comparator": terms.comparator,
        "value": terms.bound,
        "value_text": terms.bound_text or None,
        "unit": terms.unit or None,
        "period": _period(terms) or None,
        "baseline": terms.baseline or None,
        "strength": terms.strength,
        "scope": terms.scope_text or _unit_of(terms) or None,
        "pillar": terms.pillar,
        "start": 0,
        "end": 0,
        "confidence": 1.0,
        "gap": terms.gap or None,
    }


def _period(terms: TargetTerms) -> str:
    """Write whole years as findings do: 2026, 2021-2025, 2018-; other periods stay as they were written."""
    first, last = terms.period_start, terms.period_end
    if first is None or (first.month, first.day) != (1, 1):
        return terms.period_text
    if last is None:
        return f"{first.year}-"
    if (last.month, last.day) != (12, 31):
        return terms.period_text
    return str(first.year) if first.year == last.year else f"{first.year}-{last.year}"


def _paired(pairs: pl.DataFrame, findings: list[Finding], terms: list[TargetTerms]) -> list[Paired]:
    """Turn the rows of a pairing back into findings and terms that may be paired at all."""
    by_finding = {str(one.pk): one for one in findings}
    by_terms = {str(row.pk): row for row in terms}
    found = []
    for row in pairs.iter_rows(named=True):
        finding, standing = by_finding[row["said_doc"]], by_terms[row["promise_doc"]]
        if _may_speak_of(finding, standing):
            found.append(
                Paired(finding, standing, row["outcome"], tuple(row["why"]), row["difference"], row["confidence"])
            )
    return found
