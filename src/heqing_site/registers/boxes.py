"""The fields of a declared kind as a page asks for them (录入框): shape of input only.

What was typed is read by ``registers.values``; here a field becomes a box of the right sort with what may be picked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from heqing.registers import Field, FieldType, Kind
from heqing.registers.declaration import NUMBERS, Role
from heqing_site.orgs.models import Unit
from heqing_site.places.models import in_use_on
from heqing_site.registers import queries
from heqing_site.registers.values import PLACES

PREFIX = "f-"


@dataclass(frozen=True)
class Box:
    """One box: the field, what stands in it, what is wrong with it, what may be picked."""

    field: Field
    value: str = ""
    fault: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_needed: bool = False

    @property
    def name(self) -> str:
        """The name of the box in the form."""
        return PREFIX + self.field.key

    @property
    def sort(self) -> str:
        """How it is drawn: select, date, month, number, file, long (grows with what is typed), text."""
        if self.choices or self.field.type is FieldType.CHOICE:
            return "select"
        match self.field.type:
            case FieldType.DAY:
                return "date"
            case FieldType.MONTH:
                return "month"
            case FieldType.FILE:
                return "file"
            case FieldType.TEXT if Role.TITLE not in self.field.roles:
                return "long"
            case _:
                return "number" if self.field.type in NUMBERS and not self.field.takes_gap else "text"


def boxes(
    form: Kind,
    *,
    on: date,
    typed: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
    needed: Collection[str] = (),
) -> list[Box]:
    """Give the boxes of a kind, or of some of its fields, with what was typed and what is wrong."""
    wrong = faults or {}
    return [
        Box(
            field=field,
            value=typed.get(field.key, ""),
            fault=wrong.get(field.key, "") or ("没有填写。" if field.key in wrong else ""),
            choices=_choices(field, on),
            is_needed=field.is_needed or field.key in needed,
        )
        for field in form.fields
        if only is None or field.key in only
    ]


def typed_in(form: Kind, posted: Mapping[str, Any]) -> dict[str, str]:
    """Take what was typed from a form, by the key of a field; boxes that were not on the page are left out."""
    return {
        field.key: str(posted[PREFIX + field.key])
        for field in form.fields
        if PREFIX + field.key in posted and field.type is not FieldType.FILE
    }


def _choices(field: Field, on: date) -> tuple[tuple[str, str], ...]:
    if field.type is FieldType.CHOICE:
        return tuple((option, option) for option in field.options)
    if field.type is FieldType.UNIT:
        return _coded(Unit.objects.active_on(on).order_by("code"))
    if field.type in PLACES:
        return _coded(PLACES[field.type].objects.filter(in_use_on(on)).order_by("code"))  # type: ignore[attr-defined]
    if field.type is FieldType.LINK:
        return tuple(queries.linked_choices(field.linked_kind))
    return ()


def _coded(rows: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((row.code, row.name) for row in rows)
