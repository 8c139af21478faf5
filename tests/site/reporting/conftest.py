"""A target that the eastern town reports each month, an officer of the town, and a checker of the district."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.worlds import kept

from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import Target
from heqing_site.library.models import Document, Finding
from heqing_site.orgs.actions import create_user, grant_role
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.reporting import actions
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.rules import Kind, Period, around

FEBRUARY = around(Kind.MONTH, date(2026, 2, 1))
LATER = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@dataclass
class Office:
    """Who reports and who checks."""

    district: District
    reporter: User
    checker: User
    town: Unit


@kept
def office(district: District) -> Office:
    """The town's officer reports for the town only; the bureau's officer checks the whole district."""

    def user(username: str, name: str, unit: Unit, place: Unit) -> User:
        person = create_user(
            by=district.site_admin, at=AT, username=username, display_name=name, password=PASSWORD, unit=unit
        )
        grant_role(by=district.site_admin, at=AT, user=person, role=Role.OFFICER, unit=place, valid_from=DAY)
        return person

    reporter = user("zhoufang", "周芳", district.east, district.east)
    checker = user("hebing", "何冰", district.bureau, district.district)
    return Office(district, reporter, checker, district.east)


@pytest.fixture
def target(district: District) -> Callable[..., Target]:
    """Adopt a target led by the eastern town: by default new sewers, reported each month of 2026."""

    def put(*, lead: Unit | None = None, **facts: Any) -> Target:
        number = Document.objects.count()
        text = facts.get("quote", "新建污水管网24公里")
        document = Document.objects.create(
            title=f"方案{number}",
            file_name="plan.txt",
            media_type="text/plain",
            sha256=f"{number:064d}",
            received="library/00/plan",
            text=text,
            date=date(2026, 2, 10),
            unit=district.district,
            added_by=district.site_admin,
            added_at=AT,
        )
        made = {
            "kind": "target",
            "quote": text,
            "start": 0,
            "end": len(text),
            "indicator": "新建污水管网",
            "comparator": ">=",
            "value": Decimal(24),
            "value_text": "24",
            "unit": "公里",
            "period": "2026",
            "strength": "plan",
            "pillar": "water",
            "confidence": 0.9,
            "state": "accepted",
            "decided_by": district.site_admin,
            "decided_at": AT,
        }
        finding = Finding.objects.create(document=document, number=1, **{**made, **facts})
        return ledger.adopt_finding(by=district.site_admin, at=AT, finding=finding, lead=lead or district.east)

    return put


@kept
def deed(target: Callable[..., Target]) -> Target:
    """Adopt something to be done in 2026."""
    return target(indicator="出台三年行动方案", comparator="complete", value=None, value_text=None, unit="")


@kept
def submitted(office: Office, target: Callable[..., Target]) -> ReportEntry:
    """Submit the value of February."""
    return actions.submit(by=office.reporter, at=AT, target=target(), period=FEBRUARY, typed=typed(3), seen=0)


def typed(value: object = None, **facts: Any) -> Typed:
    """What an officer typed, as of the last day of February."""
    number = None if value is None else Decimal(str(value))
    return Typed(value=number, **{"value_date": FEBRUARY.last, **facts})


def month(year: int, number: int) -> Period:
    """Give a month."""
    return around(Kind.MONTH, date(year, number, 1))
