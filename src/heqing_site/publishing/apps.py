"""The publishing room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """通报与公开."""

    name = "heqing_site.publishing"
    verbose_name = "通报与公开"
    default_auto_field = "django.db.models.BigAutoField"
