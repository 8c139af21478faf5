"""The states of a finding and the words for what the reading room gives. Plain Python: no Django, no clock.

A finding is proposed by the reading; an officer accepts it, corrects and thereby accepts it, or rejects it with a
reason; what was decided can be reopened. Which deed starts from which state stands in `MOVES`.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class FindingKind(StrEnum):
    """What a finding (条目) says: something promised, or something reported as done."""

    TARGET = "target"
    ACHIEVEMENT = "achievement"


KIND_NAMES = {FindingKind.TARGET: "目标", FindingKind.ACHIEVEMENT: "成效"}


class FindingState(StrEnum):
    """Where a finding stands between the reading and the ledger."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


STATE_NAMES = {
    FindingState.PROPOSED: "待核",
    FindingState.ACCEPTED: "已采纳",
    FindingState.REJECTED: "不采纳",
}


class Deed(StrEnum):
    """What an officer can do with a finding."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"
    REOPEN = "reopen"


MOVES: dict[Deed, frozenset[FindingState]] = {
    Deed.ACCEPT: frozenset({FindingState.PROPOSED}),
    Deed.CORRECT: frozenset({FindingState.PROPOSED, FindingState.ACCEPTED}),
    Deed.REJECT: frozenset({FindingState.PROPOSED}),
    Deed.REOPEN: frozenset({FindingState.ACCEPTED, FindingState.REJECTED}),
}

# What an officer may correct; the words, their place and what the reading gave never change.
CORRECTABLE = (
    "kind",
    "indicator",
    "comparator",
    "value",
    "value_text",
    "unit",
    "period",
    "baseline",
    "strength",
    "scope",
    "pillar",
    "gap",
)

COMPARATOR_NAMES = {
    ">=": "不低于",
    "<=": "不高于",
    ">": "高于",
    "<": "低于",
    "==": "等于",
    "~": "约",
    "+%": "增长",
    "-%": "下降",
    "+": "增加",
    "-": "减少",
    "complete": "完成",
}
STRENGTH_NAMES = {"ensure": "确保", "strive": "力争", "plan": "计划", "reported": "已报"}
PILLAR_NAMES = {
    "air": "治气",
    "water": "治水",
    "soil": "净土",
    "waste": "固废",
    "carbon": "降碳",
    "energy": "能源",
    "land": "用地",
    "industry": "产业",
    "agriculture": "农业",
    "innovation": "创新",
    "talent": "人才",
    "digital": "数字",
    "governance": "治理",
    "publicity": "宣传",
    "livelihood": "民生",
    "other": "其他",
}
GAP_NAMES = {
    "number_masked": "数字被遮盖",
    "number_lost": "数字缺失",
    "indicator_lost": "指标缺失",
    "indicator_inferred": "指标为推断",
    "range": "数值为区间",
}
DOC_TYPE_NAMES = {
    "work_report": "工作报告",
    "speech": "讲话",
    "plan": "方案规划",
    "notice": "通知公告",
    "news": "新闻报道",
}

VALUE_DIGITS, VALUE_PLACES = 30, 12


def can_be_kept(value: Decimal) -> bool:
    """Tell whether a number fits the column without loss; one that does not stays in the words as read."""
    if not value.is_finite():
        return False
    _, digits, exponent = value.normalize().as_tuple()
    whole = len(digits) + int(exponent)
    return -int(exponent) <= VALUE_PLACES and whole <= VALUE_DIGITS - VALUE_PLACES


def plain(value: Decimal) -> str:
    """Write a number without the zeros that the column adds: 85, not 85.000000000000."""
    written = format(value, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def demand(comparator: str, value: Decimal | None, value_text: str | None, unit: str) -> str:
    """Say in words what is demanded or reported: 不低于 85 %; 完成; 等于 XX 家 while the number is masked."""
    name = COMPARATOR_NAMES.get(comparator, comparator)
    if comparator == "complete":
        return name
    return f"{name} {plain(value) if value is not None else value_text or '？'} {unit}".rstrip()
