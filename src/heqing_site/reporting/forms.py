"""The shape of what a person types about reports. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from heqing_site.library.evidence import endings
from heqing_site.orgs.forms import UnitChoice, reason_field
from heqing_site.orgs.models import Unit
from heqing_site.reporting import rules
from heqing_site.reporting.actions import LONGEST_NOTE
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.rules import parse_day, parse_number

DONE_CHOICES = [("", "请选择"), ("是", "已办结"), ("否", "未办结")]


class ManyFiles(forms.ClearableFileInput):
    """A field that takes several files, and offers the camera on a phone."""

    allow_multiple_selected = True


class NumberField(forms.CharField):
    """A number as people write it."""

    def clean(self, value: Any) -> Decimal | None:
        """Read it, or say that it is none."""
        text = super().clean(value)
        number = parse_number(text) if text else None
        if text and number is None:
            raise forms.ValidationError(f"“{text}”不是数字；单位不写在数值里。")
        return number


class DayField(forms.CharField):
    """A day as people write it."""

    def clean(self, value: Any) -> date | None:
        """Read it, or say that it is none."""
        text = super().clean(value)
        day = parse_day(text) if text else None
        if text and day is None:
            raise forms.ValidationError(f"“{text}”不是日期，请写成 2026-03-31。")
        return day


class RowForm(forms.Form):
    """What is typed for one period of one target."""

    value = NumberField(
        label="数值",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    done = forms.ChoiceField(label="是否办结", required=False, choices=DONE_CHOICES)
    value_date = DayField(
        label="数值日期", required=False, max_length=20, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label="说明", required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, *args: Any, is_deed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("value" if is_deed else "done")

    @staticmethod
    def facts_of(entry: ReportEntry | None, *, day: date | None) -> dict[str, object]:
        """Give what the form shows at first; the day is filled in where nothing was entered."""
        if entry is None:
            return {"value_date": day.isoformat() if day else ""}
        return {
            "value": entry.value_plain,
            "done": "" if entry.done is None else "是" if entry.done else "否",
            "value_date": entry.value_date.isoformat() if entry.value_date else "",
            "note": entry.note,
        }

    @property
    def done_said(self) -> bool | None:
        """What was chosen for a deed."""
        return rules.parse_done(self.cleaned_data.get("done") or "")


class CorrectionForm(RowForm):
    """Another value for what was accepted."""

    because = reason_field("更正理由", "记入操作记录；更正后须重新审核，审核前原数值继续有效")


class SheetForm(forms.Form):
    """A filled-in sheet."""

    file = forms.FileField(
        label="填好的表格",
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class CloseForm(forms.Form):
    """A month to close for a unit."""

    unit = UnitChoice(Unit.objects.none(), label="单位", help_text="连同其下属单位")
    month = forms.CharField(label="月份", max_length=7, widget=forms.TextInput(attrs={"type": "month"}))
    because = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, on: date, within: set[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.active_on(on)
        self.fields["unit"].queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]


def accepted_endings() -> str:
    """Name the kinds of evidence for the browser."""
    return endings()
