"""A quantity of a clause, and the words that join it to its indicator: 达到, 控制在, 超过, 下降.

It finds no number by itself; plain numbers are found in `heqing.reading.spans`, ranks and classes in
`heqing.reading.marks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from heqing.reading.lexicon import rows


@dataclass(slots=True)
class Quantity:
    """One number of a clause, all offsets relative to the clause.

    `left` is where its predicate begins (comparison and verbs before the number), `start`:`end` the number with unit
    and comparison after it. `value` is None where the number is masked or lost; `gap` then says which. `why` names the
    rules met so far, by their codes in table ``rules``.
    """

    left: int
    start: int
    end: int
    value: Decimal | None
    value_text: str
    text_start: int
    text_end: int
    unit: str | None
    sort: str
    comparator: str
    change: str = ""
    change_noun: str = ""
    shared: str = ""
    mark: str = ""
    baseline_of_next: bool = False
    gap: str | None = None
    upper: Quantity | None = None
    why: tuple[str, ...] = ()


@cache
def _joints() -> dict[str, tuple[tuple[int, str, str], ...]]:
    """Give the words that may stand between an indicator and its number, by their last character, the longest first.

    Each with its length and its role: link, before, verb or noun.
    """
    found: dict[str, str] = {}
    for r in rows("links"):
        found[r["word"]] = "link"
    for r in rows("comparators"):
        if r["place"] == "before":
            found[r["word"]] = "before"
    for r in rows("changes"):
        found[r["word"]] = r["form"]
    by_end: dict[str, list[tuple[int, str, str]]] = {}
    for word, role in sorted(found.items(), key=lambda w: (-len(w[0]), w[0])):
        by_end.setdefault(word[-1], []).append((len(word), word, role))
    return {char: tuple(words) for char, words in by_end.items()}


# Words that are only the end of another one here: 新增 and 人均 name something.
_PART_OF = {
    "要": ("主要", "重要", "需要", "纲要", "摘要", "纪要", "必要"),
    "增": ("新增", "净增"),
    "均": ("年均", "月均", "日均", "人均", "户均", "亩均", "平均"),
}


def _of_a_year(clause: str, place: int) -> bool:
    """Say whether 年均 before a place is the end of a year and 均: 较2015年均下降."""
    return clause.endswith("年均", 0, place) and clause[max(0, place - 6) : place - 2].isdecimal()


def predicate(left: str) -> tuple[int, list[tuple[str, str]]]:
    """Walk back from a number over the words that only join it to its indicator.

    Parameters
    ----------
    left : str
        The clause up to the number.

    Returns
    -------
    tuple
        Where the predicate begins, and its words with their roles (link, before, verb, noun), in order.

    Examples
    --------
    >>> predicate("黑臭水体数量减少超过")
    (6, [('减少', 'verb'), ('超过', 'before')])
    """
    return predicate_at(left, len(left))


def predicate_at(clause: str, place: int) -> tuple[int, list[tuple[str, str]]]:
    """Walk back from a place in a clause, as `predicate` does from the end of a text.

    Parameters
    ----------
    clause : str
        A clean clause.
    place : int
        Where the number begins.

    Returns
    -------
    tuple
        As of `predicate`.

    Examples
    --------
    >>> predicate_at("黑臭水体数量减少超过3条", 10)
    (6, [('减少', 'verb'), ('超过', 'before')])
    """
    joints = _joints()
    found: list[tuple[str, str]] = []
    while place:
        for size, word, role in joints.get(clause[place - 1], ()):
            if clause.startswith(word, place - size) and size <= place:
                if word in _PART_OF and clause.endswith(_PART_OF[word], 0, place) and not _of_a_year(clause, place):
                    continue
                found.append((word, role))
                place -= size
                break
        else:
            break
        if role == "noun":
            break
    return place, found[::-1]
