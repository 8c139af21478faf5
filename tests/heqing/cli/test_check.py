"""``heqing check`` and what the other verbs say of bad input, as a user meets them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from tests.factories.command import heqing

HEAD = "city,station,time,pm2_5,co\n"
ROWS = (
    "无锡,甲,2020-04-01 08:00,35,0.4\n"
    "无锡,甲,2020-04-01 08:00,35,0.4\n"
    "无锡,甲,2020-04-01 24:00,-1,0.4\n"
    "无锡,乙,2020-04-01 25:00,35,0.4\n"
    "无锡,乙,1995-04-01 08:00,35,0.4\n"
)


def test_check_tells_everything_and_gives_every_row_back(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEAD + ROWS, encoding="utf-8")
    done = heqing(tmp_path, "check", "air", "in.csv", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    assert "1 rows say hour 24" in done.stderr
    assert "first in row 4: “-1”" in done.stderr
    assert "1 row(s) repeat another" in done.stderr
    assert "5 rows = 1 clean + 2 flagged + 1 with a reason + 1 without time or place." in done.stderr
    rows = pl.read_csv(tmp_path / "out.csv")
    assert rows["file_row"].to_list() == [2, 3, 4, 5, 6]
    assert rows["intake_reason"].to_list() == [None, None, "negative_value(pm2_5)", "bad_time", None]
    assert rows["flag_reason"].to_list() == ["duplicate", "duplicate", None, None, None]


def test_a_clean_file_adds_up_and_a_wrong_unit_is_refused_with_its_count(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEAD + ROWS.splitlines()[0] + "\n", encoding="utf-8")
    done = heqing(tmp_path, "check", "air", "in.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 rows = 1 clean + 0 flagged + 0 with a reason + 0 without time or place." in done.stderr
    (tmp_path / "in.csv").write_text(HEAD + ROWS.replace("0.4", "400"), encoding="utf-8")
    done = heqing(tmp_path, "check", "air", "in.csv")
    assert done.returncode == 1
    assert "(5 of 5) are above 20 mg/m³" in done.stderr
    assert "--unit co=µg/m³" in done.stderr


def test_judging_counts_a_day_before_any_edition_and_tells_the_repeats(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEAD + ROWS, encoding="utf-8")
    done = heqing(tmp_path, "assess", "air", "in.csv", "--level", "hour", "-o", "out.csv")
    assert "1 row(s) no_edition" in done.stderr
    assert "1 row(s) repeat another" in done.stderr
    assert pl.read_csv(tmp_path / "out.csv").height == 5
    (tmp_path / "water.csv").write_text("section,time,body_type,tp\n桥,1980-04-01,river,0.1\n", encoding="utf-8")
    done = heqing(tmp_path, "assess", "water", "water.csv", "--level", "sample", "-o", "out.csv")
    assert "1 row(s) no_edition" in done.stderr


def test_import_reads_a_place_under_its_new_name(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEAD + ROWS.splitlines()[0] + "\n", encoding="utf-8")
    done = heqing(tmp_path, "import", "air", "in.csv", "--store", "store", "--same-place", "甲=丙")
    assert "1 rows of station 甲 are read as 丙, as asked." in done.stderr
    found = heqing(tmp_path, "store", "observations", "store")
    assert ",丙," in found.stdout
    assert ",甲," not in found.stdout


def test_assess_joins_a_place_that_changed_its_name_when_asked(tmp_path: Path) -> None:
    days = [
        f"无锡,{'甲' if d < 16 else '丙'},2020-04-{d:02}T{h:02}:00,35,0.4" for d in range(1, 31) for h in range(1, 24)
    ]
    (tmp_path / "in.csv").write_text(HEAD + "\n".join(days) + "\n", encoding="utf-8")
    words = ("assess", "air", "in.csv", "--level", "month", "-o", "out.csv")
    told = heqing(tmp_path, *words)
    assert "--same-place OLD=NEW" in told.stderr
    assert pl.read_csv(tmp_path / "out.csv")["station"].to_list() == ["丙", "甲"]
    assert heqing(tmp_path, *words, "--same-place", "甲=丙").returncode == 0
    assert pl.read_csv(tmp_path / "out.csv").select("station", "pm2_5_days").rows() == [("丙", 30)]
    refused = heqing(tmp_path, *words, "--same-place", "甲=丙", "--engine", "local[2]")
    assert refused.returncode == 2
    assert "a cluster cannot join names" in refused.stderr
