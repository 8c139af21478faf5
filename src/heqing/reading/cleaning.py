"""Received text to clean text, with a map from every clean character back to its place as received.

Pinyin in brackets goes, traditional script becomes simplified, widths and blanks are evened. It judges no line:
page furniture is told in `heqing.reading.noise`. Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

_PINYIN = re.compile(r"(?<=[\u3400-\u9fff])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ]{1,6}[)）]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_DROP = re.compile(rf"{_PINYIN.pattern}|{_UNSEEN.pattern}|\r")
_BLANK = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_GAP = re.compile(rf"{_BLANK.pattern}|(?<=[Mm])_(?=\d)")
_CJK = re.compile(r"[\u3400-\u9fff，。；：、！？“”‘’（）《》〈〉【】—…％]")

# One written form of each sign; every replacement is one character for one, so that the map stays plain.
_SAME = {
    "％": "%", "﹪": "%", "℅": "%", "~": "～", "－": "-", "﹣": "-", "−": "-", "―": "—", "─": "—", "–": "—", "∶": "：",
    "＊": "*", "✱": "*", "∗": "*", "╳": "×", "✕": "×", "✖": "×", "Ｘ": "X", "ｘ": "x", "Χ": "X", "х": "x", "Х": "X",
    "(": "（", ")": "）", "﹙": "（", "﹚": "）", ";": "；", "!": "！", "?": "？", "．": ".",
    "ⅰ": "Ⅰ", "ⅱ": "Ⅱ", "ⅲ": "Ⅲ", "ⅳ": "Ⅳ", "ⅴ": "Ⅴ", "「": "“", "」": "”", "『": "“", "』": "”", "〝": "“", "〞": "”",
    "㎍": "μ", "µ": "μ", "﹐": "，", "､": "、", "｡": "。", "＂": '"', "＇": "'",
}  # fmt: skip


@dataclass(frozen=True)
class CleanText:
    """Clean text and, for each of its characters, where it began and ended in the received text."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
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


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simple_char(char: str) -> str:
    found = str(_simplifier().convert(char))
    return found if len(found) == 1 else char


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
    even = _evened(text)
    body, at = _without(even, _DROP)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for gap in _GAP.finditer(body):
        first, last = gap.span()
        parts.append(body[place:first])
        starts += at[place:first]
        ends += _next(at[place:first])
        place = last
        if sign := _kept_blank(body, first, last):
            parts.append(sign)
            starts.append(at[first])
            ends.append(at[last - 1] + 1)
    parts.append(body[place:])
    starts += at[place:]
    ends += _next(at[place:])
    return CleanText(_punctuate(simplify("".join(parts))), starts, ends, text)


def _next(places: Sequence[int]) -> Sequence[int]:
    if isinstance(places, range):
        return range(places.start + 1, places.stop + 1)
    return [place + 1 for place in places]


@cache
def _uneven() -> tuple[re.Pattern[str], dict[str, str]]:
    """Give every sign that has another written form, as a pattern and with that form."""
    apart = [*_SAME, *map(chr, (*range(0xFF01, 0xFF5F), *range(0xF900, 0xFB00), *range(0x2F00, 0x2FE0)))]
    found = {char: even for char in apart if (even := _even(char)) != char}
    return re.compile(f"[{''.join(map(re.escape, found))}]"), found


def _evened(text: str) -> str:
    """Give every sign its one written form, one character for one."""
    uneven = _uneven()
    for char in set(uneven[0].findall(text)):
        text = text.replace(char, uneven[1][char])
    return _LONE_RETURN.sub("\n", text) if "\r" in text else text


def _without(text: str, drop: re.Pattern[str]) -> tuple[str, Sequence[int]]:
    """Take what matches a pattern out of a text; give the rest and where each of its characters stood."""
    parts: list[str] = []
    at: list[int] = []
    place = 0
    for m in drop.finditer(text):
        start, end = m.span()
        parts.append(text[place:start])
        at += range(place, start)
        place = end
    if place == 0:
        return text, range(len(text))
    parts.append(text[place:])
    at += range(place, len(text))
    return "".join(parts), at


def _even(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    if char < "\u2000":
        return char
    if "\uff01" <= char <= "\uff5e" and char.isascii() is False:
        plain = unicodedata.normalize("NFKC", char)
        return plain if plain.isalnum() or plain in "%.-+/*" else char
    if "\uf900" <= char <= "\ufaff" or "\u2f00" <= char <= "\u2fdf":  # compatibility forms of common characters
        plain = unicodedata.normalize("NFKC", char)
        return plain if len(plain) == 1 else char
    return char


def _kept_blank(body: str, first: int, last: int) -> str:
    """Give the one sign that stays of a run of blanks: none beside Chinese characters and at line ends."""
    if body[first] == "_":  # PM_2.5
        return ""
    before = body[first - 1] if first else "\n"
    after = body[last] if last < len(body) else "\n"
    if before == "\n" or after == "\n":
        return ""
    tab = "\t" in body[first:last]
    if tab or last - first >= 3 or not (_CJK.match(before) or _CJK.match(after)):
        return "\t" if tab else " "
    return ""


_COMMA = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")
_COLON = re.compile(r"(?<!\d):(?!//)|:(?![\d/])")


def _punctuate(text: str) -> str:
    if "," in text:
        text = _COMMA.sub("，", text)
    return _COLON.sub("：", text) if ":" in text else text
