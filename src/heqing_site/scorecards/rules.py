"""The rules of scorecards as tables: which unit is compared with which, when a score is provisional, objection days.

Plain Python: no Django, no clock. Points, weights, grades and vetoes are data of the scheme: see `heqing.scorecards`.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from heqing_site.orgs.rules import UnitKind


class ScoreGroup(StrEnum):
    """Units that are compared with each other (考核组)."""

    TOWN = "town"
    DEPARTMENT = "department"


GROUP_NAMES = {ScoreGroup.TOWN: "镇（街道）", ScoreGroup.DEPARTMENT: "部门"}
GROUP_OF_KIND = {
    UnitKind.TOWN: ScoreGroup.TOWN,
    UnitKind.STREET: ScoreGroup.TOWN,
    UnitKind.DEPARTMENT: ScoreGroup.DEPARTMENT,
}


class EventKind(StrEnum):
    """What an entered event (考核事项) does to a score."""

    VETO = "veto"
    BONUS = "bonus"


EVENT_KIND_NAMES = {EventKind.VETO: "一票否决", EventKind.BONUS: "加分"}


class ReferenceKind(StrEnum):
    """Where the cause of a lost point can be looked up."""

    TARGET = "target"
    REPORT = "report"
    CASE = "case"
    SECTION = "section"
    STATION = "station"
    EVENT = "event"


REFERENCE_NAMES = {
    ReferenceKind.TARGET: "看研判",
    ReferenceKind.REPORT: "看填报",
    ReferenceKind.CASE: "看问题",
    ReferenceKind.SECTION: "看断面",
    ReferenceKind.STATION: "看站点",
    ReferenceKind.EVENT: "看事项",
}


def is_provisional(month_end: date, as_of: date) -> bool:
    """Tell whether a month's score is provisional (暂计): until its year is over, when it is computed again (G2.09)."""
    return as_of.year <= month_end.year


def workday_after(day: date, count: int) -> date:
    """Give the last of so many working days after a day, Monday to Friday; holidays by law are not known here."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


RULE_NAMES = {
    "ratio": "按项数均分，按比例扣",
    "count": "按次扣分",
    "steps": "按幅度扣分",
    "classes": "按等级得分",
    "event": "发生即扣，只扣一次",
}
ABSENT_NAMES = {"spread": "分值按比例摊到其他各项", "full": "按满分计"}
