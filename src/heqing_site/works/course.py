"""How a work stands on a day (研判): percent by plan and done, its light and why, the day its stage is due.

It puts what follows from plan, steps and accepted progress on the row of the work and saves nothing; the actions do.
Look next at ``works.actions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from heqing.cases import Counting as DayCounting
from heqing.cases import Deadline, due_day
from heqing.works import (
    Course,
    Kind,
    Milestone,
    Outlook,
    Pipeline,
    Stage,
    WorkLight,
    draw,
    light,
    percent_done,
    pipelines_on,
    planned_days,
    planned_percent,
    report_due_day,
)
from heqing_site.works.models import OwnPipeline
from heqing_site.works.rules import State, due_of, last_of, month_to_report, next_month

if TYPE_CHECKING:
    from heqing_site.works.models import Work


def pipelines(on: date) -> dict[str, Pipeline]:
    """Give the pipelines of a day: those of the rulebook, then those that this office declared."""
    return {**pipelines_on(on), **own_pipelines()}


def own_pipelines() -> dict[str, Pipeline]:
    """Give the pipelines that this office declared."""
    rows = OwnPipeline.objects.order_by("pk").values_list("key", "at", "name")
    return {key: _drawn(key, at, name) for key, at, name in rows}


def pipeline_of(work: Work, *, on: date, own: Mapping[str, Pipeline] | None = None) -> Pipeline:
    """Give the pipeline of a work as it stood when the work was begun; `own` saves asking when many are looked at."""
    found = pipelines_on(work.activated_on or on).get(work.pipeline)
    if found is not None:
        return found
    return (own_pipelines() if own is None else own)[work.pipeline]


def choices(kind: Kind, *, on: date) -> dict[str, Pipeline]:
    """Give the pipelines that a task, or a project, may go through."""
    return {key: found for key, found in pipelines(on).items() if found.serves(kind.value)}


@lru_cache(maxsize=256)
def _drawn(key: str, at: datetime, name: str) -> Pipeline:
    """Draw a declared pipeline; a row is never changed, so that it is drawn once for the moment it was declared."""
    row = OwnPipeline.objects.get(key=key, at=at, name=name)
    return draw(
        key=row.key,
        names=(row.name, row.name),
        kind=row.kind,
        stages=row.stages,
        papers=row.papers,
        about_zh=row.because,
        edition=f"{row.by_name} {row.on}",
    )


def stage_due(work: Work, pipeline: Pipeline, stage: Stage, since: date) -> date | None:
    """Give the last day of a stage: its own days from the day it begins, or else its planned day."""
    if stage.days is not None:
        return due_day(since, Deadline(stage.days, DayCounting(stage.counting.value), stage.clause, True))
    return planned_days(pipeline, work.planned_start, work.planned_finish).get(stage.key)


def measured_on(work: Work, on: date) -> date:
    """Give the day whose schedule the progress is compared with.

    Progress is told by months: it is compared with the end of the last month whose report is due, or of a later one
    that was accepted already. Who does not report falls behind when the next month is due.
    """
    month = month_to_report(on)
    if on <= due_of(month, report_due_day()):
        month = next_month(month, -1)
    return min(last_of(max(month, work.checked_through or month)), on)


def put_light(work: Work, pipeline: Pipeline, *, on: date) -> WorkLight:
    """Put on a work how it stands on a day; give the light with its reason."""
    work.measured_on = measured_on(work, on)
    work.planned_now = planned_percent(work.planned_start, work.planned_finish, work.measured_on)
    if work.state == State.ACTIVE:
        work.percent = percent_done(pipeline, work.stage, work.checked)
    begins = next((stage.key for stage in pipeline.stages if stage.milestone is Milestone.START), "")
    planned = planned_days(pipeline, work.planned_start, work.planned_finish)
    found = light(
        Course(  # a start is late against the day planned for it, not against the first day of what precedes it
            planned_start=planned.get(begins, work.planned_start),
            planned_finish=work.planned_finish,
            started_on=work.started_on if begins else work.activated_on,
            entered_on=work.entered_on,
            finished_on=work.finished_on,
            planned=work.planned_now,
            done=work.percent,
            outlook=Outlook(work.outlook),
            needs_entry=any(stage.milestone is Milestone.ENTRY for stage in pipeline.stages),
        ),
        on=on,
        scheme=settings.WORK_SCHEME or None,
    )
    work.light, work.reason, work.judged_on = found.light.value, found.reason, on
    return found
