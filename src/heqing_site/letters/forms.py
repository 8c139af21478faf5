"""The shape of what a person types about letters. Rules are kept by the actions, not here."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms

from heqing_site.letters import queries, wordings
from heqing_site.letters.models import LetterSeries
from heqing_site.letters.rules import LONGEST_REASON, NEW, SUFFIX, TABLES, Part, Side, Template
from heqing_site.letters.signatures import Signature
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.forms import UnitChoice, day_field
from heqing_site.orgs.models import Unit
from heqing_site.orgs.rules import UnitKind

USUAL_RECEIVERS = (UnitKind.TOWN.value, UnitKind.STREET.value)


class Receivers(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Choose receiving units."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Unit) -> str:
        """Show the name."""
        return obj.name


class SeriesForm(forms.Form):
    """A new series of letters."""

    kind = forms.ChoiceField(label="种类")
    topic = forms.CharField(label="事项", max_length=80, help_text="写进标题，例如“深入打好污染防治攻坚战”")
    year = forms.IntegerField(label="年份")
    issuer = UnitChoice(Unit.objects.none(), label="下达（接收）单位", empty_label=None)
    receivers = Receivers(Unit.objects.none(), label="承担（承诺）单位")
    campaign = forms.CharField(
        label="攻坚行动", max_length=60, required=False, help_text="例如“治水”“工改”；同一行动的批次归在一起"
    )
    pillars = forms.MultipleChoiceField(
        label="列入哪些领域的目标",
        choices=list(PILLAR_NAMES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选为各领域；各单位只列范围或牵头是它自己的目标",
    )
    shared_targets = forms.CharField(
        label="每份都列入的目标", max_length=400, required=False, help_text="目标编号，用顿号或逗号分开，例如 3、12"
    )
    template = forms.ChoiceField(label="模板", required=False)
    reasons = forms.ChoiceField(label="下达后可修订的事由")
    mark = forms.CharField(
        label="机关代字",
        max_length=20,
        required=False,
        help_text="写进编号，请填本单位实有的代字；不填用该单位上次的，没有上次的用建议值（地名加“委办责”“委办诺”），下达后不能改",
    )

    def __init__(self, *args: Any, on: date, places: set[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        units = Unit.objects.active_on(on)
        issuers = units if places is None else units.filter(pk__in=places)
        fields["issuer"].queryset = issuers.exclude(kind=UnitKind.ENTERPRISE.value)
        fields["receivers"].queryset = units.exclude(kind__in=[UnitKind.ENTERPRISE.value]).order_by("code")
        fields["kind"].choices = [(kind, words.name) for kind, words in wordings.kinds().items()]
        fields["reasons"].choices = [
            (key, f"{preset.name}（{preset.about}）") for key, preset in wordings.presets().items()
        ]
        local = [(str(row.pk), f"{wordings.kinds()[row.kind].name}：{row}") for row in queries.local_templates()]
        fields["template"].choices = [("", "系统模板"), *local]

    def clean_shared_targets(self) -> list[int]:
        """Read the numbers of targets."""
        typed = self.cleaned_data["shared_targets"]
        parts = [part for part in re.split(r"[、，,;；\s]+", typed) if part]
        if any(not (part.isascii() and part.isdecimal() and len(part) < 9) for part in parts):
            raise forms.ValidationError("只写目标编号，用顿号或逗号分开，例如 3、12。")
        return [int(part) for part in parts]


class WordsForm(forms.Form):
    """Words that go with a deed."""

    words = forms.CharField(
        label="理由", required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


class AmendForm(forms.Form):
    """Why a letter that was handed down is amended."""

    reason = forms.ChoiceField(label="修订事由")
    because = forms.CharField(
        label="修订说明", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}), help_text="发生了什么"
    )
    authority = forms.CharField(label="批准依据", max_length=200, help_text="批准的会议、文件名称或文号")

    def __init__(self, *args: Any, series: LetterSeries, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = wordings.presets()[series.reasons].reasons
        self.fields["reason"].choices = list(reasons.items())  # type: ignore[attr-defined]


class ScanForm(forms.Form):
    """Who signed the paper and when, for one side or both."""

    issuer_signer = forms.CharField(label="签署人", max_length=80, required=False)
    issuer_day = day_field("签署日期", required=False)
    receiver_signer = forms.CharField(label="签署人", max_length=80, required=False)
    receiver_day = day_field("签署日期", required=False)
    because = forms.CharField(
        label="更正理由", max_length=LONGEST_REASON, required=False, help_text="改动已经登记的签署时填"
    )

    def clean(self) -> dict[str, Any]:
        """Ask for name and day together."""
        said = super().clean() or {}
        for side in Side:
            if bool(said.get(f"{side.value}_signer")) != bool(said.get(f"{side.value}_day")):
                self.add_error(f"{side.value}_signer", "签署人和签署日期要一起填。")
        return said

    def signatures(self) -> list[Signature]:
        """Give what was typed."""
        said = self.cleaned_data
        return [
            Signature(side, said[f"{side.value}_signer"], said[f"{side.value}_day"])
            for side in Side
            if said[f"{side.value}_signer"]
        ]


class TemplateForm(forms.Form):
    """A template as simple text: parts with headings between lines of words."""

    unit = UnitChoice(Unit.objects.none(), label="使用单位", empty_label=None)
    name = forms.CharField(label="模板名称", max_length=60)
    title = forms.CharField(label="标题", max_length=120)
    mark = forms.CharField(label="机关代字", max_length=20, help_text="{first} 是单位名称的第一个字")
    number = forms.CharField(label="编号", max_length=60)
    revision = forms.ChoiceField(label="修订后怎样编号", choices=[(SUFFIX, "原号后加注"), (NEW, "另编新号")])
    revised = forms.CharField(label="加注的写法", max_length=60)
    text = forms.CharField(
        label="正文",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 22}),
        help_text="“# ”开头的行是小标题，“# 目标：”“# 任务：”开头的小标题下由系统列表；其余每行一段",
    )

    def __init__(self, *args: Any, on: date, places: set[int] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.active_on(on)
        self.fields["unit"].queryset = units if places is None else units.filter(pk__in=places)  # type: ignore[attr-defined]

    def template(self, kind: str) -> Template:
        """Give what was typed as a template."""
        said = self.cleaned_data
        return Template(
            kind=kind,
            name=said["name"].strip(),
            title=said["title"].strip(),
            mark=said["mark"].strip(),
            number=said["number"].strip(),
            revision=said["revision"],
            revised=said["revised"].strip(),
            parts=parts_of(said["text"]),
        )


TABLE_WORDS = {"targets": "目标", "tasks": "任务"}


def text_of(template: Template) -> str:
    """Write the parts of a template as simple text."""
    lines = []
    for part in template.parts:
        if part.part in TABLES:
            lines.append(f"# {TABLE_WORDS[part.part]}：{part.heading}")
        elif part.heading or lines:
            lines.append(f"# {part.heading}".rstrip())
        lines.extend(part.words)
    return "\n".join(lines)


def parts_of(text: str) -> tuple[Part, ...]:
    """Read the parts of a template from simple text; what stands before the first heading is running text."""
    found: list[Part] = []
    kind, heading = "text", ""
    words: list[str] = []

    def close() -> None:
        if heading or words or kind in TABLES:
            found.append(Part(kind, heading, tuple(words)))

    for line in filter(None, map(str.strip, text.splitlines())):
        if not line.startswith("#"):
            words.append(line)
            continue
        close()
        kind, heading, words = "text", line.lstrip("#").strip(), []
        for table, word in TABLE_WORDS.items():
            for colon in ("：", ":"):
                if heading.startswith(word + colon):
                    kind, heading = table, heading[len(word) + 1 :].strip()
    close()
    return tuple(found)
