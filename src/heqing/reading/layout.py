"""Pieces of text at places on pages to lines and paragraphs (版面还原); PDF and OFD share it.

A paragraph runs on while its lines reach the right edge and the next one begins where lines begin. What repeats at the
head or foot of pages becomes lines of their own, set where no sentence is cut. It knows no file format.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

# All distances are told in heights of the letters, as they are set: these are habits of typesetting, not law.
_SAME_LINE = 0.5  # baselines nearer than this are one line
_BLANK = 0.35  # a gap that is a blank beside Chinese, where lines are stretched
_LATIN_BLANK = 0.14  # and between Latin words
_BESIDE = 0.6  # how near a piece stands to one that it continues
_OVER = 0.3  # how far pieces may overlap
COLUMN_GAP = 1.8  # a gap that parts columns
_INDENT = 1.2  # the two-character indent of a paragraph, less what rounding takes
_CENTRED = 2.6  # a line that begins farther in than a paragraph does stands alone
_SHORT = 1.6  # room that a full line may leave beside what did not fit: signs that may not begin a line take one along
_FULL_LINES = 3  # so many lines of one length tell where the edge is
_APART = 1.6  # a distance of lines this many times the usual one ends a paragraph
_OTHER_SIZE = 0.15  # share by which letters of another kind of text differ
_EDGE_LINES = 2  # how many lines at head and foot may be furniture
_COUNTER = re.compile(
    r"[\s\-—–_－·•.\u2010-\u2015]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:[\s,，/／]*(?:共|of)?\s*\d{1,4}\s*页?)?[\s\-—–_－·•.\u2010-\u2015]*",
    re.I,
)
_LIST_MARK = re.compile(
    r"[一二三四五六七八九十百]{1,4}、|[(（][一二三四五六七八九十\d]{1,4}[)）]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十百\d]{1,4}[章节条]"
)
_ENDS = re.compile(r"[。！？：；:;!?]”?$")
_UNPARTED = re.compile(r"[\x21-\x7e]+[，。、；：！？”）》]?")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…]")


@dataclass
class Piece:
    """A run of characters on one baseline; `top` of the page is 0 and `base` grows downwards, all in one unit."""

    text: str
    left: float
    right: float
    base: float
    size: float


@dataclass
class Page:
    """The pieces of a page in the order in which they are read, and its size."""

    pieces: list[Piece]
    height: float
    width: float


@dataclass
class _Line:
    text: str
    left: float
    right: float
    base: float
    size: float
    page: int
    cells: int = 1


@dataclass
class _Flow:
    """Text as it grows: finished lines, the page each began on, whether it is furniture; furniture that waits."""

    lines: list[tuple[str, int, bool]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    opened_on: int = 0
    waiting: list[tuple[str, int, bool]] = field(default_factory=list)

    def end(self) -> None:
        if self.open:
            self.lines.append(("".join(self.open), self.opened_on, False))
            self.open = []
        self.lines.extend(self.waiting)
        self.waiting = []

    def place(self, page: int) -> tuple[int, int]:
        """Give the line and the offset in it where the text of a page begins, the page's own header with it."""
        number, offset = len(self.lines), sum(map(len, self.open))
        while not offset and number and self.lines[number - 1][1:] == (page, True):
            number -= 1
        return number, offset


@dataclass(frozen=True)
class LaidOut:
    """The text of pages: one paragraph, row or furniture line a line.

    `places` are the offset at which the text of a page begins and the page's number from 1; `furniture` are the lines,
    by start and end, that repeat from page to page or only number it.
    """

    text: str
    places: tuple[tuple[int, int], ...]
    furniture: tuple[tuple[int, int], ...]


def lay_out(pages: list[Page]) -> LaidOut:
    r"""Join the pieces of pages into paragraphs.

    Parameters
    ----------
    pages : list of Page
        The document.

    Returns
    -------
    LaidOut
        The text, where its pages begin, and which of its lines are furniture.

    Examples
    --------
    >>> first, second = Piece("全市优良率达到", 10, 80, 20, 10), Piece("八成。", 10, 40, 35, 10)
    >>> lay_out([Page([first, second], 800, 100)]).text
    '全市优良率达到八成。\n'
    """
    numbered = [_lines(page, number) for number, page in enumerate(pages, start=1)]
    furniture = _furniture(numbered, [page.height for page in pages])
    body = [line for lines in numbered for line in lines if id(line) not in furniture]
    edges = _edges(body, max((page.width for page in pages), default=0.0))
    spacing = _spacing(body)
    flow = _Flow()
    before: _Line | None = None
    begins: dict[int, tuple[int, int]] = {}  # page -> line of the text, offset in it
    for lines in numbered:
        for line in lines:
            if id(line) in furniture:
                flow.waiting.append((line.text, line.page, True))
                continue
            if before is None or not _runs_on(before, line, edges, spacing):
                flow.end()
                flow.opened_on = line.page
            elif not (before.text[-1] == "\u00ad" or _CJK.match(before.text[-1]) or _CJK.match(line.text[0])):
                flow.open.append(" ")
            if line.page not in begins:
                begins[line.page] = flow.place(line.page)
            flow.open.append(line.text)
            before = line
    flow.end()
    return _told(flow.lines, begins)


def _told(lines: list[tuple[str, int, bool]], begins: dict[int, tuple[int, int]]) -> LaidOut:
    starts, at = [], 0
    for text, _, _ in lines:
        starts.append(at)
        at += len(text) + 1
    for number, (_, page, _) in enumerate(lines):  # a page of furniture alone
        begins.setdefault(page, (number, 0))
    places = sorted((starts[number] + offset, page) for page, (number, offset) in begins.items())
    furniture = [(start, start + len(text)) for start, (text, _, repeats) in zip(starts, lines, strict=True) if repeats]
    return LaidOut("".join(f"{text}\n" for text, _, _ in lines), tuple(places), tuple(furniture))


def _lines(page: Page, number: int) -> list[_Line]:
    """Put pieces that stand side by side into one line each; lines keep the order in which they were begun."""
    rows: list[list[Piece]] = []
    by_base: dict[int, list[list[Piece]]] = {}
    for piece in page.pieces:
        if not piece.text.strip():
            continue
        row = _row_of(piece, rows, by_base.get(round(piece.base), []))
        if row is None:
            row = []
            rows.append(row)
            for near in (-1, 0, 1):
                by_base.setdefault(round(piece.base) + near, []).append(row)
        elif any(piece.text == other.text and abs(piece.left - other.left) < piece.size * _BLANK for other in row):
            continue  # written twice to look bold
        row.append(piece)
    return [_joined(row, number) for row in rows]


def _row_of(piece: Piece, rows: list[list[Piece]], level: list[list[Piece]]) -> list[Piece] | None:
    """Give the line a piece belongs to: the last one, or an earlier one that it stands right beside."""
    if rows and abs(piece.base - rows[-1][0].base) <= max(piece.size, rows[-1][0].size) * _SAME_LINE:
        last = rows[-1]
        if all(piece.left >= other.right - _OVER * piece.size for other in last[-1:]) or not _covers(piece, last):
            return last
    for row in level:
        beside = any(
            abs(piece.left - other.right) < _BESIDE * piece.size or abs(other.left - piece.right) < _BESIDE * piece.size
            for other in row
        )
        if beside and not _covers(piece, row):
            return row
    return None


def _covers(piece: Piece, row: list[Piece]) -> bool:
    slack = _OVER * piece.size
    return any(
        piece.left < other.right - slack and other.left < piece.right - slack and piece.text != other.text
        for other in row
    )


def _joined(row: list[Piece], number: int) -> _Line:
    row.sort(key=lambda piece: piece.left)
    longest = max(row, key=lambda piece: len(piece.text))
    text, right, cells = row[0].text.rstrip(), row[0].right, 1
    for piece in row[1:]:
        gap = (piece.left - right) / max(piece.size, 1e-6)
        said = piece.text.rstrip()
        if gap > COLUMN_GAP:
            text, said, cells = text.rstrip() + "\t", said.lstrip(), cells + 1
        elif gap > (_BLANK if _CJK.match(said[:1]) or _CJK.match(text[-1:]) else _LATIN_BLANK) and text[-1:] != " ":
            text += " "
        text, right = text + said, max(right, piece.right)
    text = text.strip()
    return _Line(text, row[0].left, right, longest.base, longest.size, number, cells)


def _furniture(pages: list[list[_Line]], heights: list[float]) -> set[int]:
    """Find lines at head and foot that repeat from page to page, and page numbers."""
    edge: list[_Line] = []
    found: set[int] = set()
    for lines, height in zip(pages, heights, strict=True):
        order = sorted(lines, key=lambda line: line.base)
        head = [line for line in order[:_EDGE_LINES] if line.base < height * 0.15]
        foot = [line for line in order[-_EDGE_LINES:] if line.base > height * 0.85]
        edge += {id(line): line for line in head + foot}.values()
        found |= {id(line) for line in head + foot if _COUNTER.fullmatch(line.text)}
    often = Counter(_likeness(line) for line in edge)
    enough = max(2, len(pages) // 3)
    return found | {id(line) for line in edge if often[_likeness(line)] >= enough}


def _likeness(line: _Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.base / max(line.size, 1))


def _edges(body: list[_Line], width: float) -> tuple[float, float]:
    """Give where lines of the text usually begin and how far the full ones reach.

    Where too few lines reach as far to tell, the right margin is taken to be like the left.
    """
    if not body:
        return 0.0, 0.0
    weights: Counter[int] = Counter()
    for line in body:
        weights[round(line.left)] += len(line.text)
    left = float(weights.most_common(1)[0][0])
    rights = sorted(line.right for line in body if line.cells == 1) or [0.0]
    right = rights[min(len(rights) - 1, int(len(rights) * 0.9))]
    size = max(body, key=lambda line: len(line.text)).size
    if sum(abs(reached - right) < size for reached in rights) < _FULL_LINES:
        right = max(right, width - left)
    return left, right


def _spacing(body: list[_Line]) -> float:
    steps = [b.base - a.base for a, b in pairwise(body) if a.page == b.page and b.base - a.base > a.size * 0.5]
    return sorted(steps)[len(steps) // 2] if steps else 0.0


def _runs_on(before: _Line, line: _Line, edges: tuple[float, float], spacing: float) -> bool:
    """Say whether a line continues the paragraph of the one before it."""
    left, right = edges
    size = max(before.size, 1e-6)
    if before.cells > 1 or line.cells > 1 or abs(line.size - before.size) > _OTHER_SIZE * max(line.size, size):
        return False
    if before.right + (_first_word(line.text) + _SHORT) * size < right or line.left > left + _INDENT * size:
        return False
    if _ENDS.search(before.text) and _LIST_MARK.match(line.text):
        return False
    if before.left - line.left > _CENTRED * size:
        return False
    step = line.base - before.base
    return not (line.page == before.page and spacing and step > _APART * spacing)


def _first_word(text: str) -> float:
    """Give the width of what a line begins with and may not be parted: a Chinese character, a number, a Latin word."""
    latin = _UNPARTED.match(text)
    return len(latin[0]) / 2 + 1 if latin else 1.0
