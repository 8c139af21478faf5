"""Light schemes: which there are, which is the default, and the light below, at and above each threshold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.heqing.verdicts.promised import promise, verdict

from heqing.editions import table
from heqing.errors import UnknownNameError
from heqing.verdicts import Kind, default_scheme, kind_of, scheme_names, scheme_on

ON = date(2025, 7, 1)
TINY = Fraction(1, 10**9)
HUNDRED_DAYS = {"period_start": date(2025, 1, 1), "period_end": date(2025, 4, 10)}
LAST_BUT_ONE = date(2025, 2, 19)  # the 50th of a hundred days: by schedule 50


def test_several_schemes_can_be_chosen_and_one_is_the_default() -> None:
    assert default_scheme() == "heqing"
    assert len(scheme_names()) >= 2


def test_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="heqing"):
        scheme_on("beijing", ON)


THRESHOLDS = [(s, t) for s in scheme_names() for t in scheme_on(s, ON).thresholds]


@pytest.mark.parametrize(("scheme", "threshold"), THRESHOLDS, ids=lambda x: getattr(x, "measure", x))
def test_light_below_at_and_above_each_threshold(scheme: str, threshold: object) -> None:
    one = next(t for s, t in THRESHOLDS if s == scheme and t is threshold)
    green, yellow = Fraction(one.green_to), Fraction(one.yellow_to)
    assert [one.light(green - TINY), one.light(green), one.light(green + TINY)] == ["green", "green", "yellow"]
    assert [one.light(yellow - TINY), one.light(yellow), one.light(yellow + TINY)] == ["yellow", "yellow", "red"]


def test_default_scheme_speaks_of_every_measure_a_kind_has() -> None:
    measures = {t.measure for t in scheme_on(default_scheme(), ON).thresholds}
    assert measures == {
        "chance_lost", "schedule_points", "mean_percent", "day_ratio_points", "ratio_points", "level_percent",
        "change_points", "grade_steps", "days_late",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "light"), [("50.1", "green"), ("50", "green"), ("49.9", "yellow"), ("20", "yellow"), ("19.9", "red")]
)
def test_amount_by_the_default_scheme(value: str, light: str) -> None:
    year = promise(Kind.AMOUNT, ">=", 100, **HUNDRED_DAYS)
    assert verdict(year, value, as_of=LAST_BUT_ONE).light == light


@pytest.mark.parametrize(
    ("value", "light", "silent"),
    [("50", "green", False), ("49.9", "yellow", True), ("40.1", "yellow", True), ("40", "yellow", False),
     ("20", "yellow", False), ("19.9", "red", False)],
)  # fmt: skip
def test_amount_by_yinchuan_is_marked_where_its_text_is_silent(value: str, light: str, silent: bool) -> None:
    year = promise(Kind.AMOUNT, ">=", 100, **HUNDRED_DAYS)
    found = verdict(year, value, as_of=LAST_BUT_ONE, scheme="yinchuan")
    assert (found.light, "light_scheme_silent" in found.reason) == (light, silent)
    assert found.scheme == "yinchuan"
    assert found.light_unconfirmed


def test_measure_that_the_chosen_scheme_does_not_know_is_lit_by_the_default_and_says_so() -> None:
    found = verdict(promise(Kind.RATIO, ">=", 95, unit="%"), 90, scheme="yinchuan")
    assert (found.light, found.scheme) == ("yellow", "heqing")
    assert "light_by_default_scheme" in found.reason


@pytest.mark.parametrize(
    ("chance", "light"),
    [("0.81", "green"), ("0.8", "green"), ("0.79", "yellow"), ("0.4", "yellow"), ("0.39", "red")],
)
def test_forecast_counts_before_the_schedule(chance: str, light: str) -> None:
    found = verdict(promise(Kind.AMOUNT, ">=", 100), 1, chance=Decimal(chance))
    assert (found.light, found.measure) == (light, "chance_lost")


CATALOGUE = table("indicator_catalogue", "indicators").select("kind", "better", "statistic").unique().rows()


@pytest.mark.parametrize("comparator", [">=", "<=", ">", "<", "==", "~", "+%", "-%", "+", "-", "complete"])
def test_every_term_of_the_catalogue_has_a_kind(comparator: str) -> None:
    for sort, _, statistic in CATALOGUE:
        assert kind_of(comparator, sort, statistic or "") in Kind


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        (("<=", "concentration", "air.pm2_5.mean"), Kind.MEAN),
        (("<=", "concentration", "air.o3_8h.p90"), Kind.PERCENTILE),
        ((">=", "ratio", "air.good_day_ratio"), Kind.DAY_RATIO),
        (("<=", "count", "air.heavy_days"), Kind.DAY_COUNT),
        ((">=", "ratio", "water.share_class_3"), Kind.RATIO),
        ((">=", "additive", ""), Kind.AMOUNT),
        (("-%", "ratio", "air.pm2_5.mean.change"), Kind.CHANGE),
        (("<=", "ratio", "air.pm2_5.mean.change"), Kind.LEVEL),
        (("==", "ratio", ""), Kind.KEEP_AT),
        (("==", "additive", ""), Kind.AMOUNT),  # 新建管网 36 公里: grows along the year, not kept at
        (("==", "count", ""), Kind.AMOUNT),
        (("<=", "grade", ""), Kind.GRADE),
        (("complete", "deed", ""), Kind.DEED),
    ],
)
def test_kind_of_a_promise(terms: tuple[str, str, str], kind: Kind) -> None:
    assert kind_of(*terms) is kind


def test_unknown_comparator_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="comparator"):
        kind_of("≥")
