"""Terms of targets can only be added: the model refuses, and the database refuses whoever goes around the model."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.worlds import kept

from heqing_site.errors import AppendOnlyError
from heqing_site.ledger import queries
from heqing_site.ledger.models import TargetTerms

append_only = import_module("heqing_site.ledger.migrations.0002_append_only")


@kept
def terms(adopt) -> TargetTerms:
    return adopt().terms.get()


def is_untouched(terms: TargetTerms) -> bool:
    return TargetTerms.objects.get(pk=terms.pk).bound == 25


def test_saving_existing_terms_is_refused(terms):
    terms.bound = 30

    with pytest.raises(AppendOnlyError, match="add new ones"):
        terms.save()

    assert is_untouched(terms)


def test_deleting_terms_is_refused(terms):
    with pytest.raises(AppendOnlyError):
        terms.delete()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda rows: rows.update(bound=30),
        lambda rows: rows.bulk_update([], ["bound"]),
        lambda rows: rows.delete(),
    ],
)
def test_changing_many_terms_at_once_is_refused(terms, attempt):
    with pytest.raises(AppendOnlyError):
        attempt(TargetTerms.objects.all())


@pytest.mark.parametrize("statement", ["UPDATE ledger_targetterms SET bound = 30", "DELETE FROM ledger_targetterms"])
def test_the_database_refuses_changes_that_go_around_the_model(terms, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert is_untouched(terms)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is a verb of SQLite")
def test_sqlite_refuses_to_replace_terms_by_an_insert(terms):
    columns = ", ".join(field.column for field in TargetTerms._meta.concrete_fields)
    statement = f"INSERT OR REPLACE INTO ledger_targetterms ({columns}) SELECT {columns} FROM ledger_targetterms"  # noqa: S608

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_all_guards_are_in_the_database_after_all_migrations(db):
    assert queries.missing_guards() == []


def test_a_guard_that_was_dropped_is_named(db):
    with connection.cursor() as cursor:
        for statement in append_only.LIFT[connection.vendor]:
            cursor.execute(statement)

    assert queries.missing_guards() == sorted(queries.GUARDS[connection.vendor])
