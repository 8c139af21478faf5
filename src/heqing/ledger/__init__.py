"""Decomposition (分解): an amount shared out over places, a course over months, and whether the parts are enough.

It computes from plain values; it reads no clock and stores nothing. Only amounts that add up are shared out: a ratio or
a concentration has a limit of its own in each place, and the whole is computed from data. Start at
`heqing.ledger.splitting`.
"""

from heqing.ledger.course import Fault, fault_of_course, month_ends, profile_course, straight_course
from heqing.ledger.splitting import gap, split_by_weight, split_equal

__all__ = [
    "Fault",
    "fault_of_course",
    "gap",
    "month_ends",
    "profile_course",
    "split_by_weight",
    "split_equal",
    "straight_course",
]
