"""What belongs together is tied in the database: each constraint is broken here by going around the actions."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from tests.site.conftest import AT

from heqing_site.library.models import Document, Finding, Measure


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


@pytest.mark.parametrize("fault", [{"title": ""}, {"file_name": ""}, {"text": ""}, {"received": ""}, {"sha256": ""}])
def test_the_database_refuses_a_document_with(speech, fault):
    refused(lambda: Document.objects.filter(pk=speech.pk).update(**fault))


def test_the_database_refuses_the_same_bytes_twice(speech):
    speech.pk = None

    refused(lambda: speech.save(force_insert=True))


@pytest.mark.parametrize("fault", [{"start": 9, "end": 9}, {"start": 10, "end": 9}, {"number": 2}])
def test_the_database_refuses_a_measure_with(speech, fault):
    refused(lambda: Measure.objects.filter(document=speech, number=1).update(**fault))


@pytest.mark.parametrize(
    "fault",
    [
        {"start": 9, "end": 9},
        {"number": 2},
        {"kind": "wish"},
        {"quote": ""},
        {"comparator": ""},
        {"pillar": ""},
        {"confidence": 1.5},
        {"state": "accepted"},
        {"state": "rejected", "because": "重复"},
        {"state": "maybe"},
        {"decided_at": AT},
        {"because": "重复"},
    ],
    ids=str,
)
def test_the_database_refuses_a_finding_with(speech, fault):
    refused(lambda: Finding.objects.filter(document=speech, number=1).update(**fault))


@pytest.mark.parametrize(
    "fault",
    [
        {"decided_by": None},
        {"decided_at": None},
        {"state": "proposed"},
        {"state": "rejected"},
        {"because": "重复"},
    ],
    ids=str,
)
def test_the_database_refuses_a_decision_in_part(speech, district, fault):
    decided = {"state": "accepted", "decided_by": district.officer, "decided_at": AT}
    Finding.objects.filter(document=speech, number=1).update(**decided)

    refused(lambda: Finding.objects.filter(document=speech, number=1).update(**fault))
