"""The database itself refuses to change or delete what was reported and its evidence, whichever program asks.

SQLite: a later migration that rebuilds a table drops its triggers; it must call `put` again (tests/site/reporting
notices when it did not).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("reporting_reportentry", "reporting_evidence")
REFUSE = "SELECT RAISE(ABORT, 'reports are append-only')"


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {REFUSE}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {REFUSE}; END",
        # INSERT OR REPLACE deletes without firing the trigger above
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN"  # noqa: S608
        f" EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {REFUSE}; END",
    ]


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION reporting_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION reporting_refuse()",
    ]


PUT = {
    "sqlite": [statement for table in TABLES for statement in _sqlite(table)],
    "postgresql": [
        "CREATE FUNCTION reporting_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'reports are append-only' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        *[statement for table in TABLES for statement in _postgresql(table)],
    ],
}
LIFT = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in TABLES for verb in ("update", "delete", "replace")
    ],
    "postgresql": [
        *[
            f"DROP TRIGGER IF EXISTS {table}_no_{verb} ON {table}"
            for table in TABLES
            for verb in ("change", "truncate")
        ],
        "DROP FUNCTION IF EXISTS reporting_refuse()",
    ],
}


def put(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in PUT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def lift(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in LIFT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
