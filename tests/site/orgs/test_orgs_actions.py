"""What the actions on units, posts, people and rights do, and what they refuse."""

from __future__ import annotations

from datetime import date

import pytest
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.audit.models import AuditEntry
from heqing_site.audit.queries import history_of
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import actions, queries
from heqing_site.orgs.models import Term, Unit, User
from heqing_site.orgs.rules import Role, UnitKind


@pytest.fixture
def who(district):
    return {"by": district.site_admin, "at": AT}


def refusal_of(action, **arguments) -> RuleBrokenError:
    """Carry out an action that must be refused, and see that it left no trace."""
    entries = AuditEntry.objects.count()
    with pytest.raises(RuleBrokenError) as refusal:
        action(**arguments)
    assert AuditEntry.objects.count() == entries
    return refusal.value


# --- units --------------------------------------------------------------------------------------------------------


def test_a_new_unit_stands_in_its_line(district):
    assert [unit.name for unit in queries.line_of(district.village)] == ["清河区", "东溪镇", "柳湾村"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "990101"}, "unit.code_taken"),
        ({"kind": UnitKind.DISTRICT}, "unit.kind_misplaced"),
        ({"active_from": date(2019, 12, 31)}, "unit.parent_inactive"),
    ],
)
def test_a_unit_is_refused(district, who, change, code):
    facts = {
        "name": "白鹭村",
        "code": "990101101209",
        "kind": UnitKind.VILLAGE,
        "parent": district.east,
        "active_from": DAY,
    }

    assert refusal_of(actions.create_unit, **who, **{**facts, **change}).code == code


def test_a_renamed_unit_keeps_its_code_and_the_record_both_names(district, who):
    unit = actions.rename_unit(**who, unit=district.east, name="东溪街道", because="清政发〔2026〕3号")

    assert (unit.name, unit.code) == ("东溪街道", "990101101")
    entry = history_of(unit).first()
    assert (entry.before["name"], entry.after["name"]) == ("东溪镇", "东溪街道")
    assert entry.because == "清政发〔2026〕3号"


def test_a_moved_unit_takes_along_what_stands_below_it(district, who):
    town = actions.move_unit(**who, unit=district.village, parent=district.west, because="区划调整")

    assert [unit.name for unit in queries.line_of(town)] == ["清河区", "西塘镇", "柳湾村"]
    assert history_of(town).first().after["parent"] == "西塘镇（990101102）"


@pytest.mark.parametrize("target", ["bureau", "office"])
def test_a_unit_is_not_moved_under_itself_or_below_itself(district, who, target):
    office = actions.create_unit(
        **who, name="水科", code="990101-05-1", kind=UnitKind.DEPARTMENT, parent=district.bureau, active_from=DAY
    )
    parent = {"bureau": district.bureau, "office": office}[target]

    assert refusal_of(actions.move_unit, **who, unit=district.bureau, parent=parent, because="试").code == (
        "unit.move_cycle"
    )


def test_a_closed_unit_stays_with_its_last_day_and_reason(district, who):
    actions.deactivate_unit(**who, unit=district.west, last_day=DAY, because="并入东溪镇")

    unit = Unit.objects.get(pk=district.west.pk)
    assert unit.is_active_on(DAY)
    assert not unit.is_active_on(date(2026, 3, 3))
    assert unit.closed_because == "并入东溪镇"


def test_a_closed_unit_takes_no_more_changes(district, who):
    actions.deactivate_unit(**who, unit=district.west, last_day=DAY, because="并入东溪镇")
    closed = Unit.objects.get(pk=district.west.pk)

    for refusal in (
        refusal_of(actions.deactivate_unit, **who, unit=closed, last_day=DAY, because="再次"),
        refusal_of(actions.rename_unit, **who, unit=closed, name="新名", because="更名"),
        refusal_of(actions.move_unit, **who, unit=closed, parent=None, because="调整"),
        refusal_of(actions.create_post, **who, unit=closed, name="镇长"),
    ):
        assert refusal.code == "unit.already_closed"


def test_a_unit_with_units_below_it_is_not_closed(district, who):
    refusal = refusal_of(actions.deactivate_unit, **who, unit=district.east, last_day=DAY, because="撤并")

    assert refusal.code == "unit.has_active_children"
    assert "柳湾村" in refusal.sentence()


def test_a_unit_with_somebody_in_office_is_not_closed(district, who):
    actions.appoint(**who, post=district.director, holder=district.clerk, started_on=DAY)

    refusal = refusal_of(actions.deactivate_unit, **who, unit=district.bureau, last_day=DAY, because="撤并")

    assert refusal.code == "unit.has_holders"
    assert "赵磊（局长）" in refusal.sentence()


def test_a_unit_does_not_end_before_it_began(district, who):
    facts = {"unit": district.west, "last_day": date(2019, 12, 31), "because": "撤并"}

    assert refusal_of(actions.deactivate_unit, **who, **facts).code == "unit.ends_before_start"


def test_what_changes_the_past_needs_a_reason(district, who):
    term = actions.appoint(**who, post=district.director, holder=district.clerk, started_on=DAY)
    for action, facts in (
        (actions.rename_unit, {"unit": district.west, "name": "新名"}),
        (actions.move_unit, {"unit": district.west, "parent": None}),
        (actions.deactivate_unit, {"unit": district.west, "last_day": DAY}),
        (actions.end_term, {"term": term, "last_day": DAY}),
        (actions.deactivate_user, {"user": district.clerk}),
        (actions.revoke_grant, {"grant": district.auditor.grants.get()}),
    ):
        assert refusal_of(action, **who, **facts, because="  ").code == "because.missing"


# --- posts and terms ----------------------------------------------------------------------------------------------


def test_a_post_of_the_same_name_is_refused(district, who):
    assert refusal_of(actions.create_post, **who, unit=district.bureau, name="局长").code == "post.name_taken"


def test_a_successor_takes_office_the_day_after(district, who):
    term = actions.appoint(**who, post=district.director, holder=district.clerk, started_on=date(2024, 1, 1))
    actions.end_term(**who, term=term, last_day=date(2026, 2, 28), because="退休")

    actions.appoint(**who, post=district.director, holder=district.auditor, started_on=date(2026, 3, 1))

    on_last_day = Term.objects.current_on(date(2026, 2, 28)).get()
    on_first_day = Term.objects.current_on(date(2026, 3, 1)).get()
    assert (on_last_day.holder, on_first_day.holder) == (district.clerk, district.auditor)


@pytest.mark.parametrize(
    ("started_on", "is_refused"), [(date(2026, 2, 27), True), (date(2026, 2, 28), True), (date(2026, 3, 1), False)]
)
def test_an_appointment_that_overlaps_names_who_is_in_office(district, who, started_on, is_refused):
    actions.appoint(
        **who,
        post=district.director,
        holder=district.clerk,
        started_on=date(2024, 1, 1),
        ended_on=date(2026, 2, 28),
        ended_because="退休",
    )
    facts = {"post": district.director, "holder": district.auditor, "started_on": started_on}

    if is_refused:
        refusal = refusal_of(actions.appoint, **who, **facts)
        assert refusal.code == "term.overlaps"
        assert "赵磊担任（2024-01-01 至 2026-02-28）" in refusal.sentence()
    else:
        actions.appoint(**who, **facts)


def test_a_term_ends_once_and_not_before_it_began(district, who):
    term = actions.appoint(**who, post=district.director, holder=district.clerk, started_on=DAY)

    early = {"term": term, "last_day": date(2026, 3, 1), "because": "调任"}
    assert refusal_of(actions.end_term, **who, **early).code == "term.ends_before_start"
    actions.end_term(**who, term=term, last_day=DAY, because="调任")
    again = {"term": term, "last_day": date(2026, 4, 1), "because": "调任"}
    assert refusal_of(actions.end_term, **who, **again).code == "term.already_ended"


def test_nobody_takes_office_in_a_unit_that_does_not_exist_on_that_day(district, who):
    facts = {"post": district.director, "holder": district.clerk, "started_on": date(2019, 12, 31)}

    assert refusal_of(actions.appoint, **who, **facts).code == "term.unit_inactive"


def test_a_closed_account_takes_no_office_and_no_role(district, who):
    actions.deactivate_user(**who, user=district.clerk, because="调离")
    clerk = User.objects.get(pk=district.clerk.pk)

    office = {"post": district.director, "holder": clerk, "started_on": DAY}
    role = {"user": clerk, "role": Role.AUDITOR, "unit": None, "valid_from": DAY}
    assert refusal_of(actions.appoint, **who, **office).code == "user.closed"
    assert refusal_of(actions.grant_role, **who, **role).code == "user.closed"


# --- accounts and rights ------------------------------------------------------------------------------------------


def test_only_an_empty_installation_is_founded(district):
    facts = {"username": "second", "display_name": "某人", "password": PASSWORD}

    assert refusal_of(actions.found_site, at=AT, **facts).code == "site.already_founded"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "LIUMIN"}, "user.username_taken"),
        ({"password": "1234567890"}, "user.password_weak"),
        ({"password": "sunwei-sunwei"}, "user.password_weak"),
        ({"password": "short"}, "user.password_weak"),
    ],
)
def test_an_account_is_refused(district, who, change, code):
    facts = {"username": "sunwei-sunwei", "display_name": "孙伟", "password": PASSWORD, "unit": district.east}

    assert refusal_of(actions.create_user, **who, **{**facts, **change}).code == code


def test_the_same_role_is_not_granted_twice_for_one_time(district, who):
    facts = {"user": district.east_admin, "role": Role.UNIT_ADMIN, "unit": district.east, "valid_from": DAY}

    assert refusal_of(actions.grant_role, **who, **facts).code == "grant.exists"


def test_a_grant_does_not_end_before_it_began_and_is_taken_back_once(district, who):
    facts = {"user": district.clerk, "role": Role.UNIT_ADMIN, "unit": district.east, "valid_from": DAY}
    early = date(2026, 3, 1)

    assert refusal_of(actions.grant_role, **who, **facts, valid_to=early).code == "grant.ends_before_start"
    grant = actions.grant_role(**who, **facts)
    actions.revoke_grant(**who, grant=grant, because="轮岗")
    assert refusal_of(actions.revoke_grant, **who, grant=grant, because="轮岗").code == "grant.already_ended"
    actions.grant_role(**who, **facts)


def test_the_last_site_administrator_stays(district, who):
    grant = district.site_admin.grants.get()

    assert refusal_of(actions.revoke_grant, **who, grant=grant, because="离任").code == "site.last_admin"
    assert refusal_of(actions.deactivate_user, **who, user=district.site_admin, because="离任").code == (
        "site.last_admin"
    )
    actions.grant_role(**who, user=district.clerk, role=Role.SITE_ADMIN, unit=None, valid_from=DAY)
    actions.revoke_grant(**who, grant=grant, because="离任")


def test_the_record_of_an_account_holds_no_password(district):
    entries = AuditEntry.objects.filter(subject_type="orgs.User")

    assert entries.exists()
    assert all("password" not in entry.after for entry in entries if entry.after)
