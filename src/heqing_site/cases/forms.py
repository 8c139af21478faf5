"""The shape of what a person types about cases. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from heqing.cases import Deed, Procedure
from heqing_site.cases.actions import LONGEST_NOTE
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.orgs.forms import UnitChoice, day_field
from heqing_site.orgs.models import RoleGrant, Unit, User
from heqing_site.orgs.rules import LEVELS, Permission, roles_with
from heqing_site.places.models import Section, in_use_on

NOTES = {  # what is asked for in words
    Deed.ASSIGN: ("交办要求", "改动期限时写明理由"),
    Deed.REASSIGN: ("改派理由", ""),
    Deed.ACCEPT: ("说明", "可不填"),
    Deed.PROGRESS: ("进展", "需要延期的，写明理由、进展和新的期限"),
    Deed.EXTEND: ("延期理由", ""),
    Deed.RECTIFY: ("整改情况", "做了什么、效果怎样、怎样防止再发生"),
    Deed.RETURN: ("退回理由", "哪里没有改到位"),
    Deed.VERIFY: ("核查意见", "何时到现场、看到什么"),
    Deed.CLOSE: ("销号意见", "可不填"),
    Deed.DISMISS: ("撤销理由", ""),
    Deed.REOPEN: ("反弹情况", ""),
}
WITH_FILES = (Deed.PROGRESS, Deed.RECTIFY, Deed.RETURN, Deed.VERIFY)
ASSIGNING = (Deed.ASSIGN, Deed.REASSIGN)


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a person; the unit tells apart people of one name."""

    def label_from_instance(self, obj: User) -> str:
        """Show name and unit."""
        return f"{obj.display_name}（{obj.unit or '全站'}）"


class TargetChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a target by its terms."""

    def label_from_instance(self, obj: TargetTerms) -> str:
        """Show number and promise."""
        return f"{obj.target.number} {obj.title}{obj.demand}"[:60]


class DeedForm(forms.Form):
    """What one deed on a case asks for."""

    note = forms.CharField(required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, deed: Deed, on: date, needs_words: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": deed.value})
        self.deed = deed
        note = self.fields["note"]
        note.label, note.help_text = NOTES[deed]
        note.required = needs_words
        if deed in ASSIGNING:
            self.fields["unit"] = UnitChoice(Unit.objects.active_on(on), label="责任单位", empty_label=None)
            grants = RoleGrant.objects.in_force_on(on).filter(role__in=roles_with(Permission.CASE_RECTIFY))
            people = User.objects.filter(is_active=True, pk__in=grants.values("user")).select_related("unit")
            self.fields["person"] = PersonChoice(people, label="经办人", required=False, empty_label="由责任单位安排")
        if deed in (*ASSIGNING, Deed.EXTEND):
            self.fields["due_on"] = day_field("整改期限")
        self.order_fields(["unit", "person", "due_on", "note"])

    @property
    def has_files(self) -> bool:
        """Whether files may come along."""
        return self.deed in WITH_FILES


class OpenForm(forms.Form):
    """A case that a person saw."""

    title = forms.CharField(label="标题", max_length=120, help_text="一句话：哪里、什么问题")
    detail = forms.CharField(
        label="问题情况",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="何时、何处、看到什么",
    )
    target = TargetChoice(
        TargetTerms.objects.none(),
        label="对应目标",
        required=False,
        empty_label="不对应目标",
        help_text="对应目标的，责任单位可不选，默认为牵头单位",
    )
    section = forms.ModelChoiceField(Section.objects.none(), label="对应断面", required=False, empty_label="不对应断面")
    unit = UnitChoice(Unit.objects.none(), label="责任单位", required=False, empty_label="按目标或断面确定")
    place_unit = UnitChoice(Unit.objects.none(), label="所在地", required=False, empty_label="按责任单位确定")
    track = forms.ChoiceField(label="时限类别", required=False)

    def __init__(self, *args: Any, on: date, procedure: Procedure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.active_on(on)
        shown: dict[str, Any] = {
            "target": terms_as_of(on).select_related("target").order_by("target__number"),
            "section": Section.objects.filter(in_use_on(on)),
            "unit": units,
            "place_unit": units.filter(kind__in=[kind.value for kind in LEVELS]),
        }
        for name, found in shown.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        tracks = [(track.key, track.name_zh) for track in procedure.tracks.values()]
        self.fields["track"].choices = [("", "按类别确定"), *tracks]  # type: ignore[attr-defined]

    @property
    def chosen_target(self) -> Target | None:
        """The target that was chosen."""
        terms = self.cleaned_data.get("target")
        return None if terms is None else terms.target
