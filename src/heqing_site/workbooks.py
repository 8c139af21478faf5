"""Sheets of Excel (表格): written so that they can be filled in and read back cell by cell.

Out: a styled head that stays in view, widths, number formats, cells that may be filled and others that are protected,
choices to pick from; words are never formulas. In: .xlsx as Excel and WPS save it; what stands in a cell is given as
people would type it, and what cannot be taken is told per cell. No room is known here; see ``reporting.sheets``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from heqing_site.errors import RuleBrokenError

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a sheet might take for a formula
MOST_UNPACKED = 60 * 1024 * 1024  # bytes of the sheets in a file; beyond it is a mistake or an attack
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_PICKED = 250  # letters that Excel takes for the words to pick from
EXACT_DIGITS = 15  # what Excel keeps of a number; longer ones are written as text
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, .et, and files with a password
PACKED = b"PK\x03\x04"

HEAD = PatternFill("solid", fgColor="DCE6F1")
FILLED_IN = PatternFill("solid", fgColor="FFF9E5")
LINE = Border(*[Side("thin", color="BFBFBF")] * 4)


# --- out ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column: its head, its width in letters, whether it is filled in, its format and what may be picked."""

    name: str
    width: float = 14
    is_filled_in: bool = False
    number_format: str = ""
    choices: tuple[str, ...] = ()
    wraps: bool = False


def write(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    says: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """Write one sheet; where a column is filled in by people, all other cells are protected (without a password).

    `says` is written on a second sheet: for each column whether it must be filled in, and how.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 -- a new workbook has one
    sheet.title = title
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(1, place)
        _put(cell, column.name)
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD, LINE
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    last = 1
    for last, row in enumerate(rows, start=2):
        for place, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
            cell = sheet.cell(last, place)
            _put(cell, value)
            cell.border = LINE
            cell.alignment = Alignment(vertical="top", wrap_text=column.wraps)
            if column.number_format:
                cell.number_format = column.number_format
            if column.is_filled_in:
                cell.fill, cell.protection = FILLED_IN, Protection(locked=False)
    for place, column in enumerate(columns, start=1):
        if column.choices and last > 1 and len(",".join(column.choices)) <= MOST_PICKED:
            picked = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            picked.error, picked.errorTitle = f"请选{'或'.join(column.choices)}。", column.name
            picked.showErrorMessage = True
            sheet.add_data_validation(picked)
            letter = get_column_letter(place)
            picked.add(f"{letter}2:{letter}{last}")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    if any(column.is_filled_in for column in columns):
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.autoFilter = sheet.protection.sort = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.page_setup.fitToWidth = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    if says:
        _write_help(book, says)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_help(book: openpyxl.Workbook, says: Sequence[tuple[str, str, str]]) -> None:
    sheet = book.create_sheet("填写说明")
    for number, line in enumerate((("这一列", "是否必填", "怎么填"), *says), start=1):
        for place, word in enumerate(line, start=1):
            _put(sheet.cell(number, place), word)
            if number == 1:
                sheet.cell(1, place).font = Font(bold=True)
    for letter, width in (("A", 18), ("B", 10), ("C", 80)):
        sheet.column_dimensions[letter].width = width


def _put(cell: Any, value: object) -> None:
    """Put a value into a cell; words stay words, whatever they begin with."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) > EXACT_DIGITS:
            value = format(value, "f")
        else:
            decimals = max(0, -int(value.as_tuple().exponent))
            cell.value, cell.number_format = value, "0" + ("." + "0" * decimals if decimals else "")
            return
    if isinstance(value, datetime):
        value = value.isoformat(" ", "minutes")
    if isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
        return
    if isinstance(value, int):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell.value = text
    cell.data_type = "s"  # “=…” is not a formula
    cell.number_format = "@"
    if text.startswith(FORMULA):
        cell.quotePrefix = True  # and stays none when somebody edits the cell


# --- in -----------------------------------------------------------------------------------------------------------


@dataclass
class Table:
    """A sheet that was read: heads, and per row its number, its texts, and what is wrong with which column."""

    names: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)  # → what stands there, a sentence


def is_workbook(content: bytes) -> bool:
    """Whether these bytes are a packed file, as .xlsx is."""
    return content.startswith(PACKED)


def is_old(content: bytes) -> bool:
    """Whether these bytes are an old workbook (.xls, .et) or one with a password."""
    return content.startswith(OLD)


def read(file_name: str, content: bytes, *, needed: Sequence[str], known: Sequence[str] = ()) -> Table:
    """Read the one sheet whose first row holds all the names needed; other sheets are left alone.

    What is wrong with a cell is told of the columns needed and of those known beside them.

    Raises
    ------
    RuleBrokenError
        ``sheet.unreadable``, ``sheet.too_large``, ``sheet.columns_missing``, ``sheet.several``, ``sheet.too_long``.
    """
    _refuse_bombs(file_name, content)
    try:
        cached = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        written = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
    except Exception as error:  # openpyxl raises whatever a broken part of a file makes it raise
        raise RuleBrokenError("sheet.unreadable", file=file_name) from error
    least: list[str] | None = None
    found: list[Worksheet] = []
    for sheet in cached.worksheets:
        missing = [name for name in needed if name not in _names(sheet)]
        if not missing:
            found.append(sheet)
        elif least is None or len(missing) < len(least):
            least = missing
    if not found:
        raise RuleBrokenError("sheet.columns_missing", columns="、".join(least or needed))
    if len(found) > 1:
        raise RuleBrokenError("sheet.several", names="、".join(sheet.title for sheet in found))
    sheet = found[0]
    if sheet.max_row - 1 > MOST_ROWS:
        raise RuleBrokenError("sheet.too_long", count=sheet.max_row - 1, limit=MOST_ROWS)
    return _table(sheet, written[sheet.title], {*needed, *known})


def _table(sheet: Worksheet, written: Worksheet, needed: set[str]) -> Table:
    names = _names(sheet)
    table = Table(names)
    for number in range(2, sheet.max_row + 1):
        texts = []
        for place, name in enumerate(names, start=1):
            text, fault = _take(sheet.cell(number, place), written.cell(number, place))
            if fault and name in needed:
                table.faults[number, name] = text, fault
            texts.append(text)
        table.rows.append((number, texts))
    for merged in sheet.merged_cells.ranges:
        for number in range(max(2, merged.min_row), min(merged.max_row, sheet.max_row) + 1):
            for place in range(merged.min_col, min(merged.max_col, len(names)) + 1):
                if names[place - 1] in needed:
                    said = "这一格与别的格合并了，请取消合并，每行各填各的。"
                    table.faults[number, names[place - 1]] = str(merged), said
    while table.rows and not any(table.rows[-1][1]) and all(row != table.rows[-1][0] for row, _ in table.faults):
        table.rows.pop()  # rows that were formatted but never filled
    return table


def _take(cell: Any, written: Any) -> tuple[str, str]:
    """Give what stands in a cell as people would type it, and a sentence when it cannot be taken."""
    value = cell.value
    if isinstance(written, Cell) and written.data_type == "f" and value is None:
        formula = getattr(written.value, "text", None) or str(written.value)
        return formula[:80], "这一格是公式，文件里没有算好的结果，请改填数值本身。"
    if value is None:
        return "", ""
    if getattr(cell, "data_type", "") == "e":
        return str(value), f"这一格的公式出错（{value}），请改填数值本身。"
    if isinstance(value, bool):
        return ("是" if value else "否"), ""
    if isinstance(value, datetime):
        return (value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")), ""
    if isinstance(value, date):
        return value.isoformat(), ""
    if isinstance(value, int | float):
        number = Decimal(repr(value)) if isinstance(value, int) else Decimal(format(value, f".{EXACT_DIGITS}g"))
        if "%" in str(cell.number_format):  # 85% is kept as 0.85; it is given as it is shown
            return f"{_plain(number * 100)}%", ""
        return _plain(number), ""
    return str(value).strip(), ""


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _names(sheet: Worksheet) -> list[str]:
    if not isinstance(sheet, Worksheet):
        return []
    cells = next(sheet.iter_rows(min_row=1, max_row=1, max_col=min(sheet.max_column, MOST_COLUMNS)), ())
    return ["" if cell.value is None else str(cell.value).strip() for cell in cells]


def _refuse_bombs(file_name: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist() if part.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise RuleBrokenError("sheet.unreadable", file=file_name) from error
    if size > MOST_UNPACKED:
        raise RuleBrokenError("sheet.too_large", file=file_name)
