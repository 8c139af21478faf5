"""Every deed on lists, works, stages and deadlines: what it leaves, what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.conftest import AT, DAY
from tests.site.works.conftest import FINISH, PNG, facts, later, paper, to_the_end

from heqing.works import Kind
from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.library.models import received_files
from heqing_site.works import actions, course
from heqing_site.works.models import Work, WorkStep, WorkTerms
from heqing_site.works.records import WorkPaper
from heqing_site.works.rules import Part, State


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


# --- lists and lines ----------------------------------------------------------------------------------------------


def test_a_list_is_made_once_issued_again_and_closed_when_all_has_ended(office, task_list, work):
    refuses("work.list_taken", lambda: actions.create_list(
        by=office.maker, at=AT, name="治水攻坚清单", kind="key", year=2026, issuer=office.district.district))  # fmt: skip  # noqa: E501
    issued = actions.issue_list(by=office.maker, at=later(1), task_list=task_list, because="区政府办印发")
    assert (issued.number, issued.lines[0]["title"]) == (1, "东溪镇雨污管网改造")
    refuses("work.list_in_hand", lambda: actions.close_list(
        by=office.maker, at=later(2), task_list=task_list, because="年终"))  # fmt: skip
    actions.drop_work(by=office.maker, at=later(2), work=work, note="并入另一项")
    closed = actions.close_list(by=office.maker, at=later(3), task_list=task_list, because="年终")
    assert closed.closed_on == DAY + timedelta(days=3)
    refuses("work.list_closed", lambda: actions.issue_list(
        by=office.maker, at=later(4), task_list=task_list, because="再印"))  # fmt: skip


def test_who_has_no_right_makes_no_list_and_no_line(office, task_list):
    for person in (office.town, office.district.auditor, office.district.clerk):
        refuses("permission.missing", lambda person=person: actions.create_work(
            by=person, at=AT, task_list=task_list, item="1", kind=Kind.TASK, pipeline="task", facts=facts(office)))  # fmt: skip  # noqa: E501


def test_a_work_is_not_begun_before_everybody_is_named(office, put):
    work = put(begin=False, principal=None, checker_unit=None)

    said = refuses("work.people_missing", lambda: actions.activate(by=office.maker, at=AT, work=work))
    assert "主要领导、核查单位" in said
    with pytest.raises(IntegrityError), transaction.atomic():
        Work.objects.filter(pk=work.pk).update(state=State.ACTIVE.value, stage="assigned")

    actions.amend_work(
        by=office.maker, at=AT, work=work, because="补齐", facts={"principal": office.mayor,
        "checker_unit": office.inspectors},
    )  # fmt: skip
    begun = actions.activate(by=office.maker, at=AT, work=work)
    assert (begun.state, begun.stage_name, begun.stage_due) == (State.ACTIVE, "交办", date(2026, 3, 5))


def test_nobody_checks_what_they_lead_or_do(office, put):
    refuses("work.checks_itself", lambda: put(checker_unit=office.east))
    work = put(begin=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Work.objects.filter(pk=work.pk).update(checker_unit=office.bureau)


def test_what_was_promised_before_stays_and_the_same_again_changes_nothing(office, work):
    actions.amend_work(
        by=office.maker, at=later(10), work=work, because="增加里程", facts={"requirement": "完成15公里"},
        parts=[(office.district.west, Part.WITH)],
    )  # fmt: skip
    work.refresh_from_db()
    same = actions.amend_work(
        by=office.maker, at=later(11), work=work, because="", facts={"requirement": "完成15公里"},
        parts=[(office.district.west, Part.WITH)],
    )  # fmt: skip

    assert same.version == work.version
    assert list(WorkTerms.objects.filter(work=work).values_list("number", "requirement", "because")) == [
        (1, "12月底前完成12公里", "列入清单"), (2, "完成15公里", "增加里程"),
    ]  # fmt: skip
    then = Work.objects.as_of(DAY + timedelta(days=9)).get(pk=work.pk)
    assert (then.state_then, then.terms_then) == ("active", 1)
    assert not Work.objects.as_of(DAY - timedelta(days=1)).exists()


def test_two_officers_on_one_work_and_the_same_deed_twice(office, work):
    seen = work.version
    first = actions.advance(by=office.town, at=later(1), work=work, note="已交办", seen=seen)
    again = actions.advance(by=office.town, at=later(1), work=work, note="已交办", seen=seen)
    assert (first.stage, again.stage, again.version) == ("doing", "doing", first.version)

    said = refuses("work.changed_meanwhile", lambda: actions.drop_work(
        by=office.maker, at=later(1), work=work, note="误列", seen=seen))  # fmt: skip
    assert "周芳" in said


# --- stages -------------------------------------------------------------------------------------------------------


def test_a_task_goes_its_whole_way_and_another_unit_ends_it(office, work):
    done = to_the_end(office, work)

    assert (done.state, done.finished_on, done.percent, done.light) == (
        State.DONE, DAY + timedelta(days=20), Decimal(100), "green",
    )  # fmt: skip
    assert [(step.deed, step.stage, step.by_name) for step in done.steps.all()] == [
        ("create", "", "文清"), ("activate", "assigned", "文清"), ("advance", "doing", "周芳"),
        ("advance", "reported", "周芳"), ("advance", "checked", "周芳"), ("advance", "closed", "周芳"),
        ("finish", "closed", "方正"),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="works.finish").count() == 1
    file = WorkPaper.objects.get(paper="result")
    assert received_files().open(file.received.name).read() == PNG + b"result"


def test_the_next_stage_waits_for_the_papers_of_this_one(office, work):
    actions.advance(by=office.town, at=later(1), work=work)
    said = refuses("work.papers_missing", lambda: actions.advance(by=office.town, at=later(2), work=work))
    assert "办理结果佐证" in said
    refuses("work.day_in_future", lambda: paper(office, work, "result", issued_on=date(2026, 3, 3)))
    refuses("work.paper_unknown", lambda: paper(office, work, "construction_permit"))
    first = paper(office, work, "result")
    assert paper(office, work, "result").pk == first.pk
    assert actions.advance(by=office.town, at=later(2), work=work).stage == "reported"


def test_who_does_the_work_neither_ends_it_nor_gives_it_back(office, work):
    for days in (1, 3, 5, 6):
        if days == 3:
            paper(office, work, "result", 2)
        if days == 5:
            paper(office, work, "report", 4)
        actions.advance(by=office.town, at=later(days), work=work)
    refuses("permission.missing", lambda: actions.advance(by=office.town, at=later(7), work=work))
    refuses("permission.missing", lambda: actions.return_stage(by=office.town, at=later(7), work=work, note="重做"))
    office.checker.unit = office.east
    office.checker.save()
    refuses("work.own_unit", lambda: actions.advance(by=office.checker, at=later(7), work=work))


def test_a_stage_is_given_back_with_the_reason(office, put):
    work = put(pipeline="clear_out")
    refuses("work.first_stage", lambda: actions.return_stage(by=office.checker, at=later(1), work=work, note="不符"))
    paper(office, work, "agreement")
    actions.advance(by=office.town, at=later(1), work=work)
    begun = actions.advance(by=office.town, at=later(2), work=work)
    assert begun.started_on == DAY + timedelta(days=2)
    refuses("work.words_missing", lambda: actions.return_stage(by=office.checker, at=later(3), work=work, note=" "))
    back = actions.return_stage(by=office.checker, at=later(3), work=work, note="仍在用电")
    assert (back.stage, back.started_on) == ("stopped", None)
    assert back.steps.last().left == "cleared"


def test_a_stage_ends_between_its_begin_and_today(office, work):
    refuses("work.stage_day_wrong", lambda: actions.advance(
        by=office.town, at=later(3), work=work, day=DAY + timedelta(days=4)))  # fmt: skip
    refuses("work.stage_day_wrong", lambda: actions.advance(
        by=office.town, at=later(3), work=work, day=DAY - timedelta(days=1)))  # fmt: skip
    moved = actions.advance(by=office.town, at=later(3), work=work, day=DAY + timedelta(days=3))
    assert moved.stage_since == DAY + timedelta(days=3)


def test_papers_issued_together_bear_one_day_or_a_reason(office, put):
    work = put(pipeline="land_start")
    actions.advance(by=office.town, at=later(1), work=work)
    paper(office, work, "land_contract", 5)
    for key in ("land_planning_permit", "design_reply", "works_planning_permit"):
        paper(office, work, key, 5)
    paper(office, work, "construction_permit", 5, issued_on=DAY + timedelta(days=1))

    said = refuses("work.bundle_apart", lambda: actions.advance(by=office.town, at=later(5), work=work))
    assert "四证同发" in said
    begun = actions.advance(by=office.town, at=later(5), work=work, note="住建窗口次日出证")
    assert begun.started_on == DAY + timedelta(days=5)


# --- deadlines ----------------------------------------------------------------------------------------------------


def test_more_time_is_asked_for_before_the_deadline_and_granted_by_who_issued_the_list(office, put):
    work = put(planned_finish=date(2026, 3, 12))
    refuses("work.postpone_instead", lambda: actions.amend_work(
        by=office.maker, at=later(1), work=work, because="延后", facts={"planned_finish": date(2026, 4, 1)}))  # fmt: skip  # noqa: E501
    ask = {"by": office.town, "work": work, "new_finish": date(2026, 4, 10), "note": "连续降雨，已完成一半"}
    refuses("work.postponement_is_none", lambda: actions.ask_postponement(
        **{**ask, "new_finish": date(2026, 3, 12)}, at=later(1)))  # fmt: skip
    refuses("work.asked_too_late", lambda: actions.ask_postponement(**ask, at=later(11)))
    refuses("work.nothing_asked", lambda: actions.answer_postponement(
        by=office.maker, at=later(1), work=work, is_granted=True, note="同意"))  # fmt: skip
    assert actions.ask_postponement(**ask, at=later(10)).asked_finish == date(2026, 4, 10)  # the last day is in time

    granted = actions.answer_postponement(by=office.maker, at=later(12), work=work, is_granted=True, note="同意")
    assert (granted.planned_finish, granted.asked_finish, granted.terms_number) == (date(2026, 4, 10), None, 2)
    assert WorkTerms.objects.get(work=work, number=1).planned_finish == date(2026, 3, 12)


def test_a_refused_postponement_leaves_the_deadline(office, work):
    actions.ask_postponement(by=office.town, at=later(1), work=work, new_finish=date(2027, 2, 1), note="征地未完")
    refuses("permission.missing", lambda: actions.answer_postponement(
        by=office.town, at=later(2), work=work, is_granted=True, note="同意"))  # fmt: skip
    answered = actions.answer_postponement(by=office.maker, at=later(2), work=work, is_granted=False, note="按期完成")
    assert (answered.planned_finish, answered.asked_finish) == (FINISH, None)


# --- pipelines of one's own ---------------------------------------------------------------------------------------


STAGES = [
    {"stage": "s1", "name_zh": "进场", "share": 30, "days": 5, "counting": "working", "milestone": "start"},
    {"stage": "s2", "name_zh": "完工", "share": 70, "milestone": "finish"},
]


def declared(office, **more):
    said = {
        "name": "涵洞暗渠整治", "kind": Kind.BOTH, "stages": STAGES, "because": "区水务局通知",
        "papers": [{"stage": "s2", "paper": "p1", "name_zh": "完工照片", "needed": True}],
    }  # fmt: skip
    return actions.declare_pipeline(by=office.maker, at=AT, **{**said, **more})


def test_an_officer_declares_a_pipeline_and_a_work_goes_through_it(office, put):
    made = declared(office)
    work = put(pipeline=made.key)
    moved = actions.advance(by=office.town, at=later(1), work=work)
    assert (moved.stage_name, moved.started_on) == ("完工", DAY + timedelta(days=1))
    refuses("work.papers_missing", lambda: actions.advance(by=office.checker, at=later(2), work=work))
    assert course.pipeline_of(moved, on=DAY).stages[0].days == 5


def test_a_pipeline_that_cannot_be_is_refused(office):
    refuses("work.pipeline_shares", lambda: declared(office, stages=STAGES[:1]))
    refuses("work.pipeline_incomplete", lambda: declared(office, stages=[{**STAGES[0], "share": 0}, STAGES[1]]))
    declared(office)
    refuses("work.pipeline_taken", lambda: declared(office))
    refuses("permission.missing", lambda: actions.declare_pipeline(
        by=office.town, at=AT, name="另一个", kind=Kind.TASK, stages=STAGES, papers=[], because="通知"))  # fmt: skip


# --- nothing is overwritten ---------------------------------------------------------------------------------------


def test_steps_terms_and_papers_are_only_added(office, work):
    step = WorkStep.objects.filter(work=work).first()
    step.note = "改写"
    with pytest.raises(AppendOnlyError):
        step.save()
    with pytest.raises(AppendOnlyError):
        WorkTerms.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE works_workstep SET note = 'x'")
    assert not append_only.missing_guards([table for table in append_only.guarded_tables() if "works_" in table])
