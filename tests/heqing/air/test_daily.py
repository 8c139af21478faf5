"""Daily values from hours: minimum counts, windows of ozone, repeats, points of a city."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.hours import hours

from heqing.air import attaining_day, city_daily_values, daily_values, distinct_days

DAY = date(2020, 4, 1)


def _one_day(frame: pl.LazyFrame) -> dict:
    return daily_values(frame).filter(pl.col("day") == DAY).collect().row(0, named=True)


@pytest.mark.parametrize(
    ("valid", "mean", "reason"), [(19, None, "too_few_hours(pm2_5)"), (20, 30.0, None), (21, 30.0, None)]
)
def test_daily_mean_needs_twenty_hours(valid: int, mean: float | None, reason: str | None) -> None:
    row = _one_day(hours(DAY, pm2_5=lambda h: 30.0 if h < valid else None))
    assert (row["pm2_5"], row["hours_pm2_5"], row["hours"], row["value_reason"]) == (mean, valid, 24, reason)


def test_mean_keeps_a_tie_a_tie() -> None:
    row = _one_day(hours(DAY, co=lambda h: 0.1 if h % 2 else 0.2))
    assert row["co"] == 0.15


def test_ozone_takes_the_highest_of_the_windows_that_end_at_eight_or_later() -> None:
    row = _one_day(hours(DAY, o3=lambda h: 80.0 if 10 <= h < 18 else 8.0))
    assert (row["o3_8h"], row["o3"], row["windows_o3_8h"]) == (80.0, 80.0, 17)


def test_ozone_does_not_borrow_hours_of_the_day_before() -> None:
    row = _one_day(hours(date(2020, 3, 31), 48, o3=lambda h: 160.0 if h < 24 else 16.0))
    assert row["o3_8h"] == 16.0


def test_window_needs_six_of_its_eight_hours() -> None:
    row = _one_day(hours(DAY, o3=lambda h: 60.0 if h < 5 else None))
    assert (row["o3_8h"], row["windows_o3_8h"]) == (None, 0)
    # The windows that end at 08:00, 09:00 and 10:00 hold six of the six hours from 03:00 on, no other does.
    held = _one_day(hours(DAY, o3=lambda h: 200.0 if 2 <= h < 8 else None))
    assert (held["windows_o3_8h"], held["o3_8h"]) == (3, 200.0)


def test_ozone_with_few_windows_counts_only_above_the_limit() -> None:
    low = _one_day(hours(DAY, o3=lambda h: 160.0 if h < 10 else None))
    high = _one_day(hours(DAY, o3=lambda h: 161.0 if h < 10 else None))
    assert (low["o3_8h"], low["value_reason"]) == (None, "too_few_hours(o3);too_few_windows")
    assert high["o3_8h"] == 161.0


@pytest.mark.parametrize(("last", "counts"), [(19, False), (20, True)])
def test_fourteen_windows_are_enough(last: int, counts: bool) -> None:
    row = _one_day(hours(DAY, o3=lambda h: 50.0 if h < last - 1 else None))
    assert row["windows_o3_8h"] == (13 if not counts else 14)
    assert (row["o3_8h"] is not None) is counts


def test_moving_means_are_taken_as_given_where_there_is_no_ozone_of_the_hour() -> None:
    row = _one_day(hours(DAY, o3_8h=lambda h: 10.0 * h))
    assert (row["o3_8h"], row["windows_o3_8h"]) == (230.0, 17)


def test_repeated_hour_counts_once_and_a_contradicted_one_not_at_all() -> None:
    once = hours(DAY, pm2_5=30.0)
    repeated = pl.concat([once, once.filter(pl.col("time").dt.hour() == 5)])
    row = _one_day(repeated)
    assert (row["hours_pm2_5"], row["hours"], row["conflicts"], row["pm2_5"]) == (24, 24, 0, 30.0)
    other = once.filter(pl.col("time").dt.hour() == 5).with_columns(pm2_5=pl.lit(900.0))
    row = _one_day(pl.concat([once, other]))
    assert (row["hours_pm2_5"], row["conflicts"], row["pm2_5"]) == (23, 1, 30.0)
    assert row["value_reason"] == "duplicate_conflict"


def test_same_station_name_in_two_cities_is_two_places() -> None:
    two = pl.concat([hours(DAY, city="东城", pm2_5=10.0), hours(DAY, city="西城", pm2_5=30.0)])
    found = daily_values(two).collect()
    assert found.select("city", "pm2_5").rows() == [("东城", 10.0), ("西城", 30.0)]


def test_city_is_the_mean_of_its_points_and_ozone_of_their_maxima() -> None:
    two = pl.concat(
        [
            hours(DAY, station="甲", city="东城", pm2_5=30.0, o3=lambda h: 80.0 if h < 8 else 0.0),
            hours(DAY, station="乙", city="东城", pm2_5=41.0, o3=lambda h: 80.0 if h >= 16 else 0.0),
        ]
    )
    row = city_daily_values(daily_values(two)).collect().row(0, named=True)
    assert (row["pm2_5"], row["o3_8h"], row["points"], row["points_pm2_5"]) == (35.5, 80.0, 2, 2)


def test_city_leaves_out_a_point_whose_day_is_not_valid() -> None:
    two = pl.concat(
        [
            hours(DAY, station="甲", city="东城", pm2_5=30.0),
            hours(DAY, station="乙", city="东城", pm2_5=lambda h: 90.0 if h < 10 else None),
        ]
    )
    row = city_daily_values(daily_values(two)).collect().row(0, named=True)
    assert (row["pm2_5"], row["points"], row["points_pm2_5"]) == (30.0, 2, 1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.none(), st.decimals(0, 300, places=1).map(float)), min_size=48, max_size=48), st.randoms())
def test_order_of_rows_does_not_matter_and_windows_equal_a_plain_count(values: list, random: object) -> None:
    frame = hours(DAY, 48, o3=values, pm2_5=values)
    found = daily_values(frame).collect()
    order = list(range(48))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert found.equals(daily_values(frame.collect()[order].lazy()).collect())
    first = values[:24]
    means = []
    for end in range(8, 25):
        window = [v for v in first[end - 8 : end] if v is not None]
        if len(window) >= 6:
            means.append(sum(window) / len(window))
    row = found.row(0, named=True)
    assert row["windows_o3_8h"] == len(means)
    if len(means) >= 14:
        assert row["o3_8h"] == pytest.approx(max(means), abs=1e-9)


FULL = {"pm2_5": 60.0, "pm10": 60.0, "so2": 5.0, "no2": 20.0, "co": 0.5, "o3_8h": 100.0}


@pytest.mark.parametrize(
    ("day", "pm2_5", "attains"),
    [
        (date(2026, 2, 28), 75.0, True),
        (date(2026, 2, 28), 76.0, False),
        (date(2026, 3, 1), 60.0, True),
        (date(2026, 3, 1), 61.0, False),
        (date(2030, 12, 31), 60.0, True),
        (date(2031, 1, 1), 60.0, False),
        (date(2031, 1, 1), 50.0, True),
    ],
)
def test_day_attains_by_the_limits_in_force_that_day(day: date, pm2_5: float, attains: bool) -> None:
    frame = pl.LazyFrame({"day": [day], **{k: [v] for k, v in (FULL | {"pm2_5": pm2_5}).items()}})
    assert attaining_day(frame).collect()["attaining_day"].item() is attains


def test_day_with_a_gap_attains_unknown_unless_another_item_exceeds() -> None:
    columns = {k: [v, v] for k, v in FULL.items()} | {"co": [None, None], "so2": [5.0, 151.0]}
    frame = pl.LazyFrame({"day": [DAY, DAY], **columns}, schema_overrides={"co": pl.Float64})
    found = attaining_day(frame).collect()
    assert found["attaining_day"].to_list() == [None, False]
    assert found["exceeding_items"].to_list() == [None, "so2"]


def test_attainment_that_hangs_on_a_rounding_not_confirmed_says_so() -> None:
    frame = pl.LazyFrame({"day": [DAY], **{k: [v] for k, v in (FULL | {"pm2_5": 75.4}).items()}})
    assert attaining_day(frame).collect().select("attaining_day", "limits_unconfirmed").row(0) == (True, True)


def test_midnight_closes_the_day() -> None:
    frame = hours(DAY, pm2_5=30.0)
    assert frame.collect()["time"].max() == datetime(2020, 4, 2)
    assert daily_values(frame).collect()["day"].to_list() == [DAY]


def test_rows_off_the_full_hour_are_counted_and_not_used() -> None:
    late = hours(DAY, pm2_5=400.0).with_columns(pl.col("time").dt.offset_by("30m"))
    row = _one_day(pl.concat([hours(DAY, pm2_5=30.0), late.filter(pl.col("time").dt.date() == DAY)]))
    assert (row["pm2_5"], row["hours"], row["off_hour"], row["value_reason"]) == (30.0, 24, 23, "off_hour")


def test_moving_means_fill_in_only_where_there_is_no_ozone_of_the_hour() -> None:
    row = _one_day(hours(DAY, o3=None, o3_8h=90.0))
    assert (row["o3_8h"], row["windows_o3_8h"]) == (90.0, 17)
    assert _one_day(hours(DAY, o3=40.0, o3_8h=90.0))["o3_8h"] == 40.0


def test_days_given_twice_count_once_and_contradicted_ones_not_at_all() -> None:
    days = [DAY, DAY, date(2020, 4, 2), date(2020, 4, 2), None]
    frame = pl.LazyFrame({"city": ["东城"] * 5, "day": days, "pm2_5": [30.0, 30.0, 30.0, 90.0, 1.0]})
    found = distinct_days(frame, by=["city"]).collect()
    assert found.select("day", "pm2_5", "conflicts").rows() == [(DAY, 30.0, 0), (date(2020, 4, 2), None, 1)]
    assert found["value_reason"].to_list() == [None, "duplicate_conflict"]


@pytest.mark.parametrize(("valid", "of", "marked"), [(7, 10, True), (8, 10, False), (2, 3, False), (1, 3, True)])
def test_city_of_too_few_points_is_marked_and_not_withheld(valid: int, of: int, marked: bool) -> None:
    points = [
        hours(DAY, station=str(n), city="东城", pm2_5=lambda h, n=n: 30.0 if n < valid or h < 5 else None)
        for n in range(of)
    ]
    row = city_daily_values(daily_values(pl.concat(points))).collect().row(0, named=True)
    assert row["pm2_5"] == 30.0
    assert ("too_few_points(pm2_5)" in (row["value_reason"] or "")) is marked


def test_city_carries_the_conflicts_of_its_points_and_names_measured_items_alone() -> None:
    point = hours(DAY, city="东城", pm2_5=lambda h: 30.0 if h < 5 else None)
    other = point.filter(pl.col("time").dt.hour() == 3).with_columns(pm2_5=pl.lit(90.0))
    row = city_daily_values(daily_values(pl.concat([point, other]))).collect().row(0, named=True)
    assert row["value_reason"] == "too_few_hours(pm2_5);duplicate_conflict"
    assert row["conflicts"] == 1
