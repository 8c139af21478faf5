"""The scorecards' room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    """考核."""

    name = "heqing_site.scorecards"
    verbose_name = "考核"
    default_auto_field = "django.db.models.BigAutoField"
