"""Cases as facts of a score: overdue, come back, rectified too late; and what does not cost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.site.reporting.conftest import PNG
from tests.site.scorecards.conftest import AS_OF, NOW
from tests.site.worlds import kept

from heqing_site.cases import actions as cases
from heqing_site.cases.actions import File
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.rules import Role
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards import actions

MARCH = around(Kind.MONTH, date(2026, 3, 1))
APRIL = around(Kind.MONTH, date(2026, 4, 1))
PHOTO = File("现场.png", PNG)


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 2, 0, tzinfo=UTC)


@kept
def clerk(district):
    person = orgs.create_user(
        by=district.site_admin, at=on(3, 2), username="zhoufang", display_name="周芳", password="qingshan-26-xx",
        unit=district.east,
    )  # fmt: skip
    orgs.grant_role(
        by=district.site_admin, at=on(3, 2), user=person, role=Role.OFFICER, unit=district.east,
        valid_from=date(2026, 3, 2),
    )  # fmt: skip
    return person


@kept
def case(district):
    """A case of the eastern town, due on the 20th of March."""
    opened = cases.open_case(
        by=district.supervisor, at=on(3, 3), title="东溪岸边堆放垃圾", detail="约 3 吨", unit=district.east
    )
    return cases.assign(by=district.supervisor, at=on(3, 4), case=opened, due_on=date(2026, 3, 20), note="限期清运")


def rectify(case, clerk, month, day):
    case = cases.accept_case(by=clerk, at=on(3, 5), case=case)
    return cases.submit_rectification(by=clerk, at=on(month, day), case=case, note="已清运", files=[PHOTO])


def costs(month, unit):
    after = date(2026, month.first.month + 1, 2)
    card = next(c for c in actions.score_month(at=NOW, month=month, as_of=after).cards if c.unit_id == unit.pk)
    return [(loss.cause, loss.ref_kind, loss.ref_key) for loss in card.losses.filter(item="cases")]


def test_a_case_past_its_deadline_costs_the_unit_whose_move_it_is_and_leads_to_the_case(district, case):
    assert costs(MARCH, district.east) == [("score_case_overdue", "case", str(case.number))]
    assert costs(MARCH, district.west) == []


def test_a_case_of_a_village_costs_its_town(district):
    opened = cases.open_case(by=district.supervisor, at=on(3, 3), title="沟渠", detail="淤积", unit=district.village)
    cases.assign(by=district.supervisor, at=on(3, 4), case=opened, due_on=date(2026, 3, 20), note="限期")

    assert [row[0] for row in costs(MARCH, district.east)] == ["score_case_overdue"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(19, []), (20, []), (21, ["score_case_rectified_late"])],
)
def test_a_case_rectified_by_its_deadline_costs_nothing_and_a_day_later_it_does(district, case, clerk, day, expected):
    rectify(case, clerk, 3, day)

    assert [row[0] for row in costs(MARCH, district.east)] == expected


def test_a_case_that_waits_for_somebody_else_costs_nobody(district, clerk):
    waiting = cases.open_case(
        by=district.supervisor, at=on(3, 3), title="待交办", detail="尚未交办", unit=district.east
    )
    assert waiting.due_on < date(2026, 3, 31)

    assert costs(MARCH, district.east) == []


def test_a_case_that_comes_back_costs_in_the_month_in_which_it_did(district, case, clerk):
    rectify(case, clerk, 3, 10)
    cases.verify(by=district.supervisor, at=on(3, 11), case=case, note="已清")
    case.refresh_from_db()
    cases.close_out(by=district.supervisor, at=on(3, 12), case=case)
    case.refresh_from_db()
    cases.reopen(by=district.supervisor, at=on(4, 1), case=case, note="又堆上了")

    assert costs(MARCH, district.east) == []
    assert "score_case_rebound" in [row[0] for row in costs(APRIL, district.east)]


def test_a_unit_whose_cases_are_in_time_has_them_scored_and_keeps_the_points(district, case):
    card = next(
        card
        for card in actions.score_month(at=NOW, month=around(Kind.MONTH, date(2026, 2, 1)), as_of=AS_OF).cards
        if card.unit == district.east
    )
    assert card.points is None  # no case in February yet

    march = next(
        card
        for card in actions.score_month(at=NOW, month=MARCH, as_of=date(2026, 4, 2)).cards
        if card.unit == district.east
    )
    lost = march.losses.get()
    assert march.points == 100 - lost.points
    assert lost.points == Decimal(20)  # 4 of 20, and nothing else applies: 100/20
    assert "东溪岸边堆放垃圾（期限 2026-03-20）" in lost.sentence
