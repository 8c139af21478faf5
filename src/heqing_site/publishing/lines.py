"""Small course lines (走势线) as shapes of an inline picture: value to date, schedule, limit. Plain arithmetic.

The page draws them without JavaScript; the large chart of a target stands on its own page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 320, 104
LEFT, RIGHT, TOP, BOTTOM = 4, 316, 18, 84
NEAR = 12  # labels closer than this would touch

Points = Sequence[tuple[date, float]]


@dataclass(frozen=True)
class CourseLine:
    """The shapes: polylines as SVG points, the height of the limit, the last point, and where labels stand."""

    value: str
    schedule: str
    limit: float | None
    limit_label: float
    end_x: float
    end_y: float
    end_anchor: str
    end_label: float
    first: date
    last: date

    @property
    def has_value(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.value)


def course_line(values: Points, *, schedule: Points, limit: float | None, first: date, last: date) -> CourseLine | None:
    """Lay out a course between two days; None without values or days.

    Parameters
    ----------
    values, schedule : sequence of (day, value)
        In order of days; what lies outside the two days is left out.
    limit : float or None
        The bound, drawn across.
    first, last : datetime.date
        The ends of the axis.

    Returns
    -------
    CourseLine or None
        In the units of the picture, `WIDTH` by `HEIGHT`.
    """
    values = [point for point in values if first <= point[0] <= last]
    schedule = [point for point in schedule if first <= point[0] <= last]
    if not values or last <= first:
        return None
    known = [value for _, value in (*values, *schedule)] + ([] if limit is None else [limit])
    low, high = min(known), max(known)
    if 0 <= low < high * 0.6:
        low = 0.0
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    low, high = (low if low == 0 else low - room), high + room

    def x(day: date) -> float:
        return round(LEFT + (day - first).days / (last - first).days * (RIGHT - LEFT), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP), 1)

    def line(points: Points) -> str:
        return " ".join(f"{x(day)},{y(value)}" for day, value in points)

    end_x, end_y = x(values[-1][0]), y(values[-1][1])
    limit_y = None if limit is None else y(limit)
    end_label = end_y - 6
    if limit_y is not None and abs(end_label - (limit_y - 4)) < NEAR:
        end_label = end_y + 14 if end_y >= limit_y else end_y - 8
    return CourseLine(
        value=line(values),
        schedule=line(schedule) if len(schedule) > 1 else "",
        limit=limit_y,
        limit_label=0.0 if limit_y is None else limit_y - 4,
        end_x=end_x,
        end_y=end_y,
        end_anchor="end" if end_x > WIDTH * 0.6 else "start",
        end_label=max(10.0, end_label),
        first=first,
        last=last,
    )
