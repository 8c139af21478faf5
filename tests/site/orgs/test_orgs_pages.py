"""The pages of units and people: forms that act, refusals in words, lists whose queries do not grow."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.audit.models import AuditEntry
from heqing_site.orgs import actions
from heqing_site.orgs.models import RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import Role, UnitKind


def test_a_unit_is_entered_by_its_form(district, open_as):
    browser = open_as(district.east_admin)
    address = f"{reverse('orgs:add_unit')}?under={district.east.pk}"
    typed = {"name": "石桥村", "code": "990101101202", "kind": "village", "active_from": "2026-01-01"}

    response = browser.post(address, typed, follow=True)

    assert "已新增单位" in response.content.decode()
    assert Unit.objects.get(code="990101101202").parent == district.east


def test_a_broken_rule_is_said_on_the_form_and_nothing_typed_is_lost(district, open_as):
    browser = open_as(district.site_admin)
    typed = {"name": "某某新区", "code": "990101", "kind": "district", "active_from": "2026-01-01"}

    response = browser.post(reverse("orgs:add_unit"), typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert "代码“990101”已由“清河区”使用" in page
    assert 'value="某某新区"' in page


def test_a_form_that_is_sent_without_the_right_does_nothing(district, open_as):
    browser = open_as(district.east_admin)
    entries = AuditEntry.objects.count()

    response = browser.post(
        reverse("orgs:rename_unit", args=[district.west.pk]), {"name": "东溪镇西片", "because": "试探"}
    )

    assert response.status_code == 403
    assert "西塘镇" in response.content.decode()
    assert Unit.objects.get(pk=district.west.pk).name == "西塘镇"
    assert AuditEntry.objects.count() == entries


def test_the_whole_life_of_a_post_by_its_pages(district, open_as):
    browser = open_as(district.site_admin)
    browser.post(reverse("orgs:add_post", args=[district.east.pk]), {"name": "镇长"})
    post = district.east.posts.get()
    browser.post(reverse("orgs:appoint", args=[post.pk]), {"holder": district.clerk.pk, "started_on": "2026-01-05"})
    term = Term.objects.get(post=post)

    page = browser.get(reverse("orgs:units")).content.decode()
    assert "赵磊" in page

    browser.post(reverse("orgs:end_term", args=[term.pk]), {"last_day": "2026-02-28", "because": "退休"})
    page = browser.get(reverse("orgs:unit", args=[district.east.pk])).content.decode()
    assert "2026-01-05 至 2026-02-28" in page
    assert "退休" in page


def test_ending_a_term_twice_says_that_it_was_done(district, open_as):
    browser = open_as(district.site_admin)
    term = actions.appoint(by=district.site_admin, at=AT, post=district.director, holder=district.clerk, started_on=DAY)
    typed = {"last_day": "2026-03-31", "because": "退休"}
    address = reverse("orgs:end_term", args=[term.pk])

    assert browser.post(address, typed).status_code == 302
    assert "无需再次办理" in browser.post(address, typed).content.decode()


def test_move_and_close_a_unit_by_their_pages(district, open_as):
    browser = open_as(district.site_admin)

    browser.post(reverse("orgs:move_unit", args=[district.village.pk]), {"parent": district.west.pk, "because": "调整"})
    browser.post(
        reverse("orgs:close_unit", args=[district.east.pk]), {"last_day": "2026-02-28", "because": "并入西塘镇"}
    )

    assert Unit.objects.get(pk=district.village.pk).parent == district.west
    assert "东溪镇" not in browser.get(reverse("orgs:units")).content.decode()
    assert "东溪镇" in browser.get(reverse("orgs:units"), {"closed": "1"}).content.decode()
    assert "并入西塘镇" in browser.get(reverse("orgs:unit", args=[district.east.pk])).content.decode()


def test_an_account_is_opened_granted_and_closed_by_its_pages(district, open_as):
    browser = open_as(district.east_admin)
    typed = {"username": "zhoujie", "display_name": "周洁", "unit": district.village.pk, "password": PASSWORD}
    assert browser.post(reverse("orgs:add_person"), typed).status_code == 302
    who = User.objects.get(username="zhoujie")

    granted = {"role": Role.UNIT_ADMIN, "unit": district.village.pk, "valid_from": "2026-03-02"}
    browser.post(reverse("orgs:add_grant", args=[who.pk]), granted)
    grant = RoleGrant.objects.get(user=who)
    browser.post(reverse("orgs:revoke_grant", args=[grant.pk]), {"because": "轮岗"})
    browser.post(reverse("orgs:close_person", args=[who.pk]), {"because": "调离"})

    page = browser.get(reverse("orgs:person", args=[who.pk])).content.decode()
    assert "收回：轮岗" in page
    assert "调离" in page


def test_a_unit_administrator_sees_and_chooses_only_what_is_theirs(district, open_as):
    browser = open_as(district.east_admin)

    people = browser.get(reverse("orgs:people")).content.decode()
    choices = browser.get(reverse("orgs:add_person")).content.decode()

    assert "刘敏" in people
    assert "陈静" not in people
    assert "柳湾村" in choices
    assert "西塘镇" not in choices
    assert browser.get(reverse("orgs:person", args=[district.auditor.pk])).status_code == 403


def test_pages_offer_only_what_would_not_be_refused(district, open_as):
    page = open_as(district.clerk).get(reverse("orgs:unit", args=[district.east.pk])).content.decode()

    assert "设立职务</a>" not in page
    assert f'href="{reverse("orgs:people")}"' not in page


def test_a_name_that_looks_like_markup_is_shown_as_it_is(district, open_as):
    actions.rename_unit(
        by=district.site_admin, at=AT, unit=district.west, name="<script>alert(1)</script>", because="测试"
    )

    page = open_as(district.clerk).get(reverse("orgs:units")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("search", ["溪", "990101101"])
def test_a_search_finds_by_name_and_by_code(district, open_as, search):
    page = open_as(district.clerk).get(reverse("orgs:units"), {"q": search}).content.decode()

    assert "东溪镇" in page
    assert "西塘镇" not in page


def test_a_search_without_result_says_what_to_do(district, open_as):
    page = open_as(district.clerk).get(reverse("orgs:units"), {"q": "长江"}).content.decode()

    assert "没有名称或代码含“长江”的单位" in page


@pytest.mark.parametrize("address", ["orgs:units", "orgs:people", "unit", "admin:audit_auditentry_changelist"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(district, open_as, address):
    browser = open_as(district.site_admin)
    address = reverse("orgs:unit", args=[district.east.pk]) if address == "unit" else reverse(address)
    mayor = actions.create_post(by=district.site_admin, at=AT, unit=district.east, name="镇长")
    actions.appoint(by=district.site_admin, at=AT, post=mayor, holder=district.clerk, started_on=DAY)
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(address)

    for number in range(12):
        unit = actions.create_unit(
            by=district.site_admin,
            at=AT,
            name=f"第{number}村",
            code=f"9901011013{number:02}",
            kind=UnitKind.VILLAGE,
            parent=district.east,
            active_from=date(2020, 1, 1),
        )
        person = actions.create_user(
            by=district.site_admin,
            at=AT,
            username=f"clerk{number}",
            display_name=f"第{number}人",
            password=PASSWORD,
            unit=unit,
        )
        for place in (unit, district.east):
            post = actions.create_post(by=district.site_admin, at=AT, unit=place, name=f"干部{number}")
            actions.appoint(by=district.site_admin, at=AT, post=post, holder=person, started_on=DAY)
    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("admin:audit_auditentry_changelist", {"site_admin": 200, "auditor": 200, "east_admin": 302, "clerk": 302}),
        ("admin:orgs_unit_changelist", {"site_admin": 200, "auditor": 403, "east_admin": 302, "clerk": 302}),
        ("admin:audit_auditentry_add", {"site_admin": 403, "auditor": 403}),
        ("admin:orgs_user_add", {"site_admin": 403}),
    ],
)
def test_the_back_office_shows_registers_to_their_readers_and_lets_nobody_write(district, open_as, name, statuses):
    for who, status in statuses.items():
        response = open_as(getattr(district, who)).get(reverse(name))
        assert response.status_code == status, who
        if status == 302:
            assert open_as(getattr(district, who)).get(reverse(name), follow=True).status_code == 403


def test_the_audit_list_names_deeds_in_chinese_and_filters_by_them(district, open_as):
    browser = open_as(district.auditor)
    address = reverse("admin:audit_auditentry_changelist")

    page = browser.get(address, {"action": "orgs.grant_role"}).content.decode()

    assert "授权" in page
    assert "2026-03-02 09:00:00" in page
    assert "刘敏：东溪镇单位管理员" in page
    assert "柳湾村" not in page
    entry = AuditEntry.objects.filter(subject_label="东溪镇").first()
    assert "990101101" in browser.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
