"""What can be asked of plans. Nothing here writes, and nothing here reads the clock.

The lists of a plan are read as of any day from rows that are only added. What the instruments say stands in
``plans.water``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from heqing.plans import (
    Chapter,
    Consultee,
    Deed,
    Fault,
    ListForm,
    Move,
    Mover,
    State,
    broken,
    chain,
    lists_on,
    procedure_on,
)
from heqing_site.ledger.models import Target
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, places_with, terms_of
from heqing_site.orgs.rules import Permission
from heqing_site.places.models import Enterprise, Outlet, River, Section
from heqing_site.plans.models import Plan, PlanChapter, PlanFile, PlanItem, PlanOpinion, PlanStep
from heqing_site.plans.rules import OPEN, RIGHTS, code_order

OPEN_VALUES = [state.value for state in OPEN]


# --- lists of plans -----------------------------------------------------------------------------------------------


def listed(found: QuerySet[Plan]) -> QuerySet[Plan]:
    """Fetch what a list shows of each plan along with it."""
    return found.select_related("unit", "chief__unit", "river", "enterprise", "outlet__enterprise")


def chosen(
    *, kind: str = "", state: str = "", unit: int | None = None, finding: str = "", search: str = ""
) -> QuerySet[Plan]:
    """Select the plans of a list page, those reopened first, then by number, newest first."""
    found = listed(Plan.objects.all())
    if kind:
        found = found.filter(kind=kind)
    found = found.filter(state=state) if state else found.exclude(state=State.WITHDRAWN.value)
    if unit is not None:
        found = found.filter(unit=unit)
    if finding:
        found = found.filter(finding=finding)
    if search:
        found = found.filter(Q(title__icontains=search) | Q(place_text__icontains=search))
    return found.order_by(F("due_on").asc(nulls_last=True), "-number")


def counts_by(column: str, *, kind: str = "") -> dict[str, int]:
    """Count the plans that are not withdrawn by one of their columns: ``kind``, ``state``, ``finding``."""
    found = Plan.objects.exclude(state=State.WITHDRAWN.value)
    if kind:
        found = found.filter(kind=kind)
    return dict(found.order_by().values_list(column).annotate(count=Count("pk")))


def units_with_plans() -> QuerySet[Unit]:
    """List the units that keep any plan."""
    return Unit.objects.filter(Exists(Plan.objects.filter(unit=OuterRef("pk")))).order_by("code")


def plan_numbered(number: int) -> Plan | None:
    """Find a plan by its number."""
    return listed(Plan.objects.filter(number=number)).first()


def plans_for(
    *, river: River | None = None, enterprise: Enterprise | None = None, target: Target | None = None
) -> QuerySet[Plan]:
    """List the plans of a river, of an enterprise with its outlets, or whose goals name a target."""
    found = listed(Plan.objects.exclude(state=State.WITHDRAWN.value))
    if river is not None:
        return found.filter(river=river)
    if enterprise is not None:
        return found.filter(Q(enterprise=enterprise) | Q(outlet__enterprise=enterprise))
    return found.filter(pk__in=newest_items().filter(target=target, is_struck=False).values("plan"))


def awaiting(user: User, *, on: date) -> QuerySet[Plan]:
    """Select the open plans whose next move is a person's: by their rights, or as the chief who reviews.

    Editors are asked for what they must do next (a version owed, works to evaluate, a plan to send on or put in force),
    not for a plan that simply runs.
    """
    rules = procedure_on(on)
    asked = Q(pk__in=[])
    chief_of = [term.post_id for term in terms_of(user, on=on)]
    rights = {right: _reached(user, right, on) for right in set(RIGHTS.values())}
    for form in rules.states.values():
        if not form.is_open or form.state is State.IN_FORCE:
            continue
        right = rights[RIGHTS[form.mover]]
        if form.mover is Mover.EDITOR:
            right &= Q(unit=user.unit_id) if user.unit_id else Q(pk__in=[])
        if form.mover is Mover.CHIEF:
            right = (right & Q(chief__isnull=True)) | Q(chief__in=chief_of)
        asked |= Q(state=form.state.value) & right
    told = Q(state=State.REOPENED.value, chief__in=chief_of)  # a chief is told that the river is treated anew
    return listed(Plan.objects.filter(asked | told)).order_by(F("due_on").asc(nulls_last=True), "number")


def _reached(user: User, right: Permission, on: date) -> Q:
    """Select the plans at whose unit a person has a right for the plan's matter."""
    kinds = procedure_on(on).kinds.values()
    found = Q(pk__in=[])
    for matter in {kind.matter for kind in kinds}:
        places = places_with(user, right, on=on, matter=matter)
        if places == set():
            continue
        these = Q(kind__in=[kind.key for kind in kinds if kind.matter == matter])
        found |= these if places is None else these & Q(unit__in=places)
    return found


# --- one plan -----------------------------------------------------------------------------------------------------


def newest_items(as_of: date | None = None) -> QuerySet[PlanItem]:
    """Select of each item the row that counts, on a day or now; struck ones included."""
    later = PlanItem.objects.filter(plan=OuterRef("plan"), code=OuterRef("code"), number__gt=OuterRef("number"))
    found = PlanItem.objects.all()
    if as_of is not None:
        later, found = later.filter(on__lte=as_of), found.filter(on__lte=as_of)
    newest: QuerySet[PlanItem] = found.filter(~Exists(later))
    return newest


def items_of(plan: Plan, *, as_of: date | None = None) -> list[PlanItem]:
    """List the items of a plan as they stood on a day, or stand now, in the order of their lists and numbers."""
    order = list(lists_on(plan.drafted_on))
    found = (
        newest_items(as_of).filter(plan=plan, is_struck=False).select_related("section", "unit", "target", "project")
    )
    return sorted(found, key=lambda item: (order.index(item.list_key), code_order(item.code)))


def newest_of(plan: Plan, code: str) -> PlanItem | None:
    """Give the newest row of an item, struck or not."""
    return PlanItem.objects.filter(plan=plan, code=code).select_related("by").order_by("-number").first()


def drafts_of(plan: Plan) -> QuerySet[PlanItem]:
    """List every row that was ever written into the lists, newest first."""
    return (
        PlanItem.objects.filter(plan=plan).select_related("by", "unit", "section", "target", "project").order_by("-pk")
    )


def faults_of(plan: Plan, items: Iterable[PlanItem]) -> list[Fault]:
    """Find what is broken in the lists of a plan."""
    forms = lists_on(plan.drafted_on)
    plain = [item.as_item([field.key for field in forms[item.list_key].fields]) for item in items]
    return broken(plain, on=plan.drafted_on)


@dataclass(frozen=True)
class ItemLine:
    """An item as the page shows it: its fields in words, its faults, and the chain through it."""

    item: PlanItem
    form: ListForm
    faults: tuple[str, ...]
    chain: tuple[str, ...]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """The fields that are filled, with their names."""
        told = []
        for field in self.form.fields:
            value = self.item.value(field.key)
            if value not in (None, ""):
                told.append((field.name_zh, shown_value(self.form, field.key, value)))
        return told


@dataclass(frozen=True)
class ListLines:
    """One of the five lists with its lines; faults of the list as a whole."""

    form: ListForm
    lines: tuple[ItemLine, ...]
    faults: tuple[str, ...]


def shown_value(form: ListForm, key: str, value: Any) -> str:
    """Write the value of a field for people."""
    if key == "category":
        return str(form.categories.get(value, value))
    if key == "target":
        return f"目标 {value.number}"
    if key == "project":
        return f"{value.number} {value.title}"
    return f"{value:f}".rstrip("0").rstrip(".") if key == "money" else str(value)


def lists_of(plan: Plan, items: list[PlanItem]) -> list[ListLines]:
    """Give the five lists with their items, faults and chains."""
    forms = lists_on(plan.drafted_on)
    faults = faults_of(plan, items)
    plain = [item.as_item([]) for item in items]
    return [
        ListLines(
            form,
            tuple(
                ItemLine(
                    item,
                    form,
                    tuple(each.sentence for each in faults if each.list == key and each.code == item.code),
                    tuple(sorted(chain(plain, item.code, on=plan.drafted_on), key=code_order)),
                )
                for item in items
                if item.list_key == key
            ),
            tuple(each.sentence for each in faults if each.list == key and not each.code),
        )
        for key, form in forms.items()
    ]


def by_problem(lists: list[ListLines]) -> list[tuple[ItemLine | None, list[tuple[ListForm, list[ItemLine]]]]]:
    """Group the items under the problems to which their chains lead; those that lead to none stand last."""
    problems, rest = lists[0], lists[1:]
    groups: list[tuple[ItemLine | None, list[tuple[ListForm, list[ItemLine]]]]] = []
    placed: set[str] = set()
    for problem in problems.lines:
        under = [(each.form, [line for line in each.lines if line.item.code in problem.chain]) for each in rest]
        placed |= {line.item.code for _, lines in under for line in lines}
        groups.append((problem, under))
    loose = [(each.form, [line for line in each.lines if line.item.code not in placed]) for each in rest]
    if any(lines for _, lines in loose):
        groups.append((None, loose))
    return groups


def chapters_of(plan: Plan, *, as_of: date | None = None) -> list[tuple[Chapter, PlanChapter | None]]:
    """List the chapters of a plan with their words as of a day, or now."""
    found = PlanChapter.objects.filter(plan=plan).order_by("number")
    if as_of is not None:
        found = found.filter(on__lte=as_of)
    newest = {row.chapter: row for row in found}
    return [(chapter, newest.get(chapter.key)) for chapter in plan.rules.chapters_of(plan.kind)]


def opinions_of(plan: Plan) -> QuerySet[PlanOpinion]:
    """List the opinions on a plan, newest first."""
    return PlanOpinion.objects.filter(plan=plan).select_related("by").order_by("-pk")


def opinions_missing(plan: Plan) -> list[Consultee]:
    """List whose opinion on the present version is needed and not on record."""
    heard = set(PlanOpinion.objects.filter(plan=plan, version=plan.version).values_list("consultee", flat=True))
    asked = plan.rules.approvals[plan.approval].consultees
    return [each for each in asked if each.is_needed and each.key not in heard]


def steps_of(plan: Plan) -> QuerySet[PlanStep]:
    """List the steps of a plan with their files, oldest first."""
    files = PlanFile.objects.order_by("pk")
    found = PlanStep.objects.filter(plan=plan).select_related("by_unit").order_by("number")
    return found.prefetch_related(Prefetch("files", queryset=files))


def last_step(plan: Plan, deed: Deed) -> PlanStep | None:
    """Give the last step of a deed."""
    return PlanStep.objects.filter(plan=plan, deed=deed.value).order_by("-number").first()


def sent_on_by(plan: Plan, move: Move) -> int | None:
    """Give who did the step that a deed checks, so that nobody checks themselves."""
    before = {Deed.CLOSE: Deed.EVALUATE}.get(move.deed, Deed.CONSULT)
    step = last_step(plan, before)
    return None if step is None else step.by_id


def may_move(user: User, plan: Plan, move: Move, *, on: date) -> bool:
    """Tell whether a person may do a deed on a plan, by their right or as the chief who reviews it."""
    if move.mover is Mover.CHIEF and plan.chief_id is not None and is_chief(user, plan, on=on):
        return True
    return may(user, RIGHTS[move.mover], plan.unit, on=on, matter=plan.matter)


def is_chief(user: User, plan: Plan, *, on: date) -> bool:
    """Tell whether a person holds the post of the plan's chief on a day."""
    return plan.chief_id is not None and terms_of(user, on=on).filter(post=plan.chief_id).exists()


def whole_river_plan(river: River) -> Plan | None:
    """Give the open plan for the whole of a river."""
    found = Plan.objects.filter(river=river, state__in=OPEN_VALUES, sections__isnull=True)
    return found.order_by("number").first()


def reach_of(plan: Plan) -> list[Section]:
    """List the sections that a river plan names itself, for a reach."""
    return list(plan.sections.select_related("unit", "river").order_by("code"))


def finished(*, tie: str) -> QuerySet[Plan]:
    """Select the plans whose works are done and not yet found effective, of one kind of thing."""
    return listed(Plan.objects.filter(state=State.FINISHED.value, tie=tie)).order_by("number")


def choices_of_things(*, on: date) -> dict[str, QuerySet[Any]]:
    """Give what a plan may be tied to, as it stands in the registers on a day."""
    in_use = Q(retired_on__isnull=True) | Q(retired_on__gte=on)
    return {
        "river": River.objects.filter(in_use),
        "sections": Section.objects.filter(in_use).select_related("river").order_by("river__code", "code"),
        "enterprise": Enterprise.objects.filter(in_use),
        "outlet": Outlet.objects.filter(in_use).select_related("enterprise"),
    }
