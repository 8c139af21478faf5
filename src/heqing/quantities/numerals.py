"""Numerals as Chinese documents write them (数字): Arabic, Chinese and mixed, to exact decimals.

It reads one numeral and says nothing about units or about what is counted; a masked number is no numeral here.
Look next at `heqing.reading.spans`, which finds numerals in running text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_DIGITS = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9,
    "壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "肆": 4, "伍": 5, "陆": 6, "陸": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_WIDE = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")

DIGITS = "零〇一二两三四五六七八九"
ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
SPELLED = rf"[{DIGITS}十百千]+(?:[万亿][{DIGITS}][{DIGITS}十百千]*)*(?:点[{DIGITS}]+)?"
MYRIADS = "万亿|万|亿"

_HEDGE_BEFORE = re.compile(r"^(超过|超|突破|逾|近|接近|约|大约|約|不足|至少)")
_HEDGE_AFTER = re.compile(r"(余|餘|多|左右|上下|以上|以下|以内)$")
_HEDGE_INSIDE = re.compile(r"[余餘多](?=[万萬亿億])")
_PERCENT = re.compile(r"^(?:百分之(.+)|(.+?)%)$")
_FRACTION = re.compile(r"^(.+)分之(.+)$")
_ARABIC = re.compile(rf"^{ARABIC}$")


@dataclass(frozen=True)
class Numeral:
    """A numeral read exactly.

    `value` holds all magnitudes (1.4万 is 14000); `digits` is the part before 万 or 亿 and `magnitude` that sign;
    `percent` says that it was written as a share of a hundred; `hedge` keeps 近, 超, 约, 余, 多 … as written.
    """

    value: Decimal
    digits: Decimal
    magnitude: str = ""
    percent: bool = False
    hedge: str = ""
    exact: Fraction | None = None


def read_numeral(text: str) -> Numeral | None:
    """Read one numeral in any of the forms the field uses.

    Parameters
    ----------
    text : str
        The numeral alone, with its magnitude and hedge but without unit: ``1.4万``, ``近650亿``, ``百分之八十五``,
        ``三分之二``, ``两万三千``, ``十八``.

    Returns
    -------
    Numeral or None
        None when the text is no numeral.

    Examples
    --------
    >>> read_numeral("近650亿").value
    Decimal('65000000000')
    >>> read_numeral("两万三千").value
    Decimal('23000')
    >>> read_numeral("三分之二").exact
    Fraction(2, 3)
    >>> read_numeral("若干") is None
    True
    """
    bare = re.sub(r"\s", "", text).translate(_WIDE)
    hedge = ""
    if found := _HEDGE_BEFORE.match(bare):
        hedge, bare = found[1], bare[found.end() :]
    for pattern in (_HEDGE_AFTER, _HEDGE_INSIDE):
        if found := pattern.search(bare):
            hedge, bare = hedge + found[0], bare[: found.start()] + bare[found.end() :]
    if not bare:
        return None
    if found := _PERCENT.match(bare):
        inner = read_numeral(found[1] or found[2])
        if inner is None or inner.percent:
            return None
        return Numeral(inner.value, inner.digits, inner.magnitude, True, hedge, inner.exact)
    if found := _FRACTION.match(bare):
        below, above = read_numeral(found[1]), read_numeral(found[2])
        if below is None or above is None or below.value == 0:
            return None
        exact = Fraction(above.value) / Fraction(below.value)
        share = Decimal(exact.numerator) / Decimal(exact.denominator)
        return Numeral(share, share, "", False, hedge, exact)
    return _plain(bare, hedge)


def _plain(bare: str, hedge: str) -> Numeral | None:
    head, magnitude, factor = bare, "", 1
    while head and head[-1] in _MYRIADS:
        factor *= _MYRIADS[head[-1]]
        magnitude = head[-1] + magnitude
        head = head[:-1]
    if not head:  # 万亿元 alone: one of it
        return Numeral(Decimal(factor), Decimal(1), magnitude, False, hedge) if magnitude else None
    if _ARABIC.match(head):
        digits = Decimal(head.replace(",", ""))
        return Numeral(digits * factor, digits, magnitude, False, hedge)
    mixed = re.match(rf"^({ARABIC})([十百千拾佰仟])$", head)
    if mixed:  # 3千
        digits = Decimal(mixed[1].replace(",", "")) * _TENS[mixed[2]]
        return Numeral(digits * factor, digits, magnitude, False, hedge)
    if any(c in _MYRIADS for c in head):  # 一亿二千万
        head, magnitude, factor = bare, "", 1
    digits_ = _spelled(head)
    return None if digits_ is None else Numeral(digits_ * factor, digits_, magnitude, False, hedge)


def _spelled(text: str) -> Decimal | None:
    """Read a numeral in characters: 十八, 二〇二六, 两万三千, 三点五; None when it is none."""
    if "点" in text or "點" in text:
        whole, _, part = text.replace("點", "点").partition("点")
        left = _whole(whole)
        if left is None or not part or any(c not in _DIGITS for c in part):
            return None
        return Decimal(f"{left}.{''.join(str(_DIGITS[c]) for c in part)}")
    found = _whole(text)
    return None if found is None else Decimal(found)


def _whole(text: str) -> int | None:
    if not text or any(c not in _DIGITS and c not in _TENS and c not in _MYRIADS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit, last = 0, 0, None, 0
    for c in text:
        if c in _DIGITS:
            if digit:  # 三四十: an estimate, not a numeral
                return None
            digit = _DIGITS[c]
            last = 1 if digit == 0 else last
        elif c in _TENS:
            section += (1 if digit is None else digit) * _TENS[c]
            digit, last = None, _TENS[c]
        else:
            part = section + (digit or 0)
            if total + part == 0:  # 亿零五: of what?
                return None
            total = (total + part) * _MYRIADS[c] if _MYRIADS[c] > 10**4 else total + part * _MYRIADS[c]
            section, digit, last = 0, None, _MYRIADS[c]
    if digit and last >= 100 and text[-1] in _DIGITS:  # 两万三: the digit stands one step below
        digit *= last // 10
    return total + section + (digit or 0)
