"""Settings from the environment: defaults for a laptop, clear words for what cannot be understood."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from heqing_site.orgs.models import User
from heqing_site.web import environment, secret


def test_an_empty_environment_runs_on_a_laptop(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    found = environment.read({})

    assert found.data_dir == tmp_path / "var"
    assert found.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert (found.debug, found.https, found.secret_key) == (False, False, "")
    assert found.database["ENGINE"] == "django.db.backends.sqlite3"
    assert found.database["NAME"] == tmp_path / "var" / "heqing.sqlite3"
    assert "journal_mode=WAL" in found.database["OPTIONS"]["init_command"]


def test_a_postgresql_address_is_taken_apart():
    found = environment.database("postgresql://he%40qing:p%2Fw@db.example:5433/heqing?sslmode=require", Path("/data"))

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("he@qing", "p/w", "db.example", "5433")
    assert (found["NAME"], found["OPTIONS"]) == ("heqing", {"sslmode": "require"})


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/n", "postgresql://u:geheim@h", "postgresql://u:geheim@h:port/n"])
def test_a_database_address_that_is_none_is_refused_without_repeating_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="HEQING_DATABASE_URL") as refusal:
        environment.database(url, Path("/data"))

    assert "geheim" not in str(refusal.value)


def test_a_switch_that_is_neither_on_nor_off_is_refused():
    with pytest.raises(ImproperlyConfigured, match="HEQING_DEBUG is “maybe”; it must be 1 or 0"):
        environment.read({"HEQING_DEBUG": "maybe"})


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "２"])
def test_an_upload_limit_that_is_no_whole_number_of_megabytes_is_refused(value):
    assert environment.read({"HEQING_UPLOAD_LIMIT_MB": "2"}).upload_limit == 2 * 1024 * 1024
    with pytest.raises(ImproperlyConfigured, match="HEQING_UPLOAD_LIMIT_MB is"):
        environment.read({"HEQING_UPLOAD_LIMIT_MB": value})


def test_the_key_is_made_once_for_its_owner_only(tmp_path):
    folder = tmp_path / "new"

    key = secret.secret_key(folder)
    secret.secret_key.cache_clear()

    assert secret.secret_key(folder) == key
    assert len(key) >= 64
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_importing_the_settings_creates_no_file(tmp_path):
    program = "import heqing_site.web.settings, django; django.setup()"

    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={"HEQING_DATA_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "heqing_site.web.settings"},
    )

    assert not (tmp_path / "var").exists()


def test_every_process_signs_with_the_key_in_the_data_folder(tmp_path):
    program = (
        "import django; from django.core import signing; django.setup();"
        "print(signing.dumps('本人', compress=False)); print(signing.loads(input()) if {again} else '')"
    )

    def sign(said: str = "") -> list[str]:
        run = subprocess.run(
            [sys.executable, "-c", program.format(again=bool(said))],
            check=True,
            capture_output=True,
            text=True,
            input=said,
            env={
                "HEQING_DATA_DIR": str(tmp_path / "var"),
                "DJANGO_SETTINGS_MODULE": "heqing_site.web.settings",
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "PYTHONIOENCODING": "utf-8",
            },
        )
        return run.stdout.splitlines()

    signed = sign()[0]

    assert sign(signed)[1] == "本人"
    assert (tmp_path / "var" / "secret_key").exists()


def test_a_new_installation_is_migrated_founded_and_healthy(tmp_path):
    data = tmp_path / "var"

    def heqing_site(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "heqing_site", *words],
            capture_output=True,
            text=True,
            input=said,
            env={"HEQING_DATA_DIR": str(data), "PYTHONIOENCODING": "utf-8"},
        )

    assert heqing_site("migrate", "--verbosity", "0").returncode == 0
    assert heqing_site("check", "--fail-level", "WARNING").returncode == 0
    assert heqing_site("makemigrations", "--check", "--dry-run").returncode == 0
    founded = heqing_site("first_admin", "admin", "王建国", "--password-stdin", said="qingshan-lvshui-26\n")
    again = heqing_site("first_admin", "admin2", "王建国", "--password-stdin", said="qingshan-lvshui-26\n")

    assert "已建立系统管理员“王建国”" in founded.stdout
    assert again.returncode == 1
    assert "本系统已有账号" in again.stderr


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    run = subprocess.run(
        [sys.executable, "-m", "heqing_site", "check"],
        capture_output=True,
        text=True,
        env={"HEQING_DATA_DIR": str(tmp_path / "file" / "var")},
    )

    assert run.returncode == 1
    assert "Point HEQING_DATA_DIR to a folder" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_first_account_before_the_tables_are_there_is_refused_by_a_sentence(db, monkeypatch):
    monkeypatch.setattr(User._meta, "db_table", "orgs_not_there")

    with pytest.raises(CommandError, match="请先运行 heqing serve"):
        call_command("first_admin", "admin", "王建国", "--password-stdin")
