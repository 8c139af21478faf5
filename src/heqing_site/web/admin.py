"""The back office (后台): registers and the audit record to look at. Changes are made on the pages of the rooms.

It knows no rights of its own: ``web.backends`` translates Django's questions into permissions.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class BackOffice(AdminSite):
    """The back office, open to whoever may see any room of it."""

    site_title = "河清"
    site_header = "河清 · 后台"
    index_title = _("后台：只供查看")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who may see at least one register."""
        return request.user.is_authenticated and any(
            request.user.has_module_perms(model._meta.app_label) for model in self._registry
        )

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the one login page; refuse who is logged in without the right."""
        if self.has_permission(request):
            return redirect(reverse("admin:index"))
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
