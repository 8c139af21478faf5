"""The frame around the rooms, and the back office, as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WebConfig(AppConfig):
    """Templates and static files of the frame."""

    name = "heqing_site.web"
    label = "web"
    verbose_name = "网站"


class BackOfficeConfig(AdminConfig):
    """The back office (后台): Django's admin, to look only."""

    default_site = "heqing_site.web.admin.BackOffice"
