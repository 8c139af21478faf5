"""Wide and long."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from heqing.errors import UnknownNameError
from heqing.store.shapes import period_seconds, to_long, to_wide


def test_unknown_period_lists_the_known():
    with pytest.raises(UnknownNameError, match="hour"):
        period_seconds("fortnight")


def test_water_keeps_what_is_below_the_limit():
    wide = pl.LazyFrame(
        {"time": [datetime(2020, 1, 1, 8)], "section": ["X"], "nh3n": [0.02], "nh3n_below": [True], "tp": [0.1]}
    )
    long = to_long(wide, domain="water", period="sample")
    assert long.select("item", "below", "unit").collect().rows() == [("nh3n", True, "mg/L"), ("tp", False, "mg/L")]
    back = to_wide(long, domain="water", period="sample", codes=["nh3n", "tp"])
    assert back.select("section", "nh3n", "nh3n_below", "tp").collect().row(0) == ("X", 0.02, True, 0.1)


def test_other_periods_are_left_out():
    day = to_long(pl.LazyFrame({"day": [date(2020, 1, 1)], "city": ["X"], "co": [0.5]}), domain="air", period="day")
    assert to_wide(day, domain="air", period="hour").collect().is_empty()
    assert to_wide(day, domain="air", period="day").select("day", "co", "o3").collect().rows() == [
        (date(2020, 1, 1), 0.5, None)
    ]


def test_frame_without_items_gives_no_rows():
    wide = pl.LazyFrame({"time": [datetime(2020, 1, 1, 8)], "city": ["X"]})
    assert to_long(wide, domain="air", period="hour").collect().is_empty()
