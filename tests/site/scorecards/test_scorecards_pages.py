"""The pages of scorecards: what they say, where each loss leads, what they refuse, and that lists do not grow."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from tests.site.conftest import AT
from tests.site.places.conftest import section_facts, station_facts
from tests.site.scorecards.conftest import AS_OF, FEBRUARY, NOW

from heqing_site.orgs import actions as orgs
from heqing_site.orgs.rules import Role, UnitKind
from heqing_site.places import actions as places
from heqing_site.places.rules import BodyType
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards import actions, queries
from heqing_site.scorecards.models import Scorecard, ScoreEvent, ScorePublication
from heqing_site.scorecards.rules import EventKind

BOARD = "/scores/?month=2026-02"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text(response) -> str:
    return response.content.decode()


def score():
    return actions.score_month(at=NOW, month=FEBRUARY, as_of=AS_OF)


@pytest.fixture
def scored(district, judged, measured):
    """Two towns and a bureau with losses of every kind that a room below can give."""
    river = places.create_river(
        by=district.site_admin, at=AT, name="东溪", code="QH-R01", kind=BodyType.RIVER, unit=district.district
    )
    places.create_section(by=district.site_admin, at=AT, **section_facts(district, river))
    places.create_station(by=district.site_admin, at=AT, **station_facts(district))
    measured(classes={"柳湾桥": 5}, aqi=[80, 120])
    judged("red", lead=district.bureau, indicator="<b>管网</b>")
    judged("yellow", lead=district.bureau, indicator="=清淤")
    judged("green", lead=district.west, indicator="绿道")
    return {card.unit.name: card for card in score().cards}


# --- the board ----------------------------------------------------------------------------------------------------


def test_an_unscored_month_says_what_to_do_and_offers_the_button_to_the_right_person(district, open_as):
    page = text(open_as(district.supervisor).get(BOARD))
    assert "2026 年 2 月还没有得分" in page
    assert ">评分</button>" in page
    assert ">评分</button>" not in text(open_as(district.officer).get(BOARD))


def test_a_running_month_says_that_it_is_not_over(district, open_as):
    page = text(open_as(district.supervisor).get("/scores/?month=2026-03"))

    assert "这个月还没有结束" in page
    assert "</button>" not in page.split("<main")[1]


def test_the_board_says_who_is_first_and_last_and_every_loss_leads_to_its_card(scored, district, open_as):
    page = text(open_as(district.clerk).get(BOARD))

    assert "2026 年 2 月考核得分" in page
    assert "未发布" in page
    assert "年内暂计" in page
    assert "2 个单位参评，第一名" in page
    assert "扣分最多的是“目标进度”" in page
    key = scored["清河区生态环境局"].pk
    assert f'href="/scores/cards/{key}/#item-targets">目标进度 −31.5</a>' in page  # 22.5 and 9 of 45
    assert "1 个单位本月没有可评的内容" in page  # the supervision office
    assert "建议方案" in page
    assert "发布第" not in page


def test_a_strange_month_or_version_in_the_address_is_as_if_it_were_not_there(scored, district, open_as):
    browser = open_as(district.clerk)
    for address in (
        "/scores/",
        "/scores/?month=x",
        "/scores/?month=2026-02&version=9",
        "/scores/?month=2026-Q1&version=-1",
    ):
        assert "第 1 版" in text(browser.get(address))


def test_scoring_and_publishing_by_button(scored, district, open_as, judged):
    browser = open_as(district.supervisor)
    judged("red", lead=district.west, indicator="另一")
    said = text(browser.post("/scores/score/", {"month": "2026-02"}, follow=True))
    assert "已评分，第 2 版" in said
    said = text(browser.post("/scores/score/", {"month": "2026-02"}, follow=True))
    assert "没有变化，仍为第 2 版" in said

    stale = text(browser.post("/scores/publish/", {"month": "2026-02", "seen": "1"}, follow=True))
    assert "刚刚重新评分，现为第 2 版" in stale
    done = text(browser.post("/scores/publish/", {"month": "2026-02", "seen": "2", "note": "请核对"}, follow=True))
    assert "异议截至 2026-03-13" in done
    assert "方正于 2026-03-10 10:00 发布" in done
    twice = text(browser.post("/scores/publish/", {"month": "2026-02", "seen": "2"}, follow=True))
    assert "已由方正发布" in twice
    assert ScorePublication.objects.get().note == "请核对"


def test_a_published_version_that_was_scored_again_is_told_from_the_new_one(scored, district, open_as, judged):
    actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY)
    judged("red", lead=district.west, indicator="另一")
    score()
    browser = open_as(district.clerk)

    assert "本月曾发布第 1 版" in text(browser.get(BOARD))
    old = text(browser.get(BOARD + "&version=1"))
    assert "已发布" in old
    assert "其后已重新评分" in old
    card = text(browser.get(f"/scores/cards/{scored['西塘镇'].pk}/"))
    assert "其后已重新评分" in card
    assert "第 2 版" in card


@pytest.mark.parametrize("role", [None, Role.OFFICER, Role.LEADER])
def test_who_lacks_the_right_gets_a_sentence_and_nothing_happens(scored, district, open_as, role):
    browser = open_as(district.who(role))
    for address in ("/scores/score/", "/scores/publish/"):
        answer = browser.post(address, {"month": "2026-02", "seen": "1"})
        assert answer.status_code == 403
        assert "考核评分发布" in text(answer)
    assert not ScorePublication.objects.exists()


def test_strangers_are_sent_to_the_login_and_bad_months_are_not_found(district, client, open_as):
    assert client.get(BOARD).status_code == 302
    browser = open_as(district.supervisor)
    assert browser.post("/scores/score/", {"month": "2026-13"}).status_code == 404
    assert browser.post("/scores/publish/", {}).status_code == 404
    assert browser.get("/scores/score/").status_code == 405
    assert "还没有结束" in text(browser.post("/scores/score/", {"month": "2026-03"}, follow=True))
    assert "请先评分再发布" in text(browser.post("/scores/publish/", {"month": "2026-02"}, follow=True))
    assert browser.get("/scores/cards/999/").status_code == 404


# --- the card -----------------------------------------------------------------------------------------------------


def test_a_card_says_each_loss_in_words_and_each_link_opens(scored, district, open_as):
    browser = open_as(district.clerk)
    for name, words in {
        "清河区生态环境局": [
            "为什么是",
            "目标亮红灯（预警）",
            "目标亮黄灯（滞后）",
            "落后时序 12 个百分点",
            "到期未报",
        ],
        "东溪镇": ["柳湾桥，Ⅴ类（目标 Ⅲ类）", "AQI 120", "本月没有可评的内容，按满分计"],
        "西塘镇": ["没有扣分"],
    }.items():
        page = text(browser.get(f"/scores/cards/{scored[name].pk}/"))
        assert [word for word in words if word not in page] == []
        assert "<b>管网</b>" not in page
        links = re.findall(r'<a href="([^"#]+)">看(?:研判|填报|断面|站点|问题)</a>', page)
        assert len(links) == scored[name].losses.count()
        for link in links:
            assert browser.get(link).status_code == 200, link


def test_a_card_without_points_says_why(scored, district, open_as):
    page = text(open_as(district.clerk).get(f"/scores/cards/{scored['清河区督查室'].pk}/"))

    assert "为什么不参评" in page
    assert "各项都不适用" in page


def test_a_veto_and_a_bonus_are_named_on_the_card_with_their_evidence(scored, district, open_as):
    facts = {
        "by": district.supervisor,
        "at": NOW,
        "unit": district.west,
        "day": date(2026, 2, 3),
        "evidence": "文 7 号",
    }
    actions.enter_event(**facts, kind=EventKind.VETO, key="false_data", what="虚报管网")
    actions.enter_event(**facts, kind=EventKind.BONUS, key="commended", what="市级通报表扬")
    card = next(card for card in score().cards if card.unit == district.west)
    page = text(open_as(district.clerk).get(f"/scores/cards/{card.pk}/"))

    assert "等次不合格（按得分为优秀，因一票否决受限）" in page
    assert "虚报管网（2026-02-03，依据：文 7 号）" in page
    assert "杭州市绩效管理条例第三十五条（未核实）" in page
    assert "市级通报表扬" in page
    assert "否决" in text(open_as(district.clerk).get(BOARD))


# --- scheme, events, Excel ----------------------------------------------------------------------------------------


def test_the_scheme_page_marks_every_figure_that_nobody_confirmed(district, open_as):
    page = text(open_as(district.clerk).get("/scores/scheme/"))

    assert "河清月度评分方案（建议方案）" in page
    assert page.count("建议值") > 20
    assert "不足 60 分" in page
    assert "湖州市生态文明先行示范区建设条例第四十条" in page
    assert "发布后 3 个工作日内" in page


def test_events_are_entered_and_withdrawn_on_their_page(district, open_as):
    browser = open_as(district.supervisor)
    said = {"unit": district.east.pk, "case": "veto.grave_event", "day": "2026-03-01", "what": "泄漏", "evidence": "文"}
    assert browser.post("/scores/events/", {**said, "evidence": ""}).status_code == 422
    late = browser.post("/scores/events/", {**said, "day": "2026-03-11"})
    assert late.status_code == 409
    assert "还没有到" in text(late)
    assert "泄漏" in text(late)  # what was typed is still there
    assert browser.post("/scores/events/", {**said, "unit": district.village.pk}).status_code == 422
    assert "已登记" in text(browser.post("/scores/events/", said, follow=True))
    event = ScoreEvent.objects.get()
    where = f"/scores/events/{event.pk}/withdraw/"
    assert "请写明理由" in text(browser.post(where, {"because": ""}, follow=True))
    assert "已撤销" in text(browser.post(where, {"because": "登记错"}, follow=True))
    assert "已经撤销过" in text(browser.post(where, {"because": "登记错"}, follow=True))


def test_who_may_not_enter_events_reads_them_only(district, open_as):
    browser = open_as(district.officer)

    assert "登记要有“考核评分发布”权限" in text(browser.get("/scores/events/"))
    assert browser.post("/scores/events/", {}).status_code == 404


def test_excel_says_the_same_as_the_board_and_runs_no_formula(scored, district, open_as):
    answer = open_as(district.clerk).get("/scores/excel/?month=2026-02")
    book = load_workbook(io.BytesIO(answer.content))

    assert "attachment" in answer["Content-Disposition"]
    assert book.sheetnames == ["镇（街道）", "部门", "扣分明细"]
    rows = [row for row in book["部门"].iter_rows(min_row=4, values_only=True)]
    assert rows[0][:3] == (1, "清河区生态环境局", float(scored["清河区生态环境局"].points))
    assert rows[1][0] == "不参评"
    losses = [row for row in book["扣分明细"].iter_rows(min_row=4) if row[1].value == "清河区生态环境局"]
    assert sum(row[3].value for row in losses) == pytest.approx(float(scored["清河区生态环境局"].lost))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert open_as(district.clerk).get("/scores/excel/?month=2026-01").status_code == 404


def test_english_readers_get_the_causes_in_english(scored, district, open_as, client):
    browser = open_as(district.clerk)
    browser.post("/language/", {"language": "en"})
    page = text(browser.get(f"/scores/cards/{scored['东溪镇'].pk}/"))

    assert "Section that misses its required class" in page


# --- how much it asks ---------------------------------------------------------------------------------------------


def test_the_board_asks_no_more_for_more_units(scored, district, open_as):
    browser = open_as(district.supervisor)
    browser.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        browser.get(BOARD)
    for number in range(8):
        orgs.create_unit(
            by=district.site_admin, at=AT, name=f"镇{number}", code=f"99010120{number}", kind=UnitKind.TOWN,
            parent=district.district, active_from=date(2020, 1, 1),
        )  # fmt: skip
    score()
    assert Scorecard.objects.filter(version=2).count() == 12
    with CaptureQueriesContext(connection) as many:
        browser.get(BOARD)

    assert len(many) <= len(few)


def test_a_card_asks_no_more_for_more_losses(scored, district, open_as, judged):
    browser = open_as(district.clerk)
    browser.get(f"/scores/cards/{scored['清河区生态环境局'].pk}/")
    with CaptureQueriesContext(connection) as few:
        browser.get(f"/scores/cards/{scored['清河区生态环境局'].pk}/")
    for number in range(6):
        judged("red", lead=district.bureau, indicator=f"目标{number}")
    card = next(card for card in score().cards if card.unit == district.bureau)
    with CaptureQueriesContext(connection) as many:
        browser.get(f"/scores/cards/{card.pk}/")

    assert len(many) <= len(few)


def test_a_board_compares_with_the_month_before(scored, district, judged, open_as):
    march = around(Kind.MONTH, date(2026, 3, 1))
    judged("green", lead=district.bureau, indicator="三月", day=march.last)
    actions.score_month(at=NOW, month=march, as_of=date(2026, 4, 1))
    rows = {row.unit: row for row in queries.board(march)}

    bureau = rows[district.bureau]
    assert bureau.change == bureau.points - scored["清河区生态环境局"].points
    assert bureau.change_plain.startswith("+")
    assert {row.change_plain for row in queries.board(FEBRUARY)} == {""}
