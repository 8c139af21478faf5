"""What turns a document from results to commitments and back, and what does not."""

from __future__ import annotations

import pytest

from heqing.reading import read


def kinds(text: str) -> list[str]:
    """Give the kinds of all findings of a text in order."""
    return [f.kind for f in read(text, "t.txt").findings]


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
