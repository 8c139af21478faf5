"""Clean text and its way back to the received text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading import clean
from heqing.reading.cleaning import simplify

DIRT = st.text(
    alphabet=st.sampled_from("治污攻坚戰處理廠(zhàn)(chǔ) \u3000\t\n\r，,。.：:%％１２3xX*×ⅲpm2.5_“”「」\u200b\ufeffé")
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("攻堅戰(zhàn)打響", "攻坚战打响"),
        ("污水處（chǔ）理廠", "污水处理厂"),
        ("整治河涌 12条", "整治河涌12条"),
        ("優良率８５％", "优良率85%"),
        ("达到ⅲ类", "达到Ⅲ类"),
        ("PM_2.5浓度", "PM2.5浓度"),
        ("浓度,优良率:高;好(一般)", "浓度，优良率：高；好（一般）"),
        ("1,200个,2个", "1,200个，2个"),
        ("Clean Air 行动", "Clean Air行动"),
        ("甲\u200b乙", "甲乙"),
        ("  段首\r\n段尾  ", "段首\n段尾"),
        ("「無廢城市」", "“无废城市”"),
    ],
)
def test_dirt_goes_and_script_is_simplified(text: str, cleaned: str) -> None:
    assert clean(text).text == cleaned


def test_word_in_brackets_that_is_no_pinyin_stays() -> None:
    assert clean("臭氧(ozone layer)治理").text == "臭氧（ozone layer）治理"
    assert clean("指标(PM)").text == "指标（PM）"


def test_quote_holds_the_noise_between_its_characters() -> None:
    found = clean("推進(jìn)治水攻堅戰(zhàn)。")
    start = found.text.index("治水")
    assert found.quote(0, start) == "推進"
    assert found.quote(0, start + 2) == "推進(jìn)治水"


def test_whole_phrases_decide_the_simplified_form() -> None:
    assert simplify("乾隆年間河水乾了") == "乾隆年间河水干了"
    assert simplify("显著著名") == "显著著名"


@given(st.one_of(DIRT, st.text()))
def test_map_rises_and_stays_inside(text: str) -> None:
    found = clean(text)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(a < b for a, b in zip(found.starts, found.starts[1:], strict=False))
    assert all(s < e <= len(text) for s, e in zip(found.starts, found.ends, strict=True))
    assert all(e <= s for e, s in zip(found.ends, found.starts[1:], strict=False))


# Pieces as damaged pages hold them, each with what it is to read as.
PIECES = {
    "治": "治", "戰(zhàn)": "战", "處（chù）": "处", "廠 (chǎng)": "厂", "污&nbsp;水": "污水", "气&amp;nbsp;": "气",
    "&ldquo;一&rdquo;": "“一”", "河\u200b涌": "河涌", "土\ufe0f": "土", "空\u3000气": "空气", "质\ue5e5量": "质量",
    "１２": "12", "８５％": "85%", "ⅲ类": "Ⅲ类",
    "PM_2.5": "PM2.5", "PM 2.5": "PM2.5", "<b>好</b>": "好", "林<!--x-->田": "林田",
    "<ruby>湖<rt>hú</rt></ruby>": "湖", "\uf0b7": "●", "\ufffd": "□", "（\n三）": "（三）", "，\n": "，",
    "5\u00a0公里": "5公里", "2 0 2 6 年": "2026年", "27. 5 %": "27.5%",
}  # fmt: skip


@pytest.mark.parametrize(("dirty", "read"), PIECES.items())
def test_each_damage_reads_as_meant(dirty: str, read: str) -> None:
    assert clean(f"全市環(huán)境{dirty}治理").text == f"全市环境{read}治理"


@given(
    st.lists(st.sampled_from([*PIECES, "，", "。\n", "\r\n", " ", "\t", "Clean", "建成", "x公里", "(ug)", "<p>", "；"]))
)
def test_every_span_comes_from_the_characters_it_is_said_to(parts: list[str]) -> None:
    """Whatever damage meets whatever damage: a quote stands at its offsets, and each character has its own stretch."""
    received = "".join(parts)
    found = clean(received)
    for n, char in enumerate(found.text):
        start, end = found.span(n, n + 1)
        own = received[start:end]
        assert own
        assert found.quote(n, n + 1) == own
        if len(own) == 1 and own == char:
            continue
        assert clean(own).text in (char, "") or own.isspace() or char == simplify(own) or char in "，：“”\n□"
    if found.text:
        start, end = found.span(0, len(found.text))
        assert received[start:end] == found.quote(0, len(found.text))


def test_bracketed_letters_are_pinyin_only_where_the_document_has_pinyin() -> None:
    assert clean("们(men)来治水").text == "们（men）来治水"
    assert clean("他們(men)來治水，打好攻堅戰(zhàn)").text == "他们来治水，打好攻坚战"
    assert clean("全長(km)與戰(zhàn)果").text == "全长（km）与战果"


def test_letters_set_against_copying_go() -> None:
    dirty = "一、治水q8j\n建好管网。q8j\n清好河道。q8j疏通沟渠。\n管好排口；q8j\nCOD下降。q8j\n"
    assert clean(dirty).text == "一、治水\n建好管网。\n清好河道。疏通沟渠。\n管好排口；\nCOD下降。\n"
    assert "COD" in clean("COD\n减排。COD\n好。\n").text


def test_lines_set_to_a_width_are_joined() -> None:
    body = "全区上下要坚持系统治理和源头治理推动水环境质量持续改善并且建好管网让河流清澈见底造福百姓"
    lines = [body[i : i + 20] for i in range(0, 40, 20)] * 5
    text = "\n".join(lines) + "\n收尾。\n\n一、下一段\n"
    found = clean(text).text
    assert found.startswith("".join(lines) + "收尾。")
    assert "\n一、下一段" in found


def test_a_long_line_without_closing_sign_goes_on_below() -> None:
    head = "全市新建污水管网，" * 8 + "增"
    assert clean(head + "\n长8.8%；其余指标平稳。\n一、目标\n").text == head + "长8.8%；其余指标平稳。\n一、目标\n"
    assert clean(head + "\n一、目标，任务。\n").text == head + "\n一、目标，任务。\n"


def test_blanks_that_were_taken_are_remembered() -> None:
    found = clean("一、提高认识 各单位要行动")
    assert [found.text[n:] for n in found.blanks_between(0, len(found.text))] == ["各单位要行动"]
    assert found.written(0, 2) == "一、"
    assert clean("書記(jì)王某").written(0, 4) == "書記王某"


def test_a_sign_read_from_several_characters_is_quoted_whole() -> None:
    found = clean("建&ldquo;绿&rdquo;道<br/>治水")
    assert found.text == "建“绿”道\n治水"
    assert [found.quote(n, n + 1) for n in (1, 3, 5)] == ["&ldquo;", "&rdquo;", "<br/>"]
