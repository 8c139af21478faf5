"""Monthly progress of works (月度进展): told by the acting unit, checked by another, and the round of a day.

A month is told anew by a new version; nothing is overwritten. What was accepted counts for the light. See
``works.actions`` for what all deeds have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from heqing.works import Outlook, report_due_day
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.works import actions, course
from heqing_site.works.models import Work, WorkSignal
from heqing_site.works.records import Progress, ProgressCheck, ProgressFile, file_path
from heqing_site.works.rules import State, due_of, first_of, month_to_report

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Told:
    """What a unit tells of a month: percent done to date, perhaps an amount and money, words, problem, photos."""

    percent: Decimal
    words: str
    problem: str = ""
    outlook: Outlook = Outlook.NORMAL
    amount: Decimal | None = None
    amount_unit: str = ""
    paid: Decimal | None = None
    files: Sequence[File] = field(default_factory=tuple)


@transaction.atomic
def report_progress(
    *, by: User, at: datetime, work: Work, month: date, told: Told, seen: int | None = None
) -> Progress:
    """Tell the progress of a month (填报进展); another version when it was told before.

    Needs the right 任务进展填报 at the acting unit. The same words and figures sent twice stand once.

    Parameters
    ----------
    by, at
        Who and when.
    work : Work
        The work, in hand.
    month : datetime.date
        The first day of the month: the one that runs, or one before it.
    told : Told
        What is told.
    seen : int, optional
        The version of the month that the person had before their eyes, 0 for none.
    """
    on = timezone.localdate(at)
    work = actions.locked(work.pk)
    require(by, Permission.TASK_REPORT, work.acting_unit or work.lead_unit, on=on, matter=work.pillar)
    if work.state != State.ACTIVE:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed="填报进展")
    month = first_of(month)
    if month > on or (work.activated_on is not None and month < first_of(work.activated_on)):
        raise RuleBrokenError("work.month_wrong", month=f"{month:%Y-%m}")
    words = told.words.strip()[: actions.LONGEST_NOTE]
    problem = told.problem.strip()[: actions.LONGEST_NOTE]
    if not words:
        raise RuleBrokenError("work.progress_words_missing", column="进展")
    if not 0 <= told.percent <= 100:
        raise RuleBrokenError("work.percent_outside", column="完成百分比")
    if told.outlook is not Outlook.NORMAL and not problem:
        raise RuleBrokenError("work.problem_missing", column="困难")
    percent = told.percent.quantize(Decimal("0.1"))
    last: Progress | None = Progress.objects.filter(work=work, month=month).order_by("-number").first()
    if last is not None:
        figures = (last.percent, last.amount, last.paid, last.words, last.problem, last.outlook)
        same = figures == (percent, told.amount, told.paid, words, problem, told.outlook.value)
        if same and not told.files and not ProgressCheck.objects.filter(progress=last, is_accepted=False).exists():
            return last
        if seen is not None and seen != last.number:
            raise RuleBrokenError("work.month_told_meanwhile", work=work, person=last.by_name)
    row = Progress(
        work=work, month=month, number=1 if last is None else last.number + 1, percent=percent, amount=told.amount,
        amount_unit=told.amount_unit.strip()[:20], paid=told.paid, words=words, problem=problem,
        outlook=told.outlook.value, is_late=on > due_of(month, report_due_day()), on=on, at=at, by=by,
        by_name=by.display_name, by_unit=by.unit,
    )  # fmt: skip
    row.save()
    evidence.keep_all(told.files, partial(ProgressFile, progress=row, added_by=by, added_at=at), file_path)
    work.told, work.outlook, work.waits_for_check = percent, told.outlook.value, True
    work.paid = told.paid if told.paid is not None else work.paid
    work.reported_through = max(month, work.reported_through or month)
    actions.judge(work, on=on)
    work.save()
    record(
        by=by.actor, at=at, action="works.report_progress", subject=work,
        after={"month": f"{month:%Y-%m}", "version": row.number, "percent": percent, "late": row.is_late},
    )  # fmt: skip
    return row


@transaction.atomic
def check_progress(*, by: User, at: datetime, progress: Progress, is_accepted: bool, words: str = "") -> ProgressCheck:
    """Accept the progress of a month, or return it with the reason (核查进展). What is accepted counts for the light.

    Needs the right 任务进展填报 at the checking unit, and a person of another unit than the leading and the acting one
    and than whoever told it.
    """
    on = timezone.localdate(at)
    work = actions.locked(progress.work_id)
    actions.require_checker(by, work, on=on, deed="核查进展")
    if by.pk == progress.by_id or (progress.by_unit_id is not None and by.unit_id == progress.by_unit_id):
        raise RuleBrokenError("work.own_unit", work=work, deed="核查进展")
    newest = Progress.objects.filter(work=work, month=progress.month).order_by("-number")[0]
    if newest.pk != progress.pk:
        raise RuleBrokenError("work.month_told_meanwhile", work=work, person=newest.by_name)
    known: ProgressCheck | None = ProgressCheck.objects.filter(progress=progress).first()
    if known is not None:
        if known.by_id == by.pk and known.is_accepted == is_accepted:
            return known
        raise RuleBrokenError("work.checked_already", work=work, person=known.by)
    if not is_accepted and not words.strip():
        raise RuleBrokenError("work.words_missing", deed="退回进展")
    if by.unit is None:
        raise RuleBrokenError("work.own_unit", work=work, deed="核查进展")
    row = ProgressCheck(
        progress=progress, is_accepted=is_accepted, words=words.strip()[:500], at=at, by=by, by_unit=by.unit
    )
    row.save()
    waiting = Progress.objects.filter(work=work, check_row__isnull=True)
    later = Progress.objects.filter(work=work, month=OuterRef("month")).order_by("-number")
    waiting = waiting.annotate(newest=Subquery(later.values("pk")[:1])).filter(newest=F("pk"))
    work.waits_for_check = waiting.exists()
    told = _accepted(work)
    work.checked = None if told is None else told.percent
    work.checked_through = None if told is None else told.month
    if not is_accepted:
        before = Progress.objects.filter(work=work).exclude(check_row__is_accepted=False).order_by("-month").first()
        work.reported_through = None if before is None else before.month
    actions.judge(work, on=on)
    work.save()
    record(
        by=by.actor, at=at, action="works.check_progress", subject=work, because=words.strip(),
        after={"month": f"{progress.month:%Y-%m}", "accepted": is_accepted},
    )  # fmt: skip
    return row


def _accepted(work: Work) -> Progress | None:
    """Give the newest month that was accepted."""
    found = Progress.objects.filter(work=work, check_row__is_accepted=True)
    return found.order_by("-month", "-number").first()


@transaction.atomic
def judge_works(*, at: datetime, on: date) -> int:
    """Put the light of a day on every work in hand (每日研判); give how many lights changed.

    The system does it in the round of a day. A work that was judged on that day already is passed over.
    """
    fields = ["light", "reason", "percent", "planned_now", "measured_on", "judged_on"]
    last = WorkSignal.objects.filter(work=OuterRef("pk")).order_by("-day", "-pk")
    waiting = (
        Work.objects.filter(state=State.ACTIVE.value)
        .filter(Q(judged_on__isnull=True) | Q(judged_on__lt=on))
        .annotate(last_light=Subquery(last.values("light")[:1]), last_reason=Subquery(last.values("reason")[:1]))
        .order_by("pk")
    )
    changed = 0
    works, own = list(waiting), course.own_pipelines()
    for begin in range(0, len(works), ROWS_AT_ONCE):
        part = works[begin : begin + ROWS_AT_ONCE]
        signals = []
        for work in part:
            found = course.put_light(work, course.pipeline_of(work, on=on, own=own), on=on)
            before = (work.last_light, actions.kind_of(work.last_reason or ""))  # type: ignore[attr-defined]
            if before != (work.light, actions.kind_of(work.reason)):
                signals.append(
                    WorkSignal(
                        work=work, day=on, light=work.light, reason=work.reason, planned=work.planned_now,
                        percent=work.percent, scheme=found.scheme, edition=found.edition,
                    )
                )  # fmt: skip
        Work.objects.bulk_update(part, fields)
        WorkSignal.objects.bulk_create(signals)
        changed += len(signals)
    return changed


def owes(work: Work, *, on: date) -> bool:
    """Tell whether a work in hand owes the progress of the month that ended last."""
    month = month_to_report(on)
    return (
        work.state == State.ACTIVE
        and work.activated_on is not None
        and first_of(work.activated_on) <= month
        and (work.reported_through is None or work.reported_through < month)
    )
