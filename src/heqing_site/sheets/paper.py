"""Sheets that go out (导出): templates to fill in, exports that can be brought back, and rejected rows to mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from heqing_site import workbooks
from heqing_site.sheets.fields import Field
from heqing_site.sheets.models import Intake
from heqing_site.workbooks import Column

WHY = "没有收下的原因"
BLANK_ROWS = 200  # of a template, so that its choices can be picked


def template(title: str, fields: Sequence[Field], examples: Iterable[Mapping[str, object]] = ()) -> bytes:
    """Write an empty sheet with its heads, choices and, on a second sheet, how each column is filled in."""
    rows = [[example.get(each.name) for each in fields] for example in examples]
    rows += [[None] * len(fields) for _ in range(BLANK_ROWS)]
    return workbooks.write(title, columns(fields), rows, says=_help(fields))


def export(title: str, fields: Sequence[Field], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows so that the same columns can be brought back."""
    cells = ([row.get(each.name) for each in fields] for row in rows)
    return workbooks.write(title, columns(fields), cells, says=_help(fields))


def rejects(intake: Intake) -> bytes:
    """Write the rows that were not taken as they were typed, each with the reason, to mend and bring again."""
    heads = [Column(name, 16, wraps=True) for name in intake.columns] + [Column(WHY, 48, wraps=True)]
    cells = [
        [row["typed"].get(name, "") for name in intake.columns]
        + ["\n".join(f"{fault['column']}：{fault['sentence']}" for fault in row["faults"])]
        for row in intake.rejected
    ]
    return workbooks.write("待改的行", heads, cells)


def columns(fields: Sequence[Field]) -> list[Column]:
    """Give the columns as the workbook draws them."""
    return [
        Column(each.name, each.width, number_format=each.number_format, choices=each.choices, wraps=each.wraps)
        for each in fields
    ]


def _help(fields: Sequence[Field]) -> list[tuple[str, str, str]]:
    return [(each.name, "必填" if each.needed else "可不填", each.says or "、".join(each.choices)) for each in fields]
