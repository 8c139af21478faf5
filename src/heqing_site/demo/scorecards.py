"""Scores of the invented district: the last two months that ended, the older one published, and two events."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from heqing_site.demo.rules import CHECKER, Tell
from heqing_site.orgs.models import Unit, User
from heqing_site.reporting.queries import month_to_report
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards.actions import enter_event, publish_month, score_month
from heqing_site.scorecards.models import Scorecard
from heqing_site.scorecards.rules import EventKind

EVENT_DAY = 16  # of the last month that ended
EVENTS = (  # unit, what it does, as which case of the scheme, what happened, where it stands
    ("990201103", EventKind.VETO, "grave_event", "演示：货车侧翻，油料入河", "演示：事件调查报告第 1 号"),
    ("990201101", EventKind.BONUS, "commended", "演示：清淤做法在全市推广", "演示：市河长办简报第 9 期"),
)


def add_scorecards(*, at: datetime, tell: Tell) -> None:
    """Score the last two months that ended (生成演示得分), and publish the older one. It is done once."""
    if Scorecard.objects.exists():
        return
    today = timezone.localdate(at)
    last = month_to_report(today)
    before = around(Kind.MONTH, last.first - timedelta(days=1))
    by = User.objects.get(username=CHECKER)
    for code, kind, key, what, evidence in EVENTS:
        enter_event(
            by=by, at=at, unit=Unit.objects.get(code=code), kind=kind, key=key, day=last.first.replace(day=EVENT_DAY),
            what=what, evidence=evidence,
        )  # fmt: skip
    tell(f"为{before.name}、{last.name}评分 …")
    for month in (before, last):
        score_month(at=at, month=month, as_of=today)
    publish_month(by=by, at=at, month=before, note="演示：请各单位核对")
