"""Routes of units and of the caller (单位、本人) for programs. Each reads one query and gives rows their shape."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from heqing_site.envelope import READ_REFUSALS, Day, Page, Paging, Refusal, UnitRef, paged, sender
from heqing_site.orgs import queries
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import UnitRow
from heqing_site.orgs.rules import KIND_NAMES, ROLE_PERMISSIONS, Role, UnitKind

router = Router(tags=["units 单位"])


class HolderOut(Schema):
    """Who holds a post."""

    post: str
    name: str
    since: date


class UnitOut(Schema):
    """A unit (单位) on a day, where it stands in the tree and who holds its posts."""

    code: str
    name: str
    kind: str
    kind_name: str
    depth: int
    active_from: date
    active_to: date | None
    is_active: bool
    holders: list[HolderOut]


class GrantOut(Schema):
    """A role of the caller, where it counts, and the rights it carries."""

    role: str
    unit: UnitRef | None
    permissions: list[str]
    valid_from: date
    valid_to: date | None


class MeOut(Schema):
    """Whose token this is, and what it may do."""

    username: str
    display_name: str
    unit: UnitRef | None
    grants: list[GrantOut]


@router.get("/me", response={200: MeOut, READ_REFUSALS: Refusal}, summary="Whose token is this? 令牌是谁的")
def me(request: HttpRequest) -> dict[str, Any]:
    """Tell to whom the token belongs and which rights it has today; a grant without a unit counts on the whole site."""
    user = sender(request)
    grants = queries.grants_of(user).in_force_on(timezone.localdate())
    return {
        "username": user.username,
        "display_name": user.display_name,
        "unit": ref(user.unit),
        "grants": [
            {
                "role": grant.role,
                "unit": ref(grant.unit),
                "permissions": sorted(ROLE_PERMISSIONS[Role(grant.role)]),
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
            }
            for grant in grants
        ],
    }


@router.get("/units", response={200: Page[UnitOut], READ_REFUSALS: Refusal}, summary="List units 单位与职务")
def units(
    request: HttpRequest, paging: Query[Paging], on: Day | None = None, q: str = "", with_closed: bool = False
) -> dict[str, Any]:
    """List the units as a tree in the order of their codes, with the holders of their posts on a day."""
    rows = queries.directory(on=on or timezone.localdate(), search=q.strip(), with_closed=with_closed)
    return paged(request, rows, paging, lambda found: [_told(row) for row in found])


def ref(unit: Unit | None) -> dict[str, str] | None:
    """Name a unit in an answer."""
    return None if unit is None else {"code": unit.code, "name": unit.name}


def unit_or_404(code: str | None) -> Unit | None:
    """Find the unit that a request names; None when it names none."""
    if not code:
        return None
    found = queries.unit_coded(code)
    if found is None:
        raise Http404("unit")
    return found


def _told(row: UnitRow) -> dict[str, Any]:
    unit = row.unit
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "kind_name": KIND_NAMES[UnitKind(unit.kind)],
        "depth": row.depth,
        "active_from": unit.active_from,
        "active_to": unit.active_to,
        "is_active": row.is_active,
        "holders": [
            {"post": term.post.name, "name": term.holder.display_name, "since": term.started_on} for term in row.holders
        ],
    }
