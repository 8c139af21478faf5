"""The reporting room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """填报."""

    name = "heqing_site.reporting"
    verbose_name = "填报"
    default_auto_field = "django.db.models.BigAutoField"
