"""The generated values: plausible, the same each time, with season, week, gaps and faults, and ending on the day."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from heqing.store import open_frame
from heqing_site.demo import rules, series

FIRST, LAST = date(2025, 2, 1), date(2026, 3, 31)
STATIONS, SECTIONS = rules.rows("stations"), rules.rows("sections")
AIR = ["pm2_5", "pm10", "so2", "no2", "co", "o3"]
WATER = ["water_temperature", "ph", "do", "codmn", "nh3n", "tp", "tn"]


def numbers(frame, items):
    """Read the cells as an office would: text to numbers, faults aside."""
    return frame.with_columns(
        pl.col("time").str.to_datetime(), *(pl.col(i).cast(pl.Float64, strict=False) for i in items)
    )


@pytest.fixture(scope="module")
def air():
    return series.air_hours(STATIONS, first=FIRST, last=LAST, seed=rules.SEED)


@pytest.fixture(scope="module")
def water():
    return series.water_samples(SECTIONS, first=FIRST, last=LAST, seed=rules.SEED)


def test_the_hours_begin_and_end_with_the_days(air):
    assert air["time"].min() == "2025-02-01 01:00:00"
    assert air["time"].max() == "2026-04-01 00:00:00"


def test_the_samples_begin_and_end_with_the_days(water):
    assert water["time"].min() == "2025-02-01 00:00:00"
    assert water["time"].max() == "2026-03-31 20:00:00"


@pytest.mark.parametrize(
    ("make", "places"), [(series.air_hours, STATIONS), (series.water_samples, SECTIONS)], ids=["air", "water"]
)
def test_the_same_seed_gives_the_same_values_and_a_later_end_changes_nothing_before(make, places):
    short = make(places, first=FIRST, last=date(2025, 2, 20), seed=7)
    again = make(places, first=FIRST, last=date(2025, 2, 20), seed=7)
    longer = make(places, first=FIRST, last=date(2025, 3, 20), seed=7)
    rest = make(places, first=date(2025, 2, 21), last=date(2025, 3, 20), seed=7)

    assert short.equals(again)
    assert pl.concat([short, rest]).equals(longer)
    assert not short.equals(make(places, first=FIRST, last=date(2025, 2, 20), seed=8))


def test_air_is_of_the_size_of_a_districts_air(air):
    known = numbers(air, AIR).with_columns(pl.when(pl.col("pm10") < 9999).then("pm10").alias("pm10"))
    mean = known.select(pl.col(AIR).mean()).row(0, named=True)

    bounds = {"pm2_5": (18, 35), "pm10": (30, 65), "so2": (4, 10), "no2": (12, 30), "co": (0.4, 0.9), "o3": (45, 85)}
    for item, (low, high) in bounds.items():
        assert low < mean[item] < high, item
    assert known.filter(pl.col("pm10") < pl.col("pm2_5")).is_empty()


def test_water_is_of_the_size_of_a_districts_water(water):
    known = numbers(water, WATER).filter(pl.col("ph") < 14)
    by_section = known.group_by("section").agg(pl.col(WATER).mean())

    assert by_section["do"].is_between(5, 12).all()
    assert by_section["codmn"].is_between(1, 7).all()
    assert by_section["ph"].is_between(7, 8.6).all()
    assert by_section["water_temperature"].is_between(12, 20).all()
    source, harbour = (by_section.filter(section=name)["nh3n"].item() for name in ("溪源", "石汀闸"))
    assert source < 0.3 < 0.8 < harbour


def test_winter_has_particles_and_summer_has_ozone(air):
    by_month = numbers(air, AIR).group_by(month=pl.col("time").dt.month()).agg(pl.col(AIR).mean()).sort("month")
    january, july = by_month.row(0, named=True), by_month.row(6, named=True)

    assert january["pm2_5"] > 1.5 * july["pm2_5"]
    assert july["o3"] > 1.3 * january["o3"]


def test_weekends_have_less_traffic(air):
    weekend = pl.col("time").dt.offset_by("-1h").dt.weekday() > 5
    known = numbers(air, AIR)

    assert known.filter(weekend)["no2"].mean() < 0.92 * known.filter(~weekend)["no2"].mean()


def test_ozone_comes_in_the_afternoon_and_rush_hours_bring_nitrogen_dioxide(air):
    by_hour = numbers(air, AIR).group_by(hour=pl.col("time").dt.hour()).agg(pl.col("o3", "no2").mean()).sort("hour")

    assert by_hour["o3"].arg_max() in (14, 15, 16)
    assert by_hour["no2"][9] > by_hour["no2"][14]


def test_cold_water_holds_more_oxygen(water):
    known = numbers(water, WATER)

    assert known.select(pl.corr("water_temperature", "do")).item() < -0.5


def test_the_nights_of_discharge_stand_out_at_one_section_only(water):
    night = (pl.col("time").dt.day().is_between(9, 13)) & (pl.col("time").dt.hour() <= 4)
    known = numbers(water, WATER).group_by("section", night=night).agg(pl.col("nh3n").mean())
    ratio = {
        name: rows.filter("night")["nh3n"].item() / rows.filter(~pl.col("night"))["nh3n"].item()
        for (name,), rows in known.group_by("section")
    }

    assert ratio.pop("石汀闸") > 1.8
    assert max(ratio.values()) < 1.6


def test_there_are_gaps_but_few(air, water):
    for frame, items, whole in ((air, AIR, 424 * 24 * len(STATIONS)), (water, WATER, 424 * 6 * len(SECTIONS))):
        empty = sum(frame.null_count().row(0)) + (whole - frame.height) * len(items)
        assert 0.005 < empty / (whole * len(items)) < 0.06


def test_the_store_takes_the_files_and_finds_the_faults(air, water, tmp_path):
    codes = set()
    for domain, frame in (("air", air), ("water", water)):
        frame.write_csv(tmp_path / f"{domain}.csv")
        with open_frame(tmp_path / f"{domain}.csv", domain=domain) as intake:
            codes |= {(problem.code, problem.column) for problem in intake.problems()}
            if domain == "water":
                assert intake.frame.select(pl.col("nh3n_below").sum()).collect().item() > 0

    assert codes == {
        ("impossible_value", "pm10"),
        ("negative_value", "so2"),
        ("impossible_value", "ph"),
        ("negative_value", "codmn"),
    }


def test_days_before_the_epoch_are_refused():
    with pytest.raises(ValueError, match="2020-01-01"):
        series.air_hours(STATIONS, first=series.EPOCH - timedelta(days=1), last=LAST, seed=1)


@pytest.mark.parametrize(
    ("through", "months", "expected"),
    [
        (date(2026, 3, 31), 14, date(2025, 2, 1)),
        (date(2026, 11, 21), 14, date(2025, 9, 22)),
        (date(2026, 12, 31), 12, date(2026, 1, 1)),
        (date(2024, 2, 29), 1, date(2024, 2, 1)),
        (date(2026, 3, 30), 1, date(2026, 2, 28)),
        (date(2026, 1, 1), 1, date(2025, 12, 2)),
    ],
)
def test_so_many_months_end_with_the_day(through, months, expected):
    assert rules.first_day(through, months) == expected
