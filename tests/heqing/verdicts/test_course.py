"""What the days that remain must bring, and what should be done by now."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.heqing.verdicts.promised import promise, verdict

from heqing.quantities.rounding import round_half_even
from heqing.verdicts import Evidence, Kind, day_budget, judged_bound, planned_value, remaining_mean

EXAMPLES = list(
    csv.DictReader(
        (Path(__file__).parents[2] / "conformance/verdicts/remaining.csv").open(encoding="utf-8", newline="")
    )
)


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if e["kind"] == "remaining_mean"], ids=lambda example: example["id"]
)
def test_published_remaining_mean(example: dict[str, str]) -> None:
    known, expected = json.loads(example["inputs"]), json.loads(example["expected"])
    first = date(2020 if known["days_in_year"] == 366 else 2021, 1, 1)
    year = promise(Kind.MEAN, "<=", known["target"], period_start=first, period_end=first.replace(month=12, day=31))
    found = verdict(year, known["mean_to_date"], as_of=first + timedelta(days=known["days_elapsed"] - 1))
    assert found.remaining is not None
    # the derived allowance is printed to a tenth of a thousandth or a hundredth
    assert float(found.remaining.strict) == pytest.approx(expected["allowed_mean"], abs=0.005)
    printed = expected.get("published", expected["allowed_mean"])
    assert abs(float(found.remaining.strict) - printed) <= float(example["tolerance"])
    assert found.remaining.is_reachable is expected.get("reachable", True)
    assert found.met is (None if expected.get("reachable", True) else False)


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if e["kind"] == "day_budget"], ids=lambda example: example["id"]
)
def test_published_day_budget(example: dict[str, str]) -> None:
    known, expected = json.loads(example["inputs"]), json.loads(example["expected"])
    days, left, target, comparator = (
        (known["good_days"], known["shortfall"], expected["target_good_days"], ">=")
        if "good_days" in known
        else (known["heavy_days"], known["remaining_allowance"], expected["cap_heavy_days"], "<=")
    )
    year = promise(
        Kind.DAY_COUNT, comparator, target, period_start=date(2020, 1, 1), period_end=date(2020, 12, 31), unit="天"
    )
    found = verdict(year, days, as_of=date(2020, 7, 27))
    assert found.remaining is not None
    assert found.remaining.strict == left


def test_all_published_rows_are_there() -> None:
    assert [e["kind"] for e in EXAMPLES] == ["remaining_mean"] * 2 + ["day_budget"] * 2 + ["remaining_mean"] * 2


def test_no_day_left_leaves_no_remaining_mean() -> None:
    assert remaining_mean(Decimal(25), Decimal(24), 365, 0) is None


@given(
    bound=st.decimals(0, 100, places=1),
    mean=st.decimals(0, 200, places=2),
    n=st.integers(1, 365),
    r=st.integers(1, 365),
)
def test_keeping_the_remaining_mean_ends_exactly_at_the_bound(bound: Decimal, mean: Decimal, n: int, r: int) -> None:
    allowed = remaining_mean(bound, mean, n, r)
    assert allowed is not None
    assert (Fraction(mean) * n + allowed * r) / (n + r) == Fraction(bound)


@given(
    bound=st.decimals(0, 100, places=2),
    places=st.integers(0, 1),
    downward=st.booleans(),
    strict=st.booleans(),
    near=st.integers(-300, 300),
)
def test_judged_bound_is_the_last_value_that_rounds_to_the_promise(
    bound: Decimal, places: int, downward: bool, strict: bool, near: int
) -> None:
    last, included = judged_bound(bound, places, downward=downward, strict=strict)
    value = bound + Decimal(near) / 100
    own = bound.normalize().as_tuple().exponent
    rounded = round_half_even(value, max(places, -int(own)))
    kept = (
        (rounded < bound or (rounded == bound and not strict))
        if downward
        else (rounded > bound or (rounded == bound and not strict))
    )
    inside = (value < last if downward else value > last) or (included and value == last)
    assert inside is kept


@pytest.mark.parametrize(
    ("bound", "expected"),
    [("25", ("25.5", False)), ("30", ("30.5", True)), ("25.50", ("25.55", False)), ("1E+2", ("100.5", True))],
)
def test_slack_of_an_odd_bound_excludes_the_tie_and_that_of_an_even_one_includes_it(
    bound: str, expected: tuple[str, bool]
) -> None:
    assert judged_bound(Decimal(bound), 0) == (Decimal(expected[0]), expected[1])


@given(ratio=st.decimals(0, 100, places=1), counted=st.integers(0, 366), left=st.integers(1, 366), data=st.data())
def test_budget_is_just_enough(ratio: Decimal, counted: int, left: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, counted))
    needed, spare = day_budget(ratio, hits, counted, left)
    assert needed + spare == left
    assert Fraction(hits + needed, counted + left) * 100 >= Fraction(ratio)
    assert Fraction(hits + needed - 1, counted + left) * 100 < Fraction(ratio)


@given(ratio=st.decimals(0, 100, places=1), counted=st.integers(0, 366), left=st.integers(1, 366), data=st.data())
def test_budget_of_a_share_to_stay_under_is_just_enough(
    ratio: Decimal, counted: int, left: int, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, counted))
    free, allowed = day_budget(ratio, hits, counted, left, downward=True)
    assert free + allowed == left
    assert Fraction(hits + allowed, counted + left) * 100 <= Fraction(ratio)
    assert Fraction(hits + allowed + 1, counted + left) * 100 > Fraction(ratio)


def test_budget_takes_the_share_as_an_exact_decimal() -> None:
    # 0.07 * 100 is 7.000000000000001 in doubles; 7 % of 100 days are 7 days
    assert day_budget(Decimal("7"), 0, 0, 100) == (7, 93)
    assert day_budget(Decimal("29"), 0, 0, 100, included=False) == (30, 70)


def test_straight_line_knows_a_leap_year() -> None:
    leap = promise(Kind.AMOUNT, ">=", 366, period_start=date(2024, 1, 1), period_end=date(2024, 12, 31))
    assert planned_value(leap, Evidence(None, None), date(2024, 2, 29)) == 60
    assert planned_value(leap, Evidence(None, None), date(2023, 12, 31)) == 0
    assert planned_value(leap, Evidence(None, None), date(2025, 1, 1)) == 366


def test_plan_counts_before_last_years_months_and_those_before_the_line() -> None:
    year = promise(Kind.AMOUNT, ">=", 120)
    plan = ((date(2025, 3, 31), Decimal(10)), (date(2025, 6, 30), Decimal(70)))
    months = (Decimal(0),) * 6 + (Decimal(10),) * 6
    day = date(2025, 9, 30)
    assert planned_value(year, Evidence(None, None, milestones=plan, profile=months), day) == 70
    assert planned_value(year, Evidence(None, None, profile=months), day) == 60
    assert planned_value(year, Evidence(None, None, profile=months), date(2025, 7, 31)) == 20
    assert planned_value(year, Evidence(None, None, profile=months[:4]), date(2025, 1, 1)) == pytest.approx(
        Decimal(120) / 365
    )


def test_plan_is_zero_before_its_first_milestone() -> None:
    plan = ((date(2025, 3, 31), Decimal(10)),)
    assert planned_value(promise(Kind.AMOUNT, ">=", 120), Evidence(None, None, milestones=plan), date(2025, 3, 30)) == 0
