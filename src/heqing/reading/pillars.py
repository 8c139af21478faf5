"""Which pillar of the campaign a finding belongs to, told by the words nearest to it.

Words of the table ``pillars`` name a subject (weight 2) or are general (weight 1) and yield to a subject further off.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, lru_cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from heqing.reading.clauses import Clause, Line
from heqing.reading.lexicon import rows
from heqing.reading.measures import Heading

# The weight of words that name a subject; general ones weigh less.
_SUBJECT = 2
# A line's first sentence says what the line is about when it is no longer than this.
_LEAD = re.compile(r"[^。：]{4,60}(?=[。：])")
# A rate per unit of output is about what stands after it, a share about what stands before 占, a match about its first.
_UNIT_OF = re.compile(r".*?(?:单位|万元)[^、，]{0,6}?(?:生产总值|GDP|增加值)")
_BESIDE = re.compile(r"占(?!比)|(?:与|和)(?=[^、，]{2,8}(?:基本)?同步)|快于|高于|超过(?=[一-龥])")


_Hits = tuple[tuple[int, int, str], ...]


@cache
def _seeker() -> tuple[AhoCorasick, tuple[tuple[bool, str], ...]]:
    found = {str(r["word"]).upper(): (int(r["weight"]) == _SUBJECT, str(r["pillar"])) for r in rows("pillars")}
    seeker = AhoCorasick(found, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return seeker, tuple(found.values())


def _seek(text: str) -> tuple[_Hits, _Hits]:
    """Find the words of subjects and the general words of a text: start, end, pillar."""
    seeker, known = _seeker()
    upper = text.upper()
    if len(upper) != len(text):  # a letter that is two in capitals
        upper = "".join(c if len(c.upper()) != 1 else c.upper() for c in text)
    try:
        found = seeker.find_matches_as_indexes(upper)
    except UnicodeEncodeError:  # half a character pair
        found = seeker.find_matches_as_indexes(upper.encode("utf-8", "replace").decode())
    subjects: list[tuple[int, int, str]] = []
    general: list[tuple[int, int, str]] = []
    for which, start, end in found:
        is_subject, pillar = known[which]
        (subjects if is_subject else general).append((start, end, pillar))
    return tuple(subjects), tuple(general)


_seek_name = lru_cache(maxsize=1024)(_seek)


def _of_name(text: str, hits: _Hits) -> str | None:
    """Tell by a name: its last word, for that is what is counted; what it is compared with does not count."""
    if len(hits) > 1:
        per, beside = _UNIT_OF.match(text), _BESIDE.search(text)
        first, last = per.end() if per else 0, beside.start() if beside else len(text)
        return next((h[2] for h in reversed(hits) if first <= h[0] and h[1] <= last), hits[-1][2])
    return hits[0][2] if hits else None


class _Places:
    """Words of one weight in the whole text, to be asked for the nearest of a place."""

    def __init__(self, hits: _Hits) -> None:
        self._starts = [hit[0] for hit in hits]
        self._hits = hits

    def before(self, place: int, first: int) -> str | None:
        """Give the pillar of the nearest word that begins at a place or before it, not before `first`."""
        n = bisect_right(self._starts, place) - 1
        return self._hits[n][2] if n >= 0 and self._starts[n] >= first else None

    def anywhere(self, place: int, first: int, last: int) -> str | None:
        """Give the pillar of the nearest word before a place, else of the first after it, from `first` to `last`."""
        n = bisect_right(self._starts, place) - 1
        if n >= 0 and self._starts[n] >= first:
            return self._hits[n][2]
        return self._hits[n + 1][2] if n + 1 < len(self._hits) and self._hits[n + 1][1] <= last else None


class Surroundings:
    """What a document says round a place: its sentence, the lead of its line, the measures it hangs on, the title.

    Parameters
    ----------
    text : str
        The clean text.
    lines : list of Line
        All its lines.
    headings : list of Heading
        In order of place.
    title : str or None
        The document's title.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> text = "治水要见效。新建主管5公里，整治小区8个。"
    >>> Surroundings(text, split_lines(text), [], "治水方案").above(0, 20)
    ('治水要见效', '', '')
    """

    def __init__(self, text: str, lines: list[Line], headings: list[Heading], title: str | None) -> None:
        self.title = title or ""
        self.subjects, self.general = map(_Places, _seek(text))
        self._lines = {line.number: line for line in lines}
        self._starts = [heading.start for heading in headings]
        self._titles: list[tuple[str, str]] = []
        chapter = ""
        for heading in headings:
            if heading.level == 1:
                chapter = heading.title
            self._titles.append((heading.title, chapter))

    def above(self, line: int, start: int) -> tuple[str, str, str]:
        """Give lead, nearest measure and measure of the first level above a place, empty where there is none."""
        place = bisect_right(self._starts, start) - 1
        lead = _LEAD.match(self._lines[line].text) if line in self._lines else None
        return (lead[0] if lead else "", *(self._titles[place] if place >= 0 else ("", "")))


def tell_pillar(name: str | None, place: int, clause: Clause, near: tuple[int, int], surroundings: Surroundings) -> str:
    """Tell the pillar of a finding by the words nearest to it.

    Parameters
    ----------
    name : str or None
        The indicator.
    place : int
        Where the finding stands in the clean text; words before it come first.
    clause : Clause
        Its clause.
    near : tuple of int
        Where what is near it in its sentence begins and ends.
    surroundings : Surroundings
        The document.

    Returns
    -------
    str
        One of the pillars; ``other`` when no word tells.

    Examples
    --------
    >>> from heqing.reading.clauses import split_clauses, split_lines
    >>> text = "扩建污水处理厂，改造企业5家"
    >>> lines = split_lines(text)
    >>> clause = split_clauses(lines)[-1]
    >>> document = Surroundings(text, lines, [], None)
    >>> tell_pillar("改造企业", clause.start + 4, clause, (0, len(text)), document)
    'water'
    >>> tell_pillar("单位地区生产总值能耗降幅", clause.start, clause, (0, len(text)), document)
    'energy'
    """
    subjects, general = _seek_name(name) if name else ((), ())
    around = surroundings.subjects
    if (
        told := (subjects and _of_name(name or "", subjects))
        or around.anywhere(place, clause.start, clause.end)
        or around.before(place, near[0])
        or (general and _of_name(name or "", general))
    ):
        return told
    above = surroundings.above(clause.line, clause.start)
    for text in above:
        if text and (told := _of_name(text, _seek_name(text)[0])):
            return told
    further = surroundings.general
    return (
        around.anywhere(place, *near)
        or further.anywhere(place, clause.start, clause.end)
        or further.anywhere(place, *near)
        or _of_name(above[0], _seek_name(above[0])[1])
        or _of_name(surroundings.title, _seek_name(surroundings.title)[0])
        or "other"
    )
