"""The shelf of families: finds them in the rulebook, reads their tables with declared types, keeps them in memory.

It never guesses a type: a clause "4.10" stays text. Look next at `heqing.editions.days` for days.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from heqing.editions.declaration import OPTIONAL_COMMON, Column, Edition, Family, TableForm, read_family
from heqing.errors import NoEditionError, RulebookError, UnknownNameError

# Wide enough for every printed limit: mercury 0.00005 mg/L, coliforms 40000 per litre.
DECIMAL = pl.Decimal(38, 12)
_POLARS_TYPES: dict[str, Any] = {
    "text": pl.String,
    "integer": pl.Int64,
    "decimal": DECIMAL,
    "bool": pl.Boolean,
    "date": pl.Date,
}


@cache
def _folders() -> dict[str, Path]:
    root = Path(str(files("heqing.rulebook")))
    found: dict[str, Path] = {}
    for declared in sorted(root.glob("*/*/family.toml")):
        if declared.parent.name in found:
            raise RulebookError(declared, "a family of that name stands elsewhere too")
        found[declared.parent.name] = declared.parent
    return found


def families(group: str | None = None) -> list[str]:
    """Name the families of the rulebook.

    Parameters
    ----------
    group : str, optional
        Only those of one group: ``standards``, ``lexicon``, ….

    Returns
    -------
    list of str
        Family keys in alphabetical order.

    Examples
    --------
    >>> "air_index" in families("standards")
    True
    """
    return sorted(k for k, f in _folders().items() if group is None or f.parent.name == group)


@cache
def family(name: str) -> Family:
    """Read one family with its editions.

    Parameters
    ----------
    name : str
        The family's key, for instance ``air_index``.

    Returns
    -------
    Family
        The declaration; its tables are read by `table`.

    Raises
    ------
    UnknownNameError
        When the rulebook has no such family.
    RulebookError
        When a file of the family breaks its form.

    Examples
    --------
    >>> [e.number for e in family("air_index").editions]
    ['HJ 633-2012', 'HJ 633-2026']
    """
    folders = _folders()
    if name not in folders:
        raise UnknownNameError("family", name, sorted(folders))
    return read_family(folders[name])


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def find_edition(family_name: str, name: str) -> Edition:
    """Find an edition by its number or key, however it is spaced.

    Parameters
    ----------
    family_name : str
        The family's key.
    name : str
        ``HJ 633-2012``, ``HJ633-2012`` or ``hj633_2012`` alike.

    Returns
    -------
    Edition
        The edition.

    Raises
    ------
    NoEditionError
        When the family has none of that name.

    Examples
    --------
    >>> find_edition("air_index", "hj633-2012").number
    'HJ 633-2012'
    """
    known = family(family_name).editions
    for edition in known:
        if _bare(name) in (_bare(edition.number), _bare(edition.key)):
            return edition
    raise NoEditionError(family_name, name, [e.number for e in known])


@cache
def table(family_name: str, name: str) -> pl.DataFrame:
    """Read one table of a family, all editions and phases stacked.

    Parameters
    ----------
    family_name : str
        The family's key.
    name : str
        The table's name as ``family.toml`` declares it.

    Returns
    -------
    polars.DataFrame
        The declared columns, before them ``edition``, ``phase``, ``phase_no`` (place in the family's timeline),
        ``valid_from``, ``valid_to``, after them ``unconfirmed``. A row marked ``*`` stands once for each phase.

    Raises
    ------
    UnknownNameError
        When the family declares no such table.
    RulebookError
        When a cell is not of its declared type; names file, row and column.

    Examples
    --------
    >>> table("air_index", "categories").height
    12
    """
    home = family(family_name)
    if name not in home.tables:
        raise UnknownNameError(f"table of {family_name}", name, sorted(home.tables))
    form = home.tables[name]
    rows: list[dict[str, Any]] = []
    phase_no = 0
    for edition in home.editions:
        found = _rows(edition, form)
        known = {p.key for p in edition.phases} | {"*"}
        for i, row in enumerate(found, start=2):
            if row["phase"] not in known:
                raise RulebookError(
                    edition.folder / f"{name}.csv", f"{row['phase']!r} is no phase", row=i, column="phase"
                )
        for phase in edition.phases:
            dates = {"valid_from": phase.valid_from, "valid_to": phase.valid_to}
            for row in found:
                if row["phase"] in (phase.key, "*"):
                    rows.append({**row, "edition": edition.number, "phase": phase.key, "phase_no": phase_no, **dates})
            phase_no += 1
    schema: dict[str, Any] = {
        "edition": pl.String,
        "phase": pl.String,
        "phase_no": pl.Int64,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    }
    schema |= {c.name: _POLARS_TYPES[c.type] for c in form.columns if c.name != "phase"}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(unconfirmed=(pl.col("sources") < 2) & ~pl.col("official").fill_null(False))


def _rows(edition: Edition, form: TableForm) -> list[dict[str, Any]]:
    path = edition.folder / f"{form.name}.csv"
    if not path.is_file():
        if form.optional:
            return []
        raise RulebookError(path, "the family declares this table; the edition lacks it")
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        head = reader.fieldnames or []
        declared = {c.name for c in form.columns}
        missing = declared - OPTIONAL_COMMON - set(head)
        unknown = set(head) - declared
        if missing or unknown:
            raise RulebookError(path, f"columns missing: {sorted(missing)}; unknown: {sorted(unknown)}", row=1)
        return [{c.name: _cell(path, i, c, row.get(c.name)) for c in form.columns} for i, row in enumerate(reader, 2)]


def _cell(path: Path, row: int, column: Column, text: str | None) -> Any:
    if text is None or text == "":
        if column.blank or column.name in OPTIONAL_COMMON:
            return None
        raise RulebookError(path, "the cell is blank", row=row, column=column.name)
    try:
        return _typed(column.type, text)
    except (ValueError, InvalidOperation) as error:
        raise RulebookError(path, f"{text!r} is not of type {column.type}", row=row, column=column.name) from error


def _typed(kind: str, text: str) -> Any:
    match kind:
        case "integer":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "bool":
            return {"true": True, "false": False}[text] if text in ("true", "false") else _no_bool(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            return text


def _no_bool(text: str) -> bool:
    raise ValueError(text)
