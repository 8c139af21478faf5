"""A river with a section and an outlet, a station and an enterprise of the invented district."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.site.conftest import AT, District
from tests.site.worlds import kept

from heqing_site.places import actions
from heqing_site.places.models import Enterprise, Outlet, River, Section, Station
from heqing_site.places.rules import BodyType, ControlLevel

HERE = {"lon": Decimal("119.512300"), "lat": Decimal("29.843210")}


@dataclass
class Places:
    """One of each register, in the eastern town."""

    river: River
    station: Station
    section: Section
    enterprise: Enterprise
    outlet: Outlet

    def __iter__(self) -> Any:
        return iter((self.river, self.station, self.section, self.enterprise, self.outlet))


def station_facts(district: District) -> dict[str, Any]:
    """Give what a station needs."""
    return {
        "name": "东溪站",
        "code": "QH-A01",
        "unit": district.east,
        "city": "清河区",
        "control_level": ControlLevel.NATIONAL,
        "is_evaluated": True,
        **HERE,
    }


def section_facts(district: District, river: River) -> dict[str, Any]:
    """Give what a section needs."""
    return {
        "name": "柳湾桥",
        "code": "QH-S01",
        "river": river,
        "unit": district.east,
        "body_type": BodyType.RIVER,
        "control_level": ControlLevel.PROVINCE,
        "target_class": 3,
        **HERE,
    }


def enterprise_facts(district: District) -> dict[str, Any]:
    """Give what an enterprise needs."""
    return {
        "name": "清河示例印染有限公司",
        "code": "QH-E01",
        "unit": district.east,
        "industry": "印染",
        "is_key_polluter": True,
        "area_mu": Decimal("35.50"),
        **HERE,
    }


@kept
def places(district: District) -> Places:
    """Enter one of each by the actions themselves."""
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    river = actions.create_river(
        **who, name="东溪", code="QH-R01", kind=BodyType.RIVER, unit=district.east, chief=district.director
    )
    enterprise = actions.create_enterprise(**who, **enterprise_facts(district))
    return Places(
        river=river,
        station=actions.create_station(**who, **station_facts(district)),
        section=actions.create_section(**who, **section_facts(district, river)),
        enterprise=enterprise,
        outlet=actions.create_outlet(
            **who, name="废水总排口", code="QH-O01", enterprise=enterprise, river=river, **HERE
        ),
    )
