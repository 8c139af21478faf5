"""The shape of what a person types about targets and duties. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date

from django import forms

from heqing_site.ledger import catalogue
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.rules import COMPARATORS, RHYTHM_NAMES, SOURCE_MEANINGS, SOURCE_NAMES, Rhythm, SourceKind
from heqing_site.library.models import Document
from heqing_site.library.rules import COMPARATOR_NAMES, PILLAR_NAMES, STRENGTH_NAMES, VALUE_DIGITS, VALUE_PLACES
from heqing_site.orgs.forms import UnitChoice, day_field, reason_field
from heqing_site.orgs.models import Unit
from heqing_site.places.queries import sections_of, stations_of

PILLARS = list(PILLAR_NAMES.items())
REASON_HELP = "记入目标的变更记录，例如会议纪要、文件名称和文号"


class SeenForm(forms.Form):
    """A change of terms; it remembers which terms the officer saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AmendForm(SeenForm):
    """Other terms for a target."""

    title = forms.CharField(label="指标表述", max_length=300)
    comparator = forms.ChoiceField(label="要求", choices=[(sign, COMPARATOR_NAMES[sign]) for sign in COMPARATORS])
    bound = forms.DecimalField(
        label="目标值",
        required=False,
        max_digits=VALUE_DIGITS,
        decimal_places=VALUE_PLACES,
        help_text="原文被遮盖或缺失的数字在这里补录；要求为“完成”的不填",
    )
    unit = forms.CharField(label="计量单位", max_length=60, required=False)
    period_text = forms.CharField(
        label="期限", max_length=60, required=False, help_text="例如 2026、2026-2030、2026-04"
    )
    scope_text = forms.CharField(label="范围", max_length=2000, required=False, help_text="数字只对哪里、哪些对象有效")
    scope_unit = UnitChoice(Unit.objects.none(), label="范围单位", required=False, empty_label="（不限定）")
    baseline = forms.CharField(label="基数", max_length=2000, required=False, help_text="例如 较 2025 年")
    strength = forms.ChoiceField(
        label="力度", choices=[(code, name) for code, name in STRENGTH_NAMES.items() if code != "reported"]
    )
    pillar = forms.ChoiceField(label="领域", choices=PILLARS)
    promised_under = forms.CharField(
        label="承诺所依标准", max_length=80, required=False, help_text="例如 GB 3095-2012；不填为当日有效的标准"
    )
    note = forms.CharField(label="备注", max_length=2000, required=False)
    indicator_is_checked = forms.BooleanField(label="已核对指标名称，与原意一致", required=False)
    valid_from = day_field("自何日起", help_text="这一天及以后按新的条款，以前仍按原条款")
    because = reason_field("依据和理由", REASON_HELP)

    def __init__(self, *args: object, terms: TargetTerms, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["scope_unit"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]
        if terms.gap not in ("indicator_inferred", "indicator_lost"):
            del self.fields["indicator_is_checked"]

    @staticmethod
    def facts_of(terms: TargetTerms, *, on: date) -> dict[str, object]:
        """Give what stands now, to start from."""
        names = (
            "title", "comparator", "unit", "period_text", "scope_text", "scope_unit", "baseline", "strength", "pillar",
            "promised_under", "note",
        )  # fmt: skip
        facts = {name: getattr(terms, name) for name in names}
        bound = None if terms.bound is None else terms.bound_plain
        return {**facts, "bound": bound, "valid_from": on, "seen": terms.pk}

    def changes(self) -> dict[str, object]:
        """Give the typed terms as the action takes them."""
        typed = dict(self.cleaned_data)
        is_checked = typed.pop("indicator_is_checked", False)
        del typed["valid_from"], typed["because"], typed["seen"]
        return {**typed, "gap": ""} if is_checked and typed["bound"] is not None else typed


class EnterForm(forms.Form):
    """A target entered by hand."""

    title = forms.CharField(label="指标", max_length=300, help_text="例如 整治提升高耗低效企业数、PM2.5 平均浓度")
    comparator = forms.ChoiceField(label="要求", choices=[(sign, COMPARATOR_NAMES[sign]) for sign in COMPARATORS])
    bound = forms.CharField(
        label="目标值",
        max_length=60,
        required=False,
        help_text="只写数；原件中被遮盖的数照样写 XX 或 **，以后补录；要求为“完成”的不填",
    )
    unit = forms.CharField(label="计量单位", max_length=60, required=False, help_text="例如 家、公里、微克/立方米")
    period = forms.CharField(label="期限", max_length=60, required=False, help_text="例如 2026、2026-2030、2026-04")
    pillar = forms.ChoiceField(label="领域", choices=PILLARS)
    lead = UnitChoice(Unit.objects.none(), label="牵头单位", empty_label="请选择")
    strength = forms.ChoiceField(
        label="力度",
        initial="plan",
        choices=[(code, name) for code, name in STRENGTH_NAMES.items() if code != "reported"],
    )
    scope = forms.CharField(label="范围", max_length=2000, required=False)
    scope_unit = UnitChoice(Unit.objects.none(), label="范围单位", required=False, empty_label="（不限定）")
    baseline = forms.CharField(label="基数", max_length=2000, required=False, help_text="例如 较 2025 年")
    source = forms.ChoiceField(
        label="数据来源",
        required=False,
        choices=[
            ("", "按指标目录提出"),
            *((k.value, SOURCE_NAMES[k]) for k in SourceKind if k is not SourceKind.PARTS),
        ],
    )
    document = forms.ModelChoiceField(
        Document.objects.none(), label="出自文件", required=False, empty_label="（没有文件）"
    )
    parent = forms.IntegerField(
        label="上级目标编号", required=False, min_value=1, help_text="由哪一项目标分解而来；没有就不填"
    )
    because = reason_field("依据和理由", REASON_HELP)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("lead", "scope_unit"):
            self.fields[name].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]
        self.fields["document"].queryset = Document.objects.defer("text", "junk", "people")  # type: ignore[attr-defined]


class LeadForm(SeenForm):
    """Another lead unit."""

    unit = UnitChoice(Unit.objects.none(), label="牵头单位", empty_label="请选择")
    valid_from = day_field("自何日起")
    because = reason_field("依据和理由", REASON_HELP)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["unit"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class SourceForm(SeenForm):
    """Another value source."""

    source_kind = forms.ChoiceField(
        label="数据来源",
        choices=[(kind.value, f"{SOURCE_NAMES[kind]}：{SOURCE_MEANINGS[kind]}") for kind in SourceKind],
    )
    statistic = forms.ChoiceField(label="统计项", required=False, help_text="来源为监测或台账时必选，其他来源不用选")
    places = forms.MultipleChoiceField(
        label="点位",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="来源为监测时可指定哪些空气站或断面；都不选，则按目标的表述和名录确定",
    )
    rhythm = forms.ChoiceField(
        label="频次", choices=[(rhythm.value, RHYTHM_NAMES[rhythm]) for rhythm in Rhythm], help_text="多久要有一个新数"
    )
    valid_from = day_field("自何日起")
    because = reason_field("依据和理由", REASON_HELP)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["places"].choices = [  # type: ignore[attr-defined]
            *((row.code, f"{row.name}（空气站）") for row in stations_of(on=on)),
            *((row.code, f"{row.name}（断面）") for row in sections_of(on=on)),
        ]
        self.fields["statistic"].choices = statistic_choices()  # type: ignore[attr-defined]


def statistic_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Offer the statistics by what is asked: instruments and cases together, then each register with its counts."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for statistic, name in catalogue.statistics().items():
        of_register, found, count = name.partition("：") if catalogue.reads(statistic) == "registers" else ("", "", "")
        groups.setdefault(f"台账 · {of_register}" if found else "监测和问题", []).append((statistic, count or name))
    return [("", "（无）"), *((title, listed) for title, listed in groups.items())]


class RestateForm(SeenForm):
    """The day and the reason for terms that a later document gives."""

    valid_from = day_field("自何日起", help_text="这一天及以后按新的条款，以前仍按原条款")
    because = reason_field("依据和理由", REASON_HELP)


class WithdrawForm(SeenForm):
    """The end of a target."""

    valid_from = day_field("自何日起", help_text="这一天起不再考核，以前的记录照旧")
    because = reason_field("依据和理由", REASON_HELP)


class AdoptForm(forms.Form):
    """A whole document into the ledger."""

    lead = UnitChoice(
        Unit.objects.none(), label="统一牵头单位", required=False, empty_label="（逐条按文件、职责清单提出）"
    )
    period = forms.CharField(
        label="文件未写期限时按", max_length=20, required=False, help_text="例如 2026；文件写明的以文件为准"
    )
    accept = forms.BooleanField(label="未核对的条目按系统解读一并采纳", required=False)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["lead"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class DutyForm(forms.Form):
    """A line of the duty list."""

    pillar = forms.ChoiceField(label="领域", choices=PILLARS)
    unit = UnitChoice(Unit.objects.none(), label="负责单位", empty_label="请选择")
    valid_from = day_field("自何日起", help_text="同级单位原来负责的，到前一日为止")
    because = reason_field("依据", "例如“三定”规定、职责分工文件的名称和文号")

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["unit"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class EndDutyForm(forms.Form):
    """The end of a duty."""

    last_day = day_field("最后一日", help_text="该日仍由其负责")
    because = reason_field("理由", "例如职责调整文件的名称和文号")
