"""What a work counts toward a target (贡献): each object once for an indicator, whichever route brought it.

See ``works.actions`` for what all deeds have in common; what counts on a day is told by ``works.queries.contributed``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_of
from heqing_site.library.rules import can_be_kept, plain
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.works import course
from heqing_site.works.actions import locked
from heqing_site.works.models import Work
from heqing_site.works.records import Contribution, WorkPaper
from heqing_site.works.rules import State


@transaction.atomic
def count_contribution(
    *,
    by: User,
    at: datetime,
    work: Work,
    target: Target,
    object_key: str,
    amount: Decimal,
    words: str,
    counted_on: date | None = None,
    stage_required: str = "",
    paper: WorkPaper | None = None,
) -> Contribution:
    """Count what a work brought toward a target (计入贡献).

    Needs the right 任务与项目管理 at the unit that issues the list.

    Parameters
    ----------
    by, at
        Who and when.
    work : Work
        The work.
    target : Target
        One that the work serves.
    object_key : str
        What was counted: the number of a parcel, the code of an enterprise; once for an indicator.
    amount : Decimal
        How much, in the unit of the target.
    words : str
        On what it rests.
    counted_on : datetime.date, optional
        The day from which it counts; today when left out.
    stage_required : str
        Key of the stage that must be over; the last one when left out means that the work is done.
    paper : WorkPaper, optional
        A paper of the work as evidence.

    Raises
    ------
    RuleBrokenError
        ``work.counted_already`` when the object was counted for the indicator, by this work or another.
    """
    on = timezone.localdate(at)
    work = locked(work.pk)
    require(by, Permission.TASK_EDIT, work.task_list.issuer, on=on, matter=work.pillar)
    object_key = object_key.strip()[:120]
    counted_on = counted_on or on
    if not object_key or not words.strip():
        raise RuleBrokenError("work.contribution_incomplete")
    if amount <= 0 or not can_be_kept(amount):
        raise RuleBrokenError("work.amount_wrong")
    if counted_on > on:
        raise RuleBrokenError("work.day_in_future", day=counted_on)
    terms = terms_of(target, as_of=on)
    if terms is None or terms.is_withdrawn:
        raise RuleBrokenError("work.target_gone", target=target)
    if counted_on < (terms.period_start or counted_on) or counted_on > (terms.period_end or counted_on):
        raise RuleBrokenError("work.day_outside_period", day=counted_on, target=target)
    if not work.links.filter(terms_number=work.terms_number, target=target).exists():
        raise RuleBrokenError("work.target_not_served", work=work, target=target)
    if paper is not None and paper.work_id != work.pk:
        raise RuleBrokenError("work.paper_unknown", work=work)
    if stage_required and not _is_past(work, stage_required, on):
        raise RuleBrokenError("work.stage_not_reached", work=work, stage=work.standing)
    if work.state not in (State.ACTIVE, State.DONE):
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed="计入贡献")
    standing: Contribution | None = (
        Contribution.objects.filter(
            indicator=target.indicator_id, object_key=object_key, takes_back__isnull=True
        ).order_by("-turn").first()
    )  # fmt: skip
    if standing is not None and not Contribution.objects.filter(takes_back=standing).exists():
        same = (standing.work_id, standing.target_id, standing.amount, standing.by_id)
        if same == (work.pk, target.pk, amount, by.pk) and standing.words == words.strip()[:300]:
            return standing
        raise _counted(standing)
    row = Contribution(
        work=work, target=target, indicator=target.indicator, object_key=object_key,
        turn=1 if standing is None else standing.turn + 1, amount=amount, unit=terms.unit, counted_on=counted_on,
        stage=work.standing, words=words.strip()[:300], paper=paper, at=at, by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # another officer counted it in this moment
        raise RuleBrokenError("work.counted_at_once", object=object_key) from error
    record(
        by=by.actor, at=at, action="works.count_contribution", subject=work, because=words.strip(),
        after={"target": target.number, "object": object_key, "amount": plain(amount), "unit": terms.unit},
    )  # fmt: skip
    return row


@transaction.atomic
def take_back(*, by: User, at: datetime, contribution: Contribution, because: str) -> Contribution:
    """Take a contribution back (冲回) by a row below zero, with the reason; the object may be counted anew.

    Needs the right 任务与项目管理 at the unit that issues the list.
    """
    on = timezone.localdate(at)
    work = locked(contribution.work_id)
    require(by, Permission.TASK_EDIT, work.task_list.issuer, on=on, matter=work.pillar)
    if not because.strip():
        raise RuleBrokenError("work.words_missing", deed="冲回")
    known: Contribution | None = Contribution.objects.filter(takes_back=contribution).first()
    if known is not None:
        return known
    if contribution.takes_back_id is not None:
        raise RuleBrokenError("work.not_to_take_back")
    row = Contribution(
        work=work, target=contribution.target, indicator=contribution.indicator, object_key=contribution.object_key,
        turn=contribution.turn, amount=-contribution.amount, unit=contribution.unit, counted_on=on,
        stage=work.standing, words=because.strip()[:300], takes_back=contribution, at=at, by=by,
    )  # fmt: skip
    row.save()
    record(
        by=by.actor, at=at, action="works.take_back", subject=work, because=because.strip(),
        after={"target": contribution.target.number, "object": contribution.object_key},
    )  # fmt: skip
    return row


def _counted(standing: Contribution) -> RuleBrokenError:
    work = Work.objects.get(pk=standing.work_id)
    return RuleBrokenError(
        "work.counted_already",
        object=standing.object_key,
        amount=plain(standing.amount),
        unit=standing.unit,
        work=work,
        day=standing.counted_on,
    )


def _is_past(work: Work, stage: str, on: date) -> bool:
    """Tell whether a stage of a work is over."""
    if work.state == State.DONE:
        return True
    places = [each.key for each in course.pipeline_of(work, on=on).stages]
    return stage in places and work.stage in places and places.index(work.stage) > places.index(stage)


def stages_named(work: Work, *, on: date) -> Collection[tuple[str, str]]:
    """Name the stages of a work, for whoever chooses one that must be over."""
    return [(stage.key, stage.name_zh) for stage in course.pipeline_of(work, on=on).stages]
