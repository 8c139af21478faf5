"""Promise and report: an invented pair of years of an invented county, and the comparisons one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading import Reading, decode, read
from heqing.reading.against import PAIR_SCHEMA, against, against_readings, reported, restated, tally
from heqing.reading.outcomes import direction, judge

LAST = """云岫县2025年政府工作报告

三、2025年工作安排

2025年，PM2.5平均浓度控制在31微克/立方米以下。
2025年，新增公园绿地40公顷。
2025年，力争规上工业增加值增长8%。
2025年，单位地区生产总值能耗下降3%。
2025年，新建污水管网60公里。
2025年，新增高新技术企业XX家。
2025年，国考断面优良水质比例达到100%。
2025年，培育绿色工厂12家。
2025年，完成造林3000亩。
2025年，改造老旧小区25个。
2025年，南溪水质净化厂建成投用。
"""
THIS = """云岫县2026年政府工作报告

一、2025年工作回顾

2025年，PM2.5平均浓度29.5微克/立方米。
2025年，新增公园绿地33公顷。
2025年，规上工业增加值增长6.2%。
2025年，单位地区生产总值能耗下降3.4%。
2025年，新建污水管网投资2亿元。
2025年，新增高新技术企业18家。
2025年，国考断面优良水质比例为100%。
2025年，完成造林210公顷。
2025年，新开通公交线路6条。
2025年，南溪水质净化厂建成投用。

二、2026年工作安排

2026年，培育绿色工厂15家。
2026年，新增公园绿地36公顷。
2026年，建设口袋公园9个。
"""


def reading(text: str, name: str) -> Reading:
    return read(decode(text.encode(), name), name)


@pytest.fixture(scope="module")
def pairs() -> pl.DataFrame:
    return against(reading(THIS, "this").frame(), reading(LAST, "last").frame())


def outcome(pairs: pl.DataFrame, words: str, relation: str = "result") -> dict[str, Any]:
    found = pairs.filter(pl.col("promise_quote").str.contains(words, literal=True), pl.col("relation") == relation)
    assert found.height == 1, found.select("relation", "outcome", "promise_quote", "said_quote").rows()
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("words", "told", "difference"),
    [
        ("PM2.5", "kept", "1.5"),
        ("公园绿地", "missed", "-7"),
        ("规上工业", "missed", "-1.8"),
        ("能耗", "kept", "0.4"),
        ("国考断面", "kept", "0"),
        ("造林", "kept", "150"),
    ],
)
def test_result_is_held_against_the_promise(pairs: pl.DataFrame, words: str, told: str, difference: str) -> None:
    row = outcome(pairs, words)

    assert (row["outcome"], row["difference"]) == (told, Decimal(difference))


def test_striving_that_failed_is_missed_and_says_that_it_was_only_striven_for(pairs: pl.DataFrame) -> None:
    assert {"short", "strive"} <= set(outcome(pairs, "规上工业")["why"])


def test_masked_promise_is_never_kept(pairs: pl.DataFrame) -> None:
    row = outcome(pairs, "高新技术企业")

    assert row["outcome"] == "unclear"
    assert "masked" in row["why"]
    assert row["difference"] is None


def test_finished_works_keep_the_promise_to_finish_them(pairs: pl.DataFrame) -> None:
    assert outcome(pairs, "净化厂")["outcome"] == "kept"


def test_other_unit_of_another_thing_is_no_report_on_the_promise(pairs: pl.DataFrame) -> None:
    assert outcome(pairs, "污水管网", "none")["outcome"] == "silent"


def test_promise_without_result_that_is_promised_again_is_carried(pairs: pl.DataFrame) -> None:
    row = outcome(pairs, "绿色工厂", "target")

    assert (row["outcome"], row["difference"]) == ("raised", Decimal(3))
    assert tally(pairs)["carried"] == 1


def test_lowered_target_stands_beside_the_missed_one(pairs: pl.DataFrame) -> None:
    assert outcome(pairs, "公园绿地", "target")["outcome"] == "lowered"


def test_vanished_promise_is_silent(pairs: pl.DataFrame) -> None:
    assert outcome(pairs, "老旧小区", "none")["outcome"] == "silent"


def test_what_nobody_promised_is_told(pairs: pl.DataFrame) -> None:
    told = pairs.filter(pl.col("outcome").is_in(["unpromised", "new"]))["said_quote"].to_list()

    assert any("公交线路" in quote for quote in told)
    assert any("口袋公园" in quote for quote in told)
    assert not any("PM2.5" in quote for quote in told)


def test_quotes_stand_at_their_offsets(pairs: pl.DataFrame) -> None:
    for row in pairs.iter_rows(named=True):
        if row["promise_quote"] is not None:
            assert LAST[row["promise_start"] : row["promise_end"]] == row["promise_quote"]
        if row["said_quote"] is not None:
            assert THIS[row["said_start"] : row["said_end"]] == row["said_quote"]


def test_every_promise_is_told_once_in_the_tally(pairs: pl.DataFrame) -> None:
    promised = reading(LAST, "last").frame().filter(pl.col("kind") == "target").height

    told = tally(pairs)

    assert sum(told.get(code, 0) for code in ("kept", "missed", "unclear", "carried", "silent")) == promised


def test_two_earlier_years_are_paired_each_by_itself() -> None:
    before = LAST.replace("2025", "2024").replace("2026", "2025")

    found = against_readings(reading(THIS, "this"), [reading(before, "before"), reading(LAST, "last")])

    assert set(found["promise_doc"].drop_nulls()) == {"before", "last"}
    of_before = found.filter(pl.col("promise_doc") == "before", pl.col("relation") == "result")
    assert of_before.is_empty(), "a result of 2025 answers no promise of 2024"
    assert found.filter(pl.col("outcome") == "unpromised").height == 1 + 1  # bus lines, and the sum spent on pipes


def test_no_earlier_document_leaves_everything_unpromised() -> None:
    found = against_readings(reading(THIS, "this"), [])

    assert found.schema == pl.Schema(PAIR_SCHEMA)
    assert set(found["relation"]) == {"none"}


# --- one comparison at a time -------------------------------------------------------------------------------------


def row(**facts: Any) -> dict[str, Any]:
    told = {
        "doc": "a", "kind": "target", "indicator": "新增绿道", "comparator": "==", "value": Decimal(30),
        "value_text": "30", "unit": "公里", "period": "2025", "baseline": None, "strength": "plan", "scope": None,
        "pillar": "other", "quote": "新增绿道30公里", "start": 0, "end": 8, "confidence": 0.9, "gap": None,
    }  # fmt: skip
    told.update(facts)
    if told["value"] is not None:
        told["value"] = Decimal(told["value"])
    return told


COMPARATORS = (">=", "<=", "==", ">", "<", "~", "+%", "-%", "+", "-")
GROWTH = {"comparator": "+%", "unit": "%", "value": 5}


@pytest.mark.parametrize(
    ("promise", "result", "told", "why"),
    [
        # at the bound and on both sides of it
        ({"comparator": ">="}, {"value": "29.99"}, "missed", "short"),
        ({"comparator": ">="}, {"value": "30"}, "kept", "met"),
        ({"comparator": ">="}, {"value": "30.01"}, "kept", "met"),
        ({"comparator": ">"}, {"value": "30"}, "missed", "short"),
        ({"comparator": ">"}, {"value": "30", "comparator": ">"}, "kept", "met"),
        ({"comparator": "<="}, {"value": "30"}, "kept", "met"),
        ({"comparator": "<="}, {"value": "30.01"}, "missed", "short"),
        ({"comparator": "<"}, {"value": "30"}, "missed", "short"),
        # a result that tells a bound only
        ({"comparator": ">="}, {"value": "29", "comparator": ">"}, "unclear", "bound_only"),
        ({"comparator": ">="}, {"value": "31", "comparator": "<"}, "unclear", "bound_only"),
        ({"comparator": "<="}, {"value": "31", "comparator": ">"}, "missed", "short"),
        ({"comparator": "<="}, {"value": "29", "comparator": ">"}, "unclear", "bound_only"),
        # about
        ({"comparator": ">="}, {"value": "30", "comparator": "~"}, "unclear", "approx"),
        ({"comparator": ">="}, {"value": "45", "comparator": "~"}, "kept", "met"),
        ({"comparator": ">="}, {"value": "15", "comparator": "~"}, "missed", "short"),
        ({"comparator": "~"}, {"value": "28"}, "unclear", "approx"),
        ({"comparator": "~"}, {"value": "20"}, "missed", "short"),
        # changes
        (GROWTH, GROWTH, "kept", "met"),
        (GROWTH, {"comparator": "-%", "unit": "%", "value": 1}, "missed", "short"),
        ({"comparator": "-%", "unit": "%", "value": 3}, {"comparator": "-%", "unit": "%", "value": 4}, "kept", "met"),
        ({"comparator": "-%", "unit": "%", "value": 3}, GROWTH, "missed", "short"),
        (GROWTH, {"value": 5, "unit": "%"}, "unclear", "form_differs"),
        (
            {"comparator": "-%", "unit": "%", "value": 3, "baseline": "较2020年"},
            {"comparator": "-%", "unit": "%", "value": 4, "baseline": "同比"},
            "unclear",
            "base_differs",
        ),
        # classes and ranks: the smaller number is the better one
        ({"comparator": ">=", "unit": "类", "value": 3}, {"unit": "类", "value": 2}, "kept", "met"),
        ({"comparator": ">=", "unit": "类", "value": 3}, {"unit": "类", "value": 4}, "missed", "short"),
        ({"unit": "名", "value": 3}, {"unit": "名", "value": 5}, "missed", "short"),
        ({"unit": "名", "value": 3}, {"unit": "名", "value": 1}, "kept", "met"),
        # units
        ({"unit": "公顷", "value": 2}, {"unit": "亩", "value": 30}, "kept", "met"),
        ({"unit": "亿斤", "value": 1}, {"unit": "万吨", "value": "4.9"}, "missed", "short"),
        ({"unit": "公里"}, {"unit": "条", "value": 31}, "unclear", "unit_differs"),
        ({"unit": "户", "indicator": "改造危房"}, {"unit": "个", "value": 31}, "unclear", "unit_differs"),
        # what forbids a verdict
        ({}, {"value": None, "value_text": "XX", "gap": "number_masked"}, "unclear", "masked"),
        ({}, {"value": 50, "gap": "indicator_inferred"}, "unclear", "inferred"),
        ({}, {"value": 50, "quote": "预计新增绿道50公里"}, "unclear", "forecast"),
        ({}, {"value": 50, "gap": "range"}, "unclear", "range"),
        ({}, {"value": 200}, "unclear", "far_apart"),
        ({}, {"comparator": "complete", "value": None, "unit": None}, "unclear", "no_number"),
        ({}, {"quote": "新增绿道30公里的任务未完成"}, "missed", "failed"),
    ],
)  # fmt: skip
def test_promise_is_judged(promise: dict[str, Any], result: dict[str, Any], told: str, why: str) -> None:
    outcome, reasons, _ = judge(row(**promise), row(**result))

    assert outcome == told
    assert why in reasons


@pytest.mark.parametrize(
    ("promised", "reported_", "told"),
    [
        ("南溪净化厂建成", "南溪净化厂建成投用", "kept"),
        ("南溪净化厂建成", "南溪净化厂开工", "unclear"),
        ("南溪净化厂开工", "南溪净化厂竣工", "kept"),
        ("争创国家园林城市", "获评国家园林城市", "kept"),
        ("出台净水条例", "净水条例修订出台", "kept"),
    ],
)
def test_deed_is_kept_by_the_same_stage_or_a_later_one(promised: str, reported_: str, told: str) -> None:
    deed = {"comparator": "complete", "value": None, "value_text": None, "unit": None}

    assert judge(row(**deed, indicator=promised), row(**deed, indicator=reported_))[0] == told


@pytest.mark.parametrize("gap", ["number_masked", "number_lost", "indicator_inferred"])
@pytest.mark.parametrize("owed", COMPARATORS)
@pytest.mark.parametrize("told", COMPARATORS)
def test_masked_lost_or_inferred_number_is_never_kept_nor_missed(owed: str, told: str, gap: str) -> None:
    for value in (1, 30, 900):
        promise, result = row(comparator=owed), row(comparator=told, value=value)

        assert judge(promise | {"gap": gap}, result)[0] == "unclear"
        assert judge(promise, result | {"gap": gap})[0] == "unclear"


@pytest.mark.parametrize(
    ("facts", "better"),
    [
        ({"indicator": "PM2.5平均浓度", "unit": "微克/立方米"}, "down"),
        ({"indicator": "森林覆盖率", "unit": "%"}, "up"),
        ({"indicator": "居民消费价格涨幅", "unit": "%", "comparator": "+%"}, "open"),
        ({"indicator": "空气质量排名", "unit": "名"}, "down"),
        ({"indicator": "生产安全事故起数", "unit": "起"}, "down"),
        ({"indicator": "新建绿道", "unit": "公里"}, "up"),
    ],
)
def test_way_that_is_better(facts: dict[str, Any], better: str) -> None:
    assert direction(row(**facts)) == better


# --- what a ledger asks -------------------------------------------------------------------------------------------


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema_overrides={"value": pl.Decimal(38, 12), "gap": pl.String,
        "baseline": pl.String, "scope": pl.String, "period": pl.String}, infer_schema_length=None)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "same"),
        ({"value": 36, "value_text": "36"}, "raised"),
        ({"value": 24, "value_text": "24"}, "lowered"),
        ({"value": None, "value_text": "XX", "gap": "number_masked"}, "unclear"),
        ({"indicator": "全县新增绿道里程"}, "same"),
        ({"comparator": ">="}, "same"),
        ({"period": "2026"}, None),
        ({"indicator": "新增游步道"}, None),
        ({"indicator": "累计绿道"}, None),
        ({"scope": "云岫镇"}, "same"),
    ],
)
def test_restated_target_is_found_for_the_same_period_only(said: dict[str, Any], told: str | None) -> None:
    found = restated(frame(row(**said)), frame(row()))

    assert found["outcome"].to_list() == ([told] if told else [])


def test_at_least_beside_at_most_is_another_definition() -> None:
    found = restated(frame(row(comparator="<=")), frame(row(comparator=">=")))

    assert found["outcome"].to_list() == ["redefined"]


def test_scope_of_another_place_is_another_target() -> None:
    assert restated(frame(row(scope="云岫镇")), frame(row(scope="南溪街道"))).is_empty()


def test_result_reports_on_a_standing_target() -> None:
    found = reported(frame(row(kind="achievement", value=31)), frame(row()))

    assert found["outcome"].to_list() == ["kept"]


@pytest.mark.parametrize(("on", "told"), [(date(2025, 12, 31), "unclear"), (date(2026, 1, 1), "kept"), (None, "kept")])
def test_year_that_is_not_over_decides_nothing(on: date | None, told: str) -> None:
    found = reported(frame(row(kind="achievement", value=31)), frame(row()), on=on)

    assert found["outcome"].to_list() == [told]


def test_result_of_an_earlier_year_reports_on_nothing() -> None:
    assert reported(frame(row(kind="achievement", period="2024")), frame(row())).is_empty()


def test_two_values_of_one_name_leave_the_verdict_open() -> None:
    found = reported(frame(row(kind="achievement", value=31)), frame(row(), row(value=35, value_text="35")))

    assert set(found["outcome"]) == {"unclear"}
    assert all("said_twice" in why for why in found["why"].to_list())


@given(st.permutations(range(6)))
def test_order_of_rows_changes_nothing(order: list[int]) -> None:
    names = ["新增绿道", "造林面积", "改造老旧小区", "优良天数比例", "新建污水管网", "培育绿色工厂"]
    promises = [row(indicator=name, value=10 + i) for i, name in enumerate(names)]
    results = [row(indicator=name, value=12, kind="achievement") for name in names]

    shuffled = reported(frame(*[results[i] for i in order]), frame(*promises))

    told = dict(zip(shuffled["promise_indicator"], shuffled["outcome"], strict=True))
    assert told == {name: "kept" if 10 + i <= 12 else "missed" for i, name in enumerate(names)}
