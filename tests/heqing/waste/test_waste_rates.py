"""Rates of solid waste: the formulas as collected, both readings of the landfill share, and what is missing."""

from __future__ import annotations

import csv

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.waste import waste_balance, waste_rates
from heqing.waste.rates import FAMILY


def rates(**amounts: float | None) -> dict[str, object]:
    return (
        waste_rates(pl.LazyFrame({"year": [2023]} | {k: [v] for k, v in amounts.items()})).collect().row(0, named=True)
    )


@pytest.mark.shared
def test_every_collected_rate_is_there_with_its_name(shared_dir):
    with (shared_dir / "standards/soil_waste/zero_waste_formulas.csv").open(encoding="utf-8", newline="") as lines:
        told = [row["name_zh"].split(" / ")[0] for row in csv.DictReader(lines) if row["unit"] != "t"]
    own = table(FAMILY, "rates")["name_zh"].to_list()

    assert [name for name in told if not any(mine.startswith(name) for mine in own)] == []


def test_what_is_used_of_old_stocks_counts_above_and_below():
    assert rates(general_used=95.0, general_generated=90.0, general_used_of_stock=10.0)["util_rate_general"] == 95.0


def test_the_share_of_landfill_shows_both_readings_and_neither_is_confirmed():
    found = rates(hazardous_landfilled=12.0, hazardous_generated=100.0, hazardous_used=50.0, hazardous_disposed=30.0)

    assert found["hazardous_landfill_share_generated"] == 12.0
    assert found["hazardous_landfill_share_treated"] == 15.0
    assert found["unconfirmed"] == "hazardous_landfill_share_generated,hazardous_landfill_share_treated"


def test_the_national_indicator_is_the_fall_of_the_amount():
    assert rates(hazardous_landfilled=90.0, hazardous_landfilled_base=100.0)["hazardous_landfill_fall"] == 10.0
    assert rates(hazardous_landfilled=110.0, hazardous_landfilled_base=100.0)["hazardous_landfill_fall"] == -10.0


@pytest.mark.parametrize(
    ("used", "collectable", "rate", "reason"),
    [
        (None, 10.0, None, "waste_amounts_missing(straw_use_rate)"),
        (9.0, 0.0, None, "waste_nothing_to_divide(straw_use_rate)"),
        (-1.0, 10.0, None, "waste_negative_amounts(straw_use_rate)"),
        (9.0, 10.0, 90.0, None),
    ],
)
def test_a_rate_that_cannot_be_made_says_why(used, collectable, rate, reason):
    found = rates(straw_used=used, straw_collectable=collectable)

    assert (found["straw_use_rate"], found["reason"]) == (rate, reason)


def test_a_year_before_the_list_has_no_rate():
    rows = pl.LazyFrame({"year": [2018, 2019], "straw_used": [9.0] * 2, "straw_collectable": [10.0] * 2})

    assert waste_rates(rows).select("straw_use_rate", "reason").collect().rows() == [(None, "no_edition"), (90.0, None)]


def test_a_frame_without_the_amounts_of_any_rate_is_refused():
    with pytest.raises(MissingColumnError, match="amounts of one rate"):
        waste_rates(pl.LazyFrame({"year": [2023], "straw_used": [9.0]}))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(2015, 2030), st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_same_rows_in_as_out_and_never_above_the_whole_when_the_part_is_smaller(rows):
    part = [min(a, b) for _, a, b in rows]
    whole = [max(a, b) for _, a, b in rows]
    frame = pl.LazyFrame({"year": [y for y, _, _ in rows], "film_recovered": part, "film_used": whole})
    found = waste_rates(frame).collect()

    assert found.select("year", "film_recovered", "film_used").equals(frame.collect())
    assert ((found["film_recovery_rate"] <= 100.0 + 1e-9) | found["film_recovery_rate"].is_null()).all()


def test_the_amounts_add_up_or_the_gap_is_told():
    amounts = {"general_used": 80.0, "general_used_of_stock": 10.0, "general_stored": 20.0, "general_disposed": 15.0}
    amounts |= {"general_disposed_of_stock": 5.0, "general_dumped": 0.0}

    for generated, gap in ((100.0, 0.0), (103.0, 3.0), (None, None)):
        rows = pl.LazyFrame({k: [v] for k, v in (amounts | {"general_generated": generated}).items()})
        assert waste_balance(rows).collect()["balance_gap"].item() == gap
