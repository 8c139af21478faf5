"""What can be asked of verdicts. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from heqing.errors import UnknownNameError
from heqing.tables import items
from heqing.verdicts import (
    Kind,
    Telling,
    Threshold,
    Verdict,
    default_scheme,
    pins,
    regime_on,
    regimes,
    scheme_on,
    tell,
)
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of, terms_of
from heqing_site.ledger.rules import LIGHT_NAMES, Light, SourceKind, Standing, shown
from heqing_site.library.rules import plain
from heqing_site.places.models import Section, Station
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.registers.models import Entry
from heqing_site.registers.queries import entries_numbered
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import standings as reported_standings
from heqing_site.reporting.rules import State
from heqing_site.verdicts.causes import in_words
from heqing_site.verdicts.evidence import promise_of
from heqing_site.verdicts.judging import conclude
from heqing_site.verdicts.known import Known
from heqing_site.verdicts.models import PLACES, TargetVerdict
from heqing_site.verdicts.readings import readings
from heqing_site.verdicts.rules import MEASURES, METHODS, WINDOWS

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
    return list({row.day: row for row in with_words(rows)}.values())


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
    def window(self) -> str:
        """Whether each month, quarter … is judged by itself, in words; empty for the period as a whole."""
        return WINDOWS.get(str(self.verdict.inputs.get("window", "")), "")

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


# --- in words -----------------------------------------------------------------------------------------------------

_HEAVY = ("text", "junk", "people")


def with_words(rows: QuerySet[TargetVerdict]) -> QuerySet[TargetVerdict]:
    """Bring with verdicts what `paragraph` tells of them."""
    documents = ("target__document", "terms__target__document")
    return rows.select_related(*documents, "terms__target__indicator", "terms__lead_unit", "terms__scope_unit").defer(
        *[f"{document}__{name}" for document in documents for name in _HEAVY]
    )


def paragraph(row: TargetVerdict, *, language: str | None = None) -> list[str]:
    """Tell a stored verdict in plain sentences, to be read out at a meeting."""
    return _told(row.terms, row.as_verdict(), row.day, row.inputs, row.note, language)


def _told(
    terms: TargetTerms, verdict: Verdict, day: date, inputs: dict[str, Any], note: str, language: str | None
) -> list[str]:
    scheme = scheme_on(verdict.scheme, day)
    is_english = (language or get_language() or "").startswith("en")
    # a part was handed down by its superior: no document speaks of it
    document = terms.target.document if terms.parent_id is None else None
    telling = Telling(
        terms.title,
        document="" if document is None else document.title,
        statistic=str(inputs.get("statistic", "")),
        counts_months=catalogue.reads(str(inputs.get("statistic", ""))) == "water",
        scheme_name=scheme.name_en if is_english else scheme.name_zh,
        scheme_is_proposal=verdict.scheme == default_scheme(),
        note=note,
    )
    return tell(promise_of(terms), verdict, telling, on=day, language="en" if is_english else "zh")


@dataclass(frozen=True)
class Change:
    """How a verdict of a day differs from the one that it supersedes (重判变化), and what made the difference."""

    before: TargetVerdict
    after: TargetVerdict

    @property
    def said(self) -> list[str]:
        """What is another, old and new, in words."""
        before, after = self.before, self.after
        unit = f" {after.terms.unit}".rstrip()
        found = []
        if before.value != after.value:
            found.append(f"数值由 {_or_none(before.value_shown, unit)} 变为 {_or_none(after.value_shown, unit)}")
        if before.light != after.light:
            found.append(f"灯由“{before.light_name}”变为“{after.light_name}”")
        if before.met != after.met:
            found.append(f"结论由“{_OUTCOMES[before.met]}”变为“{_OUTCOMES[after.met]}”")
        if before.terms.demand != after.terms.demand:
            found.append(f"要求由“{before.terms.demand}”变为“{after.terms.demand}”")
        if before.samples != after.samples:
            found.append(f"有效数由 {before.samples or 0} 变为 {after.samples or 0}")
        return found or ["数值和灯都没有变，依据或说明有变化"]

    @property
    def causes(self) -> list[tuple[str, str]]:
        """What made the difference, in words, each with the batch of the import where it is one."""
        return [(in_words(cause), str(cause.get("batch", ""))) for cause in self.after.because or []]


_OUTCOMES = {True: "完成", False: "未完成", None: "尚不能下结论"}


def _or_none(value: str, unit: str) -> str:
    return f"{value}{unit}" if value else "无"


def changes(verdict: TargetVerdict) -> list[Change]:
    """Give for a day that was judged several times how each verdict differs from the one before, the newest first."""
    rows = list(
        TargetVerdict.objects.filter(target=verdict.target_id, day=verdict.day)
        .select_related("terms")
        .order_by("number")
    )
    return [Change(before, after) for before, after in pairwise(rows)][::-1]


# --- what another standard would say, and what was known then -----------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a target's verdict of a day would be on other grounds (设问): shown beside the standing one, never kept."""

    terms: TargetTerms
    day: date
    known: Known
    verdict: Verdict
    editions: tuple[str, ...] = ()
    known_by: datetime | None = None

    @property
    def light_name(self) -> str:
        """The light in words."""
        return LIGHT_NAMES[Light(self.verdict.light.value)]

    @property
    def value_shown(self) -> str:
        """The value as pages show it."""
        return shown(self.verdict.value)

    @property
    def sentence(self) -> str:
        """The reason in words, in the language of the reader."""
        return self.verdict.sentence("en" if (get_language() or "").startswith("en") else "zh")

    def paragraph(self, language: str | None = None) -> list[str]:
        """Tell it in plain sentences."""
        return _told(self.terms, self.verdict, self.day, self.known.inputs, "", language)


def answers(
    *,
    on: date,
    targets: Sequence[int] | None = None,
    known_by: datetime | None = None,
    editions: tuple[str, ...] = (),
) -> dict[int, Answer]:
    """Judge targets of a day without keeping anything: on what was known by a moment, or by other editions.

    Parameters
    ----------
    on : datetime.date
        The day that is judged.
    targets : sequence of int, optional
        Keys of targets; all that stand on the day when None.
    known_by : datetime.datetime, optional
        Only data received by this moment: measurements, reports, terms and plans (当时知道什么).
    editions : tuple of str
        Editions or regimes that count whatever the day (若按某标准).

    Raises
    ------
    RuleBrokenError
        ``verdict.edition_unknown``.
    """
    try:
        pins(editions)
    except UnknownNameError as error:
        raise RuleBrokenError(
            "verdict.edition_unknown", editions="、".join(editions), known="、".join(regimes())
        ) from error
    chosen = terms_as_of(on, known_by=known_by).select_related("target__indicator", "lead_unit", "scope_unit")
    chosen = chosen.select_related("target__document").defer(
        "target__document__text", "target__document__junk", "target__document__people"
    )
    if targets is not None:
        chosen = chosen.filter(target__in=list(targets))
    terms = list(chosen.order_by("target__number"))
    found = conclude(terms, on=on, readings=readings(on=on, known_by=known_by), known_by=known_by, editions=editions)
    return {
        row.target_id: Answer(row, on, found[row.target_id].known, found[row.target_id].verdict, editions, known_by)
        for row in terms
    }


def latest_of(day: date, targets: Sequence[int]) -> dict[int, TargetVerdict]:
    """Give the newest verdict of one day itself for some targets; those not judged on it are left out."""
    return {row.target_id: row for row in _judged_on(day, list(targets)).select_related("terms")}


def differs(row: TargetVerdict, answer: Answer) -> bool:
    """Tell whether an answer is another than the verdict that stands: in its light, its outcome or its value."""
    verdict = answer.verdict
    return (row.light, row.met, row.number_of_value) != (verdict.light.value, verdict.met, _plain(verdict.value))


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(plain(value.quantize(Decimal(1).scaleb(-PLACES))))


def any_differs(row: TargetVerdict, found: Iterable[Answer]) -> bool:
    """Tell whether any of some answers is another than the verdict that stands."""
    return any(differs(row, answer) for answer in found)


def other_regimes(verdict: TargetVerdict) -> list[str]:
    """Name the regimes that would give a verdict of air another ground than it stands on; none for all others.

    A period that straddles two regimes is shown by both; one that lies in the older is shown by the newer.
    """
    if catalogue.reads(str(verdict.inputs.get("statistic", ""))) != "air" or not verdict.inputs.get("first"):
        return []
    first = date.fromisoformat(verdict.inputs["first"])
    stands = {regime_on(first), regime_on(date.fromisoformat(verdict.inputs["last"]))}
    return [name for name in regimes() if len(stands) > 1 or name not in stands]


def as_if(verdict: TargetVerdict) -> list[Answer]:
    """Give what each other regime would say of a stored verdict of air, on the data that hold now."""
    found = []
    for name in other_regimes(verdict):
        answer = answers(on=verdict.day, targets=[verdict.target_id], editions=(name,)).get(verdict.target_id)
        if answer is not None and answer.verdict.value is not None:
            found.append(answer)
    return found


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
