"""Pipelines (阶段流程): stages of a task or project in order, papers of each, papers issued together, and clocks.

What stands in the rulebook is read by day; a pipeline that an office declares itself is drawn from plain rows of the
same form (`draw`). It counts no days of a work: see `heqing.works.schedule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import RulebookError

FAMILY = "work_pipelines"
WHOLE = Decimal(100)


class Kind(StrEnum):
    """What a work is: a task (任务), a project (项目); a pipeline may serve both."""

    TASK = "task"
    PROJECT = "project"
    BOTH = "both"


class Milestone(StrEnum):
    """What the end of a stage is for the whole: 开工, 入库, 竣工."""

    START = "start"
    ENTRY = "entry"
    FINISH = "finish"


class Counting(StrEnum):
    """How days are counted: 自然日 or 工作日."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True)
class Paper:
    """A paper that a stage yields; `bundle` names those that are issued together."""

    key: str
    name_zh: str
    name_en: str
    is_needed: bool
    bundle: str = ""
    unconfirmed: bool = False


@dataclass(frozen=True)
class Stage:
    """A stage: its part of the whole in percent, the days it has (None where none are set), its papers."""

    key: str
    place: int
    name_zh: str
    name_en: str
    share: Decimal
    days: int | None
    counting: Counting
    milestone: Milestone | None
    papers: tuple[Paper, ...]
    clause: str = ""
    unconfirmed: bool = True


@dataclass(frozen=True)
class Bundle:
    """Papers issued together: at most so many days between the first and the last."""

    key: str
    name_zh: str
    name_en: str
    most_days: int
    unconfirmed: bool


@dataclass(frozen=True)
class Clock:
    """Days between two papers, and the number that is aimed at."""

    key: str
    name_zh: str
    name_en: str
    from_paper: str
    to_paper: str
    target_days: int
    unconfirmed: bool


@dataclass(frozen=True)
class Pipeline:
    """The stages of a kind of work, in order."""

    key: str
    name_zh: str
    name_en: str
    kind: Kind
    about_zh: str
    stages: tuple[Stage, ...]
    bundles: tuple[Bundle, ...]
    clocks: tuple[Clock, ...]
    edition: str
    unconfirmed: bool

    def find(self, key: str) -> Stage | None:
        """Give a stage by its key, None where there is none."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def after(self, key: str) -> Stage | None:
        """Give the stage after one, None after the last."""
        place = next(number for number, stage in enumerate(self.stages) if stage.key == key)
        return self.stages[place + 1] if place + 1 < len(self.stages) else None

    def before(self, key: str) -> Stage | None:
        """Give the stage before one, None before the first."""
        place = next(number for number, stage in enumerate(self.stages) if stage.key == key)
        return self.stages[place - 1] if place else None

    def share_before(self, key: str) -> Decimal:
        """Give the part of the whole that is done when a stage begins."""
        place = next(number for number, stage in enumerate(self.stages) if stage.key == key)
        return sum((stage.share for stage in self.stages[:place]), Decimal(0))

    def paper(self, key: str) -> Paper | None:
        """Give a paper by its key, None where there is none."""
        return next((paper for stage in self.stages for paper in stage.papers if paper.key == key), None)

    def papers_together(self, bundle: str) -> tuple[Paper, ...]:
        """List the papers of a bundle."""
        return tuple(paper for stage in self.stages for paper in stage.papers if paper.bundle == bundle)

    def serves(self, kind: str) -> bool:
        """Whether a task, or a project, may go through it."""
        return self.kind is Kind.BOTH or self.kind.value == kind


@cache
def pipelines_on(on: date) -> dict[str, Pipeline]:
    """Give the pipelines of the rulebook as they stand on a day.

    Parameters
    ----------
    on : date
        The day on which a work begins; before the first edition, that one counts.

    Returns
    -------
    dict of str to Pipeline
        Key to pipeline, in the order of the list.

    Raises
    ------
    RulebookError
        When the shares of the stages of a pipeline do not add up to 100.

    Examples
    --------
    >>> [stage.name_zh for stage in pipelines_on(date(2026, 11, 24))["task"].stages]
    ['交办', '办理', '报告', '核查', '办结']
    """
    phases = timeline(FAMILY).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)

    def rows(name: str) -> list[dict[str, Any]]:
        return table(FAMILY, name).filter(pl.col("phase_no") == number).to_dicts()

    stages, papers, bundles, clocks = rows("stages"), rows("papers"), rows("bundles"), rows("clocks")
    found = {}
    for row in sorted(rows("pipelines"), key=lambda row: int(row["place"])):
        key = row["pipeline"]
        own = [paper for paper in papers if paper["pipeline"] == key]
        found[key] = draw(
            key=key,
            names=(row["name_zh"], row["name_en"]),
            kind=row["kind"],
            about_zh=row["about_zh"] or "",
            stages=sorted((s for s in stages if s["pipeline"] == key), key=lambda stage: int(stage["place"])),
            papers=own,
            bundles=[bundle for bundle in bundles if bundle["bundle"] in {paper["bundle"] for paper in own}],
            clocks=[clock for clock in clocks if clock["pipeline"] == key],
            edition=phases[number][0].number,
            unconfirmed=bool(row["unconfirmed"]),
        )
    return found


def draw(
    *,
    key: str,
    names: tuple[str, str],
    kind: str,
    stages: Sequence[Mapping[str, Any]],
    papers: Iterable[Mapping[str, Any]],
    bundles: Iterable[Mapping[str, Any]] = (),
    clocks: Iterable[Mapping[str, Any]] = (),
    about_zh: str = "",
    edition: str = "",
    unconfirmed: bool = False,
) -> Pipeline:
    """Draw a pipeline from plain rows, those of the rulebook or those an office declares.

    Parameters
    ----------
    key : str
        What names it.
    names : tuple of str
        Its name in Chinese and in English.
    kind : str
        ``task``, ``project`` or ``both``.
    stages, papers, bundles, clocks : iterable of mapping
        Rows with the columns of the tables of family ``work_pipelines``; stages in order.
    about_zh : str
        What it is for.
    edition : str
        Where it stands.
    unconfirmed : bool
        Whether it is a proposal.

    Returns
    -------
    Pipeline
        The pipeline.

    Raises
    ------
    RulebookError
        When it has no stages, when their shares do not add up to 100, or when a key stands twice.

    Examples
    --------
    >>> rows = [{"stage": "a", "name_zh": "开工", "share": 40}, {"stage": "b", "name_zh": "完工", "share": 60}]
    >>> own = draw(key="own", names=("自定", "own"), kind="task", stages=rows, papers=[])
    >>> own.after("a").name_zh, own.share_before("b")
    ('完工', Decimal('40'))
    """
    drawn = tuple(_stage(row, number, papers) for number, row in enumerate(stages, start=1))
    where = f"procedures/{FAMILY}"
    if sum((stage.share for stage in drawn), Decimal(0)) != WHOLE:
        raise RulebookError(where, f"{key}: the shares of the stages do not add up to 100")
    if len({stage.key for stage in drawn}) != len(drawn):
        raise RulebookError(where, f"{key}: a stage stands twice")
    return Pipeline(
        key=key,
        name_zh=names[0],
        name_en=names[1],
        kind=Kind(kind),
        about_zh=about_zh,
        stages=drawn,
        bundles=tuple(
            Bundle(b["bundle"], b["name_zh"], b["name_en"], int(b["most_days"]), bool(b.get("unconfirmed", True)))
            for b in bundles
        ),
        clocks=tuple(
            Clock(
                c["clock"], c["name_zh"], c["name_en"], c["from_paper"], c["to_paper"], int(c["target_days"]),
                bool(c.get("unconfirmed", True)),
            )
            for c in clocks
        ),
        edition=edition,
        unconfirmed=unconfirmed,
    )  # fmt: skip


def _stage(row: Mapping[str, Any], number: int, papers: Iterable[Mapping[str, Any]]) -> Stage:
    return Stage(
        key=str(row["stage"]),
        place=number,
        name_zh=str(row["name_zh"]),
        name_en=str(row.get("name_en") or row["name_zh"]),
        share=Decimal(str(row["share"])).normalize() + 0,
        days=None if row.get("days") is None else int(row["days"]),
        counting=Counting(row.get("counting") or Counting.CALENDAR.value),
        milestone=Milestone(row["milestone"]) if row.get("milestone") else None,
        papers=tuple(
            Paper(
                key=str(paper["paper"]),
                name_zh=str(paper["name_zh"]),
                name_en=str(paper.get("name_en") or paper["name_zh"]),
                is_needed=bool(paper.get("needed", True)),
                bundle=str(paper.get("bundle") or ""),
                unconfirmed=bool(paper.get("unconfirmed", False)),
            )
            for paper in papers
            if paper["stage"] == row["stage"]
        ),
        clause=str(row.get("clause") or ""),
        unconfirmed=bool(row.get("unconfirmed", False)),
    )


def spread_days(days: Iterable[date]) -> int:
    """Give how many days lie between the first and the last of some days.

    Parameters
    ----------
    days : iterable of date
        Days on which papers were issued.

    Returns
    -------
    int
        0 for one day, or for none.

    Examples
    --------
    >>> spread_days([date(2026, 3, 2), date(2026, 3, 2)]), spread_days([date(2026, 3, 2), date(2026, 3, 9)])
    (0, 7)
    """
    known = sorted(days)
    return (known[-1] - known[0]).days if known else 0
