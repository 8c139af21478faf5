"""What belongs together is tied in the database: each constraint is broken here by going around the actions."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from heqing_site.orgs.models import Post, RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import Role, UnitKind

DAY, LATER = date(2026, 3, 2), date(2026, 6, 30)
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

UNIT = {"name": "南浦街道", "code": "990101103", "kind": UnitKind.STREET, "active_from": DAY}
USER = {"username": "sunwei", "display_name": "孙伟", "locale": "zh-hans"}


def refused(model, **facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**facts)


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"code": ""},
        {"code": "990101"},
        {"kind": "planet"},
        {"active_to": date(2026, 3, 1), "closed_because": "撤并"},
        {"active_to": LATER},
        {"closed_because": "撤并"},
    ],
    ids=["no name", "no code", "code twice", "unknown kind", "ends before start", "no reason", "reason without day"],
)
def test_the_database_refuses_a_unit_with(district, fault):
    refused(Unit, **{**UNIT, **fault})


def test_the_database_refuses_a_unit_that_is_its_own_parent(district):
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=district.east.pk).update(parent=district.east)


@pytest.mark.parametrize(
    "fault",
    [
        {"username": ""},
        {"display_name": ""},
        {"username": "LiuMin"},
        {"locale": "tlh"},
        {"is_active": False},
        {"closed_on": DAY, "closed_because": "调离"},
        {"is_active": False, "closed_on": DAY},
    ],
    ids=["no user name", "no name", "same name in capitals", "language", "no day", "still active", "no reason"],
)
def test_the_database_refuses_an_account_with(district, fault):
    refused(User, **{**USER, **fault})


def test_the_database_refuses_two_posts_of_one_name_in_a_unit(district):
    refused(Post, unit=district.bureau, name="局长")
    refused(Post, unit=district.bureau, name="")


@pytest.mark.parametrize(
    "fault",
    [{"ended_on": date(2026, 3, 1), "ended_because": "调任"}, {"ended_on": LATER}, {"ended_because": "调任"}],
    ids=["ends before start", "no reason", "reason without day"],
)
def test_the_database_refuses_a_term_with(district, fault):
    refused(Term, **{"post": district.director, "holder": district.clerk, "started_on": DAY, **fault})


@pytest.mark.parametrize(
    ("started_on", "ended_on", "is_refused"),
    [
        (date(2026, 7, 1), None, False),
        (date(2026, 6, 30), None, True),
        (date(2025, 1, 1), date(2026, 3, 1), False),
        (date(2025, 1, 1), date(2026, 3, 2), True),
        (date(2026, 4, 1), date(2026, 4, 30), True),
        (date(2025, 1, 1), date(2027, 1, 1), True),
    ],
)
def test_the_database_refuses_terms_of_one_post_that_share_a_day(district, started_on, ended_on, is_refused):
    Term.objects.create(
        post=district.director, holder=district.clerk, started_on=DAY, ended_on=LATER, ended_because="调任"
    )
    facts = {
        "post": district.director,
        "holder": district.auditor,
        "started_on": started_on,
        "ended_on": ended_on,
        "ended_because": "调任" if ended_on else "",
    }

    if is_refused:
        refused(Term, **facts)
    else:
        Term.objects.create(**facts)


def test_the_database_refuses_two_open_terms_and_a_change_that_makes_terms_overlap(district):
    Term.objects.create(
        post=district.director, holder=district.clerk, started_on=DAY, ended_on=LATER, ended_because="调任"
    )
    second = Term.objects.create(post=district.director, holder=district.auditor, started_on=date(2026, 7, 1))

    refused(Term, post=district.director, holder=district.clerk, started_on=date(2030, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=second.pk).update(started_on=LATER)


def test_terms_of_different_posts_may_overlap(district):
    mayor = Post.objects.create(unit=district.east, name="镇长")
    Term.objects.create(post=district.director, holder=district.clerk, started_on=DAY)

    Term.objects.create(post=mayor, holder=district.clerk, started_on=DAY)


@pytest.mark.parametrize(
    "fault",
    [{"role": "emperor"}, {"valid_to": date(2026, 3, 1)}, {"revoked_at": AT}, {"revoked_because": "轮岗"}],
    ids=["unknown role", "ends before start", "revoked without reason", "reason without moment"],
)
def test_the_database_refuses_a_grant_with(district, fault):
    facts = {"user": district.clerk, "role": Role.AUDITOR, "unit": district.east, "valid_from": DAY}

    refused(RoleGrant, **{**facts, **fault})


@pytest.mark.parametrize("place", ["east", None])
def test_the_database_refuses_the_same_open_grant_twice(district, place):
    unit = getattr(district, place) if place else None
    RoleGrant.objects.create(user=district.clerk, role=Role.UNIT_ADMIN, unit=unit, valid_from=DAY)

    refused(RoleGrant, user=district.clerk, role=Role.UNIT_ADMIN, unit=unit, valid_from=LATER)


def test_nothing_that_others_refer_to_can_be_deleted(district):
    for thing in (district.district, district.bureau, district.east_admin):
        with pytest.raises(ProtectedError):
            thing.delete()
