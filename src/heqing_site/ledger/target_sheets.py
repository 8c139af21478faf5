"""Targets as a sheet (目标表): the columns once, for the way out and the way in.

A row with a known 编号 amends that target, with its reason; one without enters a new target; what says the same as
before changes nothing. Masked numbers go out and come back as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions, entering, queries
from heqing_site.ledger.entering import Typed
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.rules import COMPARATORS, COMPLETE, RHYTHM_NAMES, SOURCE_NAMES, Rhythm, SourceKind
from heqing_site.library.models import Document
from heqing_site.library.queries import document_by_name
from heqing_site.library.rules import COMPARATOR_NAMES, PILLAR_NAMES, STRENGTH_NAMES
from heqing_site.orgs.models import Unit, User
from heqing_site.sheets.fields import CellError, Field, choice, integer, lookup, text
from heqing_site.sheets.reading import Row

SUBJECT = "ledger.targets"
TITLE = "目标表"
SIGNS = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "=": "==", "＝": "==", "≈": "~", "不少于": ">=", "不超过": "<="}
REASON = "调整理由"


def find_unit(typed: str) -> Unit | None:
    """Find a unit by its code, or by its name where only one has it."""
    by_code = Unit.objects.filter(code=typed).first()
    named = list(Unit.objects.filter(name=typed, active_to__isnull=True)[:2])
    return by_code or (named[0] if len(named) == 1 else None)


def _comparator(typed: str) -> str:
    by_name = {name: sign for sign, name in COMPARATOR_NAMES.items() if sign in COMPARATORS}
    found = SIGNS.get(typed) or by_name.get(typed) or (typed if typed in COMPARATORS else "")
    if not found:
        raise CellError(f"请填 ≥、≤、＝，或{'、'.join(by_name)}。")
    return found


_comparator.choices = ("≥", "≤", "＝", *(COMPARATOR_NAMES[sign] for sign in ("+%", "-%", "+", "-", COMPLETE)))  # type: ignore[attr-defined]


def _parent(typed: str) -> Target | None:
    return queries.target_numbered(int(typed)) if typed.isdecimal() and len(typed) < 10 else None


FIELDS: tuple[Field, ...] = (
    Field("编号", integer(least=1), width=8, says="已有目标的编号；新目标不填，由系统编号"),
    Field("指标", text(300), needed=True, width=30, wraps=True),
    Field("要求", _comparator, needed=True, width=10, says="≥、≤、＝，或增长、下降、增加、减少、完成"),
    Field("目标值", text(120), width=12, says="只写数；原件中被遮盖的照写 XX 或 **，漏掉的写“缺”；要求为“完成”的不填"),
    Field("单位", text(60), width=12, says="计量单位，例如 家、公里、微克/立方米"),
    Field("期限", text(60), width=14, says="例如 2026、2026-2030、2026-06"),
    Field("基数", text(2000), width=16, says="例如 较2025年"),
    Field("范围", text(2000), width=18, wraps=True),
    Field("范围单位", lookup(find_unit, "单位"), width=16, says="只对某个镇街有效的，填它的名称或代码"),
    Field(
        "力度", choice({name: key for key, name in STRENGTH_NAMES.items() if key != "reported"}), width=8,
        says="不填为计划",
    ),
    Field("领域", choice({name: key for key, name in PILLAR_NAMES.items()}), width=10, needed=True),
    Field("牵头单位", lookup(find_unit, "单位"), needed=True, width=20, says="单位名称或代码"),
    Field(
        "数据来源", choice({name: kind for kind, name in SOURCE_NAMES.items()}), width=10, says="不填按指标目录提出"
    ),
    Field("频次", choice({name: rhythm for rhythm, name in RHYTHM_NAMES.items()}), width=8, says="不填按指标目录提出"),
    Field("上级目标编号", lookup(_parent, "目标编号"), width=12, says="由哪一项目标分解而来"),
    Field("文件", lookup(document_by_name, "文件"), width=24, says="已收存文件的标题或文件名"),
    Field("备注", text(2000), width=20, wraps=True),
    Field(REASON, text(200), width=24, wraps=True, says="改动已有目标时必填，例如会议纪要、文号"),
)  # fmt: skip


def sheet_rows(terms: Iterable[TargetTerms]) -> Iterable[Mapping[str, Any]]:
    """Give terms as rows of the sheet; they need `lead_unit`, `scope_unit`, `parent` and `target__document` at hand."""
    shared = {name for name, many in _names_of_units().items() if many > 1}

    def unit(found: Unit | None) -> str:
        return "" if found is None else found.code if found.name in shared else found.name

    for row in terms:
        document: Document | None = row.target.document
        yield {
            "编号": row.target.number,
            "指标": row.title,
            "要求": _SHOWN.get(row.comparator, COMPARATOR_NAMES.get(row.comparator, row.comparator)),
            "目标值": row.bound_text if row.bound is None else Decimal(row.bound_plain),
            "单位": row.unit,
            "期限": row.period_text,
            "基数": row.baseline,
            "范围": row.scope_text,
            "范围单位": unit(row.scope_unit),
            "力度": row.strength_name,
            "领域": row.pillar_name,
            "牵头单位": unit(row.lead_unit),
            "数据来源": SOURCE_NAMES[SourceKind(row.source_kind)],
            "频次": RHYTHM_NAMES[Rhythm(row.rhythm)],
            "上级目标编号": row.parent.number if row.parent is not None else "",
            "文件": document.title if document is not None else "",
            "备注": row.note,
            REASON: "",
        }


_SHOWN = {">=": "≥", "<=": "≤", "==": "＝"}


def take_row(row: Row, *, by: User, at: datetime) -> bool:
    """Enter or amend the target of one row; tell whether anything changed."""
    number = row.get("编号")
    if number is None:
        return _enter(row, by, at)
    target = queries.target_numbered(number)
    if target is None:
        raise RuleBrokenError("target.no_such_number", number=number, column="编号")
    return _amend(row, target, by, at)


def _enter(row: Row, by: User, at: datetime) -> bool:
    try:
        entering.enter_target(
            by=by,
            at=at,
            typed=Typed(
                title=row.get("指标", ""),
                comparator=row.get("要求", ""),
                bound=row.get("目标值", ""),
                unit=row.get("单位", ""),
                period=row.get("期限", ""),
                baseline=row.get("基数", ""),
                scope=row.get("范围", ""),
                scope_unit=row.get("范围单位"),
                strength=row.get("力度", "plan"),
                pillar=row.get("领域", "other"),
                source=row.get("数据来源"),
                rhythm=row.get("频次"),
                note=row.get("备注", ""),
            ),
            lead=row.values["牵头单位"],
            document=row.get("文件"),
            parent=row.get("上级目标编号"),
            because=row.get(REASON) or "由表格录入",
        )
    except RuleBrokenError as error:
        if error.code == "target.stands_already":
            return False
        raise
    return True


def _amend(row: Row, target: Target, by: User, at: datetime) -> bool:
    """Bring the differences of a row into a target; a column that the sheet lacks is left alone."""
    before = target.terms.select_related("lead_unit", "scope_unit", "parent").order_by("-valid_from", "-pk")[0]
    changes = _changes(row, before)
    lead = row.get("牵头单位")
    other_lead = lead if lead is not None and lead.pk != before.lead_unit_id else None
    source, rhythm = row.get("数据来源", before.source_kind), row.get("频次", before.rhythm)
    other_source = (source, rhythm) != (before.source_kind, before.rhythm)
    parent = row.get("上级目标编号") if row.has("上级目标编号") else before.parent
    other_parent = (parent.pk if parent is not None else None) != before.parent_id
    if not (changes or other_lead or other_source or other_parent):
        return False
    because = row.get(REASON, "")
    if not because:
        raise RuleBrokenError("because.missing", column=REASON)
    who: dict[str, Any] = {"by": by, "at": at, "target": target, "because": because}
    if changes:
        actions.amend_target(**who, changes=changes)
    if other_source:
        actions.set_source(
            **who,
            source_kind=SourceKind(source),
            rhythm=Rhythm(rhythm),
            statistic=before.statistic or _statistic(before),
            places=before.place_codes.split(),
        )
    if other_parent:
        entering.attach_target(**who, parent=parent)
    if other_lead is not None:
        actions.set_lead(**who, unit=other_lead)
    return True


_COLUMNS = {
    "指标": "title", "要求": "comparator", "单位": "unit", "期限": "period_text", "基数": "baseline",
    "范围": "scope_text", "范围单位": "scope_unit", "力度": "strength", "领域": "pillar", "备注": "note",
}  # fmt: skip


def _changes(row: Row, before: TargetTerms) -> dict[str, Any]:
    """Give what the row says otherwise than the terms."""
    found = {}
    for column, name in _COLUMNS.items():
        if not row.has(column):
            continue
        said = row.get(column, None if name == "scope_unit" else getattr(before, name) if name == "strength" else "")
        if said != getattr(before, name):
            found[name] = said
    comparator = row.get("要求", before.comparator)
    if row.has("目标值") and comparator != COMPLETE:
        typed = row.get("目标值", "")
        if typed != before.bound_plain:
            bound, words, gap = entering.bound_typed(comparator, typed)
            if bound != before.bound:
                found |= {"bound": bound, "bound_text": words}
                if gap:
                    found["gap"] = gap
    return found


def _statistic(terms: TargetTerms) -> str:
    return terms.target.indicator.statistic


def _names_of_units() -> dict[str, int]:
    found: dict[str, int] = {}
    for name in Unit.objects.order_by().values_list("name", flat=True):
        found[name] = found.get(name, 0) + 1
    return found
