"""The pages of reporting: forms that act without scripts, refusals in words, nothing lost, lists that do not grow."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.reporting.conftest import FEBRUARY, LATER, PNG, typed

from heqing_site.reporting import actions
from heqing_site.reporting.models import Closing, Evidence, ReportEntry
from heqing_site.reporting.rules import State

MINE = "/reporting/?month=2026-02"
CHECK = "/reporting/check/"
NOW = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text(response) -> str:
    return response.content.decode()


def fields(target, value="", seen=0, **more) -> dict[str, object]:
    key = f"{target.number}.2026-02"
    return {f"seen-{key}": seen, f"{key}-value": value, f"{key}-value_date": "2026-02-28", f"{key}-note": "", **more}


def test_a_unit_sees_what_it_owes_and_nothing_else(office, target, open_as, district):
    target(indicator="<script>alert(1)</script>")
    target(indicator="西塘镇的事", lead=district.west)

    page = text(open_as(office.reporter).get(MINE))

    assert "东溪镇 · 2026 年 2 月" in page
    assert "<script>alert" not in page
    assert "西塘镇的事" not in page
    assert "不低于 24 公里" in page
    assert 'capture="environment"' in page
    assert "2026-03-05 前报" in page


def test_typed_values_are_saved_and_submitted_by_one_button(office, target, open_as):
    first, second = target(), target(indicator="整治河道")
    browser = open_as(office.reporter)
    photo = SimpleUploadedFile("现场.png", PNG)

    browser.post(MINE, {**fields(first, "3.5"), **fields(second), f"files-{first.number}.2026-02": photo})
    assert ReportEntry.objects.get().state == State.DRAFT
    assert Evidence.objects.get().file_name == "现场.png"
    answer = browser.post(MINE, {**fields(first, "3.5", 1), **fields(second), "deed": "submit"}, follow=True)

    assert "已提交 1 项" in text(answer)
    assert [row.state for row in ReportEntry.objects.order_by("number")] == [State.DRAFT, State.SUBMITTED]


def test_one_item_is_submitted_by_its_own_button(office, target, open_as):
    first, second = target(), target(indicator="整治河道")

    open_as(office.reporter).post(
        MINE, {**fields(first, "1"), **fields(second, "2"), "only": f"{second.number}.2026-02"}
    )

    entry = ReportEntry.objects.get()
    assert (entry.report.target, entry.state) == (second, State.SUBMITTED)


def test_a_mistake_keeps_what_was_typed_and_does_not_stop_the_other_rows(office, target, open_as):
    first, second = target(), target(indicator="整治河道")

    answer = open_as(office.reporter).post(MINE, {**fields(first, "三公里"), **fields(second, "2")})

    assert answer.status_code == 409
    assert "“三公里”不是数字" in text(answer)
    assert 'value="三公里"' in text(answer)
    assert ReportEntry.objects.get().report.target == second


def test_two_officers_on_one_row(office, target, open_as):
    aim = target()
    actions.save_draft(by=office.reporter, at=LATER, target=aim, period=FEBRUARY, typed=typed(3))

    answer = open_as(office.reporter).post(MINE, fields(aim, "9", seen=0))

    assert answer.status_code == 409
    assert "没有覆盖它" in text(answer)
    assert 'value="9"' in text(answer)
    assert 'name="seen-1.2026-02" value="1"' in text(answer)
    assert ReportEntry.objects.count() == 1


def test_a_row_is_saved_as_it_is_typed(office, target, open_as):
    aim = target()
    browser = open_as(office.reporter)
    address = reverse("reporting:save_row") + "?month=2026-02"

    good = browser.post(address, {**fields(aim, "3"), "only": "1.2026-02"})
    bad = browser.post(address, {**fields(aim, "x", 1), "only": "1.2026-02"})
    stray = browser.post(address, {"only": "9.2026-02"})

    assert (good.status_code, good.json()["seen"], good.json()["faults"]) == (200, 1, [])
    assert (bad.status_code, stray.status_code) == (409, 409)
    assert "不是数字" in bad.json()["faults"][0]


def test_a_wrong_file_is_told_and_the_value_stays_on_the_page(office, target, open_as):
    aim = target()
    wrong = SimpleUploadedFile("run.exe", b"MZ")

    answer = open_as(office.reporter).post(MINE, {**fields(aim, "3"), "files-1.2026-02": wrong})

    assert "run.exe" in text(answer)
    assert 'value="3"' in text(answer)
    assert not ReportEntry.objects.exists()


def test_who_may_not_report_sees_no_field_and_changes_nothing(district, target, open_as):
    aim = target()
    browser = open_as(district.clerk)

    assert "没有要填报的单位" in text(browser.get(MINE))
    browser.post(MINE, fields(aim, "3"))
    assert not ReportEntry.objects.exists()


def test_the_checker_accepts_and_returns_with_a_reason(office, submitted, open_as):
    browser = open_as(office.checker)
    page = text(browser.get(CHECK))
    assert "新建污水管网" in page
    assert "没有佐证" in page
    address = reverse("reporting:return", args=[submitted.report_id])

    empty = browser.post(address, {"seen": 1, "because": " "})
    assert empty.status_code == 409
    assert "请写明理由" in text(empty)
    browser.post(address, {"seen": 1, "because": "<b>口径</b>"})
    assert submitted.report.entries.last().state == State.RETURNED
    assert "<b>口径" not in text(browser.get(reverse("reporting:target", args=[1])))
    assert "没有等您审核" in text(browser.get(CHECK))
    stale = browser.post(reverse("reporting:accept", args=[submitted.report_id]), {"seen": 2})
    assert stale.status_code == 409


def test_the_desk_accepts(office, submitted, open_as):
    browser = open_as(office.checker)

    answer = browser.post(reverse("reporting:accept", args=[submitted.report_id]), {"seen": 1}, follow=True)

    assert "已审核通过" in text(answer)
    assert submitted.report.entries.last().state == State.ACCEPTED


def test_ones_own_reports_are_not_on_ones_desk(office, submitted, open_as):
    assert "没有等您审核" in text(open_as(office.reporter).get(CHECK))
    refused = open_as(office.reporter).post(reverse("reporting:accept", args=[submitted.report_id]), {"seen": 1})
    assert refused.status_code == 409
    assert submitted.report.entries.count() == 1


def test_evidence_is_opened_as_received(office, target, open_as):
    entry = actions.submit(
        by=office.reporter, at=LATER, target=target(), period=FEBRUARY,
        typed=typed(3, files=[actions.File("现场.png", PNG), actions.File("批文.docx", b"PK\x03\x04abc")]),
    )  # fmt: skip
    picture, letter = entry.evidence.all()
    browser = open_as(office.checker)

    shown, kept = (browser.get(reverse("reporting:evidence", args=[file.pk])) for file in (picture, letter))

    assert b"".join(shown.streaming_content) == PNG
    assert shown["Content-Type"] == "image/png"
    assert "inline" in shown["Content-Disposition"]
    assert "attachment" in kept["Content-Disposition"]
    assert "sandbox" in shown["Content-Security-Policy"]


def test_who_is_late_is_named(office, target, open_as, monkeypatch):
    target()
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 3, 9, 1, 0, tzinfo=UTC))

    page = text(open_as(office.district.clerk).get(reverse("reporting:late")))

    assert "1 个单位欠 1 项" in page
    assert "东溪镇" in page
    assert "2026 年 2 月" in page


def test_a_month_is_closed_and_reopened_on_its_page(office, target, open_as, district):
    aim = target()
    browser = open_as(office.checker)
    browser.post(reverse("reporting:close"), {"unit": district.district.pk, "month": "2026-02"})
    closing = Closing.objects.get()

    page = text(browser.get(MINE + f"&unit={office.town.pk}"))
    assert "已关账" in page
    assert f"seen-{aim.number}.2026-02" not in page
    browser.post(reverse("reporting:reopen", args=[closing.pk]), {"because": ""})
    assert Closing.objects.standing().exists()
    browser.post(reverse("reporting:reopen", args=[closing.pk]), {"because": "统计更正"})
    assert not Closing.objects.standing().exists()
    bad = browser.post(reverse("reporting:close"), {"unit": district.district.pk, "month": "2026-03"})
    assert bad.status_code == 409
    assert browser.post(reverse("reporting:close"), {"unit": "x", "month": "März"}).status_code == 422


def test_an_accepted_value_is_corrected_on_its_page(office, submitted, open_as):
    actions.accept_entry(by=office.checker, at=LATER, report=submitted.report)
    browser = open_as(office.reporter)
    address = reverse("reporting:correct", args=[1]) + "?period=2026-02"
    sent = {"period": "2026-02", "seen": 2, "value": "4", "value_date": "2026-02-28", "note": ""}

    assert "2026 年 2 月" in text(browser.get(address))
    assert browser.post(address, sent).status_code == 422
    assert browser.post(address, {**sent, "because": "漏计"}).status_code == 302
    assert submitted.report.entries.last().state == State.SUBMITTED
    browser.post(reverse("reporting:withdraw", args=[1]), {"period": "2026-02", "seen": 3})
    assert submitted.report.entries.last().state == State.WITHDRAWN
    assert browser.get(reverse("reporting:correct", args=[1]) + "?period=x").status_code == 404


# --- the sheet ----------------------------------------------------------------------------------------------------


def take_in(browser, rows, encoding="utf-8-sig", name="填报.csv"):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    file = SimpleUploadedFile(name, out.getvalue().encode(encoding))
    return browser.post(reverse("reporting:take_in") + "?month=2026-02", {"file": file}, follow=True)


def sheet_of(browser):
    response = browser.get(reverse("reporting:sheet") + "?month=2026-02")
    assert ".xlsx" in response["Content-Disposition"]
    return openpyxl.load_workbook(io.BytesIO(response.content))


def take_in_book(browser, book, name="填报.xlsx"):
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile(name, out.getvalue())
    return browser.post(reverse("reporting:take_in") + "?month=2026-02", {"file": file}, follow=True)


def test_the_sheet_goes_out_and_comes_back(office, target, open_as):
    target(indicator="=1+1")
    browser = open_as(office.reporter)
    book = sheet_of(browser)
    sheet = book["填报"]
    assert (sheet["C2"].value, sheet["C2"].data_type, sheet["C2"].protection.locked) == ("=1+1", "s", True)
    assert not sheet["G2"].protection.locked
    sheet["G2"], sheet["I2"], sheet["J2"] = 1234.5, date(2026, 2, 28), "-说明"

    answer = take_in_book(browser, book)

    assert "保存草稿 1 项" in text(answer)
    entry = ReportEntry.objects.get()
    assert (entry.value_plain, entry.value_date, entry.note, entry.state) == (
        "1234.5", date(2026, 2, 28), "-说明", State.DRAFT,
    )  # fmt: skip
    again = take_in_book(browser, sheet_of(browser))
    assert "保存草稿 0 项" in text(again)
    assert ReportEntry.objects.count() == 1


def test_the_sheet_also_comes_back_as_comma_separated_text_of_chinese_excel(office, target, open_as):
    target(indicator="=1+1")
    browser = open_as(office.reporter)
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet_of(browser)["填报"].values]
    rows[1][6], rows[1][8], rows[1][9] = "1,234.5", "2026/2/28", "'-说明"

    answer = take_in(browser, rows, encoding="gb18030")

    assert "保存草稿 1 项" in text(answer)
    entry = ReportEntry.objects.get()
    assert (entry.value_plain, entry.value_date, entry.note) == ("1234.5", date(2026, 2, 28), "-说明")


def test_cells_of_a_workbook_that_cannot_be_taken_are_named_and_the_good_rows_are_saved(office, target, open_as):
    target()
    target(indicator="整治河道")
    target(indicator="清淤")
    target(indicator="植树")
    browser = open_as(office.reporter)
    book = sheet_of(browser)
    sheet = book["填报"]
    sheet["G2"], sheet["I2"] = 3, date(2026, 2, 28)
    sheet["G3"] = "=SUM(G2:G2)"
    sheet["G4"], sheet["G4"].number_format = 0.85, "0%"
    sheet["G5"] = 3
    sheet["I5"] = "后天"
    book.create_sheet("草稿纸")

    answer = take_in_book(browser, book)

    assert answer.status_code == 422
    faults = [(fault.row, fault.column, fault.typed) for fault in answer.context["outcome"].faults]
    assert faults == [(3, "数值", "=SUM(G2:G2)"), (4, "数值", "85%"), (5, "数值日期", "后天")]
    assert "公式" in text(answer)
    assert ReportEntry.objects.get().value_plain == "3"


def test_each_mistake_in_a_sheet_names_row_and_column_and_the_good_rows_are_saved(office, target, open_as, district):
    target()
    target(indicator="整治河道")
    target(indicator="西塘的事", lead=district.west)
    browser = open_as(office.reporter)
    head = ["目标编号", "期别", "数值", "是否办结", "数值日期", "说明", "版次"]
    rows = [
        head,
        ["1", "2026-02", "3", "", "2026-02-28", "", "0"],
        ["2", "2026-02", "三", "", "2026-02-28", "", "0"],
        ["2", "2026-02", "3", "", "后天", "", "0"],
        ["2", "2026-13", "3", "", "2026-02-28", "", "0"],
        ["99", "2026-02", "3", "", "2026-02-28", "", "0"],
        ["3", "2026-02", "3", "", "2026-02-28", "", "0"],
        ["2", "2026-01", "3", "", "2026-02-28", "", "0"],
        ["2", "2026-02", "", "也许", "2026-02-28", "", "0"],
        ["1", "2026-02", "4", "", "2026-02-28", "", "0"],
        ["2", "2026-02", "", "", "", "", "0"],
    ]

    answer = take_in(browser, rows)

    page = text(answer)
    assert answer.status_code == 422
    faults = [(fault.row, fault.column) for fault in answer.context["outcome"].faults]
    assert faults == [
        (3, "数值"), (4, "数值日期"), (5, "期别"), (6, "目标编号"), (7, "目标编号"), (8, "期别"),
        (9, "是否办结"), (10, "整行"),
    ]  # fmt: skip
    assert "第 3 行" in page
    assert ReportEntry.objects.get().report.target.number == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "另存为"),
        (b"a,b\n1,2", "缺少列"),
        (b"", "缺少列"),
        (b"\xff\xff\xff", "CSV UTF-8"),
        (b"a\x00b", "CSV UTF-8"),
    ],
)
def test_what_is_no_sheet_is_told(office, target, open_as, content, said):
    target()
    file = SimpleUploadedFile("填报.xlsx", content)

    answer = open_as(office.reporter).post(reverse("reporting:take_in"), {"file": file})

    assert answer.status_code == 422
    assert said in text(answer)


def test_a_sheet_that_is_too_large_is_not_taken_in_half(office, target, open_as, settings):
    target()
    settings.UPLOAD_LIMIT = 100
    head = ["目标编号", "期别", "数值", "是否办结", "数值日期", "说明", "版次"]

    answer = take_in(open_as(office.reporter), [head, ["1", "2026-02", "3", "", "2026-02-28", "长" * 40, "0"]])

    assert answer.status_code == 422
    assert "过大" in text(answer)
    assert not ReportEntry.objects.exists()


# --- lists --------------------------------------------------------------------------------------------------------


def test_the_number_of_queries_of_lists_does_not_grow_with_rows(office, target, open_as):
    def enter(count):
        for _ in range(count):
            actions.submit(
                by=office.reporter, at=LATER, target=target(), period=FEBRUARY,
                typed=typed(3, files=[actions.File("现场.png", PNG)]),
            )  # fmt: skip
            target(indicator="整治河道")

    def count(user, address):
        browser = open_as(user)
        browser.get(address)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(address).status_code == 200
        return len(seen)

    asked = [(office.reporter, MINE), (office.checker, CHECK), (office.checker, reverse("reporting:late")),
             (office.checker, reverse("reporting:periods"))]  # fmt: skip
    enter(1)
    few = [count(*each) for each in asked]
    enter(6)

    assert [count(*each) for each in asked] == few


def test_addresses_that_make_no_sense_are_answered_calmly(office, target, open_as):
    target()
    browser = open_as(office.checker)

    for address in (
        "/reporting/?month=nonsense&unit=x&page=-1", "/reporting/?month=2099-01", "/reporting/late/?month=2026",
        "/reporting/check/?unit=x&page=99", "/reporting/sheet/?unit=0",
    ):  # fmt: skip
        assert browser.get(address).status_code == 200
    assert browser.get("/reporting/targets/404/").status_code == 404
    assert browser.get("/reporting/evidence/404/").status_code == 404
