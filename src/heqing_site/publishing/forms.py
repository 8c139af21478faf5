"""What is typed about bulletins."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from heqing_site.orgs.models import Unit
from heqing_site.publishing.rules import LONGEST_REASON, LONGEST_TITLE


class DraftForm(forms.Form):
    """Which bulletin is drafted: unit, month, as-of day, issuer."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label=None)
    month = forms.DateField(
        label="月份",
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        error_messages={"invalid": "请写成 2026-10 的样子。"},
    )
    as_of = forms.DateField(
        label="数据截止日",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="不填为月末；月报在月后才报齐的，可以选晚一些的日子。",
    )
    issuer = forms.CharField(
        label="发文单位", required=False, max_length=LONGEST_TITLE, help_text="落款和版记的名称；不填为单位名称。"
    )

    def __init__(self, *args: Any, units: list[Unit], month: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101  declared above
        choice.queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("code")
        if units:
            choice.initial = units[0].pk
        self.fields["month"].initial = month


class ReasonForm(forms.Form):
    """Why a bulletin is returned."""

    because = forms.CharField(
        label="退回理由", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
