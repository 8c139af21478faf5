"""Measurements of this installation as the engine of verdicts takes them: days of an area, months of sections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

import polars as pl

from heqing_site.monitoring import queries
from heqing_site.places.queries import stations_of
from heqing_site.verdicts.evidence import Readings


def readings(*, on: date, known_by: datetime | None = None) -> Readings | None:
    """Give the measurements of the places in use on a day, as they hold now; None where nothing was imported.

    With `known_by`, as they held at that moment: the store supersedes and never overwrites.
    """
    version = queries.store_version()
    if not version:
        return None
    known = {station.name: station for station in stations_of(on=on)}

    def air(names: Sequence[str]) -> pl.LazyFrame:
        chosen = [known[name] for name in names if name in known]
        days = queries.air_frame(on=on, stations=chosen, as_of=known_by)
        return pl.LazyFrame() if days is None else days

    @cache  # read only where a target asks for water, and once
    def water() -> pl.LazyFrame:
        months = queries.water_frame(on=on, as_of=known_by)
        return pl.LazyFrame() if months is None else months

    return Readings(air=air, water=water, version=version)
