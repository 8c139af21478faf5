"""The procedure of a plan: what the rulebook says is what the code knows, and the law of one place is told as such."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from heqing.errors import UnknownNameError
from heqing.plans import Deed, Judge, State, Tie, procedure_on, step

DAY = date(2026, 11, 24)
RULES = procedure_on(DAY)


def test_a_plan_goes_from_draft_to_closing_and_back():
    way = [Deed.CONSULT, Deed.REVIEW, Deed.APPROVE, Deed.ENFORCE, Deed.FINISH, Deed.EVALUATE, Deed.CLOSE]
    state = step(RULES, None, Deed.DRAFT)
    for deed in way:
        state = step(RULES, state, deed)
    assert state is State.CLOSED
    assert step(RULES, step(RULES, State.FINISHED, Deed.REOPEN), Deed.REVISE) is State.DRAFTED


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed not in (Deed.EVALUATE, Deed.REOPEN)])
def test_finished_works_lead_only_to_an_appraisal_or_back(deed):
    assert step(RULES, State.FINISHED, deed) is None


def test_every_move_names_states_that_stand_and_the_open_ones_have_a_mover():
    for move in RULES.moves.values():
        assert move.leads_to in RULES.states
        assert set(move.starts) <= set(RULES.states)
    assert {form.mover.value == "nobody" for form in RULES.states.values() if form.is_open} == {False}
    assert [s for s, form in RULES.states.items() if form.is_writable] == [State.DRAFTED]


def test_the_period_follows_the_level_of_the_highest_chief():
    years = {kind: RULES.level_of(kind).years for kind in ("province", "city", "district", "town", "street")}
    assert years == {"province": 3, "city": 3, "district": 2, "town": 2, "street": 2}
    assert all(level.unconfirmed for level in RULES.levels.values())
    assert RULES.level_of("enterprise") is None


def test_the_statute_of_chongqing_is_confirmed_and_not_the_default():
    way = RULES.approvals["chongqing"]
    assert (way.unconfirmed, way.is_default, way.whole_river_first) == (False, False, True)
    assert [each.key for each in way.consultees if each.is_needed] == ["public", "experts", "units", "riparian"]
    assert not any(each.is_needed for each in RULES.default_approval.consultees)


def test_the_chapters_are_those_of_the_guide(shared_dir):
    rows = csv.DictReader((shared_dir / "domain/river_plan_rules.csv").read_text("utf-8").splitlines())
    said = next(row["value"] for row in rows if row["rule"] == "chapters of a plan")
    assert [chapter.name_zh for chapter in RULES.chapters_of("river")] == said.split("; ")
    assert len(RULES.chapters_of("parcel")) == 6


def test_kinds_say_what_they_are_tied_to():
    assert RULES.kind("river").ties == (Tie.RIVER,)
    assert RULES.ties[Tie.RIVER][1] is Judge.WATER
    assert RULES.ties[Tie.TEXT][1] is Judge.WORDS
    with pytest.raises(UnknownNameError):
        RULES.kind("cloud")
