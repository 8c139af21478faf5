"""The rules of plans that are no data: who may do what, which deeds a page offers first. Plain Python, no clock.

States, deeds, lists and days stand in the rulebook and are read by ``heqing.plans``.
"""

from __future__ import annotations

import re
from enum import StrEnum

from heqing.plans import Deed, Mover, State
from heqing_site.orgs.rules import Permission


class Adoption(StrEnum):
    """What became of an opinion (意见采纳情况)."""

    PENDING = "pending"
    ADOPTED = "adopted"
    PARTLY = "partly"
    DECLINED = "declined"


ADOPTION_NAMES = {
    Adoption.PENDING: "待研究",
    Adoption.ADOPTED: "采纳",
    Adoption.PARTLY: "部分采纳",
    Adoption.DECLINED: "未采纳",
}

# The right that each mover needs at the unit of the plan; whoever holds the chief's post needs none to review.
RIGHTS = {
    Mover.EDITOR: Permission.PLAN_EDIT,
    Mover.CHIEF: Permission.PLAN_APPROVE,
    Mover.APPROVER: Permission.PLAN_APPROVE,
}
OPEN = (
    State.DRAFTED, State.CONSULTED, State.REVIEWED, State.APPROVED, State.IN_FORCE, State.FINISHED, State.EVALUATED,
    State.REOPENED,
)  # fmt: skip  # the same as in the rulebook, which a test compares: constraints of the database need them by name
WORKS_DONE = (State.FINISHED, State.EVALUATED, State.CLOSED)
FIRST = (  # which deed stands out on the page of a plan, the first that is possible
    Deed.APPROVE, Deed.REVIEW, Deed.CLOSE, Deed.EVALUATE, Deed.ENFORCE, Deed.CONSULT, Deed.FINISH, Deed.REVISE,
)  # fmt: skip
GRAVE = (Deed.RETURN, Deed.WITHDRAW, Deed.REOPEN)

CODE = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,11}")  # the number of an item within its plan


def code_order(code: str) -> tuple[str, int, str]:
    """Order numbers as people do: W2 before W10."""
    found = re.fullmatch(r"([^\d]*)(\d*)(.*)", code)
    return (found[1], int(found[2] or 0), found[3]) if found else (code, 0, "")
