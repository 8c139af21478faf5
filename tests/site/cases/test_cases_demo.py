"""The invented cases: every kind of standing is there, with or without red verdicts, and a second call adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from heqing.cases import State
from heqing_site.cases.models import Case, CaseEvidence
from heqing_site.demo import rules
from heqing_site.demo.actions import found_district
from heqing_site.demo.cases import add_cases
from heqing_site.library.evidence import kind_of_file

MOMENTS = [datetime(2026, 11, 24, 3, 0, tzinfo=UTC), datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]


@pytest.mark.django_db
@pytest.mark.parametrize("at", MOMENTS)
def test_every_kind_of_standing_is_shown_without_any_verdict(at):
    found_district(at=at, year=2026, first_day=rules.first_day(at.date(), 14))
    told: list[str] = []

    for _ in range(2):
        add_cases(at=at, tell=told.append)

    cases = list(Case.objects.all())
    assert {State(case.state) for case in cases} >= {
        State.OPENED, State.ACCEPTED, State.RECTIFIED, State.CLOSED, State.REOPENED,
    }  # fmt: skip
    assert any(case.is_overdue_on(at.date()) for case in cases)
    assert all(case.is_invented for case in cases)
    waiting = Case.objects.get(state=State.RECTIFIED)
    assert waiting.rectified_by.username == "shuiwu"
    assert len(told) == 1
    for file in CaseEvidence.objects.all():
        with file.received.open("rb") as content:
            assert kind_of_file(file.file_name, content.read()) is not None
    for case in cases:
        for step in case.steps.all():
            assert not step.note or "演示" in step.note, step.note


@pytest.mark.django_db
def test_an_installation_that_is_no_demonstration_gets_none():
    add_cases(at=MOMENTS[0], tell=print)
    assert not Case.objects.exists()
