"""What can be asked of cases. Nothing here writes, and nothing here reads the clock.

How a case stood on a past day follows from its steps, so that a month that is scored again gives the same counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from heqing.cases import Mover, State, is_overdue, procedure_on
from heqing_site.cases.models import Case, CaseEvidence, CaseQuerySet, CaseSignal, CaseStep, then
from heqing_site.cases.rules import ENDED, OPEN, RIGHTS, WITH_OWNER
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Light
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, reach
from heqing_site.orgs.rules import LEVELS, UnitKind
from heqing_site.places.models import Section
from heqing_site.reporting.rules import Period
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.queries import newest

OPEN_VALUES = [state.value for state in OPEN]
ENDED_VALUES = [state.value for state in ENDED]
WITH_OWNER_VALUES = [state.value for state in WITH_OWNER]


def listed(found: CaseQuerySet) -> CaseQuerySet:
    """Fetch what a list shows of each case along with it; many cases share few units, and each is built once."""
    return found.prefetch_related("unit", "place_unit", "person", "target", "section")


# --- lists --------------------------------------------------------------------------------------------------------


def open_cases(*, as_of: date, units: Collection[int] | None = None) -> CaseQuerySet:
    """Select the cases that were open on a day, those due first before the others; of some responsible units only."""
    then_standing: Any = Case.objects.as_of(as_of)
    found = then_standing.filter(state_then__in=OPEN_VALUES)
    if units is not None:
        found = found.filter(unit_then__in=list(units))
    return listed(found.order_by("due_then", "number"))


def overdue(*, as_of: date, units: Collection[int] | None = None) -> CaseQuerySet:
    """Select the open cases whose step was late on a day, the latest first."""
    found: Any = open_cases(as_of=as_of, units=units)
    return listed(found.filter(due_then__lt=as_of))


def mine(user: User, *, on: date) -> CaseQuerySet:
    """Select the open cases whose next move is a person's: by their rights, and never checking their own unit."""
    asked = Q(pk__in=[])
    open_forms = [form for form in procedure_on(on).states.values() if form.is_open]
    reach_of = {right: reach(user, right, on=on) for right in {RIGHTS[form.mover] for form in open_forms}}
    own = own_units(user)
    for form in open_forms:
        where = reach_of[RIGHTS[form.mover]]
        if where.is_nowhere:
            continue
        these = Q(state=form.state.value) & where.rows("unit", "pillar")
        if form.mover is Mover.OWNER:  # whoever may rectify everywhere is still asked for their own unit only
            these &= Q(unit__in=own) | Q(person=user)
        if form.mover in (Mover.VERIFIER, Mover.CLOSER):
            if user.unit_id is None:
                continue
            these &= ~Q(unit=user.unit_id) & ~Q(rectified_unit=user.unit_id) & ~Q(rectified_by=user.pk)
        asked |= these
    return listed(Case.objects.filter(asked)).order_by("due_on", "number")


def own_units(user: User) -> set[int]:
    """Give the units for which a person rectifies: their own, and for a town or street the villages below it."""
    if user.unit is None:
        return set()
    return ids_below([user.unit.pk]) if user.unit.kind in (UnitKind.TOWN, UnitKind.STREET) else {user.unit.pk}


def cases_of_target(target: Target) -> CaseQuerySet:
    """List the cases of a target, newest first."""
    return listed(Case.objects.filter(target=target))


def cases_of_section(section: Section) -> CaseQuerySet:
    """List the cases of a section, newest first."""
    return listed(Case.objects.filter(section=section))


def cases_of_unit(unit: Unit) -> CaseQuerySet:
    """List the cases for which a unit answers, or that lie in it, newest first."""
    return listed(Case.objects.filter(Q(unit=unit) | Q(place_unit=unit)))


def chosen(*, on: date, state: str = "", unit: int | None = None, late: bool = False) -> CaseQuerySet:
    """Select the cases of a list page: all open ones, those of a state, of a unit, or those that are late."""
    found = listed(Case.objects.all())
    found = found.filter(state=state) if state else found.filter(state__in=OPEN_VALUES)
    if unit is not None:
        found = found.filter(unit=unit)
    if late:
        found = found.filter(state__in=OPEN_VALUES, due_on__lt=on)
    return found.order_by(F("due_on").asc(nulls_last=True), "-closed_on", "number")


def pillar_of(*, target: Target | None, section: Section | None, verdict: TargetVerdict | None, on: date) -> str:
    """Give the matter of a case: that of its target, water for a section, none for what was entered by hand."""
    if verdict is not None:
        return str(verdict.terms.pillar)
    if target is not None:
        return terms_as_of(on).filter(target=target).values_list("pillar", flat=True).first() or ""
    return "water" if section is not None else ""


def counts_by_state() -> dict[str, int]:
    """Count the cases of each state, now."""
    return dict(Case.objects.order_by().values_list("state").annotate(count=Count("pk")))


def late_count(*, on: date) -> int:
    """Count the open cases whose step is late on a day, as they stand now."""
    return Case.objects.filter(state__in=OPEN_VALUES, due_on__lt=on).count()


def units_with_cases() -> QuerySet[Unit]:
    """List the units that answer for any case."""
    return Unit.objects.filter(Exists(Case.objects.filter(unit=OuterRef("pk")))).order_by("code")


# --- one case -----------------------------------------------------------------------------------------------------


def case_numbered(number: int) -> Case | None:
    """Find a case by its number."""
    return listed(Case.objects.filter(number=number)).first()


def steps_of(case: Case) -> QuerySet[CaseStep]:
    """List the steps of a case with their files, oldest first."""
    return (
        CaseStep.objects.filter(case=case)
        .select_related("by", "by_unit", "unit", "person")
        .prefetch_related(Prefetch("evidence", queryset=CaseEvidence.objects.order_by("pk")))
        .order_by("number")
    )


def signals_of(case: Case) -> QuerySet[CaseSignal]:
    """List the signals of a case, newest first."""
    return CaseSignal.objects.filter(case=case).select_related("section", "verdict").order_by("-day", "-pk")


def standing_case(*, target: Target | None, section: Section | None, place_unit: Unit) -> Case | None:
    """Give the open case of a target and place, or of a section."""
    found = Case.objects.filter(state__in=OPEN_VALUES)
    if target is not None:
        return found.filter(target=target, place_unit=place_unit).first()
    return None if section is None else found.filter(section=section).first()


def may_be_checked_by(user: User, case: Case) -> bool:
    """Tell whether a person is of another unit than the one that answers for a case and the one that rectified it."""
    return (
        user.unit_id is not None
        and user.pk != case.rectified_by_id
        and user.unit_id not in (case.unit_id, case.rectified_unit_id)
    )


# --- what opens cases ---------------------------------------------------------------------------------------------


def reds(*, on: date, verdicts: Iterable[TargetVerdict] | None = None) -> list[TargetVerdict]:
    """List the red verdicts of a day, in the order of targets; or the red ones of those given."""
    found = newest(as_of=on).filter(day=on)
    if verdicts is not None:
        found = TargetVerdict.objects.filter(pk__in=[verdict.pk for verdict in verdicts])
    return list(
        found.filter(light=Light.RED.value)
        .select_related("target__document", "terms__lead_unit", "terms__scope_unit")
        .defer("target__document__text", "target__document__junk", "target__document__people")
        .order_by("target__number")
    )


def last_cases_of_targets(targets: Collection[int]) -> dict[tuple[int, int], Case]:
    """Give for each target and place its newest case, locked until the transaction ends."""
    found = (
        Case.objects.select_for_update(of=("self",))
        .filter(target__in=targets)
        .select_related("unit", "place_unit")
        .order_by("number")
    )
    return {(case.target_id or 0, case.place_unit_id): case for case in found}


def left_red(verdict: TargetVerdict, *, since: date) -> bool:
    """Tell whether a target was green or yellow at the end of its case or later, before this verdict.

    Grey does not count: it says that nobody can tell.
    """
    told = TargetVerdict.objects.filter(target=verdict.target_id, day__lt=verdict.day)
    before = told.filter(day__lte=since).order_by("-day", "-number").first()
    if before is None or before.light in (Light.GREEN, Light.YELLOW):
        return True
    return told.filter(day__gt=since, light__in=[Light.GREEN.value, Light.YELLOW.value]).exists()


def division_of(unit: Unit, units: Mapping[int, Unit]) -> Unit:
    """Give the division or park in which a unit stands: itself, or the first one above it."""
    here = unit
    while UnitKind(here.kind) not in LEVELS and here.kind != UnitKind.PARK and here.parent_id is not None:
        here = units[here.parent_id]
    return here


def place_of(terms: TargetTerms, units: Mapping[int, Unit]) -> Unit:
    """Give the place of a target: the unit it speaks of, or the division of its lead unit."""
    return terms.scope_unit or division_of(units[terms.lead_unit_id], units)


# --- counts for scores and bulletins ------------------------------------------------------------------------------


@dataclass
class UnitCases:
    """How a unit stands with its cases in a month; `overdue` counts those whose late step is the unit's own."""

    unit: Unit
    opened: int = 0
    closed: int = 0
    open: int = 0
    overdue: int = 0
    rebounds: int = 0
    returned: int = 0
    cases: list[Case] = field(default_factory=list)


def counts(*, month: Period, as_of: date, units: Collection[int] | None = None) -> list[UnitCases]:
    """Count the cases of each responsible unit in a month, as known on a day; units without any are left out.

    `open` and `overdue` tell of the last day of the month, or of `as_of` while the month runs. A case counts for the
    unit that answered for it then.
    """
    last = min(month.last, as_of)
    lines: dict[int, UnitCases] = {}
    known = Unit.objects.in_bulk()

    def line(unit_id: int) -> UnitCases:
        return lines.setdefault(unit_id, UnitCases(known[unit_id]))

    moves = CaseStep.objects.filter(on__range=(month.first, last)).values_list("case_id", "deed", "state", "unit_id")
    touched: dict[int, set[int]] = {}
    for case_id, deed, state, unit_id in moves:
        here = line(unit_id)
        here.opened += deed == "open"
        here.closed += state == State.CLOSED
        here.rebounds += deed == "reopen"
        here.returned += deed == "return"
        touched.setdefault(unit_id, set()).add(case_id)
    then_standing: Any = Case.objects.as_of(last)
    asked = Q(state_then__in=OPEN_VALUES) | Q(steps__on__range=(month.first, last))
    standing = {case.pk: case for case in listed(then_standing.filter(asked).distinct())}
    for case in standing.values():
        state, due, unit_id = then(case)
        if state in OPEN:
            here = line(unit_id)
            here.open += 1
            here.overdue += state in WITH_OWNER and is_overdue(due, last)
            touched.setdefault(unit_id, set()).add(case.pk)
    for unit_id, keys in touched.items():
        lines[unit_id].cases = sorted((standing[key] for key in keys), key=lambda case: case.number)
    found = [here for unit_id, here in lines.items() if units is None or unit_id in units]
    return sorted(found, key=lambda here: (-here.overdue, -here.open, here.unit.code))
