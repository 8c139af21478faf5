"""The five lists as one sheet (清单表格): the same columns go out to Excel and are taken back.

The key of a row is its number within the plan, so a sheet that comes back changes what it changes and doubles nothing.
A column that the sheet lacks leaves its values as they stand. Look next at ``plans.lists``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from heqing.plans import ListForm, lists_on
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import target_numbered
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import unit_coded
from heqing_site.places.models import Section
from heqing_site.places.queries import section_named
from heqing_site.plans.lists import put_item
from heqing_site.plans.models import Plan, PlanItem
from heqing_site.plans.queries import newest_of, shown_value
from heqing_site.sheets.fields import Field, Read, choice, day, decimal, integer, lookup, several, text
from heqing_site.sheets.reading import Row
from heqing_site.works.models import Work
from heqing_site.works.queries import work_numbered

SUBJECT = "plans.lists"
LIST, CODE, LINKS, WORDS = "清单", "编号", "上一清单编号", "内容"
WIDE = frozenset({"text"})


def columns(plan: Plan, *, on: date, list_key: str = "") -> list[Field]:
    """Give the columns of the sheet of a plan, of one list or of all five."""
    forms = lists_on(plan.drafted_on)
    shown = [forms[list_key]] if list_key else list(forms.values())
    found = [
        Field(LIST, choice({form.name_zh: form.key for form in shown}), needed=True),
        Field(CODE, text(12), needed=True, width=8, says="方案内不重复，例如 W1；再次导入时按编号更新"),
        Field(LINKS, several(text(12)), says="所对应的上一清单条目的编号，多个用、分开；问题清单不填"),
        Field(WORDS, text(), needed=True, width=44, wraps=True),
    ]
    known: dict[str, Field] = {}
    for form in shown:
        for field in form.fields:
            reader = _reader(field.key, field.reads, shown, on)
            before = known.get(field.name_zh)
            says = f"{form.short_zh}" if before is None else f"{before.says}、{form.short_zh}"
            known[field.name_zh] = Field(
                field.name_zh, reader, width=18 if field.reads in WIDE else 14, wraps=field.reads in WIDE, says=says
            )
    return [*found, *(replace(field, says=f"用于{field.says}清单") for field in known.values())]


def _reader(key: str, reads: str, forms: Iterable[ListForm], on: date) -> Read:
    if reads == "choice":
        return choice({name: name for form in forms for name in form.categories.values()})
    readers: dict[str, Callable[[], Read]] = {
        "day": day,
        "year": lambda: integer(least=2000, most=2200),
        "decimal": lambda: decimal(least=_ZERO),
        "section": lambda: lookup(lambda typed: _section(typed, on), "断面"),
        "target": lambda: lookup(_target, "目标"),
        "project": lambda: lookup(_project, "任务或项目"),
        "unit": lambda: lookup(lambda typed: _unit(typed, on), "单位"),
    }
    if reads in readers:
        return readers[reads]()
    return text(getattr(PlanItem._meta.get_field(key), "max_length", None) or 0)


_ZERO = Decimal(0)


def _section(typed: str, on: date) -> Section | None:
    return section_named(typed, on=on) or Section.objects.filter(code=typed).first()


def _target(typed: str) -> Target | None:
    number = typed.removeprefix("目标").strip()
    return target_numbered(int(number)) if number.isascii() and number.isdecimal() and len(number) < 9 else None


def _project(typed: str) -> Work | None:
    number = typed.partition(" ")[0]
    return work_numbered(int(number)) if number.isascii() and number.isdecimal() and len(number) < 9 else None


def _unit(typed: str, on: date) -> Unit | None:
    found = unit_coded(typed)
    if found is not None:
        return found
    named = list(Unit.objects.active_on(on).filter(name=typed)[:2])
    return named[0] if len(named) == 1 else None


def enterer(plan: Plan, *, by: User, at: datetime) -> Callable[[Row], bool]:
    """Give the function that writes one row of the sheet into the lists of a plan."""
    forms = lists_on(plan.drafted_on)
    heads = {field.name_zh for form in forms.values() for field in form.fields}

    def enter(row: Row) -> bool:
        form = forms[row.values[LIST]]
        code = row.values[CODE].upper()
        newest = newest_of(plan, code)
        own = {field.name_zh: field for field in form.fields}
        for head in heads - set(own):
            if row.get(head) not in (None, "", []):
                raise RuleBrokenError("plan.field_unknown", list=form.name_zh, field=head, column=head)
        values: dict[str, Any] = {}
        for head, field in own.items():
            value = row.get(head)
            if not row.has(head) and newest is not None:
                value = newest.value(field.key)
            elif field.key == "category" and value is not None:
                value = {name: key for key, name in form.categories.items()}.get(value, value)
            values[field.key] = value
        links = row.get(LINKS, []) if row.has(LINKS) or newest is None else newest.links
        return put_item(
            by=by, at=at, plan=plan, list_key=form.key, code=code, words=row.values[WORDS], links=links, values=values
        )[1]

    return enter


def rows(plan: Plan, items: Iterable[PlanItem], *, list_key: str = "") -> list[dict[str, Any]]:
    """Give the items of a plan as rows of its sheet."""
    forms = lists_on(plan.drafted_on)
    told = []
    for item in items:
        if list_key and item.list_key != list_key:
            continue
        form = forms[item.list_key]
        row: dict[str, Any] = {LIST: form.name_zh, CODE: item.code, LINKS: "、".join(item.links), WORDS: item.words}
        for field in form.fields:
            value = item.value(field.key)
            if value in (None, ""):
                continue
            if field.reads in ("choice", "section", "target", "project"):
                value = shown_value(form, field.key, value)
            elif field.reads == "unit":  # two units may bear one name
                value = value.code
            row[field.name_zh] = value
        told.append(row)
    return told
