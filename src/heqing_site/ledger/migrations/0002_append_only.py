"""The database itself refuses to change or delete terms of a target, whichever program asks.

SQLite: a later migration that rebuilds the table drops these triggers; it must call `put` again (tests/site/ledger
notices when it did not).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSE = "SELECT RAISE(ABORT, 'terms of targets are append-only')"

PUT = {
    "sqlite": (
        f"CREATE TRIGGER ledger_terms_no_update BEFORE UPDATE ON ledger_targetterms BEGIN {REFUSE}; END",
        f"CREATE TRIGGER ledger_terms_no_delete BEFORE DELETE ON ledger_targetterms BEGIN {REFUSE}; END",
        # INSERT OR REPLACE deletes without firing the trigger above
        "CREATE TRIGGER ledger_terms_no_replace BEFORE INSERT ON ledger_targetterms"
        " WHEN EXISTS (SELECT 1 FROM ledger_targetterms WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'terms of targets are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION ledger_terms_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'terms of targets are append-only' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        "CREATE TRIGGER ledger_terms_no_change BEFORE UPDATE OR DELETE ON ledger_targetterms"
        " FOR EACH ROW EXECUTE FUNCTION ledger_terms_refuse()",
        "CREATE TRIGGER ledger_terms_no_truncate BEFORE TRUNCATE ON ledger_targetterms"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_terms_refuse()",
    ),
}
LIFT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS ledger_terms_no_update",
        "DROP TRIGGER IF EXISTS ledger_terms_no_delete",
        "DROP TRIGGER IF EXISTS ledger_terms_no_replace",
    ),
    "postgresql": (
        "DROP TRIGGER IF EXISTS ledger_terms_no_change ON ledger_targetterms",
        "DROP TRIGGER IF EXISTS ledger_terms_no_truncate ON ledger_targetterms",
        "DROP FUNCTION IF EXISTS ledger_terms_refuse()",
    ),
}


def put(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in PUT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def lift(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in LIFT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
