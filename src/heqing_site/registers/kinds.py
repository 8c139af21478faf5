"""Which declaration an entry has: the rulebook's, or a version that an officer stored.

A stored version is never changed, so what was read of it is kept by the key of its row. It writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Max

from heqing.registers import Kind, read_kind, shipped_kinds
from heqing.registers.declaration import DeclarationError

SHIPPED = 0  # the version of a kind that the rulebook declares


@dataclass(frozen=True)
class Standing:
    """A kind as it may be used now: its declaration, its version, and whether an officer retired it."""

    form: Kind
    version: int
    is_retired: bool = False

    @property
    def key(self) -> str:
        """Its key."""
        return self.form.key

    @property
    def is_own(self) -> bool:
        """Whether an officer declared it."""
        return self.version != SHIPPED


_READ: dict[tuple[str, int], tuple[Any, Kind]] = {}


def form_of_row(key: str, version: int, tables: dict[str, Any]) -> Kind:
    """Read the declaration of a stored version, once."""
    known = _READ.get((key, version))
    if known is None or known[0] != tables:
        known = _READ[key, version] = (tables, read_kind(tables))
    return known[1]


def form_of(key: str, version: int, on: date) -> Kind:
    """Give the declaration under which an entry of a day was entered."""
    if version == SHIPPED:
        return shipped_kinds(on)[key]
    if (key, version) in _READ:
        return _READ[key, version][1]
    row = apps.get_model("registers", "RegisterKind").objects.get(key=key, version=version)
    return form_of_row(key, version, row.tables)


def standing_kinds(*, on: date) -> dict[str, Standing]:
    """Give every kind as it stands on a day: those of the rulebook, then those that officers declared or changed."""
    found = {key: Standing(form, SHIPPED) for key, form in shipped_kinds(on).items()}
    model = apps.get_model("registers", "RegisterKind")
    newest = model.objects.values("key").annotate(last=Max("version")).values_list("key", "last")
    wanted = dict(newest)
    for row in model.objects.filter(key__in=list(wanted)).order_by("pk"):
        if wanted[row.key] == row.version:
            found[row.key] = Standing(form_of_row(row.key, row.version, row.tables), row.version, row.is_retired)
    return found


def standing_kind(key: str, *, on: date) -> Standing | None:
    """Give one kind as it stands on a day; None where there is none."""
    row = apps.get_model("registers", "RegisterKind").objects.filter(key=key).order_by("-version").first()
    if row is not None:
        return Standing(form_of_row(row.key, row.version, row.tables), row.version, row.is_retired)
    form = shipped_kinds(on).get(key)
    return None if form is None else Standing(form, SHIPPED)


def may_be_read(tables: dict[str, Any], *, known_kinds: set[str]) -> tuple[Kind | None, DeclarationError | None]:
    """Try to read a declaration: the kind, or what is wrong with it."""
    try:
        return read_kind(tables, known_kinds=known_kinds), None
    except DeclarationError as error:
        return None, error
