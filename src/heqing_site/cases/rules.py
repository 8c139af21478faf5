"""The rules of cases that are no data: kinds, who may do what, how a water class is written. Plain Python, no clock.

States, deeds and days stand in the rulebook and are read by ``heqing.cases``.
"""

from __future__ import annotations

from enum import StrEnum

from heqing.cases import Deed, Mover, State
from heqing_site.orgs.rules import Permission


class CaseKind(StrEnum):
    """What a case (问题) is about: a target, a water section, or something that a person saw."""

    TARGET = "target"
    SECTION = "section"
    MANUAL = "manual"


KIND_NAMES = {CaseKind.TARGET: "目标预警", CaseKind.SECTION: "断面超标", CaseKind.MANUAL: "人工立案"}


class Effect(StrEnum):
    """What a signal (预警信号) did when it came."""

    OPENED = "opened"
    ATTACHED = "attached"
    REOPENED = "reopened"


EFFECT_NAMES = {Effect.OPENED: "据此立案", Effect.ATTACHED: "并入", Effect.REOPENED: "据此重开"}

# The right that each mover needs, at the unit that answers for the case.
RIGHTS = {
    Mover.OPENER: Permission.CASE_OPEN,
    Mover.ASSIGNER: Permission.CASE_ASSIGN,
    Mover.OWNER: Permission.CASE_RECTIFY,
    Mover.VERIFIER: Permission.CASE_VERIFY,
    Mover.CLOSER: Permission.CASE_CLOSE,
}
MOVER_NAMES = {
    Mover.ASSIGNER: "等交办",
    Mover.OWNER: "等责任单位整改",
    Mover.VERIFIER: "等另一单位核查",
    Mover.CLOSER: "等销号",
    Mover.NOBODY: "已办结",
}
OPEN = (
    State.OPENED, State.ASSIGNED, State.ACCEPTED, State.RECTIFIED, State.RETURNED, State.VERIFIED, State.REOPENED,
)  # fmt: skip  # the same as in the rulebook, which a test compares: constraints of the database need them by name
ENDED = (State.CLOSED, State.DISMISSED)
WITH_OWNER = (State.ASSIGNED, State.ACCEPTED, State.RETURNED)  # the clock that runs is the responsible unit's own
CHECKED_BY_ANOTHER = (Deed.RETURN, Deed.VERIFY, Deed.CLOSE, Deed.DISMISS)

CLASSES = {1: "Ⅰ类", 2: "Ⅱ类", 3: "Ⅲ类", 4: "Ⅳ类", 5: "Ⅴ类", 6: "劣Ⅴ类"}


def class_name(water_class: int | str) -> str:
    """Write a water class as officials do; words stay as they are."""
    return CLASSES.get(water_class, str(water_class)) if isinstance(water_class, int) else water_class.strip()
