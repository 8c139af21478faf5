"""Facts of a unit in a month, as a scheme reads them: what happened, how often, out of how many.

They are plain values; each occurrence carries where it can be looked up. Look next at `heqing.scorecards.engine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Reference:
    """Where a cause (原因) can be looked up: a target, a report, a case, a section, and its key."""

    kind: str
    key: str


@dataclass(frozen=True)
class Occurrence:
    """Something that happened (情形): its cause as the scheme names it, what it is about, where to look.

    `amount` is how much of it: a part of one thing for rule ``ratio``, a number of steps for rule ``steps``. `why`
    holds further reason codes, such as those of a verdict, to be said after the cause.
    """

    cause: str
    about: str
    reference: Reference
    amount: Decimal = Decimal(1)
    why: str = ""


@dataclass(frozen=True)
class Fact:
    """What is known of an item for one unit: its occurrences, out of how many things, or its class.

    A fact that cannot be had is None in place of a `Fact`: the item does not apply.
    """

    occurrences: tuple[Occurrence, ...] = ()
    of: int = 0
    level: str = ""
