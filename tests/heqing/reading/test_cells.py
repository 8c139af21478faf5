"""Numbers in tables: what they count, where, in which unit and year stands in another cell."""

from __future__ import annotations

import pytest

from heqing.reading import read


def rows(text: str) -> list[tuple[object, ...]]:
    """Give what was found of a text."""
    found = read(text, "t.txt").findings
    return [(f.kind, f.indicator, str(f.value), f.unit, f.comparator, f.period, f.scope) for f in found]


HEAD = "甲市治水攻坚方案\n（2026年3月1日甲市人民政府印发）\n"


def test_row_names_the_indicator_and_column_the_year_and_kind() -> None:
    text = (
        f"{HEAD}序号\t指标\t单位\t2025年完成\t2026年目标\n1\t新建污水管网\t公里\t40\t50以上\n2\t整治排口\t个\t8\t12\n"
    )
    assert rows(text) == [
        ("achievement", "新建污水管网", "40", "公里", "==", "2025", None),
        ("target", "新建污水管网", "50", "公里", ">=", "2026", None),
        ("achievement", "整治排口", "8", "个", "==", "2025", None),
        ("target", "整治排口", "12", "个", "==", "2026", None),
    ]


def test_column_names_the_indicator_and_row_the_place() -> None:
    text = f"{HEAD}区县\tPM2.5平均浓度（微克/立方米）\t优良天数比例（%）\n甲区\t28\t91.5\n乙县\t31\t88\n"
    assert [(r[1], r[2], r[3], r[6]) for r in rows(text)] == [
        ("PM2.5平均浓度", "28", "微克/立方米", "甲区"),
        ("优良天数比例", "91.5", "%", "甲区"),
        ("PM2.5平均浓度", "31", "微克/立方米", "乙县"),
        ("优良天数比例", "88", "%", "乙县"),
    ]


def test_cell_with_a_unit_of_its_own_keeps_it() -> None:
    found = rows(f"{HEAD}项目\t2026年目标\n改造老旧管道\t20公里\n")
    assert found == [("target", "改造老旧管道", "20", "公里", "==", "2026", None)]


@pytest.mark.parametrize(
    "text",
    [
        "1\t20\t30\n2\t40\t50\n",  # no head
        "指标\t目标\n绿道\n管网\t50\t60\n",  # rows of another length
        "甲\t乙\n丙\t丁\n",  # no numbers
        "指标\t责任单位\n绿道\t园林局\n",
    ],
)
def test_what_no_head_names_is_no_finding(text: str) -> None:
    assert rows(HEAD + text) == []


def test_quote_is_the_cell_as_received() -> None:
    text = f"{HEAD}指标\t单位\t目标\n绿道长度\t公里\t50\n"
    found = read(text, "t.txt").findings
    assert [(f.quote, text[f.start : f.end], f.value_text) for f in found] == [("50", "50", "50")]
    assert "named_by_cell" in found[0].why
