"""Black-odorous water: samples of a public test suite, points by their heavy data, whole waters, villages."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import read

from heqing.errors import MissingColumnError, UnknownNameError
from heqing.water import black_odorous_points, black_odorous_samples, black_odorous_waters, elimination_rates

EXAMPLES = read("black_odorous.csv")
LEVELS = {"none": 0, "light": 1, "heavy": 2}
# Values that are heavy and light by each indicator.
HEAVY = {"sd": 0.05, "do": 0.1, "orp": -300.0, "nh3n": 20.0}
LIGHT = {"sd": 0.2, "do": 1.0, "orp": 0.0, "nh3n": 10.0}


def judged(setting: str = "urban", **columns: Any) -> pl.DataFrame:
    height = max([len(v) for v in columns.values() if isinstance(v, list)], default=1)
    filled = {"day": date(2020, 6, 1), **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()}, strict=False)
    return black_odorous_samples(frame.lazy(), setting=setting).collect()


def point(shares: dict[str, float]) -> dict[str, Any]:
    """Judge a point of a hundred samples of which such shares are heavy."""
    columns = {i: [HEAVY[i]] * round(100 * s) + [LIGHT[i]] * (100 - round(100 * s)) for i, s in shares.items()}
    days = pl.date_range(date(2020, 1, 1), date(2020, 4, 9), eager=True)
    frame = pl.DataFrame({"point": ["a"] * 100, "day": days, **columns}).lazy()
    return black_odorous_points(frame, by=["point"]).collect().row(0, named=True)


def water(levels: list[int | None]) -> dict[str, Any]:
    frame = pl.DataFrame({"water": ["a"] * len(levels), "km": range(len(levels)), "point_level": levels})
    return black_odorous_waters(frame.lazy(), by=["water"], order="km").collect().row(0, named=True)


def check(example: dict[str, Any]) -> None:
    """Check one worked example."""
    inputs, expected = example["inputs"], example["expected"]
    match example["kind"]:
        case "black_odorous_sample":
            row = judged(
                sd=inputs["sd_cm"] / 100, depth=inputs["depth_cm"] / 100, do=float(inputs["do"]),
                nh3n=float(inputs["nh3n"]), clear_to_bottom=inputs["clear_to_bottom"],
            ).row(0, named=True)  # fmt: skip
            assert row["black_level"] == LEVELS[expected["level"]]
            assert row["black_reason"].startswith("items_absent(orp)")
        case "black_odorous_point":
            row = point(inputs["samples_heavy_share"])
            for item, share in inputs["samples_heavy_share"].items():
                assert row[f"heavy_percent_{item}"] == pytest.approx(100 * share)
            assert row["point_level"] == LEVELS[expected["point"]]
        case _:
            assert water([LEVELS[p] for p in inputs["points"]])["black_water_level"] == LEVELS[expected["water"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_example(example: dict[str, Any]) -> None:
    check(example)


@pytest.mark.parametrize(
    ("item", "values", "levels"),
    [
        ("sd", [0.25, 0.249, 0.1, 0.099], [0, 1, 1, 2]),
        ("do", [2.0, 1.99, 0.2, 0.19], [0, 1, 1, 2]),
        ("orp", [50.0, 49.0, -200.0, -201.0], [0, 1, 1, 2]),
        ("nh3n", [8.0, 8.01, 15.0, 15.01], [0, 1, 1, 2]),
    ],
)
def test_bounds_belong_to_the_better_side(item: str, values: list[float], levels: list[int]) -> None:
    assert judged(**{item: values})["black_level"].to_list() == levels


def test_in_shallow_water_the_bound_of_transparency_is_a_share_of_the_depth() -> None:
    found = judged(sd=[0.07, 0.09, 0.09, 0.09, 0.2], depth=[0.2, 0.2, 0.2, 0.25, None],
                   clear_to_bottom=[False, False, True, False, False])  # fmt: skip
    assert found["black_level"].to_list() == [2, 1, 0, 2, 1]
    assert found["black_unconfirmed"].to_list() == [True, True, False, False, False]
    assert [r.split(";")[1:] for r in found["black_reason"]] == [
        ["shallow_water"], ["shallow_water"], [], [], ["depth_unknown"],
    ]  # fmt: skip


def test_the_worst_indicator_decides_and_is_named() -> None:
    row = judged(sd=0.3, do=1.0, nh3n=20.0).row(0, named=True)
    assert (row["black_level"], row["black_word"], row["black_items"]) == (2, "重度黑臭", "nh3n")
    clean = judged(sd=0.3, do=5.0, nh3n=1.0, orp=100.0).row(0, named=True)
    assert (clean["black_word"], clean["black_items"], clean["black_reason"]) == ("无黑臭", None, None)
    assert judged(do=None).select("black_level", "black_reason").row(0) == (None, "no_items")


def test_in_a_village_one_indicator_is_enough() -> None:
    found = judged("rural", sd=[0.3, 0.2, 0.3, 0.09], do=[2.0, 3.0, 1.9, 3.0], nh3n=[15.0, 1.0, 1.0, 1.0],
                   depth=[1.0, 1.0, 1.0, 0.2])  # fmt: skip
    assert found["black_level"].to_list() == [0, 1, 1, 0]
    assert found["black_word"].to_list() == ["无黑臭", "黑臭", "黑臭", "无黑臭"]
    assert found["black_unconfirmed"].to_list() == [True] * 4


def test_a_point_that_is_never_black_is_none_and_few_rounds_are_told() -> None:
    frame = pl.LazyFrame({"point": ["a", "a"], "day": [date(2020, 1, 1), date(2020, 1, 2)], "do": [5.0, 6.0]})
    row = black_odorous_points(frame, by=["point"]).collect().row(0, named=True)
    assert (row["point_level"], row["point_reason"]) == (0, "too_few_rounds(2/3)")


def test_three_heavy_points_in_a_row_make_a_heavy_stretch() -> None:
    row = water([2, 2, 2, 1, 1, 1, 2, 2, 1, 1])
    assert (row["black_water_level"], row["heavy_percent"]) == (1, 50.0)
    assert (row["heavy_stretches"], row["longest_heavy_run"]) == (1, 3)
    assert water([0, 0, 0])["black_water_level"] == 0
    assert water([0, None])["black_water_reason"] == "too_few_points_of_water(1/3)"
    assert water([None])["black_water_level"] is None


def test_runs_do_not_reach_from_one_water_into_the_next() -> None:
    frame = pl.LazyFrame({"water": ["a"] * 2 + ["b"] * 2, "km": [1, 2, 1, 2], "point_level": [1, 2, 2, 2]})
    found = black_odorous_waters(frame, by=["water"], order="km").collect()
    assert found["longest_heavy_run"].to_list() == [1, 2]


def test_mistakes_are_told() -> None:
    with pytest.raises(UnknownNameError, match="setting"):
        judged("suburban", do=1.0)
    with pytest.raises(MissingColumnError, match="`sd`, `do`, `orp`, `nh3n`"):
        judged(tp=1.0)


@given(st.sampled_from(["sd", "do", "orp", "nh3n"]), st.floats(0, 60), st.floats(0, 60))
@settings(max_examples=40, deadline=None)
def test_worse_values_never_give_a_better_level(item: str, one: float, other: float) -> None:
    ordered = sorted((round(one, 3), round(other, 3)), reverse=item != "nh3n")
    better, worse = judged(**{item: ordered})["black_level"].to_list()
    assert better <= worse


def _listed(*states: bool | None, **more: list) -> pl.LazyFrame:
    rows = {
        "water": [f"w{n}" for n, _ in enumerate(states)],
        "day": [date(2020, 12, 31)] * len(states),
        "eliminated": states,
    }
    return pl.LazyFrame(rows | more, schema_overrides={"eliminated": pl.Boolean})


def _rates(frame: pl.LazyFrame, **options: Any) -> dict[str, Any]:
    return elimination_rates(frame, **options).collect().row(0, named=True)


@pytest.mark.parametrize("setting", ["urban", "rural"])
def test_the_rate_of_solved_waters_by_number_length_and_area(setting: str) -> None:
    row = _rates(_listed(True, True, False, length=[1.5, 2.5, 4.0], area=[10.0, 20.0, 10.0]), setting=setting)
    assert (row["listed"], row["eliminated"], row["rate_by_number"]) == (3, 2, 66.666666667)
    assert (row["listed_length"], row["eliminated_length"], row["rate_by_length"]) == (8.0, 4.0, 50.0)
    assert (row["listed_area"], row["rate_by_area"]) == (40.0, 75.0)
    assert row["elimination_unconfirmed"]
    assert row["elimination_reason"] is None


def test_a_water_that_is_black_again_goes_back_on_the_list() -> None:
    row = _rates(_listed(True, True, True, None, black_water_level=[0, 2, None, 0]))
    assert (row["eliminated"], row["rebounded"], row["undecided"], row["rate_by_number"]) == (2, 1, 1, 50.0)
    assert row["elimination_reason"] == "water_undecided(1);water_rebounded(1)"


def test_a_rate_by_an_amount_that_some_water_lacks_is_absent_and_says_so() -> None:
    row = _rates(_listed(True, False, length=[1.0, None]))
    assert (row["rate_by_number"], row["rate_by_length"], row["rate_by_area"]) == (50.0, None, None)
    assert (row["listed_length"], row["eliminated_length"]) == (None, None)
    assert row["elimination_reason"] == "water_without_length(1)"


def test_a_water_listed_twice_counts_once_and_contradictions_are_not_solved() -> None:
    frame = pl.concat([_listed(True, True, length=[1.0, 3.0]), _listed(True, False, length=[1.0, 3.0])])
    row = _rates(frame)
    assert (row["listed"], row["eliminated"], row["undecided"], row["rate_by_length"]) == (2, 1, 1, 25.0)
    assert "water_twice(2)" in row["elimination_reason"]


def test_rates_are_counted_by_place_in_any_order() -> None:
    frame = _listed(True, False, True, True, place=["b", "a", "a", "b"])
    found = elimination_rates(frame, by=["place"]).collect()
    assert found.select("place", "rate_by_number").rows() == [("a", 50.0), ("b", 100.0)]
    assert elimination_rates(frame.reverse(), by=["place"]).collect().equals(found)
    assert elimination_rates(frame.filter(False), by=["place"]).collect().is_empty()
    with pytest.raises(MissingColumnError, match="eliminated"):
        elimination_rates(frame.drop("eliminated"))
