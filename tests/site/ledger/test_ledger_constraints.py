"""What belongs together is tied in the database: each constraint is broken here by going around the actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, transaction
from tests.site.conftest import AT, DAY

from heqing_site.ledger.models import Duty, Indicator, Target, TargetTerms

INDICATOR = {
    "code": "own.9001",
    "name": "合唱团规模",
    "unit": "个",
    "pillar": "publicity",
    "kind": "count",
    "better": "up",
    "source_kind": "reported",
    "rhythm": "month",
    "created_at": AT,
}


def refused(model, **facts):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        model.objects.create(**facts)


@pytest.mark.parametrize(
    "fault",
    [
        {"code": ""},
        {"name": ""},
        {"pillar": ""},
        {"kind": "planet"},
        {"better": "left"},
        {"source_kind": "rumour"},
        {"rhythm": "sometimes"},
        {"source_kind": "instrument"},
    ],
    ids=["code", "name", "pillar", "kind", "direction", "source", "rhythm", "instrument without statistic"],
)
def test_the_database_refuses_an_indicator_with(db, fault):
    refused(Indicator, **{**INDICATOR, **fault})


def test_the_database_refuses_two_indicators_of_our_own_with_one_name_and_unit(db):
    Indicator.objects.create(**INDICATOR)

    refused(Indicator, **{**INDICATOR, "code": "own.9002"})
    refused(Indicator, **{**INDICATOR, "name": "另一项"})
    Indicator.objects.create(**{**INDICATOR, "code": "catalogue.1", "edition": "目录"})


def test_the_database_refuses_a_second_target_of_one_finding_or_number(adopt):
    target = adopt()
    facts = {"indicator": target.indicator, "document": target.document, "created_at": AT}

    refused(Target, **facts, number=target.number)
    refused(Target, **facts, number=0)
    refused(Target, **facts, number=99, finding=target.finding)
    refused(Target, **{**facts, "document": None}, number=99, finding=target.finding)


@pytest.mark.parametrize(
    "fault",
    [
        {"change": "dream"},
        {"comparator": "=>"},
        {"strength": "maybe"},
        {"bound": None, "gap": ""},
        {"gap": "number_masked"},
        {"comparator": "complete"},
        {"period_start": date(2026, 12, 31), "period_end": date(2026, 1, 1)},
        {"period_start": None, "period_end": date(2026, 1, 1)},
        {"lead_from": "catalogue"},
        {"source_from": "document"},
        {"source_kind": "rumour", "statistic": ""},
        {"rhythm": "sometimes"},
        {"statistic": ""},
        {"source_kind": "reported"},
        {"title": ""},
        {"because": ""},
        {"recorded_by": ""},
        {"lead_note": ""},
        {"source_note": ""},
        {"pillar": ""},
        {"lead_unit": None},
    ],
    ids=[
        "change", "comparator", "strength", "no bound and no gap", "bound and masked", "complete with bound",
        "ends before start", "ends without start", "lead origin", "source origin", "source", "rhythm",
        "instrument without statistic", "reported with statistic", "title", "because", "recorder", "lead note",
        "source note", "pillar", "no lead",
    ],
)  # fmt: skip
def test_the_database_refuses_terms_with(adopt, fault):
    target = adopt()
    terms = target.terms.get()
    facts = {name: getattr(terms, name) for name in TargetTerms.CARRIED}
    facts |= {"change": "amend", "valid_from": DAY, "recorded_at": AT, "recorded_by": "王建国", "because": "批复"}

    refused(TargetTerms, target=target, **{**facts, **fault})
    TargetTerms.objects.create(target=target, **{**facts, "bound": Decimal(24)})


@pytest.mark.parametrize(
    "fault",
    [
        {"valid_to": date(2026, 1, 1), "ended_because": "调整"},
        {"valid_to": date(2026, 12, 31)},
        {"ended_because": "调整"},
        {"because": ""},
        {"recorded_by": ""},
        {"pillar": ""},
    ],
    ids=["ends before start", "no reason", "reason without day", "no authority", "recorder", "pillar"],
)
def test_the_database_refuses_a_duty_with(district, fault):
    facts = {
        "unit": district.bureau,
        "pillar": "air",
        "valid_from": DAY,
        "recorded_at": AT,
        "recorded_by": "王建国",
        "because": "三定",
    }

    refused(Duty, **{**facts, **fault})


def test_the_database_refuses_two_open_duties_of_one_unit_for_one_subject(district):
    facts = {
        "unit": district.bureau, "pillar": "air", "recorded_at": AT, "recorded_by": "王建国", "because": "三定",
    }  # fmt: skip
    Duty.objects.create(**facts, valid_from=DAY)

    refused(Duty, **facts, valid_from=date(2026, 9, 1))
