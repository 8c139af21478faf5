"""The audit record can only grow: the model refuses, and the database refuses whoever goes around the model."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.worlds import kept

from heqing_site.audit import queries
from heqing_site.audit.actions import record
from heqing_site.audit.models import AuditEntry
from heqing_site.audit.rules import Actor
from heqing_site.errors import AppendOnlyError

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
append_only = import_module("heqing_site.audit.migrations.0002_append_only")


@kept
def entry(db: None) -> AuditEntry:
    return AuditEntry.objects.create(
        recorded_at=AT,
        actor_id="7",
        actor_name="陈静（chenjing）",
        action="orgs.rename_unit",
        subject_type="orgs.Unit",
        subject_id="3",
        subject_label="东溪镇",
        because="更名批复",
        before={"name": "东溪乡"},
        after={"name": "东溪镇"},
    )


def is_untouched(entry: AuditEntry) -> bool:
    return AuditEntry.objects.get(pk=entry.pk).actor_name == "陈静（chenjing）"


def test_saving_an_existing_entry_is_refused(entry):
    entry.because = "另有原因"

    with pytest.raises(AppendOnlyError, match="record a new one"):
        entry.save()

    assert is_untouched(entry)


def test_saving_a_new_entry_over_an_old_key_is_refused(entry):
    forged = AuditEntry(
        pk=entry.pk, recorded_at=AT, actor_name="某人", action="x", subject_type="x", subject_id="1", subject_label="x"
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        forged.save()

    assert is_untouched(entry)


def test_deleting_an_entry_is_refused(entry):
    with pytest.raises(AppendOnlyError, match="never deleted"):
        entry.delete()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda entries: entries.update(actor_name="某人"),
        lambda entries: entries.bulk_update([], ["actor_name"]),
        lambda entries: entries.delete(),
    ],
)
def test_changing_many_entries_at_once_is_refused(entry, attempt):
    with pytest.raises(AppendOnlyError):
        attempt(AuditEntry.objects.all())


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditentry SET actor_name = '某人'", "DELETE FROM audit_auditentry"],
)
def test_the_database_refuses_changes_that_go_around_the_model(entry, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert is_untouched(entry)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is a verb of SQLite")
def test_sqlite_refuses_to_replace_an_entry_by_an_insert(entry):
    statement = (
        "INSERT OR REPLACE INTO audit_auditentry (id, recorded_at, actor_id, actor_name, action, subject_type,"
        " subject_id, subject_label, because) VALUES (%s, '2026-03-02', '', '某人', 'x', 'x', '1', 'x', '')"
    )

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [entry.pk])

    assert is_untouched(entry)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is a verb of PostgreSQL")
def test_postgresql_refuses_to_truncate_the_record(entry):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditentry")


@pytest.mark.parametrize("fact", ["actor_name", "action", "subject_type", "subject_id"])
def test_the_database_refuses_an_entry_without(db, fact):
    facts = {"actor_name": "陈静", "action": "x", "subject_type": "x", "subject_id": "1", "subject_label": "x"}

    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(recorded_at=AT, **{**facts, fact: ""})


def test_all_guards_are_in_the_database_after_all_migrations(db):
    assert queries.missing_guards() == []


def test_a_guard_that_was_dropped_is_named(db):
    with connection.cursor() as cursor:
        for statement in append_only.LIFT[connection.vendor]:
            cursor.execute(statement)

    assert queries.missing_guards() == sorted(queries.GUARDS[connection.vendor])


def test_the_history_of_a_thing_lists_its_entries_newest_first(entry):
    later = record(by=Actor("8", "刘敏（liumin）"), at=AT.replace(hour=2), action="test.again", subject=entry)

    assert [row.pk for row in queries.history_of(entry)] == [later.pk]
    assert later.subject_type == "audit.AuditEntry"
    assert AuditEntry.objects.first() == later


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_leaves_the_guards_in_place_first(settings):
    AuditEntry.objects.create(
        recorded_at=AT, actor_name="甲", action="x", subject_type="x", subject_id="1", subject_label="x"
    )


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_leaves_the_guards_in_place_second(settings):
    assert not AuditEntry.objects.exists()
    assert queries.missing_guards() == []
