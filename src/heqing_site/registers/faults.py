"""What is wrong with a declaration, said to an officer: sheet, row, column, and what to do. It knows no database."""

from __future__ import annotations

from collections.abc import Iterable

from heqing.registers import SHEETS, Fault, fault_words


def say_fault(fault: Fault) -> str:
    """Say one fault with its sheet, row and column."""
    sheet = SHEETS[fault.sheet]
    column = next((one.name_zh for one in sheet.columns if one.key == fault.column), "")
    place = f"“{sheet.name_zh}”表第 {fault.row} 行" + (f"“{column}”" if column else "")
    return f"{place}：{fault_words()[fault.problem][0].format(fault.said)}"


def say_faults(faults: Iterable[Fault]) -> list[str]:
    """Say all faults."""
    return [say_fault(fault) for fault in faults]
