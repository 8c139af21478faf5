"""The rank correlation test: examples of air, exact critical values counted anew, ties, what cannot be tested."""

from __future__ import annotations

import csv
import itertools
import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.errors import MissingColumnError, UnknownNameError
from heqing.trends import trend_test
from heqing.trends.rank_correlation import critical_values

FILE = Path(__file__).parents[2] / "conformance/trend_test/hj663_annex_b.csv"
with FILE.open(encoding="utf-8", newline="") as lines:
    EXAMPLES = list(csv.DictReader(lines))


def trend_of(values: list[float | None], years: list[int] | None = None, **options: Any) -> dict[str, Any]:
    years = years or list(range(2000, 2000 + len(values)))
    frame = pl.LazyFrame({"year": years, "x": pl.Series(values, dtype=pl.Float64)})
    return trend_test(frame, value="x", **options).collect().row(0, named=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_worked_example_of_air(example: dict[str, str]) -> None:
    inputs, expected = json.loads(example["inputs"]), json.loads(example["expected"])
    row = trend_of(inputs["values"], inputs["years"], domain="air")
    assert row["rank_correlation"] == pytest.approx(expected["r"], abs=float(example["tolerance"]))
    assert row["significant"] is expected["significant_0.05_one_sided"]
    assert (row["trend"], row["trend_direction"]) == ("falling", "better")


@pytest.mark.shared
def test_the_examples_are_all_that_the_shared_list_of_air_has(shared_dir: Path) -> None:
    with (shared_dir / "standards/air/test_vectors.csv").open(encoding="utf-8", newline="") as lines:
        listed = [r for r in csv.DictReader(lines) if r["kind"] == "spearman"]
    ours = [(e["id"], e["inputs"], e["expected"]) for e in EXAMPLES]
    assert [(r["id"], r["input_json"], r["expected_json"]) for r in listed] == ours


@pytest.mark.parametrize("n", [5, 6, 7, 8])
def test_critical_values_are_those_of_all_orders_counted(n: int) -> None:
    """The smallest correlation that at most five (one) in a hundred orders reach."""
    sums = [sum((a - b) ** 2 for a, b in enumerate(order)) for order in itertools.permutations(range(n))]
    for alpha in ("0.05", "0.01"):
        allowed = math.floor(float(alpha) * len(sums) + 1e-9)
        counted = max(s for s in set(sums) if sum(d <= s for d in sums) <= max(allowed, 1))
        exact = 1 - 6 * counted / (n**3 - n)
        for domain in ("air", "water"):
            critical, _ = critical_values(domain, alpha)[n]
            assert critical / 10**9 == pytest.approx(exact, abs=0.0011), (domain, alpha)


def test_whether_the_critical_value_itself_is_significant_is_a_setting() -> None:
    at_it = [40.0, 38.0, 35.0, 36.0, 30.0]
    by_rule = trend_of(at_it, domain="air")
    assert (by_rule["significant"], by_rule["trend_unconfirmed"]) == (True, True)
    assert by_rule["trend_reason"] == "at_critical_value"
    assert trend_of(at_it, domain="air", decides="above")["significant"] is False
    water = trend_of(at_it)
    assert (water["significant"], water["trend_word"], water["trend_unconfirmed"]) == (False, "无显著变化", True)
    sure = trend_of([5.0, 4.0, 3.0, 2.0, 1.0], domain="air")
    assert (sure["significant"], sure["trend_unconfirmed"], sure["trend_reason"]) == (True, False, None)


def test_equal_values_share_their_ranks() -> None:
    row = trend_of([1.0, 2.0, 2.0, 3.0, 4.0])
    assert row["rank_correlation"] == pytest.approx(0.974679434)
    flat = trend_of([1.0] * 5)
    assert (flat["significant"], flat["trend"], flat["trend_reason"]) == (False, "none", "values_all_equal")
    assert (
        trend_of([0.1 + 0.2, 0.3, 0.4, 0.5, 0.6])["rank_correlation"] == trend_of([1, 1, 2, 3, 4])["rank_correlation"]
    )


def test_what_cannot_be_tested_says_why() -> None:
    assert trend_of([1.0, 2.0, 3.0, 4.0, None])["trend_reason"] == "too_few_periods(4/5)"
    assert trend_of([float(k) for k in range(5)], [2000] * 5)["trend_reason"] == "repeated_periods"
    assert trend_of([float(k) for k in range(11)])["trend_reason"] == "no_critical_value(11)"
    assert trend_of([float(k) for k in range(11)], domain="air")["significant"] is True
    assert trend_of([float(k) for k in range(12)])["trend_unconfirmed"] is True


def test_more_oxygen_is_better() -> None:
    rising = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert trend_of(rising)["trend_direction"] == "worse"
    assert trend_of(rising, rising_is_better=True)["trend_direction"] == "better"


def test_groups_are_tested_by_themselves() -> None:
    frame = pl.LazyFrame({"city": ["a"] * 6 + ["b"] * 6, "year": [*range(6)] * 2, "x": [*range(6), *range(6, 0, -1)]})
    found = trend_test(frame, value="x", by=["city"]).collect()
    assert found.select("city", "rank_correlation").rows() == [("a", 1.0), ("b", -1.0)]


def test_mistakes_are_told() -> None:
    for option in ({"domain": "noise"}, {"alpha": "0.1"}, {"decides": "maybe"}):
        with pytest.raises(UnknownNameError):
            trend_of([1.0] * 5, **option)
    with pytest.raises(MissingColumnError, match="`year`"):
        trend_test(pl.LazyFrame({"x": [1.0]}), value="x")


series = st.lists(st.integers(0, 20), min_size=5, max_size=10)


@given(series, st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter_and_turning_time_turns_the_sign(values: list[int], chance: Any) -> None:
    years = list(range(len(values)))
    pairs = list(zip(values, years, strict=True))
    straight = trend_of([float(v) for v in values], years)
    chance.shuffle(pairs)
    assert trend_of([float(v) for v, _ in pairs], [y for _, y in pairs]) == straight
    back = trend_of([float(v) for v in reversed(values)], years)
    if straight["rank_correlation"] is not None:
        assert back["rank_correlation"] == pytest.approx(-straight["rank_correlation"])
        assert -1.0 <= straight["rank_correlation"] <= 1.0
