"""What can be asked of works. Nothing here writes, and nothing here reads the clock.

Lists, desk and board read the columns that the actions keep on `Work`; how a work stood on a past day follows from its
steps and terms (`Work.objects.as_of`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from heqing_site.ledger.models import Target
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, reach
from heqing_site.orgs.rules import Permission, UnitKind
from heqing_site.works.models import ListIssue, TaskList, Work, WorkPart, WorkQuerySet, WorkStep, WorkTarget
from heqing_site.works.records import Contribution, Progress, Slip, WorkPaper
from heqing_site.works.rules import SLIP_OPEN, SlipState, State, first_of, month_to_report

IN_HAND = State.ACTIVE.value
OPEN_SLIPS = [state.value for state in SLIP_OPEN]


# --- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What a page of works asks for; empty parts ask for nothing."""

    task_list: int | None = None
    unit: int | None = None
    pillar: str = ""
    kind: str = ""
    state: str = ""
    stage: str = ""
    light: str = ""
    slip: str = ""
    words: str = ""
    finish: date | None = None  # a month, by its first day
    is_late: bool = False


def listed(found: WorkQuerySet) -> WorkQuerySet:
    """Fetch what a list shows of each work along with it; many works share few units and lists."""
    return found.prefetch_related("task_list", "lead_unit", "acting_unit").defer("requirement", "money_by_fund")


def chosen(asked: Choice, *, on: date) -> WorkQuerySet:
    """Select the works of a list page, those due first before the others."""
    found: WorkQuerySet = Work.objects.all()
    exact = {
        "task_list": asked.task_list, "pillar": asked.pillar, "kind": asked.kind, "stage_name": asked.stage,
        "slip": asked.slip,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if asked.unit is not None:
        found = found.filter(Q(lead_unit=asked.unit) | Q(acting_unit=asked.unit))
    if asked.state:
        found = found.filter(state=asked.state)
    elif asked.finish is None and not asked.words:
        found = found.filter(state=IN_HAND)
    if asked.light:
        found = found.filter(state__in=[IN_HAND, State.DONE.value], light=asked.light)
    if asked.words:
        number = int(asked.words) if asked.words.isascii() and asked.words.isdecimal() and len(asked.words) < 9 else -1
        found = found.filter(Q(title__icontains=asked.words) | Q(number=number))
    if asked.finish is not None:
        found = found.filter(planned_finish__year=asked.finish.year, planned_finish__month=asked.finish.month)
    if asked.is_late:
        found = found.filter(state=IN_HAND, planned_finish__lt=on)
    return listed(found.order_by(F("planned_finish").asc(nulls_last=True), "number"))


@dataclass(frozen=True)
class Counts:
    """How many works are in hand by light, how many late, and how many stand otherwise."""

    lights: dict[str, int]
    late: int
    states: dict[str, int]

    @property
    def in_hand(self) -> int:
        """How many are in hand."""
        return sum(self.lights.values())


def counts(*, on: date, task_list: int | None = None, unit: int | None = None) -> Counts:
    """Count the works by state and light."""
    found = Work.objects.order_by()
    if task_list is not None:
        found = found.filter(task_list=task_list)
    if unit is not None:
        found = found.filter(Q(lead_unit=unit) | Q(acting_unit=unit))
    lights: dict[str, int] = defaultdict(int)
    states: dict[str, int] = defaultdict(int)
    late = 0
    rows = found.values_list("state", "light").annotate(
        count=Count("pk"), late=Count("pk", filter=Q(planned_finish__lt=on, state=IN_HAND))
    )
    for state, light, count, overdue in rows:
        states[state] += count
        late += overdue
        if state == IN_HAND:
            lights[light] += count
    return Counts(dict(lights), late, dict(states))


def lists() -> QuerySet[TaskList]:
    """List the task lists with how many works each has, and how many are in hand, done, red."""
    in_hand = Q(works__state=IN_HAND)
    return TaskList.objects.select_related("issuer").annotate(
        total=Count("works"),
        in_hand=Count("works", filter=in_hand),
        done=Count("works", filter=Q(works__state=State.DONE.value)),
        red=Count("works", filter=in_hand & Q(works__light="red")),
        yellow=Count("works", filter=in_hand & Q(works__light="yellow")),
    )


def list_numbered(number: int) -> TaskList | None:
    """Find a list by its number."""
    return TaskList.objects.select_related("issuer", "document").filter(number=number).first()


def issues_of(task_list: TaskList) -> QuerySet[ListIssue]:
    """List the versions of a list, newest first."""
    return task_list.issues.order_by("-number")


def units_with_works() -> QuerySet[Unit]:
    """List the units that lead or do any work."""
    of_unit = Work.objects.filter(Q(lead_unit=OuterRef("pk")) | Q(acting_unit=OuterRef("pk")))
    return Unit.objects.filter(Exists(of_unit)).order_by("code")


def stage_names(task_list: int | None = None) -> list[tuple[str, int]]:
    """Name the stages at which works in hand stand, most first."""
    found = Work.objects.filter(state=IN_HAND).order_by()
    if task_list is not None:
        found = found.filter(task_list=task_list)
    rows = found.values_list("stage_name").annotate(count=Count("pk")).order_by("-count", "stage_name")
    return [(str(name), int(count)) for name, count in rows[:24]]


# --- one work -----------------------------------------------------------------------------------------------------


def work_numbered(number: int) -> Work | None:
    """Find a work by its number, with everybody who answers for it."""
    return (
        Work.objects.select_related(
            "task_list__issuer", "lead_unit", "acting_unit", "checker_unit", "principal__unit", "leader__unit",
            "actor__unit", "place_unit", "river", "section", "enterprise",
        ).filter(number=number).first()
    )  # fmt: skip


def parts_of(work: Work) -> QuerySet[WorkPart]:
    """List the units that support a work now."""
    return work.parts.filter(terms_number=work.terms_number).select_related("unit")


def links_of(work: Work) -> QuerySet[WorkTarget]:
    """List the targets that a work serves now."""
    return work.links.filter(terms_number=work.terms_number).select_related("target").order_by("target__number")


def steps_of(work: Work) -> QuerySet[WorkStep]:
    """List the steps of a work, newest first."""
    return work.steps.select_related("by_unit").order_by("-number")


def papers_of(work: Work) -> QuerySet[WorkPaper]:
    """List the papers of a work, oldest first."""
    return work.papers.order_by("pk")


def progress_of(work: Work) -> QuerySet[Progress]:
    """List the progress of a work, newest first, with its files and what was found of it."""
    return (
        work.progress.select_related("check_row__by", "check_row__by_unit", "by_unit")
        .prefetch_related("files")
        .order_by("-month", "-number")
    )


def newest_progress(work: Work, month: date) -> Progress | None:
    """Give the newest version of a month."""
    return work.progress.select_related("check_row").filter(month=month).order_by("-number").first()


def slips_of(work: Work) -> QuerySet[Slip]:
    """List the slips of a work, newest first."""
    return work.slips.order_by("-number")


def works_of_target(target: Target) -> WorkQuerySet:
    """List the works that serve a target now."""
    linked = WorkTarget.objects.filter(work=OuterRef("pk"), target=target, terms_number=OuterRef("terms_number"))
    return listed(Work.objects.filter(Exists(linked)).exclude(state=State.DROPPED.value).order_by("number"))


# --- whose move it is ---------------------------------------------------------------------------------------------


def own_units(user: User) -> set[int]:
    """Give the units for which a person reports: their own, and for a town or street the villages below it."""
    if user.unit is None:
        return set()
    return ids_below([user.unit.pk]) if user.unit.kind in (UnitKind.TOWN, UnitKind.STREET) else {user.unit.pk}


def _acting(user: User, on: date, *, work: str = "") -> Q:
    """Select the works that a person may move on: those their own units do, as far as the right holds."""
    may_tell = reach(user, Permission.TASK_REPORT, on=on).rows(f"{work}acting_unit", f"{work}pillar")
    return Q(**{f"{work}acting_unit__in": own_units(user)}) & may_tell


def to_report(user: User, *, on: date) -> WorkQuerySet:
    """Select the works in hand whose last month that ended a person's unit still owes."""
    month = month_to_report(on)
    return listed(
        Work.objects.filter(_acting(user, on), state=IN_HAND, activated_on__lt=first_of(on))
        .filter(Q(reported_through__isnull=True) | Q(reported_through__lt=month))
        .order_by("planned_finish", "number")
    )


def to_move(user: User, *, on: date) -> WorkQuerySet:
    """Select the works in hand of a person's unit whose stage or whole is late."""
    late = Q(stage_due__lt=on) | Q(planned_finish__lt=on)
    return listed(Work.objects.filter(late, _acting(user, on), state=IN_HAND).order_by("stage_due", "number"))


def to_check(user: User, *, on: date) -> WorkQuerySet:
    """Select the works whose progress waits for a person of the checking unit."""
    if user.unit_id is None:
        return Work.objects.none()
    may_tell = reach(user, Permission.TASK_REPORT, on=on).rows("checker_unit", "pillar")
    found = Work.objects.filter(may_tell, state=IN_HAND, waits_for_check=True, checker_unit=user.unit_id)
    return listed(found.exclude(acting_unit=user.unit_id).order_by("planned_finish", "number"))


def to_grant(user: User, *, on: date) -> WorkQuerySet:
    """Select the works whose postponement waits for a person of the unit that issued the list."""
    may_edit = reach(user, Permission.TASK_EDIT, on=on).rows("task_list__issuer", "pillar")
    found = Work.objects.filter(may_edit, state=IN_HAND, asked_finish__isnull=False)
    if user.unit_id is None:
        return found.none()
    return listed(found.exclude(Q(lead_unit=user.unit_id) | Q(acting_unit=user.unit_id)).order_by("planned_finish"))


def slips_to_answer(user: User, *, on: date) -> QuerySet[Slip]:
    """Select the slips that a person's unit has to answer."""
    found = Slip.objects.filter(_acting(user, on, work="work__"), state=SlipState.ISSUED.value)
    return found.select_related("work__acting_unit").order_by("due_on", "number")


def slips_to_decide(user: User, *, on: date) -> QuerySet[Slip]:
    """Select the slips that wait for whoever presses: to be issued, found good or raised, or unanswered too long."""
    may_press = reach(user, Permission.SLIP_ISSUE, on=on).rows("work__lead_unit", "work__pillar")
    waiting = Q(state__in=[SlipState.PROPOSED.value, SlipState.ANSWERED.value])
    found = Slip.objects.filter(may_press, waiting | Q(state=SlipState.ISSUED.value, due_on__lt=on))
    if user.unit_id is not None:
        found = found.exclude(Q(work__lead_unit=user.unit_id) | Q(work__acting_unit=user.unit_id))
    return found.select_related("work__acting_unit", "work__lead_unit").order_by("due_on", "number")


def slips(*, state: str = "", colour: str = "") -> QuerySet[Slip]:
    """List the slips: the open ones, or those of a state, or of a colour."""
    found = Slip.objects.select_related("work__acting_unit", "work__lead_unit")
    found = found.filter(state=state) if state else found.filter(state__in=OPEN_SLIPS)
    if colour:
        found = found.filter(colour=colour)
    return found.order_by(F("due_on").asc(nulls_last=True), "number")


def slip_numbered(number: int) -> Slip | None:
    """Find a slip by its number."""
    return (
        Slip.objects.select_related(
            "work__task_list", "work__lead_unit", "work__acting_unit", "work__principal__unit", "earlier"
        ).filter(number=number).first()
    )  # fmt: skip


# --- the board ----------------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """What of one unit is planned to end in one month: how many by light, and how many are done."""

    month: int
    lights: dict[str, int] = field(default_factory=dict)
    done: int = 0

    @property
    def total(self) -> int:
        """How many in all."""
        return self.done + sum(self.lights.values())


@dataclass
class BoardRow:
    """One unit of the board with its months."""

    unit: Unit
    cells: list[Cell]

    @property
    def red(self) -> int:
        """How many are red."""
        return sum(cell.lights.get("red", 0) for cell in self.cells)

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(cell.total for cell in self.cells)


def board(*, year: int, task_list: int | None = None, by_acting: bool = False) -> list[BoardRow]:
    """Lay the works of a year out by unit and planned month (挂图作战), the unit most in the red first."""
    column = "acting_unit" if by_acting else "lead_unit"
    found = Work.objects.filter(
        planned_finish__gte=date(year, 1, 1), planned_finish__lte=date(year, 12, 31),
        state__in=[IN_HAND, State.DONE.value], **{f"{column}__isnull": False},
    ).order_by()  # fmt: skip
    if task_list is not None:
        found = found.filter(task_list=task_list)
    rows = found.values_list(column, "planned_finish__month", "state", "light").annotate(count=Count("pk"))
    cells: dict[int, dict[int, Cell]] = defaultdict(dict)
    for unit, month, state, light, count in rows:
        cell = cells[unit].setdefault(month, Cell(month))
        if state == State.DONE.value:
            cell.done += count
        else:
            cell.lights[light] = cell.lights.get(light, 0) + count
    units = Unit.objects.in_bulk(cells)
    laid = [BoardRow(units[key], [own.get(n) or Cell(n) for n in range(1, 13)]) for key, own in cells.items()]
    return sorted(laid, key=lambda row: (-row.red, row.unit.code))


def years() -> list[int]:
    """List the years of task lists, newest first."""
    return list(TaskList.objects.order_by("-year").values_list("year", flat=True).distinct())


# --- the map ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Located:
    """A work with a position, or with the town in which it lies."""

    work: Work
    lon: float | None
    lat: float | None
    unit: int | None


def located(*, most: int = 2000) -> list[Located]:
    """List the works in hand that lie somewhere: at a point of their own, a section, an enterprise, or in a town."""
    found = (
        Work.objects.filter(state=IN_HAND)
        .filter(
            Q(lon__isnull=False) | Q(section__isnull=False) | Q(enterprise__isnull=False) | Q(place_unit__isnull=False)
        )
        .select_related("section", "enterprise", "lead_unit")
        .order_by("number")[:most]
    )
    told = []
    for work in found:
        point: Any = work if work.lon is not None else work.section or work.enterprise
        lon, lat = (None, None) if point is None else (float(point.lon), float(point.lat))
        told.append(Located(work, lon, lat, work.place_unit_id))
    return told


# --- what works count toward targets ------------------------------------------------------------------------------


@dataclass
class Contributed:
    """What works counted toward a target by a day: the sum, the last day, and the rows."""

    total: Decimal
    last: date
    rows: list[Contribution]


def contributed(target_ids: Collection[int], *, as_of: date) -> dict[int, Contributed]:
    """Give for each target what works counted toward it by a day; targets with nothing are left out.

    A row that was taken back counts until the day it was taken back.
    """
    found: dict[int, Contributed] = {}
    rows = Contribution.objects.filter(target__in=list(target_ids), counted_on__lte=as_of).select_related("work")
    for row in rows.order_by("counted_on", "pk"):
        here = found.setdefault(row.target_id, Contributed(Decimal(0), row.counted_on, []))
        here.total += row.amount
        here.last = row.counted_on
        here.rows.append(row)
    return found


def served(target_ids: Collection[int]) -> set[int]:
    """Give those of some targets that a work was ever set to serve: of the others, works can tell nothing."""
    return set(WorkTarget.objects.filter(target__in=list(target_ids)).order_by().values_list("target", flat=True))


def contributions_of(work: Work) -> QuerySet[Contribution]:
    """List what a work counted, oldest first; with the row that took it back."""
    return work.contributions.select_related("target", "paper", "taken_back").order_by("counted_on", "pk")


def totals_of(work: Work) -> dict[int, Decimal]:
    """Sum what a work counted toward each target."""
    rows = work.contributions.order_by().values_list("target").annotate(total=Sum("amount"))
    return {target: total for target, total in rows}


def with_terms(works: Iterable[Work], *, on: date) -> QuerySet[Work]:
    """Fetch everything that a sheet of a list says of some works."""
    keys = [work.pk for work in works]
    return (
        Work.objects.filter(pk__in=keys)
        .select_related(
            "lead_unit", "acting_unit", "checker_unit", "place_unit", "principal__unit", "leader__unit", "actor__unit"
        )
        .prefetch_related(
            Prefetch("parts", queryset=WorkPart.objects.select_related("unit")),
            Prefetch("links", queryset=WorkTarget.objects.select_related("target")),
        )
        .order_by("number")
    )


def slip_counts() -> dict[str, int]:
    """Count the slips of each state."""
    return dict(Slip.objects.order_by().values_list("state").annotate(count=Count("pk")))
