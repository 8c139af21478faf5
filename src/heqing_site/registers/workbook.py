"""A declaration as a workbook (台账类别表): one sheet for each table, heads in Chinese, with lists to pick from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from heqing.registers import SHEETS, pillars, rows_of
from heqing.registers.declaration import CHECK_NAMES, TYPE_NAMES, WHAT_NAMES
from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError

MOST_ROWS = 400
MOST_UNPACKED = 20 * 1024 * 1024  # bytes of the sheets in a file; beyond it is a mistake or an attack
PICKED: dict[tuple[str, str], Mapping[Any, str]] = {
    ("fields", "type"): TYPE_NAMES,
    ("rules", "check"): CHECK_NAMES,
    ("counts", "what"): WHAT_NAMES,
}


def write_workbook(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """Write a declaration, or an empty one, so that it can be filled in and brought back."""
    book = openpyxl.Workbook()
    if book.active is not None:
        book.remove(book.active)
    for key, form in SHEETS.items():
        sheet = book.create_sheet(form.name_zh)
        for place, column in enumerate(form.columns, start=1):
            letter = get_column_letter(place)
            head = sheet.cell(1, place, column.name_zh)
            head.font, head.fill, head.border = Font(bold=True), workbooks.HEAD, workbooks.LINE
            head.alignment = Alignment(wrap_text=True)
            sheet.column_dimensions[letter].width = 26 if column.help_zh else 14
            choices = _choices(key, column.key, column.is_flag)
            if choices:
                picked = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
                sheet.add_data_validation(picked)
                picked.add(f"{letter}2:{letter}{MOST_ROWS}")
        for number, row in enumerate(tables.get(key, ()), start=2):
            for place, column in enumerate(form.columns, start=1):
                said = row.get(column.key, "")
                cell = sheet.cell(number, place)
                cell.value, cell.data_type = _in_words(key, column.key, said), "s"
        sheet.freeze_panes = "A2"
    told = book.create_sheet("填写说明")
    told.append(["表", "列", "怎么填"])
    for form in SHEETS.values():
        for column in form.columns:
            told.append([form.name_zh, column.name_zh, column.help_zh or ("是 或不填" if column.is_flag else "")])
    for letter, width in (("A", 10), ("B", 16), ("C", 60)):
        told.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_workbook(file_name: str, content: bytes) -> dict[str, list[dict[str, object]]]:
    """Read the sheets of a declaration by their names; what is missing is empty.

    Raises
    ------
    RuleBrokenError
        ``register.declaration_unreadable``.
    """
    try:
        if workbooks.is_old(content):
            raise RuleBrokenError("sheet.old_excel", file=file_name)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise RuleBrokenError("sheet.too_large", file=file_name)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise RuleBrokenError("register.declaration_unreadable") from error
    found: dict[str, list[dict[str, object]]] = {}
    for key, form in SHEETS.items():
        name = next((name for name in book.sheetnames if name.strip() in (form.name_zh, key)), None)
        cells = [] if name is None else list(book[name].iter_rows(max_row=MOST_ROWS, max_col=30, values_only=True))
        found[key] = rows_of(key, cells)
    return found


def _choices(sheet: str, column: str, is_flag: bool) -> list[str]:
    if is_flag:
        return ["是", "否"]
    if (sheet, column) == ("kinds", "pillar"):
        return list(pillars().values())
    return list(PICKED.get((sheet, column), {}).values())


def _in_words(sheet: str, column: str, said: str) -> str:
    names: Mapping[Any, str] = pillars() if (sheet, column) == ("kinds", "pillar") else PICKED.get((sheet, column), {})
    return next((name for key, name in names.items() if str(key) == said), said)
