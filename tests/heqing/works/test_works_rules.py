"""Pipelines, schedule, lights and slips: thresholds from both sides, against what the sources say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from heqing.errors import RulebookError, UnknownNameError
from heqing.works import (
    Course,
    Event,
    Light,
    Milestone,
    Outlook,
    draw,
    event_of,
    light,
    pipelines_on,
    planned_days,
    planned_percent,
    proposed,
    report_due_day,
    scheme_names,
    slip_scheme,
    slip_schemes,
    spread_days,
)

TODAY = date(2026, 11, 24)
START, FINISH = date(2026, 1, 1), date(2026, 12, 31)


# --- pipelines ----------------------------------------------------------------------------------------------------


def test_every_pipeline_ends_in_a_finish_and_has_a_start():
    for pipeline in pipelines_on(TODAY).values():
        milestones = [stage.milestone for stage in pipeline.stages if stage.milestone]
        assert pipeline.stages[-1].milestone is Milestone.FINISH, pipeline.key
        assert milestones.count(Milestone.START) == 1, pipeline.key
        known = {paper.key for stage in pipeline.stages for paper in stage.papers}
        assert {paper for clock in pipeline.clocks for paper in (clock.from_paper, clock.to_paper)} <= known


def test_the_pipelines_of_the_seeds_are_there_and_what_is_not_found_is_marked():
    found = pipelines_on(TODAY)
    names = {"task", "national4", "land_start", "six_at_once", "renewal", "sewer", "upgrade", "move_in", "clear_out",
             "reserve"}  # fmt: skip
    assert set(found) == names
    six = found["six_at_once"]
    assert six.unconfirmed
    assert len(six.papers_together("six_papers")) == 6
    assert six.bundles[0].unconfirmed
    assert len(found["land_start"].papers_together("four_papers")) == 4  # Hailing 2021
    assert found["task"].unconfirmed is False


def test_stages_lie_one_after_the_other():
    task = pipelines_on(TODAY)["task"]
    assert (task.after("closed"), task.before("assigned")) == (None, None)
    assert task.after("doing").key == "reported"
    assert task.before("reported").key == "doing"


def test_a_pipeline_that_cannot_be_is_named():
    rows = [{"stage": "a", "name_zh": "一", "share": 50}, {"stage": "a", "name_zh": "二", "share": 50}]
    with pytest.raises(RulebookError, match="stands twice"):
        draw(key="x", names=("x", "x"), kind="task", stages=rows, papers=[])
    with pytest.raises(RulebookError, match="100"):
        draw(key="x", names=("x", "x"), kind="task", stages=rows[:1], papers=[])


def test_papers_together_are_spread_by_their_days():
    assert spread_days([]) == 0
    assert spread_days([TODAY, TODAY - timedelta(days=1), TODAY]) == 1


# --- schedule -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "percent"),
    [(date(2025, 12, 31), "0"), (START, "0.3"), (date(2026, 7, 2), "50.1"), (FINISH, "100"), (date(2027, 1, 1), "100")],
)
def test_the_plan_rises_straight_between_its_days(day, percent):
    assert planned_percent(START, FINISH, day) == Decimal(percent)


def test_the_last_stage_is_planned_for_the_last_day():
    for pipeline in pipelines_on(TODAY).values():
        days = list(planned_days(pipeline, START, FINISH).values())
        assert days == sorted(days)
        assert days[-1] == FINISH
    assert planned_days(pipelines_on(TODAY)["task"], None, FINISH) == {}


# --- lights -------------------------------------------------------------------------------------------------------


def behind(points, *, scheme=None, **more):
    course = Course(START, FINISH, started_on=START, planned=Decimal(50), done=Decimal(50) - Decimal(points), **more)
    return light(course, on=date(2026, 7, 1), scheme=scheme)


@pytest.mark.parametrize(("points", "expected"), [("9.9", "green"), ("10", "green"), ("10.1", "yellow"),
                                                  ("29.9", "yellow"), ("30", "yellow"), ("30.1", "red")])  # fmt: skip
def test_points_behind_by_the_house_proposal(points, expected):
    assert behind(points).light == expected


@pytest.mark.parametrize(
    ("points", "expected", "silent"),
    [("0", "green", False), ("0.1", "yellow", True), ("9.9", "yellow", True), ("10", "yellow", False),
     ("30", "yellow", False), ("30.1", "red", False)],
)  # fmt: skip
def test_yinchuan_says_nothing_of_less_than_ten_points(points, expected, silent):
    found = behind(points, scheme="yinchuan")
    assert (found.light, found.is_silent) == (expected, silent)
    assert found.unconfirmed is (points != "0")  # one source


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 3, 31), "green"), (date(2026, 4, 1), "yellow"), (date(2026, 5, 31), "yellow"),
     (date(2026, 6, 1), "red")],
)  # fmt: skip
def test_a_start_is_late_when_its_month_is_over_and_red_after_three(day, expected):
    course = Course(date(2026, 3, 20), date(2027, 12, 31))
    assert light(course, on=day, scheme="yinchuan").light == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 3, 31), "green"), (date(2026, 4, 1), "yellow"), (date(2026, 5, 1), "yellow"),
     (date(2026, 6, 1), "red")],
)  # fmt: skip
def test_entry_in_statistics_is_yellow_after_a_month_and_red_after_two(day, expected):
    course = Course(date(2026, 3, 1), date(2027, 12, 31), started_on=date(2026, 3, 5), needs_entry=True)
    assert light(course, on=day, scheme="yinchuan").light == expected
    entered = Course(date(2026, 3, 1), date(2027, 12, 31), date(2026, 3, 5), date(2026, 3, 9), needs_entry=True)
    assert light(entered, on=day, scheme="yinchuan").light == "green"


def test_the_last_day_is_in_time_and_the_next_is_red():
    course = Course(START, FINISH, started_on=START, planned=Decimal(100), done=Decimal(100))
    found = [light(course, on=FINISH + timedelta(days=days)).light for days in (-1, 0, 1)]
    assert found == [Light.GREEN, Light.GREEN, Light.RED]


def test_guangyuan_asks_whether_the_unit_can():
    late = {"scheme": "guangyuan"}
    assert behind("5", outlook=Outlook.ABLE, **late).light is Light.YELLOW
    assert behind("5", outlook=Outlook.UNABLE, **late).light is Light.RED
    assert behind("0", outlook=Outlook.ABLE, **late).light is Light.GREEN


def test_what_is_done_is_green_and_without_days_it_is_grey():
    done = Course(START, FINISH, started_on=START, finished_on=date(2027, 1, 3))
    assert (light(done, on=TODAY).light, light(done, on=TODAY).reason) == (Light.GREEN, "work_finished_late(3)")
    assert light(Course(None, FINISH), on=TODAY).light is Light.GREY
    assert light(Course(FINISH, FINISH), on=TODAY).reason == "work_not_due_yet"


def test_an_unknown_scheme_is_named():
    with pytest.raises(UnknownNameError):
        light(Course(START, FINISH), on=TODAY, scheme="nowhere")
    assert list(scheme_names()) == ["heqing", "yinchuan", "guangyuan"]


# --- slips --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(11, None), (10, Event.NEAR), (0, Event.NEAR), (-1, Event.OVERDUE)])
def test_near_and_over_the_deadline(days, expected):
    finish = TODAY + timedelta(days=days)
    assert event_of(finish, Decimal(90), Decimal(90), on=TODAY, scheme=slip_scheme()) is expected


@pytest.mark.parametrize(("done", "expected"), [("40.1", None), ("40", None), ("39.9", Event.BEHIND)])
def test_behind_schedule_calls_for_a_slip(done, expected):
    assert event_of(FINISH, Decimal(50), Decimal(done), on=date(2026, 7, 1), scheme=slip_scheme()) is expected


def test_by_suqian_each_event_has_its_colour_and_nothing_milder_follows():
    scheme = slip_scheme("suqian")
    blue, yellow, red = scheme.colours
    assert [proposed(e, earlier=None, is_open=False, scheme=scheme) for e in Event] == [blue, yellow, red]
    assert proposed(Event.NEAR, earlier=yellow, is_open=False, scheme=scheme) is None
    assert proposed(Event.OVERDUE, earlier=blue, is_open=False, scheme=scheme) == red
    assert proposed(Event.OVERDUE, earlier=None, is_open=True, scheme=scheme) is None


def test_by_sanming_each_slip_is_one_step_above_the_last():
    scheme = slip_scheme("sanming")
    blue, orange, red = scheme.colours
    steps = [proposed(Event.OVERDUE, earlier=e, is_open=False, scheme=scheme) for e in (None, blue, orange, red)]
    assert steps == [blue, orange, red, None]
    assert proposed(Event.NEAR, earlier=blue, is_open=False, scheme=scheme) is None


def test_schemes_of_slips_are_named_and_reports_are_due_on_the_fifth():
    assert list(slip_schemes()) == ["suqian", "sanming"]
    assert report_due_day() == 5
    with pytest.raises(UnknownNameError):
        slip_scheme("nowhere")
