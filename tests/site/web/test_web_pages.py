"""Every page opens, speaks Chinese, and a stranger is sent to the login page."""

from __future__ import annotations

from django.urls import reverse

from heqing_site.orgs.models import RoleGrant


def pages(district) -> dict[str, str]:
    grant = RoleGrant.objects.get(user=district.east_admin)
    return {
        "首页": reverse("home"),
        "单位与职务": reverse("orgs:units"),
        "东溪镇": reverse("orgs:unit", args=[district.east.pk]),
        "新增顶层单位": reverse("orgs:add_unit"),
        "更名": reverse("orgs:rename_unit", args=[district.east.pk]),
        "隶属关系": reverse("orgs:move_unit", args=[district.east.pk]),
        "停用": reverse("orgs:close_unit", args=[district.east.pk]),
        "设立职务": reverse("orgs:add_post", args=[district.east.pk]),
        "任职": reverse("orgs:appoint", args=[district.director.pk]),
        "账号与授权": reverse("orgs:people"),
        "新建账号": reverse("orgs:add_person"),
        "刘敏": reverse("orgs:person", args=[district.east_admin.pk]),
        "停用刘敏的账号": reverse("orgs:close_person", args=[district.east_admin.pk]),
        "重置刘敏的密码": reverse("orgs:password", args=[district.east_admin.pk]),
        "给刘敏授权": reverse("orgs:add_grant", args=[district.east_admin.pk]),
        "收回授权": reverse("orgs:revoke_grant", args=[grant.pk]),
        "文件解读": reverse("library:documents"),
        "系统能正常工作吗": reverse("health"),
        "只供查看": reverse("admin:index"),
        "操作记录": reverse("admin:audit_auditentry_changelist"),
    }


def test_every_page_opens_for_the_administrator_and_says_its_title(district, open_as):
    browser = open_as(district.site_admin)

    for title, address in pages(district).items():
        response = browser.get(address, headers={"accept": "text/html"})
        assert response.status_code == 200, address
        assert title in response.content.decode(), address


def test_every_page_but_login_and_health_sends_a_stranger_to_the_login_page(district, client):
    for address in pages(district).values():
        if address != reverse("health"):
            response = client.get(address, follow=True)
            last_stop, status = response.redirect_chain[-1]
            assert status == 302, address
            assert last_stop == f"{reverse('login')}?next={address}"
