"""The five lists of a plan (五张清单): problem → goal → task → measure → duty, each item linked to one before.

It names the lists and their fields as the rulebook has them, and finds what is broken: an item that links to nothing,
one that nothing answers, a measure without a unit and a person. It stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table
from heqing.plans.procedure import FAMILY, phase_on


@dataclass(frozen=True)
class ListField:
    """A field of the items of a list beside number, links and content; needed ones are asked for before approval."""

    key: str
    name_zh: str
    reads: str
    is_needed: bool
    unconfirmed: bool


@dataclass(frozen=True)
class ListForm:
    """One of the five lists: its name, the letter of its numbers, the list before it, its fields and categories."""

    key: str
    name_zh: str
    short_zh: str
    letter: str
    before: str
    asks_who: bool
    fields: tuple[ListField, ...]
    categories: dict[str, str]


@dataclass(frozen=True)
class Item:
    """An item of a list as plain values.

    Parameters
    ----------
    list : str
        The key of its list.
    code : str
        Its number within the plan: W1, M2.
    links : tuple of str
        The numbers of the items of the list before that it answers.
    filled : mapping
        Which fields have a value, by their keys.
    """

    list: str
    code: str
    links: tuple[str, ...] = ()
    filled: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What is wrong with an item, or with a list as a whole (no code)."""

    list: str
    code: str
    fault: str
    sentence: str


@cache
def lists_on(on: date) -> dict[str, ListForm]:
    """Give the lists as they stand on a day, in order.

    Parameters
    ----------
    on : date
        The day.

    Returns
    -------
    dict
        From the key of a list to its form.

    Examples
    --------
    >>> [each.name_zh for each in lists_on(date(2026, 11, 24)).values()]
    ['问题清单', '目标清单', '任务清单', '措施清单', '责任清单']
    """
    number, _ = phase_on(FAMILY, on)

    def rows(name: str) -> list[dict[str, Any]]:
        return table(FAMILY, name).filter(pl.col("phase_no") == number).sort("place").to_dicts()

    fields, categories = rows("fields"), rows("categories")
    return {
        r["list"]: ListForm(
            r["list"],
            r["name_zh"],
            r["short_zh"],
            r["letter"],
            r["before"] or "",
            r["asks_who"],
            tuple(
                ListField(f["field"], f["name_zh"], f["reads"], f["needed"], f["unconfirmed"])
                for f in fields
                if f["list"] == r["list"]
            ),
            {c["category"]: c["name_zh"] for c in categories if c["list"] == r["list"]},
        )
        for r in rows("lists")
    }


@cache
def _words(on: date) -> dict[str, str]:
    number, _ = phase_on(FAMILY, on)
    return {r["fault"]: r["name_zh"] for r in table(FAMILY, "faults").filter(pl.col("phase_no") == number).to_dicts()}


def broken(items: Sequence[Item], *, on: date) -> list[Fault]:
    """Find what is broken in the lists of a plan.

    Parameters
    ----------
    items : sequence of Item
        The items of all lists.
    on : date
        The day whose lists and words count.

    Returns
    -------
    list of Fault
        In the order of the lists and items; empty when every problem leads to a unit and a person.

    Examples
    --------
    >>> day = date(2026, 11, 24)
    >>> found = broken([Item("problem", "W1", filled={"category": True, "cause": True})], on=day)
    >>> [(fault.code, fault.sentence) for fault in found][:2]
    [('W1', '没有目标条目来落实它'), ('', '目标清单还没有条目')]
    """
    forms, words = lists_on(on), _words(on)
    after = {form.before: form for form in forms.values() if form.before}
    known = {(item.list, item.code) for item in items}
    answered = {(forms[item.list].before, link) for item in items for link in item.links}
    found: list[Fault] = []

    def say(key: str, code: str, fault: str, **values: str) -> None:
        found.append(Fault(key, code, fault, words[fault].format(**values)))

    for key, form in forms.items():
        mine = [item for item in items if item.list == key]
        if not mine:
            say(key, "", "empty", list=form.name_zh)
        for item in mine:
            if form.before:
                other = forms[form.before].short_zh
                if not item.links:
                    say(key, item.code, "no_link", other=other)
                elif any((form.before, link) not in known for link in item.links):
                    say(key, item.code, "unknown_link", other=other)
            if key in after and (key, item.code) not in answered:
                say(key, item.code, "no_follower", other=after[key].short_zh)
            for each in form.fields:
                if each.is_needed and not item.filled.get(each.key):
                    if form.asks_who and each.key in ("unit", "person"):
                        say(key, item.code, f"no_{each.key}")
                    else:
                        say(key, item.code, "missing", field=each.name_zh)
    return found


def chain(items: Sequence[Item], code: str, *, on: date) -> set[str]:
    """Give the numbers of all items on the chains through an item, itself included.

    Parameters
    ----------
    items : sequence of Item
        The items of all lists; numbers are unique within a plan.
    code : str
        The item.
    on : date
        The day whose lists count.

    Returns
    -------
    set of str
        What leads to it and what follows from it, not what else those lead to.

    Examples
    --------
    >>> day = date(2026, 11, 24)
    >>> lists = [Item("problem", "W1"), Item("problem", "W2"), Item("goal", "M1", ("W1",)), Item("goal", "M2", ("W2",)),
    ...     Item("task", "R1", ("M1",))]
    >>> sorted(chain(lists, "M1", on=day))
    ['M1', 'R1', 'W1']
    """
    order = list(lists_on(on))
    by_code = {item.code: item for item in items}
    if code not in by_code:
        return set()
    place = order.index(by_code[code].list)
    found, down, up = {code}, {code}, {code}
    for key in order[place + 1 :]:
        down = {item.code for item in items if item.list == key and down & set(item.links)}
        found |= down
    for key in reversed(order[:place]):
        up = {link for each in up for link in by_code[each].links if link in by_code and by_code[link].list == key}
        found |= up
    return found
