"""A verdict told in a paragraph (口头说明) that an officer can read out at a meeting: plain sentences, no codes.

Who promised what, the value to date and what it rests on, what the schedule asks, what remains in both readings of
rounding, kept or not, by which standard, and what is not confirmed. The sentences are data in
``rulebook/messages/verdict_sentences.csv``; nothing is computed here that the verdict does not hold.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files

import polars as pl

from heqing.editions import table
from heqing.tables import explain
from heqing.verdicts.calendars import name_of_period
from heqing.verdicts.course import as_decimal
from heqing.verdicts.judgement import Light, Remaining, Verdict
from heqing.verdicts.promises import COMPLETE, METHOD, Kind, Promise

_COUNTED = frozenset({Kind.AMOUNT, Kind.DAY_COUNT})
_COMPARED = frozenset({Kind.LEVEL, Kind.PERCENTILE, Kind.RATIO, Kind.CHANGE, Kind.KEEP_AT, Kind.GRADE})
# What the sentences of this file say by themselves; every other reason is said in its own words.
_TOLD = frozenset(
    [
        "value_is",
        "value_as_of",
        "schedule_is",
        "schedule_is_planned",
        "schedule_is_profile",
        "on_schedule",
        "behind_points",
        "on_course",
        "behind_bound_points",
        "behind_percent",
        "behind_steps",
        "still_to_do",
        "allowance_left",
        "over_by",
        "days_left",
        "remaining_at_most",
        "remaining_at_least",
        "remaining_judged",
        "remaining_judged_open",
        "cannot_be_reached",
        "days_needed",
        "days_spare",
        "free_days_needed",
        "days_allowed",
        "things_counted",
        "things_lacking",
        "things_spare",
        "beyond_spare",
        "beyond_spent",
        "met_already",
        "missed_already",
        "met_at_end",
        "missed_at_end",
    ]
)
_OUTCOMES = ("met_at_end", "missed_at_end", "met_already", "missed_already")
_THINGS = re.compile(r"(?:^|;)things_counted\((\d+)/(\d+)\)")
_BETWEEN = re.compile(r"(?<=[一-龥）”]) (?=[一-龥（“])")  # a blank between two Chinese characters
_EACH = re.compile(r"(?:^|;)each_[a-z_]+(?:;|$)")


@dataclass(frozen=True)
class Telling:
    """What a paragraph names that a verdict does not know.

    Parameters
    ----------
    title : str
        What is promised, in the words of the document.
    document : str
        Name of the document that promises it; empty where there is none.
    statistic : str
        What the instruments were asked for, to name what a share counts; empty for none.
    counts_months : bool
        Whether the samples are months of sections; days otherwise.
    scheme_name : str
        Name of the light scheme.
    scheme_is_proposal : bool
        Whether the scheme has no outside source.
    note : str
        What lacks and who owes it, where somebody wrote it down.
    """

    title: str
    document: str = ""
    statistic: str = ""
    counts_months: bool = False
    scheme_name: str = ""
    scheme_is_proposal: bool = False
    note: str = ""


@cache
def _sentences() -> dict[str, tuple[str, str]]:
    text = files("heqing.rulebook").joinpath("messages/verdict_sentences.csv").read_text(encoding="utf-8")
    return {r["code"]: (r["zh"], r["en"]) for r in csv.DictReader(text.splitlines())}


@cache
def _counted_words(statistic: str, language: str) -> tuple[str, str]:
    """Name the things a statistic counts, and what is said of those that count."""
    rows = table(METHOD, "counted_words").filter(pl.col("statistic") == statistic)
    if rows.is_empty():
        return "", ""
    return rows[f"things_{language}"][0] or "", rows[f"hit_{language}"][0]


def tell(promise: Promise, verdict: Verdict, telling: Telling, *, on: date, language: str = "zh") -> list[str]:
    """Tell a verdict in plain sentences.

    Parameters
    ----------
    promise : Promise
        What is promised.
    verdict : Verdict
        What was found.
    telling : Telling
        Names that the verdict does not hold.
    on : date
        The day of the verdict.
    language : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        Sentences in the order in which they are read out, none of them empty.

    Examples
    --------
    >>> from heqing.verdicts import Evidence, judge
    >>> year = Promise(Kind.AMOUNT, ">=", Decimal(24), date(2026, 1, 1), date(2026, 12, 31), unit="公里", lead="水利局")
    >>> day = date(2026, 11, 22)
    >>> found = judge(year, Evidence(Decimal(20), day), on=day)
    >>> tell(year, found, Telling("新建污水管网"), on=day)[2]
    '按时间均摊，到这一天应达到 21.44 公里，落后 5.98 个百分点。'
    """
    teller = _Teller(promise, verdict, telling, on, language)
    return [sentence for sentence in teller.all() if sentence]


class _Teller:
    """The sentences of one verdict in one language."""

    def __init__(self, promise: Promise, verdict: Verdict, telling: Telling, on: date, language: str) -> None:
        self.promise, self.verdict, self.telling, self.on, self.language = promise, verdict, telling, on, language
        self.codes = [part.split("(")[0] for part in verdict.reason.split(";")]
        self.things = _THINGS.search(verdict.reason)

    def all(self) -> list[str]:
        promised = self._promised()
        if _EACH.search(self.verdict.reason):
            return [promised, self._explain(self.verdict.reason), self._outcome(), *self._grounds()]
        if self.verdict.value is None:
            why = self.telling.note if self.language == "zh" and self.telling.note else ""
            return [promised, why or self._explain(self.verdict.reason), self._outcome()]
        if self.promise.kind is Kind.DEED:
            return [promised, self._explain(self.verdict.reason), self._outcome(), *self._grounds()]
        return [
            promised,
            self._value(),
            *self._standing(),
            self._rest(),
            self.telling.note if self.language == "zh" else "",
            self._left(),
            self._outcome(),
            *self._grounds(),
        ]

    # --- what was promised, and the value -------------------------------------------------------------------------

    def _promised(self) -> str:
        first, last = self.promise.period_start, self.promise.period_end
        if first is not None and last is not None:
            period = name_of_period(first, last, self.language)
        elif first is not None:
            period = f"{self._day(first)} 起" if self.language == "zh" else f"{first} onwards"
        else:
            period = self._say("period_unknown")
        named = {"period": period, "title": self.telling.title, "lead": self.promise.lead, "demand": self._demand()}
        if self.promise.kind is Kind.DEED or self.promise.comparator == COMPLETE:
            code = "promised_deed_by_document" if self.telling.document else "promised_deed"
            return self._say(code, document=self.telling.document, **named)
        if self.telling.document:
            return self._say("promised_by_document", document=self.telling.document, **named)
        return self._say("promised", **named)

    def _demand(self) -> str:
        kind, comparator = self.promise.kind, self.promise.comparator
        if kind is Kind.DEED or comparator == COMPLETE:
            return ""
        if self.promise.bound is None:
            return self._say("demand_unknown")
        if kind in _COUNTED and self.promise.bound == 0 and comparator == "<=":
            return self._say("demand.none")
        group = "amount." if kind in _COUNTED else "grade." if kind is Kind.GRADE else ""
        code = f"demand.{group}{comparator}"
        code = code if code in _sentences() else f"demand.{comparator}"
        return self._say(code, bound=self._figure(self.promise.bound))

    def _value(self) -> str:
        kind, verdict = self.promise.kind, self.verdict
        named = {
            "first": self._day(self.promise.period_start),
            "as_of": self._day(verdict.as_of),
            "value": self._figure(verdict.value),
            "resting": self._resting(),
        }
        if self.things:
            part, whole = self.things.groups()
            return self._say("value.things", part=part, whole=whole, things=self._things(), hit=self._hit(), **named)
        if kind is Kind.DAY_RATIO and verdict.value is not None:
            if not verdict.samples:
                return self._say("value.other", **named)
            hits = round(Fraction(verdict.value) * verdict.samples / 100)
            return self._say("value.day_ratio", samples=verdict.samples, hits=hits, hit=self._hit(), **named)
        code = f"value.{kind.value}"
        return self._say(code if code in _sentences() else "value.other", **named)

    def _resting(self) -> str:
        if not self.verdict.expected or self.verdict.samples is None:
            return ""
        code = "resting.months" if self.telling.counts_months else "resting.days"
        return self._say(code, samples=self.verdict.samples, expected=self.verdict.expected)

    # --- against the schedule or the bound ------------------------------------------------------------------------

    def _standing(self) -> list[str]:
        kind, verdict, bound = self.promise.kind, self.verdict, self.promise.bound
        if "too_few_samples" in self.codes:
            return []
        gap = "" if verdict.gap is None else self._number(verdict.gap, fine=False)
        if kind in _COUNTED:
            if verdict.met is not None or not verdict.schedule_basis:
                return []
            way = "down" if self.promise.is_downward else "up"
            stands = "kept" if not verdict.gap else "behind"
            basis = self._say(f"basis.{verdict.schedule_basis}")
            return [
                self._say(
                    f"schedule.{way}.{stands}", basis=basis, schedule=self._figure(verdict.schedule_value), gap=gap
                )
            ]
        if kind in (Kind.MEAN, Kind.DAY_RATIO) and bound is not None and verdict.value is not None:
            distance = verdict.value - bound
            fine = abs(verdict.value) < 1
            code = "equal" if not distance else "above" if distance > 0 else "below"
            said = [
                self._say(
                    f"standing.{code}",
                    bound=self._figure(bound),
                    distance=self._figure(abs(distance), points=True, fine=fine),
                )
            ]
            effort = f"effort.{verdict.measure}"
            if verdict.met is None and verdict.gap and effort in _sentences() and self._is_reachable():
                said.append(self._say(effort, gap=gap))
            return said
        if kind in _COMPARED and verdict.met is None:
            if not verdict.gap:
                return [self._say("standing.kept")]
            code = f"standing.{verdict.measure}"
            return [self._say(code, gap=gap)] if code in _sentences() else []
        return []

    def _is_reachable(self) -> bool:
        return self.verdict.remaining is None or self.verdict.remaining.is_reachable

    # --- what remains, in both readings ---------------------------------------------------------------------------

    def _left(self) -> str:
        left = self.verdict.remaining
        if left is None:
            return ""
        way = "down" if self.promise.is_downward else "up"
        if left.kind == "amount":
            return self._left_amount(left)
        if left.kind == "allowance":
            if not left.is_reachable and self.promise.bound is not None and self.verdict.value is not None:
                return self._say("left.over", over=self._figure(self.verdict.value - self.promise.bound))
            judged = self._amount_judged(left)
            return (
                ""
                if self.verdict.met
                else self._say(
                    "left.allowance", strict=self._figure(left.strict), days=self._days(left.days), judged=judged
                )
            )
        if left.kind == "things":
            return self._left_things(left)
        if self.verdict.met is not None and left.is_reachable:
            return ""
        if not left.is_reachable:
            return self._say("left.lost", days=self._days(left.days))
        if left.kind == "mean":
            code = "judged.included" if left.judged_included else "judged.open"
            judged = self._reading(code, left.judged != left.strict, judged=self._figure(left.judged))
            return self._say(
                f"left.mean.{way}", days=self._days(left.days), strict=self._figure(left.strict), judged=judged
            )
        return self._left_days(left, way)

    def _left_amount(self, left: Remaining) -> str:
        if left.strict == 0:
            return "" if self.verdict.met is not None else self._say("left.amount_done", days=self._days(left.days))
        judged = self._amount_judged(left)
        return self._say("left.amount", strict=self._figure(left.strict), days=self._days(left.days), judged=judged)

    def _amount_judged(self, left: Remaining) -> str:
        same = left.judged == left.strict  # an amount is seldom rounded: said only where it matters
        return "" if same else self._say("judged.amount", judged=self._figure(left.judged))

    def _left_days(self, left: Remaining, way: str) -> str:
        spare, spare_judged = (
            max(left.spare or Decimal(0), Decimal(0)),
            max(left.spare_judged or Decimal(0), Decimal(0)),
        )
        named = {"days": self._days(left.days), "spare": spare, "spare_judged": spare_judged}
        if self.promise.kind is Kind.PERCENTILE:
            if left.spare is not None and left.spare < 0:
                return self._say("left.beyond_spent", **named)
            judged = self._reading("judged.spare", spare != spare_judged, spare_judged=spare_judged)
            return self._say("left.beyond", judged=judged, **named)
        if way == "down":
            judged = self._reading("judged.spare", spare != spare_judged, spare_judged=spare_judged)
            return self._say("left.days.down", judged=judged, **named)
        needed, needed_judged = max(left.strict, Decimal(0)), max(left.judged, Decimal(0))
        differs = (spare, needed) != (spare_judged, needed_judged)
        judged = self._reading("judged.days", differs, judged=needed_judged, spare_judged=spare_judged)
        return self._say("left.days.up", strict=needed, judged=judged, **named)

    def _left_things(self, left: Remaining) -> str:
        lacks = left.strict > 0
        one, other = (left.strict, left.judged) if lacks else (left.spare, left.spare_judged)
        judged = self._reading("judged.things", one != other, judged=other)
        code = "left.things_lack" if lacks else "left.things_spare"
        return self._say(code, strict=left.strict, spare=left.spare, things=self._things(), judged=judged)

    def _reading(self, code: str, differs: bool, **named: object) -> str:
        return self._say(code if differs else "judged.same", **named)

    # --- the outcome and what it rests on -------------------------------------------------------------------------

    def _rest(self) -> str:
        parts = [part for part in self.verdict.reason.split(";") if part and part.split("(")[0] not in _TOLD]
        return self._explain(";".join(parts))

    def _outcome(self) -> str:
        verdict, end = self.verdict, self.promise.period_end
        for code in _OUTCOMES:
            if code in self.codes:
                return self._say(f"outcome.{code}")
        if verdict.met is not None:
            return self._say("outcome.done" if verdict.met else "outcome.not_done")
        light = self._say(f"light.{Light(verdict.light).value}")
        if end is None:
            return self._say("outcome.open_end", light=light)
        return self._say("outcome.over" if self.on > end else "outcome.open", end=self._day(end), light=light)

    def _grounds(self) -> list[str]:
        verdict, telling = self.verdict, self.telling
        said = []
        if verdict.edition:
            said.append(self._say("ground.value", ground=verdict.ground))
        left = verdict.remaining
        if left is not None and (left.judged, left.spare_judged) != (left.strict, left.spare) and self._left():
            said.append(self._say("doubt.rounding"))
        if verdict.unconfirmed:
            said.append(self._say("doubt.value"))
        if verdict.met is None and verdict.light is not Light.GREY and telling.scheme_name and verdict.light_clause:
            clause = self._clause(f"（{verdict.light_clause}）" if self.language == "zh" else "")
            doubt = "_proposal" if telling.scheme_is_proposal else "_unconfirmed"
            code = f"ground.light{doubt if verdict.light_unconfirmed else ''}"
            said.append(self._say(code, scheme=telling.scheme_name, clause=clause.strip()))
        return said

    def _clause(self, clause: str) -> str:
        return f" {clause}" if clause else ""

    # --- words ----------------------------------------------------------------------------------------------------

    def _explain(self, reason: str) -> str:
        said = explain(reason, self.language)
        if self.language == "zh":
            return _BETWEEN.sub("", said)
        return said.replace(f" {self.promise.unit}", f" {self._unit()}") if self.promise.unit else said

    def _say(self, code: str, **named: object) -> str:
        said = _sentences()[code][0 if self.language == "zh" else 1].format(**named)
        return _BETWEEN.sub("", said) if self.language == "zh" else said

    def _day(self, day: date | None) -> str:
        return "" if day is None else name_of_period(day, day, self.language)

    def _days(self, days: int) -> str:
        as_of = self.verdict.as_of  # the days that are left count from the value's day, which may be long ago
        old = as_of is not None and (self.on - as_of).days > 1
        return self._say("days_from_value" if old else "days", days=days)

    def _things(self) -> str:
        return _counted_words(self.telling.statistic, self.language)[0] or self._say("things.default")

    def _hit(self) -> str:
        return _counted_words(self.telling.statistic, self.language)[1] or self._say("hit.default")

    def _unit(self) -> str:
        code = f"unit.{self.promise.unit}"
        return self._say(code) if code in _sentences() else self.promise.unit

    def _number(self, exact: Decimal, *, fine: bool | None = None) -> str:
        """Write a figure to two decimals, to four where it is fine: by itself, a figure below one."""
        fine = abs(exact) < 1 if fine is None else fine
        return format(as_decimal(Fraction(exact), 4 if fine else 2), "f")

    def _figure(self, exact: Decimal | None, *, points: bool = False, fine: bool | None = None) -> str:
        if exact is None:
            return ""
        unit = self._say("unit.个百分点") if points and self.promise.unit == "%" else self._unit()
        return self._number(exact, fine=fine) + (unit if unit.startswith("%") else f" {unit}").rstrip()
