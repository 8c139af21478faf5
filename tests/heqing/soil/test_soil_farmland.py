"""Soil of farmland against the tables as collected, and the edges of its pH bands."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.soil import farmland_plots, farmland_soil, safe_use_rate

DAY = date(2024, 5, 1)


def compare(*rows: dict[str, object]) -> pl.DataFrame:
    base = {"day": DAY, "item": "镉", "value": 0.1, "ph": 6.0, "land": "水田", "plot": "七组"}
    return farmland_soil(pl.LazyFrame([base | row for row in rows], infer_schema_length=None)).collect()


@pytest.mark.shared
def test_every_cell_of_the_tables_is_found_in_its_band(shared_dir):
    folder = shared_dir / "standards/soil_waste"
    bands = {"pH<=5.5": 5.5, "5.5<pH<=6.5": 6.5, "6.5<pH<=7.5": 7.5, "pH>7.5": 7.51}
    lands = {"any": "水田", "paddy": "水田", "other": "旱地", "orchard": "果园"}
    asked, expected = [], []
    for name, column in (("gb15618_table1_screening.csv", "screening"), ("gb15618_table3_control.csv", "control")):
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for band, ph in bands.items():
                    asked.append({"item": row["item"], "ph": ph, "land": lands[row.get("land", "any")]})
                    expected.append((column, float(row[band])))
    found = compare(*asked).to_dicts()

    assert len(found) == 4 * (14 + 5)
    assert [row[column] for row, (column, _) in zip(found, expected, strict=True)] == [value for _, value in expected]


@pytest.mark.parametrize(
    ("ph", "band"), [(5.5, "≤ 5.5"), (5.500001, "(5.5, 6.5]"), (6.5, "(5.5, 6.5]"), (7.5, "(6.5, 7.5]"), (7.6, "> 7.5")]
)
def test_the_upper_end_belongs_to_a_band(ph, band):
    assert compare({"ph": ph})["ph_band"].item() == band


def test_rotation_takes_the_stricter_of_paddy_and_other():
    rows = compare({"land": "水旱轮作", "ph": 7.0}, {"land": "水旱轮作", "ph": 7.0, "item": "砷"})

    assert rows["screening"].to_list() == [0.3, 25.0]


def test_an_item_without_a_control_value_is_never_strictly_controlled():
    rows = compare({"item": "铜", "value": 100_000.0}, {"item": "锌", "value": 100_000.0})

    assert rows["control"].to_list() == [None, None]
    assert rows["exceeds"].to_list() == ["screening", "screening"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"ph": None}, "soil_ph_missing"),
        ({"ph": 15.0}, "soil_ph_missing"),
        ({"land": "鱼塘"}, "soil_land_unknown"),
        ({"day": date(2018, 7, 31)}, "no_edition"),
        ({"item": "金"}, "soil_unknown_item(金)"),
    ],
)
def test_what_cannot_be_compared_says_why(row, reason):
    found = compare(row, {}).row(0, named=True)

    assert (found["exceeds"], found["reason"]) == (None, reason)


@pytest.mark.parametrize(
    ("values", "land_class"),
    [
        ([0.4, 0.1], "priority_protection"),
        ([0.41, 0.1], "safe_use"),
        ([2.0, 0.1], "safe_use"),
        ([2.01, 0.1], "strict_control"),
        ([0.41, None], None),
        ([2.01, None], "strict_control"),
    ],
)
def test_the_worst_result_gives_a_plot_its_class(values, land_class):
    rows = compare(*[{"value": value} for value in values])

    assert farmland_plots(rows.lazy()).collect()["farmland_class"].item() == land_class


@settings(max_examples=40)
@given(st.floats(0, 14), st.floats(0, 14), st.sampled_from(["镉", "汞", "铅", "铬", "镍", "锌"]))
def test_limits_rise_with_ph_except_for_arsenic(one, other, item):
    low, high = sorted((one, other))
    found = compare({"ph": low, "item": item}, {"ph": high, "item": item})["screening"].to_list()
    arsenic = compare({"ph": low, "item": "砷"}, {"ph": high, "item": "砷"})["screening"].to_list()

    assert found[0] <= found[1]
    assert arsenic[0] >= arsenic[1]


@pytest.mark.parametrize(
    ("safe", "areas", "rates", "reason"),
    [
        ([True, True], [3.0, 1.0], (100.0, 100.0), None),
        ([True, False], [3.0, 1.0], (75.0, 50.0), None),
        ([True, None], [3.0, 1.0], (None, None), "soil_undecided(1)"),
        ([True, True], [3.0, None], (None, 100.0), "soil_without_area(1)"),
    ],
)
def test_the_rate_of_safe_use_has_two_readings(safe, areas, rates, reason):
    rows = pl.LazyFrame({"is_key": [True, True], "is_safe": safe, "area": areas})
    found = safe_use_rate(rows).collect().row(0, named=True)

    assert (found["rate_by_area"], found["rate_by_number"]) == rates
    assert found["reason"] == reason


def test_no_key_parcels_is_not_a_hundred_percent():
    rows = pl.LazyFrame({"is_key": [False], "is_safe": [True], "area": [3.0]})

    assert safe_use_rate(rows).select("rate_by_area", "reason").collect().row(0) == (None, "soil_no_key_parcels")
