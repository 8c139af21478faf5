"""Values that rooms of this site count by themselves (清点): what works contribute, what stands in registers.

It judges nothing. What is counted is told with the rows behind it, so that the page of why can open them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from heqing.registers import What
from heqing.verdicts import Evidence, Kind, Promise
from heqing_site.ledger.models import TargetTerms
from heqing_site.library.rules import plain
from heqing_site.orgs.queries import ids_below
from heqing_site.registers.counting import counted
from heqing_site.verdicts.known import Known
from heqing_site.works.queries import Contributed


def by_works(promise: Promise, on: date, found: Contributed | None, *, is_served: bool) -> Known:
    """Give what works counted by a day: zero where works serve the target, no value where none does."""
    rows = [] if found is None else found.rows
    inputs: dict[str, Any] = {"source": "works", "contributions": [row.pk for row in rows]}
    if not is_served and not rows:
        return Known(promise, Evidence(None, None, reason="no_works"), inputs)
    if promise.period_start is not None and on < promise.period_start:
        return Known(promise, Evidence(None, None), inputs)
    total = Decimal(0) if found is None else Decimal(plain(found.total))
    last = on if promise.period_end is None else min(on, promise.period_end)
    return Known(promise, Evidence(total, last), inputs)


def by_registers(row: TargetTerms, promise: Promise, on: date, below: dict[int, set[int]]) -> Known:
    """Count the entries of a register: those of the unit that the target speaks of and below it, in its period."""
    units = None
    if row.scope_unit_id is not None and row.scope_unit is not None and row.scope_unit.parent_id is not None:
        units = below.setdefault(row.scope_unit_id, ids_below([row.scope_unit_id]))
    last = on if promise.period_end is None else min(on, promise.period_end)
    told = counted(row.statistic, units=units, first=row.period_start, last=last, as_of=on, names_entries=True)
    inputs: dict[str, Any] = {"source": "register", "statistic": row.statistic}
    if told is None:
        return Known(promise, Evidence(None, None), inputs)
    inputs |= {
        "register": told.form.key,
        "entries": list(told.numbers),
        "entry_count": told.entries,
        "unknown": told.unknown,
        "waiting": told.waiting,
        "first": str(row.period_start or ""),
        "last": str(last),
    }
    begun = row.period_start is None or on >= row.period_start
    if told.value is None or not told.is_kept or not begun:  # nobody keeps the register: not nought, but not known
        return Known(promise, Evidence(None, None), inputs)
    value = told.value
    if promise.kind is Kind.DEED:
        value = Decimal(1 if value > 0 else 0)
    part, whole = _part_of(value, told.whole if told.count.what is What.RATIO else None)
    return Known(promise, Evidence(value, last, part=part, whole=whole, unconfirmed=told.count.is_unconfirmed), inputs)


def _part_of(percent: Decimal, whole: Decimal | None) -> tuple[int | None, int | None]:
    """Give how many of how many entries a share in percent is of; nothing where it is no share of entries."""
    return (round(percent * whole / 100), int(whole)) if whole else (None, None)
