"""Classes of single samples: thresholds, kinds of water, rounding practice, missing and impossible values."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.water.samples import BEFORE, ROUNDED_FROM, classes, judge, samples

from heqing.errors import MissingColumnError, NoEditionError, UnknownNameError
from heqing.tables import explain, reason_codes
from heqing.water import water_class
from heqing.water.limits import judged_items, limits


def test_an_upper_limit_is_met_by_a_value_equal_to_it() -> None:
    assert classes(nh3n=[0.149999, 0.15, 0.150001]) == [1, 1, 2]
    assert classes(nh3n=[1.999, 2.0, 2.001]) == [5, 5, 6]


def test_dissolved_oxygen_is_a_lower_limit() -> None:
    assert classes(do=[7.6, 7.5, 7.49]) == [1, 1, 2]
    assert classes(do=[2.01, 2.0, 1.99]) == [5, 5, 6]


def test_ph_is_class_one_inside_its_range_and_worse_than_five_outside() -> None:
    assert classes(ph=[5.99, 6.0, 6.01]) == [6, 1, 1]
    assert classes(ph=[8.99, 9.0, 9.01]) == [1, 1, 6]


@pytest.mark.parametrize("item", [i for i in judged_items() if i != "ph"])
@pytest.mark.parametrize("body", ["river", "lake"])
def test_every_limit_of_every_item_just_inside_and_just_outside(item: str, body: str) -> None:
    limit = limits()[0][item, body]
    sign = -1 if limit.direction == "ge" else 1
    for place, bound in enumerate(limit.classes, start=1):
        inside = max(k for k, b in enumerate(limit.classes, 1) if b == bound) if place == 5 else place
        best = min(k for k, b in enumerate(limit.classes, 1) if b == bound)
        found = classes(body_type=body, **{item: [bound / 1e9, (bound + sign * 10) / 1e9]})
        assert found[0] == best
        assert found[1] is not None
        assert found[1] > inside or found[1] > best


def test_total_phosphorus_has_other_limits_in_lakes() -> None:
    assert classes(body_type=["river", "lake"], tp=[0.11, 0.11]) == [3, 5]


def test_words_for_kinds_of_water_body() -> None:
    words = ["河流", " River", "水库", "湖库", "湖泊", "reservoir", "河流型水库"]
    assert classes(body_type=words, tp=[0.11] * 7) == [3, 3, 5, 5, 5, 5, 3]


def test_a_water_body_of_unknown_kind_is_judged_where_both_tables_agree() -> None:
    found = judge(body_type=[None, "pond", None, None], tp=[0.11, 0.5, 0.11, None], do=[8.0, 8.0, 1.0, 5.5])
    assert found["water_class"].to_list() == [None, 6, 6, 3]
    assert found["reason"].to_list() == ["body_type_unknown(tp)", None, "body_type_unknown(tp)", None]
    assert found["deciding_items"].to_list() == [None, "tp", "do", "do"]
    assert found["exceedance"].to_list() == [None, "tp", "do", None]


def test_without_a_body_type_every_row_counts_as_of_unknown_kind() -> None:
    frame = pl.LazyFrame({"day": [BEFORE] * 3, "tp": [0.11, 0.5, None], "do": [8.0, 8.0, 5.5]})
    found = water_class(frame).collect()
    assert found.columns[:4] == ["day", "tp", "do", "water_class"]
    assert found.select("water_class", "reason").rows() == [(None, "body_type_unknown(tp)"), (6, None), (3, None)]


def test_a_file_without_an_item_that_judges_is_told_which_it_has_and_what_to_do() -> None:
    frame = samples(tn=50.0, tn_below=False, fc=1e6, fc_below=False, file_row=2, intake_reason=None)
    with pytest.raises(MissingColumnError) as caught:
        water_class(frame)
    said = str(caught.value)
    assert "Columns present: section, day, body_type, tn, fc." in said
    assert "tn, fc have no class" in said
    assert "--rename 氨氮=nh3n" in said


def test_temperature_nitrogen_and_coliforms_never_judge() -> None:
    found = judge(water_temperature=40.0, tn=50.0, fc=1e6, codmn=2.0, body_type="lake")
    assert found.select("water_class", "judged_items").row(0) == (1, "codmn")
    only = samples(tn=50.0)
    with pytest.raises(MissingColumnError, match=r"`ph`, `do`, .*At least one"):
        water_class(only)


def test_deciding_items_stand_in_the_order_of_the_standard() -> None:
    found = judge(tp=0.2, nh3n=0.9, codmn=4.0, do=5.0)
    assert found["deciding_items"].item() == "do,nh3n,tp"
    assert found["judged_items"].item() == "do,codmn,nh3n,tp"


def test_exceedances_go_worst_class_first_then_by_multiple_and_bare_ones_last() -> None:
    found = judge(ph=9.5, do=2.5, codmn=8.0, nh3n=2.3, tp=0.32)
    assert found["exceedance"].item() == "nh3n:1.3,ph,tp:0.6,do,codmn:0.3"


def test_equal_multiples_keep_the_order_of_the_standard() -> None:
    assert judge(tp=0.26, nh3n=1.3, codmn=7.8)["exceedance"].item() == "codmn:0.3,nh3n:0.3,tp:0.3"


def test_a_multiple_refers_to_class_three_and_a_tie_goes_up() -> None:
    assert judge(nh3n=[1.05, 1.15, 1.25, 4.0])["exceedance"].to_list() == [
        "nh3n:0.1",
        "nh3n:0.2",
        "nh3n:0.3",
        "nh3n:3.0",
    ]


def test_a_multiple_is_that_of_the_value_as_judged() -> None:
    assert judge(day=ROUNDED_FROM, codmn=6.65)["exceedance"].item() == "codmn:0.1"
    assert judge(day=ROUNDED_FROM, codmn=6.24)["exceedance"].item() == "codmn:0.0"


def test_ph_of_nine_point_four_passes_only_when_rounded() -> None:
    assert classes(ph=[9.4, 9.49, 9.5, 5.5, 5.49], rounding="rounded") == [1, 1, 6, 1, 6]
    assert classes(ph=[9.4, 9.49, 9.5, 5.5, 5.49], rounding="raw") == [6] * 5


def test_rounding_is_half_to_even_at_the_border() -> None:
    assert classes(codmn=[4.05, 4.0500001, 6.05, 15.05, 15.15], rounding="rounded") == [2, 3, 3, 5, 6]
    assert classes(nh3n=[0.155, 0.145, 0.505, 1.005, 1.5050001], rounding="rounded") == [2, 1, 2, 3, 5]
    assert classes(do=[7.45, 7.4500001, 5.95, 4.85, 1.95], rounding="rounded") == [2, 1, 2, 4, 5]
    assert classes(tp=[0.1005, 0.1015, 0.0255], body_type=["river", "river", "lake"], rounding="rounded") == [2, 3, 3]


def test_a_binary_float_is_taken_for_the_decimal_it_was_printed_as() -> None:
    assert classes(nh3n=[0.1 + 0.05, 1.1 - 0.1], tp=[0.1 + 0.2 - 0.2, 0.3 - 0.1]) == [2, 3]


def test_mercury_is_exact_at_its_smallest_limit() -> None:
    assert classes(hg=[0.00005, 0.000051, 0.0001, 0.00011]) == [1, 3, 3, 4]


def test_the_practice_of_rounding_changes_on_its_days() -> None:
    days = [date(2021, 4, 30), date(2021, 5, 1), date(2025, 10, 31), date(2025, 11, 1)]
    found = judge(day=days, ph=[9.4] * 4)
    assert found["rounding"].to_list() == ["raw", "raw", "raw", "rounded"]
    assert found["water_class"].to_list() == [6, 6, 6, 1]
    assert found["unconfirmed"].to_list() == [False, True, True, False]
    assert found["reason"].to_list() == [
        None,
        "rounding_practice_unknown(rounded=1)",
        "rounding_practice_unknown(rounded=1)",
        None,
    ]


def test_a_chosen_rounding_is_no_doubt_in_the_years_of_unknown_practice() -> None:
    for rounding, expected in (("raw", 6), ("rounded", 1)):
        found = judge(day=date(2023, 1, 1), ph=9.4, rounding=rounding)
        assert found.select("water_class", "rounding", "unconfirmed", "reason").row(0) == (
            expected,
            rounding,
            False,
            None,
        )


def test_a_class_that_rests_on_unconfirmed_decimals_is_unconfirmed() -> None:
    found = judge(day=ROUNDED_FROM, cod=[20.04, 20.06, 20.04], do=[8.0, 8.0, 4.0])
    assert found["water_class"].to_list() == [3, 4, 4]
    assert found["unconfirmed"].to_list() == [True, False, False]
    assert found["reason"].to_list() == ["rounding_unconfirmed(cod)", None, None]


def test_the_day_before_the_standard_has_no_edition_unless_pinned() -> None:
    found = judge(day=[date(2002, 5, 31), date(2002, 6, 1), None], tp=[0.1, 0.1, 0.1])
    assert found["water_class"].to_list() == [None, 2, None]
    assert found["reason"].to_list() == ["no_edition", None, "bad_time"]
    assert found["edition"].to_list() == [None, "GB 3838-2002", None]
    assert found["unconfirmed"].to_list() == [False] * 3
    pinned = judge(day=date(1999, 1, 1), tp=0.1, edition="gb3838-2002")
    assert pinned.select("water_class", "phase", "clause").row(0) == (2, "only", "表 1")


def test_a_row_without_any_value_says_so() -> None:
    found = judge(tp=[None, 0.1], nh3n=[None, None])
    assert found["water_class"].to_list() == [None, 2]
    assert found["reason"].to_list() == ["no_items", None]
    assert found["judged_items"].to_list() == [None, "tp"]


def test_impossible_values_count_as_missing_and_are_named() -> None:
    found = judge(tp=[-1.0, 0.1, float("nan"), float("inf")], ph=[7.0, 14.5, 7.0, None])
    assert found["water_class"].to_list() == [1, 2, 1, None]
    assert found["reason"].to_list() == [
        "negative_value(tp)",
        "impossible_value(ph)",
        "not_a_number(tp)",
        "impossible_value(tp);no_items",
    ]


def test_below_detection_meets_a_class_whose_limit_the_detection_limit_meets() -> None:
    found = judge(phenol=[0.002, 0.004, 0.006], phenol_below=True, do=8.0)
    assert found["water_class"].to_list() == [1, 3, 1]
    assert found["unconfirmed"].to_list() == [False, True, True]
    assert found["reason"].to_list() == [None, None, "detection_limit_too_high(phenol)"]
    assert found["judged_items"].to_list() == ["do,phenol", "do,phenol", "do"]


def test_below_detection_says_nothing_about_oxygen() -> None:
    assert classes(do=0.2, do_below=True) == [6]


def test_columns_that_bear_a_results_name_are_kept() -> None:
    found = judge(tp=0.1, water_class="Ⅲ", reason="x")
    assert found.select("water_class_in", "reason_in", "water_class", "reason").row(0) == ("Ⅲ", "x", 2, None)


def test_columns_of_any_other_name_pass_through_untouched() -> None:
    found = judge(tp=0.1, _class="mine", _body=7, station="x")
    assert found.select("_class", "_body", "station", "water_class").row(0) == ("mine", 7, "x", 2)


def test_time_may_be_local_midnight_or_carry_a_zone() -> None:
    midnight = judge(time=datetime(2025, 11, 1, 0), ph=9.4)
    zoned = samples(time=datetime(2025, 11, 1, 0), ph=9.4).with_columns(
        pl.col("time").dt.replace_time_zone("Asia/Shanghai")
    )
    assert midnight["rounding"].item() == "rounded"
    assert water_class(zoned).collect()["rounding"].item() == "rounded"


def test_a_programmers_mistakes_are_told_at_once() -> None:
    with pytest.raises(MissingColumnError, match="edition in force depends on the day"):
        water_class(pl.LazyFrame({"body_type": ["river"], "tp": [0.1]}))
    with pytest.raises(MissingColumnError, match="`time` is String"):
        water_class(samples(time="2020-01-01", tp=0.1))
    with pytest.raises(MissingColumnError, match="tp: these columns hold no numbers"):
        water_class(samples(tp="0.1"))
    with pytest.raises(UnknownNameError, match="no rounding “half”"):
        water_class(samples(tp=0.1), rounding="half")
    with pytest.raises(NoEditionError):
        water_class(samples(tp=0.1), edition="GB 3838-1988")


def test_every_reason_has_its_sentence() -> None:
    for code in (
        "detection_limit_too_high",
        "body_type_unknown",
        "rounding_practice_unknown",
        "rounding_unconfirmed",
        "too_few_months",
        "months_missing",
        "conflicting_rows",
        "ph_mean_unconfirmed",
        "straddles_editions",
    ):
        assert code in reason_codes()
    assert "rounded=1" in explain("rounding_practice_unknown(rounded=1)", "en")


@given(
    item=st.sampled_from([i for i in judged_items() if i != "ph"]),
    body=st.sampled_from(["river", "lake"]),
    rounding=st.sampled_from(["raw", "rounded"]),
    values=st.lists(st.integers(0, 590_000), min_size=20, max_size=60),
    scale=st.sampled_from([1e-7, 1e-6, 1e-5, 1e-4]),
)
@settings(max_examples=25, deadline=None)
def test_a_class_never_improves_when_a_value_rises_nor_worsens_when_oxygen_does(
    item: str, body: str, rounding: str, values: list[int], scale: float
) -> None:
    rising = sorted(values, reverse=item == "do")
    found = classes(body_type=body, rounding=rounding, **{item: [v * scale for v in rising]})
    assert None not in found
    assert found == sorted(found)  # type: ignore[type-var]


number = st.one_of(st.none(), st.floats(-1, 20, allow_nan=False).map(lambda v: round(v, 4)))


@given(
    st.lists(
        st.tuples(
            st.dates(date(2000, 1, 1), date(2027, 1, 1)),
            st.sampled_from(["river", "lake", None]),
            number,
            number,
            number,
            number,
        ),
        min_size=1,
        max_size=40,
    ),
    st.randoms(),
)
@settings(max_examples=20, deadline=None)
def test_same_rows_in_the_same_order_and_answers_that_do_not_depend_on_it(rows: list[tuple], random: object) -> None:
    names = ["day", "body_type", "ph", "do", "cod", "tp"]
    types = [pl.Date, pl.String, *[pl.Float64] * 4]
    frame = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row").with_row_index("n")
    straight = water_class(frame.lazy()).collect()
    order = list(range(frame.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = water_class(frame[order].lazy()).collect()
    assert straight.select(frame.columns).equals(frame)
    assert shuffled["n"].to_list() == order
    assert shuffled.sort("n").equals(straight)
    judged = straight.filter(pl.col("water_class").is_not_null())
    assert judged.filter(pl.col("deciding_items").is_null() | pl.col("clause").is_null()).height == 0
    assert straight.filter(pl.col("water_class").is_null() & pl.col("reason").is_null()).height == 0


def test_the_streamed_answer_is_the_same() -> None:
    frame = samples(tp=[0.1, 0.3, None] * 500, ph=[7.0, 9.4, -1.0] * 500, day=[BEFORE, date(2023, 1, 1), None] * 500)
    assert water_class(frame).collect(engine="streaming").equals(water_class(frame).collect())
