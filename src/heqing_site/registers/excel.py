"""A register as a sheet (台账表格): the columns of a kind, what goes out, and one row taken back.

What goes out can be brought back: the number names the entry, so that a row that was not changed changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from heqing.registers import FieldType, Kind
from heqing.registers.declaration import NUMBERS
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Unit, User
from heqing_site.registers import actions, queries
from heqing_site.registers.kinds import Standing
from heqing_site.registers.models import Entry
from heqing_site.registers.values import plain
from heqing_site.sheets.fields import Field, choice, integer, lookup, text
from heqing_site.sheets.reading import Row

NUMBER, UNIT, STATE, WHY = "编号", "所属单位", "状态", "更正理由"


def columns(form: Kind) -> tuple[Field, ...]:
    """Give the columns of a kind: number, owner, its fields, the state to look at, the reason of a correction."""
    declared = [
        Field(
            field.name_zh,
            choice({option: option for option in field.options}) if field.type is FieldType.CHOICE else text(2000),
            needed=field.is_needed,
            width=26 if field.type is FieldType.TEXT else 15,
            says="；".join(part for part in (field.unit and f"单位：{field.unit}", field.help) if part),
        )
        for field in form.fields
        if field.type is not FieldType.FILE  # files come with the page of the entry
    ]
    return (
        Field(NUMBER, integer(), width=8, says="新登记的不填；填了就是更正这一条"),
        Field(UNIT, lookup(_unit, "单位"), needed=True, width=20, says="单位名称或代码"),
        *declared,
        Field(STATE, text(60), width=12, says="只看不改：状态在页面上办理"),
        Field(WHY, text(400), width=20, says="更正已登记的条目时写明"),
    )


def rows(form: Kind, entries: Iterable[Entry]) -> Iterable[dict[str, Any]]:
    """Give the rows of entries as the columns take them."""
    for entry in entries:
        known = plain(entry.values) | entry.gaps
        told: dict[str, Any] = {NUMBER: entry.number, UNIT: entry.unit.name, STATE: entry.state_name, WHY: ""}
        for field in form.fields:
            said = known.get(field.key, "")
            is_number = field.type in NUMBERS and said and field.key not in entry.gaps
            told[field.name_zh] = Decimal(said) if is_number else said
        yield told


def taking(standing: Standing, *, by: User, at: datetime) -> Callable[[Row], bool]:
    """Give what takes one row: enters it, or corrects the entry that its number names."""
    form = standing.form

    def take(row: Row) -> bool:
        typed = {field.key: row.typed[field.name_zh] for field in form.fields if row.has(field.name_zh)}
        unit = row.values[UNIT]
        number = row.values.get(NUMBER)
        if number is None:
            before = Entry.objects.filter(kind=form.key).count()
            actions.enter(by=by, at=at, kind=form.key, unit=unit, typed=typed)
            return Entry.objects.filter(kind=form.key).count() > before
        entry = queries.entry_numbered(form.key, number)
        if entry is None:
            raise RuleBrokenError("register.number_unknown", kind=form.name_zh, number=number, column=NUMBER)
        typed = {key: said for key, said in typed.items() if entry.form.field_named(key) is not None}
        why = row.typed.get(WHY, "") or "按表格更正"
        try:
            actions.correct(by=by, at=at, entry=entry, typed=typed, note=why, unit=unit)
        except RuleBrokenError as error:
            if error.code == "register.nothing_changed":
                return False
            raise
        return True

    return take


def _unit(said: str) -> Unit | None:
    coded = Unit.objects.filter(code=said).first()
    if coded is not None:
        return coded
    named = list(Unit.objects.filter(name=said, active_to__isnull=True)[:2])
    return named[0] if len(named) == 1 else None
