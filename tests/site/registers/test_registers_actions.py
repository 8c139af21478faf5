"""Entries: entering, moving, confirming by another unit, correcting, striking; rules that other entries decide."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.site.conftest import AT, DAY, PASSWORD
from tests.site.registers.conftest import PHOTO, Office, built, entered, later

from heqing_site.audit.append_only import missing_guards
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.orgs.actions import create_user, grant_role
from heqing_site.orgs.rules import Role
from heqing_site.registers import actions, queries
from heqing_site.registers.models import Entry, EntryFile, EntryStep, RegisterKind


def refused(code: str, deed: Any, **told: Any) -> RuleBrokenError:
    """Expect a refusal."""
    with pytest.raises(RuleBrokenError) as caught:
        deed(**told)
    assert caught.value.code == code
    return caught.value


# --- entering -----------------------------------------------------------------------------------------------------


def test_an_entry_is_kept_with_a_step_and_an_audit_row(office: Office):
    entry = entered(office)

    assert (entry.number, entry.state, entry.choice, entry.object_key) == (1, "building", "学校", "东溪中学 学校")
    assert [step.deed for step in queries.steps_of(entry)] == ["enter"]
    assert AuditEntry.objects.filter(action="registers.enter", subject_id=str(entry.pk)).count() == 1


def test_the_same_entry_sent_twice_is_entered_once(office: Office):
    assert entered(office).pk == entered(office).pk


def test_the_same_object_stands_once(office: Office):
    entered(office)

    error = refused("register.rule_broken", entered, office=office, score="80")

    assert "已经登记过" in error.sentence()


def test_the_database_keeps_one_standing_entry_of_an_object(office: Office):
    entry = entered(office)
    entry.pk, entry.number = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_every_fault_is_named_by_its_field(office: Office):
    error = refused(
        "register.faulty", entered, office=office, kind="honours", name="", sort="奖", level="省级", rank="abc"
    )

    assert set(error.values["faults"]) == {"name", "sort", "rank"}
    assert "荣誉名称：没有填写。" in error.sentence()


def test_a_masked_number_stays_a_gap(office: Office):
    entry = entered(office, "honours", name="低碳试点优秀", sort="考核优秀", level="省级", rank="*")

    assert (entry.gaps, "rank" in entry.values) == ({"rank": "*"}, False)
    assert ("名次", "*（原文遮盖）") in entry.shown


def test_whoever_has_no_right_at_the_unit_is_refused(office: Office):
    refused(
        "permission.missing", actions.enter, by=office.town_officer, at=AT, kind="zero_waste_cells",
        unit=office.district.west, typed={"name": "西塘中学", "sort": "学校"},
    )  # fmt: skip
    refused(
        "permission.missing", actions.enter, by=office.district.auditor, at=AT, kind="zero_waste_cells",
        unit=office.town, typed={"name": "东溪中学", "sort": "学校"},
    )  # fmt: skip


def test_an_unknown_kind_is_refused(office: Office):
    refused("register.unknown", entered, office=office, kind="nothing")


# --- moving and confirming ----------------------------------------------------------------------------------------


def test_another_unit_certifies_and_confirms_by_it(office: Office):
    entry = built(office)

    assert (entry.state, entry.is_confirmed, entry.counts_now) == ("built", True, True)
    assert EntryFile.objects.get(step__entry=entry).file_name == "现场.png"


@pytest.mark.parametrize("who", ["town_officer", "admin"])
def test_nobody_certifies_their_own(office: Office, who: str):
    entry = entered(office)

    code = "register.own_unit" if who == "town_officer" else "register.checker_without_unit"
    refused(
        code, actions.move, by=getattr(office, who), at=later(1), entry=entry, move="certify",
        typed={"done_on": "2026-03-03"}, files=[PHOTO],
    )  # fmt: skip


def test_the_database_refuses_a_confirmation_by_the_owner(office: Office):
    entry = built(office)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(confirmed_unit=entry.unit)


def test_a_move_needs_its_fields_its_evidence_and_its_words(office: Office):
    entry = entered(office)
    told: dict[str, Any] = {"by": office.supervisor, "at": later(1), "entry": entry}

    refused("register.evidence_missing", actions.move, **told, move="certify", typed={"done_on": "2026-03-03"})
    error = refused("register.fields_missing", actions.move, **told, move="certify", files=[PHOTO])
    assert "建成日期" in error.sentence()
    refused("register.words_missing", actions.move, **told | {"by": office.town_officer}, move="revoke")
    refused("register.move_unknown", actions.move, **told, move="fly")


def test_a_move_starts_only_where_it_is_declared(office: Office):
    entry = built(office)

    refused("register.wrong_state", actions.move, by=office.town_officer, at=later(2), entry=entry, move="review",
            typed={"score": "90"})  # fmt: skip


def test_an_ended_entry_frees_its_object_and_may_be_entered_again(office: Office):
    entry = entered(office)
    actions.move(by=office.town_officer, at=later(1), entry=entry, move="revoke", note="学校撤并")

    again = entered(office, days=2)

    assert again.number == 2
    assert not Entry.objects.get(pk=entry.pk).is_standing


def test_what_ended_and_goes_on_counting_is_not_entered_twice(office: Office):
    told = {"title": "满意度调查", "sort": "满意度调查", "day": "2026-03-01"}
    entry = entered(office, "participation", **told)
    actions.move(by=office.town_officer, at=later(1), entry=entry, move="answer", typed={"answer": "已公布"})

    refused("register.rule_broken", entered, office=office, kind="participation", days=2, **told)


def test_a_correction_has_to_be_confirmed_again(office: Office):
    entry = built(office)

    refused("register.words_missing", actions.correct, by=office.town_officer, at=later(2), entry=entry,
            typed={"score": "88"}, note=" ")  # fmt: skip
    entry = actions.correct(by=office.town_officer, at=later(2), entry=entry, typed={"score": "88"}, note="补录")
    assert entry.waits_for_confirmation
    entry = actions.confirm(by=office.officer, at=later(3), entry=entry)

    assert (entry.counts_now, entry.values["score"], entry.values["name"]) == (True, "88", "东溪中学")


def test_a_correction_that_changes_nothing_is_refused(office: Office):
    refused("register.nothing_changed", actions.correct, by=office.town_officer, at=later(1), entry=entered(office),
            typed={"name": "东溪中学"}, note="再看")  # fmt: skip


def test_a_returned_entry_counts_no_more_until_it_is_confirmed(office: Office):
    entry = built(office)
    entry = actions.give_back(by=office.officer, at=later(2), entry=entry, note="照片不清")

    assert (entry.is_returned, entry.counts_now) == (True, False)
    entry = actions.correct(
        by=office.town_officer, at=later(3), entry=entry, typed={"address": "东溪路 1 号"}, note="补照片", files=[PHOTO]
    )
    assert not entry.is_returned


def test_who_corrected_does_not_confirm(office: Office):
    entry = entered(office)
    entry = actions.correct(by=office.officer, at=later(1), entry=entry, typed={"score": "70"}, note="核实")

    refused("register.own_unit", actions.confirm, by=office.officer, at=later(2), entry=entry)
    assert actions.confirm(by=office.supervisor, at=later(2), entry=entry).is_confirmed


def test_struck_entries_stay_to_be_read_and_take_no_more_steps(office: Office):
    entry = actions.strike(by=office.town_officer, at=later(1), entry=entered(office), note="登错")

    assert (entry.is_struck, entry.counts_now, entry.state_name) == (True, False, "已作废")
    refused("register.struck", actions.confirm, by=office.officer, at=later(2), entry=entry)
    assert not queries.chosen("zero_waste_cells").exists()


# --- days -----------------------------------------------------------------------------------------------------------


def finished_creek(office: Office) -> Entry:
    """Enter a creek and bring it to the end of its works."""
    entry = entered(office, "creeks", name="东溪支涌", code="HC-1", sort="黑臭水体", length="1.25")
    entry = actions.move(by=office.town_officer, at=later(1), entry=entry, move="start",
                         typed={"started_on": "2026-03-03"}, files=[PHOTO])  # fmt: skip
    return actions.move(by=office.town_officer, at=later(2), entry=entry, move="finish",
                        typed={"finished_on": "2026-03-04"}, files=[PHOTO])  # fmt: skip


@pytest.mark.parametrize(
    ("days", "note", "is_let_through"), [(179, "", False), (179, "连续达标", True), (180, "", True)]
)
def test_a_creek_attains_only_after_sustained_compliance(office: Office, days: int, note: str, is_let_through: bool):
    entry = finished_creek(office)
    told: dict[str, Any] = {
        "by": office.supervisor, "at": later(2 + days), "entry": entry, "move": "attain", "note": note,
        "files": [PHOTO], "typed": {"attained_on": "2026-09-01", "water": "六个月Ⅳ类"},
    }  # fmt: skip

    if is_let_through:
        assert actions.move(**told).state == "attained"
    else:
        assert "180 天" in refused("register.sooner_without_words", actions.move, **told).sentence()


def test_days_in_the_wrong_order_are_refused(office: Office):
    entry = entered(office, "creeks", name="东溪支涌", code="HC-1", sort="黑臭水体")
    entry = actions.move(by=office.town_officer, at=later(1), entry=entry, move="start",
                         typed={"started_on": "2026-03-03"}, files=[PHOTO])  # fmt: skip

    refused("register.rule_broken", actions.move, by=office.town_officer, at=later(2), entry=entry, move="finish",
            typed={"finished_on": "2026-03-02"}, files=[PHOTO])  # fmt: skip


def test_a_step_is_not_dated_before_the_last(office: Office):
    entry = entered(office, days=3)

    refused("register.before_last_step", actions.correct, by=office.town_officer, at=later(2), entry=entry,
            typed={"score": "1"}, note="早")  # fmt: skip


# --- quotas: a tonne is used once ---------------------------------------------------------------------------------


def source(office: Office, tonnes: str = "10") -> Entry:
    """Enter a source of reduction."""
    return entered(
        office, "quota_sources", name="锅炉关停", pollutant="氮氧化物", tonnes=tonnes, verified_on="2026-01-05"
    )


def project(office: Office, increase: str = "4", ratio: str = "2") -> Entry:
    """Enter a project that needs quota."""
    return entered(office, "quota_projects", name="新材料项目", pollutant="氮氧化物", increase=increase, ratio=ratio,
                   basis="某区替代办法第 5 条")  # fmt: skip


def use(office: Office, tonnes: str, title: str = "替代", **more: str) -> Entry:
    """Use tonnes of the source for the project."""
    told = {"title": title, "project": "1", "source": "1", "pollutant": "氮氧化物", "tonnes": tonnes,
            "used_on": "2026-02-01"}  # fmt: skip
    return entered(office, "quota_uses", **told | more)


@pytest.mark.parametrize(("tonnes", "is_let_through"), [("2.9", True), ("3", True), ("3.000001", False)])
def test_a_source_gives_no_tonne_twice(office: Office, tonnes: str, is_let_through: bool):
    source(office)
    project(office)
    use(office, "7", "甲")

    if is_let_through:
        assert use(office, tonnes, "乙").amount == Decimal(tonnes)
    else:
        assert (
            "一吨只能用一次"
            in refused("register.rule_broken", use, office=office, tonnes=tonnes, title="乙").sentence()
        )


def test_a_tonne_given_back_may_be_used_again(office: Office):
    source(office)
    project(office)
    first = use(office, "10", "甲")
    actions.move(by=office.town_officer, at=later(1), entry=first, move="free", note="项目调整")

    assert use(office, "10", "乙").number == 2


def test_another_pollutant_cannot_replace_it(office: Office):
    source(office)
    project(office)

    refused("register.rule_broken", use, office=office, tonnes="1", pollutant="二氧化硫")


@pytest.mark.parametrize(("tonnes", "is_let_through"), [("7.9", False), ("8", True), ("8.1", True)])
def test_a_project_is_covered_by_increase_times_ratio(office: Office, tonnes: str, is_let_through: bool):
    source(office)
    covered = project(office)
    use(office, tonnes)
    told: dict[str, Any] = {"by": office.supervisor, "at": later(1), "entry": covered, "move": "cover",
                            "typed": {"approved_on": "2026-03-01"}, "files": [PHOTO]}  # fmt: skip

    if is_let_through:
        assert actions.move(**told).state == "covered"
    else:
        assert "还不足" in refused("register.rule_broken", actions.move, **told).sentence()


def test_a_source_in_use_is_not_struck(office: Office):
    entry = source(office)
    project(office)
    use(office, "1")

    refused("register.in_use", actions.strike, by=office.town_officer, at=later(1), entry=entry, note="误")
    refused(
        "register.in_use", actions.move, by=office.town_officer, at=later(1), entry=entry, move="withdraw", note="误"
    )


# --- votes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("abstain", "is_let_through"), [("0", False), ("1", True), ("2", False)])
def test_votes_add_up(office: Office, abstain: str, is_let_through: bool):
    entry = entered(office, "livelihood", name="口袋公园", year="2026")
    who: dict[str, Any] = {"by": office.town_officer, "entry": entry}
    actions.move(**who, at=later(1), move="screen", typed={"screening": "可行"})
    actions.move(**who, at=later(1), move="submit")
    votes = {"voted_on": "2026-03-03", "attending": "10", "votes_for": "7", "votes_against": "2",
             "votes_abstain": abstain}  # fmt: skip
    told: dict[str, Any] = {**who, "at": later(2), "move": "vote", "typed": votes, "files": [PHOTO]}

    if is_let_through:
        assert actions.move(**told).state == "voted"
    else:
        refused("register.rule_broken", actions.move, **told)


# --- two officers, append-only --------------------------------------------------------------------------------------


def test_two_officers_on_one_entry(office: Office):
    entry = entered(office)
    actions.correct(by=office.officer, at=later(1), entry=entry, typed={"score": "70"}, note="核实", seen=1)

    error = refused("register.changed_meanwhile", actions.correct, by=office.town_officer, at=later(1), entry=entry,
                    typed={"score": "80"}, note="补录", seen=1)  # fmt: skip
    assert "孙丽" in error.sentence()


def test_the_same_correction_sent_twice_is_done_once(office: Office):
    entry = entered(office)
    for _ in range(2):
        done = actions.correct(
            by=office.town_officer, at=later(1), entry=entry, typed={"score": "80"}, note="补录", seen=1
        )

    assert done.steps_taken == 2


def test_steps_files_and_versions_are_only_added(office: Office):
    entry = built(office)
    step = entry.steps.first()
    with pytest.raises(AppendOnlyError):
        step.save()
    with pytest.raises(AppendOnlyError):
        EntryStep.objects.all().update(note="改")
    tables = [model._meta.db_table for model in (EntryStep, EntryFile, RegisterKind)]
    assert not missing_guards(tables)


def test_an_entry_is_seen_as_of_any_day(office: Office):
    entry = built(office, days=5)
    standing = queries.standing_of("zero_waste_cells", on=AT.date())
    on = [
        (step.state for step in queries.listed_on(standing, (AT + timedelta(days=days)).date()))
        for days in (-1, 0, 4, 5)
    ]

    assert [list(states) for states in on] == [[], ["building"], ["building"], ["built"]]
    assert entry.steps.count() == 2


def test_the_list_of_priority_parcels_is_that_of_any_day(office: Office):
    for name, first in (("甲地块", "2024-03-01"), ("乙地块", "2025-05-01")):
        entered(office, "priority_parcels", name=name, code=name, reason="曾为化工", entered_on=first)
    first = Entry.objects.get(title="甲地块")
    actions.move(by=office.town_officer, at=later(1), entry=first, move="leave", note="已修复", files=[PHOTO],
                 typed={"left_on": "2025-12-31", "left_because": "修复完成"})  # fmt: skip
    standing = queries.standing_of("priority_parcels", on=AT.date())

    def on(day: str) -> list[str]:
        from datetime import date

        return [step.entry.title for step in queries.listed_on(standing, date.fromisoformat(day))]

    assert on("2024-02-29") == []
    assert on("2024-03-01") == ["甲地块"]
    assert on("2025-12-31") == ["乙地块", "甲地块"]
    assert on("2026-01-01") == ["乙地块"]


# --- rights by matter -------------------------------------------------------------------------------------------------


def test_a_right_for_one_matter_does_not_reach_registers_of_another(office: Office):
    who: dict[str, Any] = {"by": office.admin, "at": AT}
    person = create_user(**who, username="heyuan", display_name="何源", password=PASSWORD, unit=office.town)
    grant_role(**who, user=person, role=Role.OFFICER, unit=office.town, valid_from=DAY, matters=["water"])
    told: dict[str, Any] = {"by": person, "at": AT, "unit": office.town}

    creek = {"name": "东溪支涌", "code": "HC-9", "sort": "黑臭水体"}
    assert actions.enter(**told, kind="creeks", typed=creek).number == 1
    refused("permission.missing", actions.enter, **told, kind="zero_waste_cells",
            typed={"name": "东溪中学", "sort": "学校"})  # fmt: skip
