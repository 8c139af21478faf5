"""Which clauses are results and which are commitments, and of which time; sentences of our own."""

from __future__ import annotations

import pytest

from heqing.reading import read
from heqing.reading.findings import Finding
from heqing.reading.lexicon import rows
from heqing.reading.reader import share_right


def found(text: str) -> list[Finding]:
    return list(read(text, "a.txt").findings)


def kinds(text: str) -> list[str]:
    return [f.kind for f in found(text)]


@pytest.mark.parametrize(
    "between",
    [
        "高质量发展取得显著成效。",
        "营商环境持续改善。",
        "产业转型迈出新步伐。",
        "力争比去年有更大提升。",
        "顺利完成各项目标任务。",
    ],
)
def test_a_word_of_success_does_not_end_a_list_of_commitments(between: str) -> None:
    assert kinds(f"今年的主要预期目标是：优良率达到85%。\n{between}\n新建绿道5公里。") == ["target", "target"]


@pytest.mark.parametrize("between", ["圆满完成全年目标任务。", "目标任务顺利完成。", "聚焦全年目标任务，上下齐心。"])
def test_a_goal_that_was_met_does_not_end_a_review(between: str) -> None:
    assert kinds(f"过去一年，优良率达到85%。\n{between}\n新建绿道5公里。").count("target") == 0


def test_a_heading_that_calls_for_deeds_ends_a_review() -> None:
    text = "过去一年，优良率达到85%。\n二、目标任务\n新建绿道5公里。"
    assert kinds(text) == ["achievement", "target"]


def test_months_that_are_over_hold_for_their_paragraph() -> None:
    text = "今年工作目标是：优良率达到85%。\n1—6月，PM2.5平均浓度30微克/立方米，优良天数150天。\n新建绿道5公里。"
    assert kinds(text) == ["target", "achievement", "achievement", "target"]


def test_a_word_of_success_keeps_the_years_told_before_it() -> None:
    text = "东溪市2026年政府工作报告\n五年来，新建绿道50公里。生态环境持续改善。森林覆盖率达到40%。"
    assert [f.period for f in found(text)] == ["2021-2025", "2021-2025"]


def test_every_finding_says_by_which_rules_it_was_made() -> None:
    (target,) = found("力争全市优良天数比例提高到85%以上。")
    assert target.why == ("digits", "word_after", "named_before", "scope_head", "kind_clause")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("新建绿道5公里、驿站3座。", "verb_carried"),
        ("优良率由80%提升至85%。", "from_level"),
        ("森林覆盖率、湿地保护率均达到40%。", "shared_all"),
        ("甲、乙两类指数分别下降3%、5%。", "shared_each"),
        ("PM2.5浓度降至xx微克/立方米。", "masked"),
        ("办好八件实事。", "spelled"),
        ("三分之二的村庄完成改造。", "fraction"),
        ("水质稳定在Ⅱ类。", "class"),
        ("优良率居全省第三位。", "rank"),
        ("优良率较2020年提高5个百分点。", "compared"),
        ("制定出台《东溪流域治理规划》。", "issued_title"),
        ("实现建制镇污水处理全覆盖。", "covered"),
    ],
)
def test_a_rule_is_named_where_it_was_met(text: str, rule: str) -> None:
    assert rule in {code for f in found(text) for code in f.why}


def test_the_weakest_rule_decides_what_is_said() -> None:
    shares = {r["code"]: float(r["share"]) for r in rows("rules")}
    for finding in found("过去一年，新建绿道5公里、驿站3座，优良率达到85%，居全省第三位。"):
        assert finding.why
        assert finding.confidence == share_right(finding.why) == min(shares[code] for code in finding.why)


def test_every_rule_has_words_and_a_share() -> None:
    for row in rows("rules"):
        assert row["zh"]
        assert row["en"]
        assert 0 < row["share"] < 1
        assert row["sample"] >= 0


@pytest.mark.parametrize(
    "aside",
    [
        "湖泊治理取得突破性进展。",
        "争取比去年有更大改善。",
        "园区环境持续改善。",
        "在去年基础上再加力。",
    ],
)
def test_words_of_success_do_not_turn_a_list_of_commitments_back(aside: str) -> None:
    assert kinds(f"甲市2026年政府工作报告\n三、2026年工作安排\n{aside}新建绿道8公里。\n") == ["target"]


@pytest.mark.parametrize(
    "aside",
    [
        "圆满完成全年目标任务。",
        "较好实现了主要目标。",
        "按照高质量发展要求，主要经济指标向好。",
        "落实各项重大要求，推动工作重心转移，需要付出努力。",
    ],
)
def test_targets_that_were_met_do_not_turn_a_review_to_commitments(aside: str) -> None:
    assert kinds(f"甲市2026年政府工作报告\n一、2025年工作回顾\n{aside}\n新建绿道8公里。\n")[-1] == "achievement"


@pytest.mark.parametrize("sign", ["主要目标是：", "二、总体目标\n", "市长要求，要抓紧开工。", "会议强调，必须加快。"])
def test_goals_and_calls_turn_to_commitments(sign: str) -> None:
    assert kinds(f"一、2025年工作回顾\n新建公园3个。\n{sign}新建绿道8公里。\n") == ["achievement", "target"]
