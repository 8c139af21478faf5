"""Received text to clean text, with a map from every clean character back to its place as received.

Pinyin in brackets goes, traditional script becomes simplified, widths and blanks are evened, sentences that a page cut
into lines are joined. It judges no line: page furniture is told in `heqing.reading.noise`. It works on whole texts:
few places change length, everything between them is copied. Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
from opencc import OpenCC

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ\u0300-\u030c"
# A syllable as dictionaries write it, so that units in brackets (km, mg) are told apart.
_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|üe|ve|er|an|en|in|un|ün|ia|ua|uo"
    r"|[aeiouüv])"
)
_PINYIN_SEEN = re.compile(rf"[(（]\s?[a-zü]{{0,5}}[{_TONED}][a-zü\u0300-\u030c]{{0,5}}\s?[)）]")
# Every alternative begins with a plain sign or class, so that the search leaps from one to the next.
_PINYIN = (
    rf"(?:[ \u3000](?<=[{_HAN}][ \u3000])[(（]|[(（](?<=[{_HAN}][(（]))"
    rf"\s?(?:[a-zü]{{0,4}}[{_TONED}][a-zü\u0300-\u030c]{{0,5}}|{_SYLLABLE})\s?[)）]"
)
_BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800\u3164\ue5e5"
_UNSEEN = (
    "\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\u0300-\u036f\u20dd-\u20e3"
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
)
_TAG = (
    r"<(?i:/?(?:p|br|div|span|strong|b|i|u|em|font|a|img|tr|td|th|table|tbody|li|ul|ol|h[1-6]|o:p|sup|sub|ruby|rb"
    r"|section|center)(?:\s[^<>\n]{0,300})?/?)>"
)
_COMMENT = r"<!--[^\n]{0,300}?-->"
_READING = r"<(?i:r[tp]>[^<>\n]{0,20}</r[tp])>"  # what ruby sets above a character
_ENTITY = (
    r"&(?i:(?:amp;){0,3}(?:nbsp|ensp|emsp|thinsp|[lr][ds]quo|middot|mdash|ndash|hellip|amp|lt|gt|quot|apos|times|deg"
    r"|sup[23]|micro|permil|#\d{2,6}|#x[0-9a-f]{2,5}));"
)
# What changes the number of characters before blanks are judged.
_LOOSE = rf"[{_UNSEEN}]+|\r\n?|[\x0b\x0c\x85\u2028\u2029]|_(?<=[Mm]_)(?=\d)|{_ENTITY}|{_COMMENT}|{_READING}|{_TAG}"
_ODD = re.compile(_LOOSE)
_ODD_WITH_PINYIN = re.compile(f"{_PINYIN}|{_LOOSE}")
_BREAK_TAG = re.compile(r"</?(?:p|br|div|tr|li|ul|ol|h[1-6]|table|section)\b", re.I)
_CELL_TAG = re.compile(r"</(?:td|th)\b", re.I)
_BLANK = re.compile(f"[{_BLANKS}]+")
_CLOSE = re.compile(rf"[{_HAN}，。；：、！？“”‘’（）《》〈〉【】〔〕—…]")
# Breaks and blanks that part what belongs together: （⏎三）, 27. 5 %, PM 2.5, 2 0 2 6 年.
_PARTED = re.compile(
    rf"\n(?:(?<=[（《〈，、]\n)(?=[^\n])|(?=[，、。；》〉）%]))|-\n(?<=[A-Za-z]-\n)(?=[a-z])"
    rf"|[ \n](?:(?<=\d\.[ \n])(?=\d{{1,3}} ?[%{_HAN}])|(?<=PM[ \n])(?=2\.5|10))| (?<=\d )(?=[.%℃μ㎡]|[kmt]?[mgt]/)"
)
_SPACED_DIGITS = re.compile(rf"[0-9](?<![\d.]\d)(?<!\d \d)(?: [\d.])+(?= ?[%{_HAN}])")
_ENDS = "。！？：；…”"
# A text is taken as set to a width when it has this many lines of at least this width [half characters].
_FEWEST = 6
_NARROWEST = 36
# No printed line holds more characters; a text with many longer ones is set in paragraphs.
_WIDEST = 80
_STAMP = re.compile(r"[。；：！]([A-Za-z0-9]{2,6})[ \u3000]*\n")
_FEWEST_STAMPS = 3
_LINE_END = re.compile("\n")
_UNCLOSED = re.compile(rf"[{_HAN}\dA-Za-z，、％%]")
# A line of at least this many characters that ends without a closing sign was cut.
_LONG = 60
# A line that lost its breaks may end with the heading of the next: it was not cut there. Its length [characters].
_HEADED_END = re.compile(
    r"[。！；”）](?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）)[^。；！？]{2,40}$"
)
_HEADING = 48
_OPENS = re.compile(
    r"\n|[ \t\u3000]|[一二三四五六七八九十]+[、是要]|（[一二三四五六七八九十\d]+）|\d+[.、]"
    r"|第[一二三四五六七八九十百]+[章节条部]|——|附件"
)

# One written form of each sign; every replacement is one character for one, so that the map stays plain.
_SAME = {
    "％": "%", "﹪": "%", "℅": "%", "~": "～", "－": "-", "﹣": "-", "−": "-", "‐": "-", "‑": "-", "―": "—", "─": "—",
    "–": "—", "∶": "：", "＊": "*", "✱": "*", "∗": "*", "╳": "×", "✕": "×", "✖": "×", "Ｘ": "X", "ｘ": "x", "Χ": "X",
    "х": "x", "Х": "X", "(": "（", ")": "）", "﹙": "（", "﹚": "）", ";": "；", "!": "！", "?": "？", "．": ".",
    "ⅰ": "Ⅰ", "ⅱ": "Ⅱ", "ⅲ": "Ⅲ", "ⅳ": "Ⅳ", "ⅴ": "Ⅴ", "「": "“", "」": "”", "『": "“", "』": "”", "〝": "“", "〞": "”",
    "㎍": "μ", "µ": "μ", "﹐": "，", "､": "、", "｡": "。", "＂": '"', "＇": "'", "﹒": "·", "‧": "·", "•": "·",
    "・": "·", "﹝": "〔", "﹞": "〕", "［": "[", "］": "]", "\uf06c": "●", "\uf0b7": "●", "\uf06e": "■", "\uf0d8": "➢",
    "\uf0fc": "✓", "\uf075": "◆", "\ufffd": "□", "▯": "□", "☐": "□",
}  # fmt: skip


def _written_forms() -> dict[str, str]:
    """Give every single-character replacement, full width and compatibility forms included."""
    found: dict[str, str] = {}
    for code in range(0xFF01, 0xFF5F):
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain.isalnum() or plain in "%.-+/*":
            found[chr(code)] = plain
    for first, last in ((0xF900, 0xFAFF), (0x2F00, 0x2FDF), (0x2E80, 0x2EF3)):
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                found[chr(code)] = plain
    return found | _SAME


_EVEN = _written_forms()


@dataclass(frozen=True)
class CleanText:
    """Clean text and, for each of its characters, where it began and ended in the received text."""

    text: str
    starts: array[int]
    ends: array[int]
    received: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the received offsets of a clean span.

        Parameters
        ----------
        start, end : int
            Offsets in `text`; the span must hold at least one character.

        Returns
        -------
        tuple of int
            Start and end in `received`; pinyin that follows the last character is left out.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"no clean span {start}:{end} in a text of {len(self.text)} characters")
        return self.starts[start], self.ends[end - 1]

    def quote(self, start: int, end: int) -> str:
        """Give the words as received for a clean span.

        Parameters
        ----------
        start, end : int
            Offsets in `text`.

        Returns
        -------
        str
            The received characters, noise inside included.
        """
        first, last = self.span(start, end)
        return self.received[first:last]

    def written(self, start: int, end: int) -> str:
        """Give a clean span in the document's own characters, without what cleaning took between them.

        Parameters
        ----------
        start, end : int
            Offsets in `text`.

        Returns
        -------
        str
            As many stretches as clean characters, joined.
        """
        return "".join(self.received[self.starts[n] : self.ends[n]] for n in range(start, end))

    def blanks_between(self, start: int, end: int) -> list[int]:
        """Give the places where cleaning took a blank.

        Parameters
        ----------
        start, end : int
            Offsets in `text`.

        Returns
        -------
        list of int
            Offsets of the clean characters that had a blank before them.
        """
        last = min(end, len(self.text))
        return [
            n
            for n in range(max(start, 1), last)
            if self.ends[n - 1] < self.starts[n] and self.received[self.ends[n - 1] : self.starts[n]].isspace()
        ]


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simple_char(char: str) -> str:
    found = str(_simplifier().convert(char))
    return found if len(found) == 1 else char


@cache
def _is_traditional(char: str) -> bool:
    return _simple_char(char) != char


def simplify(text: str) -> str:
    """Turn traditional characters into simplified ones, one for one.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Text of the same length. Whole phrases decide (乾燥, 乾隆) where their length allows, else single characters.

    Examples
    --------
    >>> simplify("污水處理廠")
    '污水处理厂'
    """
    found = str(_simplifier().convert(text))
    if len(found) == len(text):
        return found
    return "".join(_simple_char(c) for c in text)


def clean(text: str) -> CleanText:
    """Clean a received text and keep the way back.

    Parameters
    ----------
    text : str
        The text as received.

    Returns
    -------
    CleanText
        Lines stay lines. Offsets rise from character to character.

    Examples
    --------
    >>> found = clean("污水處(chù)理廠 13座")
    >>> found.text
    '污水处理厂13座'
    >>> found.quote(2, 5)
    '處(chù)理廠'
    """
    pattern = _ODD_WITH_PINYIN if _PINYIN_SEEN.search(text) else _ODD
    signs = set(text)
    count = np.arange(len(text) + 1, dtype=np.int64)
    body = _Mapped(text, array("q", count[:-1].tobytes()), array("q", count[1:].tobytes()))
    body = body.rewritten([(*m.span(), _in_place_of(m[0])) for m in pattern.finditer(text)])
    body = _Mapped(_even(body.text, signs), body.starts, body.ends)
    body = body.rewritten(_stamps(body.text))
    body = body.rewritten(_wrapped(body.text))
    body = body.rewritten(_cut(body.text))
    body = body.rewritten(_blanks(body.text))
    body = body.rewritten([(*m.span(), "") for m in _PARTED.finditer(body.text)])
    digits = [m.span() for m in _SPACED_DIGITS.finditer(body.text)]
    body = body.rewritten([(n, n + 1, "") for span in digits for n in range(*span) if body.text[n] == " "])
    shown = simplify(body.text) if any(_is_traditional(_EVEN.get(char, char)) for char in signs) else body.text
    return CleanText(_punctuate(shown), body.starts, body.ends, text)


@dataclass(frozen=True)
class _Mapped:
    """Text under way, with the place of each character as received."""

    text: str
    starts: array[int]
    ends: array[int]

    def rewritten(self, edits: list[tuple[int, int, str]]) -> _Mapped:
        """Put one character, or none, for each of some stretches in order; the rest is copied."""
        if not edits:
            return self
        pieces: list[str] = []
        starts, ends = array("q"), array("q")
        done = 0
        for first, end, char in edits:
            if done < first:
                pieces.append(self.text[done:first])
                starts += self.starts[done:first]
                ends += self.ends[done:first]
            if char:
                pieces.append(char)
                starts.append(self.starts[first])
                ends.append(self.ends[end - 1])
            done = end
        pieces.append(self.text[done:])
        starts += self.starts[done:]
        ends += self.ends[done:]
        return _Mapped("".join(pieces), starts, ends)


def _even(text: str, signs: set[str]) -> str:
    """Give every sign its one written form; a few signs of a text have another, so each is sought by itself."""
    for char in signs & _EVEN.keys():
        text = text.replace(char, _EVEN[char])
    return text


def _in_place_of(found: str) -> str:
    """Say what stands for a stretch that is no plain character: nothing, a line end, a blank or the sign it names."""
    if found[0] in "\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if found[0] == "&":
        said = html.unescape(re.sub("^&(?:amp;)+", "&", found, flags=re.I))
        return said if len(said) == 1 and not _ODD.match(said) else ""
    if found[0] == "<":
        return "\n" if _BREAK_TAG.match(found) else "\t" if _CELL_TAG.match(found) else ""
    return ""


def _blanks(text: str) -> list[tuple[int, int, str]]:
    """Drop blanks beside Chinese characters and at line ends; keep one between Latin words and between columns."""
    found = []
    size = len(text)
    for m in _BLANK.finditer(text):
        start, end = m.span()
        kept = ""
        if start > 0 and end < size and text[start - 1] != "\n" and text[end] != "\n":
            if "\t" in m[0]:
                kept = "\t"
            elif end - start >= 3 or not (_CLOSE.match(text, start - 1) or _CLOSE.match(text, end)):
                kept = " "
        if kept != m[0]:
            found.append((start, end, kept))
    return found


def _stamps(text: str) -> list[tuple[int, int, str]]:
    """Find the letters that a site sets behind sentences against copying: the same few at the end of many lines."""
    seen = Counter(_STAMP.findall(text))
    if not seen:
        return []
    stamp, times = seen.most_common(1)[0]
    if times < _FEWEST_STAMPS:
        return []
    return [(*m.span(), "") for m in re.finditer(rf"(?<![A-Za-z0-9]){stamp}(?![A-Za-z0-9])", text)]


def _cut(text: str) -> list[tuple[int, int, str]]:
    """Find line ends inside a sentence: a long line without closing sign, and text that goes on below it."""
    found = []
    start = 0
    for m in _LINE_END.finditer(text):
        if m.start() - start >= _LONG and _UNCLOSED.match(text, m.start() - 1):
            after = text[m.end() : text.find("\n", m.end()) + 1 or len(text)]
            headed = _HEADED_END.search(text, max(start, m.start() - _HEADING), m.start())
            if after and not headed and not _OPENS.match(after) and re.search("[，。；]", after):
                found.append((m.start(), m.end(), ""))
        start = m.end()
    return found


def _wrapped(text: str) -> list[tuple[int, int, str]]:
    """Find the line ends of a text that was set to a width: most lines are full, and a full line goes on."""
    lines = text.split("\n")
    if len(lines) < _FEWEST or sum(len(line) > _WIDEST for line in lines) > len(lines) // 10:
        return []
    widths = [len(line.encode("gbk", "replace")) for line in lines]
    long = sorted(w for w in widths if w >= _NARROWEST)
    if len(long) < _FEWEST:
        return []
    full = long[int(len(long) * 0.9)]
    among = [w for w in long if full - 4 <= w <= full]
    if len(among) < len(long) * 0.6 or long[-1] > full + 4:
        return []
    found, place = [], 0
    for line, after, width in zip(lines, lines[1:], widths, strict=False):
        place += len(line)
        if width >= full - 4 and line[-1] not in _ENDS and after and not _OPENS.match(after):
            found.append((place, place + 1, ""))
        place += 1
    return found


_COMMA = re.compile(r",(?:(?<!\d,)|(?!\d{3}(?!\d)))")
_COLON = re.compile(r":(?:(?<!\d:)(?!//)|(?![\d/]))")


def _punctuate(text: str) -> str:
    return _COLON.sub("：", _COMMA.sub("，", text))
