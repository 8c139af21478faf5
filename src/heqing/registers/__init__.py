"""Registers (台账): what a kind of entry is made of, declared as rows, and what the rows mean.

It computes from plain values; it stores nothing and reads no clock. Kinds that ship with Heqing stand in
``rulebook/procedures/registers``; an officer's own kinds have the same columns and are read by the same code. Start at
`heqing.registers.declaration`; rows are read in `heqing.registers.reading`, values as people type them in
`heqing.registers.values`; declared rules are kept in `heqing.registers.checks`.
"""

from heqing.registers.checks import Broken, Facts, broken_rules
from heqing.registers.declaration import (
    CHECKS,
    Condition,
    Count,
    DeclarationError,
    Fault,
    Field,
    FieldType,
    Kind,
    Move,
    Role,
    Rule,
    State,
    What,
    fault_words,
    pillars,
    split_statistic,
    statistic_of,
)
from heqing.registers.reading import read_kind
from heqing.registers.sheets import SHEETS, Column, Sheet, rows_of
from heqing.registers.shipped import shipped_kinds
from heqing.registers.values import Read, read_value, shown_value

__all__ = [
    "CHECKS",
    "SHEETS",
    "Broken",
    "Column",
    "Condition",
    "Count",
    "DeclarationError",
    "Facts",
    "Fault",
    "Field",
    "FieldType",
    "Kind",
    "Move",
    "Read",
    "Role",
    "Rule",
    "Sheet",
    "State",
    "What",
    "broken_rules",
    "fault_words",
    "pillars",
    "read_kind",
    "read_value",
    "rows_of",
    "shipped_kinds",
    "shown_value",
    "split_statistic",
    "statistic_of",
]
