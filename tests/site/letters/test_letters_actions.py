"""Letters through their whole life: composed, reviewed by another, numbered, signed, amended; and what is refused."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from docx import Document
from tests.site.conftest import AT, DAY, PASSWORD
from tests.site.letters.conftest import SCAN, drafted, issued, later, opened, raise_bound, signed

from heqing.works import Kind
from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.ledger.actions import amend_target, set_lead, set_source, withdraw_target
from heqing_site.letters import actions, queries, signatures
from heqing_site.letters.actions import Edit
from heqing_site.letters.models import Letter, LetterIssue, LetterLine, LetterStep, LetterVersion
from heqing_site.letters.rules import Deed, Side, State
from heqing_site.letters.signatures import Signature
from heqing_site.orgs.actions import end_term
from heqing_site.orgs.models import Term
from heqing_site.orgs.rules import Role
from heqing_site.works.actions import create_list, create_work

pytestmark = pytest.mark.django_db


def refused(code, deed, **said):
    with pytest.raises(RuleBrokenError) as caught:
        deed(**said)
    assert caught.value.code == code
    assert caught.value.sentence("zh")
    assert caught.value.sentence("en")
    return caught.value


def test_a_letter_states_what_its_receiver_owes_and_no_other(office, series, promise, target):
    target(lead=office.district.west, quote="西塘镇新建管网", indicator="新建管网")
    target(lead=office.town, quote="去年的事", period="2024", indicator="清淤")
    letter = drafted(office, series)

    content = queries.version_of(letter, 1).content
    assert [line.target for line in content.targets] == [promise.number]
    line = content.targets[0]
    assert (line.title, line.department, line.is_masked) == ("新建污水管网", "东溪镇", False)
    assert "24" in line.demand
    assert "公里" in line.demand
    assert LetterLine.objects.get().terms == promise.terms.get()
    assert content.title == "2026年深入打好污染防治攻坚战目标任务书"
    assert any("清河区向东溪镇下达" in words for part in content.parts for words in part.words)


def test_a_hidden_number_is_said_to_be_missing(office, target):
    target(lead=office.town, value=None, value_text="**", gap="number_masked")
    content = queries.version_of(drafted(office, opened(office)), 1).content
    assert content.targets[0].demand == "（文件未载明）"
    assert content.targets[0].is_masked


def test_shared_targets_stand_in_every_letter_and_subjects_choose(office, promise, target):
    bureau = target(lead=office.district.bureau, pillar="air", indicator="优良天数", quote="优良天数")
    series = opened(office, pillars=["air"], shared_targets=[bureau.number])
    assert [line.target for line in queries.version_of(drafted(office, series), 1).content.targets] == [bureau.number]


def test_from_draft_to_signed(office, series):
    letter = issued(office, series)
    assert (letter.state, letter.waits_for, letter.number) == (State.ISSUED, "issuer", "清委办责〔2026〕1号")

    letter = signatures.confirm(by=office.head, at=AT, letter=letter, side=Side.ISSUER, password=PASSWORD)
    assert (letter.state, letter.waits_for) == (State.ISSUED, "receiver")
    letter = signatures.confirm(by=office.mayor, at=later(1), letter=letter, side=Side.RECEIVER, password=PASSWORD)
    assert (letter.state, letter.signed_on) == (State.SIGNED, DAY + timedelta(days=1))

    step = letter.steps.order_by("-number").first()
    assert (step.signer, step.signer_post, step.way) == ("镇长乙", "东溪镇镇长", "confirmed")
    assert step.sha256 == LetterIssue.objects.get().sha256
    assert [step.deed for step in letter.steps.order_by("number")] == [
        "draft", "submit", "review", "issue", "sign_issuer", "sign_receiver",
    ]  # fmt: skip
    kept = AuditEntry.objects.filter(action__startswith="letters.").values_list("action", flat=True)
    assert {"letters.draft", "letters.issue", "letters.sign_issuer", "letters.sign_receiver"} <= set(kept)


def test_the_word_file_says_what_the_version_says(office, series):
    letter = issued(office, series)
    found = LetterIssue.objects.get()
    with found.received.open("rb") as file:
        content = file.read()
    document = Document(io.BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    targets, signers = document.tables
    assert letter.number in text
    assert "2026年深入打好污染防治攻坚战目标任务书" in text
    assert "一、目标指标" in text
    assert "二、重点任务" in text
    assert "本年度没有列入本书的任务清单" in text
    assert "草稿" not in text
    assert [cell.text for cell in targets.rows[0].cells] == ["序号", "指标", "要求", "期限", "责任部门"]
    assert [cell.text for cell in targets.rows[1].cells] == ["1", "新建污水管网", "不低于 24 公里", "2026 年", "东溪镇"]
    assert "下达单位：" in signers.rows[0].cells[0].text
    assert "清河区（盖章）" in signers.rows[0].cells[0].text
    assert "承担单位：" in signers.rows[0].cells[1].text
    assert "负责人签字" in signers.rows[0].cells[1].text


def test_a_commitment_is_signed_by_who_promises_first(office, series):
    letter = issued(office, opened(office, kind="commitment"))
    assert (letter.waits_for, letter.number) == ("receiver", "清委办诺〔2026〕1号")
    who = {"at": AT, "letter": letter, "password": PASSWORD}
    refused("letter.other_side_first", signatures.confirm, by=office.head, side=Side.ISSUER, **who)
    letter = signatures.confirm(by=office.mayor, side=Side.RECEIVER, **who)
    assert letter.waits_for == "issuer"
    assert signatures.confirm(by=office.head, side=Side.ISSUER, **who).state == State.SIGNED


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.AUDITOR, Role.LEADER, Role.CLERK, None])
def test_who_has_no_right_drafts_nothing(office, series, role):
    by = office.district.who(role)
    refused("permission.missing", actions.draft, by=by, at=AT, series=series, receiver=office.town)


def test_each_deed_asks_for_its_right(office, series):
    clerk, letter = office.district.clerk, drafted(office, series)
    for deed, more in (
        (actions.edit, {"changes": Edit()}),
        (actions.refresh, {}),
        (actions.submit, {}),
        (actions.review, {}),
        (actions.return_letter, {"words": "不对"}),
        (actions.issue, {}),
        (actions.withdraw, {"words": "不要了"}),
        (actions.drop_revision, {"words": "不要了"}),
        (actions.amend, {"reason": "policy", "because": "调整", "authority": "常务会"}),
    ):
        refused("permission.missing", deed, by=clerk, at=AT, letter=letter, **more)
    issuing = {"by": office.drafter, "at": AT, "letter": letter}  # an officer drafts and reviews, and issues nothing
    refused("permission.missing", actions.issue, **issuing)
    refused(
        "permission.missing", signatures.enter_scan,
        signatures=[Signature(Side.ISSUER, "甲", DAY)], files=[SCAN], **issuing,
    )  # fmt: skip
    refused("permission.missing", signatures.confirm, side=Side.ISSUER, password=PASSWORD, **issuing)


def test_nobody_reviews_what_they_wrote(office, series):
    letter = actions.submit(by=office.drafter, at=AT, letter=drafted(office, series))
    refused("letter.reviewed_by_writer", actions.review, by=office.drafter, at=AT, letter=letter)
    assert Deed.REVIEW not in queries.deeds_open(letter, office.drafter, on=DAY)
    assert not queries.to_review(office.drafter, on=DAY).exists()
    assert list(queries.to_review(office.reviewer, on=DAY)) == [letter]
    assert actions.review(by=office.reviewer, at=AT, letter=letter).state == State.REVIEWED


def test_who_hands_in_or_edits_does_not_review_either(office, series):
    letter = actions.submit(by=office.reviewer, at=AT, letter=drafted(office, series))
    refused("letter.reviewed_by_writer", actions.review, by=office.reviewer, at=AT, letter=letter)


def test_only_the_holder_of_the_principal_post_confirms(office, series):
    letter = issued(office, series)
    who = {"at": AT, "letter": letter, "side": Side.ISSUER}
    refused("letter.password_wrong", signatures.confirm, by=office.head, password="不是", **who)
    refused("letter.signer_without_post", signatures.confirm, by=office.district.leader, password=PASSWORD, **who)
    refused("permission.missing", signatures.confirm, by=office.mayor, password=PASSWORD, **who)
    assert list(queries.to_sign(office.head, on=DAY)) == [letter]
    assert not queries.to_sign(office.mayor, on=DAY).exists()
    term = Term.objects.get(holder=office.head)
    end_term(by=office.district.site_admin, at=AT, term=term, last_day=DAY, because="调离")
    refused("letter.signer_without_post", signatures.confirm, by=office.head, password=PASSWORD,
            **{**who, "at": later(1)})  # fmt: skip
    assert not queries.to_sign(office.head, on=DAY + timedelta(days=1)).exists()


# --- numbers ------------------------------------------------------------------------------------------------------


def test_numbers_count_by_issuer_and_year_without_a_gap(office, promise):
    district = office.district
    first = opened(office)
    both, shared = [district.east, district.west], [promise.number]
    other = opened(office, issuer=district.bureau, mark="清环责", topic="治气", receivers=both, shared_targets=shared)
    east, west = issued(office, first), None
    refused(
        "letter.nothing_stated", actions.submit, by=office.drafter, at=AT, letter=drafted(office, first, district.west)
    )
    bureau = [issued(office, other, unit) for unit in (district.east, district.west)]
    more = opened(office, topic="治水", shared_targets=[promise.number], receivers=[district.west])
    west = issued(office, more, district.west)
    assert [east.number, west.number] == ["清委办责〔2026〕1号", "清委办责〔2026〕2号"]
    assert [letter.number for letter in bureau] == ["清环责〔2026〕1号", "清环责〔2026〕2号"]
    actions.withdraw(by=office.reviewer, at=AT, letter=west, words="重复下达")
    again = issued(office, more, district.west)
    assert again.number == "清委办责〔2026〕3号"
    next_year = opened(office, year=2027, shared_targets=[promise.number])
    assert issued(office, next_year, at=later(400)).number == "清委办责〔2027〕1号"


def test_a_mark_belongs_to_one_unit(office, series):
    refused("letter.mark_taken", opened, office=office, issuer=office.district.bureau, mark="清委办责", topic="治气")


def test_a_number_that_failed_to_be_issued_is_not_lost(office, promise):
    series = opened(office, shared_targets=[promise.number])
    letter = drafted(office, series)
    actions.submit(by=office.drafter, at=AT, letter=letter)
    refused("letter.wrong_state", actions.issue, by=office.reviewer, at=AT, letter=letter)
    assert issued(office, series, office.district.west).number == "清委办责〔2026〕1号"


# --- two at once, twice, out of order -----------------------------------------------------------------------------


def test_who_saw_an_older_state_changes_nothing(office, series):
    letter = drafted(office, series)
    seen = letter.turn
    actions.edit(
        by=office.drafter, at=AT, letter=letter, changes=Edit(more_tasks="清淤｜3 公里｜6 月底｜水务办"), seen=seen
    )
    error = refused("letter.changed_meanwhile", actions.submit, by=office.drafter, at=AT, letter=letter, seen=seen)
    assert "徐拟" in error.sentence("zh")
    letter.refresh_from_db()
    assert letter.state == State.DRAFT


def test_what_is_sent_twice_is_done_once(office, series):
    assert opened(office) == series
    assert drafted(office, series) == drafted(office, series)
    assert Letter.objects.count() == 1
    letter = issued(office, series)
    refused("letter.wrong_state", actions.issue, by=office.reviewer, at=AT, letter=letter)
    assert LetterIssue.objects.count() == 1
    signed(office, letter)
    refused("letter.signed_already", signed, office=office, letter=letter)


def test_a_signature_lies_between_issue_and_today_and_in_order(office, series):
    letter = issued(office, series, at=later(3))
    for day, is_fine in ((2, False), (3, True), (6, False)):
        said = {
            "by": office.reviewer, "at": later(5), "letter": letter, "files": [SCAN],
            "signatures": [Signature(Side.ISSUER, "区长甲", DAY + timedelta(days=day))],
        }  # fmt: skip
        if is_fine:
            signatures.enter_scan(**said)
        else:
            refused("letter.signed_outside", signatures.enter_scan, **said)
    said["signatures"] = [Signature(Side.ISSUER, "区长丙", DAY + timedelta(days=4))]
    refused("letter.signed_already", signatures.enter_scan, **said)
    assert signatures.enter_scan(**said, because="姓名登记有误").steps.filter(deed="sign_issuer").count() == 2
    refused("letter.scan_missing", signatures.enter_scan, **{**said, "files": []})
    refused("letter.signer_missing", signatures.enter_scan, **{**said, "signatures": []})


def test_nothing_is_signed_before_it_is_handed_down(office, series):
    refused("letter.not_issued", signed, office=office, letter=drafted(office, series))


# --- lines and words ----------------------------------------------------------------------------------------------


def test_lines_go_out_and_come_in(office, series, target):
    other = target(lead=office.town, indicator="清淤河道", quote="清淤河道")
    letter = drafted(office, series)
    letter = actions.edit(
        by=office.drafter, at=AT, letter=letter,
        changes=Edit(
            kept_targets=[0], more_targets="群众满意率\t90%以上\t年底\t宣传办", more_tasks="清淤|三公里|6月底|水务办",
            words={"0": "开头改了。\n\n第二段。"},
        ),
    )  # fmt: skip
    content = queries.version_of(letter, letter.newest).content
    assert [line.title for line in content.targets] == ["新建污水管网", "群众满意率"]
    assert content.tasks[0].due == "6月底"
    assert content.parts[0].words == ("开头改了。", "第二段。")
    assert content.left_out == (other.number,)
    letter = actions.refresh(by=office.drafter, at=AT, letter=letter)
    again = queries.version_of(letter, letter.newest).content
    assert [line.title for line in again.targets] == ["新建污水管网", "群众满意率"]
    letter = actions.refresh(by=office.drafter, at=AT, letter=letter, with_left_out=True)
    assert len(queries.version_of(letter, letter.newest).content.targets) == 3
    assert queries.version_of(letter, 1).content.parts[0].words != ("开头改了。", "第二段。")
    refused("letter.line_without_title", actions.edit, by=office.drafter, at=AT, letter=letter,
            changes=Edit(more_targets="\t90%"))  # fmt: skip


# --- against the ledger, and again --------------------------------------------------------------------------------


def test_an_amended_target_shows_and_a_revision_takes_its_place(office, series, promise):
    letter = signed(office, issued(office, series))
    assert queries.differences(on=DAY) == {}
    raise_bound(office, promise, 30, later(10))
    on = DAY + timedelta(days=10)
    found = queries.differences(on=on)[letter.pk][0]
    assert (found.target, found.changes) == (promise.number, (("要求", "不低于 24 公里", "不低于 30 公里"),))
    assert queries.differences(on=on - timedelta(days=1)) == {}
    assert queries.stale_by_series([series], on=on) == {series.pk: 1}
    shown, count = queries.stating(promise, on=on, most=5)
    assert (count, shown[0].letter, shown[0].is_current) == (1, letter, False)

    who = {"by": office.drafter, "at": later(10), "letter": letter}
    refused("letter.reason_unknown", actions.amend, reason="mood", because="想改", authority="口头", **who)
    refused("letter.amended_without_approval", actions.amend, reason="policy", because="市里调整", authority=" ", **who)
    letter = actions.amend(reason="policy", because="市里调整", authority="区政府第 9 次常务会", **who)
    assert (letter.state, letter.in_force, letter.number) == (State.DRAFT, 1, "清委办责〔2026〕1号")
    assert queries.differences(on=on)  # the old one counts until the revision is handed down
    actions.submit(by=office.drafter, at=later(10), letter=letter)
    actions.review(by=office.reviewer, at=later(10), letter=letter)
    letter = actions.issue(by=office.reviewer, at=later(10), letter=letter)
    assert letter.number == "清委办责〔2026〕1号（修订一）"
    assert (letter.state, letter.waits_for, letter.signed_on) == (State.ISSUED, "issuer", None)
    assert queries.differences(on=on) == {}
    old = queries.version_of(letter, 1)
    assert (old.content.targets[0].demand, len(queries.signatures_of(old))) == ("不低于 24 公里", 2)
    with LetterIssue.objects.get(version__number=2).received.open("rb") as file:
        text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(file.read())).paragraphs)
    assert "本件代替清委办责〔2026〕1号，政策调整：市里调整。批准依据：区政府第 9 次常务会。" in text
    raise_bound(office, promise, 31, later(12))
    again = actions.amend(
        **{**who, "letter": letter, "at": later(12)}, reason="policy", because="再调整", authority="会议"
    )
    actions.submit(by=office.drafter, at=later(12), letter=again)
    actions.review(by=office.reviewer, at=later(12), letter=again)
    assert actions.issue(by=office.reviewer, at=later(12), letter=again).number.endswith("〔2026〕1号（修订二）")


def test_what_no_letter_states_makes_no_difference(office, series, promise):
    issued(office, series)
    set_source(
        by=office.drafter, at=later(1), target=promise, source_kind="reported", because="改为季报", rhythm="quarter"
    )
    on = DAY + timedelta(days=2)
    assert queries.stale_lines(on=on)
    assert queries.differences(on=on) == {}


def test_another_lead_or_a_withdrawn_target_is_a_difference(office, series, promise):
    letter = issued(office, series)
    set_lead(by=office.drafter, at=later(1), target=promise, unit=office.district.bureau, because="机构改革")
    found = queries.differences(on=DAY + timedelta(days=1))[letter.pk][0]
    assert found.changes == (("责任部门", "东溪镇", "清河区生态环境局"),)
    withdraw_target(by=office.drafter, at=later(2), target=promise, because="取消考核")
    found = queries.differences(on=DAY + timedelta(days=2))[letter.pk][0]
    assert found.is_withdrawn
    assert found.because == "取消考核"


def test_a_revision_can_be_given_up(office, series):
    letter = signed(office, issued(office, series))
    who = {"by": office.drafter, "at": later(1)}
    letter = actions.amend(letter=letter, reason="policy", because="调整", authority="会议", **who)
    refused("because.missing", actions.drop_revision, letter=letter, words="", **who)
    letter = actions.drop_revision(letter=letter, words="不改了", **who)
    assert (letter.state, letter.in_force, letter.waits_for) == (State.SIGNED, 1, "")
    fresh = drafted(office, opened(office, topic="治水"))
    refused("letter.no_revision", actions.drop_revision, letter=fresh, words="不改了", **who)
    letter = actions.amend(letter=letter, reason="policy", because="还是要改", authority="会议", **who)
    assert letter.state == State.DRAFT


def test_a_withdrawn_letter_is_out_of_everything(office, series):
    letter = issued(office, series)
    refused("because.missing", actions.withdraw, by=office.reviewer, at=AT, letter=letter, words=" ")
    letter = actions.withdraw(by=office.reviewer, at=AT, letter=letter, words="下错了")
    assert letter.state == State.WITHDRAWN
    refused("letter.wrong_state", actions.withdraw, by=office.reviewer, at=AT, letter=letter, words="再撤")
    refused("letter.not_to_sign", signed, office=office, letter=letter)
    assert drafted(office, series) != letter


# --- the record ---------------------------------------------------------------------------------------------------


def test_what_is_kept_is_never_changed(office, series):
    letter = signed(office, issued(office, series))
    tables = [table for table in append_only.guarded_tables() if table.startswith("letters_")]
    assert len(tables) == 6
    assert append_only.missing_guards(tables) == []
    for model in (LetterVersion, LetterLine, LetterStep, LetterIssue):
        row, table = model.objects.first(), model._meta.db_table
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            model.objects.all().delete()
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    assert letter.versions.count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "lost"},
        {"state": "issued"},
        {"state": "signed"},
        {"waits_for": "issuer"},
        {"in_force": 9},
        {"turn": 0},
    ],
)
def test_the_database_refuses_letters_that_contradict_themselves(office, series, broken):
    letter = drafted(office, series)
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**broken)


def test_tasks_come_from_the_lists_of_whoever_leads_or_acts(office, series):
    who = {"by": office.drafter, "at": AT}
    top, east = office.district.district, office.town
    tasks = create_list(**who, name="治水攻坚清单", kind="key", year=2026, issuer=top)
    last_year = create_list(**who, name="去年清单", kind="key", year=2025, issuer=top)

    def put(task_list, item, title, **facts):
        said = {"title": title, "requirement": "完成12公里", "pillar": "water", "lead_unit": office.district.bureau}
        return create_work(**who, task_list=task_list, item=item, kind=Kind.TASK, pipeline="task",
                           facts={**said, **facts})  # fmt: skip

    acted = put(tasks, "1", "雨污管网改造", acting_unit=east, planned_finish=date(2026, 12, 31))
    led = put(tasks, "2", "河道清淤", lead_unit=east)
    long = put(tasks, "4", "要求很长的事", lead_unit=east, requirement="每月查。" * 200)
    put(tasks, "3", "别人的事")
    put(last_year, "1", "去年的事", lead_unit=east)
    letter = drafted(office, series)
    lines = queries.version_of(letter, 1).content.tasks
    assert [(line.title, line.due, line.department, line.task) for line in lines] == [
        ("雨污管网改造", "2026年12月31日", "东溪镇", acted.number),
        ("河道清淤", "（文件未载明）", "东溪镇", led.number),
        ("要求很长的事", "（文件未载明）", "东溪镇", long.number),
    ]
    assert lines[2].demand == "每月查。" * 200
    letter = actions.edit(**who, letter=letter, changes=Edit(kept_tasks=[0], more_tasks="自己加的"))
    letter = actions.refresh(**who, letter=letter)
    assert [line.title for line in queries.version_of(letter, letter.newest).content.tasks] == [
        "雨污管网改造",
        "自己加的",
    ]
    letter = actions.refresh(**who, letter=letter, with_left_out=True)
    assert len(queries.version_of(letter, letter.newest).content.tasks) == 4


def test_what_was_only_striven_for_is_not_stated_as_a_promise(office, series, promise):
    firm = drafted(office, series)
    amend_target(
        by=office.drafter, at=later(1), target=promise, changes={"strength": "strive"}, because="文件写的是力争"
    )
    refreshed = actions.refresh(by=office.drafter, at=later(2), letter=firm)

    told = [queries.version_of(firm, number).content.targets[0].demand for number in (1, refreshed.newest)]
    assert told[1] == f"力争{told[0]}"
