"""Times in the forms people write them."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.store.spelling import rows_of
from heqing.store.times import read_times

EIGHT = datetime(2020, 3, 26, 8)


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-26 08:00:00",
        "2020-03-26T08:00:00",
        "2020-03-26T08:00:00.000",
        "2020-03-26T08:00:00+08:00",
        "2020-03-26T00:00:00Z",
        "2020-03-26 01:00:00+01",
        "2020-3-26 8:00",
        "2020-3-26 8",
        "2020/03/26 08:00:00",
        "2020/3/26  8:00",
        "2020.3.26 8:00",
        "2020年3月26日8时",
        "2020年03月26日 08时00分",
        "2020年3月26日 8:00",
        "2020032608",
        "202003260800",
        "20200326080000",
        " 2020-03-26 08:00:00 ",
    ],
)
def test_forms_of_one_moment(text):
    assert read_times(pl.Series([text])).struct["moment"].to_list() == [EIGHT]


@pytest.mark.parametrize(
    "text", ["", "x", "26/3/2020 8:00", "2020-02-30 08:00", "2020-13-01 08:00", "2020-03-26 25:00", "43916.33",
             "2020-03-26 24:01", "2020-03-26 08:60", "20-3-26 8:00", "2020-03-26 08:00 pm"]
)  # fmt: skip
def test_what_is_no_time(text):
    assert read_times(pl.Series([text])).struct["moment"].to_list() == [None]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-03-26 24:00", datetime(2020, 3, 27)),
        ("2020-12-31 24:00:00", datetime(2021, 1, 1)),
        ("2020022924", datetime(2020, 3, 1)),
        ("2020年2月28日24时", datetime(2020, 2, 29)),
    ],
)
def test_hour_24_is_midnight_of_the_next_day(text, moment):
    assert read_times(pl.Series([text])).to_list() == [{"moment": moment, "form": "moment", "hour_24": True}]


def test_days_are_told_from_moments():
    forms = read_times(pl.Series(["2020-3-26", "20200326", "2020年3月26日", "2020-3-26 0:00"])).struct["form"]
    assert forms.to_list() == ["day", "day", "day", "moment"]


def test_nulls_and_an_empty_batch():
    assert read_times(pl.Series([None], dtype=pl.String)).struct["moment"].to_list() == [None]
    assert read_times(pl.Series([], dtype=pl.String)).len() == 0


def test_every_listed_form_reads_its_example():
    for row in rows_of("time_forms"):
        read = read_times(pl.Series([row["example"]]))
        assert read.struct["moment"].is_not_null().all(), row
        assert read.struct["form"].to_list() == [row["kind"]]


@settings(deadline=None)  # the first call compiles expressions; a busy machine is slow
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0)))
def test_any_moment_comes_back(moment):
    texts = [f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y/%m/%d %H:%M:%S}", f"{moment:%Y%m%d%H%M%S}"]
    assert read_times(pl.Series(texts)).struct["moment"].to_list() == [moment] * 3
