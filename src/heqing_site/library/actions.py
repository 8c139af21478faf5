"""Every deed on documents and their findings.

Each action takes who does it (`by`) and when (`at`), checks the right at the unit that keeps the document, keeps the
rules, writes its audit entry in the same transaction and returns the row. It never reads the clock.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing import reading
from heqing.errors import BadFileError
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.library import rules, words
from heqing_site.library.models import Document, Finding, Measure, received_files, received_path
from heqing_site.library.queries import is_in_catalogue, own_words
from heqing_site.library.rules import (
    COMPARATOR_NAMES,
    MOVES,
    PILLAR_NAMES,
    STATE_NAMES,
    STRENGTH_NAMES,
    Deed,
    FindingKind,
    FindingState,
    WordTable,
)
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission

MEDIA_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
}
# A form that was turned into another, or recognised, is kept as received: what it is, its first bytes tell.
MEDIA_TYPES_BY_START = (
    (b"%PDF", "application/pdf"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Addition:
    """What became of an upload: the document, whether it is new, and pages that are pictures and were not read."""

    document: Document
    is_new: bool
    unread_pages: tuple[int, ...] = ()


# --- documents ----------------------------------------------------------------------------------------------------


def add_document(
    *,
    by: User,
    at: datetime,
    file_name: str,
    content: bytes,
    unit: Unit | None,
    title: str = "",
    is_invented: bool = False,
) -> Addition:
    """Take in a document (收存文件) as received, read it, and keep what was found as proposals.

    Needs the right 文件收存 at the unit that will keep it; without a unit, on the whole site. The same bytes are kept
    once: the document that has them is given back unchanged. Without a title the document's own is taken, or the name
    of the file.
    """
    require(by, Permission.DOCUMENT_ADD, unit, on=timezone.localdate(at))
    name = _tidy_name(file_name)
    if len(content) > settings.UPLOAD_LIMIT:
        raise RuleBrokenError("document.too_large", file=name, limit=settings.UPLOAD_LIMIT // MEGABYTE)
    sha256 = hashlib.sha256(content).hexdigest()
    known = Document.objects.filter(sha256=sha256).first()
    if known is not None:
        return Addition(known, is_new=False)
    received = _decode(content, name)
    found = reading.read(received, name, additions=own_words(on=timezone.localdate(at)))
    facts = found.meta
    document = Document(
        title=(title.strip() or facts.title or PurePath(name).stem)[:300],
        file_name=name,
        media_type=_media_type(content, received.form),
        sha256=sha256,
        text=received.text,
        issuer=(facts.issuer or "")[:120],
        region=(facts.region or "")[:80],
        date=_day(facts.date),
        doc_type=facts.doc_type or "",
        is_invented=is_invented,
        unit=unit,
        added_by=by,
        added_at=at,
        junk=[{"line": line.line, "start": line.start, "end": line.end} for line in found.junk],
        people=[{"name": person.name, "post": person.post} for person in facts.people],
    )
    try:
        with transaction.atomic():
            _keep_bytes(document, content)
            document.save(force_insert=True)
            _keep_findings(document, found)
            record(by=by.actor, at=at, action="library.add_document", subject=document, after=_document_facts(document))
    except IntegrityError:
        known = Document.objects.filter(sha256=sha256).first()  # somebody sent the same bytes at the same moment
        if known is None:
            raise
        return Addition(known, is_new=False)
    return Addition(document, is_new=True, unread_pages=received.unread_pages)


# --- findings -----------------------------------------------------------------------------------------------------


@transaction.atomic
def accept_finding(*, by: User, at: datetime, finding: Finding, seen: str | None = None) -> Finding:
    """Accept a finding (采纳) as the reading gave it.

    Needs the right 文件核对 at the unit that keeps the document. `seen` is the version that the officer had before
    their eyes; when it is given and somebody changed the finding since, nothing is done.
    """
    finding = _take_up(by, at, finding, Deed.ACCEPT, seen)
    _accept(finding, by, at, action="library.accept_finding")
    return finding


@dataclass(frozen=True)
class ManyAccepted:
    """What became of findings that were to be accepted together."""

    accepted: list[Finding]
    left_out: list[Finding]


@transaction.atomic
def accept_findings(*, by: User, at: datetime, document: Document, asked: Mapping[int, str]) -> ManyAccepted:
    """Accept many findings of a document (批量采纳), each as the reading gave it and as the officer saw it.

    Needs the right 文件核对 at the unit that keeps the document, for the matter of each. `asked` gives for the number
    of each finding the version that was before the officer's eyes. What somebody changed since is left out, and so is
    whatever has a gap, was inferred or came from the second reader: each of these is decided by itself.
    """
    on = timezone.localdate(at)
    findings = list(
        document.findings.select_for_update(of=("self",))
        .filter(number__in=list(asked))
        .select_related("measure", "decided_by")
        .order_by("start", "number")
    )
    for matter in sorted({finding.pillar for finding in findings}) or [""]:
        require(by, Permission.DOCUMENT_REVIEW, document.unit, on=on, matter=matter)
    done = ManyAccepted([], [])
    for finding in findings:
        fits = rules.can_be_in_bulk(state=finding.state, gap=finding.gap, why=finding.why)
        if not fits or finding.version != asked[finding.number]:
            done.left_out.append(finding)
            continue
        _accept(finding, by, at, action="library.accept_findings")
        done.accepted.append(finding)
    return done


@transaction.atomic
def correct_finding(
    *,
    by: User,
    at: datetime,
    finding: Finding,
    changes: Mapping[str, Any],
    because: str = "",
    seen: str | None = None,
) -> Finding:
    """Correct a finding (更正) and thereby accept it; what the reading gave stays beside it.

    Needs the right 文件核对 at the unit that keeps the document. `changes` names columns of ``rules.CORRECTABLE``, and
    `start` and `end` when other words of the text are cited. Another name for what the document names is proposed as
    its synonym, and a name outside the catalogue is kept as one of the installation's own.
    """
    finding = _take_up(by, at, finding, Deed.CORRECT, seen)
    if (pillar := changes.get("pillar", finding.pillar)) != finding.pillar:
        on = timezone.localdate(at)
        require(by, Permission.DOCUMENT_REVIEW, finding.document.unit, on=on, matter=str(pillar))
    before, standing = _finding_facts(finding), _standing(finding)
    indicator, gap = finding.indicator, finding.gap
    changed = False
    for name in (*rules.CORRECTABLE, *rules.PLACE):
        if name in changes and changes[name] != getattr(finding, name):
            setattr(finding, name, changes[name])
            changed = True
    if not changed:
        raise RuleBrokenError("finding.nothing_changed", number=finding.number)
    if (finding.start, finding.end) != (standing["start"], standing["end"]):
        _cite(finding, list(finding.document.measures.order_by("start")))
    _check_words(finding)
    finding.gap = rules.gap_after(
        finding.gap, value=finding.value, indicator_changed=bool(finding.indicator) and finding.indicator != indicator
    )
    finding.before = standing
    _decide(finding, FindingState.ACCEPTED, by, at)
    finding.save(update_fields=[*_RESTORED, "before"])
    _learn_names(finding, gap, by, at)
    record(
        by=by.actor,
        at=at,
        action="library.correct_finding",
        subject=finding,
        because=because,
        before=before,
        after=_finding_facts(finding),
    )
    return finding


@transaction.atomic
def reject_finding(*, by: User, at: datetime, finding: Finding, because: str, seen: str | None = None) -> Finding:
    """Reject a finding (不采纳) with a reason: it is no target, stands twice, or was misread.

    Needs the right 文件核对 at the unit that keeps the document. It stays on the page and in the record.
    """
    if not because.strip():
        raise RuleBrokenError("because.missing")
    finding = _take_up(by, at, finding, Deed.REJECT, seen)
    before, finding.before = _finding_facts(finding), _standing(finding)
    _decide(finding, FindingState.REJECTED, by, at, because.strip())
    finding.save(update_fields=["state", "decided_by", "decided_at", "because", "before"])
    record(
        by=by.actor,
        at=at,
        action="library.reject_finding",
        subject=finding,
        because=finding.because,
        before=before,
        after=_finding_facts(finding),
    )
    return finding


@transaction.atomic
def reopen_finding(*, by: User, at: datetime, finding: Finding, because: str = "", seen: str | None = None) -> Finding:
    """Reopen a decided finding (恢复待核); corrections stay, the decision is taken back.

    Needs the right 文件核对 at the unit that keeps the document.
    """
    finding = _take_up(by, at, finding, Deed.REOPEN, seen)
    before = _finding_facts(finding)
    finding.state = FindingState.PROPOSED
    finding.decided_by = finding.decided_at = finding.before = None
    finding.because = ""
    finding.save(update_fields=["state", "decided_by", "decided_at", "because", "before"])
    record(
        by=by.actor,
        at=at,
        action="library.reopen_finding",
        subject=finding,
        because=because,
        before=before,
        after=_finding_facts(finding),
    )
    return finding


@transaction.atomic
def undo_decisions(*, by: User, at: datetime, findings: Sequence[Finding]) -> list[Finding]:
    """Take one's own last decision back (撤销): each finding stands again as it stood before, corrections included.

    Needs the right 文件核对 at the unit that keeps the document. Many findings that were accepted together are taken
    back together. Only whoever decided last can do it: what a colleague decided is reopened, never undone. A finding
    added by hand is not deleted but rejected.
    """
    undone = []
    for given in findings:
        finding = (
            Finding.objects.select_for_update(of=("self",))
            .select_related("document__unit", "measure", "decided_by")
            .defer("document__text")
            .get(pk=given.pk)
        )
        on = timezone.localdate(at)
        require(by, Permission.DOCUMENT_REVIEW, finding.document.unit, on=on, matter=finding.pillar)
        if finding.before is None or finding.decided_by_id != by.pk:
            raise RuleBrokenError("finding.nothing_to_undo", number=finding.number)
        before = _finding_facts(finding)
        words.take_back(finding, by)
        _restore(finding, by, at)
        finding.save(update_fields=[*_RESTORED, "before"])
        after = _finding_facts(finding)
        record(by=by.actor, at=at, action="library.undo_decisions", subject=finding, before=before, after=after)
        undone.append(finding)
    return undone


@transaction.atomic
def add_finding_by_hand(
    *,
    by: User,
    at: datetime,
    document: Document,
    start: int,
    end: int,
    kind: str,
    comparator: str,
    pillar: str,
    indicator: str,
    value: Decimal | None = None,
    unit: str = "",
    period: str = "",
    baseline: str = "",
    strength: str = "",
    scope: str = "",
) -> Finding:
    """Add a finding (补录条目) that the reading missed, from the words between two places of the text; it is accepted.

    Needs the right 文件核对 at the unit that keeps the document.
    """
    require(by, Permission.DOCUMENT_REVIEW, document.unit, on=timezone.localdate(at), matter=pillar)
    document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    measures = list(document.measures.order_by("start"))
    others = list(document.findings.order_by("number"))
    finding = Finding(
        document=document,
        number=max((other.number for other in others), default=0) + 1,
        kind=kind,
        start=start,
        end=end,
        indicator=indicator,
        comparator=comparator,
        value=value,
        unit=unit,
        period=period,
        baseline=baseline,
        strength=strength,
        scope=scope,
        pillar=pillar,
        confidence=1,
    )
    _cite(finding, measures)
    _check_words(finding)
    for other in others:
        if (other.start, other.end) == (finding.start, finding.end) and all(
            getattr(other, name) == getattr(finding, name) for name in ("kind", "indicator", "comparator", "value")
        ):
            raise RuleBrokenError("finding.exists", number=other.number)
    finding.before = {}
    _decide(finding, FindingState.ACCEPTED, by, at)
    finding.save(force_insert=True)
    record(by=by.actor, at=at, action="library.add_finding_by_hand", subject=finding, after=_finding_facts(finding))
    _learn_names(finding, "", by, at)
    return finding


# --- what the actions have in common ------------------------------------------------------------------------------


def _take_up(by: User, at: datetime, finding: Finding, deed: Deed, seen: str | None) -> Finding:
    """Lock a finding, and refuse when the officer has no right or somebody else was faster."""
    finding = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("document__unit", "measure", "decided_by")
        .defer("document__text")
        .get(pk=finding.pk)
    )
    require(by, Permission.DOCUMENT_REVIEW, finding.document.unit, on=timezone.localdate(at), matter=finding.pillar)
    state = FindingState(finding.state)
    is_stale = seen is not None and seen != finding.version
    if finding.decided_at is not None and (is_stale or state not in MOVES[deed]):
        raise RuleBrokenError(
            "finding.already_decided",
            number=finding.number,
            who=finding.decided_by,
            moment=f"{timezone.localtime(finding.decided_at):%Y-%m-%d %H:%M}",
            state=STATE_NAMES[state],
            demand=finding.demand,
        )
    if is_stale or state not in MOVES[deed]:
        raise RuleBrokenError("finding.changed_meanwhile", number=finding.number, state=STATE_NAMES[state])
    return finding


def _decide(finding: Finding, state: FindingState, by: User, at: datetime, because: str = "") -> None:
    finding.state = state
    finding.decided_by = by
    finding.decided_at = at
    finding.because = because


def _accept(finding: Finding, by: User, at: datetime, *, action: str) -> None:
    before, finding.before = _finding_facts(finding), _standing(finding)
    _decide(finding, FindingState.ACCEPTED, by, at)
    finding.save(update_fields=["state", "decided_by", "decided_at", "because", "before"])
    record(
        by=by.actor,
        at=at,
        action=action,
        subject=finding,
        before=before,
        after=_finding_facts(finding),
    )


_RESTORED = [name.removesuffix("_id") for name in rules.STANDING]


def _standing(finding: Finding) -> dict[str, Any]:
    """Give what an undoing gives back, the decision before this one included."""
    standing = {name: getattr(finding, name) for name in rules.STANDING}
    value, moment = finding.value_plain or None, finding.decided_at
    return {**standing, "value": value, "decided_at": moment.isoformat() if moment else None, "before": finding.before}


def _restore(finding: Finding, by: User, at: datetime) -> None:
    """Put a finding back to where it stood before its last decision."""
    standing = finding.before
    finding.before = None
    if not standing:  # added by hand: there was nothing before
        _decide(finding, FindingState.REJECTED, by, at, "补录有误，已撤销")
        return
    for name in rules.STANDING:
        setattr(finding, name, standing[name])
    finding.value = None if standing["value"] is None else Decimal(standing["value"])
    finding.decided_at = datetime.fromisoformat(standing["decided_at"]) if standing["decided_at"] else None
    finding.before = standing["before"]


def _cite(finding: Finding, measures: list[Measure]) -> None:
    """Take over the words between the two places of a finding, without blanks at their ends, and its measure."""
    text, start, end = finding.document.text, finding.start, finding.end
    quote = text[start:end] if 0 <= start < end <= len(text) else ""
    if not quote.strip():
        raise RuleBrokenError("finding.no_words")
    if len(quote) > rules.LONGEST_QUOTE:
        raise RuleBrokenError("finding.too_many_words", count=len(quote), limit=rules.LONGEST_QUOTE)
    finding.start = start + len(quote) - len(quote.lstrip())
    finding.end = end - (len(quote) - len(quote.rstrip()))
    finding.quote = text[finding.start : finding.end]
    finding.measure = _measure_before(finding.start, measures)


def _learn_names(finding: Finding, gap: str, by: User, at: datetime) -> None:
    """Keep what a correction teaches: another name for what the document names, and a name outside the catalogue."""
    read, name = (finding.as_read or {}).get("indicator"), finding.indicator
    pillar_read = (finding.as_read or {}).get("pillar") or finding.pillar
    pillar_read = rules.MATTER_OF_PILLAR.get(pillar_read, pillar_read)
    if rules.teaches_a_name(read=read, gap=gap, name=name):
        words.note(
            by,
            at,
            table=WordTable.SYNONYMS,
            written=str(read),
            meaning=name,
            pillar="" if pillar_read == finding.pillar else finding.pillar,
            finding=finding,
        )
    if read != name and not is_in_catalogue(name):
        words.note(by, at, table=WordTable.INDICATORS, written=name, pillar=finding.pillar, finding=finding)


def _check_words(finding: Finding) -> None:
    """Refuse words that are in no list, and a number where none can stand or none where one must."""
    if (
        finding.kind not in set(FindingKind)
        or finding.comparator not in COMPARATOR_NAMES
        or finding.pillar not in PILLAR_NAMES
        or finding.strength not in {"", *STRENGTH_NAMES}
    ):
        raise RuleBrokenError("finding.unknown_word")
    if not finding.indicator:
        raise RuleBrokenError("finding.indicator_missing")
    if finding.comparator == "complete":
        if finding.value is not None:
            raise RuleBrokenError("finding.number_out_of_place", demand=COMPARATOR_NAMES["complete"])
    elif finding.value is None and finding.value_text is None:
        raise RuleBrokenError("finding.number_missing", demand=COMPARATOR_NAMES[finding.comparator])
    if finding.value is not None and not rules.can_be_kept(finding.value):
        raise RuleBrokenError("finding.number_too_long", digits=rules.EXACT_DIGITS, places=rules.VALUE_PLACES)


def _tidy_name(file_name: str) -> str:
    """Keep the last part of a name, without signs that no name has."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    if len(shown) > 200:
        ending = PurePath(shown).suffix[:10]
        shown = shown[: 200 - len(ending)] + ending
    return shown or "未命名.txt"


def _decode(content: bytes, name: str) -> reading.ReceivedText:
    """Decode the bytes, or say in the officer's words what is wrong with the file and what to do."""
    try:
        received = reading.decode(content, name, outside=settings.OUTSIDE_PROGRAMS)
    except BadFileError as error:
        raise _refusal(error.code, name) from error
    if "\x00" in received.text:
        raise RuleBrokenError("document.unreadable", file=name)
    return received


def _refusal(code: str, name: str) -> RuleBrokenError:
    """Say a kind of trouble that the reading room tells apart in the officer's words."""
    match code:
        case "empty":
            return RuleBrokenError("document.empty", file=name)
        case "scan":
            return RuleBrokenError("document.is_scan", file=name)
        case "picture":
            return RuleBrokenError("document.is_picture", file=name)
        case "locked":
            return RuleBrokenError("document.is_locked", file=name)
        case "old_office":
            return RuleBrokenError("document.is_old_office", file=name)
        case "archive":
            return RuleBrokenError("document.is_archive", file=name)
        case "too_large":
            return RuleBrokenError("document.too_large_unpacked", file=name)
        case "outside":
            return RuleBrokenError("document.not_converted", file=name)
        case _:
            return RuleBrokenError("document.unreadable", file=name)


def _media_type(content: bytes, form: str) -> str:
    by_start = (kind for start, kind in MEDIA_TYPES_BY_START if content.startswith(start))
    return next(by_start, MEDIA_TYPES.get(form, "application/octet-stream"))


def _keep_bytes(document: Document, content: bytes) -> None:
    """Write the file as received; bytes that are there from a broken attempt are written anew."""
    place = received_files()
    path = received_path(document, document.file_name)
    place.delete(path)
    document.received.name = place.save(path, ContentFile(content))


def _keep_findings(document: Document, found: reading.Reading) -> None:
    measures = Measure.objects.bulk_create(
        Measure(
            document=document,
            number=number,
            level=measure.level,
            title=measure.title,
            responsible=list(measure.responsible),
            start=measure.start,
            end=measure.end,
        )
        for number, measure in enumerate(sorted(found.measures, key=lambda measure: measure.start), start=1)
        if measure.start < measure.end
    )
    Finding.objects.bulk_create(
        _proposal(document, number, finding, _measure_of(finding, measures))
        for number, finding in enumerate(sorted(found.findings, key=lambda row: (row.start, row.end)), start=1)
    )


def _proposal(document: Document, number: int, finding: reading.Finding, measure: Measure | None) -> Finding:
    value = finding.value if finding.value is not None and rules.can_be_kept(finding.value) else None
    as_read = reading.to_record(finding)
    as_read["value"] = None if finding.value is None else str(finding.value)
    return Finding(
        document=document,
        number=number,
        kind=finding.kind,
        quote=finding.quote,
        start=finding.start,
        end=finding.end,
        indicator=finding.indicator or "",
        comparator=finding.comparator,
        value=value,
        value_text=finding.value_text,
        unit=(finding.unit or "")[:60],
        period=(finding.period or "")[:60],
        baseline=finding.baseline or "",
        strength=finding.strength or "",
        scope=finding.scope or "",
        pillar=rules.MATTER_OF_PILLAR.get(finding.pillar, finding.pillar),
        gap=finding.gap or "",
        confidence=finding.confidence,
        measure=measure,
        as_read=as_read,
        why=list(finding.why),
    )


def _measure_of(finding: reading.Finding, measures: list[Measure]) -> Measure | None:
    """Give the measure that a finding hangs on: the one the reading names, else the last that begins before it."""
    if finding.under is not None:
        named = [measure for measure in measures if measure.start == finding.under]
        if named:
            return named[-1]
    return _measure_before(finding.start, measures)


def _measure_before(start: int, measures: list[Measure]) -> Measure | None:
    """Give the last measure that begins at or before a place."""
    count = bisect_right([measure.start for measure in measures], start)
    return measures[count - 1] if count else None


def _day(stated: str | None) -> date | None:
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError:
        return None  # a document can state 30 February


def _document_facts(document: Document) -> dict[str, object]:
    return {
        "title": document.title,
        "file_name": document.file_name,
        "sha256": document.sha256,
        "unit": str(document.unit) if document.unit else None,
        "is_invented": document.is_invented,
        "findings": document.findings.count(),
    }


def _finding_facts(finding: Finding) -> dict[str, object]:
    facts = {name: getattr(finding, name) for name in (*rules.CORRECTABLE, "gap", "state", "because")}
    facts["value"] = finding.value_plain or None
    facts["place"] = f"{finding.start}-{finding.end}"
    return {"quote": finding.quote[:200], **facts}
