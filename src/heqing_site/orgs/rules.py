"""The rules of units, periods and rights as tables. Plain Python: no Django, no clock.

It does not look anything up: ``orgs.queries`` asks the database with these tables, ``orgs.actions`` refuses by them.
All days are inclusive: the last day is a day on which the unit, the term or the grant still counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit (单位) is."""

    PROVINCE = "province"
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
    UnitKind.PROVINCE: "省（自治区、直辖市）",
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
    UnitKind.PROVINCE: 0,
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


class Part(StrEnum):
    """What a post does in a leading group (领导小组)."""

    HEAD = "head"
    EXECUTIVE = "executive"
    DEPUTY = "deputy"
    MEMBER = "member"


PART_NAMES = {Part.HEAD: "组长", Part.EXECUTIVE: "常务副组长", Part.DEPUTY: "副组长", Part.MEMBER: "成员"}


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
    LETTER_DRAFT = "letter.draft"
    LETTER_REVIEW = "letter.review"
    LETTER_ISSUE = "letter.issue"
    LETTER_SIGN = "letter.sign"
    TASK_EDIT = "task.edit"
    TASK_REPORT = "task.report"
    SLIP_ISSUE = "slip.issue"
    REGISTER_DECLARE = "register.declare"
    REGISTER_ENTER = "register.enter"
    REGISTER_CONFIRM = "register.confirm"
    PLAN_EDIT = "plan.edit"
    PLAN_APPROVE = "plan.approve"
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
    Permission.LETTER_DRAFT: "责任书拟制",
    Permission.LETTER_REVIEW: "责任书审核",
    Permission.LETTER_ISSUE: "责任书下达",
    Permission.LETTER_SIGN: "责任书签订",
    Permission.TASK_EDIT: "任务与项目管理",
    Permission.TASK_REPORT: "任务进展填报",
    Permission.SLIP_ISSUE: "督办单签发",
    Permission.REGISTER_DECLARE: "台账类别设置",
    Permission.REGISTER_ENTER: "台账登记",
    Permission.REGISTER_CONFIRM: "台账认定",
    Permission.PLAN_EDIT: "方案编制",
    Permission.PLAN_APPROVE: "方案审批",
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
    CLERK = "clerk"


ROLE_NAMES = {
    Role.SITE_ADMIN: "系统管理员",
    Role.UNIT_ADMIN: "单位管理员",
    Role.AUDITOR: "审计员",
    Role.OFFICER: "业务人员",
    Role.SUPERVISOR: "督查人员",
    Role.LEADER: "领导",
    Role.CLERK: "经办人员",
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
            Permission.LETTER_DRAFT,
            Permission.LETTER_REVIEW,  # never of what they drafted: see letters.actions
            Permission.TASK_EDIT,
            Permission.TASK_REPORT,
            Permission.REGISTER_ENTER,
            Permission.REGISTER_CONFIRM,  # never of what they entered: see registers.actions
            Permission.PLAN_EDIT,
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
            Permission.LETTER_DRAFT,
            Permission.LETTER_REVIEW,
            Permission.LETTER_ISSUE,
            Permission.TASK_EDIT,
            Permission.TASK_REPORT,
            Permission.SLIP_ISSUE,
            Permission.REGISTER_CONFIRM,
            Permission.BULLETIN_DRAFT,
            Permission.BULLETIN_ISSUE,
        }
    ),
    Role.LEADER: frozenset({Permission.BULLETIN_APPROVE, Permission.LETTER_SIGN, Permission.PLAN_APPROVE}),
    Role.CLERK: frozenset(  # who does the work at a town, a street or an office, and tells how it goes
        {
            Permission.REPORT_ENTER,
            Permission.CASE_RECTIFY,
            Permission.TASK_REPORT,
            Permission.REGISTER_ENTER,
        }
    ),
}


# The matters (领域) of the campaign; a grant of a role may be restricted to some of them.
PILLAR_NAMES = {
    "air": "治气",
    "water": "治水",
    "soil": "净土",
    "waste": "固废",
    "carbon": "降碳",
    "energy": "能源",
    "land": "用地",
    "industry": "产业",
    "agriculture": "农业",
    "innovation": "创新",
    "talent": "人才",
    "digital": "数字",
    "governance": "治理",
    "publicity": "宣传",
    "livelihood": "民生",
    "other": "其他",
}

# Roles whose rights are about matters; the others administer, and their grants name none.
ROLES_BY_MATTER = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.LEADER, Role.CLERK})


def in_order(matters: Iterable[str]) -> tuple[str, ...]:
    """Give matters once each, in the order of the table."""
    asked = set(matters)
    return tuple(matter for matter in PILLAR_NAMES if matter in asked)


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
