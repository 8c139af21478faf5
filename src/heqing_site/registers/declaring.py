"""Deeds on kinds (台账类别设置): an officer declares a kind without code, gives it a new version, retires it.

What is declared is read by the same code as the rulebook. A version is only added: older entries keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.registers import SHEETS, Kind
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.registers import kinds
from heqing_site.registers.faults import say_faults
from heqing_site.registers.models import RegisterKind

Tables = Mapping[str, Sequence[Mapping[str, object]]]


@transaction.atomic
def declare_kind(*, by: User, at: datetime, tables: Tables, because: str, seen: int | None = None) -> RegisterKind:
    """Declare a kind, or give one a new version (设置台账类别), so that it can be used from now on.

    Needs the right 台账类别设置 on the whole site. A new version keeps what targets ask for: no count is dropped or
    renamed. The same declaration sent twice is one version.

    Parameters
    ----------
    by, at
        Who and when.
    tables : mapping
        The rows of each sheet, see ``heqing.registers.read_kind``.
    because : str
        On whose word, or by which paper.
    seen : int, optional
        The version that the person had before their eyes.

    Raises
    ------
    RuleBrokenError
        ``register.because_missing``, ``register.declaration_faulty``, ``register.count_changed``,
        ``register.kind_changed_meanwhile``.
    """
    on = timezone.localdate(at)
    require(by, Permission.REGISTER_DECLARE, None, on=on)
    if not because.strip():
        raise RuleBrokenError("register.because_missing")
    stored = tidy(tables)
    known = set(kinds.standing_kinds(on=on))
    form, error = kinds.may_be_read(stored, known_kinds=known | {_key(stored)})
    if form is None or error is not None:
        said = say_faults(error.faults if error else ())
        raise RuleBrokenError("register.declaration_faulty", said="".join(said), faults=error.faults if error else ())
    before = kinds.standing_kind(form.key, on=on)
    newest: RegisterKind | None = RegisterKind.objects.filter(key=form.key).order_by("-version").first()
    if newest is not None and newest.tables == stored and not newest.is_retired:
        return newest
    if before is not None and seen is not None and seen != before.version:
        raise RuleBrokenError("register.kind_changed_meanwhile", kind=before.form.name_zh)
    if before is not None:
        _keep_counts(before.form, form)
    return _add(by, at, form, stored, because, version=1 if newest is None else newest.version + 1)


@transaction.atomic
def retire_kind(*, by: User, at: datetime, key: str, because: str) -> RegisterKind:
    """Take a kind out of use (停用台账类别): its entries stay and go on counting, new ones are not taken.

    Needs the right 台账类别设置 on the whole site. A kind of the rulebook can be retired too.
    """
    on = timezone.localdate(at)
    require(by, Permission.REGISTER_DECLARE, None, on=on)
    if not because.strip():
        raise RuleBrokenError("register.because_missing")
    standing = kinds.standing_kind(key, on=on)
    if standing is None:
        raise RuleBrokenError("register.unknown", kind=key)
    if standing.is_retired:
        raise RuleBrokenError("register.retired", kind=standing.form.name_zh)
    newest = RegisterKind.objects.filter(key=key).order_by("-version").first()
    stored = newest.tables if newest is not None else tables_of(standing.form)
    version = 1 if newest is None else newest.version + 1
    return _add(by, at, standing.form, stored, because, version=version, is_retired=True)


def tidy(tables: Tables) -> dict[str, list[dict[str, str]]]:
    """Keep the known columns as text, and no row without a word."""
    found: dict[str, list[dict[str, str]]] = {}
    for key, sheet in SHEETS.items():
        rows = []
        for row in tables.get(key, ()):
            cells = {column.key: _cell(row.get(column.key)) for column in sheet.columns}
            rows.append({name: said for name, said in cells.items() if said})
        while rows and not rows[-1]:
            rows.pop()
        found[key] = rows
    return found


def tables_of(form: Kind) -> dict[str, list[dict[str, str]]]:
    """Write a declaration as rows again, to start another version from."""

    def conditions(listed: Sequence[Any]) -> str:
        return ";".join(f"{one.field}{'!=' if one.is_negated else '='}{'|'.join(one.words)}" for one in listed)

    rows: dict[str, list[dict[str, object]]] = {
        "kinds": [
            {
                "kind": form.key, "name_zh": form.name_zh, "name_en": form.name_en, "pillar": form.pillar,
                "about": form.about, "enters": form.enters, "confirms": form.confirms,
            }
        ],
        "fields": [
            {
                "field": one.key, "label_zh": one.name_zh, "label_en": one.name_en, "type": one.type.value,
                "needed": one.is_needed, "gap": one.takes_gap, "unit": one.unit, "options": "|".join(one.options),
                "role": "|".join(sorted(role.value for role in one.roles)), "help": one.help,
            }
            for one in form.fields
        ],
        "states": [
            {
                "state": one.key, "name_zh": one.name_zh, "name_en": one.name_en, "is_end": one.is_end,
                "counts": one.counts,
            }
            for one in form.states
        ],
        "moves": [
            {
                "move": one.key, "name_zh": one.name_zh, "name_en": one.name_en, "from_states": "|".join(one.starts),
                "to_state": one.leads_to, "fields": "|".join(one.fields), "words": one.needs_words,
                "evidence": one.needs_evidence, "another_unit": one.needs_another_unit, "days": one.days,
                "wait_days": one.wait_days,
            }
            for one in form.moves
        ],
        "rules": [
            {
                "rule": one.key, "check": one.check, "arguments": "|".join(one.arguments),
                "states": "|".join(one.states), "says_zh": one.says_zh, "says_en": one.says_en,
            }
            for one in form.rules
        ],
        "counts": [
            {
                "count": one.key, "name_zh": one.name_zh, "name_en": one.name_en, "unit": one.unit,
                "what": one.what.value, "field": one.field, "filter": conditions(one.conditions),
                "whole_filter": conditions(one.whole) or ("*" if one.what.value.startswith("ratio") else ""),
                "by_day": one.by_day,
            }
            for one in form.counts
        ],
    }  # fmt: skip
    return tidy(rows)


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "是"
    return str(value).strip()


def _key(stored: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    heads = stored.get("kinds") or [{}]
    return heads[0].get("kind", "")


def _keep_counts(before: Kind, form: Kind) -> None:
    """Refuse to drop, rename or remeasure a count: a target may ask for it."""
    for count in before.counts:
        now = form.count(count.key)
        if now is None or (now.name_zh, now.unit) != (count.name_zh, count.unit):
            raise RuleBrokenError("register.count_changed", count=count.name_zh, key=count.key)


def _add(
    by: User,
    at: datetime,
    form: Kind,
    stored: dict[str, Any],
    because: str,
    *,
    version: int,
    is_retired: bool = False,
) -> RegisterKind:
    row = RegisterKind(
        key=form.key,
        version=version,
        name=form.name_zh[:80],
        pillar=form.pillar,
        tables=stored,
        is_retired=is_retired,
        because=because.strip()[:400],
        declared_by=by,
        declared_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RuleBrokenError("register.kind_changed_meanwhile", kind=form.name_zh) from error
    after = {"version": version, "is_retired": is_retired, "tables": stored}
    if is_retired:
        record(by=by.actor, at=at, action="registers.retire_kind", subject=row, because=because.strip(), after=after)
    else:
        record(by=by.actor, at=at, action="registers.declare_kind", subject=row, because=because.strip(), after=after)
    return row
