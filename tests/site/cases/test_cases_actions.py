"""Every deed on a case: what it leaves, what it refuses; what opens, attaches, comes back; nothing closes itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.cases.conftest import PHOTO, PNG, assigned, closed, later, month, rectified
from tests.site.conftest import AT, DAY

from heqing.cases import State, procedure_on
from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.cases import actions, queries
from heqing_site.cases.models import Case, CaseEvidence, CaseSignal, CaseStep
from heqing_site.cases.rules import ENDED, OPEN, CaseKind
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.library.evidence import File
from heqing_site.library.models import received_files
from heqing_site.orgs.actions import grant_role
from heqing_site.orgs.rules import Role


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


# --- the whole way ------------------------------------------------------------------------------------------------


def test_a_case_goes_its_whole_way_and_every_step_stays(office, case):
    done = closed(office, case)

    assert (done.state, done.closed_on, done.watch_until) == (
        State.CLOSED, DAY + timedelta(days=2), DAY + timedelta(days=367),
    )  # fmt: skip
    assert [(step.deed, step.state, step.by_name) for step in case.steps.all()] == [
        ("open", "opened", "方正"), ("assign", "assigned", "方正"), ("rectify", "rectified", "周芳"),
        ("verify", "verified", "方正"), ("close", "closed", "方正"),
    ]  # fmt: skip
    recorded = AuditEntry.objects.filter(action__startswith="cases.").order_by("pk").values_list("action", flat=True)
    assert [action.removeprefix("cases.") for action in recorded] == [
        "open_case", "assign", "submit_rectification", "verify", "close_out",
    ]  # fmt: skip
    file = CaseEvidence.objects.get()
    assert received_files().open(file.received.name).read() == PNG


def test_the_deadline_is_that_of_the_procedure_unless_stated_with_a_reason(office, case):
    refuses("case.due_without_reason", lambda: assigned(office, case, due_on=DAY + timedelta(days=3)))
    refuses("case.due_in_the_past", lambda: assigned(office, case, due_on=DAY - timedelta(days=1), note="急"))

    assert assigned(office, case).due_on == date(2026, 3, 16)  # ten working days after Monday 2026-03-02
    moved = assigned(office, case, days=1, due_on=date(2026, 3, 6), note="汛期将至")
    assert (moved.due_on, moved.rectify_by, moved.steps.last().deed) == (
        date(2026, 3, 6), date(2026, 3, 6), "reassign",
    )  # fmt: skip


def test_a_case_moves_to_another_unit_only_with_a_reason(office, case):
    assigned(office, case)

    refuses("case.words_missing", lambda: assigned(office, case, unit=office.district.west))
    assert assigned(office, case, unit=office.district.west, note="属西塘镇").unit == office.district.west


def test_who_handles_it_needs_the_right_there(office, case):
    refuses("case.person_without_right", lambda: assigned(office, case, person=office.district.clerk))
    assert assigned(office, case, person=office.town_officer).person == office.town_officer


@pytest.mark.parametrize(("days", "code"), [(13, None), (14, None), (15, "case.extended_too_late")])
def test_more_time_is_given_before_the_deadline_only(office, case, days, code):
    assigned(office, case)  # due on 2026-03-16, fourteen days later

    def act():
        return actions.extend(by=office.supervisor, at=later(days), case=case, due_on=date(2026, 4, 1), note="连续降雨")

    if code:
        refuses(code, act)
    else:
        assert act().due_on == date(2026, 4, 1)


def test_an_extension_gives_more_time(office, case):
    assigned(office, case)
    refuses(
        "case.extension_is_none",
        lambda: actions.extend(by=office.supervisor, at=AT, case=case, due_on=date(2026, 3, 16), note="无"),
    )


def test_taking_over_and_progress_do_not_move_the_deadline(office, case):
    due = assigned(office, case).due_on
    taken = actions.accept_case(by=office.town_officer, at=later(1), case=case)
    told = actions.report_progress(by=office.town_officer, at=later(2), case=case, note="已清一半", files=[PHOTO])

    assert (taken.state, taken.person, told.state, told.due_on) == (
        State.ACCEPTED, office.town_officer, State.ACCEPTED, due,
    )  # fmt: skip


def test_rectification_needs_words_and_evidence(office, case):
    assigned(office, case)

    def submit(**facts):
        return actions.submit_rectification(by=office.town_officer, at=later(1), case=case, **facts)

    refuses("case.words_missing", lambda: submit(note=" ", files=[PHOTO]))
    refuses("case.evidence_missing", lambda: submit(note="已清运"))
    refuses("evidence.kind_unknown", lambda: submit(note="已清运", files=[File("a.png", b"<script>")]))
    refuses("evidence.empty", lambda: submit(note="已清运", files=[File("a.png", b"")]))
    refuses("evidence.too_many", lambda: submit(note="已清运", files=[PHOTO] * 11))
    assert case.steps.count() == 2
    assert not CaseEvidence.objects.exists()


def test_a_file_over_the_limit_is_refused(office, case, settings):
    settings.UPLOAD_LIMIT = 20
    assigned(office, case)
    refuses(
        "evidence.too_large",
        lambda: actions.submit_rectification(by=office.town_officer, at=AT, case=case, note="已清运", files=[PHOTO]),
    )


def test_what_is_returned_is_rectified_again_with_new_evidence(office, case):
    rectified(office, case)
    back = actions.return_case(by=office.supervisor, at=later(2), case=case, note="仍有残留")
    assert (back.state, back.due_on) == (State.RETURNED, date(2026, 3, 18))
    refuses(
        "case.evidence_missing",
        lambda: actions.submit_rectification(by=office.town_officer, at=later(3), case=case, note="再清"),
    )
    again = actions.submit_rectification(by=office.town_officer, at=later(3), case=case, note="再清", files=[PHOTO])
    assert again.state == State.RECTIFIED


def test_what_was_verified_can_still_be_returned_before_closing(office, case):
    rectified(office, case)
    actions.verify(by=office.supervisor, at=later(2), case=case, note="现场已清")
    back = actions.return_case(by=office.supervisor, at=later(3), case=case, note="公示有异议")
    assert (back.state, back.verified_by) == (State.RETURNED, None)


# --- nobody checks themselves -------------------------------------------------------------------------------------


def test_nobody_of_the_unit_that_rectified_verifies_closes_returns_or_dismisses(office, case):
    said = refuses("case.own_unit", lambda: actions.dismiss(by=office.town_supervisor, at=AT, case=case, note="误立"))
    assert "东溪镇" in said
    rectified(office, case)
    for act in (actions.verify, actions.return_case):
        refuses("case.own_unit", lambda act=act: act(by=office.town_supervisor, at=later(2), case=case, note="好"))
    actions.verify(by=office.supervisor, at=later(2), case=case, note="好")
    refuses("case.own_unit", lambda: actions.close_out(by=office.town_supervisor, at=later(2), case=case))


def test_whoever_rectified_for_another_unit_does_not_verify_it(office, case):
    assigned(office, case)
    actions.submit_rectification(by=office.supervisor, at=later(1), case=case, note="代办", files=[PHOTO])
    refuses("case.own_unit", lambda: actions.verify(by=office.supervisor, at=later(2), case=case, note="好"))


def test_a_checker_without_a_unit_is_refused(office, case):
    rectified(office, case)
    refuses(
        "case.checker_without_unit",
        lambda: actions.verify(by=office.district.site_admin, at=later(2), case=case, note="好"),
    )


def test_the_database_refuses_a_check_by_ones_own(office, case):
    rectified(office, case)
    for facts in (
        {"verified_by": office.town_officer, "verified_unit": office.district.bureau},
        {"verified_by": office.supervisor, "verified_unit": office.town},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=State.VERIFIED.value, **facts)


def test_the_database_refuses_a_close_without_verification(office, case):
    rectified(office, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed", closed_on=DAY, watch_until=DAY, due_on=None)


def test_nothing_closes_itself(office, case):
    rectified(office, case)
    case.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStep.objects.create(
            case=case, number=9, deed="close", state="closed", on=DAY, at=AT, by_name="系统", unit=case.unit
        )


def test_rights_are_asked_for_each_deed(office, case):
    clerk = office.district.clerk
    asked = [
        lambda: actions.open_case(by=clerk, at=AT, title="甲", detail="乙", unit=office.town),
        lambda: actions.assign(by=office.town_officer, at=AT, case=case),
        lambda: actions.dismiss(by=office.town_officer, at=AT, case=case, note="无"),
    ]
    for act in asked:
        refuses("permission.missing", act)
    assigned(office, case)
    for act in (
        lambda: actions.accept_case(by=clerk, at=AT, case=case),
        lambda: actions.submit_rectification(by=clerk, at=AT, case=case, note="甲", files=[PHOTO]),
        lambda: actions.extend(by=office.town_officer, at=AT, case=case, due_on=date(2026, 5, 1), note="甲"),
    ):
        refuses("permission.missing", act)
    rectified_case = actions.submit_rectification(by=office.town_officer, at=AT, case=case, note="甲", files=[PHOTO])
    refuses("permission.missing", lambda: actions.verify(by=office.district.officer, at=AT, case=case, note="好"))
    assert rectified_case.state == State.RECTIFIED


def test_an_officer_of_another_town_does_not_rectify(office, case):
    grant_role(
        by=office.district.site_admin, at=AT, user=office.district.clerk, role=Role.OFFICER,
        unit=office.district.west, valid_from=DAY,
    )  # fmt: skip
    assigned(office, case)
    refuses("permission.missing", lambda: actions.accept_case(by=office.district.clerk, at=AT, case=case))


# --- two people, two clicks ---------------------------------------------------------------------------------------


def test_two_officers_on_one_case_get_a_clear_sentence(office, case):
    assigned(office, case, seen=1)
    said = refuses(
        "case.changed_meanwhile",
        lambda: actions.dismiss(by=office.supervisor, at=AT, case=case, note="误立", seen=1),
    )
    assert "方正" in said
    assert "交办" in said
    assert case.steps.count() == 2


def test_the_same_deed_sent_twice_is_done_once(office, case):
    for _ in range(2):
        assigned(office, case, note="速办", seen=1)
    for _ in range(2):
        actions.submit_rectification(
            by=office.town_officer, at=later(1), case=case, note="已清运", files=[PHOTO], seen=2
        )
    for _ in range(2):
        actions.open_case(by=office.supervisor, at=AT, title="同一件", detail="同一事", unit=office.town)

    assert case.steps.count() == 3
    assert Case.objects.count() == 2


def test_ended_cases_take_no_deed(office, case):
    closed(office, case)
    for act in (
        lambda: assigned(office, case, note="再办"),
        lambda: actions.close_out(by=office.supervisor, at=later(3), case=case),
        lambda: actions.dismiss(by=office.supervisor, at=later(3), case=case, note="无"),
        lambda: actions.report_progress(by=office.town_officer, at=later(3), case=case, note="无"),
    ):
        refuses("case.wrong_state", act)


# --- red verdicts -------------------------------------------------------------------------------------------------


def run(day, **more):
    return actions.open_for_verdicts(at=AT, on=day, **more)


def test_a_red_verdict_opens_one_case_and_later_reds_attach(office, target, judge):
    aim, calm = target(), target(indicator="整治河道")
    judge(aim, DAY)
    judge(calm, DAY, "yellow")

    case = run(DAY).opened[0]
    judge(aim, DAY + timedelta(days=1))
    second = run(DAY + timedelta(days=1))
    again = run(DAY + timedelta(days=1))

    assert (case.kind, case.unit, case.place_unit, case.due_on) == (
        CaseKind.TARGET, office.town, office.town, date(2026, 3, 5),
    )  # fmt: skip
    assert (len(second.attached), len(again.attached), Case.objects.count()) == (1, 0, 1)
    assert [signal.effect for signal in case.signals.all()] == ["opened", "attached"]
    entry = AuditEntry.objects.get(action="cases.open_case")
    assert entry.actor_name == "系统"


def test_a_department_led_target_lies_in_its_district(office, target, judge, district):
    aim = target(lead=district.bureau)
    judge(aim, DAY)
    assert run(DAY).opened[0].place_unit == district.district


def test_only_the_newest_verdict_of_the_day_counts(office, target, judge):
    aim = target()
    judge(aim, DAY, "red", 1)
    judge(aim, DAY, "green", 2)
    assert run(DAY) == actions.Opened()


def test_the_database_keeps_one_open_case_for_target_and_place(office, target, judge, case):
    judge(target(), DAY)
    opened = run(DAY).opened[0]
    copy = {field.name: getattr(opened, field.name) for field in Case._meta.concrete_fields if field.name != "id"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(**{**copy, "number": 99})


def close_at(office, case, days):
    actions.assign(by=office.supervisor, at=later(days - 1), case=case)
    actions.submit_rectification(by=office.town_officer, at=later(days), case=case, note="已补", files=[PHOTO])
    actions.verify(by=office.supervisor, at=later(days), case=case, note="好")
    return actions.close_out(by=office.supervisor, at=later(days), case=case)


def test_a_target_that_left_red_and_came_back_reopens_its_case(office, target, judge):
    aim = target()
    judge(aim, DAY)
    case = run(DAY).opened[0]
    close_at(office, case, 10)
    judge(aim, DAY + timedelta(days=15), "green")
    back = DAY + timedelta(days=30)
    judge(aim, back)

    told = run(back)

    case.refresh_from_db()
    assert (told.reopened, case.state, case.rebounds, case.closed_on, case.verified_by) == (
        [case], State.REOPENED, 1, None, None,
    )  # fmt: skip
    assert case.steps.last().by_name == "系统"
    assert assigned(office, case, days=31).state == State.ASSIGNED


def test_a_target_that_stayed_red_is_no_rebound_but_is_shown(office, target, judge):
    aim = target()
    judge(aim, DAY)
    case = run(DAY).opened[0]
    close_at(office, case, 10)
    judge(aim, DAY + timedelta(days=11), "grey")
    still = DAY + timedelta(days=12)
    judge(aim, still)

    told = run(still)

    case.refresh_from_db()
    assert (told.attached, told.reopened, case.state) == ([case], [], State.CLOSED)


@pytest.mark.parametrize(("days", "reopened"), [(365, True), (366, False)])
def test_after_the_watch_period_a_new_case_is_opened(office, target, judge, days, reopened):
    aim = target()
    judge(aim, DAY)
    case = run(DAY).opened[0]
    close_at(office, case, 10)
    judge(aim, DAY + timedelta(days=20), "green")
    back = DAY + timedelta(days=10 + days)
    judge(aim, back)

    told = run(back)

    assert (bool(told.reopened), bool(told.opened)) == (reopened, not reopened)


def test_a_dismissed_case_stays_so_while_the_light_stays_red(office, target, judge):
    aim = target()
    judge(aim, DAY)
    case = run(DAY).opened[0]
    actions.dismiss(by=office.supervisor, at=later(1), case=case, note="口径有误，已另行更正")
    for days, light in ((2, "red"), (3, "green"), (4, "red")):
        judge(aim, DAY + timedelta(days=days), light)

    assert run(DAY + timedelta(days=2)).attached == [case]
    assert len(run(DAY + timedelta(days=4)).opened) == 1
    assert Case.objects.count() == 2


def test_a_person_who_opens_for_verdicts_needs_the_right(office, target, judge):
    judge(target(), DAY)
    refuses("permission.missing", lambda: run(DAY, by=office.district.clerk))
    assert len(run(DAY, by=office.supervisor).opened) == 1


def test_opening_many_asks_the_database_for_each_case_once(office, target, judge, django_assert_max_num_queries):
    for number in range(6):
        judge(target(indicator=f"任务{number}"), DAY)
    run(DAY)
    for aim_number in range(1, 7):
        aim = Case.objects.get(target__number=aim_number).target
        judge(aim, DAY + timedelta(days=1))
    with django_assert_max_num_queries(6 * 2 + 9):
        assert len(run(DAY + timedelta(days=1)).attached) == 6


# --- sections -----------------------------------------------------------------------------------------------------


def exceed(section, day, at=AT, water_class=4):
    return actions.open_for_section(
        at=at, on=at.date(), section=section, month=month(day), water_class=water_class, required_class=3,
        reason="总磷超标 0.2 倍",
    )  # fmt: skip


def test_an_exceeding_section_opens_one_case_and_each_month_counts_once(office, section):
    case = exceed(section, date(2026, 1, 1))
    for _ in range(2):
        assert exceed(section, date(2026, 2, 1), water_class=6) == case

    assert (case.kind, case.unit, case.place_unit, case.track) == (
        CaseKind.SECTION, section.unit, section.unit, "section",
    )  # fmt: skip
    assert [(row.effect, row.water_class) for row in case.signals.all()] == [("opened", "Ⅳ类"), ("attached", "劣Ⅴ类")]


def test_a_month_after_the_closing_reopens_and_the_month_of_closing_does_not(office, section):
    case = exceed(section, date(2026, 2, 1))
    close_at(office, case, 10)

    assert exceed(section, date(2026, 3, 1), later(40)).state == State.CLOSED
    back = exceed(section, date(2026, 4, 1), later(65))

    assert (back, back.state, back.rebounds) == (case, State.REOPENED, 1)


def test_a_month_after_the_watch_period_opens_another_case(office, section):
    case = exceed(section, date(2026, 2, 1))
    close_at(office, case, 10)
    assert exceed(section, date(2027, 4, 1), later(400)) != case


def test_there_is_one_open_case_for_a_section(office, section):
    exceed(section, date(2026, 2, 1))
    said = refuses(
        "case.open_already",
        lambda: actions.open_case(by=office.supervisor, at=AT, title="甲", detail="乙", section=section),
    )
    assert "待交办" in said


# --- opening by hand ----------------------------------------------------------------------------------------------


def test_what_a_person_opens_is_whole(office, target, section):
    def put(**facts):
        return actions.open_case(by=office.supervisor, at=AT, **{"title": "甲", "detail": "乙", **facts})

    refuses("case.text_missing", lambda: put(title=" "))
    refuses("case.unit_missing", lambda: put())
    refuses("case.track_unknown", lambda: put(unit=office.town, track="nonsense"))
    refuses("case.one_subject", lambda: put(target=target(), section=section))
    assert put(unit=office.town, track="urgent").track == "urgent"


def test_a_person_reopens_inside_the_watch_period_only(office, case):
    closed(office, case)
    refuses(
        "case.watch_is_over",
        lambda: actions.reopen(by=office.supervisor, at=later(368), case=case, note="又堆"),
    )
    assert actions.reopen(by=office.supervisor, at=later(367), case=case, note="又堆").rebounds == 1


# --- the tables ---------------------------------------------------------------------------------------------------


def test_names_in_code_are_those_of_the_rulebook():
    assert procedure_on(DAY).open_states == tuple(
        sorted(OPEN, key=lambda state: list(procedure_on(DAY).states).index(state))
    )
    assert set(OPEN) | set(ENDED) == set(State)


@pytest.mark.parametrize("model", [CaseStep, CaseEvidence, CaseSignal])
def test_steps_evidence_and_signals_are_only_added(office, section, case, model):
    rectified(office, case)
    exceed(section, date(2026, 2, 1))
    row = model.objects.first()
    for act in (row.save, row.delete, model.objects.all().delete, lambda: model.objects.update(pk=0)):
        with pytest.raises(AppendOnlyError):
            act()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
    assert append_only.missing_guards([model._meta.db_table]) == []


# --- counts -------------------------------------------------------------------------------------------------------


def test_counts_of_a_month_are_the_same_whenever_they_are_asked(office, case):
    march, april = month(date(2026, 3, 1)), month(date(2026, 4, 1))
    assigned(office, case)  # due on 2026-03-16
    on_time, late = date(2026, 3, 16), date(2026, 3, 17)

    assert [line.overdue for line in queries.counts(month=march, as_of=on_time)] == [0]
    before = queries.counts(month=march, as_of=late)
    assert [(line.unit, line.opened, line.open, line.overdue, line.cases) for line in before] == [
        (office.town, 1, 1, 1, [case])
    ]
    end_of_march = queries.counts(month=march, as_of=date(2026, 3, 31))[0]
    actions.submit_rectification(by=office.town_officer, at=later(40), case=case, note="已清", files=[PHOTO])
    actions.verify(by=office.supervisor, at=later(41), case=case, note="好")
    actions.close_out(by=office.supervisor, at=later(41), case=case)
    assert queries.counts(month=march, as_of=date(2026, 5, 1))[0] == end_of_march
    line = queries.counts(month=april, as_of=date(2026, 5, 1))[0]
    assert (line.opened, line.closed, line.open, line.overdue) == (0, 1, 0, 0)
    assert queries.counts(month=april, as_of=date(2026, 5, 1), units=set()) == []


def test_open_and_overdue_tell_of_the_day_asked(office, case):
    assigned(office, case)
    assert list(queries.open_cases(as_of=DAY - timedelta(days=1))) == []
    assert list(queries.overdue(as_of=date(2026, 3, 16))) == []
    assert list(queries.overdue(as_of=date(2026, 3, 17))) == [case]
    assert list(queries.open_cases(as_of=DAY, units=[office.district.west.pk])) == []


def test_mine_are_those_whose_next_move_is_mine(office, case):
    def of(user):
        return list(queries.mine(user, on=DAY))

    assert of(office.supervisor) == [case]
    assert of(office.town_officer) == of(office.district.clerk) == []
    assigned(office, case)
    assert (of(office.supervisor), of(office.town_officer)) == ([], [case])
    rectified_case = actions.submit_rectification(by=office.town_officer, at=AT, case=case, note="已清", files=[PHOTO])
    assert of(office.supervisor) == [rectified_case]
    assert of(office.town_supervisor) == []
    assert of(office.district.leader) == []


def test_a_town_sees_the_cases_of_its_villages(office, district):
    made = actions.open_case(by=office.supervisor, at=AT, title="沟渠", detail="淤积", unit=district.village)
    assigned(office, made)
    assert list(queries.mine(office.town_officer, on=DAY)) == [made]


def test_two_who_open_the_same_case_in_one_moment_get_one(office, section, monkeypatch):
    exceed(section, date(2026, 2, 1))
    monkeypatch.setattr(queries, "standing_case", lambda **_: None)  # as if the other had not been there yet
    said = refuses(
        "case.opened_at_once",
        lambda: actions.open_case(by=office.supervisor, at=AT, title="甲", detail="乙", section=section),
    )
    assert "甲" in said
