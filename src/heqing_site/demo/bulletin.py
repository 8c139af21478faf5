"""Bulletins of the invented district: the month before last issued, the last one on the leader's desk."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.demo.models import Demonstration
from heqing_site.demo.rules import CHECKER, Tell
from heqing_site.orgs.models import User
from heqing_site.publishing import actions
from heqing_site.publishing.models import Bulletin
from heqing_site.publishing.queries import month_to_tell
from heqing_site.reporting.queries import months_around
from heqing_site.reporting.rules import Period

LEADER = "quzhang"
ISSUER = "青澜区督查室"
DRAFTED, APPROVED, ISSUED = 8, 9, 10  # days after the end of the month
MORNING = time(9, 30)


@transaction.atomic
def add_bulletins(*, at: datetime, tell: Tell) -> None:
    """Draft, approve and issue invented bulletins (生成演示通报); done once."""
    if Bulletin.objects.exists():
        return
    found = Demonstration.objects.select_related("district").get()
    writer, leader = (User.objects.get(username=name) for name in (CHECKER, LEADER))
    last = month_to_tell(timezone.localdate(at))
    before, _ = months_around(last, as_of=timezone.localdate(at))
    facts: dict[str, Any] = {"by": writer, "unit": found.district, "issuer": ISSUER}
    tell(f"拟演示通报：{before.name}印发，{last.name}送审 …")
    first = actions.draft_bulletin(at=_after(before, DRAFTED, at), month=before, **facts)
    first = actions.submit(by=writer, at=_after(before, DRAFTED, at, hours=2), bulletin=first)
    first = actions.approve(by=leader, at=_after(before, APPROVED, at), bulletin=first)
    actions.issue(by=writer, at=_after(before, ISSUED, at), bulletin=first)
    second = actions.draft_bulletin(at=_after(last, DRAFTED, at), month=last, **facts)
    actions.submit(by=writer, at=_after(last, DRAFTED, at, hours=2), bulletin=second)


def _after(month: Period, days: int, at: datetime, *, hours: int = 0) -> datetime:
    """Give the morning some days after a month, and no moment that has not come."""
    moment = datetime.combine(month.last + timedelta(days=days), MORNING, tzinfo=timezone.get_current_timezone())
    return min(moment + timedelta(hours=hours), at)
