"""The rules of bulletins as tables: states, deeds, who moves what where; words with bound figures. Plain Python.

A paragraph holds its figures as names in square brackets, 【预警数】; what they say stands beside, with its source. An
officer may put words around a figure, and never another number in its place. Look next at ``publishing.actions``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a bulletin is."""

    MONTHLY = "monthly"
    CORRECTION = "correction"


KIND_NAMES = {Kind.MONTHLY: "月度通报", Kind.CORRECTION: "更正通知"}


class State(StrEnum):
    """How far a bulletin is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    ISSUED = "issued"


STATE_NAMES = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "待审签",
    State.APPROVED: "已审签，待印发",
    State.RETURNED: "退回修改",
    State.ISSUED: "已印发",
}
STATE_LIGHTS = {
    State.DRAFT: "grey",
    State.SUBMITTED: "yellow",
    State.APPROVED: "yellow",
    State.RETURNED: "red",
    State.ISSUED: "green",
}


class Deed(StrEnum):
    """What is done to a bulletin."""

    DRAFT = "draft"
    EDIT = "edit"
    REFRESH = "refresh"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    ISSUE = "issue"


DEED_NAMES = {
    Deed.DRAFT: "拟稿",
    Deed.EDIT: "修改文字",
    Deed.REFRESH: "重取数据",
    Deed.SUBMIT: "送审",
    Deed.APPROVE: "审签",
    Deed.RETURN: "退回",
    Deed.ISSUE: "印发",
}
LEADS_TO = {
    Deed.DRAFT: State.DRAFT,
    Deed.EDIT: State.DRAFT,
    Deed.REFRESH: State.DRAFT,
    Deed.SUBMIT: State.SUBMITTED,
    Deed.APPROVE: State.APPROVED,
    Deed.RETURN: State.RETURNED,
    Deed.ISSUE: State.ISSUED,
}
MOVES = {  # from which states a deed may start
    Deed.EDIT: frozenset({State.DRAFT, State.RETURNED}),
    Deed.REFRESH: frozenset({State.DRAFT, State.RETURNED}),
    Deed.SUBMIT: frozenset({State.DRAFT, State.RETURNED}),
    Deed.APPROVE: frozenset({State.SUBMITTED}),
    Deed.RETURN: frozenset({State.SUBMITTED, State.APPROVED}),
    Deed.ISSUE: frozenset({State.APPROVED}),
}
WRITING = (Deed.DRAFT, Deed.EDIT, Deed.REFRESH, Deed.SUBMIT)  # whoever did one of these does not approve
LONGEST_PARAGRAPH = 3000
LONGEST_TITLE = 120
LONGEST_REASON = 500


# --- figures and words --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A figure (数据) of a bulletin, bound to its source.

    `value` is what is compared later, `words` is what is printed, `about` names it for a reader of corrections. What
    tells of the day of drafting and not of the month, such as who is late, is not compared.
    """

    name: str
    value: str | None
    words: str
    about: str
    source: str = ""
    ref: str = ""
    is_compared: bool = True


@dataclass(frozen=True)
class Block:
    """A piece of a bulletin: a heading, a paragraph, or a table; words hold figures by their names."""

    key: str
    kind: str
    words: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    lefts: list[int] = field(default_factory=list)
    is_attached: bool = False
    is_edited: bool = False

    @property
    def is_editable(self) -> bool:
        """Whether an officer may change its words."""
        return self.kind == "paragraph"


@dataclass(frozen=True)
class Content:
    """All that a version of a bulletin says."""

    title: str
    to: str
    issuer: str
    red_head: str
    copies: str
    attachment: str
    blocks: list[Block]
    figures: dict[str, Figure]
    is_invented: bool = False

    def as_json(self) -> dict[str, Any]:
        """Write it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Content:
        """Read it back."""
        facts = dict(kept)
        facts["blocks"] = [Block(**block) for block in kept["blocks"]]
        facts["figures"] = {name: Figure(**figure) for name, figure in kept["figures"].items()}
        return cls(**facts)


_NAME = re.compile(r"【([^【】]+)】")


def named(words: str, figures: Mapping[str, Figure]) -> set[str]:
    """Give the names of the figures that stand in some words."""
    return {name for name in _NAME.findall(words) if name in figures}


def parts(words: str, figures: Mapping[str, Figure]) -> Iterator[tuple[str, Figure | None]]:
    """Take words apart: plain text, and figures."""
    at = 0
    for found in _NAME.finditer(words):
        figure = figures.get(found[1])
        if figure is None:
            continue
        if found.start() > at:
            yield words[at : found.start()], None
        yield figure.words, figure
        at = found.end()
    if at < len(words):
        yield words[at:], None


def plain_words(words: str, figures: Mapping[str, Figure]) -> str:
    """Say words with their figures filled in."""
    return "".join(text for text, _ in parts(words, figures))
