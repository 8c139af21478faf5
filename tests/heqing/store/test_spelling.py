"""The lists of spellings: every row is of use and none contradicts another."""

from __future__ import annotations

import re

import pytest

from heqing.errors import UnknownNameError
from heqing.store.spelling import look_alike, power_between, rows_of, unit_named
from heqing.tables import items


@pytest.mark.parametrize("domain", ["air", "water"])
def test_every_item_has_a_unit_that_can_be_named(domain):
    for item in items(domain):
        if item.unit:
            assert unit_named(item.unit) == item.unit


def test_factors_go_back_and_forth():
    for row in rows_of("unit_factors"):
        back = power_between(row["to_unit"], row["from_unit"])
        assert back is None or back == -int(row["power_of_ten"])


def test_unknown_unit_lists_the_known():
    with pytest.raises(UnknownNameError, match="mg/L"):
        unit_named("ppm")


@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("PM2.5", "air", ("pm2_5", None)),
        ("PM₂.₅", "air", ("pm2_5", None)),
        ("CO(mg/m³)", "air", ("co", None)),
        ("CO（μg/m³）", "air", ("co", "µg/m³")),
        ("nh3n_mgl", "water", ("nh3n", None)),
        ("NH3-N_ugl", "water", ("nh3n", "µg/L")),
        ("高锰酸盐指数", "water", ("codmn", None)),
        ("断面名称", "water", ("section", None)),
        ("河流/湖库", "water", ("body_type", None)),
        ("类型", "water", ("body_type", None)),
        ("a34004", "air", ("pm2_5", None)),
        ("nh3n_mgl_raw", "water", None),
        ("aqi", "air", None),
    ],
)
def test_look_alikes(name, domain, expected):
    assert look_alike(name, domain) == expected


def test_look_alikes_name_real_columns():
    columns = {i.code for d in ("air", "water") for i in items(d)} | {"time", "day", "city", "station", "section"}
    assert {r["column"] for r in rows_of("look_alikes")} <= columns | {"body_type"}


def test_below_forms_match_their_examples():
    for row in rows_of("below_forms"):
        assert re.match(row["pattern"], row["example"]), row
