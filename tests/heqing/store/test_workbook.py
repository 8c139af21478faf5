"""Excel workbooks at the doors: which sheet is read, which row is which, what stops them."""

from __future__ import annotations

import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from heqing.errors import BadFileError, MissingColumnError
from heqing.store import open_frame, workbook


@pytest.fixture
def book(tmp_path):
    def write(sheets, name="值.xlsx"):
        made = Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title)
            for row in rows:
                sheet.append(row)
        made.save(tmp_path / name)
        return tmp_path / name

    return write


HEADER = ["time", "station", "pm2_5", "co"]


def test_the_first_sheet_with_anything_in_it_is_read_with_its_own_row_numbers(book):
    moment = datetime(2026, 1, 1, 1)
    path = book(
        {
            "空": [],
            "值": [[], HEADER, [moment, "东站", 35, 0.1], [], ["2026-1-1 24:00", "东站", "--", 1e-3]],
            "另": [["x"]],
        }
    )

    with open_frame(path, domain="air") as intake:
        rows = intake.frame.select("time", "pm2_5", "co", "file_row", "intake_reason").collect().rows()
        assert "sheet 值 was read; the others were not: 空, 另." in intake.notes

    assert rows == [
        (moment, 35.0, 0.1, 3, None),
        (None, None, None, 4, "blank_row"),
        (datetime(2026, 1, 2), None, 0.001, 5, None),
    ]


def test_the_copy_is_gone_afterwards(book, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = book({"值": [HEADER, ["2026-01-01 01:00", "东站", 35, 0.1]]})
    with open_frame(path, domain="air") as intake:
        assert intake.frame.collect().height == 1
    with pytest.raises(MissingColumnError):
        open_frame(path, domain="water")
    assert [p.name for p in tmp_path.iterdir()] == ["值.xlsx"]


def test_blank_rows_at_the_end_are_no_rows(book):
    path = book({"值": [HEADER, ["2026-01-01 01:00", "东站", 35, 0.1], [None, " ", "", None]]})
    with open_frame(path, domain="air") as intake:
        assert intake.frame.collect().height == 1


@pytest.mark.parametrize(
    ("sheets", "problem"),
    [
        ({"值": []}, "no table"),
        ({"值": [[" "]]}, "blank"),
        ({"值": [HEADER]}, "no rows below"),
        ({"值": [["time", "time"], ["a", "b"]]}, "sheet 值, row 1, column time: two columns"),
        ({"值": [["time", "station", "co"], ["2026-01-01 01:00", "a", 700]]}, "sheet 值, column co: more than half"),
    ],
)
def test_what_is_wrong_names_the_sheet(book, sheets, problem):
    with pytest.raises(BadFileError, match=problem):
        open_frame(book(sheets), domain="air")


def test_a_damaged_workbook_is_said(book, tmp_path):
    with zipfile.ZipFile(tmp_path / "坏.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(BadFileError, match="Excel workbook cannot be read"):
        open_frame(tmp_path / "坏.xlsx", domain="air")


def test_a_workbook_that_swells_is_refused(book, monkeypatch):
    monkeypatch.setattr(workbook, "_UNPACKED_LIMIT", 100)
    with pytest.raises(BadFileError, match="once unpacked"):
        open_frame(book({"值": [HEADER, ["2026-01-01 01:00", "a", 1, 1]]}), domain="air")
