"""Values as people type them, read by the declared type of their field (录入值).

Numbers keep every digit that was typed and are handed on as text; what a document masks stays a gap, never a guess. It
looks nothing up: whether a unit, a river or another entry exists is asked by the site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from heqing.registers.declaration import NUMBERS, Field, FieldType

MASK = re.compile(r"[*＊xX×□○]{1,12}")
LONGEST = 2000
MOST_DIGITS, MOST_PLACES = 18, 6
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")


@dataclass(frozen=True)
class Read:
    """What was read: a value as text, or a gap (the mask as written), or the code of what is wrong."""

    value: str = ""
    gap: str = ""
    fault: str = ""


def read_value(field: Field, typed: str) -> Read:
    """Read one value by the type of its field.

    Parameters
    ----------
    field : Field
        The declared field.
    typed : str
        What somebody typed, or what stands in a cell.

    Returns
    -------
    Read
        An empty value for an empty cell; `fault` is ``needed``, ``number``, ``integer``, ``negative``, ``too_long``,
        ``day``, ``month`` or ``choice``.

    Examples
    --------
    >>> from heqing.registers import shipped_kinds
    >>> kinds = shipped_kinds(date(2026, 11, 24))
    >>> rank = kinds["honours"].field("rank")
    >>> read_value(rank, "3"), read_value(rank, "**")
    (Read(value='3', gap='', fault=''), Read(value='', gap='**', fault=''))
    """
    said = typed.strip()
    if not said:
        return Read(fault="needed" if field.is_needed else "")
    if field.takes_gap and MASK.fullmatch(said):
        return Read(gap=said)
    if len(said) > LONGEST:
        return Read(fault="too_long")
    match field.type:
        case FieldType.INTEGER | FieldType.DECIMAL | FieldType.MONEY | FieldType.AREA:
            return _number(field, said)
        case FieldType.DAY:
            found = _DAY.fullmatch(said)
            return _day(*(int(part) for part in found.groups())) if found else Read(fault="day")
        case FieldType.MONTH:
            found = _MONTH.fullmatch(said) or _DAY.fullmatch(said)
            if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
                return Read(fault="month")
            return Read(f"{int(found[1]):04}-{int(found[2]):02}")
        case FieldType.CHOICE:
            return Read(said) if said in field.options else Read(fault="choice")
        case _:
            return Read(said)


def shown_value(field: Field, value: object, gap: str = "") -> str:
    """Write a stored value as a page shows it: a number with its unit, a reference by its name, a gap as it was.

    Parameters
    ----------
    field : Field
        The declared field.
    value : object
        Text, a reference ``{"key": …, "name": …}``, or None.
    gap : str
        The mask that the document had in its place.

    Returns
    -------
    str
        The words; empty where nothing is known.

    Examples
    --------
    >>> from heqing.registers import shipped_kinds
    >>> area = shipped_kinds(date(2026, 11, 24))["low_yield"].field("area")
    >>> shown_value(area, "12.50"), shown_value(area, None, "xx")
    ('12.50 亩', 'xx（原文遮盖）')
    """
    if gap:
        return f"{gap}（原文遮盖）"
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if value is None or value == "":
        return ""
    return f"{value} {field.unit}" if field.unit and field.type in NUMBERS else str(value)


def _number(field: Field, said: str) -> Read:
    plain = said.replace(",", "").replace("，", "").replace(" ", "")
    if field.unit and plain.endswith(field.unit):
        plain = plain.removesuffix(field.unit)
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", plain) or not plain.isascii():
        return Read(fault="number")
    try:
        number = Decimal(plain)
    except InvalidOperation:  # pragma: no cover -- the pattern lets no such text through
        return Read(fault="number")
    whole, _, places = plain.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > MOST_DIGITS - MOST_PLACES or len(places) > MOST_PLACES:
        return Read(fault="too_long")
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        return Read(fault="integer")
    if field.type is not FieldType.DECIMAL and number < 0:
        return Read(fault="negative")
    if field.type is FieldType.INTEGER:
        number = number.to_integral_value()
    return Read(format(abs(number) if number == 0 else number, "f"))


def _day(year: int, month: int, day: int) -> Read:
    try:
        return Read(date(year, month, day).isoformat())
    except ValueError:
        return Read(fault="day")
