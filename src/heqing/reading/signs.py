"""Which patterns of the lexicon are worth trying on a stretch of text: one pass over it finds the words they need.

Every pattern of the tables watched has words it cannot do without; all of them are sought at once. A set of patterns is
a whole number, one bit each, so that sets of clauses and lines are joined with ``|``. No pattern is lost by it: one
whose words cannot be told stands in every set. Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as grammar  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from heqing.quantities.numerals import DIGITS
from heqing.reading.lexicon import patterns, rows

# Tables of patterns, and tables of plain words, that are sought in one pass.
_PATTERNS = ("contexts", "completions", "exclusions")
_WORDS = ("strengths", "posts")
# A clause without any of these holds no number of any kind.
NUMBERED = re.compile(rf"[\d%Xx×*{DIGITS}十百千万亿ⅠⅡⅢⅣⅤIV首榜]")
# No pattern is followed into more spellings than this; beyond it a shorter part of it must do.
_SPELLINGS = 400


@dataclass(frozen=True)
class _Watch:
    automaton: AhoCorasick
    sets: tuple[int, ...]
    always: int
    first: dict[str, int]
    rows: tuple[tuple[re.Pattern[str], dict[str, Any]], ...]


def scan(text: str) -> list[tuple[int, int, int]]:
    """Find every needed word of a text in one pass.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of tuple of int
        Start, end and the set of patterns that need the word, in the order of their ends.

    Examples
    --------
    >>> [(start, end) for start, end, _ in scan("力争")]
    [(0, 2)]
    """
    watch = _watch()
    try:
        found = watch.automaton.find_matches_as_indexes(text, overlapping=True)
    except UnicodeEncodeError:  # half a character pair: no word of ours holds one
        found = watch.automaton.find_matches_as_indexes(text.encode("utf-8", "replace").decode(), overlapping=True)
    sets = watch.sets
    return [(start, end, sets[which]) for which, start, end in found]


def signs_of(text: str) -> int:
    """Give the set of patterns worth trying on a text.

    Parameters
    ----------
    text : str
        A clause or a line.

    Returns
    -------
    int
        One bit for each pattern.

    Examples
    --------
    >>> bool(signs_of("实现全覆盖") & bits("completions"))
    True
    """
    found = _watch().always
    for _, _, which in scan(text):
        found |= which
    return found


def always() -> int:
    """Give the patterns that are worth trying on any text.

    Returns
    -------
    int
        Their set.

    Examples
    --------
    >>> signs_of("") == always()
    True
    """
    return _watch().always


@cache
def bits(table: str, **where: str) -> int:
    """Give the set of all patterns of a table.

    Parameters
    ----------
    table : str
        A table that is watched.
    **where : str
        Keep only rows with these values.

    Returns
    -------
    int
        Their set.

    Examples
    --------
    >>> bits("contexts", kind="target") & bits("contexts", kind="achievement")
    0
    """
    first = _watch().first[table]
    kept = (n for n, r in enumerate(rows(table)) if all(r[k] == v for k, v in where.items()))
    return sum(1 << (first + n) for n in kept)


def likely(signs: int, table: str, **where: str) -> Iterator[tuple[re.Pattern[str], dict[str, Any]]]:
    """Give the patterns of a table that are worth trying.

    Parameters
    ----------
    signs : int
        A set, of `signs_of` or of a clause.
    table : str
        A table that is watched.
    **where : str
        Keep only rows with these values.

    Yields
    ------
    tuple of (re.Pattern, dict)
        As of `heqing.reading.lexicon.patterns`, in the order of the file.

    Examples
    --------
    >>> [row["code"] for pattern, row in likely(signs_of("管网全覆盖"), "completions")]
    ['covered', 'covers_all']
    """
    left = signs & bits(table, **where)
    found = _watch().rows
    while left:
        lowest = left & -left
        yield found[lowest.bit_length() - 1]
        left ^= lowest


@cache
def _watch() -> _Watch:
    first: dict[str, int] = {}
    all_rows: list[tuple[re.Pattern[str], dict[str, Any]]] = []
    for table in _PATTERNS:
        first[table] = len(all_rows)
        all_rows.extend(patterns(table))
    for table in _WORDS:
        first[table] = len(all_rows)
        all_rows.extend((re.compile(re.escape(r["word"])), r) for r in rows(table))
    known: dict[str, int] = {}
    free = 0
    for n, (pattern, row) in enumerate(all_rows):
        told = str(row.get("trigger") or "").replace("$", "")
        words = frozenset(told.split("|")) if told else needed(pattern)
        if words is None:
            free |= 1 << n
        for word in words or ():
            known[word] = known.get(word, 0) | 1 << n
    automaton = AhoCorasick(known, implementation=Implementation.DFA)
    return _Watch(automaton, tuple(known.values()), free, first, tuple(all_rows))


def needed(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Give words of which every match of a pattern holds at least one.

    Parameters
    ----------
    pattern : re.Pattern
        Any pattern.

    Returns
    -------
    frozenset of str or None
        The words; None when there are none or too many.

    Examples
    --------
    >>> sorted(needed(re.compile("(?:建成|完成)[^，]*项目?")))
    ['完成', '建成']
    """
    if pattern.flags & re.IGNORECASE:
        return None
    return _needed(grammar.parse(pattern.pattern, pattern.flags))


def _needed(parts: Any) -> frozenset[str] | None:
    """Take the best run of parts that can be spelled out, or the best part that needs words of its own."""
    found: list[frozenset[str]] = []
    run = frozenset({""})
    for part in parts:
        spelled = _spelled(part)
        joined = None if spelled is None else frozenset(a + b for a, b in product(run, spelled))
        if joined is not None and len(joined) <= _SPELLINGS:
            run = joined
            continue
        found.append(run)
        run = spelled if spelled is not None else frozenset({""})
        if spelled is None and (inner := _needed_inside(part)) is not None:
            found.append(inner)
    found.append(run)
    usable = [words for words in found if "" not in words]
    return max(usable, key=lambda words: (min(2, *map(len, words), 2), -len(words)), default=None)


def _needed_inside(part: Any) -> frozenset[str] | None:
    kind, value = part
    if kind is op.SUBPATTERN:
        return _needed(value[3])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] > 0:
        return _needed(value[2])
    if kind is op.BRANCH:
        branches = [_needed(branch) for branch in value[1]]
        if all(branch is not None for branch in branches):
            return frozenset().union(*[b for b in branches if b is not None])
    return None


def _spelled(part: Any) -> frozenset[str] | None:
    """Spell out all that a part can match; None when that is not finite, or too much."""
    kind, value = part
    found: set[str] = set()
    match kind:
        case op.LITERAL:
            return frozenset({chr(value)})
        case op.IN:
            if any(k is not op.LITERAL for k, _ in value):
                return None
            found = {chr(v) for _, v in value}
        case op.SUBPATTERN:
            return _all_spelled(value[3])
        case op.BRANCH:
            for branch in value[1]:
                spelled = _all_spelled(branch)
                if spelled is None:
                    return None
                found |= spelled
        case op.MAX_REPEAT | op.MIN_REPEAT if value[1] == 1:
            spelled = _all_spelled(value[2])
            if spelled is None:
                return None
            found = set(spelled) | ({""} if value[0] == 0 else set())
        case op.ASSERT | op.ASSERT_NOT | op.AT:  # takes no room; what it asks is asked when the pattern is tried
            found = {""}
        case _:
            return None
    return frozenset(found) if len(found) <= _SPELLINGS else None


def _all_spelled(parts: Any) -> frozenset[str] | None:
    run = frozenset({""})
    for part in parts:
        spelled = _spelled(part)
        if spelled is None:
            return None
        run = frozenset(a + b for a, b in product(run, spelled))
        if len(run) > _SPELLINGS:
            return None
    return run
