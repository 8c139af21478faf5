"""Scores of the invented district: the last two months that ended, the older one published."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from heqing_site.demo.rules import CHECKER, Tell
from heqing_site.orgs.models import User
from heqing_site.reporting.queries import month_to_report
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards.actions import publish_month, score_month
from heqing_site.scorecards.models import Scorecard


def add_scorecards(*, at: datetime, tell: Tell) -> None:
    """Score the last two months that ended (生成演示得分), and publish the older one. It is done once."""
    if Scorecard.objects.exists():
        return
    today = timezone.localdate(at)
    last = month_to_report(today)
    before = around(Kind.MONTH, last.first - timedelta(days=1))
    tell(f"为{before.name}、{last.name}评分 …")
    for month in (before, last):
        score_month(at=at, month=month, as_of=today)
    publish_month(by=User.objects.get(username=CHECKER), at=at, month=before, note="演示：请各单位核对")
