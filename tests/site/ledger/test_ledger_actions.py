"""Deeds on targets and duties: adoption of every kind of finding, amendments, leads, sources, reads as of a day."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions, queries
from heqing_site.ledger.models import Duty, Indicator, Target, TargetTerms
from heqing_site.ledger.rules import Change, Light, Origin, Rhythm, SourceKind, Standing
from heqing_site.library.models import Finding
from heqing_site.library.rules import FindingState
from heqing_site.orgs.actions import found_site
from heqing_site.orgs.models import Unit

LATER = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
LATER_DAY = date(2026, 6, 1)


def refused(code, act):
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    assert refusal.value.code == code
    return refusal.value


# --- adoption -----------------------------------------------------------------------------------------------------


def test_a_concentration_is_adopted_with_all_that_the_document_says(adopt, district):
    target = adopt(scope="东溪镇", baseline="较2025年", quote="PM2.5降到25以下")
    terms = target.terms.get()

    assert target.number == 1
    assert target.indicator.code == "air.pm2_5"
    assert (terms.comparator, terms.bound, terms.unit, terms.strength) == ("<=", 25, "微克/立方米", "strive")
    assert (terms.period_start, terms.period_end) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (terms.scope_text, terms.baseline, terms.quote) == ("东溪镇", "较2025年", "PM2.5降到25以下")
    assert (terms.source_kind, terms.statistic, terms.source_from) == ("instrument", "air.pm2_5.mean", "catalogue")
    assert terms.valid_from == date(2026, 2, 10)
    assert terms.recorded_by == district.site_admin.actor.name
    assert terms.measure == "一是压实责任"
    assert terms.because == "采纳自《大会讲话》第 1 条"


FINDINGS = {
    "level": {},
    "change": {"comparator": "-%", "unit": "%", "value": Decimal(6), "value_text": "6", "baseline": "同比"},
    "points": {"indicator": "优良率", "comparator": "+", "unit": "个百分点", "value": Decimal("8.4")},
    "count": {"indicator": "整治企业", "comparator": "==", "unit": "家", "value": Decimal(150), "pillar": "industry"},
    "about": {"indicator": "用能空间", "comparator": "~", "unit": "万吨标准煤", "value": Decimal("2.5")},
    "complete": {"indicator": "出台方案", "comparator": "complete", "value": None, "value_text": None, "unit": ""},
    "masked": {"value": None, "value_text": "**", "gap": "number_masked"},
    "lost": {"value": None, "value_text": "", "gap": "number_lost"},
    "no number and no word why": {"value": None, "value_text": None, "gap": ""},
    "range": {"value": Decimal(20), "value_text": "20-25", "gap": "range"},
    "inferred": {"gap": "indicator_inferred"},
    "indicator lost": {"indicator": "", "gap": "indicator_lost", "unit": "座", "pillar": "other"},
    "no period": {"period": ""},
    "odd period": {"period": "近期"},
    "open period": {"period": "2018-"},
    "span": {"period": "2026-2030"},
    "reported strength": {"strength": "reported"},
    "no measure": {"measure": None},
    "odd unit": {"unit": "名堂", "indicator": "奇特指标"},
    "long words": {"indicator": "很长的指标" * 100, "value_text": "25" * 100},
}


@pytest.mark.parametrize("facts", FINDINGS.values(), ids=FINDINGS)
def test_every_kind_of_finding_is_adopted_with_lead_source_light_and_reason(adopt, facts):
    target = adopt(**facts)

    row = queries.ledger(as_of=DAY)[0]
    assert row.target == target
    assert row.terms.lead_unit_id
    assert row.terms.lead_note
    assert row.terms.source_note
    assert row.standing.light is Light.GREY
    assert row.terms.lead_unit.name in row.standing.reason
    assert row.terms.bound == (None if facts.get("comparator") == "complete" else facts.get("value", 25))


def test_a_masked_number_stays_without_a_number(adopt):
    terms = adopt(value=None, value_text="**", gap="number_masked").terms.get()

    assert (terms.bound, terms.bound_text, terms.gap) == (None, "**", "number_masked")
    assert terms.demand == "不高于 ** 微克/立方米"


def test_an_indicator_outside_the_catalogue_is_made_once(adopt):
    first = adopt(indicator="合唱团规模", unit="个", pillar="publicity", comparator=">=")
    second = adopt(indicator="合唱团规模", unit="个", pillar="publicity", comparator=">=")
    third = adopt(indicator="合唱团规模", unit="场", pillar="publicity", comparator=">=")

    assert first.indicator == second.indicator != third.indicator
    assert first.indicator.code == "own.0001"
    assert not first.indicator.is_from_catalogue
    assert Indicator.objects.count() == 2


def test_a_finding_is_adopted_once(adopt, district):
    target = adopt()

    error = refused(
        "target.already_adopted",
        lambda: actions.adopt_finding(by=district.site_admin, at=AT, finding=target.finding),
    )
    assert "目标 1" in error.sentence()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "achievement"}, "target.not_a_promise"),
        ({"state": "rejected", "because": "重复"}, "target.finding_rejected"),
        ({"state": "proposed", "decided_by": None, "decided_at": None}, "target.finding_unreviewed"),
    ],
)
def test_only_accepted_promises_are_adopted(adopt, facts, code):
    refused(code, lambda: adopt(**facts))
    assert not Target.objects.exists()


# --- who leads ----------------------------------------------------------------------------------------------------


def test_the_office_that_the_document_names_leads(write, district, water_office):
    document = write({}, responsible=("各部门", "区水利局", "区生态环境局"))

    terms = actions.adopt_finding(by=district.site_admin, at=AT, finding=document.findings.get()).terms.get()

    assert (terms.lead_unit, terms.lead_from) == (water_office, Origin.DOCUMENT)
    assert terms.lead_note == "文件在“一是压实责任”中点名“区水利局”"


def test_without_a_name_the_owner_of_the_subject_leads(adopt, district, water_office):
    admin = district.site_admin
    actions.set_duty(by=admin, at=AT, unit=water_office, pillar="air", valid_from=date(2026, 1, 1), because="三定")

    terms = adopt().terms.get()

    assert (terms.lead_unit, terms.lead_from) == (water_office, Origin.DUTY_LIST)
    assert "2026-01-01 至今" in terms.lead_note


def test_without_either_the_top_unit_leads_and_the_note_says_what_was_not_found(write, district):
    document = write({}, responsible=("区林业局",))

    terms = actions.adopt_finding(by=district.site_admin, at=AT, finding=document.findings.get()).terms.get()

    assert (terms.lead_unit, terms.lead_from) == (district.district, Origin.INSTALLATION)
    assert terms.lead_note == "文件点名“区林业局”，单位名录中没有；职责清单没有“治气”，暂由清河区牵头，请核定"


def test_the_officer_stands_above_every_proposal(adopt, district):
    terms = adopt(lead=district.east).terms.get()

    assert (terms.lead_unit, terms.lead_from) == (district.east, Origin.OFFICER)
    assert "王建国" in terms.lead_note


def test_a_duty_that_ended_or_has_not_begun_does_not_count(adopt, district, water_office):
    admin = district.site_admin
    duty = actions.set_duty(
        by=admin, at=AT, unit=water_office, pillar="air", valid_from=date(2026, 1, 1), because="三定"
    )
    actions.end_duty(by=admin, at=AT, duty=duty, last_day=date(2026, 3, 1), because="机构调整")

    assert adopt().terms.get().lead_unit == district.district


# --- whole documents ----------------------------------------------------------------------------------------------


def test_a_whole_document_is_adopted_and_again_without_effect(write, district):
    proposed = {"state": "proposed", "decided_by": None, "decided_at": None}
    document = write(
        {}, {"quote": "另一句", "unit": "家", "indicator": "整治企业", **proposed}, {"kind": "achievement"},
        {"state": "rejected", "because": "重复"},
    )  # fmt: skip
    admin = district.site_admin

    careful = actions.adopt_all(by=admin, at=AT, document=document)
    whole = actions.adopt_all(by=admin, at=AT, document=document, accept=True)
    again = actions.adopt_all(by=admin, at=AT, document=document, accept=True)

    assert (len(careful.targets), careful.unreviewed) == (1, 1)
    assert (len(whole.targets), whole.already) == (1, 1)
    assert (len(again.targets), again.already) == (0, 2)
    assert Finding.objects.get(document=document, number=2).state == FindingState.ACCEPTED


def test_the_period_is_filled_in_only_where_the_document_names_none(write, district):
    document = write({"period": ""}, {"period": "2027", "quote": "另一句"})

    done = actions.adopt_all(by=district.site_admin, at=AT, document=document, period="2026")

    assert [target.terms.get().period_text for target in done.targets] == ["2026", "2027"]
    assert "采纳时按 2026 补" in done.targets[0].terms.get().note


def test_an_unclear_period_is_refused_before_anything_is_written(write, district):
    document = write({"period": ""})

    refused(
        "target.period_unclear",
        lambda: actions.adopt_all(by=district.site_admin, at=AT, document=document, period="明年"),
    )
    assert not Target.objects.exists()


@pytest.mark.parametrize(("region", "name"), [("柳湾市", "柳湾市"), ("", "本级政府"), ("XX区", "本级政府")])
def test_an_empty_installation_gets_one_unit_that_leads(db, region, name):
    from heqing_site.library.actions import add_document

    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    text = "一、治气。力争2026年全市空气质量优良率达到85%以上。建设污水管网12公里。".encode()
    document = add_document(by=admin, at=AT, file_name="a.txt", content=text, unit=None).document
    type(document).objects.filter(pk=document.pk).update(region=region)
    document.refresh_from_db()

    done = actions.adopt_all(by=admin, at=AT, document=document, accept=True)

    assert Unit.objects.get() == done.founded
    assert done.founded.name == name
    assert len(done.targets) == 2
    assert "没有单位" in AuditEntry.objects.get(action="ledger.found_own_unit").because


def test_one_finding_in_an_empty_installation_is_refused_with_what_to_do(db):
    from heqing_site.library.actions import accept_finding, add_document

    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    text = "力争2026年空气质量优良率达到85%以上。".encode()
    document = add_document(by=admin, at=AT, file_name="a.txt", content=text, unit=None).document
    finding = accept_finding(by=admin, at=AT, finding=document.findings.get())

    refused("target.no_unit", lambda: actions.adopt_finding(by=admin, at=AT, finding=finding))


# --- amendments and the ledger as of a day ------------------------------------------------------------------------


def test_an_amendment_counts_from_its_day_and_leaves_the_days_before(adopt, district):
    target = adopt()

    actions.amend_target(
        by=district.site_admin,
        at=LATER,
        target=target,
        changes={"bound": Decimal(24), "strength": "ensure"},
        because="市下达新目标",
        valid_from=date(2026, 5, 1),
    )

    def bound_on(day: date) -> Decimal | None:
        terms = queries.terms_of(target, as_of=day)
        return terms.bound if terms else None

    assert bound_on(date(2026, 2, 9)) is None
    assert bound_on(date(2026, 2, 10)) == 25
    assert bound_on(date(2026, 4, 30)) == 25
    assert bound_on(date(2026, 5, 1)) == 24
    assert [row.terms.bound for row in queries.ledger(as_of=date(2026, 4, 30))] == [25]
    assert [row.terms.bound for row in queries.ledger(as_of=LATER_DAY)] == [24]
    assert queries.ledger(as_of=date(2026, 2, 9)) == []
    step = queries.history(target)[0]
    assert step.differences == [
        ("要求", "不高于 25 微克/立方米", "不高于 24 微克/立方米"), ("力度", "力争", "确保"),
    ]  # fmt: skip


def test_of_two_changes_on_one_day_the_later_counts(adopt, district):
    target = adopt()
    for bound in (24, 23):
        actions.amend_target(
            by=district.site_admin, at=LATER, target=target, changes={"bound": Decimal(bound)}, because="批复"
        )

    assert queries.terms_of(target, as_of=LATER_DAY).bound == 23


def test_a_masked_number_is_entered_later_and_its_gap_closes(adopt, district):
    target = adopt(value=None, value_text="**", gap="number_masked")

    terms = actions.amend_target(
        by=district.site_admin, at=AT, target=target, changes={"bound": Decimal("38.5")}, because="查对原件"
    )

    assert (terms.bound, terms.bound_text, terms.gap) == (Decimal("38.5"), "38.5", "")
    assert "遮盖" not in queries.ledger(as_of=DAY)[0].standing.reason


@pytest.mark.parametrize("bound", ["12345678901234", "123456789012345", "123.456789012345", "0.000000000001"])
def test_a_bound_of_up_to_fifteen_digits_comes_back_as_it_was_entered(adopt, district, bound):
    target = adopt()

    actions.amend_target(
        by=district.site_admin, at=AT, target=target, changes={"bound": Decimal(bound)}, because="市下达新目标"
    )

    assert TargetTerms.objects.latest("pk").bound == Decimal(bound)


@pytest.mark.parametrize("bound", ["1234567890123456", "1234.567890123456", "0.0000000000001"])
def test_a_bound_that_would_come_back_as_another_is_refused(adopt, district, bound):
    target = adopt()

    error = refused(
        "target.bound_too_long",
        lambda: actions.amend_target(
            by=district.site_admin, at=AT, target=target, changes={"bound": Decimal(bound)}, because="市下达新目标"
        ),
    )

    assert "有效数字不超过 15 位" in error.sentence("zh-hans")
    assert [terms.bound for terms in target.terms.all()] == [25]


@pytest.mark.parametrize("value", ["123456789012345", "1234567890123456"])
def test_a_finding_with_too_many_digits_is_not_adopted(write, district, monkeypatch, value):
    """A database that keeps thirty digits gives them all back; SQLite would round them before anybody sees them."""
    finding = write({}).findings.get()
    read = Finding.from_db.__func__

    def from_db(cls, *row):
        found = read(cls, *row)
        found.value = Decimal(value)
        return found

    monkeypatch.setattr(Finding, "from_db", classmethod(from_db))
    adopt = functools.partial(actions.adopt_finding, by=district.site_admin, at=AT, finding=finding)

    if len(value) == 15:
        assert adopt().terms.get().bound == Decimal(value)
    else:
        refused("target.bound_too_long", adopt)
        assert not Target.objects.exists()


def test_a_target_becomes_one_to_complete_and_back(adopt, district):
    target = adopt()
    admin = district.site_admin
    terms = actions.amend_target(by=admin, at=AT, target=target, changes={"comparator": "complete"}, because="改")
    assert (terms.bound, terms.bound_text) == (None, "")

    refused(
        "target.bound_missing",
        lambda: actions.amend_target(by=admin, at=AT, target=target, changes={"comparator": ">="}, because="改"),
    )


@pytest.mark.parametrize(
    ("changes", "valid_from", "code"),
    [
        ({"bound": Decimal(25)}, None, "target.nothing_changed"),
        ({"bound": None}, None, "target.bound_missing"),
        ({"period_text": "明年"}, None, "target.period_unclear"),
        ({"bound": Decimal(24)}, date(2026, 2, 9), "target.before_last_change"),
        ({"bound": Decimal(24)}, DAY + timedelta(days=1), "target.day_in_future"),
    ],
)
def test_an_amendment_that_makes_no_sense_is_refused(adopt, district, changes, valid_from, code):
    target = adopt()

    refused(
        code,
        lambda: actions.amend_target(
            by=district.site_admin, at=AT, target=target, changes=changes, because="批复", valid_from=valid_from
        ),
    )
    assert target.terms.count() == 1


def test_an_amendment_without_a_reason_is_refused(adopt, district):
    target = adopt()

    refused(
        "because.missing",
        lambda: actions.amend_target(
            by=district.site_admin, at=AT, target=target, changes={"bound": Decimal(24)}, because=" "
        ),
    )


def test_what_is_not_amendable_is_a_mistake_of_the_programmer(adopt, district):
    with pytest.raises(ValueError, match="lead_unit"):
        actions.amend_target(
            by=district.site_admin, at=AT, target=adopt(), changes={"lead_unit": district.east}, because="批复"
        )


def test_who_saw_older_terms_changes_nothing(adopt, district):
    target = adopt()
    seen = target.terms.get().pk
    admin = district.site_admin
    actions.amend_target(by=admin, at=AT, target=target, changes={"bound": Decimal(24)}, because="批复", seen=seen)

    error = refused(
        "target.changed_meanwhile",
        lambda: actions.set_lead(by=admin, at=AT, target=target, unit=district.east, because="会议", seen=seen),
    )
    assert "王建国" in error.sentence()


def test_another_lead_is_named_from_a_day_on(adopt, district):
    target = adopt()

    terms = actions.set_lead(by=district.site_admin, at=LATER, target=target, unit=district.bureau, because="专题会议")

    assert (terms.lead_unit, terms.lead_from, terms.change) == (district.bureau, Origin.OFFICER, Change.SET_LEAD)
    assert terms.lead_note == "王建国于 2026-06-01 指定：专题会议"
    assert queries.ledger(as_of=DAY)[0].terms.lead_unit == district.district
    refused(
        "target.nothing_changed",
        lambda: actions.set_lead(
            by=district.site_admin, at=LATER, target=target, unit=district.bureau, because="再说一遍"
        ),
    )


def test_a_closed_unit_cannot_lead(adopt, district):
    from heqing_site.orgs.actions import deactivate_unit

    deactivate_unit(by=district.site_admin, at=AT, unit=district.west, last_day=date(2026, 2, 28), because="撤并")
    district.west.refresh_from_db()

    refused("target.unit_inactive", lambda: adopt(lead=district.west))


def test_another_value_source_is_set_with_its_statistic(adopt, district):
    target = adopt(indicator="合唱团规模", unit="个", comparator=">=")
    who = {"by": district.site_admin, "at": AT, "target": target, "because": "口径说明"}

    refused(
        "target.statistic_missing",
        lambda: actions.set_source(**who, source_kind=SourceKind.INSTRUMENT, rhythm=Rhythm.DAY),
    )
    refused(
        "target.statistic_missing",
        lambda: actions.set_source(
            **who, source_kind=SourceKind.INSTRUMENT, rhythm=Rhythm.DAY, statistic="cases.rebound"
        ),
    )
    terms = actions.set_source(**who, source_kind=SourceKind.INSTRUMENT, rhythm=Rhythm.DAY, statistic="air.pm2_5.mean")
    assert (terms.source_kind, terms.statistic, terms.source_from) == (
        "instrument", "air.pm2_5.mean", Origin.OFFICER,
    )  # fmt: skip
    back = actions.set_source(**who, source_kind=SourceKind.REPORTED, rhythm=Rhythm.MONTH, statistic="air.pm2_5.mean")
    assert back.statistic == ""
    refused(
        "target.nothing_changed",
        lambda: actions.set_source(**who, source_kind=SourceKind.REPORTED, rhythm=Rhythm.MONTH),
    )


def test_a_withdrawn_target_leaves_the_ledger_from_its_day_and_stays_before(adopt, district):
    target = adopt()
    admin = district.site_admin

    actions.withdraw_target(by=admin, at=LATER, target=target, because="上级取消")

    assert queries.ledger(as_of=LATER_DAY) == []
    assert len(queries.ledger(as_of=LATER_DAY - timedelta(days=1))) == 1
    refused(
        "target.withdrawn",
        lambda: actions.amend_target(by=admin, at=LATER, target=target, changes={"bound": Decimal(1)}, because="反悔"),
    )


# --- duties -------------------------------------------------------------------------------------------------------


def test_a_subject_passes_from_one_unit_to_the_one_beside_it(district, water_office):
    who = {"by": district.site_admin, "at": AT, "pillar": "water", "because": "三定"}
    first = actions.set_duty(**who, unit=water_office, valid_from=date(2026, 1, 1))

    second = actions.set_duty(**who, unit=district.bureau, valid_from=date(2026, 3, 1))

    first.refresh_from_db()
    assert first.valid_to == date(2026, 2, 28)
    assert "清河区生态环境局" in first.ended_because
    assert [duty.unit for duty in Duty.objects.in_force_on(date(2026, 2, 28))] == [water_office]
    assert [duty.unit for duty in Duty.objects.in_force_on(date(2026, 3, 1))] == [second.unit]


def test_a_duty_is_refused_where_it_stands_already_or_would_begin_too_early(district, water_office):
    who = {"by": district.site_admin, "at": AT, "pillar": "water", "because": "三定"}
    duty = actions.set_duty(**who, unit=water_office, valid_from=DAY)

    refused("duty.exists", lambda: actions.set_duty(**who, unit=water_office, valid_from=DAY))
    refused("duty.begins_too_early", lambda: actions.set_duty(**who, unit=district.bureau, valid_from=DAY))
    end = {"by": district.site_admin, "at": AT, "duty": duty, "because": "调整"}
    refused("duty.ends_before_start", lambda: actions.end_duty(**end, last_day=date(2026, 3, 1)))
    actions.end_duty(**end, last_day=DAY)
    refused("duty.already_ended", lambda: actions.end_duty(**end, last_day=DAY))


def test_units_under_different_superiors_may_own_one_subject(district, water_office):
    who = {"by": district.site_admin, "at": AT, "pillar": "water", "because": "三定", "valid_from": DAY}

    actions.set_duty(**who, unit=water_office)
    actions.set_duty(**who, unit=district.village)

    assert Duty.objects.in_force_on(DAY).count() == 2


# --- how a target stands ------------------------------------------------------------------------------------------


def judge_all(terms, as_of):
    return {row.target_id: Standing(Decimal("23.5"), Light.GREEN, f"至 {as_of} 低于目标。") for row in terms}


def test_a_room_above_tells_how_targets_stand(adopt, settings):
    adopt()
    settings.LEDGER_STANDING = f"{__name__}.judge_all"

    row = queries.status(queries.ledger(as_of=DAY))[0]

    assert (row["value"], row["light"], row["reason"]) == (23.5, "green", "至 2026-03-02 低于目标。")


def test_status_rows_have_the_columns_of_the_command(adopt):
    adopt(quote="PM2.5不高于25")

    row = queries.status(queries.ledger(as_of=DAY))[0]

    assert set(queries.STATUS_COLUMNS) <= set(row)
    assert row["quote"] == "PM2.5不高于25"
    assert row["bound"] == 25
    assert row["value_source"] == "instrument"
