"""Values to date of the catalogue's statistics, from frames and from a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from heqing.air import period_statistics
from heqing.errors import UnknownNameError
from heqing.store import current, import_frame, open_frame
from heqing.verdicts import (
    Kind,
    Promise,
    city_days,
    judge,
    method_on,
    monthly_profile,
    pins,
    regime_on,
    regimes,
    section_months,
    statistics_read,
    value_to_date,
)
from heqing.water import period_water_class

FIRST = date(2025, 1, 1)
ITEMS = {"pm2_5": 40.0, "pm10": 60.0, "so2": 8.0, "no2": 30.0, "co": 0.8, "o3_8h": 90.0}


def days(first: date, count: int, **items: list[float | None] | float) -> pl.LazyFrame:
    """Give whole days of two stations; the second has a fifth more of everything."""
    values = {k: v if isinstance(v, list) else [v] * count for k, v in {**ITEMS, **items}.items()}
    one = pl.DataFrame({"day": [first + timedelta(days=n) for n in range(count)], **values}, strict=False)
    two = one.with_columns(pl.col(c) * 1.2 for c in values)
    return pl.concat([one.with_columns(station=pl.lit("甲")), two.with_columns(station=pl.lit("乙"))]).lazy()


def value(frame: pl.LazyFrame, statistic: str, on: date, **given: object) -> Decimal | None:
    return value_to_date(frame, statistic, period_start=FIRST, on=on, **given).value  # type: ignore[arg-type]


def test_mean_of_a_city_is_that_of_its_stations_and_of_the_chosen_ones() -> None:
    frame = days(FIRST, 4)
    assert value(frame, "air.pm2_5.mean", date(2025, 1, 4)) == 44
    assert value(frame, "air.pm2_5.mean", date(2025, 1, 4), places=["甲"]) == 40


def test_only_days_of_the_span_count() -> None:
    frame = days(date(2024, 12, 30), 5, pm2_5=[100.0, 100.0, 30.0, 40.0, 100.0])
    found = value_to_date(frame, "air.pm2_5.mean", period_start=FIRST, on=date(2025, 1, 2), places=["甲"])
    assert (found.value, found.samples, found.expected, found.places) == (35, 2, 2, 0)


def test_data_that_end_early_say_so() -> None:
    for statistic in ("air.pm2_5.mean", "air.good_day_ratio", "air.composite_index"):
        found = value_to_date(days(FIRST, 9), statistic, period_start=FIRST, on=date(2025, 1, 12))
        assert (found.last_day, found.reason) == (date(2025, 1, 9), "data_end(2025-01-09)")
    for statistic in ("water.tp.mean", "water.worst_class"):
        found = value_to_date(samples(), statistic, period_start=FIRST, on=date(2025, 7, 12))
        assert found.last_day == date(2025, 6, 30)
        assert found.reason.endswith("data_end(2025-06-30)")


def test_whole_year_to_date_is_the_year_of_the_air_room() -> None:
    series = [20.0 + (n * 37 % 83) for n in range(365)]
    ozone = [60.0 + (n * 53 % 131) for n in range(365)]
    frame = days(FIRST, 365, pm2_5=series, o3_8h=ozone)
    on = date(2025, 12, 31)
    judged = city_days(frame).with_columns(city=pl.lit("甲市"))
    year = period_statistics(judged, level="year", by=["city"]).collect().row(0, named=True)
    assert float(value(frame, "air.pm2_5.mean", on) or 0) == pytest.approx(year["pm2_5_mean"], abs=1e-9)
    assert float(value(frame, "air.o3_8h.p90", on) or 0) == pytest.approx(year["o3_8h_p90"], abs=1e-9)
    assert float(value(frame, "air.co.p95", on) or 0) == pytest.approx(year["co_p95"], abs=1e-9)
    assert value(frame, "air.good_days", on) == year["good_days"]
    assert float(value(frame, "air.good_day_ratio", on) or 0) == pytest.approx(year["good_day_ratio"], abs=0.05)
    assert float(value(frame, "air.composite_index", on) or 0) == pytest.approx(year["composite_index"], abs=1e-9)


def test_days_are_counted_by_the_level_of_their_index() -> None:
    frame = days(FIRST, 5, pm2_5=[20.0, 50.0, 80.0, 170.0, 280.0])
    on = date(2025, 1, 5)
    given = {"places": ["甲"]}
    found = {s: value(frame, s, on, **given) for s in ("air.good_days", "air.polluted_days", "air.heavy_days")}
    assert list(found.values()) == [2, 3, 2]
    assert value(frame, "air.excellent_day_ratio", on, **given) == 0  # NO2 of 30 is fine, PM10 of 60 is not
    ratio = value_to_date(frame, "air.good_day_ratio", period_start=FIRST, on=on, places=["甲"])
    assert (ratio.value, ratio.part, ratio.samples, ratio.places) == (40, 2, 5, 1)
    assert ratio.edition == "HJ 633-2012"


def test_change_is_against_the_same_days_of_the_year_before() -> None:
    before = days(date(2024, 1, 1), 366, pm2_5=50.0)
    now = days(FIRST, 60, pm2_5=40.0)
    frame = pl.concat([before, now])
    on = date(2025, 3, 1)
    assert value(frame, "air.pm2_5.mean.change", on) == -20
    assert value(frame, "air.good_days.change", on) == -1  # the leap year had a day more
    assert value(frame, "air.good_day_ratio.change", on) == 0


def test_change_without_a_year_before_is_absent_with_its_reason() -> None:
    found = value_to_date(days(FIRST, 9), "air.pm2_5.mean.change", period_start=FIRST, on=date(2025, 1, 9))
    assert found.value is None
    assert found.reason.startswith("no_comparison")


def test_leap_day_is_compared_with_the_last_of_february() -> None:
    frame = pl.concat([days(date(2023, 2, 28), 1, pm2_5=50.0), days(date(2024, 2, 29), 1, pm2_5=25.0)])
    day = date(2024, 2, 29)
    assert value_to_date(frame, "air.pm2_5.mean.change", period_start=day, on=day).value == -50


def test_no_days_are_absent_with_their_reason() -> None:
    for statistic in (s for s, reads in statistics_read().items() if reads == "air" and ".change" not in s):
        found = value_to_date(days(FIRST, 3), statistic, period_start=date(2026, 1, 1), on=date(2026, 1, 9))
        assert found.value is None, statistic
        assert found.reason.startswith("no_days"), statistic


def test_every_statistic_of_air_has_a_value() -> None:
    frame = pl.concat([days(date(2024, 1, 1), 366), days(FIRST, 90)])
    for statistic in (s for s, reads in statistics_read().items() if reads == "air"):
        found = value_to_date(frame, statistic, period_start=FIRST, on=date(2025, 3, 31))
        assert found.value is not None, (statistic, found.reason)
        assert (found.samples, found.expected) == (90, 90), statistic


def test_days_once_judged_are_read_again_without_judging() -> None:
    judged = city_days(days(FIRST, 9)).collect()
    on = date(2025, 1, 5)
    for statistic in ("air.pm2_5.mean", "air.good_day_ratio"):
        again = value_to_date(judged.lazy(), statistic, period_start=FIRST, on=on)
        assert again == value_to_date(days(FIRST, 9), statistic, period_start=FIRST, on=on)


def test_statistic_of_a_register_is_not_measured() -> None:
    found = value_to_date(days(FIRST, 1), "cases.rebound", period_start=FIRST, on=FIRST)
    assert (found.value, found.reason) == (None, "statistic_elsewhere(整改问题反弹件数)")


def test_unknown_statistic_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="statistic"):
        value_to_date(days(FIRST, 1), "air.noise", period_start=FIRST, on=FIRST)


# --- water --------------------------------------------------------------------------------------------------------


def samples() -> pl.LazyFrame:
    """Give three sections: one always good, one that gets worse in June, one worse than class V."""
    rows = []
    for month in range(1, 7):
        for section, tp in (("甲", 0.1), ("乙", 0.5 if month == 6 else 0.15), ("丙", 0.9)):
            rows += [
                {"section": section, "day": date(2025, month, d), "body_type": "river", "tp": tp} for d in (5, 15, 25)
            ]
    return pl.LazyFrame(rows)


JUNE = date(2025, 6, 30)
REQUIRED = {"甲": 2, "乙": 3, "丙": 4}


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("water.share_class_3", "33.333333"),
        ("water.share_worse_than_5", "33.333333"),
        ("water.share_attaining", "33.333333"),
        ("water.source_attaining", "33.333333"),
        ("water.months_exceeding", "7"),
        ("water.worst_class", "6"),
    ],
)
def test_statistic_of_sections(statistic: str, expected: str) -> None:
    found = value_to_date(samples(), statistic, period_start=FIRST, on=JUNE, required_class=REQUIRED)
    assert found.value == Decimal(expected)
    assert (found.samples, found.expected) == (18, 18)
    assert found.edition == "GB 3838-2002"
    # whether the publisher rounded first in 2025 is not known
    assert (found.unconfirmed, found.reason) == (True, "unconfirmed_rows(断面水质评价)")


def test_section_is_judged_on_the_mean_of_its_months() -> None:
    # 乙: (5 * 0.15 + 0.5) / 6 = 0.2083 is class IV; without June 0.15 is class III
    may = date(2025, 5, 31)
    assert value(samples(), "water.share_class_3", may) == Decimal("66.666667")
    assert value(samples(), "water.tp.mean", may, places=["乙"]) == Decimal("0.15")


def test_months_of_unequal_numbers_of_samples_weigh_the_same() -> None:
    rows = pl.LazyFrame(
        {"section": ["甲"] * 3, "day": [date(2025, 1, 5), date(2025, 2, 5), date(2025, 2, 15)],
         "body_type": ["river"] * 3, "tp": [0.1, 0.3, 0.5], "ph": [7.0, 8.0, 8.0]}
    )  # fmt: skip
    assert value(rows, "water.tp.mean", date(2025, 2, 28)) == Decimal("0.25")


def test_full_year_of_sections_is_the_year_of_the_water_room() -> None:
    rows = [
        {"section": s, "day": date(2025, m, 9), "body_type": "river", "tp": tp + m / 100, "ph": 6.5 + m / 7}
        for m in range(1, 13)
        for s, tp in (("甲", 0.1), ("乙", 0.21))
    ]
    frame = pl.LazyFrame(rows)
    year = period_water_class(frame, level="year").collect()
    share = 100 * year["water_class"].le(3).sum() / year.height
    assert value(frame, "water.share_class_3", date(2025, 12, 31)) == Decimal(str(share))


def test_section_without_data_is_named() -> None:
    found = value_to_date(samples(), "water.worst_class", period_start=FIRST, on=JUNE, places=["甲", "丁"])
    assert (found.value, found.expected) == (2, 12)
    assert found.reason.startswith("sections_not_judged(丁)")


def test_required_class_that_is_not_known_is_named_and_left_out() -> None:
    found = value_to_date(samples(), "water.share_attaining", period_start=FIRST, on=JUNE, required_class={"甲": 2})
    assert found.value == 100
    assert found.reason.startswith("required_class_missing(丙,乙)")
    nothing = value_to_date(samples(), "water.share_attaining", period_start=FIRST, on=JUNE)
    assert nothing.value is None
    assert nothing.reason


def test_months_once_judged_are_read_again() -> None:
    months = section_months(samples()).collect()
    again = value_to_date(months.lazy(), "water.share_class_3", period_start=FIRST, on=JUNE)
    assert again == value_to_date(samples(), "water.share_class_3", period_start=FIRST, on=JUNE)


# --- store and verdict --------------------------------------------------------------------------------------------


def test_from_a_store_to_a_verdict(tmp_path: Path) -> None:
    lines = ["time,city,station,pm2_5,pm10,so2,no2,co,o3"]
    for hour in range(1, 24 * 10 + 1):
        moment = datetime(2025, 1, 1) + timedelta(hours=hour)
        lines += [f"{moment:%Y-%m-%d %H:%M},甲市,{s},{v},60,8,30,0.8,60" for s, v in (("一", 20), ("二", 31))]
    (tmp_path / "air.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    water = ["time,section,tp"] + [f"2025-01-{d:02} 08:00,甲,0.15" for d in range(1, 11)]
    (tmp_path / "water.csv").write_text("\n".join(water) + "\n", encoding="utf-8")
    for name, domain in (("air", "air"), ("water", "water")):
        with open_frame(tmp_path / f"{name}.csv", domain=domain) as intake:  # type: ignore[arg-type]
            import_frame(tmp_path / "store", intake, recorded_at=datetime(2025, 2, 1, tzinfo=UTC))
    stored = current(tmp_path / "store")
    on = date(2025, 1, 10)
    found = value_to_date(stored, "air.pm2_5.mean", period_start=FIRST, on=on)
    assert (found.value, found.samples, found.expected) == (Decimal("25.5"), 10, 10)
    of = Promise(Kind.MEAN, "<=", Decimal(25), FIRST, date(2025, 12, 31), unit="微克/立方米")
    method = method_on(on, places=found.places)
    judged = judge(of, found.evidence("甲市两个站点"), on=on, method=method)
    assert (judged.light, judged.edition) == ("yellow", "HJ 663-2013")
    share = value_to_date(
        stored, "water.share_class_3", period_start=FIRST, on=on, body_types={"甲": "river"}, places=["甲"]
    )
    assert share.value == 100


# --- another standard ---------------------------------------------------------------------------------------------

PINNED = ("air.pm2_5.mean", "air.o3_8h.p90", "air.good_day_ratio", "air.composite_index", "air.pm10.mean.change")


@pytest.fixture(scope="module")
def judged() -> pl.LazyFrame:
    """Give two years of short quarters as the site keeps them: days with their index."""
    series: list[float | None] = [30.0 + (n * 37 % 60) for n in range(20)]
    frames = [days(date(year, 5, 1), 20, pm2_5=series) for year in (2024, 2025, 2026)]
    return city_days(pl.concat([*frames, days(date(2026, 1, 20), 70, pm2_5=65.0)])).collect().lazy()


@pytest.mark.parametrize("statistic", PINNED)
@pytest.mark.parametrize("first", [date(2025, 5, 1), date(2026, 5, 1)])
def test_as_if_the_edition_in_force_is_the_value_itself(judged: pl.LazyFrame, statistic: str, first: date) -> None:
    given = {"period_start": first, "on": first + timedelta(days=19)}
    standing = value_to_date(judged, statistic, **given)  # type: ignore[arg-type]
    again = value_to_date(judged, statistic, editions=[regime_on(first)], **given)  # type: ignore[arg-type]
    assert again == standing
    assert standing.value is not None


def test_a_year_that_straddles_two_editions_is_shown_by_each(judged: pl.LazyFrame) -> None:
    # 71.5 µg/m³ are good by the table of 2012 and not by that of 2026
    given = {"period_start": date(2026, 1, 20), "on": date(2026, 3, 30)}
    standing = value_to_date(judged, "air.polluted_days", **given)  # type: ignore[arg-type]
    by_regime = [
        value_to_date(judged, "air.polluted_days", editions=[name], **given)  # type: ignore[arg-type]
        for name in regimes()
    ]
    assert (standing.value, standing.edition) == (30, "HJ 633-2012、HJ 633-2026")
    assert "newer_edition_from(2026-03-01)" in standing.reason
    assert [found.edition for found in by_regime] == ["HJ 633-2012", "HJ 633-2026"]
    assert by_regime[0].value is not None
    assert by_regime[1].value is not None
    assert by_regime[0].value < standing.value < by_regime[1].value


def test_a_single_edition_pins_its_own_family_only(judged: pl.LazyFrame) -> None:
    assert set(pins(["hj633-2026"])) == {"air_index"}
    assert pins(["GB 3095-2026", "HJ 633-2012"])["air_index"].edition == "HJ 633-2012"
    given = {"period_start": date(2025, 5, 1), "on": date(2025, 5, 20)}
    composite = "air.composite_index"
    standing = value_to_date(judged, composite, **given)  # type: ignore[arg-type]
    assert value_to_date(judged, composite, editions=["HJ 633-2026"], **given) == standing  # type: ignore[arg-type]
    new = value_to_date(judged, composite, editions=["GB 3095-2026"], **given)  # type: ignore[arg-type]
    assert (new.value or 0) > (standing.value or 0)
    assert new.unconfirmed


def test_an_edition_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="GB 3095-2026"):
        value_to_date(days(FIRST, 1), "air.good_days", period_start=FIRST, on=FIRST, editions=["GB 3095-1900"])


def test_days_beyond_a_bound_are_counted_as_promised_and_as_judged() -> None:
    frame = days(FIRST, 4, o3_8h=[160.0, 160.4, 160.5, 161.0])
    found = value_to_date(
        frame, "air.o3_8h.p90", period_start=FIRST, on=date(2025, 1, 4), places=["甲"], bound=Decimal(160)
    )
    assert found.beyond == (3, 1)  # judged to the whole, 160.5 goes to the even 160


def test_a_share_of_sections_knows_its_sections() -> None:
    found = value_to_date(samples(), "water.share_class_3", period_start=FIRST, on=date(2025, 6, 30))
    assert (found.part, found.whole) == (1, 3)


def test_the_course_of_past_years_by_months() -> None:
    heavy = [200.0 if n < 6 else 20.0 for n in range(59)]
    frame = pl.concat([days(date(2025, 1, 1), 59, pm2_5=heavy), days(date(2024, 1, 1), 60)])
    span = {"period_start": date(2026, 1, 1), "period_end": date(2026, 2, 28)}
    assert monthly_profile(frame, "air.heavy_days", **span) == (3, 0)
    assert monthly_profile(frame, "air.heavy_days", years=1, **span) == (6, 0)
    assert monthly_profile(frame, "air.heavy_days", period_start=date(2026, 1, 5), period_end=date(2026, 2, 28)) == ()
    assert monthly_profile(frame, "air.pm2_5.mean", **span) == ()
    assert monthly_profile(frame, "air.heavy_days", period_start=date(2026, 3, 1), period_end=date(2026, 3, 31)) == ()
