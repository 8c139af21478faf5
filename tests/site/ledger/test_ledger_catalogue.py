"""The catalogue on invented promises: which indicator, which value source, which statistic."""

from __future__ import annotations

from datetime import date

import pytest

from heqing import editions
from heqing_site.ledger import catalogue
from heqing_site.ledger.rules import Better, IndicatorKind, Origin, Rhythm, SourceKind
from heqing_site.library.rules import PILLAR_NAMES

DAY = date(2026, 3, 2)


def propose(indicator, comparator="==", unit="", pillar="other", scope=""):
    return catalogue.propose(indicator=indicator, scope=scope, comparator=comparator, unit=unit, pillar=pillar, on=DAY)


@pytest.mark.parametrize(
    ("indicator", "comparator", "unit", "scope", "code", "statistic"),
    [
        ("柳湾站细颗粒物年均值", "<=", "微克/立方米", "", "air.pm2_5", "air.pm2_5.mean"),
        ("pm2.5平均浓度", "<", "微克/立方米", "全区", "air.pm2_5", "air.pm2_5.mean"),
        ("可吸入颗粒物浓度", "<=", "微克/立方米", "", "air.pm10", "air.pm10.mean"),
        ("PM2.5浓度降幅", "-%", "%", "", "air.pm2_5_change", "air.pm2_5.mean.change"),
        ("环境空气优良天数比率", ">=", "%", "", "air.good_day_ratio", "air.good_day_ratio"),
        ("空气质量优良率", "+", "个百分点", "", "air.good_day_ratio_change", "air.good_day_ratio.change"),
        ("优良天数", ">=", "天", "", "air.good_days", "air.good_days"),
        ("重度污染天数", "<=", "天", "", "air.heavy_days", "air.heavy_days"),
        ("Ⅲ类以上水质比例", ">=", "%", "区控断面", "water.share_class_3", "water.share_class_3"),
        ("劣Ⅴ类断面比例", "<=", "%", "", "water.share_worse_than_5", "water.share_worse_than_5"),
        ("水质满足功能要求比例", "==", "%", "交接断面", "water.share_attaining", "water.share_attaining"),
        ("水质达标率", "==", "%", "集中式饮用水水源地", "water.source_attaining", "water.source_attaining"),
        ("月度超标次数", "<=", "次", "国控断面", "water.months_exceeding", "water.months_exceeding"),
    ],
)
def test_what_stations_and_sections_measure_is_read_off_instruments(
    indicator, comparator, unit, scope, code, statistic
):
    found = propose(indicator, comparator, unit, scope=scope)

    assert (found.code, found.source, found.statistic) == (code, SourceKind.INSTRUMENT, statistic)
    assert found.origin is Origin.CATALOGUE
    assert found.statistic in catalogue.own_statistics()
    assert found.edition


@pytest.mark.parametrize(
    ("indicator", "unit", "kind"),
    [
        ("新建雨污管网", "公里", IndicatorKind.ADDITIVE),
        ("腾退低效用地", "亩", IndicatorKind.ADDITIVE),
        ("整治高耗低效企业", "家", IndicatorKind.COUNT),
        ("危险废物填埋比", "%", IndicatorKind.RATIO),
        ("无废城市星级", "星级", IndicatorKind.GRADE),
    ],
)
def test_counts_amounts_ratios_and_grades_are_reported(indicator, unit, kind):
    found = propose(indicator, ">=", unit)

    assert (found.source, found.kind, found.statistic) == (SourceKind.REPORTED, kind, "")
    assert found.rhythm in set(Rhythm)


def test_a_statement_without_a_number_is_a_deed_but_rectification_is_counted_from_cases():
    assert propose("出台柳湾片区方案", "complete").source is SourceKind.DEED
    assert propose("空气质量持续改善", "complete").source is SourceKind.DEED
    register = propose("督察反馈问题整改到位", "complete")
    assert (register.source, register.statistic) == (SourceKind.REGISTER, "cases.rebound")


@pytest.mark.parametrize(
    ("comparator", "unit", "source", "kind", "better"),
    [
        (">=", "座", SourceKind.REPORTED, IndicatorKind.COUNT, Better.UP),
        ("<=", "万平方米", SourceKind.REPORTED, IndicatorKind.ADDITIVE, Better.DOWN),
        ("==", "亿元", SourceKind.REPORTED, IndicatorKind.ADDITIVE, Better.UP),
        (">=", "%", SourceKind.REPORTED, IndicatorKind.RATIO, Better.UP),
        ("-%", "%", SourceKind.REPORTED, IndicatorKind.RATIO, Better.DOWN),
        ("==", "名堂", SourceKind.REPORTED, IndicatorKind.GRADE, Better.UP),
        ("complete", "", SourceKind.DEED, IndicatorKind.DEED, Better.UP),
    ],
)
def test_a_promise_outside_the_catalogue_gets_an_indicator_and_a_source_by_its_form(
    comparator, unit, source, kind, better
):
    found = propose("梦想合唱团规模", comparator, unit, pillar="publicity")

    assert (found.code, found.name, found.pillar) == ("", "梦想合唱团规模", "publicity")
    assert (found.source, found.kind, found.better, found.origin) == (source, kind, better, Origin.FORM)


def test_a_promise_whose_subject_is_lost_still_gets_a_name():
    assert propose("", ">=", "座").name == "原文未写明指标"


def test_every_pattern_names_an_indicator_and_every_indicator_can_be_reached():
    patterns = editions.table("indicator_catalogue", "patterns")
    indicators = editions.table("indicator_catalogue", "indicators")

    assert set(patterns["code"]) == set(indicators["code"])


def test_every_row_of_the_catalogue_uses_words_the_site_knows():
    for row in editions.table("indicator_catalogue", "indicators").to_dicts():
        found = catalogue.entry(row["code"], on=DAY)
        assert found is not None
        assert found.pillar in PILLAR_NAMES
        assert (found.source in (SourceKind.INSTRUMENT, SourceKind.REGISTER)) is bool(found.statistic), row["code"]
        assert not found.statistic or found.statistic in catalogue.own_statistics()
    assert set(catalogue.usual_departments()) <= set(PILLAR_NAMES)


def test_before_its_first_day_the_first_catalogue_counts():
    early = catalogue.propose(
        indicator="PM2.5", scope="", comparator="<=", unit="微克/立方米", pillar="air", on=date(1999, 1, 1)
    )
    assert early.code == "air.pm2_5"
