"""A unit is merged into another: its open works go over, and nobody ends up checking their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from tests.site.conftest import DAY
from tests.site.works.conftest import later

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.succession import Merger
from heqing_site.works.models import WorkTerms
from heqing_site.works.succession import take_over


def merger(office, ending, successor):
    """Tell of a merger on the day after the works were begun."""
    return Merger(
        by=office.district.site_admin, at=later(1), ending=ending, successor=successor, last_day=DAY + timedelta(1),
        because="区划调整",
    )  # fmt: skip


def test_open_works_go_over_with_their_terms_kept(office, put):
    work = put("1")
    put("2")
    said = take_over(merger(office, office.east, office.district.west))
    work.refresh_from_db()
    assert "2 项任务和项目改由西塘镇负责" in said
    assert (work.acting_unit, work.place_unit) == (office.district.west, office.district.west)
    assert WorkTerms.objects.get(work=work, number=1).acting_unit == office.east
    assert work.steps.last().note.startswith("东溪镇自")


def test_a_merger_that_would_let_a_unit_check_itself_is_refused(office, work):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        take_over(merger(office, office.inspectors, office.bureau))
    assert refusal.value.code == "work.checked_by_successor"
