"""A town that writes a plan for its river, a chief who reviews, a leader who approves, and water in the store."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.reporting.conftest import target as target  # a fixture of that room, used here too
from tests.site.worlds import kept

from heqing.plans import Deed
from heqing.store import import_frame, open_frame
from heqing_site.library.evidence import File
from heqing_site.orgs.actions import appoint, create_post, create_user, grant_role
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.places.actions import create_enterprise, create_river, create_section
from heqing_site.places.models import Enterprise, River, Section
from heqing_site.places.rules import BodyType, ControlLevel
from heqing_site.plans import actions
from heqing_site.plans.lists import put_item
from heqing_site.plans.models import Plan

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PHOTO = File("验收.png", PNG)
DONE = date(2026, 3, 10)  # settles in April; looked at from May to October 2026


def later(days: int) -> datetime:
    """Give a moment so many days after the district was set up."""
    return AT + timedelta(days=days)


@dataclass
class Bank:
    """A river with a section, and who deals with its plan."""

    district: District
    writer: User
    chief: User
    leader: User
    town: Unit
    river: River
    section: Section
    enterprise: Enterprise


@kept
def bank(district: District) -> Bank:
    """The town's officer writes, the town's head is chief and reviews, the district's leader approves."""
    admin = district.site_admin
    who: dict[str, Any] = {"by": admin, "at": AT}

    def user(username: str, name: str) -> User:
        return create_user(**who, username=username, display_name=name, password=PASSWORD, unit=district.east)

    writer, chief = user("zhoufang", "周芳"), user("shenhe", "沈河")
    grant_role(**who, user=writer, role=Role.OFFICER, unit=district.east, valid_from=DAY)
    post = create_post(**who, unit=district.east, name="河长（东溪）")
    appoint(**who, post=post, holder=chief, started_on=date(2025, 1, 1))
    river = create_river(**who, name="东溪", code="R1", kind=BodyType.RIVER, unit=district.east, chief=post)
    section = create_section(
        **who, name="东溪桥", code="S1", river=river, unit=district.east, lon=Decimal("121.1"), lat=Decimal("30.1"),
        body_type=BodyType.RIVER, control_level=ControlLevel.CITY, target_class=3,
    )  # fmt: skip
    enterprise = create_enterprise(
        **who, name="东溪示例印染有限公司", code="E1", unit=district.east, industry="印染", is_key_polluter=True,
        area_mu=None, lon=Decimal("121.2"), lat=Decimal("30.2"),
    )  # fmt: skip
    return Bank(district, writer, chief, district.leader, district.east, river, section, enterprise)


@kept
def plan(bank: Bank) -> Plan:
    """Begin a plan for the river."""
    return drafted(bank, river=bank.river)


def drafted(bank: Bank, *, kind: str = "river", days: int = 0, **thing: Any) -> Plan:
    """Begin a plan."""
    return actions.draft(
        by=bank.writer, at=later(days), kind=kind, title="", unit=bank.town, begins_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31), **thing,
    )  # fmt: skip


WHOLE: tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("problem", "W1", (), {"category": "pollution", "cause": "管网未接通"}),
    ("goal", "M1", ("W1",), {"item": "水质类别", "baseline": "Ⅳ类", "bound": "Ⅲ类"}),
    ("task", "R1", ("M1",), {"year": 2026}),
    ("measure", "C1", ("R1",), {"category": "works", "due_on": date(2026, 6, 30), "money": Decimal("12.5")}),
    ("duty", "Z1", ("C1",), {"person": "周芳（副镇长）", "due_on": date(2026, 12, 31)}),
)


def written(bank: Bank, plan: Plan, *, without: str = "", days: int = 0) -> Plan:
    """Write one whole chain into the lists."""
    for key, code, links, values in WHOLE:
        if code == without:
            continue
        more = {"unit": bank.town} if key == "duty" else {}
        if key == "goal" and plan.river_id:
            more = {"section": bank.section}
        put_item(
            by=bank.writer, at=later(days), plan=plan, list_key=key, code=code, words=f"条目 {code}", links=links,
            values=values | more,
        )  # fmt: skip
    return plan


def done(bank: Bank, plan: Plan, deed: Deed, days: int = 0, by: User | None = None, **more: Any) -> Plan:
    """Do a deed by whom it is for."""
    people = {Deed.REVIEW: bank.chief, Deed.APPROVE: bank.leader, Deed.CLOSE: bank.leader, Deed.REOPEN: bank.leader}
    told = {"note": "理由如下", **more}
    if deed is Deed.APPROVE:
        told.setdefault("reference", "清政发〔2026〕1 号")
    return actions.carry_out(by=by or people.get(deed, bank.writer), at=later(days), plan=plan, deed=deed, **told)


def in_force(bank: Bank, plan: Plan) -> Plan:
    """Take a plan to where it is carried out."""
    written(bank, plan)
    for deed in (Deed.CONSULT, Deed.REVIEW, Deed.APPROVE, Deed.ENFORCE):
        plan = done(bank, plan, deed)
    return plan


def finished(bank: Bank, plan: Plan, days: int = 10) -> Plan:
    """Enter that the works were finished."""
    return done(bank, in_force(bank, plan), Deed.FINISH, days, day=DONE, files=[PHOTO])


@pytest.fixture
def water(settings: Any, tmp_path: Path, bank: Bank) -> Callable[..., None]:
    """Put monthly samples of the section into the store: months with their total phosphorus [mg/L]."""

    def put(values: dict[str, float], name: str = "东溪桥") -> None:
        path = tmp_path / f"water_{len(list(tmp_path.glob('water_*')))}.csv"
        with path.open("w", encoding="utf-8", newline="") as sheet:
            out = csv.writer(sheet)
            out.writerow(["section", "time", "body_type", "ph", "do", "codmn", "nh3n", "tp"])
            for month, tp in values.items():
                out.writerow([name, f"{month}-05 09:00:00", "river", 7.5, 8.0, 3.0, 0.3, tp])
        with open_frame(path, domain="water") as intake:
            import_frame(Path(settings.DATA_DIR) / "store", intake, recorded_at=AT)

    return put


MONTHS = ("05", "06", "07", "08", "09", "10")


def months(year: int, tp: float) -> dict[str, float]:
    """Give the months of the window in a year with one value."""
    return {f"{year}-{month}": tp for month in MONTHS}
