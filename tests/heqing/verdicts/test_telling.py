"""A verdict in sentences: every kind, both languages, both readings of rounding, and never a code."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.heqing.verdicts.promised import START, number, promise
from tests.heqing.verdicts.test_judgement import promises, values

from heqing.tables import reason_codes
from heqing.verdicts import Calendar, Evidence, Kind, Promise, Telling, judge, method_on, tell

NAMED = Telling("某项指标", document="某方案", scheme_name="河清默认方案（建议稿）", scheme_is_proposal=True)
DAY = date(2025, 7, 1)


def told(of: Promise, value: str | int | None, language: str = "zh", telling: Telling = NAMED, **known: Any) -> str:
    """Tell a promise on a value of the eve."""
    places, on = known.pop("places", None), known.pop("on", DAY)
    as_of = known.pop("as_of", on - timedelta(days=1))
    evidence = Evidence(number(value), None if value is None else as_of, **known)
    found = judge(of, evidence, on=on, method=method_on(on, places=places))
    return ("" if language == "zh" else " ").join(tell(of, found, telling, on=on, language=language))


@settings(deadline=None, max_examples=50)
@given(
    of=promises(), value=st.none() | values, day=st.integers(-30, 400), later=st.integers(0, 90),
    places=st.sampled_from([None, 0, 1]), language=st.sampled_from(["zh", "en"]),
)  # fmt: skip
def test_no_code_no_gap_and_no_empty_sentence_in_any_verdict(
    of: Promise, value: Decimal | None, day: int, later: int, places: int | None, language: str
) -> None:
    as_of = START + timedelta(days=day)
    on = as_of + timedelta(days=later)
    evidence = Evidence(value, None if value is None else as_of)
    found = judge(of, evidence, on=on, method=method_on(on, places=places))
    said = tell(of, found, NAMED, on=on, language=language)
    whole = " ".join(said)
    assert all(sentence.strip() for sentence in said)
    assert not set(re.findall(r"[a-z]+_[a-z_]+", whole)) & set(reason_codes())
    assert "{" not in whole
    assert "None" not in whole
    assert "某项指标" in said[0]
    if language == "zh":
        assert "区水利局" in whole


@pytest.mark.parametrize(
    ("of", "known", "said"),
    [
        (promise(Kind.MEAN, "<=", 25, unit="微克/立方米"), {"value": 26, "places": 0},
         "按修约后的数值评定，界限是 25.01 微克/立方米（不含）"),
        (promise(Kind.MEAN, "<=", 25, unit="微克/立方米"), {"value": 26, "places": 0},
         "评定时怎样修约，出处只有一处，未经核实。"),
        (promise(Kind.MEAN, "<=", 25, unit="微克/立方米"), {"value": 80}, "无论怎样也拉不回来"),
        (promise(Kind.DAY_RATIO, ">=", 90, unit="%"), {"value": 95, "part": 171, "samples": 180},
         "有数据的 180 天中 171 天符合要求，占 95%。比目标值 90% 高 5 个百分点。"),
        (promise(Kind.AMOUNT, ">=", 24, unit="公里"), {"value": 10}, "落后 7.92 个百分点。还差 14 公里"),
        (promise(Kind.AMOUNT, "<=", 0, unit="次"), {"value": 1}, "不得出现，由区水利局牵头"),
        (promise(Kind.RATIO, ">=", 90, unit="%"), {"value": 80, "part": 8, "whole": 10}, "照目标值的原数算，还差 1 个"),
        (promise(Kind.CHANGE, "-%", 4, unit="%"), {"value": -3}, "下降 4% 以上"),
        (promise(Kind.GRADE, "<=", 3, unit="名", better="down"), {"value": 4}, "在 3 名以内"),
        (promise(Kind.DEED, "complete", None), {"value": 0}, "2025 年要办成“某项指标”"),
        (promise(Kind.AMOUNT, ">=", None, unit="个"), {"value": 3}, "某项指标（目标值不明）"),
        (promise(Kind.AMOUNT, ">=", 24, unit="公里"), {"value": 10, "as_of": date(2025, 5, 31)},
         "期限内还有 214 天（自数值截至日算起）"),
        (promise(Kind.AMOUNT, ">=", 24, unit="公里"), {"value": 24}, "期限未到，目标已经完成"),
        (promise(Kind.LEVEL, "<=", 24), {"value": 25, "on": date(2026, 1, 1)}, "期限已满，目标没有完成，亮红灯。"),
    ],
)  # fmt: skip
def test_sentences_of_the_kinds(of: Promise, known: dict[str, Any], said: str) -> None:
    assert said in told(of, **known)


def test_what_a_share_counts_is_named() -> None:
    of = promise(Kind.RATIO, ">=", 90, unit="%")
    telling = replace(NAMED, statistic="water.share_class_3", counts_months=True)
    known = {"part": 9, "whole": 11, "samples": 60, "expected": 66}
    assert "11 个断面中有 9 个达到或优于Ⅲ类" in told(of, "81.82", telling=telling, **known)
    assert "9 of 11 sections are of class III or better" in told(of, "81.82", "en", telling, **known)


def test_the_note_of_who_owes_a_value_is_said_in_place_of_the_reason() -> None:
    of = promise(Kind.AMOUNT, ">=", 24, unit="公里")
    assert "等待区水利局填报。" in told(of, None, telling=replace(NAMED, note="等待区水利局填报。"))
    assert "尚无数值" in told(of, None)


def test_months_by_themselves_are_told() -> None:
    of = promise(Kind.AMOUNT, "<=", 1, unit="次")
    spans = tuple(Evidence(Decimal(n), date(2025, n + 1, 28)) for n in range(3))
    found = judge(
        of, Evidence(None, None, spans=spans), on=date(2025, 4, 1), method=method_on(DAY, window=Calendar.MONTH)
    )
    said = "".join(tell(of, found, NAMED, on=date(2025, 4, 1)))
    assert "逐月评定" in said
    assert "没有做到的：2025-03" in said
    assert said.endswith("亮红灯。")


def test_a_clause_names_its_edition_once() -> None:
    of = promise(Kind.LEVEL, "<=", 24)
    assert "数值按 HJ 633-2026 4.2.2 计算。" in told(of, 20, edition="HJ 633-2026", clause="HJ 633-2026 4.2.2")
    assert "数值按 HJ 663-2026 表 3 计算。" in told(of, 20, edition="HJ 663-2026", clause="表 3")
    both = told(of, 20, edition="HJ 1-2012、HJ 1-2026", clause="HJ 1-2012 5；HJ 1-2026 4")
    assert "数值按 HJ 1-2012 5；HJ 1-2026 4 计算。" in both
