"""The shape of what a person types about plans. Rules are kept by the actions, not here."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms

from heqing.plans import Deed, ListForm, Move, Procedure
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.orgs.forms import UnitChoice, day_field
from heqing_site.orgs.models import Post, Unit
from heqing_site.places.models import Enterprise, Outlet, River, Section, in_use_on
from heqing_site.plans.actions import LONGEST_NOTE
from heqing_site.plans.lists import LONGEST_CHAPTER, LONGEST_WORDS
from heqing_site.plans.models import Plan, PlanItem
from heqing_site.plans.queries import choices_of_things
from heqing_site.plans.rules import ADOPTION_NAMES, Adoption
from heqing_site.works.models import Work

NOTES = {  # what is asked for in words
    Deed.CONSULT: ("说明", ""),
    Deed.REVIEW: ("审查意见", ""),
    Deed.APPROVE: ("批准意见", ""),
    Deed.RETURN: ("退回理由", "哪里要改"),
    Deed.ENFORCE: ("说明", ""),
    Deed.FINISH: ("完工情况", "做完了哪些措施"),
    Deed.EVALUATE: ("评估意见", "依据什么认为治理有效；没有监测数据的须附评估文件"),
    Deed.REOPEN: ("理由", "为什么要重新治理"),
    Deed.REVISE: ("修订理由", "为什么要改、依据是什么"),
    Deed.CLOSE: ("销号意见", ""),
    Deed.WITHDRAW: ("撤回理由", ""),
}
WITH_FILES = (Deed.APPROVE, Deed.FINISH, Deed.EVALUATE, Deed.CLOSE)


class TargetChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a target by its terms."""

    def label_from_instance(self, obj: TargetTerms) -> str:
        """Show number and promise."""
        return f"{obj.target.number} {obj.title}{obj.demand}"[:60]


class ProjectChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a work by its number, typed: there may be thousands, and a page that lists them all would be heavy."""

    widget = forms.NumberInput

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "to_field_name": "number", "help_text": "填任务或项目的编号"})


class SectionChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Choose sections; the river tells where they lie."""

    def label_from_instance(self, obj: Section) -> str:
        """Show river and name."""
        return f"{obj.river}：{obj.name}"


class DraftForm(forms.Form):
    """A new plan."""

    kind = forms.ChoiceField(label="方案类别")
    title = forms.CharField(label="名称", max_length=120, required=False, help_text="不填时按对象和类别取名")
    river = forms.ModelChoiceField(River.objects.none(), label="河湖", required=False, empty_label="不是河湖")
    sections = SectionChoice(
        Section.objects.none(), label="只管其中一段的，选该段断面", required=False, help_text="整条河湖的不选"
    )
    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label="企业", required=False, empty_label="不是企业")
    outlet = forms.ModelChoiceField(Outlet.objects.none(), label="排口", required=False, empty_label="不是排口")
    place_text = forms.CharField(
        label="地块、渠段或事项", max_length=200, required=False, help_text="名录中没有的，写明是哪里"
    )
    unit = UnitChoice(Unit.objects.none(), label="编制单位", empty_label=None)
    chief = forms.ModelChoiceField(
        Post.objects.none(), label="河长或负责领导", required=False, empty_label="按河湖名录；没有则由批准人审查"
    )
    approval = forms.ChoiceField(label="审批做法")
    begins_on = day_field("实施期始")
    ends_on = day_field("实施期止")

    def __init__(self, *args: Any, on: date, rules: Procedure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        things = choices_of_things(on=on)
        units = Unit.objects.active_on(on)
        querysets = {**things, "unit": units, "chief": Post.objects.select_related("unit").order_by("unit__code", "pk")}
        for name, found in querysets.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        kinds = [(kind.key, f"{kind.name_zh}（{kind.long_zh}）") for kind in rules.kinds.values()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        ways = [(way.key, way.name_zh) for way in rules.approvals.values()]
        self.fields["approval"].choices = ways  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    """An item of one of the five lists; its fields are those that the rulebook declares."""

    code = forms.CharField(label="编号", max_length=12, required=False)
    links = forms.CharField(label="对应上一清单", max_length=200, required=False)
    words = forms.CharField(label="内容", max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, form: ListForm, before: list[PlanItem], on: date, item: PlanItem | None, **kwargs: Any
    ) -> None:
        initial = {} if item is None else _initial(form, item)
        super().__init__(*args, **{**kwargs, "initial": initial | (kwargs.get("initial") or {})})
        self.list_form, self.item = form, item
        self.fields["code"].help_text = f"不填时自动编号，例如 {form.letter}1"
        if item is not None:
            self.fields["code"].widget = forms.HiddenInput()
        if form.before:
            self.fields["links"] = forms.MultipleChoiceField(
                label="对应上一清单的哪几条",
                choices=_links(before, item),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        else:
            del self.fields["links"]
        for field in form.fields:
            self.fields[field.key] = self._field(field.key, field.reads, field.name_zh, on)
            if field.is_needed:
                self.fields[field.key].help_text = "批准前必填"

    def _field(self, key: str, reads: str, label: str, on: date) -> forms.Field:
        if reads == "choice":
            choices = [("", "请选择"), *self.list_form.categories.items()]
            return forms.ChoiceField(label=label, choices=choices, required=False)
        if reads == "day":
            return day_field(label, required=False)
        if reads == "year":
            return forms.IntegerField(label=label, required=False, min_value=2000, max_value=2200)
        if reads == "decimal":
            return forms.DecimalField(label=label, required=False, min_value=0, max_digits=14, decimal_places=4)
        if reads == "section":
            found = Section.objects.filter(in_use_on(on))
            return forms.ModelChoiceField(found, label=label, required=False, empty_label="不对应断面")
        if reads == "target":
            terms = terms_as_of(on).select_related("target").order_by("target__number")
            return TargetChoice(terms, label=label, required=False, empty_label="不对应台账目标")
        if reads == "project":
            works = Work.objects.order_by("-number")
            return ProjectChoice(works, label=label, required=False, empty_label="不对应任务或项目")
        if reads == "unit":
            return UnitChoice(Unit.objects.active_on(on), label=label, required=False, empty_label="请选择")
        longest = getattr(PlanItem._meta.get_field(key), "max_length", None)
        return forms.CharField(label=label, required=False, max_length=longest)

    @property
    def links_said(self) -> list[str]:
        """The numbers of the items before."""
        said = self.cleaned_data.get("links", [])
        return said if isinstance(said, list) else re.split(r"[、,，\s]+", said)

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the list."""
        told = {field.key: self.cleaned_data.get(field.key) for field in self.list_form.fields}
        terms = told.get("target")
        if isinstance(terms, TargetTerms):
            told["target"] = terms.target
        return told


def _initial(form: ListForm, item: PlanItem) -> dict[str, Any]:
    told: dict[str, Any] = {"code": item.code, "links": item.links, "words": item.words}
    for field in form.fields:
        value = item.value(field.key)
        told[field.key] = getattr(value, "pk", value)
    if item.project is not None:
        told["project"] = item.project.number
    if item.target is not None:
        newest = TargetTerms.objects.filter(target=item.target).order_by("-valid_from", "-pk").first()
        told["target"] = None if newest is None else newest.pk
    return told


def _links(before: list[PlanItem], item: PlanItem | None) -> list[tuple[str, str]]:
    known = [(each.code, f"{each.code} {each.words[:60]}") for each in before]
    gone = [] if item is None else [link for link in item.links if link not in {code for code, _ in known}]
    return known + [(link, f"{link}（不存在或已删去）") for link in gone]


class StrikeForm(forms.Form):
    """Why an item goes."""

    because = forms.CharField(label="删去理由", max_length=200)


class ChapterForm(forms.Form):
    """The words of a chapter."""

    words = forms.CharField(
        label="正文", required=False, max_length=LONGEST_CHAPTER, widget=forms.Textarea(attrs={"rows": 6})
    )


class OpinionForm(forms.Form):
    """An opinion on a plan."""

    consultee = forms.ChoiceField(label="对象")
    party = forms.CharField(label="单位或姓名", max_length=120)
    opinion = forms.CharField(label="意见", max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))
    adoption = forms.ChoiceField(label="采纳情况", choices=[(each.value, ADOPTION_NAMES[each]) for each in Adoption])
    because = forms.CharField(label="理由", max_length=LONGEST_NOTE, required=False, help_text="部分采纳或未采纳的必填")
    contract_until = day_field("聘用期至", required=False, help_text="受聘的技术指导单位填写")

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = plan.rules.approvals[plan.approval].consultees
        choices = [(each.key, each.name_zh + ("（必须征求）" if each.is_needed else "")) for each in asked]
        self.fields["consultee"].choices = choices  # type: ignore[attr-defined]


class DeedForm(forms.Form):
    """What one deed on a plan asks for."""

    reference = forms.CharField(label="批准文号", max_length=120)
    day = day_field("完工日期")
    note = forms.CharField(required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, move: Move, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": move.deed.value})
        self.move = move
        note = self.fields["note"]
        note.label, note.help_text = NOTES[move.deed]
        note.required = move.needs_words
        if move.deed is not Deed.APPROVE:
            del self.fields["reference"]
        if not move.needs_day:
            del self.fields["day"]

    @property
    def has_files(self) -> bool:
        """Whether files may come along."""
        return self.move.deed in WITH_FILES
