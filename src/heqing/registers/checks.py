"""The declared rules of a kind, kept on one entry (台账规则): a small closed vocabulary, evaluated without ``eval``.

What other entries say is asked through `Facts`, which the caller answers; nothing here reads a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from heqing.registers.declaration import Kind, Rule


class Facts(Protocol):
    """What a rule may ask of other entries."""

    def stands_already(self, fields: tuple[str, ...]) -> bool:
        """Tell whether another standing entry of the kind has the same values in these fields."""
        ...

    def of_linked(self, link: str, field: str) -> str:
        """Give a value of the entry to which a field points; empty when there is none."""
        ...

    def taken(self, link: str, part: str) -> Decimal:
        """Add up a field over the other standing entries that point to the same entry."""
        ...

    def covered(self, kind: str, link: str, part: str) -> Decimal:
        """Add up a field over the standing entries of another kind that point to this entry."""
        ...


@dataclass(frozen=True)
class Broken:
    """A rule that an entry does not keep, with its sentence and the numbers behind it."""

    rule: Rule
    said: str


def broken_rules(kind: Kind, values: Mapping[str, str], *, state: str, facts: Facts) -> list[Broken]:
    """List the declared rules that an entry would not keep.

    Parameters
    ----------
    kind : Kind
        The declaration.
    values : mapping
        The values of the entry as text, by field; a reference by its key.
    state : str
        The state that the entry has or is about to take.
    facts : Facts
        What other entries say.

    Returns
    -------
    list of Broken
        In the order of the declaration. A rule about a value that is not known yet is kept.

    Examples
    --------
    >>> from datetime import date
    >>> from heqing.registers import shipped_kinds
    >>> voted = shipped_kinds(date(2026, 11, 24))["livelihood"]
    >>> votes = {"attending": "10", "votes_for": "7", "votes_against": "2", "votes_abstain": "2"}
    >>> class Alone:
    ...     def stands_already(self, fields): return False
    >>> [broken.rule.check for broken in broken_rules(voted, votes, state="voted", facts=Alone())]
    ['balance']
    """
    found = []
    for rule in kind.rules:
        if rule.states and state not in rule.states:
            continue
        said = _breaks(rule, values, facts)
        if said is not None:
            found.append(Broken(rule, said))
    return found


def _breaks(rule: Rule, values: Mapping[str, str], facts: Facts) -> str | None:
    arguments = rule.arguments
    match rule.check:
        case "unique":
            known = all(values.get(field) for field in arguments)
            return "" if known and facts.stands_already(arguments) else None
        case "order":
            first, last = (values.get(field, "") for field in arguments)
            return f"{first} > {last}" if first and last and _after(first, last) else None
        case "balance":
            *parts, whole = [_number(values.get(field, "")) for field in arguments]
            if whole is None or any(part is None for part in parts):
                return None
            total = sum((part for part in parts if part is not None), Decimal(0))
            return f"{total} ≠ {whole}" if total != whole else None
        case "needed_when":
            chosen, word, wanted = arguments
            return "" if values.get(chosen) == word and not values.get(wanted) else None
        case "same":
            own, link, theirs = arguments
            said = facts.of_linked(link, theirs) if values.get(link) else ""
            return f"{values.get(own)} ≠ {said}" if said and values.get(own) and said != values[own] else None
        case "sum_within":
            part, link, whole_of = arguments
            mine = _number(values.get(part, ""))
            if mine is None or not values.get(link):
                return None
            limit = _number(facts.of_linked(link, whole_of))
            total = facts.taken(link, part) + mine
            return f"{total} > {limit}" if limit is not None and total > limit else None
        case "covered":
            amount, ratio, other, link, part = arguments
            needed, times = _number(values.get(amount, "")), _number(values.get(ratio, ""))
            if needed is None or times is None:
                return None
            total = facts.covered(other, link, part)
            return f"{total} < {needed * times}" if total < needed * times else None
    return None  # pragma: no cover -- the reader lets no other check through


def _number(said: str) -> Decimal | None:
    return Decimal(said) if said else None


def _after(first: str, last: str) -> bool:
    """Compare days and months as text, numbers as numbers."""
    if "-" in first.lstrip("-") or "-" in last.lstrip("-"):
        return first > last
    return Decimal(first) > Decimal(last)
