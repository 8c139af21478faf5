"""The pages of the ledger: what they show, forms that act, refusals in words, lists whose queries do not grow."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.site.conftest import AT, DAY

from heqing_site.ledger import actions
from heqing_site.ledger.models import Duty, Target, TargetTerms
from heqing_site.ledger.rules import Light, Origin, Standing
from heqing_site.orgs.models import Unit

LEDGER = "/ledger/"


@pytest.fixture
def browser(district, open_as):
    return open_as(district.site_admin)


def text(response) -> str:
    return response.content.decode()


def test_an_empty_ledger_says_what_to_do_next(browser):
    page = text(browser.get(LEDGER))

    assert "还没有目标" in page
    assert reverse("ledger:documents") in page


def test_the_ledger_shows_bound_reason_lead_and_source_and_says_what_is_invented(adopt, browser, district):
    target = adopt(quote="PM2.5不高于25")
    type(target.document).objects.filter(pk=target.document_id).update(is_invented=True)

    page = text(browser.get(LEDGER))

    for words in (
        "不高于 25 微克/立方米",
        "等待清河区接入 2026 年监测数据",
        "系统默认，待核定",
        "监测 · 每日",
        "演示数据",
    ):
        assert words in page
    assert 'title="PM2.5不高于25"' in page
    assert "共 1 项目标" in page


def test_the_ledger_is_filtered_by_pillar_unit_source_document_and_words(adopt, browser, district):
    adopt(indicator="管网长度", unit="公里", comparator=">=", pillar="water", lead=district.east)
    air = adopt(lead=district.bureau)

    def numbers(**asked: object) -> list[int]:
        rows = [group[1] for group in browser.get(LEDGER, asked).context["groups"]]
        return [row.target.number for group in rows for row in group]

    assert numbers() == [2, 1]
    assert numbers(pillar="water") == [1]
    assert numbers(source="instrument") == [2]
    assert numbers(unit=district.east.pk) == [1]
    assert numbers(unit=district.district.pk) == [2, 1]
    assert numbers(document=air.document_id) == [2]
    assert numbers(q="管网") == [1]
    assert numbers(q="东溪") == [1]
    assert numbers(q="没有这个词") == []
    assert numbers(by="unit") == [2, 1]
    assert numbers(pillar="nonsense", unit="x", document="-1", as_of="gestern", source="?", by="?") == [2, 1]
    assert numbers(as_of="2026-02-09") == []


def green_if_even(targets, as_of, total):
    return {Light.GREEN: sum(row.number % 2 == 0 for row in Target.objects.filter(pk__in=targets))}


def stand_if_even(terms, as_of):
    return {
        row.target_id: Standing(Decimal(20), Light.GREEN, "低于目标。") for row in terms if row.target.number % 2 == 0
    }


@pytest.mark.parametrize("path", [f"{__name__}.green_if_even", ""])
def test_lights_are_counted_over_all_pages_and_lines_are_built_for_the_one_shown(
    adopt, browser, settings, monkeypatch, path
):
    settings.LEDGER_STANDING, settings.LEDGER_LIGHTS = f"{__name__}.stand_if_even", path
    monkeypatch.setattr("heqing_site.ledger.views.ROWS_ON_A_PAGE", 3)
    for pillar in ("water", "air", "water", "air", "water"):
        adopt(pillar=pillar)

    first, second = (browser.get(LEDGER, {"page": number}) for number in (1, 2))

    assert [row.target.number for page in (first, second) for _, rows in page.context["groups"] for row in rows] == [
        2, 4, 1, 3, 5,
    ]  # fmt: skip
    for page in (first, second):
        assert "共 5 项目标" in text(page)
        assert '<span class="light green">正常 2</span><span class="light grey">待报 3</span>' in text(page)
        assert "5 项的牵头单位是系统默认" in text(page)
    assert text(first).count("低于目标。") == 2
    assert "低于目标。" not in text(second)


def test_words_of_a_document_cannot_become_markup(adopt, browser):
    adopt(indicator="<script>alert(1)</script>", quote='"><script>alert(2)</script>')

    for address in (LEDGER, reverse("ledger:target", args=[1])):
        assert "<script>alert" not in text(browser.get(address))


def test_the_export_holds_the_same_rows_and_no_formula(adopt, browser):
    adopt(indicator="=HYPERLINK(1)", quote="-1+2")
    adopt(indicator="管网长度", unit="公里", comparator=">=", pillar="water", value=Decimal("12.50"))

    response = browser.get(reverse("ledger:export"), {"pillar": "", "format": "csv"})

    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["编号"] for row in rows] == ["1", "2"]
    assert rows[0]["指标"] == "'=HYPERLINK(1)"
    assert rows[0]["原文"] == "'-1+2"
    assert rows[1]["目标值"] == "12.5"
    assert "filename" in response["Content-Disposition"]
    only = browser.get(reverse("ledger:export"), {"pillar": "water", "format": "csv"})
    assert len(only.content.decode("utf-8-sig").strip().splitlines()) == 2


def test_the_export_is_a_workbook_with_numbers_and_no_formula(adopt, browser):
    adopt(indicator="=HYPERLINK(1)", quote="-1+2")
    adopt(indicator="管网长度", unit="公里", comparator=">=", pillar="water", value=Decimal("12.50"))

    response = browser.get(reverse("ledger:export"))

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = [dict(zip([cell.value for cell in sheet[1]], row, strict=True)) for row in sheet.iter_rows(min_row=2)]
    assert [row["编号"].value for row in rows] == [1, 2]
    assert (rows[0]["指标"].value, rows[0]["指标"].data_type) == ("=HYPERLINK(1)", "s")
    assert rows[0]["原文"].data_type == "s"
    assert (rows[1]["目标值"].value, rows[1]["目标值"].data_type) == (12.5, "n")
    assert ".xlsx" in response["Content-Disposition"]


def test_a_target_shows_its_sentence_in_its_document_without_page_noise(adopt, browser):
    adopt(quote="细颗粒物降到二十五以下")

    page = text(browser.get(reverse("ledger:target", args=[1])))

    assert "<mark>细颗粒物降到二十五以下</mark>" in page
    assert "一、治气。由区生态环境局牵头。" in page
    assert "二、治水。由区水利局负责。" in page
    assert "打印本页" not in page
    assert "清河区" in page
    assert "系统默认：文件没有点名" in page


def test_a_target_that_is_not_there_is_not_found(browser):
    assert browser.get(reverse("ledger:target", args=[404])).status_code == 404
    assert browser.get(reverse("ledger:amend", args=[404])).status_code == 404


def typed(terms: TargetTerms, **other: object) -> dict[str, object]:
    facts = {
        "title": terms.title, "comparator": terms.comparator, "bound": terms.bound_plain, "unit": terms.unit,
        "period_text": terms.period_text, "strength": terms.strength, "pillar": terms.pillar,
        "valid_from": timezone.localdate().isoformat(), "because": "会议纪要", "seen": terms.pk,
    }  # fmt: skip
    return {**facts, **other}


def test_a_masked_number_is_entered_by_the_form_and_stays_in_the_history(adopt, browser):
    target = adopt(value=None, value_text="**", gap="number_masked")
    address = reverse("ledger:amend", args=[1])
    assert "补录目标值" in text(browser.get(reverse("ledger:target", args=[1])))

    response = browser.post(address, typed(target.terms.get(), bound="38.5"), follow=True)

    page = text(response)
    assert "已记入新条款" in page
    assert "不高于 38.5 微克/立方米" in page
    assert '<span class="was">不高于 ** 微克/立方米</span>' in page


def test_a_bound_with_sixteen_digits_is_refused_by_the_form_in_a_sentence(adopt, browser):
    target = adopt()
    address = reverse("ledger:amend", args=[1])

    refused = browser.post(address, typed(target.terms.get(), bound="1234567890123456"))
    kept = browser.post(address, typed(target.terms.get(), bound="123456789012345"))

    assert refused.status_code == 422
    assert "目标值过长：有效数字不超过 15 位" in text(refused)
    assert kept.status_code == 302
    assert [terms.bound for terms in target.terms.all()] == [25, 123456789012345]


def test_an_inferred_indicator_is_confirmed_by_the_form(adopt, browser):
    target = adopt(gap="indicator_inferred")
    address = reverse("ledger:amend", args=[1])
    assert "已核对指标名称" in text(browser.get(address))

    browser.post(address, typed(target.terms.get(), indicator_is_checked="on"))

    assert target.terms.last().gap == ""


def test_of_two_officers_the_second_is_told_and_loses_nothing(adopt, browser):
    target = adopt()
    address = reverse("ledger:amend", args=[1])
    first = target.terms.get()
    browser.post(address, typed(first, bound="24"))

    response = browser.post(address, typed(first, bound="23", because="我的理由"))

    assert response.status_code == 422
    assert "刚刚由王建国（admin）变更过" in text(response)
    assert "我的理由" in text(response)
    assert [terms.bound for terms in target.terms.all()] == [25, 24]


def test_lead_and_source_are_set_and_the_target_withdrawn_by_forms(adopt, browser, district):
    target = adopt()
    day = timezone.localdate().isoformat()
    browser.post(
        reverse("ledger:lead", args=[1]), {"unit": district.bureau.pk, "valid_from": day, "because": "专题会议"}
    )
    assert target.terms.last().lead_unit == district.bureau
    form = {"source_kind": "reported", "rhythm": "month", "statistic": "", "valid_from": day, "because": "没有站点"}
    browser.post(reverse("ledger:source", args=[1]), form)
    assert target.terms.last().source_kind == "reported"
    refused = browser.post(reverse("ledger:source", args=[1]), {**form, "source_kind": "instrument"})
    assert "请从目录中选择统计项" in text(refused)
    browser.post(reverse("ledger:withdraw", args=[1]), {"valid_from": day, "because": "上级取消"})

    assert "共 0 项目标" in text(browser.get(LEDGER))
    page = text(browser.get(reverse("ledger:target", args=[1])))
    assert f"自 {day} 起撤销" in page
    assert reverse("ledger:amend", args=[1]) not in page


def test_without_the_right_the_page_hides_the_deeds_and_the_address_refuses_them(adopt, district, open_as):
    target = adopt()
    browser = open_as(district.clerk)

    page = text(browser.get(reverse("ledger:target", args=[1])))
    response = browser.post(reverse("ledger:amend", args=[1]), typed(target.terms.get(), bound="1"))

    assert reverse("ledger:amend", args=[1]) not in page
    assert response.status_code == 403
    assert target.terms.count() == 1


def test_strangers_are_sent_to_the_login(client, db):
    for name in ("ledger", "export", "documents", "duties"):
        assert client.get(reverse(f"ledger:{name}")).status_code == 302


def test_a_document_is_adopted_one_by_one_and_whole(write, browser, district):
    proposed = {"state": "proposed", "decided_by": None, "decided_at": None}
    document = write({}, {"quote": "另一句", **proposed})
    address = reverse("ledger:adopt", args=[document.pk])
    assert document.title in text(browser.get(reverse("ledger:documents")))
    assert "2 条待采纳，其中 1 条已核对" in text(browser.get(address))

    first, second = document.findings.order_by("number")
    browser.post(reverse("ledger:adopt_finding", args=[first.pk]))
    refused = browser.post(reverse("ledger:adopt_finding", args=[second.pk]))
    whole = browser.post(address, {"lead": district.east.pk, "period": "", "accept": "on"}, follow=True)

    assert refused.status_code == 409
    assert "尚未核对" in text(refused)
    assert "已采纳 1 项目标，1 项原已在台账" in text(whole)
    assert Target.objects.get(number=2).terms.get().lead_from == Origin.OFFICER


def test_an_unclear_period_is_said_on_the_page(write, browser):
    document = write({"period": ""})

    response = browser.post(reverse("ledger:adopt", args=[document.pk]), {"period": "明年"})

    assert response.status_code == 422
    assert "不能识别" in text(response)


def test_the_duty_list_shows_owners_gaps_and_who_usually_owns(browser, district, water_office):
    page = text(browser.get(reverse("ledger:duties")))
    assert "16 个领域中 0 个已明确" in page
    assert f"?pillar=water&amp;unit={water_office.pk}" in page

    typed = {"pillar": "water", "unit": water_office.pk, "valid_from": "2026-01-01", "because": "三定"}
    browser.post(reverse("ledger:add_duty"), typed)
    page = text(browser.get(reverse("ledger:duties")))
    assert "2026-01-01 至今" in page
    duty = Duty.objects.get()
    browser.post(reverse("ledger:end_duty", args=[duty.pk]), {"last_day": "2026-01-31", "because": "调整"})

    page = text(browser.get(reverse("ledger:duties")))
    assert "2026-01-01 至 2026-01-31" in page
    assert "以前由谁负责" in page


@pytest.mark.parametrize("address", ["/ledger/", "/ledger/?by=unit&q=PM", "/ledger/adopt/", "/ledger/duties/"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(adopt, write, browser, district, address):
    def fill(name: str, count: int) -> None:
        unit = Unit.objects.create(name=name, code=name, kind="department", active_from=DAY)
        actions.set_duty(by=district.site_admin, at=AT, unit=unit, pillar="air", valid_from=DAY, because="三定")
        for _ in range(count):
            adopt(lead=unit)
            write({})

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(address).status_code == 200
        return len(caught)

    fill("甲局", 2)
    few = queries()
    Duty.objects.all().delete()
    fill("乙局", 7)

    assert queries() == few
    assert few < 20


def test_the_menu_leads_to_the_ledger(browser):
    assert f'href="{LEDGER}"' in text(browser.get(reverse("home")))


@pytest.mark.parametrize("register", ["indicator", "target", "targetterms", "duty"])
def test_the_back_office_shows_and_changes_nothing(adopt, browser, register):
    adopt()

    page = browser.get(f"/admin/ledger/{register}/")

    assert page.status_code == 200
    assert browser.get(f"/admin/ledger/{register}/add/").status_code == 403
