"""``heqing standards``, ``heqing config`` and help: what they print, and that bad words are named."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from tests.factories.command import heqing


def test_list_names_every_edition_with_its_days(tmp_path: Path) -> None:
    said = heqing(tmp_path, "standards", "list").stdout
    for word in ("air_index", "HJ 633-2026", "GB 3838-2002", "2026-03-01", "2030-12-31", "transition"):
        assert word in said


def test_show_prints_rows_with_clause_and_marks_the_unconfirmed(tmp_path: Path) -> None:
    said = heqing(tmp_path, "standards", "show", "air_ranking").stdout
    assert "环办〔2014〕64号" in said
    assert [line for line in said.splitlines() if "limits_2026_transition" in line and line.rstrip().endswith("?")]


def test_show_as_csv_prints_numbers_as_the_standard_does(tmp_path: Path) -> None:
    done = heqing(tmp_path, "standards", "show", "surface_water", "--table", "limits", "--csv")
    rows = pl.read_csv(io.StringIO(done.stdout), infer_schema=False)
    assert "0.00005" in set(rows.filter(pl.col("item") == "hg").row(0))


def test_practice_beside_the_text_is_shown(tmp_path: Path) -> None:
    said = heqing(tmp_path, "standards", "show", "air_index", "--table", "report_practice", "--csv").stdout
    assert "2017-07-07" in said
    assert said.count("hour") >= 6


@pytest.mark.parametrize(
    ("words", "said"),
    [(["show", "fire"], "There is no family “fire”"), (["show", "air_index", "--table", "fire"], "There is no table")],
)
def test_unknown_name_is_refused_with_the_known_ones(tmp_path: Path, words: list[str], said: str) -> None:
    done = heqing(tmp_path, "standards", *words)
    assert (done.returncode, said in done.stderr) == (2, True)
    assert "Known:" in done.stderr


def test_config_says_what_is_in_force_and_where_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEQING_STORE", "somewhere")
    monkeypatch.delenv("HEQING_SHARED", raising=False)
    said = heqing(tmp_path, "config").stdout
    assert "HEQING_STORE = somewhere  (environment" in said
    assert "HEQING_SHARED = ../shared  (default" in said


def test_config_tells_the_sites_settings_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEQING_SECRET_KEY", "open sesame")
    said = heqing(tmp_path, "config").stdout
    assert "HEQING_DATA_DIR = ./var  (default" in said
    assert "HEQING_SECRET_KEY = (set, not shown)  (environment" in said
    assert "sesame" not in said


@pytest.mark.parametrize("words", [[], ["assess"], ["assess", "air"], ["assess", "water"], ["read"], ["import"]])
def test_help_shows_what_to_write(tmp_path: Path, words: list[str]) -> None:
    done = heqing(tmp_path, *words, "--help")
    assert done.returncode == 0
    assert "heqing" in done.stdout
