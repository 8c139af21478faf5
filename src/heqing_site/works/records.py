"""What is kept beside a work: papers of its stages, monthly progress, slips, contributions (证件、进展、督办单、贡献).

Files and rows of progress and contributions are added, never changed. A slip keeps where it stands; what was done to it
stands in `SlipStep`. Look next at ``works.progress`` and ``works.slips``.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Max, Q

from heqing.works import Colour, slip_scheme
from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Indicator, Target
from heqing_site.library.models import EvidenceFile
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit, User
from heqing_site.works.models import Work
from heqing_site.works.rules import (
    OUTLOOK_NAMES,
    SLIP_DEED_NAMES,
    SLIP_LIGHTS,
    SLIP_OPEN,
    SLIP_STATE_NAMES,
    SlipDeed,
    SlipState,
)

SLIP_STATES = [(state.value, name) for state, name in SLIP_STATE_NAMES.items()]
SLIP_DEEDS = [(deed.value, name) for deed, name in SLIP_DEED_NAMES.items()]


def file_path(file: EvidenceFile, file_name: str) -> str:
    """Name a file by its content; the name it came with is kept in its own column."""
    return f"works/{file.sha256[:2]}/{file.sha256}"


class WorkPaper(EvidenceFile):
    """A paper of a stage (证件、批文、佐证): its number, its day, its file; a newer one of the same name counts."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="papers", verbose_name="任务与项目")
    stage = models.CharField("阶段", max_length=40)
    paper = models.CharField("材料", max_length=40)
    name = models.CharField("材料名称", max_length=80)
    paper_number = models.CharField("文号或证号", max_length=120, blank=True)
    issued_on = models.DateField("日期")
    issuer = models.CharField("发证机关", max_length=80, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "阶段材料"
        verbose_name_plural = "阶段材料"
        ordering = ("work", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("work", "paper", "sha256", "paper_number", "issued_on"), name="work_paper_stands_once"
            ),
            models.CheckConstraint(name="work_paper_has_file_and_name", condition=~Q(sha256="") & ~Q(name="")),
        )


class Progress(AppendOnly):
    """The progress of a month (月度进展): percent or amount, money, words, problem; each version a new row."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="progress", verbose_name="任务与项目")
    month = models.DateField("月份", help_text="月首")
    number = models.PositiveIntegerField("版次")
    percent = models.DecimalField("完成百分比", max_digits=5, decimal_places=1)
    amount = models.DecimalField("完成数量", max_digits=14, decimal_places=3, null=True, blank=True)
    amount_unit = models.CharField("数量单位", max_length=20, blank=True)
    paid = models.DecimalField("累计完成投资（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    words = models.TextField("进展")
    problem = models.TextField("困难和需要协调的事项", blank=True)
    outlook = models.CharField("研判", max_length=8, choices=list(OUTLOOK_NAMES.items()))
    is_late = models.BooleanField("逾期填报")
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="work_progress", verbose_name="填报人")
    by_name = models.CharField("填报人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="work_progress", verbose_name="填报单位"
    )

    class Meta:
        """Names, order, constraints."""

        verbose_name = "月度进展"
        verbose_name_plural = "月度进展"
        ordering = ("work", "month", "number")
        constraints = (
            models.UniqueConstraint(fields=("work", "month", "number"), name="progress_number_is_unique"),
            models.CheckConstraint(name="progress_is_a_percentage", condition=Q(percent__gte=0, percent__lte=100)),
            models.CheckConstraint(name="progress_says_what", condition=~Q(words="")),
            models.CheckConstraint(name="progress_is_of_a_month", condition=Q(month__day=1)),
        )

    def __str__(self) -> str:
        return f"{self.work} {self.month:%Y-%m}"

    @property
    def outlook_name(self) -> str:
        """What the unit judges, in words."""
        return OUTLOOK_NAMES[self.outlook]


class ProgressFile(EvidenceFile):
    """A photo or file of a month's progress."""

    progress = models.ForeignKey(Progress, on_delete=models.PROTECT, related_name="files", verbose_name="进展")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "进展佐证"
        verbose_name_plural = "进展佐证"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("progress", "sha256"), name="progress_file_stands_once"),)


class ProgressCheck(AppendOnly):
    """What another unit found of a month's progress (核查): accepted, or returned with the reason."""

    progress = models.OneToOneField(Progress, on_delete=models.PROTECT, related_name="check_row", verbose_name="进展")
    is_accepted = models.BooleanField("通过")
    words = models.CharField("意见", max_length=500, blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="progress_checks", verbose_name="核查人")
    by_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="progress_checks", verbose_name="核查单位")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "进展核查"
        verbose_name_plural = "进展核查"
        constraints = (
            models.CheckConstraint(
                name="progress_returned_with_words", condition=Q(is_accepted=True) | ~Q(words="")
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.progress} {'通过' if self.is_accepted else '退回'}"


class Slip(models.Model):
    """A slip (督办单): what presses a work, its colour, what is asked, until when; a graver one names the earlier."""

    number = models.PositiveIntegerField("编号", unique=True)
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="slips", verbose_name="任务与项目")
    scheme = models.CharField("规则", max_length=40)
    colour = models.CharField("颜色", max_length=8)
    event = models.CharField("起因", max_length=10, blank=True)
    deadline = models.DateField("所督时限", help_text="提请时任务的计划完成日")
    state = models.CharField("状态", max_length=10, choices=SLIP_STATES)
    words = models.TextField("督办事项")
    earlier = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="graver", verbose_name="由何单升级"
    )
    proposed_on = models.DateField("提请日期")
    issued_on = models.DateField("签发日期", null=True, blank=True)
    due_on = models.DateField("回复期限", null=True, blank=True)
    answered_on = models.DateField("回复日期", null=True, blank=True)
    ended_on = models.DateField("了结日期", null=True, blank=True)
    version = models.PositiveIntegerField("步数", default=1)
    is_invented = models.BooleanField("演示数据", default=False)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "督办单"
        verbose_name_plural = "督办单"
        ordering = ("-number",)
        indexes = (models.Index(fields=("state", "due_on"), name="slip_state_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=("work",), condition=Q(state__in=[state.value for state in SLIP_OPEN]),
                name="slip_one_open_for_work",
            ),
            models.CheckConstraint(name="slip_counts_from_one", condition=Q(number__gte=1, version__gte=1)),
            models.CheckConstraint(
                name="slip_state_is_known", condition=Q(state__in=[state for state, _ in SLIP_STATES])
            ),
            models.CheckConstraint(name="slip_says_what", condition=~Q(words="") & ~Q(colour="") & ~Q(scheme="")),
            models.CheckConstraint(
                name="slip_sent_has_its_days",
                condition=Q(state__in=[SlipState.PROPOSED.value, SlipState.DROPPED.value])
                | Q(issued_on__isnull=False, due_on__isnull=False),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"督办单 {self.number}"

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next slip."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1

    @property
    def form(self) -> Colour:
        """Its colour as the scheme declares it."""
        found = slip_scheme(self.scheme).find(self.colour)
        if found is None:
            raise LookupError(f"{self.scheme} has no slip {self.colour}")
        return found

    @property
    def colour_name(self) -> str:
        """Its colour in words."""
        return self.form.name_zh

    @property
    def light(self) -> str:
        """The shape that stands for its colour."""
        return SLIP_LIGHTS.get(self.colour, "grey")

    @property
    def state_name(self) -> str:
        """Where it stands, in words."""
        return SLIP_STATE_NAMES[SlipState(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in SLIP_OPEN


class SlipStep(AppendOnly):
    """A step of a slip: proposed, issued, answered, accepted, raised or not issued."""

    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, related_name="steps", verbose_name="督办单")
    number = models.PositiveIntegerField("步次")
    deed = models.CharField("办理", max_length=10, choices=SLIP_DEEDS)
    state = models.CharField("办理后状态", max_length=10, choices=SLIP_STATES)
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="slip_steps", verbose_name="办理人"
    )
    by_name = models.CharField("办理人姓名", max_length=80)
    by_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="slip_steps", verbose_name="办理单位"
    )
    note = models.TextField("说明", blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "督办单步骤"
        verbose_name_plural = "督办单步骤"
        ordering = ("slip", "number")
        constraints = (
            models.UniqueConstraint(fields=("slip", "number"), name="slip_step_number_is_unique"),
            models.CheckConstraint(
                name="slip_step_of_the_system_proposes_only",
                condition=Q(by__isnull=False) | Q(deed=SlipDeed.PROPOSE.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.slip} 第 {self.number} 步"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return SLIP_DEED_NAMES[SlipDeed(self.deed)]


class Contribution(AppendOnly):
    """What a work counts toward a target (贡献): an amount, counted once for an indicator by the key of its object.

    A row that takes another back has its amount below zero; then the object may be counted again, in the next turn.
    """

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="contributions", verbose_name="任务与项目")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="contributions", verbose_name="目标")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="contributions", verbose_name="指标"
    )
    object_key = models.CharField("对象", max_length=120, help_text="地块编号、企业代码等；同一指标只计一次")
    turn = models.PositiveIntegerField("次序", default=1)
    amount = models.DecimalField("数量", max_digits=18, decimal_places=4)
    unit = models.CharField("计量单位", max_length=60, blank=True)
    counted_on = models.DateField("计入日期")
    stage = models.CharField("计入时阶段", max_length=60, blank=True)
    words = models.CharField("依据", max_length=300)
    paper = models.ForeignKey(
        WorkPaper, on_delete=models.PROTECT, null=True, blank=True, related_name="contributions", verbose_name="佐证"
    )
    takes_back = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="taken_back", verbose_name="冲回"
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contributions", verbose_name="办理人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "贡献"
        verbose_name_plural = "贡献"
        ordering = ("counted_on", "pk")
        indexes = (models.Index(fields=("target", "counted_on"), name="contribution_target_day"),)
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "object_key", "turn"), condition=Q(takes_back__isnull=True),
                name="contribution_object_counts_once",
            ),
            models.CheckConstraint(
                name="contribution_is_above_zero_unless_taken_back",
                condition=Q(takes_back__isnull=True, amount__gt=0) | Q(takes_back__isnull=False, amount__lt=0),
            ),
            models.CheckConstraint(name="contribution_says_what", condition=~Q(object_key="") & ~Q(words="")),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.object_key} → {self.target}"

    @property
    def amount_plain(self) -> str:
        """The amount without the zeros that its column adds."""
        return plain(self.amount)
