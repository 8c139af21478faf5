"""Whether this installation can work: each check asks one question and answers in a sentence.

It repairs nothing. A check that fails makes the page answer 503, so that a watchdog notices.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from heqing_site.audit import append_only
from heqing_site.audit.queries import missing_guards
from heqing_site.ledger.queries import missing_guards as missing_guards_of_terms

LEAST_FREE = 500 * 1024 * 1024  # bytes; a month of hourly data of a city is far less, a full disk corrupts

T = TypeVar("T")


@dataclass(frozen=True)
class Check:
    """One answer: the question, whether all is well, and what was found or what to do."""

    key: str
    question: str
    is_ok: bool
    answer: str


@dataclass(frozen=True)
class Health:
    """All answers, with what this installation is."""

    checks: list[Check]
    version: str
    database: str
    time_zone: str

    @property
    def is_ok(self) -> bool:
        """Whether every check passed."""
        return all(check.is_ok for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.is_ok]


def examine() -> Health:
    """Ask everything; a check that needs the database is not asked when the database does not answer."""
    checks = [database()]
    if checks[0].is_ok:
        checks += [migrations(), record_is_guarded()]
    checks += [data_folder(settings.DATA_DIR), disk(settings.DATA_DIR)]
    return Health(
        checks=checks,
        version=version("heqing"),
        database={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor],
        time_zone=settings.TIME_ZONE,
    )


def database() -> Check:
    """Ask the database for the simplest thing."""
    question = "数据库能否连接"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check("database", question, False, "不能连接。请检查数据库服务和 HEQING_DATABASE_URL，再刷新本页。")
    return Check("database", question, True, "连接正常。")


def migrations() -> Check:
    """Compare the tables with what this version needs."""
    question = "数据表是否为最新"

    def pending() -> int:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    count = _ask(pending)
    if count is None:
        return Check("migrations", question, False, "无法读取数据表版本。请查看服务日志。")
    if count:
        return Check("migrations", question, False, f"有 {count} 项更新未执行。请运行 heqing migrate。")
    return Check("migrations", question, True, "已是最新。")


def record_is_guarded() -> Check:
    """Ask whether the database still refuses changes to the audit record and to every row that is only added."""
    question = "操作记录、目标条款、填报和研判等是否防改"
    missing = _ask(
        lambda: [
            *missing_guards(),
            *missing_guards_of_terms(),
            *append_only.missing_guards(append_only.guarded_tables()),
        ]
    )
    if missing is None or missing:
        return Check("audit", question, False, "数据库中的防改触发器缺失，记录可能被改动。请停止写入并联系维护人员。")
    return Check("audit", question, True, "只能增加，不能改动或删除。")


def data_folder(folder: Path) -> Check:
    """Write a small file into the data folder and take it away."""
    question = "数据目录能否写入"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"heqing")
    except OSError:
        return Check("data_dir", question, False, "不能写入。请检查 HEQING_DATA_DIR 所指目录是否存在、权限是否正确。")
    return Check("data_dir", question, True, "可以写入。")


def disk(folder: Path) -> Check:
    """Look how much room is left where the data lies."""
    question = "磁盘空间是否足够"
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Check("disk", question, False, "无法读取剩余空间。请检查 HEQING_DATA_DIR 所指目录。")
    left = f"剩余 {free / 1024**3:.1f} GB"
    if free < LEAST_FREE:
        return Check("disk", question, False, f"{left}，低于 {LEAST_FREE / 1024**3:.1f} GB。请清理或扩容。")
    return Check("disk", question, True, f"{left}。")


def _ask(question: Callable[[], T]) -> T | None:
    try:
        return question()
    except DatabaseError:
        return None
