"""Leading groups: seats that follow the post, meetings that are only added, and who may look after them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from tests.site.conftest import AT, DAY, District
from tests.site.worlds import kept

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, AppendOnlyError, RuleBrokenError
from heqing_site.orgs import actions, groups, queries
from heqing_site.orgs.groups import Resolved
from heqing_site.orgs.models import GroupMeeting, GroupSeat, LeadingGroup, Resolution
from heqing_site.orgs.rules import Part

FOUNDED = date(2026, 1, 5)


@kept
def group(district: District) -> LeadingGroup:
    """The leading group for water, led by the director of the bureau, with its office in the bureau."""
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    found = groups.found_group(
        **who, name="全域治水领导小组", unit=district.district, office=district.bureau, founded_on=FOUNDED,
        because="清政办发〔2026〕1 号",
    )  # fmt: skip
    groups.seat_post(**who, group=found, post=district.director, part=Part.HEAD, started_on=FOUNDED)
    return found


def meet(district: District, group: LeadingGroup, *resolved: Resolved, **facts: Any) -> GroupMeeting:
    told: dict[str, Any] = {
        "by": district.site_admin, "at": AT, "group": group, "held_on": DAY, "subject": "一季度治水",
        "chair": district.director,
    }  # fmt: skip
    return groups.hold_meeting(**(told | facts), resolved=resolved)


def test_whoever_holds_the_post_sits_in_the_group(district, group):
    assert [row.holder for row in queries.seats_of(group, on=DAY)] == [None]

    actions.appoint(by=district.site_admin, at=AT, post=district.director, holder=district.officer, started_on=DAY)

    assert [row.holder for row in queries.seats_of(group, on=DAY)] == [district.officer]


def test_resolutions_are_numbered_amended_and_never_changed(district, group):
    meeting = meet(district, group, Resolved("清淤三公里", district.east, date(2026, 6, 30)), Resolved("建闸一座"))
    first = meeting.resolutions.get(number=1)

    amended = groups.amend_resolution(
        by=district.site_admin, at=AT, resolution=first, resolved=Resolved("清淤四公里", district.west), because="笔误"
    )

    assert (meeting.number, amended.number, amended.amends) == (1, 3, first)
    assert [row.text for row in queries.resolutions_of(district.west)] == ["清淤四公里"]
    assert not queries.resolutions_of(district.east)
    with pytest.raises(RuleBrokenError, match=r"group\.amended_already"):
        groups.amend_resolution(
            by=district.site_admin, at=AT, resolution=first, resolved=Resolved("清淤五公里"), because="笔误"
        )
    first.text = "不清淤"
    with pytest.raises(AppendOnlyError):
        first.save()
    for sentence in ("UPDATE orgs_resolution SET text = 'x'", "DELETE FROM orgs_groupmeeting"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sentence)
    assert meet(district, group, Resolved("再议")).number == 2


@pytest.mark.parametrize(
    ("facts", "resolved", "code"),
    [
        ({"held_on": DAY + timedelta(days=1)}, [Resolved("一")], "group.meeting_day"),
        ({"held_on": FOUNDED - timedelta(days=1)}, [Resolved("一")], "group.meeting_day"),
        ({}, [], "group.nothing_resolved"),
        ({}, [Resolved("一"), Resolved(" ")], "group.nothing_resolved"),
    ],
)
def test_what_is_no_meeting_is_not_recorded(district, group, facts, resolved, code):
    with pytest.raises(RuleBrokenError) as refusal:
        meet(district, group, *resolved, **facts)

    assert refusal.value.code == code
    assert not GroupMeeting.objects.exists()


@pytest.mark.parametrize("day", [DAY, FOUNDED])
def test_a_meeting_of_the_founding_day_and_of_today_counts(district, group, day):
    assert meet(district, group, Resolved("一"), held_on=day).held_on == day


def test_a_group_has_one_head_and_a_post_one_seat(district, group):
    who: dict[str, Any] = {"by": district.site_admin, "at": AT, "group": group, "started_on": DAY}
    other = actions.create_post(by=district.site_admin, at=AT, unit=district.east, name="镇长")

    for post, part, code in (
        (district.director, Part.MEMBER, "group.seated_already"),
        (other, Part.HEAD, "group.has_head"),
    ):
        with pytest.raises(RuleBrokenError) as refusal:
            groups.seat_post(**who, post=post, part=part)
        assert refusal.value.code == code
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupSeat.objects.create(group=group, post=other, part="head", started_on=DAY)

    seat = group.seats.get()
    groups.unseat_post(by=district.site_admin, at=AT, seat=seat, last_day=DAY, because="换届")
    assert groups.seat_post(**who, post=other, part=Part.HEAD).part == "head"
    with pytest.raises(RuleBrokenError, match=r"group\.seat_ended"):
        groups.unseat_post(by=district.site_admin, at=AT, seat=seat, last_day=DAY, because="换届")


def test_a_dissolved_group_stays_and_takes_nothing_more(district, group):
    meet(district, group, Resolved("一"))

    groups.dissolve_group(by=district.site_admin, at=AT, group=group, last_day=DAY, because="任务完成")

    assert not queries.leading_groups()
    assert queries.leading_groups(with_dissolved=True).get().meeting_count == 1
    assert not group.seats.filter(ended_on__isnull=True)
    with pytest.raises(RuleBrokenError, match=r"group\.dissolved"):
        meet(district, group, Resolved("二"))


def test_the_office_looks_after_its_group_and_strangers_do_not(district, group):
    who: dict[str, Any] = {"at": AT, "group": group}
    assert not groups.may_look_after(district.east_admin, group, on=DAY)
    for act in (
        lambda: groups.move_office(**who, by=district.east_admin, office=district.east, because="调整"),
        lambda: groups.dissolve_group(**who, by=district.east_admin, last_day=DAY, because="撤销"),
        lambda: groups.seat_post(
            **who, by=district.east_admin, post=district.director, part=Part.DEPUTY, started_on=DAY
        ),
        lambda: meet(district, group, Resolved("一"), by=district.east_admin),
        lambda: groups.found_group(
            by=district.east_admin, at=AT, name="二", unit=district.district, office=district.east, founded_on=DAY,
            because="文",
        ),
    ):  # fmt: skip
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING

    groups.move_office(**who, by=district.site_admin, office=district.east, because="调整")
    assert groups.may_look_after(district.east_admin, LeadingGroup.objects.get(), on=DAY)
    meet(district, group, Resolved("一"), by=district.east_admin)
    assert AuditEntry.objects.filter(action="orgs.hold_meeting", actor_id=str(district.east_admin.pk)).exists()


def test_the_pages_of_groups(district, group, client: Client):
    client.force_login(district.site_admin)
    page = f"/orgs/groups/{group.pk}/"
    rows = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "0", "rows-0-text": "清淤三公里",
            "rows-0-unit": str(district.east.pk), "rows-0-due_on": "2026-06-30", "rows-1-text": ""}  # fmt: skip

    assert "共 1 个领导小组" in client.get("/orgs/groups/").content.decode()
    assert "今日 1 个席位" in client.get(page).content.decode()
    for address in ("office/", "dissolve/", "seats/add/", "meetings/add/"):
        assert client.get(page + address).status_code == 200
    meeting = {"held_on": "2026-03-02", "subject": "一季度治水", "chair": str(district.director.pk)}
    assert client.post(page + "meetings/add/", meeting | rows | {"rows-0-text": ""}).status_code == 422
    answer = client.post(page + "meetings/add/", meeting | rows, follow=True)
    assert "清淤三公里" in answer.content.decode()
    assert "清淤三公里" in client.get(f"/orgs/units/{district.east.pk}/").content.decode()
    resolution = Resolution.objects.get()
    amended = client.post(
        f"/orgs/resolutions/{resolution.pk}/amend/", {"text": "清淤四公里", "because": "笔误"}, follow=True
    )
    assert "已由第 2 项更正" in amended.content.decode()
    client.force_login(district.clerk)
    assert client.post(page + "meetings/add/", meeting | rows).status_code == 403
    assert "登记会议" not in client.get(page).content.decode()


def test_the_list_of_groups_asks_no_more_for_more_groups(
    district, group, client: Client, django_assert_max_num_queries
):
    for number in range(20):
        groups.found_group(
            by=district.site_admin, at=AT, name=f"小组{number}", unit=district.district, office=district.bureau,
            founded_on=FOUNDED, because="文",
        )  # fmt: skip
    client.force_login(district.site_admin)
    client.get("/orgs/groups/")
    with django_assert_max_num_queries(10):
        client.get("/orgs/groups/")
