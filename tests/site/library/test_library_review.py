"""Reviewing many findings: filters, many at once, taking back, correcting in place, two officers at once."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.library.conftest import bytes_of
from tests.site.library.test_library_pages import CORRECTION, act, page_of
from tests.site.worlds import kept

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.library import actions, queries
from heqing_site.library.filters import Filters
from heqing_site.library.models import Document, Finding, ProposedWord

CARD = {"X-Heqing-Piece": "card"}
FORM = {"X-Heqing-Piece": "form"}
DAMAGED = (
    "在全区生态环境保护大会上的讲话\n"
    "一、坚决打赢蓝天保卫战\n"
    "确保空气质量优良率达到85%以上。新建污水管网XX公里，改造雨水管网XX公里。\n"
    "力争全区浓度控制在25微克/立方米以内，PM10平均浓度控制在45微克/立方米以内。\n"
)


@kept
def damaged(district) -> Document:
    return actions.add_document(
        by=district.officer, at=AT, file_name="残缺.txt", content=bytes_of(DAMAGED), unit=district.bureau
    ).document


def fresh(finding: Finding) -> Finding:
    return Finding.objects.get(pk=finding.pk)


def many(browser, document, *findings, **query):
    asked = [f"{finding.number}|{finding.version}" for finding in findings]
    address = reverse("library:accept_many", args=[document.pk])
    return browser.post(address, {"finding": asked, **query}, follow=True).content.decode()


# --- many at once -------------------------------------------------------------------------------------------------


def test_many_are_shown_before_they_are_accepted_and_what_has_a_gap_is_not_among_them(district, open_as, damaged):
    browser = open_as(district.officer)
    Finding.objects.filter(gap="").update(confidence=0.96)
    Finding.objects.exclude(gap="").update(confidence=0.99)
    sure = list(damaged.findings.filter(gap=""))
    assert {gap for gap in damaged.findings.values_list("gap", flat=True) if gap} == {
        "number_masked",
        "indicator_inferred",
    }

    shown = browser.get(reverse("library:accept_many", args=[damaged.pk]), {"sure": "0.95"}).content.decode()

    ticked = re.findall(r'name="finding" id="n(\d+)"', shown)
    assert ticked == [str(finding.number) for finding in sure]
    assert f"以下 {len(sure)} 条没有缺项、没有推断" in shown
    assert not damaged.findings.exclude(state="proposed").exists()

    page = many(browser, damaged, *sure)

    assert f"已采纳 {len(sure)} 条" in page
    assert set(damaged.findings.filter(state="accepted")) == set(sure)


def test_what_has_a_gap_or_came_from_the_second_reader_stays_out_even_when_it_is_sent(district, open_as, damaged):
    browser = open_as(district.officer)
    second = damaged.findings.filter(gap="").first()
    second.why = ["second_reader"]
    second.save()

    page = many(browser, damaged, *damaged.findings.exclude(gap=""), second)

    assert "在此期间有变动，未采纳" in page
    assert not damaged.findings.exclude(state="proposed").exists()


def test_what_a_colleague_changed_meanwhile_is_left_out_and_named(district, open_as, damaged):
    first, other = damaged.findings.filter(gap="")[:2]
    actions.correct_finding(by=district.site_admin, at=AT, finding=first, changes={"period": "2027"})
    actions.reopen_finding(by=district.site_admin, at=AT, finding=first)

    page = many(open_as(district.officer), damaged, first, other)

    assert f"已采纳 1 条：第 {other.number} 条" in page
    assert f"第 {first.number} 条在此期间有变动" in page
    assert fresh(first).state == "proposed"


def test_a_filter_narrows_what_would_be_accepted(district, open_as, damaged):
    Finding.objects.update(confidence=0.96)
    browser = open_as(district.officer)
    address = reverse("library:accept_many", args=[damaged.pk])

    air = browser.get(address, {"pillar": "air"}).content.decode()
    low = browser.get(address, {"pillar": "talent"}).content.decode()

    assert damaged.findings.filter(gap="", pillar="air").exists()
    assert re.findall(r'id="n(\d+)"', air) == [str(row.number) for row in damaged.findings.filter(gap="", pillar="air")]
    assert "没有可以一并采纳的条目" in low


# --- taking back --------------------------------------------------------------------------------------------------


def test_decisions_are_taken_back_one_by_one_the_last_first(district, open_as, speech):
    browser = open_as(district.officer)
    first, second, third, _ = speech.findings.order_by("number")
    read = {name: getattr(second, name) for name in ("indicator", "value", "period", "start", "end", "quote")}
    act(browser, first, "accept", {"seen": first.version})
    typed = {**CORRECTION, "indicator": "细颗粒物浓度", "value": "26.5", "words": "PM2.5平均浓度控制在27微克/立方米"}
    act(browser, second, "correct", {**typed, "seen": second.version})
    act(browser, third, "reject", {"seen": third.version, "because": "与另一条重复"})
    assert fresh(second).quote == "PM2.5平均浓度控制在27微克/立方米"
    assert fresh(second).value == Decimal("26.5")
    address = reverse("library:undo", args=[speech.pk])

    pieces = [browser.post(address, headers=CARD) for _ in range(4)]

    assert [re.findall(r'id="f(\d)"', piece.content.decode()) for piece in pieces] == [["3"], ["2"], ["1"], []]
    assert {finding.state for finding in speech.findings.all()} == {"proposed"}
    assert {name: getattr(fresh(second), name) for name in read} == read
    assert not ProposedWord.objects.exists()
    assert AuditEntry.objects.filter(action="library.undo_decisions").count() == 3


def test_many_that_were_accepted_together_are_taken_back_together(district, open_as, damaged):
    browser = open_as(district.officer)
    Finding.objects.update(confidence=0.96)
    many(browser, damaged, *damaged.findings.filter(gap=""))

    page = browser.post(reverse("library:undo", args=[damaged.pk]), follow=True).content.decode()

    assert "已撤销您上一步的决定" in page
    assert not damaged.findings.exclude(state="proposed").exists()


def test_only_the_last_who_decided_takes_it_back(district, open_as, finding, speech):
    actions.accept_finding(by=district.officer, at=AT, finding=finding)
    changed = actions.correct_finding(by=district.site_admin, at=AT, finding=finding, changes={"period": "2027"})

    assert queries.last_decision(speech, district.officer) == []
    with pytest.raises(RuleBrokenError) as refusal:
        actions.undo_decisions(by=district.officer, at=AT, findings=[changed])
    assert refusal.value.code == "finding.nothing_to_undo"

    actions.undo_decisions(by=district.site_admin, at=AT, findings=[changed])
    assert (fresh(finding).state, fresh(finding).decided_by, fresh(finding).period) == (
        "accepted",
        district.officer,
        finding.period,
    )
    assert queries.last_decision(speech, district.officer) == [finding]


def test_what_was_added_by_hand_is_rejected_and_not_deleted(district, speech):
    added = actions.add_finding_by_hand(
        by=district.officer, at=AT, document=speech, start=0, end=5, kind="target", comparator="complete",
        pillar="air", indicator="甲",
    )  # fmt: skip

    actions.undo_decisions(by=district.officer, at=AT, findings=[added])

    assert (fresh(added).state, fresh(added).because) == ("rejected", "补录有误，已撤销")


# --- in place -----------------------------------------------------------------------------------------------------


def test_a_correction_is_made_in_its_card(district, open_as, finding):
    browser = open_as(district.officer)

    form = browser.get(reverse("library:correct", args=[finding.pk]), headers=FORM)
    wrong = act(browser, finding, "correct", {**CORRECTION, "value": "八十五", "seen": finding.version}, headers=FORM)
    right = act(browser, finding, "correct", {**CORRECTION, "value": "86", "seen": finding.version}, headers=FORM)

    assert form["X-Heqing-Piece"] == wrong["X-Heqing-Piece"] == "form"
    assert "<html" not in form.content.decode()
    assert "空气质量优良天数比例" in form.content.decode()  # the catalogue's name is offered
    assert wrong.status_code == 422
    assert right["X-Heqing-Piece"] == "card"
    assert "1 / 4 已核" in right.content.decode()
    assert fresh(finding).value == 86


def test_a_stale_correction_in_its_card_shows_what_the_other_did_and_keeps_what_was_typed(district, open_as, finding):
    browser = open_as(district.officer)
    typed = {**CORRECTION, "period": "2028", "seen": finding.version}
    actions.correct_finding(by=district.site_admin, at=AT, finding=finding, changes={"value": Decimal(88)})

    late = act(browser, finding, "correct", typed, headers=FORM)
    told = html.unescape(late.content.decode())

    assert (late.status_code, late["X-Heqing-Piece"]) == (409, "form")
    assert "第 1 条已由王建国于 2026-03-02 09:00 处理" in told
    assert "不低于 88 %" in told
    assert 'value="2028"' in told
    assert fresh(finding).period != "2028"


@pytest.mark.parametrize("deed", ["accept", "reject", "reopen"])
def test_a_stale_decision_in_place_gives_the_fresh_card(district, open_as, finding, deed):
    browser = open_as(district.officer)
    if deed == "reopen":
        actions.accept_finding(by=district.officer, at=AT, finding=finding)
    seen = fresh(finding).version
    actions.correct_finding(by=district.site_admin, at=AT, finding=finding, changes={"value": Decimal(88)})

    late = act(browser, finding, deed, {"seen": seen, "because": "与另一条重复"}, headers=CARD)
    card = html.unescape(late.content.decode())

    assert (late.status_code, late["X-Heqing-Piece"]) == (409, "card")
    assert "不低于 88 %" in card
    assert f'data-seen="{fresh(finding).version}"' in card
    assert "王建国" in card
    assert fresh(finding).state == "accepted"


def test_a_card_says_why_it_was_read_so_and_warns_of_what_is_missing(district, open_as, damaged):
    masked = damaged.findings.filter(gap="number_masked").first()
    Finding.objects.filter(pk=masked.pk).update(why=["masked", "named_before", "of_tomorrow"])
    page = page_of(open_as(district.officer), damaged)

    card = page[page.index(f'id="f{masked.number}"') :].split("</article>")[0]
    assert "▲ 数字被遮盖" in card
    assert "“XX”" in card
    assert "数字被遮；指标在数前；of_tomorrow" in card
    assert page.count('mask"') == 2
    assert page.count("data-gap=") == 3  # two masks and one inferred name


def test_a_rejection_without_a_script_is_chosen_on_its_page(district, open_as, finding):
    browser = open_as(district.officer)
    page = act(browser, finding, "reject", {"seen": finding.version, "other": " "})
    assert page.status_code == 422
    assert 'value="与另一条重复"' in page.content.decode()

    act(browser, finding, "reject", {"seen": finding.version, "other": "已在上级文件中"})

    assert fresh(finding).because == "已在上级文件中"


# --- filters ------------------------------------------------------------------------------------------------------


def test_filters_show_what_they_count(district, open_as, damaged):
    browser = open_as(district.officer)
    actions.accept_finding(by=district.officer, at=AT, finding=damaged.findings.first())
    findings = list(queries.findings_of(damaged))

    for facet in Filters.of({}).facets(findings):
        for choice in facet.choices:
            page = browser.get(f"{reverse('library:document', args=[damaged.pk])}?{choice.query}").content.decode()
            assert page.count("<article") == choice.count, (facet.key, choice.value)


def test_two_filters_narrow_together_and_each_counts_under_the_other(damaged):
    findings = list(queries.findings_of(damaged))
    filters = Filters.of({"gap": "number_masked", "pillar": "water", "show": "nonsense", "sure": "often", "page": "2"})

    shown = [finding for finding in findings if filters.fits(finding)]
    facets = {facet.key: facet for facet in filters.facets(findings)}

    assert dict(filters.chosen) == {"gap": "number_masked", "pillar": "water"}
    assert shown
    assert all(finding.gap == "number_masked" and finding.pillar == "water" for finding in shown)
    counts = {choice.value: choice.count for choice in facets["pillar"].choices}
    assert counts[""] == sum(finding.gap == "number_masked" for finding in findings)


# --- names of indicators ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [("优良率", "空气质量优良天数比例"), ("pm2.5", "PM2.5平均浓度"), ("空气质量优良天数比例", "空气质量优良天数比例")],
)
def test_a_likely_name_is_offered(db, typed, name):
    assert name in queries.suggest_indicators(typed, unit="%" if "优良" in typed else "微克/立方米", pillar="air")[:4]


def test_a_name_of_ones_own_is_offered_from_then_on_until_it_is_refused(district, open_as, finding):
    browser = open_as(district.officer)
    act(browser, finding, "correct", {**CORRECTION, "indicator": "蓝天好日子占比", "seen": finding.version})
    address = reverse("library:names")

    offered = browser.get(address, {"indicator": "好日子"}).content.decode()
    ProposedWord.objects.filter(table="indicators").update(state="refused")
    after = browser.get(address, {"indicator": "好日子"}).content.decode()

    assert "蓝天好日子占比" in offered
    assert "蓝天好日子占比" not in after


# --- what it costs ------------------------------------------------------------------------------------------------


def test_a_review_asks_the_database_the_same_however_many_findings_and_never_for_the_text_again(
    district, open_as, speech
):
    browser = open_as(district.officer)
    page_of(browser, speech)

    with CaptureQueriesContext(connection) as asked:
        page_of(browser, speech)

    texts = [query["sql"] for query in asked if '"library_document"."text"' in query["sql"]]
    assert len(texts) == 1
