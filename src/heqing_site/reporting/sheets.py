"""The sheet of a unit's reports (填报表格): out as .xlsx, and back in as .xlsx or CSV, row by row.

A row with a mistake is told by its number and column and keeps nobody else's row from being saved; what was typed in it
is given back. What stands in the sheet is saved as drafts; submitting is a deed of its own on the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.orgs.models import User
from heqing_site.reporting import actions, rules
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import OwedRow
from heqing_site.reporting.rules import Period
from heqing_site.sheets.reading import read_text
from heqing_site.workbooks import Column

NUMBER, PERIOD, VALUE, DONE, DAY, NOTE, SEEN = "目标编号", "期别", "数值", "是否办结", "数值日期", "说明", "版次"
NEEDED = (NUMBER, PERIOD, VALUE, DONE, DAY, NOTE)
MOST_ROWS = 5000
LOOKS = (
    Column(NUMBER, 10), Column(PERIOD, 12), Column("指标", 30, wraps=True), Column("要求", 18, wraps=True),
    Column("计量单位", 10), Column("上期数值", 14), Column(VALUE, 14, is_filled_in=True),
    Column(DONE, 10, is_filled_in=True, choices=("是", "否")),
    Column(DAY, 13, is_filled_in=True, number_format="yyyy-mm-dd"),
    Column(NOTE, 36, is_filled_in=True, wraps=True), Column("状态", 12), Column("截止日", 13), Column(SEEN, 8),
)  # fmt: skip
COLUMNS = tuple(column.name for column in LOOKS)


def write(rows: Iterable[OwedRow]) -> bytes:
    """Write what a unit owes as a workbook; only the cells to be filled in can be changed."""
    cells = []
    for row in rows:
        entry = row.entry
        cells.append((
            row.target.number, row.period.key, row.terms.title, row.terms.demand, row.terms.unit,
            row.previous.said if row.previous else "",
            Decimal(entry.value_plain) if entry and entry.value is not None else None,
            entry.done if entry else None, entry.value_date if entry else None, entry.note if entry else "",
            row.owing_name, row.due, row.seen,
        ))  # fmt: skip
    return workbooks.write("填报", LOOKS, cells)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one row: its number in the sheet, the column, what stands there, and a sentence."""

    row: int
    column: str
    typed: str
    sentence: str


@dataclass
class Outcome:
    """What became of a sheet: drafts saved, rows that were left blank or are unchanged, and rows with a mistake."""

    saved: list[ReportEntry] = field(default_factory=list)
    untouched: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def rows_at_fault(self) -> int:
        """How many rows were not taken."""
        return len({fault.row for fault in self.faults})


def take_in(*, by: User, at: datetime, file_name: str, content: bytes, language: str | None = None) -> Outcome:
    """Save each good row of a sheet as a draft (导入填报表), and name row and column of each mistake.

    Needs the right 数据填报 at the lead unit of each target.

    Raises
    ------
    RuleBrokenError
        When the sheet as a whole cannot be read: ``sheet.unreadable``, ``sheet.old_excel``, ``sheet.columns_missing``,
        ``sheet.several``, ``sheet.too_long``, ``sheet.too_large``.
    """
    rows, faults = _read(file_name, content)
    numbers = {int(row[NUMBER]) for _, row in rows if _is_number(row[NUMBER])}
    targets = {target.number: target for target in Target.objects.filter(number__in=numbers)}
    outcome = Outcome()
    for number, row in rows:
        if number in faults:
            outcome.faults += faults[number]
            continue
        told = f"{row[VALUE]} {row[DONE]} {row[NOTE]}".strip()
        if not told:
            outcome.untouched += 1
            continue
        parsed = _parse(number, row, targets)
        if isinstance(parsed, Fault):
            outcome.faults.append(parsed)
            continue
        target, period, typed, seen = parsed
        try:
            entry = actions.save_draft(by=by, at=at, target=target, period=period, typed=typed, seen=seen)
        except RuleBrokenError as error:
            column = COLUMN_OF.get(error.code, "整行")
            outcome.faults.append(Fault(number, column, told, error.sentence(language)))
        else:
            if entry.number == seen:
                outcome.untouched += 1
            else:
                outcome.saved.append(entry)
    return outcome


COLUMN_OF = {
    "report.not_reported": NUMBER,
    "report.period_not_owed": PERIOD,
    "report.value_missing": DONE,
    "report.value_too_long": VALUE,
    "report.done_missing": VALUE,
    "report.date_outside": DAY,
    "permission.missing": NUMBER,
    "period.closed": PERIOD,
}


Rows = list[tuple[int, dict[str, str]]]
Faults = dict[int, list[Fault]]


def _read(file_name: str, content: bytes) -> tuple[Rows, Faults]:
    """Read the rows, numbered as Excel counts them, and what is wrong with cells before they are understood."""
    if len(content) > settings.UPLOAD_LIMIT:
        raise RuleBrokenError("sheet.too_large", file=file_name)
    if workbooks.is_old(content):
        raise RuleBrokenError("sheet.old_excel", file=file_name)
    if not workbooks.is_workbook(content):
        lines = read_text(file_name, content, needed=NEEDED, most=MOST_ROWS)
        empty = dict.fromkeys((*NEEDED, SEEN), "")
        return [(number, empty | typed) for number, typed in lines], {}
    table = workbooks.read(file_name, content, needed=NEEDED)
    if len(table.rows) > MOST_ROWS:
        raise RuleBrokenError("sheet.too_long", count=len(table.rows), limit=MOST_ROWS)
    faults: Faults = {}
    for (number, name), (typed, sentence) in table.faults.items():
        faults.setdefault(number, []).append(Fault(number, name, typed, sentence))
    empty = dict.fromkeys((*NEEDED, SEEN), "")
    return [(number, empty | dict(zip(table.names, texts, strict=True))) for number, texts in table.rows], faults


def _parse(
    number: int, row: dict[str, str], targets: dict[int, Target]
) -> Fault | tuple[Target, Period, Typed, int | None]:
    target = targets.get(int(row[NUMBER])) if _is_number(row[NUMBER]) else None
    if target is None:
        return Fault(number, NUMBER, row[NUMBER], "没有这个编号的目标，请用本页导出的表格填写。")
    period = rules.parse_key(row[PERIOD]) or _excel_month(row[PERIOD])
    if period is None:
        return Fault(number, PERIOD, row[PERIOD], "期别不能识别，请写成 2026-03、2026-Q1 或 2026。")
    value = rules.parse_number(row[VALUE]) if row[VALUE] else None
    if row[VALUE] and value is None:
        return Fault(number, VALUE, row[VALUE], "不是数字；单位不写在数值里。")
    done = rules.parse_done(row[DONE]) if row[DONE] else None
    if row[DONE] and done is None:
        return Fault(number, DONE, row[DONE], "请填“是”或“否”。")
    day = rules.parse_day(row[DAY]) if row[DAY] else None
    if row[DAY] and day is None:
        return Fault(number, DAY, row[DAY], "日期不能识别，请写成 2026-03-31。")
    seen = int(row[SEEN]) if _is_number(row[SEEN]) else None
    return target, period, Typed(value, done, day, row[NOTE]), seen


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) < 10


def _excel_month(written: str) -> Period | None:
    """Read a month that Excel took for a day: 2026-03 is shown as Mar-26 and saved as 2026/3/1 or Mar-26."""
    day = rules.parse_day(written)
    if day is not None:
        return rules.around(rules.Kind.MONTH, day)
    try:
        return rules.around(rules.Kind.MONTH, datetime.strptime(written.strip(), "%b-%y").date())  # noqa: DTZ007
    except ValueError:
        return None
