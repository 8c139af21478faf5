"""Every deed of the ledger against every role: who may do what, where."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, DAY

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger import actions
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.rules import Rhythm, SourceKind
from heqing_site.orgs.actions import create_unit
from heqing_site.orgs.rules import ROLE_PERMISSIONS, Permission, Role, UnitKind

ROLES = [*Role, None]
ACTIONS = sorted(
    name
    for name, action in inspect.getmembers(actions, inspect.isfunction)
    if action.__module__ == actions.__name__ and not name.startswith("_")
)


@pytest.fixture
def deeds(district, write, adopt) -> Callable[[Any], dict[str, Callable[[], Any]]]:
    """Give every deed, done below the bureau of ecology, where the officer has the right."""

    def at_bureau(by: Any) -> dict[str, Callable[[], Any]]:
        section = create_unit(
            by=district.site_admin, at=AT, name="大气科", code="990101-05-1", kind=UnitKind.DEPARTMENT,
            parent=district.bureau, active_from=DAY,
        )  # fmt: skip
        target = adopt(lead=section)
        document = write({})
        duty = actions.set_duty(
            by=district.site_admin, at=AT, unit=section, pillar="water", valid_from=DAY, because="三定"
        )
        who: dict[str, Any] = {"by": by, "at": AT}
        on: dict[str, Any] = {**who, "target": target, "because": "会议纪要"}
        return {
            "adopt_finding": lambda: actions.adopt_finding(**who, finding=document.findings.get(), lead=section),
            "adopt_all": lambda: actions.adopt_all(**who, document=document, lead=section, with_repeats=True),
            "amend_target": lambda: actions.amend_target(**on, changes={"bound": Decimal(24)}),
            "set_lead": lambda: actions.set_lead(**on, unit=district.bureau),
            "set_source": lambda: actions.set_source(**on, source_kind=SourceKind.REPORTED, rhythm=Rhythm.MONTH),
            "withdraw_target": lambda: actions.withdraw_target(**on),
            "set_duty": lambda: actions.set_duty(**who, unit=section, pillar="air", valid_from=DAY, because="三定"),
            "end_duty": lambda: actions.end_duty(**who, duty=duty, last_day=DAY, because="调整"),
        }

    return at_bureau


@pytest.mark.parametrize("role", ROLES, ids=str)
@pytest.mark.parametrize("name", ACTIONS)
def test_a_deed_is_open_to_the_roles_that_hold_its_right_and_leaves_one_entry(district, deeds, name, role):
    act = deeds(district.who(role))[name]
    entries, terms = AuditEntry.objects.count(), TargetTerms.objects.count()

    if role is not None and Permission.TARGET_EDIT in ROLE_PERMISSIONS[role]:
        act()
        entry = AuditEntry.objects.first()
        assert AuditEntry.objects.count() == entries + 1
        assert entry.action == ("ledger.adopt_finding" if name == "adopt_all" else f"ledger.{name}")
        assert entry.actor_id == str(district.who(role).pk)
        assert entry.recorded_at == AT
    else:
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
        assert (AuditEntry.objects.count(), TargetTerms.objects.count()) == (entries, terms)


@pytest.mark.parametrize("name", ACTIONS)
def test_every_deed_takes_names_only_and_asks_who_and_when(name):
    parameters = inspect.signature(getattr(actions, name)).parameters

    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
    assert {"by", "at"} <= set(parameters)


def test_a_target_of_another_unit_cannot_be_touched_taken_or_given(district, adopt):
    officer = district.officer
    theirs, ours = adopt(lead=district.east), adopt(lead=district.bureau)
    who: dict[str, Any] = {"by": officer, "at": AT, "because": "试探"}

    for act in (
        lambda: actions.amend_target(**who, target=theirs, changes={"bound": Decimal(1)}),
        lambda: actions.set_lead(**who, target=theirs, unit=district.bureau),
        lambda: actions.set_lead(**who, target=ours, unit=district.east),
        lambda: actions.withdraw_target(**who, target=theirs),
        lambda: actions.set_duty(by=officer, at=AT, unit=district.east, pillar="air", valid_from=DAY, because="试探"),
    ):
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
    assert TargetTerms.objects.count() == 2
