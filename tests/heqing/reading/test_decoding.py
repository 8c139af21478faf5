"""Files as they arrive: encodings, HTML, Word, and bad files with a sentence each."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from heqing.errors import BadFileError
from heqing.reading import decode

SAID = "全市空气质量优良天数比例达到八成以上，\r\n新建污水管网二十公里。\n我们将继续努力。"
TRADITIONAL = "全市空氣質量優良天數比例達到八成以上，新建污水管網二十公里。我們將繼續努力，這是大家的責任。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_plain_text_comes_back_unchanged(encoding: str) -> None:
    found = decode(SAID.encode(encoding), "讲话.txt")
    assert found.text == SAID
    assert found.form == "text"


def test_big5_is_told_from_gb18030() -> None:
    found = decode(TRADITIONAL.encode("big5"), "a.txt")
    assert found.text == TRADITIONAL
    assert found.encoding == "big5"


def test_gb18030_is_told_from_big5() -> None:
    found = decode(SAID.encode("gb18030"), "a.txt")
    assert found.encoding == "gb18030"
    assert not found.declared


def test_html_keeps_block_breaks_and_drops_what_is_not_shown() -> None:
    page = (
        "<html><head><meta charset='gb2312'><title>通知</title><style>p{color:red}</style></head><body>"
        "<script>var a='优良率99%';</script><p>第一段&nbsp;一</p><p>第二<b>段</b></p>"
        "<table><tr><td>甲</td><td>乙</td></tr></table></body></html>"
    )
    found = decode(page.encode("gb18030"), "page.html")
    assert found.text == "通知\n第一段 一\n第二段\n甲\t乙\n"
    assert (found.form, found.encoding, found.declared) == ("html", "gb18030", True)


def test_html_without_its_ending_is_seen_by_its_tags() -> None:
    assert decode("<!DOCTYPE html><html><p>一句话。</p></html>".encode(), "a").form == "html"


def test_page_that_lies_about_its_encoding_is_read_by_its_bytes() -> None:
    page = "<html><meta charset=gb2312><p>空气质量持续改善，这是我们的工作。</p></html>".encode()
    assert "空气质量持续改善" in decode(page, "a.html").text


def _word(*, table: bool = True) -> bytes:
    document = Document()
    document.add_paragraph("第一段")
    if table:
        grid = document.add_table(rows=1, cols=2)
        grid.cell(0, 0).text, grid.cell(0, 1).text = "指标", "目标"
    document.add_paragraph("最后一段")
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_word_gives_paragraphs_and_tables_in_order() -> None:
    assert decode(_word(), "方案.docx").text == "第一段\n指标\t目标\n最后一段\n"


def _other_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "no word")
    return held.getvalue()


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"", "空.txt", "空.txt: the file is empty"),
        (b"  \n\t ", "b.txt", "the file is empty"),
        (b"plain", "c.docx", "c.docx, byte 0: the name says Word (docx) but the content is none"),
        (_other_zip(), "d.docx", "the name says Word (docx) but the content is none"),
        (b"PK\x03\x04broken", "e.docx", "the name says Word (docx) but the content is none"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "f.doc", "old Word or Excel file"),
        (b"%PDF-1.7\n", "g.pdf", "g.pdf, byte 0: this is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "h.txt", "this is a picture"),
        (b"ab\x00\x01\x02cd" * 40, "i.txt", "i.txt, byte 2: this is no text"),
        (b"\xef\xbb\xbf\xe5\x85\xff", "j.txt", "j.txt, byte 3: the file opens as utf-8 but this byte is not"),
        (b"<html><body><script>x()</script></body></html>", "k.html", "the page holds no text"),
    ],
)
def test_bad_file_is_refused_with_its_name_and_what_to_do(raw: bytes, name: str, said: str) -> None:
    with pytest.raises(BadFileError) as refused:
        decode(raw, name)
    assert said in str(refused.value)


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.html", "a.docx", "a"]))
def test_any_bytes_are_read_or_refused(raw: bytes, name: str) -> None:
    with suppress(BadFileError):
        assert decode(raw, name).text.strip()
