"""Cases, their steps, evidence and signals (问题、步骤、佐证、预警信号) as rows.

A case keeps where it stands now; what was done stands in rows of `CaseStep` that can be added, never changed; so do
the files of evidence and the signals that brought it about. The database refuses changes too: see
``migrations/0002_append_only.py``. Writes go through ``cases.actions``.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery

from heqing.cases import Deed, Mover, Procedure, State, is_overdue, procedure_on, recheck_days
from heqing_site.audit.append_only import AppendOnly
from heqing_site.cases.rules import (
    EFFECT_NAMES,
    ENDED,
    KIND_NAMES,
    MOVER_NAMES,
    OPEN,
    WITH_OWNER,
    CaseKind,
    Effect,
)
from heqing_site.ledger.models import Target
from heqing_site.library.models import received_files
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import PILLAR_NAMES
from heqing_site.places.models import Section
from heqing_site.verdicts.models import TargetVerdict

IS_OPEN = Q(state__in=[state.value for state in OPEN])


def evidence_path(evidence: CaseEvidence, file_name: str) -> str:
    """Name a file of evidence by its content; the name it came with is kept in its own column."""
    return f"cases/{evidence.sha256[:2]}/{evidence.sha256}"


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases."""

    def as_of(self, day: date) -> CaseQuerySet:
        """Keep the cases opened by a day, as each stood then: `state_then`, `due_then`, `unit_then`."""
        last = CaseStep.objects.filter(case=OuterRef("pk"), on__lte=day).order_by("-number")
        return self.annotate(
            state_then=Subquery(last.values("state")[:1]),
            due_then=Subquery(last.values("due_on")[:1]),
            unit_then=Subquery(last.values("unit")[:1]),
        ).filter(state_then__isnull=False)


class Case(models.Model):
    """A case (问题): one problem with one target or section at one place, until it is closed, and after it returns."""

    number = models.PositiveIntegerField("编号", unique=True)
    kind = models.CharField("类别", max_length=8, choices=[(kind.value, KIND_NAMES[kind]) for kind in CaseKind])
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="目标"
    )
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="断面"
    )
    verdict = models.ForeignKey(
        TargetVerdict, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="立案研判"
    )
    title = models.CharField("标题", max_length=200)
    detail = models.TextField("问题", help_text="立案时的情况")
    pillar = models.CharField(
        "领域", max_length=20, choices=list(PILLAR_NAMES.items()), blank=True, help_text="不分领域的留空"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases", verbose_name="责任单位")
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="经办人"
    )
    place_unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="cases_there",
        verbose_name="所在地",
        help_text="问题所在的镇街或区",
    )
    procedure = models.CharField("程序版本", max_length=80)
    track = models.CharField("时限类别", max_length=20)
    state = models.CharField("状态", max_length=10, choices=[(state.value, state.value) for state in State])
    opened_on = models.DateField("立案日期")
    due_on = models.DateField("本步期限", null=True, blank=True)
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    rectified_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="rectified_cases", verbose_name="整改人"
    )
    rectified_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="rectified_cases", verbose_name="整改人单位"
    )
    verified_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="verified_cases", verbose_name="核查人"
    )
    verified_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="verified_cases", verbose_name="核查单位"
    )
    closed_on = models.DateField("办结日期", null=True, blank=True)
    watch_until = models.DateField("观察期至", null=True, blank=True)
    rebounds = models.PositiveIntegerField("反弹次数", default=0)
    version = models.PositiveIntegerField("步数", help_text="最近一步的序号")
    is_invented = models.BooleanField("演示数据", default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "问题"
        verbose_name_plural = "问题"
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("state", "due_on"), name="case_state_due"),
            models.Index(fields=("unit", "state"), name="case_unit_state"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("target", "place_unit"),
                condition=Q(target__isnull=False) & IS_OPEN,
                name="case_one_open_for_target_and_place",
            ),
            models.UniqueConstraint(
                fields=("section",), condition=Q(section__isnull=False) & IS_OPEN, name="case_one_open_for_section"
            ),
            models.CheckConstraint(
                name="case_is_about_what_its_kind_says",
                condition=Q(kind=CaseKind.TARGET.value, target__isnull=False, section__isnull=True)
                | Q(kind=CaseKind.SECTION.value, target__isnull=True, section__isnull=False, verdict__isnull=True)
                | Q(kind=CaseKind.MANUAL.value, target__isnull=True, section__isnull=True, verdict__isnull=True),
            ),
            models.CheckConstraint(name="case_number_counts_from_one", condition=Q(number__gte=1, version__gte=1)),
            models.CheckConstraint(name="case_state_is_known", condition=Q(state__in=[state.value for state in State])),
            models.CheckConstraint(name="case_says_what", condition=~Q(title="") & ~Q(detail="")),
            models.CheckConstraint(
                name="case_ended_with_day_and_watch",
                condition=(IS_OPEN & Q(closed_on__isnull=True, watch_until__isnull=True, due_on__isnull=False))
                | (
                    Q(state__in=[state.value for state in ENDED], due_on__isnull=True, closed_on__isnull=False)
                    & Q(watch_until__gte=F("closed_on"), closed_on__gte=F("opened_on"))
                ),
            ),
            models.CheckConstraint(
                name="case_waits_for_verification_when_rectified",
                condition=~Q(state__in=[State.RECTIFIED.value, State.VERIFIED.value, State.CLOSED.value])
                | Q(rectified_by__isnull=False, rectified_unit__isnull=False),
            ),
            models.CheckConstraint(
                name="case_is_closed_only_when_verified",
                condition=~Q(state__in=[State.VERIFIED.value, State.CLOSED.value])
                | Q(verified_by__isnull=False, verified_unit__isnull=False),
            ),
            models.CheckConstraint(
                name="case_verified_by_another_person_and_unit",
                condition=Q(verified_by__isnull=True, verified_unit__isnull=True)
                | (
                    ~Q(verified_by=F("rectified_by"))
                    & ~Q(verified_unit=F("rectified_unit"))
                    & ~Q(verified_unit=F("unit"))
                ),
            ),
        )

    def __str__(self) -> str:
        return f"问题 {self.number}：{self.title}"[:200]

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next case."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def rules(self) -> Procedure:
        """The procedure under which it was opened."""
        return procedure_on(self.opened_on)

    @property
    def state_name(self) -> str:
        """Where it stands, in words."""
        return self.rules.states[State(self.state)].name_zh

    @property
    def light(self) -> str:
        """The light of its state."""
        return self.rules.states[State(self.state)].light

    @property
    def mover(self) -> Mover:
        """Whose move it is."""
        return self.rules.states[State(self.state)].mover

    @property
    def mover_name(self) -> str:
        """Whose move it is, in words; the responsible unit by its name."""
        return f"等{self.unit}整改" if self.mover is Mover.OWNER else MOVER_NAMES[self.mover]

    @property
    def is_open(self) -> bool:
        """Whether it is not closed nor dismissed."""
        return self.state in OPEN

    @property
    def is_with_owner(self) -> bool:
        """Whether the clock that runs is the responsible unit's own."""
        return self.state in WITH_OWNER

    @property
    def track_name(self) -> str:
        """Which deadlines it has, in words."""
        return self.rules.tracks[self.track].name_zh

    def is_overdue_on(self, day: date) -> bool:
        """Tell whether its present step is late on a day."""
        return self.is_open and is_overdue(self.due_on, day)

    def recheck_days(self) -> list[date]:
        """List the days on which it is looked at again after closing."""
        return [] if self.closed_on is None else recheck_days(self.closed_on, self.rules.rechecks)


class CaseStep(AppendOnly):
    """A step of a case (问题步骤): what was done, by whom, and where the case stood after it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps", verbose_name="问题")
    number = models.PositiveIntegerField("步次")
    deed = models.CharField("办理", max_length=10, choices=[(deed.value, deed.value) for deed in Deed])
    state = models.CharField("办理后状态", max_length=10, choices=[(state.value, state.value) for state in State])
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="case_steps", verbose_name="办理人"
    )
    by_name = models.CharField("办理人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="case_steps", verbose_name="办理单位"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="owned_steps", verbose_name="责任单位")
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_steps", verbose_name="经办人"
    )
    note = models.TextField("说明", blank=True)
    due_on = models.DateField("期限", null=True, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "问题步骤"
        verbose_name_plural = "问题步骤"
        ordering = ("case", "number")
        indexes = (models.Index(fields=("case", "on", "number"), name="step_case_on"),)
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="step_number_is_unique_in_case"),
            models.CheckConstraint(name="step_deed_is_known", condition=Q(deed__in=[deed.value for deed in Deed])),
            models.CheckConstraint(name="step_state_is_known", condition=Q(state__in=[state.value for state in State])),
            models.CheckConstraint(name="step_names_its_doer", condition=~Q(by_name="")),
            models.CheckConstraint(  # nothing closes itself: the system only opens and reopens
                name="step_of_the_system_opens_only",
                condition=Q(by__isnull=False) | Q(deed__in=[Deed.OPEN.value, Deed.REOPEN.value]),
            ),
            models.CheckConstraint(
                name="step_has_a_deadline_while_open",
                condition=Q(state__in=[state.value for state in ENDED], due_on__isnull=True)
                | (~Q(state__in=[state.value for state in ENDED]) & Q(due_on__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.case} 第 {self.number} 步"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return self.case.rules.moves[Deed(self.deed)].name_zh

    @property
    def state_name(self) -> str:
        """Where the case stood after it, in words."""
        return self.case.rules.states[State(self.state)].name_zh


class CaseEvidence(AppendOnly):
    """A file of evidence of a case (整改佐证) as received, with the step it came with."""

    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, related_name="evidence", verbose_name="步骤")
    file_name = models.CharField("文件名", max_length=255)
    media_type = models.CharField("文件类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    received = models.FileField("原件", upload_to=evidence_path, storage=received_files, max_length=200)
    added_at = models.DateTimeField("上传时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "整改佐证"
        verbose_name_plural = "整改佐证"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("step", "sha256"), name="case_evidence_stands_once_in_a_step"),
            models.CheckConstraint(
                name="case_evidence_has_its_file",
                condition=~Q(file_name="") & ~Q(media_type="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture that a page may show."""
        return self.media_type in ("image/jpeg", "image/png", "image/webp")


class CaseSignal(AppendOnly):
    """A signal (预警信号) that opened a case, attached to it, or reopened it: a red verdict or an exceeding month."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signals", verbose_name="问题")
    effect = models.CharField("作用", max_length=8, choices=[(effect.value, EFFECT_NAMES[effect]) for effect in Effect])
    day = models.DateField("研判日或月首")
    verdict = models.ForeignKey(
        TargetVerdict, on_delete=models.PROTECT, null=True, blank=True, related_name="signals", verbose_name="研判"
    )
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, null=True, blank=True, related_name="signals", verbose_name="断面"
    )
    water_class = models.CharField("水质类别", max_length=20, blank=True)
    required_class = models.CharField("目标类别", max_length=20, blank=True)
    reason = models.TextField("情况")
    at = models.DateTimeField("记录时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "预警信号"
        verbose_name_plural = "预警信号"
        ordering = ("case", "day", "pk")
        constraints = (
            models.UniqueConstraint(fields=("case", "day"), name="signal_stands_once_for_a_day"),
            models.UniqueConstraint(
                fields=("section", "day"), condition=Q(section__isnull=False), name="signal_once_for_section_and_month"
            ),
            models.CheckConstraint(
                name="signal_is_a_verdict_or_a_month",
                condition=Q(verdict__isnull=False, section__isnull=True, water_class="", required_class="")
                | (Q(verdict__isnull=True, section__isnull=False) & ~Q(water_class="") & ~Q(required_class="")),
            ),
            models.CheckConstraint(
                name="signal_effect_is_known", condition=Q(effect__in=[effect.value for effect in Effect])
            ),
            models.CheckConstraint(name="signal_says_why", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.effect_name}"

    @property
    def effect_name(self) -> str:
        """What it did, in words."""
        return EFFECT_NAMES[Effect(self.effect)]


def then(case: Case) -> tuple[State, date | None, int]:
    """Give where a case stood, its deadline and its unit on the day asked for; see `CaseQuerySet.as_of`."""
    found: Any = case
    return State(found.state_then), found.due_then, int(found.unit_then)
