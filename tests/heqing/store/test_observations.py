"""The store: what an import adds, what it leaves alone, and what stays when it is cut off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heqing.errors import StoreError
from heqing.store import (
    Imported,
    batches,
    current,
    delta,
    history,
    import_frame,
    observations,
    open_frame,
    rejects,
    to_wide,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = datetime(2020, 3, 26, 8)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def load(tmp_path: Path, store: Path) -> Callable[..., Imported]:
    """Write a CSV and import it."""
    count = iter(range(1000))

    def _load(text: str, *, domain: str = "air", name: str | None = None, period: str | None = None) -> Imported:
        path = tmp_path / (name or f"file{next(count)}.csv")
        path.write_text(text, encoding="utf-8")
        with open_frame(path, domain=domain) as intake:  # type: ignore[arg-type]
            return import_frame(store, intake, recorded_at=NOON, period=period)

    return _load


def hours(*rows: str) -> str:
    return "time,city,station,pm2_5,co\n" + "".join(f"{r}\n" for r in rows)


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.new, done.changed, done.same, done.rejects


def test_values_are_kept_with_their_source(load, store):
    done = load(hours("2020-03-26 08:00,无锡,A,35,0.4", "2020-03-26 09:00,无锡,A,,0.5"), name="march.csv")
    row = current(store, item="pm2_5").collect().row(0, named=True)
    assert counts(done) == (3, 0, 0, 0)
    assert row == {
        "domain": "air",
        "year": 2020,
        "city": "无锡",
        "place": "A",
        "item": "pm2_5",
        "period_end": HOUR,
        "period_seconds": 3600,
        "value": 35.0,
        "unit": "µg/m³",
        "below": False,
        "flag": None,
        "flag_reason": None,
        "source_file": "march.csv",
        "source_sha256": done.sha256,
        "source_row": 2,
        "batch": done.batch,
        "revision": 1,
        "recorded_at": NOON,
    }


def test_last_hour_of_a_year_lies_in_that_year(load, store):
    load(hours("2021-01-01 00:00,无锡,A,35,", "2021-01-01 01:00,无锡,A,35,"))
    assert current(store).select("period_end", "year").sort("period_end").collect().get_column("year").to_list() == [
        2020,
        2021,
    ]


def test_same_file_twice_changes_nothing(load, store):
    text = hours("2020-03-26 08:00,无锡,A,35,0.4", "2020-03-26 09:00,无锡,A,x,")
    first = load(text, name="a.csv")
    before = history(store).collect(), rejects(store).collect(), batches(store).collect()
    second = load(text, name="again.csv")
    assert second.is_repeat
    assert second.batch == first.batch
    assert counts(second) == (0, 0, 2, 0)
    after = history(store).collect(), rejects(store).collect(), batches(store).collect()
    assert all(a.equals(b) for a, b in zip(after, before, strict=True))


def test_same_values_from_another_file_change_nothing(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,0.4"))
    done = load(hours("2020-03-26 8:00,无锡,A,35.0,"))
    assert counts(done) == (0, 0, 1, 0)
    assert history(store).collect().height == 2
    assert batches(store).collect().height == 2


def test_correction_supersedes_and_the_old_value_stays_readable(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,0.4"))
    done = load(hours("2020-03-26 08:00,无锡,A,36,0.4"))
    assert counts(done) == (0, 1, 1, 0)
    assert current(store, item="pm2_5").select("value", "revision").collect().rows() == [(36.0, 2)]
    told = history(store, item="pm2_5").sort("revision").select("value", "revision").collect().rows()
    assert told == [(35.0, 1), (36.0, 2)]


def test_file_imported_again_after_a_correction_does_not_revert_it(load, store):
    first = hours("2020-03-26 08:00,无锡,A,35,")
    load(first)
    load(hours("2020-03-26 08:00,无锡,A,36,"))
    assert load(first).is_repeat
    assert current(store).select("value").collect().item() == 36.0


def test_null_never_supersedes(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,0.4"))
    assert counts(load(hours("2020-03-26 08:00,无锡,A,,--"))) == (0, 0, 0, 0)
    assert current(store).collect().height == 2


def test_below_the_limit_is_another_value_than_the_limit(load, store):
    load("time,section,nh3n\n2020-03-26 08:00,X,0.02\n", domain="water")
    assert counts(load("time,section,nh3n\n2020-03-26 08:00,X,0.02L\n", domain="water")) == (0, 1, 0, 0)
    assert current(store).select("value", "below", "period_seconds").collect().rows() == [(0.02, True, 0)]


def test_same_file_read_in_another_unit_is_another_batch(tmp_path, store):
    path = tmp_path / "a.csv"
    path.write_text("time,city,co\n2020-03-26 08:00,X,15\n")
    import_frame(store, open_frame(path, domain="air"), recorded_at=NOON)
    done = import_frame(store, open_frame(path, domain="air", units={"co": "µg/m³"}), recorded_at=NOON)
    assert counts(done) == (0, 1, 0, 0)
    assert current(store).select("value").collect().item() == 0.015


def test_contradicting_rows_of_one_file_are_all_rejected(load, store):
    done = load(
        hours(
            "2020-03-26 08:00,无锡,A,35,0.4",
            "2020-03-26 08:00,无锡,A,36,0.4",
            "2020-03-26 08:00,苏州,A,37,0.4",
            "2020-03-26 09:00,无锡,A,35,",
            "2020-03-26 09:00,无锡,A,35,",
        )
    )
    assert counts(done) == (4, 0, 2, 2)
    kept = current(store, item="pm2_5").select("city", "period_end").sort("city", "period_end").collect().rows()
    assert kept == [("无锡", HOUR + timedelta(hours=1)), ("苏州", HOUR)]
    told = rejects(store).sort("file_row").select("file_row", "column", "reason").collect().rows()
    assert told == [(2, "pm2_5", "duplicate_conflict(pm2_5)"), (3, "pm2_5", "duplicate_conflict(pm2_5)")]


def test_one_station_name_in_two_cities_and_a_city_without_stations(load, store):
    done = load(hours("2020-03-26 08:00,无锡,A,35,", "2020-03-26 08:00,苏州,A,36,"))
    assert counts(done) == (2, 0, 0, 0)
    load("time,city,pm2_5\n2020-03-26 08:00,无锡,40\n")
    assert counts(load("time,city,pm2_5\n2020-03-26 8:00,无锡,40\n")) == (0, 0, 1, 0)
    assert current(store, city="无锡").sort("value").select("place", "value").collect().rows() == [
        ("A", 35.0),
        (None, 40.0),
    ]


def test_rejects_keep_the_whole_row_under_the_names_of_the_file(tmp_path, store):
    path = tmp_path / "a.csv"
    path.write_text(
        "时间,city,station,pm25,备注\n2020-03-26 08:00,无锡,A,x, y \nnever,无锡,A,-1,\n2020-03-26 08:00,无锡,,1,\n\n"
    )
    intake = open_frame(path, domain="air", rename={"时间": "time", "pm25": "pm2_5"})
    assert counts(import_frame(store, intake, recorded_at=NOON)) == (0, 0, 0, 4)
    told = rejects(store).sort("file_row", "reason").collect()
    assert told["reason"].to_list() == ["not_a_number(pm2_5)", "bad_time", "negative_value(pm2_5)", "no_place(station)"]
    assert told["column"].to_list() == ["pm2_5", "time", "pm2_5", "station"]
    assert json.loads(told["raw_row"][0]) == {
        "时间": "2020-03-26 08:00",
        "city": "无锡",
        "station": "A",
        "pm25": "x",
        "备注": " y ",
    }


def test_batches_add_up(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,0.4", "2020-03-26 09:00,无锡,A,x,"))
    row = batches(store).collect().row(0, named=True)
    assert (row["rows"], row["new"], row["changed"], row["same"], row["rejects"]) == (2, 2, 0, 0, 1)


def test_daily_values_end_with_their_day(load, store):
    load("day,city,pm2_5\n2020-12-31,无锡,35\n")
    row = current(store).select("period_end", "period_seconds", "year").collect().row(0)
    assert row == (datetime(2021, 1, 1), 86_400, 2020)


def test_chosen_rows(load, store):
    load(hours(*(f"2020-03-{d:02} 08:00,无锡,A,{d},0.4" for d in range(1, 11))))
    kept = current(store, domain="air", place="A", item="co", since=datetime(2020, 3, 3), until=datetime(2020, 3, 5, 8))
    assert kept.select("period_end").collect().height == 3
    assert current(store, domain="water").collect().is_empty()


def test_many_spans_give_what_one_gives(load, store, tmp_path, monkeypatch):
    rows = [f"{HOUR + timedelta(hours=h):%Y-%m-%d %H:%M},无锡,{s},{h},{s}" for s in (1, 2) for h in range(200)]
    monkeypatch.setattr(observations, "_CELLS_AT_ONCE", 60)
    assert counts(load(hours(*rows))) == (800, 0, 0, 0)
    assert counts(load(hours(*reversed(rows)))) == (0, 0, 800, 0)
    assert current(store).collect().height == 800


def test_recorded_at_must_say_its_zone(load, tmp_path, store):
    path = tmp_path / "a.csv"
    path.write_text(hours("2020-03-26 08:00,无锡,A,35,"))
    with pytest.raises(StoreError, match="zone"):
        import_frame(store, open_frame(path, domain="air"), recorded_at=datetime(2020, 1, 1))


def test_period_must_fit_the_time_column(load, store):
    with pytest.raises(StoreError, match="not values of a day"):
        load(hours("2020-03-26 08:00,无锡,A,35,"), period="day")
    with pytest.raises(StoreError, match="not values of a hour"):
        load("day,city,co\n2020-03-26,无锡,0.4\n", period="hour")


# --- readers, writers, crashes ---------------------------------------------------------------------------------


def test_readers_keep_the_state_they_opened(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,"))
    opened = current(store)
    load(hours("2020-03-26 08:00,无锡,A,36,"))
    assert opened.select("value").collect().item() == 35.0
    assert current(store).select("value").collect().item() == 36.0


def test_second_writer_is_told_to_wait_and_readers_are_not(load, store):
    load(hours("2020-03-26 08:00,无锡,A,35,"))
    with delta.sole_writer(store):
        with pytest.raises(StoreError, match=f"process {os.getpid()} is writing"):
            load(hours("2020-03-26 08:00,无锡,A,36,"))
        assert current(store).collect().height == 1
    assert load(hours("2020-03-26 08:00,无锡,A,36,")).changed == 1


def test_no_store_is_said(tmp_path):
    with pytest.raises(StoreError, match="is no store"):
        current(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError):
        delta.make_tables(tmp_path / "file")


@pytest.mark.parametrize("left", ["", "observations", "observations/_delta_log"])
def test_writer_killed_before_the_first_table_leaves_an_empty_store(load, store, left):
    (store / left).mkdir(parents=True)
    (store / "writer.lock").touch()
    assert current(store).collect().is_empty()
    assert batches(store).collect().is_empty()
    assert load(hours("2020-03-26 08:00,无锡,A,35,")).new == 1


class CutOffError(Exception):
    """Stands for a process that ends here."""


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_writer_cut_off_between_commits_leaves_a_whole_store(load, store, monkeypatch, survived):
    load(hours("2020-03-26 08:00,无锡,A,35,"))
    second = hours("2020-03-26 08:00,无锡,A,36,", "2020-03-26 09:00,无锡,A,x,0.4")
    done = iter(range(10))

    def cut(real: Callable[..., None]) -> Callable[..., None]:
        def commit(*args: object, **named: object) -> None:
            if next(done) >= survived:
                raise CutOffError
            real(*args, **named)

        return commit

    with monkeypatch.context() as patch:
        patch.setattr(delta, "append", cut(delta.append))
        patch.setattr(delta, "commit_files", cut(delta.commit_files))
        with pytest.raises(CutOffError):
            load(second, name="second.csv")
    assert current(store, item="pm2_5").select("value").collect().item() == (36.0 if survived == 2 else 35.0)
    assert rejects(store).collect().is_empty()
    again = load(second, name="second.csv")
    assert again.is_repeat == (survived == 2)
    assert counts(again) == ((0, 0, 2, 0) if survived == 2 else (1, 1, 0, 1))
    row = batches(store).filter(pl.col("batch") == again.batch).collect().row(0, named=True)
    assert (row["rows"], row["new"], row["changed"], row["rejects"]) == (2, 1, 1, 1)
    assert rejects(store).collect().height == 1
    assert history(store).collect().height == 3


def test_interrupted_batch_is_finished_by_any_later_import(load, store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(delta, "append", lambda *args: (_ for _ in ()).throw(CutOffError))
        with pytest.raises(CutOffError):
            load(hours("2020-03-26 08:00,无锡,A,35,"))
    assert batches(store).collect().is_empty()
    load(hours("2020-03-26 09:00,无锡,A,35,"))
    assert batches(store).collect()["new"].to_list() == [1, 1]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from heqing.store import import_frame, observations, open_frame
observations._CELLS_AT_ONCE = 2_000
for path in sorted(Path(sys.argv[2]).glob("*.csv")):
    print(path.name, flush=True)
    import_frame(sys.argv[1], open_frame(path, domain="air"), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
"""


def test_killed_writer_leaves_a_store_that_others_read_and_go_on_with(tmp_path, store):
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(6):
        rows = [f"{HOUR + timedelta(hours=h):%Y-%m-%d %H:%M},无锡,A,{h % 300 + n},0.4" for h in range(3_000)]
        (folder / f"{n}.csv").write_text(hours(*rows))
    for pause in (0.02, 0.15, 0.4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, store, folder], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        if (store / "observations").exists():
            assert history(store).group_by("batch").len().collect()["len"].is_in([3_000, 6_000]).all()
    subprocess.run([sys.executable, "-c", WRITER, store, folder], check=True, capture_output=True)
    assert batches(store).collect().height == 6
    expected = [float(h % 300 + 5) for h in range(3_000)]
    assert current(store, item="pm2_5").sort("period_end").collect()["value"].to_list() == expected
    assert history(store, item="pm2_5").collect().height == 18_000
    assert history(store, item="co").collect().height == 3_000


def test_small_files_are_written_together(load, store, monkeypatch):
    monkeypatch.setattr(delta, "_PARTS_BEFORE_TIDYING", 3)
    for hour in range(6):
        load(hours(f"2020-03-26 {hour:02}:00,无锡,A,{hour},x"))
    assert current(store).sort("period_end").collect()["value"].to_list() == [float(h) for h in range(6)]
    table = delta.open_table(store, "observations")
    assert table is not None
    assert len(table.file_uris()) <= 4
    assert batches(store).collect().height == 6
    assert load(hours("2020-03-26 05:00,无锡,A,9,")).changed == 1


# --- properties ------------------------------------------------------------------------------------------------

CELL = st.one_of(st.none(), st.integers(0, 5).map(float))
FILES = st.lists(
    st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from(["A", "B"])), st.tuples(CELL, CELL), min_size=1),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_the_last_value_that_is_none_empty_holds(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("order")
    store = folder / "store"
    expected: dict[tuple[datetime, str, str], float] = {}
    seen: set[bytes] = set()
    for n, file in enumerate(files):
        frame = pl.DataFrame(
            [{"time": HOUR + timedelta(hours=h), "station": s, "pm2_5": v, "co": c} for (h, s), (v, c) in file.items()],
            schema={"time": pl.Datetime, "station": pl.String, "pm2_5": pl.Float64, "co": pl.Float64},
        )
        path = folder / f"{n}.csv"
        frame.write_csv(path)
        if path.read_bytes() not in seen:
            seen.add(path.read_bytes())
            for (h, s), (v, c) in file.items():
                cells = {"pm2_5": v, "co": c}
                key = HOUR + timedelta(hours=h)
                expected |= {(key, s, i): x for i, x in cells.items() if x is not None}
        import_frame(store, open_frame(path, domain="air"), recorded_at=NOON)
        again = import_frame(store, open_frame(path, domain="air"), recorded_at=NOON)
        assert again.is_repeat
    got = {(r["period_end"], r["place"], r["item"]): r["value"] for r in current(store).collect().to_dicts()}
    assert got == expected
    told = history(store).collect()
    assert told.select("place", "item", "period_end", "revision").is_unique().all()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.tuples(st.datetimes(datetime(2019, 12, 30), datetime(2020, 1, 3)), st.sampled_from(["X", "Y"])),
        st.tuples(st.one_of(st.none(), st.floats(0, 100)), st.one_of(st.none(), st.floats(0, 14))),
        min_size=1,
    )
)
def test_wide_into_the_store_and_back(tmp_path_factory, samples):
    folder = tmp_path_factory.mktemp("back")
    wide = pl.DataFrame(
        [{"time": t, "city": "Z", "section": s, "ph": p, "nh3n": n} for (t, s), (n, p) in samples.items()],
        schema={"time": pl.Datetime, "city": pl.String, "section": pl.String, "ph": pl.Float64, "nh3n": pl.Float64},
    )
    wide.write_parquet(folder / "a.parquet")
    intake = open_frame(folder / "a.parquet", domain="water")
    import_frame(folder / "store", intake, recorded_at=NOON)
    back = to_wide(current(folder / "store"), domain="water", period="sample", codes=["ph", "nh3n"])
    filled = wide.filter(pl.any_horizontal(pl.col("ph", "nh3n").is_not_null())).sort("section", "time")
    assert back.select(wide.columns).sort("section", "time").collect().equals(filled)


# --- real data -------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_national_water_published_again_with_other_values(shared_dir, tmp_path, store):
    published = pl.read_parquet(shared_dir / "data/water_sections_cnemc/nov_2025_06_08.parquet").rename(
        {"obs_time": "time", "do_mgl": "do", "codmn_mgl": "codmn", "nh3n_mgl": "nh3n", "tp_mgl": "tp"}
    )
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    published.write_parquet(first)
    is_revised = (pl.col("file_row") % 7 == 0) & pl.col("nh3n").is_not_null()
    republished = (
        published.with_row_index("file_row")
        .with_columns(nh3n=pl.when(is_revised).then(pl.col("nh3n") + 0.01).otherwise("nh3n"))
        .drop("file_row")
    )
    republished.write_parquet(second)
    one = import_frame(store, open_frame(first, domain="water"), recorded_at=NOON)
    two = import_frame(store, open_frame(second, domain="water"), recorded_at=NOON + timedelta(hours=4))
    whole = published.filter(pl.col("time").is_not_null())
    items = ["ph", "do", "codmn", "nh3n", "tp"]
    values = sum(whole[c].count() for c in items)
    revised = whole.height and int(
        (published.with_row_index("file_row").filter(is_revised, pl.col("time").is_not_null())).height
    )
    assert one.rows == two.rows == published.height
    assert (
        one.new
        + one.same
        + rejects(store).filter(batch=one.batch).filter(pl.col("reason").str.starts_with("duplicate")).collect().height
        == values
    )
    assert one.rejects >= published.height - whole.height
    assert two.new == 0
    assert 0 < two.changed <= revised
    assert two.changed + two.same == one.new + one.same
    now = current(store, item="nh3n").filter(pl.col("revision") == 2).collect()
    before = history(store, item="nh3n").filter(pl.col("revision") == 1).collect()
    both = now.join(before, on=["city", "place", "period_end"], suffix="_old", nulls_equal=True)
    assert both.height == two.changed
    assert (both["value"] - both["value_old"]).is_between(0.0099, 0.0101).all()
