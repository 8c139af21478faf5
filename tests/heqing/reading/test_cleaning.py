"""Clean text and its way back to the received text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading import clean
from heqing.reading.cleaning import simplify
from heqing.reading.noise import is_noise

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


@pytest.mark.parametrize(
    "line",
    [
        "分享到：【打印】【关闭】",
        "打印",
        "【字号：",
        "】",
        "验证码：",
        "网站地图",
        "您当前的位置：首页 > 政务公开 > 计划",
        "首页>新闻>要闻",
        "某某会议照片1.jpeg",
        "上一篇：没有了",
        "本文地址：/baogao/1.html",
        "留言与评论（共有 条评论）",
        "12 345678",
    ],
)
def test_page_furniture_is_noise(line: str) -> None:
    assert is_noise(clean(line).text)


@pytest.mark.parametrize(
    "line",
    [
        "一、总体要求",
        "新建污水管网5公里。",
        "各位代表：",
        "某市2026年生态环境工作要点",
        "我们要把成果分享给群众，让大家共享绿水青山。",
        "2026年1月20日",
        "坚持久久为功，一张蓝图绘到底。",
    ],
)
def test_words_of_the_document_are_no_noise(line: str) -> None:
    assert not is_noise(clean(line).text)
