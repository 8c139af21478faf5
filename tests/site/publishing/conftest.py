"""A month with judged and reported targets, and the people who write, approve and issue its bulletin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, District
from tests.site.reporting.conftest import FEBRUARY, Office, deed, office, target, typed  # noqa: F401
from tests.site.worlds import kept

from heqing_site.ledger.models import Target
from heqing_site.orgs.models import User
from heqing_site.publishing import actions
from heqing_site.publishing.models import Bulletin
from heqing_site.publishing.queries import newest_version
from heqing_site.publishing.rules import plain_words
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.models import Report
from heqing_site.verdicts.models import TargetVerdict

DRAFTED = datetime(2026, 3, 8, 1, 30, tzinfo=UTC)
APPROVED = DRAFTED + timedelta(days=1)
ISSUED = DRAFTED + timedelta(days=2)
LATER = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
Judge = Callable[..., TargetVerdict]


@pytest.fixture
def judge() -> Judge:
    """Give a target a verdict on the last day of February; judged again, it gets the next number."""

    def put(aim: Target, light: str, value: object = None, *, at: datetime = AT, **facts: Any) -> TargetVerdict:
        day = date(2026, 2, 28)
        terms = aim.terms.get()
        before = TargetVerdict.objects.filter(target=aim, day=day).count()
        return TargetVerdict.objects.create(
            **{
                "target": aim,
                "terms": terms,
                "day": day,
                "number": before + 1,
                "kind": "level",
                "light": light,
                "value": None if value is None else Decimal(str(value)),
                "value_as_of": None if value is None else date(2026, 2, 27),
                "scheme": "heqing",
                "light_edition": "heqing lights 1",
                "reason": "behind_points(12)" if light in ("red", "yellow") else "on_schedule",
                "recorded_at": at,
                **facts,
            }
        )

    return put


@dataclass
class Month:
    """The targets of February: one red, one green, one of which nothing is known."""

    district: District
    red: Target
    green: Target
    grey: Target
    report: Report

    @property
    def writer(self) -> User:
        """The supervision office drafts and issues."""
        return self.district.supervisor

    @property
    def leader(self) -> User:
        """The head of the district approves."""
        return self.district.leader


@kept
def month(district: District, office: Office, target: Callable[..., Target], judge: Judge) -> Month:  # noqa: F811
    """Judge two targets, report one of them and leave the third without anything."""
    red = target()
    green = target(indicator="整治河道", quote="整治河道10条", value=Decimal(10), value_text="10", unit="条")
    grey = target(indicator="新建公园", quote="新建公园5个", value=Decimal(5), value_text="5", unit="个")
    entry = reporting.submit(by=office.reporter, at=AT, target=red, period=FEBRUARY, typed=typed(3), seen=0)
    reporting.accept_entry(by=office.checker, at=AT, report=entry.report)
    judge(red, "red", 3)
    judge(green, "green", 2)
    return Month(district, red, green, grey, entry.report)


@kept
def drafted(month: Month) -> Bulletin:
    """Draft the bulletin of February."""
    return actions.draft_bulletin(by=month.writer, at=DRAFTED, month=FEBRUARY, unit=month.district.district)


@kept
def submitted_bulletin(month: Month, drafted: Bulletin) -> Bulletin:
    """Hand it in."""
    return actions.submit(by=month.writer, at=DRAFTED, bulletin=drafted)


@kept
def approved(month: Month, submitted_bulletin: Bulletin) -> Bulletin:
    """Approve it."""
    return actions.approve(by=month.leader, at=APPROVED, bulletin=submitted_bulletin)


@kept
def issued(month: Month, approved: Bulletin) -> Bulletin:
    """Issue it."""
    return actions.issue(by=month.writer, at=ISSUED, bulletin=approved)


def said(bulletin: Bulletin) -> str:
    """Give all that the newest version says, figures filled in."""
    content = newest_version(bulletin).content
    lines = []
    for block in content.blocks:
        lines.append(plain_words(block.words, content.figures))
        lines += ["|".join(plain_words(cell, content.figures) for cell in row) for row in block.rows]
    return "\n".join(lines)
