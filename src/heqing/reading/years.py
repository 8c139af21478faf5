"""Which years a document speaks in: the one it calls 今年, the one it plans for, the one whose results it reports.

A title tells before headings, these before signs in the text, those before the day of a page; a year that is only named
(到2027年, 2025年度) tells nothing. What nothing tells stays empty: a wrong year is worse than a missing one. The signs
are data, table ``year_signs``. Look next at `heqing.reading.periods`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from heqing.quantities.numerals import read_numeral
from heqing.reading.lexicon import patterns

_PLAN = re.compile(r"十([三四五六])五")
# A plan that is more than the base of a comparison (较“十三五”末).
_PLAN_NAMED = re.compile(r"(?<![较比])(?<![较比]“)十[三四五六]五(?!”?[末底])")
_NAMED = re.compile(r"(?<![\d到较比于自从由])(?<!以来)(20\d\d)年(?!来|以来|同期|[底末初]|版)")
_TITLED = re.compile(r"《[^》]*》")
_SPAN = re.compile(r"(?<!\d)(20\d\d)年?[—～\-至到~](20\d\d)年?")
# A line no longer than this may be a heading [characters]; no sign looks further back from a year, or ahead.
_LONGEST_HEADING, _BACK, _AHEAD = 40, 24, 60
_NAMES_YEAR = re.compile(r"20\d\d年|十[三四五六]五")
# Months: to the first the day of a page goes with a work report, to the second results are of the year before; from the
# third what is done in so many years counts the year itself, from the last a plan may be for the next year.
_IN_SEASON, _EARLY, _WHOLE, _LATE = "04", "03", "10", "11"
# Types of document that are made for the year their title names, whenever a page shows them.
_MADE_FOR = ("work_report", "plan", "notice", "speech")


class Years(NamedTuple):
    """The years of a document: `now` is 今年, the other two hold where no sign of time stands; None: nothing tells.

    `whole` says whether spans of years (三年来) end with `now`, and not before it; None where that is not known.
    `coming` is the five-year plan that lies ahead, for a document that tells no year but names two plans.
    """

    now: int | None
    planned: str | None
    reviewed: int | None
    whole: bool | None = False
    coming: str | None = None


def five_year_plan(text: str) -> tuple[int, int] | None:
    """Give the first and the last year of the five-year plan a text names.

    Parameters
    ----------
    text : str
        Clean words.

    Returns
    -------
    tuple of int or None
        For instance (2021, 2025) for 十四五.

    Examples
    --------
    >>> five_year_plan("“十五五”时期")
    (2026, 2030)
    """
    found = _PLAN.search(text)
    number = read_numeral("十" + found[1]) if found else None
    if number is None:
        return None
    first = 2016 + 5 * (int(number.value) - 13)
    return first, first + 4


def tell_years(
    title: str | None, lines: Sequence[str], day: str | None, doc_type: str | None = None, *, given: bool = False
) -> Years:
    """Tell the years a document speaks in.

    Parameters
    ----------
    title : str or None
        Its title.
    lines : sequence of str
        Its clean lines, page furniture left out.
    day : str or None
        The day it was given, issued or shown, ``YYYY-MM-DD``.
    doc_type : str or None
        Its type.
    given : bool, default False
        Whether the day is its own and not that of a page.

    Returns
    -------
    Years
        A report of January reviews the year before and plans its own; a plan of December may be for the next.

    Examples
    --------
    >>> tell_years("2026年政府工作报告", [], None, "work_report")
    Years(now=2026, planned='2026', reviewed=2025, whole=False, coming=None)
    >>> tell_years("2025年空气质量排名", [], "2026-01-20", "news")
    Years(now=2026, planned='2026', reviewed=2025, whole=False, coming=None)
    >>> tell_years(None, ["到2027年，建成绿道50公里。"], None)
    Years(now=None, planned=None, reviewed=None, whole=False, coming=None)
    """
    told = list(_signs(title or "", "title"))
    own = max((year for tells, year in told if tells == "own"), default=None)
    results = max((year for tells, year in told if tells == "over"), default=None)
    aim = max((year for tells, year in told if tells == "aim"), default=None)
    span = _SPAN.search(title or "")
    shown, month = (int(day[:4]), day[5:7]) if day else (None, "")
    if not given and doc_type == "work_report" and month > _IN_SEASON:
        shown, month = None, ""
    own = None if own == results else own
    if span:
        own = results = None
    elif own and shown and own < shown and doc_type not in _MADE_FOR:  # news of a year that is over
        own, results = None, results or own
    report = doc_type == "work_report"
    said = own or (results + 1 if results and report else None) or _said(lines)
    now = said if shown is None or (said and said < shown and not given) else shown
    if now != shown:
        month = ""  # shown again later: the day tells nothing
    names_next = bool(shown and month >= _LATE and _names(lines, shown + 1))
    if span:
        planned: str | None = f"{span[1]}-{span[2]}"
    elif aim or said:
        planned = str(aim or said)
    elif month >= _LATE:
        planned = _late_plan(shown or 0, doc_type, names_next=names_next)
    else:
        planned = str(now) if now else None
    if results is None:
        if own or shown:
            results = _reviewed(own, now, month, doc_type, lines)
        elif now is None and not report:
            results = _only(lines)
    whole = False if report or not month or month <= _EARLY else True if month >= _WHOLE else None
    return Years(now, planned, results, whole, None if now else _coming(lines))


def _late_plan(shown: int, doc_type: str | None, *, names_next: bool) -> str | None:
    """Tell what a document of November or December plans for, where its title and headings do not."""
    if names_next:
        return str(shown + 1) if doc_type in ("plan", "notice", "work_report") else None
    return str(shown) if doc_type in ("speech", "news", None) else None


def _reviewed(own: int | None, now: int | None, month: str, doc_type: str | None, lines: Sequence[str]) -> int | None:
    """Tell the year of results from that of the document: the one before in a work report and early in the year."""
    if now is None:
        return None
    if doc_type == "work_report":
        return now if month >= _LATE and own in (None, now + 1) else now - 1
    if month > _EARLY:
        return None if _names(lines, now - 1) else now
    return now - 1 if month or doc_type in ("plan", "notice") else None


def _names(lines: Sequence[str], year: int) -> bool:
    """Say whether a text names a year other than to compare with it."""
    named = re.compile(rf"(?<![较比于]){year}年(?!同期|[底末])")
    return any(named.search(line) for line in lines)


def _only(lines: Sequence[str]) -> int | None:
    """Give the one year that a text names, when it opens with it: other than to aim at it or to compare with it."""
    if not any(_NAMED.search(line) for line in lines[:2]):
        return None
    named = {int(m[1]) for line in lines for m in _NAMED.finditer(_TITLED.sub("", line))}
    return named.pop() if len(named) == 1 else None


def _coming(lines: Sequence[str]) -> str | None:
    named = {plan for line in lines for m in _PLAN_NAMED.finditer(line) if (plan := five_year_plan(m[0]))}
    first, last = max(named, default=(0, 0))
    return f"{first}-{last}" if len(named) > 1 else None


def _said(lines: Sequence[str]) -> int | None:
    """Tell the year a document is made for from its headings, else from signs in its text where these agree."""
    headings = [line for line in lines if len(line) <= _LONGEST_HEADING and "\t" not in line]
    told = [sign for line in headings if _NAMES_YEAR.search(line) for sign in _signs(line.strip(), "heading")]
    if over := [year for tells, year in told if tells == "over"]:
        return max(over) + 1
    own = {year for tells, year in told if tells == "own"}
    if own:
        return own.pop() if len(own) == 1 else None
    votes: Counter[int] = Counter()
    for line in lines:
        for named in _NAMES_YEAR.finditer(line):
            first = max(0, named.start() - _BACK)
            near = line[first : named.end() + _AHEAD]
            votes.update({year + (tells == "over") for tells, year in _signs(near, "text", named.start() - first)})
    best = votes.most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else None


def _signs(text: str, place: str, at: int | None = None) -> Iterator[tuple[str, int]]:
    """Find what the signs of a place tell (own, over) and of which year; `at` is where that year must stand."""
    for pattern, row in patterns("year_signs", place=place):
        name = "year" if "year" in pattern.groupindex else "plan"
        for m in pattern.finditer(text):
            if at is not None and m.start(name) != at:
                continue
            if name == "year":
                yield str(row["tells"]), int(m["year"])
            elif plan := five_year_plan(m["plan"]):
                yield ("over" if row["tells"] == "plan_over" else "own"), plan[row["tells"] != "plan_first"]
