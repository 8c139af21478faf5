"""The demo room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """演示."""

    name = "heqing_site.demo"
    verbose_name = "演示"
    default_auto_field = "django.db.models.BigAutoField"
