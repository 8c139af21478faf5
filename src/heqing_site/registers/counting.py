"""What is counted of registers for targets (台账统计): asked of the database, as the register stood on a day.

A count takes of each entry the last step up to the day, leaves out struck ones and, where the kind asks for it, those
that nobody confirmed, and keeps those whose state and fields the declared filter names. Sums leave masked values out
and say how many there were.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count as Counted_
from django.db.models import DecimalField, Q, QuerySet, Sum
from django.db.models.expressions import F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from heqing.registers import Condition, Count, Kind, Role, What, split_statistic, statistic_of
from heqing.registers.declaration import REFERENCES, STATE
from heqing_site.orgs.models import Unit
from heqing_site.registers import kinds
from heqing_site.registers.models import Entry, EntryStep, newest_steps
from heqing_site.registers.rules import MOST_INPUTS

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Counted:
    """What was counted: the value, how many entries stand behind it, and what is not in it.

    `value` is None when there is nothing to divide by, or when every amount is masked. `unknown` counts the entries
    whose amount is masked or not known; `waiting` those that would count but were not confirmed. `all` is the number of
    entries of the kind on the day: while it is nought, nobody keeps the register.
    """

    statistic: str
    form: Kind
    count: Count
    value: Decimal | None
    entries: int
    unknown: int
    waiting: int
    all: int
    whole: Decimal | None = None
    numbers: tuple[int, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether anybody entered anything of the kind."""
        return self.all > 0


def statistics() -> dict[str, str]:
    """Name every count that a target can ask for (setting ``LEDGER_STATISTICS``)."""
    return {
        statistic_of(one.key, count.key): f"{one.form.name_zh}：{count.name_zh}"
        for one in kinds.standing_kinds(on=_FAR).values()
        for count in one.form.counts
    }


_FAR = date(9999, 12, 31)  # the newest edition of the rulebook: what is offered, not what is in force
_NAMES: dict[str, str] = {}  # of officers' own counts: their names never change, see `registers.declaring`


def name_of(statistic: str) -> str:
    """Name one count (setting ``LEDGER_STATISTICS``); empty when there is none. An officer's is looked up once."""
    split = split_statistic(statistic)
    if split is None:
        return ""
    if statistic in _NAMES:
        return _NAMES[statistic]
    standing = kinds.standing_kind(split[0], on=_FAR)
    count = None if standing is None else standing.form.count(split[1])
    if standing is None or count is None:
        return ""
    _NAMES[statistic] = f"{standing.form.name_zh}：{count.name_zh}"
    return _NAMES[statistic]


def counted(
    statistic: str,
    *,
    units: Collection[int] | None,
    first: date | None,
    last: date | None,
    as_of: date,
    names_entries: bool = False,
) -> Counted | None:
    """Count what a statistic asks for; None when there is no such count.

    Parameters
    ----------
    statistic : str
        ``registers.<kind>.<count>``.
    units : collection of int or None
        Owners that count; all when None.
    first, last : datetime.date or None
        The period. A count by day takes the entries whose day lies in it; any other tells how things stood at its end.
    as_of : datetime.date
        The day: what was entered afterwards is not known yet.
    names_entries : bool
        Whether to list the numbers of the entries behind the value.
    """
    found = _form(statistic, as_of)
    if found is None:
        return None
    form, count = found
    base = _base(form, count, units, first, last, as_of)
    part = _kept(base, form, count.conditions, is_part=True)
    confirmed = part.filter(is_confirmed=True) if form.needs_confirmation else part
    told = _aggregate(confirmed, form, count)
    waiting = told["rows"] if not form.needs_confirmation else part.count()
    value, whole = told["value"], None
    if count.what in (What.RATIO, What.RATIO_SUM):
        below = _kept(base, form, count.whole, is_part=False)
        whole = _aggregate(below, form, count)["value"]
        value = value * HUNDRED / whole if whole and value is not None else None
    numbers: tuple[int, ...] = ()
    if names_entries:
        numbers = tuple(confirmed.order_by("entry__number").values_list("entry__number", flat=True)[:MOST_INPUTS])
    return Counted(
        statistic=statistic,
        form=form,
        count=count,
        value=value,
        entries=told["rows"],
        unknown=told["unknown"],
        waiting=waiting - told["rows"],
        all=Entry.objects.filter(kind=form.key, entered_on__lte=as_of).count(),
        whole=whole,
        numbers=numbers,
    )


def behind(
    statistic: str, *, units: Collection[int] | None, first: date | None, last: date | None, as_of: date
) -> QuerySet[EntryStep]:
    """Select the steps behind a count, as the register stood on the day."""
    found = _form(statistic, as_of)
    if found is None:
        return EntryStep.objects.none()
    form, count = found
    part = _kept(_base(form, count, units, first, last, as_of), form, count.conditions, is_part=True)
    rows: Any = part.filter(is_confirmed=True) if form.needs_confirmation else part
    listed: QuerySet[EntryStep] = rows.select_related("entry", "unit").order_by("-entry__number")
    return listed


@dataclass(frozen=True)
class UnitCount:
    """What a unit has of a count."""

    unit: Unit
    value: Decimal | None
    entries: int
    unknown: int


def by_unit(statistic: str, *, first: date | None, last: date | None, as_of: date) -> list[UnitCount]:
    """Count for each unit that owns an entry of the kind; a share is each unit's own."""
    found = _form(statistic, as_of)
    if found is None:
        return []
    form, count = found
    base = _base(form, count, None, first, last, as_of)
    part = _kept(base, form, count.conditions, is_part=True)
    part = part.filter(is_confirmed=True) if form.needs_confirmation else part
    above = _grouped(part, form, count)
    below = _grouped(_kept(base, form, count.whole, is_part=False), form, count) if _is_share(count) else {}
    owners = Unit.objects.filter(pk__in={*above, *below, *base.order_by().values_list("unit", flat=True).distinct()})
    nothing: dict[str, Any] = {"rows": 0, "value": Decimal(0), "unknown": 0}
    rows = []
    for unit in owners.order_by("code"):
        told = above.get(unit.pk, nothing)
        value = told["value"]
        if _is_share(count):
            whole = below.get(unit.pk, nothing)["value"]
            value = value * HUNDRED / whole if whole and value is not None else None
        rows.append(UnitCount(unit, value, told["rows"], told["unknown"]))
    return rows


# --- how it is asked ----------------------------------------------------------------------------------------------


def _form(statistic: str, on: date) -> tuple[Kind, Count] | None:
    split = split_statistic(statistic)
    standing = None if split is None else kinds.standing_kind(split[0], on=on)
    count = None if standing is None or split is None else standing.form.count(split[1])
    return None if standing is None or count is None else (standing.form, count)


def _is_share(count: Count) -> bool:
    return count.what in (What.RATIO, What.RATIO_SUM)


def _base(
    form: Kind, count: Count, units: Collection[int] | None, first: date | None, last: date | None, as_of: date
) -> QuerySet[Any]:
    day = as_of if count.by_day or last is None else min(as_of, last)
    found = newest_steps(form.key, day).filter(is_struck=False)
    if units is not None:
        found = found.filter(unit__in=list(units))
    if count.by_day:
        if first is not None:
            found = found.filter(day__gte=first)
        if last is not None:
            found = found.filter(day__lte=last)
    return found


def _kept(rows: QuerySet[Any], form: Kind, conditions: tuple[Condition, ...], *, is_part: bool) -> QuerySet[Any]:
    """Keep what a filter names; a part without a word on states keeps those that are declared to count."""
    if is_part and not any(condition.field == STATE for condition in conditions):
        rows = rows.filter(state__in=[state.key for state in form.states if state.counts])
    for condition in conditions:
        asked = _asked(form, condition)
        rows = rows.filter(asked)
    return rows


def _asked(form: Kind, condition: Condition) -> Q:
    words = list(condition.words)
    if condition.field == STATE:
        meant = Q(state__in=words)
        return ~meant if condition.is_negated else meant
    field = form.field(condition.field)
    if Role.CHOICE in field.roles:
        meant = Q(choice__in=words)
        return ~meant if condition.is_negated else meant
    path = f"values__{field.key}" + ("__name" if field.type in REFERENCES else "")
    meant = Q(**{f"{path}__in": words})
    return (~meant | Q(**{f"{path}__isnull": True})) if condition.is_negated else meant


def _amount(form: Kind, count: Count) -> Any:
    if Role.AMOUNT in form.field(count.field).roles:
        return F("amount")
    return Cast(KeyTextTransform(count.field, "values"), DecimalField(max_digits=24, decimal_places=6))


def _measures(form: Kind, count: Count) -> dict[str, Any]:
    told: dict[str, Any] = {"rows": Counted_("pk")}
    if count.what in (What.SUM, What.RATIO_SUM):
        told |= {"value": Sum(_amount(form, count)), "known": Counted_(_amount(form, count))}
    elif count.what is What.DISTINCT:
        told |= {"value": Counted_(KeyTextTransform(count.field, "values"), distinct=True)}
    return told


def _told(row: dict[str, Any], count: Count) -> dict[str, Any]:
    if count.what in (What.SUM, What.RATIO_SUM):
        unknown = row["rows"] - row["known"]
        known = Decimal(row["value"] or 0)
        value = None if row["rows"] and not row["known"] else known
        return {"rows": row["rows"], "unknown": unknown, "value": value}
    value = Decimal(row["value"] if count.what is What.DISTINCT else row["rows"])
    return {"rows": row["rows"], "unknown": 0, "value": value}


def _aggregate(rows: QuerySet[Any], form: Kind, count: Count) -> dict[str, Any]:
    return _told(rows.order_by().aggregate(**_measures(form, count)), count)


def _grouped(rows: QuerySet[Any], form: Kind, count: Count) -> dict[int, dict[str, Any]]:
    found = rows.order_by().values("unit").annotate(**_measures(form, count))
    return {row["unit"]: _told(row, count) for row in found}
