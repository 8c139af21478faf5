"""Every action against every role: who may do what, where."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.site.conftest import AT, DAY, PASSWORD, District

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs import actions, queries
from heqing_site.orgs.models import Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import ROLE_PERMISSIONS, Permission, Role, UnitKind

ROLES = [*Role, None]


def on_village(district: District, by: Any) -> dict[str, tuple[Permission, Callable[[], Any]]]:
    """Give every action done below the eastern town, with the right that it needs."""
    admin = district.site_admin
    village = district.village
    post = actions.create_post(by=admin, at=AT, unit=village, name="村主任")
    other_post = actions.create_post(by=admin, at=AT, unit=village, name="村支书")
    term = actions.appoint(by=admin, at=AT, post=other_post, holder=district.clerk, started_on=DAY)
    person = actions.create_user(
        by=admin, at=AT, username="sunwei", display_name="孙伟", password=PASSWORD, unit=village
    )
    grant = actions.grant_role(by=admin, at=AT, user=person, role=Role.UNIT_ADMIN, unit=village, valid_from=DAY)
    empty = actions.create_unit(
        by=admin,
        at=AT,
        name="石桥村",
        code="990101101202",
        kind=UnitKind.VILLAGE,
        parent=district.east,
        active_from=DAY,
    )
    token = actions.create_token(by=admin, at=AT, user=person, name="旧程序", expires_on=DAY).token
    who: dict[str, Any] = {"by": by, "at": AT}
    new_unit = {"name": "三组", "code": "990101101201-3", "kind": UnitKind.DEPARTMENT, "active_from": DAY}
    new_user = {"username": "zhoujie", "display_name": "周洁", "password": PASSWORD}
    unit_edit, user_edit = Permission.UNIT_EDIT, Permission.USER_EDIT
    return {
        "create_unit": (unit_edit, lambda: actions.create_unit(**who, **new_unit, parent=village)),
        "rename_unit": (unit_edit, lambda: actions.rename_unit(**who, unit=village, name="柳湾新村", because="批复")),
        "move_unit": (unit_edit, lambda: actions.move_unit(**who, unit=village, parent=district.east, because="调整")),
        "deactivate_unit": (
            unit_edit,
            lambda: actions.deactivate_unit(**who, unit=empty, last_day=DAY, because="撤并"),
        ),
        "create_post": (unit_edit, lambda: actions.create_post(**who, unit=village, name="网格员")),
        "appoint": (unit_edit, lambda: actions.appoint(**who, post=post, holder=district.clerk, started_on=DAY)),
        "end_term": (unit_edit, lambda: actions.end_term(**who, term=term, last_day=DAY, because="调任")),
        "create_user": (user_edit, lambda: actions.create_user(**who, **new_user, unit=village)),
        "set_password": (user_edit, lambda: actions.set_password(**who, user=person, password=PASSWORD + "x")),
        "amend_user": (
            user_edit,
            lambda: actions.amend_user(
                **who, user=person, display_name="孙玮", phone="", unit=village, because="写错了字"
            ),
        ),
        "deactivate_user": (user_edit, lambda: actions.deactivate_user(**who, user=person, because="调离")),
        "grant_role": (
            user_edit,
            lambda: actions.grant_role(**who, user=district.clerk, role=Role.UNIT_ADMIN, unit=village, valid_from=DAY),
        ),
        "create_token": (
            user_edit,
            lambda: actions.create_token(**who, user=person, name="报表", expires_on=DAY + timedelta(days=30)),
        ),
        "revoke_token": (user_edit, lambda: actions.revoke_token(**who, token=token, because="不再使用")),
        "revoke_grant": (user_edit, lambda: actions.revoke_grant(**who, grant=grant, because="轮岗")),
    }


ACTIONS = sorted(
    name
    for name, action in inspect.getmembers(actions, inspect.isfunction)
    if action.__module__ == actions.__name__
    and not name.startswith("_")
    and name not in ("found_site", "note_token_use")  # the first account; and no deed of anybody
)


@pytest.mark.parametrize("role", ROLES, ids=str)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_open_to_the_roles_that_hold_its_right_and_leaves_one_entry(district, name, role):
    permission, act = on_village(district, district.who(role))[name]
    entries = AuditEntry.objects.count()

    if role is not None and permission in ROLE_PERMISSIONS[role]:
        act()
        entry = AuditEntry.objects.first()
        assert AuditEntry.objects.count() == entries + 1
        assert entry.action == f"orgs.{name}"
        assert entry.actor_id == str(district.who(role).pk)
        assert entry.recorded_at == AT
    else:
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
        assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_takes_names_only_and_asks_who_and_when(name):
    parameters = inspect.signature(getattr(actions, name)).parameters

    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
    assert {"by", "at"} <= set(parameters)


@pytest.mark.parametrize(
    ("place", "expected"), [("east", True), ("village", True), ("west", False), ("district", False), (None, False)]
)
def test_a_right_counts_at_its_unit_and_below_and_nowhere_else(district, place, expected):
    unit = getattr(district, place) if place else None

    assert queries.may(district.east_admin, Permission.UNIT_EDIT, unit, on=DAY) is expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (DAY - timedelta(days=1), False),
        (DAY, True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_right_counts_from_the_first_to_the_last_day_of_its_grant(district, day, expected):
    actions.grant_role(
        by=district.site_admin,
        at=AT,
        user=district.clerk,
        role=Role.UNIT_ADMIN,
        unit=district.west,
        valid_from=DAY,
        valid_to=date(2026, 12, 31),
    )

    assert queries.may(district.clerk, Permission.UNIT_EDIT, district.west, on=day) is expected


def test_a_right_ends_the_moment_its_grant_is_taken_back(district):
    grant = RoleGrant.objects.get(user=district.east_admin)

    actions.revoke_grant(by=district.site_admin, at=AT, grant=grant, because="轮岗")

    assert not queries.may(district.east_admin, Permission.UNIT_EDIT, district.east, on=DAY)


def test_a_closed_account_has_no_rights(district):
    actions.deactivate_user(by=district.site_admin, at=AT, user=district.east_admin, because="调离")
    district.east_admin.refresh_from_db()

    assert not queries.may(district.east_admin, Permission.UNIT_EDIT, district.east, on=DAY)
    assert queries.places_with(district.east_admin, Permission.UNIT_EDIT, on=DAY) == set()


def test_the_day_of_an_action_is_the_day_in_shanghai(district):
    evening_in_greenwich = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 2 March, half past midnight, in Shanghai

    actions.create_post(by=district.east_admin, at=evening_in_greenwich, unit=district.east, name="镇长")
    with pytest.raises(RuleBrokenError):
        actions.create_post(
            by=district.east_admin, at=evening_in_greenwich - timedelta(hours=1), unit=district.east, name="副镇长"
        )


def test_nobody_grants_a_role_whose_rights_they_lack(district):
    with pytest.raises(RuleBrokenError) as refusal:
        actions.grant_role(
            by=district.east_admin,
            at=AT,
            user=district.east_admin,
            role=Role.SITE_ADMIN,
            unit=district.east,
            valid_from=DAY,
        )

    assert refusal.value.code == "role.above_you"


def test_nobody_takes_over_the_account_of_somebody_with_more_rights(district):
    chief = actions.create_user(
        by=district.site_admin, at=AT, username="chief", display_name="周峰", password=PASSWORD, unit=district.east
    )
    actions.grant_role(by=district.site_admin, at=AT, user=chief, role=Role.SITE_ADMIN, unit=None, valid_from=DAY)

    for act in (
        lambda: actions.set_password(by=district.east_admin, at=AT, user=chief, password=PASSWORD + "x"),
        lambda: actions.deactivate_user(by=district.east_admin, at=AT, user=chief, because="试探"),
    ):
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == "user.above_you"


def test_a_unit_cannot_be_moved_into_a_place_where_one_has_no_right(district):
    with pytest.raises(RuleBrokenError) as refusal:
        actions.move_unit(by=district.east_admin, at=AT, unit=district.village, parent=district.west, because="调整")

    assert refusal.value.code == PERMISSION_MISSING
    assert "西塘镇" in refusal.value.sentence()


def test_everybody_may_change_their_own_password(district):
    actions.set_password(by=district.clerk, at=AT, user=district.clerk, password="xin-de-mima-2026")

    district.clerk.refresh_from_db()
    assert district.clerk.check_password("xin-de-mima-2026")
    assert "xin-de-mima" not in str(list(AuditEntry.objects.values()))


def test_a_post_gives_no_rights(district):
    actions.appoint(by=district.site_admin, at=AT, post=district.director, holder=district.clerk, started_on=DAY)

    assert Term.objects.filter(holder=district.clerk).exists()
    assert not queries.may_somewhere(district.clerk, Permission.UNIT_EDIT, on=DAY)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_deed_that_cannot_be_recorded_is_not_done(district, name, monkeypatch):
    _, act = on_village(district, district.site_admin)[name]
    before = everything()

    def fail(**facts: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(OSError, match="the disk is full"):
        act()

    assert everything() == before


def everything() -> list[dict[str, Any]]:
    return [row for model in (Unit, Post, Term, User, RoleGrant) for row in model.objects.order_by("pk").values()]
