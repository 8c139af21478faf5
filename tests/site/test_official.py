"""The Word file read back: margins, grid, faces, sizes, set pieces, against the collected facts of GB/T 9704."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from heqing import editions
from heqing_site import official
from heqing_site.official import Attachment, Heading, Official, Paragraph, Table

PIECES = [
    Paragraph("现将有关情况通报如下。"),
    Heading("总体情况"),
    Heading("空气", 2),
    Heading("颗粒物", 3),
    Table(["序号", "目标"], [["1", "新建污水管网"]], [1, 4], frozenset({1})),
    Heading("工作要求"),
]
WHOLE = Official(
    title="关于2026年2月清河区生态环境目标\n完成情况的通报",
    to="各镇（街道）：",
    pieces=PIECES,
    issuer="清河区督查室",
    day=official.say_date(date(2026, 3, 5)),
    number="清环通〔2026〕3号",
    red_head="清河区生态环境工作通报",
    attachments=[Attachment("一览表", [Paragraph("甲")])],
    copies="抄送：区领导。",
    printed="清河区督查室　2026年3月5日印发",
    made_at=datetime(2026, 3, 5, 9, 0),
)


@pytest.fixture(scope="module")
def file() -> bytes:
    return official.write(WHOLE)


@pytest.fixture(scope="module")
def document(file: bytes):
    return Document(io.BytesIO(file))


@pytest.fixture
def facts(shared_dir: Path) -> dict[str, dict[str, str]]:
    text = (shared_dir / "domain/gbt9704_format.csv").read_text(encoding="utf-8")
    return {row["element"]: row for row in csv.DictReader(io.StringIO(text))}


def line_of(document, text: str):
    return next(p for p in document.paragraphs if p.text.startswith(text))


def face_of(paragraph) -> tuple[str, float]:
    run = paragraph.runs[0]
    return run._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")), run.font.size.pt


def test_margins_and_type_area_are_those_of_the_standard(document, facts):
    section = document.sections[0]
    top, left = (float(n) for n in re.findall(r"(\d+) mm", facts["margins"]["rule"]))
    width, height = (float(n) for n in re.findall(r"(\d+) mm", facts["type area (版心)"]["rule"])[:2])
    paper = [float(n) for n in re.findall(r"(\d+) mm", facts["paper"]["rule"])]

    assert [section.page_width.mm, section.page_height.mm] == pytest.approx(paper, abs=0.1)
    assert section.top_margin.mm == pytest.approx(top, abs=0.1)
    assert section.left_margin.mm == pytest.approx(left, abs=0.1)
    assert section.page_width.mm - section.left_margin.mm - section.right_margin.mm == pytest.approx(width, abs=0.1)
    assert section.page_height.mm - section.top_margin.mm - section.bottom_margin.mm == pytest.approx(height, abs=0.1)


def test_the_grid_holds_22_lines_of_28_characters(document, facts):
    lines, characters = (int(n) for n in re.findall(r"(\d+)", facts["lines and characters"]["rule"])[:2])
    grid = document.sections[0]._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    cell = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    height, width = 225 / 25.4 * 72, 156 / 25.4 * 72

    assert grid.get(qn("w:type")) == "linesAndChars"
    assert int(height / pitch) == lines
    assert int(width / cell) == characters


def test_lines_and_characters_of_the_text_themselves_fit_22_by_28(document):
    body = line_of(document, "现将")
    spacing = int(body.runs[0]._r.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20

    assert int(225 / 25.4 * 72 / body.paragraph_format.line_spacing.pt) == 22
    assert int(156 / 25.4 * 72 / (16 + spacing)) == 28


@pytest.mark.parametrize(
    ("start", "face", "points", "element"),
    [
        ("关于", "小标宋", 22.0, "title"),
        ("现将", "仿宋", 16.0, "body"),
        ("一、", "黑体", 16.0, "heading levels"),
        ("（一）", "楷体", 16.0, "heading levels"),
        ("1.", "仿宋", 16.0, "heading levels"),
        ("附件", "仿宋", 16.0, "attachment note"),
    ],
)
def test_faces_are_named_as_the_standard_names_them(document, facts, start, face, points, element):
    assert face_of(line_of(document, start)) == (face, points)
    if element != "attachment note":
        assert face in facts[element]["rule"]


def test_headings_are_numbered_level_by_level(document):
    numbered = [p.text for p in document.paragraphs if re.match(r"[一二]、|（一）|1\.", p.text)]

    assert numbered == ["一、总体情况", "（一）空气", "1.颗粒物", "二、工作要求"]


def test_number_date_and_paragraph_have_their_forms(document, facts):
    assert line_of(document, "清环通").text == "清环通〔2026〕3号"
    assert [p.text for p in document.paragraphs if p.text == "2026年3月5日"] == ["2026年3月5日"]
    assert "no leading zero" in facts["date form"]["rule"]
    indent = line_of(document, "现将")._p.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_page_number_stands_outside_between_dashes(document):
    section = document.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]

    assert document.settings.odd_and_even_pages_header_footer
    assert "".join(run.text for run in odd.runs) == "—  —"
    assert "PAGE" in odd._p.xml
    assert (str(odd.alignment), str(even.alignment)) == ("RIGHT (2)", "LEFT (0)")
    assert face_of(odd) == ("宋体", 14.0)


def test_red_is_the_issuer_mark_alone(document):
    red = [p.text for p in document.paragraphs if p.runs and str(p.runs[0].font.color.rgb) == "FF0000"]

    assert red == ["清河区生态环境工作通报"]


def test_a_long_red_head_stays_in_one_line():
    made = Document(io.BytesIO(official.write(official.Official("题", "", [], "甲", "", red_head="甲" * 15))))
    points = line_of(made, "甲甲").runs[0].font.size.pt

    assert points * 15 <= 156 / 25.4 * 72


def test_free_faces_stand_in_the_table_of_fonts(file):
    fonts = zipfile.ZipFile(io.BytesIO(file)).read("word/fontTable.xml").decode()

    for face in ("仿宋", "小标宋", "黑体", "楷体", "宋体"):
        assert re.search(rf'w:name="{face}"><w:altName w:val="[^"]*Noto', fonts), face


def test_the_table_fills_the_type_area(document):
    columns = [int(column.get(qn("w:w"))) / 1440 * 25.4 for column in document.tables[0]._tbl.tblGrid]

    assert sum(columns) == pytest.approx(156, abs=0.5)
    assert columns[1] == pytest.approx(4 * columns[0], rel=0.02)


def test_notice_stands_on_every_page_of_a_draft():
    made = Document(io.BytesIO(official.write(official.Official("题", "", [], "甲", "", notice="演示数据"))))

    assert made.sections[0].header.paragraphs[0].text == "演示数据"
    assert made.sections[0].even_page_header.paragraphs[0].text == "演示数据"
    assert made.paragraphs[0].text == "演示数据"


def test_rows_with_one_source_or_none_are_marked_unconfirmed(facts):
    rows = editions.table("official_document", "page").to_dicts()
    doubtful = {row["key"] for row in rows if row["unconfirmed"]}

    assert "sign_right_plain" in doubtful
    assert facts["date without seal"]["status"].startswith("1 source")
    assert not {"top", "left", "lines", "characters"} & doubtful


@pytest.mark.parametrize(("number", "said"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三")])
def test_numerals(number, said):
    assert official.numeral(number) == said
