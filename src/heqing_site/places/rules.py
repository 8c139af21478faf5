"""The rules of the registers as tables. Plain Python: no Django, no clock.

Positions are WGS-84 (CGCS2000 is the same for our purpose), in degrees. Whoever holds GCJ-02 or BD-09 coordinates
converts them before they come here.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from heqing_site.orgs.rules import UnitKind


class Register(StrEnum):
    """The registers (名录) of this room."""

    RIVER = "river"
    STATION = "station"
    SECTION = "section"
    OUTLET = "outlet"
    ENTERPRISE = "enterprise"


REGISTER_NAMES = {
    Register.RIVER: "河湖",
    Register.STATION: "空气站",
    Register.SECTION: "断面",
    Register.OUTLET: "排口",
    Register.ENTERPRISE: "企业",
}


class BodyType(StrEnum):
    """What kind of water (水体类型) it is; lakes are judged by other limits for phosphorus."""

    RIVER = "river"
    LAKE = "lake"


BODY_NAMES = {BodyType.RIVER: "河流", BodyType.LAKE: "湖库"}


class ControlLevel(StrEnum):
    """Whose station or section (控制级别) it is."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


LEVEL_NAMES = {
    ControlLevel.NATIONAL: "国控",
    ControlLevel.PROVINCE: "省控",
    ControlLevel.CITY: "市控",
    ControlLevel.DISTRICT: "区控",
}

CLASS_NAMES = {1: "Ⅰ类", 2: "Ⅱ类", 3: "Ⅲ类", 4: "Ⅳ类", 5: "Ⅴ类"}

# Degrees. Wider than the country, narrow enough to catch longitude and latitude in each other's place.
LON_RANGE = (Decimal(73), Decimal(136))
LAT_RANGE = (Decimal(3), Decimal(54))

# A place lies in a division or a park; a department or an enterprise has no ground of its own.
GROUND = frozenset(UnitKind) - {UnitKind.DEPARTMENT, UnitKind.ENTERPRISE}

# What may be put right later. The code names the row for ever, and what was invented stays invented.
CHANGEABLE: dict[Register, frozenset[str]] = {
    Register.RIVER: frozenset({"name", "kind", "unit", "chief"}),
    Register.STATION: frozenset({"name", "unit", "city", "lon", "lat", "control_level", "is_evaluated"}),
    Register.SECTION: frozenset(
        {"name", "river", "unit", "lon", "lat", "body_type", "control_level", "target_class", "is_handover"}
    ),
    Register.OUTLET: frozenset({"name", "river", "lon", "lat"}),
    Register.ENTERPRISE: frozenset({"name", "unit", "industry", "is_key_polluter", "area_mu", "lon", "lat"}),
}


def is_on_the_map(lon: Decimal, lat: Decimal) -> bool:
    """Tell whether a position can be meant."""
    return LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]
