"""The rules of registers that are no data: the deeds on an entry and who may do them. Plain Python, no clock.

Fields, states, moves, rules and counts are declared and read by ``heqing.registers``.
"""

from __future__ import annotations

from enum import StrEnum

from heqing_site.orgs.rules import Permission


class Deed(StrEnum):
    """What is done to an entry (办理)."""

    ENTER = "enter"
    CORRECT = "correct"
    MOVE = "move"
    CONFIRM = "confirm"
    RETURN = "return"
    STRIKE = "strike"


DEED_NAMES = {
    Deed.ENTER: "登记",
    Deed.CORRECT: "更正",
    Deed.MOVE: "办理",
    Deed.CONFIRM: "认定",
    Deed.RETURN: "退回",
    Deed.STRIKE: "作废",
}
RIGHTS = {
    Deed.ENTER: Permission.REGISTER_ENTER,
    Deed.CORRECT: Permission.REGISTER_ENTER,
    Deed.MOVE: Permission.REGISTER_ENTER,
    Deed.CONFIRM: Permission.REGISTER_CONFIRM,
    Deed.RETURN: Permission.REGISTER_CONFIRM,
    Deed.STRIKE: Permission.REGISTER_ENTER,
}
LONGEST_NOTE = 2000
MOST_INPUTS = 500  # entries that a verdict names one by one
