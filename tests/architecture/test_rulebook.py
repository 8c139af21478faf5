"""The rulebook, walked whole: every family has its declared form, steps touch, doubtful rows are marked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from heqing.editions import families, family, table
from heqing.editions.declaration import read_family
from heqing.errors import RulebookError

RULEBOOK = Path(__file__).parents[2] / "src/heqing/rulebook"
TABLES = [(f, t) for f in families() for t in family(f).tables]


def test_rulebook_holds_data_only() -> None:
    assert [p.relative_to(RULEBOOK).as_posix() for p in RULEBOOK.rglob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("name", families())
def test_folder_of_a_family_holds_its_editions_and_declared_tables_alone(name: str) -> None:
    home = family(name)
    for folder in (p for p in home.folder.iterdir() if p.is_dir()):
        assert folder.name in {e.key for e in home.editions}
        stray = {p.stem for p in folder.glob("*.csv")} - set(home.tables)
        assert not stray, f"{folder}: tables not declared: {stray}"


@pytest.mark.parametrize(("name", "table_name"), TABLES)
def test_table_reads_with_its_types_and_covers_every_phase(name: str, table_name: str) -> None:
    home = family(name)
    rows = table(name, table_name)
    assert rows["sources"].min() is None or rows["sources"].min() >= 0  # type: ignore[operator]
    if not home.tables[table_name].optional:
        assert set(rows["phase_no"].unique()) == set(range(sum(len(e.phases) for e in home.editions)))
    keys = [c for c in rows.columns if c not in ("note", "clause", "sources", "official", "unconfirmed")]
    assert rows.select(keys).is_unique().all(), f"{name}/{table_name}: a row stands twice"


@pytest.mark.parametrize(("name", "table_name"), [(f, t) for f, t in TABLES if family(f).tables[t].steps])
def test_steps_of_a_table_rise(name: str, table_name: str) -> None:
    steps = family(name).tables[table_name].steps
    assert steps is not None
    for _, rows in table(name, table_name).group_by("phase_no", *steps["by"]):
        ordered = rows.sort(steps["low"])
        assert ordered[steps["low"]].is_unique().all()
        assert ordered[steps["rises"]].is_sorted()
        assert ordered[steps["rises"]].is_unique().all()


def test_row_of_fewer_than_two_sources_is_unconfirmed_unless_the_official_text_was_read() -> None:
    rows = table("air_evaluation", "validity").select("statistic", "sources", "official", "unconfirmed").unique()
    for statistic, sources, official, unconfirmed in rows.rows():
        assert unconfirmed is (sources < 2 and not official), statistic


PLANTED = [
    ("breakpoints.csv", "phase,", "phrase,", "columns missing"),
    ("breakpoints.csv", ",35,", ",thirty-five,", "'thirty-five' is not of type decimal"),
    ("breakpoints.csv", "*,pm2_5", "later,pm2_5", "'later' is no phase"),
    ("edition.toml", "number ", "nummer ", "lacks the key"),
    ("edition.toml", "valid_from = 2016-01-01", "valid_from = 2026-03-01", "begin on the same day"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), PLANTED)
def test_planted_fault_is_named_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "air_index"
    shutil.copytree(RULEBOOK / "standards/air_index", folder)
    spoiled = folder / "hj633_2012" / file
    text = spoiled.read_text(encoding="utf-8")
    assert old in text
    spoiled.write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr("heqing.editions.shelf.family", lambda _: read_family(folder))
    with pytest.raises(RulebookError, match=re.escape(said)) as caught:
        table.__wrapped__("air_index", "breakpoints")
    assert caught.value.file.startswith(str(folder))


def test_clause_stays_text() -> None:
    assert table("air_index", "report_items")["clause"].dtype == pl.String
