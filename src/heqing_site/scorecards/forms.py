"""The shape of what a person types about events that count in scores. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from heqing.scorecards import Scheme
from heqing_site.orgs.forms import UnitChoice, day_field
from heqing_site.orgs.models import Unit
from heqing_site.scorecards.rules import EVENT_KIND_NAMES, EventKind


def event_choices(scheme: Scheme) -> list[tuple[str, list[tuple[str, str]]]]:
    """List what a scheme knows as vetoes and bonuses, each as ``kind.key``."""
    grades = {grade.key: grade.name_zh for grade in scheme.grades}
    vetoes = [(f"veto.{v.key}", f"{v.name_zh}（等次最高为{grades[v.grade_most]}）") for v in scheme.vetoes]
    bonuses = {f"bonus.{b.key}": f"{b.name_zh}（每次加 {b.per} 分）" for group in scheme.groups for b in group.bonuses}
    return [
        (EVENT_KIND_NAMES[EventKind.VETO], vetoes),
        (EVENT_KIND_NAMES[EventKind.BONUS], list(bonuses.items())),
    ]


class EventForm(forms.Form):
    """An event that bars grades or adds points."""

    unit = UnitChoice(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    case = forms.ChoiceField(label="情形")
    day = day_field("发生日期")
    what = forms.CharField(label="事项", max_length=200, help_text="何处、何事")
    evidence = forms.CharField(label="依据", max_length=300, help_text="文件名称和文号、调查结论等")

    def __init__(self, *args: Any, scheme: Scheme, units: list[int], on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        found = Unit.objects.filter(pk__in=units).order_by("code")
        self.fields["unit"] = UnitChoice(label="单位", queryset=found, empty_label="请选择")
        self.fields["case"] = forms.ChoiceField(label="情形", choices=[("", "请选择"), *event_choices(scheme)])
        self.fields["day"].widget.attrs["max"] = on.isoformat()
