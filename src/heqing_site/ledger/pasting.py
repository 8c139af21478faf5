"""What officers paste from Excel into a split or a plan: one column of numbers, or names (days) with numbers beside.

Nothing is guessed: a line that cannot be placed is told with its words, and nothing of it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from heqing_site.ledger.rules import number_typed
from heqing_site.orgs.models import Unit
from heqing_site.sheets.fields import CellError, day

_DAY = day()


@dataclass
class Pasted:
    """What was read: a number for each unit (or row) by key, and a sentence for each line that could not be placed."""

    values: dict[int, Decimal] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def pasted_parts(text: str, units: Sequence[Unit]) -> Pasted:
    """Read numbers for units: by name or code in the first of two columns, or by the order of the table in one."""
    found = Pasted()
    lines = [_cells(line) for line in text.splitlines() if line.strip()]
    known = _by_name(units)
    if all(len(cells) == 1 for cells in lines):
        if len(lines) > len(units):
            found.faults.append(f"粘贴了 {len(lines)} 行，表中只有 {len(units)} 个单位，没有填入。")
            return found
        for unit, (typed,) in zip(units, lines, strict=False):
            _take(found, unit.pk, typed, unit.name)
        return found
    for number, cells in enumerate(lines, start=1):
        named = known.get(cells[0])
        if named is None:
            if number > 1 or number_typed(cells[-1]) is not None:  # a first line of words alone is the head
                found.faults.append(f"第 {number} 行“{cells[0]}”不是表中的单位，没有填入。")
        elif named.pk in found.values:
            found.faults.append(f"第 {number} 行“{cells[0]}”重复，只用了第一次的数。")
        else:
            _take(found, named.pk, cells[-1], named.name)
    return found


def pasted_plan(text: str, days: Sequence[date]) -> tuple[list[tuple[date, Decimal]], list[str]]:
    """Read planned values: one column in the order of the months, or a day (or month) with a value beside."""
    faults: list[str] = []
    rows: list[tuple[date, Decimal]] = []
    lines = [_cells(line) for line in text.splitlines() if line.strip()]
    in_order = all(len(cells) == 1 for cells in lines)
    if in_order and len(lines) != len(days):
        return [], [f"粘贴了 {len(lines)} 行，期内有 {len(days)} 个月，没有填入。"]
    for number, cells in enumerate(lines, start=1):
        until = days[number - 1] if in_order else _day_meant(cells[0], days)
        value = number_typed(cells[-1])
        if until is None or value is None:
            if number > 1 or value is not None:
                faults.append(f"第 {number} 行“{' '.join(cells)}”不能识别，没有填入。")
            continue
        rows.append((until, value))
    return rows, faults


def _cells(line: str) -> list[str]:
    parts = line.split("\t") if "\t" in line else re.split(r"[，,;；\s]+(?=[^\s，,;；]*$)", line.strip(), maxsplit=1)
    return [part.strip() for part in parts if part.strip()]


def _by_name(units: Sequence[Unit]) -> Mapping[str, Unit]:
    """Give units by code, by name, and by name without 镇, 街道 … where that is one unit's only."""
    known: dict[str, Unit] = {}
    short: dict[str, list[Unit]] = {}
    for unit in units:
        known[unit.code] = known[unit.name] = unit
        bare = re.sub(r"(?:街道办事处|街道|镇|乡|村|社区)$", "", unit.name)
        short.setdefault(bare, []).append(unit)
    return {**{name: same[0] for name, same in short.items() if len(same) == 1}, **known}


def _take(found: Pasted, key: int, typed: str, name: str) -> None:
    value = number_typed(typed)
    if value is None:
        found.faults.append(f"{name}的“{typed}”不是数字，没有填入。")
    else:
        found.values[key] = value


def _day_meant(typed: str, days: Sequence[date]) -> date | None:
    """Read a day, or a month by its number: its last day in the period."""
    if month := re.fullmatch(r"(?:\d{4}[-年/.])?(\d{1,2})月?", typed):
        return next((until for until in days if until.month == int(month[1])), None)
    try:
        return date.fromisoformat(str(_DAY(typed)))
    except CellError:
        return None
