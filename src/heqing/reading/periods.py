"""The year a finding speaks of, and the year the document plans for.

It reads years as written and the five-year plans by their numbers; it never reads a clock.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from heqing.quantities.numerals import read_numeral

_YEAR = re.compile(r"(?<!\d)(20\d\d)年(?!来)")
_SPAN = re.compile(r"(?<!\d)(20\d\d)年?[—～\-至到~](20\d\d)年?")
_PLAN = re.compile(r"“?十([三四五六])五”?")
_LEADING = re.compile(
    r"(?:到|截至|力争到?|确保到?|计划到?)?(20\d\d)年(?!度?《)(?:底|末|前|度|全年)?(?=$|[，全市区县一-龥])"
)
_OPENING = re.compile(r"十([四五六])五”?(?:规划)?(?:的)?开局之年")
_COMPARED = re.compile(r"(?:较|比|以|自|从|由)(?:于)?20\d\d年")


def five_year_plan(text: str) -> str | None:
    """Give the years of the five-year plan a text names.

    Parameters
    ----------
    text : str
        Clean words.

    Returns
    -------
    str or None
        For instance ``2021-2025`` for 十四五.

    Examples
    --------
    >>> five_year_plan("“十五五”时期")
    '2026-2030'
    """
    found = _PLAN.search(text)
    if found is None:
        return None
    number = read_numeral("十" + found[1])
    if number is None:
        return None
    first = 2016 + 5 * (int(number.value) - 13)
    return f"{first}-{first + 4}"


def stated_period(text: str) -> str | None:
    """Give the year or span that a clause itself states.

    Parameters
    ----------
    text : str
        A clean clause.

    Returns
    -------
    str or None
        A year, a span, or None; a year only compared with is not stated.

    Examples
    --------
    >>> stated_period("2022年黑臭水体数量较2020年减少40%")
    '2022'
    """
    if "20" not in text:
        return None
    bare = re.sub(r"《[^》]*》", "", _COMPARED.sub("", text))
    span = _SPAN.search(bare)
    if span:
        return f"{span[1]}-{span[2]}"
    year = _YEAR.search(bare)
    return year[1] if year else None


def leading_period(clause: str) -> str | None:
    """Give the year that a clause opens with, which holds for the rest of its sentence.

    Parameters
    ----------
    clause : str
        A clean clause.

    Returns
    -------
    str or None
        The year of 到2027年 or 2024年; None when the clause opens otherwise.

    Examples
    --------
    >>> leading_period("到2027年底")
    '2027'
    """
    found = _LEADING.match(clause)
    return found[1] if found else None


def plan_year(title: str | None, text: str, published: str | None) -> int | None:
    """Tell the year a document plans for.

    Parameters
    ----------
    title : str or None
        The document's title.
    text : str
        The clean text.
    published : str or None
        The day it was given or issued, ``YYYY-MM-DD``.

    Returns
    -------
    int or None
        From the title, else the opening year of a five-year plan, else a year stated with 力争 or 年度, else the day.

    Examples
    --------
    >>> plan_year("2026年政府工作报告", "", None)
    2026
    """
    years = [int(y) for y in re.findall(r"20\d\d(?=年)", title or "")]
    if years:
        return max(years)
    opening = _OPENING.search(text) if "开局之年" in text else None
    if opening:
        span = five_year_plan("十" + opening[1] + "五")
        return int(span[:4]) if span else None
    stated = re.search(r"(?:力争|确保|争取|到)(20\d\d)年|(20\d\d)年度", text)
    if stated:
        return int(stated[1] or stated[2])
    return int(published[:4]) if published else None


def resolve(clause: str, kind: str, sign: str, planned: int | None, reviewed: int | None = None) -> str | None:
    """Give a finding its period.

    Parameters
    ----------
    clause : str
        The clean clause.
    kind : str
        target or achievement.
    sign : str
        The words that told the kind, for instance 过去一年.
    planned : int or None
        The year the document plans for.
    reviewed : int, optional
        The year it reviews, for results whose sign names no time.

    Returns
    -------
    str or None
        The stated year or span, else the plan year for a target; for a result what its sign says, else `reviewed`.

    Examples
    --------
    >>> resolve("新增绿道5公里", "achievement", "过去一年", 2026)
    '2025'
    """
    stated = stated_period(clause)
    if stated is not None:
        return stated
    return _told_by_sign(kind, sign, planned, reviewed)


@lru_cache(maxsize=1024)
def _told_by_sign(kind: str, sign: str, planned: int | None, reviewed: int | None) -> str | None:
    if kind == "target":
        return str(planned) if planned else None
    if re.search(r"五年|十[三四五]五", sign):
        span = five_year_plan(sign) or (f"{planned - 5}-{planned - 1}" if planned else None)
        return span
    year = re.search(r"20\d\d", sign)
    if year:
        return year[0]
    if re.search(r"近年来|以来", sign):
        return None
    if re.search(r"去年|过去.{0,2}一年|上年|本年度", sign):
        return str(planned - 1) if planned else None
    return str(reviewed) if reviewed else None
