"""Verdicts on targets (研判) as rows: one for each target and day, and a further one when the day is judged again.

A verdict is never changed: late or corrected data bring a new row with the next number for the same day, and the old
one stays. Writes go through ``verdicts.actions``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from heqing.tables import explain
from heqing.verdicts import Kind, Remaining, Verdict
from heqing.verdicts import Light as EngineLight
from heqing_site.audit.append_only import AppendOnly
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.rules import LIGHT_NAMES, Light, shown
from heqing_site.library.rules import plain
from heqing_site.verdicts.rules import REMAINING

DIGITS, PLACES = 24, 8


def _short(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(plain(value))


class Judging(AppendOnly):
    """A round of judging (一次研判): which day, when, by whom, on which state of the measurements."""

    day = models.DateField("研判日")
    recorded_at = models.DateTimeField("研判时间")
    recorded_by = models.CharField("研判人", max_length=80)
    store = models.CharField("监测数据版本", max_length=80, blank=True)
    followed_until = models.DateTimeField(
        "已追溯至", null=True, blank=True, help_text="此刻以前收到的更正和迟到数据，已重判它们涉及的各日"
    )

    class Meta:
        """Names and order."""

        verbose_name = "研判批次"
        verbose_name_plural = "研判批次"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.day} 研判"


class TargetVerdict(AppendOnly):
    """A verdict (研判结论) on one target for one day.

    `reason` holds codes with parameters; `sentence` says them. `inputs` tells what the value was computed from, so that
    the page can lead down to it: the statistic, the days, the places, the batches of the store or the report.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="verdicts", verbose_name="目标")
    terms = models.ForeignKey(TargetTerms, on_delete=models.PROTECT, related_name="verdicts", verbose_name="条款")
    day = models.DateField("研判日")
    number = models.PositiveIntegerField("次", help_text="同一日第几次研判")
    kind = models.CharField("类别", max_length=12)
    light = models.CharField("灯", max_length=8, choices=[(light.value, LIGHT_NAMES[light]) for light in Light])
    met = models.BooleanField("是否达成", null=True, blank=True)
    value = models.DecimalField("至今值", max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    value_as_of = models.DateField("数值截至", null=True, blank=True)
    schedule_value = models.DecimalField("时序值", max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    gap = models.DecimalField("差距", max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    measure = models.CharField("差距口径", max_length=20, blank=True)
    remaining = models.JSONField("余量", null=True, blank=True)
    samples = models.PositiveIntegerField("有效数", null=True, blank=True)
    expected = models.PositiveIntegerField("应有数", null=True, blank=True)
    edition = models.CharField("标准", max_length=80, blank=True)
    clause = models.CharField("条款号", max_length=80, blank=True)
    unconfirmed = models.BooleanField("依据未经核实", default=False)
    scheme = models.CharField("亮灯方案", max_length=40)
    light_edition = models.CharField("亮灯方案版本", max_length=80)
    light_clause = models.CharField("亮灯条款", max_length=200, blank=True)
    light_unconfirmed = models.BooleanField("亮灯依据未经核实", default=False)
    reason = models.TextField("理由代码", blank=True)
    note = models.TextField("缺什么、谁来补", blank=True, help_text="没有数值或逾期未报时写明")
    inputs = models.JSONField("依据", default=dict)
    chance = models.DecimalField("预测完成可能性", max_digits=5, decimal_places=4, null=True, blank=True)
    because = models.JSONField(
        "重判原因", null=True, blank=True, help_text="使结论不同于上一次的文件、填报、条款或标准"
    )
    recorded_at = models.DateTimeField("研判时间")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "研判"
        verbose_name_plural = "研判"
        ordering = ("target", "-day", "-number")
        indexes = (models.Index(fields=("day", "light"), name="verdict_day_light"),)
        constraints = (
            models.UniqueConstraint(fields=("target", "day", "number"), name="verdict_number_is_unique"),
            models.CheckConstraint(
                name="verdict_light_is_known", condition=Q(light__in=[light.value for light in Light])
            ),
            models.CheckConstraint(
                name="verdict_value_says_its_day", condition=Q(value__isnull=True) | Q(value_as_of__isnull=False)
            ),
            models.CheckConstraint(name="verdict_says_why", condition=~Q(reason="") | ~Q(note="")),
        )

    def __str__(self) -> str:
        return f"{self.target} {self.day}：{self.light_name}"

    @property
    def light_name(self) -> str:
        """The light in words."""
        return LIGHT_NAMES[Light(self.light)]

    @property
    def sentence(self) -> str:
        """The reason in words, in the language of the reader."""
        return self.say(get_language())

    def say(self, language: str | None) -> str:
        """Say the reason in Chinese, or in English to whoever reads English."""
        if (language or "").startswith("en"):
            return explain(self.reason, "en") or self.note
        return self.note if self.value is None and self.note else explain(self.reason) + self.note

    @property
    def value_plain(self) -> str:
        """The value without the zeros that its column adds; empty when there is none."""
        return "" if self.value is None else plain(self.value)

    @property
    def value_shown(self) -> str:
        """The value as pages show it."""
        return shown(self.value)

    @property
    def schedule_shown(self) -> str:
        """The schedule value as pages show it."""
        return shown(self.schedule_value)

    @property
    def gap_shown(self) -> str:
        """The gap as pages show it."""
        return shown(self.gap)

    @property
    def remaining_name(self) -> str:
        """What the remaining figure is, in words."""
        return REMAINING.get(self.remaining["kind"], "") if self.remaining else ""

    @property
    def remaining_shown(self) -> str:
        """What the remaining days must or may bring, by the bound as promised."""
        return shown(Decimal(self.remaining["strict"])) if self.remaining else ""

    @property
    def remaining_judged_shown(self) -> str:
        """The same by the last value that is rounded to the bound."""
        return shown(Decimal(self.remaining["judged"])) if self.remaining else ""

    @property
    def ground(self) -> str:
        """The standard and clause of the value, each named once."""
        return self.as_verdict().ground

    def as_verdict(self) -> Verdict:
        """Give the row as the engine's verdict, to be told in words."""
        left = None if self.remaining is None else {k: self._figure(k, v) for k, v in self.remaining.items()}
        return Verdict(
            met=self.met,
            light=EngineLight(self.light),
            value=self.number_of_value,
            schedule_value=_short(self.schedule_value),
            remaining=None if left is None else Remaining(**left),
            gap=_short(self.gap),
            measure=self.measure,
            samples=self.samples,
            expected=self.expected,
            as_of=self.value_as_of,
            edition=self.edition,
            clause=self.clause,
            unconfirmed=self.unconfirmed,
            scheme=self.scheme,
            light_edition=self.light_edition,
            light_clause=self.light_clause,
            light_unconfirmed=self.light_unconfirmed,
            reason=self.reason,
            chance=self.chance,
            schedule_basis=self._basis(),
        )

    def _basis(self) -> str:
        """Tell what the schedule follows; rows of before it was kept say so by their reason."""
        if "basis" in self.inputs:
            return str(self.inputs["basis"])
        if self.schedule_value is None or self.kind not in (Kind.AMOUNT, Kind.DAY_COUNT):
            return ""
        return "plan" if "schedule_is_planned" in self.reason else "straight"

    @staticmethod
    def _figure(name: str, value: Any) -> Any:
        return Decimal(value) if isinstance(value, str) and name != "kind" else value

    @property
    def number_of_value(self) -> Decimal | None:
        """The value as a short decimal."""
        return None if self.value is None else Decimal(plain(self.value))
