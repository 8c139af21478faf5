"""Indicators, targets, the terms of targets through time, and who owns which subject (指标、目标、条款、职责) as rows.

A target is only an identity. What it says stands in rows of `TargetTerms` that can be added, never changed: an
amendment is a new row with the day from which it counts, the moment it was recorded, by whom and why. The database
refuses changes too: see ``migrations/0002_append_only.py``. Writes go through ``ledger.actions``.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery

from heqing_site.audit.append_only import AppendOnly
from heqing_site.errors import AppendOnlyError
from heqing_site.ledger import rules
from heqing_site.ledger.rules import (
    BETTER_NAMES,
    CHANGE_NAMES,
    COMPARATORS,
    INDICATOR_KIND_NAMES,
    LEAD_ORIGINS,
    LIGHT_NAMES,
    NUMBER_GAPS,
    ORIGIN_NAMES,
    PLAN_NAMES,
    RESTATING_NAMES,
    RHYTHM_NAMES,
    SOURCE_NAMES,
    SOURCE_ORIGINS,
    STRENGTHS,
    WITH_STATISTIC,
    Better,
    Change,
    IndicatorKind,
    Light,
    PlanBasis,
    Restating,
    Rhythm,
    SourceKind,
)
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import PILLAR_NAMES, STRENGTH_NAMES, VALUE_DIGITS, VALUE_PLACES, demand, plain
from heqing_site.orgs.models import Unit, in_force
from heqing_site.orgs.rules import period

SOURCE_CHOICES = [(kind.value, SOURCE_NAMES[kind]) for kind in SourceKind]
RHYTHM_CHOICES = [(rhythm.value, RHYTHM_NAMES[rhythm]) for rhythm in Rhythm]
PILLAR_CHOICES = list(PILLAR_NAMES.items())
SAID_TWICE = "Terms of targets are never changed; add new ones that say from when and why."


class Indicator(models.Model):
    """An indicator (指标): what is measured or counted, in which unit, and where its values usually come from.

    It comes from the catalogue of the rulebook, or is made when a target outside the catalogue is adopted.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=200)
    unit = models.CharField("计量单位", max_length=60, blank=True)
    pillar = models.CharField("领域", max_length=20, choices=PILLAR_CHOICES)
    kind = models.CharField("类别", max_length=16, choices=[(k.value, INDICATOR_KIND_NAMES[k]) for k in IndicatorKind])
    better = models.CharField("方向", max_length=4, choices=[(b.value, BETTER_NAMES[b]) for b in Better])
    source_kind = models.CharField("数据来源", max_length=12, choices=SOURCE_CHOICES)
    statistic = models.CharField("统计项", max_length=60, blank=True)
    rhythm = models.CharField("频次", max_length=8, choices=RHYTHM_CHOICES)
    edition = models.CharField("目录版本", max_length=80, blank=True, help_text="留空为本地新设")
    created_at = models.DateTimeField("设立时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="indicator_has_code_name_pillar", condition=~Q(code="") & ~Q(name="") & ~Q(pillar="")
            ),
            models.CheckConstraint(
                name="indicator_kind_is_known", condition=Q(kind__in=[kind.value for kind in IndicatorKind])
            ),
            models.CheckConstraint(
                name="indicator_direction_is_known", condition=Q(better__in=[better.value for better in Better])
            ),
            models.CheckConstraint(
                name="indicator_source_is_known", condition=Q(source_kind__in=[kind.value for kind in SourceKind])
            ),
            models.CheckConstraint(
                name="indicator_rhythm_is_known", condition=Q(rhythm__in=[rhythm.value for rhythm in Rhythm])
            ),
            models.CheckConstraint(
                name="indicator_of_instruments_names_its_statistic",
                condition=~Q(source_kind=SourceKind.INSTRUMENT.value) | ~Q(statistic=""),
            ),
            models.UniqueConstraint(
                fields=("name", "unit"), condition=Q(edition=""), name="indicator_of_our_own_is_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_from_catalogue(self) -> bool:
        """Whether the rulebook declares it."""
        return self.edition != ""


class TargetQuerySet(models.QuerySet["Target"]):
    """Targets."""

    def as_of(self, day: date) -> TargetQuerySet:
        """Keep the targets that stood on a day, each with the key of the terms that counted then."""
        counted = TargetTerms.objects.filter(target=OuterRef("pk"), valid_from__lte=day).order_by("-valid_from", "-pk")
        return self.annotate(terms_id=Subquery(counted.values("pk")[:1])).filter(terms_id__isnull=False)


class Target(models.Model):
    """A target (目标): the identity of one promise; its terms are told by `TargetTerms`."""

    number = models.PositiveIntegerField("编号", unique=True)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets", verbose_name="指标")
    finding = models.OneToOneField(
        Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="target", verbose_name="条目"
    )
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="targets", verbose_name="文件"
    )
    carried_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name="结转自"
    )
    created_at = models.DateTimeField("采纳时间")

    objects = TargetQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "目标"
        verbose_name_plural = "目标"
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(
                name="target_of_a_finding_names_its_document",
                condition=Q(finding__isnull=True) | Q(document__isnull=False),
            ),
            models.CheckConstraint(name="target_number_counts_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="target_is_not_carried_from_itself",
                condition=Q(carried_from__isnull=True) | ~Q(carried_from=F("pk")),
            ),
        )

    def __str__(self) -> str:
        return f"目标 {self.number}"

    @classmethod
    def next_number(cls) -> int:
        """Give the number of the next target."""
        return int(cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1


class TargetTermsQuerySet(models.QuerySet["TargetTerms"]):
    """Terms; every way to change many of them at once is closed."""

    def update(self, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)

    def bulk_update(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)


class TargetTerms(models.Model):
    """The terms of a target (条款) from a day on: what is promised, who owes it, where its value comes from.

    Each row is whole: it needs no earlier row to be read. A withdrawn target has a last row that says so.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="terms", verbose_name="目标")
    parent = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, blank=True, related_name="part_terms", verbose_name="上级目标"
    )
    change = models.CharField("变更", max_length=12, choices=[(c.value, CHANGE_NAMES[c]) for c in Change])
    title = models.CharField("指标表述", max_length=300)
    comparator = models.CharField("要求", max_length=12)
    bound = models.DecimalField("目标值", max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES, null=True, blank=True)
    bound_text = models.CharField("目标值表述", max_length=120, blank=True)
    unit = models.CharField("计量单位", max_length=60, blank=True)
    period_text = models.CharField("期限", max_length=60, blank=True)
    period_start = models.DateField("起始日", null=True, blank=True)
    period_end = models.DateField("截止日", null=True, blank=True)
    baseline = models.TextField("基数", blank=True)
    scope_text = models.TextField("范围", blank=True)
    scope_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="scoped_terms", verbose_name="范围单位"
    )
    strength = models.CharField("力度", max_length=16)
    pillar = models.CharField("领域", max_length=20, choices=PILLAR_CHOICES)
    measure = models.TextField("举措", blank=True)
    quote = models.TextField("原文", blank=True)
    gap = models.CharField("缺项", max_length=40, blank=True)
    lead_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="led_terms", verbose_name="牵头单位")
    lead_from = models.CharField(
        "牵头单位由来", max_length=16, choices=[(o.value, ORIGIN_NAMES[o]) for o in LEAD_ORIGINS]
    )
    lead_note = models.TextField("牵头单位依据")
    source_kind = models.CharField("数据来源", max_length=12, choices=SOURCE_CHOICES)
    source_from = models.CharField(
        "来源由来", max_length=16, choices=[(o.value, ORIGIN_NAMES[o]) for o in SOURCE_ORIGINS]
    )
    source_note = models.TextField("来源依据")
    statistic = models.CharField("统计项", max_length=60, blank=True)
    place_codes = models.TextField("点位代码", blank=True, default="", help_text="以空格分开；留空为按表述和名录确定")
    rhythm = models.CharField("频次", max_length=8, choices=RHYTHM_CHOICES)
    note = models.TextField("备注", blank=True)
    promised_under = models.CharField("承诺所依标准", max_length=80, blank=True, help_text="留空为当日有效的标准")
    valid_from = models.DateField("生效日期")
    recorded_at = models.DateTimeField("记录时间")
    recorded_by_id = models.CharField("记录人编号", max_length=40, blank=True)
    recorded_by = models.CharField("记录人", max_length=80)
    because = models.TextField("理由")

    objects = TargetTermsQuerySet.as_manager()

    CARRIED: ClassVar[tuple[str, ...]] = (  # what a new row takes over from the row before
        "parent", "title", "comparator", "bound", "bound_text", "unit", "period_text", "period_start", "period_end",
        "baseline", "scope_text", "scope_unit", "strength", "pillar", "measure", "quote", "gap", "lead_unit",
        "lead_from", "lead_note", "source_kind", "source_from", "source_note", "statistic", "place_codes", "rhythm",
        "note", "promised_under",
    )  # fmt: skip

    class Meta:
        """Names, order, constraints."""

        verbose_name = "目标条款"
        verbose_name_plural = "目标条款"
        ordering = ("target", "valid_from", "pk")
        indexes = (
            models.Index(fields=("target", "-valid_from", "-id"), name="terms_as_of"),
            models.Index(fields=("pillar", "lead_unit"), name="terms_pillar_lead"),
        )
        constraints = (
            models.CheckConstraint(
                name="terms_change_is_known", condition=Q(change__in=[change.value for change in Change])
            ),
            models.CheckConstraint(
                name="terms_are_no_part_of_themselves", condition=Q(parent__isnull=True) | ~Q(parent=F("target"))
            ),
            models.CheckConstraint(name="terms_comparator_is_known", condition=Q(comparator__in=COMPARATORS)),
            models.CheckConstraint(name="terms_strength_is_known", condition=Q(strength__in=STRENGTHS)),
            models.CheckConstraint(
                name="terms_without_bound_say_why",
                condition=Q(bound__isnull=False) | Q(comparator=rules.COMPLETE) | ~Q(gap=""),
            ),
            models.CheckConstraint(
                name="terms_with_bound_lack_no_number",
                condition=Q(bound__isnull=True) | ~Q(gap__in=sorted(NUMBER_GAPS)),
            ),
            models.CheckConstraint(
                name="terms_to_complete_have_no_bound",
                condition=~Q(comparator=rules.COMPLETE) | Q(bound__isnull=True),
            ),
            models.CheckConstraint(
                name="terms_period_ends_after_start",
                condition=Q(period_end__isnull=True)
                | (Q(period_start__isnull=False) & Q(period_end__gte=F("period_start"))),
            ),
            models.CheckConstraint(
                name="terms_lead_origin_is_known", condition=Q(lead_from__in=[origin.value for origin in LEAD_ORIGINS])
            ),
            models.CheckConstraint(
                name="terms_source_origin_is_known",
                condition=Q(source_from__in=[origin.value for origin in SOURCE_ORIGINS]),
            ),
            models.CheckConstraint(
                name="terms_source_is_known", condition=Q(source_kind__in=[kind.value for kind in SourceKind])
            ),
            models.CheckConstraint(
                name="terms_rhythm_is_known", condition=Q(rhythm__in=[rhythm.value for rhythm in Rhythm])
            ),
            models.CheckConstraint(
                name="terms_of_instruments_name_their_statistic",
                condition=~Q(source_kind=SourceKind.INSTRUMENT.value) | ~Q(statistic=""),
            ),
            models.CheckConstraint(
                name="terms_reported_have_no_statistic",
                condition=Q(source_kind__in=[kind.value for kind in SourceKind if kind in WITH_STATISTIC])
                | Q(statistic=""),
            ),
            models.CheckConstraint(
                name="terms_say_what_who_and_why",
                condition=~Q(title="")
                & ~Q(pillar="")
                & ~Q(because="")
                & ~Q(recorded_by="")
                & ~Q(lead_note="")
                & ~Q(source_note=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}{self.demand}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add these terms; terms that exist are not written again."""
        if not self._state.adding:
            raise AppendOnlyError(SAID_TWICE)
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError(SAID_TWICE)

    @property
    def is_withdrawn(self) -> bool:
        """Whether the target no longer counts."""
        return self.change == Change.WITHDRAW

    @property
    def bound_plain(self) -> str:
        """The bound without the zeros that its column adds; the words of the document while it is not known."""
        return self.bound_text if self.bound is None else plain(self.bound)

    @property
    def demand(self) -> str:
        """What is promised, in words."""
        return demand(self.comparator, self.bound, self.bound_text, self.unit)

    @property
    def strength_name(self) -> str:
        """How firmly it is promised, in words."""
        return STRENGTH_NAMES.get(self.strength, self.strength)

    @property
    def pillar_name(self) -> str:
        """The pillar in words."""
        return PILLAR_NAMES.get(self.pillar, self.pillar)

    @property
    def period_in_words(self) -> str:
        """The period as officials write it; empty when the document does not say."""
        return rules.say_period(self.period_text)


class Restatement(AppendOnly):
    """What an officer decided of a finding that repeats a target (重申): it confirms the target, or amends it.

    A confirmation adds the document as a further source and changes nothing; an amendment names the terms that came of
    it. A finding has one at most, and none where it became a target of its own.
    """

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="restatement", verbose_name="条目")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="restatements", verbose_name="目标")
    decision = models.CharField("决定", max_length=8, choices=[(d.value, RESTATING_NAMES[d]) for d in Restating])
    terms = models.OneToOneField(
        TargetTerms, on_delete=models.PROTECT, null=True, blank=True, related_name="restatement", verbose_name="条款"
    )
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.CharField("记录人", max_length=80)
    because = models.TextField("理由")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "重申"
        verbose_name_plural = "重申"
        ordering = ("target", "pk")
        constraints = (
            models.CheckConstraint(
                name="restatement_amends_with_terms",
                condition=Q(decision=Restating.CONFIRM.value, terms__isnull=True)
                | Q(decision=Restating.AMEND.value, terms__isnull=False),
            ),
            models.CheckConstraint(name="restatement_says_who_and_why", condition=~Q(recorded_by="") & ~Q(because="")),
        )

    def __str__(self) -> str:
        return f"{self.finding}{self.get_decision_display()}{self.target}"


class Plan(AppendOnly):
    """A plan of one target through its period (分期计划), from a day on: what should be reached by when.

    A plan is never changed: the next one has the next number and its own reason. One without values goes back to the
    straight line.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="plans", verbose_name="目标")
    number = models.PositiveIntegerField("版次")
    basis = models.CharField("编制方式", max_length=12, choices=[(b.value, PLAN_NAMES[b]) for b in PlanBasis])
    valid_from = models.DateField("生效日期")
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.CharField("记录人", max_length=80)
    because = models.TextField("理由")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "分期计划"
        verbose_name_plural = "分期计划"
        ordering = ("target", "number")
        constraints = (
            models.UniqueConstraint(fields=("target", "number"), name="plan_number_is_unique"),
            models.CheckConstraint(
                name="plan_basis_is_known", condition=Q(basis__in=[basis.value for basis in PlanBasis])
            ),
            models.CheckConstraint(
                name="plan_says_who_and_why", condition=Q(number__gte=1) & ~Q(recorded_by="") & ~Q(because="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.target} 第 {self.number} 版计划"


class PlannedValue(AppendOnly):
    """What a plan says of one day: the value that should be reached by then, or in words what should be done."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="values", verbose_name="计划")
    day = models.DateField("截至日")
    value = models.DecimalField("计划累计", max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES, null=True, blank=True)
    words = models.CharField("节点要求", max_length=200, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "计划值"
        verbose_name_plural = "计划值"
        ordering = ("plan", "day")
        constraints = (
            models.UniqueConstraint(fields=("plan", "day"), name="planned_value_one_for_a_day"),
            models.CheckConstraint(
                name="planned_value_says_something", condition=Q(value__isnull=False) | ~Q(words="")
            ),
            models.CheckConstraint(
                name="planned_value_is_not_negative", condition=Q(value__isnull=True) | Q(value__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}：{self.value_plain or self.words}"

    @property
    def value_plain(self) -> str:
        """The value without the zeros that its column adds; empty where only words are given."""
        return "" if self.value is None else plain(self.value)


class YearEnd(AppendOnly):
    """The close of a year (年终结账) for the ledger of a unit and all below it, with a line for each target."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="year_ends", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("次", help_text="重新打开后再结账为下一次")
    as_of = models.DateField("数据截至", help_text="最终结论取这一天的研判")
    recorded_at = models.DateTimeField("结账时间")
    recorded_by = models.CharField("结账人", max_length=80)
    because = models.TextField("说明")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "年终结账"
        verbose_name_plural = "年终结账"
        ordering = ("-year", "unit", "-number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "year", "number"), name="year_end_number_is_unique"),
            models.CheckConstraint(
                name="year_end_says_who_and_why", condition=Q(number__gte=1) & ~Q(recorded_by="") & ~Q(because="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.year} 年结账"


class FinalLine(AppendOnly):
    """What stands for a target at the close of a year (年终结论): frozen, whatever is reported or judged later."""

    year_end = models.ForeignKey(YearEnd, on_delete=models.PROTECT, related_name="lines", verbose_name="结账")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="final_lines", verbose_name="目标")
    terms = models.ForeignKey(TargetTerms, on_delete=models.PROTECT, related_name="final_lines", verbose_name="条款")
    is_over = models.BooleanField("期限已满")
    value = models.DecimalField("最终值", max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES, null=True, blank=True)
    met = models.BooleanField("是否完成", null=True, blank=True)
    light = models.CharField("灯", max_length=8, choices=[(light.value, LIGHT_NAMES[light]) for light in Light])
    source_kind = models.CharField("数据来源", max_length=12, choices=SOURCE_CHOICES)
    reason = models.TextField("原因")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "年终结论"
        verbose_name_plural = "年终结论"
        ordering = ("year_end", "target")
        constraints = (
            models.UniqueConstraint(fields=("year_end", "target"), name="final_line_one_for_a_target"),
            models.CheckConstraint(
                name="final_line_light_is_known", condition=Q(light__in=[light.value for light in Light])
            ),
        )

    def __str__(self) -> str:
        return f"{self.target}：{self.outcome}"

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        if self.met is None:
            return "结论不明" if self.is_over else "跨年度，继续"
        return "完成" if self.met else "未完成"

    @property
    def value_plain(self) -> str:
        """The value without the zeros that its column adds; empty when there is none."""
        return "" if self.value is None else plain(self.value)


class Reopening(AppendOnly):
    """A close that was opened again (重新打开), with the reason; the lines frozen by it stay in the record."""

    year_end = models.OneToOneField(YearEnd, on_delete=models.PROTECT, related_name="reopening", verbose_name="结账")
    recorded_at = models.DateTimeField("打开时间")
    recorded_by = models.CharField("打开人", max_length=80)
    because = models.TextField("理由")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "重新打开"
        verbose_name_plural = "重新打开"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(name="reopening_says_who_and_why", condition=~Q(recorded_by="") & ~Q(because="")),
        )

    def __str__(self) -> str:
        return f"{self.year_end}：重新打开"


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties."""

    def in_force_on(self, day: date) -> DutyQuerySet:
        """Keep the duties that count on a day."""
        return self.filter(in_force(day, first="valid_from", last="valid_to"))


class Duty(models.Model):
    """A line of the duty list (职责清单): a unit owns a subject, from day to day.

    Units under one superior unit do not share a subject: who takes it over ends the duty of the one before.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="duties", verbose_name="单位")
    pillar = models.CharField("领域", max_length=20, choices=PILLAR_CHOICES)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("最后一日", null=True, blank=True)
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.CharField("记录人", max_length=80)
    because = models.CharField("依据", max_length=200)
    ended_because = models.CharField("终止理由", max_length=200, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "职责"
        verbose_name_plural = "职责清单"
        ordering = ("pillar", "-valid_from", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "pillar"), condition=Q(valid_to__isnull=True), name="duty_one_open_for_unit_and_pillar"
            ),
            models.CheckConstraint(
                name="duty_ends_after_start", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="duty_last_day_with_reason",
                condition=Q(valid_to__isnull=True, ended_because="")
                | (Q(valid_to__isnull=False) & ~Q(ended_because="")),
            ),
            models.CheckConstraint(
                name="duty_says_what_who_and_why", condition=~Q(pillar="") & ~Q(recorded_by="") & ~Q(because="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}：{self.pillar_name}"

    @property
    def pillar_name(self) -> str:
        """The pillar in words."""
        return PILLAR_NAMES.get(self.pillar, self.pillar)

    @property
    def period(self) -> str:
        """The days on which the duty counts, in words."""
        return period(self.valid_from, self.valid_to)
