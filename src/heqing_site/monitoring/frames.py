"""Frames that the room derives from the store: station days, days of an area, months of sections.

Each is made once for each state of the store and kept in the process until the store changes; a moment (`as_of`) gives
what held then, because the store supersedes and never overwrites. Look next at ``monitoring.queries``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from heqing.air import daily_index, daily_values
from heqing.errors import StoreError
from heqing.store import current
from heqing.store.delta import open_table
from heqing.store.shapes import to_wide
from heqing.tables import items
from heqing.verdicts import city_days, section_months

KEPT = 32  # frames of each kind kept at once
DAY_VALUES = ("pm2_5", "pm10", "so2", "no2", "co", "o3_8h")

Pair = tuple[str, str]  # city and station; or section and kind of water body


def store() -> Path:
    """Give the store of this installation; it need not be there yet."""
    return Path(settings.DATA_DIR) / "store"


def store_version() -> str:
    """Name the state of the store (监测数据版本), for instance ``3``; empty where nothing was ever imported."""
    version = _version(store())
    return "" if version is None else str(version)


def _version(path: Path) -> int | None:
    try:
        table = open_table(path, "observations")
    except StoreError:
        return None
    return None if table is None else int(table.version())


def station_days(as_of: datetime | None = None) -> pl.DataFrame | None:
    """Give the days of all stations with their index; None where nothing was imported."""
    version = _version(store())
    return None if version is None else _station_days(store(), version, as_of)


def area_days(stations: Iterable[Pair], as_of: datetime | None = None) -> pl.DataFrame | None:
    """Give the days of an area, the mean over stations named by city and name."""
    version = _version(store())
    return None if version is None else _area_days(store(), version, tuple(sorted(set(stations))), as_of)


def months(sections: Iterable[Pair], as_of: datetime | None = None) -> pl.DataFrame | None:
    """Give the months of sections, each named with its kind of water body."""
    version = _version(store())
    return None if version is None else _months(store(), version, tuple(sorted(set(sections))), as_of)


@lru_cache(maxsize=KEPT)
def _station_days(path: Path, version: int, as_of: datetime | None) -> pl.DataFrame:
    """Make days from hours; a day of a station that came as daily values only is taken as it came."""
    values = current(path, domain="air", recorded_until=as_of)
    codes = [item.code for item in items("air")]
    keys = ["city", "station", "day"]
    from_hours = daily_values(to_wide(values, domain="air", period="hour", codes=codes)).collect()
    as_given = to_wide(values, domain="air", period="day", codes=codes).select(*keys, *DAY_VALUES, "o3").collect()
    rest = as_given.join(from_hours.select(keys), on=keys, how="anti", nulls_equal=True)
    days = pl.concat([from_hours, rest], how="diagonal_relaxed")
    return daily_index(days.lazy()).sort(keys).collect()


@lru_cache(maxsize=KEPT)
def _area_days(path: Path, version: int, stations: tuple[Pair, ...], as_of: datetime | None) -> pl.DataFrame:
    named = {"city": [city for city, _ in stations], "station": [name for _, name in stations]}
    wanted = pl.DataFrame(named, schema={"city": pl.String, "station": pl.String})
    values = ["city", "station", "day", *DAY_VALUES, "o3", "hours", "conflicts", "off_hour"]
    days = _station_days(path, version, as_of).select(values)
    return city_days(days.join(wanted, on=["city", "station"], how="semi").lazy()).collect()


@lru_cache(maxsize=KEPT)
def _months(path: Path, version: int, sections: tuple[Pair, ...], as_of: datetime | None) -> pl.DataFrame:
    values = current(path, domain="water", recorded_until=as_of)
    return section_months(values, places=[name for name, _ in sections], body_types=dict(sections)).collect()
