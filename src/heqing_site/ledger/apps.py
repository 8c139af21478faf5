"""The ledger room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """目标台账."""

    name = "heqing_site.ledger"
    verbose_name = "目标台账"
    default_auto_field = "django.db.models.BigAutoField"
