"""The value to date of a statistic of the catalogue, from observations of a store or from frames of air and water.

The science is that of `heqing.air` and `heqing.water`: a city is the mean of its stations, a section is judged on the
means of its months. A change is the same statistic over the same days of the year before. What a promise makes of the
value is told by `heqing.verdicts.judgement`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from heqing.verdicts.course import as_decimal, judged_bound
from heqing.verdicts.measured import CATALOGUE, ITEM, Measured, ending, exact, name_of, no_days, widened, within_days
from heqing.verdicts.methods import method_on
from heqing.verdicts.promises import METHOD
from heqing.verdicts.regimes import Pin, pins
from heqing.verdicts.section_values import of_sections, section_months

INDEX, SURFACE_WATER = "air_index", "surface_water"
_CHANGE = ".change"
MONTHS_OF_A_YEAR = 12
_DAYS = re.compile(r"air\.([a-z]+)_(?:day_ratio|days)")
_DOUBTS = ("unconfirmed_rows", "practice_unconfirmed")


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
        return Measured(statistic, None, on, 0, 0, reason=f"statistic_elsewhere({name_of(statistic)})")
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
        return of_sections(months, stem, first, last, places, required_class or {}, pin)

    now = between(period_start, on)
    if stem == statistic:
        return now
    before = between(_year_before(period_start), _year_before(on))
    return _changed(statistic, now, before)


def _year_before(day: date) -> date:
    is_leap_day = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _changed(statistic: str, now: Measured, before: Measured) -> Measured:
    """Turn two values into a change: in percent where the catalogue's unit says so, else in the unit itself."""
    named = replace(now, statistic=statistic, part=None, whole=None, beyond=None, places=None)
    if now.value is None:
        return replace(named, reason=now.reason)
    if before.value is None:
        return replace(named, value=None, reason=f"no_comparison({name_of(statistic)})")
    difference = Fraction(now.value) - Fraction(before.value)
    unit = table(CATALOGUE, "statistics").filter(pl.col("statistic") == statistic)["unit"][0]
    if unit == "%":
        if before.value == 0:
            return replace(named, value=None, reason=f"no_comparison({name_of(statistic)})")
        difference = difference * 100 / Fraction(before.value)
    doubt = now.unconfirmed or before.unconfirmed
    return replace(named, value=as_decimal(difference, PLACES), unconfirmed=doubt)


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
        frame = widened(frame, "air", ("hour", "day"), first, last)
        columns = frame.collect_schema().names()
    if places is not None and "station" in columns:
        frame = frame.filter(pl.col("station").is_in(list(places)))
    if "time" in columns:
        begins = pl.col("time").dt.offset_by("-1h").dt.date()
        frame = daily_values(
            frame.filter(within_days(begins, first, last)), by=[c for c in ("city", "station") if c in columns]
        )
    frame = frame.filter(_within("day", first, last)).with_columns(area_of_stations=pl.lit("area"))
    return daily_index(city_daily_values(frame, by=["area_of_stations"]), edition=edition).sort("day")


def _within(column: str, first: date | None, last: date | None) -> pl.Expr:
    return within_days(pl.col(column), first, last)


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
    found = ITEM.fullmatch(statistic)
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
            exact(row["value"]),
            last,
            row["samples"],
            expected,
            beyond=None if bound is None or percent is None else (row["above"], row["above_judged"]),
            places=places,
            edition=timeline(EVALUATION).phases[number][0].number,
            clause=(rows["clause"][0] or "") if rows.height else "",
        )
        if measured.value is None:
            return replace(measured, reason=no_days(first, last))
        return ending(measured, row["last_day"])
    return _counted(days, statistic, first, last, decimals(number, "ratio", "percent"))


def _counted(days: pl.LazyFrame, statistic: str, first: date, last: date, places: int) -> Measured:
    """Count days by the level of the index."""
    hit = _is_counted(statistic)
    if hit is None:
        return Measured(statistic, None, last, 0, 0, reason=f"statistic_elsewhere({name_of(statistic)})")
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
        return Measured(statistic, None, last, 0, expected, reason=no_days(first, last))
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
    return ending(measured, last_day)


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
    value = exact(result[0])
    measured = Measured(
        "air.composite_index",
        value,
        last,
        result[1],
        (last - first).days + 1,
        edition=timeline(RANKING).phases[number][0].number,
        unconfirmed=bool(result[2]),
        reason="" if value is not None else no_days(first, last),
    )
    return measured if value is None or result[3] is None else ending(measured, result[3])


def _phase(family: str, day: date, pinned: Mapping[str, Pin]) -> int:
    """Give the place of the phase in force, the first one before all; of a pinned edition, its nearest phase."""
    phases = list(enumerate(timeline(family).phases))
    pin = pinned.get(family)
    if pin is not None:
        day = pin.phase_day(day)
        phases = [(n, found) for n, found in phases if found[0].number == pin.edition]
    return max((n for n, (_, phase) in phases if phase.valid_from <= day), default=phases[0][0])
