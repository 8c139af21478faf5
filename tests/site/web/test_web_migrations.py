"""The database as the migrations make it is the one the models mean."""

from __future__ import annotations

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_lacking() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
