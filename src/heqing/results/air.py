"""Days, months, years and ranks of ambient air, kept beside the hours of a store and judged again where touched.

A day is touched when an hour of it came or was corrected since the last refresh; with it its station's month and
year, its city's day, month and year, and the ranking of those periods. Days are made from hours, periods from days:
a correction of last month reads the hours of one day and no others. The rules are those of `heqing.air`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
from deltalake import DeltaTable

import heqing.air
import heqing.quantities
import heqing.tables
from heqing.air import attaining_day, city_daily_values, daily_index, daily_values, period_statistics, rank_cities
from heqing.editions import family, table
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import PLACES, round_scaled, scaled, unscaled
from heqing.results.kept import Kept, open_kept
from heqing.store import current, delta
from heqing.store.shapes import period_seconds, to_wide
from heqing.tables import items

TABLES = ("days", "months", "years", "ranking")
_FAMILIES = ("air_index", "ambient_air", "air_evaluation", "air_ranking")
_ROOMS = (heqing.air, heqing.quantities, heqing.tables)
_PLACE = ["kind", "city", "station"]  # kind: station or city
_NEEDED = ["day", *_PLACE, "pm2_5", "pm10", "so2", "no2", "co", "o3_8h"]
_NEEDED += ["aqi", "good_day", "attaining_day", "conflicts", "off_hour"]
_RANKED: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "city": pl.String(),
    "period": pl.String(),
    "period_end": pl.Date(),
    "composite_index": pl.Float64(),
    "unconfirmed": pl.Boolean(),
}
_RUNS = 4  # stretches of days that are read one by one; of more, the whole month


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: counts of rows judged again, and whether everything was."""

    is_full: bool
    observations: int  # rows that came since the last refresh
    station_days: int
    city_days: int
    months: int
    years: int


def refresh_air(store: Path | str, *, zone_class: int = 2) -> Refreshed:
    r"""Judge what new or corrected hours of air touch, and keep the results.

    Parameters
    ----------
    store : path
        A store with hourly observations of air, see `heqing.store.import_frame`.
    zone_class : int
        1 for specially protected zones, 2 for all others.

    Returns
    -------
    Refreshed
        The counts. The first refresh, and one after a change of the rules or of `zone_class`, judges everything.

    Raises
    ------
    StoreError
        When there is no store, another process writes to it, or it cannot be written to.

    References
    ----------
    The rules of `heqing.air`; ranks by the composite index as published, equal ones share a rank (family
    ``air_ranking``, table ``decimals``).

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> from heqing.store import import_frame, open_frame
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("time,city,station,pm2_5\n2020-03-26 08:00,无锡,雪浪,35\n")
    >>> moment = datetime(2020, 3, 27, tzinfo=UTC)
    >>> _ = import_frame(folder / "store", open_frame(folder / "a.csv", domain="air"), recorded_at=moment)
    >>> refresh_air(folder / "store").station_days, refresh_air(folder / "store").station_days
    (1, 0)
    """
    store = Path(store)
    observations = delta.open_table(store, "observations")
    if observations is None:
        return Refreshed(False, 0, 0, 0, 0, 0)
    with delta.sole_writer(store):
        observations.update_incremental()  # what was committed while another process held the lock
        folder = store / "results" / "air"
        folder.mkdir(parents=True, exist_ok=True)
        kept, rules = open_kept(folder), f"{_rules()} zone {zone_class}"
        is_full = kept.rules != rules
        if is_full:
            kept = Kept(folder, rules=rules)
        new = _unseen(store, observations, kept)
        touched = new.select("city", "place", "day").unique()
        counts = {"station": 0, "city": 0, "months": 0, "years": 0}
        for (year,), of_year in touched.group_by(pl.col("day").dt.year(), maintain_order=False):
            _judge_year(store, kept, int(str(year)), of_year, zone_class, counts)
        kept.commit()
    return Refreshed(
        is_full, int(new["rows"].sum()), counts["station"], counts["city"], counts["months"], counts["years"]
    )


def air_results(store: Path | str, table_name: str) -> pl.LazyFrame:
    """Read results as the last refresh left them.

    Parameters
    ----------
    store : path
        The store's directory.
    table_name : str
        ``days``, ``months``, ``years`` or ``ranking``.

    Returns
    -------
    polars.LazyFrame
        ``kind`` (station or city), ``city``, ``station`` and the columns of `heqing.air.daily_index` and
        `heqing.air.attaining_day`, or of `heqing.air.period_statistics`; of the ranking ``period``,
        ``composite_index`` as published, ``rank``, ``ranked`` (how many cities), ``rank_unconfirmed``. Ordered by
        place and time. Empty without columns before the first refresh.

    Raises
    ------
    UnknownNameError
        When there is no such table.

    Examples
    --------
    >>> import tempfile
    >>> air_results(tempfile.mkdtemp(), "days").collect().height
    0
    """
    if table_name not in TABLES:
        raise UnknownNameError("table of results", table_name, list(TABLES))
    folder = Path(store) / "results" / "air"
    files = [folder / f for f in open_kept(folder).parts.get(table_name, {}).values()]
    if not files:
        return pl.LazyFrame()
    order = [*_PLACE, "day"] if table_name == "days" else [*_PLACE, "period_end"]
    if table_name == "ranking":
        order = ["kind", "period_end", "period", "rank", "city"]
    return pl.scan_parquet(files).sort(order, nulls_last=False)


@cache
def _rules() -> str:
    """Name the state of the rules, their data and their code: results of another one are judged anew."""
    digest = hashlib.sha256()
    folders = [Path(next(iter(module.__path__))) for module in _ROOMS]
    for folder in [*(family(name).folder for name in _FAMILIES), *folders]:
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".py", ".csv", ".toml"):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _unseen(store: Path, observations: DeltaTable, kept: Kept) -> pl.DataFrame:
    """Read city, place and day of the hours that came since the last refresh; note them as seen.

    Files that only write old rows together (`heqing.store.delta.tidy`) hold no batch that was not seen.
    """
    paths = pl.DataFrame(observations.get_add_actions(flatten=True))["path"].to_list()
    files = [str(p) for p in paths if str(p).startswith("domain=air/")]
    fresh = [f for f in files if f not in set(kept.seen_files)]
    day = pl.col("period_end").dt.offset_by("-1us").dt.date()  # the hour that ends at 00:00 is of the day before
    none = pl.DataFrame(
        schema={"city": pl.String, "place": pl.String, "day": pl.Date, "batch": pl.String, "rows": pl.UInt32}
    )
    rows = (
        pl.scan_parquet([store / "observations" / f for f in fresh], hive_partitioning=False)
        .filter(pl.col("period_seconds") == period_seconds("hour"), ~pl.col("batch").is_in(kept.seen_batches))
        .group_by("city", "place", day.alias("day"), "batch")
        .agg(rows=pl.len())
        .collect(engine="streaming")
        if fresh
        else none
    )
    kept.seen_files = files
    kept.seen_batches = sorted({*kept.seen_batches, *rows["batch"].unique().to_list()})
    return rows


def _judge_year(
    store: Path, kept: Kept, year: int, touched: pl.DataFrame, zone_class: int, counts: dict[str, int]
) -> None:
    """Judge what is touched of one year: days month by month, then its months, then the year."""
    months = sorted(touched["day"].dt.month().unique().to_list())
    places = []
    for month in months:
        part = f"{year}-{month:02}"
        some = touched.filter(pl.col("day").dt.month() == month)
        fresh = _judged_days(store, kept.read("days", part), some, zone_class)
        counts["station"] += fresh.filter(pl.col("kind") == "station").height
        counts["city"] += fresh.filter(pl.col("kind") == "city").height
        days = _replaced(kept.read("days", part), fresh, [*_PLACE, "day"])
        kept.put("days", part, days)
        of = fresh.select(_PLACE).unique()
        places.append(of)
        found = _periods(days.select(_NEEDED), of, "month", zone_class)
        counts["months"] += found.height
        kept.put("months", part, _replaced(kept.read("months", part), found, [*_PLACE, "period"]))
    parts = [p for p in kept.parts["days"] if p.startswith(f"{year}-")]
    days = pl.concat([d for p in parts if (d := kept.read("days", p, _NEEDED)) is not None])
    found = _periods(days, pl.concat(places).unique(), "year", zone_class)
    counts["years"] += found.height
    kept.put("years", str(year), _replaced(kept.read("years", str(year)), found, [*_PLACE, "period"]))
    for name, part in [("years", str(year)), *(("months", f"{year}-{m:02}") for m in months)]:
        kept.put("ranking", part, _ranked(kept.read(name, part, list(_RANKED))))


def _judged_days(store: Path, old: pl.DataFrame | None, touched: pl.DataFrame, zone_class: int) -> pl.DataFrame:
    """Make the touched days of stations from their hours, and those of their cities from all their stations."""
    keys = ["city", "station", "day"]
    wanted = touched.rename({"place": "station"})
    hours = pl.concat([_hours(store, first, last, wanted) for first, last in _runs(wanted["day"])])
    values = daily_values(hours.lazy(), zone_class=zone_class).collect()
    values = values.join(wanted, on=keys, how="semi", nulls_equal=True)
    shown = values.columns
    cities = wanted.select("city", "day").unique()
    # values of a city as a whole (no place) are no point of it
    points = (
        values
        if old is None
        else pl.concat(
            [
                values,
                old.filter(pl.col("kind") == "station")
                .select(shown)
                .join(wanted, on=keys, how="anti", nulls_equal=True),
            ]
        )
    )
    points = points.filter(pl.col("station").is_not_null()).join(
        cities, on=["city", "day"], how="semi", nulls_equal=True
    )
    of_cities = city_daily_values(points.lazy()).collect()
    both = pl.concat(
        [values.with_columns(kind=pl.lit("station")), of_cities.with_columns(kind=pl.lit("city"))], how="diagonal"
    )
    judged = attaining_day(daily_index(both.lazy()), zone_class=zone_class)
    return judged.select("kind", pl.all().exclude("kind")).collect()


def _runs(days: pl.Series) -> Iterator[tuple[date, date]]:
    """Cut days into stretches without a gap; of many stretches, all in one."""
    known = sorted(days.unique().to_list())
    runs: list[tuple[date, date]] = []
    for day in known:
        if runs and day == runs[-1][1] + timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    yield from runs if len(runs) <= _RUNS else [(known[0], known[-1])]


def _hours(store: Path, first: date, last: date, wanted: pl.DataFrame) -> pl.DataFrame:
    """Read the hours of some days: those that end after their first midnight, to the one that ends at the last."""
    begin, end = datetime.combine(first, time()), datetime.combine(last, time()) + timedelta(days=1)
    rows = current(store, domain="air", since=begin, until=end).filter(pl.col("period_end") > begin)
    places = wanted.select("city", pl.col("station").alias("place")).unique()
    rows = rows.join(places.lazy(), on=["city", "place"], how="semi", nulls_equal=True)
    codes = [i.code for i in items("air")]
    return to_wide(rows, domain="air", period="hour", codes=codes).collect(engine="streaming")


def _replaced(old: pl.DataFrame | None, fresh: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Put fresh rows in the place of old ones of the same keys."""
    if old is None:
        return fresh.sort(keys)
    stay = old.join(fresh.select(keys), on=keys, how="anti", nulls_equal=True)
    return pl.concat([stay, fresh.select(old.columns)]).sort(keys)


def _periods(
    days: pl.DataFrame, places: pl.DataFrame, level: Literal["month", "year"], zone_class: int
) -> pl.DataFrame:
    """Evaluate the months or years of some places from their days."""
    some = days.join(places, on=_PLACE, how="semi", nulls_equal=True)

    return period_statistics(some.lazy(), level=level, by=_PLACE, zone_class=zone_class).collect()


def _ranked(periods: pl.DataFrame | None) -> pl.DataFrame:
    """Rank the cities of a period by their composite index as published, the lowest first; equal ones share a rank."""
    rows = pl.DataFrame(schema=_RANKED) if periods is None else periods
    places = int(table("air_ranking", "decimals").filter(pl.col("kind") == "index")["decimals"][0])
    published = unscaled(round_scaled(scaled(pl.col("composite_index"), PLACES), PLACES, places), PLACES)
    cities = rows.filter(pl.col("kind") == "city", pl.col("composite_index").is_not_null())
    ranked = rank_cities(cities.lazy().with_columns(composite_index=published), within=["period"]).collect()
    return ranked.select(
        *[c for c in _RANKED if c != "unconfirmed"],
        rank=pl.col("rank").cast(pl.Int32),
        ranked=pl.len().over("period").cast(pl.Int32),
        rank_unconfirmed=pl.col("unconfirmed") | pl.col("rank_unconfirmed"),
    ).sort("period_end", "rank", "city")
