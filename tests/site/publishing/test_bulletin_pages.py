"""The pages of bulletins: what they say to whom, one action at a time, nothing lost, the very file handed out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.site.publishing.conftest import DRAFTED, ISSUED, LATER
from tests.site.reporting.conftest import FEBRUARY
from tests.site.reporting.conftest import month as month_of

from heqing_site.publishing import actions, queries
from heqing_site.publishing.models import Bulletin, BulletinIssue
from heqing_site.publishing.rules import State

LIST = "/publishing/bulletins/"
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text(response) -> str:
    return response.content.decode()


def page(bulletin, more: str = "") -> str:
    return f"{LIST}{bulletin.pk}/{more}"


def test_an_empty_list_says_what_to_do_and_offers_it(district, open_as):
    shown = text(open_as(district.supervisor).get(LIST))

    assert "2026 年 2 月的数据齐了，就可以拟稿。" in shown
    assert "拟2月通报" in shown
    assert "拟2月通报" not in text(open_as(district.clerk).get(LIST))


def test_a_month_is_drafted_by_the_form_and_a_second_time_refused_in_words(month, open_as):
    browser = open_as(month.writer)
    form = {"unit": month.district.district.pk, "month": "2026-02", "as_of": "", "issuer": "清河区督查室"}
    answer = browser.post(f"{LIST}draft/", form)
    made = Bulletin.objects.get()

    assert answer.url == page(made)
    assert "清河区督查室" in text(browser.get(page(made)))
    again = browser.post(f"{LIST}draft/", form)
    assert again.status_code == 409
    assert "通报已有一份（草稿）" in text(again)


@pytest.mark.parametrize("facts", [{"month": "二月"}, {"month": "2026-04"}, {"as_of": "2026-02-01"}, {"unit": "999"}])
def test_bad_input_is_told_and_nothing_made(month, open_as, facts):
    form = {"unit": month.district.district.pk, "month": "2026-02", "as_of": "", "issuer": ""} | facts

    assert open_as(month.writer).post(f"{LIST}draft/", form).status_code == 409
    assert not Bulletin.objects.exists()


def test_a_draft_is_read_by_those_who_work_on_it_only(month, drafted, open_as):
    district = month.district

    assert open_as(month.writer).get(page(drafted)).status_code == 200
    assert open_as(month.leader).get(page(drafted)).status_code == 200
    for person in (district.clerk, district.auditor, district.officer):
        assert open_as(person).get(page(drafted)).status_code == 404
        assert open_as(person).get(page(drafted, "word/")).status_code == 404
        assert "生态环境目标完成情况" not in text(open_as(person).get(LIST))


def test_an_issued_bulletin_is_read_by_all(month, issued, open_as):
    shown = text(open_as(month.district.clerk).get(page(issued)))

    assert "清环通〔2026〕1号，2026-03-10 由方正印发，何平审签；数据截至 2026-02-28，印发后不再变动。" in shown
    assert 'class="red-head"' in shown
    assert 'class="stamp"' in shown
    assert "草稿，未印发" not in shown


def test_a_draft_has_no_seal_and_says_so(month, drafted, open_as):
    shown = text(open_as(month.writer).get(page(drafted)))

    assert "草稿，未印发" in shown
    assert 'class="red-head"' not in shown
    assert 'class="stamp"' not in shown


def test_each_figure_leads_to_its_source(month, drafted, open_as):
    shown = text(open_as(month.writer).get(page(drafted)))

    assert f'href="/verdicts/{month.red.number}/?day=2026-02-28"' in shown
    assert f'href="/ledger/targets/{month.grey.number}/"' in shown
    assert 'href="/reporting/late/?month=2026-02"' in shown
    assert 'href="/ledger/?as_of=2026-02-28"' in shown


def test_each_person_sees_the_one_action_that_is_theirs(month, drafted, open_as):
    def offered(person) -> set[str]:
        shown = text(open_as(person).get(page(drafted)))
        names = ("送审", "审签同意", "编号并印发", "退回", "修改文字")
        return {name for name in names if f">{name}</button>" in shown or f">{name}</a>" in shown}

    assert offered(month.writer) == {"送审", "修改文字"}
    assert offered(month.leader) == set()
    actions.submit(by=month.writer, at=DRAFTED, bulletin=drafted)
    assert offered(month.writer) == set()
    assert offered(month.leader) == {"审签同意", "退回"}
    actions.approve(by=month.leader, at=DRAFTED, bulletin=drafted)
    assert offered(month.leader) == set()
    assert offered(month.writer) == {"编号并印发", "退回"}


def test_the_whole_way_by_the_pages(month, drafted, open_as):
    def press(person, deed, **more):
        seen = Bulletin.objects.get().turn
        return open_as(person).post(page(drafted, f"{deed}/"), {"seen": seen, **more})

    press(month.writer, "submit")
    assert press(month.leader, "return", because=" ").status_code == 409
    press(month.leader, "return", because="标题再斟酌")
    assert "理由：标题再斟酌" in text(open_as(month.writer).get(page(drafted)))
    press(month.writer, "submit")
    press(month.leader, "approve")
    press(month.writer, "issue")

    assert Bulletin.objects.get().state == State.ISSUED
    assert BulletinIssue.objects.get().number == "清环通〔2026〕1号"


def test_pressing_twice_issues_once_and_says_so(month, approved, open_as):
    browser = open_as(month.writer)
    first = browser.post(page(approved, "issue/"), {"seen": approved.turn})
    second = browser.post(page(approved, "issue/"), {"seen": approved.turn})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "现为“已印发”，您的操作未执行" in text(second)
    assert BulletinIssue.objects.count() == 1


@pytest.mark.parametrize("deed", ["submit", "approve", "issue", "refresh"])
def test_whoever_lacks_the_right_is_refused(month, issued, open_as, deed):
    answer = open_as(month.district.clerk).post(page(issued, f"{deed}/"), {"seen": 1})

    assert answer.status_code == 403


def test_an_unknown_deed_and_reading_a_deed_lead_nowhere(month, drafted, open_as):
    browser = open_as(month.writer)

    assert browser.post(page(drafted, "burn/")).status_code == 404
    assert browser.get(page(drafted, "submit/")).status_code == 405


def test_words_are_edited_and_a_lost_figure_keeps_what_was_typed(month, drafted, open_as):
    browser = open_as(month.writer)
    shown = text(browser.get(page(drafted, "edit/")))
    assert "【预警数】" in shown
    answer = browser.post(page(drafted, "edit/"), {"seen": 1, "title": "题", "issuer": "甲", "words-red": "预警两项："})

    assert answer.status_code == 409
    assert "预警两项：" in text(answer)
    assert "请放回后再保存" in text(answer)
    script = {"seen": 1, "title": "题目", "issuer": "甲", "words-remarks": "<script>alert(1)</script>"}
    assert browser.post(page(drafted, "edit/"), script).status_code == 302
    shown = text(browser.get(page(drafted)))
    assert "<script>alert" not in shown
    assert "题目" in shown


def test_an_issued_bulletin_is_not_edited(month, issued, open_as):
    browser = open_as(month.writer)

    assert browser.get(page(issued, "edit/")).status_code == 302
    assert browser.post(page(issued, "edit/"), {"seen": issued.turn, "words-remarks": "x"}).status_code == 409


def test_the_very_bytes_that_were_issued_are_handed_out(month, issued, open_as, judge):
    before = open_as(month.district.clerk).get(page(issued, "word/"))
    judge(month.green, "red", 0, at=LATER)
    after = open_as(month.district.clerk).get(page(issued, "word/"))

    assert before.content == after.content == issued.issue.received.open("rb").read()
    assert "attachment" in after["Content-Disposition"]


def test_a_file_that_was_tampered_with_is_not_handed_out(month, issued, open_as):
    with open(issued.issue.received.path, "ab") as file:
        file.write(b"x")

    assert open_as(month.writer).get(page(issued, "word/")).status_code == 404


def test_a_draft_file_says_that_it_is_one(month, drafted, open_as):
    answer = open_as(month.writer).get(page(drafted, "word/"))

    assert answer.status_code == 200
    assert "%E8%8D%89%E7%A8%BF" in answer["Content-Disposition"]  # 草稿


def test_a_change_after_issuing_is_shown_as_a_correction(month, issued, open_as, judge):
    browser = open_as(month.writer)
    assert "更正：印发以来哪些数据变了？" not in text(browser.get(page(issued)))
    judge(month.green, "yellow", 1, at=LATER)
    shown = text(browser.get(page(issued)))

    assert "更正：印发以来哪些数据变了？" in shown
    assert "<del>2条</del>" in shown
    assert "拟更正通知" in shown
    assert "拟更正通知" not in text(open_as(month.district.clerk).get(page(issued)))
    answer = open_as(month.writer).post(page(issued, "correct/"))
    assert "更正2026年2月清河区生态环境目标完成情况通报有关数据的通知" in text(browser.get(answer.url))


def test_invented_data_says_so_on_page_and_file(month, open_as):
    month.red.document.is_invented = True
    month.red.document.save(update_fields=["is_invented"])
    made = actions.draft_bulletin(by=month.writer, at=DRAFTED, month=FEBRUARY, unit=month.district.district)
    actions.submit(by=month.writer, at=DRAFTED, bulletin=made)
    actions.approve(by=month.leader, at=DRAFTED, bulletin=made)
    done = actions.issue(by=month.writer, at=ISSUED, bulletin=made)

    assert '<span class="tag invented">演示数据</span>' in text(open_as(month.writer).get(page(done)))
    assert "演示数据" in done.issue.file_name
    assert '<span class="tag invented">演示数据</span>' in text(open_as(month.writer).get(LIST))


def test_the_list_asks_the_database_no_more_for_more_bulletins(month, open_as, issued):
    browser = open_as(month.leader)

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            browser.get(LIST)
        return len(caught)

    few = count()
    for number in (3, 4, 5):
        at = datetime(2026, number + 1, 8, 2, tzinfo=UTC)
        made = actions.draft_bulletin(by=month.writer, at=at, month=month_of(2026, number), unit=issued.unit)
        actions.submit(by=month.writer, at=at, bulletin=made)
        actions.approve(by=month.leader, at=at, bulletin=made)
        actions.issue(by=month.writer, at=at, bulletin=made)
    assert count() == few


def test_composing_asks_the_database_no_more_for_more_targets(month, target):
    asked = queries.Asked(month.district.district, FEBRUARY, FEBRUARY.last, date(2026, 3, 8), date(2026, 3, 8))

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            queries.compose(asked)
        return len(caught)

    few = count()
    for number in range(6):
        target(indicator=f"新建公园{number}", quote=f"新建公园{number}个")
    assert count() == few


def test_whoever_is_not_logged_in_is_asked_to(client, db):
    assert client.get(LIST).status_code == 302
