"""What somebody typed for an entry, read by its declaration and looked up (录入值).

It writes nothing. A value is kept as text, a reference with its key and its name as it was on the day, a mask as a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from heqing.registers import Field, FieldType, Kind, Role, fault_words, read_value
from heqing.registers.declaration import REFERENCES
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Unit
from heqing_site.places.models import Enterprise, River, Section, in_use_on
from heqing_site.registers.models import Entry

PLACES = {FieldType.RIVER: River, FieldType.SECTION: Section, FieldType.ENTERPRISE: Enterprise}


@dataclass
class Values:
    """The values of an entry: known ones, masked ones, and what is wrong with what was typed, by field."""

    known: dict[str, Any] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, str]:
        """The values as text; a reference by its key."""
        return plain(self.known)


def plain(known: Mapping[str, Any]) -> dict[str, str]:
    """Give stored values as text; a reference by its key."""
    return {key: str(value["key"]) if isinstance(value, dict) else str(value) for key, value in known.items()}


def read(form: Kind, typed: Mapping[str, str], *, on: date, before: Values | None = None) -> Values:
    """Read what was typed, over the values that stand; fields that were not typed keep theirs.

    Parameters
    ----------
    form : Kind
        The declaration.
    typed : mapping
        Text by the key of a field.
    on : datetime.date
        The day on which units and places must exist.
    before : Values, optional
        The values that stand.
    """
    found = Values(dict(before.known), dict(before.gaps)) if before is not None else Values()
    for one in form.fields:
        if one.key not in typed:
            if before is None and one.is_needed:
                found.faults[one.key] = fault_words()["needed"][0]
            continue
        got = read_value(one, typed[one.key])
        found.known.pop(one.key, None)
        found.gaps.pop(one.key, None)
        if got.fault:
            found.faults[one.key] = fault_words()[got.fault][0]
        elif got.gap:
            found.gaps[one.key] = got.gap
        elif got.value:
            value = _looked_up(one, got.value, on) if one.type in REFERENCES else got.value
            if value is None:
                found.faults[one.key] = fault_words()["not_found"][0].format(got.value[:40])
            else:
                found.known[one.key] = value
    return found


def refuse_faults(form: Kind, values: Values) -> None:
    """Refuse values that are wrong, naming each field.

    Raises
    ------
    RuleBrokenError
        ``register.faulty``.
    """
    if values.faults:
        told = [(form.field(key).name_zh, said) for key, said in values.faults.items()]
        raise RuleBrokenError(
            "register.faulty",
            said="".join(f"{name}：{said}" for name, said in told),
            column=told[0][0],
            faults=dict(values.faults),
        )


def columns(form: Kind, values: Values) -> dict[str, Any]:
    """Give the columns that repeat values: title, object, day, amount, choice."""
    text = values.plain

    def of(role: Role) -> str:
        one = form.with_role(role)
        return "" if one is None else text.get(one.key, "")

    title = form.with_role(Role.TITLE)
    named = values.known.get(title.key, "") if title is not None else ""
    unique = next((rule for rule in form.rules if rule.check == "unique" and not rule.states), None)
    parts = [text.get(key, "") for key in unique.arguments] if unique is not None else []
    return {
        "title": str(named["name"] if isinstance(named, dict) else named)[:200],
        "object_key": " ".join(parts)[:300] if parts and all(parts) else "",
        "day": date.fromisoformat(of(Role.DAY)) if of(Role.DAY) else None,
        "amount": Decimal(of(Role.AMOUNT)) if of(Role.AMOUNT) else None,
        "choice": of(Role.CHOICE),
    }


def _looked_up(one: Field, said: str, on: date) -> dict[str, str] | None:
    if one.type is FieldType.UNIT:
        return _only(Unit.objects.active_on(on), said)
    if one.type is FieldType.LINK:
        number = said.split()[0]
        linked = Entry.objects.standing().filter(kind=one.linked_kind)
        if number.isascii() and number.isdecimal() and len(number) < 10:
            entry = linked.filter(number=int(number)).first()
        else:
            entry = linked.filter(title=said).first()
        return None if entry is None else {"key": str(entry.number), "name": entry.title}
    return _only(PLACES[one.type].objects.filter(in_use_on(on)), said)  # type: ignore[attr-defined]


def _only(rows: Any, said: str) -> dict[str, str] | None:
    """Find a unit or place by its code, or by its name when only one bears it."""
    row = rows.filter(code=said).first() or rows.filter(code=said.split()[0]).first()
    if row is None:
        named = list(rows.filter(name=said)[:2])
        row = named[0] if len(named) == 1 else None
    return None if row is None else {"key": row.code, "name": row.name}
