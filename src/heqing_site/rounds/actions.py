"""The round of a day (每日例行): every target is judged, what is red or exceeds becomes a case, the month is scored.

It composes the rooms below and decides nothing itself; each deed is whole by itself, so that nobody who types a report
waits for the whole round. It is told the moment and the day: the background worker, the
command and the demonstration are the outermost callers. Doing the round of a day again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from heqing.tables import items
from heqing_site.cases.actions import Opened, open_for_section, open_for_verdicts
from heqing_site.cases.models import Case
from heqing_site.monitoring.queries import SectionMonth, section_classes
from heqing_site.orgs.models import User
from heqing_site.plans.actions import Rounded, judge_finished
from heqing_site.reporting.rules import Kind, Period, around
from heqing_site.scorecards.actions import Scored, score_month
from heqing_site.scorecards.causes import scored_units
from heqing_site.verdicts.actions import Judged, judge_all
from heqing_site.verdicts.again import followed_until, touched
from heqing_site.verdicts.readings import readings
from heqing_site.works.progress import judge_works
from heqing_site.works.records import Slip
from heqing_site.works.slips import propose_slips


@dataclass(frozen=True)
class Round:
    """What a round brought: verdicts, cases by what became of them, plans reopened, scores of the month that ended."""

    judged: Judged
    opened: Opened
    of_sections: list[Case]
    scored: Scored | None
    of_plans: Rounded
    slips: list[Slip]
    again: list[Judged]


def judge(
    *, at: datetime, on: date, by: User | None = None, follow_mark: datetime | None = None
) -> tuple[Judged, Opened]:
    """Judge the targets of a day (研判), and open or find the cases of those that are red.

    Parameters
    ----------
    at : datetime.datetime
        The moment.
    on : datetime.date
        The day.
    by : User, optional
        Who asks for it, and judges the targets where their right 目标研判 holds; without a person the system, for all.
    follow_mark : datetime.datetime, optional
        For the record: the moment to which late and corrected data were followed through before.
    """
    known_by = at if on < timezone.localdate(at) else None
    judged = judge_all(at=at, on=on, readings=readings(on=on), by=by, known_by=known_by, followed_until=follow_mark)
    return judged, open_for_verdicts(at=at, on=on, verdicts=judged.rows)  # the system opens them, whoever asked


def judge_again(*, at: datetime) -> list[Judged]:
    """Judge again the days that late, corrected or re-audited data touch (追溯重判), each on all that is known now.

    What was said before stays; a further row tells what changed and which file, report or terms made the difference.
    Cases are opened by the verdict of the running day, never by one of a past day.

    Parameters
    ----------
    at : datetime.datetime
        The moment; data recorded since the last time are followed through.
    """
    since = followed_until()
    if since is None:
        return []
    days = touched(since=since, until=at)
    return [
        judge_all(at=at, on=day, readings=readings(on=day), targets=sorted(days[day]), known_by=at)
        for day in sorted(days)
    ]


def daily(*, at: datetime, on: date) -> Round:
    """Do the round of a day (每日例行).

    Past days that late or corrected data touch are judged again; every target is judged; red verdicts open cases or
    are attached to the standing ones; sections that missed their class in the last month that ended open cases, once
    for each month; plans whose works are done without effect are reopened; that month is scored on what is known now;
    works get their light of the day, and slips are proposed for those near, behind or over their deadline.

    Parameters
    ----------
    at : datetime.datetime
        The moment.
    on : datetime.date
        The day.
    """
    is_today = on == timezone.localdate(at)
    again = judge_again(at=at) if is_today else []
    judged, opened = judge(at=at, on=on, follow_mark=at if is_today else None)
    exceeding = exceeding_sections(at=at, on=on)
    month = _ended(on)
    scored = score_month(at=at, month=month, as_of=on) if scored_units(on=month.last) else None
    finished = judge_finished(at=at, on=on)
    judge_works(at=at, on=on)
    return Round(judged, opened, exceeding, scored, finished, propose_slips(at=at, on=on), again)


def exceeding_sections(*, at: datetime, on: date) -> list[Case]:
    """Open or find the case of each section that missed its class in the last month that ended."""
    month = _ended(on)
    return [
        open_for_section(
            at=at,
            on=on,
            section=found.section,
            month=month,
            water_class=found.water_class,
            required_class=found.required_class,
            reason=_in_words(found),
        )
        for found in section_classes(month.first)
        if found.is_exceeding and found.water_class is not None
    ]


def _ended(on: date) -> Period:
    """Give the last month that ended before a day."""
    return around(Kind.MONTH, on.replace(day=1) - timedelta(days=1))


def _in_words(found: SectionMonth) -> str:
    """Say by which items a section missed its class; empty where one item decided nothing by itself."""
    names = {item.code: item.name_zh for item in items("water")}
    deciding = "、".join(names.get(code, code) for code in found.deciding_items.split(",") if code)
    return f"定类项目：{deciding}" if deciding else ""
