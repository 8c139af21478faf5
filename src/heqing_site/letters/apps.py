"""The room of letters as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class LettersConfig(AppConfig):
    """The room of letters (责任书)."""

    name = "heqing_site.letters"
    verbose_name = "责任书"
    default_auto_field = "django.db.models.BigAutoField"
