"""Fixtures of the site's tests: a data folder of their own, quick passwords, and a small invented district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation
from tests.site.worlds import INSTALLATION, WORLDS, kept, kept_of

from heqing_site.audit import append_only
from heqing_site.orgs import actions
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.orgs.rules import Role, UnitKind

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
DAY = date(2026, 3, 2)
PASSWORD = "qingshan-lvshui-26"

GUARDS = [  # what keeps rows from being changed or deleted, beside `audit.append_only`
    import_module("heqing_site.audit.migrations.0002_append_only"),
    import_module("heqing_site.ledger.migrations.0002_append_only"),
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put tests on the same world side by side; on another database, leave out those that do not touch it."""
    files = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    here = Path(__file__).parent
    worlds = {item: [b.__qualname__ for b in kept_of(item)] if here in item.path.parents else [] for item in items}
    items.sort(key=lambda item: (files[item.path], worlds[item]))
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return
    touching = {"db", "transactional_db"}
    kept = [item for item in items if item.get_closest_marker("django_db") or touching & set(item.fixturenames)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(autouse=True)
def _own_installation(settings: Any, tmp_path: Path) -> None:
    translation.activate(settings.LANGUAGE_CODE)  # a page that was asked for in English leaves its language behind
    settings.DATA_DIR = tmp_path
    for name, value in INSTALLATION.items():
        setattr(settings, name, value)


@pytest.fixture(scope="session")
def _no_world_is_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Close the worlds before the database goes."""
    yield
    with django_db_blocker.unblock():
        WORLDS.close()


@pytest.fixture
def _worlds(
    request: pytest.FixtureRequest,
    _no_world_is_left: None,
    django_db_blocker: Any,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """See that the worlds of this test stand and no other, and bring their files."""
    with django_db_blocker.unblock():
        WORLDS.stand(request.node, lambda: tmp_path_factory.mktemp("world"))
    WORLDS.bring_files(tmp_path)


@pytest.fixture
def _django_db_helper(_worlds: None, _django_db_helper: None) -> None:
    """Begin the transaction of a test above the worlds it stands on."""


@pytest.fixture(autouse=True, scope="session")
def _let_tests_with_real_transactions_clean_up() -> Iterator[None]:
    """Lift the guards of append-only tables while Django empties the tables after such a test."""
    empty_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def with_guards_lifted(self: TransactionTestCase) -> None:
        with connection.schema_editor() as editor:
            append_only.lift(append_only.guarded_tables(), editor)
            for guard in GUARDS:
                guard.lift(None, editor)
        try:
            empty_tables(self)
        finally:
            with connection.schema_editor() as editor:
                append_only.put(append_only.guarded_tables(), editor)
                for guard in GUARDS:
                    guard.put(None, editor)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", with_guards_lifted)
    yield
    patch.undo()


@dataclass
class District:
    """清河区: an invented district with a bureau, two towns, a village, and one person for each role."""

    district: Unit
    bureau: Unit
    east: Unit
    west: Unit
    village: Unit
    director: Post
    site_admin: User
    east_admin: User
    auditor: User
    clerk: User
    officer: User
    supervisor: User
    leader: User
    town_clerk: User

    def who(self, role: Role | None) -> User:
        """Give the person who has a role and no other, or who has none."""
        return {
            Role.SITE_ADMIN: self.site_admin,
            Role.UNIT_ADMIN: self.east_admin,
            Role.AUDITOR: self.auditor,
            Role.OFFICER: self.officer,
            Role.SUPERVISOR: self.supervisor,
            Role.LEADER: self.leader,
            Role.CLERK: self.town_clerk,
            None: self.clerk,
        }[role]


@kept
def district(db: None) -> District:
    """Build the district by the actions themselves; the unit administrator looks after the eastern town only."""
    admin = actions.found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)

    def unit(name: str, code: str, kind: UnitKind, parent: Unit | None) -> Unit:
        return actions.create_unit(
            by=admin, at=AT, name=name, code=code, kind=kind, parent=parent, active_from=date(2020, 1, 1)
        )

    def user(username: str, display_name: str, unit: Unit | None) -> User:
        return actions.create_user(
            by=admin, at=AT, username=username, display_name=display_name, password=PASSWORD, unit=unit
        )

    top = unit("清河区", "990101", UnitKind.DISTRICT, None)
    bureau = unit("清河区生态环境局", "990101-05", UnitKind.DEPARTMENT, top)
    east = unit("东溪镇", "990101101", UnitKind.TOWN, top)
    west = unit("西塘镇", "990101102", UnitKind.TOWN, top)
    village = unit("柳湾村", "990101101201", UnitKind.VILLAGE, east)
    east_admin = user("liumin", "刘敏", east)
    auditor = user("chenjing", "陈静", bureau)
    clerk = user("zhaolei", "赵磊", bureau)
    officer = user("sunli", "孙丽", bureau)
    office = unit("清河区督查室", "990101-02", UnitKind.DEPARTMENT, top)
    supervisor, leader = user("fangzheng", "方正", office), user("heping", "何平", top)
    town_clerk = user("tangqin", "唐勤", east)
    director = actions.create_post(by=admin, at=AT, unit=bureau, name="局长")
    granted = (
        (east_admin, Role.UNIT_ADMIN, east),
        (auditor, Role.AUDITOR, None),
        (officer, Role.OFFICER, bureau),
        (supervisor, Role.SUPERVISOR, top),
        (leader, Role.LEADER, top),
        (town_clerk, Role.CLERK, east),
    )
    for person, role, place in granted:
        actions.grant_role(by=admin, at=AT, user=person, role=role, unit=place, valid_from=DAY)
    return District(top, bureau, east, west, village, director, admin, east_admin, auditor, clerk, officer,
        supervisor, leader, town_clerk)  # fmt: skip


@pytest.fixture
def open_as(client: Client) -> Any:
    """Log somebody in and give the browser."""

    def log_in(user: User) -> Client:
        client.force_login(user)
        return client

    return log_in
