"""The numbers that Word sets by itself, and notes: parts of a Word file beside its body, added with python-docx."""

from __future__ import annotations

import io

import pytest
from docx import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from heqing.reading import decode

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _level(number: int, format: str, text: str, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def _word(paragraphs: list[tuple[int | None, str]], levels: str, used: str = "") -> bytes:
    """Make a Word file whose paragraphs stand on a level of the list 7, from the sixth level on of 8, or on none."""
    document = Document()
    numbering = parse_xml(
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="3">{levels}</w:abstractNum>'
        f'<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num>{used}</w:numbering>'
    )
    whole = document.part.numbering_part.element
    for child in list(whole):
        whole.remove(child)
    whole.extend(list(numbering))
    for level, said in paragraphs:
        paragraph = document.add_paragraph(said)
        if level is not None:
            settings = paragraph._p.get_or_add_pPr()
            settings.append(
                parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{7 if level < 5 else 8}"/></w:numPr>')
            )
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


OUTLINE = _level(0, "chineseCounting", "%1、") + _level(1, "chineseCounting", "（%2）") + _level(2, "decimal", "%3.")


def test_an_outline_is_counted_level_by_level() -> None:
    said = [
        (None, "方案"),
        (0, "治气"),
        (1, "工业"),
        (2, "锅炉"),
        (2, "炉窑"),
        (1, "扬尘"),
        (0, "治水"),
        (None, "正文"),
        (1, "河道"),
    ]

    lines = decode(_word(said, OUTLINE), "a.docx").text.splitlines()

    assert lines == [
        "方案", "一、治气", "（一）工业", "1.锅炉", "2.炉窑", "（二）扬尘", "二、治水", "正文", "（一）河道",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("format", "start", "numbers"),
    [
        ("chineseCountingThousand", 9, ["九", "十", "十一"]),
        ("chineseCounting", 19, ["十九", "二十", "二十一"]),
        ("chineseCounting", 99, ["九十九", "一百", "一百零一"]),
        ("ideographDigital", 9, ["九", "一〇", "一一"]),
        ("decimalEnclosedCircle", 1, ["①", "②", "③"]),
        ("upperRoman", 3, ["III", "IV", "V"]),
        ("lowerLetter", 25, ["y", "z", "aa"]),
        ("decimalZero", 9, ["09", "10", "11"]),
        ("unknownFormat", 1, ["1", "2", "3"]),
    ],
)
def test_numbers_are_written_in_their_format(format: str, start: int, numbers: list[str]) -> None:
    raw = _word([(0, "甲")] * 3, _level(0, format, "第%1条", start))

    assert decode(raw, "a.docx").text.splitlines() == [f"第{number}条甲" for number in numbers]


def test_a_number_of_several_levels_shows_each_in_its_format() -> None:
    raw = _word([(0, "甲"), (1, "乙"), (1, "丙")], _level(0, "decimal", "%1") + _level(1, "decimal", "%1.%2"))

    assert decode(raw, "a.docx").text.splitlines() == ["1甲", "1.1乙", "1.2丙"]


def test_bullets_set_no_sign() -> None:
    assert decode(_word([(0, "甲")], _level(0, "bullet", "\uf0b7")), "a.docx").text == "甲\n"


def test_a_second_use_of_a_list_goes_on_or_begins_anew() -> None:
    again = '<w:num w:numId="8"><w:abstractNumId w:val="3"/>{}</w:num>'
    anew = '<w:lvlOverride w:ilvl="5"><w:startOverride w:val="1"/></w:lvlOverride>'
    levels = "".join(_level(n, "decimal", "%6.") for n in range(6)).replace('"%6."', '"%1."', 1)
    said = [(0, "甲"), (0, "乙"), (5, "丙"), (5, "丁")]

    assert decode(_word(said, levels, again.format(anew)), "a.docx").text.splitlines()[2:] == ["1.丙", "2.丁"]


def test_a_style_brings_its_list() -> None:
    document = Document()
    document.add_paragraph("甲", style="List Number")
    document.add_paragraph("乙", style="List Number")
    document.add_paragraph("丙", style="List Bullet")
    held = io.BytesIO()
    document.save(held)

    assert decode(held.getvalue(), "a.docx").text.splitlines() == ["1.甲", "2.乙", "丙"]


def test_an_empty_paragraph_shows_no_number() -> None:
    assert decode(_word([(0, "甲"), (0, ""), (0, "丙")], OUTLINE), "a.docx").text.splitlines() == [
        "一、甲",
        "",
        "三、丙",
    ]


def test_a_note_follows_the_paragraph_that_refers_to_it() -> None:
    document = Document()
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="0" w:type="separator"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>按2020年口径。</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    paragraph = document.add_paragraph("优良率达到")
    paragraph._p.append(parse_xml(f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>'))
    paragraph.add_run("85%。")
    document.add_paragraph("下一段。")
    held = io.BytesIO()
    document.save(held)

    assert decode(held.getvalue(), "a.docx").text == "优良率达到85%。\n按2020年口径。\n下一段。\n"
