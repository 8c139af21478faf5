"""Every deed on a plan: what it leaves, what it refuses; who may; nothing closes itself; rows are only added."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.conftest import AT, DAY, PASSWORD
from tests.site.plans.conftest import (
    DONE,
    PHOTO,
    WHOLE,
    done,
    drafted,
    finished,
    in_force,
    later,
    months,
    written,
)

from heqing.plans import Deed, Finding, State, procedure_on
from heqing.store import batches
from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.demo.actions import found_district
from heqing_site.demo.plans import add_past_months, add_plans
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.orgs.actions import create_user, grant_role
from heqing_site.orgs.rules import Role
from heqing_site.places.actions import create_section
from heqing_site.plans import actions, queries
from heqing_site.plans import water as instruments
from heqing_site.plans.lists import put_item, strike_item, write_chapter
from heqing_site.plans.models import Plan, PlanChapter, PlanFile, PlanItem, PlanOpinion, PlanStep
from heqing_site.plans.rules import OPEN, Adoption

NOVEMBER = datetime(2026, 11, 3, 2, tzinfo=UTC)
TODAY = date(2026, 11, 3)


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


# --- the whole way ------------------------------------------------------------------------------------------------


def test_a_plan_goes_its_whole_way_and_every_step_stays(bank, plan, water):
    water(months(2025, 0.35) | months(2026, 0.15))
    assert plan.title == "东溪一河（湖）一策实施方案"
    assert plan.chief == bank.river.chief
    finished(bank, plan)
    done(bank, plan, Deed.EVALUATE, 246)
    closed = done(bank, plan, Deed.CLOSE, 247)

    assert (closed.state, closed.closed_on, closed.finding) == (State.CLOSED, date(2026, 11, 4), Finding.IMPROVED)
    assert closed.finding_note == "东溪桥同期类别由Ⅴ类变为Ⅲ类"
    assert [(step.deed, step.by_name) for step in closed.steps.all()] == [
        ("draft", "周芳"), ("consult", "周芳"), ("review", "沈河"), ("approve", "何平"), ("enforce", "周芳"),
        ("finish", "周芳"), ("evaluate", "周芳"), ("close", "何平"),
    ]  # fmt: skip
    assert closed.reference == "清政发〔2026〕1 号"
    numbers = closed.steps.get(deed="evaluate").numbers[0]
    assert (numbers["section"], numbers["before_class"], numbers["after_class"]) == ("S1", 5, 3)
    recorded = AuditEntry.objects.filter(action__startswith="plans.").order_by("pk").values_list("action", flat=True)
    assert [action for action in recorded if action != "plans.put_item"] == [
        "plans.draft", "plans.consult", "plans.review", "plans.approve", "plans.enforce", "plans.finish",
        "plans.evaluate", "plans.close_out",
    ]  # fmt: skip


def test_the_states_of_the_code_are_those_of_the_rulebook():
    assert procedure_on(DAY).open_states == OPEN


def test_sent_twice_is_done_once(bank, plan):
    written(bank, plan)
    for _ in range(2):
        done(bank, plan, Deed.CONSULT, seen=1)
    assert PlanStep.objects.filter(deed="consult").count() == 1


def test_two_officers_do_not_overwrite_each_other(bank, plan):
    written(bank, plan)
    done(bank, plan, Deed.CONSULT)
    sentence = refuses("plan.changed_meanwhile", lambda: done(bank, plan, Deed.WITHDRAW, seen=1))
    assert "周芳" in sentence


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", ["M1", "R1", "C1", "Z1"])
def test_a_broken_chain_refuses_sending_on_review_and_approval(bank, plan, without):
    written(bank, plan, without=without)
    for state, deed in (("drafted", Deed.CONSULT), ("consulted", Deed.REVIEW), ("reviewed", Deed.APPROVE)):
        Plan.objects.filter(pk=plan.pk).update(state=state)
        sentence = refuses("plan.lists_broken", lambda deed=deed: done(bank, plan, deed))
        assert "没有接上" in sentence


@pytest.mark.parametrize("lacking", ["unit", "person"])
def test_a_measure_without_unit_or_person_refuses_approval(bank, plan, lacking):
    written(bank, plan)
    values = {"unit": bank.town, "person": "周芳", "due_on": date(2026, 12, 31)} | {lacking: None}
    put_item(by=bank.writer, at=AT, plan=plan, list_key="duty", code="Z1", words="责任", links=["C1"], values=values)
    Plan.objects.filter(pk=plan.pk).update(state="reviewed")
    sentence = refuses("plan.lists_broken", lambda: done(bank, plan, Deed.APPROVE))
    assert ("没有责任单位" if lacking == "unit" else "没有责任人") in sentence


def test_deeds_need_words_evidence_a_day_and_a_reference(bank, plan):
    in_force(bank, plan)
    refuses("plan.words_missing", lambda: done(bank, plan, Deed.FINISH, 10, note=" ", day=DONE, files=[PHOTO]))
    refuses("plan.evidence_missing", lambda: done(bank, plan, Deed.FINISH, 10, day=DONE))
    refuses("plan.day_missing", lambda: done(bank, plan, Deed.FINISH, 10, files=[PHOTO]))
    refuses("plan.day_in_future", lambda: done(bank, plan, Deed.FINISH, 1, day=DONE, files=[PHOTO]))
    refuses("plan.wrong_state", lambda: done(bank, plan, Deed.CLOSE))
    other = written(bank, drafted(bank, kind="enterprise", enterprise=bank.enterprise))
    done(bank, other, Deed.CONSULT)
    done(bank, other, Deed.REVIEW, by=bank.leader)
    refuses("plan.reference_missing", lambda: done(bank, other, Deed.APPROVE, reference=" "))


def test_nobody_approves_what_they_sent_on(bank, plan):
    for role in (Role.LEADER,):
        grant_role(by=bank.district.site_admin, at=AT, user=bank.writer, role=role, unit=bank.town, valid_from=DAY)
    written(bank, plan)
    done(bank, plan, Deed.CONSULT)
    refuses("plan.own_work", lambda: done(bank, plan, Deed.REVIEW, by=bank.writer))


def test_rights_are_asked_at_the_units_place(bank, plan, district):
    for person in (district.clerk, district.officer, district.supervisor, district.leader):
        refuses(
            "permission.missing",
            lambda person=person: put_item(by=person, at=AT, plan=plan, list_key="problem", words="x"),
        )
        refuses("permission.missing", lambda person=person: done(bank, plan, Deed.CONSULT, by=person))
    written(bank, plan)
    done(bank, plan, Deed.CONSULT)
    refuses("permission.missing", lambda: done(bank, plan, Deed.REVIEW, by=district.town_clerk))
    refuses("permission.missing", lambda: done(bank, plan, Deed.APPROVE, by=bank.writer))
    assert done(bank, plan, Deed.REVIEW).state == State.REVIEWED  # the chief has no role, but the post
    refuses("permission.missing", lambda: done(bank, plan, Deed.APPROVE, by=bank.chief))


def test_a_plan_is_tied_to_one_thing_of_its_kind(bank):
    refuses("plan.thing_wrong", lambda: drafted(bank))
    refuses("plan.thing_wrong", lambda: drafted(bank, river=bank.river, enterprise=bank.enterprise))
    refuses("plan.thing_wrong", lambda: drafted(bank, enterprise=bank.enterprise))
    refuses("plan.kind_unknown", lambda: drafted(bank, kind="cloud", river=bank.river))
    refuses(
        "plan.sections_of_other_river", lambda: drafted(bank, kind="parcel", place_text="地块", sections=[bank.section])
    )
    refuses("plan.approval_unknown", lambda: drafted(bank, river=bank.river, approval="none"))
    assert str(drafted(bank, kind="parcel", place_text="老厂地块").thing) == "老厂地块"


def test_the_statute_of_chongqing_asks_four_parties_and_does_not_split_a_river(bank):
    whole = drafted(bank, river=bank.river, approval="chongqing")
    sentence = refuses(
        "plan.whole_river_first",
        lambda: drafted(bank, river=bank.river, sections=[bank.section], approval="chongqing"),
    )
    assert "第二十条" in sentence
    assert drafted(bank, river=bank.river, sections=[bank.section]).approval == "plain"
    written(bank, whole)
    assert "公众、专家、有关单位、沿河政府" in refuses("plan.opinions_missing", lambda: done(bank, whole, Deed.CONSULT))
    for consultee in ("public", "experts", "units", "riparian"):
        actions.add_opinion(by=bank.writer, at=AT, plan=whole, consultee=consultee, party="某方", opinion="同意")
    assert done(bank, whole, Deed.CONSULT).state == State.CONSULTED


def test_an_opinion_not_taken_up_needs_its_reason(bank, plan):
    def enter(**more):
        told = {"consultee": "adviser", "party": "某环科院", "opinion": "补充清淤", **more}
        return actions.add_opinion(by=bank.writer, at=AT, plan=plan, **told)

    refuses("plan.opinion_because_missing", lambda: enter(adoption=Adoption.DECLINED))
    refuses("plan.consultee_unknown", lambda: enter(consultee="riparian"))
    refuses("plan.opinion_missing", lambda: enter(opinion=" "))
    row = enter(adoption=Adoption.DECLINED, because="已列入另一项目", contract_until=date(2027, 12, 31))
    assert (row.adoption_name, row.consultee_name) == ("未采纳", "技术指导单位")


# --- the lists ----------------------------------------------------------------------------------------------------


def test_items_are_versions_and_can_be_read_as_of_any_day(bank, plan):
    written(bank, plan)
    put_item(
        by=bank.writer, at=later(5), plan=plan, list_key="problem", code="W1", words="改过的问题", values=WHOLE[0][3]
    )
    strike_item(by=bank.writer, at=later(9), plan=plan, code="Z1", because="并入 C1")

    def seen(days):
        return {item.code: item.words for item in queries.items_of(plan, as_of=later(days).date())}

    assert seen(-1) == {}
    assert (seen(0)["W1"], seen(4)["W1"], seen(5)["W1"]) == ("条目 W1", "条目 W1", "改过的问题")
    assert ("Z1" in seen(8), "Z1" in seen(9)) == (True, False)
    assert PlanItem.objects.filter(plan=plan, code="W1").count() == 2
    assert [fault.fault for fault in queries.faults_of(plan, queries.items_of(plan))] == ["no_follower", "empty"]


def test_the_same_again_writes_nothing(bank, plan):
    written(bank, plan)
    written(bank, plan)
    assert PlanItem.objects.count() == len(WHOLE)


def test_numbers_are_given_and_not_given_twice(bank, plan):
    def add(**more):
        return put_item(by=bank.writer, at=AT, plan=plan, list_key="problem", words="又一个问题", **more)[0]

    assert [add(values={"location": str(n)}).code for n in range(2)] == ["W1", "W2"]
    strike_item(by=bank.writer, at=AT, plan=plan, code="W2", because="重复")
    assert add(values={"location": "3"}).code == "W3"
    refuses(
        "plan.code_taken", lambda: put_item(by=bank.writer, at=AT, plan=plan, list_key="goal", code="W1", words="x")
    )
    refuses("plan.code_wrong", lambda: add(code="1 号"))
    refuses("plan.category_unknown", lambda: add(values={"category": "weather"}))
    refuses("plan.field_unknown", lambda: add(values={"money": 3}))
    refuses("plan.field_too_long", lambda: add(values={"location": "长" * 201}))
    refuses("plan.list_unknown", lambda: put_item(by=bank.writer, at=AT, plan=plan, list_key="wish", words="x"))
    refuses("plan.item_words_missing", lambda: put_item(by=bank.writer, at=AT, plan=plan, list_key="task", words=" "))
    refuses("because.missing", lambda: strike_item(by=bank.writer, at=AT, plan=plan, code="W1", because=" "))
    refuses("plan.item_gone", lambda: strike_item(by=bank.writer, at=AT, plan=plan, code="W9", because="无"))


def test_two_officers_on_one_item(bank, plan):
    written(bank, plan)

    def put(words):
        return put_item(by=bank.writer, at=AT, plan=plan, list_key="task", code="R1", words=words, links=["M1"],
            values={"year": 2026}, seen=1)  # fmt: skip

    put("甲改的")
    put("甲改的")  # sent twice
    refuses("plan.item_changed_meanwhile", lambda: put("乙改的"))


def test_lists_are_written_only_while_the_plan_is_drafted(bank, plan):
    in_force(bank, plan)
    refuses("plan.not_writable", lambda: written(bank, plan))
    refuses(
        "plan.not_writable",
        lambda: write_chapter(by=bank.writer, at=AT, plan=plan, chapter="general", words="x"),
    )
    amended = done(bank, plan, Deed.REVISE, 3)
    assert (amended.version, amended.state) == (2, State.DRAFTED)
    put_item(by=bank.writer, at=later(3), plan=amended, list_key="problem", code="W1", words="新版", values=WHOLE[0][3])
    assert [row.version for row in PlanItem.objects.filter(code="W1").order_by("number")] == [1, 2]


def test_chapters_are_versions_too(bank, plan):
    for words in ("甲", "甲", "乙"):
        write_chapter(by=bank.writer, at=AT, plan=plan, chapter="general", words=words)
    assert PlanChapter.objects.count() == 2
    assert queries.chapters_of(plan)[0][1].words == "乙"
    refuses("plan.chapter_unknown", lambda: write_chapter(by=bank.writer, at=AT, plan=plan, chapter="poem", words="x"))


# --- did the water get better -------------------------------------------------------------------------------------


def test_works_without_effect_reopen_the_plan_by_the_system(bank, plan, water):
    water(months(2025, 0.28) | months(2026, 0.27))
    finished(bank, plan)

    early = actions.judge_finished(at=datetime(2026, 10, 31, 2, tzinfo=UTC), on=date(2026, 10, 31))
    assert (early.reopened, [p.finding for p in early.noted]) == ([], ["not_improved"])
    assert actions.judge_finished(at=NOVEMBER, on=date(2026, 10, 31)).noted == []
    found = actions.judge_finished(at=NOVEMBER, on=TODAY)
    again = actions.judge_finished(at=NOVEMBER, on=TODAY)

    assert ([p.number for p in found.reopened], again.reopened, again.noted) == ([plan.number], [], [])
    plan.refresh_from_db()
    assert (plan.state, plan.reopenings, plan.due_on) == (State.REOPENED, 1, date(2026, 12, 3))
    step = plan.steps.last()
    assert (step.by, step.by_name, step.deed) == (None, "系统", "reopen")
    assert "主要污染物总磷变化 -3.6%，未达到下降 20%" in step.note
    assert step.numbers[0]["after"] == [f"2026-{m}" for m in ("05", "06", "07", "08", "09", "10")]
    assert AuditEntry.objects.filter(action="plans.reopen", actor_name="系统").count() == 1
    assert plan in queries.awaiting(bank.writer, on=TODAY)
    assert plan in queries.awaiting(bank.chief, on=TODAY)
    revised = done(bank, plan, Deed.REVISE, 250)
    assert (revised.version, revised.due_on) == (2, None)


def test_better_water_waits_for_a_person(bank, plan, water):
    water(months(2025, 0.35) | months(2026, 0.15))
    finished(bank, plan)
    found = actions.judge_finished(at=NOVEMBER, on=TODAY)
    plan.refresh_from_db()
    assert (found.reopened, plan.state, plan.finding) == ([], State.FINISHED, Finding.IMPROVED)
    assert plan in queries.awaiting(bank.writer, on=TODAY)


def test_what_cannot_be_told_is_left_alone_and_never_called_better(bank, plan, water):
    water({"2025-05": 0.28, "2026-05": 0.27, "2025-06": 0.28, "2026-06": 0.27})
    finished(bank, plan)
    found = actions.judge_finished(at=NOVEMBER, on=TODAY)
    plan.refresh_from_db()
    assert (found.reopened, plan.state, plan.finding) == ([], State.FINISHED, Finding.UNKNOWN)
    refuses("plan.not_told_yet", lambda: done(bank, plan, Deed.EVALUATE, 240))
    refuses("plan.appraisal_missing", lambda: done(bank, plan, Deed.EVALUATE, 250))
    assert done(bank, plan, Deed.EVALUATE, 250, files=[PHOTO]).finding_note == "书面评估：理由如下"


def test_a_river_that_did_not_get_better_is_not_found_effective(bank, plan, water):
    water(months(2025, 0.28) | months(2026, 0.28))
    finished(bank, plan)
    refuses("plan.not_improved", lambda: done(bank, plan, Deed.EVALUATE, 246, files=[PHOTO]))


@pytest.mark.parametrize(("missed", "is_closed"), [("2026-10", False), ("2026-05", False), (None, True)])
def test_a_river_is_closed_only_after_its_class_was_kept(bank, plan, water, missed, is_closed):
    values = months(2025, 0.45) | months(2026, 0.15)
    if missed:
        values[missed] = 0.28
    water(values)
    finished(bank, plan)
    done(bank, plan, Deed.EVALUATE, 246)
    if is_closed:
        assert done(bank, plan, Deed.CLOSE, 247).state == State.CLOSED
    else:
        assert missed in refuses("plan.not_sustained", lambda: done(bank, plan, Deed.CLOSE, 247))


def test_the_goals_name_the_sections_that_count(bank, plan, water):
    other = create_section(
        by=bank.district.site_admin, at=AT, name="东溪源", code="S2", river=bank.river, unit=bank.town,
        lon=bank.section.lon, lat=bank.section.lat, body_type="river", control_level="city", target_class=2,
    )  # fmt: skip
    assert {s.code for s in instruments.sections_of(plan, on=DAY)} == {"S1", "S2"}
    written(bank, plan)
    assert [s.code for s in instruments.sections_of(plan, on=DAY)] == ["S1"]
    reach = drafted(bank, river=bank.river, sections=[other])
    assert [s.code for s in instruments.sections_of(reach, on=DAY)] == ["S2"]


def test_an_enterprise_is_appraised_in_words_with_evidence(bank):
    plan = drafted(bank, kind="enterprise", enterprise=bank.enterprise)
    written(bank, plan)
    done(bank, plan, Deed.CONSULT)
    done(bank, plan, Deed.REVIEW, by=bank.leader)
    done(bank, plan, Deed.APPROVE)
    done(bank, plan, Deed.ENFORCE)
    done(bank, plan, Deed.FINISH, 10, day=DONE, files=[PHOTO])
    refuses("plan.appraisal_missing", lambda: done(bank, plan, Deed.EVALUATE, 20))
    done(bank, plan, Deed.EVALUATE, 20, files=[PHOTO])
    assert done(bank, plan, Deed.CLOSE, 21).state == State.CLOSED
    back = done(bank, plan, Deed.REOPEN, 22)
    assert (back.state, back.closed_on, back.finding) == (State.REOPENED, None, Finding.NOT_IMPROVED)


# --- the database -------------------------------------------------------------------------------------------------


def breaks(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_facts_together(bank, plan):
    rows = Plan.objects.filter(pk=plan.pk)
    breaks(lambda: rows.update(state="closed", finding="improved", finding_on=DAY, finished_on=DAY))
    breaks(lambda: rows.update(closed_on=DAY))
    breaks(lambda: rows.update(state="finished"))
    breaks(lambda: rows.update(state="evaluated", finished_on=DAY))
    breaks(lambda: rows.update(state="reopened"))
    breaks(lambda: rows.update(place_text="也是地块"))
    breaks(lambda: rows.update(ends_on=date(2020, 1, 1)))
    breaks(lambda: rows.update(finding="improved"))
    breaks(lambda: rows.update(state="asleep"))
    told = {"plan": plan, "state": "drafted", "version": 1, "on": DAY, "at": AT, "by_name": "系统"}
    breaks(lambda: PlanStep(number=2, deed="close", **told).save())
    item = {"plan": plan, "list_key": "task", "code": "R1", "version": 1, "words": "x", "on": DAY, "at": AT}
    breaks(lambda: PlanItem(number=1, by=bank.writer, **{**item, "words": ""}).save())
    breaks(lambda: PlanItem(number=1, by=bank.writer, begins_on=DAY, due_on=date(2020, 1, 1), **item).save())
    breaks(lambda: PlanItem(number=1, by=bank.writer, money=-1, **item).save())
    breaks(
        lambda: PlanOpinion(
            plan=plan, version=1, consultee="public", party="甲", opinion="乙", adoption="declined", on=DAY, at=AT,
            by=bank.writer,
        ).save()
    )  # fmt: skip


def test_rows_are_only_added(bank, plan):
    finished(bank, plan)
    for model in (PlanItem, PlanStep, PlanFile):
        row = model.objects.first()
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            model.objects.all().delete()
    tables = [m._meta.db_table for m in (PlanItem, PlanStep, PlanFile, PlanOpinion, PlanChapter)]
    assert append_only.missing_guards(tables) == []
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE plans_planitem SET words = 'x'")


# --- matters, projects, the demonstration -------------------------------------------------------------------------


def test_a_grant_for_water_counts_for_rivers_only(bank, district):
    west_writer = create_user(
        by=district.site_admin, at=AT, username="heshui", display_name="何水", password=PASSWORD, unit=district.west
    )
    grant_role(
        by=district.site_admin, at=AT, user=west_writer, role=Role.OFFICER, unit=district.west, valid_from=DAY,
        matters=["water"],
    )  # fmt: skip
    told = {"by": west_writer, "at": AT, "title": "", "unit": district.west, "begins_on": DAY, "ends_on": DAY}
    river = actions.draft(kind="river", river=bank.river, **told)
    refuses("permission.missing", lambda: actions.draft(kind="parcel", place_text="地块", **told))
    assert list(queries.awaiting(west_writer, on=DAY)) == [river]


@pytest.mark.parametrize("at", [datetime(2026, 11, 24, 3, tzinfo=UTC), datetime(2026, 3, 1, 1, tzinfo=UTC)])
def test_the_demonstration_shows_every_kind_of_standing(db, tmp_path, at):
    """Only the sections' own months are made; the district's hours would take minutes."""
    found = found_district(at=at, year=2026, first_day=at.date())
    (tmp_path / "store").mkdir()
    add_past_months(at=at, folder=tmp_path, tell=str)
    add_past_months(at=at, folder=tmp_path, tell=str)
    assert found.first_day == at.date()
    assert batches(tmp_path / "store").collect().height == 1

    told: list[str] = []
    for _ in range(2):
        add_plans(at=at, tell=told.append)

    states = dict(Plan.objects.values_list("river__name", "state"))
    assert (states["云澜溪"], states["石汀港"]) == ("evaluated", "reopened")
    assert set(Plan.objects.values_list("state", flat=True)) >= {"drafted", "consulted", "reviewed", "in_force"}
    assert Plan.objects.get(river__name="云澜溪").finding_note == "云澜溪入江口同期类别由Ⅳ类变为Ⅱ类"
    assert all(plan.is_invented for plan in Plan.objects.all())
    assert all("演示" in item.words for item in PlanItem.objects.all())
    assert len(told) == 1
    broken = Plan.objects.get(enterprise__code="QL-E20")
    assert {fault.fault for fault in queries.faults_of(broken, queries.items_of(broken))} == {"no_follower", "empty"}


def test_an_installation_that_is_no_demonstration_gets_no_plans(district, tmp_path):
    add_plans(at=AT, tell=print)
    add_past_months(at=AT, folder=tmp_path, tell=print)
    assert not Plan.objects.exists()
