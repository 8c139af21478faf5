"""What the frame around each page shows: the rooms this person may enter.

A room that this installation does not have (its addresses are not in ``web.urls``) is left out. A link that is hidden
is a courtesy, not a lock: every action and page checks the right itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from heqing_site.demo.queries import demonstration
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Link:
    """A room in the menu; what is first stays in sight on a phone, the others stand under 更多."""

    title: str
    address: str
    is_open: bool
    is_first: bool = False


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its links and whether what it frames is invented, looked up only when a page shows them."""
    return {
        "links": lambda: links(request),
        "registers": lambda: registers(request),
        "demonstration": SimpleLazyObject(demonstration),
    }


def address_of(name: str) -> str | None:
    """Give the address of a page, or None where this installation lacks its room."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def links(request: HttpRequest) -> list[Link]:
    """List the rooms in the order of the menu, with the one that is open."""
    if not request.user.is_authenticated:
        return []
    return _found(
        request,
        [
            (_("驾驶舱"), "publishing:cockpit", True),
            (_("文件"), "library:documents", False),
            (_("目标"), "ledger:ledger", True),
            (_("任务"), "works:works", True),
            (_("填报"), "reporting:mine", True),
            (_("责任书"), "letters:home", False),
            (_("方案"), "plans:plans", False),
            (_("台账"), "registers:home", False),
            (_("监测"), "monitoring:imports", False),
            (_("问题"), "cases:cases", True),
            (_("考核"), "scorecards:board", False),
            (_("通报"), "publishing:bulletins", False),
            (_("地图"), "publishing:map", False),
        ],
    )


def registers(request: HttpRequest) -> list[Link]:
    """List what stands behind the rooms (名录): places, units, accounts, records, state."""
    if not request.user.is_authenticated:
        return []
    today = timezone.localdate()
    listed = [
        (_("导览"), "tour", False),
        (_("点位与名录"), "places:registers", False),
        (_("河长、门长"), "places:chiefs", False),
        (_("单位与职务"), "orgs:units", False),
        (_("领导小组"), "orgs:groups", False),
        (_("我的导入记录"), "sheets:intakes", False),
    ]
    if may_somewhere(request.user, Permission.USER_EDIT, on=today):
        listed.append((_("账号与授权"), "orgs:people", False))
    if may(request.user, Permission.AUDIT_READ, None, on=today):
        listed.append((_("操作记录"), "admin:audit_auditentry_changelist", False))
    return _found(request, [*listed, (_("运行状态"), "health", False)])


def _found(request: HttpRequest, rooms: list[tuple[str, str, bool]]) -> list[Link]:
    known = [(title, address, is_first) for title, name, is_first in rooms if (address := address_of(name)) is not None]
    # The longest address that begins the path is the open one: /publishing/map/ is not /publishing/.
    here = max((address for _title, address, _first in known if request.path.startswith(address)), key=len, default="")
    return [Link(title, address, address == here, is_first) for title, address, is_first in known]
