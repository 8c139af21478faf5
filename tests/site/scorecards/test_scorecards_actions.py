"""Scoring and publishing a month: facts become points, each with its cause; versions stand; rights and rules hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, transaction
from tests.site.conftest import AT
from tests.site.places.conftest import section_facts, station_facts
from tests.site.reporting.conftest import typed
from tests.site.scorecards.conftest import AS_OF, FEBRUARY, NOW

from heqing_site.audit import append_only
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.rules import Role, UnitKind
from heqing_site.places import actions as places
from heqing_site.places.rules import BodyType
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards import actions, causes, queries
from heqing_site.scorecards.models import EventWithdrawal, Scorecard, ScoreEvent, ScoreLoss, ScorePublication
from heqing_site.scorecards.rules import EventKind, ScoreGroup


def refuses(code, act):
    with pytest.raises(RuleBrokenError) as refusal, transaction.atomic():
        act()
    assert refusal.value.code == code
    return refusal.value.sentence("zh-hans")


def score(**options):
    return actions.score_month(**{"at": NOW, "month": FEBRUARY, "as_of": AS_OF, **options})


def card_of(unit, **options):
    return next(card for card in score(**options).cards if card.unit_id == unit.pk)


def losses_of(card):
    return [(loss.item, loss.cause, loss.points, loss.ref_kind, loss.ref_key) for loss in card.losses.all()]


def report(office, target, day=2):
    at = datetime(2026, 3, day, 2, 0, tzinfo=UTC)
    entry = reporting.submit(by=office.reporter, at=at, target=target, period=FEBRUARY, typed=typed(3), seen=0)
    reporting.accept_entry(by=office.checker, at=at, report=entry.report)


# --- who is scored ------------------------------------------------------------------------------------------------


def test_towns_and_departments_are_scored_but_a_village_counts_for_its_town(district):
    found = {unit.name: group for unit, group in causes.scored_units(on=AS_OF)}

    assert found == {
        "东溪镇": ScoreGroup.TOWN,
        "西塘镇": ScoreGroup.TOWN,
        "清河区督查室": ScoreGroup.DEPARTMENT,
        "清河区生态环境局": ScoreGroup.DEPARTMENT,
    }
    owners = causes.owner_of(on=AS_OF)
    assert owners[district.village.pk] == district.east.pk
    assert district.district.pk not in owners


def test_an_office_of_a_town_counts_for_the_town_and_a_closed_unit_is_not_scored(district):
    office = orgs.create_unit(
        by=district.site_admin, at=AT, name="东溪镇农办", code="990101101-01", kind=UnitKind.DEPARTMENT,
        parent=district.east, active_from=date(2020, 1, 1),
    )  # fmt: skip
    orgs.deactivate_unit(by=district.site_admin, at=AT, unit=district.west, last_day=date(2026, 3, 5), because="撤并")

    assert causes.owner_of(on=date(2026, 3, 1))[office.pk] == district.east.pk
    assert "西塘镇" in {unit.name for unit, _ in causes.scored_units(on=date(2026, 3, 5))}
    assert "西塘镇" not in {unit.name for unit, _ in causes.scored_units(on=date(2026, 3, 6))}


# --- facts become points ------------------------------------------------------------------------------------------


def test_a_month_without_any_fact_gives_cards_without_points_and_ranks(district):
    done = score()

    assert len(done.cards) == 4
    assert {(card.points, card.rank, card.grade, card.of) for card in done.cards} == {(None, None, "", 0)}


def test_each_red_and_yellow_target_costs_its_share_and_leads_to_the_target(district, judged):
    red = judged("red", indicator="新建管网", lead=district.bureau)
    judged("yellow", indicator="清淤", lead=district.bureau)
    judged("green", indicator="绿道", lead=district.bureau)
    judged("grey", indicator="口袋公园", lead=district.bureau)
    card = card_of(district.bureau)

    losses = [row for row in losses_of(card) if row[0] == "targets"]
    assert [(cause, points) for _, cause, points, _, _ in losses] == [
        ("score_target_red", Decimal("15.00")),  # 45 points over the three that have a light
        ("score_target_yellow", Decimal("6.00")),
    ]
    assert losses[0][3:] == ("target", str(red.target.number))
    assert "落后时序 12 个百分点" in card.losses.first().sentence


def test_a_verdict_of_an_earlier_month_or_of_another_lead_does_not_count(district, judged):
    judged("red", day=date(2026, 1, 31), lead=district.bureau)
    judged("red", indicator="另一", lead=district.west)

    assert not [row for row in losses_of(card_of(district.bureau)) if row[0] == "targets"]


def test_a_village_s_target_costs_its_town(district, judged):
    judged("red", lead=district.village)

    assert [row[1] for row in losses_of(card_of(district.east)) if row[0] == "targets"] == ["score_target_red"]


def test_missing_late_and_returned_reports_cost_and_lead_to_the_period(district, office, target):
    missing, late, returned, good = (target(indicator=name) for name in ("欠报", "迟报", "退回", "按时"))
    report(office, late, day=8)
    report(office, good, day=3)
    entry = reporting.submit(by=office.reporter, at=AT, target=returned, period=FEBRUARY, typed=typed(3), seen=0)
    reporting.return_entry(by=office.checker, at=AT, report=entry.report, because="口径不对")
    card = card_of(district.east)

    assert {(cause, points) for item, cause, points, _, _ in losses_of(card) if item == "reports"} == {
        # of a town only reports and cases apply, 40 of 100: what a cause costs grows with the weight of its item
        ("score_report_missing", Decimal("10.00")),
        ("score_report_returned", Decimal("5.00")),
        ("score_report_late", Decimal("2.50")),
    }
    lacks = card.losses.get(cause="score_report_missing")
    assert (lacks.ref_kind, lacks.ref_key) == ("report", f"{missing.number}/2026-02")


@pytest.mark.parametrize(
    ("found", "cause"), [(3, None), (4, "score_section_missed"), (6, "score_section_inferior"), (None, None)]
)
def test_a_section_costs_when_it_is_worse_than_required(district, measured, found, cause):
    river = places.create_river(
        by=district.site_admin, at=AT, name="东溪", code="QH-R01", kind=BodyType.RIVER, unit=district.district
    )
    section = places.create_section(by=district.site_admin, at=AT, **section_facts(district, river))
    measured(classes={section.name: found, "别处断面": 6})
    card = card_of(district.east)

    assert [(row[1], row[3], row[4]) for row in losses_of(card)] == (
        [(cause, "section", section.code)] if cause else []
    )
    assert (card.points is None) is (found is None)
    if found == 4:
        assert f"{section.name}，Ⅳ类（目标 Ⅲ类）" in card.losses.get().sentence


def test_each_day_above_the_standard_costs_its_share_of_the_days_with_a_value(district, measured):
    station = places.create_station(by=district.site_admin, at=AT, **station_facts(district))
    measured(aqi=[100, 101, 55, None, 180])
    card = card_of(district.east)

    assert [(row[1], row[4]) for row in losses_of(card)] == [
        ("score_air_exceeded", f"{station.code}/2026-02-02"),
        ("score_air_exceeded", f"{station.code}/2026-02-05"),
    ]
    air = next(row for row in card.items if row["item"] == "air")
    assert (air["full"], air["points"]) == ("33.33", "16.66")  # 10 of 30 points apply; two of four days
    assert "2026-02-05，东溪站，AQI 180" in card.losses.last().sentence


def test_losses_of_every_card_add_up_to_what_lacks(district, office, target, judged, measured):
    for name, light in (("一", "red"), ("二", "yellow"), ("三", "green")):
        judged(light, indicator=name)
        judged(light, indicator=name, lead=district.bureau)
    places.create_station(by=district.site_admin, at=AT, **station_facts(district))
    measured(aqi=[90, 120, 130, 60, 70, 80, 101])

    for card in score().cards:
        if card.points is not None:
            assert card.full - card.points == sum(loss.points for loss in card.losses.all()) - card.bonus
            assert sum(Decimal(row["full"]) for row in card.items) == card.full == 100


def test_ranks_within_a_group_share_equal_points(district, judged):
    judged("red", lead=district.bureau)
    judged("green", lead=district.east, indicator="甲")
    judged("green", lead=district.west, indicator="乙")
    ranks = {card.unit.name: (card.rank, card.of) for card in score().cards}

    assert ranks["东溪镇"] == ranks["西塘镇"] == (1, 2)
    assert ranks["清河区生态环境局"] == (1, 1)
    assert ranks["清河区督查室"] == (None, 1)


# --- versions -----------------------------------------------------------------------------------------------------


def test_scoring_again_without_any_change_adds_no_version(district, judged):
    judged("red")
    first, second = score(), score(as_of=date(2026, 3, 20))

    assert (first.version, first.is_new, second.version, second.is_new) == (1, True, 1, False)
    assert AuditEntry.objects.filter(action="scorecards.score_month").count() == 1


def test_a_fact_that_came_later_adds_a_version_and_the_old_one_stays(district, office, target, judged):
    judged("green", on=target())
    before = card_of(district.east)
    report(office, Target.objects.get(), day=9)
    after = card_of(district.east)

    assert (before.version, after.version) == (1, 2)
    assert Scorecard.objects.get(pk=before.pk).points == before.points
    assert [row.card.version for row in queries.board(FEBRUARY, with_unranked=True)] == [2] * 4
    assert [(row.unit, row.card.version) for row in queries.board(FEBRUARY, 1)] == [(district.east, 1)]


def test_the_system_scores_without_a_person_and_says_so(district):
    card = score().cards[0]

    assert (card.recorded_by, card.recorded_by_id) == ("系统", "")
    entry = AuditEntry.objects.get(action="scorecards.score_month")
    assert entry.actor_name == "系统"
    assert entry.after["month"] == "2026-02"


@pytest.mark.parametrize("role", [None, Role.OFFICER, Role.LEADER, Role.UNIT_ADMIN, Role.AUDITOR])
def test_only_who_may_publish_scores_or_publishes_by_hand(district, role):
    score()
    by = district.who(role)

    refuses("permission.missing", lambda: score(by=by))
    refuses("permission.missing", lambda: actions.publish_month(by=by, at=NOW, month=FEBRUARY))
    refuses(
        "permission.missing",
        lambda: actions.enter_event(
            by=by,
            at=NOW,
            unit=district.east,
            kind=EventKind.VETO,
            key="grave_event",
            day=AS_OF,
            what="事",
            evidence="文",
        ),
    )
    assert not ScorePublication.objects.exists()


@pytest.mark.parametrize(
    ("as_of", "is_refused"), [(date(2026, 2, 27), True), (date(2026, 2, 28), True), (date(2026, 3, 1), False)]
)
def test_a_month_is_scored_after_its_last_day_only(district, as_of, is_refused):
    if is_refused:
        assert "2026 年 2 月" in refuses("score.month_not_over", lambda: score(as_of=as_of))
    else:
        assert score(as_of=as_of).is_new


def test_a_quarter_is_no_month_and_without_units_there_is_nothing_to_score(db):
    refuses("score.month_not_over", lambda: score(month=around(Kind.QUARTER, FEBRUARY.first)))
    refuses("score.no_units", score)


def test_another_scheme_of_the_installation_counts_from_the_next_scoring(district, judged, settings):
    judged("red", lead=district.bureau)
    first = card_of(district.bureau)
    settings.SCORE_SCHEME = "deductions"
    second = card_of(district.bureau)

    assert (first.scheme, second.scheme, second.version) == ("heqing", "deductions", 2)
    # 45 points for the only target that is red; against 2 points
    assert [c.losses.get(cause="score_target_red").points for c in (first, second)] == [Decimal(45), Decimal(2)]


# --- publishing ---------------------------------------------------------------------------------------------------


def test_publishing_opens_the_time_for_objections_and_is_on_record(district):
    score()
    published = actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY, note="请核对", seen=1)

    assert (published.version, published.objection_until) == (1, date(2026, 3, 13))  # Tuesday and three working days
    assert AuditEntry.objects.get(action="scorecards.publish_month").because == "请核对"


def test_publishing_twice_or_what_somebody_scored_again_is_refused(district, judged):
    refuses("score.not_scored", lambda: actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY))
    score()
    actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY, seen=1)
    said = refuses("score.published", lambda: actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY))
    assert "方正" in said
    judged("red")
    score()
    refuses(
        "score.changed_meanwhile", lambda: actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY, seen=1)
    )
    actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY, seen=2)
    assert [row.version for row in queries.publications(FEBRUARY)] == [2, 1]


# --- events -------------------------------------------------------------------------------------------------------


def enter(district, **facts):
    return actions.enter_event(
        **{
            "by": district.supervisor, "at": NOW, "unit": district.east, "kind": EventKind.VETO, "key": "grave_event",
            "day": date(2026, 2, 11), "what": "偷排致河道死鱼", "evidence": "清环监〔2026〕3 号", **facts,
        }
    )  # fmt: skip


def test_a_veto_caps_the_grade_names_event_and_evidence_and_leaves_points_and_rank(district, judged):
    judged("green", lead=district.west)
    before = card_of(district.west)
    event = enter(district, unit=district.west)
    card = card_of(district.west)

    assert (card.points, card.rank) == (before.points, before.rank)
    assert (card.grade_name, card.grade_by_points, card.is_capped) == ("良好", before.grade_name, True)
    assert card.vetoes[0]["event"] == str(event.pk)
    assert "偷排致河道死鱼" in card.vetoes[0]["about"]
    assert "清环监〔2026〕3 号" in card.vetoes[0]["about"]
    assert "第四十条" in card.vetoes[0]["clause"]


def test_a_bonus_adds_points_up_to_its_most(district, judged):
    judged("green", lead=district.west)
    before = card_of(district.west).points
    for number in range(6):
        enter(district, unit=district.west, kind=EventKind.BONUS, key="commended", what=f"通报表扬{number}")
    card = card_of(district.west)

    assert (card.points - before, card.bonus, len(card.bonuses)) == (5, 5, 6)


def test_a_withdrawn_event_no_longer_counts_and_both_rows_stay(district, judged):
    judged("green", lead=district.west)
    event = enter(district, unit=district.west)
    assert card_of(district.west).is_capped
    refuses("because.missing", lambda: actions.withdraw_event(by=district.supervisor, at=NOW, event=event, because=" "))
    actions.withdraw_event(by=district.supervisor, at=NOW, event=event, because="登记错单位")
    refuses(
        "score.event_withdrawn",
        lambda: actions.withdraw_event(by=district.supervisor, at=NOW, event=event, because="再撤"),
    )

    assert not card_of(district.west).is_capped
    assert ScoreEvent.objects.count() == EventWithdrawal.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"day": date(2026, 3, 11)}, "score.event_in_future"),
        ({"evidence": "  "}, "score.event_without_evidence"),
        ({"what": ""}, "score.event_without_evidence"),
        ({"key": "luck"}, "score.event_unknown"),
        ({"kind": EventKind.BONUS}, "score.event_unknown"),
    ],
)
def test_an_event_needs_day_evidence_and_a_declared_kind(district, facts, code):
    refuses(code, lambda: enter(district, **facts))


def test_an_event_of_a_unit_that_is_not_scored_is_refused(district):
    refuses("score.unit_not_scored", lambda: enter(district, unit=district.village))


def test_an_event_of_another_month_does_not_count(district, judged):
    judged("green", lead=district.west)
    enter(district, unit=district.west, day=date(2026, 3, 1))

    assert not card_of(district.west).is_capped


# --- rows ---------------------------------------------------------------------------------------------------------


def test_nothing_that_was_scored_or_published_is_ever_changed(district, judged):
    judged("red")
    card = card_of(district.east)
    event = enter(district)
    actions.withdraw_event(by=district.supervisor, at=NOW, event=event, because="错")
    actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY)

    for model in (Scorecard, ScoreLoss, ScorePublication, ScoreEvent, EventWithdrawal):
        assert not append_only.missing_guards([model._meta.db_table])
        row = model.objects.first()
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            model.objects.all().delete()
        for statement in ("UPDATE {} SET id = id", "DELETE FROM {}"):
            with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement.format(model._meta.db_table))
    assert card.losses.exists()


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"version": 0}, "scorecard_version_counts_from_one"),
        ({"group": "village"}, "scorecard_group_is_known"),
        ({"month_end": date(2026, 2, 1)}, "scorecard_month_ends_after_start"),
        ({"points": None}, "scorecard_points_with_rank_and_grade"),
        ({"rank": None}, "scorecard_points_with_rank_and_grade"),
        ({"grade": ""}, "scorecard_points_with_rank_and_grade"),
        ({"points": Decimal(-1)}, "scorecard_points_are_not_below_zero"),
        ({"rank": 3}, "scorecard_rank_is_among_the_units"),
        ({"edition": ""}, "scorecard_says_scheme_and_who"),
        ({"version": 1}, "scorecard_stands_once"),
    ],
)
def test_the_database_keeps_a_card_whole(district, judged, facts, constraint):
    judged("green")
    card = card_of(district.east)
    values = {field.attname: getattr(card, field.attname) for field in Scorecard._meta.concrete_fields}
    made = Scorecard(**{**values, "id": None, "version": 2, **facts})
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        made.save()
    if constraint != "scorecard_stands_once":
        assert constraint in str(broken.value)


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"points": Decimal(-1)}, "loss_is_not_below_zero"),
        ({"cause": ""}, "loss_names_its_cause"),
        ({"ref_key": ""}, "loss_names_its_cause"),
        ({"ref_kind": "luck"}, "loss_reference_is_known"),
    ],
)
def test_the_database_keeps_a_loss_with_its_cause(district, judged, facts, constraint):
    judged("green")
    whole = {"scorecard": card_of(district.east), "number": 99, "item": "cases", "points": Decimal(1), "cause": "x",
             "reason": "x", "ref_kind": "case", "ref_key": "1"}  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ScoreLoss.objects.create(**{**whole, **facts})


def test_the_database_wants_evidence_for_an_event_and_a_reason_for_its_withdrawal(district):
    event = enter(district)
    with pytest.raises(IntegrityError, match="score_event_names_what_and_evidence"), transaction.atomic():
        ScoreEvent.objects.create(
            unit=district.east, kind="veto", key="x", day=AS_OF, what="x", evidence="", recorded_at=NOW,
            recorded_by=district.supervisor,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="score_event_kind_is_known"), transaction.atomic():
        ScoreEvent.objects.create(
            unit=district.east, kind="luck", key="x", day=AS_OF, what="x", evidence="x", recorded_at=NOW,
            recorded_by=district.supervisor,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="score_event_withdrawn_with_reason"), transaction.atomic():
        EventWithdrawal.objects.create(event=event, because="", recorded_at=NOW, recorded_by=district.supervisor)


def test_a_publication_of_a_version_stands_once(district):
    score()
    actions.publish_month(by=district.supervisor, at=NOW, month=FEBRUARY)
    row = {"month_end": FEBRUARY.last, "version": 1, "published_at": NOW, "published_by": district.supervisor,
           "objection_until": AS_OF}  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ScorePublication.objects.create(month_start=FEBRUARY.first, **row)
    with pytest.raises(IntegrityError, match="publication_month_ends_after_start"), transaction.atomic():
        ScorePublication.objects.create(month_start=FEBRUARY.last, **{**row, "version": 2})


@pytest.mark.parametrize("count", [3, 12])
def test_queries_of_scoring_do_not_grow_with_targets(district, judged, count, django_assert_max_num_queries):
    for number in range(count):
        judged("red", indicator=f"目标{number}", lead=district.bureau)
    with django_assert_max_num_queries(40):
        score()
