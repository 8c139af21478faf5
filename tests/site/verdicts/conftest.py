"""Targets, reporters and stations of the rooms below, and measurements made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from tests.site.conftest import AT, District
from tests.site.places.conftest import station_facts
from tests.site.reporting.conftest import deed, office, submitted, target  # noqa: F401  fixtures of the room below
from tests.site.worlds import kept

from heqing_site.places import actions as places
from heqing_site.places.models import Station
from heqing_site.verdicts.evidence import Readings


@kept
def station(district: District) -> Station:
    """An evaluated station in the eastern town."""
    return places.create_station(by=district.site_admin, at=AT, **station_facts(district))


@pytest.fixture
def readings() -> Callable[..., Readings]:
    """Make measurements: one value of PM2.5 for each day from the first of January on."""

    def made(values: Sequence[float | None]) -> Readings:
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(len(values))]
        frame = pl.LazyFrame({"station": ["东溪站"] * len(values), "day": days, "pm2_5": list(values)})
        return Readings(air=lambda stations: frame, water=lambda: pl.LazyFrame(), version="7")

    return made
