"""Parts of an amount: they sum exactly, none is negative, the order of places changes nothing, remainders are fair."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.ledger import gap, split_by_weight, split_equal

KEYS = st.text("abcdefgh0123", min_size=1, max_size=4)
DECIMALS = st.integers(0, 3)
STEPS = st.integers(0, 10**7)
WEIGHTS = st.dictionaries(
    KEYS, st.decimals(0, 10**6, places=2, allow_nan=False, allow_infinity=False), min_size=1, max_size=24
).filter(lambda found: any(found.values()))


@given(STEPS, DECIMALS, WEIGHTS)
def test_parts_sum_exactly_none_is_negative_and_each_is_within_a_step_of_its_share(steps, decimals, weights):
    total = Decimal(steps).scaleb(-decimals)

    parts = split_by_weight(total, weights, decimals=decimals)

    assert parts.keys() == weights.keys()
    assert sum(parts.values()) == total
    assert all(part >= 0 for part in parts.values())
    whole = sum(Fraction(weight) for weight in weights.values())
    for key, part in parts.items():
        assert abs(Fraction(part) - Fraction(total) * Fraction(weights[key]) / whole) < Fraction(1, 10**decimals)
        assert (Fraction(part) * 10**decimals).denominator == 1


@given(STEPS, WEIGHTS, st.randoms())
def test_the_order_of_places_changes_nothing(steps, weights, chance):
    listed = list(weights.items())
    chance.shuffle(listed)

    assert split_by_weight(Decimal(steps), dict(listed)) == split_by_weight(Decimal(steps), weights)


@given(STEPS, WEIGHTS)
def test_a_larger_weight_never_gets_the_smaller_part(steps, weights):
    parts = split_by_weight(Decimal(steps), weights)
    in_order = sorted(weights, key=lambda key: weights[key])

    for lower, higher in pairwise(in_order):
        if weights[lower] < weights[higher]:
            assert parts[lower] <= parts[higher]


@given(STEPS, st.sets(KEYS, min_size=1, max_size=24))
def test_equal_parts_differ_by_one_step_at_most(steps, places):
    parts = split_equal(Decimal(steps), places)

    assert sum(parts.values()) == steps
    assert max(parts.values()) - min(parts.values()) <= 1


@given(st.lists(st.decimals(0, 10**6, places=2), max_size=24), st.decimals(0, 10**6, places=2))
def test_what_lacks_and_what_exceeds_are_the_same_with_the_sign_turned(parts, whole):
    assert gap(whole, parts) == -gap(whole, parts, downward=True)
    assert gap(sum(parts, Decimal(0)), parts) == 0


def test_the_textbook_example_of_the_largest_remainder():
    """The example by which encyclopaedias explain the method: ten seats, Hare quota."""
    votes = {"yellow": 47000, "white": 16000, "red": 15800, "green": 12000, "blue": 6100, "pink": 3100}

    seats = split_by_weight(Decimal(10), {party: Decimal(number) for party, number in votes.items()})

    assert seats == {"yellow": 5, "white": 2, "red": 1, "green": 1, "blue": 1, "pink": 0}


@pytest.mark.parametrize(
    ("total", "weights", "decimals"),
    [
        (Decimal(-1), {"a": Decimal(1)}, 0),
        (Decimal("0.5"), {"a": Decimal(1)}, 0),
        (Decimal(5), {}, 0),
        (Decimal(5), {"a": Decimal(0)}, 0),
        (Decimal(5), {"a": Decimal(-1), "b": Decimal(3)}, 0),
    ],
    ids=["negative", "finer than the grid", "no places", "no weight", "negative weight"],
)
def test_nothing_is_shared_out_where(total, weights, decimals):
    with pytest.raises(ValueError, match=r"whole steps|Weights"):
        split_by_weight(total, weights, decimals=decimals)


def test_half_a_kilometre_is_shared_out_in_hundred_metres():
    assert split_equal(Decimal("0.5"), ["a", "b"], decimals=1) == {"a": Decimal("0.3"), "b": Decimal("0.2")}
