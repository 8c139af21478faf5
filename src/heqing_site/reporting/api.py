"""Routes of reported values (填报) for programs: what is owed, what was reported, entering and checking.

A period is named by its key: 2026-03, 2026-Q1, 2026, or both days of a span (2026-01-01至2026-12-31).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import File, Path, Query, Router, Schema, UploadedFile
from pydantic import Field

from heqing_site.envelope import (
    READ_REFUSALS,
    WRITE_REFUSALS,
    Day,
    Key,
    Number,
    Page,
    Paging,
    Refusal,
    UnitRef,
    Version,
    exact,
    paged,
    sender,
)
from heqing_site.envelope import Typed as Sent
from heqing_site.ledger.api import target_or_404
from heqing_site.ledger.models import Target
from heqing_site.library import evidence
from heqing_site.orgs.api import ref, unit_or_404
from heqing_site.orgs.queries import ids_below
from heqing_site.reporting import actions, queries, rules
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import Report, ReportEntry
from heqing_site.reporting.queries import AcceptedValue, OwedRow
from heqing_site.reporting.rules import Kind, Owing, Period

router = Router(tags=["reports 填报"])


class PeriodOut(Schema):
    """A period (期)."""

    key: str
    first: date
    last: date


class EvidenceOut(Schema):
    """A file of evidence (佐证)."""

    file_name: str
    media_type: str
    size: int
    sha256: str


class EntryOut(Schema):
    """A version of a report (填报版本); `version` is what the next deed names as `seen`."""

    report: int
    version: int
    target: int
    period: PeriodOut
    deed: str
    state: str
    unit: UnitRef
    value: str | None
    done: bool | None
    value_date: date | None
    note: str
    entered_by: str
    entered_at: datetime
    submitted_at: datetime | None
    checked_by: str | None
    checked_unit: UnitRef | None
    checked_at: datetime | None
    because: str
    evidence: list[EvidenceOut]
    is_invented: bool


class OwedOut(Schema):
    """One period of one target that a unit owes; `seen` is the version that stands, 0 for none."""

    target: int
    title: str
    unit_of_value: str
    lead_unit: UnitRef
    period: PeriodOut
    due: date
    owing: Owing
    owing_name: str
    is_deed: bool
    is_closed: bool
    is_editable: bool
    seen: int
    state: str | None
    value: str | None
    done: bool | None
    accepted_value: str | None
    accepted_done: bool | None
    is_invented: bool


class AcceptedOut(Schema):
    """A value that counts (已审核数值) for one period."""

    target: int
    period: PeriodOut
    value: str | None
    done: bool | None
    value_date: date
    report: int
    version: int
    unit: UnitRef
    checked_unit: UnitRef | None
    recorded_at: datetime
    is_invented: bool


class ValueIn(Sent):
    """A number, or yes or no for a deed, the day up to which it counts, and a note."""

    value: Number | None = None
    done: bool | None = Field(None, strict=True)
    value_date: Day | None = None
    note: str = Field("", max_length=2000)
    seen: Version | None = Field(None, description="`version` as last read, 0 for none; stale is refused with 409")


class CorrectIn(ValueIn):
    """Another value for what was accepted, with the reason."""

    because: str = Field(max_length=200)


class SubmitIn(Sent):
    """A value to submit; without any of its columns, the draft that stands."""

    value: Number | None = None
    done: bool | None = Field(None, strict=True)
    value_date: Day | None = None
    note: str = Field("", max_length=2000)
    seen: Version | None = None


class ReportSeenIn(Sent):
    """A deed on the version as last read."""

    seen: Version | None = None


class ReturnIn(ReportSeenIn):
    """Why a value is returned."""

    because: str = Field(max_length=400)


@router.get("/reports/owed", response={200: Page[OwedOut], READ_REFUSALS: Refusal}, summary="What is owed 应报")
def owed(
    request: HttpRequest, paging: Query[Paging], month: str = "", unit: str = "", as_of: Day | None = None
) -> dict[str, Any]:
    """List what units owe for a month (2026-03; by default the last that ended); `unit` means all below it too."""
    day = as_of or timezone.localdate()
    asked = rules.parse_key(month) if month else queries.month_to_report(day)
    if asked is None or asked.kind is not Kind.MONTH or asked.first.year < 1900:
        raise Http404("month")
    named = unit_or_404(unit)
    units = ids_below([named.pk]) if named is not None else _all_owing(day)
    rows = queries.owed(month=asked, as_of=day, units=units)
    rows.sort(key=lambda row: (row.target.number, row.period.last))
    return paged(request, rows, paging, lambda found: [_owed(row) for row in found])


@router.get(
    "/reports/accepted", response={200: Page[AcceptedOut], READ_REFUSALS: Refusal}, summary="Values that count 已审核"
)
def accepted(
    request: HttpRequest, paging: Query[Paging], target: Key | None = None, unit: str = "", as_of: Day | None = None
) -> dict[str, Any]:
    """List the accepted values that counted on a day, by target and period."""
    day = as_of or timezone.localdate()
    under = unit_or_404(unit)
    known = queries.reported_targets(
        unit_ids=None if under is None else ids_below([under.pk]),
        number=None if target is None else target_or_404(target).number,
    )
    found = queries.accepted_by_target(known, as_of=day)
    rows = [(named, value) for key, named in known.items() for value in found.get(key, [])]
    return paged(request, rows, paging, lambda page: [_accepted(named, value) for named, value in page])


@router.get(
    "/reports/waiting", response={200: Page[EntryOut], READ_REFUSALS: Refusal}, summary="Waiting for check 待审核"
)
def waiting(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """List what waits for the person of the token to check."""
    found = queries.waiting(sender(request), on=timezone.localdate())
    shown = found.select_related(
        "report__target__document", "unit", "entered_by", "checked_by", "checked_unit"
    ).prefetch_related("evidence")
    return paged(request, shown, paging, lambda rows: [_entry(row) for row in rows])


@router.get(
    "/targets/{number}/reports", response={200: Page[EntryOut], READ_REFUSALS: Refusal}, summary="Versions 填报历史"
)
def of_target(request: HttpRequest, number: Path[Key], paging: Query[Paging]) -> dict[str, Any]:
    """List everything ever reported for a target: newest period first, newest version first."""
    rows = [entry for told in queries.told(target_or_404(number)) for entry in told.versions]
    return paged(request, rows, paging, lambda found: [_entry(row) for row in found])


@router.post(
    "/targets/{number}/reports/{period}/draft",
    response={200: EntryOut, WRITE_REFUSALS: Refusal},
    summary="Save a draft 保存草稿",
)
def save(request: HttpRequest, number: Path[Key], period: str, said: ValueIn) -> dict[str, Any]:
    """Save what was typed; nobody checks it yet. The same once more adds no version."""
    target, asked = target_or_404(number), _period(period)
    entry = actions.save_draft(
        by=sender(request), at=timezone.now(), target=target, period=asked, typed=_typed(said), seen=said.seen
    )
    return _fresh(entry)


@router.post(
    "/targets/{number}/reports/{period}/evidence",
    response={200: EntryOut, WRITE_REFUSALS: Refusal},
    summary="Add evidence 附佐证",
)
def add_evidence(request: HttpRequest, number: Path[Key], period: str, files: File[list[UploadedFile]]) -> Any:
    """Add files of evidence to the draft that stands, or begin one with them."""
    target, asked = target_or_404(number), _period(period)
    before = queries.newest_of(target, asked)
    kept = [evidence.File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in files]
    typed = (
        Typed(files=kept) if before is None else Typed(before.value, before.done, before.value_date, before.note, kept)
    )
    entry = actions.save_draft(
        by=sender(request),
        at=timezone.now(),
        target=target,
        period=asked,
        typed=typed,
        seen=0 if before is None else before.number,
    )
    return _fresh(entry)


@router.post(
    "/targets/{number}/reports/{period}/submit",
    response={200: EntryOut, WRITE_REFUSALS: Refusal},
    summary="Submit 提交审核",
)
def submit(request: HttpRequest, number: Path[Key], period: str, said: SubmitIn) -> dict[str, Any]:
    """Submit a value to the checkers: what is sent, or the draft that stands when nothing but `seen` is."""
    target, asked = target_or_404(number), _period(period)
    typed = _typed(said) if said.model_fields_set - {"seen"} else None
    entry = actions.submit(
        by=sender(request), at=timezone.now(), target=target, period=asked, typed=typed, seen=said.seen
    )
    return _fresh(entry)


@router.post(
    "/targets/{number}/reports/{period}/withdraw",
    response={200: EntryOut, WRITE_REFUSALS: Refusal},
    summary="Take back 撤回",
)
def withdraw(request: HttpRequest, number: Path[Key], period: str, said: ReportSeenIn) -> dict[str, Any]:
    """Take back what was submitted and not yet decided."""
    target, asked = target_or_404(number), _period(period)
    entry = actions.withdraw_entry(by=sender(request), at=timezone.now(), target=target, period=asked, seen=said.seen)
    return _fresh(entry)


@router.post(
    "/targets/{number}/reports/{period}/correct",
    response={200: EntryOut, WRITE_REFUSALS: Refusal},
    summary="Correct 更正",
)
def correct(request: HttpRequest, number: Path[Key], period: str, said: CorrectIn) -> dict[str, Any]:
    """Correct a value that was accepted; it counts until the new one is accepted."""
    target, asked = target_or_404(number), _period(period)
    entry = actions.correct_accepted(
        by=sender(request),
        at=timezone.now(),
        target=target,
        period=asked,
        typed=_typed(said),
        because=said.because,
        seen=said.seen,
    )
    return _fresh(entry)


@router.post("/reports/{key}/accept", response={200: EntryOut, WRITE_REFUSALS: Refusal}, summary="Accept 审核通过")
def accept(request: HttpRequest, key: Path[Key], said: ReportSeenIn) -> dict[str, Any]:
    """Accept a submitted value; from then on it counts."""
    entry = actions.accept_entry(by=sender(request), at=timezone.now(), report=_report(key), seen=said.seen)
    return _fresh(entry)


@router.post("/reports/{key}/return", response={200: EntryOut, WRITE_REFUSALS: Refusal}, summary="Return 退回")
def give_back(request: HttpRequest, key: Path[Key], said: ReturnIn) -> dict[str, Any]:
    """Return a submitted value to its unit with the reason."""
    entry = actions.return_entry(
        by=sender(request), at=timezone.now(), report=_report(key), because=said.because, seen=said.seen
    )
    return _fresh(entry)


def _typed(said: ValueIn | SubmitIn) -> Typed:
    return Typed(said.value, said.done, said.value_date, said.note)


def _period(written: str) -> Period:
    found = rules.parse_key(written)
    if found is None or found.first.year < 1900:
        raise Http404("period")
    return found


def _report(key: int) -> Report:
    found = queries.report_with(key)
    if found is None:
        raise Http404("report")
    return found


def _all_owing(day: date) -> set[int]:
    return set(queries.owing_terms(as_of=day).order_by().values_list("lead_unit_id", flat=True))


def _told_period(period: Period) -> dict[str, Any]:
    return {"key": period.key, "first": period.first, "last": period.last}


def _owed(row: OwedRow) -> dict[str, Any]:
    return {
        "target": row.target.number,
        "title": row.terms.title,
        "unit_of_value": row.terms.unit,
        "lead_unit": ref(row.terms.lead_unit),
        "period": _told_period(row.period),
        "due": row.due,
        "owing": row.owing,
        "owing_name": row.owing_name,
        "is_deed": row.is_deed,
        "is_closed": row.is_closed,
        "is_editable": row.is_editable,
        "seen": row.seen,
        "state": row.entry.state if row.entry else None,
        "value": exact(row.entry.value) if row.entry else None,
        "done": row.entry.done if row.entry else None,
        "accepted_value": exact(row.accepted.value) if row.accepted else None,
        "accepted_done": row.accepted.done if row.accepted else None,
        "is_invented": row.target.document is not None and row.target.document.is_invented,
    }


def _accepted(named: tuple[int, bool], value: AcceptedValue) -> dict[str, Any]:
    number, is_invented = named
    return {
        "target": number,
        "period": _told_period(value.period),
        "value": exact(value.value),
        "done": value.done,
        "value_date": value.value_date,
        "report": value.entry.report_id,
        "version": value.entry.number,
        "unit": ref(value.entry.unit),
        "checked_unit": ref(value.entry.checked_unit),
        "recorded_at": value.entry.recorded_at,
        "is_invented": is_invented,
    }


def _fresh(entry: ReportEntry) -> dict[str, Any]:
    return _entry(queries.entry_with(entry.pk))


def _entry(entry: ReportEntry) -> dict[str, Any]:
    target: Target = entry.report.target
    same = (
        "deed", "state", "done", "value_date", "note", "entered_at", "submitted_at", "checked_at", "because",
    )  # fmt: skip
    return {
        **{name: getattr(entry, name) for name in same},
        "report": entry.report_id,
        "version": entry.number,
        "target": target.number,
        "period": _told_period(entry.report.period),
        "unit": ref(entry.unit),
        "value": exact(entry.value),
        "entered_by": entry.entered_by.display_name,
        "checked_by": entry.checked_by.display_name if entry.checked_by else None,
        "checked_unit": ref(entry.checked_unit),
        "evidence": [
            {"file_name": file.file_name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256}
            for file in entry.evidence.all()
        ],
        "is_invented": target.document is not None and target.document.is_invented,
    }
