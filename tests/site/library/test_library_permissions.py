"""Every action of the library against every role and place, and what becomes of a deed that cannot be recorded."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests.site.conftest import AT, PASSWORD, District
from tests.site.library.conftest import bytes_of

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.library import actions
from heqing_site.library.models import Document, Finding, Measure
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import ROLE_PERMISSIONS, Permission, Role

ACTIONS = sorted(
    name
    for name, action in inspect.getmembers(actions, inspect.isfunction)
    if action.__module__ == actions.__name__ and not name.startswith("_")
)


def decided_by(who: User, finding: Finding) -> Finding:
    """Let somebody be the last who decided a finding, whatever they may do."""
    Finding.objects.filter(pk=finding.pk).update(decided_by=who)
    return finding


def on(speech: Document, unit: Unit, by: User) -> dict[str, tuple[Permission, Callable[[], Any]]]:
    """Give every action done on a document of a unit, with the right that it needs."""
    first, second = speech.findings.filter(number__in=(1, 2)).order_by("number")
    actions.accept_finding(by=speech.added_by, at=AT, finding=second)
    who: dict[str, Any] = {"by": by, "at": AT}
    words = {"start": 0, "end": 5, "kind": "target", "comparator": "complete", "pillar": "air", "indicator": "甲"}
    review = Permission.DOCUMENT_REVIEW
    return {
        "add_document": (
            Permission.DOCUMENT_ADD,
            lambda: actions.add_document(**who, file_name="a.txt", content=bytes_of("优良率达到85%。"), unit=unit),
        ),
        "accept_finding": (review, lambda: actions.accept_finding(**who, finding=first)),
        "correct_finding": (
            review,
            lambda: actions.correct_finding(**who, finding=first, changes={"period": "2026"}),
        ),
        "reject_finding": (review, lambda: actions.reject_finding(**who, finding=first, because="重复")),
        "reopen_finding": (review, lambda: actions.reopen_finding(**who, finding=second)),
        "accept_findings": (
            review,
            lambda: actions.accept_findings(**who, document=speech, asked={first.number: first.version}),
        ),
        "undo_decisions": (review, lambda: actions.undo_decisions(**who, findings=[decided_by(by, second)])),
        "add_finding_by_hand": (review, lambda: actions.add_finding_by_hand(**who, document=speech, **words)),
    }


@pytest.mark.parametrize("role", [*Role, None], ids=str)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_open_to_the_roles_that_hold_its_right_and_leaves_one_entry(district, speech, name, role):
    permission, act = on(speech, district.bureau, district.who(role))[name]
    entries = AuditEntry.objects.count()

    if role is not None and permission in ROLE_PERMISSIONS[role]:
        act()
        entry = AuditEntry.objects.first()
        assert AuditEntry.objects.count() == entries + 1
        assert entry.action == f"library.{name}"
        assert entry.actor_id == str(district.who(role).pk)
    else:
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
        assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("name", ACTIONS)
def test_an_officer_of_another_place_is_refused(district: District, speech: Document, name: str):
    outsider = orgs.create_user(
        by=district.site_admin, at=AT, username="other", display_name="吴江", password=PASSWORD, unit=district.east
    )
    orgs.grant_role(
        by=district.site_admin, at=AT, user=outsider, role=Role.OFFICER, unit=district.east, valid_from=date(2026, 1, 1)
    )
    _, act = on(speech, district.bureau, outsider)[name]

    with pytest.raises(RuleBrokenError) as refusal:
        act()

    assert refusal.value.code == PERMISSION_MISSING
    assert "清河区生态环境局" in refusal.value.sentence()


def test_a_document_of_the_whole_site_needs_a_right_on_the_whole_site(district):
    with pytest.raises(RuleBrokenError) as refusal:
        actions.add_document(by=district.officer, at=AT, file_name="a.txt", content=bytes_of(), unit=None)

    assert "全站" in refusal.value.sentence()
    assert actions.add_document(by=district.site_admin, at=AT, file_name="a.txt", content=bytes_of(), unit=None).is_new


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_takes_names_only_and_asks_who_and_when(name):
    parameters = inspect.signature(getattr(actions, name)).parameters

    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
    assert {"by", "at"} <= set(parameters)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_deed_that_cannot_be_recorded_is_not_done(district, speech, name, monkeypatch):
    _, act = on(speech, district.bureau, district.officer)[name]
    before = everything()

    def fail(**facts: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(OSError, match="the disk is full"):
        act()

    assert everything() == before


def everything() -> list[dict[str, Any]]:
    return [row for model in (Document, Measure, Finding) for row in model.objects.order_by("pk").values()]
