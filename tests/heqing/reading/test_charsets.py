"""Encodings: declared, wrongly declared, not declared, damaged, mixed."""

from __future__ import annotations

import pytest

from heqing.errors import BadFileError
from heqing.reading import decode

SAID = "全市空气质量优良天数比例达到八成以上，新建污水管网二十公里，这是我们今年的工作任务。"
TRADITIONAL = "全市空氣質量優良天數比例達到八成以上，新建污水管網二十公里，這是我們今年的工作任務。"


def _page(said: str, declared: str) -> str:
    return f"<html><head><meta charset='{declared}'></head><body><p>{said}</p></body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gbk"])
def test_plain_text_comes_back_whatever_its_encoding(encoding: str) -> None:
    assert decode(SAID.encode(encoding), "a.txt").text == SAID


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "utf-8", "gb18030"])
def test_traditional_text_comes_back_too(encoding: str) -> None:
    assert decode(TRADITIONAL.encode(encoding), "a.txt").text == TRADITIONAL


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gb2312", "gb18030"), ("GBK", "gbk"), ("x-gbk", "gbk"), ("Big5", "big5"), ("utf-8", "utf-8"), ("UTF8", "utf-8")],
)
def test_a_declared_encoding_is_taken(declared: str, encoding: str) -> None:
    said = TRADITIONAL if encoding == "big5" else SAID
    received = decode(_page(said, declared).encode(encoding), "a.html")
    assert received.text == said + "\n"
    assert received.declared


@pytest.mark.parametrize("declared", ["gb2312", "big5", "iso-8859-1", "utf-16", "unicode_escape", "idna", "none"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_page_that_lies_is_read_by_its_bytes(declared: str, encoding: str) -> None:
    assert decode(_page(SAID, declared).encode(encoding), "a.html").text == SAID + "\n"


def test_a_page_whose_bytes_fit_what_it_says_is_still_read_as_what_it_is() -> None:
    said = "空气质量持续改善"  # in UTF-8 these bytes are GB18030 too, of characters that nobody writes
    assert _page(said, "gb2312").encode().decode("gb18030")
    assert decode(_page(said, "gb2312").encode(), "a.html").text == said + "\n"


def test_a_page_in_utf8_declared_by_xml_is_read() -> None:
    raw = f'<?xml version="1.0" encoding="gb2312"?><html><body><p>{SAID}</p></body></html>'.encode("gbk")
    assert decode(raw, "a.xhtml").text == SAID + "\n"


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", SAID), ("gbk", SAID), ("big5", TRADITIONAL)])
def test_a_lost_byte_costs_a_character_or_two_and_no_more(encoding: str, said: str) -> None:
    raw = (said * 20).encode(encoding)
    middle = len(said.encode(encoding)) * 10
    received = decode(raw[:middle] + b"\xff" + raw[middle:], "a.txt")
    assert received.encoding in (encoding, "gb18030", "big5hkscs")
    assert received.text.count(said) >= 18
    assert 1 <= received.text.count("\ufffd") <= 3


def test_a_lost_byte_behind_a_mark_is_borne_and_many_are_not() -> None:
    raw = b"\xef\xbb\xbf" + (SAID * 20).encode()
    assert decode(raw + b"\xff" + SAID.encode(), "a.txt").text.startswith(SAID)
    with pytest.raises(BadFileError, match="opens as utf-8 but this byte is not") as refused:
        decode(b"\xef\xbb\xbf" + SAID.encode() + b"\xff\xfe" * 40, "a.txt")
    assert refused.value.byte == 3 + len(SAID.encode())


def test_a_line_pasted_in_another_encoding_is_read_as_what_it_is() -> None:
    raw = (SAID + "\n").encode() * 3 + (SAID + "\n").encode("gbk") + (SAID + "\n").encode()
    assert decode(raw, "a.txt").text == (SAID + "\n") * 5


def test_half_a_character_at_the_end_of_utf16_is_borne() -> None:
    assert decode(b"\xff\xfe" + SAID.encode("utf-16-le") + b"\x31", "a.txt").text.startswith(SAID)


def test_a_text_that_is_mostly_markup_is_told_by_its_characters() -> None:
    raw = ("<!-- " + "x" * 30000 + " --><html><body><p>" + SAID + "</p></body></html>").encode("gbk")
    assert decode(raw, "a.html").text == SAID + "\n"


def test_noise_in_no_encoding_is_refused() -> None:
    raw = bytes(range(0x80, 0xFF)) * 20_000
    with pytest.raises(BadFileError, match="in no encoding known here"):
        decode(raw, "a.txt")
