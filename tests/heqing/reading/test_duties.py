"""Offices, posts, deadlines and instruments that a measure names."""

from __future__ import annotations

import pytest

from heqing.reading.duties import tell_duties


@pytest.mark.parametrize(
    ("stretch", "offices"),
    [
        ("建好管网。（责任单位：市生态环境局、市住建局）", ("市生态环境局", "市住建局")),
        ("建好管网。（市水务局牵头，各镇街配合）", ("市水务局", "各镇街")),
        (
            "建好管网。〔牵头单位：区水务局；配合单位：区住建局、各镇（街道）〕",
            ("区水务局", "区住建局", "各镇（街道）"),
        ),
        ("建好管网。（市发展和改革局、市水务局按职责分工负责）", ("市发展和改革局", "市水务局")),
        ("建好管网。责任单位：县水利局，配合单位：各乡镇。", ("县水利局", "各乡镇")),
        ("资金再加一成，由县财政局统筹。", ("县财政局",)),
        ("县生态环境分局、县工信局要一家一家过筛子。", ("县生态环境分局", "县工信局")),
        ("区大气办每月调度，每季度向区政府常务会议报告。", ("区大气办",)),
        ("各部门要各司其职。", ("各部门",)),
        ("每季度向区政府报告一次（详见附件）。", ()),
        ("新建管网5公里（含支管）。", ()),
    ],
)
def test_offices_in_charge(stretch: str, offices: tuple[str, ...]) -> None:
    assert tell_duties(stretch).offices == offices


@pytest.mark.parametrize(
    ("stretch", "deadline"),
    [
        ("10月底前完成清淤。", "10月底前"),
        ("到2027年底，建好管网。", "到2027年底"),
        ("2027年6月底前开工。", "2027年6月底前"),
        ("年内完成。", "年内"),
        ("会后7个工作日内报方案。", "7个工作日内"),
        ("（完成时限：2027年12月）", "2027年12月"),
        ("走在全省前列。", None),
    ],
)
def test_first_deadline(stretch: str, deadline: str | None) -> None:
    assert tell_duties(stretch).deadline == deadline


def test_posts_and_persons() -> None:
    found = tell_duties("县委书记、县长亲自抓。（责任领导：王示例；责任单位：县水利局）贯彻总书记讲话。")
    assert found.people == ("王示例", "县委书记、县长")
    assert found.offices == ("县水利局",)


def test_instruments() -> None:
    found = tell_duties("制定出台《某市治水三年行动计划》，形成问题清单，开展入河排口专项整治，实行挂牌督办。")
    assert found.instruments == ("《某市治水三年行动计划》", "问题清单", "入河排口专项整治", "挂牌督办")
