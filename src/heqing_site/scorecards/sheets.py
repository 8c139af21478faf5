"""The board of a month as an Excel workbook: one sheet of points for each group, one sheet of all losses."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from heqing_site.scorecards.queries import BoardRow, by_group

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60


def write(rows: list[BoardRow], *, heading: str, note: str) -> bytes:
    """Write the board.

    Parameters
    ----------
    rows : list of BoardRow
        The board.
    heading, note : str
        First and second line of each sheet: the month, and how the scores stand.
    """
    book = Workbook()
    for sheet in list(book):
        book.remove(sheet)
    for group in by_group(rows):
        head = ["名次", "单位", "得分", "等次", "加分", *[f"{item.name}（得分）" for item in group.legend]]
        lines: list[Sequence[object]] = [
            [
                row.rank if row.rank is not None else "不参评",
                row.unit.name,
                row.points,
                row.card.grade_name,
                row.card.bonus,
                *[item.points if row.points is not None and item.full else "不适用" for item in row.items],
            ]
            for row in group.rows
        ]
        _fill(book.create_sheet(group.name), [heading, note], head, lines)
    losses = [
        [row.card.group_name, row.unit.name, item.name, loss.points, loss.sentence, loss.ref_name[1:], loss.ref_key]
        for row in rows
        for item in row.items
        for loss in item.losses
    ]
    head = ["考核组", "单位", "考核项", "扣分", "原因", "依据", "编号"]
    _fill(book.create_sheet("扣分明细"), [heading, note], head, losses)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(sheet: Worksheet, top: list[str], head: list[str], lines: Iterable[Sequence[object]]) -> None:
    widths = [len(name) * 2 for name in head]
    for number, text in enumerate(top, start=1):
        _put(sheet, number, 1, text).font = Font(bold=number == 1, size=14 if number == 1 else 10)
    start = len(top) + 1
    for column, name in enumerate(head, start=1):
        cell = _put(sheet, start, column, name)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E7EFEC")
    for number, line in enumerate(lines, start=start + 1):
        for column, value in enumerate(line, start=1):
            cell = _put(sheet, number, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            widths[column - 1] = max(widths[column - 1], min(len(str(value)) * 2, WIDEST))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width + 2
    sheet.freeze_panes = f"C{start + 1}"


def _put(sheet: Worksheet, row: int, column: int, value: object):  # type: ignore[no-untyped-def]
    """Write a cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = float(value) if isinstance(value, Decimal) else value  # Excel knows no other numbers
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, Decimal):
        cell.number_format = "0.00"
    return cell
