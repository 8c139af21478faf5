"""The index of cities: items, sums, the published ranking of Hunan, changes, ties, and who is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import read, tolerance

from heqing.errors import UnknownNameError
from heqing.water import city_water_index, rank_cities, water_index
from heqing.water.city_index import index_items, weighted_index
from heqing.water.limits import judged_items

EXAMPLES = read("city_index.csv")
DAY = date(2020, 1, 1)


def indexed(rounding: str = "raw", **columns: Any) -> pl.DataFrame:
    height = max([len(v) for v in columns.values() if isinstance(v, list)], default=1)
    filled = {"day": DAY, "body_type": "river", **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()}, strict=False)
    return water_index(frame.lazy(), rounding=rounding).collect()


def check(example: dict[str, Any]) -> None:
    """Check one worked example."""
    inputs, expected, near = example["inputs"], example["expected"], tolerance(example)
    values = {k: float(v) for k, v in inputs.items() if k in index_items()}
    match example["kind"]:
        case "cwqi_rank":
            frame = pl.LazyFrame({"city": inputs["cwqi"].keys(), "day": DAY, "city_index": inputs["cwqi"].values()})
            found = rank_cities(frame.reverse()).collect().sort("city_rank")
            assert found["city"].to_list() == expected["order"]
            assert found["city_rank"].to_list() == list(range(1, len(expected["order"]) + 1))
        case "cwqi_change":
            frame = pl.LazyFrame(
                {"day": DAY, "city_index": [inputs["cwqi"]], "city_index_before": inputs["cwqi_previous"]}
            )
            change = rank_cities(frame).collect()["city_change"].item()
            assert change == pytest.approx(expected["delta_percent"], abs=near)
        case "cwqi_partial":
            for rounding in ("raw", "rounded"):
                found = indexed(rounding, **values)
                assert found["water_index_items"].item() == expected["n_items"]
                assert found["water_index"].item() == pytest.approx(expected["sum_indices"], abs=near)
            assert found["water_index_reason"].item().startswith("items_absent(")
        case "cwqi_full":
            found = indexed(**values)
            assert found.select("water_index", "water_index_items", "water_index_reason").row(0) == (
                pytest.approx(expected["CWQI"], abs=near),
                21,
                None,
            )
        case "cwqi_item":
            found = indexed(body_type=inputs.get("water_body", "river"), **{inputs["item"]: float(inputs["value"])})
            assert found[f"index_{inputs['item']}"].item() == pytest.approx(expected["index"], abs=near)
        case _:
            parts = [pl.lit(inputs[k]) for k in ("cwqi_river", "n_river", "cwqi_lake", "n_lake")]
            assert pl.select(weighted_index(*parts)).item() == pytest.approx(expected["cwqi_city"], abs=near)


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_index_rank_and_change(example: dict[str, Any]) -> None:
    check(example)


def test_the_items_are_those_that_give_a_section_its_class() -> None:
    assert index_items() == judged_items()


def test_items_are_meaned_over_sections_before_they_are_divided() -> None:
    frame = pl.LazyFrame(
        {
            "city": ["a"] * 3, "day": [DAY] * 3, "body_type": ["river", "river", "湖库"],
            "do": [10.0, 2.5, 5.0], "tp": [0.1, 0.3, 0.05], "water_class": [2, 5, 3], "target_class": ["Ⅲ"] * 3,
        }
    )  # fmt: skip
    row = city_water_index(frame, by=["city"]).collect().row(0, named=True)
    assert row["river_index"] == pytest.approx(5 / 6.25 + 1)  # not the mean of 5/10 and 5/2.5
    assert (row["lake_index"], row["river_sections"], row["lake_points"]) == (2.0, 2, 1)
    assert row["city_index"] == pytest.approx((1.8 * 2 + 2.0) / 3)
    assert (row["city_items"], row["worst_class"], row["missed_sections"], row["city_index_unconfirmed"]) == (
        2,
        5,
        1,
        True,
    )
    only = city_water_index(frame.head(2), by=["city"]).collect().row(0, named=True)
    assert (only["city_index"], only["lake_points"], only["city_index_unconfirmed"]) == (1.8, 0, False)


def test_no_oxygen_at_all_and_an_unknown_kind_of_water_have_no_index() -> None:
    found = indexed(do=[0.0, 5.0], tp=0.1, body_type=["river", "?"])
    assert found["water_index"].to_list() == [0.5, 1.0]
    reasons = [r.split(";")[0] for r in found["water_index_reason"]]
    assert reasons == ["zero_value(do)", "body_type_unknown(tp)"]


def test_half_the_detection_limit_counts() -> None:
    assert indexed(oil=0.01, oil_below=True)["index_oil"].item() == pytest.approx(0.1)


def test_equal_indices_share_a_rank_and_other_items_are_not_ranked() -> None:
    frame = pl.LazyFrame({"day": [DAY] * 4, "city_index": [3.00001, 3.00004, 2.0, 3.1], "city_items": [21, 21, 9, 21]})
    found = rank_cities(frame).collect()
    assert found["city_rank"].to_list() == [1, 1, None, 3]
    assert found["rank_reason"].to_list() == [None, None, "other_items(9)", None]
    assert found["rank_unconfirmed"].to_list() == [True, True, False, True]


def test_a_city_that_is_good_in_both_periods_is_left_out_of_the_ranking_by_change() -> None:
    frame = pl.LazyFrame(
        {
            "day": [DAY] * 3, "city_index": [2.0, 3.0, 4.0], "city_index_before": [2.5, 3.1, None],
            "worst_class": [2, 3, 4], "worst_class_before": [2, 2, 4], "missed_sections": [0] * 3,
            "missed_sections_before": [0] * 3,
        }
    )  # fmt: skip
    found = rank_cities(frame).collect()
    assert found["city_rank"].to_list() == [1, 2, 3]
    assert found["city_change"].to_list() == [-20.0, -3.23, None]
    assert found["change_rank"].to_list() == [None, 1, None]
    assert found["rank_reason"].to_list() == ["left_out_of_change", None, None]


def test_ranks_are_counted_within_each_period() -> None:
    frame = pl.LazyFrame({"period_end": [DAY, date(2020, 2, 1)], "period": ["1", "2"], "city_index": [3.0, 2.0]})
    assert rank_cities(frame, within=["period"]).collect()["city_rank"].to_list() == [1, 1]


def test_a_rounding_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="rounding"):
        indexed("half", tp=0.1)


item_values = st.floats(0.001, 10, allow_nan=False).map(lambda x: round(x, 3))


@given(st.sampled_from([i for i in judged_items() if i not in ("ph", "do")]), item_values, item_values)
@settings(max_examples=40, deadline=None)
def test_more_of_an_item_never_lowers_the_index(item: str, one: float, other: float) -> None:
    low, high = indexed(**{item: sorted((one, other))})["water_index"].to_list()
    assert low <= high


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["river", "lake"]), item_values), min_size=1),
    st.randoms(),
)
@settings(max_examples=25, deadline=None)
def test_a_city_does_not_depend_on_the_order_of_its_sections(rows: list[tuple[str, str, float]], chance: Any) -> None:
    def found(of: list[tuple[str, str, float]]) -> pl.DataFrame:
        frame = pl.DataFrame(of, schema=["city", "body_type", "tp"], orient="row").with_columns(day=pl.lit(DAY))
        return city_water_index(frame.lazy(), by=["city"], rounding="raw").collect()

    assert found(chance.sample(rows, len(rows))).equals(found(rows))
