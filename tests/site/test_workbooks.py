"""Sheets of Excel, against files made with openpyxl itself and by hand: what goes out, and what comes back."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.workbooks import Column

NEEDED = ("编号", "数值")


def packed(fill, title="填报"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(["编号", "数值", "备注"])
    fill(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content):
    return workbooks.read("表.xlsx", content, needed=NEEDED)


def reopened(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_words_stay_words_and_numbers_and_days_are_what_they_are():
    columns = [Column("编号"), Column("数值", is_filled_in=True), Column("日期"), Column("说明", is_filled_in=True)]
    content = workbooks.write(
        "表", columns, [(1, Decimal("2.50"), date(2026, 3, 31), "=1+1\x07"), (2, None, None, "-x")]
    )
    sheet = reopened(content)

    assert (sheet["A2"].value, sheet["A2"].data_type) == (1, "n")
    assert (sheet["B2"].value, sheet["B2"].number_format) == (2.5, "0.00")
    assert sheet["C2"].value == datetime(2026, 3, 31)
    assert (sheet["D2"].value, sheet["D2"].data_type, sheet["D2"].quotePrefix) == ("=1+1", "s", True)
    assert sheet["D3"].data_type == "s"
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_only_cells_to_fill_in_can_be_changed_and_the_head_stays_in_view():
    columns = [Column("编号"), Column("办结", is_filled_in=True, choices=("是", "否"))]
    sheet = reopened(workbooks.write("表", columns, [(1, True), (2, None)]))

    assert sheet.protection.sheet
    assert (sheet["A2"].protection.locked, sheet["B2"].protection.locked) == (True, False)
    assert sheet.freeze_panes == "B2"
    assert sheet["B2"].value == "是"
    (picked,) = sheet.data_validations.dataValidation
    assert (picked.formula1, str(picked.sqref)) == ('"是,否"', "B2:B3")


def test_a_number_longer_than_excel_keeps_is_written_as_text():
    sheet = reopened(workbooks.write("表", [Column("数值")], [(Decimal("1234567890123456.5"),)]))

    assert sheet["A2"].value == "1234567890123456.5"


def test_a_sheet_without_rows_can_be_opened():
    assert reopened(workbooks.write("表", [Column("办结", choices=("是", "否"))], [])).max_row == 1


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (12, "General", "12"),
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (1200000.0, "0.00E+00", "1200000"),
        (0.85, "0%", "85%"),
        (True, "General", "是"),
        (False, "General", "否"),
        (date(2026, 3, 31), "yyyy-mm-dd", "2026-03-31"),
        (datetime(2026, 3, 31, 8, 30), "yyyy-mm-dd hh:mm", "2026-03-31 08:30"),
        ("  3.5 ", "@", "3.5"),
        (None, "General", ""),
    ],
)
def test_what_stands_in_a_cell_is_given_as_people_type_it(value, style, text):
    def fill(_book, sheet):
        sheet.append([1, value, "x"])
        sheet["B2"].number_format = style

    table = read(packed(fill))
    assert table.rows == [(2, ["1", text, "x"])]
    assert table.faults == {}


def test_formulas_give_their_result_or_are_told_with_row_and_column():
    def fill(_book, sheet):
        sheet.append([1, "=1+2", None])
        sheet.append([2, 5, "=1+2"])
        sheet["B4"] = ArrayFormula("B4", "=SUM(B3:B3)")
        sheet["A4"] = 3

    raw = packed(fill)
    table = read(raw)
    assert set(table.faults) == {(2, "数值"), (4, "数值")}
    assert table.faults[2, "数值"][0] == "=1+2"

    cached = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(cached, "w") as after:
        for part in before.namelist():
            text = before.read(part)
            if part == "xl/worksheets/sheet1.xml":  # what Excel writes when it has worked the formula out
                text = text.replace(b'<c r="B2"><f>1+2</f><v /></c>', b'<c r="B2"><f>1+2</f><v>3</v></c>')
                text = text.replace(b'<c r="B2"><f>1+2</f><v></v></c>', b'<c r="B2"><f>1+2</f><v>3</v></c>')
            after.writestr(part, text)
    assert read(cached.getvalue()).rows[0] == (2, ["1", "3", ""])


def test_errors_and_merged_cells_are_told():
    def fill(_book, sheet):
        sheet.append([1, "#DIV/0!", None])
        sheet.append([2, 5, None])
        sheet.append([3, None, None])
        sheet.append([4, 6, "a"])
        sheet.append([5, 7, None])
        sheet.merge_cells("B3:B4")
        sheet.merge_cells("C5:C6")

    table = read(packed(fill))
    assert set(table.faults) == {(2, "数值"), (3, "数值"), (4, "数值")}
    assert "#DIV/0!" in table.faults[2, "数值"][1]
    assert "合并" in table.faults[4, "数值"][1]


def test_other_sheets_are_left_alone_and_two_of_a_kind_are_refused():
    def beside(book, sheet):
        sheet.append([1, 2, None])
        book.create_sheet("说明", 0).append(["怎样填"])

    def twice(book, sheet):
        beside(book, sheet)
        book.create_sheet("副本").append(["编号", "数值"])

    assert read(packed(beside)).rows == [(2, ["1", "2", ""])]
    with pytest.raises(RuleBrokenError) as error:
        read(packed(twice))
    assert error.value.code == "sheet.several"


def test_missing_columns_are_named():
    with pytest.raises(RuleBrokenError) as error:
        workbooks.read("表.xlsx", packed(lambda book, sheet: None), needed=("编号", "期别"))

    assert (error.value.code, "期别" in error.value.sentence(), "编号" in error.value.sentence()) == (
        "sheet.columns_missing", True, False,
    )  # fmt: skip


def test_rows_that_were_only_formatted_do_not_count():
    def fill(_book, sheet):
        sheet.append([1, 2, None])
        sheet["B400"].number_format = "0.00"

    assert len(read(packed(fill)).rows) == 1


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04", "sheet.unreadable"),
        (packed(lambda book, sheet: None)[:-200], "sheet.unreadable"),
        (archive(**{"content.xml": "<a/>"}), "sheet.unreadable"),
        (archive(**{"xl/worksheets/sheet1.xml": " " * (workbooks.MOST_UNPACKED + 1)}), "sheet.too_large"),
    ],
)
def test_what_is_no_workbook_is_refused(content, code):
    with pytest.raises(RuleBrokenError) as error:
        read(content)
    assert error.value.code == code
