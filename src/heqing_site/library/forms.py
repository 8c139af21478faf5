"""The shape of what a person types about documents and findings. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from heqing.reading.decoding import ENDINGS
from heqing_site.library import rules
from heqing_site.library.models import Finding
from heqing_site.library.rules import COMPARATOR_NAMES, KIND_NAMES, PILLAR_NAMES, STRENGTH_NAMES
from heqing_site.orgs.forms import UnitChoice
from heqing_site.orgs.models import Unit


class UploadForm(forms.Form):
    """A document to take in."""

    file = forms.FileField(
        label="文件",
        help_text="Word、WPS、PDF、OFD、Excel、文本或网页；扫描件须先识别文字",
        allow_empty_file=True,  # the action says what is wrong, by the name of the file
        max_length=None,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )
    title = forms.CharField(label="标题", max_length=300, required=False, help_text="不填则取文件自带的标题或文件名")
    unit = UnitChoice(
        Unit.objects.none(), label="归口单位", required=False, empty_label="（全站）", help_text="由该单位的人员核对"
    )

    def __init__(self, *args: Any, on: date, within: set[int] | None, home: Unit | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.active_on(on)
        field = self.fields["unit"]
        field.queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]
        if within is not None:
            field.required = True
            field.empty_label = "请选择"  # type: ignore[attr-defined]
        if home is not None and (within is None or home.pk in within):
            field.initial = home.pk


class BecauseForm(forms.Form):
    """Why a finding is rejected."""

    because = forms.CharField(label="理由", max_length=200, required=False)


class FindingForm(forms.Form):
    """What a finding says."""

    indicator = forms.CharField(
        label="指标",
        max_length=200,
        help_text="从指标目录中选，或写一个新的名称",
        widget=forms.TextInput(attrs={"list": "indicators", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label="类别", choices=[(kind.value, name) for kind, name in KIND_NAMES.items()])
    comparator = forms.ChoiceField(label="要求", choices=list(COMPARATOR_NAMES.items()))
    value = forms.DecimalField(
        label="数值", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    unit = forms.CharField(label="单位", max_length=60, required=False)
    period = forms.CharField(label="期限", max_length=60, required=False, help_text="例如 2026、2021-2025")
    strength = forms.ChoiceField(label="力度", required=False, choices=[("", "未说明"), *STRENGTH_NAMES.items()])
    pillar = forms.ChoiceField(label="领域", choices=list(PILLAR_NAMES.items()))
    scope = forms.CharField(label="范围", max_length=200, required=False, help_text="例如“全市”“国控断面”")
    baseline = forms.CharField(label="基数", max_length=200, required=False, help_text="与什么相比，例如“2020年”")

    @staticmethod
    def facts_of(finding: Finding) -> dict[str, object]:
        """Give what the form shows at first."""
        told = {name: finding.value_plain if name == "value" else getattr(finding, name) for name in rules.CORRECTABLE}
        return {**told, "words": finding.quote, "near": finding.start}


class CorrectionForm(FindingForm):
    """Another reading of a finding; `words` cites other words of the text than the reading did."""

    words = forms.CharField(
        label="引用的原文",
        max_length=rules.LONGEST_QUOTE + 200,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="在原文中选取即可改换",
    )
    near = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())
    because = forms.CharField(label="更正说明", max_length=200, required=False, help_text="记入操作记录")


class ByHandForm(FindingForm):
    """A finding that the reading missed."""

    words = forms.CharField(
        label="原文",
        max_length=rules.LONGEST_QUOTE + 200,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="从原文中原样复制；一般写到一个完整的分句",
    )
    near = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())

    field_order = ("words",)


class LineForm(forms.Form):
    """A line of the text that is page furniture, or is not."""

    words = forms.CharField(
        label="这一行",
        max_length=rules.LONGEST_QUOTE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="从原文中原样复制其中几个字即可，按整行处理",
    )
    near = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())
    noise = forms.ChoiceField(label="这一行是", choices=[(rules.NOISE, "噪声行"), (rules.NO_NOISE, "正文，不是噪声")])


class ExpressionForm(forms.Form):
    """Words that make no target."""

    words = forms.CharField(
        label="表述",
        max_length=rules.LONGEST_QUOTE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="删去与本地、本年有关的字，只留下今后一见便知不是目标的那几个字",
    )
