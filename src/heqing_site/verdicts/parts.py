"""The value of a target that is the sum of its parts (汇总), on the last day of which every part speaks.

A sum is given only where it is true: all parts in one unit, on one day. Where a part has no value yet, the others are
a lower bound; it is handed in only where it decides the promise by itself, and the reason says “at least”. Everything
else is no value, and the reason names whose part lacks. See decision 0013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from heqing.verdicts import Evidence, Promise
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.rules import SourceKind
from heqing_site.ledger.tree import parts_by_target
from heqing_site.library.rules import plain
from heqing_site.verdicts.known import Known

FULL_WIDTH = str.maketrans("();,", "（）；，")  # what would break the form of a reason
Parts = Mapping[int, Sequence[TargetTerms]]


def parts_of_sums(terms: Iterable[TargetTerms], *, on: date) -> dict[int, list[TargetTerms]]:
    """Give, for each target that is a sum, the terms of its parts on a day; level by level, however deep."""
    found: dict[int, list[TargetTerms]] = {}
    asked = {row.target_id for row in terms if row.source_kind == SourceKind.PARTS}
    while asked:
        level = parts_by_target(asked, as_of=on)
        found |= {key: level.get(key, []) for key in asked}
        asked = {row.target_id for rows in level.values() for row in rows if row.source_kind == SourceKind.PARTS}
        asked -= found.keys()
    return found


def summed(
    terms: Iterable[TargetTerms],
    parts: Parts,
    known: Mapping[int, Known],
    promise_of: Callable[[TargetTerms], Promise],
) -> dict[int, Known]:
    """Give what is known of each target that is a sum; a part may itself be one."""
    rows = {row.target_id: row for row in terms}
    found: dict[int, Known] = {}

    def of(key: int, above: frozenset[int]) -> Known:
        if key in known:
            return known[key]
        if key not in found:
            row = rows[key]
            inner = [part for part in parts.get(key, []) if part.target_id not in above]
            values = {part.target_id: of(part.target_id, above | {key}) for part in inner}
            found[key] = _sum(row, promise_of(row), inner, values)
        return found[key]

    for key in rows:
        of(key, frozenset({key}))
    return found


def _sum(row: TargetTerms, promise: Promise, parts: Sequence[TargetTerms], known: Mapping[int, Known]) -> Known:
    inputs: dict[str, Any] = {
        "source": SourceKind.PARTS.value,
        "parts": [
            {
                "target": part.target.number,
                "unit": part.lead_unit.name,
                "value": _said(known[part.target_id].evidence.value),
                "as_of": _said(known[part.target_id].evidence.as_of),
            }
            for part in parts
        ],
    }

    def nothing(reason: str) -> Known:
        return Known(promise, Evidence(None, None, reason=reason), inputs)

    if not parts:
        return nothing("parts_none")
    if other := [part.lead_unit.name for part in parts if part.unit != row.unit]:
        return nothing(f"parts_in_another_unit({_names(other)})")
    lacking = [part.lead_unit.name for part in parts if known[part.target_id].evidence.value is None]
    courses = [_course(known[part.target_id]) for part in parts]
    ends = [course[-1][0] for course in courses if course]
    if not ends:
        return nothing(f"parts_without_value({_names(lacking)})")
    day = min(ends)
    on_the_day = [_on(course, day) for course in courses]
    if not lacking and all(value is not None for value in on_the_day):
        course = _added(courses, day)
        late = [part.lead_unit.name for part, own in zip(parts, courses, strict=True) if own[-1][0] == day]
        waits = f"parts_wait_for({_names(late)})" if day < max(ends) else ""
        return Known(promise, Evidence(course[-1][1], day, reason=waits), inputs, course)
    at_least = sum((course[-1][1] for course in courses if course), Decimal(0))
    lacking = lacking or [p.lead_unit.name for p, v in zip(parts, on_the_day, strict=True) if v is None]
    if _decides(promise, at_least) and all(value >= 0 for course in courses for _, value in course):
        return Known(promise, Evidence(at_least, max(ends), reason=f"parts_at_least({_names(lacking)})"), inputs)
    return nothing(f"parts_without_value({_names(lacking)});parts_so_far({plain(at_least)})")


def _course(known: Known) -> tuple[tuple[date, Decimal], ...]:
    """Give the values of a part by day, oldest first; one without a course has at most its last value."""
    if known.evidence.value is None or known.evidence.as_of is None:
        return ()
    return tuple(sorted(known.course)) or ((known.evidence.as_of, known.evidence.value),)


def _on(course: Sequence[tuple[date, Decimal]], day: date) -> Decimal | None:
    return next((value for until, value in reversed(course) if until <= day), None)


def _added(courses: Sequence[Sequence[tuple[date, Decimal]]], last: date) -> tuple[tuple[date, Decimal], ...]:
    """Add up courses on every day up to the last on which all of them speak."""
    days = sorted({day for course in courses for day, _ in course if day <= last})
    added = []
    for day in days:
        values = [_on(course, day) for course in courses]
        if all(value is not None for value in values):
            added.append((day, sum((value for value in values if value is not None), Decimal(0))))
    return tuple(added)


def _decides(promise: Promise, at_least: Decimal) -> bool:
    """Tell whether a lower bound decides a promise: an amount to reach is reached, one not to exceed is exceeded."""
    if promise.bound is None:
        return False
    if promise.is_downward:
        return at_least > promise.bound
    return at_least > promise.bound or (promise.comparator != ">" and at_least == promise.bound)


def _names(names: Iterable[str]) -> str:
    return "、".join(sorted(set(names))).translate(FULL_WIDTH)


def _said(value: object) -> str:
    return "" if value is None else str(value)
