"""What can be asked of verdicts. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from heqing.tables import items
from heqing.verdicts import Kind, Threshold, scheme_on
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_of
from heqing_site.ledger.rules import Light, SourceKind, Standing, shown
from heqing_site.places.models import Section, Station
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.registers.models import Entry
from heqing_site.registers.queries import entries_numbered
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import standings as reported_standings
from heqing_site.reporting.rules import State
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.rules import MEASURES, METHODS

SEVERITY = {Light.GREEN: 0, Light.GREY: 1, Light.YELLOW: 2, Light.RED: 3}


def newest(*, as_of: date, targets: Iterable[int] | QuerySet[Any, Any] | None = None) -> QuerySet[TargetVerdict]:
    """Select for each target the newest verdict of a day not after `as_of`.

    Nearly all targets were judged on the last such day: their rows are found by that day alone, and only for the
    others is each one's own history searched.
    """
    day = _last_day(as_of)
    if day is None:
        return TargetVerdict.objects.none()
    chosen = Target.objects.order_by()
    keys = list(targets) if targets is not None and not isinstance(targets, QuerySet) else targets
    if keys is not None:
        chosen = chosen.filter(pk__in=keys)
    last = TargetVerdict.objects.filter(target=OuterRef("pk"), day__lt=day).order_by("-day", "-number").values("pk")[:1]
    others = chosen.filter(~Exists(TargetVerdict.objects.filter(target=OuterRef("pk"), day=day)))
    found = _judged_on(day, keys).values("pk")
    return TargetVerdict.objects.filter(
        pk__in=found.union(others.annotate(last=Subquery(last)).values("last"), all=True)
    )


def _last_day(as_of: date) -> date | None:
    """Give the last day, not after another, on which anything was judged."""
    last: date | None = TargetVerdict.objects.filter(day__lte=as_of).aggregate(last=Max("day"))["last"]
    return last


def _judged_on(day: date, targets: Any) -> QuerySet[TargetVerdict]:
    """Select the verdicts of one day that no later one of that day supersedes."""
    again = TargetVerdict.objects.filter(target=OuterRef("target"), day=day, number__gt=OuterRef("number"))
    there = TargetVerdict.objects.filter(~Exists(again), day=day).order_by()
    return there if targets is None else there.filter(target__in=targets)


def latest(*, as_of: date, targets: Iterable[int] | None = None) -> dict[int, TargetVerdict]:
    """Give for each target its newest verdict of a day not after `as_of`; targets never judged are left out."""
    return {row.target_id: row for row in newest(as_of=as_of, targets=targets).select_related("terms__lead_unit")}


def standings(terms: list[TargetTerms], as_of: date) -> dict[int, Standing]:
    """Tell the ledger how its targets stand (setting ``LEDGER_STANDING``); one never judged shows what was reported."""
    language = get_language()
    judged = {
        key: Standing(value=row.number_of_value, light=Light(row.light), reason=row.say(language), met=row.met)
        for key, row in latest(as_of=as_of, targets=[row.target_id for row in terms]).items()
    }
    return {**reported_standings([row for row in terms if row.target_id not in judged], as_of), **judged}


def lights(targets: QuerySet[Any, Any], as_of: date, total: int) -> dict[Light, int]:
    """Tell the ledger how many of some targets show which light (setting ``LEDGER_LIGHTS``).

    `total` says how many targets there are: when all were judged on the last day, nothing older is searched.
    """
    day = _last_day(as_of)
    counted = {} if day is None else _count_lights(_judged_on(day, targets))
    if sum(counted.values()) < total:
        counted = _count_lights(newest(as_of=as_of, targets=targets))
    return counted


def _count_lights(rows: QuerySet[TargetVerdict]) -> dict[Light, int]:
    counted = rows.order_by().values_list("light").annotate(count=Count("pk"))
    return {Light(light): count for light, count in counted}


@dataclass(frozen=True)
class LightChange:
    """A target whose light is another than on an earlier day."""

    verdict: TargetVerdict
    before: Light | None

    @property
    def is_worse(self) -> bool:
        """Whether it got worse."""
        return self.before is not None and SEVERITY[Light(self.verdict.light)] > SEVERITY[self.before]


def light_changes(*, since: date, until: date) -> list[LightChange]:
    """List the targets whose light on `until` is another than on `since`, those that got worse first."""
    old = {key: Light(row.light) for key, row in latest(as_of=since).items()}
    found = [
        LightChange(row, old.get(key))
        for key, row in latest(as_of=until).items()
        if old.get(key) is not Light(row.light)
    ]
    return sorted(found, key=lambda change: (not change.is_worse, change.verdict.target_id))


def history(target: Target, *, first: date, last: date) -> list[TargetVerdict]:
    """List the newest verdict of each day of a target, oldest first."""
    rows = TargetVerdict.objects.filter(target=target, day__range=(first, last)).order_by("day", "number")
    return list({row.day: row for row in rows}.values())


# --- why ----------------------------------------------------------------------------------------------------------

ITEM_DOMAINS = ("air", "water")
SHOWN_DAYS = 400  # at most so many days back in a course


@dataclass(frozen=True)
class Why:
    """What stands behind one verdict: the rule, the threshold of its light, the places and the reports."""

    verdict: TargetVerdict
    method: str
    measure: str
    threshold: Threshold | None
    scheme_name: str
    stations: list[Station]
    sections: list[Section]
    reports: list[ReportEntry]
    entries: list[Entry]
    again: list[TargetVerdict]

    @property
    def statistic_name(self) -> str:
        """What the instruments were asked for."""
        statistic = str(self.verdict.inputs.get("statistic", ""))
        return catalogue.name_of(statistic)

    @property
    def places_because(self) -> str:
        """Why these places count."""
        return str(self.verdict.inputs.get("places_because", ""))

    @property
    def first(self) -> str:
        """First day of the measurements behind the value."""
        return str(self.verdict.inputs.get("first", ""))

    @property
    def last(self) -> str:
        """Last day of them."""
        return str(self.verdict.inputs.get("last", ""))

    @property
    def last_with_data(self) -> date | None:
        """Last day on which there is a measurement."""
        said = self.verdict.inputs.get("last_day")
        return date.fromisoformat(said) if said else None

    @property
    def item(self) -> str:
        """The code of the item that the statistic is of; empty where it is of none, as a share of days is."""
        reads, _, rest = str(self.verdict.inputs.get("statistic", "")).partition(".")
        code = rest.partition(".")[0]
        return code if reads in ITEM_DOMAINS and code in {item.code for item in items(reads)} else ""


def why(verdict: TargetVerdict) -> Why:
    """Give what stands behind a verdict."""
    scheme = scheme_on(verdict.scheme, verdict.day)
    inputs = verdict.inputs
    places = inputs.get("places", [])
    reads = catalogue.reads(str(inputs.get("statistic", "")))
    reports = ReportEntry.objects.filter(
        report__in=inputs.get("reports", []), state=State.ACCEPTED.value, recorded_at__lte=verdict.recorded_at
    ).select_related("report", "unit", "checked_unit", "checked_by", "entered_by")
    kept = {entry.report_id: entry for entry in reports.order_by("report__period_end", "number")}
    return Why(
        verdict=verdict,
        method=METHODS.get(Kind(verdict.kind), ""),
        measure=MEASURES.get(verdict.measure, ""),
        threshold=scheme.find(verdict.measure),
        scheme_name=scheme.name_zh,
        stations=list(stations_of(on=verdict.day).filter(name__in=places)) if reads == "air" else [],
        sections=list(sections_of(on=verdict.day).filter(name__in=places)) if reads == "water" else [],
        reports=sorted(kept.values(), key=lambda entry: entry.report.period_end, reverse=True),
        entries=entries_numbered(inputs["register"], inputs.get("entries", [])) if inputs.get("register") else [],
        again=list(
            TargetVerdict.objects.filter(target=verdict.target_id, day=verdict.day)
            .exclude(pk=verdict.pk)
            .order_by("-number")
        ),
    )


def verdict_on(target: Target, day: date) -> TargetVerdict | None:
    """Give the newest verdict of a target for a day, or of the last day before it."""
    return newest(as_of=day, targets=[target.pk]).select_related("terms__lead_unit", "target__document").first()


def turning_points(rows: list[TargetVerdict]) -> list[TargetVerdict]:
    """Keep of verdicts in order of days the first, the last, those of another light, and the last of each month."""
    kept = []
    for place, row in enumerate(rows):
        ends_month = place + 1 == len(rows) or rows[place + 1].day.month != row.day.month
        if place == 0 or ends_month or rows[place - 1].light != row.light:
            kept.append(row)
    return kept[::-1]


@dataclass(frozen=True)
class Course:
    """The values to date of a target along its period, as a chart and its table show them."""

    target: Target
    terms: TargetTerms
    points: list[TargetVerdict]

    @property
    def chart(self) -> dict[str, Any]:
        """The same for the browser: days, values, limit and schedule."""
        bound = self.terms.bound
        return {
            "title": f"{self.terms.title}至今走到哪里",
            "name": "至今值",
            "steps": self.terms.source_kind != SourceKind.INSTRUMENT,
            "unit": self.terms.unit,
            "dates": [row.day.isoformat() for row in self.points],
            "values": [_drawn(row.value) for row in self.points],
            "schedule": [_drawn(row.schedule_value) for row in self.points],
            "limit": None if bound is None else float(bound),
            "limit_words": self.terms.demand,
        }


def _drawn(value: Decimal | None) -> float | None:
    return None if value is None else float(shown(value))


def course(target: Target, *, as_of: date) -> Course | None:
    """Give the course of a target up to a day; None while no value was ever judged."""
    terms = terms_of(target, as_of=as_of)
    if terms is None:
        return None
    first = max(terms.period_start or date.min, as_of - timedelta(days=SHOWN_DAYS))
    points = [row for row in history(target, first=first, last=as_of) if row.value is not None]
    return Course(target, terms, points) if points else None
