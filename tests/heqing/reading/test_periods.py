"""The years of findings: stated, carried by a sign of time, named by a heading, or of the document."""

from __future__ import annotations

import pytest

from heqing.reading import read
from heqing.reading.periods import plan_year, reviewed_year


def periods(text: str) -> list[str | None]:
    """Give the periods of all findings of a text in order."""
    return [f.period for f in read(text, "t.txt").findings]


TITLE = "甲市2026年政府工作报告\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、2025年工作回顾\n新建绿道5公里。\n", ["2025"]),
        ("一、2025年工作回顾\n五年来，新建绿道5公里。新建公园3个。\n", ["2021-2025", "2021-2025"]),
        ("一、2025年工作回顾\n——这五年城市更加美丽。新建绿道5公里。\n", ["2021-2025"]),
        ("一、“十四五”时期工作回顾\n新建绿道5公里。\n刚刚过去的2025年，新建公园3个。\n", ["2021-2025", "2025"]),
        ("一、“十四五”时期和2025年工作回顾\n新建绿道5公里。\n（一）城市更美。新建公园3个。\n", ["2021-2025", "2025"]),
        ("二、“十五五”主要目标\n新建绿道50公里以上。\n三、2026年重点工作\n新建绿道8公里。\n", ["2026-2030", "2026"]),
        ("二、“十五五”时期主要目标\n新建绿道50公里以上。\n今年的目标是：新建绿道8公里。\n", ["2026-2030", "2026"]),
        ("二、今后工作\n未来三年，力争新建绿道30公里。\n", ["2026-2028"]),
        ("二、工作安排\n到2027年，新建绿道8公里，新建公园4个。新建游园6个。\n", ["2027", "2027", "2026"]),
        ("一、2025年工作回顾\n2024年乙镇优良率达81%。新建公园3个。\n", ["2024", "2025"]),
        ("一、2025年工作回顾\n近三年累计修复湿地90亩。新建公园3个。\n", ["2023-2025", "2025"]),
        ("一、2025年工作回顾\n去年同期基数较高。新建公园3个。\n", ["2025"]),
    ],
)
def test_sign_of_time_holds_for_what_follows(text: str, expected: list[str]) -> None:
    assert periods(TITLE + text) == expected


def test_year_without_any_ground_stays_empty() -> None:
    assert periods("五年来，新建绿道5公里。") == [None]


def test_year_after_this_one_year_stays_the_one_named() -> None:
    text = "2017年是本届政府的第一年。优良率达到81%。这一年，我们新建绿道5公里。"
    assert periods(text + "\n") == ["2017", "2017"]


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("——城市面貌焕然一新。", "2021-2025"),
        ("（三）城市面貌焕然一新。", "2025"),
        ("优良天数比例较“十三五”末提高6个百分点。", "2021-2025"),
    ],
)
def test_excerpt_of_the_opening_year_tells_five_years_from_one(opening: str, expected: str) -> None:
    text = f"{opening}过去以来成效显著，建成绿道5公里。\n今年是“十五五”开局之年。\n"
    assert periods(text)[-1] == expected


def test_plan_year_is_told_by_headings_before_the_day() -> None:
    assert plan_year(None, "一、2024年干了什么\n二、2025年怎么干\n", "2026-03-01") == 2025
    assert plan_year(None, "一、2024年工作回顾\n", None) == 2025


def test_report_of_the_middle_of_a_year_reviews_that_year() -> None:
    assert reviewed_year(2024, "攻坚会上的讲话", "2024-10-20", "speech") == 2024
    assert reviewed_year(2024, "攻坚会上的讲话", "2024-01-20", "speech") == 2023
    assert reviewed_year(2026, None, None, "work_report") is None
