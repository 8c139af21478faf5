"""What the frame around each page shows: the rooms this person may enter.

A link that is hidden is a courtesy, not a lock: every action and page checks the right itself.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from heqing_site.demo.queries import demonstration
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its links and whether what it frames is invented, looked up only when a page shows them."""
    return {"links": lambda: links(request), "demonstration": SimpleLazyObject(demonstration)}


def links(request: HttpRequest) -> list[dict[str, Any]]:
    """List the rooms in the order of the menu, with the one that is open."""
    if not request.user.is_authenticated:
        return []
    today = timezone.localdate()
    found = [
        (_("首页"), "home"),
        (_("文件解读"), "library:documents"),
        (_("目标台账"), "ledger:ledger"),
        (_("填报"), "reporting:mine"),
        (_("点位与名录"), "places:registers"),
        (_("单位与职务"), "orgs:units"),
    ]
    if may_somewhere(request.user, Permission.USER_EDIT, on=today):
        found.append((_("账号与授权"), "orgs:people"))
    if may(request.user, Permission.AUDIT_READ, None, on=today):
        found.append((_("操作记录"), "admin:audit_auditentry_changelist"))
    found.append((_("运行状态"), "health"))
    addresses = [(title, reverse(name)) for title, name in found]
    return [
        {
            "title": title,
            "address": address,
            "is_open": request.path == address or (address != reverse("home") and request.path.startswith(address)),
        }
        for title, address in addresses
    ]
