"""Groundwater and sources of drinking water: classes, limits of three tables, rates, geology told apart."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import CLASSES, read, tolerance

from heqing.editions import table
from heqing.errors import MissingColumnError, UnknownNameError
from heqing.water import groundwater_class, source_attainment, source_rates
from heqing.water.drinking import source_limits
from heqing.water.groundwater import ground_limits, groundwater_items

EXAMPLES = read("sources.csv")
DAY = date(2022, 7, 1)


def frame_of(**columns: Any) -> pl.LazyFrame:
    height = max([len(v) for v in columns.values() if isinstance(v, list)], default=1)
    filled = {"day": DAY, **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()}, strict=False)
    return frame.lazy()


def ground(**columns: Any) -> pl.DataFrame:
    return groundwater_class(frame_of(**columns)).collect()


def source(kind: str = "surface", **columns: Any) -> pl.DataFrame:
    filled = {"body_type": "river", **columns} if kind == "surface" else columns
    return source_attainment(frame_of(**filled), kind=kind, rounding="raw").collect()


def check(example: dict[str, Any]) -> None:
    """Check one worked example."""
    inputs, expected, near = example["inputs"], example["expected"], tolerance(example)
    if example["kind"] == "groundwater_class":
        for item, value in inputs.items():
            row = ground(**{item: float(value)}).row(0, named=True)
            assert row["groundwater_class"] == CLASSES[expected[f"{item}_class"]]
            said, multiple = row["groundwater_exceedance"].split(":")
            assert said == item
            assert float(multiple) == pytest.approx(expected[f"{item}_multiple_vs_III"], abs=near)
        return
    if "volumes" in inputs:
        rows = {
            "source_attained": [n in inputs["ok"] for n in inputs["volumes"]],
            "volume": [*inputs["volumes"].values()],
        }
    elif "sources" in inputs:
        n, ok = inputs["sources"], inputs["ok"]
        rows = {"source_attained": [k < ok for k in range(n)], "volume": [inputs["volume"] / n] * n}
    else:
        rows = {"source_attained": [True], "volume": [inputs["volume_ok"]]}
    row = source_rates(pl.LazyFrame(rows)).collect().row(0, named=True)
    if "by_count" in expected:
        assert row["count_percent"] / 100 == expected["by_count"]
    assert row["volume_percent"] / 100 == pytest.approx(expected["by_volume"], abs=near)


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_source_or_sample(example: dict[str, Any]) -> None:
    check(example)


def test_the_worst_item_gives_the_class_and_multiples_are_over_class_iii() -> None:
    row = ground(f=1.19, na=356.0, nh3n=2.0, ph=9.5, fe=0.1).row(0, named=True)
    assert row["groundwater_class"] == 5
    assert row["groundwater_deciding"] == "ph,nh3n"
    assert row["groundwater_exceedance"] == "nh3n:3.00,ph,na:0.78,f:0.19"
    assert row["groundwater_unconfirmed"]


@pytest.mark.parametrize(
    ("item", "values", "classes"),
    [
        ("ph", [6.5, 8.5, 6.4, 5.5, 9.0, 5.4, 9.1], [1, 1, 4, 4, 4, 5, 5]),
        ("las", [0.1, 0.2, 0.3, 0.31], [2, 3, 3, 5]),
        ("alpha_activity", [0.1, 0.5, 0.6, 99.0], [1, 3, 4, 4]),
        ("odour", [0, 1], [1, 5]),
        ("benzene", [0.0005, 0.01, 0.0101, 0.13], [1, 3, 4, 5]),
    ],
)
def test_limits_that_are_not_plain_upper_ones(item: str, values: list[float], classes: list[int]) -> None:
    assert ground(**{item: values})["groundwater_class"].to_list() == classes


def test_what_was_not_detected_is_judged_by_its_detection_limit() -> None:
    found = ground(las=[0.05, 0.05], las_below=[True, False])
    assert found["groundwater_class"].to_list() == [1, 2]
    high = ground(hg=0.005, hg_below=True)
    assert high.select("groundwater_class", "groundwater_reason").row(0) == (
        None,
        "detection_limit_too_high(hg);no_items",
    )


def test_a_day_before_the_edition_has_no_class() -> None:
    found = ground(day=[date(2018, 4, 30), date(2018, 5, 1), None], f=1.0)
    assert found["groundwater_class"].to_list() == [None, 1, None]
    assert found["groundwater_reason"].to_list() == ["no_edition", None, "bad_time"]


def test_impossible_values_are_told() -> None:
    found = ground(f=[-1.0, float("nan"), 1e9, 1.0], cl=1.0)
    assert found["groundwater_reason"].to_list() == [
        "negative_value(f)", "not_a_number(f)", "impossible_value(f)", None,
    ]  # fmt: skip


def test_a_surface_source_needs_all_three_tables() -> None:
    found = source(tp=[0.2, 0.3, 0.2, 0.2], mn=[0.1, 0.1, 0.25, 0.1], benzo_a_pyrene=[0.0000028] * 3 + [0.000003])
    assert found["source_attained"].to_list() == [True, False, False, False]
    assert found["source_exceedance"].to_list() == [None, "tp:0.5", "mn:1.5", "benzo_a_pyrene:0.1"]
    assert found["source_items"].to_list() == [3] * 4
    assert found["source_unconfirmed"].to_list() == [True, False, False, True]
    assert source(tp=0.11, body_type="湖库")["source_attained"].item() is False


def test_what_exceeds_by_nature_is_told_apart() -> None:
    found = source("ground", f=[1.19, 1.19], na=[100.0, 356.0], geological_items=["f, na", "f"])
    assert found["source_attained"].to_list() == [False, False]
    assert found["source_attained_but_geology"].to_list() == [True, False]
    assert found["source_reason"].to_list() == ["geological_items(f)"] * 2
    assert found["source_clause"].to_list() == ["表 1、表 2"] * 2


def test_results_of_other_rules_stay_and_mistakes_are_told() -> None:
    twice = source_attainment(source(tp=0.1).lazy()).collect()
    assert twice["source_attained"].to_list() == twice["source_attained_in"].to_list() == [True]
    held = source(tp=0.1, multiples="mine", main_pollutants="mine")
    assert held.select("multiples", "main_pollutants").row(0) == ("mine", "mine")
    with pytest.raises(UnknownNameError, match="kind of source"):
        source("sea", tp=0.1)
    with pytest.raises(MissingColumnError, match="GB/T 14848"):
        ground(colour_of_the_day=1.0)


def test_a_source_without_a_verdict_leaves_both_rates() -> None:
    rows = pl.LazyFrame({"city": ["a", "a", "a"], "source_attained": [True, False, None], "volume": [3.0, 1.0, None]})
    row = source_rates(rows, by=["city"]).collect().row(0, named=True)
    assert (row["sources"], row["sources_judged"], row["count_percent"], row["volume_percent"]) == (3, 2, 50.0, 75.0)
    missing = rows.with_columns(volume=pl.lit(None, pl.Float64))
    assert source_rates(missing).collect()["volume_percent"].item() is None


@given(
    st.sampled_from([i for i in groundwater_items() if i != "ph"]), st.lists(st.floats(0, 5000), min_size=2, max_size=2)
)
@settings(max_examples=60, deadline=None)
def test_more_of_an_item_never_gives_a_better_class(item: str, values: list[float]) -> None:
    low, high = ground(**{item: [round(v, 4) for v in sorted(values)]})["groundwater_class"].to_list()
    assert low <= high


@pytest.mark.shared
def test_the_limits_are_those_of_the_shared_tables(shared_dir: Path) -> None:
    folder = shared_dir / "standards" / "water"
    with (folder / "gbt14848_2017_groundwater.csv").open(encoding="utf-8", newline="") as lines:
        theirs = list(csv.DictReader(lines))
    ours = {r["no"]: r for r in table("groundwater", "limits").iter_rows(named=True)}
    assert len(theirs) == len(ours) == 93
    for row in theirs:
        our = ours[int(row["no"])]
        assert our["name_zh"] == row["name_zh"]
        if row["direction"] == "le":
            for k, name in enumerate(("I", "II", "III", "IV"), start=1):
                printed = None if row[name][0] in "n>" else Decimal(row[name])
                assert our[f"class{k}"] == printed
                bound = ground_limits()[0][our["item"]].classes[k - 1]
                if printed is not None:
                    assert Decimal(str(bound)) == printed * 10**9 / (1000 if our["unit"] == "µg/L" else 1)
    for name in ("gb3838_table2_drinking_supplement", "gb3838_table3_drinking_specific"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            listed = list(csv.DictReader(lines))
        rows = table("surface_water", "drinking_limits").filter(list="supplement" if "2" in name[:13] else "specific")
        words = {r["name_zh"]: r for r in rows.iter_rows(named=True)}
        assert len(words) == len(listed)
        for row in listed:
            assert words[row["name_zh"]]["limit"] == Decimal(row["limit"])
            assert words[row["name_zh"]]["unconfirmed"] is row["status"].startswith("1 source")
            assert source_limits()[words[row["name_zh"]]["item"]][0][0] == int(Decimal(row["limit"]) * 10**9)
