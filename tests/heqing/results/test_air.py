"""Results kept beside a store equal those of judging everything anew, whatever came in whatever order."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random as Chance

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import heqing.air
from heqing.air import daily_index, daily_values
from heqing.errors import StoreError, UnknownNameError
from heqing.results import Refreshed, air_results, refresh_air
from heqing.results import air as results
from heqing.results.air import TABLES
from heqing.store import current, import_frame, open_frame
from heqing.store.shapes import to_wide

START = datetime(2025, 12, 31, 20)  # over midnight, month and year
STATIONS = {"s1": "甲", "s2": "甲", "s3": "乙"}


def bring(store: Path, number: int, rows: pl.DataFrame) -> None:
    """Import rows as a file of their own."""
    file = store.parent / f"{number}.csv"
    rows.write_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
    with open_frame(file, domain="air") as intake:
        import_frame(store, intake, recorded_at=datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=number))


def hours(first: datetime, count: int, chance: Chance, stations: list[str]) -> pl.DataFrame:
    """Make hours of some stations, now and then one is missing."""
    rows = [
        {
            "time": first + timedelta(hours=h),
            "city": STATIONS[s],
            "station": s,
            **{i: chance.randint(1, 90) for i in ("pm2_5", "pm10", "so2", "no2", "o3")},
            "co": chance.randint(1, 20) / 10,
        }
        for s in stations
        for h in range(count)
        if chance.random() > 0.03
    ]
    return pl.DataFrame(rows)


def same_as_anew(store: Path) -> None:
    """Compare what is kept with what a first refresh gives."""
    found = {t: air_results(store, t).collect() for t in TABLES}
    kept = store.parent / "kept"
    shutil.move(store / "results", kept)
    done = refresh_air(store)
    assert done.is_full
    for name, frame in found.items():
        anew = air_results(store, name).collect()
        assert_frame_equal(frame, anew, check_exact=True)
        assert anew.height
    shutil.rmtree(store / "results")
    shutil.move(kept, store / "results")


@pytest.mark.parametrize("seed", [1])
def test_any_sequence_of_imports_and_refreshes_gives_what_judging_everything_gives(tmp_path: Path, seed: int) -> None:
    chance, store = Chance(seed), tmp_path / "store"  # noqa: S311
    bring(store, 0, hours(START, 60, chance, list(STATIONS)))
    assert refresh_air(store).is_full
    for number in range(1, 4):
        first = START + timedelta(hours=chance.randint(-40, 90))
        bring(store, number, hours(first, chance.choice([1, 5, 30]), chance, chance.sample(list(STATIONS), k=2)))
        if chance.random() < 0.7:
            assert not refresh_air(store).is_full
    refresh_air(store)
    same_as_anew(store)


def test_only_what_a_correction_touches_is_judged_again(tmp_path: Path) -> None:
    chance, store = Chance(5), tmp_path / "store"  # noqa: S311
    bring(store, 0, hours(START - timedelta(days=40), 24 * 45, chance, list(STATIONS)))
    refresh_air(store)
    before = air_results(store, "days").collect()
    midnight = datetime(2025, 12, 3)  # the end of an hour of the second of December
    one = {"time": [midnight], "city": ["甲"], "station": ["s1"]}
    bring(store, 1, pl.DataFrame({**one, "pm2_5": [600.0]}))
    assert refresh_air(store) == Refreshed(False, 1, 1, 1, 2, 2)
    after = air_results(store, "days").collect()
    changed = after.filter(pl.struct(pl.all()).ne_missing(pl.lit(before.to_struct())))
    assert changed.select("kind", "city", "station", pl.col("day").cast(pl.String)).rows() == [
        ("city", "甲", None, "2025-12-02"),
        ("station", "甲", "s1", "2025-12-02"),
    ]
    assert refresh_air(store) == Refreshed(False, 0, 0, 0, 0, 0)
    same_as_anew(store)


def test_days_are_those_of_the_rules_on_the_hours_that_hold(tmp_path: Path) -> None:
    chance, store = Chance(7), tmp_path / "store"  # noqa: S311
    bring(store, 0, hours(START, 50, chance, ["s1", "s2"]))
    refresh_air(store)
    bring(store, 1, hours(START + timedelta(hours=9), 20, chance, ["s1"]))
    refresh_air(store)
    plain = daily_index(daily_values(to_wide(current(store), domain="air", period="hour"))).collect()
    kept = air_results(store, "days").filter(pl.col("kind") == "station").collect()
    assert_frame_equal(kept.select(plain.columns), plain, check_exact=True)


def test_cities_of_one_published_index_share_a_rank(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = datetime(2025, 11, 1)
    rows = [
        {"time": first + timedelta(hours=h), "city": c, "station": c, **dict.fromkeys(("pm2_5", "pm10"), v)}
        | {"so2": 6, "no2": 9, "co": 0.5, "o3": 80}
        for c, v in (("丙", 30), ("丁", 30.0001), ("戊", 50))
        for h in range(1, 24 * 30 + 1)
    ]
    bring(store, 0, pl.DataFrame(rows, strict=False))
    refresh_air(store)
    found = air_results(store, "ranking").filter(pl.col("period") == "2025-11").collect()
    assert found.select("city", "rank", "ranked").rows() == [("丁", 1, 3), ("丙", 1, 3), ("戊", 3, 3)]


def test_another_class_of_zone_is_judged_anew_and_an_unknown_table_refused(tmp_path: Path) -> None:
    store = tmp_path / "store"
    bring(store, 0, hours(START, 3, Chance(1), ["s1"]))  # noqa: S311
    assert refresh_air(store).is_full
    assert refresh_air(store, zone_class=1).is_full
    with pytest.raises(UnknownNameError):
        air_results(store, "weeks")
    with pytest.raises(StoreError):
        refresh_air(tmp_path / "none")


def test_results_of_other_rules_are_judged_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(tmp_path / "store", 1, hours(START, 24, Chance(1), ["s1"]))  # noqa: S311
    assert refresh_air(tmp_path / "store").is_full
    assert not refresh_air(tmp_path / "store").is_full

    room = tmp_path / "room"
    room.mkdir()
    (room / "daily.py").write_text("# another rule\n")
    monkeypatch.setattr(heqing.air, "__path__", [str(room)])
    results._rules.cache_clear()
    try:
        assert refresh_air(tmp_path / "store").is_full
    finally:
        monkeypatch.undo()
        results._rules.cache_clear()
