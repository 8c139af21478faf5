"""The room of plans as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """治理方案."""

    name = "heqing_site.plans"
    verbose_name = "治理方案"
    default_auto_field = "django.db.models.BigAutoField"
