"""The trophic index of lakes: published years of Hulun Lake, sites of a reservoir, and bounds of the grades."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import read, tolerance

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.water import trophic_index
from heqing.water.trophic import item_trophic_index, trophic_grade, trophic_items, trophic_level, trophic_total

EXAMPLES = read("trophic.csv")
NUMBER = pl.lit(0)


def lake(**values: Any) -> pl.DataFrame:
    """Judge one or more lake samples."""
    height = max([len(v) for v in values.values() if isinstance(v, list)], default=1)
    frame = pl.DataFrame(
        {
            "day": [date(2020, 6, 1)] * height,
            **{k: v if isinstance(v, list) else [v] * height for k, v in values.items()},
        }
    )
    return trophic_index(frame.lazy()).collect()


def check(example: dict[str, Any]) -> None:
    """Check one worked example."""
    inputs, expected = example["inputs"], example["expected"]
    match example["kind"]:
        case "tli_single":
            found = lake(**{inputs["parameter"]: inputs["value"]})
            assert found["tli"].item() == pytest.approx(expected["TLI"], abs=tolerance(example))
            assert found["tli_items"].item() == inputs["parameter"]
        case "tli_full":
            found = lake(chla=inputs["chla_mg_m3"], sd=inputs["sd_m"], **{i: inputs[i] for i in ("tp", "tn", "codmn")})
            assert found["tli"].item() == pytest.approx(expected["formula_value"], abs=0.005)
            assert found["tli"].item() == pytest.approx(expected["TLI"], abs=tolerance(example))
            assert found["tli_grade"].item() == expected["grade"]
        case "tli_sum":
            given_ = {k.removeprefix("TLI_"): pl.lit(v) for k, v in inputs.items() if k != "year"}
            total = pl.select(trophic_total(given_, NUMBER)).item()
            assert total == pytest.approx(expected["TLI"], abs=tolerance(example))
            assert grade_of(total) == expected["grade"]
        case _:
            assert grade_of(inputs["TLI"]) == expected["grade"]


def grade_of(index: float) -> str:
    return str(pl.select(trophic_grade(trophic_level(pl.lit(float(index)), NUMBER), NUMBER)).item())


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_index_and_grade(example: dict[str, Any]) -> None:
    check(example)


def test_weights_are_those_printed_for_five_items() -> None:
    weights = {r["item"]: float(r["correlation"]) ** 2 for r in table("surface_water_trophic", "parameters").to_dicts()}
    assert [round(w / sum(weights.values()), 4) for w in weights.values()] == [0.2663, 0.1879, 0.1790, 0.1834, 0.1834]


def test_rivers_zeros_and_absent_items_are_told() -> None:
    found = lake(body_type=["水库", "river", "lake"], chla=[10.0, 10.0, 0.0], tp=[0.05, 0.05, None])
    assert found["tli_level"].to_list() == [2, None, None]
    assert found["tli_reason"].to_list() == [
        "items_absent(tn,sd,codmn)",
        "not_a_lake",
        "zero_value(chla);no_items",
    ]
    assert found["tli_unconfirmed"].to_list() == [False] * 3
    assert found["tli_clause"].to_list() == ["营养状态指数；分级", None, None]


def test_value_below_detection_counts_half_and_transparency_as_it_stands() -> None:
    found = lake(tp=[0.02, 0.01], tp_below=[True, False], sd=[1.0, 1.0], sd_below=[True, False])
    assert found["tli"].n_unique() == 1


def test_a_lake_without_any_item_is_refused() -> None:
    with pytest.raises(MissingColumnError, match="chla"):
        lake(turbidity=1.0)


values = st.floats(0.001, 1000, allow_nan=False).map(lambda x: round(x, 3))


@given(st.lists(st.tuples(*[st.none() | values] * 5), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_rows_stay_and_do_not_depend_on_each_other(rows: list[tuple[float | None, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(trophic_items(), pl.Float64), orient="row").with_columns(
        day=pl.lit(date(2020, 1, 1))
    )
    straight = trophic_index(frame.lazy()).collect()
    assert straight.select(frame.columns).equals(frame)
    turned = trophic_index(frame.reverse().lazy()).collect().reverse()
    assert turned.equals(straight)


@given(st.sampled_from(["chla", "tp", "tn", "codmn", "sd"]), values, values)
@settings(max_examples=50, deadline=None)
def test_more_of_a_nutrient_never_lowers_the_index(item: str, one: float, other: float) -> None:
    low, high = (
        pl.select(item_trophic_index(item, pl.lit(v), NUMBER)).item()
        for v in sorted((one, other), reverse=item == "sd")
    )
    assert low <= high
