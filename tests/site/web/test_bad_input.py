"""Bad input on pages: a clear sentence, nothing lost, no right overstepped, never a failure of the server.

What one room alone can get wrong is tested beside it (files of documents, measurements and evidence; scripts in
documents; two officers on one finding, one row, one target). Here stands what crosses rooms or is the frame's.
"""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.site.conftest import AT, PASSWORD
from tests.site.reporting.conftest import FEBRUARY

from heqing_site.ledger.models import TargetTerms
from heqing_site.library.models import Document
from heqing_site.orgs.models import Unit
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.models import ReportEntry

MONTH = "month=2026-02"


def words(answer) -> str:
    """Give the page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def report(unit, number, value="5", seen="0", deed="submit"):
    """Give the address and the form of one reported value."""
    key = f"{number}.2026-02"
    fields = {"deed": deed, f"seen-{key}": seen, f"{key}-value": value, f"{key}-value_date": "2026-02-28"}
    return f"{reverse('reporting:mine')}?{MONTH}&unit={unit.pk}", fields


def row_address(unit) -> str:
    """Give the address that keeps one row as it is typed."""
    return f"{reverse('reporting:save_row')}?{MONTH}&unit={unit.pk}"


# --- a session that ended ------------------------------------------------------------------------------------------


def test_what_was_sent_after_the_session_ended_is_shown_and_leads_back_to_its_page(office, target, client):
    target()
    address, fields = report(office.town, 1)
    page = f"http://testserver{address}"
    key = "1.2026-02"

    answer = client.post(
        address,
        {
            **fields,
            f"{key}-note": "已通水<b>两</b>公里",
            "password": "secret-words",
            "files": SimpleUploadedFile("a.png", b"1"),
        },
        headers={"referer": page},
    )

    assert answer.status_code == 401
    said = answer.content.decode()
    assert "登录已过期，这次没有提交" in said
    assert "已通水&lt;b&gt;两&lt;/b&gt;公里" in said
    assert "a.png" in said
    assert "secret-words" not in said
    assert ReportEntry.objects.count() == 0

    login = re.search(r'href="(/login/[^"]+)"', said)
    assert login is not None
    back = client.post(login[1].replace("&amp;", "&"), {"username": office.reporter.username, "password": PASSWORD})
    assert back.status_code == 302
    assert back["Location"] == address


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/library/", "javascript:alert(1)"])
def test_a_lost_session_never_leads_elsewhere(db, client, referer):
    answer = client.post(reverse("library:add_document"), {"title": "方案"}, headers={"referer": referer})

    assert answer.status_code == 401
    assert 'class="button main" href="/login/"' in answer.content.decode()


def test_a_form_of_an_expired_page_shows_what_was_typed(office):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(office.reporter)

    answer = browser.post(reverse("orgs:add_unit"), {"name": "新设的局", "csrfmiddlewaretoken": "x"})

    assert answer.status_code == 403
    assert "页面已过期，没有提交" in words(answer)
    assert "新设的局" in words(answer)
    assert not Unit.objects.filter(name="新设的局").exists()


def test_an_address_that_only_takes_forms_says_so_when_opened(office, open_as):
    answer = open_as(office.reporter).get(reverse("library:add_document"))

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "只接受表单提交" in words(answer)


# --- another unit's things -----------------------------------------------------------------------------------------


def test_another_units_value_is_neither_entered_nor_sent(office, target, open_as, district):
    other = target(lead=district.west)
    browser = open_as(office.reporter)
    forged_unit, fields = report(district.west, other.number)
    own_page, _ = report(office.town, other.number)

    answers = [
        browser.post(forged_unit, fields),
        browser.post(own_page, fields),
        browser.post(row_address(district.west), {**fields, "only": f"{other.number}.2026-02"}),
    ]

    assert all(answer.status_code < 500 for answer in answers)
    assert "不能填写" in answers[2].json()["faults"][0]
    assert ReportEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("lead", {"unit": "own"}),
        ("source", {"source_kind": "reported", "rhythm": "quarter", "statistic": ""}),
        ("withdraw", {}),
    ],
)
def test_another_units_target_is_not_changed_by_a_forged_form(office, target, open_as, district, page, fields):
    other = target(lead=district.west)
    typed = {"seen": "1", "valid_from": "2026-03-02", "because": "试", **fields}
    if typed.get("unit") == "own":
        typed["unit"] = str(office.town.pk)
    before = list(TargetTerms.objects.values_list("pk", flat=True))

    answer = open_as(office.reporter).post(reverse(f"ledger:{page}", args=[other.number]), typed)

    assert answer.status_code == 403
    assert "您没有在" in words(answer)
    assert list(TargetTerms.objects.values_list("pk", flat=True)) == before


def test_nobody_checks_their_own_report_by_its_address(office, submitted, open_as):
    browser = open_as(office.reporter)

    for name in ("reporting:accept", "reporting:return"):
        answer = browser.post(reverse(name, args=[submitted.report_id]), {"because": "试", "seen": "1"})
        assert answer.status_code in (403, 404, 409)
    assert ReportEntry.objects.count() == 1


def test_a_stranger_to_a_unit_finds_no_evidence_and_no_address_fails(office, open_as):
    browser = open_as(office.reporter)
    for address in (
        "/reporting/?unit=abc&month=2026-13", "/reporting/?unit=99999", "/reporting/evidence/99999/",
        "/ledger/?as_of=2026-02-31", "/ledger/targets/99999/", "/verdicts/99999/", "/library/99999/",
        "/places/nothing/", "/places/station/99999/", "/cases/99999/", "/publishing/bulletins/99999/",
    ):  # fmt: skip
        assert browser.get(address).status_code < 500, address


# --- closed periods, twice the same form ---------------------------------------------------------------------------


def test_a_closed_month_takes_no_value_and_says_why(office, target, open_as):
    target()
    browser = open_as(office.reporter)
    address, fields = report(office.town, 1)
    reporting.close_period(by=office.district.site_admin, at=AT, unit=office.district.district, month=FEBRUARY)

    answer = browser.post(address, fields)
    row = browser.post(
        f"{reverse('reporting:save_row')}?{MONTH}&unit={office.town.pk}", {**fields, "only": "1.2026-02"}
    )

    assert "关账" in words(answer) + words(browser.get(address))
    assert row.status_code == 409
    assert row.json()["faults"]
    assert ReportEntry.objects.count() == 0


def test_a_value_sent_twice_is_kept_once_and_the_second_says_so(office, target, open_as):
    target()
    browser = open_as(office.reporter)
    address, fields = report(office.town, 1)

    first, second = browser.post(address, fields, follow=True), browser.post(address, fields, follow=True)

    assert "已提交 1 项" in words(first)
    assert "没有新的内容，未作记录" in words(second)
    assert ReportEntry.objects.count() == 1


def test_a_document_sent_twice_is_kept_once(district, open_as):
    browser = open_as(district.officer)

    def send():
        file = SimpleUploadedFile("讲话.txt", "新建污水管网24公里。".encode())
        return browser.post(reverse("library:add_document"), {"file": file, "unit": district.bureau.pk}, follow=True)

    first, second = send(), send()

    assert (first.status_code, second.status_code) == (200, 200)
    assert "未重复收存" in words(second)
    assert Document.objects.count() == 1


# --- scripts -------------------------------------------------------------------------------------------------------


def test_a_script_in_a_note_or_a_name_is_shown_as_text(office, target, open_as):
    script = "<script>alert(1)</script>"
    target(indicator=f"新建{script}管网")
    address, fields = report(office.town, 1, deed="save")
    browser = open_as(office.reporter)

    browser.post(address, {**fields, "1.2026-02-note": script})

    assert ReportEntry.objects.get().note == script
    for page in (
        address,
        reverse("reporting:target", args=[1]),
        reverse("ledger:ledger"),
        reverse("ledger:target", args=[1]),
    ):
        said = browser.get(page).content.decode()
        assert script not in said
        assert "&lt;script&gt;alert(1)" in said
