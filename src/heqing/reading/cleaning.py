"""Received text to clean text, with a map from every clean character back to its place as received.

Pinyin in brackets goes, traditional script becomes simplified, widths and blanks are evened. It judges no line:
page furniture is told in `heqing.reading.noise`. Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

_PINYIN = re.compile(r"(?<=[\u3400-\u9fff])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ]{1,6}[)）]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e\x00-\x08\x0b\x0c\x0e-\x1f]")
_BLANK = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
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
    starts: tuple[int, ...]
    ends: tuple[int, ...]
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
    kept: list[tuple[str, int, int]] = []
    drop = _dropped(text)
    i, size = 0, len(text)
    while i < size:
        if i in drop:
            i = drop[i]
            continue
        char = text[i]
        if char == "\r":
            if text[i + 1 : i + 2] != "\n":
                kept.append(("\n", i, i + 1))
            i += 1
            continue
        kept.append((_even(char), i, i + 1))
        i += 1
    kept = _lines(kept)
    body = simplify("".join(k[0] for k in kept))
    return CleanText(_punctuate(body), tuple(k[1] for k in kept), tuple(k[2] for k in kept), text)


def _dropped(text: str) -> dict[int, int]:
    """Find what goes without a trace: pinyin and unseen characters; start to end."""
    found = {m.start(): m.end() for m in _PINYIN.finditer(text)}
    found.update({m.start(): m.end() for m in _UNSEEN.finditer(text)})
    return found


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


def _lines(kept: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Drop blanks beside Chinese characters and at line ends; keep one between Latin words."""
    out: list[tuple[str, int, int]] = []
    i, size = 0, len(kept)
    while i < size:
        char = kept[i][0]
        if not _BLANK.match(char):
            if char == "_" and out and out[-1][0] in "Mm" and i + 1 < size and kept[i + 1][0].isdigit():  # PM_2.5
                i += 1
                continue
            out.append(kept[i])
            i += 1
            continue
        j = i
        while j < size and _BLANK.match(kept[j][0]):
            j += 1
        before = out[-1][0] if out else "\n"
        after = kept[j][0] if j < size else "\n"
        tab = any(kept[n][0] == "\t" for n in range(i, j))
        if before != "\n" and after != "\n" and (tab or j - i >= 3 or not (_CJK.match(before) or _CJK.match(after))):
            out.append(("\t" if tab else " ", kept[i][1], kept[j - 1][2]))
        i = j
    return out


_COMMA = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")
_COLON = re.compile(r"(?<!\d):(?!//)|:(?![\d/])")


def _punctuate(text: str) -> str:
    return _COLON.sub("：", _COMMA.sub("，", text))
