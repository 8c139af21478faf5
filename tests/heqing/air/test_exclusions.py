"""Approved days left out of an evaluation: what leaves, what stays, and every row of the list accounted for."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from heqing.air import daily_index, exclude_days, listed_days, period_statistics
from heqing.errors import MissingColumnError, UnknownNameError

REST = {"so2": 8.0, "no2": 30.0, "co": 0.8, "o3_8h": 120.0}


def _april(dusty: set[int]) -> pl.LazyFrame:
    days = [date(2021, 4, d) for d in range(1, 31)]
    frame = pl.LazyFrame(
        {
            "city": ["甲"] * 30,
            "day": days,
            "pm2_5": [200.0 if d.day in dusty else 30.0 for d in days],
            "pm10": [900.0 if d.day in dusty else 60.0 for d in days],
        }
    )
    return daily_index(frame.with_columns(**{i: pl.lit(v) for i, v in REST.items()}))


def _list(*days: date | None, kind: str = "dust", document: str | None = "函", **more: str) -> pl.LazyFrame:
    return pl.LazyFrame(
        {"city": ["甲"] * len(days), "day": days}, schema={"city": pl.String, "day": pl.Date}
    ).with_columns(kind=pl.lit(kind), document=pl.lit(document, pl.String), **{k: pl.lit(v) for k, v in more.items()})


def _month(days: pl.LazyFrame) -> dict:
    return period_statistics(days, level="month", by=["city"]).collect().row(0, named=True)


def test_means_and_index_leave_dust_out_and_ratios_keep_it() -> None:
    days, dust = _april({3, 4}), _list(date(2021, 4, 3), date(2021, 4, 4))
    plain, without = _month(days), _month(exclude_days(days, dust))
    assert (without["pm10_mean"], without["pm2_5_mean"], without["pm10_days"]) == (60.0, 30.0, 28)
    assert plain["pm10_mean"] > 100
    assert without["composite_index"] < plain["composite_index"]
    assert (without["o3_8h_days"], without["so2_days"]) == (30, 30)
    assert (without["good_days"], without["valid_days"]) == (plain["good_days"], plain["valid_days"]) == (28, 30)


def test_a_ratio_without_dust_is_given_when_asked() -> None:
    row = _month(exclude_days(_april({3}), _list(date(2021, 4, 3)), ratios="excluded"))
    assert (row["good_days"], row["valid_days"], row["good_day_ratio"]) == (29, 29, 100.0)


def test_rows_and_order_stay_and_values_are_kept_beside() -> None:
    days = _april({3}).with_columns(pm10_measured=pl.lit("of the file"))
    found = exclude_days(days, _list(date(2021, 4, 3)), ratios="kept").collect()
    assert found["day"].to_list() == [date(2021, 4, 1) + timedelta(days=n) for n in range(30)]
    assert found["pm10"][2] is None
    assert found["pm10_measured"][2] == 900.0
    assert found["pm10_measured_in"][2] == "of the file"
    assert found.select("excluded_items", "excluded_kind", "excluded_by", "exclusion_unconfirmed").row(2) == (
        "pm2_5,pm10", "dust", "函", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (_list(date(2021, 4, 3)), None),
        (_list(None), "bad_time"),
        (_list(date(2016, 4, 3)), "no_edition"),
        (_list(date(2021, 4, 3), document=" "), "no_document"),
        (_list(date(2021, 4, 3), kind="fireworks"), "unknown_kind(fireworks)"),
        (_list(date(2021, 4, 3), kind="fireworks", items="pm2_5, so2"), None),
        (_list(date(2021, 5, 3)), "no_such_day"),
    ],
)
def test_every_row_of_the_list_is_used_or_says_why_not(listed: pl.LazyFrame, reason: str | None) -> None:
    days = _april({3})
    found = listed_days(listed, days).collect()
    assert found.height == 1
    assert found["list_reason"].item() == reason
    excluded = exclude_days(days, listed).collect()
    assert excluded.height == 30
    assert excluded["excluded_kind"].count() == (1 if reason is None else 0)


def test_items_that_the_list_names_itself_are_unconfirmed_and_join_those_of_the_rule() -> None:
    both = pl.concat(
        [_list(date(2021, 4, 3), items=""), _list(date(2021, 4, 3), kind="fireworks", document="另函", items="so2")]
    )
    row = exclude_days(_april({3}), both).collect().row(2, named=True)
    assert (row["excluded_items"], row["excluded_kind"], row["exclusion_unconfirmed"]) == (
        "pm2_5,pm10,so2", "dust,fireworks", True,
    )  # fmt: skip


def test_mistakes_are_told() -> None:
    with pytest.raises(MissingColumnError, match="document"):
        exclude_days(_april(set()), _list(date(2021, 4, 3)).drop("document"))
    with pytest.raises(UnknownNameError, match="kept"):
        exclude_days(_april(set()), _list(date(2021, 4, 3)), ratios="some")  # type: ignore[arg-type]
