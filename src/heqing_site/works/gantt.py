"""The timetable of works as a picture (甘特图): planned bar above, actual bar below, months, and today's line.

It lays rows out in numbers for a template that draws SVG; it asks nothing and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from heqing_site.works.models import Work
from heqing_site.works.rules import State, first_of, last_of, next_month

WIDTH, LEFT, ROW, TOP = 1040, 300, 34, 30
FEW_MONTHS = 14  # more months are named by their quarter only


@dataclass(frozen=True)
class Bar:
    """One work of the picture: its row, planned and actual bar, how much of the plan is done."""

    work: Work
    y: int
    x: float
    width: float
    done: float
    actual_x: float | None
    actual_width: float
    finish_x: float | None

    @property
    def text_y(self) -> int:
        """Where its name stands."""
        return self.y + 15

    @property
    def sub_y(self) -> int:
        """Where its second line stands."""
        return self.y + 28


@dataclass(frozen=True)
class Tick:
    """The first day of a month."""

    x: float
    name: str
    is_year: bool


@dataclass(frozen=True)
class Picture:
    """The whole picture."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    today: float | None
    width: int
    height: int
    left: int = LEFT
    top: int = TOP


def picture(works: Iterable[Work], *, on: date) -> Picture:
    """Lay works out between the first planned start and the last planned finish, by whole months."""
    rows = [work for work in works if work.planned_start is not None and work.planned_finish is not None]
    if not rows:
        return Picture([], [], None, WIDTH, TOP)
    starts = [day for work in rows for day in (work.planned_start, work.started_on) if day is not None]
    ends = [day for work in rows for day in (work.planned_finish, work.finished_on) if day is not None]
    first, last = first_of(min(starts)), last_of(first_of(max(ends)))
    length = (last - first).days + 1

    def at(day: date) -> float:
        inside = min(max((day - first).days, 0), length)
        return round(LEFT + inside * (WIDTH - LEFT - 8) / length, 1)

    bars = [_bar(work, number, at, on) for number, work in enumerate(rows)]
    return Picture(
        bars=bars,
        ticks=_ticks(first, last, at),
        today=at(on) if first <= on <= last else None,
        width=WIDTH,
        height=TOP + ROW * len(rows) + 8,
    )


def _bar(work: Work, number: int, at: Callable[[date], float], on: date) -> Bar:
    start, finish = work.planned_start, work.planned_finish
    if start is None or finish is None:
        raise ValueError("A bar needs both planned days.")
    x, end = at(start), at(finish)
    begun = work.started_on or (work.activated_on if work.state != State.DRAFT else None)
    until = work.finished_on or on
    actual = None if begun is None or begun > until else at(begun)
    return Bar(
        work=work,
        y=TOP + ROW * number,
        x=x,
        width=max(round(end - x, 1), 3),
        done=round(max(end - x, 3) * float(work.percent) / 100, 1),
        actual_x=actual,
        actual_width=0 if actual is None else max(round(at(until) - actual, 1), 3),
        finish_x=at(work.finished_on) if work.finished_on is not None else None,
    )


def _ticks(first: date, last: date, at: Callable[[date], float]) -> list[Tick]:
    months = [first]
    while (following := next_month(months[-1])) <= last:
        months.append(following)
    few = len(months) <= FEW_MONTHS
    shown = [month for month in months if few or month.month in (1, 4, 7, 10)]
    return [
        Tick(
            at(month),
            f"{month.year} 年 {month.month} 月" if month.month == 1 or month == first else f"{month.month} 月",
            month.month == 1 or month == first,
        )
        for month in shown
    ]
