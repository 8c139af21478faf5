"""Targets without a finding: typed, brought as a sheet and taken back, masked numbers, under another target."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.site.conftest import AT, DAY

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger import queries
from heqing_site.ledger.entering import Typed, attach_target, enter_target
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.rules import Change, SourceKind, is_masked, number_typed
from heqing_site.sheets.models import Intake

FIRMS = Typed(title="整治散乱污企业", comparator=">=", bound="150", unit="家", period="2026", pillar="industry")


def refused(code, act):
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    assert refusal.value.code == code
    assert refusal.value.sentence("zh-hans")


@pytest.fixture
def enter(district):
    def act(typed=FIRMS, *, by=None, lead=None, **facts):
        return enter_target(
            by=by or district.officer, at=AT, typed=typed, lead=lead or district.bureau, because="专题会议", **facts
        )

    return act


def test_a_target_is_entered_with_lead_source_and_indicator(enter):
    terms = enter().terms.get()

    assert (terms.change, terms.bound, terms.unit, terms.gap) == (Change.ENTER, 150, "家", "")
    assert (terms.period_start.year, terms.source_kind, terms.source_from) == (2026, "reported", "catalogue")
    assert terms.target.indicator.code == "industry.scattered"
    assert AuditEntry.objects.first().action == "ledger.enter_target"
    assert terms.target.finding is None


@pytest.mark.parametrize(
    ("written", "masked"), [("XX", True), ("2X", True), ("**", True), ("×", True), ("Ｘ", True), ("150", False)]
)
def test_a_masked_number_stays_a_gap(enter, written, masked):
    terms = enter(Typed(title="整治企业", comparator=">=", bound=written, unit="家", pillar="industry")).terms.get()

    assert is_masked(written) is masked
    assert (terms.bound is None, terms.gap, terms.bound_text) == (masked, "number_masked" if masked else "", written)


def test_what_entering_refuses(enter, district):
    refused("target.bound_missing", lambda: enter(Typed(title="甲", comparator=">=")))
    refused("target.bound_unread", lambda: enter(Typed(title="甲", comparator=">=", bound="很多")))
    refused("target.title_missing", lambda: enter(Typed(title=" ", comparator=">=", bound="1")))
    refused("target.period_unclear", lambda: enter(Typed(title="甲", comparator=">=", bound="1", period="近期")))
    refused("target.no_parts", lambda: enter(Typed(title="甲", comparator=">=", bound="1", source=SourceKind.PARTS)))
    refused(PERMISSION_MISSING, lambda: enter(lead=district.east))
    refused(PERMISSION_MISSING, lambda: enter(by=district.clerk))
    enter()
    refused("target.stands_already", enter)
    assert Target.objects.count() == 1


def test_a_target_is_hung_under_another_one_but_never_under_itself(enter, district):
    whole = enter()
    part = enter(Typed(title="整治散乱污企业", comparator=">=", bound="60", unit="家", period="2026"), parent=whole)
    other = enter(Typed(title="另一项", comparator=">=", bound="60", unit="家", period="2026"))
    who = {"by": district.officer, "at": AT, "because": "归口"}

    assert part.terms.get().parent == whole
    attach_target(**who, target=other, parent=part)
    refused("target.below_itself", lambda: attach_target(**who, target=whole, parent=other))
    refused("target.nothing_changed", lambda: attach_target(**who, target=other, parent=part))
    attach_target(**who, target=other, parent=None)
    assert queries.terms_of(other, as_of=DAY).parent is None


@pytest.mark.parametrize(
    ("written", "number"), [("1,500", 1500), ("２．５", Decimal("2.5")), ("-3", -3), ("3%", None), ("", None)]
)
def test_numbers_are_read_as_people_write_them(written, number):
    assert number_typed(written) == number


# --- pages and sheets ---------------------------------------------------------------------------------------------


def test_the_page_enters_a_target(open_as, district):
    browser = open_as(district.officer)
    facts = {
        "title": "整治散乱污企业", "comparator": ">=", "bound": "XX", "unit": "家", "period": "2026",
        "pillar": "industry", "lead": district.bureau.pk, "strength": "ensure", "because": "专题会议",
    }  # fmt: skip

    page = browser.post(reverse("ledger:enter"), facts, follow=True).content.decode()

    assert "已录入为目标 1" in page
    assert "补录目标值" in page
    assert browser.post(reverse("ledger:enter"), {**facts, "bound": ""}).status_code == 422
    assert browser.post(reverse("ledger:enter"), {**facts, "parent": "99"}).status_code == 422


def _sheet(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def _bring(browser, book) -> Intake:
    out = io.BytesIO()
    book.save(out)
    browser.post(reverse("ledger:sheet"), {"file": SimpleUploadedFile("目标.xlsx", out.getvalue())})
    return Intake.objects.order_by("-pk").first()


def _column(sheet, name):
    for line in sheet.iter_rows(min_row=1, max_row=5):
        for cell in line:
            if cell.value is not None and str(cell.value).startswith(name):
                return cell.row, cell.column
    raise AssertionError(name)


def test_what_goes_out_comes_back_unchanged_and_a_mended_cell_amends_with_its_reason(enter, open_as, district):
    target = enter()
    enter(Typed(title="遮盖", comparator="<=", bound="XX", unit="吨", period="2026", pillar="air"), parent=target)
    enter(Typed(title="出台方案", comparator="complete", period="2026", pillar="governance"))
    browser = open_as(district.officer)
    book = _sheet(browser.get(reverse("ledger:sheet_export")).content)

    same = _bring(browser, book)
    assert (same.taken, same.unchanged, same.rejected) == (0, 3, [])
    head, bound = _column(book.worksheets[0], "目标值")
    book.worksheets[0].cell(head + 1, bound).value = 160
    without = _bring(browser, book)
    assert (without.taken, without.unchanged, len(without.rejected)) == (0, 2, 1)
    assert without.rejected[0]["faults"][0]["column"] == "调整理由"
    book.worksheets[0].cell(head + 1, _column(book.worksheets[0], "调整理由")[1]).value = "加码"
    mended = _bring(browser, book)
    assert (mended.taken, mended.unchanged, mended.rejected) == (1, 2, [])
    newest = target.terms.order_by("-pk")[0]
    assert (newest.bound, newest.because) == (160, "加码")
    assert TargetTerms.objects.filter(title="遮盖").get().gap == "number_masked"


def test_new_rows_are_entered_once_and_each_fault_is_told_in_its_row(open_as, district):
    browser = open_as(district.officer)
    pasted = "\n".join(
        "\t".join(cells)
        for cells in (
            ("指标", "要求", "目标值", "单位", "期限", "领域", "牵头单位"),
            ("整治散乱污企业", "≥", "150", "家", "2026", "产业", "清河区生态环境局"),
            ("煤炭消费量", "≤", "**", "万吨", "2026", "能源", "清河区生态环境局"),
            ("某项", "大约", "1", "家", "2026", "产业", "清河区生态环境局"),
            ("某项", "≥", "1", "家", "2026", "产业", "没有这个局"),
            ("别人的", "≥", "1", "家", "2026", "产业", "东溪镇"),
        )
    )

    browser.post(reverse("ledger:sheet"), {"pasted": pasted})
    first = Intake.objects.get()
    assert (first.taken, len(first.rejected)) == (2, 3), first.rejected
    assert {fault["column"] for row in first.rejected for fault in row["faults"]} == {"要求", "牵头单位", "整行"}
    browser.post(reverse("ledger:sheet"), {"pasted": pasted})
    assert Target.objects.count() == 2
    assert Intake.objects.order_by("-pk")[0].unchanged == 2


def test_the_empty_sheet_names_every_column(open_as, district):
    sheet = _sheet(open_as(district.officer).get(reverse("ledger:sheet_template")).content).worksheets[0]

    for name in ("编号", "指标", "上级目标编号", "调整理由"):
        assert _column(sheet, name)
