"""The orgs room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """单位与人员."""

    name = "heqing_site.orgs"
    verbose_name = "单位与人员"
    default_auto_field = "django.db.models.BigAutoField"
