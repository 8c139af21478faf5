"""What is known of each target on a day (依据): values of instruments, and reports that were accepted.

It gathers and judges nothing: `heqing.verdicts.judge` does. A value that many targets share is computed once. What
counts as known is told by a moment for reports, terms and plans; measurements come in as they were recorded by it, see
``verdicts.readings``. Editions may be pinned, to ask what another standard would say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from heqing.errors import UnknownNameError
from heqing.verdicts import (
    Calendar,
    Evidence,
    Kind,
    Measured,
    Promise,
    kind_of,
    method_on,
    monthly_profile,
    pins,
    spans_in,
    value_to_date,
    window_in,
)
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.plans import planned_by_target
from heqing_site.ledger.rules import CHANGES, DOWNWARD, SourceKind
from heqing_site.library.rules import plain
from heqing_site.orgs.queries import ids_below
from heqing_site.places.models import Section, Station
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.reporting.queries import AcceptedValue, accepted_by_target, is_counted, is_deed
from heqing_site.verdicts.counts import by_registers, by_works
from heqing_site.verdicts.known import Known
from heqing_site.verdicts.parts import parts_of_sums, summed
from heqing_site.verdicts.scope import Scope, sections_meant, stations_meant
from heqing_site.works.queries import contributed, served

_PERCENTILE = re.compile(r"\.p(\d+)(?:\.change)?$")


@dataclass
class Readings:
    """Measurements as the engine takes them: days of an area for air, months of sections for water.

    `air` gives the days of some stations, `water` the months of all sections in use; each is asked once for each set of
    stations. `last_air` is the last day with data.
    """

    air: Callable[[Sequence[str]], pl.LazyFrame]
    water: Callable[[], pl.LazyFrame]
    version: str = ""
    found: dict[Any, Measured] = field(default_factory=dict)
    profiles: dict[Any, tuple[Decimal, ...]] = field(default_factory=dict)

    def value(
        self,
        statistic: str,
        places: tuple[str, ...],
        first: date,
        last: date,
        sections: Mapping[str, Section],
        bound: Decimal | None = None,
        editions: tuple[str, ...] = (),
    ) -> Measured:
        """Give a statistic over some days, computed once."""
        key = (statistic, places, first, last, bound, editions)
        if key not in self.found:
            if catalogue.reads(statistic) == "air":
                frame, chosen = self.air(places), None  # the area is already that of these stations
            else:
                frame, chosen = self.water(), list(places)
            self.found[key] = value_to_date(
                frame,
                statistic,
                period_start=first,
                on=last,
                places=chosen,
                body_types={name: section.body_type for name, section in sections.items()},
                required_class={name: section.target_class for name, section in sections.items()},
                bound=bound,
                editions=editions,
            )
        return self.found[key]

    def profile(self, statistic: str, places: tuple[str, ...], first: date, last: date) -> tuple[Decimal, ...]:
        """Give what each month brought in past years, computed once; empty where nothing is counted in days."""
        key = (statistic, places, first, last)
        if key not in self.profiles:
            frame = self.air(places) if catalogue.reads(statistic) == "air" else None
            self.profiles[key] = (
                () if frame is None else monthly_profile(frame, statistic, period_start=first, period_end=last)
            )
        return self.profiles[key]


def gather(
    terms: Sequence[TargetTerms],
    *,
    on: date,
    readings: Readings | None,
    known_by: datetime | None = None,
    editions: tuple[str, ...] = (),
) -> dict[int, Known]:
    """Gather for each target what is known of it on a day.

    Parameters
    ----------
    terms : sequence of TargetTerms
        The terms that count on the day, with `target__indicator`, `lead_unit` and `scope_unit` at hand.
    on : datetime.date
        The day.
    readings : Readings or None
        Measurements; None where the installation has none.
    known_by : datetime.datetime, optional
        The moment by which reports were accepted and plans made; by default the end of the day.
    editions : tuple of str
        Editions that count instead of those in force (按指定标准回算).
    """
    parts = parts_of_sums(terms, on=on)
    every = {row.target_id: row for row in [*(row for rows in parts.values() for row in rows), *terms]}
    stations = list(stations_of(on=on))
    sections = list(sections_of(on=on))
    reported = accepted_by_target(list(every), as_of=on, known_by=known_by)
    plans = planned_by_target(every.values(), as_of=on, known_by=known_by)
    counted = {row.target_id for row in every.values() if is_counted(row)}
    worked, have_works = contributed(counted, as_of=on), served(counted)
    below: dict[int, set[int]] = {}
    found: dict[int, Known] = {}
    for row in every.values():
        promise = promise_of(row)
        if row.source_kind == SourceKind.PARTS:
            continue
        if row.source_kind == SourceKind.INSTRUMENT:
            units = None
            if row.scope_unit_id is not None and row.scope_unit is not None and row.scope_unit.parent_id is not None:
                units = below.setdefault(row.scope_unit_id, ids_below([row.scope_unit_id]))
            found[row.target_id] = _measured(row, promise, on, readings, stations, sections, units, editions)
            continue
        if is_counted(row):
            if catalogue.reads(row.statistic) == catalogue.WORKS:
                found[row.target_id] = by_works(
                    promise, on, worked.get(row.target_id), is_served=row.target_id in have_works
                )
            else:
                found[row.target_id] = by_registers(row, promise, on, below)
            continue
        found[row.target_id] = _reported(row, promise, reported.get(row.target_id, []))
    found |= summed([row for row in every.values() if row.source_kind == SourceKind.PARTS], parts, found, promise_of)
    return {row.target_id: _with_plan(found[row.target_id], plans.get(row.target_id, ())) for row in terms}


def promise_of(row: TargetTerms) -> Promise:
    """Turn the terms of a target into a promise.

    A change that is reported (能耗下降 4%) is reported as the size of the fall or the rise: the promise is then to
    reach at least that size.
    """
    indicator = row.target.indicator
    percentile = _PERCENTILE.search(row.statistic)
    kind = kind_of(row.comparator, indicator.kind, row.statistic)
    if is_deed(row):
        kind = Kind.DEED
    comparator, better = row.comparator, "down" if indicator.better == "down" else "up"
    if row.comparator in CHANGES and row.source_kind != SourceKind.INSTRUMENT:
        kind, comparator, better = Kind.RATIO, ">=", "up"
    if row.comparator in DOWNWARD and comparator == row.comparator:
        better = "down"
    return Promise(
        kind,
        comparator,
        None if row.bound is None else Decimal(plain(row.bound)),
        row.period_start,
        row.period_end,
        unit=row.unit,
        better="down" if better == "down" else "up",
        percentile=int(percentile[1]) if percentile else None,
        lead=row.lead_unit.name,
    )


def _measured(
    row: TargetTerms,
    promise: Promise,
    on: date,
    readings: Readings | None,
    stations: Sequence[Station],
    sections: Sequence[Section],
    units: set[int] | None,
    editions: tuple[str, ...],
) -> Known:
    reads_air = catalogue.reads(row.statistic) == "air"
    scope = stations_meant(row, stations, units) if reads_air else sections_meant(row, sections, units)
    inputs: dict[str, Any] = {
        "source": "instrument",
        "statistic": row.statistic,
        "places": list(scope.places),
        "places_because": scope.because,
    }
    start = row.period_start
    if not scope.places:
        return Known(promise, Evidence(None, None, reason=f"no_places({scope.because})"), inputs)
    if readings is None:
        return Known(promise, Evidence(None, None, reason="no_measurements"), inputs)
    if start is None or on < start:
        return Known(promise, Evidence(None, None), inputs)
    last = _last_day(on, promise)
    registered = {section.name: section for section in sections}
    editions, unknown = (editions, "") if editions else _promised_under(row)
    asked = _Asked(row, promise, readings, scope, registered, editions)
    measured = asked.value(start, last)
    inputs |= {
        "first": str(start),
        "last": str(last),
        "last_day": str(measured.last_day or ""),
        "store": readings.version,
        **({"editions": list(editions)} if editions else {}),
    }
    evidence = replace(measured.evidence(), usual=asked.usual(last), reason=_joined(measured.reason, unknown))
    window = window_in(f"{row.scope_text} {row.title}")
    if window is not None and promise.period_end is not None:
        return Known(
            promise,
            replace(evidence, spans=asked.spans(window, promise.period_end, on)),
            {**inputs, "window": window.value},
            places=measured.places,
            window=window,
        )
    if promise.kind in (Kind.AMOUNT, Kind.DAY_COUNT) and promise.period_end is not None:
        profile = readings.profile(row.statistic, scope.places, start, promise.period_end)
        evidence = replace(evidence, profile=profile)
    return Known(promise, evidence, inputs, places=measured.places)


def _promised_under(row: TargetTerms) -> tuple[tuple[str, ...], str]:
    """Give the standard that a target was promised under, if any, and a reason where nobody knows it."""
    said = row.promised_under.strip()
    if not said:
        return (), ""
    try:
        pins([said])
    except UnknownNameError:
        return (), f"promised_under_unknown({re.sub('[();,]', ' ', said)})"
    return (said,), ""


def _joined(*reasons: str) -> str:
    return ";".join(filter(None, reasons))


@dataclass(frozen=True)
class _Asked:
    """What one target asks of the measurements: its statistic over some days, at its places, by its editions."""

    row: TargetTerms
    promise: Promise
    readings: Readings
    scope: Scope
    sections: Mapping[str, Section]
    editions: tuple[str, ...]

    def value(self, first: date, last: date) -> Measured:
        """Give the statistic over some days; of a percentile with the days beyond its bound."""
        bound = self.promise.bound if self.promise.percentile is not None and self.promise.is_downward else None
        return self.readings.value(
            self.row.statistic, self.scope.places, first, last, self.sections, bound, self.editions
        )

    def usual(self, last: date) -> Decimal | None:
        """Give what the days still to come had last year, where enough of them were measured."""
        end = self.promise.period_end
        if self.promise.kind not in (Kind.MEAN, Kind.DAY_RATIO) or end is None or last >= end:
            return None
        first_left = last + timedelta(days=1)
        try:
            before = first_left.replace(year=first_left.year - 1), end.replace(year=end.year - 1)
        except ValueError:  # the 29th of February
            return None
        past = self.value(*before)
        enough = method_on(last).enough_percent
        if past.value is None or not past.expected or past.samples * 100 < past.expected * enough:
            return None
        return past.value

    def spans(self, window: Calendar, end: date, on: date) -> tuple[Evidence, ...]:
        """Give what is known of each span of the period, as far as its days have passed."""
        start, eve = self.promise.period_start, _last_day(on, self.promise)
        if start is None:
            return ()
        begun = [span for span in spans_in(window, start, end) if span.first <= eve]
        return tuple(self.value(span.first, min(span.last, eve)).evidence() for span in begun)


def _last_day(on: date, promise: Promise) -> date:
    """Give the last day whose measurements count: the eve of the verdict, for that day is not over."""
    eve = max(on - timedelta(days=1), promise.period_start or on)
    return eve if promise.period_end is None else min(eve, promise.period_end)


def _reported(row: TargetTerms, promise: Promise, values: Sequence[AcceptedValue]) -> Known:
    inputs: dict[str, Any] = {"source": "reported", "reports": [value.entry.report_id for value in values]}
    if not values:
        return Known(promise, Evidence(None, None), inputs)
    last = values[-1]
    inputs |= {"entry": last.entry.pk, "unit": str(last.entry.unit), "checked_by": str(last.entry.checked_unit or "")}
    if promise.kind is Kind.DEED:
        done = next((value for value in values if value.done), None)
        chosen = done or last
        return Known(promise, Evidence(Decimal(1 if done else 0), chosen.value_date), inputs)
    if last.value is None:
        return Known(promise, Evidence(None, None), inputs)
    course = tuple((value.value_date, Decimal(plain(value.value))) for value in values if value.value is not None)
    return Known(promise, Evidence(Decimal(plain(last.value)), last.value_date), inputs, course)


def _with_plan(known: Known, planned: Sequence[tuple[date, Decimal]]) -> Known:
    """Let the plan of a target, where it has one, stand for the straight line."""
    if not planned:
        return known
    return replace(known, evidence=replace(known.evidence, milestones=tuple(planned)))
