"""Worlds: what many tests stand on (a district, its offices) is built once and given to each test untouched.

A fixture marked `kept` is built inside a transaction that stays open; the transaction of each test that asks for it
nests in it and is rolled back as always. A test that asks for less, or for another, closes what it does not ask for
first: no test sees rows that its fixtures did not make.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import override_settings

INSTALLATION = {
    "SECRET_KEY": "only-for-tests",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}
COMMITTING = {"transactional_db", "live_server"}
Build = Callable[..., Any]


def kept(build: Build) -> Any:
    """Make a fixture that is built once and gives plain data.

    It changes nothing but the database and files below ``DATA_DIR``. It may ask for ``db``, for other kept fixtures and
    for those that are plain functions of such.
    """

    @wraps(build)
    def give(**needed: Any) -> Any:
        return WORLDS.copy_of(build) if WORLDS.has(build) else build(**needed)

    give.kept = build  # type: ignore[attr-defined]
    return pytest.fixture(give)


def kept_of(item: pytest.Item) -> list[Build]:
    """Give the kept fixtures a test asks for, each after those it needs; none where it commits what it does."""
    mark = item.get_closest_marker("django_db")
    names = set(getattr(item, "fixturenames", ()))
    if (mark and (mark.kwargs.get("transaction") or mark.args[:1] == (True,))) or names & COMMITTING:
        return []
    found: list[Build] = []
    made = _functions_of(item)

    def visit(name: str) -> None:
        build = made.get(name)
        if build is None:
            return
        origin = getattr(build, "kept", None)
        if origin in found:
            return
        for needed in inspect.signature(build).parameters:
            if needed != name:
                visit(needed)
        if origin is not None:
            found.append(origin)

    for name in sorted(made, key=lambda name: (len(inspect.signature(made[name]).parameters), name)):
        visit(name)
    return found


def _functions_of(item: pytest.Item) -> dict[str, Build]:
    """Give the functions behind the fixtures a test asks for."""
    defined = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    return {name: definitions[-1].func for name, definitions in defined.items()}


@dataclass
class _Level:
    """One world that stands: who built it, what it gave, its transaction and its files."""

    build: Build
    value: Any
    around: Any
    folder: Path


class Worlds:
    """The worlds that stand at the moment, each built upon the one before."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._memo: dict[int, Any] = {}

    def stand(self, item: pytest.Item, new_folder: Callable[[], Path]) -> None:
        """Close what a test does not want and build what it lacks."""
        wanted = kept_of(item)
        same = 0
        while same < min(len(wanted), len(self._levels)) and self._levels[same].build is wanted[same]:
            same += 1
        self.close(same)
        for build in wanted[same:]:
            self._add(build, _functions_of(item), new_folder())
        self._memo = {}

    def close(self, keep: int = 0) -> None:
        """Take back all worlds but the lowest."""
        while len(self._levels) > keep:
            transaction.set_rollback(True)
            self._levels.pop().around.__exit__(None, None, None)

    def bring_files(self, folder: Path) -> None:
        """Copy the files of the highest world into a folder."""
        if self._levels:
            shutil.copytree(self._levels[-1].folder, folder, dirs_exist_ok=True)

    def has(self, build: Build) -> bool:
        """Say whether a world stands; a test that commits builds its own."""
        return any(level.build is build for level in self._levels)

    def copy_of(self, build: Build) -> Any:
        """Give what a world gave as if it were new; what it shares with others of one test stays shared."""
        return deepcopy(next(level.value for level in self._levels if level.build is build), self._memo)

    def _add(self, build: Build, made: dict[str, Build], folder: Path) -> None:
        self.bring_files(folder)
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]  # lets actions be the outermost, as in a test
        around.__enter__()
        try:
            with override_settings(DATA_DIR=folder, **INSTALLATION):
                value = self._call(build, made)
        except BaseException:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            raise
        self._levels.append(_Level(build, value, around, folder))

    def _call(self, build: Build, made: dict[str, Build]) -> Any:
        """Call a fixture's function with what it asks for, made from the worlds that stand."""

        def value(name: str) -> Any:
            if name == "db":
                return None
            origin = getattr(made[name], "kept", None)
            if origin is None:
                return self._call(made[name], made)
            return next(level.value for level in self._levels if level.build is origin)

        return build(**{name: value(name) for name in inspect.signature(build).parameters})


WORLDS = Worlds()
