"""Datasets of many files, and parts of them judged apart: the same rows, notes and refusals as for one file at once."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.factories.hours import hours
from typer.testing import CliRunner

from heqing.air.pins import pins_by_family
from heqing.cli.main import app
from heqing.errors import BadFileError, EngineError, MissingColumnError
from heqing.spread import Assessment, Opening, air_assessment, open_dataset, water_assessment
from heqing.spread.parts import Job, deal, gather, judge_part, judge_slice, judged, look, part_files, plan, with_parts
from heqing.spread.spark import is_master, session

PINS = pins_by_family(None, ("air_index", "ambient_air", "air_evaluation", "air_ranking"))
ITEMS = dict.fromkeys(("pm2_5", "pm10", "so2", "no2", "co", "o3"), lambda h: 0.5 + h % 11)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give hours of five stations in two files, their rows in no order, some twice, some without a station or time."""
    folder = tmp_path_factory.mktemp("hours")
    rows = pl.concat(
        hours(date(2025, 3, 1), 48, station=f"站{n}", city="甲乙"[n % 2], **ITEMS) for n in range(5)
    ).collect()
    odd = rows.head(9).with_columns(
        station=pl.when(pl.int_range(9) < 5).then(pl.lit(None, pl.String)).otherwise("station"),
        time=pl.when(pl.int_range(9) > 6).then(None).otherwise("time"),
        pm2_5=-1.0,
    )
    mixed = pl.concat([rows, rows.sample(20, seed=2), odd]).sample(fraction=1, shuffle=True, seed=1)
    mixed.head(100).write_parquet(folder / "a.parquet")
    mixed.tail(-100).write_parquet(folder / "b.parquet")
    return folder


def air(level: str, keys: list[str], columns: list[str]) -> Assessment:
    return air_assessment(columns, level=level, keys=keys, pins=PINS)


def in_parts(job: Job, *, part_rows: int, order: list[int]) -> pl.DataFrame:
    """Do a job piece by piece, slices in this order, as processes that know nothing of each other would."""
    looks = gather(job, [look(job, n) for n in range(len(job.slices))])
    if not job.assessment.keys:
        for number in order:
            judge_slice(job, number)
        return pl.read_parquet(part_files(job))
    job = with_parts(job, looks.places, part_rows=part_rows, least=1)
    dealt: dict[int, list[bytes]] = {}
    for number in order:
        for part, piece, rows in deal(job, number):
            assert piece == number
            dealt.setdefault(part, []).append(rows)
    assert set(dealt) == set(range(job.parts))
    for part, rows in dealt.items():
        judge_part(job, part, rows)
    judge_part(job, 0, dealt[0])  # done again after a loss: the same file in the same place
    return pl.read_parquet(part_files(job))


WAYS = [("hour", []), ("day", ["city", "station"]), ("year", ["city"])]


@pytest.mark.parametrize(("level", "keys"), WAYS)
def test_parts_of_a_dataset_give_the_rows_of_the_whole(folder, tmp_path, level, keys):
    dataset = open_dataset([folder])
    job = plan(dataset, Opening("air"), partial(air, level, keys), folder=tmp_path, slice_rows=140)
    whole = judged(Opening("air").open(folder, dataset.frame()).frame, job.assessment).collect()
    found = in_parts(job, part_rows=90, order=list(reversed(range(len(job.slices)))))
    assert_frame_equal(found, whole)
    assert len(part_files(job)) > 1


@given(slice_rows=st.integers(8, 40), part_rows=st.integers(8, 60), seed=st.randoms(use_true_random=False))
@settings(max_examples=3, deadline=None)
def test_any_cut_and_any_order_give_the_same_months_of_water(tmp_path_factory, slice_rows, part_rows, seed):
    folder = tmp_path_factory.mktemp("water")
    rows = [
        {"city": "甲", "section": f"面{n % 4}", "time": datetime(2020, 6, 1 + n // 4, 8), "tp": 0.05 * (n % 5),
         "body_type": ["河流", "river", None][n % 3]}
        for n in range(32)
    ]  # fmt: skip
    (folder / "in").mkdir()
    pl.DataFrame(rows).write_parquet(folder / "in" / "samples.parquet")
    dataset = open_dataset([folder / "in" / "samples.parquet"])
    job = plan(
        dataset, Opening("water"), partial(water_assessment, level="month"), folder=folder, slice_rows=slice_rows
    )
    whole = judged(Opening("water").open(dataset.name, dataset.frame()).frame, job.assessment).collect()
    order = list(range(len(job.slices)))
    seed.shuffle(order)
    assert_frame_equal(in_parts(job, part_rows=part_rows, order=order), whole)


def test_looks_at_slices_add_up_to_what_the_door_says_of_a_file(folder, tmp_path):
    dataset = open_dataset([folder])
    whole = Opening("air").open(folder, dataset.frame())
    job = plan(dataset, Opening("air"), partial(air, "day", ["station"]), folder=tmp_path, slice_rows=130)
    looks = gather(job, [look(job, n) for n in range(len(job.slices))])
    assert looks.problems == whole.problems()
    assert {p.code for p in looks.problems} == {"negative_value", "bad_time"}
    assert looks.places["rows"].sum() == dataset.rows
    first = looks.problems[0].first_row
    assert dataset.where(first) == (f"{first} of a.parquet" if first <= 100 else f"{first - 100} of b.parquet")


def test_hours_24_are_counted_over_all_slices(tmp_path):
    text = [f"2025-03-0{d} 24:00" for d in range(1, 6)]
    pl.DataFrame({"station": "甲", "time": text, "pm2_5": 30.0}).write_parquet(tmp_path / "in.parquet")
    dataset = open_dataset([tmp_path / "in.parquet"])
    job = plan(dataset, Opening("air"), partial(air, "day", ["station"]), folder=tmp_path, slice_rows=2)
    assert gather(job, [look(job, n) for n in range(3)]).notes == ["5 rows say hour 24; read as 00:00 of the next day."]


def test_unit_is_doubted_by_all_rows_and_not_by_a_slice(tmp_path):
    rows = hours(date(2025, 3, 1), 48, co=lambda h: 800.0 if h < 20 else 0.8)
    rows.sink_parquet(tmp_path / "in.parquet")
    asked = partial(air, "day", ["station"])
    few = plan(open_dataset([tmp_path / "in.parquet"]), Opening("air"), asked, folder=tmp_path, slice_rows=20)
    gather(few, [look(few, n) for n in range(3)])
    hours(date(2025, 3, 1), 48, co=800.0).sink_parquet(tmp_path / "in.parquet")
    many = plan(open_dataset([tmp_path / "in.parquet"]), Opening("air"), asked, folder=tmp_path, slice_rows=20)
    with pytest.raises(BadFileError, match="--unit co=µg/m³"):
        gather(many, [look(many, n) for n in range(3)])
    said = plan(open_dataset([tmp_path / "in.parquet"]), Opening("air", units={"co": "mg/m³"}), asked,
                folder=tmp_path, slice_rows=20)  # fmt: skip
    gather(said, [look(said, n) for n in range(3)])


def test_columns_are_missed_before_a_row_is_read(tmp_path):
    pl.DataFrame({"time": ["2025-03-01 01:00"], "pm25": [1.0]}).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(MissingColumnError, match="--rename pm25=pm2_5"):
        plan(open_dataset([tmp_path / "in.parquet"]), Opening("air"), partial(air, "day", ["station"]),
             folder=tmp_path, slice_rows=20)  # fmt: skip


def test_delta_table_is_its_present_files_with_the_columns_of_their_folders(tmp_path):
    table = str(tmp_path / "table")
    frame = pl.DataFrame({"city": ["无 锡", "湖州", None], "pm2_5": [1.0, 2.0, 3.0]})
    write_deltalake(table, frame.head(1), partition_by=["city"])
    write_deltalake(table, frame, mode="overwrite")
    write_deltalake(table, frame.with_columns(city=pl.lit("嘉兴"), co=0.5), mode="append", schema_mode="merge")
    dataset = open_dataset([tmp_path / "table"])
    expected = pl.read_delta(table).sort("city", "pm2_5")
    assert_frame_equal(dataset.frame().collect().sort("city", "pm2_5"), expected)
    pieces = pl.concat([dataset.slice_frame(s).collect() for s in dataset.slices(1)])
    assert_frame_equal(pieces, dataset.frame().collect())
    assert len(list((tmp_path / "table").rglob("*.parquet"))) > len(dataset.files)


def test_folder_gives_its_files_by_name_and_the_columns_their_folders_say(tmp_path):
    for city in ("湖州", "嘉兴"):
        (tmp_path / f"city={city}").mkdir()
        pl.DataFrame({"pm2_5": [1.0]}).write_parquet(tmp_path / f"city={city}" / "1.parquet")
    (tmp_path / "_temporary").mkdir()
    pl.DataFrame({"other": [1]}).write_parquet(tmp_path / "_temporary" / "1.parquet")
    assert open_dataset([tmp_path]).frame().collect().rows() == [(1.0, "嘉兴"), (1.0, "湖州")]


def test_what_is_no_dataset_is_refused_with_a_sentence(tmp_path):
    def refusal(*paths: Path) -> str:
        with pytest.raises(BadFileError) as refused:
            open_dataset(list(paths))
        return str(refused.value)

    (tmp_path / "empty").mkdir()
    assert "no Parquet file" in refusal(tmp_path / "empty")
    (tmp_path / "a.csv").write_text("station,time,pm2_5\n")
    pl.DataFrame({"x": [1], "y": [1]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"x": [1.0], "z": [1]}).write_parquet(tmp_path / "b.parquet")
    pl.DataFrame({"x": [1]}).clear().write_parquet(tmp_path / "none.parquet")
    assert "no Parquet file" in refusal(tmp_path / "a.csv", tmp_path / "a.parquet")
    assert "without y; with z; x is Float64 and not Int64" in refusal(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert "no rows" in refusal(tmp_path / "none.parquet")
    assert "name one folder alone" in refusal(tmp_path / "a.parquet", tmp_path / "empty")
    (tmp_path / "store" / "observations" / "_delta_log").mkdir(parents=True)
    assert "heqing store observations" in refusal(tmp_path / "store")


def test_folder_is_judged_here_as_one_file_is(folder, tmp_path):
    frame = open_dataset([folder]).frame().collect()
    frame.write_parquet(tmp_path / "one.parquet")
    for source, out in ((folder, "folder.csv"), (tmp_path / "one.parquet", "one.csv")):
        done = CliRunner().invoke(app, ["assess", "air", str(source), "--level", "day", "-o", str(tmp_path / out)])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "folder.csv").read_text() == (tmp_path / "one.csv").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "hadoop"], "“hadoop” is none"),
        (["--engine", "local[2]"], "a cluster writes to a folder"),
        (["--engine", "local[2]", "-o", "nowhere/out.parquet"], "there is no folder"),
    ],
)
def test_words_about_the_engine_are_refused_before_anything_starts(folder, words, said):
    done = CliRunner().invoke(app, ["assess", "air", str(folder), "--level", "day", *words])
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


def test_engine_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    monkeypatch.setitem(__import__("sys").modules, "py4j.protocol", None)
    with pytest.raises(EngineError, match=r"pip install 'heqing\[spark\]'"), session("spark://127.0.0.1:7077", "test"):
        pass
    assert not is_master("spark:/127.0.0.1")
