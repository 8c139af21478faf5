"""The rules of works that are no data: states, deeds, parts, who may do what. Plain Python, no clock.

Stages, papers, lights and slips stand in the rulebook and are read by ``heqing.works``.
"""

from __future__ import annotations

import calendar
from datetime import date
from enum import StrEnum

from heqing.works import Kind

KIND_NAMES = {Kind.TASK: "任务", Kind.PROJECT: "项目"}


class State(StrEnum):
    """Where a work stands as a whole; its stage tells more."""

    DRAFT = "draft"
    ACTIVE = "active"
    DONE = "done"
    DROPPED = "dropped"


STATE_NAMES = {State.DRAFT: "待启动", State.ACTIVE: "在办", State.DONE: "办结", State.DROPPED: "撤销"}


class Deed(StrEnum):
    """What is done to a work (办理)."""

    CREATE = "create"
    AMEND = "amend"
    ACTIVATE = "activate"
    ADVANCE = "advance"
    FINISH = "finish"
    RETURN = "return"
    ASK = "ask"
    GRANT = "grant"
    REFUSE = "refuse"
    DROP = "drop"


DEED_NAMES = {
    Deed.CREATE: "列入清单",
    Deed.AMEND: "调整",
    Deed.ACTIVATE: "启动",
    Deed.ADVANCE: "进入下一阶段",
    Deed.FINISH: "办结",
    Deed.RETURN: "退回上一阶段",
    Deed.ASK: "申请延期",
    Deed.GRANT: "同意延期",
    Deed.REFUSE: "不同意延期",
    Deed.DROP: "撤销",
}


class Part(StrEnum):
    """The part of a unit beside the acting one: 配合 or 协助."""

    WITH = "with"
    HELP = "help"


PART_NAMES = {Part.WITH: "配合", Part.HELP: "协助"}


class SlipState(StrEnum):
    """Where a slip (督办单) stands."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    ANSWERED = "answered"
    CLOSED = "closed"
    RAISED = "raised"
    DROPPED = "dropped"


SLIP_STATE_NAMES = {
    SlipState.PROPOSED: "待签发",
    SlipState.ISSUED: "待回复",
    SlipState.ANSWERED: "待审定",
    SlipState.CLOSED: "已销",
    SlipState.RAISED: "已升级",
    SlipState.DROPPED: "不签发",
}
SLIP_OPEN = (SlipState.PROPOSED, SlipState.ISSUED, SlipState.ANSWERED)
SLIP_SENT = (SlipState.ISSUED, SlipState.ANSWERED, SlipState.CLOSED, SlipState.RAISED)


class SlipDeed(StrEnum):
    """What is done to a slip."""

    PROPOSE = "propose"
    ISSUE = "issue"
    ANSWER = "answer"
    ACCEPT = "accept"
    RAISE = "raise"
    DROP = "drop"


SLIP_DEED_NAMES = {
    SlipDeed.PROPOSE: "提请",
    SlipDeed.ISSUE: "签发",
    SlipDeed.ANSWER: "回复",
    SlipDeed.ACCEPT: "认可销单",
    SlipDeed.RAISE: "升级",
    SlipDeed.DROP: "不签发",
}
SLIP_LIGHTS = {"blue": "grey", "yellow": "yellow", "orange": "yellow", "red": "red"}
OUTLOOK_NAMES = {"normal": "正常推进", "able": "滞后，能按期完成", "unable": "难以按期完成"}
MILESTONE_NAMES = {"start": "开工", "entry": "入库", "finish": "竣工"}


def first_of(day: date) -> date:
    """Give the first day of a month."""
    return day.replace(day=1)


def next_month(first: date, count: int = 1) -> date:
    """Give the first day of a month so many months after another."""
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(year, month + 1, 1)


def last_of(first: date) -> date:
    """Give the last day of a month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def due_of(month: date, due_day: int) -> date:
    """Give the last day on which the progress of a month is in time: so many days into the next month."""
    return next_month(month).replace(day=due_day)


def month_to_report(on: date) -> date:
    """Give the first day of the month whose progress is owed on a day: the last one that ended."""
    return next_month(first_of(on), -1)


def say_lag(days: int | None, *, is_reached: bool) -> str:
    """Say how early or late a milestone is."""
    if days is None:
        return ""
    if days == 0:
        return "当日"
    if not is_reached:
        return f"已晚 {days} 天"
    return f"晚 {days} 天" if days > 0 else f"早 {-days} 天"
