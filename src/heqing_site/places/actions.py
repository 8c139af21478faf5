"""Every deed on the registers: a place is entered, put right, retired.

Each action takes who does it (`by`) and when (`at`), needs the right 点位与名录管理 at the place's unit, writes its
audit entry in the same transaction and returns the row. It never reads the clock.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import KIND_NAMES, Permission, UnitKind
from heqing_site.places import rules
from heqing_site.places.models import MODELS, Enterprise, Outlet, Place, River, Section, Station
from heqing_site.places.rules import BodyType, ControlLevel

SomePlace = TypeVar("SomePlace", River, Station, Section, Outlet, Enterprise)


@transaction.atomic
def create_river(
    *,
    by: User,
    at: datetime,
    name: str,
    code: str,
    kind: BodyType,
    unit: Unit,
    chief: Post | None = None,
    is_invented: bool = False,
) -> River:
    """Enter a river or lake (登记河湖), with the post that answers for it as chief.

    Needs the right 点位与名录管理 at the unit that manages it.
    """
    river = River(name=name, code=code, kind=kind, unit=unit, chief=chief, is_invented=is_invented)
    _enter(river, by=by, at=at)
    record(by=by.actor, at=at, action="places.create_river", subject=river, after=_facts(river))
    return river


@transaction.atomic
def create_station(
    *,
    by: User,
    at: datetime,
    name: str,
    code: str,
    unit: Unit,
    city: str,
    lon: Decimal,
    lat: Decimal,
    control_level: ControlLevel,
    is_evaluated: bool,
    is_invented: bool = False,
) -> Station:
    """Enter an air station (登记空气站), named as data files name it.

    Needs the right 点位与名录管理 at the town or street where it stands.
    """
    station = Station(
        name=name,
        code=code,
        unit=unit,
        city=city,
        lon=lon,
        lat=lat,
        control_level=control_level,
        is_evaluated=is_evaluated,
        is_invented=is_invented,
    )
    _enter(station, by=by, at=at)
    record(by=by.actor, at=at, action="places.create_station", subject=station, after=_facts(station))
    return station


@transaction.atomic
def create_section(
    *,
    by: User,
    at: datetime,
    name: str,
    code: str,
    river: River,
    unit: Unit,
    lon: Decimal,
    lat: Decimal,
    body_type: BodyType,
    control_level: ControlLevel,
    target_class: int,
    is_handover: bool = False,
    is_invented: bool = False,
) -> Section:
    """Enter a section (登记断面) with the class it must keep.

    Needs the right 点位与名录管理 at the town or street where it lies.
    """
    section = Section(
        name=name,
        code=code,
        river=river,
        unit=unit,
        lon=lon,
        lat=lat,
        body_type=body_type,
        control_level=control_level,
        target_class=target_class,
        is_handover=is_handover,
        is_invented=is_invented,
    )
    _enter(section, by=by, at=at)
    record(by=by.actor, at=at, action="places.create_section", subject=section, after=_facts(section))
    return section


@transaction.atomic
def create_enterprise(
    *,
    by: User,
    at: datetime,
    name: str,
    code: str,
    unit: Unit,
    industry: str,
    is_key_polluter: bool,
    area_mu: Decimal | None,
    lon: Decimal,
    lat: Decimal,
    is_invented: bool = False,
) -> Enterprise:
    """Enter an enterprise (登记企业).

    Needs the right 点位与名录管理 at the town or street where it lies.
    """
    enterprise = Enterprise(
        name=name,
        code=code,
        unit=unit,
        industry=industry,
        is_key_polluter=is_key_polluter,
        area_mu=area_mu,
        lon=lon,
        lat=lat,
        is_invented=is_invented,
    )
    _enter(enterprise, by=by, at=at)
    record(by=by.actor, at=at, action="places.create_enterprise", subject=enterprise, after=_facts(enterprise))
    return enterprise


@transaction.atomic
def create_outlet(
    *,
    by: User,
    at: datetime,
    name: str,
    code: str,
    enterprise: Enterprise,
    river: River | None,
    lon: Decimal,
    lat: Decimal,
    is_invented: bool = False,
) -> Outlet:
    """Enter an outlet (登记排口) of an enterprise.

    Needs the right 点位与名录管理 at the enterprise's town or street.
    """
    outlet = Outlet(name=name, code=code, enterprise=enterprise, river=river, lon=lon, lat=lat, is_invented=is_invented)
    _enter(outlet, by=by, at=at)
    record(by=by.actor, at=at, action="places.create_outlet", subject=outlet, after=_facts(outlet))
    return outlet


@transaction.atomic
def change_place(*, by: User, at: datetime, place: SomePlace, because: str, **facts: object) -> SomePlace:
    """Put facts of a place right (更正点位信息): only those that `rules.CHANGEABLE` lists for its register.

    Needs the right 点位与名录管理 at the place's unit and, when it moves, at the new one.
    """
    unknown = set(facts) - rules.CHANGEABLE[place.register]
    if unknown:
        raise TypeError(f"{place.register} has no changeable {', '.join(sorted(unknown))}")
    _check_reason(because)
    place = _locked(place)
    require(by, Permission.PLACE_EDIT, unit_of(place), on=timezone.localdate(at))
    _check_in_use(place)
    before = _facts(place)
    for name, value in facts.items():
        setattr(place, name, value)
    require(by, Permission.PLACE_EDIT, unit_of(place), on=timezone.localdate(at))
    _check_facts(place)
    place.save(update_fields=list(facts))
    record(
        by=by.actor,
        at=at,
        action="places.change_place",
        subject=place,
        because=because,
        before=before,
        after=_facts(place),
    )
    return place


@transaction.atomic
def retire_place(*, by: User, at: datetime, place: SomePlace, last_day: date, because: str) -> SomePlace:
    """Retire a place (停用点位) that was removed, moved away or closed; what was measured there stays.

    Needs the right 点位与名录管理 at the place's unit. What hangs on it (sections and outlets of a river, outlets of an
    enterprise) is retired before.
    """
    _check_reason(because)
    place = _locked(place)
    require(by, Permission.PLACE_EDIT, unit_of(place), on=timezone.localdate(at))
    _check_in_use(place)
    hanging: list[Place] = []
    if isinstance(place, River):
        hanging += place.sections.exclude(retired_on__lte=last_day)
    if isinstance(place, River | Enterprise):
        hanging += place.outlets.exclude(retired_on__lte=last_day).select_related("enterprise")
    if hanging:
        raise RuleBrokenError("place.still_used", place=place, names="、".join(str(row) for row in hanging))
    before = _facts(place)
    place.retired_on = last_day
    place.retired_because = because
    place.save(update_fields=["retired_on", "retired_because"])
    record(
        by=by.actor,
        at=at,
        action="places.retire_place",
        subject=place,
        because=because,
        before=before,
        after=_facts(place),
    )
    return place


def unit_of(place: Place) -> Unit:
    """Give the unit whose officers keep a place; an outlet is kept where its enterprise is."""
    return place.enterprise.unit if isinstance(place, Outlet) else place.unit


# --- what the actions have in common ------------------------------------------------------------------------------


def _enter(place: Place, *, by: User, at: datetime) -> None:
    require(by, Permission.PLACE_EDIT, unit_of(place), on=timezone.localdate(at))
    holder_of_code = MODELS[place.register].objects.filter(code=place.code).first()
    if holder_of_code is not None:
        raise RuleBrokenError("place.code_taken", code=place.code, place=holder_of_code)
    _check_facts(place)
    place.save(force_insert=True)


def _locked(place: SomePlace) -> SomePlace:
    return type(place).objects.select_for_update(of=("self",)).get(pk=place.pk)


def _check_facts(place: Place) -> None:
    unit = unit_of(place)
    if UnitKind(unit.kind) not in rules.GROUND:
        raise RuleBrokenError("place.unit_without_ground", unit=unit, kind=KIND_NAMES[UnitKind(unit.kind)])
    if not isinstance(place, River) and not rules.is_on_the_map(place.lon, place.lat):
        raise RuleBrokenError("place.off_the_map", lon=place.lon, lat=place.lat)
    if _same_name(place):
        raise RuleBrokenError("place.name_taken", name=place.name, register=place.register_name)


def _same_name(place: Place) -> bool:
    """Tell whether another place in use bears the name where names must differ."""
    if isinstance(place, Station):
        found = Station.objects.filter(city=place.city, name=place.name, retired_on__isnull=True)
        return found.exclude(pk=place.pk).exists()
    if isinstance(place, Outlet):
        beside = place.enterprise.outlets.filter(name=place.name, retired_on__isnull=True)
        return beside.exclude(pk=place.pk).exists()
    if isinstance(place, Section):
        return Section.objects.filter(name=place.name, retired_on__isnull=True).exclude(pk=place.pk).exists()
    return False


def _check_reason(because: str) -> None:
    if not because.strip():
        raise RuleBrokenError("because.missing")


def _check_in_use(place: Place) -> None:
    if place.retired_on is not None:
        raise RuleBrokenError("place.retired", place=place, day=place.retired_on)


def _facts(place: Place) -> dict[str, object]:
    """Write a row as plain values: what it points to by name."""
    found: dict[str, object] = {}
    for field in place._meta.concrete_fields:
        if field.name != "id":
            value = getattr(place, field.name)
            found[field.name] = str(value) if field.is_relation and value is not None else value
    return found
