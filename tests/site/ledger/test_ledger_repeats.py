"""A document that says again what stands in the ledger: pairs, decisions, and nothing that merges by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.site.conftest import AT

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.ledger import actions, queries, repeats, restating
from heqing_site.ledger.models import Restatement, Target
from heqing_site.ledger.restating import Taking
from heqing_site.ledger.rules import Restating
from heqing_site.library.models import Finding

DAY = AT.date()
WIDER = {"region": "清河区", "date": date(2026, 3, 1), "title": "工作报告", "file_name": "report.txt"}
GREEN = {"indicator": "新增公园绿地", "comparator": ">=", "value": Decimal(30), "value_text": "30", "unit": "公顷",
         "pillar": "other", "strength": "plan"}  # fmt: skip


@pytest.fixture
def browser(open_as, district):
    """The site administrator's browser."""
    return open_as(district.site_admin)


def refused(code, act):
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    assert refusal.value.code == code


def pairs(document: Any) -> list[tuple[int, str]]:
    found = repeats.repeats_of(document, as_of=DAY)
    return [(pair.target.number, pair.outcome) for pair in found.values()]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({}, "same"),
        ({"indicator": "细颗粒物（PM2.5）年均浓度"}, "same"),
        ({"value": Decimal(24), "value_text": "24"}, "raised"),
        ({"value": Decimal(26), "value_text": "26"}, "lowered"),
        ({"value": None, "value_text": "XX", "gap": "number_masked"}, "unclear"),
        ({"comparator": "-%", "unit": "%", "value": Decimal(3)}, "redefined"),
        ({"period": "2027"}, None),
        ({"indicator": "PM10平均浓度"}, None),
    ],
)
def test_finding_that_repeats_a_target_is_told(adopt, write, said, outcome):
    target = adopt()

    assert pairs(write(said, **WIDER)) == ([(target.number, outcome)] if outcome else [])


def test_another_place_repeats_nothing(adopt, write):
    adopt()

    assert pairs(write({}, **{**WIDER, "region": "东川县"})) == []


def test_a_document_repeats_nothing_of_itself(district, write):
    document = write({}, {})
    actions.adopt_finding(by=district.site_admin, at=AT, finding=document.findings.first())

    assert pairs(document) == []


def test_a_withdrawn_target_is_repeated_by_nothing(district, adopt, write):
    actions.withdraw_target(by=district.site_admin, at=AT, target=adopt(), because="并入别项")

    assert pairs(write({}, **WIDER)) == []


def test_part_is_repeated_only_by_words_that_name_its_unit(district, adopt, write):
    from heqing_site.ledger.splitting import Part, split_target

    whole = adopt(**GREEN)
    part = split_target(
        by=district.site_admin,
        at=AT,
        target=whole,
        parts=[Part(district.east, Decimal(12)), Part(district.west, Decimal(18))],
        because="分解",
    ).entered[0]

    found = pairs(write(GREEN, {**GREEN, "value": Decimal(12), "scope": district.east.name}, **WIDER))

    assert found == [(whole.number, "same"), (part.number, "same")]


def test_bulk_adoption_leaves_what_repeats_a_target(district, adopt, write):
    adopt()
    document = write({}, GREEN, **WIDER)

    done = actions.adopt_all(by=district.site_admin, at=AT, document=document)

    assert [target.indicator.name for target in done.targets] == ["新增公园绿地"]
    assert [pair.finding.number for pair in done.repeated] == [1]
    assert Target.objects.count() == 2


def test_bulk_adoption_enters_them_all_when_told_so(district, adopt, write):
    adopt()

    done = actions.adopt_all(by=district.site_admin, at=AT, document=write({}, **WIDER), with_repeats=True)

    assert len(done.targets) == 1
    assert not done.repeated


# --- decisions ----------------------------------------------------------------------------------------------------


def test_confirmation_adds_a_source_and_changes_nothing(district, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()

    made = restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target)

    assert target.terms.count() == 1
    assert list(repeats.restatements_of(target)) == [made]
    assert not queries.left_to_adopt(finding.document)
    assert AuditEntry.objects.filter(action="ledger.confirm_target").get().after["finding"] == finding.number


def test_other_value_is_no_confirmation(district, adopt, write):
    finding = write({"value": Decimal(24)}, **WIDER).findings.get()
    target = adopt()

    refused(
        "restating.other_value",
        lambda: restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target),
    )
    assert not Restatement.objects.exists()


def test_amendment_adds_terms_and_keeps_the_old_ones(district, adopt, write):
    target = adopt()
    finding = write({"value": Decimal(24), "value_text": "24", "strength": "ensure"}, **WIDER).findings.get()

    made = restating.amend_by_finding(by=district.site_admin, at=AT, finding=finding, target=target, because="工作报告")

    assert [terms.bound for terms in target.terms.order_by("pk")] == [Decimal(25), Decimal(24)]
    assert made.terms == target.terms.order_by("-pk")[0]
    assert (made.terms.strength, made.terms.bound_text) == ("ensure", "24")
    assert Target.objects.count() == 1


def test_masked_number_amends_nothing(district, adopt, write):
    target = adopt()
    finding = write({"value": None, "value_text": "XX", "gap": "number_masked"}, **WIDER).findings.get()

    refused(
        "restating.no_number",
        lambda: restating.amend_by_finding(
            by=district.site_admin, at=AT, finding=finding, target=target, because="工作报告"
        ),
    )
    assert target.terms.count() == 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "achievement", "strength": "reported"}, "target.not_a_promise"),
        ({"state": "proposed", "decided_by": None, "decided_at": None}, "target.finding_unreviewed"),
        ({"state": "rejected", "because": "重复"}, "target.finding_rejected"),
    ],
)
def test_only_a_reviewed_target_is_decided_of(district, adopt, write, facts, code):
    target = adopt()
    finding = write(facts, **WIDER).findings.get()

    refused(code, lambda: restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target))


def test_finding_is_decided_of_once(district, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()
    restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target)

    refused(
        "restating.decided",
        lambda: restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target),
    )


def test_old_page_is_refused(district, adopt, write):
    target = adopt()
    seen = target.terms.get().pk
    actions.amend_target(by=district.site_admin, at=AT, target=target, changes={"note": "补充"}, because="补充说明")
    finding = write({}, **WIDER).findings.get()

    refused(
        "target.changed_meanwhile",
        lambda: restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target, seen=seen),
    )


def test_confirmed_finding_may_still_become_a_target_of_its_own(district, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()
    restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target)

    made = actions.adopt_finding(by=district.site_admin, at=AT, finding=finding, because="口径不同")

    assert repeats.restatements_of(target).get().finding.target == made


@pytest.mark.parametrize(
    ("taking", "confirmed", "amended", "left"),
    [(Taking.CONFIRM, 1, 0, 2), (Taking.AMEND, 1, 1, 1), (Taking.LEAVE, 0, 0, 3)],
)
def test_decisions_at_once_take_confirmations_and_only_list_amendments(
    district, adopt, write, taking, confirmed, amended, left
):
    adopt()
    adopt(**GREEN)
    adopt(indicator="优良天数比例", comparator=">=", value=Decimal(85), value_text="85", unit="%")
    document = write(
        {},
        {**GREEN, "value": Decimal(36), "value_text": "36"},
        {"indicator": "优良天数比例", "comparator": ">=", "value": None, "value_text": "", "unit": "%",
         "gap": "number_lost"},
        **WIDER,
    )  # fmt: skip

    done = restating.settle_repeats(by=district.site_admin, at=AT, document=document, taking=taking)

    assert (len(done.confirmed), len(done.amended), len(done.left)) == (confirmed, amended, left)


def test_unreviewed_findings_are_left_unless_they_are_accepted_too(district, adopt, write):
    adopt()
    unseen = {"state": "proposed", "decided_by": None, "decided_at": None}
    document = write(unseen, **WIDER)

    assert restating.settle_repeats(by=district.site_admin, at=AT, document=document).left
    done = restating.settle_repeats(by=district.site_admin, at=AT, document=document, accept=True)

    assert len(done.confirmed) == 1
    assert Finding.objects.get(document=document).state == "accepted"


def test_restatements_are_only_added(district, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()
    made = restating.confirm_target(by=district.site_admin, at=AT, finding=finding, target=target)

    with pytest.raises(AppendOnlyError):
        made.save()
    with pytest.raises(AppendOnlyError):
        made.delete()


@pytest.mark.parametrize("decision", [Restating.AMEND, "other"])
def test_database_refuses_an_amendment_without_terms(adopt, write, decision):
    finding = write({}, **WIDER).findings.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Restatement.objects.create(
            finding=finding, target=adopt(), decision=decision, recorded_at=AT, recorded_by="某人", because="某事"
        )


# --- results ------------------------------------------------------------------------------------------------------

DONE = {"kind": "achievement", "strength": "reported", "comparator": "==", "value": Decimal(24), "value_text": "24"}


def test_results_of_a_report_stand_beside_the_targets_they_report_on(adopt, write):
    target = adopt()
    report = write({**DONE}, {**DONE, "period": "2025"}, **{**WIDER, "date": date(2027, 1, 20)})

    found = repeats.reports_of(report, as_of=DAY)

    assert [(pair.finding.number, pair.target, pair.outcome) for pair in found] == [(1, target, "kept")]
    assert [pair.finding.number for pair in repeats.reports_on(target.terms.get())] == [1]


def test_unreviewed_result_is_not_shown_on_the_target(adopt, write):
    target = adopt()
    write({**DONE, "state": "proposed", "decided_by": None, "decided_at": None}, **WIDER)

    assert repeats.reports_on(target.terms.get()) == []


def test_result_changes_neither_terms_nor_standing(adopt, write):
    target = adopt()
    before = queries.ledger(as_of=DAY)[0].standing

    write(DONE, **WIDER)

    assert queries.ledger(as_of=DAY)[0].standing == before
    assert target.terms.count() == 1


# --- pages --------------------------------------------------------------------------------------------------------


def test_page_of_adoption_shows_both_sides_and_offers_what_is_right(browser, adopt, write):
    adopt()
    adopt(**GREEN)
    document = write({}, {**GREEN, "value": Decimal(36), "value_text": "36"}, DONE, **WIDER)

    page = browser.get(reverse("ledger:adopt", args=[document.pk])).content.decode()

    assert "与台账中的目标相近" in page
    assert page.count(">确认<") == 1
    assert page.count(">调整<") == 1
    assert page.count(">另立<") == 2
    for words in ("不低于 36 公顷", "不低于 30 公顷", "本文件报告的结果", "兑现"):
        assert words in page


def test_officer_confirms_on_the_page(browser, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()

    answer = browser.post(reverse("ledger:confirm", args=[finding.pk, target.number]), follow=True)

    assert "已作的决定" in answer.content.decode()
    assert "又见于" in browser.get(reverse("ledger:target", args=[target.number])).content.decode()


def test_officer_amends_on_the_page(browser, adopt, write):
    target = adopt()
    finding = write({"value": Decimal(24), "value_text": "24"}, **WIDER).findings.get()
    address = reverse("ledger:amend_by", args=[finding.pk, target.number])

    shown = browser.get(address)
    initial = shown.context["form"].initial
    answer = browser.post(address, {**initial, "valid_from": initial["valid_from"].isoformat()})

    assert answer.status_code == 302
    assert target.terms.order_by("-pk")[0].bound == Decimal(24)


def test_bulk_adoption_on_the_page_says_what_is_left(browser, adopt, write):
    adopt()
    document = write({}, GREEN, **WIDER)

    answer = browser.post(reverse("ledger:adopt", args=[document.pk]), {"accept": "on"}, follow=True)

    assert "1 条与台账中的目标相近，请逐条决定" in answer.content.decode()
    assert Target.objects.count() == 2


def test_without_the_right_nothing_is_confirmed(open_as, district, adopt, write):
    target = adopt()
    finding = write({}, **WIDER).findings.get()

    answer = open_as(district.leader).post(reverse("ledger:confirm", args=[finding.pk, target.number]))

    assert answer.status_code == 403
    assert not Restatement.objects.exists()
