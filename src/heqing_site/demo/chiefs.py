"""The invented district gets its chiefs: of every river at three levels, and of some doors; and a leading group."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.demo import rules
from heqing_site.demo.rules import Tell
from heqing_site.orgs import actions as orgs
from heqing_site.orgs import groups
from heqing_site.orgs.groups import Resolved
from heqing_site.orgs.models import LeadingGroup, Post, Unit, User
from heqing_site.orgs.rules import Part, Role
from heqing_site.places import chiefs
from heqing_site.places.models import Charge, River

SINCE = date(2024, 1, 1)
BECAUSE = "演示数据：公布名单"


@transaction.atomic
def add_chiefs(*, at: datetime, tell: Tell) -> None:
    """Enter village accounts, posts and charges of both systems (登记责任长), where there are none yet."""
    if Charge.objects.exists():
        return
    by = User.objects.get(username="admin")
    units = {unit.code: unit for unit in Unit.objects.all()}
    rivers = {river.code: river for river in River.objects.all()}
    who: dict[str, Any] = {"by": by, "at": at}
    for row in rules.rows("villagers"):
        unit = units[row["unit"]]
        person = orgs.create_user(
            **who, username=row["username"], display_name=row["name"], unit=unit, password=rules.PASSWORD
        )
        if row["matters"]:
            orgs.grant_role(
                **who, user=person, role=Role.CLERK, unit=unit, valid_from=SINCE, matters=row["matters"].split()
            )
        post = _post(by, at, unit, row["post"])
        orgs.appoint(**who, post=post, holder=person, started_on=SINCE)
    charges = rules.rows("charges")
    for row in charges:
        chiefs.put_in_charge(
            **who,
            system=row["system"],
            level=row["level"],
            river=rivers.get(row["river"]),
            place_name=row["place_name"],
            unit=units[row["unit"]],
            reach=row["reach"],
            post=_post(by, at, units[row["post_unit"]], row["post"]),
            extent=row["extent"],
            goal=row["goal"],
            phone=row["phone"],
            started_on=SINCE,
            because=BECAUSE,
            is_invented=True,
        )
    tell(f"登记责任长 {len(charges)} 项：河长制和门长制。")


@transaction.atomic
def add_groups(*, at: datetime, tell: Tell) -> None:
    """Found the leading group of the invented district (成立领导小组) with a meeting, where there is none."""
    if LeadingGroup.objects.exists():
        return
    by = User.objects.get(username="admin")
    units = {unit.code: unit for unit in Unit.objects.all()}
    who: dict[str, Any] = {"by": by, "at": at}
    group = groups.found_group(
        **who, name="生态环境保护攻坚领导小组（演示数据）", unit=units[rules.DISTRICT_CODE], office=units["990201-10"],
        founded_on=SINCE, because=BECAUSE,
    )  # fmt: skip
    seats = (
        ("990201", "区委书记", Part.HEAD),
        ("990201", "区长", Part.EXECUTIVE),
        ("990201", "副区长（分管生态环境）", Part.DEPUTY),
        ("990201-10", "局长", Part.MEMBER),
        ("990201-13", "局长", Part.MEMBER),
        ("990201101", "镇长", Part.MEMBER),
    )
    for code, name, part in seats:
        groups.seat_post(**who, group=group, post=_post(by, at, units[code], name), part=part, started_on=SINCE)
    today = timezone.localdate(at)
    groups.hold_meeting(
        **who,
        group=group,
        held_on=today - timedelta(days=20),
        subject="下一阶段水环境攻坚",
        chair=_post(by, at, units["990201"], "区委书记"),
        resolved=[
            Resolved("石汀港沿岸污水管网缺口逐段排查", units["990201-13"], today + timedelta(days=40)),
            Resolved("雁渚湖蓝藻巡查每周一次，结果报领导小组办公室", units["990201104"]),
            Resolved("各镇街每月通报治水进展", units["990201-10"]),
        ],
    )
    tell("成立领导小组，登记会议 1 次。")


def _post(by: User, at: datetime, unit: Unit, name: str) -> Post:
    found = Post.objects.select_related("unit").filter(unit=unit, name=name).first()
    return found or orgs.create_post(by=by, at=at, unit=unit, name=name)
