"""The rules of the ledger as tables: value sources, where a proposal came from, periods, and why a light is grey.

Plain Python: no Django, no clock, no database. Which indicator a promise speaks of is told by ``ledger.catalogue``;
who may change a target is told by ``ledger.actions``.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class SourceKind(StrEnum):
    """Where the value of a target comes from (数据来源)."""

    INSTRUMENT = "instrument"
    REPORTED = "reported"
    REGISTER = "register"
    DEED = "deed"
    PARTS = "parts"


SOURCE_NAMES = {
    SourceKind.INSTRUMENT: "监测",
    SourceKind.REPORTED: "填报",
    SourceKind.REGISTER: "台账",
    SourceKind.DEED: "办结",
    SourceKind.PARTS: "汇总",
}
SOURCE_MEANINGS = {
    SourceKind.INSTRUMENT: "由站点、断面等监测数据计算",
    SourceKind.REPORTED: "由牵头单位按期填报，另一单位审核",
    SourceKind.REGISTER: "由本系统登记的项目、案件、证书等清点",
    SourceKind.DEED: "办没办成，凭佐证认定",
    SourceKind.PARTS: "由分解到下级的目标逐项相加，本级不再填报",
}
WITH_STATISTIC = frozenset({SourceKind.INSTRUMENT, SourceKind.REGISTER})


class Rhythm(StrEnum):
    """How often a value is due (频次)."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ONCE = "once"


RHYTHM_NAMES = {
    Rhythm.DAY: "每日",
    Rhythm.MONTH: "每月",
    Rhythm.QUARTER: "每季",
    Rhythm.YEAR: "每年",
    Rhythm.ONCE: "办结时",
}


class IndicatorKind(StrEnum):
    """What sort of quantity an indicator (指标) is: it decides whether parts may be added up."""

    ADDITIVE = "additive"
    RATIO = "ratio"
    CONCENTRATION = "concentration"
    COUNT = "count"
    GRADE = "grade"
    DEED = "deed"


INDICATOR_KIND_NAMES = {
    IndicatorKind.ADDITIVE: "总量",
    IndicatorKind.RATIO: "比率",
    IndicatorKind.CONCENTRATION: "浓度",
    IndicatorKind.COUNT: "计数",
    IndicatorKind.GRADE: "等次",
    IndicatorKind.DEED: "事项",
}


class Better(StrEnum):
    """Which way an indicator improves."""

    UP = "up"
    DOWN = "down"


BETTER_NAMES = {Better.UP: "越高越好", Better.DOWN: "越低越好"}


class Origin(StrEnum):
    """Where a lead unit or a value source was taken from (由来)."""

    DOCUMENT = "document"
    DUTY_LIST = "duty_list"
    OFFICER = "officer"
    INSTALLATION = "installation"
    CATALOGUE = "catalogue"
    FORM = "form"


ORIGIN_NAMES = {
    Origin.DOCUMENT: "文件点名",
    Origin.DUTY_LIST: "职责清单",
    Origin.OFFICER: "人员指定",
    Origin.INSTALLATION: "系统默认",
    Origin.CATALOGUE: "指标目录",
    Origin.FORM: "按表述形式",
}
LEAD_ORIGINS = (Origin.DOCUMENT, Origin.DUTY_LIST, Origin.OFFICER, Origin.INSTALLATION)
SOURCE_ORIGINS = (Origin.CATALOGUE, Origin.FORM, Origin.OFFICER)


class Change(StrEnum):
    """The deed by which a row of terms was added (变更类别)."""

    ADOPT = "adopt"
    ENTER = "enter"
    SPLIT = "split"
    CARRY = "carry"
    AMEND = "amend"
    SET_LEAD = "set_lead"
    SET_SOURCE = "set_source"
    WITHDRAW = "withdraw"


CHANGE_NAMES = {
    Change.ADOPT: "采纳",
    Change.ENTER: "录入",
    Change.SPLIT: "分解下达",
    Change.CARRY: "结转",
    Change.AMEND: "调整",
    Change.SET_LEAD: "改定牵头单位",
    Change.SET_SOURCE: "改定数据来源",
    Change.WITHDRAW: "撤销",
}


class PlanBasis(StrEnum):
    """How a plan was made (编制方式)."""

    TYPED = "typed"
    STRAIGHT = "straight"
    LAST_YEAR = "last_year"
    NONE = "none"


PLAN_NAMES = {
    PlanBasis.TYPED: "人员编排",
    PlanBasis.STRAIGHT: "逐日均摊",
    PlanBasis.LAST_YEAR: "按上年进度",
    PlanBasis.NONE: "取消计划",
}


class Restating(StrEnum):
    """What becomes of a finding that repeats a target (重申)."""

    CONFIRM = "confirm"
    AMEND = "amend"


RESTATING_NAMES = {Restating.CONFIRM: "确认", Restating.AMEND: "调整"}


class Light(StrEnum):
    """How a target stands (灯)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


LIGHT_NAMES = {Light.GREEN: "正常", Light.YELLOW: "滞后", Light.RED: "预警", Light.GREY: "待报"}

COMPLETE = "complete"
CHANGES = frozenset({"+%", "-%", "+", "-"})
SHARES = frozenset({"+%", "-%"})
DOWNWARD = frozenset({"<=", "<", "-%", "-"})
COMPARATORS = (">=", "<=", ">", "<", "==", "~", "+%", "-%", "+", "-", COMPLETE)
STRENGTHS = ("ensure", "strive", "plan")
NUMBER_GAPS = frozenset({"number_masked", "number_lost"})


def form_of(comparator: str) -> str:
    """Tell the form of a promise: a ``level``, a ``change``, or something to ``complete``."""
    if comparator == COMPLETE:
        return "complete"
    return "change" if comparator in CHANGES else "level"


def is_share(comparator: str) -> bool:
    """Tell whether a promise speaks of percent of something, which never adds up over places."""
    return comparator in SHARES


def better_by(comparator: str) -> Better:
    """Tell which way is better from the comparison alone."""
    return Better.DOWN if comparator in DOWNWARD else Better.UP


# --- numbers as typed ---------------------------------------------------------------------------------------------

_MASKED = re.compile(r"[XxＸｘ×✕*＊]+")
_WIDE = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")


def is_masked(written: str) -> bool:
    """Tell whether a number is masked in its source: XX, 2X, **, ××; such a number stays unknown."""
    return _MASKED.search(written) is not None


LOST = "（缺）"  # how a number is shown that its source lost


def is_lost(written: str) -> bool:
    """Tell whether somebody says that the source lost a number: 缺; it stays unknown, as a masked one does."""
    return written.strip("（）() ") == LOST.strip("（）")


def number_typed(written: str) -> Decimal | None:
    """Read a number as people write it, with commas or full-width signs; None where it is none."""
    said = written.strip().translate(_WIDE).replace(",", "").replace(" ", "")
    return Decimal(said) if re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", said) else None


# --- periods ------------------------------------------------------------------------------------------------------

_YEAR = re.compile(r"(\d{4})年?(?:度|全年)?")
_SPAN = re.compile(r"(\d{4})年?\s*[-—–~～至到]\s*(\d{4})?年?")
_MONTH = re.compile(r"(\d{4})(?:年|-)(\d{1,2})月?")
_MONTHS = re.compile(r"(\d{4})(?:年|-)(\d{1,2})月?\s*[-—–~～至到]\s*(\d{1,2})月")


def parse_period(written: str) -> tuple[date | None, date | None]:
    """Turn a period as written into its first and last day; what cannot be told is None.

    ``2023`` is the year, ``2021-2025`` the span, ``2018-`` goes on, ``2023-04`` is the month.
    """
    text = written.strip()
    if found := _MONTHS.fullmatch(text):
        year, first, last = (int(part) for part in found.groups())
        if 1 <= first <= last <= 12:
            return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
        return None, None
    if found := _SPAN.fullmatch(text):
        first_year, last_year = int(found[1]), int(found[2]) if found[2] else None
        if last_year is None:
            return date(first_year, 1, 1), None
        return (date(first_year, 1, 1), date(last_year, 12, 31)) if first_year <= last_year else (None, None)
    if found := _YEAR.fullmatch(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    if (found := _MONTH.fullmatch(text)) and 1 <= int(found[2]) <= 12:
        year, month = int(found[1]), int(found[2])
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return None, None


def say_period(written: str) -> str:
    """Write a period as officials do: 2023 年, 2021—2025 年, 2018 年起."""
    text = written.strip()
    if found := re.fullmatch(r"(\d{4})-(\d{4})", text):
        return f"{found[1]}—{found[2]} 年"
    if found := re.fullmatch(r"(\d{4})-", text):
        return f"{found[1]} 年起"
    if re.fullmatch(r"\d{4}", text):
        return f"{text} 年"
    return text


# --- names of units -----------------------------------------------------------------------------------------------

_ANYBODY = re.compile(r"^(?:各级|各部门|各有关|有关)")
_LEVEL = re.compile(r"^(?:本)?[省市区县镇]")
_REGION = re.compile(r"(?!.*(?:在|全|书记|长|委))[一-龥X×*]{1,10}?(?:自治区|省|市|区|县|旗|镇|乡|街道)")


def own_name(office: str) -> str:
    """Give the name of an office without the level before it: 区水利局 is 水利局; 各部门 names nobody and is empty."""
    bare = office.strip()
    if _ANYBODY.match(bare):
        return ""
    short = _LEVEL.sub("", bare)
    return short if len(short) >= 3 else bare


def is_named(unit: str, office: str) -> bool:
    """Tell whether a unit is the office that a document names, with or without the name of its place."""
    short = own_name(office)
    return len(short) >= 3 and unit.endswith(short)


def region_name(region: str, issuer: str) -> str:
    """Name the place that a document speaks for, or “本级政府” when it does not say so plainly."""
    for said in (region, issuer.removesuffix("人民政府").removesuffix("生态环境局")):
        if _REGION.fullmatch(said) and not re.search(r"[Xx×*]", said):
            return said
    return "本级政府"


# --- why a light is grey ------------------------------------------------------------------------------------------


def shown(value: Decimal | None) -> str:
    """Write a computed value as a page shows it: two decimals, four below one; stored values keep all of theirs."""
    if value is None:
        return ""
    step = Decimal("0.0001") if value != 0 and abs(value) < 1 else Decimal("0.01")
    return format(value.quantize(step).normalize(), "f")


@dataclass(frozen=True)
class Standing:
    """How a target stands (研判): the value to date, the light, and the reason as a sentence.

    The ledger itself judges nothing; a room above it hands these in, see ``LEDGER_STANDING`` in the settings. `met` is
    None while it cannot be told.
    """

    value: Decimal | None
    light: Light
    reason: str
    met: bool | None = None

    @property
    def value_shown(self) -> str:
        """The value as pages show it."""
        return shown(self.value)


@dataclass(frozen=True)
class Owed:
    """What the sentence about a missing value needs to know."""

    comparator: str
    bound_is_known: bool
    bound_text: str
    gap: str
    period_text: str
    has_period: bool
    source_kind: SourceKind
    statistic_name: str
    rhythm: Rhythm
    lead: str


def what_is_missing(owed: Owed) -> str:
    """Say why nothing can be judged yet: what is missing and who owes it."""
    said: list[str] = []  # the lead is named once; later parts of the sentence say 其
    asked: list[tuple[str, str]] = []
    if not owed.bound_is_known and owed.comparator != COMPLETE:
        if owed.gap == "number_masked":
            asked.append((f"目标值在原文中被遮盖（{owed.bound_text}）", "补录"))
        else:
            asked.append(("原文没有目标值", "核对原件后补录"))
    if owed.gap == "indicator_lost":
        asked.append(("原文缺少指标名称", "确认"))
    if owed.gap == "indicator_inferred":
        asked.append(("指标名称由系统推断", "确认"))
    if not owed.has_period:
        unclear = f"文件写的期限“{owed.period_text}”不能识别" if owed.period_text else "文件未写明年度"
        asked.append((unclear, "补录期限"))
    for what, deed in asked:
        said.append(f"{what}，请{'其' if said else owed.lead}{deed}")
    said.append(_value_owed(owed, "其" if said else owed.lead))
    return "；".join(said) + "。"


def _value_owed(owed: Owed, who: str) -> str:
    period = f" {say_period(owed.period_text)}" if owed.has_period else ""
    match owed.source_kind:
        case SourceKind.INSTRUMENT:
            return f"等待{who}接入{period or '监测'}{'监测' if period else ''}数据，计算“{owed.statistic_name}”"
        case SourceKind.REPORTED:
            return f"等待{who}填报{period}数值（{RHYTHM_NAMES[owed.rhythm]}）"
        case SourceKind.REGISTER:
            return f"等待{who}在台账中登记，系统据此清点“{owed.statistic_name}”"
        case SourceKind.DEED:
            return f"等待{who}办结{period}事项并上传佐证"
        case SourceKind.PARTS:
            return f"等待分解到下级的目标都有{period}数值，系统相加得出{'' if who == '其' else who + '的'}数值"
