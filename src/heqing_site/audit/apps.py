"""The audit room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """操作记录."""

    name = "heqing_site.audit"
    verbose_name = "操作记录"
    default_auto_field = "django.db.models.BigAutoField"
