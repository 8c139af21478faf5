"""Cutting a text, finding words again, numbers that fit, words for what the reading gives."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing_site.library import rules
from heqing_site.library.rules import Deed, FindingState

TEXT = "确保优良率达到85%以上，\r\n力争 PM2.5 低于27。"


def test_every_deed_and_state_has_its_rule_and_name():
    assert set(rules.MOVES) == set(Deed)
    assert set(rules.STATE_NAMES) == set(FindingState)
    assert FindingState.PROPOSED not in rules.MOVES[Deed.REOPEN]


@given(
    st.text(alphabet="优良率8５\r\n𠮷", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=3),
)
def test_the_pieces_joined_are_the_text_and_each_knows_what_covers_it(text, spans, noise):
    inside = [
        (number, start, min(start + length, len(text)))
        for number, (start, length) in enumerate(spans, start=1)
        if start < len(text)
    ]
    grey = [(start, min(start + length, len(text))) for start, length in noise if start < len(text)]

    found = rules.pieces(text, inside, grey)

    assert "".join(piece.text for piece in found) == text
    assert sorted(number for piece in found for number in piece.opens) == sorted(number for number, _, _ in inside)
    for piece in found:
        end = piece.start + len(piece.text)
        assert set(piece.numbers) == {n for n, start, stop in inside if start <= piece.start and end <= stop}
        assert piece.is_noise == any(start <= piece.start and end <= stop for start, stop in grey)


def test_the_shortest_finding_gives_a_piece_its_colour():
    found = rules.pieces("优良率达到85%", [(1, 0, 8), (2, 3, 8)], [])

    assert [(piece.text, piece.numbers, piece.opens) for piece in found] == [
        ("优良率", (1,), (1,)),
        ("达到85%", (2, 1), (2,)),
    ]


@pytest.mark.parametrize(
    ("words", "near", "expected"),
    [
        ("优良率达到85%以上", 0, (2, 12)),
        ("以上，\n力争", 0, (10, 17)),
        ("力争 PM2.5 低于27", 0, (15, 28)),
        ("没有的话", 0, None),
        ("", 0, None),
        (" \n ", 0, None),
    ],
    ids=["plain", "other line end", "blanks", "not there", "empty", "blank"],
)
def test_words_are_found_again_whatever_the_browser_did_to_line_ends(words, near, expected):
    assert rules.locate(TEXT, words, near) == expected


def test_of_words_that_stand_twice_the_nearest_is_meant():
    text = "优良率。" * 5

    assert rules.locate(text, "优良率", near=9) == (8, 11)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("85", True),
        ("0.000000000001", True),
        ("0.0000000000001", False),
        ("1e17", True),
        ("1e18", False),
        ("999999999999999", True),
        ("9999999999999999", False),  # SQLite gives back another number, or cannot read the row at all
        ("999999999999999999", False),
        ("100000000000000000.5", False),
        ("NaN", False),
        ("-3.5", True),
    ],
)
def test_which_numbers_fit_the_column(value, expected):
    assert rules.can_be_kept(Decimal(value)) is expected


@pytest.mark.parametrize(("value", "expected"), [("85.000000", "85"), ("0.50", "0.5"), ("1E+2", "100"), ("0.000", "0")])
def test_a_number_is_written_without_the_zeros_of_its_column(value, expected):
    assert rules.plain(Decimal(value)) == expected


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ((">=", Decimal("85.0"), "85", "%"), "不低于 85 %"),
        (("complete", None, None, ""), "完成"),
        (("==", None, "XX", "家"), "等于 XX 家"),
        (("==", None, "", "家"), "等于 ？ 家"),
    ],
)
def test_a_demand_is_said_in_words(demand, expected):
    assert rules.demand(*demand) == expected


def test_what_an_officer_gave_is_missing_no_more():
    assert rules.gap_after("number_masked", value=Decimal(3), indicator_changed=False) == ""
    assert rules.gap_after("number_masked", value=None, indicator_changed=True) == "number_masked"
    assert rules.gap_after("indicator_lost", value=Decimal(3), indicator_changed=False) == "indicator_lost"
    assert rules.gap_after("indicator_inferred", value=None, indicator_changed=True) == ""
