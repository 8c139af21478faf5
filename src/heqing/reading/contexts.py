"""What a clause is part of: a report of results or a list of commitments, and how firmly it is meant.

Reads signs in order from the first line to the last; it finds no number. The signs are data, tables ``contexts`` and
``strengths``. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from heqing.reading.clauses import Clause, Line
from heqing.reading.lexicon import mapping, words
from heqing.reading.signs import bits, likely

_OPENING = re.compile(
    r"^(?:[“”、（一二三四五六七八九十）\d.\s]|是|要|全年|今年|20\d\d年|到20\d\d年底?|年内|同时|并|全力|我们|积极|努力)*"
)
# Signs of a result in the form of the number itself, used only where no sign in words was met.
_RESULT_FORM = re.compile(
    r"(?<!PM)\d{1,9}\.\d{1,4}%?(?!以上|以内|左右|以下)|较“?[\d十]|同比|首次|突破(?=\d)|累计(?!折旧)|入选|获[批评得建]|增至|达[到]?\d"
)
_PLAN_FORM = re.compile(
    r"(?:以上|以内|左右|以下)(?=[，。；、）])|力争|争创|确保|全年|全力|坚持|务必|落实|加快推进|深入推进|探索|要(?=[^求素点件])"
)


_UNTIL = re.compile(r"(?<!截至)(?<!截止)(?:^|[^一-龥]|力争|确保|争取|计划)到(20\d\d)年(?!已)")


@dataclass(frozen=True)
class Context:
    """How a clause is to be taken: kind, how sure that is (0..1), strength, and the sign that decided."""

    kind: str
    certainty: float
    strength: str
    sign: str


def tell_contexts(
    lines: list[Line], clauses: list[Clause], default: str | None = None, published: str | None = None
) -> list[Context]:
    """Tell the context of every clause.

    Parameters
    ----------
    lines : list of Line
        All lines, noise included.
    clauses : list of Clause
        The clauses of the lines.
    default : str, optional
        The kind a document of this type begins with, when its type tells.
    published : str, optional
        The document's day, ``YYYY-MM-DD``: 到某年 before it is past, else to come.

    Returns
    -------
    list of Context
        One for each clause, in order.

    Examples
    --------
    >>> from heqing.reading.clauses import split_clauses, split_lines
    >>> lines = split_lines("过去一年，新建绿道5公里。新的一年，力争新建绿道8公里。")
    >>> [c.kind for c in tell_contexts(lines, split_clauses(lines))]
    ['achievement', 'achievement', 'target', 'target']
    """
    kept = [line for line in lines if not line.noise]
    turns = _turns(kept)
    texts = {line.number: line.text for line in kept}
    by_form: dict[int, str | None] = {}
    strengths = _carry_strength(clauses)
    local_signs = bits("contexts", reach="sentence")
    known: dict[tuple[str, float, str, str], Context] = {}
    found: list[Context] = []
    sentence, carried = -1, ""
    passed, turned, turned_by = 0, None, ""
    for clause, strength in zip(clauses, strengths, strict=True):
        if clause.sentence != sentence:
            sentence, carried = clause.sentence, ""
        while passed < len(turns) and turns[passed][0] < clause.end:
            _, turned, turned_by = turns[passed]
            passed += 1
        if carried != "target":  # 力争 and 到某年 hold to the end of their sentence
            carried = _until(clause.text, published) or _local(clause, local_signs) or carried
        kind, sure, sign = turned, 0.96, turned_by
        if kind is None:
            if default is None and clause.line not in by_form:
                by_form[clause.line] = _by_form(texts[clause.line])
            kind, sign, sure = default or by_form[clause.line] or "target", "form", 0.9
            if carried:
                kind, sign = carried, "clause"
        elif kind == "achievement" and carried == "target":
            kind, sign, sure = "target", "clause", 0.92
        told = (kind, sure, strength if kind == "target" else "reported", sign)
        if told not in known:
            known[told] = Context(*told)
        found.append(known[told])
    return found


def _local(clause: Clause, signs: int) -> str:
    """Give the kind that a sign of the clause itself tells, the first of the table that is met."""
    if not clause.signs & signs:
        return ""
    text = clause.text
    return next((str(row["kind"]) for p, row in likely(clause.signs & signs, "contexts") if p.search(text)), "")


def _until(clause: str, published: str | None) -> str:
    """Take 到某年 as a target, unless that year is over or the document lets a day be told by 截至."""
    found = _UNTIL.search(clause) if "到20" in clause else None
    if found is None:
        return ""
    return "achievement" if published and found[1] < published[:4] else "target"


def _turns(lines: list[Line]) -> list[tuple[int, str, str]]:
    """Find where the document turns from results to commitments and back: place, kind, sign."""
    found: list[tuple[int, str, str]] = []
    on = bits("contexts", reach="on")
    for line in lines:
        for pattern, row in likely(line.signs & on, "contexts"):
            kind = str(row["kind"])
            found.extend((line.start + m.start(), kind, m[0]) for m in pattern.finditer(line.text))
    found += _turns_of_headings(lines, found)
    return sorted(found)


def _turns_of_headings(lines: list[Line], found: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Take a first heading that calls for deeds as the turn from a short review, unless a colon announced it."""
    heading = bits("contexts", reach="heading")
    for before, line in pairwise(lines):
        for pattern, row in likely(line.signs & heading, "contexts"):
            kind = str(row["kind"])
            sign = pattern.search(line.text)
            if sign is None or before.text.rstrip().endswith(("：", ":")):
                continue
            own = any(line.start <= place < line.end for place, _, _ in found)
            earlier = [turn for turn in sorted(found) if turn[0] < line.start]
            if not own and earlier and earlier[-1][1] != kind:
                return [(line.start, kind, sign[0])]
    return []


def _by_form(line: str) -> str | None:
    """Guess a paragraph's kind from the form of its numbers and verbs when no sign was met."""
    line = line[:3000]
    balance = len(_RESULT_FORM.findall(line)) - len(_PLAN_FORM.findall(line))
    return "achievement" if balance > 0 else "target" if balance < 0 else None


def _carry_strength(clauses: list[Clause]) -> list[str]:
    """Give each clause its strength: a word that opens a clause carries on to the end of the sentence."""
    strengths = mapping("strengths", "word", "strength")
    reaches = mapping("strengths", "word", "reach")
    word = re.compile(words("strengths"))
    found: list[str] = []
    firm = bits("strengths")
    carried, sentence = "plan", -1
    for clause in clauses:
        if clause.sentence != sentence:
            carried, sentence = "plan", clause.sentence
        hit = word.search(clause.text) if clause.signs & firm else None
        if hit and re.search(r"\d[^、]*、$", clause.text[: hit.start()]):  # 控制在29左右、争取更优: of the part after
            hit = None
        if hit is None:
            found.append(carried)
            continue
        opens = hit.start() <= (m.end() if (m := _OPENING.match(clause.text)) else 0)
        if opens and reaches[hit[0]] == "sentence":
            carried = strengths[hit[0]]
        elif opens:
            carried = "plan"
        found.append(strengths[hit[0]])
    return found
