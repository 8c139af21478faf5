"""The shape of what a person gives to an import. Rules are kept by the action, not here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from heqing_site.monitoring import rules
from heqing_site.orgs.forms import UnitChoice
from heqing_site.orgs.models import Unit


class PairsField(forms.CharField):
    """Pairs as people write them, one a line or parted by commas."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> dict[str, str]:
        """Read them, or say which is none."""
        pairs, wrong = rules.parse_pairs(super().clean(value) or "")
        if wrong:
            raise forms.ValidationError(f"“{wrong[0]}”看不懂，请写成“文件列名=标准列名”，每行一对。")
        return pairs


class ImportForm(forms.Form):
    """A file of measurements."""

    domain = forms.ChoiceField(label="要素", choices=[(d.value, rules.DOMAIN_NAMES[d]) for d in rules.DomainName])
    file = forms.FileField(
        label="数据文件",
        allow_empty_file=True,
        max_length=None,
        help_text=f"Excel（.xlsx）、CSV 或 Parquet，至多 {rules.FILE_LIMIT // rules.MEGABYTE} MB；可把文件拖到按钮上",
        widget=forms.FileInput(attrs={"accept": ",".join(rules.ENDINGS)}),
    )
    unit = UnitChoice(Unit.objects.none(), label="导入单位", empty_label=None)
    renames = PairsField(
        label="列名对应", required=False, help_text="文件列名与模板不同时填写，如 PM2.5=pm2_5，每行一对"
    )
    units = PairsField(label="单位", required=False, help_text="单位与模板不同时填写，如 co=µg/m³，每行一对")

    def __init__(self, *args: Any, on: date, within: set[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Unit.objects.active_on(on)
        self.fields["unit"].queryset = found if within is None else found.filter(pk__in=within)  # type: ignore[attr-defined]
