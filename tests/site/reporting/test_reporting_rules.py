"""Periods, due days, how an owed period stands, and what people type, as tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from heqing_site.ledger.rules import Rhythm
from heqing_site.library import evidence
from heqing_site.reporting import rhythms, rules
from heqing_site.reporting.rules import Deed, Kind, Owing, State

YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


def keys(kind: Kind, through: date, counts_from: date = date(2026, 2, 10), **span: date | None) -> list[str]:
    asked = {**YEAR, **span}
    return [p.key for p in rules.owed_periods(kind, counts_from=counts_from, through=through, **asked)]


def test_a_month_is_owed_from_the_day_the_target_counts_to_the_month_that_runs():
    assert keys(Kind.MONTH, date(2026, 4, 1)) == ["2026-02", "2026-03", "2026-04"]
    assert keys(Kind.QUARTER, date(2026, 4, 1)) == ["2026-Q1", "2026-Q2"]
    assert keys(Kind.YEAR, date(2026, 4, 1)) == ["2026"]
    assert keys(Kind.OWN, date(2026, 4, 1)) == ["2026-01-01至2026-12-31"]


def test_nothing_is_owed_before_the_span_begins_or_after_it_ends():
    assert keys(Kind.MONTH, date(2025, 12, 31), counts_from=date(2025, 1, 1)) == []
    assert keys(Kind.MONTH, date(2027, 5, 1))[-1] == "2026-12"
    assert keys(Kind.OWN, date(2025, 12, 31)) == []


def test_a_target_whose_span_was_over_when_it_was_adopted_still_owes_it():
    assert len(keys(Kind.MONTH, date(2027, 5, 1), counts_from=date(2027, 3, 1))) == 12


def test_a_span_without_end_goes_on_and_its_deed_is_owed_by_the_end_of_the_first_year():
    assert keys(Kind.MONTH, date(2027, 1, 5), last=None)[-1] == "2027-01"
    assert keys(Kind.OWN, date(2026, 3, 1), last=None) == ["2026-01-01至2026-12-31"]


def test_months_that_follow_each_other_are_named_together():
    told = [rules.parse_key(key) for key in ("2025-12", "2026-01", "2026-02", "2026-03", "2026-05", "2026-Q2")]

    assert rules.say_periods(told) == "2025 年 12 月、2026 年 1—3 月、2026 年 5 月、2026 年第 2 季度"


@pytest.mark.parametrize("key", ["2026-03", "2026-Q1", "2026", "2026-01-01至2026-06-30"])
def test_a_period_is_read_back_from_its_key(key):
    period = rules.parse_key(key)

    assert period is not None
    assert period.key == key


@pytest.mark.parametrize(
    "key", ["", "2026-13", "2026-Q5", "heute", "2026-02-30至2026-03-01", "2026-06-30至2026-01-01", "0000-01"]
)
def test_what_is_no_period_is_none(key):
    assert rules.parse_key(key) is None


@pytest.mark.parametrize(
    ("state", "submitted_on", "on", "expected"),
    [
        (None, None, date(2026, 2, 20), Owing.OPEN),
        (None, None, date(2026, 3, 5), Owing.DUE),
        (None, None, date(2026, 3, 6), Owing.MISSING),
        (State.DRAFT, None, date(2026, 3, 6), Owing.MISSING),
        (State.WITHDRAWN, date(2026, 3, 2), date(2026, 3, 6), Owing.MISSING),
        (State.RETURNED, date(2026, 3, 2), date(2026, 3, 3), Owing.RETURNED),
        (State.SUBMITTED, date(2026, 3, 5), date(2026, 3, 9), Owing.WAITING),
        (State.SUBMITTED, date(2026, 3, 6), date(2026, 3, 9), Owing.WAITING_LATE),
        (State.ACCEPTED, date(2026, 3, 5), date(2026, 3, 9), Owing.DONE),
        (State.ACCEPTED, date(2026, 3, 6), date(2026, 3, 9), Owing.DONE_LATE),
    ],
)
def test_how_an_owed_month_stands(state, submitted_on, on, expected):
    february = rules.parse_key("2026-02")
    due = rhythms.due_day(Rhythm.MONTH, february, known_from=date(2026, 2, 10))

    assert due == date(2026, 3, 5)
    assert rules.owing(state=state, submitted_on=submitted_on, period=february, due=due, on=on) is expected


@pytest.mark.parametrize(
    ("known_from", "due"),
    [  # February is due on the 5th of March
        (date(2026, 3, 4), date(2026, 3, 5)),
        (date(2026, 3, 5), date(2026, 3, 5)),
        (date(2026, 3, 6), date(2026, 3, 11)),
        (date(2026, 11, 25), date(2026, 11, 30)),
    ],
)
def test_nobody_is_late_with_what_was_due_before_the_target_stood_in_the_ledger(known_from, due):
    february = rules.around(Kind.MONTH, date(2026, 2, 1))

    assert rhythms.due_day(Rhythm.MONTH, february, known_from=known_from) == due


def test_every_rhythm_of_the_ledger_has_a_period_and_a_due_day():
    for rhythm in Rhythm:
        assert rhythms.kind_of(rhythm) in Kind


def test_every_deed_leads_somewhere_and_every_state_has_words():
    assert set(rules.MOVES) == set(rules.LEADS_TO) == set(rules.DEED_NAMES) == set(Deed)
    assert set(rules.STATE_NAMES) == set(rules.LIGHTS) == set(State)
    assert set(rules.OWING_NAMES) == set(rules.OWING_LIGHTS) == set(Owing)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1,234.50", Decimal("1234.50")), ("１２．５", Decimal("12.5")), (" -3 ", Decimal(-3)), ("0", Decimal(0)),
     (".5", Decimal("0.5")), ("12公里", None), ("1e9", None), ("NaN", None), ("", None), ("=1+1", None), ("--1", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written, expected):
    assert rules.parse_number(written) == expected


@pytest.mark.parametrize("written", ["2026-03-01", "2026/3/1", "2026年3月1日", "2026.3.1"])
def test_days_are_read_as_people_and_excel_write_them(written):
    assert rules.parse_day(written) == date(2026, 3, 1)


def test_a_file_is_known_by_its_name_and_its_first_bytes():
    assert evidence.kind_of_file("现场.PNG", b"\x89PNG\r\n\x1a\n...").media_type == "image/png"
    assert evidence.kind_of_file("现场.png", b"<script>") is None
    assert evidence.kind_of_file("run.exe", b"MZ") is None
    assert evidence.kind_of_file("png", b"\x89PNG\r\n\x1a\n") is None
