"""Names that change between two files: told, never merged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from heqing.store import current, import_frame, open_frame, successions

MOMENT = datetime(2020, 5, 1, tzinfo=UTC)
MARCH = ("2020-03-31 22:00,无锡,甲,35", "2020-03-31 22:00,无锡,常在,35", "2020-03-31 22:00,常州,甲,35")


def _file(folder: Path, *rows: str) -> Path:
    path = folder / f"{len(list(folder.iterdir()))}.csv"
    path.write_text("\n".join(["time,city,station,pm2_5", *rows]) + "\n", encoding="utf-8")
    return path


def _told(
    folder: Path, *april: str, march: tuple[str, ...] = MARCH
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    store = folder / "store"
    with open_frame(_file(folder, *march), domain="air") as intake:
        import_frame(store, intake, recorded_at=MOMENT)
    with open_frame(_file(folder, *april), domain="air") as intake:
        found = successions(store, intake)
        import_frame(store, intake, recorded_at=MOMENT)
    return [(s.city, s.ended, s.begun) for s in found]


def test_a_name_that_is_gone_and_one_that_is_new_in_a_city_are_told_and_kept_apart(tmp_path: Path) -> None:
    april = ("2020-04-01 01:00,无锡,乙,35", "2020-04-01 01:00,无锡,常在,35", "2020-04-01 01:00,常州,甲,35")
    assert _told(tmp_path, *april) == [("无锡", ("甲",), ("乙",))]
    places = current(tmp_path / "store", city="无锡").select("place").unique().collect().to_series().sort().to_list()
    assert places == ["乙", "常在", "甲"]


@pytest.mark.parametrize(
    "april",
    [
        ("2020-04-01 01:00,无锡,甲,35", "2020-04-01 01:00,无锡,常在,35", "2020-04-01 01:00,无锡,乙,35"),  # one more
        ("2020-04-01 01:00,无锡,常在,35",),  # one less
        ("2020-04-09 01:00,无锡,乙,35", "2020-04-09 01:00,无锡,常在,35"),  # too long after
        ("2020-04-01 01:00,镇江,乙,35",),  # a city the store does not know
    ],
)
def test_what_only_resembles_it_is_not_told(tmp_path: Path, april: tuple[str, ...]) -> None:
    assert _told(tmp_path, *april) == []


def test_a_place_that_the_store_knew_long_ago_is_not_new(tmp_path: Path) -> None:
    march = (*MARCH, "2019-05-31 22:00,无锡,乙,35")
    april = ("2020-04-01 01:00,无锡,乙,35", "2020-04-01 01:00,无锡,常在,35")
    assert _told(tmp_path, *april, march=march) == []


def test_a_store_that_is_not_there_and_a_file_without_cities_say_nothing(tmp_path: Path) -> None:
    with open_frame(_file(tmp_path, MARCH[0]), domain="air") as intake:
        assert successions(tmp_path / "store", intake) == []
    path = tmp_path / "bare.csv"
    path.write_text("time,station,pm2_5\n2020-03-31 22:00,甲,35\n", encoding="utf-8")
    with open_frame(path, domain="air") as intake:
        import_frame(tmp_path / "store", intake, recorded_at=MOMENT)
        assert successions(tmp_path / "store", intake) == []
