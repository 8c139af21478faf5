"""Flags beside values: rows stay, order does not matter, and what stands still is found as a plain count finds it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.quality import flag_series, look_over, survey
from heqing.store import import_frame, open_frame, rejects
from heqing.tables import stale_lengths

BEGIN = datetime(2020, 4, 1)
DIRT = ["35", "35", "36", "-1", "9999", "x", "", "--"]
TIMES = ["2020-04-01 24:00", "2020-04-01 25:00", "2020-04-01 08:30", "", *[f"2020-04-01 0{h}:00" for h in range(1, 8)]]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(TIMES), st.sampled_from(["甲", "乙", ""]), st.sampled_from(DIRT), st.sampled_from(DIRT)
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=15, deadline=None)
def test_every_row_of_a_dirty_file_is_counted_once(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("dirt")
    path = folder / "in.csv"
    path.write_text("time,city,station,pm2_5,so2\n" + "".join(f"{t},无锡,{s},{a},{b}\n" for t, s, a, b in rows))
    with open_frame(path, domain="air", units={"pm2_5": "µg/m³", "so2": "µg/m³"}) as intake:
        looked = look_over(intake.frame, domain="air")
        flagged = flag_series(intake.frame, domain="air").collect()
        done = import_frame(folder / "store", intake, recorded_at=datetime.fromisoformat("2020-05-01T00:00:00+00:00"))
    assert looked.rows == flagged.height == done.rows == len(rows)
    assert looked.clean + looked.flagged + looked.with_reason + looked.left_out == len(rows)
    assert flagged["file_row"].to_list() == list(range(2, len(rows) + 2))
    # each cell is empty, in the store, or a reject with its reason
    wide = flagged.filter(pl.col("time").is_not_null(), pl.col("station").fill_null("") != "")
    cells = sum(wide[i].count() for i in ("pm2_5", "so2"))
    refused = (
        rejects(folder / "store").collect()
        if done.rejects
        else pl.DataFrame({"reason": []}, schema={"reason": pl.String})
    )
    conflicts = refused.filter(pl.col("reason").str.starts_with("duplicate_conflict")).height
    assert done.new + done.changed + done.same + conflicts == cells


@given(
    st.lists(st.sampled_from([None, 1.0, 1.0, 1.0, 2.0]), min_size=1, max_size=60),
    st.integers(2, 6),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_stale_repeats_are_those_of_a_plain_count_in_any_order(values, length, chance) -> None:
    known = [(n, v) for n, v in enumerate(values) if v is not None]
    stale = set()
    for _, run in groupby(known, key=lambda pair: pair[1]):
        run = list(run)
        stale |= {n for n, _ in run} if len(run) >= length else set()
    rows = [{"station": "甲", "time": BEGIN + timedelta(hours=n), "pm2_5": v, "n": n} for n, v in enumerate(values)]
    chance.shuffle(rows)
    frame = pl.LazyFrame(rows, schema_overrides={"pm2_5": pl.Float64})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "heqing.quality.series.stale_lengths", lambda domain, period: {"pm2_5": length} if period == "hour" else {}
        )
        found = flag_series(frame, domain="air").collect()
        counted = look_over(frame, domain="air")
    assert found["n"].to_list() == [r["n"] for r in rows]
    marked = set(found.filter(pl.col("flag_reason") == "stale_repeat(pm2_5)")["n"])
    assert marked == (stale if len(values) > 1 else set())
    assert counted.flagged == len(marked)


def test_a_limit_not_reached_may_stand_still() -> None:
    times = [BEGIN + timedelta(hours=4 * n) for n in range(50)]
    frame = pl.LazyFrame({"section": ["桥"] * 50, "time": times, "nh3n": [0.02] * 50, "nh3n_below": [True] * 50})
    assert flag_series(frame, domain="water").collect()["flag"].is_null().all()
    seen = frame.with_columns(nh3n_below=pl.lit(False))
    assert flag_series(seen, domain="water").collect()["flag_reason"].unique().to_list() == ["stale_repeat(nh3n)"]


def test_a_flag_of_the_file_is_kept_beside() -> None:
    frame = pl.LazyFrame({"station": ["甲"], "time": [BEGIN], "pm2_5": [1.0], "flag": ["mine"]})
    assert flag_series(frame, domain="air").collect().row(0, named=True)["flag_in"] == "mine"


def test_parts_of_a_large_file_give_what_the_whole_gives(monkeypatch) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret hangs on it
    rows = [
        {
            "city": c,
            "station": s,
            "time": BEGIN + timedelta(hours=h),
            "pm2_5": float(chance.choice((30, 31)) if h > 40 else 30),
        }
        for c in ("无锡", "常州")
        for s in "甲乙丙丁"
        for h in range(60)
    ]
    frame = pl.LazyFrame([*rows, *rows[:5]])
    whole = look_over(frame, domain="air")
    monkeypatch.setattr(survey, "_CELLS_AT_ONCE", 100)
    assert look_over(frame, domain="air") == whole
    assert {f.code for f in whole.findings} == {"stale_repeat", "duplicate"}
    stale = next(f for f in whole.findings if f.code == "stale_repeat")
    assert stale.sentence("zh").startswith("细颗粒物（PM2.5）")
    assert "of pm2_5" in stale.sentence("en")  # the column, as the file has it


@pytest.mark.shared
def test_national_hours_show_the_stations_whose_whole_record_stood_still(shared_dir: Path) -> None:
    path = shared_dir / "data/air_station_hourly_cnemc/station_hourly_2020-03-26_04-08.parquet"
    items = ["pm2_5", "pm10", "so2", "no2", "co", "o3"]
    with open_frame(path, domain="air", rename={"pm25": "pm2_5"}) as intake:
        frame = intake.frame.collect()
    looked = look_over(frame.lazy(), domain="air")
    assert looked.rows == 197_658 == looked.clean + looked.flagged + looked.with_reason + looked.left_out
    counts = {f.item: f.count for f in looked.findings if f.code == "stale_repeat"}
    # by another way: hours of which all six values are those of the hour before, in runs as long as the longest length
    longest = max(stale_lengths("air", "hour")[i] for i in items)
    whole = frame.sort("city", "station", "time").filter(pl.all_horizontal([pl.col(i).is_not_null() for i in items]))
    runs = whole.with_columns(run=pl.struct("city", "station", *items).rle_id()).with_columns(n=pl.len().over("run"))
    stood = runs.filter(pl.col("n") >= longest)
    assert stood.height > 10_000
    assert all(counts[i] >= stood.height for i in items)
    twice = frame.group_by("city", "station", "time").len().filter(pl.col("len") > 1)["len"].sum()
    assert sum(f.count for f in looked.findings if f.code.startswith("duplicate")) == twice
    assert {f.code for f in looked.findings} <= {"stale_repeat", "duplicate_conflict", "duplicate"}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "rows"), [("april_2021_4hourly", 26_593), ("daily_2020-05_2020-12", 26_461), ("nov_2025_06_08", 6_906)]
)
def test_national_water_passes_with_every_row_counted(shared_dir: Path, name: str, rows: int) -> None:
    path = shared_dir / f"data/water_sections_cnemc/{name}.parquet"
    rename = {
        "obs_time": "time",
        "do_mgl": "do",
        "codmn_mgl": "codmn",
        "nh3n_mgl": "nh3n",
        "tp_mgl": "tp",
        "tn_mgl": "tn",
    }
    with open_frame(path, domain="water", rename=rename) as intake:
        looked = look_over(intake.frame, domain="water")
        without = pl.scan_parquet(path).filter(pl.col("obs_time").is_null()).select(pl.len()).collect().item()
    assert (looked.rows, looked.left_out) == (rows, without)
    assert looked.clean + looked.flagged + looked.with_reason + looked.left_out == rows
    assert looked.clean > 0.99 * (rows - without)
