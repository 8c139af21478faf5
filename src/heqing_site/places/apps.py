"""The places room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """点位与名录."""

    name = "heqing_site.places"
    verbose_name = "点位与名录"
    default_auto_field = "django.db.models.BigAutoField"
