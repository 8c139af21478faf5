"""What remains of a promise through its period (保目标倒推): the mean or the days that are left, day by day.

The arithmetic is that of `heqing.verdicts.course`; a value at the limit is judged there, not by the eye.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import polars as pl

from heqing.errors import HeqingError, UnknownNameError
from heqing.plots.drawing import ALARM, CALM, FAINT, INK, Language, page, place_of, say, title
from heqing.quantities.rounding import PLACES, scaled
from heqing.tables import need_columns, read_frame
from heqing.verdicts import Kind, Promise, day_budget, judged_bound, remaining_mean
from heqing.verdicts.course import as_decimal, elapsed_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = (Kind.MEAN, Kind.DAY_RATIO)
_WIDTH = 640  # of the daily values of a period together [points]
_SHOWN = 1  # decimals beyond those of the bound


def remaining_allowance(
    frame: Any,
    promise: Promise,
    *,
    value: str,
    places: int | None = None,
    name: str = "",
    place: str = "",
    lang: Language = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Draw what the days that remain may bring for a promise to be kept.

    Parameters
    ----------
    frame : any frame
        Of one place, one row per day up to today. Reads ``day`` and `value`; days outside the period are left out.
    promise : Promise
        Of kind ``MEAN`` (bound in the unit of the values) or ``DAY_RATIO`` (bound in percent), with both ends of its
        period.
    value : str
        Column of daily values of a mean, or of days that count (Boolean, for instance ``good_day``) of a share.
    places : int, optional
        Decimals to which the method rounds a mean before it is judged; by default it is judged as it is.
    name : str
        What is promised, for the title; by default the column's name.
    place : str
        Name of the place, for the title.
    lang : {"zh", "en"}
        Language of the words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The picture. Of a mean: daily values, mean to date, and the mean the remaining days must keep as it stood each
        day. Of a share: how many days could still fail, as it stood each day.

    Raises
    ------
    MissingColumnError
        Without ``day`` or `value`.
    UnknownNameError
        When the promise is of another kind.
    HeqingError
        When bound or period are not known, the frame has no value in it, or a day twice.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> from datetime import timedelta
    >>> days = [date(2025, 1, 1) + timedelta(days=n) for n in range(100)]
    >>> frame = pl.DataFrame({"day": days, "pm2_5": [40.0] * 100})
    >>> year = Promise(Kind.MEAN, "<=", Decimal(35), date(2025, 1, 1), date(2025, 12, 31))
    >>> remaining_allowance(frame, year, value="pm2_5", places=0, name="PM2.5 年均").texts[-1].get_text()
    '截至 2025-04-10，均值 40.0（100 天）。余下 265 天均值须不高于 33.1；按修约后判定须低于 33.8。'
    """
    if promise.kind not in _KINDS:
        raise UnknownNameError("kind of promise with an allowance", promise.kind, [k.value for k in _KINDS])
    if promise.bound is None or promise.period_start is None or promise.period_end is None:
        raise HeqingError("`remaining_allowance` needs a promise with bound and both ends of its period.")
    read = read_frame(frame, "remaining_allowance")
    need_columns(read.lazy(), "The daily table", ["day", value])
    days = (
        read.select(pl.col("day").cast(pl.Date), pl.col(value).alias("value"))
        .filter(pl.col("day").is_between(promise.period_start, promise.period_end) & pl.col("value").is_not_null())
        .sort("day")
    )
    if days.is_empty():
        raise HeqingError(f"`remaining_allowance`: column `{value}` has no value within the period.")
    if days["day"].is_duplicated().any():
        raise HeqingError("`remaining_allowance` draws one place; a day has several rows. Filter the frame first.")
    draw, key = (
        (_draw_mean, "allowance_mean_title") if promise.kind is Kind.MEAN else (_draw_days, "allowance_days_title")
    )
    if promise.kind is Kind.MEAN and not promise.is_downward:
        key += "_up"
    with page(ax, lang, size=(10.6, 5.6)) as drawn:
        note = draw(drawn, days, promise, promise.bound, places, lang)
        _draw_months(drawn, promise, lang)
        title(drawn, say(key, lang, place=place_of(place, lang), name=name or value), note)
    return drawn


def _draw_mean(
    ax: Axes, days: pl.DataFrame, promise: Promise, bound: Decimal, judged_places: int | None, lang: Language
) -> str:
    whole = days.select(scaled(pl.col("value").cast(pl.Float64), PLACES)).to_series().to_list()
    on: Any = days["day"].to_list()
    down = promise.is_downward
    turned, included = judged_bound(bound, judged_places, downward=down, strict=promise.comparator in ("<", ">"))
    total, means, needed, of_judged = 0, [], [], None
    for counted, (day, one) in enumerate(zip(on, whole, strict=True), 1):
        total += one
        mean = Fraction(total, counted * 10**PLACES)
        left = elapsed_days(promise, day)[1]
        means.append(mean)
        needed.append(remaining_mean(bound, mean, counted, left))
        of_judged = remaining_mean(turned, mean, counted, left)
    up = "" if down else "_up"
    daily = days["value"].cast(pl.Float64).to_list()
    ax.vlines(on, 0, daily, linewidth=_WIDTH / (promise.days or 1), color=FAINT, label=say("daily_value", lang))
    ax.axhline(
        float(bound), color=INK, linewidth=1.1, linestyle=(0, (5, 4)), label=say("bound", lang, bound=f"{bound:f}")
    )
    ax.plot(on, [float(m) for m in means], color=CALM, linewidth=2.2, label=say("mean_to_date", lang))
    seen: Any = [(day, float(n)) for day, n in zip(on, needed, strict=True) if n is not None]
    ax.plot(*zip(*seen, strict=True), color=ALARM, linewidth=2.2, label=say(f"required_mean{up}", lang))
    left, strict = elapsed_days(promise, on[-1])[1], needed[-1]
    places = max(_decimals(bound), judged_places or 0) + _SHOWN
    now = f"{as_decimal(means[-1], places):.{places}f}"
    told: dict[str, Any] = {"day": on[-1], "mean": now, "counted": len(on), "left": left}
    ax.set_ylim(0, max(float(bound) * 2.1, float(max(means)) * 1.25))
    ax.legend(loc="upper right", fontsize=8.5, frameon=False, ncols=4)
    if strict is None or of_judged is None or promise.period_end is None:
        return say("allowance_mean_done", lang, **told, bound=f"{bound:f}")
    if down and of_judged < 0:
        return say("allowance_mean_lost", lang, **told)
    ax.plot([on[-1], promise.period_end], [float(strict)] * 2, color=ALARM, linewidth=2.2, linestyle=(0, (1, 1.6)))
    ax.annotate(
        _within(strict, places, down=down),
        (promise.period_end, float(strict)),
        xytext=(4, 0),
        textcoords="offset points",
        color=ALARM,
        fontsize=11,
        fontweight="bold",
        va="center",
        annotation_clip=False,
    )
    told_mean = (on[-1], float(means[-1]))
    ax.annotate(now, told_mean, xytext=(5, 7), textcoords="offset points", color=CALM, fontweight="bold")
    word = say(("at_most" if included else "below") if down else ("at_least" if included else "above"), lang)
    shown = {
        "strict": _within(strict, places, down=down),
        "judged": _within(of_judged, places, down=down),
        "word": word,
    }
    return say(f"allowance_mean_note{up}", lang, **told, **shown)


def _draw_days(
    ax: Axes, days: pl.DataFrame, promise: Promise, bound: Decimal, _places: int | None, lang: Language
) -> str:
    on: Any = days["day"].to_list()
    counts: list[bool] = days["value"].cast(pl.Boolean).to_list()
    down, included = promise.is_downward, promise.comparator not in ("<", ">")
    hits, spare, needed = 0, [], 0
    for counted, (day, hit) in enumerate(zip(on, counts, strict=True), 1):
        hits += hit
        left = elapsed_days(promise, day)[1]
        needed, may_fail = day_budget(bound, hits, counted, left, downward=down, included=included)
        spare.append(may_fail)
    ax.fill_between(on, spare, 0, step="post", where=[s >= 0 for s in spare], color=CALM, alpha=0.22, linewidth=0)
    ax.fill_between(on, spare, 0, step="post", where=[s < 0 for s in spare], color=ALARM, alpha=0.25, linewidth=0)
    ax.plot(
        on,
        spare,
        drawstyle="steps-post",
        color=CALM if spare[-1] >= 0 else ALARM,
        linewidth=2.2,
        label=say("days_spare", lang),
    )
    ax.axhline(0, color=INK, linewidth=1.1)
    low, high = min(*spare, 0), max(*spare, 1)
    ax.set_ylim(low - 0.16 * (high - low), high + 0.12 * (high - low))
    failing: Any = [day for day, hit in zip(on, counts, strict=True) if hit == down]
    at = low - 0.09 * (high - low)
    ax.plot(
        failing,
        [at] * len(failing),
        linestyle="none",
        marker="|",
        markersize=9,
        color=ALARM,
        label=say("failing_day", lang),
    )
    ax.annotate(
        f"{spare[-1]}",
        (on[-1], spare[-1]),
        xytext=(7, 0),
        textcoords="offset points",
        color=CALM if spare[-1] >= 0 else ALARM,
        fontsize=13,
        fontweight="bold",
        va="center",
    )
    ax.legend(loc="upper right", fontsize=8.5, frameon=False, ncols=2)
    left = elapsed_days(promise, on[-1])[1]
    told = {"day": on[-1], "hits": len(on) - len(failing), "counted": len(on), "left": left}
    if spare[-1] < 0:
        return say("allowance_days_lost", lang, **told, lack=-spare[-1])
    if needed <= 0:
        return say("allowance_days_kept", lang, **told)
    return say("allowance_days_note", lang, **told, needed=needed, spare=spare[-1])


def _draw_months(ax: Axes, promise: Promise, lang: Language) -> None:
    start, end = promise.period_start, promise.period_end
    axis: Any = ax  # dates are no numbers to the types of matplotlib
    if start is None or end is None:
        return
    axis.set_xlim(start, end)
    months = [date(m // 12, m % 12 + 1, 1) for m in range(start.year * 12 + start.month - 1, end.year * 12 + end.month)]
    step = max(1, len(months) // 12)
    words = say("months", lang).split("|")
    firsts = months[::step]
    axis.set_xticks(firsts, [words[m.month - 1] for m in firsts], fontsize=8.5, ha="left")
    ax.grid(axis="y", color="#eef1f4", linewidth=0.8)
    ax.set_axisbelow(True)


def _within(exact: Fraction, places: int, *, down: bool) -> str:
    """Print what is still allowed, never more than that: down where it is a most, up where it is a least."""
    whole = floor(exact * 10**places) if down else ceil(exact * 10**places)
    return f"{Decimal(whole).scaleb(-places):.{places}f}"


def _decimals(bound: Decimal) -> int:
    exponent = bound.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
