"""Rivers and basins: published shares of sections and their grades, five sections as the border between methods."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.examples import read
from tests.heqing.water.samples import samples

from heqing.errors import MissingColumnError
from heqing.water import basin_grade, main_pollutants, section_shares, target_attainment, water_class
from heqing.water.basins import basin_steps, grade_by_shares

EXAMPLES = read("basins.csv")


def check(example: dict[str, Any]) -> None:
    """Make so many sections as were published and look at their shares and grade."""
    inputs, expected = example["inputs"], example["expected"]
    n, good, worse = inputs["n"], round(inputs["n"] * inputs["ratio_I_III"]), round(inputs["n"] * inputs["ratio_gtV"])
    classes = [3] * good + [6] * worse + [4] * (n - good - worse)
    frame = pl.LazyFrame({"river": "a", "day": date(2020, 1, 1), "water_class": classes, "target_class": [4] * n})
    row = basin_grade(frame, by=["river"]).collect().row(0, named=True)
    places = 2 if round(inputs["ratio_I_III"], 2) == inputs["ratio_I_III"] else 3
    assert round(row["good_percent"] / 100, places) == inputs["ratio_I_III"]
    assert round(row["worse_than_v_percent"] / 100, places) == inputs["ratio_gtV"]
    assert (row["basin_method"], row["basin_grade"]) == ("shares", expected["grade"])
    if "function_attainment_rate" in expected:
        assert row["attainment_percent"] == expected["function_attainment_rate"] * 100


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_published_grade_of_a_basin(example: dict[str, Any]) -> None:
    check(example)


def sections(**columns: Any) -> pl.LazyFrame:
    return water_class(samples(**columns), rounding="raw")


def test_four_sections_are_meaned_and_five_are_counted() -> None:
    tp = [0.05, 0.05, 0.05, 0.05, 1.2]
    few = basin_grade(sections(river="a", tp=tp[1:]), by=["river"]).collect().row(0, named=True)
    assert (few["basin_method"], few["basin_class"], few["basin_grade"]) == ("means", 5, "中度污染")
    assert few["basin_main_pollutants"] == "tp"
    assert few["basin_unconfirmed"]
    many = basin_grade(sections(river="a", tp=tp), by=["river"]).collect().row(0, named=True)
    assert (many["basin_method"], many["basin_class"], many["basin_grade"]) == ("shares", None, "良好")
    assert many["basin_unconfirmed"]  # one source writes more than five
    six = basin_grade(sections(river="a", tp=[*tp, 0.05]), by=["river"]).collect().row(0, named=True)
    assert not six["basin_unconfirmed"]


def test_dry_sections_leave_numerator_and_denominator() -> None:
    found = section_shares(sections(river="a", tp=[0.05, None, 0.5]), by=["river"]).collect().row(0, named=True)
    assert (found["sections"], found["sections_judged"], found["good_percent"]) == (3, 2, 50.0)
    none = basin_grade(sections(river="a", tp=[None, None]), by=["river"]).collect().row(0, named=True)
    assert (none["basin_grade"], none["basin_reason"]) == (None, "no_sections_judged")


def test_rivers_and_lakes_are_not_meaned_where_the_kind_decides() -> None:
    frame = sections(river="a", body_type=["river", "lake"], tp=[0.08, 0.08])
    row = basin_grade(frame, by=["river"]).collect().row(0, named=True)
    assert (row["basin_grade"], row["basin_reason"]) == (None, "means_not_judged(body_type_unknown tp )")


def test_main_pollutants_of_a_basin_go_by_the_share_of_sections() -> None:
    frame = sections(
        river="a", tp=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1], nh3n=[3.0, 3.0, 1.2, 0.1, 0.1, 0.1],
        cod=[25.0, 25.0, 10.0, 10.0, 10.0, 10.0], oil=[0.1, 0.01, 0.01, 0.01, 0.01, 0.01],
    )  # fmt: skip
    row = basin_grade(frame, by=["river"]).collect().row(0, named=True)
    assert row["basin_main_pollutants"] == "nh3n,cod,tp"


def test_a_group_may_bear_the_name_of_a_day_or_of_a_class() -> None:
    frame = sections(tp=[0.05] * 2, day=[date(2020, 1, 1), date(2020, 1, 2)]).with_columns(edition=pl.lit("x"))
    found = basin_grade(frame, by=["day", "edition"]).collect()
    assert found["basin_grade"].to_list() == ["优", "优"]


def test_attaining_is_not_being_good() -> None:
    frame = sections(tp=[0.25, 0.15], target_class=["Ⅳ", "Ⅱ"])
    assert target_attainment(frame).select("water_class", "target", "attained").collect().rows() == [
        (4, 4, True),
        (3, 2, False),
    ]
    with pytest.raises(MissingColumnError, match="target_class"):
        target_attainment(sections(tp=0.1))


def test_three_main_pollutants_with_heavy_metals_first() -> None:
    frame = samples(nh3n=2.5, tp=0.5, codmn=16.0, pb=0.06, do=4.0)
    row = main_pollutants(frame).collect().row(0, named=True)
    assert row["multiples"] == "codmn:1.7,nh3n:1.5,tp:1.5,pb:0.2,do"
    assert row["main_pollutants"] == "pb,codmn,nh3n"
    assert row["main_pollutants_zh"] == "铅(0.2),高锰酸盐指数(1.7),氨氮(1.5)"
    assert row["main_unconfirmed"]
    single = main_pollutants(samples(tp=0.26)).collect().row(0, named=True)
    assert (single["main_pollutants_zh"], single["main_unconfirmed"]) == ("总磷(0.3)", False)


def test_a_multiple_is_that_of_its_baseline() -> None:
    frame = samples(target_class="Ⅱ", nh3n=0.6, nh3n_interim=2.0, tp=0.08)
    found = {b: main_pollutants(frame, baseline=b).collect() for b in ("class_iii", "target_class", "interim_limits")}
    assert {b: (f["multiples"].item(), f["meets_baseline"].item()) for b, f in found.items()} == {
        "class_iii": (None, True),
        "target_class": ("nh3n:0.2", False),
        "interim_limits": (None, True),
    }
    alone = samples(nh3n=0.6, nh3n_interim=0.5, tp=0.9)
    row = main_pollutants(alone, baseline="interim_limits").collect().row(0, named=True)
    assert (row["multiples"], row["main_reason"]) == ("nh3n:0.2", "no_baseline(tp)")


def test_a_detection_limit_never_exceeds() -> None:
    frame = samples(hg=[0.00005, 0.0005], hg_below=True)
    found = main_pollutants(frame).collect()
    assert found["meets_baseline"].to_list() == [True, None]
    assert found["main_reason"].to_list() == [None, "no_baseline(hg)"]


shares = st.integers(5, 60).flatmap(
    lambda n: st.integers(0, n).flatmap(lambda good: st.tuples(st.just(n), st.just(good), st.integers(0, n - good)))
)


@given(shares)
@settings(max_examples=60, deadline=None)
def test_one_more_good_section_never_worsens_the_grade(of: tuple[int, int, int]) -> None:
    n, good, worse = of
    order = [s.grade for s in basin_steps()]

    def place(good_: int, worse_: int) -> int:
        grade = pl.select(grade_by_shares(pl.lit(100 * good_ / n), pl.lit(100 * worse_ / n))).item()
        return order.index(grade)

    if good + worse < n:
        assert place(good + 1, worse) <= place(good, worse) <= place(good, worse + 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(1, 6)), min_size=1, max_size=20), st.randoms())
@settings(max_examples=30, deadline=None)
def test_shares_do_not_depend_on_the_order_of_sections(rows: list[tuple[str, int | None]], chance: Any) -> None:
    def found(of: list[tuple[str, int | None]]) -> pl.DataFrame:
        frame = pl.DataFrame(of, schema={"river": pl.String, "water_class": pl.Int64}, orient="row")
        return section_shares(frame.lazy(), by=["river"]).collect()

    shuffled = chance.sample(rows, len(rows))
    assert found(shuffled).equals(found(rows))
    assert found(rows)["sections"].sum() == len(rows)
