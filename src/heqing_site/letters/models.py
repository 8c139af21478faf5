"""Series of letters, letters, their versions, steps, issues and scans (责任书) as rows.

A letter is an identity with a state. What it says stands in versions, which terms of the ledger it states in lines,
who did what in steps, what was issued with its very bytes in issues: these can be added, never changed; the database
refuses too, see ``migrations/0002_append_only.py``. Writes go through ``letters.actions`` and its neighbours.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import F, Q

from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.letters import wordings
from heqing_site.letters.rules import (
    DEED_NAMES,
    IN_ONE_GO,
    IN_WORK,
    OUT,
    SIGNING,
    STATE_LIGHTS,
    STATE_NAMES,
    WAY_NAMES,
    Content,
    Deed,
    Side,
    State,
    Template,
    Way,
)
from heqing_site.letters.wordings import KindWords
from heqing_site.library.models import EvidenceFile, received_files
from heqing_site.orgs.models import Unit, User

SIDES = [("", "无"), (Side.ISSUER.value, "上级方"), (Side.RECEIVER.value, "承担方")]


def issued_path(issue: LetterIssue, file_name: str) -> str:
    """Name an issued file by its content; the name it is handed out with is kept in its own column."""
    return f"letters/{issue.sha256[:2]}/{issue.sha256}"


class Campaign(models.Model):
    """A campaign (攻坚行动): what the letters of a year belong together for, such as 工改 and 治水."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="campaigns", verbose_name="单位")
    name = models.CharField("名称", max_length=60)
    year = models.PositiveIntegerField("年份")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "攻坚行动"
        verbose_name_plural = "攻坚行动"
        ordering = ("-year", "name")
        constraints = (
            models.UniqueConstraint(fields=("unit", "name", "year"), name="campaign_stands_once_in_a_year"),
            models.CheckConstraint(name="campaign_has_name", condition=~Q(name="")),
        )

    def __str__(self) -> str:
        return f"{self.year} 年{self.name}"


class LetterMark(models.Model):
    """The mark (机关代字) that a unit numbers its letters by; it belongs to one unit alone."""

    mark = models.CharField("机关代字", max_length=20, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letter_marks", verbose_name="单位")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "机关代字"
        verbose_name_plural = "机关代字"
        ordering = ("mark",)
        constraints = (models.CheckConstraint(name="letter_mark_is_said", condition=~Q(mark="")),)

    def __str__(self) -> str:
        return self.mark


class LetterTemplate(AppendOnly):
    """A template as an installation set it (本地模板); a change is a new row with the next number."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letter_templates", verbose_name="单位")
    kind = models.CharField("类别", max_length=20)
    name = models.CharField("名称", max_length=60)
    number = models.PositiveIntegerField("版次")
    said = models.JSONField("内容")
    made_at = models.DateTimeField("保存时间")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="保存人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任书模板"
        verbose_name_plural = "责任书模板"
        ordering = ("kind", "name", "-number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "kind", "name", "number"), name="letter_template_number_is_unique"),
            models.CheckConstraint(
                name="letter_template_has_name", condition=~Q(name="") & ~Q(kind="") & Q(number__gte=1)
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}“{self.name}”第 {self.number} 版"

    @property
    def template(self) -> Template:
        """What it says."""
        return Template.from_json(self.said, edition=str(self))


class LetterSeries(models.Model):
    """A series (一批责任书): one kind of letter of a year from one unit to many."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="series", verbose_name="攻坚行动"
    )
    kind = models.CharField("类别", max_length=20)
    topic = models.CharField("事项", max_length=80)
    year = models.PositiveIntegerField("年份")
    issuer = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letter_series", verbose_name="下达单位")
    receivers: models.ManyToManyField[Unit, Any] = models.ManyToManyField(
        Unit, related_name="letter_series_received", verbose_name="承担单位"
    )
    mark = models.ForeignKey(LetterMark, on_delete=models.PROTECT, related_name="series", verbose_name="机关代字")
    template = models.ForeignKey(
        LetterTemplate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="series",
        verbose_name="模板",
        help_text="留空为规则库的模板",
    )
    reasons = models.CharField("可修订的事由", max_length=20)
    pillars = models.JSONField("领域", default=list, help_text="空为各领域")
    shared_targets = models.JSONField("共同目标", default=list, help_text="每份都列入的目标编号")
    opened_at = models.DateTimeField("建立时间")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letter_series", verbose_name="建立人")
    is_invented = models.BooleanField("演示数据", default=False)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任书批次"
        verbose_name_plural = "责任书批次"
        ordering = ("-year", "-pk")
        indexes = (models.Index(fields=("issuer", "year"), name="letter_series_issuer_year"),)
        constraints = (
            models.UniqueConstraint(fields=("issuer", "kind", "topic", "year"), name="letter_series_stands_once"),
            models.CheckConstraint(name="letter_series_has_topic", condition=~Q(topic="") & ~Q(kind="")),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def words(self) -> KindWords:
        """What its kind is called."""
        return wordings.kinds()[self.kind]

    @property
    def sound_template(self) -> Template:
        """The template by which its letters are written."""
        return self.template.template if self.template is not None else wordings.templates()[self.kind]

    @property
    def title(self) -> str:
        """What each of its letters is called."""
        return self.sound_template.title.format(year=self.year, topic=self.topic, issuer=self.issuer, receiver="")


class Letter(models.Model):
    """A letter (责任书) of a series to one unit."""

    series = models.ForeignKey(LetterSeries, on_delete=models.PROTECT, related_name="letters", verbose_name="批次")
    receiver = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letters", verbose_name="承担单位")
    state = models.CharField("状态", max_length=10, choices=[(state.value, STATE_NAMES[state]) for state in State])
    turn = models.PositiveIntegerField("办理次数", help_text="每办理一步加一，用来发现两个人同时办理")
    newest = models.PositiveIntegerField("最新版次")
    in_force = models.PositiveIntegerField("有效版次", default=0, help_text="0 为尚未下达")
    waits_for = models.CharField("等哪一方签", max_length=8, blank=True, choices=SIDES)
    number = models.CharField("编号", max_length=120, blank=True)
    issued_on = models.DateField("下达日期", null=True, blank=True)
    signed_on = models.DateField("签订日期", null=True, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任书"
        verbose_name_plural = "责任书"
        ordering = ("series", "receiver__code")
        indexes = (
            models.Index(fields=("state", "waits_for"), name="letter_state_waits"),
            models.Index(fields=("receiver", "state"), name="letter_receiver_state"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("series", "receiver"),
                condition=~Q(state=State.WITHDRAWN.value),
                name="letter_stands_once_for_a_unit",
            ),
            models.CheckConstraint(
                name="letter_state_is_known", condition=Q(state__in=[state.value for state in State])
            ),
            models.CheckConstraint(name="letter_counts_from_one", condition=Q(turn__gte=1, newest__gte=1)),
            models.CheckConstraint(name="letter_in_force_is_a_version", condition=Q(in_force__lte=F("newest"))),
            models.CheckConstraint(
                name="letter_out_has_number_and_day",
                condition=~Q(state__in=[state.value for state in OUT])
                | (Q(in_force__gte=1, issued_on__isnull=False) & ~Q(number="")),
            ),
            models.CheckConstraint(
                name="letter_signed_waits_for_nobody",
                condition=(Q(state=State.SIGNED.value, waits_for="", signed_on__isnull=False))
                | (Q(state=State.ISSUED.value) & ~Q(waits_for=""))
                | (~Q(state__in=[state.value for state in OUT]) & Q(waits_for="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.receiver}{self.number or '（未编号）'}"

    @property
    def state_name(self) -> str:
        """The state in words; a revision in work says so."""
        name = STATE_NAMES[State(self.state)]
        return f"修订稿{name}" if self.in_force and self.is_in_work else name

    @property
    def is_in_work(self) -> bool:
        """Whether its newest version is not handed down yet."""
        return self.state in IN_WORK

    @property
    def is_alive(self) -> bool:
        """Whether it was not withdrawn."""
        return self.state != State.WITHDRAWN

    @property
    def light(self) -> str:
        """The light of its state."""
        return STATE_LIGHTS[State(self.state)]

    @property
    def is_out(self) -> bool:
        """Whether some version was handed down."""
        return self.in_force > 0

    @property
    def waits_for_name(self) -> str:
        """Whose signature is next, in words."""
        if not self.waits_for:
            return ""
        side = Side(self.waits_for)
        return f"等{self.unit_of(side)}{self.series.words.deeds[side]}"

    def unit_of(self, side: Side) -> Unit:
        """Give the unit that is a side."""
        return self.series.issuer if side is Side.ISSUER else self.receiver


class LetterVersion(AppendOnly):
    """A version of a letter (版次): all its words and lines, frozen, and why it takes the place of the one before."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="versions", verbose_name="责任书")
    number = models.PositiveIntegerField("版次")
    said = models.JSONField("内容")
    edition = models.CharField("模板版本", max_length=160)
    composed_on = models.DateField("台账日期", help_text="目标按这一天的台账列出")
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="代替版次"
    )
    reason = models.CharField("修订事由", max_length=60, blank=True)
    because = models.TextField("修订说明", blank=True)
    authority = models.CharField("批准依据", max_length=200, blank=True)
    made_at = models.DateTimeField("成稿时间")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letter_versions", verbose_name="成稿人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任书版次"
        verbose_name_plural = "责任书版次"
        ordering = ("letter", "number")
        constraints = (
            models.UniqueConstraint(fields=("letter", "number"), name="letter_version_number_is_unique"),
            models.CheckConstraint(name="letter_version_counts_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="letter_revision_says_why",
                condition=Q(supersedes__isnull=True) | (~Q(reason="") & ~Q(because="") & ~Q(authority="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.letter} 第 {self.number} 版"

    @cached_property
    def content(self) -> Content:
        """What it says."""
        return Content.from_json(self.said)


class LetterLine(AppendOnly):
    """A target that a version states (所载目标), with the terms of the ledger that it states."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="lines", verbose_name="版次")
    place = models.PositiveIntegerField("序号")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="letter_lines", verbose_name="目标")
    terms = models.ForeignKey(TargetTerms, on_delete=models.PROTECT, related_name="letter_lines", verbose_name="条款")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "所载目标"
        verbose_name_plural = "所载目标"
        ordering = ("version", "place")
        constraints = (
            models.UniqueConstraint(fields=("version", "place"), name="letter_line_place_is_unique"),
            models.UniqueConstraint(fields=("version", "target"), name="letter_line_target_stands_once"),
        )

    def __str__(self) -> str:
        return f"{self.version} 第 {self.place} 项"


class LetterStep(AppendOnly):
    """A step of a letter (办理): who did what to which version, when, in which words; signatures with their proof."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="steps", verbose_name="责任书")
    number = models.PositiveIntegerField("序号")
    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="steps", verbose_name="版次")
    deed = models.CharField("办理", max_length=14, choices=[(deed.value, DEED_NAMES[deed]) for deed in Deed])
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letter_steps", verbose_name="办理人")
    by_name = models.CharField("办理人姓名", max_length=80)
    by_post = models.CharField("办理人职务", max_length=160, blank=True)
    at = models.DateTimeField("办理时间")
    words = models.TextField("说明", blank=True)
    signer = models.CharField("签署人", max_length=80, blank=True)
    signer_post = models.CharField("签署人职务", max_length=160, blank=True)
    signed_on = models.DateField("签署日期", null=True, blank=True)
    way = models.CharField("方式", max_length=10, blank=True, choices=[(way.value, WAY_NAMES[way]) for way in Way])
    sha256 = models.CharField("所签文件校验值", max_length=64, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任书办理"
        verbose_name_plural = "责任书办理"
        ordering = ("letter", "number")
        constraints = (
            models.UniqueConstraint(fields=("letter", "number"), name="letter_step_number_is_unique"),
            models.CheckConstraint(
                name="letter_step_deed_is_known", condition=Q(deed__in=[deed.value for deed in Deed])
            ),
            models.CheckConstraint(name="letter_step_names_its_doer", condition=~Q(by_name="")),
            models.CheckConstraint(
                name="letter_returned_with_reason",
                condition=~Q(deed__in=[Deed.RETURN.value, Deed.WITHDRAW.value, Deed.DROP.value]) | ~Q(words=""),
            ),
            models.CheckConstraint(
                name="letter_signature_says_who_when_how",
                condition=(
                    Q(deed__in=[deed.value for deed in SIGNING.values()], signed_on__isnull=False)
                    & ~Q(signer="")
                    & ~Q(way="")
                    & ~Q(sha256="")
                )
                | (
                    ~Q(deed__in=[deed.value for deed in SIGNING.values()])
                    & Q(signed_on__isnull=True, signer="", way="", sha256="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.letter} {self.deed_name}"

    @property
    def deed_name(self) -> str:
        """The deed in words, as the kind of letter calls it."""
        for side, deed in SIGNING.items():
            if deed == self.deed:
                return self.letter.series.words.deeds[side]
        return DEED_NAMES[Deed(self.deed)]

    @property
    def way_name(self) -> str:
        """How the signature came to be known, in words."""
        return WAY_NAMES[Way(self.way)] if self.way else ""


class LetterIssue(AppendOnly):
    """An issued version (下达件): its number and the very file."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="issues", verbose_name="责任书")
    version = models.OneToOneField(LetterVersion, on_delete=models.PROTECT, related_name="issue", verbose_name="版次")
    mark = models.CharField("机关代字", max_length=20)
    year = models.PositiveIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    revision = models.PositiveIntegerField("修订次数", default=0)
    number = models.CharField("编号", max_length=120)
    issued_at = models.DateTimeField("下达时间")
    issued_on = models.DateField("下达日期")
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="issued_letters", verbose_name="下达人")
    file_name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    received = models.FileField("下达件", upload_to=issued_path, storage=received_files, max_length=200)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "下达件"
        verbose_name_plural = "下达件"
        ordering = ("-year", "-serial", "-revision")
        constraints = (
            models.UniqueConstraint(
                fields=("mark", "year", "serial", "revision"), name="letter_number_is_never_used_twice"
            ),
            models.UniqueConstraint(fields=("number",), name="letter_number_stands_once"),
            models.CheckConstraint(name="letter_serial_counts_from_one", condition=Q(serial__gte=1)),
            models.CheckConstraint(
                name="letter_issue_has_its_file",
                condition=~Q(mark="")
                & ~Q(number="")
                & ~Q(file_name="")
                & ~Q(sha256="")
                & ~Q(received="")
                & Q(size__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.number


class LetterEvidence(EvidenceFile):
    """A scan of the signed letter (签字扫描件) as received, with the step it came with."""

    step = models.ForeignKey(LetterStep, on_delete=models.PROTECT, related_name="evidence", verbose_name="步骤")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "签字扫描件"
        verbose_name_plural = "签字扫描件"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("step", "sha256"), name="letter_evidence_stands_once_in_a_step"),
            models.CheckConstraint(
                name="letter_evidence_has_its_file",
                condition=~Q(file_name="") & ~Q(media_type="") & ~Q(sha256="") & ~Q(received="") & Q(size__gt=0),
            ),
        )


class LetterRun(models.Model):
    """A deed on all letters of a series in one go (批量办理): how far it is, what failed; it can be taken up again."""

    series = models.ForeignKey(LetterSeries, on_delete=models.PROTECT, related_name="runs", verbose_name="批次")
    deed = models.CharField("办理", max_length=14, choices=[(deed.value, DEED_NAMES[deed]) for deed in IN_ONE_GO])
    left = models.JSONField("待办理单位", default=list)
    done = models.PositiveIntegerField("已办理", default=0)
    faults = models.JSONField("未办成", default=list)
    total = models.PositiveIntegerField("总数")
    started_at = models.DateTimeField("开始时间")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letter_runs", verbose_name="办理人")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "批量办理"
        verbose_name_plural = "批量办理"
        ordering = ("-started_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="letter_run_deed_is_known", condition=Q(deed__in=[deed.value for deed in IN_ONE_GO])
            ),
            models.CheckConstraint(name="letter_run_does_no_more_than_all", condition=Q(done__lte=F("total"))),
            models.UniqueConstraint(
                fields=("series", "deed", "started_by"),
                condition=Q(ended_at__isnull=True),
                name="letter_run_one_open_for_series_deed_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.series}：{self.deed_name}"

    @property
    def deed_name(self) -> str:
        """The deed in words."""
        return DEED_NAMES[Deed(self.deed)]

    @property
    def taken(self) -> int:
        """How many were tried."""
        return self.done + len(self.faults)

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 if not self.total else self.taken * 100 // self.total

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.ended_at is not None
