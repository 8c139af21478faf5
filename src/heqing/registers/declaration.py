"""A declaration (台账类别): a kind of entry with fields, states, moves, rules and counts, as plain values.

What is declared is a closed vocabulary: nothing is ever evaluated as code. Rows become a declaration in
`heqing.registers.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from heqing.editions import table
from heqing.errors import HeqingError

KEY = re.compile(r"[a-z][a-z0-9_]{0,23}")
PREFIX = "registers."
MOST_ROWS = 80  # rows of one sheet of one kind


class FieldType(StrEnum):
    """What stands in a field (字段类型)."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    AREA = "area"
    DAY = "day"
    MONTH = "month"
    CHOICE = "choice"
    UNIT = "unit"
    RIVER = "river"
    SECTION = "section"
    ENTERPRISE = "enterprise"
    PARCEL = "parcel"
    PERSON = "person"
    LINK = "link"
    FILE = "file"


TYPE_NAMES = {
    FieldType.TEXT: "文字",
    FieldType.INTEGER: "整数",
    FieldType.DECIMAL: "小数",
    FieldType.MONEY: "金额",
    FieldType.AREA: "面积",
    FieldType.DAY: "日期",
    FieldType.MONTH: "月份",
    FieldType.CHOICE: "选项",
    FieldType.UNIT: "单位",
    FieldType.RIVER: "河流",
    FieldType.SECTION: "断面",
    FieldType.ENTERPRISE: "企业",
    FieldType.PARCEL: "地块",
    FieldType.PERSON: "人员",
    FieldType.LINK: "台账",
    FieldType.FILE: "文件",
}
NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.AREA})
REFERENCES = frozenset(
    {FieldType.UNIT, FieldType.RIVER, FieldType.SECTION, FieldType.ENTERPRISE, FieldType.LINK}
)  # kept with the key and the name


class Role(StrEnum):
    """What a field is used for beside being shown (用途)."""

    TITLE = "title"
    DAY = "day"
    AMOUNT = "amount"
    CHOICE = "choice"
    FIRST = "first"
    LAST = "last"


ROLE_NAMES = {
    Role.TITLE: "标题",
    Role.DAY: "统计日",
    Role.AMOUNT: "数量",
    Role.CHOICE: "分类",
    Role.FIRST: "纳入日",
    Role.LAST: "移出日",
}
ROLE_TYPES = {
    Role.DAY: {FieldType.DAY},
    Role.FIRST: {FieldType.DAY},
    Role.LAST: {FieldType.DAY},
    Role.AMOUNT: NUMBERS,
    Role.CHOICE: {FieldType.CHOICE},
}


class What(StrEnum):
    """How a count counts (怎么数)."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    RATIO = "ratio"
    RATIO_SUM = "ratio_sum"


WHAT_NAMES = {
    What.COUNT: "条数",
    What.SUM: "合计",
    What.DISTINCT: "不重复数",
    What.RATIO: "条数占比",
    What.RATIO_SUM: "合计占比",
}

# A check and the types of its arguments; a type before ``+`` stands once or more. `of` is a field of the kind to which
# the link before it points.
CHECKS: dict[str, tuple[str, ...]] = {
    "unique": ("field+",),
    "order": ("field", "field"),
    "balance": ("number+", "number"),
    "needed_when": ("choice", "word", "field"),
    "same": ("field", "link", "of"),
    "sum_within": ("number", "link", "of"),
    "covered": ("number", "number", "kind", "of", "of"),
}
CHECK_NAMES = {
    "unique": "不得重复",
    "order": "先后",
    "balance": "合计相等",
    "needed_when": "选某项时必填",
    "same": "与来源一致",
    "sum_within": "合计不超来源",
    "covered": "已足额落实",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a declaration: on which sheet, in which row (the first below the head is 1) and column."""

    sheet: str
    row: int
    column: str
    problem: str
    said: str = ""


class DeclarationError(HeqingError):
    """A declaration of a kind breaks the form of declarations; it names every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = (f"{f.sheet}, row {f.row}, column {f.column}: {f.problem} {f.said!r}" for f in self.faults)
        super().__init__("; ".join(told))


@dataclass(frozen=True)
class Field:
    """A field of a kind (字段)."""

    key: str
    name_zh: str
    name_en: str
    type: FieldType
    is_needed: bool
    takes_gap: bool
    unit: str
    options: tuple[str, ...]
    roles: frozenset[Role]
    help: str
    is_unconfirmed: bool = False

    @property
    def linked_kind(self) -> str:
        """The kind to which a link points; empty for any other field."""
        return self.options[0] if self.type is FieldType.LINK and self.options else ""


@dataclass(frozen=True)
class State:
    """A state of an entry (状态)."""

    key: str
    name_zh: str
    name_en: str
    is_end: bool
    counts: bool


@dataclass(frozen=True)
class Move:
    """A move from some states to another (步骤), what it needs, and how soon or how late it may be made."""

    key: str
    name_zh: str
    name_en: str
    starts: tuple[str, ...]
    leads_to: str
    fields: tuple[str, ...]
    needs_words: bool
    needs_evidence: bool
    needs_another_unit: bool
    days: int | None
    wait_days: int | None
    clause: str = ""
    is_unconfirmed: bool = False


@dataclass(frozen=True)
class Rule:
    """A declared rule (规则): a check of `CHECKS` with its arguments, kept in some states or always."""

    key: str
    check: str
    arguments: tuple[str, ...]
    states: tuple[str, ...]
    says_zh: str
    says_en: str


@dataclass(frozen=True)
class Condition:
    """One condition of a filter: a field or the state is, or is not, one of some words."""

    field: str
    words: tuple[str, ...]
    is_negated: bool = False


STATE = "state"


@dataclass(frozen=True)
class Count:
    """A count that targets can use (统计)."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    what: What
    field: str
    conditions: tuple[Condition, ...]
    whole: tuple[Condition, ...]
    by_day: bool
    clause: str = ""
    is_unconfirmed: bool = False

    def takes_state(self, state: State) -> bool:
        """Tell whether entries in a state may count: those the filter names, or those declared to count."""
        named = [condition for condition in self.conditions if condition.field == STATE]
        if not named:
            return state.counts
        return all((state.key in condition.words) != condition.is_negated for condition in named)


@dataclass(frozen=True)
class Kind:
    """A kind of entry (台账类别) as declared."""

    key: str
    name_zh: str
    name_en: str
    pillar: str
    about: str
    enters: str
    confirms: str
    fields: tuple[Field, ...]
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    rules: tuple[Rule, ...]
    counts: tuple[Count, ...]
    edition: str = ""
    clause: str = ""
    is_unconfirmed: bool = False

    def field(self, key: str) -> Field:
        """Give a field by its key."""
        return next(field for field in self.fields if field.key == key)

    def field_named(self, key: str) -> Field | None:
        """Give a field by its key; None where there is no such field."""
        return next((field for field in self.fields if field.key == key), None)

    def state(self, key: str) -> State:
        """Give a state by its key."""
        return next(state for state in self.states if state.key == key)

    def move(self, key: str) -> Move | None:
        """Give a move by its key; None where there is no such move."""
        return next((move for move in self.moves if move.key == key), None)

    def count(self, key: str) -> Count | None:
        """Give a count by its key; None where there is no such count."""
        return next((count for count in self.counts if count.key == key), None)

    def with_role(self, role: Role) -> Field | None:
        """Give the field that is used for something; None where none is."""
        return next((field for field in self.fields if role in field.roles), None)

    def possible(self, state: str) -> tuple[Move, ...]:
        """List the moves that may start from a state."""
        return tuple(move for move in self.moves if state in move.starts)

    @property
    def start(self) -> State:
        """The state of a new entry."""
        return self.states[0]

    @property
    def needs_confirmation(self) -> bool:
        """Whether an entry counts only after another unit confirmed it."""
        return bool(self.confirms)


def statistic_of(kind: str, count: str) -> str:
    """Write the name under which a target asks for a count.

    Parameters
    ----------
    kind : str
        The register.
    count : str
        What it counts.

    Returns
    -------
    str
        The statistic.

    Examples
    --------
    >>> statistic_of("creeks", "finished")
    'registers.creeks.finished'
    """
    return f"{PREFIX}{kind}.{count}"


def split_statistic(statistic: str) -> tuple[str, str] | None:
    """Give the kind and the count of which a statistic speaks; None when it speaks of no register.

    Parameters
    ----------
    statistic : str
        What a target asks for.

    Returns
    -------
    tuple of str, or None
        The register and the count.

    Examples
    --------
    >>> split_statistic("registers.creeks.finished"), split_statistic("air.pm2_5.mean")
    (('creeks', 'finished'), None)
    """
    if not statistic.startswith(PREFIX):
        return None
    kind, _, count = statistic.removeprefix(PREFIX).partition(".")
    return (kind, count) if kind and count else None


@cache
def pillars() -> dict[str, str]:
    """Give the pillars under which registers stand, with their Chinese names.

    Returns
    -------
    dict
        Names by key, in the order of the rulebook.

    Examples
    --------
    >>> pillars()["water"]
    '治水'
    """
    return {row["pillar"]: row["name_zh"] for row in table("registers", "pillars").to_dicts()}


@cache
def fault_words() -> dict[str, tuple[str, str]]:
    """Give what each fault means, in Chinese and in English.

    Returns
    -------
    dict
        Sentences by the code of the fault; ``{}`` stands for what was written.

    Examples
    --------
    >>> fault_words()["needed"][0]
    '没有填写。'
    """
    return {row["fault"]: (row["zh"], row["en"]) for row in table("registers", "faults").to_dicts()}
