"""How the command shows a reading to people: tables of findings, measures, facts and noise lines.

It computes nothing; `heqing.cli.read` calls it. Rows for programs are made by `heqing.reading.to_record`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from heqing.reading import Finding, Reading, to_record

_STRENGTHS = {"ensure": "确保", "strive": "力争", "plan": "计划", "reported": "已报"}
_KINDS = {"target": "目标", "achievement": "成效"}
_GAPS = {
    "number_masked": "数字被遮",
    "number_lost": "数字缺失",
    "indicator_lost": "指标缺失",
    "indicator_inferred": "指标为推断",
    "range": "区间",
}
# How a comparator is printed; the lexicon lists the words by which it is met in documents, many for each.
_COMPARATORS = {
    ">=": "≥",
    "<=": "≤",
    "==": "=",
    "~": "约",
    "+%": "增长",
    "-%": "下降",
    "+": "增加",
    "-": "减少",
    "complete": "完成",
}


class What(StrEnum):
    """Which part of the reading is printed."""

    findings = "findings"
    measures = "measures"
    meta = "meta"
    junk = "junk"


def rows_of(found: Reading, what: What) -> Iterator[dict[str, Any]]:
    """Give the rows of one part as plain values."""
    match what:
        case What.findings:
            return (to_record(finding) for finding in found.findings)
        case What.measures:
            return (to_record(measure) for measure in found.measures)
        case What.meta:
            return iter([to_record(found.meta)])
        case What.junk:
            return (to_record(line) for line in found.junk)


def show(console: Console, found: Reading, what: What) -> None:
    """Print one part as a table, with a line that counts."""
    table = Table(title=found.doc, title_justify="left", show_lines=what is What.findings, expand=False)
    match what:
        case What.findings:
            _show_findings(table, found.findings)
        case What.measures:
            for name in ("级", "举措", "责任单位"):
                table.add_column(name, overflow="fold")
            for m in found.measures:
                table.add_row(str(m.level), m.title, "、".join(m.responsible))
        case What.meta:
            table.add_column("项")
            table.add_column("内容", overflow="fold")
            for key, value in to_record(found.meta).items():
                said = "、".join(f"{p['name']}（{p['post']}）" for p in value) if key == "people" else value
                table.add_row(key, "—" if said in (None, "") else str(said))
        case What.junk:
            table.add_column("噪声行", overflow="fold")
            for j in found.junk:
                table.add_row(j.line.strip())
    console.print(table)
    console.print(_closing(found, what))


def _show_findings(table: Table, findings: tuple[Finding, ...]) -> None:
    table.add_column("类", no_wrap=True)
    table.add_column("指标", ratio=3, overflow="fold")
    table.add_column("要求", ratio=2, overflow="fold")
    table.add_column("期", no_wrap=True)
    table.add_column("力度", no_wrap=True)
    table.add_column("原文", ratio=5, overflow="fold")
    for f in findings:
        table.add_row(
            _KINDS.get(f.kind, f.kind),
            f.indicator or "（缺）",
            _demand(f),
            f.period or "—",
            _STRENGTHS.get(f.strength, f.strength),
            re.sub(r"[\r\n\t]+", " ", f.quote),
        )


def _demand(f: Finding) -> str:
    if f.comparator == "complete":
        return _COMPARATORS["complete"]
    record = to_record(f)
    value = f.value_text or "？" if f.value is None else record["value"]
    said = f"{_COMPARATORS.get(f.comparator, f.comparator)} {value} {f.unit or ''}".rstrip()
    return f"{said}（{_GAPS.get(f.gap, f.gap)}）" if f.gap else said


def _closing(found: Reading, what: What) -> str:
    if what is not What.findings:
        count = {What.measures: len(found.measures), What.meta: 1, What.junk: len(found.junk)}[what]
        return f"{found.doc}：{count} 行"
    kinds = Counter(f.kind for f in found.findings)
    gaps = Counter(f.gap for f in found.findings if f.gap)
    told = "、".join(f"{_GAPS.get(g, g)} {n}" for g, n in gaps.most_common())
    return (
        f"共 {len(found.findings)} 条：目标 {kinds['target']}，成效 {kinds['achievement']}；"
        f"缺项 {sum(gaps.values())}{f'（{told}）' if told else ''}"
    )
