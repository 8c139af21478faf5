"""Monthly progress and its check, the light of a day, slips, contributions: what they leave, what they refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.site.conftest import AT, DAY
from tests.site.works.conftest import ABLE, PNG, later, paper, tell, to_the_end
from tests.site.worlds import kept

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.rules import Rhythm, SourceKind
from heqing_site.library.evidence import File
from heqing_site.reporting.queries import owing_terms
from heqing_site.verdicts.actions import judge_all
from heqing_site.works import actions, contributions, progress, queries, slips
from heqing_site.works.models import Work, WorkSignal
from heqing_site.works.records import Contribution, Progress, ProgressFile, Slip

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


def on(day):
    """Give nine in the morning of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


# --- progress -----------------------------------------------------------------------------------------------------


def test_progress_is_told_in_time_until_the_fifth_and_late_after(office, work, put):
    other, third = put("2"), put("3")
    told = [
        tell(office, work, MARCH, 10, on(date(2026, 4, 4))),
        tell(office, other, MARCH, 10, on(date(2026, 4, 5))),
        tell(office, third, MARCH, 10, on(date(2026, 4, 6))),
    ]
    assert [row.is_late for row in told] == [False, False, True]


def test_the_same_told_twice_stands_once_and_another_is_another_version(office, work):
    first = tell(office, work, MARCH, 10, on(APRIL), files=(File("现场.png", PNG),))
    again = tell(office, work, MARCH, 10, on(APRIL))
    second = tell(office, work, MARCH, 12, on(APRIL))
    assert (again.pk, second.number, Progress.objects.count(), ProgressFile.objects.count()) == (first.pk, 2, 2, 1)
    told = progress.Told(Decimal(13), "又报")
    refuses("work.month_told_meanwhile", lambda: progress.report_progress(
        by=office.town, at=on(APRIL), work=work, month=MARCH, told=told, seen=1))  # fmt: skip


def test_what_cannot_be_told_is_refused(office, work):
    refuses("work.progress_words_missing", lambda: tell(office, work, MARCH, 10, on(APRIL), words=" "))
    refuses("work.percent_outside", lambda: tell(office, work, MARCH, 101, on(APRIL)))
    refuses("work.problem_missing", lambda: tell(office, work, MARCH, 10, on(APRIL), outlook=ABLE))
    refuses("work.month_wrong", lambda: tell(office, work, date(2026, 5, 1), 10, on(APRIL)))
    refuses("work.month_wrong", lambda: tell(office, work, date(2026, 2, 1), 10, on(APRIL)))
    told = progress.Told(Decimal(10), "代报")
    refuses("permission.missing", lambda: progress.report_progress(
        by=office.district.clerk, at=on(APRIL), work=work, month=MARCH, told=told))  # fmt: skip


def test_what_another_unit_accepted_counts_for_the_light(office, work):
    row = tell(office, work, MARCH, 40, on(APRIL))
    work.refresh_from_db()
    assert (work.told, work.percent, work.waits_for_check) == (Decimal(40), Decimal(0), True)
    refuses("permission.missing", lambda: progress.check_progress(
        by=office.town, at=on(APRIL), progress=row, is_accepted=True))  # fmt: skip
    refuses("work.words_missing", lambda: progress.check_progress(
        by=office.checker, at=on(APRIL), progress=row, is_accepted=False))  # fmt: skip

    kept = progress.check_progress(by=office.checker, at=on(APRIL), progress=row, is_accepted=True)
    assert progress.check_progress(by=office.checker, at=on(APRIL), progress=row, is_accepted=True).pk == kept.pk
    work.refresh_from_db()
    assert (work.percent, work.waits_for_check, work.checked_through) == (Decimal(40), False, MARCH)
    refuses("work.checked_already", lambda: progress.check_progress(
        by=office.checker, at=on(APRIL), progress=row, is_accepted=False, words="不实"))  # fmt: skip


def test_what_was_returned_is_owed_again(office, work):
    row = tell(office, work, MARCH, 40, on(date(2026, 4, 2)))
    assert not queries.to_report(office.town, on=date(2026, 4, 3)).exists()
    progress.check_progress(by=office.checker, at=on(date(2026, 4, 3)), progress=row, is_accepted=False, words="无照片")
    assert list(queries.to_report(office.town, on=date(2026, 4, 3))) == [work]
    again = tell(office, work, MARCH, 40, on(date(2026, 4, 4)))
    assert again.number == 2
    work.refresh_from_db()
    assert (work.percent, work.checked) == (Decimal(0), None)


def test_an_officer_of_the_acting_unit_owes_the_month_that_ended(office, work):
    assert not queries.to_report(office.town, on=date(2026, 3, 31)).exists()
    assert list(queries.to_report(office.town, on=APRIL)) == [work]
    assert not queries.to_report(office.checker, on=APRIL).exists()


# --- the light of a day -------------------------------------------------------------------------------------------


def test_the_light_follows_the_months_and_every_change_is_kept(office, work):
    actions.advance(by=office.town, at=later(1), work=work)
    days = [date(2026, 5, 5), date(2026, 5, 6), date(2026, 7, 5), date(2026, 7, 6)]
    found = []
    for day in days:
        progress.judge_works(at=on(day), on=day)
        work.refresh_from_db()
        found.append((work.light, str(work.measured_on), work.planned_now))
    # 305 days; April is due on 5 May, so that until then March counts; 5 percent are done by its first stage
    assert found == [
        ("green", "2026-03-31", Decimal("9.8")), ("yellow", "2026-04-30", Decimal("19.7")),
        ("yellow", "2026-05-31", Decimal("29.8")), ("red", "2026-06-30", Decimal("39.7")),
    ]  # fmt: skip
    assert [row.light for row in WorkSignal.objects.filter(work=work)] == [
        "green",
        "green",
        "green",
        "yellow",
        "red",  # not due yet, on schedule, a few points behind, and so on
    ]
    assert progress.judge_works(at=on(days[-1]), on=days[-1]) == 0


def test_another_scheme_gives_another_light(office, work, settings):
    settings.WORK_SCHEME = "yinchuan"
    actions.advance(by=office.town, at=later(1), work=work)
    progress.judge_works(at=on(date(2026, 4, 30)), on=date(2026, 4, 30))
    work.refresh_from_db()
    assert work.light == "yellow"
    assert "不在亮灯方案的规定之内" in work.behind  # 4.8 points: the source says nothing of less than ten


# --- slips --------------------------------------------------------------------------------------------------------


@kept
def late(office, put):
    """A work whose last day was 31 March."""
    return put("9", planned_finish=date(2026, 3, 31))


def overdue(day=APRIL):
    """Do the round of a day, and give the slips it proposed."""
    progress.judge_works(at=on(day), on=day)
    return slips.propose_slips(at=on(day), on=day)


def test_a_day_proposes_what_it_calls_for_and_no_more(late):
    days = [date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 22)]
    assert [[slip.colour for slip in overdue(day)] for day in days] == [[], ["blue"], []]


def test_overdue_is_red_at_once_under_the_default_scheme_and_a_person_issues_it(office, late):
    slip = overdue()[0]
    late.refresh_from_db()
    assert (slip.colour, slip.state, late.slip) == ("red", "proposed", "")
    assert AuditEntry.objects.filter(action="works.propose_slip").count() == 1
    refuses("permission.missing", lambda: slips.issue_slip(by=office.maker, at=on(APRIL), slip=slip))

    issued = slips.issue_slip(by=office.checker, at=on(APRIL), slip=slip, seen=1)
    late.refresh_from_db()
    assert (issued.due_on, late.slip) == (date(2026, 4, 6), "red")  # three working days after Wednesday
    assert slips.issue_slip(by=office.checker, at=on(APRIL), slip=slip, seen=1).version == issued.version
    assert not overdue(date(2026, 4, 2))


def test_a_slip_is_answered_by_the_unit_and_found_good_by_another(office, late):
    slip = slips.issue_slip(by=office.checker, at=on(APRIL), slip=overdue()[0])
    assert list(queries.slips_to_answer(office.town, on=APRIL)) == [slip]
    refuses("work.words_missing", lambda: slips.answer_slip(by=office.town, at=on(APRIL), slip=slip, note=""))
    answered = slips.answer_slip(by=office.town, at=on(APRIL), slip=slip, note="汛情影响，10日前完成")
    assert list(queries.slips_to_decide(office.checker, on=APRIL)) == [answered]
    closed = slips.accept_answer(by=office.checker, at=on(APRIL), slip=slip)
    late.refresh_from_db()
    assert (closed.state, late.slip) == ("closed", "")
    assert not overdue(date(2026, 4, 2))  # pressed in this colour for this deadline already


def test_a_slip_is_raised_one_step_only_when_it_was_not_met(office, work):
    draw_up = {"by": office.checker, "at": AT, "work": work, "words": "请抓紧"}
    refuses("slip.step_too_high", lambda: slips.propose_slip(**draw_up, colour="red"))
    slip = slips.issue_slip(by=office.checker, at=AT, slip=slips.propose_slip(**draw_up))
    refuses("slip.open_already", lambda: slips.propose_slip(**draw_up))
    refuses("slip.answer_not_due", lambda: slips.raise_slip(by=office.checker, at=later(7), slip=slip, note="未复"))
    graver = slips.raise_slip(by=office.checker, at=later(8), slip=slip, note="到期未复")
    slip.refresh_from_db()
    assert (slip.state, graver.colour, graver.state, graver.earlier_id) == ("raised", "yellow", "issued", slip.pk)
    slips.answer_slip(by=office.town, at=later(9), slip=graver, note="人手不足")
    gravest = slips.raise_slip(by=office.checker, at=later(9), slip=graver, note="理由不正当")
    slips.answer_slip(by=office.town, at=later(10), slip=gravest, note="已组织力量")
    refuses("slip.gravest_already", lambda: slips.raise_slip(
        by=office.checker, at=later(10), slip=gravest, note="仍未落实"))  # fmt: skip


def test_an_important_work_may_begin_one_step_higher(office, put):
    work = put("7", is_important=True)
    draw_up = {"by": office.checker, "at": AT, "work": work, "words": "请抓紧"}
    refuses("slip.step_too_high", lambda: slips.propose_slip(**draw_up, colour="red"))
    assert slips.propose_slip(**draw_up, colour="yellow").colour == "yellow"


def test_one_slip_is_open_for_a_work(office, work):
    slip = slips.propose_slip(by=office.checker, at=AT, work=work, words="请抓紧")
    with pytest.raises(IntegrityError), transaction.atomic():
        Slip.objects.create(
            number=99, work=work, scheme="suqian", colour="blue", deadline=DAY, state="proposed", words="x",
            proposed_on=DAY,
        )  # fmt: skip
    dropped = slips.drop_slip(by=office.checker, at=AT, slip=slip, note="已完成")
    refuses("slip.wrong_state", lambda: slips.issue_slip(by=office.checker, at=AT, slip=dropped))


# --- contributions ------------------------------------------------------------------------------------------------


@kept
def aim(target):
    """The target of the eastern town: 24 公里 of sewers."""
    return target()


def counted(office, work, aim, key="P-01", amount="3.5", **more):
    return contributions.count_contribution(
        by=office.maker, at=more.pop("at", AT), work=work, target=aim, object_key=key, amount=Decimal(amount),
        words="竣工图", **more,
    )  # fmt: skip


def test_an_object_counts_once_even_when_two_routes_bring_it(office, put, aim):
    first, second = put("1", targets=[aim]), put("2", pipeline="reserve", targets=[aim])
    kept = counted(office, first, aim)
    assert counted(office, first, aim).pk == kept.pk
    said = refuses("work.counted_already", lambda: counted(office, second, aim, amount="1"))
    assert "同一对象只计一次" in said
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution(
            work=second, target=aim, indicator=aim.indicator, object_key="P-01", amount=1, counted_on=DAY, words="x",
            at=AT, by=office.maker,
        ).save()  # fmt: skip
    assert queries.contributed([aim.pk], as_of=DAY)[aim.pk].total == Decimal("3.5")


def test_what_was_taken_back_may_be_counted_anew(office, put, aim):
    first, second = put("1", targets=[aim]), put("2", targets=[aim])
    kept = counted(office, first, aim)
    refuses("work.words_missing", lambda: contributions.take_back(
        by=office.maker, at=later(2), contribution=kept, because=""))  # fmt: skip
    back = contributions.take_back(by=office.maker, at=later(2), contribution=kept, because="重复登记")
    refuses("work.not_to_take_back", lambda: contributions.take_back(
        by=office.maker, at=later(2), contribution=back, because="误"))  # fmt: skip
    counted(office, second, aim, amount="2", at=later(3))
    sums = [queries.contributed([aim.pk], as_of=DAY + timedelta(days=days))[aim.pk].total for days in (1, 2, 3)]
    assert sums == [Decimal("3.5"), Decimal(0), Decimal(2)]


def test_what_is_not_served_or_not_reached_does_not_count(office, put, aim, work):
    refuses("work.target_not_served", lambda: counted(office, work, aim))
    serving = put("2", targets=[aim])
    refuses("work.stage_not_reached", lambda: counted(office, serving, aim, stage_required="doing"))
    refuses("work.amount_wrong", lambda: counted(office, serving, aim, amount="0"))
    refuses("work.day_outside_period", lambda: counted(office, serving, aim, counted_on=date(2025, 12, 31)))
    refuses("permission.missing", lambda: contributions.count_contribution(
        by=office.town, at=AT, work=serving, target=aim, object_key="P", amount=Decimal(1), words="x"))  # fmt: skip
    done = to_the_end(office, serving)
    assert counted(office, done, aim, stage_required="doing", at=later(20)).stage == "办结"


def test_a_target_that_works_count_is_judged_by_them_and_owed_by_nobody(office, put, aim):
    assert owing_terms(as_of=DAY).filter(target=aim).exists()
    ledger.set_source(
        by=office.district.site_admin, at=AT, target=aim, source_kind=SourceKind.REGISTER, rhythm=Rhythm.MONTH,
        statistic="works.contributed", because="由项目计入",
    )  # fmt: skip
    assert not owing_terms(as_of=DAY).filter(target=aim).exists()
    without = judge_all(at=later(1), on=DAY, readings=None).rows[0]
    assert (without.value, without.light) == (None, "grey")  # not nought: nothing can tell
    assert without.reason.endswith(";no_works")
    work = put("1", targets=[aim])
    nothing = judge_all(at=later(1), on=DAY, readings=None).rows[0]
    assert nothing.value == 0
    counted(office, work, aim, amount="25")
    verdict = judge_all(at=later(1), on=DAY + timedelta(days=1), readings=None).rows[0]
    assert (verdict.target_id, verdict.value, verdict.inputs["source"]) == (aim.pk, Decimal(25), "works")


def test_a_paper_of_another_work_is_no_evidence(office, put, aim):
    first, second = put("1", targets=[aim]), put("2", targets=[aim])
    actions.advance(by=office.town, at=later(1), work=first)
    row = paper(office, first, "result", 2)
    refuses("work.paper_unknown", lambda: counted(office, second, aim, paper=row))
    assert counted(office, first, aim, paper=row, at=later(2)).paper_id == row.pk
    assert Work.objects.get(pk=first.pk).stage == "doing"
