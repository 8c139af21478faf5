"""Measurements of this installation as the engine of verdicts takes them: days of air, months of sections.

The store is read once for each of its states and set of stations; what was read is kept in the process while the store
stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.conf import settings

from heqing.errors import StoreError
from heqing.store import current
from heqing.store.delta import open_table
from heqing.verdicts import city_days, section_months
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.verdicts.evidence import Readings

KEPT = 32  # sets of stations kept at once


def readings(*, on: date) -> Readings | None:
    """Give the measurements that hold now; None where nothing was imported."""
    store = settings.DATA_DIR / "store"
    version = store_version(store)
    if version is None:
        return None
    cities = {station.name: station.city for station in stations_of(on=on)}
    bodies = tuple(sorted((section.name, section.body_type) for section in sections_of(on=on)))

    def air(stations: Sequence[str]) -> pl.LazyFrame:
        named = tuple(sorted((cities[name], name) for name in stations if name in cities))
        return _air(store, version, named).lazy()

    return Readings(air=air, water=lambda: _water(store, version, bodies).lazy(), version=str(version))


def store_version(store: Path) -> int | None:
    """Give the version of the store's observations; None where there are none."""
    try:
        table = open_table(store, "observations")
    except StoreError:
        return None
    return None if table is None else table.version()


@lru_cache(maxsize=KEPT)
def _air(store: Path, version: int, stations: tuple[tuple[str, str], ...]) -> pl.DataFrame:
    """Give the days of the area of some stations, each named with its city: names recur in other cities."""
    wanted = pl.LazyFrame({"city": [city for city, _ in stations], "place": [name for _, name in stations]})
    hours = current(store, domain="air").join(wanted, on=["city", "place"], how="semi")
    return city_days(hours).collect()


@lru_cache(maxsize=KEPT)
def _water(store: Path, version: int, bodies: tuple[tuple[str, str], ...]) -> pl.DataFrame:
    return section_months(
        current(store, domain="water"), places=[name for name, _ in bodies], body_types=dict(bodies)
    ).collect()
