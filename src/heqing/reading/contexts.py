"""What a clause is part of: a report of results or a list of commitments, and how firmly it is meant.

Reads signs in order from the first line to the last; it finds no number. The signs are data, tables ``contexts`` and
``strengths``. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from heqing.reading.clauses import Clause, Line
from heqing.reading.lexicon import mapping, words
from heqing.reading.periods import tells_time
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


# A line that is a heading: numbered and without a sentence of its own, or short and without any stop.
_HEADING = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|——)?[^。；，]{2,40}[：]?$")
_OF_PART = re.compile(r"\d[^、]*、[^、\d]{0,8}$")
_UNTIL = re.compile(r"(?<!截至)(?<!截止)(?:^|[^一-龥]|力争|确保|争取|计划)到(20\d\d)年(?!已)")


# Where a kind begins to hold, the kind (None: the form tells), and the sign.
_Turn = tuple[int, str | None, str]


@dataclass(frozen=True)
class Context:
    """How a clause is to be taken: kind, strength, and the sign that decided the kind."""

    kind: str
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
    local_signs, firm = bits("contexts", reach="sentence"), bits("strengths")
    known: dict[tuple[str | None, str, str, str, str], Context] = {}
    found: list[Context] = []
    sentence, carried, carried_strength = -1, "", "plan"
    turned: str | None = None
    passed, turned_by, ahead = 0, "", len(turns)
    for clause in clauses:
        if clause.sentence != sentence:
            sentence, carried, carried_strength = clause.sentence, "", "plan"
        while passed < ahead and turns[passed][0] < clause.end:
            _, turned, turned_by = turns[passed]
            passed += 1
        strength = carried_strength
        if clause.signs & firm:
            strength, carried_strength = _strength(clause.text, carried_strength)
        if carried != "target" and (clause.signs & local_signs or "到20" in clause.text):
            # 力争 and 到某年 hold to the end of their sentence
            carried = _until(clause.text, published) or _local(clause, local_signs) or carried
        formed = ""
        if turned is None and default is None:
            if clause.line not in by_form:
                by_form[clause.line] = _by_form(texts[clause.line])
            formed = by_form[clause.line] or ""
        told = (turned, turned_by, carried, strength, formed)
        context = known.get(told)
        if context is None:
            context = known[told] = _context(turned, turned_by, carried, strength, default or formed or "target")
        found.append(context)
    return found


def _context(turned: str | None, turned_by: str, carried: str, strength: str, guess: str) -> Context:
    """Weigh the sign of the section against that of the sentence; without either the form tells."""
    kind, sign = turned, turned_by
    if kind is None:
        kind, sign = (carried, "clause") if carried else (guess, "form")
    elif kind == "achievement" and carried == "target":
        kind, sign = "target", "clause"
    return Context(kind, strength if kind == "target" else "reported", sign)


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


def _turns(lines: list[Line]) -> list[_Turn]:
    """Find where the document turns from results to commitments and back: place, kind, sign.

    A weak sign (weight below one: 取得成效, 目标任务) turns nothing that a strong one set, but a call for deeds in a
    heading is strong. Inside the match of a void pattern (完成目标任务, 比去年) there is no sign.
    """
    on, void = bits("contexts", reach="on"), bits("contexts", reach="void")
    met: list[tuple[int, str, str, bool]] = []
    for line in lines:
        if not line.signs & on:
            continue
        void_spans = [m.span() for p, _ in likely(line.signs & void, "contexts") for m in p.finditer(line.text)]
        headed = _HEADING.match(line.text) is not None
        for pattern, row in likely(line.signs & on, "contexts"):
            kind = str(row["kind"])
            strong = row["weight"] >= 1 or (headed and kind == "target")
            for m in pattern.finditer(line.text):
                if not any(first <= m.start() < last for first, last in void_spans):
                    met.append((line.start + m.start(), kind, m[0], strong))
    met += [(*turn, True) for turn in _turns_of_headings(lines, [turn[:3] for turn in met])]
    found: list[_Turn] = []
    kind, held = "", False
    for place, turned, sign, strong in sorted(met):
        if turned != kind and held and not strong:
            continue
        if turned == kind and not tells_time(sign):  # 五年来 … 成效显著: still of the five years
            held = held or strong
            continue
        held = strong or (held and turned == kind)
        kind = turned
        found.append((place, turned, sign))
    return _with_turns_of_lines(lines, found)


def _with_turns_of_lines(lines: list[Line], found: list[_Turn]) -> list[_Turn]:
    """Add the signs that hold to the end of their line; there the turn before them holds again."""
    within = bits("contexts", reach="line")
    out = list(found)
    for line in lines:
        for pattern, row in likely(line.signs & within, "contexts"):
            if sign := pattern.search(line.text):
                before = next((t for t in reversed(found) if t[0] < line.end), (0, None, ""))
                out += [(line.start + sign.start(), str(row["kind"]), sign[0]), (line.end, before[1], before[2])]
    return sorted(out, key=lambda turn: turn[0])


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


@cache
def _firm_words() -> tuple[re.Pattern[str], dict[str, str], dict[str, str]]:
    return (
        re.compile(words("strengths")),
        mapping("strengths", "word", "strength"),
        mapping("strengths", "word", "reach"),
    )


def _strength(clause: str, carried: str) -> tuple[str, str]:
    """Give a clause its strength, and what it carries on: a word that opens it holds to the end of the sentence."""
    word, strengths, reaches = _firm_words()
    hit = word.search(clause)
    if hit is None or _OF_PART.search(clause[: hit.start()]):  # 控制在29左右、争取更优: of the part after
        return carried, carried
    strength = strengths[hit[0]]
    opens = hit.start() <= (m.end() if (m := _OPENING.match(clause)) else 0)
    if not opens:
        return strength, carried
    return strength, strength if reaches[hit[0]] == "sentence" else "plan"
