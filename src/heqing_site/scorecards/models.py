"""Scorecards, their losses, publications and entered events (考核得分、扣分、发布、考核事项) as rows.

None is ever changed: scoring a month again adds a version, publishing adds a row, and an event that was entered wrongly
gets a row that withdraws it. The database refuses changes too: see ``migrations/0002_append_only.py``. Writes go
through ``scorecards.actions``.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from heqing.tables import explain
from heqing_site.audit.append_only import AppendOnly
from heqing_site.orgs.models import Unit, User
from heqing_site.reporting.rules import Kind, Period
from heqing_site.scorecards.rules import (
    EVENT_KIND_NAMES,
    GROUP_NAMES,
    REFERENCE_NAMES,
    EventKind,
    ReferenceKind,
    ScoreGroup,
)

DIGITS, PLACES = 6, 2
GROUPS = [(group.value, GROUP_NAMES[group]) for group in ScoreGroup]


def _points(name: str, *, null: bool = False) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(name, max_digits=DIGITS, decimal_places=PLACES, null=null, blank=null)


def short(points: Decimal) -> str:
    """Write points without zeros that say nothing: 85.5, 100."""
    written = f"{points:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


class Scorecard(AppendOnly):
    """The score of a unit for a month (月度得分), as it was computed once.

    `items` keeps each item with its full points after spreading, its points and why it did not apply; `bonuses` and
    `vetoes` keep what counted. A unit without anything to score has no points, no rank and no grade.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="scorecards", verbose_name="单位")
    group = models.CharField("考核组", max_length=12, choices=GROUPS)
    month_start = models.DateField("月初")
    month_end = models.DateField("月末")
    version = models.PositiveIntegerField("版次", help_text="本月第几次评分")
    scheme = models.CharField("评分方案", max_length=40)
    edition = models.CharField("方案版本", max_length=80)
    points = _points("得分", null=True)
    full = _points("满分")
    bonus = _points("加分")
    rank = models.PositiveIntegerField("名次", null=True, blank=True)
    of = models.PositiveIntegerField("参评单位数")
    grade = models.CharField("等次代码", max_length=20, blank=True)
    grade_name = models.CharField("等次", max_length=20, blank=True)
    grade_by_points = models.CharField("按得分的等次", max_length=20, blank=True)
    provisional = models.BooleanField("暂计", help_text="年终重新计算以前的得分")
    items = models.JSONField("各项", default=list)
    bonuses = models.JSONField("加分事项", default=list)
    vetoes = models.JSONField("否决事项", default=list)
    as_of = models.DateField("数据截至")
    recorded_at = models.DateTimeField("评分时间")
    recorded_by_id = models.CharField("评分人编号", max_length=40, blank=True)
    recorded_by = models.CharField("评分人", max_length=80)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "月度得分"
        verbose_name_plural = "月度得分"
        ordering = ("-month_start", "-version", "group", "rank", "unit__code")
        indexes = (models.Index(fields=("month_start", "version"), name="scorecard_month_version"),)
        constraints = (
            models.UniqueConstraint(fields=("unit", "month_start", "version"), name="scorecard_stands_once"),
            models.CheckConstraint(
                name="scorecard_group_is_known", condition=Q(group__in=[group.value for group in ScoreGroup])
            ),
            models.CheckConstraint(
                name="scorecard_month_ends_after_start", condition=Q(month_end__gt=F("month_start"))
            ),
            models.CheckConstraint(name="scorecard_version_counts_from_one", condition=Q(version__gte=1)),
            models.CheckConstraint(
                name="scorecard_points_with_rank_and_grade",
                condition=(Q(points__isnull=True, rank__isnull=True, grade=""))
                | (Q(points__isnull=False, rank__isnull=False) & ~Q(grade="")),
            ),
            models.CheckConstraint(
                name="scorecard_points_are_not_below_zero", condition=Q(points__isnull=True) | Q(points__gte=0)
            ),
            models.CheckConstraint(
                name="scorecard_rank_is_among_the_units",
                condition=Q(rank__isnull=True) | Q(rank__gte=1, rank__lte=F("of")),
            ),
            models.CheckConstraint(
                name="scorecard_says_scheme_and_who", condition=~Q(scheme="") & ~Q(edition="") & ~Q(recorded_by="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.month.name}得分"

    @property
    def month(self) -> Period:
        """The month."""
        return Period(self.month_start, self.month_end, Kind.MONTH)

    @property
    def group_name(self) -> str:
        """The group in words."""
        return GROUP_NAMES[ScoreGroup(self.group)]

    @property
    def points_plain(self) -> str:
        """The points as one writes them; empty without any."""
        return "" if self.points is None else short(self.points)

    @property
    def lost(self) -> Decimal:
        """How many points were lost, before any bonus."""
        return Decimal(0) if self.points is None else self.full + self.bonus - self.points

    @property
    def is_capped(self) -> bool:
        """Whether a veto bars the grade that the points would give."""
        return self.grade_by_points != self.grade_name


class ScoreLoss(AppendOnly):
    """Points that a unit lost for one cause (扣分), and where the cause can be looked up."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="losses", verbose_name="月度得分")
    number = models.PositiveIntegerField("序号")
    item = models.CharField("考核项", max_length=40)
    points = _points("扣分")
    cause = models.CharField("原因代码", max_length=60)
    reason = models.TextField("原因", help_text="代码与内容，页面以文字说明")
    ref_kind = models.CharField(
        "依据类别", max_length=12, choices=[(k.value, REFERENCE_NAMES[k]) for k in ReferenceKind]
    )
    ref_key = models.CharField("依据", max_length=120)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "扣分"
        verbose_name_plural = "扣分"
        ordering = ("scorecard", "number")
        constraints = (
            models.UniqueConstraint(fields=("scorecard", "number"), name="loss_number_is_unique_in_card"),
            models.CheckConstraint(name="loss_is_not_below_zero", condition=Q(points__gte=0)),
            models.CheckConstraint(
                name="loss_names_its_cause", condition=~Q(cause="") & ~Q(reason="") & ~Q(ref_key="")
            ),
            models.CheckConstraint(
                name="loss_reference_is_known", condition=Q(ref_kind__in=[kind.value for kind in ReferenceKind])
            ),
        )

    def __str__(self) -> str:
        return f"−{self.points_plain} {self.sentence}"

    @property
    def points_plain(self) -> str:
        """The points as one writes them."""
        return short(self.points)

    @property
    def sentence(self) -> str:
        """The cause in words, in the language of the reader."""
        return explain(self.reason, "en" if (get_language() or "").startswith("en") else "zh")

    @property
    def ref_name(self) -> str:
        """What the link to the cause says."""
        return REFERENCE_NAMES[ReferenceKind(self.ref_kind)]


class ScorePublication(AppendOnly):
    """The publication of a month's scores (发布), and until when a unit may object."""

    month_start = models.DateField("月初")
    month_end = models.DateField("月末")
    version = models.PositiveIntegerField("版次")
    published_at = models.DateTimeField("发布时间")
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="published_scores", verbose_name="发布人"
    )
    objection_until = models.DateField("异议截止")
    note = models.CharField("说明", max_length=400, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "得分发布"
        verbose_name_plural = "得分发布"
        ordering = ("-month_start", "-version")
        constraints = (
            models.UniqueConstraint(fields=("month_start", "version"), name="scores_of_a_version_published_once"),
            models.CheckConstraint(
                name="publication_month_ends_after_start", condition=Q(month_end__gt=F("month_start"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.month.name}得分（第 {self.version} 版）"

    @property
    def month(self) -> Period:
        """The month."""
        return Period(self.month_start, self.month_end, Kind.MONTH)


class ScoreEvent(AppendOnly):
    """An event that bars grades or adds points (考核事项), with its day and its evidence in words (G2.08)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="score_events", verbose_name="单位")
    kind = models.CharField("性质", max_length=8, choices=[(k.value, EVENT_KIND_NAMES[k]) for k in EventKind])
    key = models.CharField("情形", max_length=40)
    day = models.DateField("发生日期")
    what = models.CharField("事项", max_length=200)
    evidence = models.CharField("依据", max_length=300, help_text="文件名称和文号、调查结论等")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="score_events", verbose_name="登记人")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "考核事项"
        verbose_name_plural = "考核事项"
        ordering = ("-day", "-pk")
        constraints = (
            models.CheckConstraint(
                name="score_event_kind_is_known", condition=Q(kind__in=[kind.value for kind in EventKind])
            ),
            models.CheckConstraint(
                name="score_event_names_what_and_evidence", condition=~Q(key="") & ~Q(what="") & ~Q(evidence="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}：{self.what}"

    @property
    def kind_name(self) -> str:
        """What it does to the score, in words."""
        return EVENT_KIND_NAMES[EventKind(self.kind)]


class EventWithdrawal(AppendOnly):
    """The withdrawal of an event (撤销考核事项) that was entered wrongly, with the reason."""

    event = models.OneToOneField(
        ScoreEvent, on_delete=models.PROTECT, related_name="withdrawal", verbose_name="考核事项"
    )
    because = models.CharField("理由", max_length=200)
    recorded_at = models.DateTimeField("撤销时间")
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="withdrawn_score_events", verbose_name="撤销人"
    )

    class Meta:
        """Names, order, constraints."""

        verbose_name = "考核事项撤销"
        verbose_name_plural = "考核事项撤销"
        constraints = (models.CheckConstraint(name="score_event_withdrawn_with_reason", condition=~Q(because="")),)

    def __str__(self) -> str:
        return f"撤销：{self.event}"
