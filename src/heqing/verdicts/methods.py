"""How a promise is judged (评定办法): window, enough data, small numbers, rounding; apart from what is promised.

The settings are dated data of family ``verdict_method``. What is promised is `heqing.verdicts.promises.Promise`; the
two meet in `heqing.verdicts.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.verdicts.calendars import Calendar
from heqing.verdicts.promises import METHOD


@dataclass(frozen=True)
class Method:
    """By what a promise is judged, whatever it promises.

    Parameters
    ----------
    window : Calendar or None
        Each month, quarter … of the period is judged by itself and all must be kept (at most two a month); None looks
        at the period as a whole, to date.
    places : int or None
        Rounding: decimals to which the standard rounds a value before it is judged; None judges it as it is.
    enough_percent : Decimal
        Data sufficiency: percent of the expected samples below which nothing is said.
    about_percent : Decimal
        Percent of the bound by which a promise of “about” may be missed.
    small_whole : int
        Small numbers: a ratio of fewer things than these says how much a single one of them weighs.
    profile_years : int
        Past years, at most, whose months tell the course of a year.
    """

    window: Calendar | None = None
    places: int | None = None
    enough_percent: Decimal = Decimal(0)
    about_percent: Decimal = Decimal(0)
    small_whole: int = 0
    profile_years: int = 0


def method_on(on: date, *, window: Calendar | None = None, places: int | None = None) -> Method:
    """Give the method of judging as its settings stand on a day.

    Parameters
    ----------
    on : date
        The day of the verdict; before the first edition, that edition counts.
    window : Calendar, optional
        By which calendar the period is looked at piece by piece.
    places : int, optional
        Decimals to which a value is rounded before it is judged.

    Returns
    -------
    Method
        With sufficiency, tolerance and the count of small numbers of that day.

    Examples
    --------
    >>> method_on(date(2026, 11, 22), places=0).enough_percent == 75
    True
    """
    return replace(_settings(_phase(on)), window=window, places=places)


def window_in(words: str) -> Calendar | None:
    """Tell from the words of a promise whether each month, quarter … is judged by itself.

    Parameters
    ----------
    words : str
        Indicator and scope as the document words them.

    Returns
    -------
    Calendar or None
        By the first word of table ``window_words`` that stands in them.

    Examples
    --------
    >>> window_in("每月超标次数"), window_in("全年超标次数")
    (<Calendar.MONTH: 'month'>, None)
    """
    rows = table(METHOD, "window_words").select("word", "calendar").iter_rows()
    return next((Calendar(calendar) for word, calendar in rows if word in words), None)


def _phase(on: date) -> int:
    phases = timeline(METHOD).phases
    return max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)


@cache
def _settings(phase: int) -> Method:
    rows = table(METHOD, "settings").filter(pl.col("phase_no") == phase)
    found = dict(rows.select("name", "value").iter_rows())
    for name in ("enough_percent", "about_percent", "small_whole", "profile_years"):
        if name not in found:
            raise UnknownNameError("setting of the method", name, sorted(found))
    return Method(
        enough_percent=Decimal(found["enough_percent"]),
        about_percent=Decimal(found["about_percent"]),
        small_whole=int(found["small_whole"]),
        profile_years=int(found["profile_years"]),
    )
