"""What can be asked of measurements (监测). Nothing here writes, and nothing here reads the clock.

Values stand in the store, not in the database; here they meet the registers: a station by city and name, a section by
its name. Frames come from ``monitoring.frames``, which reads the store once for each of its states.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from heqing.store import batches, history, rejects
from heqing_site.monitoring import frames
from heqing_site.monitoring.frames import Pair, store
from heqing_site.monitoring.frames import store_version as store_version
from heqing_site.monitoring.models import Upload
from heqing_site.monitoring.rules import DOMAIN_NAMES, DomainName
from heqing_site.monitoring.shown import in_words
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import ids_below
from heqing_site.places.models import Section, Station
from heqing_site.places.queries import sections_of, stations_of


def has_observations(domain: str | None = None) -> bool:
    """Tell whether anything was imported, of one domain or at all."""
    if not store_version():
        return False
    frame = history(store(), domain=domain)
    return bool(frame.head(1).select(pl.len()).collect().item())


# --- frames for the engine of verdicts ----------------------------------------------------------------------------


def air_frame(
    *, on: date, stations: Sequence[Station] | None = None, unit: Unit | None = None, as_of: datetime | None = None
) -> pl.LazyFrame | None:
    """Give the days of an area as `heqing.verdicts.value_to_date` takes them; None where nothing was imported.

    Parameters
    ----------
    on : datetime.date
        The day on which stations must be in use.
    stations : sequence of Station, optional
        Those that count; by default all in use that are evaluated.
    unit : Unit, optional
        Only stations of this unit and those below it.
    as_of : datetime.datetime, optional
        What was recorded by this moment.
    """
    found = frames.area_days(_pairs(on, stations, unit), as_of)
    return None if found is None else found.lazy()


def water_frame(*, on: date, as_of: datetime | None = None) -> pl.LazyFrame | None:
    """Give the months of all sections in use as `heqing.verdicts.value_to_date` takes them."""
    found = frames.months([(s.name, s.body_type) for s in sections_of(on=on)], as_of)
    return None if found is None else found.lazy()


def _pairs(on: date, stations: Sequence[Station] | None, unit: Unit | None) -> list[Pair]:
    if stations is None:
        below = None if unit is None else ids_below([unit.pk])
        stations = list(stations_of(below, on=on, only_evaluated=True))
    return [(station.city, station.name) for station in stations]


# --- air ----------------------------------------------------------------------------------------------------------


def air_days(
    *,
    first: date,
    last: date,
    stations: Sequence[Station] | None = None,
    unit: Unit | None = None,
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """Give the days of an area (区域日均值) over its evaluated stations, empty where there are none."""
    return _between(frames.area_days(_pairs(last, stations, unit), as_of), first, last)


def station_days(
    station: Station | None = None, *, first: date, last: date, as_of: datetime | None = None
) -> pl.DataFrame:
    """Give the days of a station, or of all."""
    found = _between(frames.station_days(as_of), first, last)
    if station is None or found.is_empty():
        return found
    return found.filter(pl.col("city") == station.city, pl.col("station") == station.name)


def last_air_day(*, until: date, as_of: datetime | None = None) -> date | None:
    """Give the last day, at most `until`, for which any station has a value."""
    found = frames.station_days(as_of)
    if found is None:
        return None
    last: date | None = found.filter(pl.col("day") <= until)["day"].max()  # type: ignore[assignment]
    return last


def _between(days: pl.DataFrame | None, first: date, last: date) -> pl.DataFrame:
    if days is None:
        return pl.DataFrame(schema={"day": pl.Date})
    return days.filter(pl.col("day").is_between(first, last))


# --- water --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionMonth:
    """A month of a section (断面月评价): its class beside the one it must keep."""

    section: Section
    month: date
    water_class: int | None
    required_class: int
    deciding_items: str = ""
    exceedance: str = ""
    samples: int = 0
    edition: str = ""
    clause: str = ""
    unconfirmed: bool = False
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def is_exceeding(self) -> bool:
        """Whether the class is worse than the one required; false where there is none."""
        return self.water_class is not None and self.water_class > self.required_class


def section_months(*, first: date, last: date, as_of: datetime | None = None) -> pl.DataFrame:
    """Give the months of all sections in use on the last day; empty where there are none."""
    found = water_frame(on=last, as_of=as_of)
    if found is None:
        return pl.DataFrame(schema={"section": pl.String, "period": pl.String, "water_class": pl.Int64})
    return found.filter(pl.col("period").is_between(pl.lit(f"{first:%Y-%m}"), pl.lit(f"{last:%Y-%m}"))).collect()


def section_classes(month: date, *, as_of: datetime | None = None) -> list[SectionMonth]:
    """Give for each section in use its month, with an empty class where it cannot be judged or has no samples."""
    return months_of(first=month.replace(day=1), last=_month_end(month), as_of=as_of)


def months_of(
    *, first: date, last: date, section: Section | None = None, as_of: datetime | None = None
) -> list[SectionMonth]:
    """Give the months of sections between two days, by section and month; months without samples have no class."""
    known = {
        (row["section"], row["period"]): row
        for row in section_months(first=first, last=last, as_of=as_of).iter_rows(named=True)
    }
    sections = [section] if section is not None else list(sections_of(on=last))
    return [
        _section_month(s, month, known.get((s.name, f"{month:%Y-%m}")))
        for s in sections
        for month in _months(first, last)
    ]


def _section_month(section: Section, month: date, row: dict[str, Any] | None) -> SectionMonth:
    if row is None:
        return SectionMonth(section, month, None, section.target_class)
    return SectionMonth(
        section,
        month,
        row["water_class"],
        section.target_class,
        row["deciding_items"] or "",
        row["exceedance"] or "",
        row["samples"],
        row["edition"] or "",
        row["clause"] or "",
        bool(row["unconfirmed"]),
        row["reason"] or "",
        row,
    )


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    begin = first.year * 12 + first.month - 1
    return [date((begin + n) // 12, (begin + n) % 12 + 1, 1) for n in range(count)]


def _month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# --- the rows behind a value --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceRow:
    """A value as the store has it (原始数据行): where it stands in which file, and whether it still holds."""

    item: str
    ends_at: datetime
    seconds: int
    value: Decimal
    unit: str
    is_below: bool
    file: str
    row: int | None
    batch: str
    revision: int
    recorded_at: datetime
    is_superseded: bool


def rows_behind(
    place: Station | Section, item: str | None, first: date, last: date, *, as_of: datetime | None = None
) -> list[SourceRow]:
    """Give every value of a place from one day to another with its file and row, superseded ones included.

    Parameters
    ----------
    place : Station or Section
        Where it was measured.
    item : str, optional
        Only this item.
    first, last : datetime.date
        The days, both whole; the hour that ends at 00:00 belongs to the day before.
    as_of : datetime.datetime, optional
        Only what was recorded by this moment.
    """
    if not store_version():
        return []
    is_air = isinstance(place, Station)
    begin, end = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    found = history(
        store(),
        domain="air" if is_air else "water",
        city=place.city if isinstance(place, Station) else None,
        place=place.name,
        item=item,
        since=begin,
        until=end,
    )
    # an hour's or a day's values belong to where their period begins; a sample has no length
    starts = pl.col("period_end") - pl.duration(seconds=pl.col("period_seconds"))
    found = found.filter(starts >= begin, starts < end)
    if as_of is not None:
        found = found.filter(pl.col("recorded_at") <= as_of)
    key = ["city", "place", "item", "period_end", "period_seconds"]
    rows = found.with_columns(newest=pl.col("revision").max().over(key)).sort("period_end", "item", "revision")
    return [_source_row(row) for row in rows.collect().iter_rows(named=True)]


def _as_in_file(value: float) -> Decimal:
    """Give the shortest number that the store's double stands for, without the zeros that a double adds."""
    number = Decimal(str(value))
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _source_row(row: dict[str, Any]) -> SourceRow:
    return SourceRow(
        item=row["item"],
        ends_at=row["period_end"],
        seconds=row["period_seconds"],
        value=_as_in_file(row["value"]),
        unit=row["unit"],
        is_below=bool(row["below"]),
        file=row["source_file"],
        row=row["source_row"],
        batch=row["batch"],
        revision=row["revision"],
        recorded_at=row["recorded_at"],
        is_superseded=row["revision"] < row["newest"],
    )


# --- imports ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """An import as the store tells it (导入批次), with the row of its upload where there is one."""

    batch: str
    domain: str
    file: str
    sha256: str
    rows: int
    new: int
    changed: int
    same: int
    rejects: int
    recorded_at: datetime
    upload: Upload | None = None

    @property
    def domain_name(self) -> str:
        """The domain in words."""
        return DOMAIN_NAMES[DomainName(self.domain)]


def imports(*, domain: str = "") -> list[Batch]:
    """List all imports into the store, the latest first, whoever made them: a page or the command line."""
    if not store_version():
        return []
    found = batches(store()).sort("recorded_at", "batch", descending=True)
    rows = (found.filter(pl.col("domain") == domain) if domain else found).collect().to_dicts()
    uploads = {upload.batch: upload for upload in Upload.objects.select_related("unit", "uploaded_by")}
    return [Batch(**row, upload=uploads.get(row["batch"])) for row in rows]


def batch(name: str) -> Batch | None:
    """Give one import by the name of its batch."""
    if not store_version():
        return None
    rows = batches(store()).filter(pl.col("batch") == name).collect().to_dicts()
    upload = Upload.objects.select_related("unit", "uploaded_by").filter(batch=name).first()
    return Batch(**rows[0], upload=upload) if rows else None


@dataclass(frozen=True)
class Touched:
    """What an import brought that the store did not have: for each place the first and last day of its new values."""

    batch: str
    domain: str
    file: str
    recorded_at: datetime
    by: str
    places: dict[str, tuple[date, date]]

    @property
    def first(self) -> date:
        """The first day of all."""
        return min(first for first, _ in self.places.values())


def touched_by(*, since: datetime, until: datetime) -> list[Touched]:
    """List the imports recorded after one moment up to another that brought new or corrected values."""
    if not store_version():
        return []
    within = (pl.col("recorded_at") > since, pl.col("recorded_at") <= until)
    made = batches(store()).filter(*within, pl.col("new") + pl.col("changed") > 0).sort("recorded_at").collect()
    if made.is_empty():
        return []
    begins = (pl.col("period_end") - pl.duration(seconds=pl.col("period_seconds"))).dt.date()
    spans = (
        history(store())
        .filter(pl.col("batch").is_in(made["batch"].to_list()))
        .group_by("batch", "place")
        .agg(first=begins.min(), last=begins.max())
        .collect()
    )
    places: dict[str, dict[str, tuple[date, date]]] = {}
    for name, place, first, last in spans.select("batch", "place", "first", "last").iter_rows():
        places.setdefault(name, {})[place] = (first, last)
    uploads = {u.batch: u for u in Upload.objects.filter(batch__in=list(places)).select_related("uploaded_by")}
    return [
        Touched(
            batch=row["batch"],
            domain=row["domain"],
            file=row["file"],
            recorded_at=row["recorded_at"],
            by=str(uploads[row["batch"]].uploaded_by) if row["batch"] in uploads else "",
            places=places[row["batch"]],
        )
        for row in made.iter_rows(named=True)
        if row["batch"] in places
    ]


@dataclass(frozen=True)
class Reject:
    """A row or a cell that was not stored (未收数据), with its reason."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    raw_row: str


def rejected(name: str) -> list[Reject]:
    """List what of an import was not stored, by row."""
    if not store_version():
        return []
    rows = rejects(store()).filter(pl.col("batch") == name).sort("file_row", "reason").collect()
    return [_reject(row) for row in rows.iter_rows(named=True)]


def _reject(row: dict[str, Any]) -> Reject:
    cells = json.loads(row["raw_row"]) if row["raw_row"] else {}
    value = cells.get(row["column"]) if row["column"] else None
    return Reject(
        row["source_file"],
        row["file_row"],
        row["column"] or "",
        "" if value is None else str(value),
        in_words(row["reason"]),
        row["raw_row"] or "",
    )


@dataclass(frozen=True)
class Change:
    """A value that an import corrected (更正值): the one before, and the one that stands since."""

    place: str
    item: str
    ends_at: datetime
    before: Decimal
    after: Decimal
    unit: str
    row: int | None


def changes(name: str, *, limit: int = 200) -> list[Change]:
    """List the values that an import corrected, at most so many."""
    if not store_version():
        return []
    key = ["domain", "city", "place", "item", "period_end", "period_seconds"]
    every = history(store())
    corrected = every.filter(pl.col("batch") == name, pl.col("revision") > 1).sort("period_end", "place", "item")
    corrected = corrected.head(limit).collect().lazy()
    earlier = every.select(*key, before="value", revision=pl.col("revision") + 1)
    rows = corrected.join(earlier, on=[*key, "revision"], how="inner", nulls_equal=True)
    return [
        Change(
            row["place"] or row["city"],
            row["item"],
            row["period_end"],
            _as_in_file(row["before"]),
            _as_in_file(row["value"]),
            row["unit"],
            row["source_row"],
        )
        for row in rows.sort("period_end", "place", "item").collect().iter_rows(named=True)
    ]
