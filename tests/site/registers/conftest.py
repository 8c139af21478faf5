"""Who enters and who confirms, and short ways to the deeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.worlds import kept

from heqing_site.library.evidence import File
from heqing_site.orgs.actions import create_user, grant_role
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.registers import actions, counting, kinds
from heqing_site.registers.models import Entry

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PHOTO = File("现场.png", PNG)


def later(days: int) -> datetime:
    """Give a moment so many days after the district was set up."""
    return AT + timedelta(days=days)


@dataclass
class Office:
    """The town's officer enters for the town; the bureau's and the supervisor confirm."""

    district: District
    town_officer: User
    officer: User
    supervisor: User
    admin: User
    town: Unit


@pytest.fixture(autouse=True)
def _forget_declarations() -> None:
    """Forget what was read of declared kinds: each test has a database of its own."""
    kinds._READ.clear()
    counting._NAMES.clear()


@kept
def office(district: District) -> Office:
    """Build the office."""
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    person = create_user(**who, username="zhoufang", display_name="周芳", password=PASSWORD, unit=district.east)
    grant_role(**who, user=person, role=Role.OFFICER, unit=district.east, valid_from=DAY)
    grant_role(**who, user=district.officer, role=Role.OFFICER, unit=district.district, valid_from=DAY)
    return Office(district, person, district.officer, district.supervisor, district.site_admin, district.east)


def entered(office: Office, kind: str = "zero_waste_cells", days: int = 0, **typed: str) -> Entry:
    """Enter something for the town."""
    told = {"name": "东溪中学", "sort": "学校"} | typed if kind == "zero_waste_cells" else typed
    return actions.enter(by=office.town_officer, at=later(days), kind=kind, unit=office.town, typed=told)


def built(office: Office, days: int = 1, **typed: str) -> Entry:
    """Enter a cell and have another unit certify it."""
    entry = entered(office, **typed)
    return actions.move(
        by=office.supervisor, at=later(days), entry=entry, move="certify",
        typed={"done_on": str(later(days).date())}, files=[PHOTO],
    )  # fmt: skip
