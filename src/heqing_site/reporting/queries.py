"""What can be asked of reported values. Nothing here writes, and nothing here reads the clock.

What a unit owes is never stored: it follows from the terms of the ledger on the day, the rhythm of each target, and the
reports that stand. `accepted_values` is what a verdict reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from heqing_site.ledger import catalogue
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import COMPLETE, Light, SourceKind, Standing
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import line_ids, reach
from heqing_site.orgs.rules import Permission
from heqing_site.reporting import rhythms, rules
from heqing_site.reporting.models import Closing, Evidence, Report, ReportEntry
from heqing_site.reporting.rules import BEHIND, EDITABLE, OWING_LIGHTS, OWING_NAMES, Kind, Owing, Period, State

# What works or registers count by themselves is not reported; every other register is.
REPORTED = (SourceKind.REPORTED, SourceKind.DEED, SourceKind.REGISTER)


COUNTED = Q(source_kind=SourceKind.REGISTER.value) & (
    Q(statistic__startswith=f"{catalogue.REGISTERS}.") | Q(statistic__in=catalogue.counted_by(catalogue.WORKS))
)


def is_counted(terms: TargetTerms) -> bool:
    """Tell whether works or registers are counted for a target, so that nobody reports it."""
    counting = (catalogue.WORKS, catalogue.REGISTERS)
    return terms.source_kind == SourceKind.REGISTER and catalogue.reads(terms.statistic) in counting


def is_deed(terms: TargetTerms) -> bool:
    """Tell whether 是 or 否 is reported instead of a number."""
    return terms.source_kind == SourceKind.DEED or terms.comparator == COMPLETE


# --- what is owed -------------------------------------------------------------------------------------------------


@dataclass
class OwedRow:
    """One period of one target that a unit owes, with what stands there and what is good to see beside the field."""

    terms: TargetTerms
    period: Period
    due: date
    owing: Owing
    entry: ReportEntry | None = None
    accepted: ReportEntry | None = None
    previous: ReportEntry | None = None
    evidence: list[Evidence] = field(default_factory=list)
    is_closed: bool = False

    @property
    def target(self) -> Target:
        """The target."""
        return self.terms.target

    @property
    def key(self) -> str:
        """What names the row on a page."""
        return f"{self.target.number}.{self.period.key}"

    @property
    def is_deed(self) -> bool:
        """Whether 是 or 否 is reported instead of a number."""
        return is_deed(self.terms)

    @property
    def owing_name(self) -> str:
        """How it stands, in words."""
        return OWING_NAMES[self.owing]

    @property
    def light(self) -> str:
        """The light of how it stands."""
        return OWING_LIGHTS[self.owing]

    @property
    def is_editable(self) -> bool:
        """Whether its unit may type now."""
        return not self.is_closed and (None if self.entry is None else State(self.entry.state)) in EDITABLE

    @property
    def seen(self) -> int:
        """The version that whoever looks at the row has before their eyes; 0 when there is none."""
        return 0 if self.entry is None else self.entry.number


def owing_terms(*, as_of: date, units: Collection[int] | None = None) -> QuerySet[TargetTerms]:
    """Select the terms of targets whose value is reported, of some lead units; each with its first day."""
    found = (
        terms_as_of(as_of)
        .filter(source_kind__in=[kind.value for kind in REPORTED])
        .exclude(COUNTED)
        .select_related("target__document", "lead_unit")
        .defer("target__document__text", "target__document__junk", "target__document__people")
        .annotate(counts_from=Min("target__terms__valid_from"))
        .order_by("target__number")
    )
    return found if units is None else found.filter(lead_unit__in=units)


def due_of(terms: TargetTerms, period: Period) -> date:
    """Give the last day on which a target's report of a period is in time."""
    return rhythms.due_day(terms.rhythm, period, known_from=timezone.localdate(terms.target.created_at))


def periods_of(terms: TargetTerms, *, through: date, since: date | None = None) -> list[Period]:
    """List the periods that a target owes, oldest first, with the one that runs on the day.

    With `since`, periods that ended before that day may be left out.
    """
    counts_from: date = terms.counts_from  # type: ignore[attr-defined]  # annotated by owing_terms
    first, last = terms.period_start or counts_from, terms.period_end
    if since is not None and since > counts_from and (last is None or last >= since):
        counts_from = since
    return list(
        rules.owed_periods(
            rhythms.kind_of(terms.rhythm), first=first, last=last, counts_from=counts_from, through=through
        )
    )


def owed(*, month: Period, as_of: date, units: Collection[int]) -> list[OwedRow]:
    """List what units owe for a month, and nothing else: what ends in it, and deeds that still run and are not done."""
    terms = list(owing_terms(as_of=as_of, units=units))
    entries = (
        ReportEntry.objects.filter(report__target__in=[row.target_id for row in terms])
        .select_related("report", "entered_by", "checked_by", "checked_unit")
        .prefetch_related("evidence")
        .order_by("report", "number")
    )
    newest: dict[tuple[int, Period], ReportEntry] = {}
    accepted: dict[tuple[int, Period], ReportEntry] = {}
    files: dict[tuple[int, Period], list[Evidence]] = defaultdict(list)
    for entry in entries:
        place = (entry.report.target_id, entry.report.period)
        newest[place] = entry
        files[place].extend(entry.evidence.all())
        if entry.state == State.ACCEPTED:
            accepted[place] = entry
    before: dict[int, list[ReportEntry]] = defaultdict(list)
    for (target_id, _), entry in sorted(accepted.items(), key=lambda item: item[0][1].last):
        before[target_id].append(entry)
    closed = closings_of({row.lead_unit_id for row in terms})
    found = []
    for row in terms:
        for period in periods_of(row, through=min(as_of, month.last)):
            place = (row.target_id, period)
            ends_here = month.first <= period.last <= month.last
            if not (ends_here or (period.kind is Kind.OWN and period.last > month.last)):
                continue
            due = due_of(row, period)
            earlier = [entry for entry in before[row.target_id] if entry.report.period_end < period.last]
            found.append(
                OwedRow(
                    terms=row,
                    period=period,
                    due=due,
                    owing=_owing(newest.get(place), accepted.get(place), period, due, as_of),
                    entry=newest.get(place),
                    accepted=accepted.get(place),
                    previous=earlier[-1] if earlier else None,
                    evidence=files[place],
                    is_closed=is_closed(closed[row.lead_unit_id], period),
                )
            )
    return found


def _owing(entry: ReportEntry | None, accepted: ReportEntry | None, period: Period, due: date, on: date) -> Owing:
    state = None if entry is None else State(entry.state)
    if accepted is not None and state in (State.DRAFT, State.WITHDRAWN):
        state = State.ACCEPTED  # a correction that was taken back: the accepted value goes on counting
    submitted = entry.submitted_at if entry is not None else None
    submitted_on = None if submitted is None else timezone.localdate(submitted)
    return rules.owing(state=state, submitted_on=submitted_on, period=period, due=due, on=on)


def month_to_report(as_of: date) -> Period:
    """Give the month that is reported on a day: the last one that ended."""
    return rules.around(Kind.MONTH, as_of.replace(day=1) - timedelta(days=1))


def months_around(month: Period, *, as_of: date) -> tuple[Period, Period | None]:
    """Give the month before and the month after; nothing after the one that runs."""
    after = rules.around(Kind.MONTH, month.last + timedelta(days=1))
    return rules.around(Kind.MONTH, month.first - timedelta(days=1)), after if after.first <= as_of else None


def reporting_units(user: User, *, on: date) -> list[Unit]:
    """List the units for which a person may report and that owe something; their own unit first."""
    mine = reach(user, Permission.REPORT_ENTER, on=on).rows("lead_unit", "pillar")
    owing = set(owing_terms(as_of=on).filter(mine).order_by().values_list("lead_unit_id", flat=True))
    found = sorted(Unit.objects.filter(pk__in=owing), key=lambda unit: (unit.pk != user.unit_id, unit.code))
    return found


# --- one report ---------------------------------------------------------------------------------------------------


def newest_entry(report: Report) -> ReportEntry | None:
    """Give the newest version of a report."""
    return report.entries.select_related("entered_by", "entered_unit", "unit").order_by("-number").first()


def pillar_of(report: Report, *, on: date) -> str:
    """Give the matter of a report: that of its target as it stands on a day."""
    return terms_as_of(on).filter(target=report.target).values_list("pillar", flat=True).first() or ""


def _pillars(target: str, *, on: date) -> QuerySet[Any]:
    newest = TargetTerms.objects.filter(target=OuterRef(target), valid_from__lte=on).order_by("-valid_from", "-pk")
    return newest.values("pillar")[:1]


def newest_of(target: Target, period: Period) -> ReportEntry | None:
    """Give the newest version for one period of a target."""
    found = ReportEntry.objects.filter(
        report__target=target, report__period_start=period.first, report__period_end=period.last
    )
    return found.order_by("-number").first()


def entry_with(key: int) -> ReportEntry:
    """Give one version with all that is told of it."""
    whole = ReportEntry.objects.select_related(
        "report__target__document", "unit", "entered_by", "checked_by", "checked_unit"
    )
    found: ReportEntry = whole.prefetch_related("evidence").get(pk=key)
    return found


def report_with(key: int) -> Report | None:
    """Find a report by its key."""
    return Report.objects.select_related("target").filter(pk=key).first()


def reported_targets(
    *, unit_ids: Collection[int] | None = None, number: int | None = None
) -> dict[int, tuple[int, bool]]:
    """Give for each target with a report, by its key, its number and whether it is invented, in their order."""
    found = Target.objects.filter(reports__isnull=False)
    if unit_ids is not None:
        found = found.filter(reports__entries__unit__in=unit_ids)
    if number is not None:
        found = found.filter(number=number)
    rows = found.order_by("number").distinct().values_list("pk", "number", "document__is_invented")
    return {key: (number, bool(is_invented)) for key, number, is_invented in rows}


@dataclass(frozen=True)
class Told:
    """One period of a target with all its versions, newest first."""

    report: Report
    versions: list[ReportEntry]
    accepted: ReportEntry | None
    evidence: list[Evidence]

    @property
    def newest(self) -> ReportEntry:
        """The newest version."""
        return self.versions[0]


def told(target: Target) -> list[Told]:
    """List everything ever reported for a target, newest period first."""
    versions = (
        ReportEntry.objects.select_related(
            "entered_by", "entered_unit", "checked_by", "checked_unit", "unit", "report__target__document"
        )
        .prefetch_related("evidence")
        .order_by("-number")
    )
    found = []
    for report in target.reports.prefetch_related(Prefetch("entries", queryset=versions)).order_by("-period_end"):
        rows = list(report.entries.all())
        if rows:
            files = [file for entry in reversed(rows) for file in entry.evidence.all()]
            counted = next((entry for entry in rows if entry.state == State.ACCEPTED), None)
            found.append(Told(report, rows, counted, files))
    return found


@dataclass(frozen=True)
class AcceptedValue:
    """A value that counts (已审核数值) for one period of a target: what was reported and who vouches for it."""

    period: Period
    value: Decimal | None
    done: bool | None
    value_date: date
    entry: ReportEntry


def accepted_values(target: Target, *, as_of: date) -> list[AcceptedValue]:
    """List the values of a target that counted on a day, oldest period first.

    A correction counts from the day on which it was accepted; before, the older version does.
    """
    return accepted_by_target([target.pk], as_of=as_of).get(target.pk, [])


def accepted_by_target(
    targets: Iterable[int], *, as_of: date, known_by: datetime | None = None
) -> dict[int, list[AcceptedValue]]:
    """Give the values that counted on a day for many targets at once.

    With `known_by`, those that speak of a day up to `as_of` and were accepted by that moment, later or earlier.
    """
    accepted = ReportEntry.objects.filter(report__target__in=list(targets), state=State.ACCEPTED.value)
    if known_by is None:
        accepted = accepted.filter(recorded_at__date__lte=as_of)
    else:
        accepted = accepted.filter(recorded_at__lte=known_by)
    entries = accepted.select_related("report", "checked_unit", "unit").order_by(
        "report__target", "report__period_end", "report__period_start", "number"
    )
    newest = {entry.report_id: entry for entry in entries}  # the last version of each report wins
    found: dict[int, list[AcceptedValue]] = defaultdict(list)
    for entry in newest.values():
        if entry.value_date is not None and (known_by is None or entry.value_date <= as_of):
            found[entry.report.target_id].append(
                AcceptedValue(entry.report.period, entry.value, entry.done, entry.value_date, entry)
            )
    return dict(found)


def waiting_for_check(targets: Iterable[int], *, as_of: date) -> dict[int, str]:
    """Say of targets whose report was submitted by a day but not decided on it that it waits for a check."""
    entries = (
        ReportEntry.objects.filter(report__target__in=list(targets), recorded_at__date__lte=as_of)
        .select_related("report", "unit")
        .order_by("report__target", "report__period_end", "number")
    )
    newest = {entry.report_id: entry for entry in entries}
    found: dict[int, str] = {}
    for entry in newest.values():
        if entry.state == State.SUBMITTED:
            found[entry.report.target_id] = (
                f"{entry.unit}已填报 {entry.report.period.name}的数值（{entry.said}），"
                "等待其他单位审核，审核通过后研判。"
            )
    return found


def standings(terms: list[TargetTerms], as_of: date) -> dict[int, Standing]:
    """Tell the newest accepted value of targets that nobody judged yet; their light is grey."""
    reported = {row.target_id: row for row in terms if row.source_kind in REPORTED and not is_counted(row)}
    found = {}
    for target_id, values in accepted_by_target(reported, as_of=as_of).items():
        last = values[-1]
        row = reported[target_id]
        value = None if last.value is None else Decimal(plain(last.value))
        said = f"{plain(last.value)} {row.unit}".strip() if last.value is not None else last.entry.said
        reason = f"{last.entry.unit}填报至 {last.value_date}：{said}，{last.entry.checked_unit}已审核；尚未研判。"
        found[target_id] = Standing(value=value, light=Light.GREY, reason=reason)
    return found


# --- the checking desk --------------------------------------------------------------------------------------------


def waiting(user: User, *, on: date) -> QuerySet[ReportEntry]:
    """List what waits for a person to check (待审核): not what they or their own unit entered, oldest due first."""
    mine = reach(user, Permission.REPORT_CHECK, on=on)
    found: QuerySet[ReportEntry] = (
        ReportEntry.objects.filter(state=State.SUBMITTED.value)
        .annotate(newest=Max("report__entries__number"))
        .filter(number=F("newest"))
        .exclude(entered_by=user)
    )
    if user.unit_id is not None:
        found = found.exclude(Q(unit=user.unit_id) | Q(entered_unit=user.unit_id))
    if set(mine.places) != {""}:  # what a report is about is asked only for who looks after some matters
        found = found.annotate(pillar=Subquery(_pillars("report__target", on=on)))
    return found.filter(mine.rows("unit", "pillar")).order_by(
        "report__period_end", "unit__code", "report__target__number"
    )


@dataclass
class DeskRow:
    """One line of the checking desk: what was reported, beside the bound and the value before."""

    entry: ReportEntry
    terms: TargetTerms | None
    previous: AcceptedValue | None
    evidence: list[Evidence]
    due: date
    is_correction_of: ReportEntry | None

    @property
    def is_late(self) -> bool:
        """Whether it came after its due day."""
        return self.entry.submitted_at is not None and timezone.localdate(self.entry.submitted_at) > self.due


def desk(entries: Iterable[ReportEntry], *, as_of: date) -> list[DeskRow]:
    """Add to waiting reports what a checker wants to see beside them."""
    listed = list(entries)
    targets = {entry.report.target_id for entry in listed}
    rows = terms_as_of(as_of, with_withdrawn=True).filter(target__in=targets).select_related("target")
    terms = {row.target_id: row for row in rows}
    values = accepted_by_target(targets, as_of=as_of)
    files: dict[int, list[Evidence]] = defaultdict(list)
    for file in Evidence.objects.filter(entry__report__in={entry.report_id for entry in listed}).select_related(
        "entry"
    ):
        files[file.entry.report_id].append(file)
    found = []
    for entry in listed:
        period, target_id = entry.report.period, entry.report.target_id
        known = values.get(target_id, [])
        earlier = [value for value in known if value.period.last < period.last]
        same = [value for value in known if value.period == period]
        row = terms.get(target_id)
        found.append(
            DeskRow(
                entry=entry,
                terms=row,
                previous=earlier[-1] if earlier else None,
                evidence=files[entry.report_id],
                due=due_of(row, period) if row is not None else period.last,
                is_correction_of=same[-1].entry if same else None,
            )
        )
    return found


# --- who is late --------------------------------------------------------------------------------------------------


@dataclass
class LateTarget:
    """One target of a unit that is behind: which periods lack, which were returned."""

    terms: TargetTerms
    missing: list[Period] = field(default_factory=list)
    returned: list[Period] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Name the periods: 2026 年 1—3 月；2026 年 4 月（退回）."""
        returned = f"{rules.say_periods(self.returned)}（退回）" if self.returned else ""
        return "；".join(part for part in (rules.say_periods(self.missing), returned) if part)

    @property
    def last_day(self) -> date:
        """The last day of the newest period that is behind."""
        return max(period.last for period in (*self.missing, *self.returned))


@dataclass
class LateUnit:
    """A unit and how it reports (报送情况): counts of the periods that were due, and the targets that are behind.

    `late_reports` names what was reported, but after its due day.
    """

    unit: Unit
    due: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    returned: int = 0
    targets: list[LateTarget] = field(default_factory=list)
    late_reports: list[tuple[TargetTerms, Period]] = field(default_factory=list)

    @property
    def behind(self) -> int:
        """How many reports lack or were returned."""
        return self.missing + self.returned


def late(*, as_of: date, month: Period | None = None, units: Collection[int] | None = None) -> list[LateUnit]:
    """List units by how far they are behind on a day, worst first, each with what lacks by name.

    Only what was due by the day counts; with `month`, only periods that end in it.
    """
    narrow = owing_terms(as_of=as_of, units=units).select_related(None).select_related("target")
    narrow = narrow.only(  # thousands of targets, few columns of each
        "title", "lead_unit", "rhythm", "period_start", "period_end", "target__number", "target__created_at"
    )
    terms = list(narrow.prefetch_related("lead_unit"))  # many targets share few units
    rows = (
        ReportEntry.objects.filter(report__target__in=[row.target_id for row in terms])
        .order_by("number")
        .values_list(
            "report__target_id",
            "report__period_start",
            "report__period_end",
            "report__period_kind",
            "state",
            "submitted_at",
        )
    )
    newest: dict[tuple[int, Period], tuple[State, date | None]] = {}
    accepted: set[tuple[int, Period]] = set()
    for target_id, first, last, kind, state, submitted in rows:
        place = (target_id, Period(first, last, Kind(kind)))
        newest[place] = (State(state), None if submitted is None else timezone.localdate(submitted))
        if state == State.ACCEPTED:
            accepted.add(place)
    found: dict[int, LateUnit] = {}
    for row in terms:
        line = found.setdefault(row.lead_unit_id, LateUnit(row.lead_unit))
        behind = LateTarget(row)
        for period in periods_of(row, through=as_of, since=None if month is None else month.first):
            if month is not None and not month.first <= period.last <= month.last:
                continue
            due = due_of(row, period)
            state, submitted_on = newest.get((row.target_id, period), (None, None))
            if (row.target_id, period) in accepted and state in (State.DRAFT, State.WITHDRAWN):
                state = State.ACCEPTED
            stands = rules.owing(state=state, submitted_on=submitted_on, period=period, due=due, on=as_of)
            if due >= as_of and stands not in BEHIND:
                continue
            line.due += 1
            if stands is Owing.MISSING:
                behind.missing.append(period)
            elif stands is Owing.RETURNED:
                behind.returned.append(period)
            elif stands in (Owing.WAITING_LATE, Owing.DONE_LATE):
                line.late += 1
                line.late_reports.append((row, period))
            else:
                line.in_time += 1
        if behind.missing or behind.returned:
            line.missing += len(behind.missing)
            line.returned += len(behind.returned)
            line.targets.append(behind)
    lines = [line for line in found.values() if line.due]
    return sorted(lines, key=lambda line: (-line.behind, -line.late, line.unit.code))


# --- closed periods -----------------------------------------------------------------------------------------------


def closings_of(units: Collection[int]) -> dict[int, list[Closing]]:
    """Give for units the closings that stand at them or above them; the number of queries does not grow."""
    standing = list(Closing.objects.standing())
    parents = dict(Unit.objects.order_by().values_list("pk", "parent_id")) if standing else {}
    found: dict[int, list[Closing]] = {key: [] for key in units}
    for key in units:
        line: set[int] = set()
        at: int | None = key
        while at is not None and at not in line and standing:
            line.add(at)
            at = parents.get(at)
        found[key] = [closing for closing in standing if closing.unit_id in line]
    return found


def is_closed(closings: Iterable[Closing], period: Period) -> bool:
    """Tell whether a period was closed."""
    return any(closing.covers(period.last) for closing in closings)


def closing_over(unit: Unit, period: Period) -> Closing | None:
    """Give the closing that keeps a unit from entering anything for a period."""
    standing = Closing.objects.standing().filter(
        unit__in=line_ids(unit), period_start__lte=period.last, period_end__gte=period.last
    )
    return standing.select_related("unit", "closed_by").first()


def undecided(*, unit_ids: Collection[int], month: Period) -> int:
    """Count what units submitted for periods that end in a month and nobody decided on."""
    found: QuerySet[ReportEntry] = ReportEntry.objects.filter(
        unit__in=unit_ids,
        state=State.SUBMITTED.value,
        report__period_end__gte=month.first,
        report__period_end__lte=month.last,
    ).annotate(newest=Max("report__entries__number"))
    return found.filter(number=F("newest")).count()


def closings() -> QuerySet[Closing]:
    """List all closings, newest first."""
    return Closing.objects.select_related("unit", "closed_by", "reopened_by")
