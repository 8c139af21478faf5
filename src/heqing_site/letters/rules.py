"""The rules of letters as tables: states, deeds, sides, what a letter says, what a template must hold. Plain Python.

A letter hands down targets (目标任务书、责任书) or promises them (承诺书). It always has two sides: the unit above,
which issues it and gives the number, and the unit below, which owes. Look next at ``letters.actions``.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from heqing_site.errors import RuleBrokenError


class State(StrEnum):
    """How far the newest version of a letter is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    ISSUED = "issued"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.DRAFT: "已拟",
    State.SUBMITTED: "待审",
    State.RETURNED: "退回",
    State.REVIEWED: "已审待下达",
    State.ISSUED: "已下达待签",
    State.SIGNED: "已签",
    State.WITHDRAWN: "已撤销",
}
STATE_LIGHTS = {
    State.DRAFT: "grey",
    State.SUBMITTED: "yellow",
    State.RETURNED: "red",
    State.REVIEWED: "yellow",
    State.ISSUED: "yellow",
    State.SIGNED: "green",
    State.WITHDRAWN: "grey",
}
IN_WORK = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.REVIEWED)
WRITABLE = (State.DRAFT, State.RETURNED)
OUT = (State.ISSUED, State.SIGNED)


class Side(StrEnum):
    """A party to a letter."""

    ISSUER = "issuer"
    RECEIVER = "receiver"

    @property
    def other(self) -> Side:
        """The other party."""
        return Side.RECEIVER if self is Side.ISSUER else Side.ISSUER


class Deed(StrEnum):
    """What is done to a letter."""

    DRAFT = "draft"
    EDIT = "edit"
    REFRESH = "refresh"
    SUBMIT = "submit"
    REVIEW = "review"
    RETURN = "return"
    ISSUE = "issue"
    SIGN_ISSUER = "sign_issuer"
    SIGN_RECEIVER = "sign_receiver"
    AMEND = "amend"
    DROP = "drop"
    WITHDRAW = "withdraw"


DEED_NAMES = {
    Deed.DRAFT: "拟制",
    Deed.EDIT: "修改",
    Deed.REFRESH: "重取台账",
    Deed.SUBMIT: "送审",
    Deed.REVIEW: "审核通过",
    Deed.RETURN: "退回",
    Deed.ISSUE: "编号下达",
    Deed.SIGN_ISSUER: "上级方签署",
    Deed.SIGN_RECEIVER: "承担方签署",
    Deed.AMEND: "修订",
    Deed.DROP: "放弃修订",
    Deed.WITHDRAW: "撤销",
}
MOVES = {  # from which states a deed may start
    Deed.EDIT: frozenset(WRITABLE),
    Deed.REFRESH: frozenset(WRITABLE),
    Deed.SUBMIT: frozenset(WRITABLE),
    Deed.REVIEW: frozenset({State.SUBMITTED}),
    Deed.RETURN: frozenset({State.SUBMITTED, State.REVIEWED}),
    Deed.ISSUE: frozenset({State.REVIEWED}),
    Deed.SIGN_ISSUER: frozenset(OUT),
    Deed.SIGN_RECEIVER: frozenset(OUT),
    Deed.AMEND: frozenset(OUT),
    Deed.DROP: frozenset(IN_WORK),
    Deed.WITHDRAW: frozenset({*IN_WORK, *OUT}),
}
LEADS_TO = {
    Deed.DRAFT: State.DRAFT,
    Deed.EDIT: State.DRAFT,
    Deed.REFRESH: State.DRAFT,
    Deed.SUBMIT: State.SUBMITTED,
    Deed.REVIEW: State.REVIEWED,
    Deed.RETURN: State.RETURNED,
    Deed.ISSUE: State.ISSUED,
    Deed.AMEND: State.DRAFT,
    Deed.WITHDRAW: State.WITHDRAWN,
}
WRITING = (Deed.DRAFT, Deed.EDIT, Deed.REFRESH, Deed.SUBMIT, Deed.AMEND)  # whoever did one of these does not review
SIGNING = {Side.ISSUER: Deed.SIGN_ISSUER, Side.RECEIVER: Deed.SIGN_RECEIVER}
IN_ONE_GO = (Deed.DRAFT, Deed.SUBMIT, Deed.REVIEW, Deed.ISSUE)  # what a whole series can be taken through


class Way(StrEnum):
    """How a signature came to be known."""

    SCAN = "scan"
    CONFIRMED = "confirmed"
    ENTERED = "entered"


WAY_NAMES = {Way.SCAN: "签字扫描件", Way.CONFIRMED: "任职人在线确认", Way.ENTERED: "据纸质件登记"}

LONGEST_REASON = 500
LONGEST_WORDS = 4000
LONGEST_CELL = 300
MOST_LINES = 300


# --- what a letter says -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TargetLine:
    """A target as a letter states it; `terms` is the key of the ledger's terms, none for a line added by hand."""

    title: str
    demand: str
    period: str
    department: str
    target: int | None = None  # its number in the ledger
    terms: int | None = None
    is_masked: bool = False


@dataclass(frozen=True)
class TaskLine:
    """A task as a letter states it; `task` is its key where it comes from the task lists."""

    title: str
    demand: str
    due: str
    department: str
    task: int | None = None  # its number in the task lists


@dataclass(frozen=True)
class Part:
    """A part of a letter: a heading and paragraphs; `targets` and `tasks` have a table below their words."""

    part: str
    heading: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """All that a version of a letter says."""

    title: str
    issuer: str
    receiver: str
    parts: tuple[Part, ...]
    targets: tuple[TargetLine, ...] = ()
    tasks: tuple[TaskLine, ...] = ()
    left_out: tuple[int, ...] = ()  # numbers of targets that an officer took out
    left_out_tasks: tuple[int, ...] = ()
    is_invented: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values to be kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Content:
        """Read it back."""
        return cls(
            title=said["title"],
            issuer=said["issuer"],
            receiver=said["receiver"],
            parts=tuple(Part(part["part"], part["heading"], tuple(part["words"])) for part in said["parts"]),
            targets=tuple(TargetLine(**line) for line in said["targets"]),
            tasks=tuple(TaskLine(**line) for line in said["tasks"]),
            left_out=tuple(said["left_out"]),
            left_out_tasks=tuple(said.get("left_out_tasks", ())),  # versions before tasks came from lists have none
            is_invented=said["is_invented"],
        )

    @property
    def masked(self) -> int:
        """How many lines lack a number or period in their document."""
        return sum(line.is_masked for line in self.targets)

    def with_words(self, words: Mapping[str, str]) -> Content:
        """Put other words into parts, by the place of the part; blank words leave the part without text."""
        parts = [
            replace(part, words=paragraphs(words[str(place)])) if str(place) in words else part
            for place, part in enumerate(self.parts)
        ]
        return replace(self, parts=tuple(parts))


def paragraphs(text: str) -> tuple[str, ...]:
    """Cut typed text into paragraphs; blank lines fall away, and nothing else does.

    Raises
    ------
    RuleBrokenError
        ``letter.words_too_long``.
    """
    if len(text) > LONGEST_WORDS:
        raise RuleBrokenError("letter.words_too_long", count=len(text), limit=LONGEST_WORDS)
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(line.strip() for line in lines if line.strip())


def cells_of(text: str) -> list[list[str]]:
    """Cut typed or pasted lines into cells: by tabs as Excel gives them, or by ｜ or |.

    Raises
    ------
    RuleBrokenError
        ``letter.too_many_lines``, ``letter.cell_too_long``.
    """
    found = []
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) > MOST_LINES:
        raise RuleBrokenError("letter.too_many_lines", count=len(lines), limit=MOST_LINES)
    for line in lines:
        for mark in ("\t", "｜", "|"):
            if mark in line:
                cells = line.split(mark)
                break
        else:
            cells = [line]
        cells = [cell.strip() for cell in cells]
        if longest := next((cell for cell in cells if len(cell) > LONGEST_CELL), ""):
            raise RuleBrokenError("letter.cell_too_long", words=longest[:20], count=len(longest), limit=LONGEST_CELL)
        if any(cells):
            found.append((cells + [""] * 4)[:4])
    return found


# --- templates ----------------------------------------------------------------------------------------------------

PLACES = frozenset({"year", "topic", "issuer", "receiver"})
NUMBER_PLACES = frozenset({"mark", "year", "serial"})
REVISED_PLACES = frozenset({"number", "n"})
MARK_PLACES = frozenset({"first"})
TABLES = ("targets", "tasks")
SUFFIX, NEW = "suffix", "new"


@dataclass(frozen=True)
class Template:
    """The words of a kind of letter, from the rulebook or as an installation set them."""

    kind: str
    name: str
    title: str
    mark: str
    number: str
    revision: str
    revised: str
    parts: tuple[Part, ...]
    edition: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values to be kept."""
        kept = asdict(self)
        del kept["edition"]
        return kept

    @classmethod
    def from_json(cls, said: Mapping[str, Any], *, edition: str) -> Template:
        """Read it back."""
        parts = tuple(Part(part["part"], part["heading"], tuple(part["words"])) for part in said["parts"])
        return cls(**{**said, "parts": parts}, edition=edition)


def places_in(text: str) -> set[str] | None:
    """Name the places {in braces} of a text; None when its braces do not fit together."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        return None
    if any(name is not None and (spec or conversion) for _, name, spec, conversion in parsed):
        return None
    return {name for _, name, _, _ in parsed if name is not None}


def check(template: Template) -> None:
    """Refuse a template that cannot be used: places that nobody fills, numbers that would stand twice, no table.

    Raises
    ------
    RuleBrokenError
        ``letter.template_…``, naming where.
    """
    texts = [
        ("标题", template.title, PLACES),
        ("编号", template.number, NUMBER_PLACES),
        ("机关代字", template.mark, MARK_PLACES),
        ("修订编号", template.revised, REVISED_PLACES),
    ]
    for place, part in enumerate(template.parts, start=1):
        texts += [(part.heading or f"第 {place} 部分", text, PLACES) for text in (part.heading, *part.words)]
    for where, text, known in texts:
        found = places_in(text)
        if found is None:
            raise RuleBrokenError("letter.template_braces", where=where)
        if strange := found - known:
            raise RuleBrokenError(
                "letter.template_place_unknown", where=where, names=_in_braces(strange), known=_in_braces(known)
            )
    if not {"year", "serial", "mark"} <= (places_in(template.number) or set()):
        raise RuleBrokenError("letter.template_number_incomplete")
    if template.revision == SUFFIX and (places_in(template.revised) or set()) != REVISED_PLACES:
        raise RuleBrokenError("letter.template_revised_incomplete")
    kinds = [part.part for part in template.parts]
    if kinds.count("targets") + kinds.count("tasks") == 0 or any(kinds.count(table) > 1 for table in TABLES):
        raise RuleBrokenError("letter.template_without_tables")
    if not template.title.strip() or not template.name.strip():
        raise RuleBrokenError("letter.template_without_title")


def _in_braces(names: Iterable[str]) -> str:
    return "、".join(f"{{{name}}}" for name in sorted(names))


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put values into the places of a text."""
    return text.format(**values)


# --- against the ledger -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What a line of a letter says and what the ledger says now."""

    target: int
    title: str
    changes: tuple[tuple[str, str, str], ...] = field(default_factory=tuple)  # what, in the letter, in the ledger
    is_withdrawn: bool = False
    since: str = ""
    because: str = ""


LINE_NAMES = {"title": "指标", "demand": "要求", "period": "期限", "department": "责任部门"}


def changes_between(stated: TargetLine, now: TargetLine) -> tuple[tuple[str, str, str], ...]:
    """Name what differs between a line as stated and as the ledger would give it now."""
    return tuple(
        (label, getattr(stated, name), getattr(now, name))
        for name, label in LINE_NAMES.items()
        if getattr(stated, name) != getattr(now, name)
    )
