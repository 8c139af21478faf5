"""How a work stands on a day (研判): percent by plan and done, its light and why, the day its stage is due.

It puts what follows from plan, steps and accepted progress on the row of the work and saves nothing; the actions do.
Look next at ``works.actions``.
"""

from __future__ import annotations

from datetime import date
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
)
from heqing_site.works.models import OwnPipeline
from heqing_site.works.rules import State

if TYPE_CHECKING:
    from heqing_site.works.models import Work


def pipelines(on: date) -> dict[str, Pipeline]:
    """Give the pipelines of a day: those of the rulebook, then those that this office declared."""
    own = {row.key: _drawn(row.pk) for row in OwnPipeline.objects.only("pk", "key").order_by("pk")}
    return {**pipelines_on(on), **own}


def pipeline_of(work: Work, *, on: date) -> Pipeline:
    """Give the pipeline of a work as it stood when the work was begun."""
    day = work.activated_on or on
    found = pipelines_on(day).get(work.pipeline)
    return found or _drawn(OwnPipeline.objects.only("pk").get(key=work.pipeline).pk)


def choices(kind: Kind, *, on: date) -> dict[str, Pipeline]:
    """Give the pipelines that a task, or a project, may go through."""
    return {key: found for key, found in pipelines(on).items() if found.serves(kind.value)}


@lru_cache(maxsize=256)
def _drawn(key: int) -> Pipeline:
    """Draw a declared pipeline; its row is never changed, so that it is drawn once."""
    row = OwnPipeline.objects.get(pk=key)
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


def put_light(work: Work, pipeline: Pipeline, *, on: date) -> WorkLight:
    """Put on a work how it stands on a day; give the light with its reason."""
    work.planned_now = planned_percent(work.planned_start, work.planned_finish, on)
    if work.state == State.ACTIVE:
        work.percent = percent_done(pipeline, work.stage, work.checked)
    found = light(
        Course(
            planned_start=work.planned_start,
            planned_finish=work.planned_finish,
            started_on=work.started_on,
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
