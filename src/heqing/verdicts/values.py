"""The value to date of a statistic of the catalogue, from observations of a store or from frames of air and water.

The science is that of `heqing.air` and `heqing.water`: a city is the mean of its stations, a section is judged on the
means of its months. A change is the same statistic over the same days of the year before. What a promise makes of the
value is told by `heqing.verdicts.judgement`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl

from heqing.air import city_daily_values, composite_index, daily_index, daily_values
from heqing.air.composite import RANKING, statistic_columns
from heqing.air.evaluation import EVALUATED, EVALUATION, decimals, has_mean, percentile_of
from heqing.editions import table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import PLACES, exact_mean, exact_percentile
from heqing.store import to_wide
from heqing.store.shapes import period_seconds
from heqing.tables import items
from heqing.verdicts.course import as_decimal, judged_bound
from heqing.verdicts.methods import method_on
from heqing.verdicts.promises import METHOD, Evidence
from heqing.verdicts.regimes import Pin, pins
from heqing.water import period_water_class

CATALOGUE = "indicator_catalogue"
INDEX, SURFACE_WATER = "air_index", "surface_water"
_CHANGE = ".change"
MONTHS_OF_A_YEAR = 12
_ITEM = re.compile(r"(air|water)\.([a-z0-9_]+)\.(?:mean|p(\d+))")
_DAYS = re.compile(r"air\.([a-z]+)_(?:day_ratio|days)")
_JUDGED = {"air": "pm2_5", "water": "ph"}
_DOUBTS = ("unconfirmed_rows", "practice_unconfirmed")


@dataclass(frozen=True)
class Measured:
    """A value to date (至今值): the value, what it rests on, and the decimals to which it is rounded when judged.

    `value` is None with a `reason` where it cannot be computed. `samples` of `expected` are days, or months of
    sections; `part` is the number of days counted by a share of days, or of sections, of `whole`, by a share of
    sections; `beyond` are the days beyond the bound of a percentile, as promised and as judged. `last_day` is the last
    one with data; where it is before `as_of`, the reason says so.
    """

    statistic: str
    value: Decimal | None
    as_of: date
    samples: int
    expected: int
    part: int | None = None
    whole: int | None = None
    beyond: tuple[int, int] | None = None
    places: int | None = None
    edition: str = ""
    clause: str = ""
    unconfirmed: bool = False
    reason: str = ""
    last_day: date | None = None

    def evidence(self, source: str = "") -> Evidence:
        """Give the value as evidence for a verdict."""
        return Evidence(
            self.value,
            self.as_of,
            part=self.part,
            whole=self.whole,
            beyond=self.beyond,
            samples=self.samples,
            expected=self.expected,
            source=source,
            edition=self.edition,
            clause=self.clause,
            unconfirmed=self.unconfirmed,
            reason=self.reason,
        )


def statistics_read() -> dict[str, str]:
    """Name the statistics of the catalogue that measurements answer.

    Returns
    -------
    dict of str to str
        Statistic to what it reads, ``air`` or ``water``.

    Examples
    --------
    >>> statistics_read()["air.good_day_ratio"]
    'air'
    """
    rows = table(CATALOGUE, "statistics").select("statistic", "reads").unique(maintain_order=True)
    return {name: reads for name, reads in rows.iter_rows() if reads in ("air", "water")}


def value_to_date(
    frame: pl.LazyFrame,
    statistic: str,
    *,
    period_start: date,
    on: date,
    places: Sequence[str] | None = None,
    body_types: Mapping[str, str] | None = None,
    required_class: Mapping[str, int] | None = None,
    bound: Decimal | None = None,
    editions: Sequence[str] = (),
) -> Measured:
    """Give a statistic from the first day of a period to a day.

    Parameters
    ----------
    frame : polars.LazyFrame
        Observations of a store (`heqing.store.current`, of one city: names of stations recur in others); or hours or
        days of air; or samples of water; or, to read them once for many statistics, what `city_days` or
        `section_months` gave.
    statistic : str
        A statistic of the catalogue, for instance ``air.pm2_5.mean``.
    period_start : date
        First day.
    on : date
        Last day; not after the end of the promise's period.
    places : sequence of str, optional
        Stations or sections that count; all by default.
    body_types : mapping, optional
        Section to kind of water body, where the frame has no ``body_type``.
    required_class : mapping, optional
        Section to the class it must keep [1–5].
    bound : Decimal, optional
        What a percentile must not exceed [its unit], to count the days beyond it.
    editions : sequence of str, optional
        Editions or regimes that count whatever the day (按指定标准回算), see `heqing.verdicts.regimes`; by default
        those in force on each day.

    Returns
    -------
    Measured
        The value in the unit of the catalogue, or None with its reason.

    Raises
    ------
    UnknownNameError
        When the catalogue has no such statistic, or no edition is of that name.

    References
    ----------
    Families ``air_evaluation``, ``air_index``, ``surface_water_method``; a figure of the period to date is usual
    practice and has no clause: the standards speak of months and years.

    Examples
    --------
    >>> days = pl.LazyFrame({"station": ["a", "b"] * 2, "day": [date(2025, 1, 1)] * 2 + [date(2025, 1, 2)] * 2,
    ...     "pm2_5": [30.0, 40.0, 50.0, None]})
    >>> found = value_to_date(days, "air.pm2_5.mean", period_start=date(2025, 1, 1), on=date(2025, 1, 3))
    >>> found.value, found.samples, found.expected
    (Decimal('42.5'), 2, 3)
    """
    known = dict(table(CATALOGUE, "statistics").select("statistic", "reads").iter_rows())
    if statistic not in known:
        raise UnknownNameError("statistic", statistic, sorted(known))
    if statistic not in statistics_read():
        return Measured(statistic, None, on, 0, 0, reason=f"statistic_elsewhere({_name(statistic)})")
    stem = statistic.removesuffix(_CHANGE)
    reads = statistics_read()[statistic]
    pinned = pins(editions)
    index = pinned.get(INDEX)
    limits = pinned.get(SURFACE_WATER)

    def between(first: date, last: date) -> Measured:
        if reads == "air":
            days = city_days(frame, first=first, last=last, places=places, edition=index.edition if index else None)
            return _air(days, stem, first, last, bound, pinned)
        months = section_months(frame, first=first, last=last, places=places, body_types=body_types)
        pin = limits.edition if limits else None
        return _water(months, stem, first, last, places, required_class or {}, pin)

    now = between(period_start, on)
    if stem == statistic:
        return now
    before = between(_year_before(period_start), _year_before(on))
    return _changed(statistic, now, before)


def _name(statistic: str) -> str:
    rows = table(CATALOGUE, "statistics").filter(pl.col("statistic") == statistic)
    return str(rows["name_zh"][0])


def _year_before(day: date) -> date:
    is_leap_day = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _changed(statistic: str, now: Measured, before: Measured) -> Measured:
    """Turn two values into a change: in percent where the catalogue's unit says so, else in the unit itself."""
    named = replace(now, statistic=statistic, part=None, whole=None, beyond=None, places=None)
    if now.value is None:
        return replace(named, reason=now.reason)
    if before.value is None:
        return replace(named, value=None, reason=f"no_comparison({_name(statistic)})")
    difference = Fraction(now.value) - Fraction(before.value)
    unit = table(CATALOGUE, "statistics").filter(pl.col("statistic") == statistic)["unit"][0]
    if unit == "%":
        if before.value == 0:
            return replace(named, value=None, reason=f"no_comparison({_name(statistic)})")
        difference = difference * 100 / Fraction(before.value)
    doubt = now.unconfirmed or before.unconfirmed
    return replace(named, value=as_decimal(difference, PLACES), unconfirmed=doubt)


def _exact(number: float | None) -> Decimal | None:
    """Read a double at the places that a mean of printed decimals is exact to."""
    return None if number is None else as_decimal(Fraction(number), PLACES)


# --- air ----------------------------------------------------------------------------------------------------------


def city_days(
    frame: pl.LazyFrame,
    *,
    first: date | None = None,
    last: date | None = None,
    places: Sequence[str] | None = None,
    edition: str | None = None,
) -> pl.LazyFrame:
    """Give the days of an area: the mean over its stations of their daily values, and the index of each day.

    Parameters
    ----------
    frame : polars.LazyFrame
        Observations of a store; or hours or days with ``station``, or days of the area itself.
    first, last : date, optional
        Only these days.
    places : sequence of str, optional
        Stations that count; all by default.
    edition : str, optional
        Pin an edition of HJ 633; by default the one in force on each day.

    Returns
    -------
    polars.LazyFrame
        One row per day, in order: ``day``, the six daily values, ``aqi``, ``level``, ``good_day``, ``edition``,
        ``clause``, ``unconfirmed``, ``reason``. A frame that is such a result already is only cut to the days, and its
        index made again where an edition is pinned.

    Examples
    --------
    >>> days = pl.LazyFrame({"station": ["a", "b"], "day": [date(2025, 1, 1)] * 2, "pm2_5": [30.0, 41.0]})
    >>> city_days(days).select("pm2_5", "level").collect().row(0)
    (35.5, 2)
    """
    columns = frame.collect_schema().names()
    if {"day", "good_day", "level", "area_of_stations"} <= set(columns):
        days = frame.filter(_within("day", first, last))
        return days if edition is None else daily_index(days, edition=edition)
    if "item" in columns and "period_end" in columns:
        frame = _widened(frame, "air", ("hour", "day"), first, last)
        columns = frame.collect_schema().names()
    if places is not None and "station" in columns:
        frame = frame.filter(pl.col("station").is_in(list(places)))
    if "time" in columns:
        begins = pl.col("time").dt.offset_by("-1h").dt.date()
        frame = daily_values(
            frame.filter(_span(begins, first, last)), by=[c for c in ("city", "station") if c in columns]
        )
    frame = frame.filter(_within("day", first, last)).with_columns(area_of_stations=pl.lit("area"))
    return daily_index(city_daily_values(frame, by=["area_of_stations"]), edition=edition).sort("day")


def _span(day: pl.Expr, first: date | None, last: date | None) -> pl.Expr:
    wanted = day.is_not_null()
    if first is not None:
        wanted &= day >= first
    return wanted if last is None else wanted & (day <= last)


def _within(column: str, first: date | None, last: date | None) -> pl.Expr:
    return _span(pl.col(column), first, last)


def _widened(
    long: pl.LazyFrame, domain: str, periods: Sequence[str], first: date | None, last: date | None
) -> pl.LazyFrame:
    """Widen observations of the first of the periods that has any."""
    begins = pl.col("period_end") - pl.duration(seconds=pl.col("period_seconds"))
    long = long.filter(pl.col("domain") == domain, _span(begins.dt.date(), first, last))
    found = set(long.select(pl.col("period_seconds").unique()).collect().to_series().to_list())
    period = next((p for p in periods if period_seconds(p) in found), periods[0])
    codes = [i.code for i in items(domain)]
    present = long.filter(pl.col("period_seconds") == period_seconds(period)).select(pl.col("item").unique())
    wanted = [c for c in codes if c in set(present.collect().to_series().to_list())]
    judged = _JUDGED[domain]  # an item that can be judged stands there even where nothing was measured
    return to_wide(long, domain=domain, period=period, codes=wanted if judged in wanted else [*wanted, judged])


def _air(
    days: pl.LazyFrame,
    statistic: str,
    first: date,
    last: date,
    bound: Decimal | None = None,
    pinned: Mapping[str, Pin] | None = None,
) -> Measured:
    expected = (last - first).days + 1
    pinned = pinned or {}
    number = _phase(EVALUATION, last, pinned)
    if statistic == "air.composite_index":
        return _composite(days, first, last, pinned)
    found = _ITEM.fullmatch(statistic)
    if found is not None:
        item, percent = found[2], found[3]
        places = decimals(number, "judged", item)
        edge, included = (bound, True) if bound is None else judged_bound(bound, places)
        above, above_judged = pl.col(item) > float(bound or 0), pl.col(item) > float(edge or 0)
        if not included:
            above_judged |= pl.col(item) == float(edge or 0)
        how = exact_mean(pl.col(item)) if percent is None else exact_percentile(pl.col(item), int(percent))
        row = (
            days.select(
                value=how,
                samples=pl.col(item).count(),
                last_day=pl.col("day").filter(pl.col(item).is_not_null()).max(),
                above=above.sum(),
                above_judged=above_judged.sum(),
            )
            .collect()
            .row(0, named=True)
        )
        rows = table(EVALUATION, "statistics").filter(
            (pl.col("phase_no") == number)
            & (pl.col("item") == item)
            & (pl.col("statistic") == ("mean" if percent is None else "percentile"))
        )
        measured = Measured(
            statistic,
            _exact(row["value"]),
            last,
            row["samples"],
            expected,
            beyond=None if bound is None or percent is None else (row["above"], row["above_judged"]),
            places=places,
            edition=timeline(EVALUATION).phases[number][0].number,
            clause=(rows["clause"][0] or "") if rows.height else "",
        )
        if measured.value is None:
            return replace(measured, reason=_no_days(first, last))
        return _ending(measured, row["last_day"])
    return _counted(days, statistic, first, last, decimals(number, "ratio", "percent"))


def _counted(days: pl.LazyFrame, statistic: str, first: date, last: date, places: int) -> Measured:
    """Count days by the level of the index."""
    hit = _is_counted(statistic)
    if hit is None:
        return Measured(statistic, None, last, 0, 0, reason=f"statistic_elsewhere({_name(statistic)})")
    level = pl.col("level")
    stated = days.filter(level.is_not_null())
    row = stated.select(
        hits=hit.sum(),
        samples=pl.len(),
        doubt=pl.col("unconfirmed").any(),
        edition=pl.col("edition").drop_nulls().unique(maintain_order=True).str.join("、"),
        clause=pl.col("clause").last(),
        earlier=pl.col("clause").filter(pl.col("edition") != pl.col("edition").last()).last(),
        last_day=pl.col("day").max(),
        since=pl.col("day").filter(pl.col("edition") == pl.col("edition").last()).min(),
    ).collect()
    hits, samples, doubt, edition, clause, earlier, last_day, since = row.row(0)
    expected = (last - first).days + 1
    if not samples:
        return Measured(statistic, None, last, 0, expected, reason=_no_days(first, last))
    is_ratio = statistic.endswith("_ratio")
    value = as_decimal(Fraction(hits * 100, samples)) if is_ratio else Decimal(hits)
    measured = Measured(
        statistic,
        value,
        last,
        samples,
        expected,
        part=hits if is_ratio else None,
        places=places if is_ratio else None,
        edition=edition or "",
        clause="；".join(filter(None, [earlier, clause])),
        unconfirmed=bool(doubt),
        reason=_doubts(stated.filter("unconfirmed").select("reason").collect()["reason"].unique().drop_nulls()),
    )
    if "、" in measured.edition:
        straddles = f"two_editions({measured.edition.replace('、', ',')});newer_edition_from({since})"
        measured = replace(measured, reason=";".join(filter(None, [measured.reason, straddles])))
    return _ending(measured, last_day)


def _is_counted(statistic: str) -> pl.Expr | None:
    """Tell whether the level of a day is one that a statistic counts; None where it counts no days."""
    found = _DAYS.fullmatch(statistic)
    rows = table(METHOD, "day_levels").filter(pl.col("counted") == (found[1] if found else ""))
    return None if not rows.height else pl.col("level").is_between(rows["level_from"][0], rows["level_to"][0])


def monthly_profile(
    frame: pl.LazyFrame, statistic: str, *, period_start: date, period_end: date, years: int | None = None
) -> tuple[Decimal, ...]:
    """Give what each month of a period brought in the years before: the course of a number of days (季节进度).

    Parameters
    ----------
    frame : polars.LazyFrame
        As `value_to_date` takes it for air.
    statistic : str
        One that counts days, such as ``air.heavy_days``.
    period_start, period_end : date
        A period of whole months, at most a year.
    years : int, optional
        How many years before it are looked at, at most; by default as the method of judging says. Only those count of
        which each month was measured enough.

    Returns
    -------
    tuple of Decimal
        The mean number of days of each month [d]; empty where no year before can tell, or nothing is counted in days.

    Examples
    --------
    >>> days = pl.LazyFrame({"station": ["a"] * 59, "pm2_5": [160.0] * 3 + [30.0] * 56,
    ...     "day": pl.date_range(date(2025, 1, 1), date(2025, 2, 28), eager=True)})
    >>> monthly_profile(days, "air.heavy_days", period_start=date(2026, 1, 1), period_end=date(2026, 2, 28))
    (Decimal('3'), Decimal('0'))
    """
    hit = _is_counted(statistic)
    whole = period_start.day == 1 and (period_end + timedelta(days=1)).day == 1
    count = (period_end.year - period_start.year) * 12 + period_end.month - period_start.month + 1
    if hit is None or not whole or count > MONTHS_OF_A_YEAR:
        return ()
    method = method_on(period_start)
    years = method.profile_years if years is None else years
    days = city_days(frame, first=period_start.replace(year=period_start.year - years), last=_year_before(period_end))
    months = days.group_by(month=pl.col("day").dt.truncate("1mo")).agg(
        hits=hit.sum(), samples=pl.col("level").count(), days=pl.col("day").dt.days_in_month().first()
    )
    known = {row["month"]: row for row in months.collect().iter_rows(named=True)}
    kept = []
    for back in range(1, years + 1):
        rows = [known.get(_month_after(period_start.replace(year=period_start.year - back), n)) for n in range(count)]
        if all(row is not None and row["samples"] * 100 >= row["days"] * method.enough_percent for row in rows):
            kept.append([row["hits"] for row in rows if row is not None])
    return tuple(as_decimal(Fraction(sum(hits), len(kept))) for hits in zip(*kept, strict=True))


def _month_after(month: date, count: int) -> date:
    place = month.year * 12 + month.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)


def _ending(measured: Measured, last_day: date) -> Measured:
    """Say where the data end, if that is before the day the value is for."""
    said = [f"data_end({last_day})"] if last_day < measured.as_of else []
    return replace(measured, last_day=last_day, reason=";".join([*filter(None, [measured.reason]), *said]))


def _doubts(reasons: Iterable[str]) -> str:
    """Keep of the days' reasons those that tell a doubt, each once."""
    parts = {p: None for r in sorted(reasons) for p in r.split(";") if p.split("(")[0] in _DOUBTS}
    return ";".join(parts)


def _composite(days: pl.LazyFrame, first: date, last: date, pinned: Mapping[str, Pin]) -> Measured:
    columns = statistic_columns()
    statistics = [exact_mean(pl.col(i)).alias(f"{i}_mean") for i in EVALUATED if has_mean(i)]
    for item in EVALUATED:
        percent = percentile_of(item)
        if percent is not None:
            statistics.append(exact_percentile(pl.col(item), percent).alias(f"{item}_p{percent}"))
    least = pl.min_horizontal([pl.col(i).count() for i in columns]).cast(pl.Int64)
    whole = pl.all_horizontal([pl.col(i).is_not_null() for i in columns])
    pin = pinned.get(RANKING)
    ranked_on = last if pin is None else pin.phase_day(last)
    row = days.select(
        *statistics, samples=least, last_day=pl.col("day").filter(whole).max(), period_end=pl.lit(ranked_on)
    )
    wanted = ("composite_index", "samples", "composite_unconfirmed", "last_day")
    result = composite_index(row).select(wanted).collect().row(0)
    number = _phase(RANKING, last, pinned)
    value = _exact(result[0])
    measured = Measured(
        "air.composite_index",
        value,
        last,
        result[1],
        (last - first).days + 1,
        edition=timeline(RANKING).phases[number][0].number,
        unconfirmed=bool(result[2]),
        reason="" if value is not None else _no_days(first, last),
    )
    return measured if value is None or result[3] is None else _ending(measured, result[3])


def _phase(family: str, day: date, pinned: Mapping[str, Pin]) -> int:
    """Give the place of the phase in force, the first one before all; of a pinned edition, its nearest phase."""
    phases = list(enumerate(timeline(family).phases))
    pin = pinned.get(family)
    if pin is not None:
        day = pin.phase_day(day)
        phases = [(n, found) for n, found in phases if found[0].number == pin.edition]
    return max((n for n, (_, phase) in phases if phase.valid_from <= day), default=phases[0][0])


def _no_days(first: date, last: date) -> str:
    return f"no_days({first} — {last})"


# --- water --------------------------------------------------------------------------------------------------------


def section_months(
    frame: pl.LazyFrame,
    *,
    first: date | None = None,
    last: date | None = None,
    places: Sequence[str] | None = None,
    body_types: Mapping[str, str] | None = None,
) -> pl.LazyFrame:
    """Give the months of sections: means of their items and their class.

    Parameters
    ----------
    frame : polars.LazyFrame
        Observations of a store, or samples with ``section`` and ``time`` or ``day``.
    first, last : date, optional
        Only samples of these days.
    places : sequence of str, optional
        Sections that count; all by default.
    body_types : mapping, optional
        Section to kind of water body, where the frame has no ``body_type``; without it the kind is unknown.

    Returns
    -------
    polars.LazyFrame
        As `heqing.water.period_water_class` gives months. A frame that is such a result already is only cut.

    Examples
    --------
    >>> samples = pl.LazyFrame({"section": ["a"], "day": [date(2025, 6, 1)], "body_type": ["river"], "tp": [0.15]})
    >>> section_months(samples).select("section", "period", "water_class").collect().row(0)
    ('a', '2025-06', 3)
    """
    columns = frame.collect_schema().names()
    if {"period", "water_class", "section"} <= set(columns):
        month = pl.col("period").str.to_date("%Y-%m", strict=False)
        start = None if first is None else first.replace(day=1)
        wanted = _span(month, start, last)
        return frame.filter(wanted if places is None else wanted & pl.col("section").is_in(list(places)))
    if "item" in columns and "period_end" in columns:
        frame = _widened(frame, "water", ("sample", "hour", "day"), first, last)
        columns = frame.collect_schema().names()
    else:
        moment = pl.col("time").cast(pl.Date) if "time" in columns else pl.col("day").cast(pl.Date)
        frame = frame.filter(_span(moment, first, last))
    if places is not None:
        frame = frame.filter(pl.col("section").is_in(list(places)))
    if "body_type" not in columns:
        known = dict(body_types or {})
        kind = pl.col("section").replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
        frame = frame.with_columns(body_type=kind if known else pl.lit(None, pl.String))
    return period_water_class(frame, level="month")


def _to_date(months: pl.DataFrame, last: date, edition: str | None) -> pl.DataFrame:
    """Judge each section on the mean of its months: each month's means stand as one sample of the last month.

    The mean of such samples is the mean of the months, pH by its ions as ever, and no minimum of months is asked, as
    it is of a whole year.
    """
    codes = [i.code for i in items("water") if i.code in months.columns]
    at = pl.datetime(last.year, last.month, 1)
    place = pl.int_range(pl.len()).over("section")
    rows = months.select("section", "body_type", *codes, time=at + pl.duration(seconds=place))
    return period_water_class(rows.lazy(), level="month", edition=edition).collect()


def _water(
    frame: pl.LazyFrame,
    statistic: str,
    first: date,
    last: date,
    places: Sequence[str] | None,
    required: Mapping[str, int],
    edition: str | None,
) -> Measured:
    months = frame.filter(pl.col("period").is_not_null()).collect()
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    wanted = list(places) if places is not None else sorted(set(months["section"].drop_nulls().to_list()))
    expected = span * len(wanted)
    found = _ITEM.fullmatch(statistic)
    if not months.height or (found is not None and found[2] not in months.columns):
        return Measured(statistic, None, last, 0, expected, reason=_no_days(first, last))
    rows = _to_date(months, last, edition)
    if found is not None:
        item = found[2]
        value = _exact(rows.select(exact_mean(pl.col(item))).item())
        samples = int((months[f"{item}_n"] > 0).sum())
        measured = Measured(statistic, value, last, samples, expected)
        if value is None:
            return replace(measured, reason=_no_days(first, last))
        return _ending(measured, _month_end(months.filter(pl.col(f"{item}_n") > 0), last))
    judged = rows.filter(pl.col("water_class").is_not_null())
    gone = sorted(set(wanted) - set(judged["section"].to_list()))
    said = [f"sections_not_judged({_listed(gone)})"] if gone else []
    if judged["unconfirmed"].any():
        said.append("unconfirmed_rows(断面水质评价)")
    base = Measured(
        statistic,
        None,
        last,
        int(months["water_class"].is_not_null().sum()),
        expected,
        edition=(judged["edition"][-1] or "") if judged.height else "",
        clause=(judged["clause"][-1] or "") if judged.height else "",
        unconfirmed=bool(judged["unconfirmed"].any()),
        reason=";".join(said),
    )
    if not judged.height:
        return replace(base, reason=";".join([_no_days(first, last), *said]))
    classes = dict(judged.select("section", "water_class").iter_rows())
    ended = _month_end(months.filter(pl.col("water_class").is_not_null()), last)
    return _of_classes(_ending(base, ended), classes, months, required)


def _month_end(months: pl.DataFrame, last: date) -> date:
    """Give the last day of the last month with data, at most the day asked for."""
    end: date | None = months.select(pl.col("period").max().str.to_date("%Y-%m").dt.month_end()).item()
    return last if end is None else min(end, last)


def _of_classes(base: Measured, classes: dict[str, int], months: pl.DataFrame, required: Mapping[str, int]) -> Measured:
    shares = table(METHOD, "class_shares").filter(pl.col("statistic") == base.statistic)
    if shares.height:
        low, high = shares["class_from"][0], shares["class_to"][0]
        return _share(base, sum(low <= c <= high for c in classes.values()), len(classes))
    if base.statistic == "water.worst_class":
        return replace(base, value=Decimal(max(classes.values())))
    unknown = sorted(set(classes) - set(required))
    if unknown:
        said = f"required_class_missing({_listed(unknown)})"
        base = replace(base, reason=";".join(filter(None, [said, base.reason])))
    held = {s: c for s, c in classes.items() if s in required}
    if not held:
        return base
    if base.statistic == "water.months_exceeding":
        rows = months.filter(pl.col("water_class").is_not_null()).select("section", "water_class").iter_rows()
        return replace(base, value=Decimal(sum(s in required and c > required[s] for s, c in rows)))
    if base.statistic in ("water.share_attaining", "water.source_attaining"):
        return _share(base, sum(c <= required[s] for s, c in held.items()), len(held))
    return replace(base, reason=f"statistic_elsewhere({_name(base.statistic)})")


def _share(base: Measured, part: int, whole: int) -> Measured:
    value = as_decimal(Fraction(part * 100, whole))
    return replace(base, value=value, part=part, whole=whole, places=decimals(0, "ratio", "percent"))


def _listed(sections: Sequence[str]) -> str:
    return ",".join(re.sub(r"[();,]", " ", s) for s in sections)
