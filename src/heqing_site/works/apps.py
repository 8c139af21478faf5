"""The room of works as Django knows it."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class WorksConfig(AppConfig):
    """任务与项目; its tables stand in two modules: ``models`` and ``records``."""

    name = "heqing_site.works"
    verbose_name = "任务与项目"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Read both modules."""
        super().import_models()
        import_module(f"{self.name}.records")
