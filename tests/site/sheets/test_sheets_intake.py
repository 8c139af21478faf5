"""Sheets come in row by row: what is good is taken, what is not is kept with its reason, nothing is lost."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from heqing_site.audit.append_only import missing_guards
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.sheets import actions, paper
from heqing_site.sheets.fields import (
    CellError,
    Field,
    choice,
    day,
    decimal,
    flag,
    integer,
    lookup,
    several,
    text,
)
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import read_pasted, read_sheet

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
TOWNS = {"东溪镇": 1, "西塘镇": 2}
FIELDS = (
    Field("名称", text(6), needed=True),
    Field("面积", decimal(least=Decimal(0))),
    Field("户数", integer(least=0, most=100)),
    Field("开工日", day()),
    Field("是否完工", flag()),
    Field("类别", choice({"工程": "works", "管理": "care"})),
    Field("镇", lookup(TOWNS.get, "镇")),
    Field("村", several(text(4))),
)


def sheet(*rows: tuple[object, ...], heads: tuple[str, ...] = tuple(f.name for f in FIELDS)) -> bytes:
    """Save rows as a person does in Excel, with no help of our own writer."""
    book = openpyxl.Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_are_read_as_people_type_them():
    (row,) = read_sheet(
        "甲.xlsx",
        sheet(("一号", "１，２００.5", 3, datetime(2026, 3, 1), "是", "工程", "西塘镇", "甲、乙；丙")),
        FIELDS,
    )

    assert not row.faults
    assert row.number == 2
    assert row.values == {
        "名称": "一号", "面积": Decimal("1200.5"), "户数": 3, "开工日": date(2026, 3, 1), "是否完工": True,
        "类别": "works", "镇": 2, "村": ["甲", "乙", "丙"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        ("名称", "", "必须填写"),
        ("名称", "七个字的名称啊", "最多 6 个字"),
        ("面积", "12亩", "不是数字"),
        ("面积", "-1", "不能小于 0"),
        ("户数", "1.5", "整数"),
        ("户数", "101", "不能大于 100"),
        ("开工日", "2026-02-30", "日期不能识别"),
        ("开工日", "三月", "日期不能识别"),
        ("是否完工", "也许", "请填“是”或“否”"),
        ("类别", "别的", "工程、管理"),
        ("镇", "南山镇", "没有“南山镇”这个镇"),
    ],
)
def test_what_a_column_cannot_take_is_told_with_row_and_column(column, typed, said):
    cells = {"名称": "一号"} | {column: typed}
    (row,) = read_sheet("甲.xlsx", sheet((*(cells.get(f.name) for f in FIELDS),), ) if typed or column != "名称"
                        else sheet((None, 1, *[None] * 6)), FIELDS)  # fmt: skip

    (fault,) = row.faults
    assert (row.number, fault.column) == (2, column)
    assert said in fault.sentence


def test_a_formula_without_its_result_is_no_value():
    (row,) = read_sheet("甲.xlsx", sheet(("一号", "=A1*2", *[None] * 6)), FIELDS)

    assert [(fault.column, "公式" in fault.sentence) for fault in row.faults] == [("面积", True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_text_is_read_in_the_encodings_that_excel_saves(encoding, sign):
    content = "\r\n".join(sign.join(line) for line in (("面积", "名称", "别的"), ("3", "一号", "x"))).encode(encoding)

    (row,) = read_sheet("甲.csv", content, FIELDS)

    assert row.values["名称"] == "一号"
    assert row.values["面积"] == 3
    assert not row.has("户数")


def test_cells_are_pasted_with_or_without_their_heads():
    with_heads = read_pasted("面积\t名称\n3\t一号\n", FIELDS)
    without = read_pasted("一号\t3\n\n二号\t4", FIELDS)

    assert [row.values["名称"] for row in with_heads] == ["一号"]
    assert [(row.number, row.values["名称"], row.values["面积"]) for row in without] == [(1, "一号", 3), (2, "二号", 4)]


def take(district, enter, **brought):
    return actions.take_in(
        by=district.officer, at=AT, subject="test.rows", title="试表", back="/", fields=FIELDS, enter=enter, **brought
    )


def test_each_row_stands_by_itself_and_nothing_is_lost(district):
    def enter(row):
        if row.values["名称"] == "坏":
            raise RuleBrokenError("because.missing", column="面积")
        if row.values["名称"] == "怪":
            raise CellError("两列互相矛盾。")
        return row.values["名称"] == "新"

    content = sheet(
        *((name, size, *[None] * 6) for name, size in (("新", 1), ("旧", 2), ("坏", 3), ("怪", 4), ("错", "x")))
    )
    intake = take(district, enter, file_name="甲.xlsx", content=content)

    assert (intake.taken, intake.unchanged, len(intake.rejected)) == (1, 1, 3)
    told = [(row["row"], row["faults"][0]["column"], row["typed"]["面积"]) for row in intake.rejected]
    assert told == [(4, "面积", "3"), (5, "整行", "4"), (6, "面积", "x")]


def test_what_a_refused_row_had_begun_to_write_is_undone(district):
    before = Intake.objects.count()

    def enter(row):
        take(district, lambda _: True, pasted="一号\n")
        raise RuleBrokenError("because.missing")

    intake = take(district, enter, pasted="一号\n")

    assert len(intake.rejected) == 1
    assert Intake.objects.count() == before + 1


def test_rejected_rows_come_back_as_typed_and_can_be_mended(district):
    intake = take(district, lambda _: True, file_name="甲.xlsx", content=sheet(("一号", "=1+", *[None] * 5, "'=x")))
    content = paper.rejects(intake)

    sheet_ = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet_[1]][-1] == paper.WHY
    assert sheet_.cell(2, 1).value == "一号"
    assert all(cell.data_type != "f" for row in sheet_.iter_rows() for cell in row)


def test_what_goes_out_is_taken_back():
    rows = [
        {
            "名称": "一号",
            "面积": Decimal("3.50"),
            "户数": 4,
            "开工日": date(2026, 3, 1),
            "是否完工": False,
            "类别": "管理",
        }
    ]

    (row,) = read_sheet("甲.xlsx", paper.export("试表", FIELDS, rows), FIELDS)

    assert not row.faults
    assert (row.values["面积"], row.values["开工日"], row.values["是否完工"]) == (
        Decimal("3.5"),
        date(2026, 3, 1),
        False,
    )


def test_an_empty_template_holds_no_row(district):
    content = paper.template("试表", FIELDS)

    with pytest.raises(RuleBrokenError) as refusal:
        take(district, lambda _: True, file_name="甲.xlsx", content=content)
    assert refusal.value.code == "sheet.empty"


def test_what_became_of_a_sheet_is_never_changed(district):
    intake = take(district, lambda _: True, pasted="一号\n")

    with pytest.raises(AppendOnlyError):
        intake.save()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE sheets_intake SET taken = 9")


def test_the_table_is_guarded(db):
    assert missing_guards(["sheets_intake"]) == []


def test_the_page_tells_row_and_column_and_is_for_whoever_brought_it(district, open_as):
    intake = take(district, lambda _: True, pasted="一号\tx\n二号\t2\n")

    page = open_as(district.officer).get(reverse("sheets:intake", args=[intake.pk])).content.decode()
    listed = open_as(district.officer).get(reverse("sheets:intakes")).content.decode()
    fetched = open_as(district.officer).get(reverse("sheets:rejects", args=[intake.pk]))
    assert "收下 1 行" in page
    assert "第 1 行" in page
    assert "不是数字" in page
    assert "试表" in listed
    assert fetched.content.startswith(b"PK")
    assert open_as(district.supervisor).get(reverse("sheets:intake", args=[intake.pk])).status_code == 404
