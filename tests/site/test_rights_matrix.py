"""Every deed asks for the right that the table of rights says: each role, each place, each matter, before it tells.

The table is docs/reference/rights.csv; `rights.recipes` calls each deed on things of an invented city. A deed without a
row, and a row without a deed, are found.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.site.conftest import DAY
from tests.site.rights.recipes import RECIPES, TWO_MATTERS, TWO_PLACES, Recipe
from tests.site.rights.world import Asked, World

import heqing_site
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import RoleGrant, Unit
from heqing_site.orgs.rules import ROLE_PERMISSIONS, ROLES_BY_MATTER, Permission, Role, roles_with

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "rights.csv"
NOT_DEEDS = ("heqing_site.demo.", "heqing_site.web.wsgi.", ".migrations.", "__main__", ".management.")
DOES_NOTHING = {  # done already it finds nothing left, and asks nothing
    "ledger.actions.adopt_all", "ledger.restating.settle_repeats",
}  # fmt: skip
REFUSALS = {"permission.missing", "role.above_you", "user.above_you"}
TO_OTHERS = {
    "bulletin.approved_by_writer", "case.own_unit", "letter.reviewed_by_writer", "register.own_unit",
    "report.own_unit", "work.own_unit",
}  # fmt: skip
MATTER, OTHER_MATTER = {"registers": "waste"}, "air"  # everything else in the world is about water


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    key: str
    deed: str
    permission: Permission | None
    scope: str
    by_matter: bool
    note: str

    @property
    def is_for_others(self) -> bool:
        """Whether somebody else does it than who did the thing before: the note says by whom it is done."""
        return self.scope == "unit" and self.note.startswith("由")

    @property
    def room(self) -> str:
        """The room of the deed."""
        return self.deed.split(".")[0]

    @property
    def call(self) -> Callable[..., Any]:
        """The function."""
        module, name = self.deed.rsplit(".", 1)
        found: Callable[..., Any] = getattr(importlib.import_module(f"heqing_site.{module}"), name)
        return found

    @property
    def matter(self) -> str:
        """What the things of the room are about in the world."""
        return MATTER.get(self.room, "water")


def _rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                key=":".join(filter(None, (row["action"], row["variant"]))),
                deed=row["action"],
                permission=Permission(row["permission"]) if row["permission"] else None,
                scope=row["scope"],
                by_matter=row["matter"] == "yes",
                note=row["note"],
            )
            for row in csv.DictReader(lines)
        ]


ROWS = _rows()
WALKED = [row for row in ROWS if row.scope != "none"]
ROOMS = sorted({row.room for row in WALKED})


def _deeds() -> Iterator[str]:
    """Give every public function of the site that takes a moment by name: what is done at a moment is a deed."""
    for module in pkgutil.walk_packages(heqing_site.__path__, "heqing_site."):
        if any(part in f"{module.name}." for part in NOT_DEEDS):
            continue
        for name, found in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or not inspect.isfunction(found) or found.__module__ != module.name:
                continue
            moment = inspect.signature(found).parameters.get("at")
            if moment is not None and moment.kind is inspect.Parameter.KEYWORD_ONLY:
                yield f"{module.name.removeprefix('heqing_site.')}.{name}"


def test_every_deed_has_its_row_and_every_row_its_deed():
    assert set(_deeds()) == {row.deed for row in ROWS}
    assert {row.key for row in WALKED} == set(RECIPES)
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert [row.key for row in ROWS if (row.permission is None) != (row.scope in ("none", "own"))] == []


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Walk:
    """One deed in the world, tried with one grant at a time; what is not as the table says is gathered."""

    world: World
    row: Row
    asked: Asked
    faults: list[str]
    cases: int = 0

    def expect(self, allowed: bool, role: Role | None, place: Unit | None, *matters: str) -> None:
        """Try the deed as one who has a role at a place and nothing else."""
        self.cases += 1
        said = self._said(role, place, matters)
        if (said not in REFUSALS) != allowed:
            where = "nowhere" if role is None else place or "everywhere"
            wanted = "allowed" if allowed else "refused"
            self.faults.append(f"{self.row.key}: {role} at {where} {matters or ''} is not {wanted}: {said or 'done'}")

    def expect_refusal_first(self, role: Role | None, place: Unit | None) -> None:
        """Try it as one without the right, with an old page and after it was done: the refusal tells nothing else."""
        tries: list[tuple[bool, dict[str, Any]]] = [] if self.row.key in DOES_NOTHING else [(True, {})]
        if "seen" in inspect.signature(self.row.call).parameters:
            tries.append((False, {"seen": "-" if self.row.room == "library" else 999}))
        for is_done, more in tries:
            self.cases += 1
            said = self._said(role, place, (), is_done=is_done, **more)
            if said not in REFUSALS:
                moment = "after it was done" if is_done else "with an old page"
                self.faults.append(f"{self.row.key}: {role} at {place} is told {said or 'nothing'} {moment}")

    def _said(
        self, role: Role | None, place: Unit | None, matters: tuple[str, ...], *, is_done: bool = False, **more: Any
    ) -> str:
        tester = self.world.tester
        with _taken_back():
            if is_done:
                with suppress(RuleBrokenError), transaction.atomic():
                    self.row.call(by=self.world.checker, at=self.asked.at, **self.asked.given)
            if role is not None:
                RoleGrant.objects.create(user=tester, role=role, unit=place, valid_from=DAY, matters=" ".join(matters))
            try:
                with transaction.atomic():
                    self.row.call(by=tester, at=self.asked.at, **self.asked.given, **more)
            except RuleBrokenError as error:
                return error.code
        return ""


def _walk(walk: Walk) -> None:
    row, unit, beside = walk.row, walk.asked.unit, walk.world.beside
    permission = row.permission
    if row.scope != "unit":
        walk.expect(row.scope == "own", None, None)
        for role in Role:
            walk.expect(row.scope == "own" or permission in ROLE_PERMISSIONS[role], role, None)
    if permission is None:
        return
    holder = _holder(permission)
    walk.expect_refusal_first(None, None)
    if row.scope == "site":
        walk.expect(False, holder, walk.world.city)
        return
    if row.scope == "anywhere":
        walk.expect(True, holder, beside)
        return
    assert unit is not None
    walk.expect(False, None, None)
    for role in Role:
        walk.expect(permission in ROLE_PERMISSIONS[role], role, unit)
    walk.expect(True, holder, None)
    walk.expect(False, holder, walk.world.district if row.scope == "top" else beside)
    walk.expect_refusal_first(holder, beside)
    if unit.parent is not None:
        walk.expect(True, holder, unit.parent)
    if holder in ROLES_BY_MATTER:  # no grant of an administrator names matters
        walk.expect(row.by_matter, holder, unit, row.matter)
        walk.expect(False, holder, unit, OTHER_MATTER)


def _holder(permission: Permission) -> Role:
    """Give a role that holds a right, one whose grants may name matters where there is one."""
    return min(roles_with(permission), key=lambda role: role not in ROLES_BY_MATTER)


def _tried(recipes: dict[str, Recipe], key: str, faults: list[str]) -> tuple[Walk, Role, Unit]:
    world = World()
    row = next(row for row in ROWS if row.key == key)
    walk = Walk(world, row, recipes[key](world), faults)
    assert row.permission is not None
    assert walk.asked.unit is not None
    return walk, _holder(row.permission), walk.asked.unit


@pytest.mark.parametrize("room", ROOMS)
def test_deeds_ask_the_right_of_the_table(db, room):
    world, faults = World(), []
    for row in WALKED:
        if row.room == room:
            _walk(Walk(world, row, RECIPES[row.key](world), faults))
    assert faults == []


@pytest.mark.parametrize("room", sorted({row.room for row in WALKED if row.is_for_others}))
def test_what_others_do_is_refused_to_who_did_it_with_every_right(db, room):
    world, said = World(), {}
    for row in WALKED:
        if row.room == room and row.is_for_others:
            asked = RECIPES[row.key](world)
            with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
                row.call(by=world.writer, at=asked.at, **asked.given)
            said[row.key] = refusal.value.code
    assert set(said.values()) <= TO_OTHERS, said


@pytest.mark.parametrize("key", TWO_PLACES)
def test_a_deed_on_two_places_asks_at_both(db, key):
    faults: list[str] = []
    walk, holder, unit = _tried(TWO_PLACES, key, faults)
    walk.expect(False, holder, unit)
    walk.expect(False, holder, walk.world.beside)
    walk.expect(True, holder, walk.world.district)
    assert faults == []


@pytest.mark.parametrize("key", TWO_MATTERS)
def test_a_deed_on_two_matters_asks_for_both(db, key):
    faults: list[str] = []
    walk, holder, unit = _tried(TWO_MATTERS, key, faults)
    walk.expect(False, holder, unit, "water")
    walk.expect(False, holder, unit, "air")
    walk.expect(True, holder, unit, "water", "air")
    assert faults == []


def test_a_leading_group_is_kept_at_its_unit_or_at_its_office(db):
    faults: list[str] = []
    walk, holder, unit = _tried(RECIPES, "orgs.groups.seat_post", faults)
    walk.world.group.office = walk.world.beside
    walk.world.group.save(update_fields=["office"])
    walk.expect(True, holder, unit)
    walk.expect(True, holder, walk.world.beside)
    walk.expect(False, holder, walk.world.village)
    assert faults == []
