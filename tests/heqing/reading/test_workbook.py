"""Excel files written by openpyxl: rows as lines, numbers as shown, what is hidden left out."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from heqing.errors import BadFileError
from heqing.reading import decode, workbook
from heqing.reading.workbook import shown


def _saved(book: Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _book(*rows: tuple[Any, ...], title: str = "目标清单") -> Workbook:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def test_rows_are_lines_under_the_name_of_their_sheet() -> None:
    book = _book(("指标", "目标"), ("优良率", "85%"), (None, None), (None, "合计"))
    book.create_sheet("空表")
    book.create_sheet("说明").append(["一句话。"])

    received = decode(_saved(book), "清单.xlsx")

    assert received.text == "目标清单\n指标\t目标\n优良率\t85%\n合计\n说明\n一句话。\n"
    assert received.form == "xlsx"
    place = received.place(received.text.index("合计"))
    assert place is not None
    assert (place.sheet, place.row) == ("目标清单", 4)


@pytest.mark.parametrize(
    ("value", "format", "said"),
    [
        (0.85, "0%", "85%"),
        (0.853, "0.0%", "85.3%"),
        (1234.5, "#,##0.00", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (26.4, "0", "26"),
        (12, '0"吨"', "12吨"),
        (-3, "0;[Red]-0", "-3"),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        (date(2026, 3, 1), 'yyyy"年"m"月"', "2026年3月"),
        (datetime(2026, 3, 1, 8, 30), "yyyy-mm-dd hh:mm", "2026-03-01 08:30"),
        (True, "General", "TRUE"),
        ("一行\n两行\t三行", "General", "一行 两行 三行"),
    ],
)
def test_a_cell_says_what_it_shows(value: Any, format: str, said: str) -> None:
    book = _book(("甲", value))
    book.active["B1"].number_format = format

    assert decode(_saved(book), "a.xlsx").text.splitlines()[1] == f"甲\t{said}"


def test_a_formula_says_its_last_result_and_an_error_nothing() -> None:
    assert decode(_saved(_book(("合计", "=1+1"))), "a.xlsx").text == "目标清单\n合计\n"  # openpyxl computes none
    assert shown("2", "") == "2"


def test_what_is_hidden_is_left_out() -> None:
    book = _book(("甲", "乙", "丙"), ("子", "丑", "寅"), ("一", "二", "三"))
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("草稿").append(["不给人看"])
    book["草稿"].sheet_state = "hidden"

    assert decode(_saved(book), "a.xlsx").text == "目标清单\n甲\t丙\n一\t三\n"


def test_merged_cells_are_said_once() -> None:
    book = _book(("标题", None, None), ("甲", "乙", "丙"))
    book.active.merge_cells("A1:C1")

    assert decode(_saved(book), "a.xlsx").text == "目标清单\n标题\n甲\t乙\t丙\n"


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(BadFileError, match="holds no text") as refused:
        decode(_saved(Workbook()), "a.xlsx")
    assert refused.value.code == "empty"


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CELLS_LIMIT", 3)
    with pytest.raises(BadFileError, match="more than 3 cells") as refused:
        decode(_saved(_book(("甲", "乙"), ("丙", "丁"))), "a.xlsx")
    assert refused.value.code == "too_large"


def test_a_workbook_under_another_name_is_told_by_its_content() -> None:
    assert decode(_saved(_book(("甲",))), "清单.docx").form == "xlsx"
