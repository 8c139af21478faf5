"""Files as they arrive: encodings, HTML, Word, and bad files with a sentence each."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from docx import Document
from docx.oxml import parse_xml
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


_SPACES = (
    " ".join(
        f'xmlns:{prefix}="http://schemas.{place}"'
        for prefix, place in {
            "w": "openxmlformats.org/wordprocessingml/2006/main",
            "mc": "openxmlformats.org/markup-compatibility/2006",
            "wps": "microsoft.com/office/word/2010/wordprocessingShape",
        }.items()
    )
    + ' xmlns:v="urn:schemas-microsoft-com:vml"'
)


def _word_of(body: str, *styles: str) -> bytes:
    """Build a Word file with exactly this raw XML as its body, and these styles besides the usual ones."""
    document = Document()
    whole = document.element.body
    for child in list(whole):
        whole.remove(child)
    whole.extend(list(parse_xml(f"<w:body {_SPACES}>{body}</w:body>")))
    for style in styles:
        document.styles.element.append(parse_xml(style.replace(">", f" {_SPACES}>", 1)))
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _run(said: str, settings: str = "") -> str:
    return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{said}</w:t></w:r>'


def _par(inside: str, mark: str = "") -> str:
    return f"<w:p><w:pPr><w:rPr>{mark}</w:rPr></w:pPr>{inside}</w:p>"


def _cell(inside: str, settings: str = "") -> str:
    return f"<w:tc><w:tcPr>{settings}</w:tcPr>{inside}</w:tc>"


def _table(*rows: str) -> str:
    return "<w:tbl><w:tblPr/><w:tblGrid/>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def _box(inside: str, *, old: str | None = None) -> str:
    """Draw a text box as Word does: once for today's programs and once more for old ones."""
    new = f"<w:drawing><wps:txbx><w:txbxContent>{inside}</w:txbxContent></wps:txbx></w:drawing>" if inside else ""
    pict = f"<w:pict><v:textbox><w:txbxContent>{old or inside}</w:txbxContent></v:textbox></w:pict>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice>'
        f"<mc:Fallback>{pict}</mc:Fallback></mc:AlternateContent></w:r>"
    )


_A, _B, _C = _run("甲"), _run("乙"), _run("丙")
_SHOWN_B = _run("乙", '<w:vanish w:val="0"/>')
_DEL = '<w:del w:id="1"><w:r><w:delText>旧</w:delText><w:t>旧</w:t><w:tab/></w:r></w:del>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(_par(f'{_A}<w:ins w:id="1">{_B}</w:ins>{_C}'), "甲乙丙", id="insertion"),
        pytest.param(_par(f"{_A}{_DEL}{_C}"), "甲丙", id="deletion"),
        pytest.param(_par(f'{_A}<w:ins w:id="2">{_DEL}{_B}</w:ins>'), "甲乙", id="deletion within an insertion"),
        pytest.param(
            _par(f'<w:moveFrom w:id="1">{_A}</w:moveFrom>{_B}') + _par(f'<w:moveTo w:id="2">{_A}</w:moveTo>'),
            "乙\n甲",
            id="move",
        ),
        pytest.param(_par(_A, '<w:del w:id="1"/>') + _par(_B), "甲乙", id="deleted paragraph end"),
        pytest.param(_par(_DEL, '<w:del w:id="1"/>') + _par(_B), "乙", id="deleted paragraph"),
        pytest.param(_par(_A, '<w:moveFrom w:id="1"/>') + _par(_B), "甲乙", id="paragraph end moved away"),
        pytest.param(_par(_A, "<w:vanish/>") + _par(_B), "甲乙", id="hidden paragraph end"),
        pytest.param(_par(_A, "<w:vanish/>") + _table(_cell(_par(_B))), "甲\n乙", id="hidden end before a table"),
        pytest.param(
            _par(_A) + f"<w:sdt><w:sdtPr/><w:sdtContent>{_par(_B)}{_par(_C)}</w:sdtContent></w:sdt>",
            "甲\n乙\n丙",
            id="content control around paragraphs",
        ),
        pytest.param(
            _par(f"{_A}<w:sdt><w:sdtContent>{_B}</w:sdtContent></w:sdt>{_C}"), "甲乙丙", id="content control in a line"
        ),
        pytest.param(
            _table(_cell(_par(_A)) + f"<w:sdt><w:sdtContent>{_cell(_par(_B))}</w:sdtContent></w:sdt>"),
            "甲\t乙",
            id="content control around a cell",
        ),
        pytest.param(_par(f"<w:smartTag><w:smartTag>{_A}</w:smartTag>{_B}</w:smartTag>{_C}"), "甲乙丙", id="smart tag"),
        pytest.param(f"<w:customXml>{_par(f'<w:customXml>{_A}</w:customXml>')}</w:customXml>", "甲", id="custom XML"),
        pytest.param(_par(f'{_A}<w:hyperlink w:anchor="x">{_B}</w:hyperlink>'), "甲乙", id="hyperlink"),
        pytest.param(
            _par(f'{_A}<w:fldSimple w:instr="DATE">{_B}</w:fldSimple><w:r><w:instrText>PAGE</w:instrText></w:r>'),
            "甲乙",
            id="field",
        ),
        pytest.param(
            _par(f"<w:r><w:ruby><w:rt>{_run('jiǎ')}</w:rt><w:rubyBase>{_A}</w:rubyBase></w:ruby></w:r>"),
            "甲",
            id="pinyin over a character",
        ),
        pytest.param(
            _par(f"{_A}{_box(_par(_B) + _par(_C))}{_run('丁')}"),
            "甲丁\n乙\n丙",
            id="text box after its paragraph, once",
        ),
        pytest.param(_par(_A + _box("", old=_par(_B))), "甲\n乙", id="text box of an old program only"),
        pytest.param(_par(_A + _box(_par(_B), old=_par(_C))), "甲\n乙", id="first of two alternatives"),
        pytest.param(_table(_cell(_par(_A + _box(_par(_B)))) + _cell(_par(_C))), "甲\t丙\n乙", id="text box in a cell"),
        pytest.param(
            _table(_cell(_par(_A) + _table(_cell(_par(_B)) * 2, _cell(_par(_C)) * 2)) + _cell(_par(_run("丁")))),
            "甲\t丁\n乙\t乙\n丙\t丙",
            id="table in a cell",
        ),
        pytest.param(
            _table(_cell(_par(_A) + _table(_cell(_par(_B)) * 2) + _par(_C))), "甲\n乙\t乙\n丙", id="frame of one cell"
        ),
        pytest.param(
            _table(
                _cell(_par(_A) + _par("") + _par(_B)) + _cell(_par("")) + _cell(_par(f"{_C}<w:r><w:tab/></w:r>{_C}"))
            ),
            "甲 乙\t\t丙 丙",
            id="lines and tabs in a cell",
        ),
        pytest.param(
            _table(
                _cell(_par(_A), '<w:vMerge w:val="restart"/>') + _cell(_par(_B)),
                _cell(_par(_A), "<w:vMerge/>") + _cell(_par(_C)),
            ),
            "甲\t乙\n\t丙",
            id="cell over two rows",
        ),
        pytest.param(
            _table(_cell(_par(_A), '<w:gridSpan w:val="2"/>') + _cell(_par(_A))), "甲\t甲", id="cell over two columns"
        ),
        pytest.param(
            _table(_cell(_par(_A), '<w:hMerge w:val="restart"/>') + _cell(_par(_A), "<w:hMerge/>") + _cell(_par(_B))),
            "甲\t乙",
            id="cell over two columns, the old way",
        ),
        pytest.param(_table(f"<w:trPr><w:hidden/></w:trPr>{_cell(_par(_A))}", _cell(_par(_B))), "乙", id="hidden row"),
        pytest.param(
            _table(f'<w:trPr><w:del w:id="1"/></w:trPr>{_cell(_par(_A))}', _cell(_par(_B))), "乙", id="deleted row"
        ),
        pytest.param(
            _table(f'<w:trPr><w:ins w:id="1"/></w:trPr>{_cell(_par(_A))}', _cell(_par(_B))), "甲\n乙", id="inserted row"
        ),
        pytest.param(
            _table(_cell(_par(_A), '<w:cellDel w:id="1"/>') + _cell(_par(_B)) + _cell(_par(_C))),
            "乙\t丙",
            id="deleted cell",
        ),
        pytest.param(
            '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs></w:pPr>'
            f"{_A}<w:r><w:tab/></w:r>{_B}<w:r><w:br/></w:r>{_C}</w:p>",
            "甲\t乙\n丙",
            id="tab and line break",
        ),
        pytest.param(
            _par(f"{_A}<w:r><w:ptab/></w:r>{_B}<w:r><w:noBreakHyphen/></w:r>{_B}<w:r><w:cr/></w:r>{_C}"),
            "甲\t乙-乙\n丙",
            id="other tab, hyphen and line break",
        ),
        pytest.param(_par(f"{_A}{_run('密', '<w:vanish/>')}{_SHOWN_B}"), "甲乙", id="hidden text"),
    ],
)
def test_word_says_what_the_accepted_document_shows(body: str, text: str) -> None:
    assert decode(_word_of(body), "方案.docx").text == text + "\n"


def _style(name: str, based_on: str, settings: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:basedOn w:val="{based_on}"/>'
        f"<w:rPr>{settings}</w:rPr></w:style>"
    )


@pytest.mark.parametrize(
    ("styles", "text"),
    [
        ((), "甲乙\n丙\n"),
        ((_style("form", "other", "<w:vanish/>"),), "乙\n丙\n"),
        ((_style("form", "other"), _style("other", "form", "<w:vanish/>")), "乙\n丙\n"),
        ((_style("form", "other", '<w:vanish w:val="0"/>'), _style("other", "", "<w:vanish/>")), "甲乙\n丙\n"),
        ((_style("form", "other"), _style("other", "form")), "甲乙\n丙\n"),
    ],
    ids=["shown", "hidden", "hidden by its base", "shown against its base", "based on each other"],
)
def test_word_leaves_out_text_that_a_style_hides(styles: tuple[str, ...], text: str) -> None:
    styled = f'<w:p><w:pPr><w:pStyle w:val="form"/></w:pPr>{_A}{_SHOWN_B}</w:p>'
    assert decode(_word_of(styled + _par(_C), *styles), "方案.docx").text == text


def test_word_with_deleted_text_only_is_refused() -> None:
    with pytest.raises(BadFileError, match="holds no text"):
        decode(_word_of(_par(_DEL)), "方案.docx")


def test_word_reads_containers_two_hundred_deep() -> None:
    deep = "<w:smartTag>" * 200 + _A + "</w:smartTag>" * 200
    assert decode(_word_of(_par(deep)), "方案.docx").text == "甲\n"
    deep = "<w:sdt><w:sdtContent>" * 100 + _par(_A) + "</w:sdtContent></w:sdt>" * 100
    assert decode(_word_of(deep), "方案.docx").text == "甲\n"


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
        (b"%PDF-1.7\n", "g.pdf", "g.pdf: the PDF is broken"),
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
