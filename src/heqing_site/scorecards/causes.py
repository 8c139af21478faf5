"""What the rooms below tell of each unit in a month, as facts of scored items.

One function for each source: targets, reports, cases, places. A unit without anything to score in an item is left out,
which the scheme calls absent. Nothing here writes or reads the clock. Look next at ``scorecards.queries``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import polars as pl

from heqing.cases import Deed, is_overdue
from heqing.scorecards import Fact, Occurrence, Reference
from heqing_site.cases.models import Case, CaseStep, then
from heqing_site.cases.queries import counts
from heqing_site.cases.rules import WITH_OWNER
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Light
from heqing_site.orgs.models import Unit
from heqing_site.orgs.rules import UnitKind
from heqing_site.places.models import Station
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.places.rules import CLASS_NAMES
from heqing_site.reporting.queries import late
from heqing_site.reporting.rules import Period
from heqing_site.scorecards.rules import GROUP_OF_KIND, ReferenceKind, ScoreGroup
from heqing_site.verdicts.evidence import Readings
from heqing_site.verdicts.queries import latest
from heqing_site.verdicts.readings import readings

Facts = dict[str, dict[int, Fact]]  # item, then unit
WORSE_THAN_V = 6
CLASSES = {**CLASS_NAMES, WORSE_THAN_V: "劣Ⅴ类"}
LIGHT_CAUSES = {Light.RED: "score_target_red", Light.YELLOW: "score_target_yellow"}


# --- who is scored ------------------------------------------------------------------------------------------------


def scored_units(*, on: date) -> list[tuple[Unit, ScoreGroup]]:
    """List the units that are scored on a day: towns, streets, and departments that belong to none of them."""
    owners = owner_of(on=on)
    return [
        (unit, GROUP_OF_KIND[UnitKind(unit.kind)])
        for unit in Unit.objects.active_on(on).order_by("code")
        if owners.get(unit.pk) == unit.pk
    ]


def owner_of(*, on: date) -> dict[int, int]:
    """Give for each unit the scored unit that answers for it: a village's is its town; a district has none."""
    units = {unit.pk: unit for unit in Unit.objects.active_on(on)}
    found: dict[int, int] = {}
    for unit in units.values():
        groups: dict[ScoreGroup, int] = {}
        seen: set[int] = set()
        above: Unit | None = unit
        while above is not None and above.pk not in seen:
            seen.add(above.pk)
            group = GROUP_OF_KIND.get(UnitKind(above.kind))
            if group is not None:
                groups.setdefault(group, above.pk)
            above = units.get(above.parent_id or 0)
        owner = groups.get(ScoreGroup.TOWN) or groups.get(ScoreGroup.DEPARTMENT)
        if owner is not None:
            found[unit.pk] = owner
    return found


# --- the facts ----------------------------------------------------------------------------------------------------


def facts_of(*, month: Period, as_of: date) -> Facts:
    """Gather all facts of a month, as they are known on a day."""
    owners = owner_of(on=month.last)
    return {
        **target_facts(month=month, owners=owners),
        **report_facts(month=month, as_of=as_of, owners=owners),
        **case_facts(month=month, as_of=as_of, owners=owners),
        **place_facts(month=month, owners=owners),
    }


def target_facts(*, month: Period, owners: Mapping[int, int]) -> Facts:
    """Tell of the targets that units lead: how many were judged in the month, and which ended it red or yellow.

    A grey light costs nothing here: what is missing is scored as a report.
    """
    terms = list(terms_as_of(month.last).order_by("target__number").select_related("target"))
    verdicts = latest(as_of=month.last, targets=[row.target_id for row in terms])
    counted: dict[int, int] = defaultdict(int)
    happened: dict[int, list[Occurrence]] = defaultdict(list)
    for row in terms:
        verdict, owner = verdicts.get(row.target_id), owners.get(row.lead_unit_id)
        if owner is None or verdict is None or verdict.day < month.first or verdict.light == Light.GREY:
            continue
        counted[owner] += 1
        cause = LIGHT_CAUSES.get(Light(verdict.light))
        if cause is not None:
            place = Reference(ReferenceKind.TARGET, str(row.target.number))
            happened[owner].append(Occurrence(cause, str(row), place, why=verdict.reason))
    return {"targets": {owner: Fact(tuple(happened[owner]), of=count) for owner, count in counted.items()}}


def report_facts(*, month: Period, as_of: date, owners: Mapping[int, int]) -> Facts:
    """Tell of the reports for periods that end in the month: how many were due, which lack, came back or came late."""
    due: dict[int, int] = defaultdict(int)
    happened: dict[int, list[Occurrence]] = defaultdict(list)
    for line in late(as_of=as_of, month=month):
        owner = owners.get(line.unit.pk)
        if owner is None:
            continue
        due[owner] += line.due
        found = [
            *[("score_report_missing", row.terms, period) for row in line.targets for period in row.missing],
            *[("score_report_returned", row.terms, period) for row in line.targets for period in row.returned],
            *[("score_report_late", terms, period) for terms, period in line.late_reports],
        ]
        for cause, terms, period in found:
            place = Reference(ReferenceKind.REPORT, f"{terms.target.number}/{period.key}")
            happened[owner].append(Occurrence(cause, f"{terms.title}（{period.name}）", place))
    return {"reports": {owner: Fact(tuple(happened[owner]), of=count) for owner, count in due.items()}}


def case_facts(*, month: Period, as_of: date, owners: Mapping[int, int]) -> Facts:
    """Tell of the cases of units: which are overdue at the month's end, came back, or were rectified too late.

    A case counts for the unit that answered for it then, and only while the clock was that unit's own: a case that
    waits to be assigned or verified costs nobody here.
    """
    last = min(month.last, as_of)
    cases: dict[int, dict[int, Case]] = defaultdict(dict)
    happened: dict[int, list[Occurrence]] = defaultdict(list)
    for line in counts(month=month, as_of=as_of):
        owner = owners.get(line.unit.pk)
        if owner is None:
            continue
        for case in line.cases:
            cases[owner][case.pk] = case
            state, due, unit_id = then(case)
            if unit_id == line.unit.pk and state in WITH_OWNER and is_overdue(due, last):
                happened[owner].append(_of_case("score_case_overdue", case, f"期限 {due}"))
    touched = {key: case for own in cases.values() for key, case in own.items()}
    steps = CaseStep.objects.filter(case__in=touched, on__lte=last).order_by("case__number", "number")
    before: dict[int, date | None] = {}
    for case_id, deed, on, due, unit_id in steps.values_list("case", "deed", "on", "due_on", "unit"):
        owner = owners.get(unit_id)
        if owner is not None and month.first <= on:
            if deed == Deed.REOPEN:
                happened[owner].append(_of_case("score_case_rebound", touched[case_id], str(on)))
            elif deed == Deed.RECTIFY and is_overdue(before.get(case_id), on):
                said = f"期限 {before[case_id]}，整改 {on}"
                happened[owner].append(_of_case("score_case_rectified_late", touched[case_id], said))
        before[case_id] = due
    return {"cases": {owner: Fact(tuple(happened[owner]), of=len(own)) for owner, own in cases.items()}}


def _of_case(cause: str, case: Case, said: str) -> Occurrence:
    return Occurrence(cause, f"{case.title}（{said}）", Reference(ReferenceKind.CASE, str(case.number)))


def place_facts(*, month: Period, owners: Mapping[int, int]) -> Facts:
    """Tell of the sections and stations that lie in units: which missed their class, and days above the standard.

    A section without a class in the month and a day without a complete index do not count. The air of a unit is the
    mean over its stations, as the air of an area is.
    """
    measured = readings(on=month.last)
    if measured is None:
        return {"sections": {}, "air": {}}
    return {
        "sections": _section_facts(measured, month, owners),
        "air": _air_facts(measured, month, owners),
    }


def _section_facts(measured: Readings, month: Period, owners: Mapping[int, int]) -> dict[int, Fact]:
    known = {section.name: section for section in sections_of(on=month.last)}
    rows = (
        measured.water()
        .filter((pl.col("period") == month.key) & pl.col("water_class").is_not_null())
        .select("section", "water_class")
        .sort("section")
        .collect()
    )
    counted: dict[int, int] = defaultdict(int)
    happened: dict[int, list[Occurrence]] = defaultdict(list)
    for name, found in rows.iter_rows():
        section = known.get(name)
        owner = None if section is None else owners.get(section.unit_id)
        if section is None or owner is None:
            continue
        counted[owner] += 1
        if found > section.target_class:
            cause = "score_section_inferior" if found == WORSE_THAN_V else "score_section_missed"
            about = f"{name}，{CLASSES.get(found, found)}（目标 {CLASSES[section.target_class]}）"
            happened[owner].append(Occurrence(cause, about, Reference(ReferenceKind.SECTION, section.code)))
    return {owner: Fact(tuple(happened[owner]), of=count) for owner, count in counted.items()}


def _air_facts(measured: Readings, month: Period, owners: Mapping[int, int]) -> dict[int, Fact]:
    stations: dict[int, list[Station]] = defaultdict(list)
    for station in stations_of(on=month.last).order_by("code"):
        owner = owners.get(station.unit_id)
        if owner is not None:
            stations[owner].append(station)
    found = {}
    for owner, own in stations.items():
        days = (
            measured.air([station.name for station in own])
            .filter(pl.col("day").is_between(month.first, month.last) & pl.col("good_day").is_not_null())
            .select("day", "aqi", "good_day")
            .sort("day")
            .collect()
        )
        bad = tuple(
            Occurrence(
                "score_air_exceeded",
                f"{day}，{'、'.join(station.name for station in own)}，AQI {aqi}",
                Reference(ReferenceKind.STATION, f"{own[0].code}/{day}"),
            )
            for day, aqi, good in days.iter_rows()
            if not good
        )
        if days.height:
            found[owner] = Fact(bad, of=days.height)
    return found
