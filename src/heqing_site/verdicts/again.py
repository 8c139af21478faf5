"""Which days of which targets late, corrected or re-audited data touch (追溯重判). It only reads.

Measurements touch every day whose value rests on their places and days. A report touches the days on which its value
should have been known but was not: those after it was due, and those on which an older version of it counted. Terms
touch the days for which they count although they were recorded later. A report that came in time touches nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import SourceKind
from heqing_site.monitoring.queries import touched_by
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import due_of
from heqing_site.reporting.rules import State
from heqing_site.verdicts.causes import concerns
from heqing_site.verdicts.models import Judging, TargetVerdict

Days = dict[date, set[int]]
A_DAY = timedelta(days=1)


def followed_until() -> datetime | None:
    """Give the moment to which data were followed through; before the first time, that of the last round."""
    told = Judging.objects.aggregate(followed=Max("followed_until"), last=Max("recorded_at"))
    found: datetime | None = told["followed"] or told["last"]
    return found


def touched(*, since: datetime, until: datetime) -> Days:
    """Give the judged days, and their targets, that anything received after one moment up to another touches."""
    found: Days = defaultdict(set)
    for target, day in [*_by_measurements(since, until), *_by_reports(since, until), *_by_terms(since, until)]:
        found[day].add(target)
    return dict(found)


def _by_measurements(since: datetime, until: datetime) -> list[tuple[int, date]]:
    found = []
    for import_ in touched_by(since=since, until=until):
        rows = TargetVerdict.objects.filter(
            terms__source_kind=SourceKind.INSTRUMENT.value, day__gt=import_.first, day__lt=timezone.localdate(until)
        ).order_by("number")
        newest = {}
        for target, day, recorded_at, inputs in rows.values_list("target", "day", "recorded_at", "inputs"):
            newest[target, day] = (recorded_at, inputs)
        found += [
            place
            for place, (recorded_at, inputs) in newest.items()
            if recorded_at < import_.recorded_at and concerns(import_, inputs)
        ]
    return found


def _by_reports(since: datetime, until: datetime) -> list[tuple[int, date]]:
    accepted = ReportEntry.objects.filter(state=State.ACCEPTED.value)
    entries = list(
        accepted.filter(recorded_at__gt=since, recorded_at__lte=until, value_date__isnull=False).select_related(
            "report"
        )
    )
    corrected = set(
        accepted.filter(report__in=[entry.report_id for entry in entries], recorded_at__lte=since).values_list(
            "report", flat=True
        )
    )
    terms = {
        row.target_id: row
        for row in terms_as_of(timezone.localdate(until))
        .filter(target__in={entry.report.target_id for entry in entries})
        .select_related("target")
    }
    spans = []
    seen: set[int] = set()
    for entry in sorted(entries, key=lambda entry: entry.number):
        row, known_on = terms.get(entry.report.target_id), timezone.localdate(entry.recorded_at)
        if row is None or entry.value_date is None:
            continue
        first = entry.value_date
        if entry.report_id not in corrected | seen:
            first = max(first, due_of(row, entry.report.period) + A_DAY)
        seen.add(entry.report_id)
        spans += [(target, first, known_on - A_DAY) for target in _and_above(row)]
    return _judged_days(spans)


def _by_terms(since: datetime, until: datetime) -> list[tuple[int, date]]:
    rows = TargetTerms.objects.filter(recorded_at__gt=since, recorded_at__lte=until)
    return _judged_days(
        (target, row.valid_from, timezone.localdate(row.recorded_at) - A_DAY)
        for row in rows
        if row.valid_from < timezone.localdate(row.recorded_at)
        for target in _and_above(row)
    )


def _and_above(row: TargetTerms) -> list[int]:
    """Give a target and those above it, whose value may be the sum of their parts."""
    found = [row.target_id]
    above = row.parent_id
    while above is not None and above not in found:
        found.append(above)
        above = (
            TargetTerms.objects.filter(target=above).order_by("-valid_from", "-pk").values_list("parent", flat=True)[0]
        )
    return found


def _judged_days(spans: Iterable[tuple[int, date, date]]) -> list[tuple[int, date]]:
    """Give the days of spans on which their target was judged."""
    wanted = [(target, first, last) for target, first, last in spans if first <= last]
    if not wanted:
        return []
    rows = TargetVerdict.objects.filter(
        target__in={target for target, _, _ in wanted},
        day__range=(min(first for _, first, _ in wanted), max(last for _, _, last in wanted)),
        number=1,
    )
    days: dict[int, list[date]] = defaultdict(list)
    for target, day in rows.order_by().values_list("target", "day"):
        days[target].append(day)
    return [(target, day) for target, first, last in wanted for day in days[target] if first <= day <= last]
