"""The procedure against the facts it was taken from, and the state machine as a whole."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from heqing.cases import Counting, Deed, Mover, State, draw, procedure_on, step
from heqing.errors import UnknownNameError

ON = date(2026, 11, 24)
RULES = procedure_on(ON)


@pytest.mark.parametrize(
    ("state", "deed", "after"),
    [
        (None, Deed.OPEN, State.OPENED),
        (State.OPENED, Deed.ASSIGN, State.ASSIGNED),
        (State.ASSIGNED, Deed.ACCEPT, State.ACCEPTED),
        (State.ACCEPTED, Deed.PROGRESS, State.ACCEPTED),
        (State.ACCEPTED, Deed.RECTIFY, State.RECTIFIED),
        (State.RECTIFIED, Deed.RETURN, State.RETURNED),
        (State.RETURNED, Deed.RECTIFY, State.RECTIFIED),
        (State.RECTIFIED, Deed.VERIFY, State.VERIFIED),
        (State.VERIFIED, Deed.CLOSE, State.CLOSED),
        (State.CLOSED, Deed.REOPEN, State.REOPENED),
        (State.REOPENED, Deed.ASSIGN, State.ASSIGNED),
        (State.OPENED, Deed.DISMISS, State.DISMISSED),
        (State.OPENED, Deed.OPEN, None),
        (None, Deed.ASSIGN, None),
        (State.ACCEPTED, Deed.VERIFY, None),
        (State.ACCEPTED, Deed.CLOSE, None),
        (State.RECTIFIED, Deed.CLOSE, None),
        (State.CLOSED, Deed.CLOSE, None),
        (State.RECTIFIED, Deed.DISMISS, None),
        (State.DISMISSED, Deed.REOPEN, None),
    ],
)
def test_a_deed_leads_where_the_procedure_says(state: State | None, deed: Deed, after: State | None) -> None:
    assert step(RULES, state, deed) is after


def test_every_road_to_closed_goes_through_verification() -> None:
    into_closed = [move for move in RULES.moves.values() if move.leads_to is State.CLOSED]
    assert [move.starts for move in into_closed] == [(State.VERIFIED,)]
    into_verified = [move for move in RULES.moves.values() if move.leads_to is State.VERIFIED]
    assert [(move.starts, move.needs_another_unit) for move in into_verified] == [((State.RECTIFIED,), True)]


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    reached = {state for move in RULES.moves.values() if (state := move.leads_to) is not None}
    assert reached == set(State)
    for state in RULES.open_states:
        assert any(move.leads_to not in (None, state) for move in RULES.possible(state)), state
    assert {RULES.states[state].mover for state in State if state not in RULES.open_states} == {Mover.NOBODY}


def test_every_open_state_has_days_in_every_track() -> None:
    for track in RULES.tracks:
        for state in RULES.open_states:
            if state is not State.ACCEPTED:  # the days of assigning go on
                assert RULES.deadline(track, state) is not None, (track, state)


def test_days_are_those_of_the_texts_and_marked_unconfirmed(shared_dir: Path) -> None:
    with (shared_dir / "domain/supervision_deadlines.csv").open(encoding="utf-8") as file:
        rows = {(row["scope"], row["event"]): row for row in csv.DictReader(file)}

    def days(scope: str, event: str) -> str:
        return next(row["limit"] for (where, what), row in rows.items() if where.startswith(scope) and what == event)

    told = {
        "target": days("Hangzhou", "reply to a problem notice"),
        "instruction": days("one province", "leader’s written instruction, normal"),
        "difficult": days("one province", "leader’s written instruction, difficult"),
        "section": days("one province", "leader’s written instruction, difficult"),
        "urgent": days("one province", "leader’s written instruction, urgent").split("-")[1],
        "meeting": days("one province", "decision in meeting minutes"),
        "media": days("one district", "problems raised by media"),
    }
    for track, limit in told.items():
        deadline = RULES.deadline(track, State.ASSIGNED)
        assert deadline is not None
        assert (deadline.days, deadline.unconfirmed) == (int(limit), True), track
    assert RULES.deadline("target", State.ASSIGNED).counting is Counting.WORKING  # type: ignore[union-attr]


def test_closing_standards_are_the_five_of_the_source(shared_dir: Path) -> None:
    with (shared_dir / "domain/rectification_closing.csv").open(encoding="utf-8") as file:
        counted = [row for row in csv.DictReader(file) if row["stage"].startswith("standard")]
    assert len(RULES.standards) == len(counted)


def test_the_watch_period_is_a_proposal() -> None:
    assert RULES.watch("section").unconfirmed
    assert RULES.rechecks == (1, 3, 6, 12)


def test_names_that_are_not_declared_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="notice"):
        RULES.deadline("nonsense", State.ASSIGNED)
    with pytest.raises(UnknownNameError, match="manual"):
        RULES.track_for("nonsense")


def test_the_drawing_of_the_reference_page_is_that_of_the_table() -> None:
    page = Path(__file__).parents[3] / "docs/reference/cases.md"
    assert draw(RULES) in page.read_text(encoding="utf-8")
