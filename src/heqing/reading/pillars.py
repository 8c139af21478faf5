"""Which pillar of the campaign a finding belongs to, told by the words nearest to it.

Words of the table ``pillars`` name a subject (weight 2) or are general (weight 1) and yield to a subject further off.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from heqing.reading.clauses import Line
from heqing.reading.lexicon import rows
from heqing.reading.measures import Heading

_SUBJECT, _GENERAL = 2, 1
# A line's first sentence says what the line is about when it is no longer than this.
_LEAD = re.compile(r"[^。：]{4,60}(?=[。：])")
# A rate per unit of output is about what stands after it, a share about what stands before 占, a match about its first.
_UNIT_OF = re.compile(r".*?(?:单位|万元)[^、，]{0,6}?(?:生产总值|GDP|增加值)")
_BESIDE = re.compile(r"占(?!比)|(?:与|和)(?=[^、，]{2,8}(?:基本)?同步)|快于|高于|超过(?=[一-龥])")


class _Hit(NamedTuple):
    weight: int
    start: int
    end: int
    pillar: str


@cache
def _seeker() -> tuple[AhoCorasick, tuple[tuple[int, str], ...]]:
    found = {str(r["word"]).upper(): (int(r["weight"]), str(r["pillar"])) for r in rows("pillars")}
    seeker = AhoCorasick(found, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return seeker, tuple(found.values())


@lru_cache(maxsize=1024)
def _hits(text: str) -> tuple[_Hit, ...]:
    seeker, known = _seeker()
    try:
        found = seeker.find_matches_as_indexes(text.upper())
    except UnicodeEncodeError:  # half a character pair
        found = seeker.find_matches_as_indexes(text.upper().encode("utf-8", "replace").decode())
    return tuple(_Hit(known[which][0], start, end, known[which][1]) for which, start, end in found)


def _of_name(text: str, weight: int) -> str | None:
    """Tell by a name: its last word, for that is what is counted; what it is compared with does not count."""
    hits = [h for h in _hits(text) if h.weight == weight] if text else []
    if len(hits) > 1:
        per, beside = _UNIT_OF.match(text), _BESIDE.search(text)
        first, last = per.end() if per else 0, beside.start() if beside else len(text)
        hits = [h for h in hits if first <= h.start and h.end <= last] or hits
    return hits[-1].pillar if hits else None


def _before(text: str, place: int, weight: int) -> str | None:
    """Tell by the word nearest before a place."""
    return next((h.pillar for h in reversed(_hits(text)) if h.weight == weight and h.start <= place), None)


def _anywhere(text: str, place: int, weight: int) -> str | None:
    """Tell by the word nearest before a place, else by the first after it."""
    return _before(text, place, weight) or next((h.pillar for h in _hits(text) if h.weight == weight), None)


class Surroundings:
    """What a document says above a place: the lead of its line, the measures it hangs on, the title.

    Parameters
    ----------
    lines : list of Line
        All clean lines.
    headings : list of Heading
        In order of place.
    title : str or None
        The document's title.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> lines = split_lines("治水要见效。新建主管5公里，整治小区8个。")
    >>> Surroundings(lines, [], "治水方案").above(0, 20)
    ('治水要见效', '', '')
    """

    def __init__(self, lines: list[Line], headings: list[Heading], title: str | None) -> None:
        self.title = title or ""
        self._leads = {line.number: lead[0] for line in lines if (lead := _LEAD.match(line.text))}
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
        return (self._leads.get(line, ""), *(self._titles[place] if place >= 0 else ("", "")))


def tell_pillar(
    name: str | None,
    clause: str = "",
    place: int = 0,
    near: tuple[str, int] = ("", 0),
    above: tuple[str, ...] = (),
    title: str = "",
) -> str:
    """Tell the pillar of a finding by the words nearest to it.

    Parameters
    ----------
    name : str or None
        The indicator.
    clause : str
        Its clause.
    place : int
        Where the finding stands in the clause; words before it come first.
    near : tuple of (str, int)
        What stands round it in its sentence, and its place there.
    above : tuple of str
        The lead of its line and the measures it hangs on, the nearest first.
    title : str
        The document's title, asked last.

    Returns
    -------
    str
        One of the pillars; ``other`` when no word tells.

    Examples
    --------
    >>> tell_pillar("PM2.5平均浓度")
    'air'
    >>> tell_pillar("单位地区生产总值能耗降幅"), tell_pillar("高新技术产业增加值占规上工业比重")
    ('energy', 'innovation')
    >>> tell_pillar("改造企业", "改造企业5家", 4, ("扩建污水处理厂，改造企业5家", 11))
    'water'
    """
    return (
        _of_name(name or "", _SUBJECT)
        or _anywhere(clause, place, _SUBJECT)
        or _before(near[0], near[1], _SUBJECT)
        or _of_name(name or "", _GENERAL)
        or next((told for text in above if (told := _of_name(text, _SUBJECT))), None)
        or _anywhere(near[0], near[1], _SUBJECT)
        or _anywhere(clause, place, _GENERAL)
        or _anywhere(near[0], near[1], _GENERAL)
        or _of_name(above[0] if above else "", _GENERAL)
        or _of_name(title, _SUBJECT)
        or "other"
    )
