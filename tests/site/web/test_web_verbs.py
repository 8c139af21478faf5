"""The site's verbs of the one command, each run as a process of its own on a data folder of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CALL = "from heqing.cli.main import run; run()"
SPEECH = "青澜区动员会上的讲话\n\n2026年，力争PM2.5平均浓度控制在25微克/立方米以内，新建污水管网36公里。\n"


@pytest.fixture(scope="module")
def environ(tmp_path_factory) -> dict[str, str]:
    """Give the environment of an installation whose entry points are those of ``pyproject.toml``."""
    folder = tmp_path_factory.mktemp("installed")
    told = folder / "heqing-0.0.0.dist-info"
    told.mkdir()
    verbs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["heqing.verbs"]
    lines = ["[heqing.verbs]", *(f"{name} = {place}" for name, place in verbs.items())]
    (told / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: heqing\nVersion: 0.0.0\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEQING_", "DJANGO_"))}
    return kept | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'src'}", "NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def heqing(environ, tmp_path_factory):
    """Run a verb in a folder of its own."""
    where = tmp_path_factory.mktemp("where")

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CALL, *map(str, words)],
            cwd=where,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )

    return run


@pytest.fixture(scope="module")
def demo(heqing, tmp_path_factory):
    """Set up a short demonstration."""
    folder = tmp_path_factory.mktemp("demo")
    said = heqing("demo", "--no-serve", "--months", "1", "--day", "2026-03-31", "--data-dir", folder)
    assert said.returncode == 0, said.stderr
    return folder, said


def test_demo_sets_everything_up_and_tells_the_logins(demo):
    folder, said = demo

    assert "均为虚构（数据 2026-03-01 至 2026-03-31）" in said.stdout
    assert re.search(r"shengtai +苏见青", said.stdout)
    assert "qinglan-yanshi" in said.stdout
    assert "数据表已更新" in said.stderr
    assert {"heqing.sqlite3", "store", "demo", "library"} <= {path.name for path in folder.iterdir()}


def test_demo_a_second_time_does_nothing(demo, heqing):
    folder, first = demo
    before = {path: path.stat().st_mtime_ns for path in sorted((folder / "store").rglob("*.parquet"))}

    again = heqing("demo", "--no-serve", "--day", "2026-03-31", "--data-dir", folder)

    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == first.stdout
    assert {path: path.stat().st_mtime_ns for path in sorted((folder / "store").rglob("*.parquet"))} == before


def test_the_ledger_of_the_demonstration_knows_lead_source_light_and_reason_of_every_target(demo, heqing):
    said = heqing("ledger", "status", "--format", "jsonl", "--data-dir", demo[0])

    rows = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(rows) >= 60
    for row in rows:
        assert all(row[name] for name in ("quote", "indicator", "lead_unit", "value_source", "light", "reason"))


def test_documents_are_handed_in_and_adopted_in_an_empty_installation(heqing, tmp_path):
    (tmp_path / "讲话.txt").write_text(SPEECH, encoding="utf-8")
    data = ["--data-dir", tmp_path / "data"]

    added = heqing("library", "add", tmp_path / "讲话.txt", *data)
    again = heqing("library", "add", tmp_path / "讲话.txt", tmp_path / "没有.txt", *data)
    adopted = heqing("ledger", "adopt", "讲话", "--all", *data)
    status = heqing("ledger", "status", "--format", "jsonl", *data)

    assert added.returncode == 0, added.stderr
    assert "已建立系统管理员 admin，密码" in added.stderr
    assert added.stdout.endswith("已收存\n")
    assert (again.returncode, "未变动" in again.stdout, "没有.txt" in again.stderr) == (1, True, True)
    assert adopted.returncode == 0, adopted.stderr
    assert len(status.stdout.splitlines()) == 2


def test_a_broken_rule_is_said_in_both_languages_with_exit_code_one(heqing, tmp_path):
    unknown = heqing("ledger", "adopt", "没有这份", "--all", "--data-dir", tmp_path)
    beside = heqing("demo", "--no-serve", "--data-dir", tmp_path)
    stranger = heqing("library", "add", __file__, "--as", "nobody", "--data-dir", tmp_path)

    assert (unknown.returncode, "没有找到文件" in unknown.stderr, "Traceback" in unknown.stderr) == (1, True, False)
    assert (beside.returncode, "不与真实数据混放" in beside.stderr) == (1, True)
    assert "never mixed" in beside.stderr
    assert (stranger.returncode, "没有在用的账号" in stranger.stderr) == (1, True)


@pytest.mark.parametrize(
    "words",
    [["demo", "--months", "0"], ["demo", "--no-serve", "--day", "gestern"], ["serve", "--port", "x"], ["library"]],
)
def test_wrong_words_have_exit_code_two(heqing, tmp_path, words):
    said = heqing(*words, *([] if words == ["library"] else ["--data-dir", tmp_path]))

    assert said.returncode == 2
    assert "Traceback" not in said.stderr


def test_migrate_says_one_line_and_then_nothing_is_left(heqing, tmp_path):
    first, second = heqing("migrate", "--data-dir", tmp_path / "a"), heqing("migrate", "--data-dir", tmp_path / "a")

    assert (first.returncode, second.returncode) == (0, 0)
    assert len(first.stderr.splitlines()) == 2
    assert second.stderr == "数据表已是最新。 The tables are up to date.\n"


def test_a_data_folder_that_cannot_be_made_is_a_sentence(heqing, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    said = heqing("migrate", "--data-dir", tmp_path / "file")

    assert said.returncode == 1
    assert "cannot be made" in said.stderr
    assert "Traceback" not in said.stderr


def test_serve_answers_until_it_is_stopped_and_a_taken_port_is_a_sentence(environ, heqing, demo):
    words = [sys.executable, "-c", CALL, "serve", "--port", "0", "--data-dir", str(demo[0])]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
            fetch = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
            page = subprocess.run(
                [sys.executable, "-c", fetch, f"{address}login/"],
                env=environ | {"PYTHONIOENCODING": "utf-8"},
                capture_output=True,
                text=True,
                check=True,
                timeout=30,
            ).stdout
            port = address.rstrip("/").rpartition(":")[2]
            taken = heqing("serve", "--port", port, "--data-dir", demo[0])
        finally:
            process.send_signal(2)
        assert process.wait(timeout=20) == 0
    assert "演示账号" in page
    assert (taken.returncode, "--port" in taken.stderr, "Traceback" in taken.stderr) == (1, True, False)


def test_science_verbs_do_not_load_the_rooms(environ):
    seen = "import sys, heqing.cli.main; print([m for m in sys.modules if m[:11] == 'heqing_site' and '.models' in m])"
    said = subprocess.run([sys.executable, "-c", seen], env=environ, capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"
