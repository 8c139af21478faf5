"""What can be asked of the registers. Nothing here writes, and nothing here reads the clock.

Whoever has values from the store finds the place here: a station by city and name, a section by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from heqing_site.orgs.models import Term
from heqing_site.places import systems
from heqing_site.places.models import MODELS, Charge, Enterprise, Outlet, Place, River, Section, Station, in_use_on
from heqing_site.places.rules import BODY_NAMES, LEVEL_NAMES, BodyType, ControlLevel, Register

# Words are looked for in the columns named here; a list shows what stands behind its foreign keys without asking again.
_SEARCHED = {
    Register.RIVER: ("name", "code", "unit__name"),
    Register.STATION: ("name", "code", "city", "unit__name"),
    Register.SECTION: ("name", "code", "river__name", "unit__name"),
    Register.OUTLET: ("name", "code", "enterprise__name", "river__name"),
    Register.ENTERPRISE: ("name", "code", "industry", "unit__name"),
}
_JOINED = {
    Register.RIVER: ("unit", "chief__unit"),
    Register.STATION: ("unit",),
    Register.SECTION: ("unit", "river"),
    Register.OUTLET: ("enterprise__unit", "river"),
    Register.ENTERPRISE: ("unit",),
}


def listed(register: Register, *, on: date, search: str = "", with_retired: bool = False) -> QuerySet[Any]:
    """List a register in the order of its codes, with what the page shows of each row.

    Parameters
    ----------
    register : Register
        Which one.
    on : datetime.date
        The day on which places must be in use and chiefs in office.
    search : str
        Words in the name, the code or the names around it.
    with_retired : bool
        Also what was retired before that day.
    """
    found: QuerySet[Any] = MODELS[register].objects.select_related(*_JOINED[register]).order_by("code")
    if register is Register.RIVER:
        found = found.prefetch_related(_chief_terms(on)).annotate(
            section_count=Count("sections", filter=Q(sections__retired_on__isnull=True), distinct=True),
            outlet_count=Count("outlets", filter=Q(outlets__retired_on__isnull=True), distinct=True),
        )
    if register is Register.ENTERPRISE:
        found = found.annotate(outlet_count=Count("outlets", filter=Q(outlets__retired_on__isnull=True)))
    if not with_retired:
        found = found.filter(in_use_on(on))
    if search:
        words = Q()
        for column in _SEARCHED[register]:
            words |= Q(**{f"{column}__icontains": search})
        found = found.filter(words)
    return found


def counts(*, on: date) -> dict[Register, int]:
    """Count what is in use on a day, register by register."""
    return {register: model.objects.filter(in_use_on(on)).count() for register, model in MODELS.items()}


def station_named(city: str, name: str, *, on: date) -> Station | None:
    """Find the air station that a data file names, as it stood on a day."""
    return (
        Station.objects.filter(in_use_on(on), city=city, name=name)
        .order_by(F("retired_on").asc(nulls_last=True))
        .first()
    )


def section_named(name: str, *, on: date) -> Section | None:
    """Find the section that a data file names, as it stood on a day."""
    return Section.objects.filter(in_use_on(on), name=name).order_by(F("retired_on").asc(nulls_last=True)).first()


def stations_of(unit_ids: set[int] | None = None, *, on: date, only_evaluated: bool = False) -> QuerySet[Station]:
    """List the air stations of some units, or all; `only_evaluated` keeps those that count in the district's mean."""
    found = Station.objects.select_related("unit").filter(in_use_on(on))
    if unit_ids is not None:
        found = found.filter(unit__in=unit_ids)
    return found.filter(is_evaluated=True) if only_evaluated else found


def sections_of(unit_ids: set[int] | None = None, *, on: date) -> QuerySet[Section]:
    """List the sections of some units, or all."""
    found = Section.objects.select_related("unit", "river").filter(in_use_on(on))
    return found if unit_ids is None else found.filter(unit__in=unit_ids)


def of_river(river: River, *, on: date) -> tuple[QuerySet[Section], QuerySet[Outlet]]:
    """List the sections and the outlets of a river that are in use on a day."""
    return (
        river.sections.filter(in_use_on(on)).select_related("unit"),
        river.outlets.filter(in_use_on(on)).select_related("enterprise"),
    )


def outlets_of(enterprise: Enterprise, *, on: date) -> QuerySet[Outlet]:
    """List the outlets of an enterprise that are in use on a day."""
    return enterprise.outlets.filter(in_use_on(on)).select_related("river")


def chief_on(river: River, *, on: date) -> Term | None:
    """Give who holds the post of a river's chief on a day."""
    if river.chief is None:
        return None
    return river.chief.terms.current_on(on).select_related("holder").first()


PlaceWithPosition = Station | Section | Outlet | Enterprise


@dataclass(frozen=True)
class Feature:
    """A place as a map shows it: where, what, and the words beside it."""

    register: Register
    place: PlaceWithPosition
    words: str


def features(*, on: date) -> list[Feature]:
    """List everything with a position that is in use on a day, for a map."""
    found: list[Feature] = []
    for register in (Register.STATION, Register.SECTION, Register.OUTLET, Register.ENTERPRISE):
        found += [Feature(register, place, in_words(place)) for place in listed(register, on=on)]
    return found


def in_words(place: Place) -> str:
    """Say in a few words what a place is: 国控 · 云溪镇."""
    if isinstance(place, Outlet):
        return f"{place.enterprise.name} · {place.river.name if place.river else '不入河'}"
    if isinstance(place, Enterprise):
        return f"{place.industry} · {place.unit.name}"
    if isinstance(place, River):
        return f"{BODY_NAMES[BodyType(place.kind)]} · {place.unit.name}"
    return f"{LEVEL_NAMES[ControlLevel(place.control_level)]} · {place.unit.name}"


def charges(
    *, on: date, system: str = "", search: str = "", unit: int | None = None, with_ended: bool = False
) -> QuerySet[Charge]:
    """List the charges of chiefs by system and place, from the highest level down, each with who holds its post.

    Parameters
    ----------
    on : datetime.date
        The day on which charges must count and posts be held.
    system : str
        Only those of a system.
    search : str
        Words in the name of the thing, the reach, the post or the holder.
    unit : int, optional
        Only what lies in this unit.
    with_ended : bool
        Also those that ended before that day.
    """
    holder = Term.objects.current_on(on).filter(post=OuterRef("post")).values("holder__display_name")[:1]
    rank = [
        When(system=found.key, level=level.key, then=place)
        for found in systems.systems()
        for place, level in enumerate(found.levels)
    ]
    order = [When(system=found.key, then=place) for place, found in enumerate(systems.systems())]
    found: Any = Charge.objects.select_related("river", "unit", "post__unit").annotate(  # annotated for good
        holder_name=Coalesce(Subquery(holder), Value("")),
        system_place=Case(*order, default=99, output_field=IntegerField()),
        level_place=Case(*rank, default=99, output_field=IntegerField()),
    )
    if not with_ended:
        found = found.filter(pk__in=Charge.objects.current_on(on).values("pk"))
    if system:
        found = found.filter(system=system)
    if unit is not None:
        found = found.filter(unit=unit)
    if search:
        found = found.filter(
            Q(river__name__icontains=search)
            | Q(place_name__icontains=search)
            | Q(reach__icontains=search)
            | Q(post__name__icontains=search)
            | Q(post__unit__name__icontains=search)
            | Q(holder_name__icontains=search)
        )
    listed: QuerySet[Charge] = found.order_by(
        "system_place", "river__code", "unit__code", "place_name", "level_place", "reach", "pk"
    )
    return listed


def charge_counts(*, on: date) -> dict[str, int]:
    """Count the charges of each system on a day."""
    found = Charge.objects.current_on(on).order_by().values_list("system").annotate(count=Count("pk"))
    return dict(found)


def charge_with(key: int, *, on: date) -> Charge | None:
    """Give one charge with who holds its post on a day."""
    return charges(on=on, with_ended=True).filter(pk=key).first()


def holders_during(charge: Charge) -> QuerySet[Term]:
    """List who held the post of a charge while it counted, newest first."""
    found = charge.post.terms.select_related("holder").filter(
        Q(ended_on__isnull=True) | Q(ended_on__gte=charge.started_on)
    )
    if charge.ended_on is not None:
        found = found.filter(started_on__lte=charge.ended_on)
    return found.order_by("-started_on")


def beside(charge: Charge, *, on: date) -> QuerySet[Charge]:
    """List the other charges of the same thing, at all levels, with those that ended."""
    found = charges(on=on, system=charge.system, with_ended=True).exclude(pk=charge.pk)
    if charge.river_id is not None:
        return found.filter(river=charge.river_id)
    return found.filter(place_name=charge.place_name, unit=charge.unit_id)


def _chief_terms(on: date) -> Prefetch:  # type: ignore[type-arg]
    terms = Term.objects.current_on(on).select_related("holder")
    return Prefetch("chief__terms", queryset=terms, to_attr="current_terms")
