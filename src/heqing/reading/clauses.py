"""Clean text to lines, sentences and clauses, each with its place.

It knows punctuation only, no words; strengths and contexts are told in `heqing.reading.contexts`.
Look next at `heqing.reading.spans`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from heqing.reading.noise import find_noise
from heqing.reading.signs import NUMBERED, always, bits, scan

_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?”?")
# No sentence of a document has a longer stretch without comma; what does is broken text and is read in pieces.
_LONGEST = 300
# A clause without any of these names no number and no time.
_TELLING = re.compile(rf"{NUMBERED.pattern[:-1]}年任—]")
_CLAUSE = re.compile(rf"[^，；：。！？\n\t]{{1,{_LONGEST}}}")


class Clause(NamedTuple):
    """A stretch between commas: clean offsets, its text, which sentence and line it is in, and the signs it holds.

    `opens` is "line" for the first clause of a line, "sentence" for the first of another sentence, else empty.
    """

    start: int
    end: int
    text: str
    line: int
    sentence: int
    sentence_start: int
    sentence_end: int
    signs: int
    opens: str = ""


class Line(NamedTuple):
    """A line of the document; `noise` says that it is page furniture, `words` where the words of signs stand in it."""

    number: int
    start: int
    end: int
    text: str
    noise: bool
    signs: int
    words: tuple[tuple[int, int, int], ...] = ()


def split_lines(text: str) -> list[Line]:
    r"""Split clean text into its lines that hold something.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    list of Line
        In order, noise marked.

    Examples
    --------
    >>> [line.noise for line in split_lines("打印\n全市优良率80%。")]
    [True, False]
    """
    held = [(number, m) for number, m in enumerate(_LINE.finditer(text)) if m[0].strip()]
    noise = find_noise([m[0] for _, m in held])
    found = []
    hits = scan(text)
    place, last = 0, len(hits)
    for (number, m), junk in zip(held, noise, strict=True):
        start, end = m.span()
        while place < last and hits[place][1] <= start:
            place += 1
        first, signs = place, always()
        while place < last and hits[place][1] <= end:
            signs |= hits[place][2]
            place += 1
        found.append(Line(number, start, end, m[0], junk, signs, tuple(hits[first:place])))
    return found


def split_clauses(lines: list[Line]) -> list[Clause]:
    """Split the lines that are no noise into clauses, leaving out what can neither say nor change anything.

    A clause without a character of a number or a time, and without a sign of a statement, a kind or a strength, is left
    out.

    Parameters
    ----------
    lines : list of Line
        From `split_lines`.

    Returns
    -------
    list of Clause
        In order; marks of quotation stay inside.

    Examples
    --------
    >>> [c.text for c in split_clauses(split_lines("新建绿道5公里，河水清了，优良率达80%。"))]
    ['新建绿道5公里', '优良率达80%']
    """
    found: list[Clause] = []
    sentence, free = 0, always()
    speaking = bits("completions") | bits("strengths") | bits("contexts", reach="sentence")
    for line in lines:
        if line.noise:
            continue
        hits, place, last = line.words, 0, len(line.words)
        first = "line"
        for s in _SENTENCE.finditer(line.text):
            sentence += 1
            first = first or "sentence"
            opens, closes = line.start + s.start(), line.start + s.end()
            for c in _CLAUSE.finditer(line.text, s.start(), s.end()):
                said = c[0]
                begin = line.start + c.start()
                if said[0] in "”“ " or said[-1] == " ":
                    if not said.strip("”“ "):
                        continue
                    begin += len(said) - len(said.lstrip(" "))
                    said = said.strip(" ")
                end = begin + len(said)
                signs = free
                while place < last and hits[place][1] <= end:
                    if hits[place][0] >= begin:
                        signs |= hits[place][2]
                    place += 1
                if signs & speaking or _TELLING.search(said):
                    found.append(Clause(begin, end, said, line.number, sentence, opens, closes, signs, first))
                first = ""
    return found
