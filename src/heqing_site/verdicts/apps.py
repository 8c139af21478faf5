"""The verdicts room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class VerdictsConfig(AppConfig):
    """研判."""

    name = "heqing_site.verdicts"
    verbose_name = "研判"
    default_auto_field = "django.db.models.BigAutoField"
