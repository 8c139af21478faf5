"""Plans: one for each river, enterprise, source, parcel (一河一策 …) as a procedure, five lists, and a judgement.

It computes from plain values; it reads no clock and stores nothing. What a plan goes through and what its lists hold is
dated data in ``rulebook/procedures/plan_kinds``; when a water counts as better, in ``rulebook/schemes``. Start at
`heqing.plans.procedure`; the lists stand in `heqing.plans.lists`, the comparison in `heqing.plans.comparison`.
"""

from heqing.plans.comparison import (
    Change,
    Compliance,
    Finding,
    Improvement,
    Rule,
    finding_names,
    improvement,
    in_words,
    overall,
    parts,
    rule_on,
    sustained,
    window,
)
from heqing.plans.lists import Fault, Item, ListField, ListForm, broken, chain, lists_on
from heqing.plans.procedure import (
    Approval,
    Chapter,
    Deed,
    Judge,
    Kind,
    Level,
    Move,
    Mover,
    Procedure,
    State,
    StateForm,
    Tie,
    phase_on,
    procedure_on,
    step,
)

__all__ = [
    "Approval",
    "Change",
    "Chapter",
    "Compliance",
    "Deed",
    "Fault",
    "Finding",
    "Improvement",
    "Item",
    "Judge",
    "Kind",
    "Level",
    "ListField",
    "ListForm",
    "Move",
    "Mover",
    "Procedure",
    "Rule",
    "State",
    "StateForm",
    "Tie",
    "broken",
    "chain",
    "finding_names",
    "improvement",
    "in_words",
    "lists_on",
    "overall",
    "parts",
    "phase_on",
    "procedure_on",
    "rule_on",
    "step",
    "sustained",
    "window",
]
