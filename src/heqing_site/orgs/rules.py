"""The rules of units, periods and rights as tables. Plain Python: no Django, no clock.

It does not look anything up: ``orgs.queries`` asks the database with these tables, ``orgs.actions`` refuses by them.
All days are inclusive: the last day is a day on which the unit, the term or the grant still counts.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit (单位) is."""

    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    STREET = "street"
    VILLAGE = "village"
    COMMUNITY = "community"
    PARK = "park"
    DEPARTMENT = "department"
    ENTERPRISE = "enterprise"


KIND_NAMES = {
    UnitKind.CITY: "市",
    UnitKind.DISTRICT: "区（县、县级市）",
    UnitKind.TOWN: "镇（乡）",
    UnitKind.STREET: "街道",
    UnitKind.VILLAGE: "村",
    UnitKind.COMMUNITY: "社区",
    UnitKind.PARK: "园区",
    UnitKind.DEPARTMENT: "部门",
    UnitKind.ENTERPRISE: "企业",
}

# A division stands under a division of a higher level. A department, a park or an enterprise stands under any unit but
# an enterprise; nothing but another of the three stands under it.
LEVELS = {
    UnitKind.CITY: 1,
    UnitKind.DISTRICT: 2,
    UnitKind.TOWN: 3,
    UnitKind.STREET: 3,
    UnitKind.VILLAGE: 4,
    UnitKind.COMMUNITY: 4,
}


def may_stand_under(kind: UnitKind, parent_kind: UnitKind | None) -> bool:
    """Tell whether a unit of one kind may be placed under a unit of another, or at the top."""
    if parent_kind is None:
        return True
    if parent_kind is UnitKind.ENTERPRISE:
        return False
    if kind not in LEVELS:
        return True
    return parent_kind in LEVELS and LEVELS[parent_kind] < LEVELS[kind]


class Permission(StrEnum):
    """The one list of rights (权限) of the site. A right is held at a unit and everything below it, or everywhere."""

    UNIT_EDIT = "unit.edit"
    USER_EDIT = "user.edit"
    AUDIT_READ = "audit.read"
    PLACE_EDIT = "place.edit"
    DOCUMENT_ADD = "document.add"
    DOCUMENT_REVIEW = "document.review"
    TARGET_EDIT = "target.edit"
    REPORT_ENTER = "report.enter"
    REPORT_CHECK = "report.check"
    PERIOD_LOCK = "period.lock"
    DATA_IMPORT = "data.import"
    VERDICT_JUDGE = "verdict.judge"
    CASE_OPEN = "case.open"
    CASE_ASSIGN = "case.assign"
    CASE_RECTIFY = "case.rectify"
    CASE_VERIFY = "case.verify"
    CASE_CLOSE = "case.close"
    SCORE_PUBLISH = "score.publish"
    BULLETIN_DRAFT = "bulletin.draft"
    BULLETIN_APPROVE = "bulletin.approve"
    BULLETIN_ISSUE = "bulletin.issue"
    SITE_ADMIN = "site.admin"


PERMISSION_NAMES = {
    Permission.UNIT_EDIT: "单位与职务管理",
    Permission.USER_EDIT: "账号与授权管理",
    Permission.AUDIT_READ: "操作记录查阅",
    Permission.PLACE_EDIT: "点位与名录管理",
    Permission.DOCUMENT_ADD: "文件收存",
    Permission.DOCUMENT_REVIEW: "文件核对",
    Permission.TARGET_EDIT: "目标管理",
    Permission.REPORT_ENTER: "数据填报",
    Permission.REPORT_CHECK: "填报审核",
    Permission.PERIOD_LOCK: "填报关账",
    Permission.DATA_IMPORT: "监测数据导入",
    Permission.VERDICT_JUDGE: "目标研判",
    Permission.CASE_OPEN: "问题立案",
    Permission.CASE_ASSIGN: "问题交办",
    Permission.CASE_RECTIFY: "问题整改",
    Permission.CASE_VERIFY: "整改核查",
    Permission.CASE_CLOSE: "问题销号",
    Permission.SCORE_PUBLISH: "考核评分发布",
    Permission.BULLETIN_DRAFT: "通报拟稿",
    Permission.BULLETIN_APPROVE: "通报审签",
    Permission.BULLETIN_ISSUE: "通报印发",
    Permission.SITE_ADMIN: "系统管理",
}


class Role(StrEnum):
    """A bundle of rights (角色) that is granted to a person at a unit."""

    SITE_ADMIN = "site_admin"
    UNIT_ADMIN = "unit_admin"
    AUDITOR = "auditor"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    LEADER = "leader"


ROLE_NAMES = {
    Role.SITE_ADMIN: "系统管理员",
    Role.UNIT_ADMIN: "单位管理员",
    Role.AUDITOR: "审计员",
    Role.OFFICER: "业务人员",
    Role.SUPERVISOR: "督查人员",
    Role.LEADER: "领导",
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SITE_ADMIN: frozenset(Permission),
    Role.UNIT_ADMIN: frozenset({Permission.UNIT_EDIT, Permission.USER_EDIT, Permission.PLACE_EDIT}),
    Role.AUDITOR: frozenset({Permission.AUDIT_READ}),
    Role.OFFICER: frozenset(
        {
            Permission.PLACE_EDIT,
            Permission.DOCUMENT_ADD,
            Permission.DOCUMENT_REVIEW,
            Permission.TARGET_EDIT,
            Permission.REPORT_ENTER,
            Permission.REPORT_CHECK,  # never of what their own unit reported: see reporting.actions
            Permission.PERIOD_LOCK,
            Permission.DATA_IMPORT,
            Permission.VERDICT_JUDGE,
            Permission.CASE_OPEN,
            Permission.CASE_RECTIFY,
            Permission.BULLETIN_DRAFT,
        }
    ),
    Role.SUPERVISOR: frozenset(  # who presses others: checks, verifies, scores; answers for a report of their own too
        {
            Permission.REPORT_ENTER,
            Permission.REPORT_CHECK,
            Permission.PERIOD_LOCK,
            Permission.VERDICT_JUDGE,
            Permission.CASE_OPEN,
            Permission.CASE_ASSIGN,
            Permission.CASE_RECTIFY,
            Permission.CASE_VERIFY,  # never of what their own unit rectified: see cases.actions
            Permission.CASE_CLOSE,
            Permission.SCORE_PUBLISH,
            Permission.BULLETIN_DRAFT,
            Permission.BULLETIN_ISSUE,
        }
    ),
    Role.LEADER: frozenset({Permission.BULLETIN_APPROVE}),
}


def roles_with(permission: Permission) -> list[Role]:
    """List the roles that carry a right."""
    return [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]


def is_within(day: date, first: date, last: date | None) -> bool:
    """Tell whether a day falls into a period; a period without a last day goes on."""
    return first <= day and (last is None or day <= last)


def do_overlap(first: date, last: date | None, other_first: date, other_last: date | None) -> bool:
    """Tell whether two periods share a day."""
    return (last is None or other_first <= last) and (other_last is None or first <= other_last)


def period(first: date, last: date | None) -> str:
    """Write a period as officials do: 2026-01-01 至 2026-06-30, or 至今 while it goes on."""
    return f"{first} 至今" if last is None else f"{first} 至 {last}"


def token_digest(secret: str) -> str:
    """Give what is kept of a secret: its SHA-256. A secret of 32 random bytes needs no slower hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
