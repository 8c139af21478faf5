"""Bulletins, their versions, steps and issued files (通报、稿次、办理、印发件) as rows.

A bulletin is an identity with a state. What it says stands in versions, who did what in steps, and what was issued in
one row with the very bytes of the file; these three can be added, never changed: the database refuses too, see
``migrations/0002_append_only.py``. Writes go through ``publishing.actions``.
"""

from __future__ import annotations

from functools import cached_property

from django.db import models
from django.db.models import F, Q

from heqing_site.audit.append_only import AppendOnly
from heqing_site.library.models import received_files
from heqing_site.official import mark
from heqing_site.orgs.models import Unit, User
from heqing_site.publishing.rules import (
    DEED_NAMES,
    KIND_NAMES,
    STATE_LIGHTS,
    STATE_NAMES,
    Content,
    Deed,
    Kind,
    State,
)
from heqing_site.reporting.rules import Kind as PeriodKind
from heqing_site.reporting.rules import Period


def issued_path(issue: BulletinIssue, file_name: str) -> str:
    """Name an issued file by its content; the name it is handed out with is kept in its own column."""
    return f"publishing/{issue.sha256[:2]}/{issue.sha256}"


class Bulletin(models.Model):
    """A bulletin (通报) of a unit for a month, or a notice that corrects one."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bulletins", verbose_name="单位")
    kind = models.CharField("类别", max_length=12, choices=[(kind.value, KIND_NAMES[kind]) for kind in Kind])
    month_start = models.DateField("月初")
    month_end = models.DateField("月末")
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="更正对象"
    )
    state = models.CharField("状态", max_length=12, choices=[(state.value, STATE_NAMES[state]) for state in State])
    turn = models.PositiveIntegerField("办理次数", help_text="每办理一步加一，用来发现两个人同时办理")
    title = models.CharField("标题", max_length=200)
    is_invented = models.BooleanField("演示数据", default=False)
    opened_at = models.DateTimeField("拟稿时间")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bulletins", verbose_name="拟稿人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "通报"
        verbose_name_plural = "通报"
        ordering = ("-month_start", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "month_start"),
                condition=Q(kind=Kind.MONTHLY.value),
                name="bulletin_of_a_month_stands_once",
            ),
            models.CheckConstraint(
                name="bulletin_state_is_known", condition=Q(state__in=[state.value for state in State])
            ),
            models.CheckConstraint(
                name="bulletin_correction_names_what_it_corrects",
                condition=Q(kind=Kind.MONTHLY.value, corrects__isnull=True)
                | Q(kind=Kind.CORRECTION.value, corrects__isnull=False),
            ),
            models.CheckConstraint(name="bulletin_month_ends_after_start", condition=Q(month_end__gt=F("month_start"))),
            models.CheckConstraint(name="bulletin_has_title_and_turn", condition=~Q(title="") & Q(turn__gte=1)),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def month(self) -> Period:
        """The month it speaks of."""
        return Period(self.month_start, self.month_end, PeriodKind.MONTH)

    @property
    def state_name(self) -> str:
        """The state in words."""
        return STATE_NAMES[State(self.state)]

    @property
    def light(self) -> str:
        """The light of its state."""
        return STATE_LIGHTS[State(self.state)]

    @property
    def is_issued(self) -> bool:
        """Whether it was issued."""
        return self.state == State.ISSUED


class BulletinVersion(AppendOnly):
    """A version of a bulletin (稿次): words, figures with their sources, and the days they speak of."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="versions", verbose_name="通报")
    number = models.PositiveIntegerField("稿次")
    as_of = models.DateField("数据截止日")
    told_on = models.DateField("报送情况截止日")
    said = models.JSONField("内容")
    editions = models.JSONField("所依标准、方案", default=list)
    made_at = models.DateTimeField("成稿时间")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bulletin_versions", verbose_name="成稿人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "稿次"
        verbose_name_plural = "稿次"
        ordering = ("bulletin", "number")
        constraints = (
            models.UniqueConstraint(fields=("bulletin", "number"), name="bulletin_version_number_is_unique"),
            models.CheckConstraint(name="bulletin_version_counts_from_one", condition=Q(number__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.bulletin} 第 {self.number} 稿"

    @cached_property
    def content(self) -> Content:
        """What it says."""
        return Content.from_json(self.said)


class BulletinStep(AppendOnly):
    """A step of a bulletin (办理): who did what to which version, in which post, and why."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="steps", verbose_name="通报")
    number = models.PositiveIntegerField("序号")
    version = models.ForeignKey(BulletinVersion, on_delete=models.PROTECT, related_name="steps", verbose_name="稿次")
    deed = models.CharField("办理", max_length=8, choices=[(deed.value, DEED_NAMES[deed]) for deed in Deed])
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bulletin_steps", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=80)
    post_title = models.CharField("职务", max_length=160, blank=True)
    at = models.DateTimeField("办理时间")
    because = models.TextField("理由", blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "通报办理"
        verbose_name_plural = "通报办理"
        ordering = ("bulletin", "number")
        constraints = (
            models.UniqueConstraint(fields=("bulletin", "number"), name="bulletin_step_number_is_unique"),
            models.CheckConstraint(
                name="bulletin_step_deed_is_known", condition=Q(deed__in=[deed.value for deed in Deed])
            ),
            models.CheckConstraint(
                name="bulletin_returned_with_reason", condition=~Q(deed=Deed.RETURN.value) | ~Q(because="")
            ),
            models.CheckConstraint(name="bulletin_step_names_its_doer", condition=~Q(by_name="")),
        )

    def __str__(self) -> str:
        return f"{self.bulletin} {self.deed_name}"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return DEED_NAMES[Deed(self.deed)]


class BulletinIssue(AppendOnly):
    """An issued bulletin (印发件): number, version, approver, as-of day and the very file, frozen."""

    bulletin = models.OneToOneField(Bulletin, on_delete=models.PROTECT, related_name="issue", verbose_name="通报")
    version = models.OneToOneField(BulletinVersion, on_delete=models.PROTECT, related_name="issue", verbose_name="稿次")
    mark = models.CharField("机关代字", max_length=20)
    year = models.PositiveIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    as_of = models.DateField("数据截止日")
    issued_at = models.DateTimeField("印发时间")
    issued_on = models.DateField("印发日期")
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="issued_bulletins", verbose_name="印发人"
    )
    issued_post = models.CharField("印发人职务", max_length=160, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="approved_bulletins", verbose_name="审签人"
    )
    approved_post = models.CharField("审签人职务", max_length=160, blank=True)
    approved_at = models.DateTimeField("审签时间")
    file_name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    received = models.FileField("印发件", upload_to=issued_path, storage=received_files, max_length=200)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "印发件"
        verbose_name_plural = "印发件"
        ordering = ("-year", "-serial")
        constraints = (
            models.UniqueConstraint(fields=("mark", "year", "serial"), name="bulletin_number_is_never_used_twice"),
            models.CheckConstraint(name="bulletin_serial_counts_from_one", condition=Q(serial__gte=1)),
            models.CheckConstraint(
                name="bulletin_issue_has_its_file",
                condition=~Q(mark="") & ~Q(file_name="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number (发文字号) as it is printed."""
        return mark("document_number", mark=self.mark, year=self.year, serial=self.serial)
