"""The shape of what a person types about works. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from heqing.works import Kind, Pipeline, funds, list_kinds, slip_scheme
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.forms import UnitChoice, day_field
from heqing_site.orgs.models import Post, Unit
from heqing_site.orgs.rules import LEVELS
from heqing_site.places.models import Enterprise, River, Section, in_use_on
from heqing_site.works import course
from heqing_site.works.actions import LONGEST_NOTE
from heqing_site.works.models import Work
from heqing_site.works.records import WorkPaper
from heqing_site.works.rules import KIND_NAMES, OUTLOOK_NAMES, Deed

NOTES = {
    Deed.ACTIVATE: ("说明", False),
    Deed.ADVANCE: ("说明", False),
    Deed.FINISH: ("核查意见", False),
    Deed.RETURN: ("退回理由", True),
    Deed.ASK: ("延期理由和目前进展", True),
    Deed.GRANT: ("批复意见", True),
    Deed.REFUSE: ("批复意见", True),
    Deed.DROP: ("撤销理由", True),
}
PILLARS = list(PILLAR_NAMES.items())


class PostChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a post; whoever holds it answers."""

    def label_from_instance(self, obj: Post) -> str:
        """Show unit and post."""
        return str(obj)


class TargetsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Choose targets by their terms."""

    def label_from_instance(self, obj: TargetTerms) -> str:
        """Show number and promise."""
        return f"{obj.target.number} {obj.title}{obj.demand}"[:60]


def note_field(label: str, *, required: bool) -> forms.CharField:
    """Ask for words."""
    return forms.CharField(
        label=label, required=required, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2})
    )


class DeedForm(forms.Form):
    """What one deed on a work asks for."""

    def __init__(self, *args: Any, deed: Deed, work: Work, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": deed.value})
        if deed in (Deed.ADVANCE, Deed.FINISH):
            self.fields["day"] = day_field("完成日期", required=False, help_text="不填为今天")
        if deed is Deed.ASK:
            self.fields["new_finish"] = day_field("申请延期至", help_text=f"现定 {work.planned_finish}")
        label, required = NOTES[deed]
        self.fields["note"] = note_field(label, required=required)


class PaperForm(forms.Form):
    """A paper of a stage."""

    paper = forms.ChoiceField(label="材料")
    paper_number = forms.CharField(label="文号或证号", max_length=120, required=False)
    issued_on = day_field("日期", help_text="证件、批文上的日期")
    file = forms.FileField(label="文件或照片")

    def __init__(self, *args: Any, pipeline: Pipeline, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "paper"})
        here = pipeline.find(stage)
        now = [(paper.key, paper.name_zh) for paper in (here.papers if here else ())]
        others = [
            (paper.key, f"{paper.name_zh}（{each.name_zh}）")
            for each in pipeline.stages
            if each.key != stage
            for paper in each.papers
        ]
        self.fields["paper"].choices = [*now, *others]  # type: ignore[attr-defined]


class ProgressForm(forms.Form):
    """The progress of a month: one screen of a phone."""

    percent = forms.DecimalField(label="完成百分比（累计）", min_value=Decimal(0), max_value=Decimal(100))
    words = note_field("本月进展", required=True)
    outlook = forms.ChoiceField(label="研判", choices=list(OUTLOOK_NAMES.items()))
    problem = note_field("困难和需要协调的事项", required=False)
    paid = forms.DecimalField(
        label="累计完成投资（万元）", required=False, min_value=Decimal(0), max_digits=14, decimal_places=2
    )
    amount = forms.DecimalField(
        label="完成数量（累计）", required=False, min_value=Decimal(0), max_digits=14, decimal_places=3
    )
    amount_unit = forms.CharField(label="数量单位", required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("percent", "paid", "amount"):
            self.fields[name].widget.attrs["inputmode"] = "decimal"


class SlipForm(forms.Form):
    """A slip drawn up by hand."""

    colour = forms.ChoiceField(label="级别")
    words = note_field("督办事项", required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "slip"})
        self.fields["colour"].choices = [(c.key, c.name_zh) for c in slip_scheme().colours]  # type: ignore[attr-defined]


class SlipDeedForm(forms.Form):
    """Words of a deed on a slip."""

    note = forms.CharField(
        label="说明", required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )


class ContributionForm(forms.Form):
    """What a work counts toward a target."""

    target = forms.ChoiceField(label="目标")
    object_key = forms.CharField(label="对象", max_length=120, help_text="地块编号、企业代码等；同一指标只计一次")
    amount = forms.DecimalField(label="数量", max_digits=15, decimal_places=4)
    words = forms.CharField(label="依据", max_length=300)
    stage_required = forms.ChoiceField(label="须已完成的阶段", required=False)
    paper = forms.ModelChoiceField(WorkPaper.objects.none(), label="佐证材料", required=False, empty_label="不附")

    def __init__(self, *args: Any, work: Work, pipeline: Pipeline, targets: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **{**kw, "prefix": "count"})
        stages = [("", "不限"), *((stage.key, stage.name_zh) for stage in pipeline.stages)]
        self.fields["target"].choices = targets  # type: ignore[attr-defined]
        self.fields["stage_required"].choices = stages  # type: ignore[attr-defined]
        self.fields["paper"].queryset = work.papers.all()  # type: ignore[attr-defined]


class ListForm(forms.Form):
    """A new list."""

    name = forms.CharField(label="名称", max_length=120)
    kind = forms.ChoiceField(label="类别")
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    issuer = UnitChoice(Unit.objects.none(), label="制发单位", empty_label=None)
    source = forms.CharField(label="来源", max_length=200, required=False, help_text="文件名称和文号、目标任务书或会议")

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(list_kinds().items())  # type: ignore[attr-defined]
        self.fields["issuer"].queryset = units  # type: ignore[attr-defined]


class WorkForm(forms.Form):
    """What is promised of a work."""

    item = forms.CharField(label="序号", max_length=20)
    kind = forms.ChoiceField(label="类别", choices=[(kind.value, name) for kind, name in KIND_NAMES.items()])
    pipeline = forms.ChoiceField(label="阶段流程", help_text="启动后不再更改")
    title = forms.CharField(label="名称", max_length=200)
    requirement = note_field("具体要求", required=False)
    pillar = forms.ChoiceField(label="领域", choices=PILLARS)
    lead_unit = UnitChoice(Unit.objects.none(), label="牵头单位")
    acting_unit = UnitChoice(Unit.objects.none(), label="承办单位（有人干）", required=False)
    checker_unit = UnitChoice(Unit.objects.none(), label="核查单位（有人问）", required=False)
    principal = PostChoice(Post.objects.none(), label="主要领导（负总责）", required=False)
    leader = PostChoice(Post.objects.none(), label="分管领导（具体抓）", required=False)
    actor = PostChoice(Post.objects.none(), label="承办岗位", required=False)
    planned_start = day_field("计划开工", required=False)
    planned_finish = day_field("计划完成", required=False)
    place_unit = UnitChoice(Unit.objects.none(), label="所在地", required=False)
    river = forms.ModelChoiceField(River.objects.none(), label="河流", required=False)
    section = forms.ModelChoiceField(Section.objects.none(), label="断面", required=False)
    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label="企业", required=False)
    lon = forms.DecimalField(label="经度", required=False, max_digits=9, decimal_places=6)
    lat = forms.DecimalField(label="纬度", required=False, max_digits=8, decimal_places=6)
    money = forms.DecimalField(label="计划投资（万元）", required=False, max_digits=14, decimal_places=2, min_value=0)
    targets = TargetsChoice(TargetTerms.objects.none(), label="对应目标", required=False)
    is_important = forms.BooleanField(label="重要事项", required=False)
    because = forms.CharField(label="调整理由", max_length=500, required=False)

    def __init__(self, *args: Any, on: date, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.active_on(on)
        posts = Post.objects.select_related("unit").order_by("unit__code", "pk")
        shown: dict[str, Any] = {
            **dict.fromkeys(("lead_unit", "acting_unit", "checker_unit"), units),
            "place_unit": units.filter(kind__in=[kind.value for kind in LEVELS]),
            **dict.fromkeys(("principal", "leader", "actor"), posts),
            **{
                n: model.objects.filter(in_use_on(on))
                for n, model in (("section", Section), ("enterprise", Enterprise))
            },
            "river": River.objects.filter(in_use_on(on)),
            "targets": terms_as_of(on).select_related("target").order_by("target__number"),
        }
        for name, found in shown.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        self.fields["pipeline"].choices = [  # type: ignore[attr-defined]
            (key, f"{found.name_zh}（{_for(found)}）") for key, found in course.pipelines(on).items()
        ]
        for name in ("item", "kind", "pipeline") if not is_new else ("because",):
            del self.fields[name]
        for key, name in funds().items():
            label = f"{name}（万元）"
            self.fields[f"fund_{key}"] = forms.DecimalField(
                label=label, required=False, min_value=0, max_digits=14, decimal_places=2
            )

    def facts(self) -> dict[str, Any]:
        """Give what was typed as the columns of a work."""
        said = self.cleaned_data
        found = {name: said[name] for name in Work.FACTS if name in said}
        found["money_by_fund"] = {
            key: format(said[f"fund_{key}"].normalize(), "f") for key in funds() if said.get(f"fund_{key}")
        }
        return found


def _for(pipeline: Pipeline) -> str:
    return "任务、项目" if pipeline.kind is Kind.BOTH else KIND_NAMES[pipeline.kind]


class PipelineForm(forms.Form):
    """A pipeline declared without code: one stage a line."""

    name = forms.CharField(label="名称", max_length=60)
    kind = forms.ChoiceField(label="用于", choices=[("both", "任务和项目"), ("task", "任务"), ("project", "项目")])
    stages = forms.CharField(
        label="阶段",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="一行一个阶段：名称｜比重｜期限｜里程碑｜材料。比重相加为 100；期限写“10 日”或“5 个工作日”，可空；"
        "里程碑写开工、入库或竣工，可空；材料用顿号隔开，可空",
    )
    because = forms.CharField(label="依据", max_length=200)


class WordsForm(forms.Form):
    """Nothing but words."""

    because = forms.CharField(label="说明", max_length=200)
