"""The demonstration with a month of values: made once for a module, given to each test as if it were its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import override_settings

from heqing_site.demo import actions
from heqing_site.demo.models import Demonstration

AT = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def founded(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, list[str]]]:
    """Set the demonstration up in a transaction that the end of the module takes back."""
    folder = tmp_path_factory.mktemp("demo")
    said: list[str] = []
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder, PASSWORD_HASHERS=quick):
        around = transaction.atomic()
        around.__enter__()
        try:
            actions.set_up(at=AT, through=DAY, folder=folder, months=1, tell=said.append)
            yield folder, said
        finally:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


@pytest.fixture
def demo(founded: tuple[Path, list[str]], db: None, tmp_path: Path) -> tuple[Demonstration, list[str]]:
    """Give the demonstration, its files copied into the test's own folder."""
    folder, said = founded
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return Demonstration.objects.select_related("district").get(), said
