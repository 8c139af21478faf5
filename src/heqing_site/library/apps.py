"""The library room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """文件解读."""

    name = "heqing_site.library"
    verbose_name = "文件解读"
    default_auto_field = "django.db.models.BigAutoField"
