"""What a family of dated data is made of: the form its ``family.toml`` and ``edition.toml`` declare.

It reads two small TOML files and checks them; the tables are read in `heqing.editions.shelf`.
An unknown key is an error, and so is a missing one: a reference that drifts from its value must be noticed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from heqing.errors import RulebookError

TYPES = ("text", "integer", "decimal", "bool", "date")


@dataclass(frozen=True)
class Column:
    """A declared column of a table: its name, its type (one of text, integer, decimal, bool, date), may it be blank."""

    name: str
    type: str
    blank: bool = False


# Every table of every family has these; `sources` counts independent texts that agree, `official` says that the
# official text itself was read. A row with fewer than two sources and no official text is unconfirmed.
COMMON_COLUMNS = (
    Column("phase", "text"),
    Column("clause", "text", blank=True),
    Column("sources", "integer"),
    Column("official", "bool", blank=True),
    Column("note", "text", blank=True),
)
OPTIONAL_COMMON = {"official", "note"}


@dataclass(frozen=True)
class TableForm:
    """The declared form of one table of a family."""

    name: str
    about: str
    columns: tuple[Column, ...]
    optional: bool
    steps: dict[str, Any] | None


@dataclass(frozen=True)
class Phase:
    """A stretch of days in which one set of rows of an edition counts; `valid_to` is None while open."""

    key: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Amendment:
    """A 修改单: what it changed and from which day."""

    notice: str
    valid_from: date
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where a fact of the edition was read, and when somebody last compared it."""

    where: str
    checked_on: date


@dataclass(frozen=True)
class Edition:
    """One edition of a numbered document, for instance HJ 633-2012."""

    family: str
    key: str
    number: str
    title_zh: str
    issued: date | None
    replaces: str | None
    method: str | None
    ended: date | None
    phases: tuple[Phase, ...]
    amendments: tuple[Amendment, ...]
    sources: tuple[Source, ...]
    folder: Path


@dataclass(frozen=True)
class Family:
    """What the world calls by one name through time, for instance the air quality index."""

    key: str
    group: str
    name_zh: str
    name_en: str
    judges: str
    tables: dict[str, TableForm]
    editions: tuple[Edition, ...]
    folder: Path


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(path, str(error)) from error


def _keys(path: Path, found: dict[str, Any], needed: set[str], allowed: set[str], where: str = "") -> None:
    missing = needed - found.keys()
    unknown = found.keys() - needed - allowed
    if missing:
        raise RulebookError(path, f"{where}lacks the key(s) {', '.join(sorted(missing))}")
    if unknown:
        raise RulebookError(path, f"{where}has unknown key(s) {', '.join(sorted(unknown))}")


def _form(path: Path, name: str, found: dict[str, Any]) -> TableForm:
    where = f"table {name} "
    _keys(path, found, {"about", "columns"}, {"optional", "steps"}, where)
    columns = []
    for column, kind in found["columns"].items():
        type_ = kind.removesuffix("?")
        if type_ not in TYPES:
            raise RulebookError(path, f"{where}column {column}: type {kind!r} is none of {', '.join(TYPES)}")
        columns.append(Column(column, type_, blank=kind.endswith("?")))
    own = {c.name for c in columns}
    common = [c for c in COMMON_COLUMNS if c.name not in own]
    return TableForm(name, found["about"], (*columns, *common), bool(found.get("optional", False)), found.get("steps"))


def read_family(folder: Path) -> Family:
    """Read the declaration of a family and of all its editions.

    Parameters
    ----------
    folder : Path
        A folder with ``family.toml`` and one folder per edition.

    Returns
    -------
    Family
        Editions in order of their first day; the last day of each phase is the eve of the next.

    Raises
    ------
    RulebookError
        When a key is missing or unknown, a type is none, or phases overlap.
    """
    path = folder / "family.toml"
    found = _toml(path)
    _keys(path, found, {"name_zh", "name_en", "judges", "tables"}, set())
    tables = {name: _form(path, name, form) for name, form in found["tables"].items()}
    raw = [_edition(folder.name, child) for child in sorted(folder.iterdir()) if (child / "edition.toml").is_file()]
    if not raw:
        raise RulebookError(path, "the family has no edition")
    editions = _close_phases(path, sorted(raw, key=lambda e: e.phases[0].valid_from))
    return Family(
        folder.name, folder.parent.name, found["name_zh"], found["name_en"], found["judges"], tables, editions, folder
    )


def _edition(family: str, folder: Path) -> Edition:
    path = folder / "edition.toml"
    found = _toml(path)
    _keys(
        path, found, {"number", "title_zh", "phase", "source"}, {"issued", "replaces", "method", "ended", "amendment"}
    )
    for phase in found["phase"]:
        _keys(path, phase, {"key", "valid_from"}, set(), "phase ")
    phases = tuple(Phase(p["key"], p["valid_from"], None) for p in found["phase"])
    if list(phases) != sorted(phases, key=lambda p: p.valid_from):
        raise RulebookError(path, "phases are not in order of their first day")
    for amendment in found.get("amendment", []):
        _keys(path, amendment, {"notice", "valid_from", "changes"}, set(), "amendment ")
    for source in found["source"]:
        _keys(path, source, {"where", "checked_on"}, set(), "source ")
    return Edition(
        family=family,
        key=folder.name,
        number=found["number"],
        title_zh=found["title_zh"],
        issued=found.get("issued"),
        replaces=found.get("replaces"),
        method=found.get("method"),
        ended=found.get("ended"),
        phases=phases,
        amendments=tuple(
            Amendment(a["notice"], a["valid_from"], tuple(a["changes"])) for a in found.get("amendment", [])
        ),
        sources=tuple(Source(s["where"], s["checked_on"]) for s in found["source"]),
        folder=folder,
    )


def _close_phases(path: Path, editions: list[Edition]) -> tuple[Edition, ...]:
    """Give every phase its last day: the eve of the next phase, or the day its edition says it ended."""
    starts = [p.valid_from for e in editions for p in e.phases]
    if len(set(starts)) != len(starts):
        raise RulebookError(path, "two phases of the family begin on the same day")
    if starts != sorted(starts):
        raise RulebookError(path, "phases of two editions overlap")
    closed = []
    for edition in editions:
        phases = []
        for phase in edition.phases:
            later = [s for s in starts if s > phase.valid_from]
            last = later[0] - timedelta(days=1) if later else None
            if phase is edition.phases[-1] and edition.ended is not None:
                last = min(last, edition.ended) if last else edition.ended
            phases.append(Phase(phase.key, phase.valid_from, last))
        closed.append(Edition(**{**edition.__dict__, "phases": tuple(phases)}))
    return tuple(closed)
