"""Items, kept columns and reasons in words."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from heqing.errors import HeqingError, UnknownNameError
from heqing.tables import as_doubles, explain, item, items, join_reasons, keep_inputs, reason_codes

SOURCE = Path(__file__).parents[3] / "src/heqing"


def test_items_of_water_are_the_24_basic_ones_and_two_of_lakes() -> None:
    assert [i.code for i in items("water")[24:]] == ["chla", "sd"]
    assert item("water", "nh3n").wire_code == "w21003"


def test_unknown_item_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="pm2_5, pm10"):
        item("air", "voc")


def test_input_that_bears_a_results_name_is_kept_even_where_its_new_name_is_taken() -> None:
    frame = pl.LazyFrame({"aqi": [1], "aqi_in": [2], "level": [3]})
    kept = keep_inputs(frame, ["aqi", "level"]).collect()
    assert kept.to_dict(as_series=False) == {"aqi_in_in": [1], "aqi_in": [2], "level_in": [3]}


def test_single_precision_becomes_the_decimal_that_was_printed() -> None:
    frame = pl.LazyFrame({"co": [0.1, 2.2, None]}, schema={"co": pl.Float32})
    assert as_doubles(frame, ["co"]).collect()["co"].to_list() == [0.1, 2.2, None]


def test_text_in_a_number_column_is_refused_with_what_to_do() -> None:
    with pytest.raises(HeqingError, match="open_frame"):
        as_doubles(pl.LazyFrame({"co": ["0.1"]}), ["co"])


def test_reasons_are_joined_and_said_in_both_languages() -> None:
    joined = pl.select(join_reasons(pl.lit("bad_time"), pl.lit(None, pl.String), pl.lit("too_few_days(co,so2)"))).item()
    assert joined == "bad_time;too_few_days(co,so2)"
    assert explain(joined, "zh") == "时间无法识别，未评价。co、so2 的有效天数不足。"
    assert explain(joined, "en") == "The time could not be read; not judged. Too few valid days of co, so2."
    assert explain(None) == ""


def test_every_reason_that_the_code_gives_has_its_sentences() -> None:
    codes = reason_codes()
    given = set()
    for path in [*SOURCE.glob("air/*.py"), *SOURCE.glob("water/*.py"), *SOURCE.glob("store/*.py")]:
        text = path.read_text(encoding="utf-8")
        given |= set(re.findall(r'pl\.lit\("([a-z]+(?:_[a-z0-9]+)+)"\)', text)) & set(codes)
        given |= set(re.findall(r'pl\.format\("([a-z_]+)\(\{\}\)"', text))
    assert len(given) > 10
    assert given <= set(codes)
    for code, (zh, en) in codes.items():
        assert zh.endswith("。"), code
        assert en.endswith("."), code
        assert ("{}" in zh) == ("{}" in en), code
