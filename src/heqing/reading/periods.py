"""The year a finding speaks of, and the year the document plans for.

It reads years as written and the five-year plans by their numbers; it never reads a clock.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re

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
    r"""Tell the year a document plans for.

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
        From the title, else a heading (2026年重点工作, or the year after 2025年工作回顾), else the opening year of a
        five-year plan, else a year stated with 力争 or 年度, else the day.

    Examples
    --------
    >>> plan_year("2026年政府工作报告", "", None)
    2026
    >>> plan_year(None, "一、2024年干得怎么样\n二、2025年怎么干\n", None)
    2025
    """
    years = [int(y) for y in _TITLE_YEAR.findall(title or "")]
    if years:
        return max(years)
    headed = [(int(m["year"]), m["what"]) for m in _HEADING_YEAR.finditer(text)]
    if planned := [year for year, what in headed if not _REVIEWS.search(what)]:
        return max(planned)
    if headed:
        return max(year for year, _ in headed) + 1
    if closed := _HEADING_PLAN.search(text):
        span = five_year_plan(closed["plan"])
        return int(span[5:]) + 1 if span else None
    opening = re.search(r"“?十([四五六])五”?(?:规划)?(?:的)?开局之年", text)
    if opening:
        span = five_year_plan("十" + opening[1] + "五")
        return int(span[:4]) if span else None
    stated = re.search(r"(?:力争|确保|争取|到)(20\d\d)年|(20\d\d)年度", text)
    if stated and not (published and stated[1]):
        return int(stated[1] or stated[2])
    return int(published[:4]) if published else None


_TELLS_TIME = re.compile(r"五年|十[三四五]五|20\d\d|近年来|以来|去年|过去|上年|年度|年来")


def tells_time(sign: str) -> bool:
    """Say whether a sign of results or commitments names a time.

    Parameters
    ----------
    sign : str
        Words that told the kind.

    Returns
    -------
    bool
        True for 五年来, False for 成效显著.

    Examples
    --------
    >>> tells_time("五年来"), tells_time("成效显著")
    (True, False)
    """
    return bool(_TELLS_TIME.search(sign))


_TITLE_YEAR = re.compile(r"20\d\d(?=年)")
_HEADING_YEAR = re.compile(
    r"^[（(]?[一二三四五六七八九十]+[)）、][^\n。，]{0,24}?(?P<year>20\d\d)年(?!来|以来)(?P<what>[^\n。，]{1,20})$",
    re.MULTILINE,
)
_HEADING_PLAN = re.compile(
    r"^[（(]?[一二三四五六七八九十]+[)）、]“?(?P<plan>十[三四五]五)”?(?:时期|期间|以来)?[^\n。，]{0,10}(?:回顾|成就|成绩)",
    re.MULTILINE,
)
_REVIEWS = re.compile(r"回顾|总结|成就|成绩|成效|完成情况|干了|干得")


def reviewed_year(
    planned: int | None, title: str | None, published: str | None, doc_type: str | None, text: str = ""
) -> int | None:
    """Tell the year of results that no sign of time stands with.

    Parameters
    ----------
    planned : int or None
        As of `plan_year`.
    title : str or None
        The document's title.
    published : str or None
        Its day, ``YYYY-MM-DD``.
    doc_type : str or None
        Its type.
    text : str
        Its clean text.

    Returns
    -------
    int or None
        The year before the planned one where a title or a day says which that is: the opening year of a plan may
        follow a review of five. What is no work report and given after February speaks of its own year, unless it
        names the year before other than to compare with it.

    Examples
    --------
    >>> reviewed_year(2026, "2026年政府工作报告", None, "work_report")
    2025
    >>> reviewed_year(2024, "攻坚会上的讲话", "2024-10-20", "speech")
    2024
    """
    if planned is None or not (published or _TITLE_YEAR.search(title or "")):
        return None
    late = published is not None and published.startswith(str(planned)) and published[5:7] > "02"
    if doc_type != "work_report" and late and not re.search(rf"(?<![较比于]){planned - 1}年(?!同期|[底末])", text):
        return planned
    return planned - 1


class Calendar:
    """Tells the period of each clause of a document, asked from its first clause to its last.

    A sign of time that opens a line, or is a clause of its own, holds until the next one; any other for its sentence.

    Parameters
    ----------
    planned : int or None
        The year the document plans for.
    reviewed : int or None
        The year of its results where no sign tells.
    titled : str, optional
        The year or span its title states; a span is that of its commitments.

    Examples
    --------
    >>> calendar = Calendar(2026, 2025)
    >>> calendar.turn("五年来", opens_line=True, opens_sentence=True)
    >>> calendar.period("新建绿道5公里", "achievement"), calendar.period("新建绿道5公里", "target")
    ('2021-2025', '2026')
    """

    def __init__(self, planned: int | None, reviewed: int | None, titled: str | None = None) -> None:
        self._planned = planned
        self._behind: str | None = str(reviewed) if reviewed else None
        self._ahead: str | None = titled if titled and "-" in titled else str(planned) if planned else None
        self._of_line: str | None = None
        self._led: str | None = None
        self._local: str | None = None
        self._year_beside: str | None = None
        self._told = False

    def begin_line(self) -> None:
        """Forget what held for the line before."""
        self._of_line = None

    def begin_sentence(self) -> None:
        """Forget what held for the sentence before."""
        self._led = self._local = None

    def turn(self, clause: str, *, opens_line: bool, opens_sentence: bool) -> None:
        """Note the sign of time that a clause opens with, and all those of a heading.

        Parameters
        ----------
        clause : str
            A clean clause.
        opens_line, opens_sentence : bool
            Whether it is the first of its line and of its sentence.
        """
        if "同比" in clause and self._planned:
            self._of_line = str(self._planned - 1)  # told year by year, whatever the section reviews
        self._led = leading_period(clause) or self._led
        if opens_line and len(clause) <= _LONGEST_HEADING and _HEADED.search(clause):
            self._head(clause)
            return
        if opens_line and self._year_beside and _NUMBERED.match(clause):
            self._behind, self._year_beside = self._year_beside, None
        if not self._told and self._planned:
            self._guess(clause, self._planned, opens_line=opens_line)
        found = _SIGN.match(clause)
        if found is None:
            return
        if found["now"]:
            self._local = self._span(found)
            if opens_line:
                self._ahead = self._local
            return
        span = self._span(found)
        if span is None and found["since"] is None and found["ago"] in (None, "一"):
            return
        alone = found.end() == len(clause) and opens_sentence
        if found["year"] is None:
            holds = alone or (opens_line and not found["recent"])
        else:
            holds = (opens_line and (alone or clause.startswith("是", found.end()))) or "过去的" in found[0]
        if not holds:
            self._local = span
        elif found["to"] or (found["plan"] and self._is_ahead(span)):
            self._ahead = span
        else:
            self._behind, self._told = span, True

    def period(self, clause: str, kind: str) -> str | None:
        """Give the period of a finding.

        Parameters
        ----------
        clause : str
            The clean clause it stands in.
        kind : str
            target or achievement.

        Returns
        -------
        str or None
            A year or a span as stated, else of the sign that holds, else of the document; None when nothing tells.
        """
        stated = stated_period(clause) or self._led
        if stated is not None:
            return stated
        if kind == "target":
            return self._local if self._local and self._is_ahead(self._local) else self._ahead
        yearly = self._of_line if self._behind and "-" in self._behind else None
        return self._local or yearly or self._behind

    def _head(self, heading: str) -> None:
        """Take the first time behind and the first time ahead that a heading names.

        Of a review of five years and of one, the numbered sections tell the one.
        """
        behind = ahead = None
        for found in _SIGN_ANYWHERE.finditer(heading):
            span = self._span(found)
            if self._is_ahead(span):
                ahead = ahead or span
            else:
                self._year_beside = span if behind and len(behind) > len(span or "") else None
                behind = behind or span
        self._behind, self._ahead = behind or self._behind, ahead or self._ahead
        self._told = self._told or behind is not None

    def _guess(self, clause: str, planned: int, *, opens_line: bool) -> None:
        """Tell five years from one where an excerpt lost the sign, in the year that opens a five-year plan.

        Results since the end of the plan before are of five years, and so are those under a dash; numbered ones are of
        the year.
        """
        if planned % 5 != 1:  # plans begin in the years that end in 1 and 6
            return
        if _SINCE_LAST_PLAN.search(clause) or (opens_line and _DASHED.match(clause)):
            self._behind = f"{planned - 5}-{planned - 1}"
        elif opens_line and _NUMBERED.match(clause):
            self._behind = str(planned - 1)

    def _is_ahead(self, span: str | None) -> bool:
        return span is not None and self._planned is not None and int(span[:4]) >= self._planned

    def _span(self, found: re.Match[str]) -> str | None:
        """Give the years that a sign of time names, None where the document does not tell which they are."""
        if found["plan"]:
            return five_year_plan(found["plan"])
        if found["year"]:
            return found["year"]
        if self._planned is None:
            return None
        if found["now"]:
            return str(self._planned)
        if found["to"]:
            return f"{self._planned}-{self._planned + _COUNTS[found['to']] - 1}"
        count = _COUNTS.get(found["ago"] or found["since"] or "一")
        if count is None:
            return None
        return str(self._planned - 1) if count == 1 else f"{self._planned - count}-{self._planned - 1}"


_COUNTS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WHEN = (
    r"(?:“?(?P<plan>十[三四五六]五)”?(?:时期|期间|以来|开局|收官|发展|主要|规划)?"
    r"|(?:刚刚过去的|在|回顾)?(?P<year>20\d\d)年(?!来|以来|[—～\-至到~]|度|\d{1,2}月)"
    r"|(?:(?:过去|刚刚过去|(?P<recent>最?近)|这)的?(?P<ago>[一两二三四五六七八九十])年|(?P<since>[一两二三四五六七八九十几])年来"
    r"|去年(?!同期|[底末])(?:以来)?|上年(?!同期|[底末])|本届政府任期)"
    r"|(?:今后|未来)的?(?P<to>[一两二三四五六七八九十])年"
    r"|(?P<now>今年以来|今年|(?:\d{1,2}[—～\-至到~])?\d{1,2}月份?(?![底末前\d])|[上下]半年|前?[一二三四]个?季度))"
)
_SIGN = re.compile(r"(?:各位代表|[！，、。—“（）(){}一二三四五六七八九十\d.\s]|是|回顾|刚刚|在|从|截至)*?" + _WHEN)
_SIGN_ANYWHERE = re.compile(_WHEN)
_HEADED = re.compile(r"回顾|总结|成就|成绩|成效|工作|目标|任务|安排|打算|怎么|干了|干得|考虑|部署|举措")
_NUMBERED = re.compile(r"（[一二三四五六七八九十]+）|[一二三四五六七八九十]是")
_DASHED = re.compile(r"——(?!\d)")
_SINCE_LAST_PLAN = re.compile(r"[较比]“?十[二三四五]五”?末")
_LONGEST_HEADING = 40
