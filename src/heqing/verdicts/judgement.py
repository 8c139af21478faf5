"""The verdict (研判): kept, missed or not yet to be told; the light; what remains; and why, as codes with sentences.

It takes plain values and a day and reads no clock. Its order: what is missing makes a grey light; what is decided makes
green or red; all else is measured as a gap, and the light scheme says what a gap of that size means.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from heqing.tables import explain
from heqing.verdicts.calendars import Calendar, Span, spans_in
from heqing.verdicts.course import (
    as_decimal,
    day_budget,
    elapsed_days,
    exact_schedule,
    judged_bound,
    percentile_budget,
    remaining_mean,
    schedule_basis,
)
from heqing.verdicts.methods import Method, method_on
from heqing.verdicts.promises import Evidence, Kind, Promise
from heqing.verdicts.schemes import Scheme, Threshold, default_scheme, scheme_on

_SHOWN = 2  # decimals of figures in sentences
_ON_SCHEDULE = frozenset({Kind.MEAN, Kind.DAY_RATIO, Kind.DAY_COUNT, Kind.AMOUNT, Kind.DEED})  # need a last day
# rest on samples that can be too few
_SAMPLED = frozenset({Kind.MEAN, Kind.PERCENTILE, Kind.DAY_RATIO, Kind.LEVEL, Kind.RATIO})
_WORST_FIRST = ("red", "grey", "yellow", "green")
_BASIS = {"plan": "schedule_is_planned", "profile": "schedule_is_profile"}
_EACH = {
    Calendar.DAY: "each_day",
    Calendar.TEN_DAYS: "each_ten_days",
    Calendar.MONTH: "each_month",
    Calendar.QUARTER: "each_quarter",
    Calendar.HALF_YEAR: "each_half_year",
    Calendar.YEAR: "each_year",
}


class Light(StrEnum):
    """The light of a target (灯)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class Remaining:
    """What the days that remain must bring, or may still bring.

    `kind` is ``mean`` (allowed or needed mean of the remaining days), ``amount`` (still to do), ``allowance`` (may
    still come), ``days`` (days still needed; `spare` of the others may still fail), or ``things`` (sections, parcels
    … still needed, and to spare). `strict` takes the bound as promised, `judged` takes the last value that is rounded
    to it; `judged_included` says whether that very value is still within reach of the promise.
    """

    kind: str
    days: int
    strict: Decimal
    judged: Decimal
    judged_included: bool = True
    spare: Decimal | None = None
    spare_judged: Decimal | None = None
    is_reachable: bool = True


@dataclass(frozen=True)
class Verdict:
    """A verdict on one promise on one day.

    `met` is True, False, or None while it cannot be told. `gap` is how far behind, in the unit of `measure`; zero or
    less is on course. `unconfirmed` speaks of the value and the rule, `light_unconfirmed` of the light's threshold.
    `chance` is the forecast that was handed in, if any. `schedule_basis` says what the schedule value follows:
    ``plan``, ``profile`` (months of past years), ``straight``, or nothing where there is none to follow.
    """

    met: bool | None
    light: Light
    value: Decimal | None
    schedule_value: Decimal | None
    remaining: Remaining | None
    gap: Decimal | None
    measure: str
    samples: int | None
    expected: int | None
    as_of: date | None
    edition: str
    clause: str
    unconfirmed: bool
    scheme: str
    light_edition: str
    light_clause: str
    light_unconfirmed: bool
    reason: str
    chance: Decimal | None = None
    schedule_basis: str = ""

    @property
    def ground(self) -> str:
        """The standard and clause of the value; a clause that names its editions says them by itself."""
        if self.clause and all(name in self.clause for name in self.edition.split("、")):
            return self.clause
        if self.clause and "、" in self.edition:
            return f"{self.edition}（{self.clause}）"
        return f"{self.edition} {self.clause}".strip()

    def sentence(self, language: str = "zh") -> str:
        """Say the reason in words, ``zh`` or ``en``."""
        return explain(self.reason, language)


@dataclass(frozen=True)
class _Finding:
    """What a kind of promise makes of its value: decided or not, how far behind, what remains, why."""

    met_at_end: bool
    gap: Fraction
    measure: str
    decided: bool | None = None
    is_red: bool = False
    doubt: bool = False
    schedule: Fraction | None = None
    remaining: Remaining | None = None
    reasons: tuple[str, ...] = ()
    basis: str = ""


def judge(
    promise: Promise, evidence: Evidence, *, on: date, method: Method | None = None, scheme: str | None = None
) -> Verdict:
    """Judge one promise on one day.

    Parameters
    ----------
    promise : Promise
        What is promised.
    evidence : Evidence
        What is known of it; its `as_of` is not after `on`.
    on : date
        The day of the verdict.
    method : Method, optional
        By what it is judged: window, enough data, small numbers, rounding; the settings of the day when None. Where it
        names a window, each span of the period is judged by itself on `evidence.spans`, and all must be kept.
    scheme : str, optional
        Key of a light scheme; the default one of the data when None.

    Returns
    -------
    Verdict
        Never a guess: what cannot be told has a grey light and a reason that says what is missing and who owes it.

    Raises
    ------
    ValueError
        When the evidence is of a later day than the verdict.
    UnknownNameError
        When there is no such scheme.

    Examples
    --------
    >>> year = Promise(Kind.AMOUNT, ">=", Decimal(100), date(2026, 1, 1), date(2026, 12, 31), unit="家")
    >>> found = judge(year, Evidence(Decimal(80), date(2026, 11, 22)), on=date(2026, 11, 22))
    >>> found.light.value, found.met, found.remaining.strict
    ('yellow', None, Decimal('20'))
    >>> found.sentence("en")
    'The value to date is 80 家. It stands for the days up to 2026-11-22. By schedule it should be 89.32 家. It is
    behind schedule by 9.32 points. Still to do: 20 家.'
    """
    chosen = scheme_on(scheme or default_scheme(), on)
    method = method or method_on(on)
    if method.window is not None:
        return _of_each(promise, evidence, method, method.window, on, chosen)
    if evidence.as_of is not None and evidence.as_of > on:
        raise ValueError(f"The evidence is of {evidence.as_of}, later than the verdict of {on}.")
    missing = _missing(promise, evidence, method, on)
    value, as_of = evidence.value, evidence.as_of
    if missing or value is None or as_of is None:
        return _verdict(promise, evidence, chosen, None, Light.GREY, None, None, missing)
    lead = _lead(promise)
    finding = _KINDS[promise.kind](promise, evidence, method, value, as_of, on)
    end = promise.period_end
    is_over = end is not None and as_of >= end
    # a deed may still be done on its last day; every other value of that day holds the whole period
    is_final = is_over and finding.decided is None and promise.kind is not Kind.DEED
    met = finding.met_at_end if is_final else finding.decided
    said = [_said("value_is", _amount(value, promise)), _said("value_as_of", as_of)]
    said = [] if promise.kind is Kind.DEED else said
    said += [*finding.reasons, *_outcome(promise, finding, met, is_over)]
    if is_over and end is not None and as_of > end and promise.kind is not Kind.DEED:
        said.append(_said("value_after_end", end))
    if promise.kind is Kind.DAY_COUNT and finding.decided is None and _has_too_few(evidence, method):
        # days without data may have brought anything; only what they cannot change is told
        lacks = [_said("too_few_samples", f"{evidence.samples}/{evidence.expected}"), _said("samples_owed", lead)]
        return _verdict(promise, evidence, chosen, None, Light.GREY, finding, None, [*said[:2], *lacks])
    if met is not None:
        light: Light = Light.GREEN if met else Light.RED
        return _verdict(promise, evidence, chosen, met, light, finding, None, said)
    if finding.is_red:
        return _verdict(promise, evidence, chosen, None, Light.RED, finding, None, said)
    if end is not None and on > end:
        return _verdict(
            promise,
            evidence,
            chosen,
            None,
            Light.GREY,
            finding,
            None,
            [*said, _said("value_ends_early", _lead(promise))],
        )
    measure, gap = finding.measure, finding.gap
    if evidence.chance is not None:
        measure, gap = "chance_lost", 100 - 100 * Fraction(evidence.chance)
        said.append(_said("chance_is", _shown(Fraction(evidence.chance) * 100)))
    threshold, source = _threshold(chosen, measure, on)
    if source is not chosen:
        said.append(_said("light_by_default_scheme", source.name_zh))
    if threshold.is_silent(gap):
        said.append("light_scheme_silent")
    return _verdict(promise, evidence, source, None, Light(threshold.light(gap)), finding, (threshold, gap), said)


def _verdict(
    promise: Promise,
    evidence: Evidence,
    scheme: Scheme,
    met: bool | None,
    light: Light,
    finding: _Finding | None,
    threshold: tuple[Threshold, Fraction] | None,
    reasons: list[str],
) -> Verdict:
    gap = threshold[1] if threshold else finding.gap if finding else None
    rule = threshold[0] if threshold else None
    doubt = finding is not None and (finding.doubt or any(r.startswith("value_after_end") for r in reasons))
    return Verdict(
        met=met,
        light=light,
        value=evidence.value,
        schedule_value=None if finding is None or finding.schedule is None else as_decimal(finding.schedule),
        remaining=finding.remaining if finding else None,
        gap=None if gap is None else as_decimal(gap),
        measure=rule.measure if rule else finding.measure if finding else "",
        samples=evidence.samples,
        expected=evidence.expected,
        as_of=evidence.as_of,
        edition=evidence.edition,
        clause=evidence.clause,
        unconfirmed=evidence.unconfirmed or doubt,
        scheme=scheme.key,
        light_edition=scheme.edition,
        light_clause=rule.clause if rule else "",
        light_unconfirmed=rule is not None and (rule.unconfirmed or (gap is not None and rule.is_silent(gap))),
        reason=";".join([*reasons, *([evidence.reason] if evidence.reason else [])]),
        chance=evidence.chance,
        schedule_basis=finding.basis if finding else "",
    )


# --- span by span -------------------------------------------------------------------------------------------------


def _of_each(
    promise: Promise, evidence: Evidence, method: Method, window: Calendar, on: date, scheme: Scheme
) -> Verdict:
    """Judge each span of the period by itself: one that is missed decides, and all must be kept to keep the promise."""
    start, end = promise.period_start, promise.period_end
    if start is None or end is None or on < start:
        return judge(promise, evidence, on=on, method=replace(method, window=None), scheme=scheme.key)
    whole = spans_in(window, start, end)
    begun = [span for span in whole if span.first < on] or whole[:1]  # a span has nothing to tell on its first day
    nothing = Evidence(None, None, source=evidence.source)
    verdicts = [
        judge(
            replace(promise, period_start=span.first, period_end=span.last),
            evidence.spans[place] if place < len(evidence.spans) else nothing,
            on=on,
            method=replace(method, window=None),
            scheme=scheme.key,
        )
        for place, span in enumerate(begun)
    ]
    missed = [span for span, v in zip(begun, verdicts, strict=True) if v.met is False]
    unknown = [span for span, v in zip(begun, verdicts, strict=True) if v.met is None and v.light is Light.GREY]
    met = False if missed else True if len(begun) == len(whole) and all(v.met for v in verdicts) else None
    open_ = [v.light for v in verdicts if v.met is None]
    light = Light.GREEN if met or not open_ else min(open_, key=lambda found: _WORST_FIRST.index(found.value))
    last = verdicts[-1]
    said = [_EACH[window], _said("spans_kept", f"{sum(v.met is True for v in verdicts)}/{len(whole)}")]
    if missed:
        said.append(_said("spans_missed", "、".join(map(_code, missed))))
    if unknown and not missed:
        said.append(_said("spans_unknown", "、".join(map(_code, unknown))))
    if met is False:
        said.append("missed_at_end" if on > end else "missed_already")
    if met is True:
        said.append("met_at_end")
    said.append(_said("span_now", _code(begun[-1])))
    return replace(
        last,
        met=met,
        light=Light.RED if met is False else light,
        samples=None if any(v.samples is None for v in verdicts) else sum(v.samples or 0 for v in verdicts),
        expected=None if any(v.expected is None for v in verdicts) else sum(v.expected or 0 for v in verdicts),
        unconfirmed=any(v.unconfirmed for v in verdicts),
        light_unconfirmed=any(v.light_unconfirmed for v in verdicts),
        reason=";".join([*said, last.reason]),
    )


def _code(span: Span) -> str:
    """Name a span in figures, alike in both languages."""
    if span.calendar is Calendar.MONTH:
        return f"{span.first:%Y-%m}"
    if span.calendar is Calendar.YEAR:
        return f"{span.first:%Y}"
    return str(span.first) if span.days == 1 else f"{span.first} — {span.last}"


# --- what is missing ----------------------------------------------------------------------------------------------


def _missing(promise: Promise, evidence: Evidence, method: Method, on: date) -> list[str]:
    """Name everything without which nothing can be told, and who owes it."""
    said = []
    lead = _lead(promise)
    if promise.bound is None and promise.kind is not Kind.DEED:
        said.append(_said("bound_missing", lead))
    if _lacks_period(promise, evidence):
        said.append(_said("period_missing", lead))
    elif promise.kind is not Kind.DEED and promise.period_start and on < promise.period_start:
        return [*said, _said("period_not_begun", promise.period_start)]
    if evidence.value is None or evidence.as_of is None:
        overdue = promise.period_end is not None and on > promise.period_end
        said.append(_said("value_missing_after_end" if overdue else "value_missing", lead))
        if evidence.source:
            said.append(_said("value_source", evidence.source))
    elif promise.period_start and evidence.as_of < promise.period_start and promise.kind is not Kind.DEED:
        said.append(_said("value_before_start", lead))
    elif promise.kind in _SAMPLED and _has_too_few(evidence, method):
        said.append(_said("too_few_samples", f"{evidence.samples}/{evidence.expected}"))
        said.append(_said("samples_owed", lead))
    if promise.kind is Kind.CHANGE and promise.baseline == 0:
        said.append(_said("baseline_is_zero", lead))
    return said


def _lacks_period(promise: Promise, evidence: Evidence) -> bool:
    if promise.kind is Kind.DEED:  # what is done is done, whenever it was due
        return promise.period_end is None and (evidence.value is None or evidence.value < 1)
    return promise.period_start is None or (promise.period_end is None and promise.kind in _ON_SCHEDULE)


def _has_too_few(evidence: Evidence, method: Method) -> bool:
    if evidence.samples is None or not evidence.expected:
        return False
    return evidence.samples * 100 < evidence.expected * method.enough_percent


def _outcome(promise: Promise, finding: _Finding, met: bool | None, is_over: bool) -> list[str]:
    if promise.kind is Kind.DEED or met is None:
        return []
    if finding.decided is not None and not is_over:
        return ["met_already"] if met else ["missed_already"]
    return [*(["judged_by_rounding"] if finding.doubt else []), "met_at_end" if met else "missed_at_end"]


def _threshold(scheme: Scheme, measure: str, on: date) -> tuple[Threshold, Scheme]:
    """Give the threshold of a measure, from the default scheme where the chosen one does not speak of it."""
    found = scheme.find(measure)
    if found is not None:
        return found, scheme
    fallback = scheme_on(default_scheme(), on)
    found = fallback.find(measure)
    if found is None:
        raise LookupError(f"No light scheme has a threshold for {measure}.")
    return found, fallback


# --- kinds --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bound:
    """A bound turned so that smaller is better: `turn` is -1 for a promise to reach at least something."""

    exact: Fraction
    turn: int
    included: bool
    judged: Fraction
    judged_included: bool

    def holds(self, value: Fraction) -> bool:
        """Whether a value meets the bound as promised."""
        return value * self.turn < self.exact * self.turn or (self.included and value == self.exact)

    def holds_judged(self, value: Fraction) -> bool:
        """Whether a value meets the bound once it is rounded for judging."""
        return value * self.turn < self.judged * self.turn or (self.judged_included and value == self.judged)

    def behind(self, value: Fraction) -> Fraction:
        """Give how far a value is on the wrong side; below zero on the right one."""
        return (value - self.exact) * self.turn


def _bound_of(promise: Promise, method: Method) -> _Bound:
    bound = promise.bound if promise.bound is not None else Decimal(0)
    down = promise.is_downward
    strict = promise.comparator in ("<", ">")
    turn = 1 if down else -1
    if promise.kind is Kind.CHANGE and promise.comparator in ("-%", "-"):
        bound = -bound
    if promise.comparator == "~":
        slack = abs(Fraction(bound)) * Fraction(method.about_percent) / 100
        eased = Fraction(bound) + slack * turn
        return _Bound(Fraction(bound), turn, True, eased, True)
    judged, included = judged_bound(bound, method.places, downward=down, strict=strict)
    return _Bound(Fraction(bound), turn, not strict, Fraction(judged), included)


def _percent(part: Fraction, whole: Fraction) -> Fraction:
    """Give a part as percent of a whole; of nothing, all or nothing."""
    if whole == 0:
        return Fraction(100 if part > 0 else 0)
    return part * 100 / abs(whole)


def _mean(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    bound, exact = _bound_of(promise, method), Fraction(value)
    past, left = elapsed_days(promise, as_of)
    counted = _counted_days(evidence, past)
    met = bound.holds_judged(exact)
    strict = remaining_mean(bound.exact, exact, counted, left)
    judged = remaining_mean(bound.judged, exact, counted, left)
    done = _Finding(met, Fraction(0), "mean_percent", doubt=met != bound.holds(exact), schedule=bound.exact)
    if strict is None or judged is None:
        return done
    down = bound.turn > 0
    # a mean of concentrations cannot fall below zero
    lost = down and (judged < 0 or (judged == 0 and not bound.judged_included))
    usual = exact if evidence.usual is None else Fraction(evidence.usual)
    gap = max(Fraction(0), _percent((usual - strict) * bound.turn, usual))
    if down and strict < 0:
        gap = max(gap, Fraction(100))
    remaining = Remaining(
        "mean", left, as_decimal(strict), as_decimal(judged), bound.judged_included, is_reachable=not lost
    )
    said = [_said("days_left", left)]
    if lost:
        said.append("cannot_be_reached")
    else:
        said.append(_said("remaining_at_most" if down else "remaining_at_least", _figure(strict, promise)))
        if judged != strict and promise.comparator != "~":
            word = "remaining_judged" if bound.judged_included else "remaining_judged_open"
            said.append(_said(word, _figure(judged, promise)))
        if evidence.usual is not None:
            said.append(_said("usual_mean", _figure(usual, promise)))
    return _Finding(
        met,
        gap,
        "mean_percent",
        decided=False if lost else None,
        schedule=bound.exact,
        remaining=remaining,
        reasons=tuple(said),
    )


def _counted_days(evidence: Evidence, past: int) -> Fraction:
    """Give the days a mean to date rests on, from its share of samples where both counts are known."""
    if evidence.samples is None:
        return Fraction(past)
    if evidence.expected:
        return min(Fraction(past), Fraction(past * evidence.samples, evidence.expected))
    return Fraction(min(past, evidence.samples))


def _day_ratio(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    bound = _bound_of(promise, method)
    past, left = elapsed_days(promise, as_of)
    counted = past if evidence.samples is None else min(past, evidence.samples)
    hits = round(Fraction(value) * counted / 100) if evidence.part is None else evidence.part
    share = Fraction(hits * 100, counted) if evidence.part is not None and counted else Fraction(value)
    met = bound.holds_judged(share)
    differs = met != bound.holds(share)
    if left == 0:
        return _Finding(met, Fraction(0), "day_ratio_points", doubt=differs, schedule=bound.exact)
    down = bound.turn > 0
    strict = day_budget(as_decimal(bound.exact, 12), hits, counted, left, downward=down, included=bound.included)
    judged = day_budget(
        as_decimal(bound.judged, 12), hits, counted, left, downward=down, included=bound.judged_included
    )
    decided = False if judged[1] < 0 else True if judged[0] <= 0 else None
    needed = (bound.exact * (counted + left) / 100 - hits) * 100 / left
    usual = share if evidence.usual is None else Fraction(evidence.usual)
    gap = max(Fraction(0), (usual - needed) * bound.turn)
    words = ("free_days_needed", "days_allowed") if down else ("days_needed", "days_spare")
    said = [_said("days_left", left)]
    if decided is None:
        said += [_said(words[0], max(strict[0], 0)), _said(words[1], max(strict[1], 0))]
    elif decided is False:
        said.append("cannot_be_reached")
    return _Finding(
        met,
        gap,
        "day_ratio_points",
        decided=decided,
        doubt=decided is not None and (strict[1] < 0, strict[0] <= 0) != (judged[1] < 0, judged[0] <= 0),
        schedule=bound.exact,
        remaining=Remaining(
            "days",
            left,
            Decimal(strict[0]),
            Decimal(judged[0]),
            spare=Decimal(strict[1]),
            spare_judged=Decimal(judged[1]),
            is_reachable=judged[1] >= 0,
        ),
        reasons=tuple(said),
    )


def _amount(value: Decimal | Fraction, promise: Promise) -> str:
    return _figure(Fraction(value), promise)


def _to_amount(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    """Judge what grows from zero: to complete at least so much, or to stay under so much."""
    bound, exact = _bound_of(promise, method), Fraction(value)
    schedule = exact_schedule(promise, evidence, as_of) or Fraction(0)
    _, left = elapsed_days(promise, as_of)
    met = bound.holds_judged(exact)
    down = bound.turn > 0
    behind = max(Fraction(0), (exact - schedule) * bound.turn)
    gap = _percent(behind, bound.exact)
    open_ = (exact - bound.exact) * bound.turn
    decided: bool | None = (None if met else False) if down else (True if met else None)
    if promise.kind is Kind.DAY_COUNT and decided is None:  # at most one a day
        if not down and not bound.holds_judged(exact + left):
            decided = False
        elif down and bound.holds_judged(exact + left):
            decided = True
    said = [] if met != down else [_said("schedule_is", _figure(schedule, promise))]
    basis = schedule_basis(promise, evidence)
    if said and basis in _BASIS:
        said.append(_BASIS[basis])
    if decided is None:
        said.append("on_schedule" if behind == 0 else _said("behind_points", _shown(gap)))
        said.append(_said("allowance_left" if down else "still_to_do", _figure(abs(open_), promise)))
    elif decided is False:
        said.append(_said("over_by" if down else "still_to_do", _figure(abs(open_), promise)))
    rest = max(-open_ if down else open_, Fraction(0))
    rest_judged = max((bound.judged - exact) * bound.turn if down else (exact - bound.judged) * bound.turn, Fraction(0))
    remaining = Remaining(
        "allowance" if down else "amount",
        left,
        as_decimal(rest),
        as_decimal(rest_judged),
        bound.judged_included,
        is_reachable=decided is not False,
    )
    return _Finding(
        met,
        gap,
        "schedule_points",
        decided=decided,
        doubt=met != bound.holds(exact),
        schedule=schedule,
        remaining=remaining,
        reasons=tuple(said),
        basis=basis,
    )


def _compared(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    """Judge what is compared directly: a level, a ratio, something to keep, a grade, a change."""
    bound, exact = _bound_of(promise, method), Fraction(value)
    said: list[str] = []
    if promise.kind is Kind.CHANGE and promise.baseline is not None:
        base = Fraction(promise.baseline)
        exact -= base
        if promise.comparator.endswith("%"):
            exact = exact * 100 / abs(base)
        said.append(_said("change_is", _shown(exact) + ("%" if promise.comparator.endswith("%") else promise.unit)))
    behind = max(Fraction(0), bound.behind(exact))
    in_percent = promise.unit in ("%", "百分点", "个百分点")
    if promise.kind is Kind.GRADE:
        measure, gap = "grade_steps", behind
    elif promise.kind is Kind.CHANGE and (promise.comparator.endswith("%") or in_percent):
        measure, gap = "change_points", behind
    elif in_percent:
        measure, gap = "ratio_points", behind
    else:
        measure, gap = "level_percent", _percent(behind, bound.exact)
    met = bound.holds_judged(exact)
    words = {"grade_steps": "behind_steps", "level_percent": "behind_percent"}
    said.append("on_course" if behind == 0 else _said(words.get(measure, "behind_bound_points"), _shown(gap)))
    return _Finding(met, gap, measure, doubt=met != bound.holds(exact), schedule=bound.exact, reasons=tuple(said))


def _ratio(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    """Judge a ratio; where the things behind it are counted, say how many more must count or may still fail."""
    part, whole = evidence.part, evidence.whole
    if part is None or not whole or promise.unit != "%":
        return _compared(promise, evidence, method, value, as_of, on)
    bound, exact = _bound_of(promise, method), Fraction(part * 100, whole)
    down = bound.turn > 0
    strict = day_budget(as_decimal(bound.exact, 12), part, whole, 0, downward=down, included=bound.included)
    judged = day_budget(as_decimal(bound.judged, 12), part, whole, 0, downward=down, included=bound.judged_included)
    behind = max(Fraction(0), bound.behind(exact))
    met = bound.holds_judged(exact)
    said = [_said("things_counted", f"{part}/{whole}")]
    if whole < method.small_whole:
        said.append(_said("small_numbers", _shown(Fraction(100, whole))))
    said.append("on_course" if behind == 0 else _said("behind_bound_points", _shown(behind)))
    lack = -strict[1] if down else strict[0]
    said.append(_said("things_lacking", lack) if lack > 0 else _said("things_spare", strict[1] if down else -strict[0]))
    days = 0 if promise.days is None else elapsed_days(promise, as_of)[1]
    remaining = Remaining(
        "things",
        days,
        Decimal(max(-strict[1] if down else strict[0], 0)),
        Decimal(max(-judged[1] if down else judged[0], 0)),
        spare=Decimal(max(strict[1] if down else -strict[0], 0)),
        spare_judged=Decimal(max(judged[1] if down else -judged[0], 0)),
    )
    return _Finding(
        met,
        behind,
        "ratio_points",
        doubt=met != bound.holds(exact),
        schedule=bound.exact,
        remaining=remaining,
        reasons=tuple(said),
    )


def _percentile(
    promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date
) -> _Finding:
    """Judge a percentile of days: compared directly, and decided once the days beyond the bound decide it."""
    found = _compared(promise, evidence, method, value, as_of, on)
    beyond, percent = evidence.beyond, promise.percentile
    if beyond is None or percent is None or evidence.samples is None or promise.period_end is None:
        return found
    _, left = elapsed_days(promise, as_of)
    bound = _bound_of(promise, method)
    if left == 0 or bound.turn < 0:
        return found
    most = percentile_budget(percent, evidence.samples + left)
    spare, spare_judged = most[0] - beyond[0], most[0] - beyond[1]
    decided = False if beyond[1] > most[1] else True if beyond[1] + left <= most[0] else None
    said = [_said("beyond_days", beyond[0]), _said("days_left", left)]
    if decided is None and spare >= 0:
        said.append(_said("beyond_spare", spare))
    elif decided is None:
        said.append("beyond_spent")
    elif decided is False:
        said.append("cannot_be_reached")
    return replace(
        found,
        decided=decided,
        doubt=found.doubt or (decided is not None and (beyond[0] > most[1]) != (beyond[1] > most[1])),
        remaining=Remaining(
            "days",
            left,
            Decimal(max(left - spare, 0)),
            Decimal(max(left - spare_judged, 0)),
            spare=Decimal(spare),
            spare_judged=Decimal(spare_judged),
            is_reachable=decided is not False,
        ),
        reasons=(*found.reasons, *said),
    )


def _deed(promise: Promise, evidence: Evidence, method: Method, value: Decimal, as_of: date, on: date) -> _Finding:
    """Judge a deed: done, late, overdue, or not yet due."""
    end = promise.period_end or date.max
    late = (as_of - end).days
    if value >= 1:
        done = late <= 0
        said = [_said("deed_done", as_of), *([] if done else [_said("deed_late", late)])]
        return _Finding(done, Fraction(max(late, 0)), "days_late", decided=done, reasons=tuple(said))
    days = (on - end).days
    word = _said("deed_overdue", days) if days > 0 else _said("deed_days_left", -days)
    said = ["deed_not_done", word, *([_said("deed_owed", _lead(promise))] if days > 0 else [])]
    # a report of the last day or later is certain; an older one leaves open that the deed was done since
    certain = False if late > 0 or (late == 0 and days > 0) else None
    return _Finding(False, Fraction(days), "days_late", decided=certain, is_red=days > 0, reasons=tuple(said))


_KINDS: dict[Kind, Callable[[Promise, Evidence, Method, Decimal, date, date], _Finding]] = {
    Kind.MEAN: _mean,
    Kind.DAY_RATIO: _day_ratio,
    Kind.DAY_COUNT: _to_amount,
    Kind.AMOUNT: _to_amount,
    Kind.DEED: _deed,
    Kind.LEVEL: _compared,
    Kind.PERCENTILE: _percentile,
    Kind.RATIO: _ratio,
    Kind.CHANGE: _compared,
    Kind.KEEP_AT: _compared,
    Kind.GRADE: _compared,
}


# --- words --------------------------------------------------------------------------------------------------------


def _said(code: str, value: object) -> str:
    """Make a reason; what would break its form is written in full width."""
    return (
        f"{code}({re.sub(r'[();,]', lambda found: dict(zip('();,', '（）；，', strict=True))[found[0]], str(value))})"
    )


def _shown(exact: Fraction) -> str:
    return format(as_decimal(exact, _SHOWN), "f")


def _figure(exact: Fraction, promise: Promise) -> str:
    small = exact != 0 and abs(exact) < 1
    number = format(as_decimal(exact, 4 if small else _SHOWN), "f")
    return number + (promise.unit if promise.unit.startswith("%") else f" {promise.unit}").rstrip()


def _lead(promise: Promise) -> str:
    return promise.lead or "牵头单位"
