"""The index of an hour and a day: borders, editions, gaps, names, and properties that hold for all values."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.air import daily_index, hourly_index
from heqing.air.index import DAY_ITEMS, ITEMS
from heqing.air.pins import pins_by_family
from heqing.errors import MissingColumnError, NoEditionError, UnknownNameError

NOON_2020 = datetime(2020, 4, 1, 12)
FULL = {"pm2_5": 10.0, "pm10": 20.0, "so2": 5.0, "no2": 10.0, "co": 0.4, "o3": 40.0}


def _hour(at: datetime = NOON_2020, **items: float | None) -> dict:
    values = {k: [v] for k, v in items.items()}
    frame = pl.LazyFrame({"time": [at], **values}, schema={"time": pl.Datetime, **dict.fromkeys(values, pl.Float64)})
    return hourly_index(frame).collect().row(0, named=True)


@pytest.mark.parametrize(
    ("pm2_5", "aqi", "level", "primary"),
    [
        (34.0, 49, 1, None),
        (35.0, 50, 1, None),
        (36.0, 52, 2, "pm2_5"),
        (75.0, 100, 2, "pm2_5"),
        (76.0, 102, 3, "pm2_5"),
    ],
)
def test_levels_change_above_and_not_at_their_bounds(pm2_5: float, aqi: int, level: int, primary: str | None) -> None:
    row = _hour(**(FULL | {"pm2_5": pm2_5}))
    assert (row["aqi"], row["level"], row["primary_pollutants"]) == (aqi, level, primary)


def test_tied_pollutants_are_all_named() -> None:
    assert _hour(**(FULL | {"pm2_5": 75.0, "pm10": 150.0}))["primary_pollutants"] == "pm2_5,pm10"


def test_hour_that_ends_at_midnight_belongs_to_the_day_before() -> None:
    before, after = (_hour(at, **(FULL | {"pm2_5": 60.0})) for at in (datetime(2026, 3, 1, 0), datetime(2026, 3, 1, 1)))
    assert (before["edition"], before["aqi"]) == ("HJ 633-2012", 82)
    assert (after["edition"], after["aqi"]) == ("HJ 633-2026", 100)


def test_missing_item_holds_back_a_low_index_from_2026_on_and_not_before() -> None:
    gap = FULL | {"co": None}
    assert _hour(**gap)["reason"] == "items_absent(co)"
    late = _hour(datetime(2026, 6, 1, 12), **gap)
    assert (late["aqi"], late["level"], late["reason"]) == (None, None, "missing_items(co)")
    assert late["iaqi_pm2_5"] is not None
    high = _hour(datetime(2026, 6, 1, 12), **(gap | {"pm2_5": 61.0}))
    assert high["aqi"] == 101


def test_item_that_was_never_monitored_holds_nothing_back() -> None:
    frame = pl.LazyFrame({"time": [datetime(2026, 6, 1, 12)], **{k: [v] for k, v in FULL.items() if k != "co"}})
    assert hourly_index(frame, not_monitored=["co"]).collect()["aqi"].item() is not None


def test_day_before_any_edition_is_not_judged_unless_pinned() -> None:
    frame = pl.LazyFrame({"time": [datetime(2014, 1, 1, 12)], "pm2_5": [36.0]})
    row = hourly_index(frame).collect().row(0, named=True)
    assert (row["aqi"], row["edition"], row["reason"]) == (None, None, "no_edition")
    assert hourly_index(frame, edition="HJ633-2012").collect()["aqi"].item() == 52


def test_unknown_edition_is_refused_by_name() -> None:
    with pytest.raises(NoEditionError, match="HJ 633-2012, HJ 633-2026"):
        hourly_index(pl.LazyFrame({"time": [NOON_2020]}), edition="HJ 633-1999")


def test_frame_without_time_is_refused_with_the_columns_it_has() -> None:
    with pytest.raises(MissingColumnError, match=r"`time`\. Columns present: pm2_5"):
        hourly_index(pl.LazyFrame({"pm2_5": [1.0]}))


@pytest.mark.parametrize("value", [-1.0, 3000.1, float("nan"), float("inf")])
def test_impossible_value_counts_as_missing(value: float) -> None:
    row = _hour(**(FULL | {"pm2_5": value}))
    assert row["iaqi_pm2_5"] is None
    assert row["reason"] == "items_absent(pm2_5)"


@pytest.mark.parametrize(("at", "iaqi"), [(NOON_2020, None), (datetime(2026, 6, 1, 12), 200)])
def test_so2_above_its_hourly_table_follows_the_note_of_each_edition(at: datetime, iaqi: int | None) -> None:
    row = _hour(at, **(FULL | {"so2": 801.0}))
    assert row["iaqi_so2"] == iaqi
    assert ("no_sub_index(so2)" in (row["reason"] or "")) is (iaqi is None)


def test_columns_that_bear_a_results_name_are_kept_and_results_computed() -> None:
    frame = pl.LazyFrame({"time": [NOON_2020], "aqi": [999], "level": ["优"], "pm2_5": [36.0]})
    found = hourly_index(frame).collect()
    assert found.select("aqi_in", "level_in", "aqi", "level").row(0) == (999, "优", 52, 2)


@pytest.mark.parametrize(
    ("day", "unseen"),
    [(date(2017, 7, 6), True), (date(2017, 7, 7), False), (date(2020, 4, 8), False), (date(2020, 4, 9), True)],
)
def test_practice_is_confirmed_only_on_the_days_on_which_it_was_seen(day: date, unseen: bool) -> None:
    row = _hour(datetime(day.year, day.month, day.day, 12), **FULL)
    assert row["unconfirmed"] is unseen
    assert ("practice_unconfirmed" in (row["reason"] or "")) is unseen


def test_ozone_of_one_hour_enters_the_day_by_the_edition_of_2012_alone() -> None:
    values = {"pm2_5": 10.0, "pm10": 20.0, "so2": 5.0, "no2": 10.0, "co": 0.4, "o3_8h": 90.0, "o3": 201.0}
    days = pl.LazyFrame({"day": [date(2026, 2, 28), date(2026, 3, 1)], **{k: [v, v] for k, v in values.items()}})
    found = daily_index(days).collect()
    assert found["iaqi_o3"].to_list() == [101, None]
    assert found["aqi"].to_list() == [101, 45]
    assert found["good_day"].to_list() == [False, True]


concentrations = st.one_of(st.none(), st.decimals(0, 1500, places=1).map(float))
moments = st.datetimes(datetime(2015, 1, 1), datetime(2032, 1, 1))


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    count = draw(st.integers(1, 8))
    columns: dict[str, list] = {"n": list(range(count)), "time": [draw(moments) for _ in range(count)]}
    for item in ITEMS:
        columns[item] = [draw(concentrations) for _ in range(count)]
    return pl.DataFrame(columns, schema_overrides={"time": pl.Datetime, **dict.fromkeys(ITEMS, pl.Float64)})


@settings(max_examples=25, deadline=None)
@given(tables())
def test_rows_come_back_in_order_and_do_not_know_each_other(frame: pl.DataFrame) -> None:
    whole = hourly_index(frame.lazy()).collect()
    assert whole["n"].to_list() == frame["n"].to_list()
    backwards = hourly_index(frame.reverse().lazy()).collect().reverse()
    assert whole.equals(backwards)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(DAY_ITEMS), st.dates(date(2016, 1, 1), date(2032, 1, 1)), concentrations, concentrations)
def test_sub_index_never_falls_when_the_value_rises(item: str, day: date, one: float | None, two: float | None) -> None:
    low, high = sorted(v or 0.0 for v in (one, two))
    found = daily_index(pl.LazyFrame({"day": [day, day], item: [low, high]})).collect()[f"iaqi_{item}"].to_list()
    assert None in found or found[0] <= found[1]
    assert found[1] is None or 0 <= found[1] <= 500


def test_index_by_an_edition_not_in_force_says_so() -> None:
    frame = pl.LazyFrame({"time": [NOON_2020], **{k: [v] for k, v in FULL.items()}})
    assert hourly_index(frame, edition="HJ 633-2026").collect()["reason"].item() == "recalculated(HJ 633-2026)"
    assert hourly_index(frame, edition="HJ 633-2012").collect()["reason"].item() is None


def test_two_editions_of_one_standard_cannot_be_pinned() -> None:
    with pytest.raises(UnknownNameError, match="second edition"):
        pins_by_family(["HJ633-2012", "HJ633-2026"], ["air_index"])


def test_item_never_monitored_must_be_an_item() -> None:
    frame = pl.LazyFrame({"day": [date(2026, 6, 1)], "pm2_5": [20.0]})
    with pytest.raises(UnknownNameError, match="o3_8h"):
        daily_index(frame, not_monitored=["ozone"])
    rest = ["pm10", "so2", "no2", "co", "o3_8h"]
    assert daily_index(frame, not_monitored=rest).collect()["aqi"].item() == 29


def test_columns_of_any_name_pass_through() -> None:
    names = ["_day", "_phase_no", "_missing", "_highest", "value_reason"]
    frame = pl.LazyFrame({"time": [NOON_2020], "pm2_5": [36.0], **{n: ["x"] for n in names}})
    found = hourly_index(frame).collect()
    assert found.select(names).row(0) == ("x",) * len(names)


def test_moment_that_ends_no_hour_is_marked() -> None:
    assert _hour(datetime(2020, 4, 1, 8, 30), **FULL)["reason"] == "off_hour"
