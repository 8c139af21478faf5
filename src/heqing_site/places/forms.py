"""The shape of what a person types about places. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from heqing_site.orgs.forms import PostChoice, UnitChoice, day_field, reason_field
from heqing_site.orgs.models import Post, Unit
from heqing_site.places import systems
from heqing_site.places.models import Enterprise, Place, River, in_use_on
from heqing_site.places.rules import (
    BODY_NAMES,
    CLASS_NAMES,
    GROUND,
    LEVEL_NAMES,
    BodyType,
    ControlLevel,
    Register,
)


def _names(names: dict[Any, str]) -> list[tuple[Any, str]]:
    return [("", "请选择"), *((getattr(key, "value", key), name) for key, name in names.items())]


def _degrees(label: str, example: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=9,
        decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=f"WGS-84，度，例如 {example}",
    )


class PlaceForm(forms.Form):
    """What every register asks: name, code, the unit on whose ground the place lies."""

    name = forms.CharField(label="名称", max_length=80)
    code = forms.CharField(label="代码", max_length=40, help_text="国家、省、市统一编码或本地自编代码；登记后不再改动")
    unit = UnitChoice(Unit.objects.none(), label="所在镇街", empty_label="请选择")

    # The last field of a change is its reason, which a new place does not need.
    because = reason_field("更正理由", "记入操作记录，例如点位调整文件的名称和文号")

    def __init__(self, *args: Any, on: date, within: set[int] | None, changes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            units = Unit.objects.active_on(on).filter(kind__in=GROUND)
            self._choose_from("unit", units if within is None else units.filter(pk__in=within))
        if "river" in self.fields:
            self._choose_from("river", River.objects.filter(in_use_on(on)).order_by("code"))
        if "enterprise" in self.fields:
            found = Enterprise.objects.filter(in_use_on(on)).order_by("code")
            self._choose_from("enterprise", found if within is None else found.filter(unit__in=within))
        if "chief" in self.fields:
            self._choose_from("chief", Post.objects.select_related("unit").order_by("unit__code", "pk"))
        for name in ("code", "enterprise") if changes else ("because",):
            self.fields.pop(name, None)
        if changes:
            self.fields["because"] = self.fields.pop("because")

    def _choose_from(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]


class RiverForm(PlaceForm):
    """A river or lake (河湖)."""

    kind = forms.ChoiceField(label="类型", choices=_names(BODY_NAMES))
    chief = forms.ModelChoiceField(
        Post.objects.none(),
        label="河（湖）长",
        required=False,
        empty_label="（未定）",
        help_text="担任河（湖）长的职务；职务在“单位与职务”中设立",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "管理单位"

    def clean_kind(self) -> BodyType:
        """Give the type itself."""
        return BodyType(self.cleaned_data["kind"])


class StationForm(PlaceForm):
    """An air station (空气站)."""

    city = forms.CharField(label="城市", max_length=80, help_text="与数据文件中城市（city）一列的写法完全一致")
    lon = _degrees("经度", "120.712300")
    lat = _degrees("纬度", "30.765400")
    control_level = forms.ChoiceField(label="级别", choices=_names(LEVEL_NAMES))
    is_evaluated = forms.BooleanField(
        label="参与评价", required=False, initial=True, help_text="勾选后，其数值计入本地区平均"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "与数据文件中站点（station）一列的写法完全一致"

    def clean_control_level(self) -> ControlLevel:
        """Give the level itself."""
        return ControlLevel(self.cleaned_data["control_level"])


class SectionForm(PlaceForm):
    """A water section (断面)."""

    river = forms.ModelChoiceField(
        River.objects.none(), label="河湖", empty_label="请选择", help_text="没有列出的，请先登记河湖"
    )
    lon = _degrees("经度", "120.712300")
    lat = _degrees("纬度", "30.765400")
    body_type = forms.ChoiceField(label="水体类型", choices=_names(BODY_NAMES), help_text="按河流还是湖库的限值评价")
    control_level = forms.ChoiceField(label="级别", choices=_names(LEVEL_NAMES))
    target_class = forms.TypedChoiceField(label="目标类别", choices=_names(dict(CLASS_NAMES)), coerce=int)
    is_handover = forms.BooleanField(label="交接断面", required=False, help_text="水由此流入相邻地区")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "与数据文件中断面（section）一列的写法完全一致"

    def clean_body_type(self) -> BodyType:
        """Give the type itself."""
        return BodyType(self.cleaned_data["body_type"])

    def clean_control_level(self) -> ControlLevel:
        """Give the level itself."""
        return ControlLevel(self.cleaned_data["control_level"])


class EnterpriseForm(PlaceForm):
    """An enterprise (企业)."""

    industry = forms.CharField(label="行业", max_length=60)
    is_key_polluter = forms.BooleanField(label="重点排污单位", required=False)
    area_mu = forms.DecimalField(
        label="用地面积（亩）", required=False, max_digits=10, decimal_places=2, min_value=Decimal("0.01")
    )
    lon = _degrees("经度", "120.712300")
    lat = _degrees("纬度", "30.765400")


class OutletForm(PlaceForm):
    """An outlet (排口) of an enterprise, kept where the enterprise is."""

    unit = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    enterprise = forms.ModelChoiceField(
        Enterprise.objects.none(), label="企业", empty_label="请选择", help_text="没有列出的，请先登记企业"
    )
    river = forms.ModelChoiceField(River.objects.none(), label="受纳水体", required=False, empty_label="（不入河）")
    lon = _degrees("经度", "120.712300")
    lat = _degrees("纬度", "30.765400")


FORMS: dict[Register, type[PlaceForm]] = {
    Register.RIVER: RiverForm,
    Register.STATION: StationForm,
    Register.SECTION: SectionForm,
    Register.OUTLET: OutletForm,
    Register.ENTERPRISE: EnterpriseForm,
}


class RetireForm(forms.Form):
    """The end of a place."""

    last_day = day_field("最后一日", help_text="该日仍在用，次日起停用")
    because = reason_field()


class ChargeForm(forms.Form):
    """A post is put in charge of a river or a named thing."""

    level = forms.ChoiceField(label="级别")
    river = forms.ModelChoiceField(River.objects.none(), label="河湖", empty_label="请选择")
    place_name = forms.CharField(label="名称", max_length=80)
    unit = UnitChoice(Unit.objects.none(), label="所在单位", empty_label="请选择")
    reach = forms.CharField(
        label="范围", max_length=120, required=False, help_text="起止点或四至，例如“澜中大桥至闸口”"
    )
    post = PostChoice(
        Post.objects.none(),
        label="职务",
        empty_label="请选择",
        help_text="没有合适的职务时，先在单位页设立，例如“河长（青澜江）”",
    )
    started_on = day_field("起始日期")
    extent = forms.CharField(label="长度（面积）", max_length=40, required=False, help_text="例如 3.2 公里")
    goal = forms.CharField(label="目标", max_length=200, required=False, help_text="公示牌上的目标，例如“Ⅲ类水”")
    phone = forms.CharField(label="监督电话", max_length=40, required=False)
    because = reason_field("依据", "例如公布名单的文号")

    def __init__(self, *args: Any, on: date, within: set[int] | None, system: systems.System, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["level"].choices = [(level.key, level.name) for level in system.levels]
        kinds = {kind.value for level in system.levels for kind in level.kinds}
        posts = Post.objects.select_related("unit").filter(unit__kind__in=kinds, unit__active_to__isnull=True)
        fields["post"].queryset = posts.order_by("unit__code", "pk")
        units = Unit.objects.active_on(on)
        fields["unit"].queryset = units if within is None else units.filter(pk__in=within)
        if system.watches_rivers:
            del fields["place_name"]
            fields["river"].queryset = River.objects.filter(in_use_on(on)).order_by("code")
        else:
            del fields["river"]
            fields["place_name"].help_text = f"{system.thing}的名称"


class BoardForm(forms.Form):
    """What the sign board of a chief shows beside who it is."""

    extent = forms.CharField(label="长度（面积）", max_length=40, required=False)
    goal = forms.CharField(label="目标", max_length=200, required=False)
    phone = forms.CharField(label="监督电话", max_length=40, required=False)
    because = reason_field("更新理由", "记入操作记录")


def facts_of(place: Place, names: frozenset[str]) -> dict[str, object]:
    """Give what the form of a change shows at first."""
    found: dict[str, object] = {}
    for name in names:
        value = getattr(place, name)
        found[name] = getattr(value, "pk", value)
    return found
