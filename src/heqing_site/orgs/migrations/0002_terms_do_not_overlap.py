"""The database itself refuses two terms of one post that share a day (days are inclusive).

SQLite: a later migration that rebuilds the table drops these triggers; it must call `put` again (tests/site/orgs
notices when it did not). PostgreSQL: an exclusion constraint; the post's key is widened to a range of one, so that no
extension is needed.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OVERLAP = (
    "WHEN EXISTS (SELECT 1 FROM orgs_term AS other"
    " WHERE other.post_id = NEW.post_id AND other.id IS NOT NEW.id"
    " AND (NEW.ended_on IS NULL OR other.started_on <= NEW.ended_on)"
    " AND (other.ended_on IS NULL OR NEW.started_on <= other.ended_on))"
    " BEGIN SELECT RAISE(ABORT, 'terms of one post overlap'); END"
)

PUT = {
    "sqlite": (
        f"CREATE TRIGGER orgs_term_no_overlap_insert BEFORE INSERT ON orgs_term {OVERLAP}",
        f"CREATE TRIGGER orgs_term_no_overlap_update BEFORE UPDATE ON orgs_term {OVERLAP}",
    ),
    "postgresql": (
        "ALTER TABLE orgs_term ADD CONSTRAINT orgs_term_no_overlap EXCLUDE USING gist"
        " (int8range(post_id, post_id, '[]') WITH &&, daterange(started_on, ended_on, '[]') WITH &&)",
    ),
}
LIFT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS orgs_term_no_overlap_insert",
        "DROP TRIGGER IF EXISTS orgs_term_no_overlap_update",
    ),
    "postgresql": ("ALTER TABLE orgs_term DROP CONSTRAINT IF EXISTS orgs_term_no_overlap",),
}


def put(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in PUT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def lift(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in LIFT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("orgs", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
