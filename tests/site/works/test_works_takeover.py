"""A unit that leads or acts in works is merged into another: what has not ended goes over, terms before stay."""

from __future__ import annotations

from typing import Any

import pytest
from tests.site.conftest import AT, DAY

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.actions import create_post
from heqing_site.orgs.models import Unit
from heqing_site.orgs.succession import merge_unit
from heqing_site.works.models import Work, WorkTerms


def merge(office: Any, **facts: Any) -> Any:
    told = {"unit": office.east, "into": office.district.west, "last_day": DAY, "because": "清政发〔2026〕3 号"}
    return merge_unit(by=office.district.site_admin, at=AT, **(told | facts))


def test_works_go_over_with_their_posts_and_keep_their_terms(office, put):
    actor = create_post(by=office.district.site_admin, at=AT, unit=office.east, name="环保办主任")
    work = put(actor=actor)

    merged = merge(office)

    work = Work.objects.get(pk=work.pk)
    assert (work.acting_unit, work.place_unit) == (office.district.west, office.district.west)
    assert (work.lead_unit, work.terms_number) == (office.bureau, 2)
    assert work.actor == actor.successor or str(work.actor) == "西塘镇环保办主任"
    assert WorkTerms.objects.get(work=work, number=1).acting_unit == office.east
    assert "1 项任务和项目改由西塘镇负责" in merged.said


def test_a_work_that_the_successor_would_check_itself_stops_the_merger(office, put):
    put(checker_unit=office.district.west)

    with pytest.raises(RuleBrokenError) as refusal:
        merge(office)

    assert refusal.value.code == "work.checked_by_successor"
    assert Unit.objects.get(pk=office.east.pk).active_to is None
