"""What belongs together is tied in the database: each constraint is broken here by going around the actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from heqing_site.places.models import MODELS, Enterprise, Section, Station
from heqing_site.places.rules import Register

DAY = date(2026, 3, 2)


def refused(row, **facts):
    """Change a row behind the back of the actions."""
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**facts)


@pytest.mark.parametrize("register", [*Register], ids=str)
@pytest.mark.parametrize(
    "fault",
    [{"name": ""}, {"code": ""}, {"retired_on": DAY}, {"retired_because": "撤站"}],
    ids=["no name", "no code", "day without reason", "reason without day"],
)
def test_the_database_refuses_in_every_register(places, register, fault):
    refused(getattr(places, register), **fault)


@pytest.mark.parametrize("register", [r for r in Register if r is not Register.RIVER], ids=str)
@pytest.mark.parametrize(
    ("lon", "lat", "is_fine"),
    [
        ("72.999999", "30", False),
        ("73", "30", True),
        ("136", "30", True),
        ("136.000001", "30", False),
        ("120", "2.999999", False),
        ("120", "3", True),
        ("120", "54", True),
        ("120", "54.000001", False),
        ("29.843210", "99.5", False),
    ],
)
def test_a_position_lies_on_the_map(places, register, lon, lat, is_fine):
    row = getattr(places, register)
    facts = {"lon": Decimal(lon), "lat": Decimal(lat)}

    if is_fine:
        type(row).objects.filter(pk=row.pk).update(**facts)
    else:
        refused(row, **facts)


@pytest.mark.parametrize(
    ("register", "fault"),
    [
        ("river", {"kind": "sea"}),
        ("station", {"control_level": "moon"}),
        ("station", {"city": ""}),
        ("section", {"control_level": "moon"}),
        ("section", {"body_type": "sea"}),
        ("section", {"target_class": 0}),
        ("section", {"target_class": 6}),
        ("enterprise", {"industry": ""}),
        ("enterprise", {"area_mu": Decimal(0)}),
    ],
)
def test_the_database_refuses(places, register, fault):
    refused(getattr(places, register), **fault)


@pytest.mark.parametrize("model", [Station, Section])
def test_no_two_in_use_bear_the_name_by_which_data_files_know_them(places, model):
    row = model.objects.get()
    row.pk, row.code = None, "QH-X"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    row.retired_on, row.retired_because = DAY, "迁建"
    row.save(force_insert=True)

    assert model.objects.count() == 2


def test_a_code_is_given_once(places):
    row = Enterprise.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_what_hangs_on_a_place_protects_it(places):
    for row in (places.river, places.enterprise, places.river.unit):
        with pytest.raises(ProtectedError):
            row.delete()


def test_every_register_has_its_model_and_knows_it():
    assert {register: model.register for register, model in MODELS.items()} == {r: r for r in Register}
