"""What can be asked of the audit record (操作记录).

Nothing here writes. Whether somebody may read the record is asked by the page, not here.
"""

from __future__ import annotations

from django.db import connection, models

from heqing_site.audit.models import AuditEntry, AuditEntryQuerySet

GUARDS = {  # triggers that migration 0002 puts into the database
    "sqlite": frozenset({"audit_no_update", "audit_no_delete", "audit_no_replace"}),
    "postgresql": frozenset({"audit_no_change", "audit_no_truncate"}),
}


def history_of(subject: models.Model) -> AuditEntryQuerySet:
    """List what was done to one thing, newest first."""
    return AuditEntry.objects.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))


def missing_guards() -> list[str]:
    """Name the triggers that should refuse changes to the record but are not in the database.

    SQLite drops a table's triggers when a later migration rebuilds the table, and whoever owns the database can drop
    them by hand; the health page asks here.
    """
    table = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D' AND NOT tgisinternal",
                [table],
            )
        present = {row[0] for row in cursor.fetchall()}
    return sorted(GUARDS[connection.vendor] - present)
