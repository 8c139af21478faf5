"""Verdicts of the invented district: the ends of the months of its year, and the last days one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

from heqing_site.demo.models import Demonstration
from heqing_site.demo.rules import DAYS_JUDGED, Tell
from heqing_site.verdicts.actions import judge_all
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.readings import readings


def add_verdicts(*, at: datetime, tell: Tell) -> None:
    """Judge the invented targets (生成演示研判) on the days that lack, up to today."""
    found = Demonstration.objects.get()
    today = timezone.localdate(at)
    last = TargetVerdict.objects.order_by("-day").values_list("day", flat=True).first()
    days = [day for day in _days(found.year, today) if last is None or day > last]
    if not days:
        return
    tell(f"研判演示目标：{days[0]} 至 {days[-1]}，共 {len(days)} 天 …")
    for day in days:
        judge_all(at=at, on=day, readings=readings(on=day))


def _days(year: int, today: date) -> Iterator[date]:
    """Give the last days of the months of a year that ended before the last days one by one, and these."""
    recent = today - timedelta(days=DAYS_JUDGED - 1)
    for month in range(1, 13):
        end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        if end < recent:
            yield end
    for number in range(DAYS_JUDGED):
        yield recent + timedelta(days=number)
