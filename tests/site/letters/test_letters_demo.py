"""The invented letters: both kinds, most signed, one amended; a second call adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from heqing_site.demo import rules
from heqing_site.demo.actions import add_documents, found_district
from heqing_site.demo.letters import add_letters
from heqing_site.letters import queries
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.letters.rules import State

MOMENTS = [datetime(2026, 11, 24, 3, 0, tzinfo=UTC), datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]


@pytest.mark.django_db
@pytest.mark.parametrize("at", MOMENTS)
def test_both_kinds_are_shown_in_every_standing(at):
    found_district(at=at, year=2026, first_day=rules.first_day(at.date(), 14))
    add_documents(at=at, tell=lambda words: None)
    told: list[str] = []
    for _ in range(2):
        add_letters(at=at, tell=told.append)
    assert len(told) == 1
    assert {series.kind for series in LetterSeries.objects.all()} == {"task_book", "commitment"}
    assert all(series.is_invented for series in LetterSeries.objects.all())
    states = {State(state) for state in Letter.objects.values_list("state", flat=True)}
    assert states == {State.DRAFT, State.SUBMITTED, State.ISSUED, State.SIGNED} - {State.DRAFT}
    assert Letter.objects.filter(state=State.SIGNED).count() >= 8
    amended = Letter.objects.get(number__contains="修订一")
    on = at.date()
    differing = queries.differences(on=on)
    assert amended.pk not in differing
    assert differing


@pytest.mark.django_db
def test_an_installation_that_is_no_demonstration_gets_none():
    add_letters(at=MOMENTS[0], tell=print)
    assert not LetterSeries.objects.exists()
