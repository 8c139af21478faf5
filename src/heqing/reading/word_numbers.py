"""The numbers that Word sets before headings and list items by itself (自动编号), as the reader sees them: 一、 3.

They stand nowhere in the text of the file: each is counted from the list its paragraph belongs to, by itself or by its
style. It is called by `heqing.reading.word`, paragraph by paragraph in the order of the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_DIGITS = "〇一二三四五六七八九"
_MOST = 99_999  # a number beyond is none that a document counts to


class Numbers:
    """Counts the lists of a document.

    Parameters
    ----------
    lists : lxml.etree._Element, optional
        The part that declares lists; None when the document has none.
    styles : lxml.etree._Element, optional
        The part that declares styles.
    """

    def __init__(self, lists: Any, styles: Any) -> None:
        self._levels: dict[str, dict[int, Any]] = {}  # list -> its levels
        self._shape: dict[str, str] = {}  # list in use -> the list it is an instance of
        self._own: dict[tuple[str, int], Any] = {}  # level that an instance declares anew
        self._begin: dict[tuple[str, int], int] = {}  # number from which an instance counts
        self._counts: dict[str, list[int]] = {}
        self._styles = {} if styles is None else {s.get(_W + "styleId"): s for s in styles.iterchildren(_W + "style")}
        if lists is None:
            return
        for shape in lists.iterchildren(_W + "abstractNum"):
            levels = {_number(level.get(_W + "ilvl")): level for level in shape.iterchildren(_W + "lvl")}
            self._levels[shape.get(_W + "abstractNumId", "")] = levels
        for used in lists.iterchildren(_W + "num"):
            id_ = used.get(_W + "numId", "")
            self._shape[id_] = _value(used.find(_W + "abstractNumId")) or ""
            for changed in used.iterchildren(_W + "lvlOverride"):
                level = _number(changed.get(_W + "ilvl"))
                if changed.find(_W + "lvl") is not None:
                    self._own[id_, level] = changed.find(_W + "lvl")
                if changed.find(_W + "startOverride") is not None:
                    self._begin[id_, level] = _number(_value(changed.find(_W + "startOverride")), 1)

    def before(self, paragraph: Any) -> str:
        """Count a paragraph and give what Word sets before it; empty when it belongs to no list.

        Parameters
        ----------
        paragraph : lxml.etree._Element
            The paragraph.

        Returns
        -------
        str
            The number with its signs, without the gap behind it.
        """
        id_, level = self._place(paragraph)
        shape = self._shape.get(id_, "")
        if not 0 <= level < _LEVELS or shape not in self._levels or self._level(id_, level) is None:
            return ""
        counts = self._counts.setdefault(shape, [0] * _LEVELS)
        begins = self._begin.pop((id_, level), None)
        counts[level] = (
            begins if begins is not None else counts[level] + 1 if counts[level] else self._start(id_, level)
        )
        counts[level + 1 :] = [0] * (_LEVELS - level - 1)
        text = _value(self._level(id_, level).find(_W + "lvlText")) or ""
        if self._format(id_, level) in ("bullet", "none"):
            return ""

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            if self._level(id_, at) is None:
                return ""
            return _written(counts[at] or self._start(id_, at), self._format(id_, at))

        return re.sub(r"%([1-9])", number, text).strip()

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Give the list and level of a paragraph: its own, else those of its style or of one that this is based on."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        id_, level = _list_of(own)
        at, seen = _value(paragraph.find(f"{_W}pPr/{_W}pStyle")) or "", set[str]()
        while at in self._styles and at not in seen and (id_ is None or level is None):
            seen.add(at)
            its_id, its_level = _list_of(self._styles[at].find(f"{_W}pPr/{_W}numPr"))
            if its_id is not None and its_level is None:
                its_level = self._level_of_style(its_id, at)
            id_, level = id_ if id_ is not None else its_id, level if level is not None else its_level
            at = _value(self._styles[at].find(_W + "basedOn")) or ""
        return id_ or "", level or 0

    def _level_of_style(self, id_: str, style: str) -> int | None:
        levels = self._levels.get(self._shape.get(id_, ""), {})
        return next((n for n, one in levels.items() if _value(one.find(_W + "pStyle")) == style), None)

    def _level(self, id_: str, level: int) -> Any:
        return self._own.get((id_, level), self._levels[self._shape[id_]].get(level))

    def _start(self, id_: str, level: int) -> int:
        return _number(_value(self._level(id_, level).find(_W + "start")), 1)

    def _format(self, id_: str, level: int) -> str:
        return _value(self._level(id_, level).find(_W + "numFmt")) or "decimal"


def _list_of(settings: Any) -> tuple[str | None, int | None]:
    if settings is None:
        return None, None
    level = _value(settings.find(_W + "ilvl"))
    return _value(settings.find(_W + "numId")), None if level is None else _number(level)


def _value(element: Any) -> str | None:
    return None if element is None else element.get(_W + "val")


def _number(written: str | None, otherwise: int = 0) -> int:
    return int(written) if written and re.fullmatch(r"\d{1,5}", written) else otherwise


def _written(number: int, format: str) -> str:
    return _FORMATS.get(format, str)(number) if 0 <= number <= _MOST else ""


def _counted(number: int) -> str:
    """Write a number as Chinese counts: 十, 二十一, 一百零三."""
    if number == 0:
        return "〇"
    said, lacks = "", False
    for power, name in ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            said += ("零" if lacks and said else "") + _DIGITS[digit] + name
            lacks = False
        else:
            lacks = bool(said)
    return said[1:] if said.startswith("一十") else said


def _roman(number: int) -> str:
    said = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
        (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        said += letters * (number // value)
        number %= value
    return said


def _letters(number: int) -> str:
    return chr(64 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1) if 0 < number < 260 else str(number)


def _circled(number: int) -> str:
    return chr(0x245F + number) if 0 < number <= 20 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
         "taiwaneseCountingThousand", "koreanCounting"), _counted,
    ),
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "decimalZero": lambda number: f"{number:02}",
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "decimalEnclosedParen": lambda number: f"({number})",
    "lowerLetter": lambda number: _letters(number).lower(),
    "upperLetter": _letters,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperRoman": _roman,
}  # fmt: skip
