"""Months and years of sections: means first, duplicates, months needed, the mean of pH."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.heqing.water.samples import noon, samples

from heqing.errors import MissingColumnError, UnknownNameError
from heqing.water import period_water_class


def periods(level: str = "month", rounding: str = "auto", **columns: object) -> pl.DataFrame:
    return period_water_class(samples(**columns), level=level, rounding=rounding).collect()


def months_of(year: int, count: int) -> list[date]:
    return [date(year, m, 15) for m in range(1, count + 1)]


def test_items_are_meaned_before_the_class_and_not_classes() -> None:
    found = periods(day=[date(2020, 6, d) for d in (1, 2, 3)], tp=[0.1, 0.1, 0.34], do=[8.0, 2.5, 8.0])
    assert found.select("period", "tp", "tp_n", "water_class", "deciding_items").row(0) == ("2020-06", 0.18, 3, 3, "tp")


def test_a_mean_is_rounded_before_it_is_judged_when_the_practice_says_so() -> None:
    days = [date(2025, 11, 1), date(2025, 11, 30)]
    found = periods(day=days, codmn=[6.0, 6.1])
    assert found.select("codmn", "water_class", "rounding", "unconfirmed").row(0) == (6.05, 3, "rounded", False)
    assert periods(day=days, codmn=[6.0, 6.1], rounding="raw")["water_class"].item() == 4


def test_a_mean_that_is_a_tie_in_thirds_is_seen_as_one() -> None:
    found = periods(
        level="year",
        rounding="rounded",
        day=[date(2020, m, d) for m in range(1, 13) for d in (1, 2, 3)],
        codmn=[6.0, 6.05, 6.1] * 12,
    )
    assert found.select("codmn", "water_class").row(0) == (6.05, 3)


def test_two_sections_of_one_name_in_two_cities_stay_apart() -> None:
    found = periods(city=["湖州", "嘉兴"], section="大桥", tp=[0.1, 0.5])
    assert found.select("city", "water_class").rows() == [("嘉兴", 6), ("湖州", 2)]


def test_two_words_for_one_kind_of_water_body_are_one_row_under_the_first_word() -> None:
    words = ["river", "河流", " River", "river"]
    days = [date(2020, 6, 2), date(2020, 6, 1), date(2020, 7, 1), date(2020, 7, 2)]
    found = periods(body_type=words, day=days, tp=[0.1, 0.3, 0.1, 0.1])
    assert found.select("body_type", "period", "tp", "tp_n").rows() == [
        ("river", "2020-06", 0.2, 2),
        ("river", "2020-07", 0.1, 2),
    ]
    assert periods("year", body_type=words[1:3], day=days[1:3], tp=[0.1, 0.1])["body_type"].to_list() == ["河流"]


def test_one_sample_given_under_two_words_counts_once() -> None:
    found = periods(body_type=["河流", "river"], tp=[0.1, 0.1])
    assert found.select("body_type", "samples", "duplicate_rows").rows() == [("河流", 1, 1)]


def test_a_river_and_a_lake_of_one_name_stay_apart() -> None:
    found = periods(body_type=["水库", "river", None], tp=[0.11] * 3)
    assert found.select("body_type", "water_class").rows() == [(None, None), ("river", 3), ("水库", 5)]


def test_without_a_body_type_a_period_is_judged_where_both_tables_agree() -> None:
    days = [date(2020, 6, 1), date(2020, 7, 1)]
    found = period_water_class(samples(day=days, tp=[0.11, 0.5]).drop("body_type")).collect()
    assert found.columns[:2] == ["section", "period"]
    assert found.select("water_class", "reason").rows() == [(None, "body_type_unknown(tp)"), (6, None)]


def test_what_the_doors_noticed_about_samples_is_said_of_their_period() -> None:
    noticed = ["not_a_number(tp)", "impossible_value(ph);no_detection_limit(nh3n)", "not_a_number(cod)", None]
    days = [date(2020, 6, 1), date(2020, 6, 2), date(2020, 6, 3), date(2020, 7, 1)]
    given = {"ph": 7.0, "cod": [10.0, 10.0, None, 10.0], "nh3n": 0.1, "tp": [None, 0.1, 0.1, 0.1]}
    found = periods(day=days, intake_reason=noticed, **given)
    words = "not_a_number(cod,tp);impossible_value(ph);no_detection_limit(nh3n)"
    assert found["reason"].to_list() == [words, None]
    assert periods("year", day=days, intake_reason=noticed, **given)["reason"].item() == f"{words};too_few_months(2)"


def test_a_value_that_the_doors_and_the_rule_both_refuse_is_named_once() -> None:
    found = periods(tp=-0.1, ph=7.0, intake_reason="negative_value(tp)")
    assert found["reason"].item() == "negative_value(tp)"


def test_rows_without_a_time_say_so_once_and_blank_ones_that_they_are_blank() -> None:
    found = periods(day=[None, None], section=["a", None], tp=[0.1, None], intake_reason=["bad_time", "blank_row"])
    assert found.select("section", "reason").rows() == [(None, "bad_time;blank_row"), ("a", "bad_time")]


def test_equal_rows_count_once_and_contradicting_ones_not_at_all() -> None:
    times = [noon("2020-06-01")] * 3 + [noon("2020-06-02")] * 2 + [noon("2020-06-03")]
    found = periods(time=times, tp=[0.1, 0.1, 0.1, 0.3, 0.9, 0.2])
    assert found.select("tp", "tp_n", "samples", "duplicate_rows", "conflicting_rows").row(0) == (0.15, 2, 2, 2, 2)
    assert found["reason"].item() == "conflicting_rows(2)"


def test_a_missing_value_beside_a_value_at_the_same_time_contradicts_it() -> None:
    found = periods(time=[noon("2020-06-01")] * 2, tp=[0.1, None], do=[8.0, 8.0])
    assert found.select("water_class", "conflicting_rows", "reason").row(0) == (None, 2, "no_items;conflicting_rows(2)")


def test_below_detection_counts_half_in_a_mean() -> None:
    found = periods(day=[date(2020, 6, 1), date(2020, 6, 2)], phenol=[0.0003, 0.0021], phenol_below=[True, False])
    assert found["phenol"].item() == 0.001125


def test_the_mean_of_ph_is_that_of_hydrogen_ions() -> None:
    found = periods(day=[date(2020, 6, 1), date(2020, 6, 2)], ph=[6.0, 8.0])
    assert found["ph"].item() == pytest.approx(6.2967, abs=0.0001)
    assert found["unconfirmed"].item() is False


def test_a_class_that_hangs_on_how_ph_is_averaged_is_unconfirmed() -> None:
    days = [date(2020, 6, 1), date(2020, 6, 2)]
    found = periods(day=days, ph=[5.4, 8.0])
    assert found.select("water_class", "unconfirmed", "reason").row(0) == (6, True, "ph_mean_unconfirmed")
    worse_anyway = periods(day=days, ph=[5.4, 8.0], do=[1.0, 1.0])
    assert worse_anyway.select("water_class", "unconfirmed", "reason").row(0) == (6, False, None)


def test_a_year_needs_twelve_months_or_eight_with_ice() -> None:
    for count, expected in (
        (12, (2, False, None)),
        (11, (2, True, "months_missing(11)")),
        (8, (2, True, "months_missing(8)")),
        (7, (None, False, "too_few_months(7)")),
    ):
        found = periods(level="year", day=months_of(2019, count), tp=[0.1] * count)
        assert found.select("water_class", "unconfirmed", "reason").row(0) == expected
        assert found.select("period", "months", "tp_n").row(0) == ("2019", count, count)


def test_a_year_is_the_mean_of_its_months() -> None:
    days = [*months_of(2019, 12), *[date(2019, 1, d) for d in range(1, 11)]]
    found = periods(level="year", day=days, tp=[0.1] * 12 + [0.5] * 10)
    january = (0.1 + 5.0) / 11
    assert found["tp"].item() == pytest.approx((january + 11 * 0.1) / 12, abs=1e-9)


def test_a_year_in_which_the_practice_changed_says_so() -> None:
    found = periods(level="year", day=months_of(2025, 12), tp=[0.1] * 12)
    assert found.select("rounding", "unconfirmed", "reason").row(0) == ("rounded", True, "straddles_editions")


def test_samples_without_a_date_are_kept_in_a_row_of_their_own() -> None:
    found = periods(day=[date(2020, 6, 1), None, None], tp=[0.1, 0.2, 0.3])
    assert found.select("period", "water_class", "samples", "reason").rows() == [
        (None, None, 2, "bad_time"),
        ("2020-06", 2, 1, None),
    ]


def test_impossible_values_stay_out_of_the_mean_and_are_named() -> None:
    found = periods(day=[date(2020, 6, 1), date(2020, 6, 2)], tp=[0.1, -0.3], tn=[99999.0, 1.0])
    assert found.select("tp", "tn", "reason").row(0) == (0.1, 1.0, "negative_value(tp);impossible_value(tn)")


def test_no_sample_is_lost_and_the_order_of_rows_does_not_matter() -> None:
    dice = random.Random(5)  # noqa: S311
    frame = pl.DataFrame(
        {
            "city": dice.choices(["a", "b"], k=600),
            "section": dice.choices(["x", "y", "z"], k=600),
            "body_type": ["river"] * 600,
            "day": [date(2024 + dice.randrange(2), dice.randrange(1, 13), dice.randrange(1, 28)) for _ in range(600)],
            "ph": [round(dice.gauss(7.5, 0.8), 2) for _ in range(600)],
            "cod": [round(dice.uniform(5, 45), 1) for _ in range(600)],
        }
    )
    for level in ("month", "year"):
        found = period_water_class(frame.lazy(), level=level).collect()
        counted = found.select(pl.sum_horizontal(pl.col("samples", "duplicate_rows", "conflicting_rows").sum())).item()
        assert counted == 600
        assert (
            period_water_class(frame.sample(fraction=1, shuffle=True, seed=1).lazy(), level=level)
            .collect()
            .equals(found)
        )


def test_the_manual_lists_every_column_of_a_period() -> None:
    manual = (Path(__file__).parents[3] / "docs/reference/columns.md").read_text(encoding="utf-8")
    water, common = manual.split("## Water")[1], manual.split("## Air")[0]
    for level in ("month", "year"):
        found = periods(level, province="a", city="b", river="c", tp=0.1).columns
        listed = [c.replace("tp", "<item>") for c in found]
        assert [c for c in listed if f"`{c}`" not in water + common] == []


def test_ten_days_weeks_and_quarters_have_their_names_and_last_days() -> None:
    days = [date(2024, 2, d) for d in (1, 10, 11, 20, 21, 29)]
    found = periods("ten_days", day=days, tp=[0.1, 0.3, 0.1, 0.1, 0.1, 0.5])
    assert found.select("period", "period_end", "tp").rows() == [
        ("2024-02上旬", date(2024, 2, 10), 0.2),
        ("2024-02中旬", date(2024, 2, 20), 0.1),
        ("2024-02下旬", date(2024, 2, 29), 0.3),
    ]
    assert periods("week", day=[date(2024, 12, 30)], tp=0.1).select("period", "period_end").row(0) == (
        "2025-W01",
        date(2025, 1, 5),
    )
    assert periods("quarter", day=days[:2], tp=0.1).select("period", "period_end", "water_class").row(0) == (
        "2024-Q1",
        date(2024, 3, 31),
        2,
    )


def test_a_quarter_needs_two_measurements_and_a_month_one() -> None:
    found = periods("quarter", tp=0.1)
    assert found.select("water_class", "reason").row(0) == (None, "too_few_samples(1/2)")
    assert periods("month", tp=0.1)["water_class"].item() == 2


def test_mistakes_are_told_at_once() -> None:
    with pytest.raises(UnknownNameError, match="no level “day”"):
        period_water_class(samples(tp=0.1), level="day")
    with pytest.raises(MissingColumnError, match="`section`"):
        period_water_class(samples(tp=0.1).drop("section"))
    with pytest.raises(MissingColumnError, match=r"Columns present: day, body_type, tp\. .*--rename old=section"):
        period_water_class(samples(tp=0.1, tp_below=False, file_row=2, intake_reason=None).drop("section"))
