"""From the bytes or the pasted lines that a person brings to rows that are read, each with its faults (读表).

Excel (.xlsx), comma- or tab-separated text in UTF-8 or GB 18030, and cells pasted from Excel. Columns are found by
their heads; a paste without heads takes them in order. Columns that are not asked for are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.sheets.fields import CellError, Field

MOST_ROWS = 20_000
Lines = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row: the column, what stands there, and a sentence."""

    column: str
    typed: str
    sentence: str


@dataclass
class Row:
    """One row of a sheet: its number as Excel counts it, what was typed, the values read, and its faults."""

    number: int
    typed: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Give the value of a column, or something else where the cell is empty or the column is absent."""
        found = self.values.get(name)
        return otherwise if found is None else found

    def has(self, name: str) -> bool:
        """Whether the sheet holds this column at all; an empty cell may then mean that a value shall go."""
        return name in self.typed


def read_sheet(file_name: str, content: bytes, fields: Sequence[Field]) -> list[Row]:
    """Read the rows of a file.

    Raises
    ------
    RuleBrokenError
        ``sheet.unreadable``, ``sheet.old_excel``, ``sheet.columns_missing``, ``sheet.several``, ``sheet.too_long``,
        ``sheet.too_large``.
    """
    needed = [each.name for each in fields if each.needed]
    known = [each.name for each in fields]
    if len(content) > settings.UPLOAD_LIMIT:
        raise RuleBrokenError("sheet.too_large", file=file_name)
    if workbooks.is_old(content):
        raise RuleBrokenError("sheet.old_excel", file=file_name)
    if not workbooks.is_workbook(content):
        return _understood(read_text(file_name, content, needed=needed), fields)
    table = workbooks.read(file_name, content, needed=needed, known=known)
    lines = [(number, dict(zip(table.names, cells, strict=True))) for number, cells in table.rows]
    rows = _understood(lines, fields)
    for row in rows:
        for name in known:
            if (row.number, name) in table.faults:
                typed, sentence = table.faults[row.number, name]
                row.faults = [fault for fault in row.faults if fault.column != name]
                row.faults.append(Fault(name, typed, sentence))
    return rows


def read_pasted(pasted: str, fields: Sequence[Field]) -> list[Row]:
    """Read cells pasted from Excel: with their heads, or without them in the order of the columns."""
    cells = [line for line in csv.reader(io.StringIO(pasted, newline=""), delimiter="\t") if any(map(str.strip, line))]
    if not cells:
        return []
    heads = [cell.strip() for cell in cells[0]]
    has_heads = all(each.name in heads for each in fields if each.needed)
    names = heads if has_heads else [each.name for each in fields]
    body = cells[1:] if has_heads else cells
    if len(body) > MOST_ROWS:
        raise RuleBrokenError("sheet.too_long", count=len(body), limit=MOST_ROWS)
    first = 2 if has_heads else 1
    lines = [
        (number, {name: bare(cell) for name, cell in zip(names, line, strict=False)})
        for number, line in enumerate(body, start=first)
    ]
    return _understood(lines, fields)


def read_text(file_name: str, content: bytes, *, needed: Sequence[str], most: int = MOST_ROWS) -> Lines:
    """Read comma-, semicolon- or tab-separated text; Excel in Chinese may save GB 18030."""
    if b"\x00" in content[:4096]:
        raise RuleBrokenError("sheet.unreadable", file=file_name)
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            written = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise RuleBrokenError("sheet.unreadable", file=file_name) from error
    head = written.split("\n", 1)[0]
    delimiter = next((sign for sign in ("\t", ";") if sign in head and "," not in head), ",")
    try:
        lines = list(csv.reader(io.StringIO(written, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise RuleBrokenError("sheet.unreadable", file=file_name) from error
    names = [cell.strip() for cell in lines[0]] if lines else []
    missing = [name for name in needed if name not in names]
    if missing:
        raise RuleBrokenError("sheet.columns_missing", columns="、".join(missing))
    if len(lines) - 1 > most:
        raise RuleBrokenError("sheet.too_long", count=len(lines) - 1, limit=most)
    return [
        (place, {name: bare(cell) for name, cell in zip(names, cells, strict=False)})
        for place, cells in enumerate(lines[1:], start=2)
    ]


def bare(cell: str) -> str:
    """Give what stands in a cell, without the sign that keeps words from being a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(workbooks.FORMULA) else text


def _understood(lines: Lines, fields: Sequence[Field]) -> list[Row]:
    found = []
    for number, typed in lines:
        told = {each.name: typed[each.name].strip() for each in fields if each.name in typed}
        if not any(told.values()):
            continue  # a row without anything is none
        row = Row(number, told)
        for each in fields:
            _understand(row, each)
        found.append(row)
    return found


def _understand(row: Row, each: Field) -> None:
    typed = row.typed.get(each.name, "")
    if not typed:
        row.values[each.name] = None
        if each.needed:
            row.faults.append(Fault(each.name, "", "这一列必须填写。"))
        return
    try:
        row.values[each.name] = each.read(typed)
    except CellError as error:
        row.faults.append(Fault(each.name, typed, str(error)))
