"""Which names are one indicator: what may differ, and the words that make another indicator of a name."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading.likeness import base_unit, candidates

COLUMNS = ("indicator", "comparator", "unit", "scope", "pillar")


def frame(*rows: tuple[str, str, str | None, str | None, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def pair(one: str, other: str, unit: str = "公里", comparator: str = "==") -> list[str]:
    here = frame((one, comparator, unit, None, "other"))
    there = frame((other, comparator, unit, None, "other"))
    found = candidates(here, there)
    return found["why"][0].to_list() if found.height else []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("新建污水管网", "建成污水管网"),
        ("全市城镇新增就业人数", "城镇新增就业"),
        ("完成营造林", "营造林面积"),
        ("改造城镇老旧小区", "新开工改造城镇老旧小区"),
        ("细颗粒物（PM2.5）年均浓度", "PM2.5平均浓度"),
        ("七是改造困难家庭居室", "改造困难家庭居室"),
    ],
)
def test_names_of_one_indicator_are_a_pair(one: str, other: str) -> None:
    assert pair(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("外贸进口总额", "外贸出口总额"),
        ("外贸进出口总额", "外贸出口总额"),
        ("城镇居民人均可支配收入", "农村居民人均可支配收入"),
        ("农村居民人均可支配收入", "居民人均可支配收入"),
        ("PM2.5平均浓度", "PM10平均浓度"),
        ("新增高新技术企业", "高新技术企业"),
        ("新增高新技术企业", "新增科技型中小企业"),
        ("国考断面水质优良比例", "省考断面水质优良比例"),
        ("粮食总产量", "蔬菜总产量"),
        ("一期工程处理水量", "二期工程处理水量"),
        ("新建5A级景区", "新建4A级景区"),
        ("规上工业增加值", "规上工业增加值排名"),
        ("新增公园绿地", "新建污水管网"),
    ],
)
def test_a_word_that_makes_another_indicator_parts_two_names(one: str, other: str) -> None:
    assert pair(one, other) == []
    assert pair(other, one) == []


def test_sum_of_money_is_no_count_of_the_same_things() -> None:
    here = frame(("完成并购重组", "==", "起", None, "industry"))
    there = frame(("完成并购重组", "==", "亿元", None, "industry"))

    assert candidates(here, there)["likeness"].to_list() == [1.0]  # told as another unit, never compared
    assert candidates(here, frame(("推进并购重组合同", "==", "亿元", None, "industry"))).is_empty()


def test_number_of_years_in_a_row_is_no_amount() -> None:
    here = frame(("粮食总产量", ">=", "亿斤", None, "agriculture"))

    assert candidates(here, frame(("粮食总产量", "==", "年", None, "agriculture"))).is_empty()


@pytest.mark.parametrize(("scope", "found"), [("南溪街道", False), ("云岫镇", True), (None, True)])
def test_scope_of_another_place_parts_one_name(scope: str | None, found: bool) -> None:
    here = frame(("新建绿道", "==", "公里", "云岫镇", "other"))

    assert bool(candidates(here, frame(("新建绿道", "==", "公里", scope, "other"))).height) is found


def test_the_whole_area_is_no_scope() -> None:
    found = candidates(
        frame(("新建绿道", "==", "公里", "全市", "other")), frame(("新建绿道", "==", "公里", None, "other"))
    )

    assert found["why"].to_list() == [["same_name"]]


@pytest.mark.parametrize(
    ("unit", "name", "base", "factor"),
    [
        ("万亩", "", "亩", "10000"),
        ("平方公里", "", "亩", "1500"),
        ("亿斤", "", "吨", "50000"),
        ("户", "新增规上企业", "个", "1"),
        ("户", "改造危房", "户", "1"),
        ("亿元", "", "元", "100000000"),
    ],
)
def test_numbers_are_compared_in_a_base_unit(unit: str, name: str, base: str, factor: str) -> None:
    assert base_unit(unit, name) == (base, Decimal(factor))


NAMES = (
    "新建绿道", "新增绿道里程", "改造老旧小区", "优良天数比例", "空气质量优良天数比例", "新建污水管网", "污水管网新建",
    "绿色工厂", "培育绿色工厂",
)  # fmt: skip


@given(st.lists(st.sampled_from(NAMES), max_size=6), st.lists(st.sampled_from(NAMES), max_size=6))
def test_likeness_does_not_depend_on_which_side_a_row_stands(left: list[str], right: list[str]) -> None:
    here = frame(*((name, "==", "%", None, "other") for name in left))
    there = frame(*((name, "==", "%", None, "other") for name in right))

    forth = {(a, b): round(share, 9) for a, b, share, _ in candidates(here, there).iter_rows()}
    back = {(b, a): round(share, 9) for a, b, share, _ in candidates(there, here).iter_rows()}

    assert forth == back
    assert all(0 < share <= 1 for share in forth.values())
