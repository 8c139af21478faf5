"""Soil of construction land against the tables as collected, a published notice, and the nature of a limit."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.soil import construction_parcels, construction_soil
from heqing.soil.construction import FAMILY

DAY = date(2024, 5, 1)
LIMITS = table(FAMILY, "limits")


def compare(*rows: dict[str, object]) -> pl.DataFrame:
    base = {"day": DAY, "item": "砷", "value": 1.0, "land_class": 2}
    return construction_soil(pl.LazyFrame([base | row for row in rows], infer_schema_length=None)).collect()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("kind", "file"), [("basic", "gb36600_table1_basic45.csv"), ("other", "gb36600_table2_other40.csv")]
)
def test_the_tables_are_those_collected(shared_dir, kind, file):
    with (shared_dir / "standards/soil_waste" / file).open(encoding="utf-8", newline="") as lines:
        told = list(csv.DictReader(lines))
    own = LIMITS.filter(pl.col("list") == kind).to_dicts()

    assert len(told) == len(own)
    for theirs, ours in zip(told, own, strict=True):
        assert ours["name_zh"] == theirs["name_zh"]
        assert (ours["cas"] or "") == theirs["cas"]
        for mine, other in (("screening", "screen"), ("control", "control")):
            for k in (1, 2):
                assert ours[f"{mine}{k}"] == Decimal(theirs[f"{other}_class{k}"]), theirs["name_zh"]


def test_a_cas_number_passes_its_check_digit():
    for number in ",".join(LIMITS["cas"].drop_nulls()).split(","):
        digits = [int(d) for d in number.strip().replace("-", "")]
        weighed = sum(i * d for i, d in enumerate(reversed(digits[:-1]), start=1))
        assert weighed % 10 == digits[-1], number


def test_the_misprinted_notice_is_put_right():
    """A notice gives arsenic 119 against 60 as 0.93 times; it is 0.98."""
    row = compare({"value": 119.0}).row(0, named=True)

    assert (row["screening"], row["exceeds"], round(row["multiple"], 2)) == (60.0, "screening", 0.98)


@pytest.mark.parametrize(
    ("value", "exceeds"), [(60.0, "none"), (60.000001, "screening"), (140.0, "screening"), (140.000001, "control")]
)
def test_a_value_equal_to_the_limit_meets_it(value, exceeds):
    assert compare({"value": value})["exceeds"].item() == exceeds


@pytest.mark.parametrize(
    ("use", "land_class"),
    [("R21", 1), ("A33", 1), ("A1", 2), ("A5", 1), ("M2", 2), ("G1", 2), ("G1c", 1), ("W", 2), ("X", None)],
)
def test_the_longest_code_tells_the_class(use, land_class):
    rows = pl.LazyFrame({"day": [DAY], "item": ["铅"], "value": [1.0], "land_use": [use]})
    found = construction_soil(rows).collect().row(0, named=True)

    assert found["soil_class"] == land_class
    assert found["reason"] == (None if land_class else "soil_land_unknown")


@pytest.mark.parametrize("written", ["铬（六价）", "六价铬", "Cr6+", "18540-29-9", " 铬(六价)"])
def test_an_item_is_known_by_name_symbol_or_cas_number(written):
    assert compare({"item": written})["soil_item"].item() == "铬(六价)"


def test_background_excuses_the_screening_value_of_three_elements_but_never_the_control_value():
    rows = compare(
        {"value": 70.0, "background": 80.0},
        {"value": 90.0, "background": 80.0},
        {"value": 150.0, "background": 200.0},
        {"item": "镉", "value": 70.0, "background": 80.0},
    )

    assert rows["exceeds"].to_list() == ["background", "screening", "control", "screening"]


def test_a_detection_limit_above_the_screening_value_tells_nothing():
    rows = compare({"value": 30.0, "below": True}, {"value": 90.0, "below": True})

    assert rows["exceeds"].to_list() == ["none", None]
    assert rows["reason"].to_list() == [None, "detection_limit_too_high(砷)"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"day": date(2018, 7, 31)}, "no_edition"),
        ({"day": None}, "bad_time"),
        ({"item": "金"}, "soil_unknown_item(金)"),
        ({"value": None}, "soil_no_value(砷)"),
        ({"value": -1.0}, "negative_value(砷)"),
        ({"land_class": 3}, "soil_land_unknown"),
    ],
)
def test_what_cannot_be_compared_says_why(row, reason):
    found = compare(row, {}).row(0, named=True)

    assert (found["exceeds"], found["reason"], found["unconfirmed"]) == (None, reason, False)


def test_the_first_day_of_the_standard_is_judged():
    assert compare({"day": date(2018, 8, 1)})["edition"].item() == "GB 36600-2018"


def test_rows_of_one_transcription_are_marked():
    rows = compare({}, {"item": "锑"})

    assert rows["unconfirmed"].to_list() == [False, True]


def test_missing_columns_are_told():
    with pytest.raises(MissingColumnError, match="land_use"):
        construction_soil(pl.LazyFrame({"day": [DAY], "item": ["砷"], "value": [1.0]}))


ROWS = st.lists(
    st.tuples(
        st.sampled_from([*LIMITS["name_zh"], "不明物"]),
        st.one_of(st.none(), st.floats(0, 40_000).map(lambda x: round(x, 6))),
        st.sampled_from([1, 2, None]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40)
@given(ROWS)
def test_same_rows_in_as_out_and_the_order_does_not_matter(rows):
    given_rows = [{"day": DAY, "item": i, "value": v, "land_class": k} for i, v, k in rows]
    schema = {"day": pl.Date, "item": pl.String, "value": pl.Float64, "land_class": pl.Int64}
    forth = construction_soil(pl.LazyFrame(given_rows, schema=schema)).collect()
    back = construction_soil(pl.LazyFrame(given_rows[::-1], schema=schema)).collect()

    assert forth.select(*schema).to_dicts() == given_rows
    assert forth.equals(back.reverse())
    assert (forth["exceeds"].is_null() == forth["reason"].is_not_null()).all()


@settings(max_examples=40)
@given(st.sampled_from(LIMITS["name_zh"].to_list()), st.sampled_from([1, 2]), st.floats(0, 9_000), st.floats(0, 9_000))
def test_more_is_never_better_and_housing_never_judged_more_mildly(item, land_class, one, other):
    order = ["none", "screening", "control"]
    low, high = sorted((round(one, 6), round(other, 6)))
    rows = compare(
        {"item": item, "value": low, "land_class": land_class},
        {"item": item, "value": high, "land_class": land_class},
        {"item": item, "value": high, "land_class": 1},
    )["exceeds"].to_list()

    assert order.index(rows[0]) <= order.index(rows[1]) <= order.index(rows[2])


def survey(**high: float) -> pl.LazyFrame:
    names = LIMITS.filter(pl.col("list") == "basic")["name_zh"]
    rows = [{"parcel": "东厂", "day": DAY, "item": n, "value": high.get(n, 0.0), "land_class": 1} for n in names]
    return pl.LazyFrame(rows)


@pytest.mark.parametrize(
    ("high", "outcome"),
    [
        ({}, "acceptable"),
        ({"砷": 20.0}, "acceptable"),
        ({"砷": 21.0}, "detailed_survey"),
        ({"砷": 121.0, "镉": 25.0}, "control_or_remediation"),
    ],
)
def test_the_highest_result_decides_what_a_parcel_needs(high, outcome):
    row = construction_parcels(construction_soil(survey(**high))).collect().row(0, named=True)

    assert (row["outcome"], row["basic_items"], row["reason"]) == (outcome, 45, None)


def test_a_parcel_is_not_called_acceptable_while_results_are_missing():
    short = construction_soil(survey()).filter(pl.col("item") != "铜")

    row = construction_parcels(short).collect().row(0, named=True)
    agreed = construction_parcels(short, all_basic_items=False).collect().row(0, named=True)
    assert (row["outcome"], row["reason"]) == (None, "soil_basic_items_missing(1)")
    assert agreed["outcome"] == "acceptable"


def test_a_bad_result_is_told_although_others_are_missing():
    short = construction_soil(survey(砷=500.0)).filter(pl.col("item") == "砷")

    row = construction_parcels(short).collect().row(0, named=True)
    assert (row["outcome"], row["above_control"]) == ("control_or_remediation", "砷:24.00")
