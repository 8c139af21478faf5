"""The sheets room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """表格."""

    name = "heqing_site.sheets"
    verbose_name = "表格"
    default_auto_field = "django.db.models.BigAutoField"
