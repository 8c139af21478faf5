"""Judging: what each light rests on, what is kept, what a person may ask for."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.places.conftest import station_facts
from tests.site.reporting.conftest import FEBRUARY, LATER, month, typed

from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import ledger as ledger_of
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Light, Rhythm, SourceKind
from heqing_site.places import actions as places
from heqing_site.reporting import actions as reporting
from heqing_site.verdicts import queries
from heqing_site.verdicts.actions import judge_all
from heqing_site.verdicts.models import Judging, TargetVerdict

DAY = date(2026, 3, 3)


def judged(on: date = DAY, at: datetime = LATER, **more: object) -> list[TargetVerdict]:
    return judge_all(at=at, on=on, readings=more.pop("readings", None), **more).rows  # type: ignore[arg-type]


def accepted(office, target, value: object, period=FEBRUARY):
    entry = reporting.submit(by=office.reporter, at=AT, target=target, period=period, typed=typed(value), seen=0)
    return reporting.accept_entry(by=office.checker, at=AT, report=entry.report)


def test_a_target_without_a_value_is_grey_and_says_who_owes_it(office, target):
    target()

    [found] = judged()

    assert (found.light, found.met, found.value) == (Light.GREY, None, None)
    assert "等待东溪镇填报 2026 年数值" in found.sentence


@pytest.mark.parametrize(
    ("value", "light"),
    # By the end of February 59 of 365 days have passed: 24 km * 59 / 365 = 3.8795 km; 30 points of 24 km are 7.2 km.
    [(Decimal("3.88"), Light.GREEN), (Decimal("3.87"), Light.YELLOW), (Decimal(0), Light.YELLOW)],
)
def test_an_amount_is_compared_with_the_days_that_passed(office, target, value, light):
    accepted(office, target(), value)

    [found] = judged()

    assert found.light == light
    assert found.kind == "amount"
    assert round(found.schedule_value, 4) == Decimal("3.8795")
    assert found.value == value
    assert found.light_unconfirmed  # the thresholds of the default scheme are a proposal


def test_equal_to_so_many_kilometres_grows_along_the_year_and_is_not_kept_at(office, target):
    accepted(office, target(comparator="=="), Decimal("3.88"))

    [found] = judged()

    assert (found.kind, found.light) == ("amount", Light.GREEN)


def test_far_behind_schedule_is_red(office, target):
    late_year = target(period="2026")
    for number in range(2, 10):
        reporting.submit(
            by=office.reporter,
            at=datetime(2026, 10, 2, tzinfo=UTC),
            target=late_year,
            period=month(2026, number),
            typed=typed(Decimal(8), value_date=month(2026, number).last),
            seen=0,
        )
    for report in late_year.reports.all():
        reporting.accept_entry(by=office.checker, at=datetime(2026, 10, 3, tzinfo=UTC), report=report)

    # On the 30th of September 273 of 365 days have passed: 17.95 km; 8 km are 41 points of 24 km behind.
    [found] = judged(on=date(2026, 10, 4), at=datetime(2026, 10, 4, 2, tzinfo=UTC))

    assert found.light == Light.RED
    assert found.met is None


def test_nobody_is_green_by_not_reporting(office, target):
    accepted(office, target(), Decimal(24) / 2)

    [found] = judged(on=date(2026, 5, 20), at=datetime(2026, 5, 20, 2, tzinfo=UTC))

    assert found.light == Light.GREY
    assert "其后应报未报" in found.sentence
    assert "2026 年 3—4 月" in found.sentence


def test_a_fall_is_reported_as_its_size(office, target):
    falls = target(
        indicator="单位能耗降幅", comparator="-%", value=Decimal(4), value_text="4", unit="%", pillar="energy"
    )
    accepted(office, falls, Decimal("3.5"), period=falls_period(falls))

    [found] = judged()

    assert found.value == Decimal("3.5")
    assert found.light == Light.YELLOW
    assert "距目标差 0.5 个百分点" in found.sentence


def falls_period(target):
    from heqing_site.reporting.queries import owing_terms, periods_of

    terms = owing_terms(as_of=DAY).get(target=target)
    return periods_of(terms, through=DAY)[0]


def test_what_is_done_is_green_and_what_is_overdue_is_red(office, deed):
    [waiting] = judged()
    assert waiting.light == Light.GREY

    after = datetime(2027, 1, 15, 2, tzinfo=UTC)
    [overdue] = judged(on=date(2027, 1, 15), at=after)
    assert overdue.light in (Light.RED, Light.GREY)
    assert "逾期" in overdue.sentence or "期限已过" in overdue.sentence


def test_the_mean_of_instruments_says_what_the_remaining_days_must_keep(district, station, target, readings):
    target(indicator="PM2.5平均浓度", comparator="<=", value=Decimal(25), value_text="25", unit="微克/立方米",
           pillar="air", quote="PM2.5平均浓度控制在25微克/立方米以内")  # fmt: skip

    [found] = judged(readings=readings([20.0, 30.0] * 31))  # the eve of 3 March is the 61st day

    # 61 days: 31 of 20 and 30 of 30, their mean is 24.918…; (25 * 365 - 1520) / 304 = 25.0164…
    assert round(found.value, 3) == Decimal("24.918")
    assert round(Decimal(found.remaining["strict"]), 4) == Decimal("25.0164")
    assert found.remaining["days"] == 304
    assert (found.samples, found.expected) == (61, 61)
    assert found.inputs["places"] == ["东溪站"]
    assert found.inputs["last"] == "2026-03-02"
    assert found.edition == "HJ 663-2026"


def test_an_officer_can_say_which_stations_count(district, station, target, readings):
    clean = target(indicator="PM2.5平均浓度", comparator="<=", value=Decimal(25), value_text="25", unit="微克/立方米",
                   pillar="air", quote="PM2.5平均浓度控制在25微克/立方米以内")  # fmt: skip
    other = places.create_station(
        by=district.site_admin,
        at=AT,
        **{**station_facts(district), "name": "西塘站", "code": "QH-A02", "is_evaluated": False},
    )
    said = {"by": district.site_admin, "at": LATER, "target": clean, "because": "按区里通知", "rhythm": Rhythm.DAY}
    said |= {"source_kind": SourceKind.INSTRUMENT, "statistic": "air.pm2_5.mean"}

    with pytest.raises(RuleBrokenError, match="places_of_another_kind"):
        ledger.set_source(**said, places=["QH-S99"])
    ledger.set_source(**said, places=[other.code])
    [found] = judged(readings=readings([20.0] * 61))

    assert found.inputs["places"] == ["西塘站"]
    assert found.inputs["places_because"] == "人员指定"


def test_without_stations_the_light_is_grey_and_says_so(district, target, readings):
    target(indicator="PM2.5平均浓度", comparator="<=", value=Decimal(25), value_text="25", unit="微克/立方米",
           pillar="air", quote="PM2.5平均浓度控制在25微克/立方米以内")  # fmt: skip

    [found] = judged(readings=readings([20.0] * 61))

    assert found.light == Light.GREY
    assert "名录中没有可以计算的点位" in found.sentence


def test_the_same_day_judged_again_adds_nothing_and_a_correction_supersedes(office, target):
    entry = accepted(office, target(), 3)
    first = judge_all(at=LATER, on=DAY, readings=None)
    again = judge_all(at=LATER + timedelta(hours=1), on=DAY, readings=None)
    assert (first.new, again.new, again.superseding) == (1, 0, 0)

    reporting.correct_accepted(
        by=office.reporter, at=LATER, target=entry.report.target, period=FEBRUARY, typed=typed(4), because="漏计一段"
    )
    reporting.accept_entry(by=office.checker, at=LATER, report=entry.report)
    corrected = judge_all(at=LATER + timedelta(hours=2), on=DAY, readings=None)

    assert (corrected.new, corrected.superseding) == (1, 1)
    old, new = TargetVerdict.objects.order_by("number")
    assert (old.value, new.value, new.number) == (3, 4, 2)
    assert queries.latest(as_of=DAY)[new.target_id] == new


def test_a_past_day_uses_only_what_was_known_then(office, target):
    accepted(office, target(), 3)

    [before] = judged(on=date(2026, 3, 1))

    assert before.value is None


def test_a_withdrawn_target_is_judged_no_more(district, target):
    put = target()
    ledger.withdraw_target(by=district.site_admin, at=LATER, target=put, because="上级取消", valid_from=DAY)

    assert judged() == []


def test_the_ledger_shows_the_newest_verdict_of_the_day_asked_for(office, target):
    accepted(office, target(), Decimal("3.88"))
    judged()

    [row] = ledger_of(as_of=DAY)
    [earlier] = ledger_of(as_of=date(2026, 3, 2))

    assert (row.standing.light, row.standing.value) == (Light.GREEN, Decimal("3.88"))
    assert earlier.standing.light == Light.GREY


def test_light_changes_between_two_days(office, target):
    accepted(office, target(), Decimal("3.88"))
    judged(on=date(2026, 3, 1))
    judged(on=DAY)

    [change] = queries.light_changes(since=date(2026, 3, 1), until=DAY)

    assert (change.before, change.verdict.light, change.is_worse) == (Light.GREY, Light.GREEN, False)


def test_who_lacks_the_right_judges_nothing_and_who_has_it_at_a_town_judges_the_town(office, target, district):
    target()
    target(lead=district.west)

    with pytest.raises(RuleBrokenError, match=r"permission\.missing"):
        judge_all(at=LATER, on=DAY, readings=None, by=district.clerk)
    found = judge_all(at=LATER, on=DAY, readings=None, by=office.reporter)

    assert [row.terms.lead_unit for row in found.rows] == [district.east]
    assert AuditEntry.objects.get(action="verdicts.judge_all").after["targets"] == 1


def test_a_day_to_come_is_refused(db):
    with pytest.raises(RuleBrokenError, match=r"verdict\.day_in_future"):
        judge_all(at=LATER, on=date(2026, 3, 4), readings=None)


def test_verdicts_are_only_added(office, target):
    target()
    [row] = judged()

    row.light = Light.GREEN
    with pytest.raises(AppendOnlyError):
        row.save()
    for table in ("verdicts_targetverdict", "verdicts_judging"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(statement)
    assert append_only.missing_guards(append_only.guarded_tables()) == []
    assert Judging.objects.count() == 1


@pytest.mark.parametrize("count", [2, 8])
def test_queries_do_not_grow_with_targets(office, target, count, django_assert_max_num_queries):
    for _ in range(count):
        accepted(office, target(), 3)

    with django_assert_max_num_queries(24):
        judged()


def test_pages_open_up_and_down(office, target, open_as):
    put = target()
    accepted(office, put, Decimal("3.88"))
    judged()
    page = open_as(office.checker)

    why = page.get(f"/verdicts/{put.number}/?day={DAY}")
    of_target = page.get(f"/ledger/targets/{put.number}/")

    assert why.status_code == 200
    said = why.content.decode()
    assert "河清默认方案（建议稿）" in said
    assert "建议值" in said
    assert "2026 年 2 月" in said
    assert "新建污水管网24公里" in said
    assert "为什么是这个灯？" in of_target.content.decode()


def test_a_value_of_instruments_leads_to_the_rows_of_its_last_day(target, station, readings, open_as, district):
    put = target(indicator="PM2.5平均浓度", comparator="<=", value=Decimal(25), value_text="25", unit="微克/立方米",
                 pillar="air", quote="PM2.5平均浓度控制在25微克/立方米以内")  # fmt: skip
    judged(readings=readings([20.0] * 61))

    page = open_as(district.clerk).get(f"/verdicts/{put.number}/?day={DAY}").content.decode()

    rows = reverse("monitoring:station_day", args=[station.pk, "2026-03-02"])
    assert f'<a href="{reverse("monitoring:station", args=[station.pk])}">' in page
    assert f'看最近一天（2026-03-02）的原始数据：<a href="{rows}?item=pm2_5">' in page


@pytest.mark.parametrize(
    ("statistic", "item"),
    [
        ("air.o3_8h.p90", "o3_8h"),
        ("water.tp.mean", "tp"),
        ("air.good_day_ratio", ""),
        ("water.worst_class", ""),
        ("", ""),
    ],
)
def test_the_item_of_a_statistic_opens_its_rows(statistic, item):
    facts = dict.fromkeys(field.name for field in dataclasses.fields(queries.Why))

    assert queries.Why(**facts | {"verdict": TargetVerdict(inputs={"statistic": statistic})}).item == item


def test_the_ledger_is_told_the_same_lights_with_and_without_sentences(office, target):
    kept, waits = target(), target()
    entry = accepted(office, kept, 24)
    judged()
    terms = list(terms_as_of(DAY))

    told = queries.standings(terms, DAY)

    assert {kept.pk, waits.pk} == set(told) == {row.target_id for row in terms}
    both = Target.objects.filter(pk__in=[kept.pk, waits.pk]).values("pk")
    assert queries.lights(both, DAY, 2) == Counter(standing.light for standing in told.values())
    assert queries.lights(both.filter(pk=waits.pk), DAY, 1) == {told[waits.pk].light: 1}
    assert queries.lights(both, date(2026, 1, 1), 2) == {}
    assert entry.report.target == kept


def test_a_target_that_was_never_judged_says_so(office, target, open_as):
    put = target()

    page = open_as(office.checker).get(f"/verdicts/{put.number}/")

    assert page.status_code == 404
    assert "尚未研判" in page.content.decode()


def test_a_report_that_waits_for_its_check_is_not_asked_for_again(office, target):
    aim = target()
    reporting.submit(by=office.reporter, at=AT, target=aim, period=FEBRUARY, typed=typed(3), seen=0)

    (row,) = judged()

    assert row.light == Light.GREY
    assert "东溪镇已填报 2026 年 2 月的数值（3），等待其他单位审核" in row.note
    assert "等待东溪镇填报" not in row.note

    reporting.accept_entry(by=office.checker, at=AT, report=aim.reports.get())
    (row,) = judged()
    assert "等待其他单位审核" not in row.note


def test_a_month_that_lacks_before_the_newest_value_does_not_make_it_stale(office, target):
    aim, at = target(), datetime(2026, 4, 2, 2, tzinfo=UTC)
    march = typed(20, value_date=date(2026, 3, 31))
    entry = reporting.submit(by=office.reporter, at=at, target=aim, period=month(2026, 3), typed=march, seen=0)
    reporting.accept_entry(by=office.checker, at=at, report=entry.report)

    (row,) = judged(on=date(2026, 4, 8), at=datetime(2026, 4, 8, 2, tzinfo=UTC))

    assert row.light == Light.GREEN
    assert "逾期未报：2026 年 2 月" in row.note

    (row,) = judged(on=date(2026, 5, 8), at=datetime(2026, 5, 8, 2, tzinfo=UTC))  # April lacks, after the value
    assert row.light == Light.GREY
    assert "value_is_stale" in row.reason
