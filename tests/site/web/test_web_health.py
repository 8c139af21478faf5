"""The health page: well for people and machines, and 503 for each thing that can fail."""

from __future__ import annotations

from collections import namedtuple
from importlib import import_module
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from heqing_site.web import health

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
append_only = import_module("heqing_site.audit.migrations.0002_append_only")


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_a_machine_reads_json_without_login(db, client, accept):
    response = client.get(reverse("health"), headers={"accept": accept})

    found = response.json()
    assert response.status_code == 200
    assert found["ok"] is True
    assert found["time_zone"] == "Asia/Shanghai"
    assert found["version"]
    assert [check["key"] for check in found["checks"]] == ["database", "migrations", "audit", "data_dir", "disk"]
    assert "no-store" in response["Cache-Control"]


def test_a_person_reads_a_page_in_chinese(db, client):
    response = client.get(reverse("health"), headers=PAGE)

    assert response.status_code == 200
    assert "能。5 项检查全部通过。" in response.content.decode()


def test_a_stranger_learns_no_path(db, client, settings):
    for headers in (PAGE, {"accept": "*/*"}):
        assert str(settings.DATA_DIR) not in client.get(reverse("health"), headers=headers).content.decode()


def failed(client) -> dict[str, str]:
    machine = client.get(reverse("health"))
    person = client.get(reverse("health"), headers=PAGE)
    assert machine.status_code == person.status_code == 503
    assert "■" in person.content.decode() or "异常" in person.content.decode()
    found = machine.json()
    assert found["ok"] is False
    return {check["key"]: check["answer"] for check in found["checks"] if not check["ok"]}


def test_a_database_that_does_not_answer_is_said_without_asking_it_again(client, open_as, district, monkeypatch):
    browser = open_as(district.site_admin)

    def refuse(*args: object) -> None:
        raise DatabaseError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", refuse)
        answers = failed(browser)

    assert set(answers) == {"database"}
    assert "不能连接" in answers["database"]


def test_tables_that_are_not_up_to_date_are_said(db, client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one", "two"])

    assert "有 2 项更新未执行" in failed(client)["migrations"]


def test_a_lost_guard_of_the_record_is_said(db, client):
    with connection.cursor() as cursor:
        for statement in append_only.LIFT[connection.vendor]:
            cursor.execute(statement)

    assert "防改触发器缺失" in failed(client)["audit"]


def test_a_data_folder_that_is_gone_is_said(db, client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"

    assert set(failed(client)) == {"data_dir", "disk"}


@pytest.mark.parametrize(
    ("free", "expected"),
    [(health.LEAST_FREE - 1, False), (health.LEAST_FREE, True), (health.LEAST_FREE + 1, True)],
)
def test_the_disk_is_full_below_its_limit(monkeypatch, free, expected):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: usage(free, 0, free))

    assert health.disk(Path("/")).is_ok is expected
