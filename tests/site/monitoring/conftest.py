"""Stations and sections of the invented district, and small files that speak of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, District
from tests.site.worlds import kept

from heqing_site.monitoring import actions
from heqing_site.monitoring.rules import DomainName
from heqing_site.places import actions as places
from heqing_site.places.models import River, Section, Station
from heqing_site.places.rules import BodyType, ControlLevel

LATER = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
FEBRUARY_1 = date(2026, 2, 1)


@dataclass
class Ground:
    """Two stations that are evaluated, one that is not, and a section."""

    district: District
    river: River
    east: Station = field(init=False)
    west: Station = field(init=False)
    village: Station = field(init=False)
    section: Section = field(init=False)


@kept
def ground(district: District) -> Ground:
    """Enter the places by the actions themselves."""
    river = places.create_river(
        by=district.site_admin, at=AT, name="清溪", code="R1", kind=BodyType.RIVER, unit=district.east,
        chief=district.director,
    )  # fmt: skip
    found = Ground(district, river)
    found.east, found.west = add_station(found, "东站", "A1"), add_station(found, "西站", "A2")
    found.village = add_station(found, "村站", "A3", is_evaluated=False)
    found.section = add_section(found, "柳湾桥", "S1")
    return found


def add_station(ground: Ground, name: str, code: str, *, is_evaluated: bool = True) -> Station:
    """Enter a station of the eastern town."""
    return places.create_station(
        by=ground.district.site_admin, at=AT, name=name, code=code, lon=Decimal("120.1"), lat=Decimal("30.1"),
        unit=ground.district.east, city="清河区", control_level=ControlLevel.CITY, is_evaluated=is_evaluated,
    )  # fmt: skip


def add_section(ground: Ground, name: str, code: str) -> Section:
    """Enter a section of the brook, which must keep class III."""
    return places.create_section(
        by=ground.district.site_admin, at=AT, name=name, code=code, lon=Decimal("120.1"), lat=Decimal("30.1"),
        unit=ground.district.east, river=ground.river, body_type=BodyType.RIVER, control_level=ControlLevel.CITY,
        target_class=3, is_handover=False,
    )  # fmt: skip


@pytest.fixture
def bring(ground: Ground) -> Callable[..., actions.Import]:
    """Import a text as the bureau's officer."""

    def put(text: str | bytes, *, domain: DomainName = DomainName.AIR, name: str = "值.csv", **more: Any) -> Any:
        facts = {"by": ground.district.officer, "at": AT, "unit": ground.district.bureau, **more}
        content = text.encode() if isinstance(text, str) else text
        return actions.import_file(domain=domain, file_name=name, content=[content], **facts)

    return put


def hours(station: str, value: float, *, day: date = FEBRUARY_1, count: int = 24, co: float = 0.5) -> list[str]:
    """Write rows of a day of a station, all hours alike."""
    begin = datetime(day.year, day.month, day.day)
    ends = [begin + timedelta(hours=number + 1) for number in range(count)]
    return [f"{end:%Y-%m-%d %H:%M},清河区,{station},{value},{value},8,20,{co},60" for end in ends]


def air_file(*rows: str) -> str:
    """Put the header above rows."""
    return "\n".join(["time,city,station,pm2_5,pm10,so2,no2,co,o3", *rows]) + "\n"


def water_file(*rows: str) -> str:
    """Put the header above rows: time and total phosphorus, the other items harmless."""
    lines = [f"{time},柳湾桥,river,7.5,8.0,2.0,0.2,{tp}" for time, tp in (row.split(",") for row in rows)]
    return "\n".join(["time,section,body_type,ph,do,codmn,nh3n,tp", *lines]) + "\n"
