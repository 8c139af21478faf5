"""Works: tasks and projects by declared stages, their schedule, their light, and the slips that press them.

It computes from plain values; it reads no clock and stores nothing. Stages, papers, lights and slips are dated data in
``rulebook/procedures`` and ``rulebook/schemes``. Start at `heqing.works.pipelines`; the light is given by
`heqing.works.lights`.
"""

from heqing.works.lights import (
    Course,
    Light,
    Outlook,
    Scheme,
    Threshold,
    WorkLight,
    default_scheme,
    light,
    scheme_names,
    scheme_on,
)
from heqing.works.pipelines import (
    Bundle,
    Clock,
    Counting,
    Kind,
    Milestone,
    Paper,
    Pipeline,
    Stage,
    draw,
    pipelines_on,
    spread_days,
)
from heqing.works.schedule import clock_days, lag, months_over, percent_done, planned_days, planned_percent
from heqing.works.slips import (
    Colour,
    Event,
    SlipScheme,
    event_of,
    proposed,
    report_due_day,
    slip_scheme,
    slip_schemes,
)
from heqing.works.words import funds, list_kinds

__all__ = [
    "Bundle", "Clock", "Colour", "Counting", "Course", "Event", "Kind", "Light", "Milestone", "Outlook", "Paper",
    "Pipeline", "Scheme", "SlipScheme", "Stage", "Threshold", "WorkLight", "clock_days", "default_scheme", "draw",
    "event_of", "funds", "lag", "light", "list_kinds", "months_over", "percent_done", "pipelines_on", "planned_days",
    "planned_percent", "proposed", "report_due_day", "scheme_names", "scheme_on", "slip_scheme", "slip_schemes",
    "spread_days",
]  # fmt: skip
