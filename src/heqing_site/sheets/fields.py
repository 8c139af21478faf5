"""The columns of a sheet (表格列): what stands at their head, and how a cell is read. Declared once, used both ways.

A reader takes what stands in the cell, never empty, and gives the value, or raises `CellError` with a sentence for the
person who typed it. No room is known here; look next at ``sheets.reading`` and ``sheets.paper``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from heqing.errors import HeqingError

HALF_WIDTH = str.maketrans("０１２３４５６７８９．，－＋％", "0123456789.,-+%")
YES = frozenset({"是", "有", "对", "√", "y", "yes", "true", "1"})
NO = frozenset({"否", "无", "不", "×", "n", "no", "false", "0"})


class CellError(HeqingError):
    """A cell holds what its column cannot take; the message is the sentence for whoever typed it."""


Read = Callable[[str], Any]


@dataclass(frozen=True)
class Field:
    """One column: its head, how its cells are read, whether it must be filled, and how it looks.

    `says` is one line of help; `choices` are offered to pick from in the sheet.
    """

    name: str
    read: Read
    needed: bool = False
    width: float = 14
    number_format: str = ""
    wraps: bool = False
    says: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be picked, where the reader knows."""
        return getattr(self.read, "choices", ())


def text(most: int = 0) -> Read:
    """Read words, at most so many characters; 0 for any number."""

    def read(typed: str) -> str:
        if most and len(typed) > most:
            raise CellError(f"最多 {most} 个字，这里有 {len(typed)} 个。")
        return typed

    return read


def decimal(*, least: Decimal | None = None, most: Decimal | None = None) -> Read:
    """Read a number as people write it, with commas or full-width signs."""

    def read(typed: str) -> Decimal:
        plain = typed.translate(HALF_WIDTH).replace(",", "").replace(" ", "").rstrip("%")
        if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", plain):
            raise CellError("不是数字；单位不写在数值里。")
        try:
            number = Decimal(plain)
        except InvalidOperation as error:
            raise CellError("不是数字；单位不写在数值里。") from error
        if least is not None and number < least:
            raise CellError(f"不能小于 {least}。")
        if most is not None and number > most:
            raise CellError(f"不能大于 {most}。")
        return number

    return read


def integer(*, least: int | None = None, most: int | None = None) -> Read:
    """Read a whole number."""
    as_decimal = decimal(least=None if least is None else Decimal(least), most=None if most is None else Decimal(most))

    def read(typed: str) -> int:
        number = as_decimal(typed)
        if number != number.to_integral_value() or abs(number) > 10**15:
            raise CellError("要填整数。")
        return int(number)

    return read


def day() -> Read:
    """Read a day as people and Excel write it: 2026-03-31, 2026/3/31, 2026年3月31日, 20260331."""

    def read(typed: str) -> date:
        written = typed.translate(HALF_WIDTH)
        found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?", written)
        found = found or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", written)
        try:
            if found:
                return date(*(int(part) for part in found.groups()))
        except ValueError:
            pass
        raise CellError("日期不能识别，请写成 2026-03-31。")

    return read


def flag() -> Read:
    """Read 是 or 否."""

    def read(typed: str) -> bool:
        word = typed.lower()
        if word in YES:
            return True
        if word in NO:
            return False
        raise CellError("请填“是”或“否”。")

    read.choices = ("是", "否")  # type: ignore[attr-defined]
    return read


def choice(names: Mapping[str, Any]) -> Read:
    """Read one of some words, and give what it stands for."""

    def read(typed: str) -> Any:
        if typed in names:
            return names[typed]
        raise CellError(f"请填以下之一：{'、'.join(names)}。")

    read.choices = tuple(names)  # type: ignore[attr-defined]
    return read


def lookup(find: Callable[[str], Any], what: str) -> Read:
    """Read the name, number or code of a thing that is registered; `find` gives it, or None."""

    def read(typed: str) -> Any:
        found = find(typed)
        if found is None:
            raise CellError(f"名录中没有“{typed}”这个{what}，请核对名称或代码。")
        return found

    return read


def several(one: Read) -> Read:
    """Read several values in one cell, set apart by 、 ， ； or a new line."""

    def read(typed: str) -> list[Any]:
        return [one(part.strip()) for part in re.split(r"[、,，;；\n]+", typed) if part.strip()]

    return read
