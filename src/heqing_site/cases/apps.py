"""The room of cases as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """问题闭环."""

    name = "heqing_site.cases"
    verbose_name = "问题闭环"
    default_auto_field = "django.db.models.BigAutoField"
