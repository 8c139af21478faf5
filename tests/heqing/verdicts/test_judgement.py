"""Verdicts of every kind of promise: decided or not, light, what remains, what is missing and who owes it."""

from __future__ import annotations

import importlib
import inspect
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpydoc.validate import validate
from tests.heqing.verdicts.promised import END, START, promise, verdict

from heqing.errors import UnknownNameError
from heqing.tables import explain, reason_codes
from heqing.verdicts import Evidence, Kind, Promise, Verdict, judge, scheme_names

ORDER = {"green": 0, "yellow": 1, "red": 2}
AFTER = date(2026, 2, 1)
COMPARATORS = {
    Kind.MEAN: [">=", "<=", "<", ">", "~"],
    Kind.LEVEL: [">=", "<=", "<", ">"],
    Kind.PERCENTILE: ["<=", "<"],
    Kind.DAY_RATIO: [">=", "<=", "<", ">"],
    Kind.DAY_COUNT: [">=", "<=", "<", ">"],
    Kind.RATIO: [">=", "<="],
    Kind.AMOUNT: [">=", "<=", ">", "<", "~", "=="],
    Kind.CHANGE: ["+%", "-%", "+", "-"],
    Kind.KEEP_AT: ["==", "~"],
    Kind.GRADE: ["<=", ">="],
    Kind.DEED: ["complete"],
}
PAIRS = [(k, c) for k, cs in COMPARATORS.items() for c in cs]
values = st.decimals(0, 120, places=1)


@st.composite
def promises(draw: Any) -> Promise:
    kind, comparator = draw(st.sampled_from(PAIRS))
    return promise(
        kind,
        comparator,
        None if kind is Kind.DEED else str(draw(st.decimals(0, 100, places=1))),
        better=draw(st.sampled_from(["up", "down"])),
        unit=draw(st.sampled_from(["%", "家", ""])),
    )


@given(
    of=promises(), a=values, b=values, day=st.integers(0, 364), later=st.integers(0, 200),
    scheme=st.sampled_from(sorted(scheme_names())), usual=st.none() | values, places=st.sampled_from([None, 0, 1]),
)  # fmt: skip
def test_better_value_never_gives_a_worse_light(
    of: Promise, a: Decimal, b: Decimal, day: int, later: int, scheme: str, usual: Decimal | None, places: int | None
) -> None:
    worse, better = (max(a, b), min(a, b)) if of.is_downward else (min(a, b), max(a, b))
    as_of = START + timedelta(days=day)
    lights = [
        verdict(
            of, str(v), as_of=as_of, on=as_of + timedelta(days=later), scheme=scheme, usual=usual, places=places
        ).light
        for v in (better, worse)
    ]
    if "grey" not in lights:
        assert ORDER[lights[0]] <= ORDER[lights[1]]


@given(
    of=promises(), value=st.none() | values, day=st.integers(-30, 400), later=st.integers(0, 100),
    places=st.sampled_from([None, 0, 1]),
)  # fmt: skip
def test_grey_has_a_reason_and_every_reason_has_its_sentences(
    of: Promise, value: Decimal | None, day: int, later: int, places: int | None
) -> None:
    as_of = START + timedelta(days=day)
    found = verdict(
        of, None if value is None else str(value), as_of=as_of, on=as_of + timedelta(days=later), places=places
    )
    assert found.reason
    assert (found.met is None) or found.light == ("green" if found.met else "red")
    codes = {part.split("(")[0] for part in found.reason.split(";")}
    assert codes <= set(reason_codes())
    for language in ("zh", "en"):
        assert "{}" not in found.sentence(language)
    if found.light == "grey":
        owed = {
            "value_missing",
            "value_missing_after_end",
            "value_ends_early",
            "value_before_start",
            "period_not_begun",
        }
        assert codes & owed


@given(of=promises(), value=values, day=st.integers(0, 363), rest=st.data())
def test_what_is_decided_before_the_end_stays_so_whatever_the_last_day_brings(
    of: Promise, value: Decimal, day: int, rest: st.DataObject
) -> None:
    if of.kind not in (Kind.MEAN, Kind.DAY_COUNT, Kind.AMOUNT):
        return
    past, left = day + 1, 364 - day
    if of.kind is Kind.DAY_COUNT:
        value = Decimal(min(int(value), past))
    found = verdict(of, str(value), as_of=START + timedelta(days=day))
    if found.met is None:
        return
    if of.kind is Kind.MEAN:
        to_come = rest.draw(values)
        last = (value * past + to_come * left) / (past + left)
    else:
        last = value + (Decimal(rest.draw(st.integers(0, left))) if of.kind is Kind.DAY_COUNT else rest.draw(values))
    assert verdict(of, str(last), as_of=END).met is found.met


@given(
    ratio=st.decimals(0, 100, places=1), comparator=st.sampled_from([">=", "<=", ">", "<"]),
    places=st.sampled_from([None, 0, 1]), day=st.integers(0, 363), rest=st.data(),
)  # fmt: skip
def test_decided_share_of_days_stays_so_whatever_days_come(
    ratio: Decimal, comparator: str, places: int | None, day: int, rest: st.DataObject
) -> None:
    of = promise(Kind.DAY_RATIO, comparator, str(ratio), unit="%")
    past, part = day + 1, rest.draw(st.integers(0, day + 1))
    as_of = START + timedelta(days=day)
    found = verdict(of, str(Decimal(100 * part) / past), as_of=as_of, part=part, samples=past, places=places)
    if found.met is None:
        return
    valid = rest.draw(st.integers(0, 364 - day))  # some of the days to come may lack a value
    part, past = part + rest.draw(st.integers(0, valid)), past + valid
    last = verdict(of, str(Decimal(100 * part) / past), as_of=END, part=part, samples=past, places=places)
    assert last.met is found.met


def test_deed_without_a_deadline_is_met_when_done_and_grey_until_then() -> None:
    of = promise(Kind.DEED, "complete", None, period_start=None, period_end=None)
    assert verdict(of, 1).met is True
    assert verdict(of, 0).reason == "period_missing(区水利局)"


@pytest.mark.parametrize("kind", [k for k in Kind if k not in (Kind.DEED, Kind.AMOUNT, Kind.DAY_COUNT, Kind.MEAN)])
def test_what_is_compared_directly_is_not_told_before_the_end(kind: Kind) -> None:
    comparator = COMPARATORS[kind][0]
    if kind is Kind.DAY_RATIO:
        return
    assert verdict(promise(kind, comparator, 50), 50, as_of=date(2025, 12, 30)).met is None
    assert verdict(promise(kind, comparator, 50), 60, as_of=END).met is not None


# --- missing ------------------------------------------------------------------------------------------------------


def test_masked_bound_is_grey_and_names_who_owes_it() -> None:
    found = verdict(promise(Kind.AMOUNT, ">=", None), 10)
    assert (found.light, found.met, found.schedule_value) == ("grey", None, None)
    assert found.sentence() == "目标值不明（原文遮盖或缺失），请 区水利局 补录。"


def test_everything_that_is_missing_is_said_at_once() -> None:
    found = verdict(promise(Kind.AMOUNT, ">=", None, period_start=None, period_end=None), None, source="填报")
    assert [r.split("(")[0] for r in found.reason.split(";")] == [
        "bound_missing", "period_missing", "value_missing", "value_source"
    ]  # fmt: skip


def test_deed_nobody_reported_is_grey_before_and_after_its_deadline() -> None:
    of = promise(Kind.DEED, "complete", None)
    assert verdict(of, None, on=date(2025, 5, 1)).reason == "value_missing(区水利局)"
    assert verdict(of, None, on=AFTER).reason == "value_missing_after_end(区水利局)"


def test_promise_whose_period_has_not_begun_is_grey() -> None:
    found = verdict(promise(Kind.AMOUNT, ">=", 10), None, on=date(2024, 12, 31))
    assert found.reason == "period_not_begun(2025-01-01)"


def test_value_of_before_the_period_is_no_value_of_it() -> None:
    assert "value_before_start" in verdict(promise(Kind.RATIO, ">=", 10), 20, as_of=date(2024, 12, 31), on=START).reason


@pytest.mark.parametrize(("samples", "light"), [(74, "grey"), (75, "green"), (76, "green")])
def test_too_few_samples_say_nothing(samples: int, light: str) -> None:
    found = verdict(promise(Kind.MEAN, "<=", 30), 25, samples=samples, expected=100)
    assert found.light == light
    assert ("too_few_samples" in found.reason) is (light == "grey")


def test_value_that_does_not_reach_the_end_is_grey_after_it_unless_decided() -> None:
    of = promise(Kind.AMOUNT, ">=", 100)
    assert "value_ends_early" in verdict(of, 99, as_of=date(2025, 11, 30), on=AFTER).reason
    assert verdict(of, 100, as_of=date(2025, 11, 30), on=AFTER).met is True


def test_value_of_after_the_end_counts_and_is_marked() -> None:
    found = verdict(promise(Kind.AMOUNT, ">=", 100), 90, as_of=AFTER)
    assert (found.met, found.unconfirmed) == (False, True)


def test_change_against_nothing_cannot_be_counted() -> None:
    found = verdict(promise(Kind.CHANGE, "-%", 5, baseline=Decimal(0)), 3)
    assert (found.light, "baseline_is_zero" in found.reason) == ("grey", True)


def test_open_period_is_judged_by_its_present_state_only_where_no_schedule_is_needed() -> None:
    assert verdict(promise(Kind.RATIO, ">=", 95, period_end=None), 96).light == "green"
    assert verdict(promise(Kind.RATIO, ">=", 95, period_end=None), 96).met is None
    assert verdict(promise(Kind.AMOUNT, ">=", 95, period_end=None), 96).light == "grey"


# --- kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparator", "value", "met"),
    [
        (">=", "85", True), (">=", "84.9", False), (">", "85", False), (">", "85.1", True),
        ("<=", "85", True), ("<=", "85.1", False), ("<", "85", False), ("<", "84.9", True),
    ],
)  # fmt: skip
def test_comparison_at_the_end_below_at_and_above(comparator: str, value: str, met: bool) -> None:
    assert verdict(promise(Kind.LEVEL, comparator, 85), value, as_of=END).met is met


@pytest.mark.parametrize(
    ("bound", "value", "met", "unconfirmed"),
    [(25, "25", True, False), (25, "25.4", True, True), (25, "25.5", False, False), (30, "30.5", True, True)],
)
def test_mean_is_judged_as_rounded_and_says_where_that_decides(
    bound: int, value: str, met: bool, unconfirmed: bool
) -> None:
    found = verdict(promise(Kind.MEAN, "<=", bound), value, as_of=END, places=0)
    assert (found.met, found.unconfirmed, "judged_by_rounding" in found.reason) == (met, unconfirmed, unconfirmed)


def test_mean_shows_both_readings_of_rounding() -> None:
    of = promise(Kind.MEAN, "<=", 25)
    left = verdict(of, 26, as_of=date(2025, 7, 1), places=0).remaining
    assert left is not None
    assert (left.kind, left.days, left.judged_included) == ("mean", 183, False)
    assert left.strict < left.judged


def test_missing_days_count_neither_in_the_mean_nor_in_the_year() -> None:
    of = promise(Kind.MEAN, "<=", 25)
    full = verdict(of, 26, as_of=date(2025, 7, 1)).remaining
    gaps = verdict(of, 26, as_of=date(2025, 7, 1), samples=146, expected=182).remaining
    assert full is not None
    assert gaps is not None
    assert gaps.strict == pytest.approx((Decimal(25) * (146 + 183) - 26 * 146) / 183, abs=Decimal("0.000001"))
    assert gaps.strict > full.strict


def test_months_of_water_weigh_as_the_days_they_cover() -> None:
    of = promise(Kind.MEAN, "<=", "0.2")
    by_months = verdict(of, "0.21", as_of=date(2025, 6, 30), samples=6, expected=6).remaining
    assert by_months == verdict(of, "0.21", as_of=date(2025, 6, 30)).remaining


def test_mean_on_course_by_what_the_same_days_had_last_year() -> None:
    of = promise(Kind.MEAN, "<=", 25)
    assert verdict(of, 26).light == "yellow"
    assert verdict(of, 26, usual=Decimal(20)).light == "green"


@pytest.mark.parametrize(
    ("good", "met", "light"), [(85, True, "green"), (84, None, "green"), (80, None, "yellow"), (74, False, "red")]
)
def test_share_of_days_is_decided_as_soon_as_its_budget_is_spent_or_filled(
    good: int, met: bool | None, light: str
) -> None:
    of = promise(Kind.DAY_RATIO, ">=", 85, period_end=date(2025, 4, 10), unit="%")
    counted = 98 if good == 84 else 95 if good == 80 else 99 if good == 85 else 90
    found = verdict(
        of, str(Decimal(100 * good) / counted), as_of=START + timedelta(days=counted - 1), part=good, samples=counted
    )
    assert (found.met, found.light) == (met, light)


def test_good_days_that_can_no_longer_be_had_are_certain() -> None:
    of = promise(Kind.DAY_COUNT, ">=", 300)
    assert verdict(of, 117, as_of=date(2025, 7, 1)).met is None  # 183 days left
    assert verdict(of, 116, as_of=date(2025, 7, 1)).met is False


@pytest.mark.parametrize(("value", "met", "light"), [(4, None, "yellow"), (5, None, "yellow"), (6, False, "red")])
def test_allowance_below_at_and_above(value: int, met: bool | None, light: str) -> None:
    found = verdict(promise(Kind.AMOUNT, "<=", 5, unit="天"), value, as_of=date(2025, 10, 1))
    assert (found.met, found.light) == (met, light)
    assert found.remaining is not None
    assert found.remaining.strict == max(5 - value, 0)


def test_zero_at_most_is_missed_with_the_first() -> None:
    of = promise(Kind.AMOUNT, "<=", 0, unit="次")
    assert (verdict(of, 0).light, verdict(of, 0).met) == ("green", None)
    assert (verdict(of, 1).light, verdict(of, 1).met) == ("red", False)


@pytest.mark.parametrize(
    ("comparator", "value", "met"), [("-%", "-5", True), ("-%", "-4.9", False), ("+%", "5", True), ("+%", "4.9", False)]
)
def test_change_is_taken_with_its_sign(comparator: str, value: str, met: bool) -> None:
    assert verdict(promise(Kind.CHANGE, comparator, 5), value, as_of=END).met is met


def test_change_is_counted_from_the_baseline() -> None:
    found = verdict(promise(Kind.CHANGE, "-%", 10, baseline=Decimal(40)), 36, as_of=END)
    assert found.met is True
    assert "change_is(-10%)" in found.reason


@pytest.mark.parametrize(("value", "met"), [("95", True), ("94.9", False)])
def test_about_allows_its_declared_part(value: str, met: bool) -> None:
    assert verdict(promise(Kind.KEEP_AT, "~", 100), value, as_of=END).met is met


@pytest.mark.parametrize(("value", "light"), [(3, "green"), (4, "yellow"), (5, "red")])
def test_grade_by_steps(value: int, light: str) -> None:
    assert verdict(promise(Kind.GRADE, "<=", 3, better="down"), value).light == light


@pytest.mark.parametrize(
    ("on", "light"),
    [
        (date(2025, 12, 1), "green"), (date(2025, 12, 2), "yellow"), (date(2025, 12, 31), "yellow"),
        (date(2026, 1, 1), "red"),
    ],
)  # fmt: skip
def test_deed_not_done_by_the_days_to_its_deadline(on: date, light: str) -> None:
    found = verdict(promise(Kind.DEED, "complete", None), 0, as_of=date(2025, 11, 30), on=on)
    assert (found.light, found.met) == (light, None)


def test_deed_is_missed_for_certain_only_by_a_report_of_its_last_day_or_later() -> None:
    of = promise(Kind.DEED, "complete", None)
    assert verdict(of, 0, as_of=END, on=END).met is None
    assert verdict(of, 0, as_of=END, on=AFTER).met is False
    assert verdict(of, 1, as_of=END, on=AFTER).met is True
    late = verdict(of, 1, as_of=AFTER)
    assert (late.met, late.light) == (False, "red")
    assert "deed_late(32)" in late.reason


@pytest.mark.parametrize("kind", list(Kind))
def test_period_of_one_day(kind: Kind) -> None:
    comparator = COMPARATORS[kind][0]
    bound = None if kind is Kind.DEED else 1
    found = verdict(promise(kind, comparator, bound, period_end=START), 1, as_of=START)
    assert found.met is (comparator != "-%")


def test_leap_day_is_a_day_of_the_period() -> None:
    leap = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}
    left = verdict(promise(Kind.MEAN, "<=", 25, **leap), 25, as_of=date(2024, 2, 29)).remaining
    assert left is not None
    assert (left.days, left.strict) == (306, 25)


# --- form ---------------------------------------------------------------------------------------------------------


def test_evidence_of_a_later_day_is_refused() -> None:
    with pytest.raises(ValueError, match="later than the verdict"):
        verdict(promise(Kind.RATIO, ">=", 1), 1, as_of=date(2025, 7, 2), on=date(2025, 7, 1))


@pytest.mark.parametrize("bad", ["NaN", "Infinity"])
def test_numbers_that_are_none_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Evidence(Decimal(bad), START)
    with pytest.raises(ValueError, match="finite"):
        promise(Kind.RATIO, ">=", bad)


def test_terms_that_cannot_be_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        promise(Kind.RATIO, "=>", 1)
    with pytest.raises(ValueError, match="before it starts"):
        promise(Kind.RATIO, ">=", 1, period_end=date(2024, 1, 1))
    with pytest.raises(ValueError, match="as_of"):
        Evidence(Decimal(1), None)


def test_name_with_brackets_and_commas_does_not_break_the_sentence() -> None:
    of = promise(Kind.RATIO, ">=", 95, lead="水利局(河长办),街道;镇")
    assert explain(verdict(of, None).reason) == "尚无数值，请 水利局（河长办），街道；镇 提供。"


def test_verdict_carries_what_the_value_rests_on() -> None:
    evidence = Evidence(
        Decimal(24), date(2025, 7, 1), samples=180, expected=182, edition="HJ 663-2013", clause="附录 A",
        unconfirmed=True, reason="too_few_points",
    )  # fmt: skip
    found: Verdict = judge(promise(Kind.MEAN, "<=", 25), evidence, on=date(2025, 7, 1))
    assert (found.samples, found.expected, found.edition, found.clause) == (180, 182, "HJ 663-2013", "附录 A")
    assert found.unconfirmed
    assert found.reason.endswith("too_few_points")
    assert (found.light_edition, found.scheme) == ("heqing lights 1", "heqing")
    assert found.light_clause


def test_what_the_room_offers_has_a_whole_docstring() -> None:
    room = importlib.import_module("heqing.verdicts")
    for name in room.__all__:
        thing = inspect.unwrap(getattr(room, name))
        if inspect.isfunction(thing):
            codes = {code for code, _ in validate(f"{thing.__module__}.{name}")["errors"]}
            assert not codes & {"GL08", "PR01", "PR02", "PR03", "PR04", "RT01", "SS01", "SS03"}, name
            assert "Examples" in (thing.__doc__ or ""), name
