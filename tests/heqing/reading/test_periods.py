"""The years of findings: stated, carried by a sign of time, named by a heading, or of the document."""

from __future__ import annotations

import pytest

from heqing.reading import read
from heqing.reading.years import tell_years


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


def years(*lines: str, title: str | None = None, day: str | None = None, kind: str | None = None, given: bool = False):
    """Give what a document calls 今年, what it plans for and what it reviews."""
    return tell_years(title, lines, day, kind, given=given)[:3]


def test_headings_tell_the_year_before_the_day() -> None:
    assert years("一、2024年干了什么", "二、2025年怎么干", day="2026-03-01") == (2025, "2025", None)
    assert years("一、2024年工作回顾") == (2025, "2025", None)
    assert years("二、2026年重点工作") == (2026, "2026", None)


@pytest.mark.parametrize(
    ("day", "kind", "given", "expected"),
    [
        ("2024-10-20", "speech", False, (2024, "2024", 2024)),
        ("2024-01-20", "speech", False, (2024, "2024", 2023)),
        ("2024-01-20", "work_report", False, (2024, "2024", 2023)),
        ("2024-08-01", "work_report", False, (None, None, None)),  # a page of summer does not tell when it was given
        ("2024-12-27", "work_report", True, (2024, None, 2024)),
        ("2024-12-20", "plan", False, (2024, None, 2024)),
        ("2024-12-20", "speech", False, (2024, "2024", 2024)),
    ],
)
def test_day_tells_the_years_by_season(day: str, kind: str, given: bool, expected: tuple[object, ...]) -> None:
    assert years(day=day, kind=kind, given=given) == expected


def test_plan_of_december_is_for_the_year_it_names() -> None:
    assert years("2025年，全市新建绿道5公里。", day="2024-12-20", kind="plan") == (2024, "2025", 2024)
    assert years("2025年，全市新建绿道5公里。", day="2024-12-20", kind="speech") == (2024, None, 2024)


@pytest.mark.parametrize(
    ("title", "day", "kind", "expected"),
    [
        ("甲市2026年政府工作报告", None, "work_report", (2026, "2026", 2025)),
        ("甲市2019年政府工作报告", "2021-07-27", "work_report", (2019, "2019", 2018)),
        ("甲局2023年工作总结和2024年打算", None, "work_report", (2024, "2024", 2023)),
        ("2017年全省空气质量排名", "2018-01-19", "news", (2018, "2018", 2017)),
        ("2017年全省空气质量排名", None, "news", (None, None, 2017)),
        ("关于2023年治水任务完成情况的通报", "2024-03-05", "notice", (2024, "2024", 2023)),
        ("甲市2023年新增绿道200公里", "2024-01-08", "news", (2024, "2024", 2023)),
        ("甲市扬尘治理方案（2024-2025年）", "2024-06-12", "plan", (2024, "2024-2025", 2024)),
        ("甲市扬尘治理方案（2024-2025年）", None, "plan", (None, "2024-2025", None)),
        ("到2025年甲市绿道达到500公里", "2022-09-13", "news", (2022, "2025", 2022)),
        ("甲市2025年治水要点", "2024-12-30", "plan", (2024, "2025", 2024)),
    ],
)
def test_title_tells_what_is_planned_from_what_is_reported(
    title: str, day: str | None, kind: str, expected: tuple[object, ...]
) -> None:
    assert years(title=title, day=day, kind=kind) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("刚刚过去的2025年，我们新建绿道5公里。", 2026),
        ("今年是“十五五”开局之年，新建绿道5公里。", 2026),
        ("2026年是“十五五”开局之年。做好今年工作意义重大。", 2026),
        ("做好2026年工作，要突出四个重点。", 2026),
        ("到2030年，新建绿道50公里。", None),
        ("甲镇获评2025年度卫生镇。", None),
        ("绿道从2020年的30公里增加到2025年的90公里。", None),
        ("甲村在“十四五”开局之年建成绿道。", None),
        ("2035年主要目标是建成美丽甲市。", 2035),
    ],
)
def test_only_signs_of_the_year_itself_tell_it(line: str, expected: int | None) -> None:
    assert years(line)[0] == expected


def test_signs_that_contradict_each_other_tell_nothing() -> None:
    assert years("刚刚过去的2025年很不平凡。", "做好2024年工作，要突出重点。")[0] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、2025年工作回顾\n绿道长度增速快于2024年1.8个百分点。\n", ["2025"]),
        ("一、2025年工作回顾\n2022年以来累计新建绿道5公里。\n", ["2022-"]),
        ("一、2025年工作回顾\n2020年到2025年，绿道由31公里增加到54公里。新建公园3个。\n", ["2020-2025", "2025"]),
        ("一、2025年工作回顾\n2024年、2025年新建绿道5公里。\n", ["2024-2025"]),
        ("一、2025年工作回顾\n我市去年新建绿道5公里。\n", ["2025"]),
        ("二、工作安排\n力争明年新建绿道5公里。\n", ["2027"]),
        ("一、2025年工作回顾\n——这是城市面貌焕然一新的五年。建成绿道5公里。\n", ["2021-2025"]),
    ],
)
def test_time_inside_a_clause(text: str, expected: list[str]) -> None:
    assert periods(TITLE + text) == expected


def test_within_the_year_of_a_plan_for_two() -> None:
    text = "甲市噪声防治行动方案（2024-2025年）\n（2024年6月2日市政府印发）\n"
    assert set(periods(text + "名录年内印发，改造路面8公里，年底前改造路面2公里。\n")) == {"2024", "2024-2025"}


def test_title_of_two_years_dates_what_is_planned() -> None:
    assert periods("甲市噪声防治行动方案（2024-2025年）\n一、目标\n改造路面8公里。\n") == ["2024-2025"]


def test_change_on_the_year_before_is_of_the_year_in_a_review_of_five() -> None:
    text = "一、“十四五”时期工作回顾\n优良天数比例同比提高2个百分点，新建绿道5公里。\n新建公园3个。\n"
    assert periods(TITLE + text) == ["2025", "2025", "2021-2025"]


def test_text_without_day_that_opens_with_its_only_year_reports_that_year() -> None:
    text = "十市空气质量排名\n2017年全省优良天数比例达到80%。\n乙市优良率达到79%，较2016年提高2个百分点。\n"
    assert periods(text) == ["2017", "2017", "2017"]
    assert periods(text + "丙市2015年获评甲级。\n")[1:3] == [None, None]
