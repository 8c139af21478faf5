"""Routes of the registers (名录) for programs: rivers, stations, sections, outlets, enterprises, and a map layer."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from heqing_site.envelope import READ_REFUSALS, Day, Page, Paging, Refusal, UnitRef, exact, paged
from heqing_site.orgs.api import ref
from heqing_site.places import queries
from heqing_site.places.models import Enterprise, Outlet, Place, River, Section, Station
from heqing_site.places.rules import Register

router = Router(tags=["registers 名录"])


class PlaceOut(Schema):
    """A row of a register. Columns that a register does not have are null; positions are WGS-84 degrees as strings."""

    register_name: Register
    code: str
    name: str
    unit: UnitRef | None
    lon: str | None
    lat: str | None
    words: str
    is_invented: bool
    retired_on: date | None
    retired_because: str
    kind: str | None = None
    city: str | None = None
    control_level: str | None = None
    is_evaluated: bool | None = None
    river: str | None = None
    body_type: str | None = None
    target_class: int | None = None
    is_handover: bool | None = None
    enterprise: str | None = None
    industry: str | None = None
    is_key_polluter: bool | None = None
    area_mu: str | None = None


class Point(Schema):
    """A position: longitude, latitude."""

    type: Literal["Point"]
    coordinates: list[float]


class FeatureFacts(Schema):
    """What a map writes beside a place."""

    register_name: Register
    code: str
    name: str
    words: str
    is_invented: bool


class FeatureOut(Schema):
    """A place on a map."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: FeatureFacts


class FeatureCollection(Schema):
    """A GeoJSON layer (RFC 7946), WGS-84."""

    type: Literal["FeatureCollection"]
    features: list[FeatureOut]


@router.get("/registers/{name}", response={200: Page[PlaceOut], READ_REFUSALS: Refusal}, summary="List a register 名录")
def register(
    request: HttpRequest,
    name: Register,
    paging: Query[Paging],
    on: Day | None = None,
    q: str = "",
    with_retired: bool = False,
) -> dict[str, Any]:
    """List a register in the order of its codes: what is in use on a day, or also what was retired before."""
    found = queries.listed(name, on=on or timezone.localdate(), search=q.strip(), with_retired=with_retired)
    return paged(request, found, paging, lambda rows: [_told(row) for row in rows])


@router.get("/map.geojson", response={200: FeatureCollection, READ_REFUSALS: Refusal}, summary="Map layer 地图图层")
def map_layer(request: HttpRequest, only: Register | None = None, on: Day | None = None) -> dict[str, Any]:
    """Give everything with a position that is in use on a day as GeoJSON; rivers have no geometry yet."""
    features = queries.features(on=on or timezone.localdate())
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": f"{feature.register}-{feature.place.code}",
                "geometry": {"type": "Point", "coordinates": [float(feature.place.lon), float(feature.place.lat)]},
                "properties": {
                    "register_name": feature.register,
                    "code": feature.place.code,
                    "name": feature.place.name,
                    "words": feature.words,
                    "is_invented": feature.place.is_invented,
                },
            }
            for feature in features
            if only is None or feature.register is only
        ],
    }


def _told(place: Place) -> dict[str, Any]:
    unit = place.enterprise.unit if isinstance(place, Outlet) else place.unit
    facts: dict[str, Any] = {
        "register_name": place.register,
        "code": place.code,
        "name": place.name,
        "unit": ref(unit),
        "lon": None if isinstance(place, River) else exact(place.lon),
        "lat": None if isinstance(place, River) else exact(place.lat),
        "words": queries.in_words(place),
        "is_invented": place.is_invented,
        "retired_on": place.retired_on,
        "retired_because": place.retired_because,
    }
    if isinstance(place, River):
        facts |= {"kind": place.kind}
    if isinstance(place, Station):
        facts |= {"city": place.city, "control_level": place.control_level, "is_evaluated": place.is_evaluated}
    if isinstance(place, Section):
        facts |= {
            "river": place.river.code,
            "body_type": place.body_type,
            "control_level": place.control_level,
            "target_class": place.target_class,
            "is_handover": place.is_handover,
        }
    if isinstance(place, Outlet):
        facts |= {"enterprise": place.enterprise.code, "river": place.river.code if place.river else None}
    if isinstance(place, Enterprise):
        facts |= {
            "industry": place.industry,
            "is_key_polluter": place.is_key_polluter,
            "area_mu": exact(place.area_mu),
        }
    return facts
