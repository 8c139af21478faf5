"""``heqing assess`` as its users meet it: files in, files out, sentences, exit codes, bad input."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.factories.command import HEQING, heqing
from tests.factories.hours import hours

ROW = "甲,2020-04-01 08:00,36,50,5,20,0.5,80"
HEAD = "station,time,pm2_5,pm10,so2,no2,co,o3"


def _write(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8", name: str = "in.csv") -> None:
    (folder / name).write_text("\n".join([head, *rows]) + "\n", encoding=encoding)


def test_hour_keeps_rows_order_and_columns_and_adds_results(tmp_path: Path) -> None:
    _write(tmp_path, f"b,{ROW}", f"a,{ROW.replace('36', '76')}", head=f"remark,{HEAD}")
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    found = pl.read_csv(tmp_path / "out.csv")
    assert found.columns[:3] == ["remark", "station", "time"]
    assert found["remark"].to_list() == ["b", "a"]
    assert found["aqi"].to_list() == [52, 102]
    assert found["primary_pollutants"].to_list() == ["pm2_5", "pm2_5"]
    assert {"file_row", "intake_reason"}.isdisjoint(found.columns)
    assert "out.csv: 2 row(s), 0 of them unconfirmed." in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl", "out.csv"])
def test_every_kind_of_output_holds_the_same(tmp_path: Path, name: str) -> None:
    _write(tmp_path, ROW)
    assert heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", name).returncode == 0
    readers = {".csv": pl.read_csv, ".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet}
    assert readers[Path(name).suffix](tmp_path / name)["aqi"].to_list() == [52]
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_standard_output_holds_data_alone(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour")
    assert done.stdout.splitlines()[0].startswith("station,time,pm2_5")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


def test_pipe_that_breaks_is_no_error(tmp_path: Path) -> None:
    frame = hours(date(2020, 4, 1), 24 * 400, pm2_5=lambda h: 36.0 + h % 2, co=lambda h: 0.5 + h % 2).collect()
    frame.write_csv(tmp_path / "in.csv")
    done = subprocess.run(
        f"'{HEQING}' assess air in.csv --level hour | head -n 1; echo ${{PIPESTATUS[0]}}",
        cwd=tmp_path,
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[1] == "0"
    assert done.stderr == ""


def test_day_month_and_year_give_one_row_per_place_and_period(tmp_path: Path) -> None:
    items = dict.fromkeys(("pm2_5", "pm10", "so2", "no2", "co", "o3"), 1.0)
    frame = pl.concat(hours(date(2020, 1, 1), 24 * 366, station=s, city="东城", **items) for s in "甲乙")
    frame.sink_parquet(tmp_path / "in.parquet")
    shapes = {}
    for level in ("day", "month", "quarter", "year"):
        for by in ("station", "city"):
            done = heqing(tmp_path, "assess", "air", "in.parquet", "--level", level, "--by", by, "-o", "out.parquet")
            assert done.returncode == 0, done.stderr
            shapes[level, by] = pl.read_parquet(tmp_path / "out.parquet").height
    assert shapes == {
        ("day", "station"): 732,
        ("day", "city"): 366,
        ("month", "station"): 24,
        ("month", "city"): 12,
        ("quarter", "station"): 8,
        ("quarter", "city"): 4,
        ("year", "station"): 2,
        ("year", "city"): 1,
    }
    year = pl.read_parquet(tmp_path / "out.parquet").row(0, named=True)
    assert (year["valid_days"], year["good_day_ratio"], year["attains_all"], year["pm2_5_mean"]) == (
        366,
        100.0,
        True,
        1.0,
    )


def test_daily_values_are_judged_as_they_are_given(tmp_path: Path) -> None:
    _write(tmp_path, "东城,2026-03-01,61,50,5,20,0.5,80", head="city,day,pm2_5,pm10,so2,no2,co,o3_8h")
    assert heqing(tmp_path, "assess", "air", "in.csv", "--level", "day", "-o", "out.csv").returncode == 0
    row = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    assert (row["aqi"], row["good_day"], row["attaining_day"], row["exceeding_items"]) == (101, False, False, "pm2_5")
    refused = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour")
    assert refused.returncode == 2
    assert "needs `time`" in refused.stderr.replace("\n│", "").replace("│", "")


def test_rename_and_unit_and_edition(tmp_path: Path) -> None:
    _write(tmp_path, "甲,2014-01-01 08:00,36,2200", head="站点,time,pm25,co")
    words = ["--rename", "站点=station", "--rename", "pm25=pm2_5", "--unit", "co=µg/m³", "--edition", "HJ633-2012"]
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", *words, "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    row = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    assert (row["co"], row["aqi"], row["edition"]) == (2.2, 52, "HJ 633-2012")


REFUSED = [
    ("gone.csv", [], "gone.csv", 1),
    (".", [], "this is a directory", 1),
    ("empty.csv", [], "empty", 1),
    ("in.csv", ["--rename", "pm2_5"], "old=new", 2),
    ("in.csv", ["--edition", "HJ 633-1999"], "no edition", 2),
    ("in.csv", ["-o", "out.xlsx"], "ending", 2),
    ("in.csv", ["-o", "nowhere/out.csv"], "no folder", 2),
    ("in.csv", ["-o", "in.csv"], "is the input itself", 2),
    ("in.csv", ["--by", "city"], "no column `city`", 2),
    ("units.csv", [], "--unit co=", 1),
    ("ragged.csv", [], "row 3", 1),
    ("no_time.csv", [], "`time`", 1),
]


@pytest.mark.parametrize(
    ("name", "words", "said", "code"), REFUSED, ids=[f"{n} {' '.join(w)}" for n, w, _, _ in REFUSED]
)
def test_input_that_cannot_be_judged_is_refused_with_a_sentence(
    tmp_path: Path, name: str, words: list[str], said: str, code: int
) -> None:
    _write(tmp_path, ROW)
    (tmp_path / "empty.csv").write_bytes(b"")
    _write(tmp_path, *[ROW.replace("0.5", "800")] * 3, name="units.csv")
    _write(tmp_path, ROW, ROW + ",9,9", name="ragged.csv")
    _write(tmp_path, "甲,36", head="station,pm2_5", name="no_time.csv")
    done = heqing(tmp_path, "assess", "air", name, "--level", "day", *words)
    plain = " ".join(done.stderr.replace("│", " ").split())
    assert said in plain
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


BAD_ROWS = [
    ("甲,2020-04-01 08:00,abc,50,5,20,0.5,80", "not_a_number(pm2_5)", "abc"),
    ("甲,2020-04-01 08:00,-3,50,5,20,0.5,80", "negative_value(pm2_5)", "-3"),
    ("甲,2020-04-01 08:00,99999,50,5,20,0.5,80", "impossible_value(pm2_5)", "99999"),
    ("甲,yesterday,36,50,5,20,0.5,80", "bad_time", "yesterday"),
    ("甲,2014-04-01 08:00,36,50,5,20,0.5,80", "no_edition", None),
]


@pytest.mark.parametrize(("row", "reason", "sample"), BAD_ROWS)
def test_row_that_cannot_be_judged_stays_with_its_reason(
    tmp_path: Path, row: str, reason: str, sample: str | None
) -> None:
    _write(tmp_path, ROW, row)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    found = pl.read_csv(tmp_path / "out.csv")
    assert found.height == 2
    assert reason in found["reason"][1]
    assert found["aqi"][0] == 52
    if sample is not None:
        assert f"1 row(s), first in row 3: “{sample}”" in done.stderr


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_encodings_of_chinese_offices_are_read(tmp_path: Path, encoding: str) -> None:
    _write(tmp_path, ROW, encoding=encoding)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    assert pl.read_csv(tmp_path / "out.csv")["station"].to_list() == ["甲"]


def test_hour_24_is_the_end_of_its_day(tmp_path: Path) -> None:
    _write(tmp_path, ROW.replace("08:00", "24:00"))
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "day", "-o", "out.csv")
    assert pl.read_csv(tmp_path / "out.csv")["day"].to_list() == ["2020-04-01"]
    assert "24" in done.stderr


def test_repeated_hours_are_counted(tmp_path: Path) -> None:
    _write(tmp_path, ROW, ROW, ROW.replace("36", "90"))
    assert heqing(tmp_path, "assess", "air", "in.csv", "--level", "day", "-o", "out.csv").returncode == 0
    row = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    assert (row["hours"], row["hours_pm2_5"], row["conflicts"]) == (1, 0, 1)
    assert "duplicate_conflict" in row["reason"]


def test_repeated_hours_are_told_at_the_level_of_the_hour(tmp_path: Path) -> None:
    _write(tmp_path, ROW, ROW.replace("36", "90"), ROW.replace("08:00", "09:00"))
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert "2 row(s) share place and hour with another" in done.stderr
    assert pl.read_csv(tmp_path / "out.csv").height == 3


def test_excel_finds_the_mark_of_utf8(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    assert heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv", "--excel").returncode == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_water_samples_keep_rows_and_get_their_class(tmp_path: Path) -> None:
    head = "section,time,body_type,ph,do,codmn,nh3n,tp"
    _write(
        tmp_path, "甲,2020-06-01 12:00,lake,7.5,8,3,0.2,0.11", "乙,2020-06-01 12:00,river,7.5,8,3,0.2,0.11", head=head
    )
    done = heqing(tmp_path, "assess", "water", "in.csv", "--level", "sample", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    found = pl.read_csv(tmp_path / "out.csv")
    assert found["water_class"].to_list() == [5, 3]
    assert found["deciding_items"].to_list() == ["tp", "tp"]
    assert found["exceedance"].to_list() == ["tp:1.2", None]
    month = heqing(tmp_path, "assess", "water", "in.csv", "--level", "month", "-o", "month.csv")
    assert month.returncode == 0, month.stderr
    assert pl.read_csv(tmp_path / "month.csv").height == 2


def test_daily_file_that_repeats_its_days_counts_them_once(tmp_path: Path) -> None:
    head = "city,day,pm2_5,value_reason"
    days = [f"东城,2020-04-{d:02d},30,x" for d in range(1, 31)]
    again = [f"东城,2020-04-{d:02d},90,x" for d in range(1, 11)]
    _write(tmp_path, *days, *days, *again, head=head)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "month", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    row = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    assert (row["days"], row["pm2_5_days"], row["pm2_5_mean"], row["conflicts"]) == (30, 20, 30.0, 10)
    assert "duplicate_conflict" in row["reason"]


@pytest.mark.parametrize("head", ["station,date,hour,pm2_5", "station,day,小时,pm2_5"])
def test_hours_in_a_column_beside_the_day_are_refused(tmp_path: Path, head: str) -> None:
    _write(tmp_path, "甲,2020-04-01,8,36", head=head)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "day", "-o", "out.csv")
    assert done.returncode == 1
    assert "Join the two into one column `time`" in done.stderr


def test_file_of_which_no_time_can_be_read_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "甲,2020,4,1,36", head="station,year,month,day,pm2_5")
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "month", "-o", "out.csv")
    assert (done.returncode, "no time in it can be read" in done.stderr) == (1, True)


def test_summary_counts_rows_and_says_a_reason_once(tmp_path: Path) -> None:
    _write(tmp_path, ROW, "甲,yesterday,x,y,5,20,0.5,80")
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert "1 row(s) bad_time:" in done.stderr
    assert "1 row(s) not_a_number:" in done.stderr
    assert pl.read_csv(tmp_path / "out.csv")["reason"][1].count("bad_time") == 1


def test_moments_in_a_csv_read_as_people_write_them(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    for words in ([], ["-o", "out.csv"]):
        done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", *words)
        text = done.stdout or (tmp_path / "out.csv").read_text(encoding="utf-8")
        assert text.splitlines()[1].startswith("甲,2020-04-01 08:00:00,")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_full_disk_is_told(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [str(HEQING), "assess", "air", "in.csv", "--level", "hour"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, "cannot be written" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_water_without_the_kind_of_body_says_what_that_costs(tmp_path: Path) -> None:
    _write(tmp_path, "甲,2020-06-01 12:00,7.5,8,0.11", head="section,time,ph,do,tp")
    done = heqing(tmp_path, "assess", "water", "in.csv", "--level", "sample", "-o", "out.csv")
    assert "has no column `body_type`" in done.stderr
    row = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    assert (row["water_class"], "body_type_unknown(tp)" in row["reason"]) == (None, True)


def test_by_is_told_to_have_no_effect_where_rows_are_kept(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "--by", "station", "-o", "out.csv")
    assert "has no effect at level hour" in done.stderr
