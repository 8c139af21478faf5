"""The cockpit (驾驶舱): what a leader should know of a day, in few queries. Nothing here writes or reads the clock.

Every count opens as a list: `listed` gives the targets behind it. Look next at ``publishing.cockpit_views``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from heqing.errors import UnknownNameError
from heqing.verdicts import Kind
from heqing.verdicts.schemes import scheme_on
from heqing_site.cases.queries import overdue
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import DOWNWARD, LIGHT_NAMES, Light, SourceKind
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.models import Unit
from heqing_site.publishing.lines import CourseLine, course_line
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import accepted_by_target, owing_terms
from heqing_site.reporting.rhythms import due_day, kind_of
from heqing_site.reporting.rules import BEHIND, Period, State, owed_periods, owing
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.queries import SEVERITY, newest

TIGHTEST = 3  # targets shown with their course
SHOWN_UNITS = 8
SHOWN_CHANGES = 8
LIGHTS = (Light.RED, Light.YELLOW, Light.GREY, Light.GREEN)


@dataclass(frozen=True)
class Standing:
    """How one target stands on the day, as plain values; a target that was never judged is grey and has no verdict."""

    target_id: int
    number: int
    title: str
    pillar: str
    unit_id: int
    unit: str
    is_invented: bool
    light: Light
    before: Light | None
    verdict_id: int | None
    tightness: float

    @property
    def light_name(self) -> str:
        """The light in words."""
        return gettext(LIGHT_NAMES[self.light])

    @property
    def before_name(self) -> str:
        """The light of the day before in words; empty when there was none."""
        return "" if self.before is None else gettext(LIGHT_NAMES[self.before])

    @property
    def has_changed(self) -> bool:
        """Whether its light is another than the day before."""
        return self.before is not None and self.before is not self.light

    @property
    def is_worse(self) -> bool:
        """Whether it got worse since the day before."""
        return self.before is not None and SEVERITY[self.light] > SEVERITY[self.before]


@dataclass(frozen=True)
class Lights:
    """Counts of lights: of all, of a pillar."""

    key: str
    name: str
    counts: Counter[Light]

    @property
    def total(self) -> int:
        """How many targets."""
        return sum(self.counts.values())

    @property
    def in_order(self) -> list[tuple[Light, str, int]]:
        """The lights that occur, worst first: light, words, count."""
        return [(light, gettext(LIGHT_NAMES[light]), self.counts[light]) for light in LIGHTS if self.counts[light]]

    @property
    def red(self) -> int:
        """Targets that will be missed unless something changes (预警)."""
        return self.counts[Light.RED]

    @property
    def yellow(self) -> int:
        """Targets behind (滞后)."""
        return self.counts[Light.YELLOW]

    @property
    def grey(self) -> int:
        """Targets of which nobody can tell (待报)."""
        return self.counts[Light.GREY]

    @property
    def green(self) -> int:
        """Targets on course (正常)."""
        return self.counts[Light.GREEN]


@dataclass(frozen=True)
class Tight:
    """One of the tightest targets: its verdict and its course so far."""

    verdict: TargetVerdict
    course: CourseLine | None

    @property
    def terms(self) -> TargetTerms:
        """The terms it was judged by."""
        return self.verdict.terms

    @property
    def remaining_kind(self) -> str:
        """What the remaining days are asked for: mean, amount, allowance, days, or nothing."""
        return str(self.verdict.remaining["kind"]) if self.verdict.remaining else ""

    @property
    def remaining_days(self) -> int:
        """Days left."""
        return int(self.verdict.remaining["days"]) if self.verdict.remaining else 0

    @property
    def is_downward(self) -> bool:
        """Whether smaller is better."""
        return self.verdict.terms.comparator in DOWNWARD


@dataclass
class Behind:
    """A unit and what it is behind with: lights of its targets, late reports, overdue cases."""

    unit_id: int
    name: str
    red: int = 0
    yellow: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """What units are ordered by, worst first."""
        return (self.red, self.overdue, self.yellow, self.late)


@dataclass(frozen=True)
class Cockpit:
    """Everything the page says."""

    as_of: date
    judged_on: date | None
    all: Lights
    pillars: list[Lights]
    tightest: list[Tight]
    behind: list[Behind]
    units_behind: int
    widest: int
    changed: list[Standing]
    changes: int
    worse: int
    first_judged: int
    is_invented: bool
    standings: list[Standing] = field(repr=False)

    @property
    def eve(self) -> date | None:
        """The day that the changes are counted from."""
        return None if self.judged_on is None else self.judged_on - timedelta(days=1)

    @property
    def better(self) -> int:
        """How many lights changed without getting worse."""
        return self.changes - self.worse


def standings(*, as_of: date, judged_on: date | None) -> list[Standing]:
    """Give every target of a day with its light and that of the eve of the last judging, in three queries."""
    terms = terms_as_of(as_of).values_list(
        "target_id", "target__number", "title", "pillar", "lead_unit_id", "lead_unit__name",
        "target__document__is_invented",
    )  # fmt: skip
    now, before = {}, {}
    if judged_on is not None:
        columns = ("target_id", "pk", "light", "met", "gap", "measure", "scheme", "day")
        now = {row[0]: row for row in newest(as_of=as_of).values_list(*columns)}
        eve = newest(as_of=judged_on - timedelta(days=1))
        before = {key: Light(light) for key, light in eve.values_list("target_id", "light")}
    found = []
    widths: dict[tuple[str, str, date], float] = {}
    for target_id, number, title, pillar, unit_id, unit, is_invented in terms.order_by("target__number"):
        verdict = now.get(target_id)
        light, key, tightness = Light.GREY, None, 0.0
        if verdict is not None:
            _, key, said, _met, gap, measure, scheme, day = verdict
            light = Light(said)
            tightness = float(gap or 0) / _width(widths, scheme, measure, day)
        found.append(
            Standing(
                target_id=target_id,
                number=number,
                title=title,
                pillar=pillar,
                unit_id=unit_id,
                unit=unit,
                is_invented=bool(is_invented),
                light=light,
                before=before.get(target_id),
                verdict_id=key,
                tightness=tightness,
            )
        )
    return found


def cockpit(*, as_of: date) -> Cockpit:
    """Count the day: lights by pillar, the tightest targets, who is behind, what changed since the eve."""
    judged_on = TargetVerdict.objects.filter(day__lte=as_of).order_by("-day").values_list("day", flat=True).first()
    rows = standings(as_of=as_of, judged_on=judged_on)
    by_pillar: dict[str, Counter[Light]] = defaultdict(Counter)
    for row in rows:
        by_pillar[row.pillar][row.light] += 1
    changed = sorted((row for row in rows if row.has_changed), key=lambda row: (not row.is_worse, -SEVERITY[row.light]))
    behind = _behind(rows, as_of=as_of)
    return Cockpit(
        as_of=as_of,
        judged_on=judged_on,
        all=Lights("", "", sum(by_pillar.values(), Counter())),
        pillars=[Lights(key, gettext(name), by_pillar[key]) for key, name in PILLAR_NAMES.items() if key in by_pillar],
        tightest=_tightest(rows, as_of=as_of),
        behind=behind[:SHOWN_UNITS],
        units_behind=len(behind),
        widest=max((unit.red + unit.yellow for unit in behind), default=0) or 1,
        changed=changed[:SHOWN_CHANGES],
        changes=len(changed),
        worse=sum(row.is_worse for row in changed),
        first_judged=sum(row.verdict_id is not None and row.before is None for row in rows),
        is_invented=any(row.is_invented for row in rows),
        standings=rows,
    )


def listed(
    *, as_of: date, light: str = "", pillar: str = "", unit: int | None = None, changed: bool = False
) -> list[Standing]:
    """List the targets behind a count of the cockpit, the tightest first."""
    judged_on = TargetVerdict.objects.filter(day__lte=as_of).order_by("-day").values_list("day", flat=True).first()
    rows = [
        row
        for row in standings(as_of=as_of, judged_on=judged_on)
        if (not light or row.light == light)
        and (not pillar or row.pillar == pillar)
        and (unit is None or row.unit_id == unit)
        and (not changed or row.has_changed)
    ]
    return sorted(rows, key=_tightest_first)


def with_verdicts(rows: Iterable[Standing]) -> list[tuple[Standing, TargetVerdict | None]]:
    """Add to standings the verdicts they stand on."""
    listed = list(rows)
    keys = [row.verdict_id for row in listed if row.verdict_id is not None]
    verdicts = TargetVerdict.objects.select_related("terms__lead_unit").in_bulk(keys)
    return [(row, None if row.verdict_id is None else verdicts.get(row.verdict_id)) for row in listed]


# --- parts --------------------------------------------------------------------------------------------------------


def _width(known: dict[tuple[str, str, date], float], scheme: str, measure: str, day: date) -> float:
    """Give how large a gap the scheme calls yellow, so that gaps of different measures can be compared."""
    key = (scheme, measure, day)
    if key not in known:
        try:
            threshold = scheme_on(scheme, day).find(measure)
        except UnknownNameError:  # an old verdict by a scheme that this installation no longer has
            threshold = None
        known[key] = abs(float(threshold.yellow_to)) or 1.0 if threshold is not None else 1.0
    return known[key]


def _tightest_first(row: Standing) -> tuple[int, float, int]:
    return (LIGHTS.index(row.light), -row.tightness, row.number)


def _tightest(rows: list[Standing], *, as_of: date) -> list[Tight]:
    behind = [row for row in rows if row.light in (Light.RED, Light.YELLOW)]
    chosen = with_verdicts(sorted(behind, key=_tightest_first)[:TIGHTEST])
    verdicts = [verdict for _, verdict in chosen if verdict is not None]
    courses = _courses(verdicts, as_of=as_of)
    return [Tight(verdict, courses.get(verdict.target_id)) for verdict in verdicts]


def _courses(verdicts: list[TargetVerdict], *, as_of: date) -> dict[int, CourseLine]:
    """Lay out the courses of a few targets: what was judged day by day, and what was reported and accepted before."""
    keys = [verdict.target_id for verdict in verdicts]
    values: dict[int, dict[date, float]] = defaultdict(dict)
    schedules: dict[int, dict[date, float]] = defaultdict(dict)
    reported = [v.target_id for v in verdicts if v.terms.source_kind != SourceKind.INSTRUMENT]
    for key, accepted in accepted_by_target(reported, as_of=as_of).items():
        values[key].update({value.value_date: float(value.value) for value in accepted if value.value is not None})
    history = TargetVerdict.objects.filter(target__in=keys, day__lte=as_of).order_by("day", "number")
    for key, day, value_as_of, value, schedule in history.values_list(
        "target_id", "day", "value_as_of", "value", "schedule_value"
    ):
        if value is not None:
            values[key][value_as_of] = float(value)
        if schedule is not None:
            schedules[key][day] = float(schedule)
    found = {}
    for verdict in verdicts:
        terms = verdict.terms
        bound = None if terms.bound is None or verdict.kind == Kind.CHANGE else float(terms.bound)
        points, schedule_points = sorted(values[verdict.target_id].items()), dict(schedules[verdict.target_id])
        if not points:
            continue
        first = terms.period_start or points[0][0]
        last = terms.period_end or as_of
        if verdict.kind == Kind.AMOUNT and bound is not None and schedule_points and terms.period_end is not None:
            schedule_points = {first: 0.0, **schedule_points, last: bound}
        elif all(value == bound for value in schedule_points.values()):
            schedule_points = {}
        line = course_line(points, schedule=sorted(schedule_points.items()), limit=bound, first=first, last=last)
        if line is not None:
            found[verdict.target_id] = line
    return found


def _behind(rows: list[Standing], *, as_of: date) -> list[Behind]:
    units: dict[int, Behind] = {}

    def unit(key: int, name: str) -> Behind:
        return units.setdefault(key, Behind(key, name))

    for row in rows:
        if row.light is Light.RED:
            unit(row.unit_id, row.unit).red += 1
        elif row.light is Light.YELLOW:
            unit(row.unit_id, row.unit).yellow += 1
    for key, (name, count) in reports_missing(as_of=as_of).items():
        unit(key, name).late = count
    owners = overdue(as_of=as_of).order_by().values_list("unit_then", flat=True)  # type: ignore[misc]  # annotated there
    late = Counter(owners)
    names = dict(Unit.objects.filter(pk__in=[key for key in late if key not in units]).values_list("pk", "name"))
    for key, count in late.items():
        unit(key, names.get(key, "")).overdue = count
    return sorted(units.values(), key=lambda found: (*(-part for part in found.weight), found.name))


def reports_missing(*, as_of: date) -> dict[int, tuple[str, int]]:
    """Count for each unit the reports that were due and lack or were returned.

    The same as ``reporting.queries.late`` says, without naming them: many targets share a rhythm and a period, so what
    they owe is worked out once for all of them.
    """
    terms = owing_terms(as_of=as_of).values_list(  # type: ignore[misc]  # counts_from is annotated there
        "target_id", "lead_unit_id", "lead_unit__name", "rhythm", "period_start", "period_end", "counts_from",
        "target__created_at",
    )  # fmt: skip
    newest_state: dict[tuple[int, date, date, str], str] = {}
    accepted = set()
    entries = ReportEntry.objects.order_by("number").values_list(
        "report__target_id", "report__period_start", "report__period_end", "report__period_kind", "state"
    )
    for target_id, first, last, kind, state in entries:
        newest_state[target_id, first, last, kind] = state
        if state == State.ACCEPTED:
            accepted.add((target_id, first, last, kind))
    owed: dict[tuple[Any, ...], list[tuple[Period, date]]] = {}
    counts: Counter[int] = Counter()
    names: dict[int, str] = {}
    for target_id, unit_id, name, rhythm, start, end, counts_from, created_at in terms.order_by():
        names[unit_id] = name
        known_from = timezone.localdate(created_at)
        shape = (rhythm, start, end, counts_from, known_from)
        if shape not in owed:
            owed[shape] = [
                (period, due_day(rhythm, period, known_from=known_from))
                for period in owed_periods(
                    kind_of(rhythm), first=start or counts_from, last=end, counts_from=counts_from, through=as_of
                )
            ]
        for period, due in owed[shape]:
            place = (target_id, period.first, period.last, period.kind.value)
            said = newest_state.get(place)
            state = None if said is None else State(said)
            if place in accepted and state in (State.DRAFT, State.WITHDRAWN):
                state = State.ACCEPTED  # a correction that was taken back: the accepted value goes on counting
            counts[unit_id] += owing(state=state, submitted_on=None, period=period, due=due, on=as_of) in BEHIND
    return {key: (names[key], count) for key, count in counts.items() if count}
