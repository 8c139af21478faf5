"""``heqing import`` and ``heqing store`` as a process: sentences, data and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

HOURS = (
    "time,城市,station,pm25,co\n"
    "2020-03-26 08:00,无锡,A,35,0.4\n"
    "2020-03-26 24:00,无锡,A,x,0.4\n"
    "2020-03-26 09:00,无锡,A,36,0.4\n"
)
RENAME = ("--rename", "pm25=pm2_5", "--rename", "城市=city")


def heqing(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from heqing.cli.main import run; run()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hours.csv"
    path.write_text(HOURS, encoding="gb18030")
    return path


def test_import_sums_up_on_standard_error_and_tells_where_rejects_are(file: Path, tmp_path: Path) -> None:
    done = heqing("import", "air", file, "--store", tmp_path / "store", *RENAME)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "GB18030" in done.stderr
    assert "hour 24" in done.stderr
    assert "first in row 3: “x”" in done.stderr
    assert "3 rows; 5 new values, 0 changed, 0 that were there already; 1 rejects" in done.stderr
    assert f"heqing store rejects {tmp_path / 'store'} --batch" in done.stderr.replace("\n", "")


def test_second_import_says_that_nothing_changed(file: Path, tmp_path: Path) -> None:
    heqing("import", "air", file, "--store", tmp_path / "store", *RENAME)
    again = heqing("import", "air", file, "--store", tmp_path / "store", *RENAME)
    assert again.returncode == 0
    assert "nothing changed" in again.stderr


def test_store_gives_its_tables(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    heqing("import", "air", file, "--store", store, *RENAME)
    shown = heqing("store", "observations", store, "--item", "pm2_5", "--since", "2020-03-26T09:00:00")
    assert pl.read_csv(shown.stdout.encode()).select("city", "value").rows() == [("无锡", 36.0)]
    assert "not_a_number(pm2_5)" in heqing("store", "rejects", store).stdout
    assert heqing("store", "batches", store).stdout.count("\n") == 2
    out = tmp_path / "history.parquet"
    assert heqing("store", "history", store, "-o", out).returncode == 0
    assert pl.read_parquet(out).height == 5


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("import", "air", "gone.csv", "--store", "s"), 1, "no such file"),
        (("import", "air", "FILE", "--store", "s", "--rename", "co=remark"), 1, "--rename pm25=pm2_5"),
        (("import", "fire", "FILE", "--store", "s"), 2, "fire"),
        (("import", "air", "FILE", "--store", "s", "--rename", "pm25"), 2, "old=new"),
        (("store", "batches", "nowhere"), 1, "is no store"),
        (("store", "batches", "nowhere", "-o", "x.docx"), 2, "ending"),
    ],
)
def test_refusals(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = heqing(*(str(file) if w == "FILE" else w for w in words))
    assert done.returncode == code
    assert said in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_store_that_is_not_named_is_that_of_the_settings(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEQING_STORE", str(tmp_path / "mine"))
    assert heqing("import", "air", file, *RENAME).returncode == 0
    assert heqing("store", "batches", tmp_path / "mine").stdout.count("\n") == 2


def test_refused_file_leaves_no_store(file: Path, tmp_path: Path) -> None:
    heqing("import", "air", file, "--store", tmp_path / "store", "--rename", "co=remark")
    assert not (tmp_path / "store").exists()


def test_reader_that_goes_away_is_no_error(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    heqing("import", "air", file, "--store", store, *RENAME)
    command = f'"{sys.executable}" -c "from heqing.cli.main import run; run()" store observations {store} | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
