"""The reader as a whole: offsets, kinds, strengths, statements, measures, facts, noise."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading import decode, read, to_record
from heqing.reading.findings import FINDING_SCHEMA

# Pieces of sentences and of their dirt, to be thrown together at random.
PIECES = st.sampled_from(
    [
        "力争",
        "确保",
        "全区",
        "優良率",
        "(liàng)",
        "达到",
        "85%",
        "以上",
        "，",
        "、",
        "。",
        "\n",
        "\r\n",
        "x",
        "**",
        "公里",
        "新建",
        "污水管網",
        "1.4万",
        "亩",
        "由31%",
        "提高到54%",
        "分别",
        "和",
        "一是",
        "要",
        "一、",
        "（一）",
        "《方案》",
        "制定出台",
        "全覆盖",
        "%",
        "微克/立方米",
        "浓度",
        "PM10",
        "连续",
        "5年",
        "第",
        "3",
        "名",
        "Ⅱ类",
        "稳定在",
        "“",
        "”",
        "打印",
        "2026年",
        " ",
        "\u3000",
        "十八",
        "连冠",
        "—",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=80)))
def test_quotes_are_what_the_offsets_say(text: str) -> None:
    found = read(text, "t.txt")
    for row in (*found.findings,):
        assert text[row.start : row.end] == row.quote
        assert row.quote
        assert 0 <= row.confidence <= 1
        assert (row.value is None) == (row.gap in ("number_masked", "number_lost") or row.comparator == "complete")
    for measure in found.measures:
        assert text[measure.start : measure.end] == measure.title
    for line in found.junk:
        assert text[line.start : line.end] == line.line


def test_offsets_count_the_received_text_with_its_noise() -> None:
    raw = "打印\r\n　　全市新建污水處(chù)理廠 3座，優(yōu)良率達(dá)８８％。\r\n".encode("utf-8-sig")
    received = decode(raw, "動態.txt")
    found = read(received)
    assert [received.text[f.start : f.end] for f in found.findings] == [
        "全市新建污水處(chù)理廠 3座",
        "優(yōu)良率達(dá)８８％",
    ]
    assert [(f.indicator, to_record(f)["value"], f.unit) for f in found.findings] == [
        ("新建污水处理厂", 3, "座"),
        ("优良率", 88, "%"),
    ]
    assert [j.line for j in found.junk] == ["打印"]
    assert found.doc == "動態"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("过去一年，新建绿道6公里。新的一年，要新建绿道9公里。", ["achievement", "target"]),
        ("一、2025年工作回顾\n优良率82%。\n今年发展主要预期目标是：优良率达到83%。", ["achievement", "target"]),
        ("近年来，累计关停企业30家。站在新的起点，我们将坚决治污，关停企业12家。", ["achievement", "target"]),
        ("PM2.5平均浓度同比下降6%。", ["achievement"]),
        ("力争PM2.5平均浓度下降6%。", ["target"]),
        ("过去一年，新建管网5公里。到2031年，管网总长达到90公里。", ["achievement", "target"]),
    ],
)
def test_kind_follows_the_signs_of_the_text(text: str, kinds: list[str]) -> None:
    assert [f.kind for f in read(text, "t").findings] == kinds


def test_strength_carries_on_from_the_head_of_a_sentence() -> None:
    found = read("力争优良率达到85%，新建管网5公里；确保断面达标率100%，关停企业3家。新增绿地8亩。", "t").findings
    assert [f.strength for f in found] == ["strive", "strive", "ensure", "ensure", "plan"]


def test_strength_inside_a_clause_holds_for_that_clause() -> None:
    found = read("超标次数力争控制在2次以内，新建管网5公里。", "t").findings
    assert [f.strength for f in found] == ["strive", "plan"]


def test_strength_after_the_number_is_of_the_next_part() -> None:
    assert read("PM2.5年均浓度控制在31微克/立方米左右、争取更优水平。", "t").findings[0].strength == "plan"


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("制定出台《某区扬尘治理办法》等措施。", "出台扬尘治理办法"),
        ("实现建制镇污水处理全覆盖。", "建制镇污水处理全覆盖"),
        ("争创国家生态文明建设示范区。", "创建国家生态文明建设示范区"),
        ("城市黑臭水体基本消除。", "城市黑臭水体基本消除"),
        ("启用区康养中心。", "启用区康养中心"),
        ("确保空气质量持续改善。", "空气质量持续改善"),
        ("全年未发生较大环境事件。", "未发生较大环境事件"),
        ("碳排放强度完成省下达目标任务。", "碳排放强度完成省下达目标任务"),
    ],
)
def test_statement_without_number_is_a_row(text: str, indicator: str) -> None:
    found = read(text, "t").findings
    assert [(f.comparator, f.value, f.value_text, f.indicator) for f in found] == [("complete", None, None, indicator)]


@pytest.mark.parametrize(
    "text",
    [
        "加强生态环境保护。",
        "推进治理体系建设。",
        "健全隐患动态清零工作机制。",
        "坚持系统思维。",
        "确保圆满完成各项目标任务。",
        "确保项目早开工、早竣工。",
        "打造一批示范区。",
    ],
)
def test_exhortation_is_no_row(text: str) -> None:
    assert read(text, "t").findings == ()


def test_list_of_finished_projects_is_one_row_each() -> None:
    found = read("确保北区医院二期竣工、南区学校开工建设。", "t").findings
    assert [f.indicator for f in found] == ["北区医院二期竣工", "南区学校开工建设"]


SPEECH = """区长在全区生态环境大会上的讲话
一、持续治气
一是压减扬尘。要突出源头管控，市生态环境局牵头负责。
二是管好车辆。做好抽检。
二、持续治水
（一）整治排口
"""


def test_measures_have_levels_and_offices() -> None:
    found = read(SPEECH, "t").measures
    assert [(m.level, m.title) for m in found] == [
        (1, "一、持续治气"),
        (2, "一是压减扬尘"),
        (2, "二是管好车辆"),
        (1, "二、持续治水"),
        (1, "（一）整治排口"),
    ]
    assert found[1].responsible == ("市生态环境局",)


def test_facts_are_what_the_text_states() -> None:
    text = (
        "2027年某江市政府工作报告\n——2027年1月18日在某江市第九届人民代表大会第二次会议上\n某江市市长 王示例\n"
        "各位代表：\n现在，我代表某江市人民政府，向大会报告工作。\n过去一年，优良率84%。\n"
    )
    meta = read(text, "t").meta
    assert (meta.title, meta.issuer, meta.region) == ("2027年某江市政府工作报告", "某江市人民政府", "某江市")
    assert (meta.date, meta.doc_type) == ("2027-01-18", "work_report")
    assert [(p.name, p.post) for p in meta.people] == [("王示例", "某江市市长")]
    assert read(text, "t").findings[0].period == "2026"


def test_facts_that_are_not_stated_stay_none() -> None:
    meta = read("新建绿道6公里。", "t").meta
    assert (meta.title, meta.issuer, meta.region, meta.date, meta.people) == (None, None, None, None, ())
    assert read("新建绿道6公里。", "t").findings[0].period is None


def test_period_of_a_leading_year_holds_for_the_sentence() -> None:
    found = read("到2030年，优良率达到88%，新建管网5公里。新增绿地6亩。", "t").findings
    assert [f.period for f in found] == ["2030", "2030", None]


def test_frame_has_the_declared_columns_and_exact_values() -> None:
    frame = read("优良率达到85.3%，新建管网x公里。", "t").frame()
    assert dict(frame.schema) == FINDING_SCHEMA
    assert frame["value"].dtype == pl.Decimal(38, 12)
    assert frame["value"].null_count() == 1
    assert read("", "t").frame().height == 0
    assert read("打印\n", "t").frame("junk")["line"].to_list() == ["打印"]
    assert read(SPEECH, "t").frame("measures").height == 5
    assert read(SPEECH, "t").frame("meta")["doc_type"].to_list() == ["speech"]


@pytest.mark.parametrize("text", ["力争x%、" * 3000, "1" * 20000, "（" * 20000, "一是\n" * 5000, "水" * 20000])
def test_broken_text_is_read_in_bounded_time(text: str) -> None:
    began = time.perf_counter()
    read(text, "t")
    assert time.perf_counter() - began < 10  # squares of this length took minutes


REVIEW = "过去一年，新建绿道5公里。\n\n"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("一、坚决打好蓝天保卫战", "target"),
        ("一、持续改善水环境质量", "target"),
        ("一、扎实推进，成效显著", "achievement"),
        ("一、过去五年工作回顾", "achievement"),
    ],
)
def test_first_heading_that_calls_for_deeds_ends_a_short_review(heading: str, kind: str) -> None:
    found = read(f"{REVIEW}{heading}\n\n完成管网改造8公里。\n", "a.txt").findings
    assert [f.kind for f in found] == ["achievement", kind]


def test_headings_that_a_colon_announced_belong_to_the_review() -> None:
    text = "过去一年，我们主要做了以下工作：\n\n一、坚决打好蓝天保卫战\n\n完成管网改造8公里。\n"
    assert [f.kind for f in read(text, "a.txt").findings] == ["achievement"]


def test_day_that_stands_alone_on_a_line_is_the_documents() -> None:
    facts = read("在青澜区大会上的讲话\n\n2026年2月25日\n\n同志们：\n\n全年新建绿道8公里。\n", "a.txt")
    assert (facts.meta.date, facts.meta.region, facts.findings[0].period) == ("2026-02-25", "青澜区", "2026")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12个国考断面，优良率要达到90%。", ["水质优良率"]),
        ("空气质量持续改善，优良率达到90%。", ["优良率"]),
        ("饮用水水源地水质全部达标，PM2.5浓度下降5%，优良率达到90%。", ["PM2.5浓度降幅", "优良率"]),
    ],
)
def test_bare_share_of_good_is_of_what_its_sentence_named_last(text: str, expected: list[str]) -> None:
    assert [f.indicator for f in read(text, "t").findings if f.value is not None][-len(expected) :] == expected
