"""Rows that are only added: the model that refuses changes in Python, and triggers that refuse them in the database.

A room's model inherits `AppendOnly`; one migration of the room runs `guard("its_table", …)`. What is guarded is found
by walking the models, so that the health page and the tests know every room. Look next at ``web.health``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.apps import apps as installed
from django.db import connection, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from heqing_site.errors import AppendOnlyError

SAID_TWICE = "This row is only added, never changed; add a new one that says why."
VERBS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("change", "truncate")}


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that are only added; every way to change many of them at once is closed."""

    def update(self, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)

    def bulk_update(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)


class AppendOnly(models.Model):
    """A row that is only added."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        """No table of its own."""

        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add this row; a row that exists is not written again."""
        if not self._state.adding:
            raise AppendOnlyError(SAID_TWICE)
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)


def guarded_tables() -> list[str]:
    """Name the tables of all models that are only added."""
    return sorted(model._meta.db_table for model in installed.get_models() if issubclass(model, AppendOnly))


def put(tables: Iterable[str], editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers on some tables."""
    for table in tables:
        for statement in _PUT[editor.connection.vendor](table):
            editor.execute(statement)


def lift(tables: Iterable[str], editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers off some tables: only for migrations backwards and for tests that empty tables."""
    for table in tables:
        for statement in _LIFT[editor.connection.vendor](table):
            editor.execute(statement)


def guard(*tables: str) -> migrations.RunPython:
    """Give the migration step that puts the triggers on some tables.

    SQLite: a later migration that rebuilds a table drops its triggers; it must take this step again. A test of each
    room notices when it did not.
    """
    return migrations.RunPython(lambda _, editor: put(tables, editor), lambda _, editor: lift(tables, editor))


def missing_guards(tables: Iterable[str]) -> list[str]:
    """Name the triggers that should refuse changes to some tables but are not in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal")
        present = {row[0] for row in cursor.fetchall()}
    return sorted({f"{table}_no_{verb}" for table in tables for verb in VERBS[connection.vendor]} - present)


# --- the statements -----------------------------------------------------------------------------------------------


def _put_sqlite(table: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        # INSERT OR REPLACE deletes without firing the trigger above
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN"  # noqa: S608
        f" EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse}; END",
    ]


def _lift_sqlite(table: str) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in VERBS["sqlite"]]


def _put_postgresql(table: str) -> list[str]:
    return [
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


def _lift_postgresql(table: str) -> list[str]:
    return [
        *[f"DROP TRIGGER IF EXISTS {table}_no_{verb} ON {table}" for verb in VERBS["postgresql"]],
        f"DROP FUNCTION IF EXISTS {table}_refuse()",
    ]


_PUT = {"sqlite": _put_sqlite, "postgresql": _put_postgresql}
_LIFT = {"sqlite": _lift_sqlite, "postgresql": _lift_postgresql}
