"""Numerals of every kind the field writes, read exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.quantities.numerals import read_numeral

DIGITS = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25", "25"),
        ("36.2", "36.2"),
        ("12,480", "12480"),
        ("1.4万", "14000"),
        ("650亿", "65000000000"),
        ("1.2万亿", "1200000000000"),
        ("3千", "3000"),
        ("3千万", "30000000"),
        ("十", "10"),
        ("十八", "18"),
        ("二十", "20"),
        ("一百零五", "105"),
        ("一千二百三十四", "1234"),
        ("两万三千", "23000"),
        ("两万三", "23000"),
        ("一亿二千万", "120000000"),
        ("二〇二六", "2026"),
        ("三点五", "3.5"),
        ("十五万", "150000"),
        ("９５", "95"),
        ("零", "0"),
        ("萬", "10000"),
        ("3.5萬", "35000"),
    ],
)
def test_plain_numeral_is_read_exactly(text: str, value: str) -> None:
    found = read_numeral(text)
    assert found is not None
    assert found.value == Decimal(value)
    assert not found.percent


@pytest.mark.parametrize(
    ("text", "digits", "magnitude"), [("1.4万", "1.4", "万"), ("1.2万亿", "1.2", "万亿"), ("85", "85", "")]
)
def test_digits_and_magnitude_are_kept_apart(text: str, digits: str, magnitude: str) -> None:
    found = read_numeral(text)
    assert found is not None
    assert (found.digits, found.magnitude) == (Decimal(digits), magnitude)


@pytest.mark.parametrize(
    ("text", "hedge", "value"),
    [
        ("近650亿", "近", "65000000000"),
        ("超130万", "超", "1300000"),
        ("约八十", "约", "80"),
        ("90余万", "余", "900000"),
        ("3000多", "多", "3000"),
        ("五百左右", "左右", "500"),
    ],
)
def test_hedge_is_kept_and_does_not_change_the_value(text: str, hedge: str, value: str) -> None:
    found = read_numeral(text)
    assert found is not None
    assert (found.hedge, found.value) == (hedge, Decimal(value))


@pytest.mark.parametrize(
    ("text", "value"), [("百分之八十五", "85"), ("85%", "85"), ("百分之三点五", "3.5"), ("９５％", "95")]
)
def test_percentage_is_marked(text: str, value: str) -> None:
    found = read_numeral(text)
    assert found is not None
    assert found.percent
    assert found.value == Decimal(value)


def test_fraction_keeps_its_exact_value() -> None:
    found = read_numeral("三分之二")
    assert found is not None
    assert found.exact == Fraction(2, 3)


@pytest.mark.parametrize(
    "text", ["", "若干", "三四十", "亿零五", "多", "x", "**", "1.2.3", "零分之三", "百分之", "分之", "%"]
)
def test_what_is_no_numeral_is_none(text: str) -> None:
    assert read_numeral(text) is None


def spell(number: int) -> str:
    """Write a whole number below ten thousand in characters."""
    said, gap = "", False
    for power, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + sign
            gap = False
        else:
            gap = True
    return said or "零"


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_spelled_numbers_come_back(high: int, low: int) -> None:
    said = (
        (spell(high) + "万" if high else "")
        + ("零" if high and low and low < 1000 else "")
        + (spell(low) if low or not high else "")
    )
    found = read_numeral(said)
    assert found is not None, said
    assert found.value == high * 10000 + low, said


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    read_numeral(text)
