"""Standard coal against the collected coefficients and their own arithmetic; intensity by levels and by rates."""

from __future__ import annotations

import csv
import re

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from heqing.editions import table
from heqing.energy import coal_use, fall_from_rates, freed_headroom, intensity_fall, standard_coal
from heqing.energy.coal_equivalent import FAMILY
from heqing.errors import UnknownNameError


def convert(*rows: dict[str, object], **how: object) -> pl.DataFrame:
    base = {"year": 2023, "energy": "原煤", "amount": 1.0, "unit": "t"}
    return standard_coal(pl.LazyFrame([base | row for row in rows], infer_schema_length=None), **how).collect()


@pytest.mark.shared
def test_the_coefficients_are_those_collected(shared_dir):
    own = {row["name_zh"]: row for row in table(FAMILY, "coefficients").to_dicts()}
    seen = 0
    with (shared_dir / "domain/energy_conversion.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            bounds = re.fullmatch(r"([\d.]+)(?:-([\d.]+))?", row["coefficient"])
            name = row["energy"].split(" ")[0]
            if bounds is None or name == "1":
                continue
            ours = own["电力（当量值）" if name == "电力" else name]
            assert (float(ours["lowest"]), float(ours["highest"])) == (float(bounds[1]), float(bounds[2] or bounds[1]))
            seen += 1
    assert seen == len(own)


def test_each_coefficient_is_its_heating_value_over_that_of_standard_coal():
    for row in table(FAMILY, "coefficients").drop_nulls("heating_value").to_dicts():
        assert abs(float(row["heating_value"]) / 29307.6 - float(row["lowest"])) < 0.0001, row["energy"]


@pytest.mark.parametrize(
    ("row", "tce"),
    [
        ({"amount": 1400.0}, 1000.02),
        ({"energy": "电力", "amount": 100.0, "unit": "万千瓦时"}, 122.9),
        ({"energy": "diesel", "amount": 500.0, "unit": "kg"}, 0.72855),
        ({"energy": "热力", "amount": 1.0, "unit": "GJ"}, 0.03412),
    ],
)
def test_amounts_become_tonnes_of_standard_coal(row, tce):
    assert convert(row)["tce"].item() == pytest.approx(tce, abs=1e-9)


def test_a_measured_heating_value_goes_before_the_table_and_opens_a_range():
    rows = convert(
        {"heating_value": 29307.6},
        {"energy": "天然气", "unit": "m3", "amount": 1000.0, "heating_value": 35169.12},
        {"energy": "天然气", "unit": "m3", "heating_value": None},
    )

    assert rows["tce"].to_list() == [pytest.approx(1.0), pytest.approx(1.2), None]
    assert rows["coefficient_of"].to_list() == ["measured", "measured", None]
    assert rows["reason"].to_list()[2] == "energy_heating_value_needed(天然气)"


def test_the_two_values_of_electricity_are_never_mixed_silently():
    rows = ({"energy": "电力", "unit": "kWh", "amount": 1000.0}, {"energy": "电力", "unit": "kWh", "year": 2024}, {})
    equal = convert(*rows, electricity="equal", equal_values={2023: 0.2885})

    assert equal["electricity_value"].to_list() == ["equal", "equal", None]
    assert equal["tce"].to_list() == [pytest.approx(0.2885), None, pytest.approx(0.7143)]
    assert equal["reason"].to_list() == [None, "energy_equal_value_missing(2024)", None]
    with pytest.raises(UnknownNameError):
        convert(electricity="等价")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"unit": "kWh"}, "energy_unit_unfit(kWh)"),
        ({"energy": "木炭"}, "energy_unknown(木炭)"),
        ({"amount": None}, "energy_no_amount"),
        ({"amount": -1.0}, "negative_value(原煤)"),
        ({"year": 2020}, "no_edition"),
        ({"year": None}, "bad_time"),
    ],
)
def test_what_cannot_be_converted_says_why(row, reason):
    found = convert(row, {}).row(0, named=True)

    assert (found["tce"], found["reason"]) == (None, reason)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["原煤", "汽油", "lpg"]), st.floats(0, 1e9)), min_size=1, max_size=20))
def test_same_rows_in_as_out_and_more_energy_is_more_coal(rows):
    asked = [{"energy": e, "amount": a} for e, a in rows]
    found = convert(*asked)
    doubled = convert(*[row | {"amount": row["amount"] * 2} for row in asked])

    assert found["amount"].to_list() == [a for _, a in rows]
    assert found.reverse().equals(convert(*asked[::-1]))
    assert (doubled["tce"] >= found["tce"]).all()


def test_coal_is_summed_and_compared_with_the_year_before_only():
    asked = [{"year": y, "amount": a, "firm": "甲"} for y, a in ((2021, 300.0), (2022, 200.0), (2024, 100.0))]
    asked += [{"year": 2022, "energy": "电力", "unit": "kWh", "firm": "甲"}]
    found = coal_use(convert(*asked).lazy(), by=["firm"]).collect()

    assert found["coal_tce"].to_list() == [pytest.approx(v) for v in (214.29, 142.86, 71.43)]
    assert found["coal_reduced"].to_list() == [None, pytest.approx(71.43), None]


def test_coal_without_a_result_leaves_the_sum_open():
    found = coal_use(convert({}, {"amount": None}).lazy(), by=[]).collect().row(0, named=True)

    assert (found["coal_tce"], found["reason"]) == (None, "energy_amounts_open(1)")


@settings(max_examples=60)
@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(-50, 50), st.floats(-50, 50))
def test_the_fall_from_levels_is_the_fall_from_rates(tce, value, energy_growth, value_growth):
    levels = pl.LazyFrame(
        {
            "year": [2022, 2023],
            "tce": [tce, tce * (1 + energy_growth / 100)],
            "value_added": [value, value * (1 + value_growth / 100)],
        }
    )
    rates = pl.LazyFrame({"energy_growth": [energy_growth], "value_growth": [value_growth]})

    by_levels = intensity_fall(levels).collect()["intensity_fall"][1]
    assert by_levels == pytest.approx(fall_from_rates(rates).collect()["intensity_fall"].item(), abs=1e-6)


@pytest.mark.parametrize(
    ("column", "before", "after", "reason"),
    [
        ("electricity_value", "equal", "equivalent", "energy_bases_differ"),
        ("price_base", "2020", "2025", "energy_bases_differ"),
        ("price_base", "2020", "2020", None),
    ],
)
def test_two_bases_are_not_compared(column, before, after, reason):
    rows = {"year": [2022, 2023], "tce": [100.0, 102.0], "value_added": [200.0, 212.5], column: [before, after]}
    found = intensity_fall(pl.LazyFrame(rows)).collect().row(1, named=True)

    assert (found["intensity_fall"], found["reason"]) == (4.0 if reason is None else None, reason)


def test_a_year_that_stands_twice_is_not_compared():
    rows = {"year": [2022, 2022, 2023], "tce": [100.0, 90.0, 80.0], "value_added": [200.0] * 3}
    found = intensity_fall(pl.LazyFrame(rows)).collect()

    assert found["intensity_fall"].to_list() == [None] * 3
    assert found["reason"].to_list() == ["energy_year_twice", "energy_year_twice", "energy_no_year_before"]


def test_headroom_counts_a_user_once_and_only_when_certified():
    rows = {
        "user": ["甲", "乙", "丙", "丙", "丁"],
        "tce_before": [900.0, 500.0, 300.0, 300.0, 10.0],
        "tce_after": [0.0, 450.0, 0.0, 0.0, 20.0],
        "certified": [True, False, True, True, True],
    }
    found = freed_headroom(pl.LazyFrame(rows)).collect().row(0, named=True)

    assert (found["freed_tce"], found["users"], found["not_certified_tce"]) == (900.0, 1, 50.0)
    assert found["reason"] == "energy_certified_twice(1);energy_unusable_users(1)"


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=15))
def test_headroom_is_never_negative_and_order_free(rows):
    assume(any(b >= a for b, a in rows))
    frame = pl.DataFrame(
        {
            "user": [str(i) for i in range(len(rows))],
            "tce_before": [b for b, _ in rows],
            "tce_after": [a for _, a in rows],
        }
    ).with_columns(certified=pl.lit(True))
    found = freed_headroom(frame.lazy()).collect()["freed_tce"].item()

    assert found >= 0
    assert freed_headroom(frame.reverse().lazy()).collect()["freed_tce"].item() == pytest.approx(found)
