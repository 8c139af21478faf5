"""A district that hands letters down to two towns: who drafts, reviews, issues, and who signs for each side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.reporting.conftest import target as target  # a fixture of that room, used here too
from tests.site.worlds import kept

from heqing_site.ledger.models import Target
from heqing_site.letters import actions, signatures
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.letters.rules import Side
from heqing_site.letters.signatures import Signature
from heqing_site.library.evidence import File
from heqing_site.orgs.actions import appoint, create_post, create_user, grant_role
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Role

PDF = b"%PDF-1.7\n" + b"0" * 40
SCAN = File("签字件.pdf", PDF)


def later(days: int) -> datetime:
    """Give a moment so many days after the district was set up."""
    return AT + timedelta(days=days)


@dataclass
class Office:
    """Who works on letters, and who signs them."""

    district: District
    drafter: User
    reviewer: User
    head: User
    mayor: User
    town: Unit


@kept
def office(district: District) -> Office:
    """The drafter and the reviewer work for the district; its head and the eastern town's mayor sign."""
    by = district.site_admin

    def user(username: str, name: str, unit: Unit, role: Role, place: Unit, post: str = "") -> User:
        person = create_user(by=by, at=AT, username=username, display_name=name, password=PASSWORD, unit=unit)
        grant_role(by=by, at=AT, user=person, role=role, unit=place, valid_from=DAY)
        if post:
            appoint(by=by, at=AT, post=create_post(by=by, at=AT, unit=place, name=post), holder=person, started_on=DAY)
        return person

    top, east = district.district, district.east
    return Office(
        district,
        user("xunnigao", "徐拟", top, Role.OFFICER, top),
        district.supervisor,
        user("quzhang", "区长甲", top, Role.LEADER, top, "区长"),
        user("zhenzhang", "镇长乙", east, Role.LEADER, east, "镇长"),
        east,
    )


@kept
def promise(district: District, target: Callable[..., Target]) -> Target:
    """Adopt a target that the eastern town leads."""
    return target(lead=district.east)


@kept
def series(office: Office, promise: Target) -> LetterSeries:
    """Open a series of target-task books to both towns."""
    return opened(office)


def opened(office: Office, **more: Any) -> LetterSeries:
    """Open a series."""
    said: dict[str, Any] = {
        "kind": "task_book",
        "topic": "深入打好污染防治攻坚战",
        "year": 2026,
        "issuer": office.district.district,
        "receivers": [office.district.east, office.district.west],
    }
    return actions.open_series(by=office.drafter, at=AT, **{**said, **more})


def drafted(office: Office, series: LetterSeries, unit: Unit | None = None) -> Letter:
    """Draft a letter."""
    return actions.draft(by=office.drafter, at=AT, series=series, receiver=unit or office.town)


def issued(office: Office, series: LetterSeries, unit: Unit | None = None, at: datetime = AT) -> Letter:
    """Take a letter through draft, review and issue."""
    letter = drafted(office, series, unit)
    letter = actions.submit(by=office.drafter, at=at, letter=letter)
    letter = actions.review(by=office.reviewer, at=at, letter=letter)
    return actions.issue(by=office.reviewer, at=at, letter=letter)


def signed(office: Office, letter: Letter, at: datetime = AT) -> Letter:
    """Let both sides sign by a scan."""
    both = [Signature(Side.ISSUER, "区长甲", DAY), Signature(Side.RECEIVER, "镇长乙", DAY)]
    return signatures.enter_scan(by=office.reviewer, at=at, letter=letter, signatures=both, files=[SCAN])


def raise_bound(office: Office, promise: Target, bound: int, at: datetime) -> None:
    """Amend the target in the ledger."""
    from decimal import Decimal

    from heqing_site.ledger.actions import amend_target

    amend_target(by=office.drafter, at=at, target=promise, changes={"bound": Decimal(bound)}, because="市里调整任务")
