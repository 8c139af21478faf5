"""What can be asked of registers. Nothing here writes, and nothing here reads the clock.

Lists are asked of entries as they stand; how a register stood on a past day follows from the steps. What is counted of
it for targets: see ``registers.counting``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet

from heqing.registers import Role, pillars
from heqing_site.orgs.models import Unit, User
from heqing_site.registers import kinds
from heqing_site.registers.kinds import Standing
from heqing_site.registers.models import Entry, EntryFile, EntryQuerySet, EntryStep, RegisterKind, newest_steps


@dataclass(frozen=True)
class Shelf:
    """The kinds of one pillar with how many entries each holds."""

    pillar: str
    name: str
    kinds: list[tuple[Standing, int, int]]


def shelves(*, on: date, search: str = "") -> list[Shelf]:
    """List the kinds in use by pillar, each with its standing entries and those that wait to be confirmed."""
    counted = {
        row["kind"]: (row["standing"], row["unconfirmed"])
        for row in Entry.objects.order_by()
        .values("kind")
        .annotate(
            standing=Count("pk", filter=Q(is_struck=False)),
            unconfirmed=Count("pk", filter=Q(is_struck=False, confirmed_by__isnull=True)),
        )
    }
    found = []
    for pillar, name in pillars().items():
        listed = [
            (one, *_of(counted.get(one.key, (0, 0)), one))
            for one in kinds.standing_kinds(on=on).values()
            if one.form.pillar == pillar and _is_meant(one, search) and (not one.is_retired or one.key in counted)
        ]
        if listed:
            found.append(Shelf(pillar, name, listed))
    return found


def _of(counted: tuple[int, int], one: Standing) -> tuple[int, int]:
    return counted[0], counted[1] if one.form.needs_confirmation else 0


def _is_meant(one: Standing, search: str) -> bool:
    form = one.form
    told = [form.name_zh, form.about, *(option for field in form.fields for option in field.options)]
    return not search or any(search in said for said in told)


def entries_found(search: str, *, limit: int = 20) -> list[Entry]:
    """Find entries by words of their title, over all registers."""
    return list(Entry.objects.filter(title__icontains=search).select_related("unit").order_by("-pk")[:limit])


def chosen(
    kind: str,
    *,
    state: str = "",
    unit: int | None = None,
    year: int | None = None,
    choice: str = "",
    search: str = "",
    waiting: bool = False,
    with_struck: bool = False,
) -> EntryQuerySet:
    """Select the entries of a list page as they stand now, the newest first."""
    found = Entry.objects.filter(kind=kind).select_related("unit", "confirmed_unit")
    if not with_struck:
        found = found.filter(is_struck=False)
    if state:
        found = found.filter(state=state)
    if unit is not None:
        found = found.filter(unit=unit)
    if year is not None:
        found = found.filter(day__range=(date(year, 1, 1), date(year, 12, 31)))
    if choice:
        found = found.filter(choice=choice)
    if search:
        found = found.filter(title__icontains=search)
    if waiting:
        found = found.filter(confirmed_by__isnull=True, is_struck=False)
    return found.order_by("-number")


def listed_on(kind: Standing, day: date) -> QuerySet[Any]:
    """Give the register as it stood on a day: of each entry the last step up to it, struck ones left out.

    Where the kind declares from when to when a thing is on its list (纳入日、移出日), those days decide; what was
    entered afterwards for an earlier day is then on the list of that day too.
    """
    first, last = kind.form.with_role(Role.FIRST), kind.form.with_role(Role.LAST)
    found: QuerySet[Any]
    if first is not None:
        found = newest_steps(kind.key, date.max).filter(**{f"values__{first.key}__lte": day.isoformat()})
        if last is not None:
            asked = f"values__{last.key}"
            found = found.filter(Q(**{f"{asked}__isnull": True}) | Q(**{f"{asked}__gte": day.isoformat()}))
    else:
        found = newest_steps(kind.key, day)
    return found.filter(is_struck=False).select_related("entry", "unit").order_by("-entry__number")


def states_of(kind: str) -> dict[str, tuple[int, int]]:
    """Count the entries of a kind by state, and of them those that nobody confirmed; struck ones left out."""
    found = Entry.objects.filter(kind=kind, is_struck=False).order_by().values_list("state")
    rows = found.annotate(n=Count("pk"), waiting=Count("pk", filter=Q(confirmed_by__isnull=True)))
    return {state: (count, waiting) for state, count, waiting in rows}


def units_of(kind: str) -> QuerySet[Unit]:
    """List the units that own an entry of a kind."""
    return Unit.objects.filter(Exists(Entry.objects.filter(kind=kind, unit=OuterRef("pk")))).order_by("code")


def years_of(kind: str) -> list[int]:
    """List the years from the first to the last in which entries of a kind have their day, the newest first."""
    ends = Entry.objects.filter(kind=kind).order_by().aggregate(first=Min("day"), last=Max("day"))
    return [] if ends["first"] is None else list(range(ends["last"].year, ends["first"].year - 1, -1))


def entry_numbered(kind: str, number: int) -> Entry | None:
    """Find an entry by its number."""
    return (
        Entry.objects.filter(kind=kind, number=number)
        .select_related("unit", "changed_by", "changed_unit", "confirmed_by", "confirmed_unit")
        .first()
    )


def steps_of(entry: Entry) -> list[EntryStep]:
    """List the steps of an entry with their files, the newest first."""
    found = list(
        EntryStep.objects.filter(entry=entry)
        .select_related("by_unit", "unit")
        .prefetch_related(Prefetch("files", queryset=EntryFile.objects.order_by("pk")))
        .order_by("-number")
    )
    for step in found:
        step.entry = entry
    return found


def pointing_to(entry: Entry, *, on: date) -> list[Entry]:
    """List the standing entries of other kinds that point to an entry."""
    found: list[Entry] = []
    for other in kinds.standing_kinds(on=on).values():
        for field in other.form.fields:
            if field.linked_kind == entry.kind:
                asked = {f"values__{field.key}__key": str(entry.number)}
                found += Entry.objects.standing().filter(kind=other.key, **asked).select_related("unit")[:50]
    return found


def may_be_checked_by(user: User, entry: Entry) -> bool:
    """Tell whether a person is of another unit than the one that owns an entry and the one that changed it last."""
    return (
        user.unit_id is not None
        and user.pk != entry.changed_by_id
        and user.unit_id not in (entry.unit_id, entry.changed_unit_id)
    )


def standing_of(key: str, *, on: date) -> Standing:
    """Give a kind as it stands on a day.

    Raises
    ------
    LookupError
        When there is none.
    """
    found = kinds.standing_kind(key, on=on)
    if found is None:
        raise LookupError(key)
    return found


def versions_of(key: str) -> QuerySet[Any]:
    """List the versions of a kind that officers stored, the newest first."""
    return RegisterKind.objects.filter(key=key).select_related("declared_by").order_by("-version")


def linked_choices(kind: str, *, limit: int = 500) -> list[tuple[str, str]]:
    """List the standing entries of a kind to which a field may point."""
    found = Entry.objects.standing().filter(kind=kind).order_by("-number")[:limit]
    return [(str(entry.number), f"{entry.number} {entry.title}") for entry in found]


def entries_numbered(kind: str, numbers: Collection[int]) -> list[Entry]:
    """Give entries of a kind by their numbers, in that order."""
    return list(Entry.objects.filter(kind=kind, number__in=list(numbers)).select_related("unit").order_by("number"))
