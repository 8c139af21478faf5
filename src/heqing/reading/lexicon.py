"""The reader's words as data: units, comparisons, strengths, subjects and noise from family ``reading_words``.

The words themselves stand in `rulebook/lexicon`; this module only shapes them for matching.
Look next at `heqing.reading.spans` and `heqing.reading.statements`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from heqing import editions

FAMILY = "reading_words"


def rows(name: str) -> list[dict[str, Any]]:
    """Give the rows of one table of the lexicon.

    Parameters
    ----------
    name : str
        The table, for instance ``units``.

    Returns
    -------
    list of dict
        One dictionary a row, in the order of the file.

    Examples
    --------
    >>> rows("strengths")[0]["strength"]
    'ensure'
    """
    return editions.table(FAMILY, name).to_dicts()


def either(words: list[str]) -> str:
    """Join words into one pattern, the longest first.

    Parameters
    ----------
    words : list of str
        Plain words, no patterns.

    Returns
    -------
    str
        A non-capturing group.

    Examples
    --------
    >>> either(["吨", "吨/日"])
    '(?:吨(?:/日)?)'
    """
    return f"(?:{_branches(sorted(set(words)))})"


def _branches(words: list[str]) -> str:
    """Join sorted words into a tree of their first characters: a place is tried once for each character it offers."""
    tails: dict[str, list[str]] = {}
    for word in words:
        if word:
            tails.setdefault(word[0], []).append(word[1:])
    singles = [char for char, rest in tails.items() if rest == [""]]
    found = [re.escape(char) + _branches(rest) for char, rest in tails.items() if rest != [""]]
    if singles:
        found.append(f"[{''.join(re.escape(c) for c in singles)}]" if len(singles) > 1 else re.escape(singles[0]))
    if not found:
        return ""
    whole = found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"
    return f"(?:{whole})?" if "" in words else whole


@dataclass(frozen=True)
class Unit:
    """A unit as written and as kept; `keeps_big` says that 万 and 亿 stay with it."""

    written: str
    unit: str
    keeps_big: bool
    sort: str
    not_before: str
    spelled: bool


@cache
def units() -> dict[str, Unit]:
    """Give the units by their written form.

    Returns
    -------
    dict of str to Unit
        Keys as written in documents.

    Examples
    --------
    >>> units()["吨/天"].unit
    '吨/日'
    """
    return {
        r["written"]: Unit(
            r["written"], r["unit"], r["big"] == "keep", r["sort"], r["not_before"] or "", bool(r["spelled"])
        )
        for r in rows("units")
    }


@cache
def words(table: str, column: str = "word", **where: str) -> str:
    """Give a pattern that matches any word of a table.

    Parameters
    ----------
    table : str
        The table.
    column : str, default "word"
        The column that holds the words.
    **where : str
        Keep only rows with these values.

    Returns
    -------
    str
        A non-capturing group, longest words first.

    Examples
    --------
    >>> bool(re.fullmatch(words("strengths", strength="strive"), "力争"))
    True
    """
    return either([r[column] for r in rows(table) if all(r[k] == v for k, v in where.items())])


@cache
def patterns(table: str, **where: str) -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    """Give the patterns of a table, compiled, each with its row.

    Parameters
    ----------
    table : str
        A table with a column ``pattern``.
    **where : str
        Keep only rows with these values.

    Returns
    -------
    tuple of (re.Pattern, dict)
        In the order of the file.

    Examples
    --------
    >>> len(patterns("junk")) > 10
    True
    """
    return tuple((re.compile(r["pattern"]), r) for r in rows(table) if all(r[k] == v for k, v in where.items()))


@cache
def mapping(table: str, key: str, value: str) -> dict[str, str]:
    """Give one column of a table by another.

    Parameters
    ----------
    table : str
        The table.
    key, value : str
        Names of columns.

    Returns
    -------
    dict of str to str
        First row wins.

    Examples
    --------
    >>> mapping("strengths", "word", "strength")["力争"]
    'strive'
    """
    found: dict[str, str] = {}
    for r in rows(table):
        found.setdefault(r[key], r[value])
    return found


@cache
def any_of(table: str, **where: str) -> re.Pattern[str]:
    """Give the patterns of a table as one, where it does not matter which of them is met.

    Parameters
    ----------
    table : str
        A table with a column ``pattern``.
    **where : str
        Keep only rows with these values.

    Returns
    -------
    re.Pattern
        Their alternation.

    Examples
    --------
    >>> bool(any_of("exclusions", place="before").search("第"))
    True
    """
    return re.compile("|".join(f"(?:{p.pattern})" for p, _ in patterns(table, **where)))
