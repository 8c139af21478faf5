"""Every deed on reported values.

Each action takes who does it (`by`) and when (`at`), checks the right at the unit that owes the value, keeps the rules,
writes its audit entry in the same transaction and returns the row. It never reads the clock. A version is never
changed: each deed adds one that is whole in itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.library.rules import can_be_kept
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, require
from heqing_site.orgs.rules import Permission
from heqing_site.reporting import queries, rules
from heqing_site.reporting.models import Closing, Evidence, Report, ReportEntry, evidence_path
from heqing_site.reporting.rules import LEADS_TO, MOVES, STATE_NAMES, Deed, Kind, Period, State

LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Typed:
    """What an officer typed for one period: a number, or 是/否 for a deed, its day, a note, and files."""

    value: Decimal | None = None
    done: bool | None = None
    value_date: date | None = None
    note: str = ""
    files: Sequence[File] = field(default_factory=tuple)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed but perhaps the day, which a page fills in by itself."""
        return self.value is None and self.done is None and not self.note.strip() and not self.files


# --- entering -----------------------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    *, by: User, at: datetime, target: Target, period: Period, typed: Typed, seen: int | None = None
) -> ReportEntry:
    """Save what was typed (保存草稿); nobody checks it yet.

    Needs the right 数据填报 at the lead unit. `seen` is the version that the officer had before their eyes, 0 for none;
    when somebody entered another since, nothing is done. So with the deeds below. Saving what stands there already adds
    no version.
    """
    desk = _take_up(by, at, target, period, Deed.SAVE, seen)
    if desk.before is not None and desk.before.state == State.DRAFT and _is_same(desk.before, typed):
        return desk.before
    entry = _enter(desk, by, at, Deed.SAVE, typed)
    record(
        by=by.actor,
        at=at,
        action="reporting.save_draft",
        subject=entry,
        before=_facts(desk.before),
        after=_facts(entry),
    )
    return entry


@transaction.atomic
def submit(
    *, by: User, at: datetime, target: Target, period: Period, typed: Typed | None = None, seen: int | None = None
) -> ReportEntry:
    """Submit a value to the checkers (提交审核): what is typed, or the draft that stands.

    Needs the right 数据填报 at the lead unit. A number or 是/否 and its day are there; a deed
    that is done has evidence.
    """
    desk = _take_up(by, at, target, period, Deed.SUBMIT, seen)
    typed = typed or _typed_before(desk.before)
    _check_whole(desk, typed)
    entry = _enter(desk, by, at, Deed.SUBMIT, typed)
    record(
        by=by.actor, at=at, action="reporting.submit", subject=entry, before=_facts(desk.before), after=_facts(entry)
    )
    return entry


@transaction.atomic
def withdraw_entry(*, by: User, at: datetime, target: Target, period: Period, seen: int | None = None) -> ReportEntry:
    """Take back what was submitted and not yet decided (撤回).

    Needs the right 数据填报 at the lead unit.
    """
    desk = _take_up(by, at, target, period, Deed.WITHDRAW, seen)
    entry = _enter(desk, by, at, Deed.WITHDRAW, _typed_before(desk.before))
    record(by=by.actor, at=at, action="reporting.withdraw_entry", subject=entry, after=_facts(entry))
    return entry


@transaction.atomic
def correct_accepted(
    *,
    by: User,
    at: datetime,
    target: Target,
    period: Period,
    typed: Typed,
    because: str,
    seen: int | None = None,
) -> ReportEntry:
    """Correct a value that was accepted (更正): a new version goes to the checkers, with the reason.

    Needs the right 数据填报 at the lead unit. The accepted version stays, and counts until the new one is accepted.
    """
    _check_reason(because)
    desk = _take_up(by, at, target, period, Deed.CORRECT, seen)
    _check_whole(desk, typed)
    if desk.before is not None and _is_same(desk.before, typed):
        raise RuleBrokenError("report.nothing_changed")
    entry = _enter(desk, by, at, Deed.CORRECT, typed, because)
    record(
        by=by.actor,
        at=at,
        action="reporting.correct_accepted",
        subject=entry,
        because=because,
        before=_facts(desk.before),
        after=_facts(entry),
    )
    return entry


# --- checking -----------------------------------------------------------------------------------------------------


@transaction.atomic
def accept_entry(*, by: User, at: datetime, report: Report, seen: int | None = None) -> ReportEntry:
    """Accept a submitted value (审核通过); from then on it counts.

    Needs the right 填报审核 at the unit that owes it, and an account of another unit than that, and than whoever
    entered it.
    """
    entry = _decide(by, at, report, Deed.ACCEPT, "", seen)
    record(by=by.actor, at=at, action="reporting.accept_entry", subject=entry, after=_facts(entry))
    return entry


@transaction.atomic
def return_entry(*, by: User, at: datetime, report: Report, because: str, seen: int | None = None) -> ReportEntry:
    """Return a submitted value to its unit with the reason (退回).

    Needs what accepting needs.
    """
    _check_reason(because)
    entry = _decide(by, at, report, Deed.RETURN, because.strip(), seen)
    record(by=by.actor, at=at, action="reporting.return_entry", subject=entry, because=because, after=_facts(entry))
    return entry


# --- closing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def close_period(*, by: User, at: datetime, unit: Unit, month: Period, because: str = "") -> Closing:
    """Close a month (关账) for a unit and all below it: nothing is entered any more for what ends in it.

    Needs the right 填报关账 at the unit. What was submitted is decided before; the month has ended.
    """
    on = timezone.localdate(at)
    require(by, Permission.PERIOD_LOCK, unit, on=on)
    if month.kind is not Kind.MONTH or month.last >= on:
        raise RuleBrokenError("period.not_over", period=month.name)
    standing = queries.closing_over(unit, month)
    if standing is not None:
        raise RuleBrokenError("period.closed", period=month.name, unit=standing.unit, person=standing.closed_by)
    waiting = queries.undecided(unit_ids=ids_below([unit.pk]), month=month)
    if waiting:
        raise RuleBrokenError("period.undecided", period=month.name, count=waiting)
    closing = Closing.objects.create(
        unit=unit,
        period_start=month.first,
        period_end=month.last,
        closed_at=at,
        closed_by=by,
        because=because.strip()[:200],
    )
    record(by=by.actor, at=at, action="reporting.close_period", subject=closing, because=because)
    return closing


@transaction.atomic
def reopen_period(*, by: User, at: datetime, closing: Closing, because: str) -> Closing:
    """Reopen a closed month (重开) with the reason.

    Needs the right 填报关账 at the unit for which it was closed.
    """
    closing = Closing.objects.select_for_update(of=("self",)).select_related("unit").get(pk=closing.pk)
    require(by, Permission.PERIOD_LOCK, closing.unit, on=timezone.localdate(at))
    _check_reason(because)
    if closing.reopened_at is not None:
        raise RuleBrokenError("period.not_closed", period=closing.period.name, unit=closing.unit)
    closing.reopened_at = at
    closing.reopened_by = by
    closing.reopened_because = because.strip()[:200]
    closing.save(update_fields=["reopened_at", "reopened_by", "reopened_because"])
    record(by=by.actor, at=at, action="reporting.reopen_period", subject=closing, because=because)
    return closing


# --- what the actions have in common ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Desk:
    """What an officer has before them: the terms of the target, its report, and the newest version."""

    terms: TargetTerms
    report: Report
    before: ReportEntry | None


def _check_reason(because: str) -> None:
    if not because.strip():
        raise RuleBrokenError("because.missing")


def _take_up(by: User, at: datetime, target: Target, period: Period, deed: Deed, seen: int | None) -> _Desk:
    """Lock the report of a period, and check right, period and state."""
    on = timezone.localdate(at)
    terms = queries.owing_terms(as_of=on).filter(target=target).first()
    if terms is None:
        raise RuleBrokenError("report.not_reported", target=target)
    require(by, Permission.REPORT_ENTER, terms.lead_unit, on=on, matter=terms.pillar)
    if period not in queries.periods_of(terms, through=on):
        raise RuleBrokenError("report.period_not_owed", target=target, period=period.name)
    _check_open(terms.lead_unit, period)
    report, _ = Report.objects.get_or_create(
        target=target,
        period_start=period.first,
        period_end=period.last,
        defaults={"period_kind": period.kind.value},
    )
    report = Report.objects.select_for_update(of=("self",)).select_related("target").get(pk=report.pk)
    before = queries.newest_entry(report)
    _check_move(report, before, deed, seen)
    return _Desk(terms, report, before)


def _check_open(unit: Unit, period: Period) -> None:
    closing = queries.closing_over(unit, period)
    if closing is not None:
        raise RuleBrokenError("period.closed", period=period.name, unit=closing.unit, person=closing.closed_by)


def _check_move(report: Report, before: ReportEntry | None, deed: Deed, seen: int | None) -> None:
    if before is not None and seen is not None and seen != before.number:
        raise RuleBrokenError(
            "report.changed_meanwhile",
            report=report,
            person=before.recorded_by,
            moment=timezone.localtime(before.recorded_at).strftime("%H:%M"),
            said=before.said or "未填数值",
            state=STATE_NAMES[State(before.state)],
        )
    state = None if before is None else State(before.state)
    if state not in MOVES[deed]:
        named = "尚未填报" if state is None else STATE_NAMES[state]
        raise RuleBrokenError("report.wrong_state", report=report, state=named, deed=rules.DEED_NAMES[deed])


def _is_same(before: ReportEntry, typed: Typed) -> bool:
    return not typed.files and (before.value, before.done, before.value_date, before.note) == (
        typed.value,
        typed.done,
        typed.value_date,
        typed.note.strip(),
    )


def _typed_before(before: ReportEntry | None) -> Typed:
    if before is None:
        return Typed()
    return Typed(before.value, before.done, before.value_date, before.note)


def _check_whole(desk: _Desk, typed: Typed) -> None:
    if queries.is_deed(desk.terms):
        if typed.done is None:
            raise RuleBrokenError("report.done_missing", report=desk.report)
        has_evidence = bool(typed.files) or Evidence.objects.filter(entry__report=desk.report).exists()
        if typed.done and not has_evidence:
            raise RuleBrokenError("report.evidence_missing", report=desk.report)
    elif typed.value is None:
        raise RuleBrokenError("report.value_missing", report=desk.report)
    if typed.value_date is None:
        raise RuleBrokenError("report.date_missing", report=desk.report)


def _enter(desk: _Desk, by: User, at: datetime, deed: Deed, typed: Typed, because: str = "") -> ReportEntry:
    on = timezone.localdate(at)
    if typed.value is not None and not can_be_kept(typed.value):
        raise RuleBrokenError("report.value_too_long", report=desk.report)
    if queries.is_deed(desk.terms) and typed.value is not None:
        raise RuleBrokenError("report.done_missing", report=desk.report)
    if not queries.is_deed(desk.terms) and typed.done is not None:
        raise RuleBrokenError("report.value_missing", report=desk.report)
    if typed.value_date is not None and not desk.report.period_start <= typed.value_date <= on:
        raise RuleBrokenError("report.date_outside", day=typed.value_date, first=desk.report.period_start, last=on)
    entry = ReportEntry(
        report=desk.report,
        number=_next_number(desk.before),
        deed=deed.value,
        state=LEADS_TO[deed].value,
        unit=desk.terms.lead_unit,
        value=typed.value,
        done=typed.done,
        value_date=typed.value_date,
        note=typed.note.strip()[:LONGEST_NOTE],
        entered_by=by,
        entered_unit=by.unit or desk.terms.lead_unit,
        entered_at=at,
        submitted_at=_submitted_at(desk.before, deed, at),
        because=because.strip(),
        recorded_at=at,
        recorded_by_id=by.actor.id,
        recorded_by=by.actor.name,
    )
    entry.save()
    _keep_files(entry, by, at, typed.files)
    return entry


def _submitted_at(before: ReportEntry | None, deed: Deed, at: datetime) -> datetime | None:
    """Give the moment of the first submission: what was returned and mended came in time when it first did."""
    if before is not None and before.submitted_at is not None:
        return before.submitted_at
    return at if LEADS_TO[deed] is State.SUBMITTED else None


def _next_number(before: ReportEntry | None) -> int:
    return 1 if before is None else before.number + 1


def _decide(by: User, at: datetime, report: Report, deed: Deed, because: str, seen: int | None) -> ReportEntry:
    on = timezone.localdate(at)
    report = Report.objects.select_for_update(of=("self",)).select_related("target").get(pk=report.pk)
    before = queries.newest_entry(report)
    if before is None:
        raise RuleBrokenError("report.wrong_state", report=report, state="尚未填报", deed=rules.DEED_NAMES[deed])
    require(by, Permission.REPORT_CHECK, before.unit, on=on, matter=queries.pillar_of(report, on=on))
    _check_move(report, before, deed, seen)
    _check_open(before.unit, report.period)
    if by.unit is None:
        raise RuleBrokenError("report.checker_without_unit")
    if by.pk == before.entered_by_id or by.unit_id in (before.unit_id, before.entered_unit_id):
        raise RuleBrokenError("report.own_unit", report=report, unit=by.unit)
    entry = ReportEntry(
        report=report,
        number=before.number + 1,
        deed=deed.value,
        state=LEADS_TO[deed].value,
        unit=before.unit,
        value=before.value,
        done=before.done,
        value_date=before.value_date,
        note=before.note,
        entered_by=before.entered_by,
        entered_unit=before.entered_unit,
        entered_at=before.entered_at,
        submitted_at=before.submitted_at,
        checked_by=by,
        checked_unit=by.unit,
        checked_at=at,
        because=because,
        recorded_at=at,
        recorded_by_id=by.actor.id,
        recorded_by=by.actor.name,
    )
    entry.save()
    return entry


def _keep_files(entry: ReportEntry, by: User, at: datetime, files: Sequence[File]) -> None:
    evidence.keep_all(files, partial(Evidence, entry=entry, added_by=by, added_at=at), evidence_path)


def _facts(entry: ReportEntry | None) -> dict[str, object] | None:
    if entry is None:
        return None
    return {
        "version": entry.number,
        "state": str(entry.state),
        "unit": f"{entry.unit.name}（{entry.unit.code}）",
        "value": entry.value_plain or None,
        "done": entry.done,
        "value_date": entry.value_date,
        "note": entry.note[:200],
        "evidence": [f"{file.file_name} {file.sha256}" for file in entry.evidence.all()],
    }
