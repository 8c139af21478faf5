"""A list of the district's office, a work of the eastern town, who leads, acts, checks and presses."""

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

from heqing.works import Kind, Outlook
from heqing_site.library.evidence import File
from heqing_site.orgs.actions import create_post, create_user, grant_role
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.works import actions, progress
from heqing_site.works.models import TaskList, Work
from heqing_site.works.progress import Told
from heqing_site.works.records import Progress

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
START, FINISH = date(2026, 3, 2), date(2026, 12, 31)


def later(days: int) -> datetime:
    """Give a moment so many days after the district was set up."""
    return AT + timedelta(days=days)


@dataclass
class Office:
    """Who makes the list, who acts in the town, who checks and presses."""

    district: District
    maker: User
    town: User
    checker: User
    mayor: Post
    vice: Post
    bureau: Unit
    east: Unit
    inspectors: Unit


@kept
def office(district: District) -> Office:
    """The bureau leads, the town acts, the inspectors check; an officer of the district's office makes the list."""

    def user(username: str, name: str, unit: Unit, role: Role, place: Unit) -> User:
        person = create_user(
            by=district.site_admin, at=AT, username=username, display_name=name, password=PASSWORD, unit=unit
        )
        grant_role(by=district.site_admin, at=AT, user=person, role=role, unit=place, valid_from=DAY)
        return person

    def post(name: str) -> Post:
        return create_post(by=district.site_admin, at=AT, unit=district.district, name=name)

    inspectors = district.supervisor.unit
    assert inspectors is not None
    return Office(
        district,
        maker=user("wenqing", "文清", district.district, Role.OFFICER, district.district),
        town=user("zhoufang", "周芳", district.east, Role.CLERK, district.east),
        checker=district.supervisor,
        mayor=post("区长"),
        vice=post("副区长"),
        bureau=district.bureau,
        east=district.east,
        inspectors=inspectors,
    )


@kept
def task_list(office: Office) -> TaskList:
    """A key list of the district."""
    return actions.create_list(
        by=office.maker, at=AT, name="治水攻坚清单", kind="key", year=2026, issuer=office.district.district
    )


def facts(office: Office, **more: Any) -> dict[str, Any]:
    """Give all that a work needs before it is begun."""
    return {
        "title": "东溪镇雨污管网改造", "requirement": "12月底前完成12公里", "pillar": "water",
        "lead_unit": office.bureau, "principal": office.mayor, "leader": office.vice, "acting_unit": office.east,
        "checker_unit": office.inspectors, "planned_start": START, "planned_finish": FINISH,
        "place_unit": office.east, **more,
    }  # fmt: skip


@pytest.fixture
def put(office: Office, task_list: TaskList) -> Callable[..., Work]:
    """Put a line on the list and begin it."""

    def made(item: str = "1", *, pipeline: str = "task", begin: bool = True, **more: Any) -> Work:
        kind = Kind.TASK if pipeline == "task" else Kind.PROJECT
        targets = more.pop("targets", ())
        work = actions.create_work(
            by=office.maker, at=AT, task_list=task_list, item=item, kind=kind, pipeline=pipeline,
            facts=facts(office, **more), targets=targets,
        )  # fmt: skip
        return actions.activate(by=office.maker, at=AT, work=work) if begin else work

    return made


@kept
def work(put: Callable[..., Work]) -> Work:
    """A task in hand."""
    return put()


def paper(office: Office, work: Work, key: str, days: int = 0, content: bytes = PNG, **more: Any) -> Any:
    """Hand in a paper."""
    return actions.add_paper(
        by=office.town, at=later(days), work=work, paper=key, file=File(f"{key}.png", content + key.encode()),
        issued_on=more.pop("issued_on", DAY), paper_number=f"{key}-1", **more,
    )  # fmt: skip


def tell(office: Office, work: Work, month: date, percent: int, at: datetime, **more: Any) -> Progress:
    """Tell the progress of a month."""
    told = Told(Decimal(percent), more.pop("words", "按计划推进"), **more)
    return progress.report_progress(by=office.town, at=at, work=work, month=month, told=told)


def to_the_end(office: Office, work: Work, days: int = 20) -> Work:
    """Take an ordinary task to its end."""
    actions.advance(by=office.town, at=later(1), work=work)
    paper(office, work, "result", 2)
    actions.advance(by=office.town, at=later(3), work=work)
    paper(office, work, "report", 4)
    actions.advance(by=office.town, at=later(5), work=work)
    actions.advance(by=office.town, at=later(6), work=work)
    return actions.advance(by=office.checker, at=later(days), work=work, note="现场核实")


ABLE, UNABLE = Outlook.ABLE, Outlook.UNABLE
