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

# What an officer may correct. Which words a finding cites is corrected by their place; what the reading gave never
# changes.
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

PLACE = ("start", "end")
# What is given back when an officer takes a decision back.
STANDING = (*CORRECTABLE, *PLACE, "quote", "gap", "state", "because", "decided_by_id", "decided_at", "measure_id")

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
GAP_MARKS = {  # how short it stands in the text itself
    "number_masked": "遮",
    "number_lost": "缺数",
    "indicator_lost": "缺指标",
    "indicator_inferred": "推断",
    "range": "区间",
}
GAP_ADVICE = {  # what an officer does about it, beside the words of the document
    "number_masked": "原文以符号代替数字，请按其他来源补正，或照此采纳",
    "number_lost": "原文此处没有数字，请补正，或照此采纳",
    "indicator_lost": "原文没有写明是什么，请补写指标",
    "indicator_inferred": "指标原文没有写，由单位和相邻数字推定，请核对",
    "range": "原文是一个区间，请看取哪一端",
}
SECOND_READER = "second_reader"  # the code in `why` of what a language model proposed
UNSURE = 0.7  # below it a card says so
BULK_STEPS = (0.95, 0.9, 0.85, 0.8)  # confidences that are offered for accepting many at once
BULK_USUAL = 0.9  # what is asked for at first
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

REJECTION_REASONS = (
    "不是目标，是背景或举例",
    "与另一条重复",
    "不属于生态环境工作",
    "原文数字有误",
    "读错了对象",
)


class WordTable(StrEnum):
    """Which list of the installation's own words a word belongs to; the first three are tables of the reading room."""

    SYNONYMS = "synonyms"
    EXCLUSIONS = "exclusions"
    JUNK = "junk"
    INDICATORS = "indicators"


WORD_TABLE_NAMES = {
    WordTable.SYNONYMS: "指标别名",
    WordTable.EXCLUSIONS: "不是目标的表述",
    WordTable.JUNK: "噪声行",
    WordTable.INDICATORS: "自定指标名",
}
WORD_TABLE_DEEDS = {
    WordTable.SYNONYMS: "读到前者，即按后者的名称登记",
    WordTable.EXCLUSIONS: "含有这句话的分句不再读作目标或成效",
    WordTable.JUNK: "这样的行（其中数字可以不同）按此判断",
    WordTable.INDICATORS: "更正和补录时列入候选",
}


class WordState(StrEnum):
    """Where a word stands between an officer's correction and the next reading."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


WORD_STATE_NAMES = {
    WordState.PROPOSED: "待定",
    WordState.ACCEPTED: "采用",
    WordState.REFUSED: "不用",
    WordState.WITHDRAWN: "停用",
}
WORD_MOVES: dict[WordState, frozenset[WordState]] = {  # to: from
    WordState.ACCEPTED: frozenset({WordState.PROPOSED, WordState.REFUSED}),
    WordState.REFUSED: frozenset({WordState.PROPOSED}),
    WordState.WITHDRAWN: frozenset({WordState.ACCEPTED}),
}
NOISE, NO_NOISE = "yes", "no"
SHORTEST_EXPRESSION = 4  # characters of an expression that makes no target; a shorter one would swallow sentences

VALUE_DIGITS, VALUE_PLACES = 30, 12
EXACT_DIGITS = 15  # SQLite keeps a number as a binary fraction of 53 bits; more digits come back as others
LONGEST_WORD = 300  # characters of an own word: a line of page furniture, a long name
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


def can_be_in_bulk(*, state: str, gap: str, why: Iterable[str]) -> bool:
    """Tell whether a finding may be accepted together with others: nothing missing, nothing inferred, no proposal.

    How sure it must be is asked by the officer each time.
    """
    return state == FindingState.PROPOSED and not gap and SECOND_READER not in why


def likeness(typed: str, name: str) -> float:
    """Give how much a name is like what was typed: 0 for nothing in common, up to 1 for the same.

    Two characters that follow each other count, so that 优良率 finds 空气质量优良天数比例; a name that begins with what
    was typed, or contains it, comes first.
    """
    if not typed:
        return 0
    if typed in name:
        return 0.8 + 0.2 * len(typed) / len(name) + (0.05 if name.startswith(typed) else 0)
    pairs = {typed[i : i + 2] for i in range(max(1, len(typed) - 1))}
    shared = sum(pair in name for pair in pairs) / len(pairs)
    letters = set(typed)
    return 0.6 * shared + 0.2 * len(letters & set(name)) / len(letters)


def line_at(text: str, place: int) -> tuple[int, int] | None:
    """Give the line of a text that holds a place, without the blanks round it; None where there are only blanks."""
    if not 0 <= place < len(text):
        return None
    start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    ends = [end for end in (text.find("\n", place), text.find("\r", place)) if end >= 0]
    end = min(ends, default=len(text))
    line = text[start:end] if start < end else ""
    if not line.strip():
        return None
    return start + len(line) - len(line.lstrip()), end - (len(line) - len(line.rstrip()))


def teaches_a_name(*, read: str | None, gap: str, name: str) -> bool:
    """Tell whether a correction says that an indicator has another name here.

    Where the document did not name it, or the reading inferred it, there is nothing written to learn from.
    """
    return bool(read and name) and read != name and gap not in {"indicator_lost", "indicator_inferred"}


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
    is_mask : bool
        Whether it stands for a number that the document hides.
    """

    text: str
    start: int
    numbers: tuple[int, ...]
    opens: tuple[int, ...]
    is_noise: bool
    is_mask: bool = False


def pieces(
    text: str,
    spans: Iterable[tuple[int, int, int]],
    noise: Iterable[tuple[int, int]],
    masks: Iterable[tuple[int, int]] = (),
) -> list[Piece]:
    """Cut a text at the edges of its findings (number, start, end), noise lines and masks; joined they are the text."""
    begin: dict[int, list[tuple[int, int]]] = {}
    finish: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in spans:
        begin.setdefault(start, []).append((end - start, number))
        finish.setdefault(end, []).append((end - start, number))
    noise_edges: dict[int, int] = {}
    for start, end in noise:
        noise_edges[start] = noise_edges.get(start, 0) + 1
        noise_edges[end] = noise_edges.get(end, 0) - 1
    masked = dict(masks)
    edges = sorted({0, len(text), *begin, *finish, *noise_edges, *masked, *masked.values()})
    edges = [edge for edge in edges if edge <= len(text)]
    covering: list[tuple[int, int]] = []
    noisy = mask_end = 0
    found = []
    for here, there in pairwise(edges):
        covering = [span for span in covering if span not in finish.get(here, [])] + begin.get(here, [])
        noisy += noise_edges.get(here, 0)
        mask_end = max(mask_end, masked.get(here, 0))
        found.append(
            Piece(
                text=text[here:there],
                start=here,
                numbers=tuple(number for _, number in sorted(covering)),
                opens=tuple(sorted(number for _, number in begin.get(here, []))),
                is_noise=noisy > 0,
                is_mask=here < mask_end,
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
