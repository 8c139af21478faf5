"""The tree of measures (举措): headings and lead sentences, with the offices named for each.

Levels are two: headings, and the leads below them. It reads no numbers. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from heqing.reading.clauses import Line

_CHAPTER = re.compile(r"^[一二三四五六七八九十]+、")
_SECTION = re.compile(r"^（[一二三四五六七八九十]+）")
_DASH = re.compile(r"^——")
_ITEM = re.compile(r"(?:(?<=^)|(?<=[。：；，”]))(?P<n>[一二三四五六七八九十])(?P<w>是|要)(?=[^一二三])")
_MUST = re.compile(r"(?<=。)要(?P<t>[^，。；、：]{4,20})(?=。)")
_SPEAKER = re.compile(r"(?:强调|要求|指出|部署)[，：]?$")
_SIDE = re.compile(r"^(?P<t>[“”一-龥]{2,8}方面)，(?=[一二]要)")
_LEAD = re.compile(r"^(?P<t>[^，。；：\d]{4,24})。(?=.)")
_INNER_LEAD = re.compile(r"(?<=。)(?P<t>[^，。；：、\d“”]{8,10})。(?=.{20})")
_WHO = re.compile(
    r"(?:压实|由)?(?P<w>(?:各级各部门|各部门|各级河长|各级[一-龥]{1,4}|[市区县省][一-龥]{2,14}?(?:领导小组|局|委|办公室|指挥部|专班)))(?=要|充分|牵头|负责|责任|各司)"
)


@dataclass(frozen=True)
class Heading:
    """A measure with clean offsets; `who` are the offices named in its stretch."""

    level: int
    start: int
    end: int
    title: str
    who: tuple[str, ...] = ()


def find_headings(lines: list[Line], results: set[int] | None = None) -> list[Heading]:
    r"""Find headings and lead sentences.

    Parameters
    ----------
    lines : list of Line
        All clean lines; noise is passed over.
    results : set of int, optional
        Numbers of lines that report results: an enumeration inside such a line is no measure.

    Returns
    -------
    list of Heading
        In order of place.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> [(h.level, h.title) for h in find_headings(split_lines("一、治气\n一是压减扬尘。做好洒水。"))]
    [(1, '一、治气'), (2, '一是压减扬尘')]
    """
    kept = [line for line in lines if not line.noise]
    results = results or set()
    has_chapter = any(_CHAPTER.match(line.text) for line in kept)
    has_section = any(_SECTION.match(line.text) for line in kept)
    has_dash = any(_DASH.match(line.text) for line in kept)
    found: list[Heading] = []
    under = False
    for line in kept:
        text = line.text
        item_level = 2 if under else 1
        if _CHAPTER.match(text):
            under, item_level = True, 2
            found.extend(_to_stop(line, 1))
        elif _SECTION.match(text):
            under, item_level = True, 2
            found.extend(_to_stop(line, 2 if has_chapter else 1))
            if not has_chapter:
                found.extend(_at(line, m, 2) for m in _INNER_LEAD.finditer(text))
        elif _DASH.match(text) and not re.match(r"^——20\d\d年", text):
            found.extend(_to_stop(line, 1))
        elif (
            _SPEAKER.search(text) or text.endswith("：") or re.search(r"(?:强调|要求)[^。]{0,12}(?:方面|工作)。$", text)
        ):
            under = False
        if side := _SIDE.match(text):
            found.append(_at(line, side, 1))
            item_level = 2
        found.extend(_items(line, item_level, results))
        if (lead := _LEAD.match(text)) and not (
            _CHAPTER.match(text) or _SECTION.match(text) or _DASH.match(text) or _ITEM.match(text)
        ):
            level = 1 if has_dash and not (has_chapter or has_section) else 2
            if not re.search(r"各位|同志|代表|下面", lead["t"]) and not re.match(r"^(?:要|会议)", lead["t"]):
                found.append(_at(line, lead, level))
        if not has_dash:
            found.extend(_musts(line))
    found.sort(key=lambda h: h.start)
    return _with_offices(found, kept)


def _to_stop(line: Line, level: int) -> list[Heading]:
    """Take a numbered line up to its first full stop; a whole paragraph or a sentence with numbers is no heading."""
    stop = line.text.find("。")
    end = len(line.text) if stop < 0 else stop
    title = line.text[:end]
    if len(title) > 60 or re.search(r"\d+(?:\.\d+)?%|[xX*×]+[个家条公里%]|[*×]{2}", title):
        return []
    return [Heading(level, line.start, line.start + end, title)]


def _at(line: Line, m: re.Match[str], level: int) -> Heading:
    return Heading(level, line.start + m.start("t"), line.start + m.end("t"), m["t"])


def _items(line: Line, level: int, results: set[int]) -> list[Heading]:
    """Find 一是…, 二要… of a line; the title ends at the first full stop when short, else at the first comma."""
    found: list[Heading] = []
    for m in _ITEM.finditer(line.text):
        if m.start() > 0 and line.number in results:
            continue
        rest = line.text[m.start() :]
        stop = re.search(r"[。；：]|$", rest)
        end = stop.start() if stop else len(rest)
        if end > 26:
            comma = re.search(r"[，。；：]", rest)
            end = comma.start() if comma else end
        own = level
        before = line.text[: m.start()]
        if (m["w"] == "要" and _SPEAKER.search(re.split(r"[。]", before)[-1].rstrip("，"))) or (
            own == 2 and _SPEAKER.search(before)
        ):
            own = 1
        elif m["w"] == "要" and found:
            own = found[0].level
        start = line.start + m.start()
        found.append(Heading(own, start, start + end, rest[:end]))
    return found


def _musts(line: Line) -> list[Heading]:
    """Find short sentences that begin with 要 under a speaker's list."""
    return [Heading(2, line.start + m.start(), line.start + m.end(), "要" + m["t"]) for m in _MUST.finditer(line.text)]


def _with_offices(found: list[Heading], kept: list[Line]) -> list[Heading]:
    out = []
    for i, heading in enumerate(found):
        until = found[i + 1].start if i + 1 < len(found) else heading.end + 400
        stretch = "".join(
            line.text[max(0, heading.end - line.start) : max(0, until - line.start)]
            for line in kept
            if line.end > heading.end and line.start < until
        )
        who = tuple(dict.fromkeys(m["w"] for m in _WHO.finditer(stretch))) if heading.level == 2 else ()
        out.append(Heading(heading.level, heading.start, heading.end, heading.title, who))
    return out
