"""Units, posts and accounts from and to Excel (名册导入导出): the columns, and what each row does.

A row is entered by the actions of this room, so that rights, rules and the record are the same as on the pages. Brought
again, a sheet changes what differs and leaves the rest unchanged. A row may name a superior unit that stands further
down in the same sheet.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import actions, queries, succession
from heqing_site.orgs.models import Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import KIND_NAMES, PILLAR_NAMES, ROLE_NAMES, Role, UnitKind
from heqing_site.sheets.actions import take_in
from heqing_site.sheets.fields import CellError, Field, choice, day, lookup, several, text
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import Row, read_pasted, read_sheet

EVERYWHERE = "全站"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
PASSWORD_PARTS, PASSWORD_PART = 3, 5


def _unit(typed: str) -> Unit | None:
    """Find a unit by its code, or by its name where only one has it."""
    by_code = queries.unit_coded(typed)
    if by_code is not None:
        return by_code
    named = list(Unit.objects.select_related("parent").filter(name=typed, active_to__isnull=True)[:2])
    return named[0] if len(named) == 1 else None


def _user(typed: str) -> User | None:
    return User.objects.select_related("unit").filter(username__iexact=typed).first()


UNIT_FIELDS = (
    Field("代码", text(32), needed=True, width=20, says="行政区划代码、信用代码或本地自编代码，不重复；凭它更新"),
    Field("名称", text(80), needed=True, width=28),
    Field("类别", choice({name: kind for kind, name in KIND_NAMES.items()}), needed=True, width=18),
    Field("上级代码", text(32), width=20, says="顶层单位留空；上级可以在同一张表的后面"),
    Field("设立日期", day(), needed=True, number_format="yyyy-mm-dd"),
    Field("停用日期", day(), number_format="yyyy-mm-dd", says="停用的最后一日；并入其他单位请在单位页办理"),
    Field("停用理由", text(200), width=28),
)
POST_FIELDS = (
    Field("单位代码", lookup(_unit, "单位"), needed=True, width=20, says="代码，或不重名的单位名称"),
    Field("职务", text(60), needed=True, width=22),
    Field("任职人用户名", lookup(_user, "用户名"), width=16, says="空缺留空"),
    Field("任职人姓名", text(40), says="只供核对，凭用户名识别"),
    Field("到任日期", day(), number_format="yyyy-mm-dd", says="有任职人时必填；原任职人的任期到前一日为止"),
    Field("离任日期", day(), number_format="yyyy-mm-dd"),
    Field("离任原因", text(200), width=24),
)
PEOPLE_FIELDS = (
    Field("用户名", text(40), needed=True, width=16, says="登录用；凭它更新。一人多项授权的写多行"),
    Field("姓名", text(40), needed=True),
    Field("归口单位代码", lookup(_unit, "单位"), width=20, says="留空为全站账号"),
    Field("手机", text(20), width=16),
    Field("角色", choice({name: role for role, name in ROLE_NAMES.items()}), says="留空为不授权"),
    Field("授权范围", text(80), width=20, says="单位代码或“全站”；留空为归口单位"),
    Field(
        "领域", several(choice({name: code for code, name in PILLAR_NAMES.items()})), width=24, says="留空为全部领域"
    ),
    Field("授权起", day(), number_format="yyyy-mm-dd", says="留空为导入当日"),
    Field("授权止", day(), number_format="yyyy-mm-dd", says="长期有效留空"),
)
ROSTERS: Mapping[str, tuple[str, Sequence[Field]]] = {
    "units": ("单位名册", UNIT_FIELDS),
    "posts": ("职务与任职名册", POST_FIELDS),
    "people": ("账号与授权名册", PEOPLE_FIELDS),
}


@dataclass
class Brought:
    """What came of a sheet: its intake, and the first passwords of accounts that it opened, known only now."""

    intake: Intake
    passwords: list[tuple[User, str]] = field(default_factory=list)


def bring(
    *,
    by: User,
    at: datetime,
    what: str,
    because: str,
    back: str,
    file_name: str = "",
    content: bytes = b"",
    pasted: str = "",
    language: str | None = None,
) -> Brought:
    """Take in a sheet of units, posts or accounts (导入名册).

    Parameters
    ----------
    by, at
        Who brings it, and when; each row needs the rights of the deed it does.
    what : str
        A key of `ROSTERS`.
    because : str
        The reason that goes on record with each change.
    back, file_name, content, pasted, language
        See ``sheets.actions.take_in``.

    Raises
    ------
    RuleBrokenError
        ``because.missing``; what ``take_in`` raises.
    """
    if not because.strip():
        raise RuleBrokenError("because.missing")
    title, fields = ROSTERS[what]
    desk = _Desk(by, at, because.strip()[:150])
    if what == "units":
        rows = read_sheet(file_name, content, fields) if content or file_name else read_pasted(pasted, fields)
        desk.ahead = {row.values["代码"]: row for row in rows if not row.faults}
    enter = {"units": desk.enter_unit, "posts": desk.enter_post, "people": desk.enter_person}[what]
    intake = take_in(
        by=by, at=at, subject=f"orgs.{what}", back=back, fields=fields, enter=enter, file_name=file_name,
        content=content, pasted=pasted, title=title, language=language,
    )  # fmt: skip
    opened = User.objects.in_bulk(desk.passwords, field_name="username")  # a row that was not taken opened nothing
    return Brought(intake, [(opened[name], password) for name, password in desk.passwords.items() if name in opened])


def unit_rows() -> Iterator[dict[str, Any]]:
    """Give all units as rows of their sheet."""
    for unit in Unit.objects.select_related("parent"):
        yield {
            "代码": unit.code,
            "名称": unit.name,
            "类别": KIND_NAMES[UnitKind(unit.kind)],
            "上级代码": unit.parent.code if unit.parent else None,
            "设立日期": unit.active_from,
            "停用日期": unit.active_to,
            "停用理由": unit.closed_because or None,
        }


def post_rows() -> Iterator[dict[str, Any]]:
    """Give all posts with everybody who held them as rows of their sheet, oldest first; a vacant post is one row."""
    terms = Term.objects.select_related("holder").order_by("started_on")
    posts = Post.objects.select_related("unit").prefetch_related(Prefetch("terms", queryset=terms))
    for post in posts.order_by("unit__code", "pk"):
        place = {"单位代码": post.unit.code, "职务": post.name}
        for term in post.terms.all():
            yield place | {
                "任职人用户名": term.holder.username,
                "任职人姓名": term.holder.display_name,
                "到任日期": term.started_on,
                "离任日期": term.ended_on,
                "离任原因": term.ended_because or None,
            }
        if not post.terms.all():
            yield place


def people_rows(*, within: set[int] | None, on: date) -> Iterator[dict[str, Any]]:
    """Give the open accounts of some units with their grants in force as rows of their sheet; never a password."""
    grants = RoleGrant.objects.in_force_on(on).select_related("unit").order_by("pk")
    found = User.objects.filter(is_active=True).select_related("unit")
    found = found.prefetch_related(Prefetch("grants", queryset=grants, to_attr="standing"))
    if within is not None:
        found = found.filter(unit__in=within)
    for user in found.order_by("unit__code", "username"):
        who = {
            "用户名": user.username,
            "姓名": user.display_name,
            "归口单位代码": user.unit.code if user.unit else None,
            "手机": user.phone or None,
        }
        for grant in user.standing:
            yield who | {
                "角色": ROLE_NAMES[Role(grant.role)],
                "授权范围": grant.unit.code if grant.unit else EVERYWHERE,
                "领域": "、".join(PILLAR_NAMES[code] for code in grant.matter_list) or None,
                "授权起": grant.valid_from,
                "授权止": grant.valid_to,
            }
        if not user.standing:
            yield who


@dataclass
class _Desk:
    """Who brings a sheet, when and why; the rows ahead, and the passwords given so far."""

    by: User
    at: datetime
    because: str
    ahead: dict[str, Row] = field(default_factory=dict)
    early: set[str] = field(default_factory=set)
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def who(self) -> dict[str, Any]:
        """Who and when, as every action asks."""
        return {"by": self.by, "at": self.at}

    def enter_unit(self, row: Row) -> bool:
        """Enter or correct a unit; its superior is entered first when it stands further down."""
        code = row.values["代码"]
        parent = self._parent(row)
        unit = queries.unit_coded(code)
        changed = code in self.early
        if unit is None:
            unit = actions.create_unit(
                **self.who,
                name=row.values["名称"],
                code=code,
                kind=row.values["类别"],
                parent=parent,
                active_from=row.values["设立日期"],
            )
            changed = True
        _check_same(row, {"类别": UnitKind(unit.kind), "设立日期": unit.active_from})
        if unit.active_to is not None:
            _check_same(row, {"名称": unit.name, "停用日期": unit.active_to})
            return changed
        if unit.name != row.values["名称"]:
            actions.rename_unit(**self.who, unit=unit, name=row.values["名称"], because=self.because)
            changed = True
        if row.has("上级代码") and unit.parent_id != (parent.pk if parent else None):
            actions.move_unit(**self.who, unit=unit, parent=parent, because=self.because)
            changed = True
        if row.get("停用日期") is not None:
            actions.deactivate_unit(
                **self.who, unit=unit, last_day=row.values["停用日期"], because=row.get("停用理由") or self.because
            )
            changed = True
        return changed

    def _parent(self, row: Row, line: tuple[str, ...] = ()) -> Unit | None:
        code = row.get("上级代码")
        if code is None:
            return None
        found = queries.unit_coded(code)
        above = self.ahead.get(code)
        if found is not None:
            return found
        line = (*line, row.values["代码"])
        if above is None or code in line:
            raise CellError(f"没有代码为“{code}”的上级单位：既不在系统中，也不在本表能收下的行中。")
        parent = self._parent(above, line)
        self.early.add(code)
        return actions.create_unit(
            **self.who,
            name=above.values["名称"],
            code=code,
            kind=above.values["类别"],
            parent=parent,
            active_from=above.values["设立日期"],
        )

    def enter_post(self, row: Row) -> bool:
        """Set up a post, and enter who took it up or left it."""
        unit: Unit = row.values["单位代码"]
        post = unit.posts.filter(name=row.values["职务"]).first()
        changed = post is None
        if post is None:
            post = actions.create_post(**self.who, unit=unit, name=row.values["职务"])
        holder: User | None = row.get("任职人用户名")
        if holder is None:
            return changed
        started, ended = row.get("到任日期"), row.get("离任日期")
        if started is None:
            raise CellError("有任职人的，要填到任日期。")
        said_name = row.get("任职人姓名")
        if said_name and said_name != holder.display_name:
            raise CellError(f"用户名“{holder.username}”是{holder.display_name}，不是{said_name}，请核对。")
        if ended is not None and not row.get("离任原因"):
            raise CellError("有离任日期的，要填离任原因。")
        standing = post.terms.filter(holder=holder, started_on=started).first()
        if standing is not None and standing.ended_on == ended:
            return changed
        if standing is not None:
            if ended is None:
                raise CellError(f"{holder}已于 {standing.ended_on} 离任，不能由表格改回在任。")
            actions.end_term(**self.who, term=standing, last_day=ended, because=row.values["离任原因"])
            return True
        running = post.terms.filter(ended_on__isnull=True).first()
        if ended is None and running is not None and running.started_on < started and running.holder_id != holder.pk:
            succession.succeed(
                **self.who, post=post, holder=holder, started_on=started, because=f"{self.because}：{holder}接任"
            )
            return True
        actions.appoint(
            **self.who,
            post=post,
            holder=holder,
            started_on=started,
            ended_on=ended,
            ended_because=row.get("离任原因", ""),
        )
        return True

    def enter_person(self, row: Row) -> bool:
        """Open or correct an account, and grant a role."""
        user = _user(row.values["用户名"])
        unit: Unit | None = row.get("归口单位代码")
        typed = {"display_name": row.values["姓名"], "phone": row.get("手机", "")}
        changed = False
        if user is None:
            password = first_password()
            user = actions.create_user(
                **self.who,
                **typed,
                username=row.values["用户名"],
                unit=unit,
                password=password,
                must_change_password=True,
            )
            self.passwords[user.username] = password
            changed = True
        else:
            typed = {
                "display_name": row.values["姓名"],
                "phone": row.get("手机", "") if row.has("手机") else user.phone,
            }
            kept = unit if row.has("归口单位代码") else user.unit
            if (typed["display_name"], typed["phone"], kept) != (user.display_name, user.phone, user.unit):
                actions.amend_user(**self.who, **typed, user=user, unit=kept, because=self.because)
                changed = True
        return self._enter_grant(row, user) or changed

    def _enter_grant(self, row: Row, user: User) -> bool:
        role: Role | None = row.get("角色")
        if role is None:
            return False
        where = row.get("授权范围")
        unit = user.unit if where is None else None if where == EVERYWHERE else _unit(where)
        if unit is None and where != EVERYWHERE:
            raise CellError(f"授权范围“{where or ''}”不是单位代码，也不是“{EVERYWHERE}”。")
        matters = [code for code in PILLAR_NAMES if code in set(row.get("领域", ()))]
        on = timezone.localdate(self.at)
        until = row.get("授权止")
        for grant in user.grants.in_force_on(on).filter(role=role, unit=unit):
            if (grant.matter_list, grant.valid_to) == (matters, until):
                return False
            actions.revoke_grant(**self.who, grant=grant, because=self.because)
        actions.grant_role(
            **self.who,
            user=user,
            role=role,
            unit=unit,
            matters=matters,
            valid_from=row.get("授权起") or on,
            valid_to=until,
        )
        return True


def _check_same(row: Row, kept: Mapping[str, object]) -> None:
    """Refuse to change by a sheet what no deed changes."""
    for name, value in kept.items():
        if row.get(name) is not None and row.values[name] != value:
            was = KIND_NAMES[value] if isinstance(value, UnitKind) else value
            raise CellError(f"{name}已登记为“{was}”，不能由表格修改。")


def first_password() -> str:
    """Make a first password (初始密码) that can be read out: three groups of letters and digits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(PASSWORD_PART)) for _ in range(PASSWORD_PARTS))
