"""The year a finding speaks of, and the year the document plans for.

It reads years as written and the five-year plans by their numbers; it never reads a clock.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re

from heqing.reading.years import Years, five_year_plan

_YEAR = re.compile(r"(?<!\d)(20\d\d)年(?!来)")
_SPAN = re.compile(r"(?<!\d)(20\d\d)年?[—～\-至到~](20\d\d)年?|(?<!\d)(20\d\d)年、(20\d\d)年")
_LEADING = re.compile(
    r"(?:到|截至|力争到?|确保到?|计划到?)?(20\d\d)年(?!度?《)(?:底|末|前|度|全年)?(?=$|[，全市区县一-龥])"
)
_LEADING_SPAN = re.compile(r"(20\d\d)年?[—～\-至到~、](20\d\d)年(?=$|[，全市区县一-龥])")
_SINCE = re.compile(r"(?<!\d)(20\d\d)年(?:以来|起)")
_COMPARED = re.compile(r"(?:较|比|以|自|从|由|同|与|超过?|[快高低少多好优强长慢]于)(?:于)?20\d\d年(?!以来|起)")


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
    if span := _SPAN.search(bare):
        return f"{span[1] or span[3]}-{span[2] or span[4]}"
    if since := _SINCE.search(bare):
        return f"{since[1]}-"
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
    if span := _LEADING_SPAN.match(clause):
        return f"{span[1]}-{span[2]}"
    found = _LEADING.match(clause)
    return found[1] if found else None


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


class Calendar:
    """Tells the period of each clause of a document, asked from its first clause to its last.

    A sign of time that opens a line, or is a clause of its own, holds until the next one; any other for its sentence.

    Parameters
    ----------
    years : Years
        The years of the document.

    Examples
    --------
    >>> calendar = Calendar(Years(2026, "2026", 2025))
    >>> calendar.turn("五年来", opens_line=True, opens_sentence=True)
    >>> calendar.period("新建绿道5公里", "achievement"), calendar.period("新建绿道5公里", "target")
    ('2021-2025', '2026')
    """

    def __init__(self, years: Years) -> None:
        self._now, self._ahead, self._whole, self._coming = years.now, years.planned, years.whole, years.coming
        self._from = int(years.planned[:4]) if years.planned else years.now  # from here on years are ahead
        self._behind: str | None = str(years.reviewed) if years.reviewed else None
        self._of_line: str | None = None
        self._year_of_line: str | None = None
        self._led: str | None = None
        self._local: str | None = None
        self._year_beside: str | None = None
        self._told = False
        self._sentences = 0

    def begin_line(self) -> None:
        """Forget what held for the line before."""
        self._of_line = self._year_of_line = None
        self._sentences = 1

    def begin_sentence(self) -> None:
        """Forget what held for the sentence before."""
        self._led = self._local = None
        self._sentences += 1

    def turn(self, clause: str, *, opens_line: bool, opens_sentence: bool) -> None:
        """Note the sign of time that a clause opens with, and all those of a heading.

        Parameters
        ----------
        clause : str
            A clean clause.
        opens_line, opens_sentence : bool
            Whether it is the first of its line and of its sentence.
        """
        if "同比" in clause and self._now:
            self._of_line = str(self._now - 1)  # told year by year, whatever the section reviews
        if led := leading_period(clause):
            self._led = led
            if self._sentences < 2 and clause[0] == "2":
                self._year_of_line = led
        if opens_sentence and (summed := _SUMMED.match(clause)):
            self._behind, self._told = self._span(summed) or self._behind, True
            return
        if opens_line and len(clause) <= _LONGEST_HEADING and _HEADED.search(clause):
            self._head(clause)
            return
        if opens_line and self._year_beside and _NUMBERED.match(clause):
            self._behind, self._year_beside = self._year_beside, None
        if not self._told and self._now:
            self._guess(clause, self._now, opens_line=opens_line)
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
        if found["year"] is None:
            self._led = None
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
        inside = _INSIDE.search(clause) if "年" in clause else None
        said = self._span(inside) if inside else None
        if kind == "target":
            if inside and (said is None or self._is_ahead(said) or inside["now"]):
                return self._ahead if inside["within"] and self._ahead and "-" not in self._ahead else said
            return self._local if self._local and self._is_ahead(self._local) else self._ahead
        if inside and not inside["next"] and not inside["within"]:
            return said
        yearly = self._of_line if self._behind and "-" in self._behind else None
        return self._local or yearly or self._behind or self._year_of_line

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

    def _guess(self, clause: str, now: int, *, opens_line: bool) -> None:
        """Tell five years from one where an excerpt lost the sign, in the year that opens a five-year plan.

        Results since the end of the plan before are of five years, and so are those under a dash; numbered ones are of
        the year.
        """
        if now % 5 != 1:  # plans begin in the years that end in 1 and 6
            return
        if _SINCE_LAST_PLAN.search(clause) or (opens_line and _DASHED.match(clause)):
            self._behind = f"{now - 5}-{now - 1}"
        elif opens_line and _NUMBERED.match(clause):
            self._behind = str(now - 1)

    def _is_ahead(self, span: str | None) -> bool:
        if span is None:
            return False
        return int(span[:4]) >= self._from if self._from else span == self._coming

    def _span(self, found: re.Match[str]) -> str | None:
        """Give the years that a sign of time names, None where the document does not tell which they are."""
        named = found.groupdict()
        if named.get("plan") and (plan := five_year_plan(named["plan"])):
            return f"{plan[0]}-{plan[1]}"
        if named.get("year"):
            return str(named["year"])
        count = _COUNTS.get(named.get("ago") or named.get("since") or "一")
        if self._now is None:  # 五年来 below the name of a five-year plan: those five
            return self._behind if count == 5 and self._behind and "-" in self._behind else None
        if named.get("now"):
            return str(self._now)
        if named.get("next"):
            return str(self._now + 1)
        if named.get("to"):
            first = self._from or self._now
            return f"{first}-{first + _COUNTS[named['to']] - 1}"
        if count == 1 and not named.get("ago") and not named.get("since"):
            return str(self._now - 1)
        if count is None or self._whole is None:
            return None
        last = self._now if self._whole else self._now - 1
        return str(last) if count == 1 else f"{last - count + 1}-{last}"


_COUNTS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WHEN = (
    r"(?:“?(?P<plan>十[三四五六]五)”?(?:时期|期间|以来|开局|收官|发展|主要|规划)?"
    r"|(?:刚刚过去的|在|回顾)?(?P<year>20\d\d)年(?!来|以来|[—～\-至到~]|度|\d{1,2}月)"
    r"|(?:(?:过去|刚刚过去|(?P<recent>最?近)|这)的?(?P<ago>[一两二三四五六七八九十])年|(?P<since>[一两二三四五六七八九十几])年来"
    r"|去年(?!同期|[底末])(?:以来)?|上年(?!同期|[底末])|本届政府任期)"
    r"|(?:今后|未来)的?(?P<to>[一两二三四五六七八九十])年"
    r"|(?P<next>明年)|(?P<now>今年以来|今年|(?:\d{1,2}[—～\-至到~])?\d{1,2}月份?(?![底末前\d])|[上下]半年|前?[一二三四]个?季度))"
)
_SIGN = re.compile(r"(?:各位代表|[！，、。—“（）(){}一二三四五六七八九十\d.\s]|是|回顾|刚刚|在|从|截至)*?" + _WHEN)
_SUMMED = re.compile(r"(?:——)?这是[^，。]{2,40}的(?P<ago>[一三五])年$")
_INSIDE = re.compile(
    r"(?<![较比同与超于在从自])(?:(?P<now>今年|(?P<within>年内|今年[底末]|年底前))|(?P<next>明年)|(?:去年|上年))"
    r"(?!同期|[底末]|的?基础|[^，]{0,2}水平)"
)
_SIGN_ANYWHERE = re.compile(_WHEN)
_HEADED = re.compile(r"回顾|总结|成就|成绩|成效|工作|目标|任务|安排|打算|怎么|干了|干得|考虑|部署|举措")
_NUMBERED = re.compile(r"（[一二三四五六七八九十]+）|[一二三四五六七八九十]是")
_DASHED = re.compile(r"——(?!\d)")
_SINCE_LAST_PLAN = re.compile(r"[较比]“?十[二三四五]五”?末")
_LONGEST_HEADING = 40
