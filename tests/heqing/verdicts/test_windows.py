"""What is counted in things, a percentile with its days beyond the bound, and periods looked at span by span."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.verdicts.promised import END, START, number, promise, verdict

from heqing.verdicts import Calendar, Evidence, Kind, Verdict, judge, method_on, percentile_budget


def percentile(values: list[int], percent: int) -> Fraction:
    """Give a percentile as HJ 663 words it, apart from the engine."""
    ordered = sorted(values)
    place = Fraction((len(ordered) - 1) * percent, 100)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


# --- percentile ---------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(
    values=st.lists(st.integers(100, 200), min_size=1, max_size=40), rest=st.lists(st.integers(0, 400), max_size=20),
    percent=st.sampled_from([90, 95, 98]), bound=st.integers(120, 180),
)  # fmt: skip
def test_a_percentile_decided_early_stays_so_whatever_days_come(
    values: list[int], rest: list[int], percent: int, bound: int
) -> None:
    length = len(values) + len(rest)
    of = promise(Kind.PERCENTILE, "<=", bound, period_end=START + timedelta(days=length - 1), percentile=percent)
    above = sum(v > bound for v in values)
    known = {"samples": len(values), "beyond": (above, above), "as_of": START + timedelta(days=len(values) - 1)}
    now = str(round(float(percentile(values, percent)), 6))
    found = verdict(of, now, **known)
    if rest and found.met is not None:
        assert (percentile(values + rest, percent) <= bound) is found.met


@settings(deadline=None, max_examples=50)
@given(days=st.integers(1, 400), percent=st.sampled_from([50, 90, 95, 98]))
def test_days_that_a_percentile_allows(days: int, percent: int) -> None:
    surely, most = percentile_budget(percent, days)
    assert percentile([0] * (days - surely) + [9] * surely, percent) == 0
    if most < days:
        assert percentile([0] * (days - most - 1) + [9] * (most + 1), percent) == 9


def test_a_percentile_says_how_many_days_may_still_be_beyond() -> None:
    of = promise(Kind.PERCENTILE, "<=", 160, percentile=90, unit="微克/立方米")
    found = verdict(of, 158, as_of=date(2025, 10, 1), samples=274, beyond=(20, 18))
    assert found.remaining is not None
    assert (found.met, found.light) == (None, "green")
    assert (found.remaining.spare, found.remaining.spare_judged) == (16, 18)
    assert "余下日子再有 16 天超过也能保住目标" in found.sentence()
    assert (
        "允许超过的天数已经用完" in verdict(of, 170, as_of=date(2025, 10, 1), samples=274, beyond=(37, 37)).sentence()
    )
    assert verdict(of, 175, as_of=date(2025, 10, 1), samples=274, beyond=(38, 38)).met is False


# --- things that are counted --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "light", "lacking", "spare"), [(10, "green", 0, 0), (11, "green", 0, 1), (9, "yellow", 1, 0)]
)
def test_a_ratio_of_sections_tells_how_many_lack(part: int, light: str, lacking: int, spare: int) -> None:
    of = promise(Kind.RATIO, ">=", "90.5", unit="%")
    value = str(round(Decimal(100 * part) / 11, 6))
    found = verdict(of, value, part=part, whole=11)
    assert found.remaining is not None
    assert (found.light, found.remaining.kind) == (light, "things")
    assert (found.remaining.strict, found.remaining.spare) == (lacking, spare)
    assert "一个就占 9.09 个百分点" in found.sentence()


def test_a_ratio_to_stay_under_tells_how_many_may_still_come() -> None:
    of = promise(Kind.RATIO, "<=", 10, unit="%")
    found = verdict(of, "4", part=1, whole=25)
    assert found.remaining is not None
    assert (found.remaining.strict, found.remaining.spare) == (0, 1)
    assert "small_numbers" not in found.reason


def test_both_readings_of_a_ratio_of_things() -> None:
    found = verdict(promise(Kind.RATIO, ">=", 91, unit="%"), "90.909091", part=10, whole=11, places=0)
    assert found.remaining is not None
    assert (found.remaining.strict, found.remaining.judged) == (1, 0)  # 10 of 11 are 90.91, printed as 91
    final = verdict(promise(Kind.RATIO, ">=", 91, unit="%"), "90.909091", part=10, whole=11, places=0, as_of=END)
    assert (final.met, final.unconfirmed) == (True, True)


# --- span by span -------------------------------------------------------------------------------------------------


def by_month(counts: list[int | None], on: date, comparator: str = "<=", bound: int = 2, **terms: Any) -> Verdict:
    """Judge 每月不超过 2 次 on the counts of the months begun."""
    spans = tuple(
        Evidence(
            number(count),
            None if count is None else min(on, date(2025 + (n + 1) // 12, (n + 1) % 12 + 1, 1) - timedelta(days=1)),
        )
        for n, count in enumerate(counts)
    )
    of = promise(Kind.AMOUNT, comparator, bound, unit="次", **terms)
    return judge(of, Evidence(None, None, spans=spans), on=on, method=method_on(on, window=Calendar.MONTH))


@pytest.mark.parametrize(
    ("counts", "on", "met", "light"),
    [
        ([0, 2, 1], date(2025, 3, 15), None, "yellow"),  # one by mid-March is ahead of half of two? no: one of one
        ([0, 2, 0], date(2025, 3, 15), None, "green"),
        ([0, 3, 0], date(2025, 3, 15), False, "red"),
        ([0, None, 0], date(2025, 3, 15), None, "grey"),
        ([0, 1, 3], date(2025, 3, 15), False, "red"),
        ([2] * 12, END, True, "green"),
        ([2] * 11 + [3], END, False, "red"),
        ([2] * 12, date(2026, 1, 9), True, "green"),
    ],
)
def test_at_most_two_a_month(counts: list[int | None], on: date, met: bool | None, light: str) -> None:
    found = by_month(counts, on)
    assert (found.met, found.light) == (met, light)
    assert "each_month" in found.reason


def test_the_months_that_failed_are_named_in_both_languages() -> None:
    found = by_month([0, 3, 4], date(2025, 3, 31))
    assert "没有做到的：2025-02、2025-03" in found.sentence()
    assert "Missed: 2025-02、2025-03." in found.sentence("en")
    assert found.value == 4


def test_no_exceedance_at_all_in_any_month() -> None:
    assert by_month([0, 0], date(2025, 2, 9), bound=0).met is None
    assert by_month([0, 1], date(2025, 2, 9), bound=0).met is False
    assert by_month([0] * 12, END, bound=0).met is True


@settings(deadline=None, max_examples=50)
@given(counts=st.lists(st.integers(0, 4), min_size=12, max_size=12), place=st.integers(0, 11))
def test_fewer_in_a_month_never_worsens_the_light(counts: list[int], place: int) -> None:
    order = {"green": 0, "yellow": 1, "red": 2}
    better = [max(0, c - 1) if n == place else c for n, c in enumerate(counts)]
    on = date(2025, 12, 20)
    assert order[by_month(better, on).light] <= order[by_month(counts, on).light]


def test_a_period_that_has_not_begun_or_has_no_end_says_so() -> None:
    assert by_month([], date(2024, 12, 1)).reason.startswith("period_not_begun")
    assert "period_missing" in by_month([0], date(2025, 3, 1), period_end=None).reason
