"""The sheets on which a kind of entry is declared: their columns, in the rulebook and in an officer's workbook alike.

It reads no cell's meaning: see `heqing.registers.declaration`. A head may be the Chinese name or the code of a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its code, its Chinese head, what is written in it."""

    key: str
    name_zh: str
    help_zh: str = ""
    is_flag: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet: its code, its Chinese name, its columns."""

    key: str
    name_zh: str
    columns: tuple[Column, ...]


_CODE = "字母、数字、下划线，不填由系统编"
SHEETS: dict[str, Sheet] = {
    sheet.key: sheet
    for sheet in (
        Sheet(
            "kinds",
            "类别",
            (
                Column("kind", "代码", "小写字母开头，字母、数字、下划线，用后不能改"),
                Column("name_zh", "名称"),
                Column("name_en", "英文名", "可不填"),
                Column("pillar", "领域"),
                Column("about", "说明", "登记什么、依据什么"),
                Column("enters", "谁登记"),
                Column("confirms", "谁认定", "填写后，须另一单位认定才计数；不填则登记即计数"),
            ),
        ),
        Sheet(
            "fields",
            "字段",
            (
                Column("field", "代码", _CODE),
                Column("label_zh", "名称"),
                Column("label_en", "英文名", "可不填"),
                Column("type", "类型"),
                Column("needed", "必填", is_flag=True),
                Column("gap", "可遮盖", "原件数字被遮盖时可填 *", is_flag=True),
                Column("unit", "计量单位"),
                Column("options", "选项", "选项之间用 | 分开；类型为台账时填台账代码"),
                Column("role", "用途", "标题、统计日、数量、分类、纳入日、移出日，可用 | 连写"),
                Column("help", "填写说明"),
            ),
        ),
        Sheet(
            "states",
            "状态",
            (
                Column("state", "代码", _CODE),
                Column("name_zh", "名称", "第一行是登记时的状态"),
                Column("name_en", "英文名", "可不填"),
                Column("is_end", "结束", is_flag=True),
                Column("counts", "计数", is_flag=True),
            ),
        ),
        Sheet(
            "moves",
            "步骤",
            (
                Column("move", "代码", _CODE),
                Column("name_zh", "名称"),
                Column("name_en", "英文名", "可不填"),
                Column("from_states", "从哪些状态", "状态之间用 | 分开"),
                Column("to_state", "到哪个状态"),
                Column("fields", "须填字段", "字段之间用 | 分开"),
                Column("words", "要写理由", is_flag=True),
                Column("evidence", "要附佐证", is_flag=True),
                Column("another_unit", "另一单位办", is_flag=True),
                Column("days", "几日内办"),
                Column("wait_days", "满几日后办"),
            ),
        ),
        Sheet(
            "rules",
            "规则",
            (
                Column("rule", "代码", _CODE),
                Column("check", "检查"),
                Column("arguments", "字段", "按检查要求的顺序，用 | 分开"),
                Column("states", "何时检查", "只在这些状态检查；不填为总是检查"),
                Column("says_zh", "不符时的提示"),
                Column("says_en", "英文提示", "可不填"),
            ),
        ),
        Sheet(
            "counts",
            "统计",
            (
                Column("count", "代码", _CODE),
                Column("name_zh", "名称"),
                Column("name_en", "英文名", "可不填"),
                Column("unit", "计量单位"),
                Column("what", "怎么数"),
                Column("field", "字段", "合计或不重复计数哪个字段"),
                Column("filter", "只数哪些", "例如 状态=已建成;类型=学校|医院"),
                Column("whole_filter", "占比的分母", "写法同上；* 为全部"),
                Column("by_day", "按统计日分年", is_flag=True),
            ),
        ),
    )
}


def rows_of(sheet: str, cells: Iterable[Sequence[object]]) -> list[dict[str, object]]:
    """Turn the cells of a sheet, head first, into rows by the codes of its columns; unknown heads are left out.

    Parameters
    ----------
    sheet : str
        The key of a sheet in `SHEETS`.
    cells : iterable of sequences
        The head, then the rows; blank rows are kept so that faults name the row as the officer sees it.

    Returns
    -------
    list of dict
        One for each row after the head.

    Examples
    --------
    >>> rows_of("states", [("名称", "计数"), ("在建", ""), ("建成", "是")])
    [{'name_zh': '在建', 'counts': ''}, {'name_zh': '建成', 'counts': '是'}]
    """
    known: Mapping[str, str] = {
        name: column.key for column in SHEETS[sheet].columns for name in (column.key, column.name_zh)
    }
    found = iter(cells)
    head = [known.get(str(cell or "").strip(), "") for cell in next(found, ())]
    return [{key: cell for key, cell in zip(head, row, strict=False) if key} for row in found]
