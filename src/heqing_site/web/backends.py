"""Who may log in, and what the back office may show to whom.

Django's admin asks in words of its own (``orgs.view_unit``); here they are translated into the one list of permissions.
It stands at the outer edge and reads the clock: Django does not say for which day it asks.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission

VIEWS = {
    "audit.view_auditentry": Permission.AUDIT_READ,
    "orgs.view_unit": Permission.SITE_ADMIN,
    "orgs.view_user": Permission.SITE_ADMIN,
    "orgs.view_post": Permission.SITE_ADMIN,
    "orgs.view_term": Permission.SITE_ADMIN,
    "orgs.view_rolegrant": Permission.SITE_ADMIN,
    "ledger.view_indicator": Permission.SITE_ADMIN,
    "ledger.view_target": Permission.SITE_ADMIN,
    "ledger.view_targetterms": Permission.SITE_ADMIN,
    "ledger.view_duty": Permission.SITE_ADMIN,
}


class OfficeBackend(ModelBackend):
    """Login by user name and password; rights from grants of roles over the whole site."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Answer whether a person may see a register of the back office; anything but seeing is refused."""
        permission = VIEWS.get(perm)
        return (
            permission is not None
            and isinstance(user_obj, User)
            and may(user_obj, permission, None, on=timezone.localdate())
        )

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Answer whether a person may see any register of a room."""
        wanted = {permission for view, permission in VIEWS.items() if view.startswith(f"{app_label}.")}
        return any(
            isinstance(user_obj, User) and may(user_obj, permission, None, on=timezone.localdate())
            for permission in wanted
        )
