"""Login, logout, language, and the pages that say what went wrong."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.orgs import actions
from heqing_site.orgs.models import User


def log_in(client: Client, username: str, password: str, **more: str):
    return client.post(reverse("login"), {"username": username, "password": password, **more})


def test_who_logs_in_comes_home_and_reads_name_post_and_rights(district, client):
    actions.appoint(by=district.site_admin, at=AT, post=district.director, holder=district.auditor, started_on=DAY)

    response = log_in(client, "chenjing", PASSWORD)
    page = client.get(response.url).content.decode()

    assert response.url == reverse("home")
    assert "陈静，您好" in page
    assert "清河区生态环境局" in page
    assert "局长" in page
    assert "审计员" in page


def test_capital_letters_in_the_user_name_do_not_matter(district, client):
    assert log_in(client, "ChenJing", PASSWORD).status_code == 302


def test_after_login_the_page_that_was_asked_for_opens(district, client):
    page = client.get(reverse("orgs:units"), follow=True).content.decode()
    assert "请先登录" in page

    assert log_in(client, "chenjing", PASSWORD, next=reverse("orgs:units")).url == reverse("orgs:units")


def test_nobody_is_sent_to_a_strange_site_after_login(district, client):
    assert log_in(client, "chenjing", PASSWORD, next="https://example.org/").url == reverse("home")


@pytest.mark.parametrize(("username", "password"), [("chenjing", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_login_does_not_say_which_part_was_wrong(district, client, username, password):
    page = log_in(client, username, password).content.decode()

    assert "用户名或密码不正确，或账号已停用" in page


def test_a_closed_account_does_not_get_in_and_an_open_session_ends(district, client):
    log_in(client, "zhaolei", PASSWORD)
    actions.deactivate_user(by=district.site_admin, at=AT, user=district.clerk, because="调离")

    assert client.get(reverse("home")).status_code == 302
    assert "账号已停用" in log_in(client, "zhaolei", PASSWORD).content.decode()


def test_logging_out_needs_a_form_and_ends_the_session(district, open_as):
    browser = open_as(district.clerk)

    assert browser.get(reverse("logout")).status_code == 405
    assert browser.post(reverse("logout")).url == reverse("login")
    assert browser.get(reverse("home")).status_code == 302


def test_the_session_cookie_is_closed_to_scripts_and_pages_to_frames(district, client):
    response = log_in(client, "chenjing", PASSWORD)

    assert response.cookies["sessionid"]["httponly"]
    assert response.cookies["sessionid"]["samesite"] == "Lax"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_form_from_elsewhere_is_refused_in_chinese(district):
    browser = Client(enforce_csrf_checks=True)

    response = log_in(browser, "chenjing", PASSWORD)

    assert response.status_code == 403
    assert "页面已过期，没有提交" in response.content.decode()


def test_own_password_needs_the_old_one_and_keeps_the_session(district, open_as):
    browser = open_as(district.clerk)
    address = reverse("orgs:password", args=[district.clerk.pk])
    new = "xin-de-mima-2026"

    wrong = browser.post(address, {"old_password": "wrong", "password": new, "again": new})
    assert "原密码不正确" in wrong.content.decode()
    assert browser.post(address, {"old_password": PASSWORD, "password": new, "again": new}).status_code == 302
    assert browser.get(reverse("home")).status_code == 200
    assert User.objects.get(pk=district.clerk.pk).check_password(new)


def test_a_page_that_is_not_there_says_so_in_chinese(district, open_as):
    response = open_as(district.clerk).get(reverse("orgs:unit", args=[999999]))

    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()


def test_a_missing_right_answers_403_and_says_which(district, open_as):
    response = open_as(district.clerk).get(reverse("orgs:people"))

    assert response.status_code == 403
    assert "账号与授权管理" in response.content.decode()


def test_an_error_of_ours_answers_500_in_chinese_and_asks_no_database(district, open_as, monkeypatch):
    browser = open_as(district.clerk)
    browser.raise_request_exception = False
    monkeypatch.setattr("heqing_site.web.views.queries.grants_of", lambda user: 1 / 0)

    response = browser.get(reverse("home"))

    assert response.status_code == 500
    assert "系统出错，本次操作没有保存" in response.content.decode()


def test_english_is_offered_for_navigation(client, db):
    page = client.get(reverse("login"), headers={"accept-language": "en"}).content.decode()

    assert "Log in" in page
    assert '<html lang="en">' in page


def test_chinese_comes_first(client, db):
    for accept in ("", "zh-CN,zh;q=0.9", "fr"):
        page = client.get(reverse("login"), headers={"accept-language": accept}).content.decode()
        assert "登录" in page
        assert '<html lang="zh-hans">' in page
