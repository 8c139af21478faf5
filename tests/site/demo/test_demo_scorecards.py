"""The scores of the demonstration: two months, the older one published, each loss with a cause, done once."""

from __future__ import annotations

from tests.site.demo.conftest import AT

from heqing_site.demo.scorecards import EVENTS, add_scorecards
from heqing_site.scorecards import queries
from heqing_site.scorecards.models import Scorecard, ScoreEvent, ScorePublication


def test_two_months_are_scored_and_the_older_one_is_published(demo):
    months = sorted(set(Scorecard.objects.values_list("month_end", flat=True)))

    assert [str(day) for day in months] == ["2026-02-28", "2026-03-31"]
    assert ScorePublication.objects.get().month_end == months[0]
    assert ScoreEvent.objects.count() == len(EVENTS)


def test_the_losses_of_every_card_add_up_and_lead_somewhere(demo):
    cards = Scorecard.objects.filter(points__isnull=False).prefetch_related("losses")

    assert {card.group for card in cards} == {"town", "department"}
    for card in cards:
        assert card.full - card.points == sum(loss.points for loss in card.losses.all()) - card.bonus
        references = {(loss.ref_kind, loss.ref_key) for loss in card.losses.all()}
        assert queries.addresses(references, on=card.month_end).keys() == references
        assert all(loss.sentence and loss.cause not in loss.sentence for loss in card.losses.all())


def test_a_second_start_scores_nothing_again(demo):
    before = Scorecard.objects.count()
    add_scorecards(at=AT, tell=print)

    assert Scorecard.objects.count() == before
