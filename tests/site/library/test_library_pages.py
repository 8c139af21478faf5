"""The pages of documents: upload, review with and without a script, refusals in words, queries that do not grow."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.library.conftest import SPEECH, bytes_of

from heqing_site.library import actions
from heqing_site.library.models import Document, Finding

CARD = {"X-Heqing-Piece": "card"}
CORRECTION = {
    "indicator": "空气质量优良率",
    "kind": "target",
    "comparator": ">=",
    "value": "85",
    "unit": "%",
    "period": "",
    "strength": "ensure",
    "pillar": "air",
    "scope": "",
    "baseline": "",
    "because": "",
}


def upload(browser, district, content, name="讲话.txt", **more):
    typed = {"file": SimpleUploadedFile(name, content), "title": "", "unit": district.bureau.pk, **more}
    return browser.post(reverse("library:add_document"), typed, follow=True)


def page_of(browser, document, **query) -> str:
    return browser.get(reverse("library:document", args=[document.pk]), query).content.decode()


def act(browser, finding, deed, typed=None, **more):
    return browser.post(reverse(f"library:{deed}", args=[finding.pk]), typed or {}, **more)


# --- documents ----------------------------------------------------------------------------------------------------


def test_a_document_is_uploaded_read_and_reviewed_to_the_end(district, open_as):
    browser = open_as(district.officer)

    page = upload(browser, district, bytes_of()).content.decode()
    document = Document.objects.get()
    first, second, third, fourth = document.findings.order_by("number")
    assert "已收存并解读“在全区生态环境保护大会上的讲话”，共 4 条待核" in page
    assert "0 / 4 已核" in page

    act(browser, first, "accept", {"seen": first.version})
    act(browser, second, "reject", {"seen": second.version, "because": "与另一条重复"})
    act(browser, third, "correct", {**CORRECTION, "indicator": "河道清淤", "value": "210", "seen": third.version})
    act(browser, fourth, "accept", {"seen": fourth.version})
    act(browser, fourth, "reopen", {"seen": Finding.objects.get(pk=fourth.pk).version})

    page = page_of(browser, document)
    assert "3 / 4 已核" in page
    assert "采纳 2，未采纳 1，待核 1" in page
    assert "未采纳：与另一条重复" in page
    assert "解读原样：要求 等于 200 公里" in page
    assert "3 / 4" in browser.get(reverse("library:documents")).content.decode()
    assert 'id="f4"' in page_of(browser, document, show="proposed")
    assert 'id="f1"' not in page_of(browser, document, show="proposed")


def test_the_same_file_again_leads_to_the_page_that_is_there(district, open_as, speech):
    response = upload(open_as(district.officer), district, bytes_of())

    assert response.redirect_chain[-1][0] == reverse("library:document", args=[speech.pk])
    assert "已于 2026-03-02 收存，未重复收存" in response.content.decode()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "空.txt", "“空.txt”是空文件"),
        (b"%PDF-1.4", "报告.pdf", "“报告.pdf”读不出文字"),
        (b"PK\x03\x04", "坏.docx", "“坏.docx”读不出文字"),
    ],
)
def test_a_bad_file_is_named_on_the_form_and_the_title_stays(district, open_as, content, name, said):
    response = upload(open_as(district.officer), district, content, name, title="区长讲话")

    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert said in page
    assert 'value="区长讲话"' in page


def test_a_huge_upload_is_refused_and_a_missing_file_is_asked_for(district, open_as, settings):
    settings.UPLOAD_LIMIT = 1024 * 1024
    browser = open_as(district.officer)

    huge = upload(browser, district, b"a" * (50 * 1024 * 1024), "大.txt")
    missing = browser.post(reverse("library:add_document"), {"title": "无"})

    assert huge.status_code == missing.status_code == 422
    assert "“大.txt”超过 1 MB 的上限" in html.unescape(huge.content.decode())


def test_who_may_not_upload_sees_no_form_and_is_refused(district, open_as, speech):
    browser = open_as(district.clerk)

    page = browser.get(reverse("library:documents")).content.decode()

    assert "在全区生态环境保护大会上的讲话" in page
    assert 'type="file"' not in page
    assert upload(browser, district, b"x").status_code == 403
    assert browser.get(reverse("library:add_document")).status_code == 405


def test_the_original_is_handed_out_as_it_came_and_never_shown_as_a_page(district, open_as):
    content = b"<html><body><p>\xe4\xbc\x98\xe8\x89\xaf</p><script>alert(1)</script></body></html>"
    document = actions.add_document(
        by=district.officer, at=AT, file_name="网页.html", content=content, unit=district.bureau
    ).document

    response = open_as(district.clerk).get(reverse("library:received_file", args=[document.pk]))

    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_original_that_is_gone_from_the_disk_is_said_calmly(district, open_as, speech):
    speech.received.storage.delete(speech.received.name)

    assert open_as(district.clerk).get(reverse("library:received_file", args=[speech.pk])).status_code == 404


def test_a_script_in_a_document_is_shown_as_text(district, open_as):
    evil = (
        '全区<script>alert("1")</script>\n一、治气<img src=x onerror=y>行动\n'
        "确保<script>alert(4)空气质量优良率达到85%以上。\n<b onclick=x>\n"
    )
    document = actions.add_document(
        by=district.officer,
        at=AT,
        file_name="<img src=x>.txt",
        content=evil.encode(),
        unit=district.bureau,
        title="<script>alert(2)</script>",
    ).document
    browser = open_as(district.officer)
    assert document.findings.exists()

    for address in (
        reverse("library:documents"),
        reverse("library:document", args=[document.pk]),
        reverse("library:correct", args=[document.findings.first().pk]),
        reverse("library:add_finding", args=[document.pk]) + "?words=<script>alert(3)</script>",
    ):
        page = browser.get(address).content.decode()
        for bad in ("<script>alert", "<b onclick", "<img src=x"):
            assert bad not in page, address


def test_the_text_on_the_page_is_the_text_as_received(district, open_as, speech):
    page = page_of(open_as(district.clerk), speech)

    words = page[page.index('<div class="words"') : page.index("</section>", page.index('<div class="words"'))]
    assert html.unescape(re.sub(r"<[^>]+>", "", words)).strip() == SPEECH.strip()
    assert '<span data-start="17" class="noise">验证码：</span>' in page
    for number in range(1, 5):
        assert f'id="q{number}"' in words
        assert f'id="f{number}"' in page
    assert 'class="q p-air proposed"' in words


@pytest.mark.parametrize("name", ["documents", "document", "correct", "add_finding"])
def test_every_page_of_an_invented_document_says_so(district, open_as, name):
    document = actions.add_document(
        by=district.officer, at=AT, file_name="a.txt", content=bytes_of(), unit=district.bureau, is_invented=True
    ).document
    key = {"documents": [], "correct": [document.findings.first().pk]}.get(name, [document.pk])

    page = open_as(district.officer).get(reverse(f"library:{name}", args=key)).content.decode()

    assert "演示数据" in page


def test_a_document_in_which_nothing_was_found_says_what_to_do(district, open_as):
    document = actions.add_document(
        by=district.officer, at=AT, file_name="a.txt", content="各位同志，大家好。".encode(), unit=district.bureau
    ).document

    assert "没有读出目标或成效。可在原文中选取文字" in page_of(open_as(district.officer), document)


# --- findings -----------------------------------------------------------------------------------------------------


def test_a_decision_leads_back_to_its_card_and_a_script_gets_only_the_card(district, open_as, speech, finding):
    browser = open_as(district.officer)
    other = speech.findings.get(number=2)

    plain = act(browser, finding, "accept", {"seen": finding.version})
    piece = act(browser, other, "accept", {"seen": other.version}, headers=CARD)

    assert plain["Location"] == f"{reverse('library:document', args=[speech.pk])}#f1"
    assert piece["X-Heqing-Piece"] == "card"
    answer = piece.content.decode()
    assert 'id="f2"' in answer
    assert "2 / 4 已核" in answer
    assert "<html" not in answer


@pytest.mark.parametrize("headers", [{}, CARD], ids=["page", "card"])
def test_a_rejection_without_reason_asks_for_it_on_the_card(district, open_as, finding, headers):
    response = act(open_as(district.officer), finding, "reject", {"seen": finding.version}, headers=headers)

    assert response.status_code == 422
    assert "请写明理由" in response.content.decode()


@pytest.mark.parametrize("headers", [{}, CARD], ids=["page", "card"])
def test_the_second_officer_reads_what_the_first_did_on_the_card(district, open_as, finding, headers):
    seen = finding.version
    actions.accept_finding(by=district.site_admin, at=AT, finding=finding)

    typed = {"seen": seen, "because": "与另一条重复"}
    response = act(open_as(district.officer), finding, "reject", typed, headers=headers)

    assert response.status_code == 409
    assert "第 1 条已由王建国于 2026-03-02 09:00 处理" in response.content.decode()
    assert Finding.objects.get(pk=finding.pk).state == "accepted"


def test_a_correction_that_comes_too_late_keeps_what_was_typed_and_can_be_sent_again(district, open_as, finding):
    browser = open_as(district.officer)
    typed = {**CORRECTION, "period": "2027", "seen": finding.version}
    actions.correct_finding(by=district.site_admin, at=AT, finding=finding, changes={"period": "2026"})

    response = act(browser, finding, "correct", typed)

    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="2027"' in page
    assert "王建国" in page
    seen = html.unescape(re.search(r'name="seen" value="([^"]+)"', page)[1])
    assert act(browser, finding, "correct", {**typed, "seen": seen}).status_code == 302
    assert Finding.objects.get(pk=finding.pk).period == "2027"


@pytest.mark.parametrize("value", ["八十五", "NaN", "1e99", "Infinity"])
def test_a_number_that_is_none_is_said_beside_its_field(district, open_as, finding, value):
    response = act(open_as(district.officer), finding, "correct", {**CORRECTION, "value": value})

    assert response.status_code in {409, 422}
    assert "errorlist" in response.content.decode() or "数值过长" in response.content.decode()
    assert Finding.objects.get(pk=finding.pk).state == "proposed"


@pytest.mark.parametrize("deed", ["accept", "reject", "reopen", "correct"])
def test_who_may_not_review_sees_no_buttons_and_is_refused(district, open_as, speech, finding, deed):
    browser = open_as(district.clerk)

    page = page_of(browser, speech)

    assert "/accept/" not in page
    assert "/findings/add/" not in page
    assert act(browser, finding, deed, {**CORRECTION, "period": "2026", "because": "试探"}).status_code == 403
    assert Finding.objects.get(pk=finding.pk).state == "proposed"


def test_a_decision_is_never_made_by_following_a_link(district, open_as, finding):
    browser = open_as(district.officer)

    for deed in ("accept", "reopen"):
        assert browser.get(reverse(f"library:{deed}", args=[finding.pk])).status_code == 405
    for deed in ("reject", "correct"):
        assert browser.get(reverse(f"library:{deed}", args=[finding.pk])).status_code == 200
    assert Finding.objects.get(pk=finding.pk).state == "proposed"


def test_words_selected_in_the_browser_become_a_finding(district, open_as, speech):
    browser = open_as(district.officer)
    typed = {**CORRECTION, "comparator": "complete", "value": "", "indicator": "碧水保卫战", "pillar": "water"}
    address = reverse("library:add_finding", args=[speech.pk])
    start = speech.text.index("二、持续")

    asked = browser.get(address, {"words": "二、持续打好碧水保卫战\n2026年", "near": start}).content.decode()
    response = browser.post(address, {**typed, "words": "二、持续打好碧水保卫战\n2026年", "near": start}, follow=True)

    assert f'name="near" value="{start}"' in asked
    assert "已补录第 5 条" in response.content.decode()
    assert Finding.objects.get(number=5).quote == "二、持续打好碧水保卫战\r\n2026年"


def test_words_that_are_not_in_the_document_are_refused_and_kept_on_the_form(district, open_as, speech):
    typed = {**CORRECTION, "words": "原文没有的话", "indicator": "甲"}

    response = open_as(district.officer).post(reverse("library:add_finding", args=[speech.pk]), typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert "没有在原文中找到所选文字" in page
    assert "原文没有的话" in page


# --- queries ------------------------------------------------------------------------------------------------------


def test_the_queries_of_the_list_do_not_grow_with_its_rows(district, open_as, speech):
    browser = open_as(district.officer)
    address = reverse("library:documents")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for number in range(12):
        actions.add_document(
            by=district.site_admin,
            at=AT,
            file_name=f"{number}.txt",
            content=bytes_of(f"确保优良率达到{number}%。"),
            unit=[None, district.bureau, district.east][number % 3],
        )

    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert len(many) == len(few)


def test_the_queries_of_a_review_do_not_grow_with_its_findings(district, open_as, speech):
    browser = open_as(district.officer)
    browser.get(reverse("library:document", args=[speech.pk]))
    with CaptureQueriesContext(connection) as few:
        page_of(browser, speech)
    lines = "".join(f"{n}是加强第{n}片区治理。确保第{n}断面优良率达到{n}%以上。\n" for n in range(1, 60))
    long = actions.add_document(
        by=district.site_admin, at=AT, file_name="长.txt", content=bytes_of(lines), unit=district.bureau
    ).document
    for finding in long.findings.all()[:20]:
        actions.accept_finding(by=district.officer, at=AT, finding=finding)

    with CaptureQueriesContext(connection) as many:
        page_of(browser, long)

    assert long.findings.count() > 40
    assert len(many) == len(few)
