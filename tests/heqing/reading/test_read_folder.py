"""``heqing read FOLDER``: all documents below, over several processes; bad, slow and dying ones do not end the run."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.factories.command import HEQING, heqing
from tests.heqing.reading.received import pdf_file, word_file, workbook_file

from heqing.cli.many import Job, Source, Told, read_each, sources_of
from heqing.cli.reading_tables import What
from heqing.reading import Outside

SAID = "力争空气质量优良率达到85%以上。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "文件"
    (place / "下级").mkdir(parents=True)
    (place / "甲.txt").write_text(SAID, encoding="utf-8")
    (place / "乙.docx").write_bytes(word_file())
    (place / "下级" / "甲.txt").write_text(SAID * 2, encoding="utf-8")
    (place / "下级" / "清单.xlsx").write_bytes(workbook_file())
    (place / "下级" / "要点.pdf").write_bytes(pdf_file([[SAID.strip()]]))
    (place / "~$乙.docx").write_bytes(b"open in Word")
    (place / ".hidden.txt").write_text(SAID, encoding="utf-8")
    (place / "照片.jpg").write_bytes(b"\xff\xd8\xff")
    return place


def _job(what: What | None = What.findings, seconds: float = 60) -> Job:
    return Job(what=what, as_table=False, width=100, outside=Outside(), seconds=seconds)


def test_a_folder_gives_the_rows_of_all_documents_in_it_and_a_summary(folder: Path) -> None:
    done = heqing(folder.parent, "read", "文件", "--format", "jsonl", "--jobs", "2")

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["doc"] for row in rows} == {"甲", "乙", "下级/甲", "下级/清单", "下级/要点"}
    assert "5 document(s) read, " in done.stderr
    assert f", {len(rows)} findings in " in done.stderr


def test_rows_are_the_same_with_one_process_and_with_several(folder: Path) -> None:
    one = heqing(folder.parent, "read", "文件", "--format", "jsonl", "--jobs", "1").stdout
    two = heqing(folder.parent, "read", "文件", "--format", "jsonl", "--jobs", "3").stdout

    assert one
    assert sorted(one.splitlines()) == sorted(two.splitlines())


def test_files_that_are_named_keep_their_order_even_with_several_processes_asked_for_one(folder: Path) -> None:
    done = heqing(folder, "read", "乙.docx", "甲.txt", "--format", "jsonl")

    names = [json.loads(line)["doc"] for line in done.stdout.splitlines()]
    assert names == sorted(names, key=["乙", "甲"].index)
    assert done.stderr == ""


def test_each_document_gets_a_file_of_its_own(folder: Path, tmp_path: Path) -> None:
    (folder / "甲.html").write_text(f"<html><body><p>{SAID * 3}</p></body></html>", encoding="utf-8")
    done = heqing(folder.parent, "read", "文件", "--out", "结果", "--jobs", "1")

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    found = {file.relative_to(tmp_path / "结果").as_posix(): file for file in (tmp_path / "结果").rglob("*.jsonl")}
    assert set(found) == {"甲.jsonl", "甲.txt.jsonl", "乙.jsonl", "下级/甲.jsonl", "下级/清单.jsonl", "下级/要点.jsonl"}
    assert len(found["下级/甲.jsonl"].read_text(encoding="utf-8").splitlines()) == 2


def test_refused_files_are_kept_with_their_reasons(folder: Path, tmp_path: Path) -> None:
    (folder / "空.txt").write_bytes(b"")
    (folder / "坏.txt").write_bytes(b"ab\x00\x01\x02cd" * 40)
    done = heqing(folder.parent, "read", "文件", "--out", "结果", "--rejects", "拒收.csv")

    assert done.returncode == 1
    with (tmp_path / "拒收.csv").open(encoding="utf-8", newline="") as held:
        rows = {row["file"]: row for row in csv.DictReader(held)}
    assert set(rows) == {"空.txt", "坏.txt"}
    assert (rows["坏.txt"]["byte"], rows["空.txt"]["code"]) == ("2", "empty")
    assert "the file is empty" in rows["空.txt"]["reason"]
    assert "2 file(s) refused: " in done.stderr
    assert "拒收.csv" in done.stderr


def test_a_folder_that_cannot_be_written_ends_the_run_with_a_sentence(folder: Path) -> None:
    done = heqing(folder.parent, "read", "文件", "--out", "文件/甲.txt/结果", "--jobs", "1")

    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_hidden_files_locks_and_other_kinds_are_passed_over(folder: Path) -> None:
    names = [source.name for source in sources_of([folder], with_pictures=False)]

    assert names == ["乙.docx", "甲.txt", "下级/清单.xlsx", "下级/甲.txt", "下级/要点.pdf"]
    assert "照片.jpg" in [source.name for source in sources_of([folder], with_pictures=True)]


def test_a_slow_document_is_stopped_and_the_others_are_read(tmp_path: Path) -> None:
    sources = [_file(tmp_path, f"{n}.txt", SAID) for n in range(6)]
    sources.insert(2, _pipe(tmp_path, "慢.txt"))

    told = list(read_each(sources, _job(seconds=8), 2))

    assert sorted(one.source.name for one in told) == sorted(source.name for source in sources)
    (slow,) = [one for one in told if one.problem]
    assert (slow.source.name, slow.code) == ("慢.txt", "too_slow")
    assert "took more than 8 seconds and was stopped" in slow.problem


def test_a_worker_that_dies_costs_its_document_alone(tmp_path: Path) -> None:
    sources = [_pipe(tmp_path, "慢.txt"), *(_file(tmp_path, f"{n}.txt", SAID) for n in range(5))]
    told: list[Told] = []
    for one in read_each(sources, _job(seconds=60), 2):
        told.append(one)
        if len(told) == 5:
            _kill_those_who_wait()

    (broken,) = [one for one in told if one.problem]
    assert (broken.source.name, broken.code) == ("慢.txt", "broke_off")
    assert len(told) == 6


def test_a_run_that_is_left_early_leaves_no_process_behind(tmp_path: Path) -> None:
    import multiprocessing

    sources = [_file(tmp_path, f"{n}.txt", SAID) for n in range(8)]
    run = read_each(sources, _job(), 2)
    next(run)
    run.close()

    assert multiprocessing.active_children() == []


def test_a_pipe_that_is_closed_ends_a_folder_run_quietly(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.txt").write_text("新建绿道6公里。\n" * 2000, encoding="utf-8")
    done = subprocess.run(
        f"{HEQING} read 文件 --format jsonl --jobs 2 | head -n 1",
        shell=True,
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_no_document_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    assert heqing(tmp_path, "read").returncode == 2
    assert heqing(tmp_path, "read", "a.txt", "--evaluate", ".").returncode == 2


def _file(folder: Path, name: str, said: str) -> Source:
    (folder / name).write_text(said, encoding="utf-8")
    return Source(folder / name, name)


def _pipe(folder: Path, name: str) -> Source:
    """Make a file that never ends: a pipe into which nobody writes."""
    os.mkfifo(folder / name)
    return Source(folder / name, name)


def _kill_those_who_wait() -> None:
    import multiprocessing

    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
