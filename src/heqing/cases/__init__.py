"""Cases: the procedure that closes a problem, as a table of states, deeds and days.

It computes from plain values; it reads no clock and stores nothing. What a procedure says is dated data in
``rulebook/procedures``. Start at `heqing.cases.procedure`; days are counted in `heqing.cases.days`.
"""

from heqing.cases.days import due_day, is_overdue, is_rebound, recheck_days, working_days_after
from heqing.cases.procedure import (
    Counting,
    Deadline,
    Deed,
    Move,
    Mover,
    Procedure,
    State,
    StateForm,
    Track,
    draw,
    procedure_on,
    step,
)

__all__ = [
    "Counting",
    "Deadline",
    "Deed",
    "Move",
    "Mover",
    "Procedure",
    "State",
    "StateForm",
    "Track",
    "draw",
    "due_day",
    "is_overdue",
    "is_rebound",
    "procedure_on",
    "recheck_days",
    "step",
    "working_days_after",
]
