"""The round of a day: verdicts first, then cases for what is red; twice is as once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from tests.site.reporting.conftest import month, office, target, typed  # noqa: F401  fixtures of the room below

from heqing_site.cases.models import Case
from heqing_site.ledger.rules import Light
from heqing_site.reporting import actions as reporting
from heqing_site.rounds.actions import daily
from heqing_site.verdicts.models import TargetVerdict

OCTOBER = datetime(2026, 10, 4, 2, tzinfo=UTC)
DAY = date(2026, 10, 4)


def far_behind(office, target):  # noqa: F811
    """Report 8 of 24 km by the end of September: 41 points behind schedule."""
    put = target()
    for number in range(2, 10):
        period = month(2026, number)
        entry = reporting.submit(
            by=office.reporter, at=OCTOBER, target=put, period=period, typed=typed(Decimal(8), value_date=period.last)
        )
        reporting.accept_entry(by=office.checker, at=OCTOBER, report=entry.report)
    return put


def test_a_red_target_becomes_one_case_however_often_the_round_is_done(office, target):  # noqa: F811
    put = far_behind(office, target)

    first = daily(at=OCTOBER, on=DAY)
    again = daily(at=OCTOBER, on=DAY)

    assert [row.light for row in first.judged.rows] == [Light.RED]
    assert (len(first.opened.opened), len(again.opened.opened)) == (1, 0)
    case = Case.objects.get()
    assert (case.target, case.unit) == (put, office.town)
    assert TargetVerdict.objects.count() == 1


def test_an_officer_does_the_round_of_their_own_units_from_the_ledger(office, target, district, open_as):  # noqa: F811
    far_behind(office, target)
    target(lead=district.west)

    page = open_as(office.reporter).post("/rounds/judge/", follow=True)

    assert "已研判 1 项目标" in page.content.decode()
    assert not TargetVerdict.objects.filter(terms__lead_unit=district.west).exists()


def test_who_lacks_the_right_judges_nothing(office, target, district, open_as):  # noqa: F811
    target()

    page = open_as(district.clerk).post("/rounds/judge/")

    assert page.status_code == 403
    assert TargetVerdict.objects.count() == 0
