"""Reports, their versions, evidence and closed periods (填报、版本、佐证、关账) as rows.

A report is only an identity: one target, one period. What was reported stands in rows of `ReportEntry` that can be
added, never changed; so do the files of evidence. The database refuses changes too: see
``migrations/0002_append_only.py``. Writes go through ``reporting.actions``.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Target
from heqing_site.library.models import received_files
from heqing_site.library.rules import VALUE_DIGITS, VALUE_PLACES, plain
from heqing_site.orgs.models import Unit, User
from heqing_site.reporting.rules import (
    DECIDED,
    DEED_NAMES,
    LEADS_TO,
    LIGHTS,
    STATE_NAMES,
    WITH_REASON,
    Deed,
    Kind,
    Period,
    State,
)


def evidence_path(evidence: Evidence, file_name: str) -> str:
    """Name a file of evidence by its content; the name it came with is kept in its own column."""
    return f"reporting/{evidence.sha256[:2]}/{evidence.sha256}"


class Report(models.Model):
    """A report (填报): the value of one target for one period; its versions tell what was reported."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="reports", verbose_name="目标")
    period_start = models.DateField("期初")
    period_end = models.DateField("期末")
    period_kind = models.CharField("期别", max_length=8, choices=[(kind.value, kind.value) for kind in Kind])

    class Meta:
        """Names, order, constraints."""

        verbose_name = "填报"
        verbose_name_plural = "填报"
        ordering = ("target", "period_end")
        constraints = (
            models.UniqueConstraint(
                fields=("target", "period_start", "period_end"), name="report_of_a_period_stands_once"
            ),
            models.CheckConstraint(name="report_ends_after_start", condition=Q(period_end__gte=F("period_start"))),
            models.CheckConstraint(
                name="report_period_kind_is_known", condition=Q(period_kind__in=[kind.value for kind in Kind])
            ),
        )

    def __str__(self) -> str:
        return f"{self.target} {self.period.name}"

    @property
    def period(self) -> Period:
        """The period it speaks of."""
        return Period(self.period_start, self.period_end, Kind(self.period_kind))


class ReportEntry(AppendOnly):
    """A version of a report (填报版本). Each row is whole: value, who entered it, and who decided on it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="entries", verbose_name="填报")
    number = models.PositiveIntegerField("版次")
    deed = models.CharField("办理", max_length=8, choices=[(deed.value, DEED_NAMES[deed]) for deed in Deed])
    state = models.CharField("状态", max_length=10, choices=[(state.value, STATE_NAMES[state]) for state in State])
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="report_entries", verbose_name="填报单位")
    value = models.DecimalField("数值", max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES, null=True, blank=True)
    done = models.BooleanField("是否办结", null=True, blank=True)
    value_date = models.DateField("数值日期", null=True, blank=True)
    note = models.TextField("说明", blank=True)
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="entered_reports", verbose_name="填报人"
    )
    entered_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="entered_reports", verbose_name="填报人单位"
    )
    entered_at = models.DateTimeField("填报时间")
    submitted_at = models.DateTimeField("首次提交时间", null=True, blank=True)
    checked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="checked_reports", verbose_name="审核人"
    )
    checked_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="checked_reports", verbose_name="审核单位"
    )
    checked_at = models.DateTimeField("审核时间", null=True, blank=True)
    because = models.TextField("理由", blank=True)
    recorded_at = models.DateTimeField("记录时间")
    recorded_by_id = models.CharField("记录人编号", max_length=40)
    recorded_by = models.CharField("记录人", max_length=80)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "填报版本"
        verbose_name_plural = "填报版本"
        ordering = ("report", "number")
        indexes = (models.Index(fields=("state", "unit"), name="entry_state_unit"),)
        constraints = (
            models.UniqueConstraint(fields=("report", "number"), name="entry_number_is_unique_in_report"),
            models.CheckConstraint(name="entry_number_counts_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="entry_state_follows_from_its_deed",
                condition=Q(
                    *[Q(deed=deed.value, state=state.value) for deed, state in LEADS_TO.items()], _connector=Q.OR
                ),
            ),
            models.CheckConstraint(
                name="entry_says_a_value_or_a_deed", condition=Q(value__isnull=True) | Q(done__isnull=True)
            ),
            models.CheckConstraint(
                name="entry_submitted_is_whole",
                condition=Q(state__in=[State.DRAFT.value, State.WITHDRAWN.value])
                | (
                    (Q(value__isnull=False) | Q(done__isnull=False))
                    & Q(value_date__isnull=False)
                    & Q(submitted_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="entry_decided_by_person_unit_and_moment",
                condition=Q(
                    state__in=[state.value for state in DECIDED],
                    checked_by__isnull=False,
                    checked_unit__isnull=False,
                    checked_at__isnull=False,
                )
                | (
                    ~Q(state__in=[state.value for state in DECIDED])
                    & Q(checked_by__isnull=True, checked_unit__isnull=True, checked_at__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="entry_checked_by_another_unit",
                condition=Q(checked_unit__isnull=True)
                | (~Q(checked_unit=F("entered_unit")) & ~Q(checked_unit=F("unit")) & ~Q(checked_by=F("entered_by"))),
            ),
            models.CheckConstraint(
                name="entry_returned_or_corrected_with_reason",
                condition=~Q(deed__in=[deed.value for deed in WITH_REASON]) | ~Q(because=""),
            ),
            models.CheckConstraint(name="entry_names_its_recorder", condition=~Q(recorded_by="")),
        )

    def __str__(self) -> str:
        return f"{self.report} 第 {self.number} 版"

    @property
    def is_decided(self) -> bool:
        """Whether a checker decided on it."""
        return self.state in DECIDED

    @property
    def value_plain(self) -> str:
        """The number without the zeros that its column adds; empty when there is none."""
        return "" if self.value is None else plain(self.value)

    @property
    def said(self) -> str:
        """What was reported, in words: a number, 已办结 or 未办结."""
        if self.done is not None:
            return "已办结" if self.done else "未办结"
        return self.value_plain

    @property
    def light(self) -> str:
        """The light of its state."""
        return LIGHTS[State(self.state)]

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return DEED_NAMES[Deed(self.deed)]


class Evidence(AppendOnly):
    """A file of evidence (佐证) as received, with the version it came with; it stays with all later versions."""

    entry = models.ForeignKey(ReportEntry, on_delete=models.PROTECT, related_name="evidence", verbose_name="填报版本")
    file_name = models.CharField("文件名", max_length=255)
    media_type = models.CharField("文件类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    received = models.FileField("原件", upload_to=evidence_path, storage=received_files, max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evidence", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "佐证"
        verbose_name_plural = "佐证"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("entry", "sha256"), name="evidence_stands_once_in_a_version"),
            models.CheckConstraint(
                name="evidence_has_its_file",
                condition=~Q(file_name="") & ~Q(media_type="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Closed periods."""

    def standing(self) -> ClosingQuerySet:
        """Keep those that were not reopened."""
        return self.filter(reopened_at__isnull=True)


class Closing(models.Model):
    """A closed period (关账): nothing is entered for it by a unit and all below it, until it is reopened with a reason.

    It counts for every period that ends on its day, be it a month, a quarter, a year or the span of a target.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="closings", verbose_name="单位")
    period_start = models.DateField("期初")
    period_end = models.DateField("期末")
    closed_at = models.DateTimeField("关账时间")
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="closings", verbose_name="关账人")
    because = models.CharField("说明", max_length=200, blank=True)
    reopened_at = models.DateTimeField("重开时间", null=True, blank=True)
    reopened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="reopenings", verbose_name="重开人"
    )
    reopened_because = models.CharField("重开理由", max_length=200, blank=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "关账"
        verbose_name_plural = "关账"
        ordering = ("-period_end", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "period_end"),
                condition=Q(reopened_at__isnull=True),
                name="closing_of_a_period_stands_once",
            ),
            models.CheckConstraint(name="closing_ends_after_start", condition=Q(period_end__gte=F("period_start"))),
            models.CheckConstraint(
                name="closing_reopened_by_person_with_reason",
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopened_because="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopened_because="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.period.name}"

    @property
    def period(self) -> Period:
        """The month that was closed."""
        return Period(self.period_start, self.period_end, Kind.MONTH)

    def covers(self, day: date) -> bool:
        """Tell whether a period that ends on a day is closed by it."""
        return self.reopened_at is None and self.period_start <= day <= self.period_end
