"""The rules of reported values as tables: states, deeds, periods, how a value stands. Plain Python, no clock.

How a report moves: the unit that owes it saves a draft and submits it; a checker of another unit accepts or returns it;
what was submitted can be taken back until it is decided; what was accepted is only corrected by a new version, which is
checked again while the accepted one goes on counting. Due days stand in ``reporting.rhythms``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum


class State(StrEnum):
    """Where a report (填报) stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "待审核",
    State.ACCEPTED: "已审核",
    State.RETURNED: "已退回",
    State.WITHDRAWN: "已撤回",
}
LIGHTS = {  # shape and colour beside the word
    State.DRAFT: "grey",
    State.SUBMITTED: "grey",
    State.ACCEPTED: "green",
    State.RETURNED: "red",
    State.WITHDRAWN: "grey",
}


class Deed(StrEnum):
    """The deed by which a version was added."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    ACCEPT = "accept"
    CORRECT = "correct"


DEED_NAMES = {
    Deed.SAVE: "保存草稿",
    Deed.SUBMIT: "提交",
    Deed.WITHDRAW: "撤回",
    Deed.RETURN: "退回",
    Deed.ACCEPT: "审核通过",
    Deed.CORRECT: "更正",
}
# From which state a deed may start; None is a period for which nothing was entered yet.
MOVES: dict[Deed, frozenset[State | None]] = {
    Deed.SAVE: frozenset({None, State.DRAFT, State.RETURNED, State.WITHDRAWN}),
    Deed.SUBMIT: frozenset({None, State.DRAFT, State.RETURNED, State.WITHDRAWN}),
    Deed.WITHDRAW: frozenset({State.SUBMITTED}),
    Deed.RETURN: frozenset({State.SUBMITTED}),
    Deed.ACCEPT: frozenset({State.SUBMITTED}),
    Deed.CORRECT: frozenset({State.ACCEPTED}),
}
LEADS_TO = {
    Deed.SAVE: State.DRAFT,
    Deed.SUBMIT: State.SUBMITTED,
    Deed.WITHDRAW: State.WITHDRAWN,
    Deed.RETURN: State.RETURNED,
    Deed.ACCEPT: State.ACCEPTED,
    Deed.CORRECT: State.SUBMITTED,
}
EDITABLE = MOVES[Deed.SAVE]
WITH_REASON = (Deed.RETURN, Deed.CORRECT)
DECIDED = (State.ACCEPTED, State.RETURNED)


class Kind(StrEnum):
    """What a period (期) is: a month, a quarter, a year, or the whole span of the target."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    OWN = "own"


@dataclass(frozen=True, order=True)
class Period:
    """A period (期) that a report speaks of."""

    first: date
    last: date
    kind: Kind

    @property
    def key(self) -> str:
        """Write it for addresses and sheets: 2026-03, 2026-Q1, 2026, or both days."""
        match self.kind:
            case Kind.MONTH:
                return f"{self.first:%Y-%m}"
            case Kind.QUARTER:
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            case Kind.YEAR:
                return str(self.first.year)
            case Kind.OWN:
                return f"{self.first}至{self.last}"

    @property
    def name(self) -> str:
        """Write it as officials do."""
        match self.kind:
            case Kind.MONTH:
                return f"{self.first.year} 年 {self.first.month} 月"
            case Kind.QUARTER:
                return f"{self.first.year} 年第 {(self.first.month + 2) // 3} 季度"
            case Kind.YEAR:
                return f"{self.first.year} 年"
            case Kind.OWN:
                return f"{self.first} 至 {self.last}"


def say_periods(periods: Iterable[Period]) -> str:
    """Name some periods, oldest first, months that follow each other together: 2026 年 1—3 月、2026 年第 2 季度."""
    runs: list[list[Period]] = []
    for period in periods:
        before = runs[-1][-1] if runs else None
        if (
            before is not None
            and before.kind is period.kind is Kind.MONTH
            and before.first.year == period.first.year
            and before.last + timedelta(days=1) == period.first
        ):
            runs[-1].append(period)
        else:
            runs.append([period])
    return "、".join(
        run[0].name if len(run) == 1 else f"{run[0].first.year} 年 {run[0].first.month}—{run[-1].first.month} 月"
        for run in runs
    )


_KEY = re.compile(r"(\d{4})(?:-(\d{1,2})|-Q([1-4]))?")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})至(\d{4}-\d{2}-\d{2})")


def parse_key(written: str) -> Period | None:
    """Read a period back from its key; None when it is none."""
    text = written.strip()
    try:
        if found := _SPAN.fullmatch(text):
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            return Period(first, last, Kind.OWN) if first <= last else None
        if found := _KEY.fullmatch(text):
            if found[2]:
                return around(Kind.MONTH, date(int(found[1]), int(found[2]), 1))
            if found[3]:
                return around(Kind.QUARTER, date(int(found[1]), int(found[3]) * 3, 1))
            return around(Kind.YEAR, date(int(found[1]), 1, 1))
    except ValueError:
        return None
    return None


def around(kind: Kind, day: date) -> Period:
    """Give the month, quarter or year that holds a day."""
    months = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.YEAR: 12}[kind]
    first_month = (day.month - 1) // months * months + 1
    last_month = first_month + months - 1
    last = date(day.year, last_month, calendar.monthrange(day.year, last_month)[1])
    return Period(date(day.year, first_month, 1), last, kind)


def owed_periods(kind: Kind, *, first: date, last: date | None, counts_from: date, through: date) -> Iterator[Period]:
    """List the periods that a target owes, oldest first, up to the one that runs on a day.

    Parameters
    ----------
    kind : Kind
        What sort of period its rhythm asks for.
    first, last : datetime.date
        The span of the target; without a last day it goes on.
    counts_from : datetime.date
        The day from which the target stands in the ledger's terms: what ended before is not owed.
    through : datetime.date
        A period that begins later is not owed yet.
    """
    if kind is Kind.OWN:
        own = Period(first, last or max(date(first.year, 12, 31), first), Kind.OWN)
        if own.first <= through:
            yield own
        return
    begin = first if last is not None and last < counts_from else max(first, counts_from)
    period = around(kind, begin)
    while period.first <= through and (last is None or period.first <= last):
        yield period
        period = around(kind, period.last + timedelta(days=1))


class Owing(StrEnum):
    """How one owed period stands on a day."""

    OPEN = "open"
    DUE = "due"
    MISSING = "missing"
    RETURNED = "returned"
    WAITING = "waiting"
    WAITING_LATE = "waiting_late"
    DONE = "done"
    DONE_LATE = "done_late"


OWING_NAMES = {
    Owing.OPEN: "本期未结束",
    Owing.DUE: "待报",
    Owing.MISSING: "逾期未报",
    Owing.RETURNED: "退回待改",
    Owing.WAITING: "待审核",
    Owing.WAITING_LATE: "迟报，待审核",
    Owing.DONE: "已审核",
    Owing.DONE_LATE: "迟报，已审核",
}
OWING_LIGHTS = {
    Owing.OPEN: "grey",
    Owing.DUE: "grey",
    Owing.MISSING: "red",
    Owing.RETURNED: "red",
    Owing.WAITING: "grey",
    Owing.WAITING_LATE: "yellow",
    Owing.DONE: "green",
    Owing.DONE_LATE: "yellow",
}
BEHIND = (Owing.MISSING, Owing.RETURNED)


def owing(*, state: State | None, submitted_on: date | None, period: Period, due: date, on: date) -> Owing:
    """Tell how one owed period stands on a day; what was returned or taken back is owed again."""
    late = submitted_on is not None and submitted_on > due
    if state is State.ACCEPTED:
        return Owing.DONE_LATE if late else Owing.DONE
    if state is State.SUBMITTED:
        return Owing.WAITING_LATE if late else Owing.WAITING
    if state is State.RETURNED:
        return Owing.RETURNED
    if on > due:
        return Owing.MISSING
    return Owing.OPEN if on <= period.last else Owing.DUE


# --- what people type ---------------------------------------------------------------------------------------------

YES, NO = frozenset({"是", "已办结", "办结", "yes", "1", "true"}), frozenset({"否", "未办结", "no", "0", "false"})


def parse_number(written: str) -> Decimal | None:
    """Read a number as people write it, with commas or full-width signs; None when it is none."""
    text = written.strip().translate(_HALF_WIDTH).replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def parse_day(written: str) -> date | None:
    """Read a day as people and Excel write it: 2026-03-31, 2026/3/31, 2026年3月31日."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", written.strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def parse_done(written: str) -> bool | None:
    """Read 是 or 否; None when it is neither."""
    text = written.strip().lower()
    return True if text in YES else False if text in NO else None


_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
