"""Water that enters a city worse than its target: what is taken off, what is not, and the index both ways."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from heqing.errors import MissingColumnError
from heqing.water import city_water_index, deduct_inflows

DAY = date(2020, 6, 30)


def _sections(**more: list) -> pl.LazyFrame:
    columns = {"city": ["甲"], "body_type": ["river"], "inflow": ["界"], "period_end": [DAY], "nh3n": [1.4]}
    return pl.LazyFrame(columns | more)


def _border(**more: list) -> pl.LazyFrame:
    columns = {"inflow": ["界"], "body_type": ["river"], "target_class": [3], "period_end": [DAY], "nh3n": [1.3]}
    return pl.LazyFrame(columns | more)


def _row(sections: pl.LazyFrame, border: pl.LazyFrame) -> dict:
    return deduct_inflows(sections, border).collect().row(0, named=True)


@pytest.mark.parametrize(
    ("more", "border", "value", "items"),
    [
        ({}, {}, 1.1, "nh3n"),
        ({}, {"nh3n": [1.0]}, 1.4, None),  # at its target: nothing
        ({}, {"target_class": [4]}, 1.4, None),  # class IV allows 1.5
        ({}, {"nh3n": [3.0]}, 0.0, "nh3n"),  # never below zero
        ({"inflow": [None]}, {}, 1.4, None),
        ({"nh3n_below": [True]}, {}, 1.4, None),
    ],
)
def test_the_excess_over_the_target_is_taken_off(more: dict, border: dict, value: float, items: str | None) -> None:
    row = _row(_sections(**more), _border(**border))
    assert (row["nh3n"], row["nh3n_measured"], row["inflow_items"]) == (value, 1.4, items)
    assert row["inflow_unconfirmed"] is (items is not None)
    assert ("inflow_deducted" in (row["inflow_reason"] or "")) is (items is not None)


def test_oxygen_that_the_inflow_lacks_is_added_and_ph_stays() -> None:
    row = _row(_sections(do=[4.2], ph=[8.0]), _border(do=[4.0], ph=[9.5]))
    assert (row["do"], row["ph"]) == (5.2, 8.0)
    assert "ph_measured" not in row


def test_phosphorus_of_the_inflow_is_held_against_the_limits_of_its_kind_of_water() -> None:
    river = _row(_sections(tp=[0.3]), _border(tp=[0.25]))
    lake = _row(_sections(tp=[0.3]), _border(tp=[0.25], body_type=["lake"]))
    assert (river["tp"], lake["tp"]) == (0.25, 0.1)


def test_an_inflow_without_or_with_several_rows_deducts_nothing_and_is_named() -> None:
    border = _border()
    for wrong in (border.filter(False), pl.concat([border, border])):
        row = _row(_sections(), wrong)
        assert (row["nh3n"], row["inflow_reason"]) == (1.4, "inflow_unknown(界)")


def test_the_index_of_a_city_is_given_both_ways() -> None:
    sections = pl.concat(
        [_sections(), _sections(inflow=[None], nh3n=[0.6]).with_columns(pl.col("inflow").cast(pl.String))]
    )
    measured = city_water_index(sections, by=["city"]).collect()["city_index"].item()
    less = deduct_inflows(sections, _border()).collect()
    deducted = city_water_index(less.lazy(), by=["city"]).collect()["city_index"].item()
    assert (measured, deducted) == (1.0, 0.85)
    assert less["nh3n_measured"].to_list() == [1.4, 0.6]


def test_periods_are_held_apart() -> None:
    later = date(2020, 7, 31)
    sections = pl.concat([_sections(), _sections(period_end=[later])])
    border = pl.concat([_border(), _border(period_end=[later], nh3n=[1.0])])
    assert deduct_inflows(sections, border, by=["period_end"]).collect()["nh3n"].to_list() == [1.1, 1.4]


def test_mistakes_are_told() -> None:
    with pytest.raises(MissingColumnError, match="inflow"):
        deduct_inflows(_sections().drop("inflow"), _border())
    with pytest.raises(MissingColumnError, match="target_class"):
        deduct_inflows(_sections(), _border().drop("target_class"))
