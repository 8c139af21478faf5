"""What all rules of this room hold: the rows that came in, in their order, each judged by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.water import (
    basin_grade,
    black_odorous_points,
    black_odorous_samples,
    black_odorous_waters,
    bloom_grade,
    change_of_grade,
    change_of_shares,
    city_water_index,
    groundwater_class,
    handover_grade,
    lake_water_class,
    main_pollutants,
    rank_cities,
    section_shares,
    source_attainment,
    source_rates,
    target_attainment,
    trophic_index,
    water_class,
    water_index,
)

Rule = Callable[[pl.LazyFrame], pl.LazyFrame]
BY_ROW: dict[str, Rule] = {
    "black_odorous_rural": lambda f: black_odorous_samples(f, setting="rural"),
    "black_odorous_urban": black_odorous_samples,
    "bloom_grade": bloom_grade,
    "change_of_grade": change_of_grade,
    "change_of_shares": change_of_shares,
    "groundwater_class": groundwater_class,
    "handover_grade": handover_grade,
    "main_pollutants": main_pollutants,
    "main_pollutants_interim": lambda f: main_pollutants(f, baseline="interim_limits"),
    "main_pollutants_target": lambda f: main_pollutants(f, baseline="target_class", rounding="rounded"),
    "source_ground": lambda f: source_attainment(f, kind="ground"),
    "source_surface": source_attainment,
    "target_attainment": target_attainment,
    "trophic_index": trophic_index,
    "water_index": water_index,
}
GROUPED: dict[str, Rule] = {
    "basin_grade": lambda f: basin_grade(f, by=["section"]),
    "black_odorous_points": lambda f: black_odorous_points(f, by=["section"]),
    "black_odorous_waters": lambda f: black_odorous_waters(f, by=["section"], order="day"),
    "city_water_index": lambda f: city_water_index(f, by=["section"]),
    "lake_water_class": lambda f: lake_water_class(f.rename({"section": "lake"})),
    "section_shares": lambda f: section_shares(f, by=["section"]),
    "source_rates": lambda f: source_rates(f, by=["section"], attained="clear_to_bottom"),
}
VALUES = st.none() | st.floats(-1, 30).map(lambda x: round(x, 3)) | st.just(float("nan"))
NUMBERS = ("ph", "do", "codmn", "nh3n", "nh3n_interim", "tp", "tn", "chla", "sd", "depth", "orp", "na", "mn", "hg",
           "algae_density", "bloom_share", "good_percent", "good_percent_before", "worse_than_v_percent",
           "worse_than_v_percent_before", "codmn_in", "nh3n_in", "tp_in", "codmn_before", "nh3n_before",
           "tp_before", "city_index", "city_index_before")  # fmt: skip
GRADES = st.none() | st.sampled_from(["优", "良好", "重度污染", "?"])
ROW: dict[str, Any] = {
    "section": st.sampled_from("ab"),
    "point": st.sampled_from("pq"),
    "day": st.none() | st.dates(date(2000, 1, 1), date(2026, 1, 1)),
    "body_type": st.none() | st.sampled_from(["river", "湖库", "?"]),
    "target_class": st.none() | st.sampled_from(["Ⅲ", "IV", "2", "x"]),
    "water_class": st.none() | st.integers(1, 6),
    "point_level": st.none() | st.integers(0, 2),
    "basin_grade": GRADES,
    "basin_grade_before": GRADES,
    "nh3n_below": st.none() | st.booleans(),
    "clear_to_bottom": st.none() | st.booleans(),
    **dict.fromkeys(NUMBERS, VALUES),
}
SCHEMA = {
    **dict.fromkeys(ROW, pl.Float64),
    **dict.fromkeys(("section", "point", "body_type", "target_class", "basin_grade", "basin_grade_before"), pl.String),
    "day": pl.Date, "water_class": pl.Int64, "point_level": pl.Int64, "nh3n_below": pl.Boolean,
    "clear_to_bottom": pl.Boolean,
}  # fmt: skip


@pytest.mark.parametrize("name", BY_ROW)
@given(st.lists(st.fixed_dictionaries(ROW), min_size=1, max_size=5))
@settings(max_examples=4, deadline=None)
def test_rows_stay_in_order_and_are_judged_by_themselves(name: str, rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    straight = BY_ROW[name](frame.lazy()).collect()
    kept = {c for c in straight.columns if c.endswith("_in") and c not in frame.columns}
    own = [f"{c}_in" if f"{c}_in" in kept else c for c in frame.columns]
    assert straight.select(own).rename(dict(zip(own, frame.columns, strict=True))).equals(frame)
    assert BY_ROW[name](frame.reverse().lazy()).collect().reverse().equals(straight)
    marks = [c for c in straight.columns if c.endswith("_unconfirmed")]
    assert all(straight[c].null_count() == 0 for c in marks)


@pytest.mark.parametrize("name", GROUPED)
@given(st.lists(st.fixed_dictionaries(ROW), min_size=1, max_size=6, unique_by=lambda row: row["day"]), st.randoms())
@settings(max_examples=4, deadline=None)
def test_groups_do_not_depend_on_the_order_of_rows(name: str, rows: list[dict[str, Any]], chance: Any) -> None:
    straight = GROUPED[name](pl.LazyFrame(rows, schema=SCHEMA, orient="row")).collect()
    other = GROUPED[name](pl.LazyFrame(chance.sample(rows, len(rows)), schema=SCHEMA, orient="row")).collect()
    assert other.equals(straight)


@pytest.mark.parametrize("name", [*BY_ROW, *GROUPED, "rank_cities", "water_class"])
def test_no_rows_give_no_rows(name: str) -> None:
    rules = {**BY_ROW, **GROUPED, "rank_cities": rank_cities, "water_class": water_class}
    empty = rules[name](pl.LazyFrame(schema=SCHEMA)).collect()
    assert empty.height == 0
    full = rules[name](pl.LazyFrame({c: [None] for c in SCHEMA}, schema=SCHEMA)).collect()
    assert full.schema == empty.schema
