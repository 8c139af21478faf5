"""Units, posts, terms, accounts and grants of roles (单位、职务、任期、账号、授权) as rows.

Nothing here is ever deleted: a unit is closed, a term ends, an account is closed, a grant runs out. Writes go through
``orgs.actions``. That no two terms of one post overlap is kept by ``migrations/0002_terms_do_not_overlap.py``.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from heqing_site.audit.append_only import AppendOnly
from heqing_site.audit.rules import Actor
from heqing_site.orgs import rules
from heqing_site.orgs.rules import KIND_NAMES, PART_NAMES, ROLE_NAMES, Part, Role, UnitKind


def in_force(day: date, *, first: str, last: str) -> Q:
    """Select rows whose period, kept in two columns, includes a day."""
    return Q(**{f"{first}__lte": day}) & (Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": day}))


class UnitQuerySet(models.QuerySet["Unit"]):
    """Units."""

    def active_on(self, day: date) -> UnitQuerySet:
        """Keep the units that exist on a day."""
        return self.filter(in_force(day, first="active_from", last="active_to"))


class Unit(models.Model):
    """A unit (单位): an administrative division, a department, a park or an enterprise, in one tree.

    A unit that is merged or abolished is closed with a last day and a reason; what it owed and reported stays its own.
    """

    name = models.CharField("名称", max_length=80)
    code = models.CharField(
        "代码", max_length=32, unique=True, help_text="行政区划代码、统一社会信用代码或本地自编代码，不重复"
    )
    kind = models.CharField("类别", max_length=16, choices=[(kind.value, KIND_NAMES[kind]) for kind in UnitKind])
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    active_from = models.DateField("设立日期")
    active_to = models.DateField("停用日期", null=True, blank=True)
    closed_because = models.CharField("停用理由", max_length=200, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="并入",
        help_text="停用后由哪个单位承接",
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(name="unit_has_name_and_code", condition=~Q(name="") & ~Q(code="")),
            models.CheckConstraint(name="unit_kind_is_known", condition=Q(kind__in=[kind.value for kind in UnitKind])),
            models.CheckConstraint(
                name="unit_is_not_its_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
            models.CheckConstraint(
                name="unit_ends_after_start", condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from"))
            ),
            models.CheckConstraint(
                name="unit_last_day_with_reason",
                condition=Q(active_to__isnull=True, closed_because="")
                | (Q(active_to__isnull=False) & ~Q(closed_because="")),
            ),
            models.CheckConstraint(
                name="unit_that_goes_on_has_no_successor",
                condition=Q(successor__isnull=True) | (Q(active_to__isnull=False) & ~Q(successor=F("id"))),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_active_on(self, day: date) -> bool:
        """Tell whether the unit exists on a day."""
        return rules.is_within(day, self.active_from, self.active_to)

    @property
    def period(self) -> str:
        """The days on which the unit exists, in words."""
        return rules.period(self.active_from, self.active_to)


class UserManager(BaseUserManager["User"]):
    """Accounts; capital letters do not make another user name."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Find the account by its user name, as somebody types it when logging in."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """An account (账号) of one person.

    It belongs to the unit that keeps it, which is not always the unit where the person holds a post. Rights come from
    grants of roles, never from the post and never from a flag on the account.
    """

    username = models.CharField(
        "用户名",
        max_length=40,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        help_text="登录时使用；可用汉字、字母、数字和 @ . + - _",
    )
    display_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机", max_length=20, blank=True)
    locale = models.CharField("界面语言", max_length=10, choices=[("zh-hans", "中文"), ("en", "English")])
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name="归口单位",
        help_text="管理这个账号的单位；留空为全站账号",
    )
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField("须改初始密码", default=False)
    closed_on = models.DateField("停用日期", null=True, blank=True)
    closed_because = models.CharField("停用理由", max_length=200, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = UserManager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ("username",)
        constraints = (
            models.UniqueConstraint(Lower("username"), name="user_name_is_unique_in_any_case"),
            models.CheckConstraint(name="user_has_names", condition=~Q(username="") & ~Q(display_name="")),
            models.CheckConstraint(name="user_locale_is_known", condition=Q(locale__in=["zh-hans", "en"])),
            models.CheckConstraint(
                name="user_closed_with_day_and_reason",
                condition=Q(is_active=True, closed_on__isnull=True, closed_because="")
                | (Q(is_active=False, closed_on__isnull=False) & ~Q(closed_because="")),
            ),
        )

    def __str__(self) -> str:
        return self.display_name

    @property
    def actor(self) -> Actor:
        """The person as the doer of an audit entry."""
        return Actor(id=str(self.pk), name=f"{self.display_name}（{self.username}）")

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer the back office, which asks in Django's words; `heqing_site.web.backends` translates."""
        return any(backend.has_perm(self, perm, obj) for backend in auth.get_backends())

    def has_module_perms(self, app_label: str) -> bool:
        """Answer the back office whether to show a room at all."""
        return any(backend.has_module_perms(self, app_label) for backend in auth.get_backends())  # type: ignore[attr-defined]


class Post(models.Model):
    """A post (职务) in a unit: one seat, held by one person at a time."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts", verbose_name="单位")
    name = models.CharField("职务", max_length=60)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="转为",
        help_text="单位并入后由哪个职务承接",
    )

    class Meta:
        """Names, order, constraints."""

        verbose_name = "职务"
        verbose_name_plural = "职务"
        ordering = ("unit", "pk")
        constraints = (
            models.UniqueConstraint(fields=("unit", "name"), name="post_name_is_unique_in_unit"),
            models.CheckConstraint(name="post_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="post_is_not_its_own_successor", condition=Q(successor__isnull=True) | ~Q(successor=F("id"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit.name}{self.name}"


class TermQuerySet(models.QuerySet["Term"]):
    """Terms of office."""

    def current_on(self, day: date) -> TermQuerySet:
        """Keep the terms that include a day."""
        return self.filter(in_force(day, first="started_on", last="ended_on"))


class Term(models.Model):
    """A term (任期): who holds a post, from which day to which."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="terms", verbose_name="职务")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="terms", verbose_name="任职人")
    started_on = models.DateField("到任日期")
    ended_on = models.DateField("离任日期", null=True, blank=True)
    ended_because = models.CharField("离任原因", max_length=200, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "任期"
        verbose_name_plural = "任期"
        ordering = ("-started_on",)
        constraints = (
            models.UniqueConstraint(
                fields=("post",), condition=Q(ended_on__isnull=True), name="term_one_open_for_each_post"
            ),
            models.CheckConstraint(
                name="term_ends_after_start", condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on"))
            ),
            models.CheckConstraint(
                name="term_last_day_with_reason",
                condition=Q(ended_on__isnull=True, ended_because="")
                | (Q(ended_on__isnull=False) & ~Q(ended_because="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.holder}任{self.post}"

    @property
    def period(self) -> str:
        """The days in office, in words."""
        return rules.period(self.started_on, self.ended_on)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Grants of roles."""

    def in_force_on(self, day: date) -> RoleGrantQuerySet:
        """Keep the grants that count on a day; one that was taken back counts no more."""
        return self.filter(in_force(day, first="valid_from", last="valid_to"), revoked_at__isnull=True)

    def about(self, matter: str) -> RoleGrantQuerySet:
        """Keep the grants that count for a matter: those without matters, and those that name this one."""
        named = Q(matters="")
        if matter:
            named |= Q(matters__regex=rf"(^| ){re.escape(matter)}( |$)")
        return self.filter(named)


class RoleGrant(models.Model):
    """A grant (授权): a person has a role at a unit and all below it, or on the whole site, from day to day.

    The last day is planned ahead (a temporary transfer); taking a grant back counts from that moment.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=[(role.value, ROLE_NAMES[role]) for role in Role])
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name="范围",
        help_text="含全部下级单位；留空为全站",
    )
    matters = models.CharField(
        "领域", max_length=200, blank=True, help_text="只对这些领域有效，领域代码以空格分开；留空为全部领域"
    )
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)
    revoked_because = models.CharField("收回理由", max_length=200, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "授权"
        verbose_name_plural = "授权"
        ordering = ("-valid_from", "-pk")
        constraints = (
            models.CheckConstraint(name="grant_role_is_known", condition=Q(role__in=[role.value for role in Role])),
            models.CheckConstraint(
                name="grant_of_an_administrator_names_no_matter",
                condition=Q(matters="") | Q(role__in=sorted(role.value for role in rules.ROLES_BY_MATTER)),
            ),
            models.CheckConstraint(
                name="grant_ends_after_start", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="grant_revoked_with_reason",
                condition=Q(revoked_at__isnull=True, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
            ),
            models.UniqueConstraint(
                fields=("user", "role", "unit"),
                condition=Q(valid_to__isnull=True, revoked_at__isnull=True),
                name="grant_one_open_for_user_role_unit",
            ),
            models.UniqueConstraint(  # empty values never equal each other, so the whole site needs its own
                fields=("user", "role"),
                condition=Q(unit__isnull=True, valid_to__isnull=True, revoked_at__isnull=True),
                name="grant_one_open_for_user_role_site",
            ),
        )

    def __str__(self) -> str:
        about = f"（{self.matter_names}）" if self.matters else ""
        return f"{self.user}：{self.place}{self.get_role_display()}{about}"

    @property
    def matter_list(self) -> list[str]:
        """The codes of its matters; none while it counts for all."""
        return self.matters.split()

    @property
    def matter_names(self) -> str:
        """The matters for which the grant counts, in words."""
        return "、".join(rules.PILLAR_NAMES.get(code, code) for code in self.matter_list) or "全部领域"

    @property
    def place(self) -> str:
        """Where the grant counts, in words."""
        return str(self.unit) if self.unit else "全站"

    @property
    def period(self) -> str:
        """The days on which the grant counts, in words."""
        return rules.period(self.valid_from, self.valid_to)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens."""

    def alive_on(self, day: date) -> ApiTokenQuerySet:
        """Keep the tokens that open the API on a day: not revoked, not run out, of an account in use."""
        return self.filter(revoked_at__isnull=True, expires_on__gte=day, user__is_active=True)


class ApiToken(models.Model):
    """A token (接口令牌) by which a program calls the API with exactly the rights of its person.

    The secret is shown once and never kept; only its SHA-256 is. `hint` is its beginning, to tell tokens apart.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens", verbose_name="人员")
    name = models.CharField("用途", max_length=60)
    hint = models.CharField("开头", max_length=12)
    sha256 = models.CharField("校验值", max_length=64, unique=True)
    created_at = models.DateTimeField("创建时间")
    expires_on = models.DateField("截止日期")
    last_used_on = models.DateField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    revoked_because = models.CharField("停用理由", max_length=200, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(name="token_has_name_and_secret", condition=~Q(name="") & ~Q(sha256="")),
            models.CheckConstraint(
                name="token_revoked_with_reason",
                condition=Q(revoked_at__isnull=True, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}：{self.name}（{self.hint}…）"


class LeadingGroup(models.Model):
    """A leading group (领导小组): posts of several units that decide together, with an office in one unit.

    It has no rights and owes nothing itself; its resolutions name the unit that does.
    """

    name = models.CharField("名称", max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="leading_groups", verbose_name="所属单位")
    office = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="group_offices",
        verbose_name="办公室设在",
        help_text="承办日常工作",
    )
    founded_on = models.DateField("成立日期")
    because = models.CharField("成立依据", max_length=200, help_text="文件名称和文号")
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    dissolved_because = models.CharField("撤销理由", max_length=200, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "领导小组"
        verbose_name_plural = "领导小组"
        ordering = ("unit__code", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "name"), condition=Q(dissolved_on__isnull=True), name="group_one_of_a_name_in_a_unit"
            ),
            models.CheckConstraint(name="group_has_name_and_ground", condition=~Q(name="") & ~Q(because="")),
            models.CheckConstraint(
                name="group_dissolved_with_reason",
                condition=Q(dissolved_on__isnull=True, dissolved_because="")
                | (Q(dissolved_on__gte=F("founded_on")) & ~Q(dissolved_because="")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def period(self) -> str:
        """The days on which the group exists, in words."""
        return rules.period(self.founded_on, self.dissolved_on)


class GroupSeat(models.Model):
    """A seat (席位) in a leading group: a post with its part. Whoever holds the post sits in the group."""

    group = models.ForeignKey(LeadingGroup, on_delete=models.PROTECT, related_name="seats", verbose_name="领导小组")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="seats", verbose_name="职务")
    part = models.CharField("分工", max_length=12, choices=[(part.value, PART_NAMES[part]) for part in Part])
    started_on = models.DateField("起始日期")
    ended_on = models.DateField("截止日期", null=True, blank=True)
    ended_because = models.CharField("退出理由", max_length=200, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "领导小组席位"
        verbose_name_plural = "领导小组席位"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("group", "post"), condition=Q(ended_on__isnull=True), name="seat_one_open_for_group_and_post"
            ),
            models.UniqueConstraint(
                fields=("group",), condition=Q(ended_on__isnull=True, part="head"), name="seat_one_head_of_a_group"
            ),
            models.CheckConstraint(name="seat_part_is_known", condition=Q(part__in=[part.value for part in Part])),
            models.CheckConstraint(
                name="seat_ended_with_reason",
                condition=Q(ended_on__isnull=True, ended_because="")
                | (Q(ended_on__gte=F("started_on")) & ~Q(ended_because="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.group}{self.get_part_display()}：{self.post}"


class GroupMeeting(AppendOnly):
    """A meeting (会议) of a leading group: the day, what it was about, who presided."""

    group = models.ForeignKey(LeadingGroup, on_delete=models.PROTECT, related_name="meetings", verbose_name="领导小组")
    number = models.PositiveIntegerField("次数")
    held_on = models.DateField("日期")
    subject = models.CharField("议题", max_length=200)
    chair = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="chaired", verbose_name="主持人职务")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=80)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "领导小组会议"
        verbose_name_plural = "领导小组会议"
        ordering = ("-held_on", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="meeting_number_is_unique_in_group"),
            models.CheckConstraint(name="meeting_says_what", condition=~Q(subject="") & ~Q(recorded_by="")),
        )

    def __str__(self) -> str:
        return f"{self.group}第 {self.number} 次会议"


class Resolution(AppendOnly):
    """A resolution (议定事项) of a meeting, numbered; one that was written wrongly is amended by a later one."""

    meeting = models.ForeignKey(GroupMeeting, on_delete=models.PROTECT, related_name="resolutions", verbose_name="会议")
    number = models.PositiveIntegerField("序号")
    text = models.CharField("议定事项", max_length=500)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name="责任单位"
    )
    due_on = models.DateField("完成时限", null=True, blank=True)
    amends = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amended_by", verbose_name="更正"
    )

    class Meta:
        """Names, order, constraints."""

        verbose_name = "议定事项"
        verbose_name_plural = "议定事项"
        ordering = ("meeting", "number")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "number"), name="resolution_number_is_unique_in_meeting"),
            models.CheckConstraint(name="resolution_says_what", condition=~Q(text="") & Q(number__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.meeting}议定事项 {self.number}"
