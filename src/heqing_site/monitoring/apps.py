"""The monitoring room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """监测."""

    name = "heqing_site.monitoring"
    verbose_name = "监测"
    default_auto_field = "django.db.models.BigAutoField"
