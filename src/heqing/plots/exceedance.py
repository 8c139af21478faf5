"""The exceedance curve: the daily values of a year in order, against the limit and by the percentile of HJ 663.

The position of a value on the axis is that of the standard's percentile, so the curve meets the percentile line at the
very value that is judged.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from heqing.air import period_statistics
from heqing.air.evaluation import EVALUATED, EVALUATION, LIMITS, daily_averaging, decimals, limit, percentile_of
from heqing.editions import timeline
from heqing.errors import HeqingError, UnknownNameError
from heqing.plots.air_calendar import one_year
from heqing.plots.drawing import ALARM, CALM, SOFT, Language, name_of, page, place_of, say, title
from heqing.quantities.rounding import round_half_even
from heqing.tables import item as item_of
from heqing.tables import need_columns, read_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def exceedance_curve(
    frame: Any,
    item: str,
    *,
    year: int | None = None,
    edition: str | None = None,
    zone_class: int = 2,
    place: str = "",
    lang: Language = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Draw the daily values of a year in order, with the limit and the percentile that is judged.

    Parameters
    ----------
    frame : any frame
        Of one place, one row per day. Reads ``day`` and the item [µg/m³; CO mg/m³].
    item : str
        ``pm2_5 pm10 so2 no2 co`` (24-hour means) or ``o3_8h`` (daily maximum).
    year : int, optional
        The year; by default the only one of the frame.
    edition : str, optional
        Pin an edition of GB 3095; by default the one in force on the last day of the year.
    zone_class : int
        1 for specially protected zones, 2 for all others.
    place : str
        Name of the place, for the title.
    lang : {"zh", "en"}
        Language of the words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The picture. Limits of other editions and phases are drawn faintly. A year with too few days has no
        percentile, and the picture says so.

    Raises
    ------
    MissingColumnError
        Without ``day`` or the item.
    UnknownNameError
        When the item has no daily limit.
    HeqingError
        When the frame holds several years and none is named, or a day twice.
    MissingExtraError
        When matplotlib is not installed.

    References
    ----------
    GB 3095, table 1; HJ 663, annex A (percentile: k = 1 + (n - 1)p).

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    >>> year = pl.DataFrame({"day": days, "pm2_5": [30.0, 40.0, 50.0, 60.0, 80.0] * 73})
    >>> exceedance_curve(year, "pm2_5", place="甲市").get_title(loc="left")
    '甲市 2025 年 PM₂.₅ 日值由低到高'
    """
    if item not in EVALUATED:
        raise UnknownNameError("item with a daily limit", item, list(EVALUATED))
    read = read_frame(frame, "exceedance_curve")
    need_columns(read.lazy(), "The daily table", ["day", item])
    days = one_year(read, year, "exceedance_curve").select("day", pl.col(item).cast(pl.Float64))
    found = _judged(days, item, edition, zone_class)
    values = days[item].drop_nulls().sort().to_list()
    if not values:
        raise HeqingError(f"`exceedance_curve`: column `{item}` has no value in that year.")
    bound, unit = found["limit"], item_of("air", item).unit
    places = [100 * k / max(len(values) - 1, 1) for k in range(len(values))]
    with page(ax, lang, size=(9.6, 5.6)) as drawn:
        top = max(max(values), bound) * 1.12
        drawn.fill_between(
            places, values, bound, where=[v > bound for v in values], color=ALARM, alpha=0.18, linewidth=0
        )
        drawn.plot(places, values, color=CALM, linewidth=2.2, solid_capstyle="round")
        _draw_limits(drawn, found, item, zone_class, unit, lang, top)
        _draw_percentile(drawn, found, item, unit, lang, top)
        drawn.set_xlim(0, 100)
        drawn.set_ylim(0, top)
        drawn.set_xlabel(say("exceedance_x", lang), fontsize=9.5)
        drawn.set_ylabel(f"{name_of('air', item, lang)}  [{unit}]", fontsize=9.5)
        drawn.grid(axis="y", color="#eef1f4", linewidth=0.8)
        drawn.set_axisbelow(True)
        heading = {"place": place_of(place, lang), "year": days["day"].dt.year()[0], "item": name_of("air", item, lang)}
        notes = [say("exceeding_days", lang, count=found["exceeding"], days=found["days"]), found["clause"]]
        if found["unconfirmed"]:
            notes.append(say("unconfirmed_year", lang))
        title(drawn, say("exceedance_title", lang, **heading), "    ".join(notes))
    return drawn


_PLACES = (0.8, 38, 65, 80)  # of labels along the axis [%]
_CLOSE = 0.055  # labels nearer than this part of the height would touch


def _judged(days: pl.DataFrame, item: str, edition: str | None, zone_class: int) -> dict[str, Any]:
    """Judge the year by the rules of `heqing.air.period_statistics`."""
    percent = percentile_of(item)
    year = days.with_columns(place=pl.lit("here"))
    row = period_statistics(year, level="year", by=["place"], edition=edition, zone_class=zone_class).row(0, named=True)
    line = timeline(LIMITS).phases
    number = next(n for n, (e, p) in enumerate(line) if (e.number, p.key) == (row["edition"], row["phase"]))
    rules = timeline(EVALUATION)
    rule = pl.select(rules.number_on(pl.lit(row["period_end"]))).item()
    bound = limit(number, item, daily_averaging(item), zone_class)
    if bound is None:
        raise UnknownNameError("item with a daily limit", item, list(EVALUATED))
    value = row[f"{item}_p{percent}"]
    judged = None
    if value is not None:
        judged = round_half_even(Decimal(str(value)), decimals(rule or 0, "judged", item)) <= Decimal(str(bound))
    return {
        "limit": bound,
        "number": number,
        "percent": percent,
        "value": value,
        "attains": judged,
        "days": row[f"{item}_days"],
        "exceeding": row[f"{item}_exceeding_days"],
        "clause": row["clause"].partition("；环办")[0],
        "unconfirmed": row["unconfirmed"],
    }


def _draw_limits(
    ax: Axes, found: dict[str, Any], item: str, zone_class: int, unit: str, lang: Language, top: float
) -> None:
    phases = list(enumerate(timeline(LIMITS).phases))
    shown: dict[float, float] = {}  # where the label of each stands: beside those of limits that lie close
    for number, (edition, phase) in sorted(phases, key=lambda one: one[0] != found["number"]):
        bound = limit(number, item, daily_averaging(item), zone_class)
        if bound is None or bound in shown:
            continue
        beside = {x for other, x in shown.items() if abs(other - bound) < _CLOSE * top}
        shown[bound] = next(x for x in _PLACES if x not in beside)
        here = number == found["number"]
        since = say("since", lang, day=phase.valid_from) if len(edition.phases) > 1 else ""
        dashes: Any = "-" if here else (0, (4, 4))
        ax.axhline(bound, color=ALARM if here else SOFT, linewidth=1.6 if here else 0.8, linestyle=dashes)
        ax.annotate(
            say("limit_of", lang, edition=edition.number, since=since, limit=f"{bound:g} {unit}"),
            (shown[bound], bound),
            xytext=(0, -3 if bound < found["limit"] else 3),
            textcoords="offset points",
            va="top" if bound < found["limit"] else "bottom",
            fontsize=8.5 if here else 7.5,
            color=ALARM if here else SOFT,
            fontweight="bold" if here else "normal",
        )


def _draw_percentile(ax: Axes, found: dict[str, Any], item: str, unit: str, lang: Language, top: float) -> None:
    percent, value = found["percent"], found["value"]
    ax.axvline(percent, color=SOFT, linewidth=0.9, linestyle=(0, (2, 3)))
    if value is None:
        told, colour, at = say("too_few", lang), SOFT, top * 0.55
    else:
        at, colour = value, CALM if found["attains"] else ALARM
        ax.plot([percent], [value], marker="o", markersize=8, color=colour, markeredgecolor="white", zorder=5)
        told = say("percentile_of", lang, percent=percent, value=f"{value:g} {unit}")
        told += "\n" + say("attains" if found["attains"] else "exceeds", lang)
    ax.annotate(
        told,
        (percent, at),
        xytext=(-14, 26),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=10,
        fontweight="bold",
        color=colour,
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9} if value is not None else None,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )
