"""Task lists, works and what is kept of them (清单、任务与项目) as rows.

A work keeps where it stands now, so that lists read one table: stage, light, percent, days. What was promised stands in
`WorkTerms`, what was done in `WorkStep`, what it showed in `WorkSignal`; these rows are added, never changed, and the
database refuses changes too. Slips, progress and contributions: ``works.records``. Writes go through ``works.actions``,
``works.progress`` and ``works.slips``.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery

from heqing.tables import explain
from heqing.works import Kind, list_kinds
from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Target
from heqing_site.library.models import Document
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.places.models import Enterprise, River, Section
from heqing_site.works.rules import DEED_NAMES, KIND_NAMES, PART_NAMES, STATE_NAMES, Deed, Part, State

PILLARS = list(PILLAR_NAMES.items())
KINDS = [(kind.value, name) for kind, name in KIND_NAMES.items()]
STATES = [(state.value, name) for state, name in STATE_NAMES.items()]
DEEDS = [(deed.value, name) for deed, name in DEED_NAMES.items()]
PARTS = [(part.value, name) for part, name in PART_NAMES.items()]


class TaskList(models.Model):
    """A task list (清单): where its works come from, which unit issues it, for which year; one that ended is closed."""

    number = models.PositiveIntegerField("编号", unique=True)
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=16)
    year = models.PositiveIntegerField("年度")
    issuer = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="task_lists", verbose_name="制发单位")
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="task_lists", verbose_name="来源文件"
    )
    source = models.CharField("来源", max_length=200, blank=True, help_text="文件名称和文号、目标任务书或会议")
    opened_on = models.DateField("制发日期")
    version = models.PositiveIntegerField("版次", default=1)
    closed_on = models.DateField("关闭日期", null=True, blank=True)
    closed_because = models.CharField("关闭理由", max_length=200, blank=True)
    is_invented = models.BooleanField("演示数据", default=False)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "清单"
        verbose_name_plural = "清单"
        ordering = ("-year", "number")
        constraints = (
            models.UniqueConstraint(fields=("name", "year", "issuer"), name="task_list_is_unique_in_year"),
            models.CheckConstraint(name="task_list_has_name", condition=~Q(name="") & ~Q(kind="")),
            models.CheckConstraint(name="task_list_counts_from_one", condition=Q(number__gte=1, version__gte=1)),
            models.CheckConstraint(
                name="task_list_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_because="")
                | (Q(closed_on__isnull=False) & ~Q(closed_because="")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next list."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def kind_name(self) -> str:
        """Its kind in words."""
        return list_kinds().get(self.kind, self.kind)


class ListIssue(AppendOnly):
    """A version of a task list (版次) as it was issued: the lines of that day."""

    task_list = models.ForeignKey(TaskList, on_delete=models.PROTECT, related_name="issues", verbose_name="清单")
    number = models.PositiveIntegerField("版次")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by_name = models.CharField("办理人姓名", max_length=80)
    because = models.CharField("说明", max_length=200)
    lines = models.JSONField("清单内容", default=list)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "清单版次"
        verbose_name_plural = "清单版次"
        ordering = ("task_list", "number")
        constraints = (
            models.UniqueConstraint(fields=("task_list", "number"), name="list_issue_number_is_unique"),
            models.CheckConstraint(name="list_issue_says_who_and_why", condition=~Q(by_name="") & ~Q(because="")),
        )

    def __str__(self) -> str:
        return f"{self.task_list} 第 {self.number} 版"


class WorkFacts(models.Model):
    """What is promised of a work: what, by whom, until when, where, for how much. Money in 万元."""

    title = models.CharField("名称", max_length=200)
    requirement = models.TextField("具体要求", blank=True)
    pillar = models.CharField("领域", max_length=20, choices=PILLARS)
    is_important = models.BooleanField("重要事项", default=False, help_text="督办单可从较高一级开始")
    lead_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="牵头单位")
    principal = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主要领导（负总责）"
    )
    leader = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分管领导（具体抓）"
    )
    acting_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办单位（有人干）"
    )
    actor = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办岗位"
    )
    checker_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查单位（有人问）"
    )
    planned_start = models.DateField("计划开工", null=True, blank=True)
    planned_finish = models.DateField("计划完成", null=True, blank=True)
    place_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在地"
    )
    river = models.ForeignKey(
        River, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="河流"
    )
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="断面"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="企业"
    )
    lon = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    money = models.DecimalField("计划投资（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    money_by_fund = models.JSONField("资金来源", default=dict, blank=True)

    FACTS = (
        "title", "requirement", "pillar", "is_important", "lead_unit", "principal", "leader", "acting_unit", "actor",
        "checker_unit", "planned_start", "planned_finish", "place_unit", "river", "section", "enterprise", "lon", "lat",
        "money", "money_by_fund",
    )  # fmt: skip

    class Meta:
        """No table of its own."""

        abstract = True

    @property
    def pillar_name(self) -> str:
        """The pillar in words."""
        return PILLAR_NAMES.get(self.pillar, self.pillar)


class WorkQuerySet(models.QuerySet["Work"]):
    """Works."""

    def as_of(self, day: date) -> WorkQuerySet:
        """Keep the works that were listed by a day, as each stood then: `state_then`, `stage_then`, `terms_then`."""
        last = WorkStep.objects.filter(work=OuterRef("pk"), on__lte=day).order_by("-number")
        return self.annotate(
            state_then=Subquery(last.values("state")[:1]),
            stage_then=Subquery(last.values("stage")[:1]),
            terms_then=Subquery(last.values("terms_number")[:1]),
        ).filter(state_then__isnull=False)


class Work(WorkFacts):
    """A work (任务、项目) as it stands now; the columns after the facts are kept by the actions."""

    number = models.PositiveIntegerField("编号", unique=True)
    task_list = models.ForeignKey(TaskList, on_delete=models.PROTECT, related_name="works", verbose_name="清单")
    item = models.CharField("序号", max_length=20)
    kind = models.CharField("类别", max_length=8, choices=KINDS)
    pipeline = models.CharField("阶段流程", max_length=40)
    state = models.CharField("状态", max_length=8, choices=STATES)
    stage = models.CharField("阶段", max_length=40, blank=True)
    stage_name = models.CharField("阶段名称", max_length=60, blank=True)
    stage_since = models.DateField("本阶段起始", null=True, blank=True)
    stage_due = models.DateField("本阶段期限", null=True, blank=True)
    light = models.CharField("灯", max_length=8, default="grey")
    reason = models.CharField("亮灯理由", max_length=200, blank=True)
    percent = models.DecimalField("完成百分比", max_digits=5, decimal_places=1, default=0)
    planned_now = models.DecimalField("序时百分比", max_digits=5, decimal_places=1, null=True, blank=True)
    told = models.DecimalField("填报百分比", max_digits=5, decimal_places=1, null=True, blank=True)
    checked = models.DecimalField("核定百分比", max_digits=5, decimal_places=1, null=True, blank=True)
    outlook = models.CharField("研判", max_length=8, default="normal")
    paid = models.DecimalField("已完成投资（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    started_on = models.DateField("实际开工", null=True, blank=True)
    entered_on = models.DateField("实际入库", null=True, blank=True)
    finished_on = models.DateField("实际完成", null=True, blank=True)
    activated_on = models.DateField("启动日期", null=True, blank=True)
    asked_finish = models.DateField("申请延期至", null=True, blank=True)
    reported_through = models.DateField("已报月份", null=True, blank=True, help_text="最近一次填报的月首")
    checked_through = models.DateField("已核月份", null=True, blank=True, help_text="最近一次核定的月首")
    measured_on = models.DateField("序时所至", null=True, blank=True, help_text="与填报所至的月末比较")
    waits_for_check = models.BooleanField("有填报待核", default=False)
    slip = models.CharField("在办督办单", max_length=8, blank=True, help_text="颜色；空为没有")
    terms_number = models.PositiveIntegerField("条款版次", default=1)
    version = models.PositiveIntegerField("步数", default=1)
    judged_on = models.DateField("研判日", null=True, blank=True)
    is_invented = models.BooleanField("演示数据", default=False)

    objects = WorkQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "任务与项目"
        verbose_name_plural = "任务与项目"
        ordering = ("task_list", "number")
        indexes = (
            models.Index(fields=("state", "light", "planned_finish"), name="work_state_light"),
            models.Index(fields=("lead_unit", "state", "planned_finish"), name="work_lead_state"),
            models.Index(fields=("acting_unit", "state", "planned_finish"), name="work_acting_state"),
            models.Index(fields=("checker_unit", "state", "waits_for_check"), name="work_checker_state"),
            models.Index(fields=("task_list", "state", "planned_start"), name="work_list_state"),
            models.Index(fields=("state", "planned_finish"), name="work_state_finish"),
            models.Index(fields=("pillar", "state"), name="work_pillar_state"),
            models.Index(fields=("state", "stage_name"), name="work_state_stage"),
            models.Index(fields=("asked_finish",), name="work_asked", condition=Q(asked_finish__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(fields=("task_list", "item"), name="work_item_is_unique_in_list"),
            models.CheckConstraint(name="work_counts_from_one", condition=Q(number__gte=1, version__gte=1)),
            models.CheckConstraint(name="work_says_what", condition=~Q(title="") & ~Q(item="") & ~Q(pipeline="")),
            models.CheckConstraint(name="work_kind_is_known", condition=Q(kind__in=[kind for kind, _ in KINDS])),
            models.CheckConstraint(name="work_state_is_known", condition=Q(state__in=[state for state, _ in STATES])),
            models.CheckConstraint(
                name="work_in_hand_has_all_its_people",
                condition=~Q(state=State.ACTIVE.value)
                | Q(
                    principal__isnull=False, leader__isnull=False, acting_unit__isnull=False,
                    checker_unit__isnull=False, planned_start__isnull=False, planned_finish__isnull=False,
                )
                & ~Q(stage=""),
            ),
            models.CheckConstraint(
                name="work_is_checked_by_another_unit",
                condition=Q(checker_unit__isnull=True)
                | (~Q(checker_unit=F("lead_unit")) & (Q(acting_unit__isnull=True) | ~Q(checker_unit=F("acting_unit")))),
            ),
            models.CheckConstraint(
                name="work_finishes_after_start",
                condition=Q(planned_start__isnull=True)
                | Q(planned_finish__isnull=True)
                | Q(planned_finish__gte=F("planned_start")),
            ),
            models.CheckConstraint(
                name="work_done_has_its_day",
                condition=Q(state=State.DONE.value, finished_on__isnull=False) | ~Q(state=State.DONE.value),
            ),
            models.CheckConstraint(
                name="work_percent_is_a_percentage", condition=Q(percent__gte=0, percent__lte=100)
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}：{self.title}"[:200]

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next work."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def kind_name(self) -> str:
        """Task or project, in words."""
        return KIND_NAMES[Kind(self.kind)]

    @property
    def state_name(self) -> str:
        """Where it stands as a whole, in words."""
        return STATE_NAMES[State(self.state)]

    @property
    def standing(self) -> str:
        """Where it stands, in words: its stage while it is in hand."""
        return self.stage_name if self.state == State.ACTIVE else self.state_name

    @property
    def shown_light(self) -> str:
        """The light as lists show it; a work that is not in hand has none of its own."""
        return self.light if self.state in (State.ACTIVE, State.DONE) else "grey"

    @property
    def behind(self) -> str:
        """The reason of its light in words."""
        return explain(self.reason)

    @property
    def is_in_hand(self) -> bool:
        """Whether it was begun and has not ended."""
        return self.state == State.ACTIVE


class WorkTerms(WorkFacts, AppendOnly):
    """The terms of a work (条款) from a day on: whole in itself; nothing is overwritten."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="terms", verbose_name="任务与项目")
    number = models.PositiveIntegerField("版次")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by_name = models.CharField("办理人姓名", max_length=80)
    because = models.CharField("理由", max_length=500)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "任务条款"
        verbose_name_plural = "任务条款"
        ordering = ("work", "number")
        constraints = (
            models.UniqueConstraint(fields=("work", "number"), name="work_terms_number_is_unique"),
            models.CheckConstraint(name="work_terms_say_who_and_why", condition=~Q(by_name="") & ~Q(because="")),
        )

    def __str__(self) -> str:
        return f"{self.work} 条款 {self.number}"


class WorkPart(AppendOnly):
    """A unit that supports a work (配合、协助单位), as the terms of a number say."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="parts", verbose_name="任务与项目")
    terms_number = models.PositiveIntegerField("条款版次")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="work_parts", verbose_name="单位")
    part = models.CharField("分工", max_length=8, choices=PARTS)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "配合单位"
        verbose_name_plural = "配合单位"
        ordering = ("work", "terms_number", "pk")
        constraints = (
            models.UniqueConstraint(fields=("work", "terms_number", "unit"), name="work_part_stands_once"),
            models.CheckConstraint(name="work_part_is_known", condition=Q(part__in=[part for part, _ in PARTS])),
        )

    def __str__(self) -> str:
        return f"{self.unit}（{self.part_name}）"

    @property
    def part_name(self) -> str:
        """The part in words."""
        return PART_NAMES[Part(self.part)]


class WorkTarget(AppendOnly):
    """A target that a work serves (对应目标), as the terms of a number say."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="links", verbose_name="任务与项目")
    terms_number = models.PositiveIntegerField("条款版次")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="work_links", verbose_name="目标")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "对应目标"
        verbose_name_plural = "对应目标"
        ordering = ("work", "terms_number", "pk")
        constraints = (
            models.UniqueConstraint(fields=("work", "terms_number", "target"), name="work_target_stands_once"),
        )

    def __str__(self) -> str:
        return f"{self.work} → {self.target}"


class WorkStep(AppendOnly):
    """A step of a work (步骤): what was done, by whom, and where the work stood after it."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="steps", verbose_name="任务与项目")
    number = models.PositiveIntegerField("步次")
    deed = models.CharField("办理", max_length=10, choices=DEEDS)
    state = models.CharField("办理后状态", max_length=8, choices=STATES)
    stage = models.CharField("办理后阶段", max_length=40, blank=True)
    stage_name = models.CharField("阶段名称", max_length=60, blank=True)
    left = models.CharField("所离阶段", max_length=40, blank=True)
    terms_number = models.PositiveIntegerField("条款版次")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="work_steps", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="work_steps", verbose_name="办理单位"
    )
    note = models.TextField("说明", blank=True)
    new_finish = models.DateField("新的完成日", null=True, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "任务步骤"
        verbose_name_plural = "任务步骤"
        ordering = ("work", "number")
        indexes = (models.Index(fields=("work", "on", "number"), name="work_step_on"),)
        constraints = (
            models.UniqueConstraint(fields=("work", "number"), name="work_step_number_is_unique"),
            models.CheckConstraint(name="work_step_deed_is_known", condition=Q(deed__in=[deed for deed, _ in DEEDS])),
            models.CheckConstraint(name="work_step_names_its_doer", condition=~Q(by_name="")),
        )

    def __str__(self) -> str:
        return f"{self.work} 第 {self.number} 步"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return DEED_NAMES[Deed(self.deed)]


class WorkSignal(AppendOnly):
    """The light of a work from a day on (亮灯记录): by which scheme, and why; a new row where it changed."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="signals", verbose_name="任务与项目")
    day = models.DateField("日期")
    light = models.CharField("灯", max_length=8)
    reason = models.CharField("理由", max_length=200, blank=True)
    planned = models.DecimalField("序时百分比", max_digits=5, decimal_places=1, null=True, blank=True)
    percent = models.DecimalField("完成百分比", max_digits=5, decimal_places=1)
    scheme = models.CharField("亮灯方案", max_length=40)
    edition = models.CharField("方案版本", max_length=80)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "亮灯记录"
        verbose_name_plural = "亮灯记录"
        ordering = ("work", "day", "pk")
        indexes = (models.Index(fields=("work", "-day"), name="work_signal_day"),)
        constraints = (
            models.CheckConstraint(
                name="work_signal_light_is_known", condition=Q(light__in=["green", "yellow", "red", "grey"])
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.light}"

    @property
    def said(self) -> str:
        """The reason in words."""
        return explain(self.reason)


class OwnPipeline(AppendOnly):
    """A pipeline (阶段流程) that an office declared itself, beside those of the rulebook; a change is a new row."""

    key = models.CharField("代号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("用于", max_length=8)
    stages = models.JSONField("阶段")
    papers = models.JSONField("证件材料")
    because = models.CharField("依据", max_length=200)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by_name = models.CharField("设置人", max_length=80)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "自设流程"
        verbose_name_plural = "自设流程"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                name="own_pipeline_says_what_and_why", condition=~Q(key="") & ~Q(name="") & ~Q(because="")
            ),
        )

    def __str__(self) -> str:
        return self.name
