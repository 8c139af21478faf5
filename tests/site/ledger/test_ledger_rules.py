"""The tables of the ledger: periods, names of offices and places, and the sentences of a grey light."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from heqing_site.ledger import rules
from heqing_site.ledger.rules import Better, Light, Origin, Owed, Rhythm, SourceKind


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026年", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026年度", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-2030", date(2026, 1, 1), date(2030, 12, 31)),
        ("2026—2030年", date(2026, 1, 1), date(2030, 12, 31)),
        ("2026-2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2018-", date(2018, 1, 1), None),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026年4月", date(2026, 4, 1), date(2026, 4, 30)),
        ("2026年4月-9月", date(2026, 4, 1), date(2026, 9, 30)),
        ("2030-2026", None, None),
        ("2026-13", None, None),
        ("今后一个时期", None, None),
        ("", None, None),
    ],
)
def test_a_period_is_read_as_written_and_never_guessed(written, first, last):
    assert rules.parse_period(written) == (first, last)


def test_periods_are_said_as_officials_write_them():
    assert rules.say_period("2026") == "2026 年"
    assert rules.say_period("2021-2025") == "2021—2025 年"
    assert rules.say_period("2018-") == "2018 年起"
    assert rules.say_period("近期") == "近期"


@pytest.mark.parametrize(
    ("unit", "office", "is_it"),
    [
        ("清河区水利局", "区水利局", True),
        ("清河区水利局", "水利局", True),
        ("清河区水利局", "清河区水利局", True),
        ("清河区水利局", "区农业农村局", False),
        ("清河区水利局", "各部门", False),
        ("清河区水利局", "局", False),
        ("清河区水利局", "各级各部门", False),
    ],
)
def test_an_office_is_found_with_or_without_the_name_of_its_place(unit, office, is_it):
    assert rules.is_named(unit, office) is is_it


@pytest.mark.parametrize(
    ("region", "issuer", "name"),
    [
        ("清河区", "", "清河区"),
        ("", "清河区人民政府", "清河区"),
        ("XX区", "", "本级政府"),
        ("区委书记在全市", "", "本级政府"),
        ("区委书记在全市", "清河区人民政府", "清河区"),
        ("", "", "本级政府"),
    ],
)
def test_a_place_is_named_only_when_the_document_says_it_plainly(region, issuer, name):
    assert rules.region_name(region, issuer) == name


OWED = Owed(
    comparator="<=",
    bound_is_known=True,
    bound_text="25",
    gap="",
    period_text="2026",
    has_period=True,
    source_kind=SourceKind.REPORTED,
    statistic_name="",
    rhythm=Rhythm.MONTH,
    lead="区水利局",
)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({}, "等待区水利局填报 2026 年数值（每月）。"),
        (
            {"source_kind": SourceKind.INSTRUMENT, "statistic_name": "PM2.5 平均浓度"},
            "等待区水利局接入 2026 年监测数据，计算“PM2.5 平均浓度”。",
        ),
        (
            {"source_kind": SourceKind.REGISTER, "statistic_name": "整改问题销号率"},
            "等待区水利局在台账中登记，系统据此清点“整改问题销号率”。",
        ),
        (
            {"source_kind": SourceKind.DEED, "comparator": "complete", "bound_is_known": False},
            "等待区水利局办结 2026 年事项并上传佐证。",
        ),
        (
            {"bound_is_known": False, "bound_text": "**", "gap": "number_masked"},
            "目标值在原文中被遮盖（**），请区水利局补录；等待其填报 2026 年数值（每月）。",
        ),
        (
            {"bound_is_known": False, "bound_text": "", "gap": "number_lost"},
            "原文没有目标值，请区水利局核对原件后补录；等待其填报 2026 年数值（每月）。",
        ),
        (
            {"gap": "indicator_inferred"},
            "指标名称由系统推断，请区水利局确认；等待其填报 2026 年数值（每月）。",
        ),
        (
            {"period_text": "", "has_period": False},
            "文件未写明年度，请区水利局补录期限；等待其填报数值（每月）。",
        ),
        (
            {"period_text": "近期", "has_period": False},
            "文件写的期限“近期”不能识别，请区水利局补录期限；等待其填报数值（每月）。",
        ),
    ],
)
def test_a_grey_light_says_what_is_missing_and_who_owes_it(other, sentence):
    assert rules.what_is_missing(replace(OWED, **other)) == sentence


def test_forms_and_directions_follow_the_comparison():
    assert [rules.form_of(sign) for sign in (">=", "~", "+%", "-", "complete")] == [
        "level", "level", "change", "change", "complete",
    ]  # fmt: skip
    assert rules.better_by("<=") is Better.DOWN
    assert rules.better_by("-%") is Better.DOWN
    assert rules.better_by(">=") is Better.UP


def test_every_code_has_its_words():
    assert set(rules.SOURCE_NAMES) == set(SourceKind) == set(rules.SOURCE_MEANINGS)
    assert set(rules.RHYTHM_NAMES) == set(Rhythm)
    assert set(rules.ORIGIN_NAMES) == set(Origin)
    assert set(rules.LIGHT_NAMES) == set(Light)
