"""Kinds that officers declare, entries, their steps and files (台账类别、条目、步骤、佐证) as rows.

An entry keeps how it stands now; every change of its values or state stands in a row of `EntryStep` that can be added,
never changed, and so do the versions of a declared kind. The columns `day`, `amount` and `choice` repeat the values of
the fields declared for that use, so that counts and lists are asked of the database. Writes go through
``registers.actions``.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q

from heqing.registers import Kind, State, shown_value
from heqing_site.audit.append_only import AppendOnly
from heqing_site.library.models import EvidenceFile
from heqing_site.orgs.models import Unit, User
from heqing_site.registers import kinds
from heqing_site.registers.rules import DEED_NAMES, Deed


def evidence_path(evidence: EntryFile, file_name: str) -> str:
    """Name a file by its content; the name it came with is kept in its own column."""
    return f"registers/{evidence.sha256[:2]}/{evidence.sha256}"


class RegisterKind(AppendOnly):
    """A version of a kind that an officer declared (自设台账类别); a later version never changes older entries."""

    key = models.CharField("代码", max_length=24)
    version = models.PositiveIntegerField("版本")
    name = models.CharField("名称", max_length=80)
    pillar = models.CharField("领域", max_length=12)
    tables = models.JSONField("声明", help_text="类别、字段、状态、步骤、规则、统计各表的行")
    is_retired = models.BooleanField("已停用", default=False)
    because = models.CharField("依据和理由", max_length=400)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="设置人")
    declared_at = models.DateTimeField("设置时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "自设台账类别"
        verbose_name_plural = "自设台账类别"
        ordering = ("key", "version")
        constraints = (
            models.UniqueConstraint(fields=("key", "version"), name="register_kind_version_stands_once"),
            models.CheckConstraint(
                name="register_kind_says_what",
                condition=Q(version__gte=1) & ~Q(key="") & ~Q(name="") & ~Q(because=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}（第 {self.version} 版）"

    @property
    def form(self) -> Kind:
        """The declaration."""
        return kinds.form_of_row(self.key, self.version, self.tables)


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries."""

    def standing(self) -> EntryQuerySet:
        """Keep the entries that have not ended and were not struck."""
        return self.filter(is_standing=True)


class Entry(models.Model):
    """An entry (台账条目) of a kind: one thing, whose it is, and how it stands now."""

    kind = models.CharField("台账", max_length=24)
    version = models.PositiveIntegerField("类别版本", default=0, help_text="0 为随系统发布的类别")
    number = models.PositiveIntegerField("编号")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="entries", verbose_name="所属单位")
    state = models.CharField("状态", max_length=24)
    state_since = models.DateField("本状态自")
    title = models.CharField("标题", max_length=200)
    object_key = models.CharField("对象", max_length=300, blank=True)
    values = models.JSONField("各项")
    gaps = models.JSONField("遮盖", default=dict, blank=True)
    day = models.DateField("统计日", null=True, blank=True)
    amount = models.DecimalField("数量", max_digits=18, decimal_places=6, null=True, blank=True)
    choice = models.CharField("分类", max_length=60, blank=True)
    steps_taken = models.PositiveIntegerField("步数", default=1)
    changed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人", help_text="最近登记、更正、办理的人"
    )
    changed_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人单位"
    )
    entered_on = models.DateField("登记日期")
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定人"
    )
    confirmed_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定单位"
    )
    confirmed_on = models.DateField("认定日期", null=True, blank=True)
    is_returned = models.BooleanField("已退回", default=False)
    is_struck = models.BooleanField("已作废", default=False)
    is_standing = models.BooleanField("在册", default=True, help_text="未结束、未作废")
    is_invented = models.BooleanField("演示数据", default=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "台账条目"
        verbose_name_plural = "台账条目"
        ordering = ("kind", "-number")
        indexes = (
            models.Index(fields=("kind", "state", "-number"), name="entry_kind_state"),
            models.Index(fields=("kind", "unit", "-number"), name="entry_kind_unit"),
            models.Index(fields=("kind", "day"), name="entry_kind_day"),
        )
        constraints = (
            models.UniqueConstraint(fields=("kind", "number"), name="entry_number_is_unique_in_kind"),
            models.UniqueConstraint(
                fields=("kind", "object_key"),
                condition=Q(is_standing=True) & ~Q(object_key=""),
                name="entry_object_stands_once_in_kind",
            ),
            models.CheckConstraint(
                name="entry_says_what", condition=Q(number__gte=1, steps_taken__gte=1) & ~Q(title="") & ~Q(state="")
            ),
            models.CheckConstraint(
                name="entry_confirmed_by_somebody_on_a_day",
                condition=Q(confirmed_by__isnull=True, confirmed_unit__isnull=True, confirmed_on__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_unit__isnull=False, confirmed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="entry_confirmed_by_another_unit",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_unit=F("unit")),
            ),
            models.CheckConstraint(
                name="entry_struck_stands_no_more", condition=Q(is_struck=False) | Q(is_standing=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.form.name_zh} {self.number}：{self.title}"[:200]

    @classmethod
    def next_number(cls, kind: str) -> int:
        """Give the number of the next entry of a kind."""
        return int(cls.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def form(self) -> Kind:
        """The declaration under which it was entered."""
        return kinds.form_of(self.kind, self.version, self.entered_on)

    @property
    def state_form(self) -> State:
        """Its state as declared."""
        return self.form.state(self.state)

    @property
    def state_name(self) -> str:
        """How it stands, in words."""
        return "已作废" if self.is_struck else self.state_form.name_zh

    @property
    def light(self) -> str:
        """The sign beside the state: counted, still on its way, or ended."""
        if self.is_struck or (self.state_form.is_end and not self.state_form.counts):
            return "grey"
        return "green" if self.counts_now else "yellow"

    @property
    def is_confirmed(self) -> bool:
        """Whether another unit confirmed it as it stands."""
        return self.confirmed_by_id is not None

    @property
    def waits_for_confirmation(self) -> bool:
        """Whether it counts only after another unit confirmed it, and nobody did."""
        return self.form.needs_confirmation and not self.is_confirmed and not self.is_struck

    @property
    def counts_now(self) -> bool:
        """Whether its state counts, and it is confirmed where that is asked for."""
        return not self.is_struck and self.state_form.counts and not self.waits_for_confirmation

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The declared fields with their values in words, those that are known."""
        return shown(self.form, self.values, self.gaps)


def shown(form: Kind, values: dict[str, Any], gaps: dict[str, str]) -> list[tuple[str, str]]:
    """List the fields of a declaration with their values in words, those that are known."""
    told = [
        (field.name_zh, shown_value(field, values.get(field.key), gaps.get(field.key, ""))) for field in form.fields
    ]
    return [(name, said) for name, said in told if said]


def newest_steps(kind: str, day: date) -> models.QuerySet[Any]:
    """Select of each entry of a kind the last step up to a day: how the register stood then.

    When nothing was done after the day, that is the step which the entry itself counts last, which is found quicker.
    """
    found: Any = EntryStep.objects.filter(kind=kind)
    if not found.filter(on__gt=day).exists():
        return cast(models.QuerySet[Any], found.filter(number=F("entry__steps_taken")))
    later = EntryStep.objects.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"), on__lte=day)
    return cast(models.QuerySet[Any], found.filter(~Exists(later), on__lte=day))


class EntryStep(AppendOnly):
    """A step of an entry (步骤): what was done, by whom, why, and how the entry stood after it, whole."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="steps", verbose_name="条目")
    kind = models.CharField("台账", max_length=24)
    number = models.PositiveIntegerField("步次")
    deed = models.CharField("办理", max_length=8, choices=[(deed.value, DEED_NAMES[deed]) for deed in Deed])
    move = models.CharField("步骤", max_length=24, blank=True)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理单位"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="所属单位")
    state = models.CharField("办理后状态", max_length=24)
    values = models.JSONField("各项")
    gaps = models.JSONField("遮盖", default=dict, blank=True)
    day = models.DateField("统计日", null=True, blank=True)
    amount = models.DecimalField("数量", max_digits=18, decimal_places=6, null=True, blank=True)
    choice = models.CharField("分类", max_length=60, blank=True)
    is_confirmed = models.BooleanField("已认定", default=False)
    is_struck = models.BooleanField("已作废", default=False)
    note = models.TextField("说明", blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "台账步骤"
        verbose_name_plural = "台账步骤"
        ordering = ("entry", "number")
        indexes = (
            models.Index(fields=("entry", "on", "number"), name="entry_step_on"),
            models.Index(fields=("kind", "state", "day"), name="entry_step_counted"),
            models.Index(fields=("kind", "on"), name="entry_step_kind_on"),
        )
        constraints = (
            models.UniqueConstraint(fields=("entry", "number"), name="entry_step_number_is_unique"),
            models.CheckConstraint(
                name="entry_step_deed_is_known", condition=Q(deed__in=[deed.value for deed in Deed])
            ),
            models.CheckConstraint(name="entry_step_names_its_doer", condition=~Q(by_name="")),
            models.CheckConstraint(
                name="entry_step_names_its_move",
                condition=(Q(deed=Deed.MOVE.value) & ~Q(move="")) | (~Q(deed=Deed.MOVE.value) & Q(move="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry} 第 {self.number} 步"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        move = self.entry.form.move(self.move) if self.move else None
        return DEED_NAMES[Deed(self.deed)] if move is None else move.name_zh

    @property
    def state_name(self) -> str:
        """How the entry stood after it, in words."""
        return "已作废" if self.is_struck else self.entry.form.state(self.state).name_zh


class EntryFile(EvidenceFile):
    """A file of an entry (台账佐证) as received, with the step it came with."""

    step = models.ForeignKey(EntryStep, on_delete=models.PROTECT, related_name="files", verbose_name="步骤")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "台账佐证"
        verbose_name_plural = "台账佐证"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("step", "sha256"), name="entry_file_stands_once_in_a_step"),
            models.CheckConstraint(
                name="entry_file_has_its_file",
                condition=~Q(file_name="") & ~Q(media_type="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture that a page may show."""
        return self.media_type in ("image/jpeg", "image/png", "image/webp")
