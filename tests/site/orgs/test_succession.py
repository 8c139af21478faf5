"""A unit merged into another, and a post that passes on: what is open goes over, what was done stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.site.cases.conftest import office as office  # fixtures of rooms above, used here too
from tests.site.cases.conftest import section as section
from tests.site.conftest import AT, DAY, District
from tests.site.reporting.conftest import target as target

from heqing_site.audit.models import AuditEntry
from heqing_site.cases.actions import open_case
from heqing_site.cases.models import Case, CaseStep
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger.actions import set_duty
from heqing_site.ledger.models import Duty
from heqing_site.ledger.queries import terms_as_of
from heqing_site.orgs import actions, groups, queries, succession
from heqing_site.orgs.models import RoleGrant, Term, Unit
from heqing_site.orgs.rules import Part, Role

LATER = DAY + timedelta(days=1)


@pytest.fixture
def merge(district: District) -> Any:
    """Merge the eastern town into the western one, as of today."""

    def act(**facts: Any) -> succession.Merged:
        told: dict[str, Any] = {
            "by": district.site_admin, "at": AT, "unit": district.east, "into": district.west, "last_day": DAY,
            "because": "清政发〔2026〕3 号",
        }  # fmt: skip
        return succession.merge_unit(**(told | facts))

    return act


def test_a_merger_moves_children_posts_accounts_and_grants_and_keeps_the_history(district, merge):
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    mayor = actions.create_post(**who, unit=district.east, name="镇长")
    empty = actions.create_post(**who, unit=district.east, name="副镇长")
    actions.create_post(**who, unit=district.west, name="镇长")
    term = actions.appoint(**who, post=mayor, holder=district.town_clerk, started_on=date(2024, 1, 1))

    merged = merge()

    district.east.refresh_from_db()
    term.refresh_from_db()
    mayor.refresh_from_db()
    empty.refresh_from_db()
    assert district.east.active_to == DAY
    assert district.east.successor == district.west
    assert Unit.objects.get(pk=district.village.pk).parent == district.west
    assert (term.post, term.holder, term.ended_on) == (mayor, district.town_clerk, DAY)
    assert mayor.unit == district.east
    assert str(mayor.successor) == "西塘镇镇长（原东溪镇）"
    assert Term.objects.get(post=mayor.successor).started_on == LATER
    assert str(empty.successor) == "西塘镇副镇长"
    district.town_clerk.refresh_from_db()
    assert district.town_clerk.unit == district.west
    granted = RoleGrant.objects.in_force_on(DAY).filter(unit=district.west)
    assert [(grant.user, grant.role) for grant in granted] == [(district.town_clerk, Role.CLERK)]
    assert not RoleGrant.objects.in_force_on(DAY).filter(user=district.east_admin).exists()  # never over the other town
    assert AuditEntry.objects.filter(action="orgs.merge_unit").count() == 1
    assert "1 个下级单位改隶属西塘镇" in merged.said


def test_posts_may_end_and_grants_stay_behind(district, merge):
    post = actions.create_post(by=district.site_admin, at=AT, unit=district.east, name="镇长")
    actions.appoint(by=district.site_admin, at=AT, post=post, holder=district.town_clerk, started_on=DAY)

    merge(move_posts=False, move_grants=False)

    assert not district.west.posts.exists()
    assert Term.objects.get(post=post).ended_on == DAY
    assert not RoleGrant.objects.in_force_on(DAY).filter(unit=district.west).exists()


@pytest.mark.parametrize(("day", "expected"), [(DAY - timedelta(days=1), "east"), (DAY, "east"), (LATER, "west")])
def test_the_successor_answers_from_the_day_after(district, merge, day, expected):
    merge()

    east = Unit.objects.get(pk=district.east.pk)

    assert queries.successor_of(east, on=day) == getattr(district, expected)


def test_targets_and_subjects_go_over_from_the_day_after(district, target, merge):
    found = target()
    set_duty(by=district.site_admin, at=AT, unit=district.east, pillar="soil", valid_from=DAY, because="三定方案")

    merged = merge()

    assert terms_as_of(DAY).get(target=found).lead_unit == district.east
    assert terms_as_of(LATER).get(target=found).lead_unit == district.west
    assert "清政发〔2026〕3 号" in terms_as_of(LATER).get(target=found).lead_note
    assert list(Duty.objects.filter(valid_to__isnull=True).values_list("unit", "pillar")) == [
        (district.west.pk, "soil")
    ]
    assert any("1 项目标改由西塘镇牵头" in words for words in merged.said)


def opened(office: Any, section: Any) -> Case:
    return open_case(
        by=office.supervisor, at=AT, title="东溪桥下有垃圾", detail="漂浮物约十平方米", unit=office.town,
        place_unit=office.town, section=section,
    )  # fmt: skip


def test_open_cases_go_over_with_their_clock_and_one_more_step(office, section, merge):
    case = opened(office, section)
    due = case.due_on

    merge()

    case.refresh_from_db()
    assert (case.unit.name, case.place_unit.name, case.due_on, case.version) == ("西塘镇", "西塘镇", due, 2)
    assert "并入西塘镇" in CaseStep.objects.get(case=case, number=2).note


def test_the_successor_in_a_post_inherits_the_open_cases_of_the_leaver(office, section):
    district = office.district
    case = opened(office, section)
    case.person = office.town_officer
    case.save()
    post = actions.create_post(by=district.site_admin, at=AT, unit=office.town, name="环保办主任")
    actions.appoint(by=district.site_admin, at=AT, post=post, holder=office.town_officer, started_on=date(2025, 1, 1))

    term, said = succession.succeed(
        by=district.site_admin, at=AT, post=post, holder=district.town_clerk, started_on=DAY, because="轮岗"
    )

    case.refresh_from_db()
    assert case.person == district.town_clerk
    assert said == ["1 件问题由唐勤接办"]
    assert [(row.holder, row.started_on, row.ended_on) for row in post.terms.all()] == [
        (district.town_clerk, DAY, None),
        (office.town_officer, date(2025, 1, 1), DAY - timedelta(days=1)),
    ]
    assert queries.holder_of(post, on=DAY) == district.town_clerk
    assert term.holder == district.town_clerk


def test_a_successor_who_may_not_rectify_leaves_the_case_to_the_unit(office, section):
    district = office.district
    case = opened(office, section)
    case.person = office.town_officer
    case.save()
    post = actions.create_post(by=district.site_admin, at=AT, unit=office.town, name="环保办主任")
    actions.appoint(by=district.site_admin, at=AT, post=post, holder=office.town_officer, started_on=date(2025, 1, 1))

    _, said = succession.succeed(
        by=district.site_admin, at=AT, post=post, holder=district.auditor, started_on=DAY, because="轮岗"
    )

    case.refresh_from_db()
    assert case.person is None
    assert said == ["1 件问题待东溪镇另行指定经办人"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"into": "east"}, "unit.merge_into_itself"),
        ({"into": "village"}, "unit.merge_into_itself"),
        ({"last_day": LATER}, "unit.merge_in_future"),
        ({"because": " "}, "because.missing"),
        ({"by": "east_admin"}, PERMISSION_MISSING),
        ({"by": "officer"}, PERMISSION_MISSING),
    ],
)
def test_what_is_no_merger_changes_nothing(district, merge, facts, code):
    told = {name: getattr(district, value) if isinstance(value, str) and name in ("into", "by") else value
            for name, value in facts.items()}  # fmt: skip

    with pytest.raises(RuleBrokenError) as refusal:
        merge(**told)

    assert refusal.value.code == code
    assert Unit.objects.get(pk=district.east.pk).active_to is None


def test_a_merger_whose_open_things_cannot_go_over_is_not_done(district, merge, monkeypatch):
    def fail(merger: object) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr("heqing_site.cases.succession.take_over", fail)
    with pytest.raises(OSError, match="disk"):
        merge()

    assert Unit.objects.get(pk=district.east.pk).active_to is None
    assert Unit.objects.get(pk=district.village.pk).parent == district.east


def test_seats_in_leading_groups_go_over_with_the_post(district, merge):
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    post = actions.create_post(**who, unit=district.east, name="镇长")
    group = groups.found_group(
        **who, name="治水领导小组", unit=district.district, office=district.bureau, founded_on=date(2026, 1, 1),
        because="清政发〔2026〕1 号",
    )  # fmt: skip
    groups.seat_post(**who, group=group, post=post, part=Part.MEMBER, started_on=date(2026, 1, 1))

    merge()

    assert [str(row.seat.post) for row in queries.seats_of(group, on=DAY)] == ["东溪镇镇长"]
    assert [str(row.seat.post) for row in queries.seats_of(group, on=LATER)] == ["西塘镇镇长"]


def test_the_pages_of_a_merger_and_of_a_post(district, client: Client):
    who: dict[str, Any] = {"by": district.site_admin, "at": AT}
    mayor = actions.create_post(**who, unit=district.east, name="镇长")
    actions.appoint(**who, post=mayor, holder=district.town_clerk, started_on=date(2024, 1, 1))
    client.force_login(district.site_admin)

    assert "现由唐勤担任" in client.get(f"/orgs/posts/{mayor.pk}/").content.decode()
    form: dict[str, Any] = {"holder": district.officer.pk, "started_on": "2026-03-01", "because": "轮岗"}
    answer = client.post(f"/orgs/posts/{mayor.pk}/succeed/", form, follow=True)
    assert "先后 2 任" in answer.content.decode()
    assert client.post(f"/orgs/posts/{mayor.pk}/succeed/", form).status_code == 422

    assert "并入后本单位停用" in client.get(f"/orgs/units/{district.east.pk}/merge/").content.decode()
    form = {
        "into": district.west.pk,
        "last_day": "2026-03-02",
        "posts": "move",
        "move_grants": "on",
        "because": "3 号文",
    }
    answer = client.post(f"/orgs/units/{district.east.pk}/merge/", form, follow=True)
    page = answer.content.decode()
    assert "已并入：1 个下级单位改隶属西塘镇" in page
    assert f'由<a href="/orgs/units/{district.west.pk}/">西塘镇</a>承接' in page
    assert "并入本单位的" in client.get(f"/orgs/units/{district.west.pk}/").content.decode()
    assert "西塘镇镇长</a>承接" in client.get(f"/orgs/posts/{mayor.pk}/").content.decode()
    assert client.get("/orgs/posts/0/").status_code == 404
    client.force_login(district.clerk)
    assert client.get(f"/orgs/units/{district.west.pk}/merge/").status_code == 403


def test_the_page_that_corrects_an_account(district, client: Client):
    client.force_login(district.site_admin)
    address = f"/orgs/people/{district.clerk.pk}/amend/"
    form = {"display_name": "赵垒", "phone": "13900000000", "unit": district.east.pk, "because": "写错了字"}

    assert "赵磊" in client.get(address).content.decode()
    assert "赵垒" in client.post(address, form, follow=True).content.decode()
    assert client.post(address, form).status_code == 422
    client.force_login(district.east_admin)
    assert client.post(address, form | {"unit": ""}).status_code in (403, 422)
