"""``heqing read`` as its users meet it: files in, rows or tables out, sentences for bad files, exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.factories.command import HEQING, heqing

from heqing.reading.findings import FINDING_SCHEMA

SAID = "全区生态环境工作要点\n一、持续治水\n力争新建污水管网x公里，断面达标率达到96%以上。\n打印\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "要点.txt").write_text(SAID, encoding="utf-8")
    return tmp_path


def test_jsonl_is_one_object_a_row_with_the_declared_columns(folder: Path) -> None:
    done = heqing(folder, "read", "要点.txt", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(r) for r in rows] == [list(FINDING_SCHEMA)] * 2
    assert [(r["doc"], r["indicator"], r["value"], r["unit"], r["gap"]) for r in rows] == [
        ("要点", "新建污水管网", None, "公里", "number_masked"),
        ("要点", "断面达标率", 96, "%", None),
    ]
    assert all(SAID[r["start"] : r["end"]] == r["quote"] for r in rows)
    assert "力争" in done.stdout


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("measures", {"doc": "要点", "level": 1, "title": "一、持续治水", "responsible": []}),
        ("junk", {"doc": "要点", "line": "打印"}),
        ("meta", {"doc": "要点", "title": "全区生态环境工作要点", "doc_type": "plan", "people": []}),
    ],
)
def test_other_parts_have_their_columns(folder: Path, what: str, row: dict[str, object]) -> None:
    done = heqing(folder, "read", "要点.txt", "--format", "jsonl", "--what", what)
    found = json.loads(done.stdout)
    assert {k: found[k] for k in row} == row


def test_table_closes_with_the_counts_and_fits_100_columns(folder: Path) -> None:
    done = heqing(folder, "read", "要点.txt")
    assert "共 2 条：目标 2，成效 0；缺项 1（数字被遮 1）" in done.stdout
    wide = max(sum(1 + (ord(c) > 0x2E80) for c in line) for line in done.stdout.splitlines())
    assert wide <= 100


@pytest.mark.parametrize("what", ["measures", "meta", "junk"])
def test_tables_of_the_other_parts(folder: Path, what: str) -> None:
    done = heqing(folder, "read", "要点.txt", "--what", what)
    assert done.returncode == 0
    assert "要点" in done.stdout


def test_one_bad_file_does_not_stop_the_others(folder: Path) -> None:
    (folder / "空.txt").write_bytes(b"")
    (folder / "假.docx").write_text("no word", encoding="utf-8")
    done = heqing(folder, "read", "空.txt", "假.docx", "无.txt", "要点.txt", "--format", "jsonl")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    for said in (
        "空.txt: the file is empty",
        "假.docx, byte 0: the name says Word",
        "无.txt: there is no such file",
    ):
        assert said in done.stderr


def test_broken_pipe_ends_quietly(folder: Path) -> None:
    (folder / "长.txt").write_text("新建绿道6公里。\n" * 4000, encoding="utf-8")
    done = subprocess.run(
        f"{HEQING} read 长.txt --format jsonl | head -n 1",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_table_folds_the_quote_and_says_the_change_in_words(folder: Path) -> None:
    long = "国家地表水考核断面水质比例（含长河干流、清湖流域及主要入湖河流全部断面）达到96%以上"
    (folder / "长.txt").write_text(f"2026年目标：PM2.5平均浓度下降4%，{long}。\n", encoding="utf-8")
    shown = heqing(folder, "read", "长.txt").stdout
    assert "下降 4 %" in shown
    assert "…" not in shown
    quote = "".join(line.split("│")[6].strip() for line in shown.splitlines() if line.count("│") == 7)
    assert long in quote
