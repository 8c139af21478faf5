"""The pages of cases: the clock, whose move it is, forms without scripts, refusals in words, lists that do not grow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.cases.conftest import PHOTO, PNG, assigned, closed, later, month, rectified
from tests.site.conftest import AT, DAY

from heqing.cases import State
from heqing_site.cases import actions
from heqing_site.cases.models import Case, CaseEvidence
from heqing_site.library.evidence import File

LIST = "/cases/"


@pytest.fixture
def clock(monkeypatch):
    """Set the clock to so many days after the district was set up."""

    def put(days):
        monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=days))

    put(0)
    return put


@pytest.fixture(autouse=True)
def _clock(clock):
    """Stand still."""


def text(response) -> str:
    return response.content.decode()


def act(browser, case, deed, seen, **fields):
    case.refresh_from_db()
    sent = {"seen": seen, **{f"{deed}-{name}": value for name, value in fields.items()}}
    return browser.post(reverse("cases:act", args=[case.number, deed]), sent, follow=True)


def test_a_case_goes_its_whole_way_on_its_page(office, case, open_as, clock):
    page = text(open_as(office.supervisor).get(f"/cases/{case.number}/"))
    assert "等交办" in page
    assert "还有 3 天" in page
    assert "建议值" in page
    answer = act(open_as(office.supervisor), case, "assign", 1, unit=office.town.pk, due_on="2026-03-16", note="速办")
    assert "已办理“交办”" in text(answer)

    clock(1)
    browser = open_as(office.town_officer)
    page = text(browser.get(f"/cases/{case.number}/"))
    assert "等东溪镇整改" in page
    assert "签收" in page
    assert 'capture="environment"' in page
    assert "已办理“签收”" in text(act(browser, case, "accept", 2))
    photo = SimpleUploadedFile("现场.png", PNG)
    assert "待核查" in text(act(browser, case, "rectify", 3, note="已清运", camera=photo))
    page = text(browser.get(f"/cases/{case.number}/"))
    assert "没有要您办的" in page
    assert "核查通过</button>" not in page

    clock(2)
    browser = open_as(office.supervisor)
    page = text(browser.get(f"/cases/{case.number}/"))
    assert "整改效果符合法律和技术规范" in page
    assert "现场.png" in page
    act(browser, case, "verify", 4, note="现场已清")
    page = text(act(browser, case, "close", 5))
    assert "已销号" in page
    assert "观察期至 2027-03-04" in page
    assert "2026-06-04" in page
    assert "这件问题已经办结" in text(open_as(office.town_officer).get(f"/cases/{case.number}/"))


def test_what_is_late_stands_first_and_says_so(office, case, open_as, clock):
    assigned(office, case)
    actions.open_case(by=office.supervisor, at=later(14), title="新的一件", detail="乙", unit=office.town)
    clock(15)

    page = text(open_as(office.district.clerk).get(LIST))

    assert "在办 2 件，其中逾期 1 件" in page
    assert "逾期 1 天" in page
    assert page.index("溪边堆放垃圾") < page.index("新的一件")
    assert "立案</a>" not in page
    only = text(open_as(office.district.clerk).get(LIST + "?late=1"))
    assert "新的一件" not in only
    page = text(open_as(office.town_officer).get(f"/cases/{case.number}/"))
    assert "■" not in page  # the shape comes with the class of the light
    assert 'class="light red">逾期 1 天' in page


def test_chips_choose_by_state_unit_and_person(office, case, open_as):
    other = actions.open_case(by=office.supervisor, at=AT, title="西塘的事", detail="乙", unit=office.district.west)
    assigned(office, case)
    browser = open_as(office.town_officer)

    mine, by_unit, by_state = (
        text(browser.get(LIST + asked)) for asked in ("?mine=1", f"?unit={other.unit_id}", "?state=opened")
    )

    assert ("溪边" in mine, "西塘的事" in mine) == (True, False)
    assert ("溪边" in by_unit, "西塘的事" in by_unit) == (False, True)
    assert ("溪边" in by_state, "西塘的事" in by_state) == (False, True)
    assert "没有该您办的" in text(open_as(office.district.clerk).get(LIST + "?mine=1"))


def test_ended_cases_are_found_by_their_state(office, case, open_as):
    closed(office, case)
    browser = open_as(office.town_officer)
    assert "溪边" not in text(browser.get(LIST))
    assert "溪边" in text(browser.get(LIST + "?state=closed"))


def test_refusals_are_told_beside_the_form_and_keep_what_was_typed(office, case, open_as):
    assigned(office, case)
    browser = open_as(office.town_officer)

    bare = act(browser, case, "rectify", 2, note="已清运三十米<b>")
    assert bare.status_code == 409
    assert "须附佐证" in text(bare)
    assert "已清运三十米&lt;b&gt;" in text(bare)
    empty = act(browser, case, "rectify", 2, note="", files=SimpleUploadedFile("a.png", PNG))
    assert empty.status_code == 422
    stale = act(browser, case, "progress", 1, note="在清")
    assert stale.status_code == 409
    assert "请看过后再办" in text(stale)
    assert case.steps.count() == 2


def test_what_one_may_not_do_is_not_offered_and_refused(office, case, open_as):
    assigned(office, case)
    browser = open_as(office.district.clerk)
    page = text(browser.get(f"/cases/{case.number}/"))
    assert "没有要您办的" in page
    assert 'name="seen"' not in page
    refused = act(browser, case, "accept", 2)
    assert refused.status_code in (403, 409)
    assert case.steps.count() == 2
    own = rectified_by_town(office, case)
    assert act(open_as(office.town_supervisor), own, "verify", 3, note="好").status_code == 409


def rectified_by_town(office, case):
    return actions.submit_rectification(by=office.town_officer, at=AT, case=case, note="已清", files=[PHOTO])


def test_a_double_click_does_no_harm(office, case, open_as):
    browser = open_as(office.supervisor)
    for _ in range(2):
        answer = act(browser, case, "assign", 1, unit=office.town.pk, due_on="2026-03-16", note="速办")
        assert answer.status_code == 200
    assert case.steps.count() == 2


def test_a_case_is_opened_on_its_page(office, target, section, open_as):
    aim = target()
    browser = open_as(office.supervisor)
    page = text(browser.get(reverse("cases:open")))
    assert "发现了什么问题" in page
    assert "10 个工作日" in page

    sent = {"title": "溪边<script>", "detail": "左岸", "target": aim.terms.get().pk}
    made = browser.post(reverse("cases:open"), sent, follow=True)
    assert "已立案" in text(made)
    assert "溪边<script>" not in text(made)
    assert reverse("ledger:target", args=[aim.number]) in text(made)
    again = browser.post(reverse("cases:open"), sent)
    assert again.status_code == 409
    assert "还没有办结" in text(again)
    assert browser.post(reverse("cases:open"), {"title": "", "detail": "x"}).status_code == 422
    assert browser.post(reverse("cases:open"), {"title": "甲", "detail": "乙"}).status_code == 409
    by_section = browser.post(
        reverse("cases:open"), {"title": "甲", "detail": "乙", "section": section.pk}, follow=True
    )
    assert reverse("places:place", args=["section", section.pk]) in text(by_section)
    refused = open_as(office.district.clerk).post(
        reverse("cases:open"), {"title": "甲", "detail": "乙", "unit": office.town.pk}
    )
    assert refused.status_code in (403, 409)
    assert Case.objects.count() == 2


def test_signals_lead_to_the_section_and_the_target(office, target, section, judge, open_as):
    aim = target()
    judge(aim, DAY)
    red = actions.open_for_verdicts(at=AT, on=DAY).opened[0]
    actions.open_for_section(
        at=AT, on=DAY, section=section, month=month(date(2026, 2, 1)), water_class=4, required_class=3,
        reason="总磷超标",
    )  # fmt: skip
    browser = open_as(office.town_officer)

    page = text(browser.get(f"/cases/{red.number}/"))
    assert reverse("ledger:target", args=[aim.number]) in page
    assert "落后时序" in page
    page = text(browser.get(f"/cases/{red.number + 1}/"))
    assert "2026 年 2 月水质Ⅳ类，目标Ⅲ类。总磷超标" in page
    assert reverse("places:place", args=["section", section.pk]) in page


def test_a_rebound_is_told(office, section, open_as, clock):
    case = actions.open_for_section(
        at=AT, on=DAY, section=section, month=month(date(2026, 2, 1)), water_class=4, required_class=3, reason="总磷",
    )  # fmt: skip
    closed(office, case)
    clock(65)
    actions.open_for_section(
        at=later(65), on=date(2026, 5, 6), section=section, month=month(date(2026, 4, 1)), water_class=4,
        required_class=3, reason="总磷",
    )  # fmt: skip

    page = text(open_as(office.supervisor).get(f"/cases/{case.number}/"))

    assert "反弹 1 次" in page
    assert "反弹待交办" in page
    assert "反弹重开" in page


def test_evidence_is_opened_as_received_and_only_after_login(office, case, open_as, client):
    assigned(office, case)
    actions.submit_rectification(
        by=office.town_officer, at=AT, case=case, note="已清", files=[PHOTO, File("验收.docx", b"PK\x03\x04abc")]
    )
    picture, letter = CaseEvidence.objects.order_by("pk")
    assert client.get(reverse("cases:evidence", args=[picture.pk])).status_code == 302
    browser = open_as(office.supervisor)

    shown, kept = (browser.get(reverse("cases:evidence", args=[file.pk])) for file in (picture, letter))

    assert b"".join(shown.streaming_content) == PNG
    assert shown["Content-Type"] == "image/png"
    assert "inline" in shown["Content-Disposition"]
    assert "attachment" in kept["Content-Disposition"]
    assert "sandbox" in shown["Content-Security-Policy"]
    assert browser.get("/cases/evidence/404/").status_code == 404


def test_the_number_of_queries_of_pages_does_not_grow_with_rows(office, case, open_as):
    def count(address):
        browser = open_as(office.supervisor)
        browser.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    rectified(office, case)
    addresses = [LIST, LIST + "?mine=1", f"/cases/{case.number}/"]
    few = [count(address) for address in addresses]
    for number in range(6):
        actions.open_case(by=office.supervisor, at=AT, title=f"第{number}件", detail="乙", unit=office.town)
    for number in range(4):
        actions.return_case(by=office.supervisor, at=later(2), case=case, note=f"第{number}次")
        actions.submit_rectification(by=office.town_officer, at=later(2), case=case, note="再清", files=[PHOTO])

    assert [count(address) for address in addresses] == few


def test_addresses_that_make_no_sense_are_answered_calmly(office, case, open_as):
    browser = open_as(office.supervisor)
    for asked in ("?state=x&unit=y&page=-1&late=2", "?unit=99999999", "?mine=1&late=1&page=9"):
        assert browser.get(LIST + asked).status_code == 200
    assert browser.get("/cases/404/").status_code == 404
    assert browser.post(f"/cases/{case.number}/open/").status_code == 404
    assert browser.post(f"/cases/{case.number}/nonsense/").status_code == 404
    assert browser.get(f"/cases/{case.number}/assign/").status_code == 405
    assert browser.post(f"/cases/{case.number}/assign/", {"seen": "x"}).status_code == 422
    assert Case.objects.get().state == State.OPENED


def test_invented_cases_say_so(office, open_as):
    made = actions.open_case(
        by=office.supervisor, at=datetime(2026, 3, 2, 1, tzinfo=UTC), title="演示：甲", detail="乙", unit=office.town,
        is_invented=True,
    )  # fmt: skip
    browser = open_as(office.supervisor)
    assert "演示数据" in text(browser.get(LIST))
    assert "演示数据" in text(browser.get(f"/cases/{made.number}/"))
