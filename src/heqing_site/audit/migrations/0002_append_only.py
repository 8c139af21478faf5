"""The database itself refuses to change or delete an audit entry, whichever program asks.

SQLite: a later migration that rebuilds the table drops these triggers; it must call `put` again (the health page and
tests/site/audit notice when it did not).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSE = "SELECT RAISE(ABORT, 'audit entries are append-only')"

PUT = {
    "sqlite": (
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_auditentry BEGIN {REFUSE}; END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_auditentry BEGIN {REFUSE}; END",
        # INSERT OR REPLACE deletes without firing the trigger above
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_auditentry"
        " WHEN EXISTS (SELECT 1 FROM audit_auditentry WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_auditentry"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditentry"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}
LIFT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_no_update",
        "DROP TRIGGER IF EXISTS audit_no_delete",
        "DROP TRIGGER IF EXISTS audit_no_replace",
    ),
    "postgresql": (
        "DROP TRIGGER IF EXISTS audit_no_change ON audit_auditentry",
        "DROP TRIGGER IF EXISTS audit_no_truncate ON audit_auditentry",
        "DROP FUNCTION IF EXISTS audit_refuse()",
    ),
}


def put(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in PUT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def lift(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in LIFT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
