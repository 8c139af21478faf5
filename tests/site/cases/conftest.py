"""A town that rectifies, an office that assigns and checks, a target of the town, a section in it, and verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.reporting.conftest import target as target  # a fixture of that room, used here too
from tests.site.worlds import kept

from heqing_site.cases import actions
from heqing_site.cases.models import Case
from heqing_site.ledger.models import Target
from heqing_site.library.evidence import File
from heqing_site.orgs.actions import create_user, grant_role
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.places.actions import create_river, create_section
from heqing_site.places.models import Section
from heqing_site.places.rules import BodyType, ControlLevel
from heqing_site.reporting.rules import Kind, around
from heqing_site.verdicts.models import TargetVerdict

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PHOTO = File("现场.png", PNG)


def later(days: int) -> datetime:
    """Give a moment so many days after the district was set up."""
    return AT + timedelta(days=days)


@dataclass
class Office:
    """Who rectifies and who presses."""

    district: District
    town_officer: User
    supervisor: User
    town_supervisor: User
    town: Unit


@kept
def office(district: District) -> Office:
    """The town's officer rectifies for the town; the district's supervisor assigns, checks and closes."""

    def user(username: str, name: str, unit: Unit, role: Role, place: Unit) -> User:
        person = create_user(
            by=district.site_admin, at=AT, username=username, display_name=name, password=PASSWORD, unit=unit
        )
        grant_role(by=district.site_admin, at=AT, user=person, role=role, unit=place, valid_from=DAY)
        return person

    return Office(
        district,
        user("zhoufang", "周芳", district.east, Role.OFFICER, district.east),
        district.supervisor,
        user("qianjin", "钱进", district.east, Role.SUPERVISOR, district.district),
        district.east,
    )


@kept
def section(district: District) -> Section:
    """A section in the eastern town that must keep class Ⅲ."""
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    river = create_river(**who, name="东溪", code="R1", kind=BodyType.RIVER, unit=district.east)
    return create_section(
        **who, name="东溪桥", code="S1", river=river, unit=district.east, lon=Decimal("121.1"), lat=Decimal("30.1"),
        body_type=BodyType.RIVER, control_level=ControlLevel.CITY, target_class=3,
    )  # fmt: skip


@pytest.fixture
def judge() -> Callable[..., TargetVerdict]:
    """Put a verdict of a colour on a target on a day."""

    def put(aim: Target, day: date, light: str = "red", number: int = 1) -> TargetVerdict:
        return TargetVerdict.objects.create(
            target=aim, terms=aim.terms.order_by("-pk")[0], day=day, number=number, kind="count", light=light,
            scheme="heqing", light_edition="heqing lights 1", note="落后时序", inputs={}, recorded_at=AT,
        )  # fmt: skip

    return put


@kept
def case(office: Office) -> Case:
    """Open a case of the town that a person saw."""
    return actions.open_case(by=office.supervisor, at=AT, title="溪边堆放垃圾", detail="左岸三十米", unit=office.town)


def assigned(office: Office, case: Case, days: int = 0, **more: Any) -> Case:
    """Assign a case."""
    return actions.assign(by=office.supervisor, at=later(days), case=case, **more)


def rectified(office: Office, case: Case, days: int = 1) -> Case:
    """Assign and rectify a case."""
    assigned(office, case)
    return actions.submit_rectification(by=office.town_officer, at=later(days), case=case, note="已清运", files=[PHOTO])


def closed(office: Office, case: Case, days: int = 2) -> Case:
    """Take a case to its end."""
    rectified(office, case)
    actions.verify(by=office.supervisor, at=later(days), case=case, note="现场已清")
    return actions.close_out(by=office.supervisor, at=later(days), case=case)


def month(day: date) -> Any:
    """Give the month of a day."""
    return around(Kind.MONTH, day)
