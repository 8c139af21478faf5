"""Every deed on task lists, works, their stages and papers, and pipelines that an office declares.

Each action takes who does it (`by`) and when (`at`), checks the right, adds a step and its audit entry in the same
transaction and returns the row. It never reads the clock. Who makes a list answers for its lines (任务与项目管理 at the
unit that issues it); the acting unit moves its work on (任务进展填报); what ends a work is done by another unit.
Progress: ``works.progress``; slips: ``works.slips``; contributions: ``works.contributions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing.errors import RulebookError
from heqing.works import Kind, Milestone, Paper, Pipeline, Stage, draw, funds, list_kinds, spread_days
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.library.models import Document
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, require
from heqing_site.orgs.rules import Permission
from heqing_site.works import course
from heqing_site.works.models import (
    ListIssue,
    OwnPipeline,
    TaskList,
    Work,
    WorkPart,
    WorkSignal,
    WorkStep,
    WorkTarget,
    WorkTerms,
)
from heqing_site.works.records import WorkPaper, file_path
from heqing_site.works.rules import DEED_NAMES, Deed, Part, State

LONGEST_NOTE = 2000
REACHED = {Milestone.START: "started_on", Milestone.ENTRY: "entered_on", Milestone.FINISH: "finished_on"}
NEEDED = {  # what a work must have before it is begun (有人管、有人干、有人问)
    "principal": "主要领导",
    "leader": "分管领导",
    "acting_unit": "承办单位",
    "checker_unit": "核查单位",
    "planned_start": "计划开工",
    "planned_finish": "计划完成",
}


# --- lists --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_list(
    *,
    by: User,
    at: datetime,
    name: str,
    kind: str,
    year: int,
    issuer: Unit,
    document: Document | None = None,
    source: str = "",
    is_invented: bool = False,
) -> TaskList:
    """Make a task list (制发清单).

    Needs the right 任务与项目管理 at the unit that issues it.
    """
    on = timezone.localdate(at)
    require(by, Permission.TASK_EDIT, issuer, on=on)
    name = name.strip()[:120]
    if not name or kind not in list_kinds():
        raise RuleBrokenError("work.list_incomplete")
    if TaskList.objects.filter(name=name, year=year, issuer=issuer).exists():
        raise RuleBrokenError("work.list_taken", name=name, year=year)
    made = TaskList.objects.create(
        number=TaskList.next_number(), name=name, kind=kind, year=year, issuer=issuer, document=document,
        source=source.strip()[:200], opened_on=on, is_invented=is_invented,
    )  # fmt: skip
    record(by=by.actor, at=at, action="works.create_list", subject=made, after={"name": name, "year": year})
    return made


@transaction.atomic
def issue_list(*, by: User, at: datetime, task_list: TaskList, because: str) -> ListIssue:
    """Issue a list again (重新印发): its lines as they stand are kept as a version.

    Needs the right 任务与项目管理 at the unit that issues it.
    """
    on = timezone.localdate(at)
    task_list = _open_list(by, task_list.pk, on=on)
    if not because.strip():
        raise RuleBrokenError("work.words_missing", deed="印发清单")
    lines = [
        {
            "item": work.item, "number": work.number, "title": work.title, "requirement": work.requirement,
            "lead_unit": work.lead_unit.name, "planned_start": str(work.planned_start or ""),
            "planned_finish": str(work.planned_finish or ""), "terms": work.terms_number, "state": work.state,
        }
        for work in task_list.works.select_related("lead_unit").order_by("number")
    ]  # fmt: skip
    number = task_list.issues.count() + 1
    issued = ListIssue(
        task_list=task_list, number=number, on=on, at=at, by_name=by.display_name, because=because.strip()[:200],
        lines=lines,
    )  # fmt: skip
    issued.save()
    task_list.version = number
    task_list.save(update_fields=["version"])
    record(
        by=by.actor, at=at, action="works.issue_list", subject=task_list, because=because.strip(),
        after={"version": number, "lines": len(lines)},
    )  # fmt: skip
    return issued


@transaction.atomic
def close_list(*, by: User, at: datetime, task_list: TaskList, because: str) -> TaskList:
    """Close a list (关闭清单) whose works have all ended.

    Needs the right 任务与项目管理 at the unit that issues it.
    """
    on = timezone.localdate(at)
    task_list = _open_list(by, task_list.pk, on=on)
    if not because.strip():
        raise RuleBrokenError("work.words_missing", deed="关闭清单")
    left = task_list.works.filter(state__in=[State.DRAFT.value, State.ACTIVE.value]).count()
    if left:
        raise RuleBrokenError("work.list_in_hand", task_list=task_list, count=left)
    task_list.closed_on, task_list.closed_because = on, because.strip()[:200]
    task_list.save(update_fields=["closed_on", "closed_because"])
    record(by=by.actor, at=at, action="works.close_list", subject=task_list, because=because.strip())
    return task_list


# --- what a work is -----------------------------------------------------------------------------------------------


@transaction.atomic
def create_work(
    *,
    by: User,
    at: datetime,
    task_list: TaskList,
    item: str,
    kind: Kind,
    pipeline: str,
    facts: Mapping[str, Any],
    parts: Iterable[tuple[Unit, Part]] = (),
    targets: Iterable[Target] = (),
    is_invented: bool = False,
) -> Work:
    """Put a line on a list as a task or a project (列入清单); it is begun later, by `activate`.

    Needs the right 任务与项目管理 at the unit that issues the list.

    Parameters
    ----------
    by, at
        Who and when.
    task_list : TaskList
        The list.
    item : str
        Its number in the list as printed.
    kind : Kind
        Task or project.
    pipeline : str
        Key of the pipeline.
    facts : mapping
        Columns of `WorkFacts`; title, pillar and lead unit at least.
    parts : iterable of (Unit, Part)
        Units that support it.
    targets : iterable of Target
        Targets that it serves.
    """
    on = timezone.localdate(at)
    task_list = _open_list(by, task_list.pk, on=on, matter=str(facts.get("pillar") or ""))
    item = item.strip()[:20]
    if not item:
        raise RuleBrokenError("work.item_missing")
    if Work.objects.filter(task_list=task_list, item=item).exists():
        raise RuleBrokenError("work.item_taken", item=item, task_list=task_list)
    if pipeline not in course.choices(kind, on=on):
        raise RuleBrokenError("work.pipeline_unknown")
    work = Work(
        number=Work.next_number(), task_list=task_list, item=item, kind=kind.value, pipeline=pipeline,
        state=State.DRAFT.value, is_invented=is_invented, **_tidy(facts),
    )  # fmt: skip
    _check(work, on)
    course.put_light(work, course.pipeline_of(work, on=on), on=on)
    work.save()
    _keep_terms(work, by, at, on, "列入清单", parts, targets)
    _add_step(work, Deed.CREATE, by, at, on, "")
    record(by=by.actor, at=at, action="works.create_work", subject=work, after=_told(work))
    return work


@transaction.atomic
def amend_work(
    *,
    by: User,
    at: datetime,
    work: Work,
    because: str,
    facts: Mapping[str, Any],
    parts: Iterable[tuple[Unit, Part]] | None = None,
    targets: Iterable[Target] | None = None,
    seen: int | None = None,
) -> Work:
    """Change what is promised of a work (调整); the terms before stay. What stands there already changes nothing.

    Needs the right 任务与项目管理 at the unit that issues the list. The last day of a work in hand is moved by asking
    for it (`ask_postponement`), or brought forward here.
    """
    desk = take_up(by, at, work, Deed.AMEND, seen, because)
    if desk.is_done:
        return desk.work
    work = desk.work
    if work.state not in (State.DRAFT, State.ACTIVE):
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.AMEND])
    wanted = _tidy(facts)
    new_parts = None if parts is None else list(parts)
    new_targets = None if targets is None else list(targets)
    if not _differs(work, wanted, new_parts, new_targets):
        return work
    if (pillar := wanted.get("pillar", work.pillar)) != work.pillar:
        require(by, Permission.TASK_EDIT, work.task_list.issuer, on=desk.on, matter=str(pillar))
    if not because.strip():
        raise RuleBrokenError("work.words_missing", deed=DEED_NAMES[Deed.AMEND])
    finish, wanted_finish = work.planned_finish, wanted.get("planned_finish", work.planned_finish)
    if work.state == State.ACTIVE and finish and wanted_finish and wanted_finish > finish:
        raise RuleBrokenError("work.postpone_instead", work=work, day=finish)
    return amended(desk, by, at, because, wanted, new_parts, new_targets, Deed.AMEND)


@transaction.atomic
def activate(*, by: User, at: datetime, work: Work, note: str = "", seen: int | None = None) -> Work:
    """Begin a work (启动): its first stage runs. Everybody who answers for it must be named (有人管、有人干、有人问).

    Needs the right 任务与项目管理 at the unit that issues the list.
    """
    desk = take_up(by, at, work, Deed.ACTIVATE, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    if work.state != State.DRAFT:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.ACTIVATE])
    lacking = [name for column, name in NEEDED.items() if getattr(work, column) is None]
    if lacking:
        raise RuleBrokenError("work.people_missing", work=work, lacking="、".join(lacking))
    work.state, work.activated_on = State.ACTIVE.value, desk.on
    pipeline = course.pipeline_of(work, on=desk.on)
    _enter(work, pipeline, pipeline.stages[0], desk.on)
    keep(desk, by, at, note)
    record(by=by.actor, at=at, action="works.activate", subject=work, because=note.strip(), after=_told(work))
    return work


# --- stages -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_paper(
    *,
    by: User,
    at: datetime,
    work: Work,
    paper: str,
    file: File,
    issued_on: date,
    paper_number: str = "",
    issuer: str = "",
) -> WorkPaper:
    """Hand in a paper of the present stage or of one before it (提交材料): its number, its day, its file.

    Needs the right 任务进展填报 at the acting unit. The same paper sent twice stands once.
    """
    on = timezone.localdate(at)
    work = locked(work.pk)
    require(by, Permission.TASK_REPORT, work.acting_unit or work.lead_unit, on=on, matter=work.pillar)
    if work.state != State.ACTIVE:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed="提交材料")
    pipeline = course.pipeline_of(work, on=on)
    form = pipeline.paper(paper)
    if form is None:
        raise RuleBrokenError("work.paper_unknown", work=work)
    if issued_on > on:
        raise RuleBrokenError("work.day_in_future", day=issued_on)
    stage = next(stage for stage in pipeline.stages if form in stage.papers)
    for taken in evidence.take([file]):
        same: WorkPaper | None = WorkPaper.objects.filter(
            work=work, paper=paper, sha256=taken.sha256, paper_number=paper_number.strip(), issued_on=issued_on
        ).first()
        if same is not None:
            return same
        row = WorkPaper(
            work=work, stage=stage.key, paper=paper, name=form.name_zh, paper_number=paper_number.strip()[:120],
            issued_on=issued_on, issuer=issuer.strip()[:80], file_name=taken.name, media_type=taken.media_type,
            size=taken.size, sha256=taken.sha256, added_by=by, added_at=at,
        )  # fmt: skip
        row.received.name = evidence.keep(taken, file_path(row, taken.name))
        row.save()
        record(
            by=by.actor, at=at, action="works.add_paper", subject=work,
            after={"paper": form.name_zh, "number": row.paper_number, "day": issued_on, "sha256": taken.sha256},
        )  # fmt: skip
    return row


@transaction.atomic
def advance(
    *, by: User, at: datetime, work: Work, note: str = "", day: date | None = None, seen: int | None = None
) -> Work:
    """End the present stage (完成本阶段): the next begins, or after the last the work is done (办结).

    Needs the right 任务进展填报 at the acting unit; the end of the last stage needs it at the checking unit, by one of
    another unit than the leading and the acting one. The needed papers of the stage must be there.

    Parameters
    ----------
    by, at
        Who and when.
    work : Work
        The work.
    note : str
        A word; a reason where papers that are issued together bear days too far apart.
    day : datetime.date, optional
        The day on which the stage ended, today when left out.
    seen : int, optional
        The step that the person had before their eyes; when another was taken since, nothing is done.
    """
    desk = take_up(by, at, work, Deed.ADVANCE, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    if work.state != State.ACTIVE:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.ADVANCE])
    pipeline = course.pipeline_of(work, on=desk.on)
    stage = pipeline.find(work.stage)
    if stage is None:
        raise RuleBrokenError("work.pipeline_unknown")
    following = pipeline.after(stage.key)
    if following is None:
        require_checker(by, work, on=desk.on, deed=DEED_NAMES[Deed.FINISH])
        desk = Desk(work, Deed.FINISH, desk.on)
    else:
        require(by, Permission.TASK_REPORT, work.acting_unit, on=desk.on, matter=work.pillar)
    day = day or desk.on
    if day > desk.on or (work.stage_since is not None and day < work.stage_since):
        raise RuleBrokenError("work.stage_day_wrong", stage=stage.name_zh, first=work.stage_since, last=desk.on)
    papers = newest_papers(work)
    lacking = [paper.name_zh for paper in stage.papers if paper.is_needed and paper.key not in papers]
    if lacking:
        raise RuleBrokenError("work.papers_missing", stage=stage.name_zh, lacking="、".join(lacking))
    apart = bundles_apart(pipeline, stage.papers, papers)
    if apart and not note.strip():
        raise RuleBrokenError("work.bundle_apart", bundle="、".join(apart))
    if stage.milestone is not None:
        setattr(work, REACHED[stage.milestone], day)
    if following is None:
        work.state, work.finished_on, work.percent = State.DONE.value, day, Decimal(100)
        work.stage_due = None
    else:
        _enter(work, pipeline, following, day)
    keep(desk, by, at, note, left=stage.key)
    if following is None:
        record(by=by.actor, at=at, action="works.finish", subject=work, because=note.strip(), after=_told(work))
    else:
        record(by=by.actor, at=at, action="works.advance", subject=work, because=note.strip(), after=_told(work))
    return work


@transaction.atomic
def return_stage(*, by: User, at: datetime, work: Work, note: str, seen: int | None = None) -> Work:
    """Give a work back to the stage before (退回), with the reason.

    Needs the right 任务进展填报 at the checking unit, and a person of another unit than the leading and the acting one.
    """
    desk = take_up(by, at, work, Deed.RETURN, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    require_checker(by, work, on=desk.on, deed=DEED_NAMES[Deed.RETURN])
    if work.state != State.ACTIVE:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.RETURN])
    if not note.strip():
        raise RuleBrokenError("work.words_missing", deed=DEED_NAMES[Deed.RETURN])
    pipeline = course.pipeline_of(work, on=desk.on)
    before = pipeline.before(work.stage)
    if before is None:
        raise RuleBrokenError("work.first_stage", work=work)
    left = work.stage
    if before.milestone is not None:
        setattr(work, REACHED[before.milestone], None)
    _enter(work, pipeline, before, desk.on)
    work.checked = min(work.checked, pipeline.share_before(left)) if work.checked is not None else None
    keep(desk, by, at, note, left=left)
    record(by=by.actor, at=at, action="works.return_stage", subject=work, because=note.strip(), after=_told(work))
    return work


# --- deadlines ----------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_postponement(
    *, by: User, at: datetime, work: Work, new_finish: date, note: str, seen: int | None = None
) -> Work:
    """Ask for a later last day (申请延期), before the present one has passed, with reason and progress.

    Needs the right 任务进展填报 at the acting unit.
    """
    desk = take_up(by, at, work, Deed.ASK, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    if work.state != State.ACTIVE or work.planned_finish is None:
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.ASK])
    if not note.strip():
        raise RuleBrokenError("work.words_missing", deed=DEED_NAMES[Deed.ASK])
    if desk.on > work.planned_finish:
        raise RuleBrokenError("work.asked_too_late", day=work.planned_finish)
    if new_finish <= work.planned_finish:
        raise RuleBrokenError("work.postponement_is_none", day=work.planned_finish)
    work.asked_finish = new_finish
    keep(desk, by, at, note, new_finish=new_finish)
    record(
        by=by.actor, at=at, action="works.ask_postponement", subject=work, because=note.strip(),
        after={"asked": new_finish},
    )  # fmt: skip
    return work


@transaction.atomic
def answer_postponement(
    *, by: User, at: datetime, work: Work, is_granted: bool, note: str, seen: int | None = None
) -> Work:
    """Grant a later last day, or refuse it (批复延期).

    Needs the right 任务与项目管理 at the unit that issues the list, and a person of another unit than the acting one.
    """
    deed = Deed.GRANT if is_granted else Deed.REFUSE
    desk = take_up(by, at, work, deed, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    if by.unit_id is None or by.unit_id in (work.lead_unit_id, work.acting_unit_id):
        raise RuleBrokenError("work.own_unit", work=work, deed=DEED_NAMES[deed])
    if work.state != State.ACTIVE or work.asked_finish is None:
        raise RuleBrokenError("work.nothing_asked", work=work)
    if not note.strip():
        raise RuleBrokenError("work.words_missing", deed=DEED_NAMES[deed])
    asked, work.asked_finish = work.asked_finish, None
    if is_granted:
        return amended(desk, by, at, note, {"planned_finish": asked}, None, None, Deed.GRANT)
    keep(desk, by, at, note)
    record(by=by.actor, at=at, action="works.refuse_postponement", subject=work, because=note.strip())
    return work


@transaction.atomic
def drop_work(*, by: User, at: datetime, work: Work, note: str, seen: int | None = None) -> Work:
    """Take a work off (撤销), with the reason; what was done stays on record.

    Needs the right 任务与项目管理 at the unit that issues the list.
    """
    desk = take_up(by, at, work, Deed.DROP, seen, note)
    if desk.is_done:
        return desk.work
    work = desk.work
    if work.state not in (State.DRAFT, State.ACTIVE):
        raise RuleBrokenError("work.wrong_state", work=work, state=work.state_name, deed=DEED_NAMES[Deed.DROP])
    if not note.strip():
        raise RuleBrokenError("work.words_missing", deed=DEED_NAMES[Deed.DROP])
    work.state, work.stage_due, work.asked_finish = State.DROPPED.value, None, None
    keep(desk, by, at, note)
    record(by=by.actor, at=at, action="works.drop_work", subject=work, because=note.strip())
    return work


# --- pipelines ----------------------------------------------------------------------------------------------------


@transaction.atomic
def declare_pipeline(
    *,
    by: User,
    at: datetime,
    name: str,
    kind: Kind,
    stages: Sequence[Mapping[str, Any]],
    papers: Sequence[Mapping[str, Any]],
    because: str,
) -> OwnPipeline:
    """Declare a pipeline without code (设置阶段流程): stages with their shares and days, papers that each yields.

    Needs the right 任务与项目管理 on the whole site or at a top unit.
    """
    on = timezone.localdate(at)
    require(by, Permission.TASK_EDIT, _top(by.unit), on=on)
    name = name.strip()[:60]
    if not name or not stages:
        raise RuleBrokenError("work.pipeline_incomplete")
    if not because.strip():
        raise RuleBrokenError("work.words_missing", deed="设置流程")
    if any(str(row["name_zh"]) == "" or Decimal(str(row["share"])) <= 0 for row in stages):
        raise RuleBrokenError("work.pipeline_incomplete")
    taken = {paper.name_zh for paper in course.pipelines(on).values()}
    if name in taken:
        raise RuleBrokenError("work.pipeline_taken", name=name)
    key = f"own-{OwnPipeline.objects.count() + 1}"
    try:
        draw(key=key, names=(name, name), kind=kind.value, stages=stages, papers=papers)
    except RulebookError as error:
        raise RuleBrokenError("work.pipeline_shares", name=name) from error
    made = OwnPipeline(
        key=key, name=name, kind=kind.value, stages=[dict(row) for row in stages], papers=[dict(row) for row in papers],
        because=because.strip()[:200], on=on, at=at, by_name=by.display_name,
    )  # fmt: skip
    made.save()
    record(
        by=by.actor, at=at, action="works.declare_pipeline", subject=made, because=because.strip(),
        after={"name": name, "stages": [row["name_zh"] for row in stages]},
    )  # fmt: skip
    return made


# --- what the actions have in common ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """What an officer has before them: the locked work, the deed, the day; is it done already."""

    work: Work
    deed: Deed
    on: date
    is_done: bool = False


def locked(key: int) -> Work:
    """Give a work with what actions need of it, locked until the transaction ends."""
    return (
        Work.objects.select_for_update(of=("self",))
        .select_related("task_list__issuer", "lead_unit", "acting_unit", "checker_unit", "principal__unit")
        .get(pk=key)
    )


def take_up(by: User, at: datetime, work: Work, deed: Deed, seen: int | None, note: str) -> Desk:
    """Lock a work, check the right, and compare with what the person saw; the same deed sent twice is done once."""
    on = timezone.localdate(at)
    work = locked(work.pk)
    _require_right(by, work, deed, on=on)
    if seen is not None and seen != work.version:
        newest = work.steps.order_by("-number")[0]
        same = {deed.value, Deed.FINISH.value} if deed is Deed.ADVANCE else {deed.value}
        is_same = seen == newest.number - 1 and newest.by_id == by.pk and newest.deed in same
        if is_same and newest.note == note.strip()[:LONGEST_NOTE]:
            return Desk(work, deed, on, is_done=True)
        raise RuleBrokenError(
            "work.changed_meanwhile",
            work=work,
            person=newest.by_name,
            moment=timezone.localtime(newest.at).strftime("%Y-%m-%d %H:%M"),
            deed=newest.deed_name,
            state=work.standing,
        )
    return Desk(work, deed, on)


def _require_right(by: User, work: Work, deed: Deed, *, on: date) -> None:
    """Refuse whoever may not do a deed on a work; a stage is ended by the acting unit, the last by the checking one."""
    right = Permission.TASK_EDIT
    unit: Unit | None = work.task_list.issuer
    if deed in (Deed.ADVANCE, Deed.ASK):
        right, unit = Permission.TASK_REPORT, work.acting_unit or work.lead_unit
    if deed is Deed.RETURN:
        right, unit = Permission.TASK_REPORT, work.checker_unit
    checks = deed is Deed.ADVANCE and may(by, right, work.checker_unit, on=on, matter=work.pillar)
    if not checks:
        require(by, right, unit, on=on, matter=work.pillar)


def require_checker(by: User, work: Work, *, on: date, deed: str) -> None:
    """Refuse whoever is no person of another unit that may check a work."""
    require(by, Permission.TASK_REPORT, work.checker_unit, on=on, matter=work.pillar)
    if by.unit_id is None or by.unit_id in (work.lead_unit_id, work.acting_unit_id):
        raise RuleBrokenError("work.own_unit", work=work, deed=deed)


def keep(desk: Desk, by: User, at: datetime, note: str, *, left: str = "", new_finish: date | None = None) -> None:
    """Save a work after a deed: its light of the day, the step, and the signal where the light changed."""
    work = desk.work
    judge(work, on=desk.on)
    work.version += 1
    work.save()
    _add_step(work, desk.deed, by, at, desk.on, note, left=left, new_finish=new_finish)


def judge(work: Work, *, on: date) -> bool:
    """Put the light of a day on a work, and keep a signal where light or measure changed; tell whether one was kept."""
    found = course.put_light(work, course.pipeline_of(work, on=on), on=on)
    if work.state not in (State.ACTIVE, State.DONE):
        return False
    last = WorkSignal.objects.filter(work=work).order_by("-day", "-pk").first()
    if last is not None and (last.light, kind_of(last.reason)) == (work.light, kind_of(work.reason)):
        return False
    WorkSignal(
        work=work, day=on, light=found.light.value, reason=found.reason, planned=work.planned_now,
        percent=work.percent, scheme=found.scheme, edition=found.edition,
    ).save()  # fmt: skip
    return True


def kind_of(reason: str) -> str:
    """Give a reason without its figures: what is three points behind and then four is behind for one reason."""
    return reason.split("(")[0]


def newest_papers(work: Work) -> dict[str, WorkPaper]:
    """Give the newest paper of each name."""
    return {row.paper: row for row in WorkPaper.objects.filter(work=work).order_by("pk")}


def bundles_apart(pipeline: Pipeline, papers: Iterable[Paper], known: Mapping[str, WorkPaper]) -> list[str]:
    """Name the bundles, of some papers, whose days lie too far apart."""
    names = {paper.bundle for paper in papers if paper.bundle}
    apart = []
    for bundle in pipeline.bundles:
        together = [known[paper.key].issued_on for paper in pipeline.papers_together(bundle.key) if paper.key in known]
        if bundle.key in names and spread_days(together) > bundle.most_days:
            apart.append(bundle.name_zh)
    return apart


def _open_list(by: User, key: int, *, on: date, matter: str = "") -> TaskList:
    """Lock a list, check the right, and that it is open."""
    task_list = TaskList.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=key)
    require(by, Permission.TASK_EDIT, task_list.issuer, on=on, matter=matter)
    if task_list.closed_on is not None:
        raise RuleBrokenError("work.list_closed", task_list=task_list, day=task_list.closed_on)
    return task_list


def _top(unit: Unit | None) -> Unit | None:
    while unit is not None and unit.parent is not None:
        unit = unit.parent
    return unit


def _tidy(facts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(facts) - set(Work.FACTS)
    if unknown:
        raise LookupError(f"unknown columns: {sorted(unknown)}")
    found = dict(facts)
    for column, most in (("title", 200), ("requirement", LONGEST_NOTE)):
        if column in found:
            found[column] = str(found[column] or "").strip()[:most]
    return found


def _check(work: Work, on: date) -> None:
    """Refuse facts that cannot be."""
    if not work.title:
        raise RuleBrokenError("work.title_missing", column="名称")
    if work.pillar not in PILLAR_NAMES:
        raise RuleBrokenError("work.pillar_unknown", column="领域")
    units = (work.lead_unit, work.acting_unit, work.checker_unit)
    for unit in units:
        if unit is not None and not unit.is_active_on(on):
            raise RuleBrokenError("work.unit_inactive", unit=unit)
    if work.checker_unit_id is not None and work.checker_unit_id in (work.lead_unit_id, work.acting_unit_id):
        raise RuleBrokenError("work.checks_itself", unit=work.checker_unit, column="核查单位")
    if work.planned_start and work.planned_finish and work.planned_finish < work.planned_start:
        raise RuleBrokenError("work.days_reversed", column="计划完成")
    if set(work.money_by_fund) - set(funds()):
        raise RuleBrokenError("work.fund_unknown", column="资金来源")


def _differs(
    work: Work,
    wanted: Mapping[str, Any],
    parts: Sequence[tuple[Unit, Part]] | None,
    targets: Sequence[Target] | None,
) -> bool:
    if any(getattr(work, column) != value for column, value in wanted.items()):
        return True
    current = work.parts.filter(terms_number=work.terms_number).values_list("unit_id", "part")
    if parts is not None and set(current) != {(unit.pk, part.value) for unit, part in parts}:
        return True
    linked = work.links.filter(terms_number=work.terms_number).values_list("target_id", flat=True)
    return targets is not None and set(linked) != {target.pk for target in targets}


def amended(
    desk: Desk,
    by: User,
    at: datetime,
    because: str,
    wanted: Mapping[str, Any],
    parts: Sequence[tuple[Unit, Part]] | None,
    targets: Sequence[Target] | None,
    deed: Deed,
) -> Work:
    """Put new facts on a work, and keep them as terms."""
    work = desk.work
    before = _told(work)
    if parts is None:
        kept = work.parts.filter(terms_number=work.terms_number).select_related("unit")
        parts = [(row.unit, Part(row.part)) for row in kept]
    if targets is None:
        targets = [row.target for row in work.links.filter(terms_number=work.terms_number).select_related("target")]
    for column, value in wanted.items():
        setattr(work, column, value)
    _check(work, desk.on)
    lacking = [name for column, name in NEEDED.items() if getattr(work, column) is None]
    if work.state == State.ACTIVE and lacking:
        raise RuleBrokenError("work.people_missing", work=work, lacking="、".join(lacking))
    if work.state == State.ACTIVE:
        pipeline = course.pipeline_of(work, on=desk.on)
        stage = pipeline.find(work.stage)
        if stage is not None and work.stage_since is not None:
            work.stage_due = course.stage_due(work, pipeline, stage, work.stage_since)
    work.terms_number += 1
    _keep_terms(work, by, at, desk.on, because, parts, targets)
    keep(desk, by, at, because, new_finish=wanted.get("planned_finish") if deed is Deed.GRANT else None)
    if deed is Deed.GRANT:
        record(
            by=by.actor, at=at, action="works.grant_postponement", subject=work, because=because.strip(),
            before=before, after=_told(work),
        )  # fmt: skip
    else:
        record(
            by=by.actor, at=at, action="works.amend_work", subject=work, because=because.strip(), before=before,
            after=_told(work),
        )  # fmt: skip
    return work


def _keep_terms(
    work: Work,
    by: User,
    at: datetime,
    on: date,
    because: str,
    parts: Iterable[tuple[Unit, Part]],
    targets: Iterable[Target],
) -> None:
    """Keep the facts of a work as terms, with the units and targets that belong to them."""
    WorkTerms(
        work=work, number=work.terms_number, on=on, at=at, by_name=by.display_name, because=because.strip()[:500],
        **{column: getattr(work, column) for column in Work.FACTS},
    ).save()  # fmt: skip
    seen: set[int] = set()
    for unit, part in parts:
        if unit.pk not in seen:
            seen.add(unit.pk)
            WorkPart(work=work, terms_number=work.terms_number, unit=unit, part=part.value).save()
    for target in {target.pk: target for target in targets}.values():
        WorkTarget(work=work, terms_number=work.terms_number, target=target).save()


def _enter(work: Work, pipeline: Pipeline, stage: Stage, since: date) -> None:
    """Put a work at a stage."""
    work.stage, work.stage_name, work.stage_since = stage.key, stage.name_zh, since
    work.stage_due = course.stage_due(work, pipeline, stage, since)


def _add_step(
    work: Work,
    deed: Deed,
    by: User,
    at: datetime,
    on: date,
    note: str,
    *,
    left: str = "",
    new_finish: date | None = None,
) -> None:
    WorkStep(
        work=work, number=work.version, deed=deed.value, state=work.state, stage=work.stage,
        stage_name=work.stage_name, left=left, terms_number=work.terms_number, on=on, at=at, by=by,
        by_name=by.display_name, by_unit=by.unit, note=note.strip()[:LONGEST_NOTE], new_finish=new_finish,
    ).save()  # fmt: skip


def _told(work: Work) -> dict[str, object]:
    """Give what the audit record keeps of a work."""
    return {
        "step": work.version,
        "state": work.state,
        "stage": work.stage,
        "lead_unit": work.lead_unit.name,
        "acting_unit": None if work.acting_unit is None else work.acting_unit.name,
        "checker_unit": None if work.checker_unit is None else work.checker_unit.name,
        "planned_start": work.planned_start,
        "planned_finish": work.planned_finish,
        "terms": work.terms_number,
    }
