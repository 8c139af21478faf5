"""A bulletin from draft to issue: rights, states, bound figures, numbers, frozen bytes, corrections."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from docx import Document
from tests.site.publishing.conftest import APPROVED, DRAFTED, ISSUED, LATER, said
from tests.site.reporting.conftest import FEBRUARY, typed
from tests.site.reporting.conftest import month as month_of

from heqing_site.audit.append_only import missing_guards
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.publishing import actions, queries
from heqing_site.publishing.models import Bulletin, BulletinIssue, BulletinStep, BulletinVersion
from heqing_site.publishing.rules import MOVES, Deed, State
from heqing_site.reporting import actions as reporting

TABLES = ("publishing_bulletinversion", "publishing_bulletinstep", "publishing_bulletinissue")


def refused(code: str, call, /, **facts) -> RuleBrokenError:
    with pytest.raises(RuleBrokenError) as caught, transaction.atomic():
        call(**facts)
    assert caught.value.code == code
    return caught.value


# --- what it says -------------------------------------------------------------------------------------------------


def test_it_says_the_lights_the_red_the_late_and_what_is_missing(month, drafted):
    text = said(drafted)

    assert "共有目标3项，其中正常1项，滞后0项，预警1项，待报或无法判断1项。" in text
    assert "新建污水管网（东溪镇）：要求不低于24公里，至今值3公里（截至2026年2月27日），预警。" in text
    assert "1项待报或无法判断，牵头单位为东溪镇（1项）" in text
    assert "2026年2月到期应报3项" in text
    assert "东溪镇欠报或待改2项" in text
    assert "2026年2月没有立案，也没有在办的问题。" in text
    assert "2026年2月尚未评分" in text
    assert "没有由监测数据直接计算的目标。" in text


def test_every_target_stands_in_the_attachment_and_every_figure_knows_its_source(month, drafted):
    content = queries.newest_version(drafted).content
    attached = next(block for block in content.blocks if block.kind == "table" and block.is_attached)

    assert [row[1] for row in attached.rows] == ["新建污水管网", "整治河道", "新建公园"]
    assert all(figure.source for figure in content.figures.values())
    red = content.figures[f"目标{month.red.number}数值"]
    assert (red.value, red.words, red.source, red.ref) == ("3", "3公里", "verdict", str(month.red.number))


def test_an_empty_ledger_is_said(district):
    made = actions.draft_bulletin(by=district.supervisor, at=DRAFTED, month=FEBRUARY, unit=district.district)

    assert "清河区目标台账中没有目标。" in said(made)
    assert queries.newest_version(made).content.attachment == ""


# --- drafting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["leader", "clerk", "auditor", "east_admin"])
def test_drafting_needs_its_right(district, who):
    refused(
        "permission.missing",
        actions.draft_bulletin,
        by=getattr(district, who),
        at=DRAFTED,
        month=FEBRUARY,
        unit=district.district,
    )


def test_a_right_at_the_bureau_does_not_draft_for_the_district(district):
    refused(
        "permission.missing",
        actions.draft_bulletin,
        by=district.officer,
        at=DRAFTED,
        month=FEBRUARY,
        unit=district.district,
    )


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), False),  # the last minute of March in Shanghai
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), True),
    ],
)
def test_a_month_is_told_when_it_is_over(district, moment, goes):
    facts = {"by": district.supervisor, "at": moment, "month": month_of(2026, 3), "unit": district.district}
    if goes:
        assert actions.draft_bulletin(**facts).state == State.DRAFT
    else:
        refused("bulletin.month_not_over", actions.draft_bulletin, **facts)


@pytest.mark.parametrize(
    ("day", "goes"),
    [(date(2026, 2, 27), False), (date(2026, 2, 28), True), (date(2026, 3, 8), True), (date(2026, 3, 9), False)],
)
def test_the_as_of_day_lies_between_the_end_of_the_month_and_today(district, day, goes):
    facts = {"by": district.supervisor, "at": DRAFTED, "month": FEBRUARY, "unit": district.district, "as_of": day}
    if goes:
        assert queries.newest_version(actions.draft_bulletin(**facts)).as_of == day
    else:
        refused("bulletin.as_of_outside", actions.draft_bulletin, **facts)


def test_a_month_has_one_bulletin(month, drafted):
    refused(
        "bulletin.stands_already",
        actions.draft_bulletin,
        by=month.writer,
        at=DRAFTED,
        month=FEBRUARY,
        unit=month.district.district,
    )
    row = Bulletin.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# --- words and figures --------------------------------------------------------------------------------------------


def test_words_are_changed_and_figures_stay(month, drafted):
    overall = "全区【目标总数】项，【预警数】项预警，【滞后数】项滞后，【待报数】项待报，其余【正常数】项正常。"
    words = {"overall": overall, "remarks": "请各单位认真对照。\n逾期的要说明原因。"}
    edited = actions.edit_draft(by=month.writer, at=DRAFTED, bulletin=drafted, words=words, issuer="清河区督查室")

    assert "全区3项，1项预警" in said(edited)
    assert "逾期的要说明原因。" in said(edited)
    assert [version.number for version in edited.versions.order_by("number")] == [1, 2]
    assert queries.newest_version(edited).content.issuer == "清河区督查室"


def test_a_figure_cannot_be_replaced_by_typed_digits(month, drafted):
    error = refused(
        "bulletin.figure_lost",
        actions.edit_draft,
        by=month.writer,
        at=DRAFTED,
        bulletin=drafted,
        words={"red": "预警目标0项："},
    )

    assert "【预警数】" in error.sentence()
    assert drafted.versions.count() == 1


def test_a_table_cannot_be_edited_and_saving_nothing_adds_no_version(month, drafted):
    actions.edit_draft(by=month.writer, at=DRAFTED, bulletin=drafted, words={"overall.table": "x", "attachment": "y"})

    assert drafted.versions.count() == 1
    assert drafted.steps.count() == 1


def test_two_officers_on_one_draft(month, drafted):
    actions.edit_draft(by=month.writer, at=DRAFTED, bulletin=drafted, words={"remarks": "甲"}, seen=1)
    error = refused(
        "bulletin.changed_meanwhile",
        actions.edit_draft,
        by=month.district.site_admin,
        at=DRAFTED,
        bulletin=drafted,
        words={"remarks": "乙"},
        seen=1,
    )

    assert "方正" in error.sentence()
    assert "甲" in said(drafted)
    assert "乙" not in said(drafted)


def test_figures_are_taken_anew_and_edited_words_stay(month, drafted, judge):
    actions.edit_draft(
        by=month.writer, at=DRAFTED, bulletin=drafted, words={"overall": said_overall(drafted) + "形势总体平稳。"}
    )
    judge(month.green, "yellow", 1, at=DRAFTED)
    fresh = actions.refresh_draft(by=month.writer, at=DRAFTED, bulletin=drafted)

    assert "其中正常0项，滞后1项，预警1项，待报或无法判断1项。形势总体平稳。" in said(fresh)


def said_overall(bulletin) -> str:
    return next(b.words for b in queries.newest_version(bulletin).content.blocks if b.key == "overall")


# --- approving and issuing ----------------------------------------------------------------------------------------


def test_whoever_wrote_it_does_not_approve_it(month, submitted_bulletin, drafted):
    refused("permission.missing", actions.approve, by=month.writer, at=APPROVED, bulletin=submitted_bulletin)
    admin = month.district.site_admin
    back = actions.return_bulletin(by=month.leader, at=APPROVED, bulletin=submitted_bulletin, because="再核对")
    actions.edit_draft(by=admin, at=APPROVED, bulletin=back, words={"remarks": "已核对"})
    actions.submit(by=month.writer, at=APPROVED, bulletin=back)

    refused("bulletin.approved_by_writer", actions.approve, by=admin, at=APPROVED, bulletin=back)
    assert actions.approve(by=month.leader, at=APPROVED, bulletin=back).state == State.APPROVED


def test_returning_needs_a_reason(month, submitted_bulletin):
    refused(
        "because.missing",
        actions.return_bulletin,
        by=month.leader,
        at=APPROVED,
        bulletin=submitted_bulletin,
        because=" ",
    )


def test_an_approved_bulletin_can_be_returned_by_the_issuer_and_loses_its_approval(month, approved):
    back = actions.return_bulletin(by=month.writer, at=ISSUED, bulletin=approved, because="标题有误")

    assert back.state == State.RETURNED
    refused("bulletin.wrong_state", actions.issue, by=month.writer, at=ISSUED, bulletin=back)


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed in MOVES])
def test_nothing_is_done_to_an_issued_bulletin(month, issued, deed):
    admin = month.district.site_admin
    calls = {
        Deed.EDIT: lambda **f: actions.edit_draft(words={"remarks": "x"}, **f),
        Deed.REFRESH: actions.refresh_draft,
        Deed.SUBMIT: actions.submit,
        Deed.APPROVE: actions.approve,
        Deed.RETURN: lambda **f: actions.return_bulletin(because="x", **f),
        Deed.ISSUE: actions.issue,
    }
    refused("bulletin.wrong_state", calls[deed], by=admin, at=LATER, bulletin=issued)


def test_issuing_freezes_number_figures_day_approver_and_file(month, issued):
    issue = issued.issue

    assert issue.number == "清环通〔2026〕1号"
    assert (issue.as_of, issue.approved_by, issue.issued_by) == (date(2026, 2, 28), month.leader, month.writer)
    content = issue.received.open("rb").read()
    assert hashlib.sha256(content).hexdigest() == issue.sha256
    lines = [p.text for p in Document(io.BytesIO(content)).paragraphs]
    assert "清环通〔2026〕1号" in lines
    assert "2026年3月10日" in lines
    assert not any("草稿" in line for line in lines)
    assert [step.deed for step in issued.steps.order_by("number")] == ["draft", "submit", "approve", "issue"]
    assert AuditEntry.objects.filter(action="publishing.issue").count() == 1


def test_it_is_issued_once(month, approved):
    actions.issue(by=month.writer, at=ISSUED, bulletin=approved, seen=approved.turn)
    refused(
        "bulletin.changed_meanwhile", actions.issue, by=month.writer, at=ISSUED, bulletin=approved, seen=approved.turn
    )
    assert BulletinIssue.objects.count() == 1


def test_numbers_count_through_the_year_and_begin_anew(month, issued, district):
    def through(first, at):
        made = actions.draft_bulletin(by=month.writer, at=at, month=first, unit=district.district)
        actions.submit(by=month.writer, at=at, bulletin=made)
        actions.approve(by=month.leader, at=at, bulletin=made)
        return actions.issue(by=month.writer, at=at, bulletin=made).issue.number

    assert through(month_of(2026, 3), datetime(2026, 4, 8, 2, tzinfo=UTC)) == "清环通〔2026〕2号"
    assert through(month_of(2026, 12), datetime(2027, 1, 8, 2, tzinfo=UTC)) == "清环通〔2027〕1号"
    assert queries.next_serial("清环通", 2026) == 3


def test_the_database_refuses_a_number_twice(month, issued):
    row = BulletinIssue.objects.get()
    row.pk, row._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("model", [BulletinVersion, BulletinStep, BulletinIssue])
def test_versions_steps_and_issues_are_only_added(month, issued, model):
    row = model.objects.first()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
    assert missing_guards(TABLES) == []


def test_post_and_name_stand_in_the_step_as_they_were(month, district, drafted):
    step = drafted.steps.get()

    assert (step.by_name, step.at) == ("方正", DRAFTED)


# --- corrections --------------------------------------------------------------------------------------------------


def test_nothing_changed_means_no_correction(month, issued):
    assert queries.corrections(issued, as_of=date(2026, 3, 20)) == []
    refused("bulletin.nothing_to_correct", actions.draft_correction, by=month.writer, at=LATER, bulletin=issued)


def test_a_day_judged_again_is_shown_and_the_issued_words_stay(month, issued, judge):
    before = issued.issue.received.open("rb").read()
    judge(month.green, "yellow", 1, at=LATER)
    found = {one.figure.name: one for one in queries.corrections(issued, as_of=date(2026, 3, 20))}

    value = found[f"目标{month.green.number}数值"]
    assert (value.figure.words, value.new_words, value.since, value.sort) == ("2条", "1条", LATER, "更正")
    assert "第 2 次研判" in value.why
    assert (found["正常数"].figure.words, found["正常数"].new_words) == ("1", "0")
    assert f"目标{month.red.number}数值" not in found
    assert "其中正常1项" in said(issued)
    assert issued.issue.received.open("rb").read() == before


def test_a_corrected_report_is_told_with_its_reason(month, issued, office):
    entry = reporting.correct_accepted(
        by=office.reporter, at=LATER, target=month.red, period=FEBRUARY, typed=typed(2.5), because="漏计一段"
    )
    assert queries.corrections(issued, as_of=date(2026, 3, 20)) == []  # not accepted yet
    reporting.accept_entry(by=office.checker, at=LATER, report=entry.report)
    (found,) = queries.corrections(issued, as_of=date(2026, 3, 20))

    assert found.figure.name == f"目标{month.red.number}填报"
    assert "漏计一段" in found.why
    assert found.sort == "更正"


def test_a_late_report_is_told_as_such(month, issued, office):
    entry = reporting.submit(by=office.reporter, at=LATER, target=month.grey, period=FEBRUARY, typed=typed(1))
    reporting.accept_entry(by=office.checker, at=LATER, report=entry.report)
    (found,) = queries.corrections(issued, as_of=date(2026, 3, 20))

    assert found.sort == "补报"
    assert "2026 年 2 月填报于 2026-03-20 审核通过" in found.why


def test_a_notice_of_correction_goes_the_same_way(month, issued, judge):
    judge(month.green, "yellow", 1, at=LATER)
    notice = actions.draft_correction(by=month.writer, at=LATER, bulletin=issued)

    assert "“整治河道”至今值：原通报为2条，现为1条。" in said(notice)
    assert "清环通〔2026〕1号印发后" in said(notice)
    refused("bulletin.correction_runs", actions.draft_correction, by=month.writer, at=LATER, bulletin=issued)
    actions.submit(by=month.writer, at=LATER, bulletin=notice)
    actions.approve(by=month.leader, at=LATER, bulletin=notice)
    assert actions.issue(by=month.writer, at=LATER, bulletin=notice).issue.number == "清环通〔2026〕2号"
    assert queries.corrections(notice, as_of=date(2026, 3, 20)) == []


def test_a_notice_is_drafted_from_issued_bulletins_only(month, drafted):
    refused("bulletin.not_issued", actions.draft_correction, by=month.writer, at=LATER, bulletin=drafted)


def test_who_was_late_is_not_compared(month, issued, office):
    reporting.submit(by=office.reporter, at=LATER, target=month.grey, period=FEBRUARY, typed=typed(1))

    assert queries.corrections(issued, as_of=date(2026, 3, 20)) == []


def test_a_bulletin_of_a_day_before_anybody_judged_is_refused_and_says_which_day_to_choose(office, target, judge):
    facts = {"by": office.district.supervisor, "month": FEBRUARY, "unit": office.district.district}
    aim = target()

    never = refused("bulletin.never_judged", actions.draft_bulletin, at=DRAFTED, **facts)
    assert "请先在“目标”页点“现在研判”" in never.sentence()

    judge(aim, "green", 20)
    assert actions.draft_bulletin(at=DRAFTED, **facts).state == State.DRAFT


def test_the_first_judged_day_is_named_when_an_earlier_one_was_asked_for(office, target, judge):
    facts = {"by": office.district.supervisor, "month": FEBRUARY, "unit": office.district.district}
    judge(target(), "green", 20, day=date(2026, 3, 5))

    early = refused("bulletin.not_judged", actions.draft_bulletin, at=DRAFTED, **facts)
    assert "首次研判在 2026-03-05" in early.sentence()
    assert actions.draft_bulletin(at=DRAFTED, **facts, as_of=date(2026, 3, 5)).state == State.DRAFT
    assert Bulletin.objects.count() == 1
