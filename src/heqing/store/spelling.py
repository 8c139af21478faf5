"""How people write blanks, units and column names: the lists in ``tables/``, read once.

It changes no value. Look next at `heqing.store.intake`, which reads files with it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

from heqing.errors import BadFileError, UnknownNameError
from heqing.tables import items

_BRACKETED = re.compile(r"[（(\[【].*?[)）\]】]")


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of a small list in ``tables/``.

    Parameters
    ----------
    name : str
        The list's file name without ending.

    Returns
    -------
    tuple of dict
        One per row, all values text.

    Examples
    --------
    >>> rows_of("unit_factors")[0]["power_of_ten"]
    '-3'
    """
    text = files("heqing.tables").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def blank_marks(domain: str) -> list[str]:
    """List the marks that mean “no value”, in lower case.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.

    Returns
    -------
    list of str
        The empty text first.

    Examples
    --------
    >>> "--" in blank_marks("air"), "-1" in blank_marks("air"), "-1" in blank_marks("water")
    (True, False, True)
    """
    return ["", *(r["mark"] for r in rows_of("blank_marks") if r["domain"] in ("any", domain))]


def unit_named(spelling: str) -> str:
    """Give the unit that a spelling stands for.

    Parameters
    ----------
    spelling : str
        For instance ``ug/m3`` or ``微克/立方米``.

    Returns
    -------
    str
        The unit as the house writes it.

    Raises
    ------
    UnknownNameError
        For a spelling that is not listed.

    Examples
    --------
    >>> unit_named("ug/m3")
    'µg/m³'
    """
    wanted = _unit_key(spelling)
    for row in rows_of("unit_spellings"):
        if _unit_key(row["spelling"]) == wanted:
            return row["unit"]
    raise UnknownNameError("unit", spelling, sorted({r["unit"] for r in rows_of("unit_spellings")}))


def power_between(from_unit: str, to_unit: str) -> int | None:
    """Give the power of ten that turns values of one unit into another.

    Parameters
    ----------
    from_unit, to_unit : str
        Units as the house writes them.

    Returns
    -------
    int or None
        None when the two do not measure the same thing.

    Examples
    --------
    >>> power_between("µg/m³", "mg/m³"), power_between("mg/L", "mg/L"), power_between("mg/L", "mg/m³")
    (-3, 0, None)
    """
    if from_unit == to_unit:
        return 0
    for row in rows_of("unit_factors"):
        if row["from_unit"] == from_unit and row["to_unit"] == to_unit:
            return int(row["power_of_ten"])
    return None


def look_alike(name: str, domain: str) -> tuple[str, str | None] | None:
    """Guess which declared column a foreign name means; a suggestion for a message, never acted on.

    Parameters
    ----------
    name : str
        A column name of a file.
    domain : str
        ``air`` or ``water``.

    Returns
    -------
    tuple of (str, str or None) or None
        The declared column, and the unit when the name ends in another one than the house's.

    Examples
    --------
    >>> look_alike("PM2.5", "air"), look_alike("co_ugm3", "air"), look_alike("站点", "air"), look_alike("aqi", "air")
    (('pm2_5', None), ('co', 'µg/m³'), ('station', None), None)
    """
    known = _look_alikes(domain)
    key = _name_key(name)
    if key in known:
        return known[key], _foreign_unit(name, known[key], domain)
    for row in rows_of("unit_spellings"):
        unit_key = _name_key(row["spelling"])
        if len(unit_key) > 2 and key.endswith(unit_key) and key[: -len(unit_key)] in known:
            column = known[key[: -len(unit_key)]]
            return column, row["unit"] if row["unit"] != _units(domain).get(column) else None
    return None


@cache
def _look_alikes(domain: str) -> dict[str, str]:
    known = {_name_key(r["spelling"]): r["column"] for r in rows_of("look_alikes") if r["domain"] in ("any", domain)}
    for item in items(domain):
        for spelling in (item.code, item.name_zh, item.name_en, item.wire_code or item.code):
            known.setdefault(_name_key(spelling), item.code)
    return known


@cache
def _units(domain: str) -> dict[str, str]:
    return {i.code: i.unit for i in items(domain)}


def _foreign_unit(name: str, column: str, domain: str) -> str | None:
    house = _units(domain).get(column)
    for bracket in _BRACKETED.findall(name):
        try:
            unit = unit_named(bracket[1:-1])
        except UnknownNameError:
            continue
        return unit if house is not None and unit != house else None
    return None


def _unit_key(spelling: str) -> str:
    return unicodedata.normalize("NFKC", spelling).strip().lower().replace("μ", "u").replace(" ", "")


def _name_key(name: str) -> str:
    plain = unicodedata.normalize("NFKC", _BRACKETED.sub("", name)).lower().replace("μ", "u")
    return "".join(c for c in plain if c.isalnum())


def kind_of(head: bytes) -> tuple[str, str] | None:
    """Say what a file is whose first bytes betray another kind than a table of text.

    Parameters
    ----------
    head : bytes
        The first bytes of the file.

    Returns
    -------
    tuple of (str, str) or None
        The kind and what to do about it.

    Examples
    --------
    >>> kind_of(b"%PDF-1.7")[0]
    'a PDF document'
    """
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:64]
    for row in rows_of("file_kinds"):
        magic = bytes.fromhex(row["starts_with_hex"])
        if head.startswith(magic) or (magic[:1] == b"<" and start[: len(magic)].lower() == magic.lower()):
            return row["kind"], row["what_to_do"]
    return None


def check_unit(file: str, column: str, unit: str, house_unit: str) -> int:
    """Give the power of ten for a column whose unit the caller named.

    Parameters
    ----------
    file, column : str
        For the message.
    unit : str
        The unit as the caller wrote it.
    house_unit : str
        The one unit values have inside.

    Returns
    -------
    int
        Power of ten.

    Raises
    ------
    UnknownNameError
        For a unit that is not listed.
    BadFileError
        When it cannot be turned into the house's unit.

    Examples
    --------
    >>> check_unit("a.csv", "co", "ug/m3", "mg/m³")
    -3
    """
    power = power_between(unit_named(unit), house_unit)
    if power is None:
        raise BadFileError(
            file,
            f"values in {unit} cannot be turned into {house_unit or 'a number without unit'}. "
            f"Name the unit the file really has with `--unit {column}=…`.",
            column=column,
        )
    return power
