"""Scorecards: a declared scheme and facts in, points out, each lost point with its cause.

It computes from plain values; it reads no clock and stores nothing. Schemes are dated data in ``rulebook/schemes``.
Start at `heqing.scorecards.engine`; where facts come from is the matter of whoever calls.
"""

from heqing.scorecards.engine import ItemScore, Loss, Score, rank, score
from heqing.scorecards.facts import Fact, Occurrence, Reference
from heqing.scorecards.schemes import (
    Bonus,
    Deduction,
    Grade,
    Group,
    Item,
    Scheme,
    Veto,
    default_scheme,
    scheme_names,
    scheme_on,
)

__all__ = [
    "Bonus",
    "Deduction",
    "Fact",
    "Grade",
    "Group",
    "Item",
    "ItemScore",
    "Loss",
    "Occurrence",
    "Reference",
    "Scheme",
    "Score",
    "Veto",
    "default_scheme",
    "rank",
    "scheme_names",
    "scheme_on",
    "score",
]
