"""A program that calls the API with the token of a person, and one row of everything it can ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.site.conftest import AT, DAY, PASSWORD, District
from tests.site.worlds import kept

from heqing_site.ledger.actions import adopt_all
from heqing_site.ledger.models import Target
from heqing_site.library.actions import add_document
from heqing_site.library.models import Document
from heqing_site.orgs.actions import create_token, create_user, grant_role
from heqing_site.orgs.models import User
from heqing_site.orgs.rules import Role
from heqing_site.places.actions import create_enterprise, create_outlet, create_river, create_section, create_station
from heqing_site.verdicts.models import TargetVerdict

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
PLAN = "东溪镇2026年计划。\n2026年新建污水管网24公里。空气质量优良率达到85%以上。全年PM2.5平均浓度控制在35微克/立方米以下。\n<script>alert(1)</script>出台三年行动方案。\n"  # noqa: E501


@dataclass
class Program:
    """Calls the API as a program does: JSON, a token, no session."""

    client: Client
    secret: str

    def get(self, address: str, **asked: Any) -> Any:
        return self.client.get(f"/api/v1{address}", asked, **self._headers())

    def post(self, address: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.post(
            f"/api/v1{address}", json.dumps(body or {}), content_type="application/json", **self._headers()
        )

    def upload(self, address: str, **form: Any) -> Any:
        return self.client.post(f"/api/v1{address}", form, **self._headers())

    def _headers(self) -> Any:
        return {"headers": {"Authorization": f"Bearer {self.secret}"}} if self.secret else {}


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def call_as() -> Callable[[User | None], Program]:
    """Make a token for somebody and give a program that calls with it; nobody has none."""

    def make(user: User | None) -> Program:
        client = Client(enforce_csrf_checks=True)
        if user is None:
            return Program(client, "")
        issued = create_token(by=user, at=NOW, user=user, name="测试", expires_on=date(2026, 12, 31))
        return Program(client, issued.secret)

    return make


@pytest.fixture
def admin(district: District, call_as: Callable[[User | None], Program]) -> Program:
    """The site administrator's program."""
    return call_as(district.site_admin)


@kept
def document(district: District) -> Document:
    """A document as received, not yet reviewed."""
    return add_document(
        by=district.site_admin, at=AT, file_name="plan.txt", content=PLAN.encode(), unit=district.east
    ).document


@kept
def targets(district: District, document: Document) -> list[Target]:
    """Its targets, led by the eastern town."""
    return adopt_all(by=district.site_admin, at=AT, document=document, lead=district.east, accept=True).targets


@kept
def reporter(district: District) -> User:
    """The officer of the eastern town."""
    return _officer(district, "zhoufang", "周芳", district.east)


@kept
def western(district: District) -> User:
    """The officer of the western town."""
    return _officer(district, "qianwei", "钱伟", district.west)


@kept
def checker(district: District) -> User:
    """Who checks for the whole district, from the bureau."""
    return _officer(district, "hebing", "何冰", district.bureau, place=district.district)


def _officer(district: District, username: str, name: str, unit: Any, place: Any = None) -> User:
    user = create_user(
        by=district.site_admin, at=AT, username=username, display_name=name, password=PASSWORD, unit=unit
    )
    grant_role(by=district.site_admin, at=AT, user=user, role=Role.OFFICER, unit=place or unit, valid_from=DAY)
    return user


@kept
def places(district: District) -> None:
    """One row of each register."""
    who = {"by": district.site_admin, "at": AT}
    spot = {"lon": Decimal("120.123456"), "lat": Decimal("30.100000")}
    river = create_river(**who, name="清河", code="R1", kind="river", unit=district.district)
    create_section(
        **who, name="清河桥", code="S1", river=river, unit=district.east, body_type="river",
        control_level="national", target_class=3, is_handover=True, is_invented=True, **spot,
    )  # fmt: skip
    create_station(
        **who,
        name="东溪",
        code="A1",
        unit=district.east,
        city="清河区",
        control_level="city",
        is_evaluated=True,
        **spot,
    )
    works = create_enterprise(
        **who, name="东溪印染", code="E1", unit=district.east, industry="纺织", is_key_polluter=True,
        area_mu=Decimal("12.50"), **spot,
    )  # fmt: skip
    create_outlet(**who, name="一号口", code="O1", enterprise=works, river=river, **spot)


def judged(target: Target, day: date, number: int = 1, **facts: Any) -> TargetVerdict:
    """Put a verdict on record."""
    told = {
        "kind": "value", "light": "red", "value": Decimal("12.5"), "value_as_of": day, "scheme": "heqing",
        "light_edition": "heqing 1", "reason": "", "note": "差 11.5 公里。", "recorded_at": NOW,
    }  # fmt: skip
    terms = target.terms.order_by("-pk")[0]
    return TargetVerdict.objects.create(target=target, terms=terms, day=day, number=number, **{**told, **facts})
