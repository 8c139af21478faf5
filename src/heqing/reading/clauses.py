"""Clean text to lines, sentences and clauses, each with its place.

It knows punctuation only, no words; strengths and contexts are told in `heqing.reading.contexts`.
Look next at `heqing.reading.spans`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from heqing.reading.noise import find_noise

_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?”?")
# No sentence of a document has a longer stretch without comma; what does is broken text and is read in pieces.
_LONGEST = 300
_CLAUSE = re.compile(rf"[^，；：。！？\n\t]{{1,{_LONGEST}}}")


@dataclass(frozen=True)
class Clause:
    """A stretch between commas: clean offsets, its text, and which sentence and line of the document it is in."""

    start: int
    end: int
    text: str
    line: int
    sentence: int
    sentence_start: int
    sentence_end: int


@dataclass(frozen=True)
class Line:
    """A line of the document; `noise` says that it is page furniture."""

    number: int
    start: int
    end: int
    text: str
    noise: bool


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
    held = [(number, m) for number, m in enumerate(re.finditer(r"[^\n]+", text)) if m[0].strip()]
    noise = find_noise([m[0] for _, m in held])
    return [Line(number, m.start(), m.end(), m[0], junk) for (number, m), junk in zip(held, noise, strict=True)]


def split_clauses(lines: list[Line]) -> list[Clause]:
    """Split the lines that are no noise into clauses.

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
    >>> [c.text for c in split_clauses(split_lines("新建绿道5公里，优良率达80%。"))]
    ['新建绿道5公里', '优良率达80%']
    """
    found: list[Clause] = []
    sentence = 0
    for line in lines:
        if line.noise:
            continue
        for s in _SENTENCE.finditer(line.text):
            sentence += 1
            first, last = line.start + s.start(), line.start + s.end()
            for c in _CLAUSE.finditer(s[0]):
                said = c[0].strip(" ")
                if not said.strip("”“ "):
                    continue
                begin = first + c.start() + (len(c[0]) - len(c[0].lstrip(" ")))
                found.append(Clause(begin, begin + len(said), said, line.number, sentence, first, last))
    return found
