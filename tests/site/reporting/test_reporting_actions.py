"""Entering, checking, correcting, closing: what each deed leaves, what each refuses, and what counts on which day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from tests.site.conftest import AT
from tests.site.reporting.conftest import FEBRUARY, LATER, PNG, month, typed

from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.ledger import actions as ledger
from heqing_site.ledger import queries as ledger_queries
from heqing_site.ledger.rules import Light
from heqing_site.library.evidence import File
from heqing_site.library.models import received_files
from heqing_site.reporting import actions, queries
from heqing_site.reporting.models import Closing, Evidence, ReportEntry
from heqing_site.reporting.rules import Owing, State

PHOTO = File("现场.png", PNG)


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


def accept(office, entry, at=LATER, **options):
    return actions.accept_entry(by=office.checker, at=at, report=entry.report, **options)


# --- entering -----------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_with_its_file_and_its_audit_entry(office, target):
    entry = actions.save_draft(
        by=office.reporter, at=AT, target=target(), period=FEBRUARY, typed=typed("3.50", note="两段", files=[PHOTO])
    )

    assert (entry.number, entry.state, entry.value_plain, entry.unit, entry.entered_unit) == (
        1, State.DRAFT, "3.5", office.town, office.town,
    )  # fmt: skip
    file = entry.evidence.get()
    assert received_files().open(file.received.name).read() == PNG
    assert (file.file_name, file.media_type, file.size) == ("现场.png", "image/png", len(PNG))
    assert AuditEntry.objects.get(action="reporting.save_draft").actor_name.startswith("周芳")


def test_saving_the_same_again_adds_no_version(office, target):
    aim = target()
    for _ in range(2):
        actions.save_draft(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3))

    assert ReportEntry.objects.count() == 1


def test_two_officers_on_one_row_get_a_clear_sentence_and_nothing_is_overwritten(office, target):
    aim = target()
    actions.save_draft(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3), seen=0)

    said = refuses(
        "report.changed_meanwhile",
        lambda: actions.save_draft(by=office.checker, at=LATER, target=aim, period=FEBRUARY, typed=typed(4), seen=0),
    )

    assert "周芳" in said
    assert "3" in said
    assert ReportEntry.objects.get().value == 3


def test_a_double_submit_is_refused(office, submitted):
    refuses(
        "report.wrong_state",
        lambda: actions.submit(
            by=office.reporter, at=AT, target=submitted.report.target, period=FEBRUARY, typed=typed(3)
        ),
    )


def test_submitting_takes_the_draft_that_stands(office, target):
    aim = target()
    actions.save_draft(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3, files=[PHOTO]))

    entry = actions.submit(by=office.reporter, at=AT, target=aim, period=FEBRUARY, seen=1)

    assert (entry.number, entry.state, entry.value, entry.submitted_at) == (2, State.SUBMITTED, 3, AT)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, "report.value_missing"),
        ({"value": 3, "value_date": None}, "report.date_missing"),
        ({"value": 3, "value_date": date(2026, 3, 3)}, "report.date_outside"),
        ({"value": 3, "value_date": date(2026, 1, 31)}, "report.date_outside"),
        ({"value": "1" * 40}, "report.value_too_long"),
        ({"value": 3, "done": True}, "report.value_missing"),
        ({"value": 3, "files": [File("a.exe", b"MZ")]}, "evidence.kind_unknown"),
        ({"value": 3, "files": [File("a.png", b"<script>")]}, "evidence.kind_unknown"),
        ({"value": 3, "files": [File("a.png", b"")]}, "evidence.empty"),
        ({"value": 3, "files": [PHOTO] * 11}, "evidence.too_many"),
    ],
)
def test_what_is_not_whole_is_not_submitted(office, target, facts, code):
    aim = target()

    refuses(code, lambda: actions.submit(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(**facts)))
    assert not ReportEntry.objects.exists()


def test_a_file_over_the_limit_is_refused(office, target, settings):
    settings.UPLOAD_LIMIT = 20
    aim = target()

    refuses(
        "evidence.too_large",
        lambda: actions.save_draft(
            by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3, files=[PHOTO])
        ),
    )


def test_a_deed_is_done_with_evidence_or_not_done_without(office, deed):
    period = queries.periods_of(queries.owing_terms(as_of=FEBRUARY.last).get(), through=AT.date())[0]

    def report(**facts):
        return actions.submit(by=office.reporter, at=AT, target=deed, period=period, typed=typed(**facts))

    refuses("report.done_missing", lambda: report())
    refuses("report.done_missing", lambda: report(value=1, done=True, files=[PHOTO]))
    refuses("report.evidence_missing", lambda: report(done=True))
    assert report(done=True, files=[PHOTO]).said == "已办结"


def test_nothing_is_entered_for_a_period_or_target_that_owes_nothing(office, target):
    aim = target()
    measured = target(indicator="PM2.5平均浓度", unit="微克/立方米", comparator="<=", pillar="air")

    for period in (month(2026, 1), month(2026, 4)):
        refuses(
            "report.period_not_owed",
            lambda period=period: actions.save_draft(
                by=office.reporter, at=AT, target=aim, period=period, typed=typed(3)
            ),
        )
    refuses(
        "report.not_reported",
        lambda: actions.save_draft(by=office.reporter, at=AT, target=measured, period=FEBRUARY, typed=typed(3)),
    )


def test_another_units_target_is_out_of_reach(office, target, district):
    aim = target(lead=district.west)

    refuses(
        "permission.missing",
        lambda: actions.save_draft(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3)),
    )
    own = target()
    refuses(
        "permission.missing",
        lambda: actions.save_draft(by=district.clerk, at=AT, target=own, period=FEBRUARY, typed=typed(3)),
    )


def test_what_was_submitted_can_be_taken_back_and_sent_again(office, submitted):
    aim = submitted.report.target

    taken = actions.withdraw_entry(by=office.reporter, at=LATER, target=aim, period=FEBRUARY, seen=1)
    again = actions.submit(by=office.reporter, at=LATER, target=aim, period=FEBRUARY, typed=typed(4))

    assert (taken.state, taken.value, again.number) == (State.WITHDRAWN, 3, 3)
    assert again.submitted_at == AT  # it first came in time


# --- checking -----------------------------------------------------------------------------------------------------


def test_a_checker_of_another_unit_accepts_and_the_value_counts_from_that_day(office, submitted):
    entry = accept(office, submitted, seen=1)

    assert (entry.state, entry.checked_by, entry.checked_unit) == (
        State.ACCEPTED, office.checker, office.district.bureau,
    )  # fmt: skip
    aim = submitted.report.target
    assert queries.accepted_values(aim, as_of=AT.date()) == []
    (value,) = queries.accepted_values(aim, as_of=LATER.date())
    assert (value.value, value.period, value.value_date) == (3, FEBRUARY, FEBRUARY.last)


def test_nobody_accepts_what_their_own_unit_or_they_themselves_entered(office, submitted, district):
    refuses("report.own_unit", lambda: actions.accept_entry(by=office.reporter, at=LATER, report=submitted.report))
    refuses(
        "report.checker_without_unit",
        lambda: actions.accept_entry(by=district.site_admin, at=LATER, report=submitted.report),
    )
    refuses("permission.missing", lambda: actions.accept_entry(by=district.officer, at=LATER, report=submitted.report))


def test_who_entered_for_another_unit_does_not_accept_it(office, target):
    entry = actions.submit(by=office.checker, at=AT, target=target(), period=FEBRUARY, typed=typed(3))

    refuses("report.own_unit", lambda: accept(office, entry))


def test_the_database_refuses_a_checker_of_the_same_unit(office, submitted):
    facts = {
        field.attname: getattr(submitted, field.attname)
        for field in ReportEntry._meta.concrete_fields
        if field.name not in ("id", "number", "deed", "state")
    }
    facts |= {"number": 2, "deed": "accept", "state": "accepted", "checked_at": LATER}

    for checker, unit in ((office.checker, office.town), (office.reporter, office.district.bureau)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportEntry.objects.create(**{**facts, "checked_by_id": checker.pk, "checked_unit_id": unit.pk})
    for fault in ({"deed": "return"}, {"value_id": None, "value": None}, {"checked_unit_id": None}, {"number": 1}):
        whole = {**facts, "checked_by_id": office.checker.pk, "checked_unit_id": office.district.bureau.pk}
        fault.pop("value_id", None)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportEntry.objects.create(**{**whole, **fault})


def test_what_is_returned_says_why_and_is_mended(office, submitted):
    aim = submitted.report.target
    refuses(
        "because.missing",
        lambda: actions.return_entry(by=office.checker, at=LATER, report=aim.reports.get(), because=" "),
    )

    entry = actions.return_entry(by=office.checker, at=LATER, report=submitted.report, because="与统计口径不符")
    refuses("report.wrong_state", lambda: accept(office, submitted))
    again = actions.submit(by=office.reporter, at=LATER, target=aim, period=FEBRUARY, typed=typed("2.8"))

    assert (entry.state, entry.because) == (State.RETURNED, "与统计口径不符")
    assert again.checked_by is None
    assert accept(office, again).value == Decimal("2.8")


def test_a_decision_on_what_changed_meanwhile_is_refused(office, submitted):
    actions.withdraw_entry(by=office.reporter, at=AT, target=submitted.report.target, period=FEBRUARY)
    actions.submit(by=office.reporter, at=AT, target=submitted.report.target, period=FEBRUARY, typed=typed(30))

    refuses("report.changed_meanwhile", lambda: accept(office, submitted, seen=1))


def test_a_correction_counts_when_it_is_accepted_and_the_old_version_stays(office, submitted):
    aim = submitted.report.target
    accept(office, submitted)
    day = LATER + timedelta(days=2)

    def correct(**options):
        given = {"because": "漏计一段", "typed": typed(5), **options}
        return actions.correct_accepted(by=office.reporter, at=day, target=aim, period=FEBRUARY, **given)

    refuses("because.missing", lambda: correct(because=""))
    refuses("report.nothing_changed", lambda: correct(typed=typed(3)))
    entry = correct()
    assert entry.state == State.SUBMITTED
    assert [row.value for row in queries.accepted_values(aim, as_of=day.date())] == [3]

    accept(office, entry, at=day + timedelta(days=1))

    assert [row.value for row in queries.accepted_values(aim, as_of=day.date())] == [3]
    assert [row.value for row in queries.accepted_values(aim, as_of=day.date() + timedelta(days=1))] == [5]
    assert aim.reports.get().entries.count() == 4


# --- append-only --------------------------------------------------------------------------------------------------


def test_versions_and_evidence_are_never_changed(office, target):
    entry = actions.save_draft(
        by=office.reporter, at=AT, target=target(), period=FEBRUARY, typed=typed(3, files=[PHOTO])
    )
    for row in (entry, entry.evidence.get()):
        for attempt in (row.save, row.delete, type(row).objects.all().delete):
            with pytest.raises(AppendOnlyError):
                attempt()
        with pytest.raises(AppendOnlyError):
            type(row).objects.update(pk=1)


@pytest.mark.parametrize("table", ["reporting_reportentry", "reporting_evidence"])
def test_the_database_refuses_changes_that_go_around_the_model(office, target, table):
    actions.save_draft(by=office.reporter, at=AT, target=target(), period=FEBRUARY, typed=typed(3, files=[PHOTO]))

    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Evidence.objects.count() == 1
    assert append_only.missing_guards(append_only.guarded_tables()) == []


# --- closing ------------------------------------------------------------------------------------------------------


def test_a_closed_month_takes_nothing_until_it_is_reopened_with_a_reason(office, submitted, target, district):
    other = target()

    def close():
        return actions.close_period(by=office.checker, at=LATER, unit=district.district, month=FEBRUARY)

    assert "1" in refuses("period.undecided", close)
    accept(office, submitted)
    closing = close()
    refuses("period.closed", close)

    def save():
        return actions.save_draft(by=office.reporter, at=LATER, target=other, period=FEBRUARY, typed=typed(3))

    said = refuses("period.closed", save)
    assert "何冰" in said
    refuses(
        "period.closed",
        lambda: actions.correct_accepted(
            by=office.reporter, at=LATER, target=submitted.report.target, period=FEBRUARY, typed=typed(9), because="改"
        ),
    )
    refuses("because.missing", lambda: actions.reopen_period(by=office.checker, at=LATER, closing=closing, because=""))
    actions.reopen_period(by=office.checker, at=LATER, closing=closing, because="统计局更正")
    assert save().state == State.DRAFT
    refuses(
        "period.not_closed",
        lambda: actions.reopen_period(by=office.checker, at=LATER, closing=closing, because="再次"),
    )


def test_a_month_that_runs_and_a_unit_out_of_reach_are_not_closed(office, district):
    refuses(
        "period.not_over",
        lambda: actions.close_period(by=office.checker, at=LATER, unit=district.district, month=month(2026, 3)),
    )
    refuses(
        "permission.missing",
        lambda: actions.close_period(by=office.reporter, at=LATER, unit=district.district, month=FEBRUARY),
    )


def test_the_database_keeps_the_facts_of_a_closing_together(office, district):
    facts = {
        "unit": district.district, "period_start": FEBRUARY.first, "period_end": FEBRUARY.last, "closed_at": AT,
        "closed_by": office.checker,
    }  # fmt: skip
    for fault in ({"reopened_at": AT}, {"reopened_because": "改"}, {"period_start": date(2026, 4, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Closing.objects.create(**{**facts, **fault})
    Closing.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Closing.objects.create(**facts)


# --- what is asked ------------------------------------------------------------------------------------------------


def test_a_unit_owes_its_month_and_running_deeds_and_nothing_else(office, target, deed, district):
    aim = target()
    target(lead=district.west)
    target(indicator="PM2.5平均浓度", unit="微克/立方米", comparator="<=", pillar="air")

    rows = queries.owed(month=FEBRUARY, as_of=AT.date(), units={office.town.pk})

    assert {row.target.number for row in rows} == {aim.number, deed.number}
    assert [row.owing for row in rows if row.target == aim] == [Owing.DUE]
    assert queries.reporting_units(office.reporter, on=AT.date()) == [office.town]
    assert district.west in queries.reporting_units(office.checker, on=AT.date())


def test_the_last_value_stands_beside_the_field(office, submitted):
    accept(office, submitted)

    (row,) = queries.owed(month=month(2026, 3), as_of=date(2026, 4, 2), units={office.town.pk})

    assert row.previous is not None
    assert row.previous.value == 3
    assert row.owing is Owing.DUE


def test_who_is_late_is_named_worst_first(office, submitted, target, district):
    target(lead=district.west)
    later = target()

    assert [line.unit for line in queries.late(as_of=date(2026, 3, 5))] == []
    lines = queries.late(as_of=date(2026, 3, 6))

    assert {line.unit.name: (line.due, line.in_time, line.missing) for line in lines} == {
        "东溪镇": (2, 1, 1),
        "西塘镇": (1, 0, 1),
    }
    assert [row.terms.target for row in lines[0].targets] == [later]
    assert lines[0].targets[0].missing == [FEBRUARY]


def test_the_ledger_shows_an_accepted_value_before_anybody_judged_it(office, submitted):
    def standing():
        return ledger_queries.ledger(as_of=LATER.date())[0].standing

    assert standing().value is None
    accept(office, submitted)

    assert (standing().value, standing().light) == (Decimal(3), Light.GREY)
    assert "清河区生态环境局已审核" in standing().reason


def test_a_target_that_changes_hands_is_owed_by_the_new_unit(office, submitted, district):
    aim = submitted.report.target
    ledger.set_lead(by=district.site_admin, at=LATER, target=aim, unit=district.west, because="调整分工")

    assert queries.owed(month=FEBRUARY, as_of=LATER.date(), units={office.town.pk}) == []
    (row,) = queries.owed(month=FEBRUARY, as_of=LATER.date(), units={district.west.pk})
    assert row.entry == submitted
