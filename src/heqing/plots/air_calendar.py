"""The calendar of a year of air: each day in the official colour of its level, with its index and level in print.

The colours of HJ 633 are not told apart by every eye, so the level stands in each cell too. The index is made in
`heqing.air.daily_index`.
"""

from __future__ import annotations

import calendar
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from heqing.editions import table
from heqing.errors import HeqingError
from heqing.plots.drawing import FAINT, SOFT, Language, ink_on, page, place_of, say, title
from heqing.tables import need_columns, read_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ACROSS = 4  # months beside each other
_WIDE, _HIGH = 8.0, 8.4  # of a month, in days


def aqi_calendar(
    frame: Any, *, year: int | None = None, place: str = "", lang: Language = "zh", ax: Axes | None = None
) -> Axes:
    """Draw the calendar of a year: index and level of every day, in the colours of HJ 633.

    Parameters
    ----------
    frame : any frame
        Of one place, one row per day, as `heqing.air.daily_index` gives it. Reads ``day``, ``aqi``, ``level`` [1–6],
        and ``good_day``, ``edition``, ``unconfirmed`` where present.
    year : int, optional
        The year; by default the only one of the frame.
    place : str
        Name of the place, for the title.
    lang : {"zh", "en"}
        Language of the words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The picture; ``.figure.savefig("calendar.png")`` keeps it.

    Raises
    ------
    MissingColumnError
        When the frame has not been judged.
    HeqingError
        When a day has two rows, or the frame holds several years and none is named.
    MissingExtraError
        When matplotlib is not installed.

    References
    ----------
    Family ``air_index``, table ``categories``: HJ 633-2012, table 2 and annex A; HJ 633-2026, table 1 and annex A.

    Examples
    --------
    >>> days = pl.LazyFrame({"day": [date(2026, 3, 1)], "pm2_5": [70.0]})
    >>> from heqing.air import daily_index
    >>> picture = aqi_calendar(daily_index(days), place="甲市")
    >>> picture.get_title(loc="left")
    '甲市 2026 年空气质量日历'
    """
    read = read_frame(frame, "aqi_calendar")
    hint = "Judge the days first: heqing.air.daily_index."
    need_columns(read.lazy(), "The calendar", ["day", "aqi", "level"], hint=hint)
    days = one_year(read, year, "aqi_calendar")
    year = int(days["day"].dt.year()[0])
    known = {row["day"]: row for row in days.iter_rows(named=True)}
    with page(ax, lang, size=(12.6, 10.4)) as drawn:
        levels = _levels()
        for month in range(1, 13):
            _draw_month(drawn, year, month, known, levels, lang)
        _draw_legend(drawn, year, days, levels, lang)
        drawn.set_xlim(-0.2, _ACROSS * _WIDE - 0.8)
        drawn.set_ylim(3 * _HIGH + 2.5, -1.9)
        drawn.set_aspect("equal")
        drawn.axis("off")
        title(drawn, say("air_calendar_title", lang, place=place_of(place, lang), year=year))
    return drawn


def one_year(frame: pl.DataFrame, year: int | None, asked_by: str) -> pl.DataFrame:
    """Keep the days of one year, in order, each once.

    Parameters
    ----------
    frame : polars.DataFrame
        With ``day``.
    year : int or None
        The year; None for the only one.
    asked_by : str
        Name of the picture, for the message.

    Returns
    -------
    polars.DataFrame
        Its rows of that year.

    Raises
    ------
    HeqingError
        When there is no such year or it cannot be told, or a day has two rows.

    Examples
    --------
    >>> one_year(pl.DataFrame({"day": [date(2025, 1, 1), date(2026, 1, 1)]}), 2026, "picture").height
    1
    """
    rows = frame.with_columns(pl.col("day").cast(pl.Date)).filter(pl.col("day").is_not_null())
    years = rows["day"].dt.year().unique().sort().to_list()
    if year is None and len(years) != 1:
        held = ", ".join(str(y) for y in years) or "none"
        raise HeqingError(f"`{asked_by}` draws one year; the frame holds {held}. Name one: year=….")
    kept = rows.filter(pl.col("day").dt.year() == (years[0] if year is None else year)).sort("day")
    if kept.is_empty():
        raise HeqingError(f"`{asked_by}`: the frame has no day of {year}.")
    twice = kept.filter(pl.col("day").is_duplicated())
    if twice.height:
        raise HeqingError(f"`{asked_by}` draws one place; {twice['day'][0]} has several rows. Filter the frame first.")
    return kept


def _levels() -> dict[int, dict[str, Any]]:
    rows = table("air_index", "categories").sort("phase_no")
    return {row["level"]: row for row in rows.iter_rows(named=True)}


def _draw_month(
    ax: Axes,
    year: int,
    month: int,
    known: dict[date, dict[str, Any]],
    levels: dict[int, dict[str, Any]],
    lang: Language,
) -> None:
    from matplotlib.patches import Rectangle

    left, top = ((month - 1) % _ACROSS) * _WIDE, ((month - 1) // _ACROSS) * _HIGH
    ax.text(left, top - 1.05, say("months", lang).split("|")[month - 1], fontsize=11, fontweight="bold", va="center")
    for place, weekday in enumerate(say("weekdays", lang).split("|")):
        ax.text(left + place + 0.47, top - 0.32, weekday, fontsize=7, color=SOFT, ha="center", va="center")
    short = say("levels", lang).split("|")
    for line, week in enumerate(calendar.Calendar().monthdatescalendar(year, month)):
        for place, day in enumerate(week):
            if day.month != month:
                continue
            row = known.get(day, {})
            level, x, y = row.get("level"), left + place, top + line
            if level is None or row["aqi"] is None:
                ax.add_artist(
                    Rectangle((x, y), 0.94, 0.94, facecolor="white", edgecolor=FAINT, hatch="////", linewidth=0.6)
                )
                continue
            colour = levels[level]["hex"]
            ink = ink_on(colour)
            ax.add_artist(Rectangle((x, y), 0.94, 0.94, facecolor=colour, edgecolor="none"))
            mark = "*" if row.get("unconfirmed") else ""
            ax.text(x + 0.47, y + 0.34, f"{row['aqi']}{mark}", fontsize=8, color=ink, ha="center", va="center")
            ax.text(x + 0.47, y + 0.73, short[level - 1], fontsize=5.6, color=ink, ha="center", va="center")


def _draw_legend(ax: Axes, year: int, days: pl.DataFrame, levels: dict[int, dict[str, Any]], lang: Language) -> None:
    from matplotlib.patches import Rectangle

    judged = days.filter(pl.col("aqi").is_not_null() & pl.col("level").is_not_null())
    counts = Counter(judged["level"].to_list())
    y, step = 3 * _HIGH - 0.45, (_ACROSS * _WIDE - 1) / 6
    for place, (level, row) in enumerate(sorted(levels.items())):
        x, colour = place * step, row["hex"]
        ax.add_artist(Rectangle((x, y), 0.94, 0.94, facecolor=colour, edgecolor="none"))
        ax.text(
            x + 0.47,
            y + 0.49,
            say("levels", lang).split("|")[level - 1],
            fontsize=7,
            color=ink_on(colour),
            ha="center",
            va="center",
        )
        span = f"{row['aqi_min']}–{row['aqi_max']}" if level < len(levels) else f">{row['aqi_min'] - 1}"
        ax.text(x + 1.15, y + 0.22, f"{row[f'category_{lang}']}", fontsize=7.5, va="center")
        ax.text(
            x + 1.15,
            y + 0.78,
            f"{span}   {say('days_of', lang, count=counts[level])}",
            fontsize=7.5,
            color=SOFT,
            va="center",
        )
    length = 366 if calendar.isleap(year) else 365
    good = sum(count for level, count in counts.items() if levels[level]["good"])
    notes = [say("air_calendar_note", lang, good=good, valid=judged.height, missing=length - judged.height)]
    if "edition" in days.columns:
        first = judged.filter(pl.col("edition").is_not_null()).group_by("edition").agg(pl.col("day").min()).sort("day")
        named = [e + (say("since", lang, day=day) if place else "") for place, (e, day) in enumerate(first.iter_rows())]
        notes.append(say("by_edition", lang, edition="、".join(named) if lang == "zh" else ", ".join(named)))
    if "unconfirmed" in days.columns and judged["unconfirmed"].any():
        notes.append(say("unconfirmed", lang))
    ax.text(0, y + 1.75, "  ".join(notes), fontsize=8.5, color=SOFT, va="center")
