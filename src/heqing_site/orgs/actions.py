"""Every deed on units, posts, people and rights.

Each action takes who does it (`by`) and when (`at`), checks the right, keeps the rules, writes its audit entry in the
same transaction and returns the row. It never reads the clock. Days are inclusive: see ``orgs.rules``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.audit.rules import INSTALLER
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import queries, rules
from heqing_site.orgs.models import ApiToken, Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import KIND_NAMES, PERMISSION_NAMES, ROLE_NAMES, Permission, Role, UnitKind

# --- units --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_unit(
    *, by: User, at: datetime, name: str, code: str, kind: UnitKind, parent: Unit | None, active_from: date
) -> Unit:
    """Enter a unit (设立单位) into the tree, under its superior unit or at the top.

    Needs the right 单位与职务管理 at the superior unit; at the top, on the whole site.
    """
    require(by, Permission.UNIT_EDIT, parent, on=timezone.localdate(at))
    holder_of_code = Unit.objects.filter(code=code).first()
    if holder_of_code is not None:
        raise RuleBrokenError("unit.code_taken", code=code, unit=holder_of_code)
    _check_place(kind, parent, on=active_from)
    unit = Unit.objects.create(name=name, code=code, kind=kind, parent=parent, active_from=active_from)
    record(by=by.actor, at=at, action="orgs.create_unit", subject=unit, after=_unit_facts(unit))
    return unit


@transaction.atomic
def rename_unit(*, by: User, at: datetime, unit: Unit, name: str, because: str) -> Unit:
    """Give a unit another name (更名), because it was renamed or misspelt; its code stays.

    Needs the right 单位与职务管理 at the unit.
    """
    require(by, Permission.UNIT_EDIT, unit, on=timezone.localdate(at))
    _check_reason(because)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    _check_open(unit)
    before = _unit_facts(unit)
    unit.name = name
    unit.save(update_fields=["name"])
    record(
        by=by.actor,
        at=at,
        action="orgs.rename_unit",
        subject=unit,
        because=because,
        before=before,
        after=_unit_facts(unit),
    )
    return unit


@transaction.atomic
def move_unit(*, by: User, at: datetime, unit: Unit, parent: Unit | None, because: str) -> Unit:
    """Put a unit with all that stands below it under another superior unit (调整隶属关系).

    Needs the right 单位与职务管理 at the unit's old place and at the new one.
    """
    on = timezone.localdate(at)
    _check_reason(because)
    # Lock the unit and the line above its new place, then look again: two moves at once could else close a circle.
    keys = {unit.pk} | (queries.line_ids(parent) if parent is not None else set())
    locked = {row.pk: row for row in Unit.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    unit = locked[unit.pk]
    parent = locked[parent.pk] if parent is not None else None
    require(by, Permission.UNIT_EDIT, unit.parent, on=on)
    require(by, Permission.UNIT_EDIT, parent, on=on)
    _check_open(unit)
    if parent is not None and unit.pk in queries.line_ids(parent):
        raise RuleBrokenError("unit.move_cycle", unit=unit, parent=parent)
    _check_place(UnitKind(unit.kind), parent, on=on)
    before = _unit_facts(unit)
    unit.parent = parent
    unit.save(update_fields=["parent"])
    record(
        by=by.actor,
        at=at,
        action="orgs.move_unit",
        subject=unit,
        because=because,
        before=before,
        after=_unit_facts(unit),
    )
    return unit


@transaction.atomic
def deactivate_unit(*, by: User, at: datetime, unit: Unit, last_day: date, because: str) -> Unit:
    """Close a unit (停用单位) that was merged or abolished; it stays in the record with its last day and the reason.

    Needs the right 单位与职务管理 at the superior unit. Units below it are closed or moved, and terms ended, before.
    """
    _check_reason(because)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    require(by, Permission.UNIT_EDIT, unit.parent, on=timezone.localdate(at))
    _check_open(unit)
    if last_day < unit.active_from:
        raise RuleBrokenError("unit.ends_before_start", day=unit.active_from)
    below = unit.children.exclude(active_to__lte=last_day)
    if below:
        raise RuleBrokenError("unit.has_active_children", unit=unit, names="、".join(str(row) for row in below))
    terms = Term.objects.filter(post__unit=unit).exclude(ended_on__lte=last_day).select_related("holder", "post")
    if terms:
        names = "、".join(f"{term.holder}（{term.post.name}）" for term in terms)
        raise RuleBrokenError("unit.has_holders", unit=unit, names=names)
    before = _unit_facts(unit)
    unit.active_to = last_day
    unit.closed_because = because
    unit.save(update_fields=["active_to", "closed_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.deactivate_unit",
        subject=unit,
        because=because,
        before=before,
        after=_unit_facts(unit),
    )
    return unit


# --- posts and terms ----------------------------------------------------------------------------------------------


@transaction.atomic
def create_post(*, by: User, at: datetime, unit: Unit, name: str) -> Post:
    """Set up a post (设立职务) in a unit: one seat for one person at a time.

    Needs the right 单位与职务管理 at the unit.
    """
    require(by, Permission.UNIT_EDIT, unit, on=timezone.localdate(at))
    _check_open(unit)
    if unit.posts.filter(name=name).exists():
        raise RuleBrokenError("post.name_taken", unit=unit, post=name)
    post = Post.objects.create(unit=unit, name=name)
    record(
        by=by.actor, at=at, action="orgs.create_post", subject=post, after={"unit": _unit_name(unit), "name": post.name}
    )
    return post


@transaction.atomic
def appoint(
    *,
    by: User,
    at: datetime,
    post: Post,
    holder: User,
    started_on: date,
    ended_on: date | None = None,
    ended_because: str = "",
) -> Term:
    """Enter that a person took up a post (任职) on a day; a term of the past is entered with its end and reason.

    Needs the right 单位与职务管理 at the unit of the post. A post gives no rights by itself.
    """
    require(by, Permission.UNIT_EDIT, post.unit, on=timezone.localdate(at))
    post = Post.objects.select_for_update(of=("self",)).select_related("unit").get(pk=post.pk)
    if ended_on is not None:
        _check_reason(ended_because)
        if ended_on < started_on:
            raise RuleBrokenError("term.ends_before_start", day=started_on)
    elif not holder.is_active:
        raise RuleBrokenError("user.closed", user=holder, day=holder.closed_on)
    for day in (started_on, ended_on):
        if day is not None and not post.unit.is_active_on(day):
            raise RuleBrokenError("term.unit_inactive", unit=post.unit, day=day)
    if ended_on is None and post.unit.active_to is not None:
        raise RuleBrokenError("term.unit_inactive", unit=post.unit, day=post.unit.active_to)
    for other in post.terms.select_related("holder"):
        if rules.do_overlap(started_on, ended_on, other.started_on, other.ended_on):
            raise RuleBrokenError("term.overlaps", post=post, holder=other.holder, period=other.period)
    term = Term.objects.create(
        post=post,
        holder=holder,
        started_on=started_on,
        ended_on=ended_on,
        ended_because=ended_because if ended_on is not None else "",
    )
    record(
        by=by.actor,
        at=at,
        action="orgs.appoint",
        subject=term,
        because=term.ended_because,
        after=_term_facts(term),
    )
    return term


@transaction.atomic
def end_term(*, by: User, at: datetime, term: Term, last_day: date, because: str) -> Term:
    """Enter that a person left a post (离任), with the last day in office and the reason.

    Needs the right 单位与职务管理 at the unit of the post.
    """
    require(by, Permission.UNIT_EDIT, term.post.unit, on=timezone.localdate(at))
    _check_reason(because)
    term = Term.objects.select_for_update(of=("self",)).select_related("holder", "post__unit").get(pk=term.pk)
    if term.ended_on is not None:
        raise RuleBrokenError("term.already_ended", holder=term.holder, day=term.ended_on)
    if last_day < term.started_on:
        raise RuleBrokenError("term.ends_before_start", day=term.started_on)
    before = _term_facts(term)
    term.ended_on = last_day
    term.ended_because = because
    term.save(update_fields=["ended_on", "ended_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.end_term",
        subject=term,
        because=because,
        before=before,
        after=_term_facts(term),
    )
    return term


# --- accounts -----------------------------------------------------------------------------------------------------


@transaction.atomic
def found_site(*, at: datetime, username: str, display_name: str, password: str) -> User:
    """Open the first account (首个管理员) of a new installation and make it site administrator.

    Only whoever holds the server can do it, and only while there is no account; the record names the installation.
    """
    if User.objects.exists():
        raise RuleBrokenError("site.already_founded")
    user = User(username=username, display_name=display_name, locale="zh-hans")
    _set_password(user, password)
    user.save()
    record(by=INSTALLER, at=at, action="orgs.create_user", subject=user, after=_user_facts(user))
    grant = RoleGrant.objects.create(user=user, role=Role.SITE_ADMIN, valid_from=timezone.localdate(at))
    record(by=INSTALLER, at=at, action="orgs.grant_role", subject=grant, after=_grant_facts(grant))
    return user


@transaction.atomic
def create_user(
    *,
    by: User,
    at: datetime,
    username: str,
    display_name: str,
    password: str,
    unit: Unit | None,
    phone: str = "",
    locale: str = "zh-hans",
    must_change_password: bool = False,
) -> User:
    """Open an account (新建账号) for one person, kept by a unit; without a unit, by the whole site.

    Needs the right 账号与授权管理 at that unit. The account has no rights until a role is granted. With
    `must_change_password` the person sees no other page before they chose a password of their own.
    """
    require(by, Permission.USER_EDIT, unit, on=timezone.localdate(at))
    if User.objects.filter(username__iexact=username).exists():
        raise RuleBrokenError("user.username_taken", username=username)
    if unit is not None:
        _check_open(unit)
    user = User(
        username=username,
        display_name=display_name,
        phone=phone,
        locale=locale,
        unit=unit,
        must_change_password=must_change_password,
    )
    _set_password(user, password)
    user.save()
    record(by=by.actor, at=at, action="orgs.create_user", subject=user, after=_user_facts(user))
    return user


@transaction.atomic
def set_password(*, by: User, at: datetime, user: User, password: str) -> User:
    """Give an account a new password (修改或重置密码).

    Everybody may change their own; another's needs 账号与授权管理 at the unit that keeps the account, and every right
    that the account holds. The record says that it was done, never the password.
    """
    if by.pk != user.pk:
        _require_authority_over(by, user, on=timezone.localdate(at))
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _check_account_open(user)
    if by.pk == user.pk and user.must_change_password and user.check_password(password):
        raise RuleBrokenError("user.password_unchanged")
    _set_password(user, password)
    user.must_change_password = user.must_change_password and by.pk != user.pk
    user.save(update_fields=["password", "must_change_password"])
    record(by=by.actor, at=at, action="orgs.set_password", subject=user)
    return user


@transaction.atomic
def amend_user(
    *, by: User, at: datetime, user: User, display_name: str, phone: str, unit: Unit | None, because: str
) -> User:
    """Correct an account (修改账号): name, phone, and the unit that keeps it; its roles stay as they are.

    Needs 账号与授权管理 at the unit that keeps it now and at the one that shall keep it, and every right that the
    account holds.
    """
    on = timezone.localdate(at)
    _check_reason(because)
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require_authority_over(by, user, on=on)
    require(by, Permission.USER_EDIT, unit, on=on)
    _check_account_open(user)
    if unit is not None and unit.pk != user.unit_id:
        _check_open(unit)
    before = _user_facts(user)
    user.display_name, user.phone, user.unit = display_name, phone, unit
    after = _user_facts(user)
    if after == before:
        raise RuleBrokenError("user.nothing_changed", user=user)
    user.save(update_fields=["display_name", "phone", "unit"])
    record(by=by.actor, at=at, action="orgs.amend_user", subject=user, because=because, before=before, after=after)
    return user


@transaction.atomic
def deactivate_user(*, by: User, at: datetime, user: User, because: str) -> User:
    """Close an account (停用账号) at once; the person can no longer log in, what they did stays on record.

    Needs 账号与授权管理 at the unit that keeps the account, and every right that the account holds.
    """
    on = timezone.localdate(at)
    _check_reason(because)
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _require_authority_over(by, user, on=on)
    _check_account_open(user)
    _check_not_last_admin(user, on=on)
    before = _user_facts(user)
    user.is_active = False
    user.closed_on = on
    user.closed_because = because
    user.save(update_fields=["is_active", "closed_on", "closed_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.deactivate_user",
        subject=user,
        because=because,
        before=before,
        after=_user_facts(user),
    )
    return user


# --- rights -------------------------------------------------------------------------------------------------------


@transaction.atomic
def grant_role(
    *,
    by: User,
    at: datetime,
    user: User,
    role: Role,
    unit: Unit | None,
    valid_from: date,
    valid_to: date | None = None,
    matters: Iterable[str] = (),
) -> RoleGrant:
    """Grant a role (授权) to a person at a unit and all below it; without a unit, on the whole site.

    With matters the grant counts for these only. Needs 账号与授权管理 at that unit, and every right of the role there:
    nobody gives what they do not have.
    """
    on = timezone.localdate(at)
    chosen = rules.in_order(matters)
    require(by, Permission.USER_EDIT, unit, on=on)
    _require_rights_of(role, by, unit, on=on, matters=chosen)
    if chosen and role not in rules.ROLES_BY_MATTER:
        raise RuleBrokenError("grant.role_without_matters", role=ROLE_NAMES[role])
    _check_account_open(user)
    if unit is not None:
        _check_open(unit)
    if valid_to is not None and valid_to < valid_from:
        raise RuleBrokenError("grant.ends_before_start", day=valid_from)
    for other in user.grants.filter(role=role, unit=unit, revoked_at__isnull=True):
        if rules.do_overlap(valid_from, valid_to, other.valid_from, other.valid_to):
            raise RuleBrokenError("grant.exists", user=user, unit=_place(unit), role=ROLE_NAMES[role])
    grant = RoleGrant.objects.create(
        user=user, role=role, unit=unit, matters=" ".join(chosen), valid_from=valid_from, valid_to=valid_to
    )
    record(by=by.actor, at=at, action="orgs.grant_role", subject=grant, after=_grant_facts(grant))
    return grant


@transaction.atomic
def revoke_grant(*, by: User, at: datetime, grant: RoleGrant, because: str) -> RoleGrant:
    """Take a granted role back (收回授权) at once.

    Needs 账号与授权管理 at the unit of the grant, and every right of the role there.
    """
    on = timezone.localdate(at)
    _check_reason(because)
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=grant.pk)
    require(by, Permission.USER_EDIT, grant.unit, on=on)
    _require_rights_of(Role(grant.role), by, grant.unit, on=on, matters=grant.matter_list)
    if grant.revoked_at is not None:
        raise RuleBrokenError("grant.already_ended", day=timezone.localdate(grant.revoked_at))
    if grant.role == Role.SITE_ADMIN and grant.unit is None:
        _check_not_last_admin(grant.user, on=on)
    before = _grant_facts(grant)
    grant.revoked_at = at
    grant.revoked_because = because
    grant.save(update_fields=["revoked_at", "revoked_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.revoke_grant",
        subject=grant,
        because=because,
        before=before,
        after=_grant_facts(grant),
    )
    return grant


# --- tokens of the API --------------------------------------------------------------------------------------------

SECRET_BEGINS = "hq_"  # noqa: S105  how every secret begins, so that a leaked one can be searched for
HINT_LENGTH = 8


@dataclass(frozen=True)
class IssuedToken:
    """A token just made, with its secret; the secret can never be asked for again."""

    token: ApiToken
    secret: str


@transaction.atomic
def create_token(*, by: User, at: datetime, user: User, name: str, expires_on: date) -> IssuedToken:
    """Make a token (新建接口令牌) by which a program acts as a person until the last day.

    Everybody makes their own; for another account it needs 账号与授权管理 at the unit that keeps the account, and every
    right that the account holds. The record names the token, never the secret.
    """
    on = timezone.localdate(at)
    if by.pk != user.pk:
        _require_authority_over(by, user, on=on)
    _check_account_open(user)
    if not name.strip():
        raise RuleBrokenError("token.name_missing")
    if expires_on < on:
        raise RuleBrokenError("token.ends_in_past", day=expires_on)
    secret = SECRET_BEGINS + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:60],
        hint=secret[:HINT_LENGTH],
        sha256=rules.token_digest(secret),
        created_at=at,
        expires_on=expires_on,
    )
    record(by=by.actor, at=at, action="orgs.create_token", subject=token, after=_token_facts(token))
    return IssuedToken(token, secret)


@transaction.atomic
def revoke_token(*, by: User, at: datetime, token: ApiToken, because: str) -> ApiToken:
    """Revoke a token (停用接口令牌) at once, with the reason.

    Everybody revokes their own; another's needs 账号与授权管理 at the unit that keeps the account.
    """
    _check_reason(because)
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user__unit").get(pk=token.pk)
    if by.pk != token.user_id:
        require(by, Permission.USER_EDIT, token.user.unit, on=timezone.localdate(at))
    if token.revoked_at is not None:
        raise RuleBrokenError("token.already_revoked", token=token, day=timezone.localdate(token.revoked_at))
    before = _token_facts(token)
    token.revoked_at = at
    token.revoked_because = because.strip()[:200]
    token.save(update_fields=["revoked_at", "revoked_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.revoke_token",
        subject=token,
        because=because,
        before=before,
        after=_token_facts(token),
    )
    return token


def note_token_use(*, on: date, token: ApiToken) -> None:
    """Note the day on which a token was last used (最近使用), once a day; it is no deed and leaves no audit entry."""
    if token.last_used_on != on:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=on)


# --- what the actions have in common ------------------------------------------------------------------------------


def _check_reason(because: str) -> None:
    if not because.strip():
        raise RuleBrokenError("because.missing")


def _check_open(unit: Unit) -> None:
    if unit.active_to is not None:
        raise RuleBrokenError("unit.already_closed", unit=unit, day=unit.active_to)


def _check_place(kind: UnitKind, parent: Unit | None, *, on: date) -> None:
    parent_kind = UnitKind(parent.kind) if parent is not None else None
    if parent_kind is not None and not rules.may_stand_under(kind, parent_kind):
        raise RuleBrokenError("unit.kind_misplaced", kind=KIND_NAMES[kind], parent_kind=KIND_NAMES[parent_kind])
    if parent is not None and not parent.is_active_on(on):
        raise RuleBrokenError("unit.parent_inactive", unit=parent, day=on)


def _check_account_open(user: User) -> None:
    if not user.is_active:
        raise RuleBrokenError("user.closed", user=user, day=user.closed_on)


def _check_not_last_admin(user: User, *, on: date) -> None:
    admins = queries.site_admins(on=on)
    if admins.filter(pk=user.pk).exists() and not admins.exclude(pk=user.pk).exists():
        raise RuleBrokenError("site.last_admin", user=user)


def _require_authority_over(by: User, user: User, *, on: date) -> None:
    require(by, Permission.USER_EDIT, user.unit, on=on)
    for grant in user.grants.in_force_on(on).select_related("unit"):
        lacking = queries.first_right_above(by, Role(grant.role), grant.unit, on=on, matters=grant.matter_list)
        if lacking is not None:
            raise RuleBrokenError(
                "user.above_you", user=user, permission=PERMISSION_NAMES[lacking], unit=_place(grant.unit)
            )


def _require_rights_of(role: Role, by: User, unit: Unit | None, *, on: date, matters: Iterable[str] = ()) -> None:
    lacking = queries.first_right_above(by, role, unit, on=on, matters=matters)
    if lacking is not None:
        raise RuleBrokenError(
            "role.above_you", role=ROLE_NAMES[role], permission=PERMISSION_NAMES[lacking], unit=_place(unit)
        )


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleBrokenError("user.password_weak", problems=" ".join(error.messages)) from error
    user.set_password(password)


def _place(unit: Unit | None) -> str:
    return queries.WHOLE_SITE if unit is None else str(unit)


def _unit_name(unit: Unit | None) -> str | None:
    return f"{unit.name}（{unit.code}）" if unit is not None else None


def _unit_facts(unit: Unit) -> dict[str, object]:
    return {
        "name": unit.name,
        "code": unit.code,
        "kind": unit.kind,
        "parent": _unit_name(unit.parent),
        "active_from": unit.active_from,
        "active_to": unit.active_to,
        "successor": _unit_name(unit.successor),
    }


def _term_facts(term: Term) -> dict[str, object]:
    return {
        "post": str(term.post),
        "holder": term.holder.actor.name,
        "started_on": term.started_on,
        "ended_on": term.ended_on,
    }


def _user_facts(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "phone": user.phone,
        "unit": _unit_name(user.unit),
        "is_active": user.is_active,
    }


def _grant_facts(grant: RoleGrant) -> dict[str, object]:
    return {
        "user": grant.user.actor.name,
        "role": grant.role,
        "unit": _unit_name(grant.unit) or queries.WHOLE_SITE,
        "matters": grant.matters,
        "valid_from": grant.valid_from,
        "valid_to": grant.valid_to,
        "revoked_at": grant.revoked_at,
    }


def _token_facts(token: ApiToken) -> dict[str, object]:
    return {
        "user": token.user.actor.name,
        "name": token.name,
        "hint": token.hint,
        "expires_on": token.expires_on,
        "revoked_at": token.revoked_at,
    }
