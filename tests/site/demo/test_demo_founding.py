"""The invented district comes into an empty installation only, and what was broken off is finished."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from tests.site.demo.conftest import AT, DAY

from heqing_site.demo import actions
from heqing_site.errors import RuleBrokenError
from heqing_site.library.models import Document
from heqing_site.orgs.models import Unit


def test_what_was_broken_off_is_finished_by_the_next_start(db, tmp_path):
    actions.found_district(at=AT, year=2026, first_day=date(2026, 3, 25))

    found = actions.set_up(at=AT, through=DAY, folder=tmp_path, tell=lambda _: None)

    assert found.through == DAY
    assert Document.objects.count() == 3


def test_invented_data_is_not_put_beside_real_accounts(district, tmp_path):
    with pytest.raises(RuleBrokenError) as refusal:
        actions.set_up(at=AT, through=DAY, folder=tmp_path, months=1)

    assert refusal.value.code == "demo.not_empty"
    assert not (tmp_path / "store").exists()
    assert Unit.objects.filter(name="青澜区").count() == 0


def test_a_real_installation_says_nothing_of_the_kind(district, open_as, client):
    assert "演示" not in client.get(reverse("login")).content.decode()
    assert "演示安装" not in open_as(district.clerk).get(reverse("orgs:units")).content.decode()
