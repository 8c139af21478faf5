"""The states of a finding and the words for what the reading room gives. Plain Python: no Django, no clock.

A finding is proposed by the reading; an officer accepts it, corrects and thereby accepts it, or rejects it with a
reason; what was decided can be reopened. Which deed starts from which state stands in `MOVES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from heqing_site.orgs.rules import PILLAR_NAMES as PILLAR_NAMES  # the matters stand where grants name them

# Pillars that a document is read by and that are looked after with another matter here.
MATTER_OF_PILLAR = {"petition": "governance"}


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
    FindingState.REJECTED: "未采纳",
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
    "unit",
    "period",
    "baseline",
    "strength",
    "scope",
    "pillar",
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

COLUMN_NAMES = {
    "indicator": "指标",
    "kind": "类别",
    "period": "期限",
    "strength": "力度",
    "scope": "范围",
    "baseline": "基数",
    "pillar": "领域",
}
WORD_NAMES: dict[str, dict[str, str]] = {
    "kind": {kind.value: name for kind, name in KIND_NAMES.items()},
    "strength": STRENGTH_NAMES,
    "pillar": PILLAR_NAMES,
}

VALUE_DIGITS, VALUE_PLACES = 30, 12
EXACT_DIGITS = 15  # SQLite keeps a number as a binary fraction of 53 bits; more digits come back as others
LONGEST_QUOTE = 1000  # characters of a finding added by hand: a long sentence, never a whole page


def can_be_kept(value: Decimal) -> bool:
    """Tell whether a number fits the column without loss; one that does not stays in the words as read."""
    if not value.is_finite():
        return False
    _, digits, exponent = value.normalize().as_tuple()
    whole = len(digits) + int(exponent)
    return len(digits) <= EXACT_DIGITS and -int(exponent) <= VALUE_PLACES and whole <= VALUE_DIGITS - VALUE_PLACES


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


def gap_after(gap: str, *, value: Decimal | None, indicator_changed: bool) -> str:
    """Tell what is still missing after a correction: a number or a name that an officer gave is missing no more."""
    if gap in {"number_masked", "number_lost", "range"} and value is not None:
        return ""
    if gap in {"indicator_lost", "indicator_inferred"} and indicator_changed:
        return ""
    return gap


@dataclass(frozen=True)
class Piece:
    """A stretch of the received text that lies under the same findings throughout.

    Parameters
    ----------
    text : str
        The characters as received.
    start : int
        The place of the first of them.
    numbers : tuple of int
        Findings that cover it, the shortest first.
    opens : tuple of int
        Findings that begin here.
    is_noise : bool
        Whether it is page furniture.
    """

    text: str
    start: int
    numbers: tuple[int, ...]
    opens: tuple[int, ...]
    is_noise: bool


def pieces(text: str, spans: Iterable[tuple[int, int, int]], noise: Iterable[tuple[int, int]]) -> list[Piece]:
    """Cut a text at the edges of its findings (number, start, end) and noise lines; joined again they are the text."""
    begin: dict[int, list[tuple[int, int]]] = {}
    finish: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in spans:
        begin.setdefault(start, []).append((end - start, number))
        finish.setdefault(end, []).append((end - start, number))
    noise_edges: dict[int, int] = {}
    for start, end in noise:
        noise_edges[start] = noise_edges.get(start, 0) + 1
        noise_edges[end] = noise_edges.get(end, 0) - 1
    edges = sorted({0, len(text), *begin, *finish, *noise_edges})
    edges = [edge for edge in edges if edge <= len(text)]
    covering: list[tuple[int, int]] = []
    noisy = 0
    found = []
    for here, there in pairwise(edges):
        covering = [span for span in covering if span not in finish.get(here, [])] + begin.get(here, [])
        noisy += noise_edges.get(here, 0)
        found.append(
            Piece(
                text=text[here:there],
                start=here,
                numbers=tuple(number for _, number in sorted(covering)),
                opens=tuple(sorted(number for _, number in begin.get(here, []))),
                is_noise=noisy > 0,
            )
        )
    return found


def locate(text: str, words: str, near: int = 0) -> tuple[int, int] | None:
    """Find words in the received text, at the place nearest to one that is only roughly known.

    A browser gives line ends and blanks otherwise than the file: any run of them counts as the same.
    """
    parts = words.split()
    if not parts:
        return None
    pattern = r"\s*".join(re.escape(part) for part in parts)
    places = [found.span() for found in re.finditer(pattern, text)]
    return min(places, key=lambda place: abs(place[0] - near), default=None)
