"""The light of a work (亮灯): what is late or behind, measured, and what a scheme says of it.

Thresholds are data of families ``work_lights_…``; family ``work_light_presets`` lists the schemes and names the
default. Each measure gives a light; the worst counts, and the reason says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

import polars as pl

from heqing.editions import default_preset, preset_names, table, timeline
from heqing.errors import UnknownNameError
from heqing.works.schedule import months_over

PRESETS = "work_light_presets"


class Light(StrEnum):
    """The light of a work (灯)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


class Outlook(StrEnum):
    """What the unit judges: on course (正常), able to finish (能完成), or hardly (难以完成)."""

    NORMAL = "normal"
    ABLE = "able"
    UNABLE = "unable"


SEVERITY = {Light.GREY: 0, Light.GREEN: 1, Light.YELLOW: 2, Light.RED: 3}


@dataclass(frozen=True)
class Threshold:
    """What one measure means in a scheme; between `green_to` and `silent_to` its source says nothing."""

    measure: str
    green_to: Decimal
    silent_to: Decimal | None
    yellow_to: Decimal
    clause: str
    unconfirmed: bool

    def light(self, gap: Decimal) -> Light:
        """Give the light of a gap; where the source is silent it is yellow."""
        if gap <= self.green_to:
            return Light.GREEN
        return Light.YELLOW if gap <= self.yellow_to else Light.RED

    def is_silent(self, gap: Decimal) -> bool:
        """Whether the source says nothing of this gap."""
        return self.silent_to is not None and self.green_to < gap < self.silent_to


@dataclass(frozen=True)
class Scheme:
    """A light scheme on a day: thresholds by measure, lights by outlook, the edition they stand in."""

    key: str
    name_zh: str
    name_en: str
    edition: str
    thresholds: tuple[Threshold, ...]
    outlooks: dict[Outlook, Light]

    def find(self, measure: str) -> Threshold | None:
        """Give the threshold of a measure, None where the scheme does not speak of it."""
        return next((t for t in self.thresholds if t.measure == measure), None)


@dataclass(frozen=True)
class Course:
    """What is known of a work on a day: planned days, what happened, percent by plan and done.

    `needs_entry` says whether its pipeline has an entry in statistics (入库) at all.
    """

    planned_start: date | None
    planned_finish: date | None
    started_on: date | None = None
    entered_on: date | None = None
    finished_on: date | None = None
    planned: Decimal | None = None
    done: Decimal | None = None
    outlook: Outlook = Outlook.NORMAL
    needs_entry: bool = False


@dataclass(frozen=True)
class WorkLight:
    """A light with its reason as codes: see `sentence`. `is_silent`: the scheme says nothing of the gap."""

    light: Light
    measure: str
    gap: Decimal | None
    reason: str
    scheme: str
    edition: str
    clause: str
    unconfirmed: bool
    is_silent: bool


def light(course: Course, *, on: date, scheme: str | None = None) -> WorkLight:
    """Give the light of a work on a day.

    Parameters
    ----------
    course : Course
        What is known of it.
    on : date
        The day.
    scheme : str, optional
        One of `scheme_names`; the default when left out.

    Returns
    -------
    WorkLight
        The worst light of its measures, and why.

    Raises
    ------
    UnknownNameError
        When there is no such scheme.

    Examples
    --------
    >>> late = Course(date(2026, 1, 1), date(2026, 3, 31), started_on=date(2026, 1, 5), planned=Decimal(60),
    ...     done=Decimal(20))
    >>> light(late, on=date(2026, 2, 23)).light.value, light(late, on=date(2026, 2, 23)).reason
    ('red', 'work_points_behind(40)')
    """
    chosen = scheme_on(scheme or default_scheme(), on)
    if course.planned_start is None or course.planned_finish is None:
        return WorkLight(Light.GREY, "", None, "work_without_dates", chosen.key, chosen.edition, "", False, False)
    if course.finished_on is not None:
        days = (course.finished_on - course.planned_finish).days
        reason = f"work_finished_late({days})" if days > 0 else "work_finished"
        return WorkLight(Light.GREEN, "", None, reason, chosen.key, chosen.edition, "", False, False)
    found = [_measured(chosen, measure, gap) for measure, gap in _gaps(course, on) if gap > 0]
    told = [one for one in found if one is not None]
    judged = chosen.outlooks.get(course.outlook)
    is_late = any(gap > 0 for _, gap in _gaps(course, on))
    if judged is not None and (is_late or course.outlook is Outlook.UNABLE):
        reason = f"work_outlook_{course.outlook.value}"
        told.append(WorkLight(judged, "outlook", None, reason, chosen.key, chosen.edition, "", True, False))
    if told:
        worst = max(told, key=lambda one: SEVERITY[one.light])
        if worst.light is not Light.GREEN or worst.gap:
            return worst
    before = on < course.planned_start and course.started_on is None
    reason = "work_not_due_yet" if before else "work_on_schedule"
    return WorkLight(Light.GREEN, "", None, reason, chosen.key, chosen.edition, "", False, False)


def _gaps(course: Course, on: date) -> list[tuple[str, Decimal]]:
    """Measure what is late or behind; 0 or less is on course."""
    gaps = []
    if course.planned_finish is not None:
        gaps.append(("finish", Decimal((on - course.planned_finish).days)))
    if course.started_on is None:
        gaps.append(("start", Decimal(months_over(course.planned_start, on))))
    elif course.needs_entry and course.entered_on is None:
        gaps.append(("entry", Decimal(months_over(course.started_on, on))))
    if course.planned is not None:
        gaps.append(("progress", course.planned - (course.done or Decimal(0))))
    return gaps


REASONS = {
    "finish": "work_days_over",
    "start": "work_not_started",
    "entry": "work_not_entered",
    "progress": "work_points_behind",
}


def _measured(scheme: Scheme, measure: str, gap: Decimal) -> WorkLight | None:
    threshold = scheme.find(measure)
    if threshold is None:
        return None
    reason = f"{REASONS[measure]}({gap.normalize():f})"
    silent = threshold.is_silent(gap)
    return WorkLight(
        threshold.light(gap),
        measure,
        gap,
        f"{reason};light_scheme_silent" if silent else reason,
        scheme.key,
        scheme.edition,
        threshold.clause,
        threshold.unconfirmed,
        silent,
    )


def scheme_names() -> dict[str, str]:
    """Name the schemes an installation can choose.

    Returns
    -------
    dict of str to str
        Key to Chinese name, the default first.

    Examples
    --------
    >>> list(scheme_names())
    ['heqing', 'yinchuan', 'guangyuan']
    """
    return preset_names(PRESETS)


def default_scheme() -> str:
    """Give the key of the scheme that counts when none is chosen.

    Returns
    -------
    str
        The key.

    Raises
    ------
    RulebookError
        When the data name none or several.

    Examples
    --------
    >>> default_scheme()
    'heqing'
    """
    return default_preset(PRESETS)


@cache
def scheme_on(key: str, on: date) -> Scheme:
    """Give a scheme as it stands on a day.

    Parameters
    ----------
    key : str
        One of `scheme_names`.
    on : date
        The day; before the scheme's first edition, that edition counts: whoever chose it means it.

    Returns
    -------
    Scheme
        Its thresholds.

    Raises
    ------
    UnknownNameError
        When there is no such scheme.

    Examples
    --------
    >>> scheme_on("yinchuan", date(2026, 11, 24)).find("progress").yellow_to
    Decimal('30.000000000000')
    """
    presets = {row["key"]: row for row in table(PRESETS, "presets").to_dicts()}
    if key not in presets:
        raise UnknownNameError("light scheme of works", key, list(presets))
    preset = presets[key]
    family = preset["family"]
    phases = timeline(family).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)
    chosen = pl.col("phase_no") == number
    return Scheme(
        key=key,
        name_zh=preset["name_zh"],
        name_en=preset["name_en"],
        edition=phases[number][0].number,
        thresholds=tuple(
            Threshold(
                row["measure"], row["green_to"], row["silent_to"], row["yellow_to"], row["clause"] or "",
                row["unconfirmed"],
            )
            for row in table(family, "thresholds").filter(chosen).to_dicts()
        ),
        outlooks={
            Outlook(row["outlook"]): Light(row["light"])
            for row in table(family, "outlooks").filter(chosen).to_dicts()
        },
    )  # fmt: skip
