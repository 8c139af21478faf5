"""The close of a year: what is frozen, what may be changed after it, opening it again, and what is carried over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.site.conftest import AT

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, AppendOnlyError, RuleBrokenError
from heqing_site.ledger import actions, tree, year_end
from heqing_site.ledger.models import FinalLine, Plan, PlannedValue, Reopening, Target, YearEnd
from heqing_site.ledger.rules import Change, Light, Rhythm, SourceKind, Standing
from heqing_site.ledger.splitting import Part, split_target
from heqing_site.ledger.year_end import Carry, carry_over, close_year, reopen_year

NEW_YEAR = datetime(2027, 1, 20, 1, 0, tzinfo=UTC)
FIRMS = {
    "indicator": "整治散乱污企业", "comparator": ">=", "value": Decimal(150), "value_text": "150", "unit": "家",
    "pillar": "industry",
}  # fmt: skip
STANDINGS: dict[int, Standing] = {}


def standings(terms, as_of):
    return {row.target_id: STANDINGS[row.target_id] for row in terms if row.target_id in STANDINGS}


@pytest.fixture(autouse=True)
def _told_from_above(settings):
    settings.LEDGER_STANDING = f"{__name__}.standings"
    STANDINGS.clear()


def refused(code, act):
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    assert refusal.value.code == code
    assert refusal.value.sentence("zh-hans")


@pytest.fixture
def missed(adopt, district):
    """150 enterprises of the bureau, 120 reached at the end of the year."""
    target = adopt(lead=district.bureau, **FIRMS)
    STANDINGS[target.pk] = Standing(Decimal(120), Light.RED, "没有完成。", met=False)
    return target


@pytest.fixture
def close(district):
    def act(*, by=None, at=NEW_YEAR, unit=None, year=2026):
        return close_year(
            by=by or district.site_admin, at=at, unit=unit or district.district, year=year, because="考核通报"
        )

    return act


@pytest.fixture
def carry(district):
    def act(made, *carried, by=None, period="2027"):
        return carry_over(
            by=by or district.site_admin, at=NEW_YEAR, year_end=made, period=period, because="结转",
            carried=[Carry(target, None if bound is None else Decimal(bound)) for target, bound in carried],
        )  # fmt: skip

    return act


# --- closing ------------------------------------------------------------------------------------------------------


def test_each_target_of_the_year_is_frozen_with_its_last_word(missed, adopt, close, district):
    met = adopt(lead=district.east)
    STANDINGS[met.pk] = Standing(Decimal("23.1"), Light.GREEN, "完成。", met=True)
    unknown = adopt(lead=district.bureau, indicator="优良率", comparator=">=", unit="%", value=Decimal(90))
    long = adopt(lead=district.bureau, period="2026-2030")
    STANDINGS[long.pk] = Standing(Decimal(30), Light.YELLOW, "进行中。", met=None)
    adopt(lead=district.bureau, period="2027")

    made = close()

    found = {line.target: (line.outcome, line.value, line.light, line.is_over) for line in made.lines.all()}
    assert found == {
        missed: ("未完成", 120, "red", True),
        met: ("完成", Decimal("23.1"), "green", True),
        unknown: ("结论不明", None, "grey", True),
        long: ("跨年度，继续", 30, "yellow", False),
    }
    assert AuditEntry.objects.first().action == "ledger.close_year"
    STANDINGS[missed.pk] = Standing(Decimal(150), Light.GREEN, "补报。", met=True)
    assert made.lines.get(target=missed).value == 120


def test_what_a_close_refuses(missed, close, district):
    refused("year_end.not_over", lambda: close(at=datetime(2026, 12, 31, 1, 0, tzinfo=UTC)))
    refused("year_end.nothing", lambda: close(year=2024))
    refused("year_end.nothing", lambda: close(unit=district.east))
    refused(PERMISSION_MISSING, lambda: close(by=district.officer))
    close()
    refused("year_end.closed_already", close)
    assert YearEnd.objects.count() == 1


def test_a_department_closes_its_own_year_and_the_district_the_rest(missed, adopt, close, district):
    other = adopt(lead=district.east)
    ours = close(unit=district.bureau, by=district.officer)

    rest = close()

    assert [line.target for line in ours.lines.all()] == [missed]
    assert [line.target for line in rest.lines.all()] == [other]


def test_terms_of_a_closed_year_are_not_changed_until_it_is_opened_again(missed, adopt, close, district):
    long = adopt(lead=district.bureau, period="2026-2030")
    who = {"by": district.officer, "because": "更正"}
    made = close()

    def amend(target, at=NEW_YEAR, **facts):
        return actions.amend_target(at=at, target=target, changes={"note": "更正"}, **who, **facts)

    refused("target.year_closed", lambda: amend(missed))
    refused("target.year_closed", lambda: actions.withdraw_target(at=NEW_YEAR, target=missed, **who))
    refused("target.year_closed", lambda: actions.set_lead(
        at=NEW_YEAR, target=missed, unit=district.bureau, **who))  # fmt: skip
    refused("target.year_closed", lambda: actions.set_source(
        at=NEW_YEAR, target=missed, source_kind=SourceKind.DEED, rhythm=Rhythm.ONCE, **who))  # fmt: skip
    refused("target.year_closed", lambda: split_target(
        at=NEW_YEAR, target=missed, parts=[Part(district.east, Decimal(150))], **who))  # fmt: skip
    refused("target.year_closed", lambda: amend(long, valid_from=date(2026, 12, 31)))
    assert amend(long, valid_from=date(2027, 1, 1)).note == "更正"
    reopen_year(by=district.site_admin, at=NEW_YEAR, year_end=made, because="漏报一家")
    assert amend(missed).note == "更正"
    refused("year_end.open_already", lambda: reopen_year(
        by=district.site_admin, at=NEW_YEAR, year_end=made, because="再开"))  # fmt: skip
    again = close()
    assert (again.number, again.lines.count()) == (2, 2)
    refused("target.year_closed", lambda: actions.withdraw_target(at=NEW_YEAR, target=missed, **who))


def test_opening_again_needs_the_right_and_a_reason(missed, close, district):
    made = close()

    refused(PERMISSION_MISSING, lambda: reopen_year(
        by=district.officer, at=NEW_YEAR, year_end=made, because="改"))  # fmt: skip
    refused("because.missing", lambda: reopen_year(
        by=district.site_admin, at=NEW_YEAR, year_end=made, because=" "))  # fmt: skip


# --- carrying over ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reached", "met", "proposed"), [(120, False, "30"), (149, False, "1"), (150, True, "150")])
def test_what_remains_of_an_amount_is_proposed(missed, close, reached, met, proposed):
    STANDINGS[missed.pk] = Standing(Decimal(reached), Light.RED, "。", met=met)

    [line] = year_end.lines_of(close())

    assert (line.proposed, line.is_proposed) == (proposed, not met)


def test_a_level_goes_on_with_the_same_bound(adopt, close, district):
    target = adopt(lead=district.bureau)
    STANDINGS[target.pk] = Standing(Decimal(27), Light.RED, "。", met=False)

    assert year_end.lines_of(close())[0].proposed == "25"


def test_a_target_is_carried_over_once_as_a_new_one_that_names_the_old(missed, close, carry, district):
    made = close()
    [new] = carry(made, (missed, 30))
    terms = new.terms.get()

    assert (new.carried_from, terms.change, terms.bound, terms.period_text) == (missed, Change.CARRY, 30, "2027")
    assert (terms.period_start, terms.lead_unit, terms.title) == (date(2027, 1, 1), district.bureau, "整治散乱污企业")
    assert missed.terms.count() == 1
    refused("carry.carried_already", lambda: carry(made, (missed, 30)))
    assert Target.objects.count() == 2


def test_what_carrying_refuses(missed, adopt, close, carry, district):
    long = adopt(lead=district.bureau, period="2026-2030")
    other = adopt(lead=district.bureau, period="2027")
    made = close()

    refused("carry.period_is_closed", lambda: carry(made, (missed, 30), period="2026"))
    refused("target.period_unclear", lambda: carry(made, (missed, 30), period="明年"))
    refused("carry.no_line", lambda: carry(made, (long, 30)))
    refused("carry.no_line", lambda: carry(made, (other, 30)))
    refused("split.number_missing", lambda: carry(made, (missed, None)))
    refused("carry.nothing", lambda: carry(made))
    refused(PERMISSION_MISSING, lambda: carry(made, (missed, 30), by=district.clerk))
    reopen_year(by=district.site_admin, at=NEW_YEAR, year_end=made, because="改")
    refused("carry.not_closed", lambda: carry(made, (missed, 30)))
    assert Target.objects.count() == 3


def test_a_part_follows_its_whole_into_the_next_year(missed, close, carry, district):
    split_target(
        by=district.site_admin, at=AT, target=missed, because="分解", is_summed=True,
        parts=[Part(district.east, Decimal(90)), Part(district.west, Decimal(60))],
    )  # fmt: skip
    east = tree.parts_of(missed, as_of=date(2026, 6, 1))[0].target
    made = close()

    carry(made, (east, 20), (missed, 30))

    whole, part = Target.objects.get(carried_from=missed), Target.objects.get(carried_from=east)
    assert part.terms.get().parent == whole
    assert whole.terms.get().source_kind == SourceKind.REPORTED


# --- pages and record ---------------------------------------------------------------------------------------------


def test_the_pages_close_carry_and_open_again(missed, open_as, district):
    browser = open_as(district.site_admin)
    unit = district.district
    FinalLine.objects.count()
    assert "还没有结束" in browser.get(reverse("ledger:years"), {"unit": unit.pk, "year": 2026}).content.decode()
    made = close_year(by=district.site_admin, at=NEW_YEAR, unit=unit, year=2026, because="通报")
    line = made.lines.get()
    address = reverse("ledger:year_end", args=[made.pk])
    page = browser.get(address).content.decode()

    assert "完成 0 项，未完成 1 项" in page
    assert 'value="30"' in page
    assert "已定稿" in browser.get(reverse("ledger:years")).content.decode()
    assert "条款不再改动" in browser.get(reverse("ledger:target", args=[missed.number])).content.decode()
    wrong = browser.post(address, {f"carry.{line.pk}": "on", f"bound.{line.pk}": "三十", "period": "2027"})
    assert (wrong.status_code, Target.objects.count()) == (422, 1)
    facts = {f"carry.{line.pk}": "on", f"bound.{line.pk}": "30", "period": "2027", "because": "接着干"}
    assert "已结转为 2" in browser.post(address, facts, follow=True).content.decode()
    opened = browser.post(reverse("ledger:reopen_year", args=[made.pk]), {"because": "漏报"}, follow=True)
    assert "重新打开" in opened.content.decode()


def test_the_page_closes_a_past_year(adopt, open_as, district):
    adopt(lead=district.bureau, period="2025")
    browser = open_as(district.site_admin)
    facts = {"unit": district.district.pk, "year": 2025}

    assert "<strong>1</strong> 项目标待结账" in browser.get(reverse("ledger:years"), facts).content.decode()
    done = browser.post(reverse("ledger:years"), {**facts, "because": "通报"}, follow=True).content.decode()
    assert "1 项目标定稿" in done


@pytest.mark.parametrize("model", [YearEnd, FinalLine, Reopening, Plan, PlannedValue])
def test_rows_of_a_close_and_a_plan_are_only_added(missed, close, district, model):
    made = close()
    reopen_year(by=district.site_admin, at=NEW_YEAR, year_end=made, because="改")
    plan = Plan.objects.create(
        target=missed,
        number=1,
        basis="typed",
        valid_from=date(2026, 3, 2),
        recorded_at=AT,
        recorded_by="王",
        because="安排",
    )
    PlannedValue.objects.create(plan=plan, day=date(2026, 12, 31), value=150)
    row = model.objects.get()

    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        model.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete("default")


FAULTS = [
    (Plan, {"basis": "guess"}),
    (Plan, {"because": ""}),
    (Plan, {"number": 1}),
    (PlannedValue, {"value": None}),
    (PlannedValue, {"value": -1}),
    (YearEnd, {"because": ""}),
    (FinalLine, {"light": "blue"}),
    (Reopening, {"because": ""}),
]


@pytest.mark.parametrize(("model", "fault"), FAULTS)
def test_the_database_refuses_rows_that_say_nothing(missed, close, model, fault):
    made = close()
    said = {"recorded_at": AT, "recorded_by": "王", "because": "安排"}
    plan = Plan.objects.create(target=missed, number=1, basis="typed", valid_from=date(2026, 3, 2), **said)
    facts = {
        Plan: {"target": missed, "number": 2, "basis": "typed", "valid_from": date(2026, 3, 2), **said},
        PlannedValue: {"plan": plan, "day": date(2026, 12, 31), "value": 1},
        YearEnd: {"unit": made.unit, "year": 2025, "number": 1, "as_of": date(2026, 1, 1), **said},
        FinalLine: {
            "year_end": made, "target": missed, "terms": missed.terms.get(), "is_over": True, "light": "red",
            "source_kind": "reported", "reason": "",
        },
        Reopening: {"year_end": made, **said},
    }[model]  # fmt: skip

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**{**facts, **fault})
