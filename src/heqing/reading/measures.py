"""The tree of measures (举措): headings and lead sentences, with what each of them names.

A heading has a line of its own, or lead sentences below it, or nothing above it (level 1); a lead sentence runs into
its paragraph below a heading (level 2). Which marks a document uses, and which stand above which, is told from the
whole document; the marks are data, table ``heading_marks``. It reads no numbers. Look next at
`heqing.reading.duties`, then at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from heqing.reading.clauses import Line
from heqing.reading.duties import Duties, tell_duties
from heqing.reading.facts import is_title
from heqing.reading.lexicon import patterns, words
from heqing.reading.statements import find_statements

# Longest titles [characters]: of a marked line, of a lead sentence without mark, of one clause taken for its item.
_LONGEST_TITLE = 60
_LONGEST_LEAD = 24
_LONGEST_WHOLE_ITEM = 26
_LONGEST_LINE = 45
# A lead sentence stands before at least this much text; a paragraph is at least so long [characters].
_BODY = 20
_SHORTEST_LEAD = 4
_BALANCED = 10
_NEWS_LEAD = 10
_NEWS_LEADS = 3
# Inside a paragraph leads are of one size, before a sentence of this length, and not fewer than one in so many.
_INNER_LEAD = re.compile(r"[^，；：\d]{4,12}。")
_INNER_BODY = 15
_INNER_SENTENCES = 6
# Leads that part a paragraph: how many at least, how long the sentence after each is, how far their sizes differ, and
# one in how many sentences.
_FEWEST_PARTS, _INNER_PART, _INNER_SPREAD, _PART_SENTENCES = 3, 35, 4, 8
# The text after a numbered title on its line introduces the paragraphs below it when it is no longer than this.
_INTRODUCTION = 160
_PARAGRAPH = 40

_NUMERAL = r"(?:二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_ITEM = re.compile(
    rf"(?:^|(?<=[。：；，”！]))(?:(?P<n>{_NUMERAL})(?P<w>是|要|则)(?![一二三四五六七八九十]|不(?!断))|(?P<o>第{_NUMERAL}|首先|其次|再次|再者|最后)(?=[，、：]))"
)
_REVIEWING = re.compile(
    r"\s*(?P<t>(?P<when>这五年|这一年|[一五]年来|过去[一五]年)，(?!我们)[^，。；：\d]{4,16}(?:，[^，。；：\d]{4,16})?)。(?=.{40})"
)
# A number in the middle of a line: （1） or ①.
_COUNT = re.compile(r"(?:^|(?<=[。；：，]))(?:（(?P<n>\d{1,2})）|(?P<c>[①-⑳]))")
_MUST = re.compile(r"要(?:(?<=[。！”]要)|(?<!.要))(?P<t>[^，。；、：]{4,20})(?=。.{8})")
_SIDE = re.compile(
    rf"^(?P<t>[“”一-龥]{{2,12}}方面)[，：](?={_NUMERAL}[要是])|^(?P<q>“[^”]{{2,10}}”[账篇卷])(?=。.{{20}})"
)
_SIDES = re.compile(r"[。；](?P<t>(?![在这从])[一-龥“”]{2,18}方面)，(?!一[是要])")
_FEWEST_SIDES = 3
_AMOUNT = re.compile(r"\d+(?:\.\d+)?%|[xX*×]+[个家条公里%]|[*×]{2}|\d(?:\.\d+)?[万亿]|\d+(?:个百分点|微克|公里|吨)")
_SPAN = re.compile(r"(?:这五年|这一年|[一两五]年来|过去[一五]年)，.{8,}(?<!工作)(?<!方面)。$|这是.{6,}的[一五]年。$")
_SPEAKER = re.compile(r"(?:强调|指出|要求|表示|部署|说|认为)[，：]?$")
_NO_HEADING = re.compile(
    r"^(?:来源|时间|发布|作者|记者|编辑|索引|附件|相关|责任|联系|电话|抄送|主送|印发|签发|关于|注|表\d|图\d|（|\d|《)|[：，；、]$"
    r"|[局委府办]$|^.{2,20}20\d\d年\d|20\d\d年\d{1,2}月|会议上$|[一-龥]{2,4}(?:摄|报道)$|[|｜>\t]"
)
_OPENED = re.compile(r"^(?:各位|同志们|尊敬的|女士们|各.{1,30}[：:]$).{0,40}$|.{28,}[。：]$")


@dataclass(frozen=True)
class Heading:
    """A measure with clean offsets; `number` is its mark as written, `parent` the start of the measure above it."""

    level: int
    start: int
    end: int
    title: str
    who: tuple[str, ...] = ()
    number: str = ""
    parent: int | None = None
    deadline: str | None = None
    people: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()


@dataclass
class _Node:
    """A heading under way: its kind and rank among marks, whether it has a line of its own, whether it ends with it."""

    kind: str
    rank: float
    start: int
    end: int
    number: str
    alone: bool
    line: int
    closed: bool = False
    light: bool = False  # raises nothing above it to a heading
    above: _Node | None = None
    below: list[_Node] = field(default_factory=list)
    level: int = 0


def find_headings(
    lines: list[Line],
    results: set[int] | None = None,
    *,
    news: bool = False,
    title: str | None = None,
    blanks: Callable[[int, int], list[int]] | None = None,
) -> list[Heading]:
    r"""Find headings and lead sentences.

    Parameters
    ----------
    lines : list of Line
        All clean lines; noise is passed over.
    results : set of int, optional
        Numbers of lines that report results: an enumeration inside such a line is no measure.
    news : bool, default False
        The document is a report of a meeting or an event: a short first sentence of a paragraph is no lead there.
    title : str, optional
        The document's title, which is no measure.
    blanks : callable, optional
        Gives the places between two clean offsets where the received text has a blank that cleaning took: a title
        whose full stop was lost may end there.

    Returns
    -------
    list of Heading
        In order of place.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> found = find_headings(split_lines("一、治气\n一是压减扬尘。做好洒水，严查车辆。"))
    >>> [(h.level, h.number, h.title) for h in found]
    [(1, '一、', '一、治气'), (2, '一是', '一是压减扬尘')]
    """
    kept = [line for line in lines if not line.noise and not is_title(line, title)]
    frame = _Frame(kept, results or set(), news, bool(title), blanks or (lambda _start, _end: []))
    nodes = frame.nodes()
    _hang(nodes)
    nodes = [n for n in nodes if n.kind != "inner" or not _is_third(n)]
    _set_levels(nodes, news)
    return _with_duties(nodes, kept)


@dataclass(frozen=True)
class _Opening:
    kind: str
    rank: int
    end: int


@cache
def _marks() -> tuple[re.Pattern[str], dict[str, tuple[str, int]]]:
    rows = patterns("heading_marks")
    whole = "|".join(f"(?P<m{i}>{p.pattern})" for i, (p, _) in enumerate(rows))
    return re.compile(rf"\s*(?:{whole})"), {f"m{i}": (str(r["kind"]), int(r["rank"])) for i, (_, r) in enumerate(rows)}


@cache
def _inner_marks() -> re.Pattern[str]:
    """Give the marks that may stand in the middle of a paragraph whose line ends were lost."""
    rows = [p.pattern for p, r in patterns("heading_marks") if r["kind"] in ("chapter", "section")]
    return re.compile(rf"[。！；”）](?P<mark>{'|'.join(rows)})")


@cache
def _no_lead() -> re.Pattern[str]:
    return re.compile("|".join(p.pattern for p, _ in patterns("not_leads")))


@cache
def _no_list() -> re.Pattern[str]:
    return re.compile("|".join(p.pattern for p, _ in patterns("not_lists")))


def _opening(text: str) -> _Opening | None:
    pattern, kinds = _marks()
    m = pattern.match(text)
    if m is None or m.lastgroup is None:
        return None
    kind, rank = kinds[m.lastgroup]
    return _Opening(kind, rank, m.end())


class _Frame:
    """The lines of a document and what they tell together of its structure."""

    def __init__(
        self, kept: list[Line], results: set[int], news: bool, titled: bool, blanks: Callable[[int, int], list[int]]
    ) -> None:
        self.kept, self.results, self.news, self.blanks = kept, results, news, blanks
        self.openings = [_opening(line.text) for line in kept]
        self.numbered = any(o and o.kind in ("part", "chapter", "section", "number") for o in self.openings)
        self.body_from = (
            next((i for i, line in enumerate(kept) if self.openings[i] or _OPENED.search(line.text.strip())), len(kept))
            if titled
            else -1
        )
        self.sentences = [
            said
            for i, line in enumerate(kept)
            if not self.openings[i]
            and len(said := line.text.strip()) <= _LONGEST_LINE
            and said.endswith("。")
            and len(self._next(i)) > 2 * len(said)
        ]
        self.leads = {i: m for i in range(len(kept)) if (m := self._candidate(i)) is not None}

    def nodes(self) -> list[_Node]:
        """Find all candidates in order of place."""
        found: list[_Node] = []
        for i, line in enumerate(self.kept):
            opened = self.openings[i]
            own: list[_Node] = []
            if opened is not None:
                own += self._marked(i, line, opened)
            elif side := _SIDE.match(line.text):
                name = "t" if side["t"] else "q"
                own.append(_Node("side", 5, line.start, line.start + side.end(name), "", False, i, True))
            else:
                own += self._alone(i, line)
                if not own and not (
                    found and found[-1].kind == "line" and found[-1].line == i - 1 and self._stopped(i - 1)
                ):
                    own += self._lead(i, line)
            if not own:
                own += self._reviewing(i, line)
            own += self._glued(i, line)
            own += self._items(i, line) + self._counted(i, line)
            own += self._musts(i, line) + self._sides(i, line)
            if own and not own[0].alone and own[0].kind in ("chapter", "section", "dash", "lead", "是"):
                own += self._inner_leads(i, line, own[0].end - line.start)
            own.sort(key=lambda node: node.start)
            found += [node for n, node in enumerate(own) if n == 0 or node.start != own[n - 1].start]
        return found

    def _stopped(self, i: int) -> bool:
        """Say whether a line is a sentence: then it is the lead of the paragraph below it, which has no other."""
        return self.kept[i].text.rstrip().endswith("。")

    def _next(self, i: int) -> str:
        return self.kept[i + 1].text.strip() if i + 1 < len(self.kept) else ""

    def _marked(self, i: int, line: Line, opened: _Opening) -> list[_Node]:
        """Take a numbered line up to its first full stop; a whole paragraph or a sentence with amounts is no title."""
        end, alone = self._title_end(line.text, opened.end, line.start)
        said = line.text[opened.end : end].strip()
        low = opened.rank >= 5
        if not said or len(said) > (_LONGEST_TITLE if not low else _LONGEST_TITLE // 2) or _AMOUNT.search(said):
            return []
        if alone and low:
            following = self.openings[i + 1] if i + 1 < len(self.kept) else None
            if (
                said.endswith(("；", "。", "，"))
                or (following is not None and following.rank >= opened.rank)
                or not self._next(i)
            ):
                return []
        if said.endswith(("；", "，")):
            return []
        start = line.start + len(line.text) - len(line.text.lstrip())
        number = line.text[: opened.end].strip()
        closed = not alone and len(line.text) - end > _INTRODUCTION
        return [_Node(opened.kind, opened.rank, start, line.start + end, number, alone, i, closed)]

    def _title_end(self, text: str, after: int, start: int) -> tuple[int, bool]:
        """Say where the title of a numbered line ends, and whether it is the whole line."""
        size = len(text.rstrip())
        stop = re.search(r"[。！？](?!”|$)", text[after:size])
        end = after + stop.start() if stop else size
        colon = re.match(r"[^，。：；]{2,14}(?=：.{12})", text[after:size])
        if colon and (stop is None or end - after > _LONGEST_LEAD):
            return after + colon.end(), False
        for place in self.blanks(start + after + 3, start + min(end, after + _LONGEST_TITLE)):
            cut = place - start
            between = text[cut - 1] + text[cut]
            prose = "。" in text[cut:size] or size - cut >= _PARAGRAPH
            if size - cut >= _BODY // 2 and prose and not re.search(r"[，。；：、（）“”]", between):
                return cut, False
        return end, stop is None

    def _alone(self, i: int, line: Line) -> list[_Node]:
        """Take a short line of its own before a paragraph as a heading without mark."""
        text = line.text.strip()
        after = self._next(i)
        longest = _LONGEST_TITLE if _SPAN.match(text) else _LONGEST_LINE
        if i <= self.body_from or not 4 <= len(text) <= longest or _NO_HEADING.search(text) or _AMOUNT.search(text):
            return []
        if len(after) < _PARAGRAPH and not (self.openings[i + 1] if i + 1 < len(self.kept) else None):
            return []
        if _SPEAKER.search(text) or _ITEM.match(text) or text.endswith(("！", "？")) or text.count("。") > 1:
            return []
        if text.endswith("。"):
            if not self._among_alike(text):
                return []
        elif re.search(r"。", text) or len(text) > 36 or re.match(r"(?:各位|同志)", text):
            return []
        start = line.start + len(line.text) - len(line.text.lstrip())
        alone = not text.endswith("。") or "，" in text  # a short sentence on its line is the lead of what follows
        return [_Node("line", 3.5, start, start + len(text), "", alone, i)]

    def _among_alike(self, text: str) -> bool:
        """Say whether a sentence on a line of its own opens a stretch of the document as others do."""
        if _SPAN.match(text):
            return True
        alike = [said for said in self.sentences if ("，" in said) == ("，" in text)]
        opened = sum(said[:2] == text[:2] and said[-4:] == text[-4:] for said in alike)
        return len(alike) >= 2 and (opened >= 3 or not _no_lead().search(text[:-1]))

    def _lead(self, i: int, line: Line) -> list[_Node]:
        """Take the short first sentence of a paragraph as its lead; in news only where several are of one size."""
        m = self.leads.get(i)
        if m is None:
            return []
        size = len(m["t"])
        if self.news or size < _SHORTEST_LEAD:
            alike = sum(abs(len(other["t"]) - size) <= 1 for other in self.leads.values())
            if size > _NEWS_LEAD or alike < _NEWS_LEADS:
                return []
        return [_Node("lead", 9, line.start + m.start("t"), line.start + m.end("t"), "", False, i)]

    def _candidate(self, i: int) -> re.Match[str] | None:
        text = self.kept[i].text
        m = re.match(r"\s*(?P<t>[^。！？；：]{3,30})。(?=.)", text)
        if m is None or self.openings[i] or len(text) - m.end() < _BODY or _ITEM.match(text) or _SIDE.match(text):
            return None
        return m if self._leads(i, m["t"]) else None

    def _leads(self, i: int, said: str) -> bool:
        if (
            _no_lead().search(said)
            or _AMOUNT.search(said)
            or re.match(r"[要也还将]|更(?![大高好加])", said)
            or (said.endswith(("了", "吗")) and len(said) < 6)
        ):
            return False
        if re.search(r"\d", re.sub(r"\d+(?:大|件|项)", "", said)):
            return False
        if "，" not in said:
            return len(said) <= _LONGEST_LEAD and not re.search(r"(?<![于凡还])是(?!非)", said.replace("实事求是", ""))
        first, _, second = said.partition("，")
        if "，" in second or not (
            4 <= len(first) <= 12 and 4 <= len(second) <= 12 and abs(len(first) - len(second)) <= 4
        ):
            return False
        if re.match(words("lead_verbs"), first) and len(second) <= _BALANCED and abs(len(first) - len(second)) <= 2:
            return True
        near = self.kept[max(0, i - 4) : i + 5]
        return sum(bool(re.match(r"[^，。]{4,12}，[^，。]{4,12}。.{40}", line.text)) for line in near) >= 3

    def _reviewing(self, i: int, line: Line) -> list[_Node]:
        """Take 这五年，甲步伐加快，乙持续增强 as the lead of its paragraph, where another begins so."""
        m = _REVIEWING.match(line.text)
        alike = m and sum(bool(o and o["when"] == m["when"]) for o in (_REVIEWING.match(x.text) for x in self.kept))
        if m is None or not alike or alike < 2:
            return []
        return [_Node("lead", 9, line.start + m.start("t"), line.start + m.end("t"), "", False, i)]

    def _glued(self, i: int, line: Line) -> list[_Node]:
        """Find 一、 and （一） in the middle of a line whose breaks were lost, where their numbers follow on."""
        found = []
        for m in _inner_marks().finditer(line.text):
            rest = line.text[m.start("mark") :]
            opened = _opening(rest)
            if opened is None:
                continue
            start = line.start + m.start("mark")
            end, _ = self._title_end(rest, opened.end, start)
            said = rest[opened.end : end]
            if 2 <= len(said) <= _LONGEST_LEAD + 16 and not _AMOUNT.search(said) and not re.search(r"[；]", said):
                alone = m.start("mark") + end == len(line.text.rstrip()) and bool(self._next(i))
                found.append(_Node(opened.kind, opened.rank, start, start + end, m["mark"], alone, i))
        sure = len(found) > 1 or (found and (self.openings[i] is not None or found[0].alone))
        return found if sure else []

    def _items(self, i: int, line: Line) -> list[_Node]:
        """Find 一是 …, 二要 …, 第一， … of a line, list by list."""
        text = line.text
        found: list[_Node] = []
        group: list[re.Match[str]] = []
        for m in _ITEM.finditer(text):
            if group and (_ordinal(m) <= _ordinal(group[-1]) or bool(m["o"]) != bool(group[-1]["o"])):
                found += self._list(i, line, group)
                group = []
            group.append(m)
        return found + (self._list(i, line, group) if group else [])

    def _list(self, i: int, line: Line, group: list[re.Match[str]]) -> list[_Node]:
        text = line.text
        opens = group[0].start() == 0
        if len(group) == 1 and not opens:
            return []
        before = re.split(r"[。！]", text[: group[0].start()].rstrip("。"))[-1]
        if not opens and (line.number in self.results or _no_list().search(before)):
            return []
        ends = [m.start() for m in group[1:]] + [len(text)]
        parts = [text[m.start() : end] for m, end in zip(group, ends, strict=True)]
        told = [bool(re.search(r"[。！].{6}", part)) for part in parts]
        grown = opens or sum(told) * 2 >= len(group)
        light = not grown and self.numbered
        kind, found = ("first" if group[0]["o"] else group[0]["w"]), []
        for m, part, more in zip(group, parts, told, strict=True):
            size = _title_of_item(part, m.end() - m.start(), more=more, whole=grown)
            start = line.start + m.start()
            found.append(_Node(kind, 6, start, start + size, m[0], False, i, True, light))
        return found

    def _counted(self, i: int, line: Line) -> list[_Node]:
        """Find （1） …（2） … or ① … ② … in the middle of a line, counted from one."""
        found = list(_COUNT.finditer(line.text))
        if line.number in self.results or len(found) < 2 or found[0].start() == 0:
            return []
        if [_count(m) for m in found] != list(range(1, len(found) + 1)):
            return []
        ends = [m.start() for m in found[1:]] + [len(line.text)]
        nodes = []
        for m, end in zip(found, ends, strict=True):
            size = _title_of_item(line.text[m.start() : end], len(m[0]) - 1, more=False, whole=True)
            start = line.start + m.start()
            nodes.append(_Node("count", 7, start, start + size, m[0], False, i, True, light=True))
        return nodes

    def _sides(self, i: int, line: Line) -> list[_Node]:
        """Find the sides of one matter in a paragraph, three or more: 水环境方面 and what follows it."""
        found = list(_SIDES.finditer(line.text))
        if len(found) < _FEWEST_SIDES:
            return []
        return [_Node("must", 9, line.start + m.start("t"), line.start + m.end("t"), "", False, i, True) for m in found]

    def _musts(self, i: int, line: Line) -> list[_Node]:
        """Find short sentences that begin with 要, each followed by what is to be done for it."""
        found = list(_MUST.finditer(line.text))
        if len(found) < 2:
            return []
        return [_Node("must", 9, line.start + m.start(), line.start + m.end(), "要", False, i) for m in found]

    def _inner_leads(self, i: int, line: Line, after: int) -> list[_Node]:
        """Find lead sentences of one size inside a titled paragraph, as of one build."""
        said = [m for m in re.finditer(r"[^。！？]+[。！？]?", line.text) if m.start() >= after]
        found = [
            m
            for m, follows in pairwise(said)
            if _INNER_LEAD.fullmatch(m[0])
            and len(follows[0]) >= _INNER_BODY
            and not (_ITEM.match(m[0]) or _no_lead().search(m[0][:-1]) or m[0][0] in "要也还将更")
        ]
        below = self.leads.get(i + 1)  # a paragraph under the same title has its lead: so has this one
        pushed = found[:1] if found and found[0].start() <= after + 1 and below and "，" not in below["t"] else []
        of_one_size = [[m for m in found if 0 <= len(o[0]) - len(m[0]) <= 1] for o in found]
        alike = max(of_one_size, key=len, default=[])
        if len(alike) < 2 or len(alike) * _INNER_SENTENCES < len(said):
            alike = self._parts(said, found) or pushed
        return [
            _Node("inner", 10, line.start + m.start(), line.start + m.end() - 1, "", False, i, light=True)
            for m in alike
        ]

    def _parts(self, said: list[re.Match[str]], found: list[re.Match[str]]) -> list[re.Match[str]]:
        """Give leads that part a paragraph: the first opens it or follows its introduction; none is a result."""
        told = {m.start() for m, follows in pairwise(said) if len(follows[0]) >= _INNER_PART}
        leads: list[re.Match[str]] = []
        for m in found:
            near = leads and m.start() - leads[-1].end() < _INNER_PART
            if m.start() in told and not near and not find_statements(m[0][:-1]):
                leads.append(m)
        if len(leads) < _FEWEST_PARTS or leads[0] not in said[:2]:
            return []
        sizes = [len(m[0]) for m in leads]
        return leads if max(sizes) - min(sizes) <= _INNER_SPREAD and len(leads) * _PART_SENTENCES >= len(said) else []


def _count(m: re.Match[str]) -> int:
    return int(m["n"]) if m["n"] else ord(m["c"]) - ord("①") + 1


_ORDINALS = {"首先": 1, "其次": 2, "再次": 3, "再者": 3, "最后": 99}
_DIGITS = "一二三四五六七八九"


def _ordinal(m: re.Match[str]) -> int:
    said = m["n"] or m["o"].removeprefix("第")
    if said in _ORDINALS:
        return _ORDINALS[said]
    tens, ten, ones = said.rpartition("十")
    return (10 * (_DIGITS.find(tens) + 1 if tens else 1) if ten else 0) + (_DIGITS.find(ones) + 1 if ones else 0)


def _title_of_item(part: str, mark: int, *, more: bool, whole: bool) -> int:
    """Say how long the title of a list item is: its first sentence when others follow, else its first clause.

    In a list whose other items have sentences of their own (`whole`) a short single sentence is the title.
    """
    stop = re.search(r"[。；：]|$", part)
    size = stop.start() if stop else len(part)
    if lost := re.search(r"[，、]?.[？！]{2}", part[:size]):  # bytes were lost there
        size = lost.start()
    if (more and size <= _LONGEST_TITLE) or (whole and size <= _LONGEST_WHOLE_ITEM):
        return size
    comma = re.search(r"[，。；：！？]", part[mark + 1 :])
    return mark + 1 + comma.start() if comma else size


def _hang(nodes: list[_Node]) -> None:
    """Hang each node on the last one before it that ranks higher."""
    stack: list[_Node] = []
    for node in nodes:
        if node.kind == "line" and any(n.kind == "section" for n in stack):
            node.rank = 5
        while stack and (stack[-1].rank >= node.rank or (stack[-1].closed and stack[-1].line != node.line)):
            stack.pop()
        node.above = stack[-1] if stack else None
        if node.above is not None:
            node.above.below.append(node)
        stack.append(node)


def _is_third(node: _Node) -> bool:
    """Say whether an inner lead stands below a lead or a list item that stands below something itself."""
    return node.above is not None and node.above.kind in ("lead", "是") and node.above.above is not None


def _set_levels(nodes: list[_Node], news: bool) -> None:
    """Tell headings (1) from lead sentences (2); a lead with nothing above it is as high as the titles beside it."""
    alone = any(n.alone for n in nodes)
    raised = {id(n.above) for n in nodes if n.above is not None and not n.light}
    marked = any(n.number for n in nodes)
    for node in nodes:
        lowest = node.kind in ("must", "inner", "count") or (
            node.kind in ("是", "要", "first") and not news and id(node) not in raised
        )
        if node.alone:
            node.level = 1
        elif node.kind == "lead":
            node.level = 1 if node.above is None and not alone and (news or marked) else 2
        elif lowest:
            node.level = 2
        else:
            node.level = 1 if id(node) in raised or node.above is None else 2
    for node in nodes:
        if node.level == 2 and node.kind in ("是", "要", "section") and node.above is not None:
            alike = [n for n in node.above.below if n.kind == node.kind]
            high = sum(id(n) in raised for n in alike)
            if high and (node.kind != "section" or high * 2 > len(alike)):
                node.level = 1


def _with_duties(nodes: list[_Node], kept: list[Line]) -> list[Heading]:
    found = []
    for i, node in enumerate(nodes):
        until = nodes[i + 1].start if i + 1 < len(nodes) else kept[-1].end
        stretch = "".join(
            line.text[max(0, node.end - line.start) : max(0, until - line.start)]
            for line in kept[node.line : (nodes[i + 1].line + 1 if i + 1 < len(nodes) else node.line + 4)]
        )
        duties: Duties = tell_duties(stretch.lstrip("。：")[:1500])
        line = kept[node.line]
        found.append(
            Heading(
                node.level, node.start, node.end, line.text[node.start - line.start : node.end - line.start],
                duties.offices, node.number, node.above.start if node.above else None,
                duties.deadline, duties.people, duties.instruments,
            )
        )  # fmt: skip
    return found
