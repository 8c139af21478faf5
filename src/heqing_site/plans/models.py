"""Plans, the items of their lists, chapters, opinions and steps (治理方案、清单条目、章节、意见、步骤) as rows.

A plan keeps where it stands now; all that was written and done stands in rows that can be added, never changed: an
amended item is a new row of the same number, a struck one a row that says so. So the lists can be read as of any day.
Items name the items of the list before by their numbers, which stay the same through all versions; a number that leads
nowhere is a fault of the lists, shown and counted. Writes go through ``plans.actions`` and ``plans.lists``.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Max, Q

from heqing.plans import Deed, Finding, Item, Judge, Mover, Procedure, State, Tie, finding_names, procedure_on
from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Target
from heqing_site.library.models import EvidenceFile
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.places.models import Enterprise, Outlet, River, Section
from heqing_site.plans.rules import ADOPTION_NAMES, OPEN, WORKS_DONE, Adoption
from heqing_site.works.models import Work

STATES = [(state.value, state.value) for state in State]
TIES = [(tie.value, tie.value) for tie in Tie]


def evidence_path(row: PlanFile, file_name: str) -> str:
    """Name a file of evidence by its content; the name it came with is kept in its own column."""
    return f"plans/{row.sha256[:2]}/{row.sha256}"


class Plan(models.Model):
    """A plan (治理方案) for one river, enterprise, outlet, parcel or matter, through all its versions."""

    number = models.PositiveIntegerField("编号", unique=True)
    kind = models.CharField("类别", max_length=20)
    title = models.CharField("名称", max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="plans", verbose_name="编制单位")
    chief = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="河长或负责领导"
    )
    tie = models.CharField("对象类型", max_length=12, choices=TIES)
    river = models.ForeignKey(
        River, on_delete=models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="河湖"
    )
    sections = models.ManyToManyField(
        Section, blank=True, related_name="plans", verbose_name="断面", help_text="只管其中一段的，列明该段的断面"
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="企业"
    )
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="排口"
    )
    place_text = models.CharField("地块、渠段或事项", max_length=200, blank=True)
    approval = models.CharField("审批做法", max_length=20)
    procedure = models.CharField("规则版本", max_length=80)
    drafted_on = models.DateField("立项日期")
    begins_on = models.DateField("实施期始")
    ends_on = models.DateField("实施期止")
    version = models.PositiveIntegerField("版次")
    state = models.CharField("状态", max_length=12, choices=STATES)
    steps_taken = models.PositiveIntegerField("步数", help_text="最近一步的序号")
    reference = models.CharField("批准文号", max_length=120, blank=True)
    finished_on = models.DateField("完工日期", null=True, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    due_on = models.DateField("修订期限", null=True, blank=True)
    finding = models.CharField(
        "治理效果", max_length=12, blank=True, choices=[(each.value, each.value) for each in Finding]
    )
    finding_note = models.CharField("效果说明", max_length=300, blank=True)
    finding_on = models.DateField("评判日期", null=True, blank=True)
    reopenings = models.PositiveIntegerField("重新治理次数", default=0)
    is_invented = models.BooleanField("演示数据", default=False)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "治理方案"
        verbose_name_plural = "治理方案"
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("kind", "state"), name="plan_kind_state"),
            models.Index(fields=("unit", "state"), name="plan_unit_state"),
            models.Index(fields=("finding", "state"), name="plan_finding_state"),
        )
        constraints = (
            models.CheckConstraint(
                name="plan_is_tied_to_one_thing",
                condition=Q(
                    tie="river", river__isnull=False, enterprise__isnull=True, outlet__isnull=True, place_text=""
                )
                | Q(tie="enterprise", river__isnull=True, enterprise__isnull=False, outlet__isnull=True, place_text="")
                | Q(tie="outlet", river__isnull=True, enterprise__isnull=True, outlet__isnull=False, place_text="")
                | (Q(tie="text", river__isnull=True, enterprise__isnull=True, outlet__isnull=True) & ~Q(place_text="")),
            ),
            models.CheckConstraint(
                name="plan_counts_from_one", condition=Q(number__gte=1, version__gte=1, steps_taken__gte=1)
            ),
            models.CheckConstraint(name="plan_has_title_and_kind", condition=~Q(title="") & ~Q(kind="")),
            models.CheckConstraint(name="plan_ends_after_it_begins", condition=Q(ends_on__gte=F("begins_on"))),
            models.CheckConstraint(name="plan_state_is_known", condition=Q(state__in=[s.value for s in State])),
            models.CheckConstraint(
                name="plan_with_works_done_says_when",
                condition=~Q(state__in=[s.value for s in WORKS_DONE]) | Q(finished_on__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_closed_with_its_day",
                condition=Q(state=State.CLOSED.value, closed_on__isnull=False)
                | (~Q(state=State.CLOSED.value) & Q(closed_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="plan_found_effective_is_improved",
                condition=~Q(state__in=[State.EVALUATED.value, State.CLOSED.value]) | Q(finding=Finding.IMPROVED.value),
            ),
            models.CheckConstraint(
                name="plan_reopened_owes_a_version_by_a_day",
                condition=~Q(state=State.REOPENED.value) | Q(due_on__isnull=False, reopenings__gte=1),
            ),
            models.CheckConstraint(
                name="plan_finding_with_its_day",
                condition=Q(finding="", finding_on__isnull=True) | (~Q(finding="") & Q(finding_on__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next plan."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def rules(self) -> Procedure:
        """The procedure under which it was drafted."""
        return procedure_on(self.drafted_on)

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return self.rules.kind(self.kind).name_zh

    @property
    def matter(self) -> str:
        """The field of work whose rights count for it; empty where it is about several."""
        return self.rules.kind(self.kind).matter

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
    def is_open(self) -> bool:
        """Whether it is not closed nor withdrawn."""
        return self.state in OPEN

    @property
    def is_writable(self) -> bool:
        """Whether its lists may be written now."""
        return self.rules.states[State(self.state)].is_writable

    @property
    def judged_by(self) -> Judge:
        """By what it is judged whether it helped."""
        return self.rules.ties[Tie(self.tie)][1]

    @property
    def thing(self) -> River | Enterprise | Outlet | str:
        """What it is for."""
        return self.river or self.enterprise or self.outlet or self.place_text

    @property
    def finding_name(self) -> str:
        """Whether it helped, in words; empty where nobody asked yet."""
        return finding_names(self.drafted_on)[Finding(self.finding)] if self.finding else ""

    @property
    def finding_light(self) -> str:
        """The light beside the finding."""
        return {Finding.IMPROVED.value: "green", Finding.NOT_IMPROVED.value: "red"}.get(self.finding, "grey")

    @property
    def years(self) -> float:
        """How many years it runs."""
        return round(((self.ends_on - self.begins_on).days + 1) / 365.25, 1)

    def is_overdue_on(self, day: date) -> bool:
        """Tell whether the new version that it owes is late on a day."""
        return self.state == State.REOPENED and self.due_on is not None and self.due_on < day


class PlanItem(AppendOnly):
    """An item of one of the five lists (清单条目) as it was written once; the newest of its number counts.

    `links` are the numbers of the items of the list before. Which columns a list uses stands in the rulebook.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="items", verbose_name="方案")
    list_key = models.CharField("清单", max_length=12)
    code = models.CharField("编号", max_length=12)
    number = models.PositiveIntegerField("第几稿")
    version = models.PositiveIntegerField("方案版次")
    is_struck = models.BooleanField("删去", default=False)
    links = models.JSONField("上一清单编号", default=list)
    words = models.TextField("内容")
    category = models.CharField("类别", max_length=20, blank=True)
    location = models.CharField("位置", max_length=200, blank=True)
    cause = models.TextField("成因", blank=True)
    severity = models.CharField("程度", max_length=60, blank=True)
    found_by = models.CharField("发现单位", max_length=80, blank=True)
    item = models.CharField("指标", max_length=80, blank=True)
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="断面"
    )
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name="台账目标"
    )
    baseline = models.CharField("现状值", max_length=60, blank=True)
    bound = models.CharField("目标值", max_length=60, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    quantity = models.CharField("数量", max_length=80, blank=True)
    money = models.DecimalField("投资（万元）", max_digits=14, decimal_places=4, null=True, blank=True)
    work = models.CharField("项目编号", max_length=40, blank=True, help_text="系统以外的项目写编号")
    project = models.ForeignKey(
        Work, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name="任务或项目"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name="责任单位"
    )
    person = models.CharField("责任人", max_length=80, blank=True, help_text="姓名和职务")
    support = models.CharField("协同单位", max_length=200, blank=True)
    begins_on = models.DateField("开始日期", null=True, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填写人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "清单条目"
        verbose_name_plural = "清单条目"
        ordering = ("plan", "pk")
        indexes = (models.Index(fields=("plan", "code", "number"), name="plan_item_newest"),)
        constraints = (
            models.UniqueConstraint(fields=("plan", "code", "number"), name="plan_item_draft_is_unique"),
            models.CheckConstraint(
                name="plan_item_is_whole",
                condition=~Q(list_key="") & ~Q(code="") & ~Q(words="") & Q(number__gte=1, version__gte=1),
            ),
            models.CheckConstraint(
                name="plan_item_money_is_positive", condition=Q(money__isnull=True) | Q(money__gte=0)
            ),
            models.CheckConstraint(
                name="plan_item_ends_after_it_begins",
                condition=Q(begins_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("begins_on")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.words}"[:200]

    def as_item(self, fields: list[str]) -> Item:
        """Give it as plain values, with which of its list's fields are filled."""
        return Item(self.list_key, self.code, tuple(self.links), {name: bool(self.value(name)) for name in fields})

    def value(self, field: str) -> Any:
        """Give the value of a field by its key."""
        return getattr(self, field)


class PlanChapter(AppendOnly):
    """The words of a chapter (章节) as they were written once; the newest counts."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="chapters", verbose_name="方案")
    chapter = models.CharField("章", max_length=20)
    number = models.PositiveIntegerField("第几稿")
    version = models.PositiveIntegerField("方案版次")
    words = models.TextField("内容", blank=True)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填写人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "方案章节"
        verbose_name_plural = "方案章节"
        ordering = ("plan", "pk")
        constraints = (
            models.UniqueConstraint(fields=("plan", "chapter", "number"), name="plan_chapter_draft_is_unique"),
            models.CheckConstraint(name="plan_chapter_is_named", condition=~Q(chapter="")),
        )

    def __str__(self) -> str:
        return f"{self.plan} {self.chapter}"


class PlanOpinion(AppendOnly):
    """An opinion on a plan (征求意见) and what became of it; a later answer to the same is a new row."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="opinions", verbose_name="方案")
    version = models.PositiveIntegerField("方案版次")
    consultee = models.CharField("对象", max_length=20)
    party = models.CharField("单位或姓名", max_length=120)
    opinion = models.TextField("意见")
    adoption = models.CharField(
        "采纳情况", max_length=8, choices=[(each.value, ADOPTION_NAMES[each]) for each in Adoption]
    )
    because = models.TextField("理由", blank=True)
    contract_until = models.DateField("聘用期至", null=True, blank=True, help_text="受聘的技术指导单位填写")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "征求意见"
        verbose_name_plural = "征求意见"
        ordering = ("plan", "pk")
        constraints = (
            models.CheckConstraint(
                name="plan_opinion_says_who_and_what", condition=~Q(consultee="") & ~Q(party="") & ~Q(opinion="")
            ),
            models.CheckConstraint(
                name="plan_opinion_declined_with_reason",
                condition=~Q(adoption__in=[Adoption.PARTLY.value, Adoption.DECLINED.value]) | ~Q(because=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.party}：{self.opinion}"[:200]

    @property
    def adoption_name(self) -> str:
        """What became of it, in words."""
        return ADOPTION_NAMES[Adoption(self.adoption)]

    @property
    def consultee_name(self) -> str:
        """Who was asked, in words."""
        asked = self.plan.rules.approvals[self.plan.approval].consultees
        return next((each.name_zh for each in asked if each.key == self.consultee), self.consultee)


class PlanStep(AppendOnly):
    """A step of a plan (方案步骤): what was done, by whom, where the plan stood after it, and on what numbers."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="steps", verbose_name="方案")
    number = models.PositiveIntegerField("步次")
    deed = models.CharField("办理", max_length=10, choices=[(deed.value, deed.value) for deed in Deed])
    state = models.CharField("办理后状态", max_length=12, choices=STATES)
    version = models.PositiveIntegerField("方案版次")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_steps", verbose_name="办理人"
    )
    by_name = models.CharField("办理人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理单位"
    )
    note = models.TextField("说明", blank=True)
    reference = models.CharField("文号", max_length=120, blank=True)
    day = models.DateField("所述日期", null=True, blank=True)
    numbers = models.JSONField("依据数值", default=list, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "方案步骤"
        verbose_name_plural = "方案步骤"
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="plan_step_number_is_unique"),
            models.CheckConstraint(name="plan_step_deed_is_known", condition=Q(deed__in=[deed.value for deed in Deed])),
            models.CheckConstraint(name="plan_step_state_is_known", condition=Q(state__in=[s.value for s in State])),
            models.CheckConstraint(name="plan_step_names_its_doer", condition=~Q(by_name="")),
            models.CheckConstraint(  # nothing closes itself: the system only reopens
                name="plan_step_of_the_system_reopens_only",
                condition=Q(by__isnull=False) | Q(deed=Deed.REOPEN.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} 第 {self.number} 步"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return self.plan.rules.moves[Deed(self.deed)].name_zh

    @property
    def state_name(self) -> str:
        """Where the plan stood after it, in words."""
        return self.plan.rules.states[State(self.state)].name_zh


class PlanFile(EvidenceFile):
    """A file that came with a step (方案附件) as received."""

    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="files", verbose_name="步骤")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "方案附件"
        verbose_name_plural = "方案附件"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("step", "sha256"), name="plan_file_stands_once_in_a_step"),
            models.CheckConstraint(
                name="plan_file_has_its_file",
                condition=~Q(file_name="") & ~Q(media_type="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )
