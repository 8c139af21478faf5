"""``heqing read THIS --against LAST`` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.factories.command import heqing

LAST = "2025年政府工作报告\n2025年，新增公园绿地40公顷。\n2025年，完成造林3000亩。\n2025年，改造老旧小区25个。\n"
THIS = "2026年政府工作报告\n过去一年，新增公园绿地33公顷，完成造林210公顷，新开通公交线路6条。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "last.txt").write_text(LAST, encoding="utf-8")
    (tmp_path / "this.txt").write_text(THIS, encoding="utf-8")
    return tmp_path


def test_table_tells_each_promise_and_counts_them(folder: Path) -> None:
    done = heqing(folder, "read", "this.txt", "--against", "last.txt")

    assert done.returncode == 0, done.stderr
    assert "承诺 3 项：兑现 1、未兑现 1、没有再提 1；上年没有承诺 1" in done.stdout.replace("\n", "")
    assert "-7 公顷" in done.stdout


def test_lines_carry_both_sides_with_their_places(folder: Path) -> None:
    done = heqing(folder, "read", "this.txt", "--against", "last.txt", "--format", "jsonl")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["outcome"] for row in rows] == ["missed", "kept", "silent", "unpromised"]
    for row in rows:
        for side, text in (("promise", LAST), ("said", THIS)):
            if row[side]:
                assert text[row[side]["start"] : row[side]["end"]] == row[side]["quote"]


def test_two_earlier_documents(folder: Path) -> None:
    (folder / "before.txt").write_text(LAST.replace("2025", "2024"), encoding="utf-8")

    done = heqing(folder, "read", "this.txt", "--against", "last.txt", "--against", "before.txt", "--format", "jsonl")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["promise"]["doc"] for row in rows if row["promise"]} == {"last", "before"}


@pytest.mark.parametrize("words", [("this.txt", "--against", "none.txt"), ("none.txt", "--against", "last.txt")])
def test_missing_file_is_named(folder: Path, words: tuple[str, ...]) -> None:
    done = heqing(folder, "read", *words)

    assert done.returncode == 1
    assert "none.txt" in done.stderr


def test_other_parts_cannot_be_held_against_anything(folder: Path) -> None:
    assert heqing(folder, "read", "this.txt", "--against", "last.txt", "--what", "junk").returncode == 2
