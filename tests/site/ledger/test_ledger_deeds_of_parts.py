"""Entering, splitting, planning and closing against every role, and by programs through the API."""

from __future__ import annotations

import inspect
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, DAY

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.ledger import entering, splitting, tree, year_end
from heqing_site.ledger.entering import Typed
from heqing_site.ledger.models import Plan, Target, TargetTerms, YearEnd
from heqing_site.ledger.rules import PlanBasis
from heqing_site.ledger.splitting import Part
from heqing_site.ledger.year_end import Carry
from heqing_site.orgs.rules import ROLE_PERMISSIONS, Permission, Role

ROLES = [*Role, None]
DEEDS = {
    name: deed
    for module in (entering, splitting, year_end)
    for name, deed in inspect.getmembers(module, inspect.isfunction)
    if deed.__module__ == module.__name__ and {"by", "at"} <= set(inspect.signature(deed).parameters)
    and not name.startswith("_")
}  # fmt: skip
FIRMS = {
    "indicator": "整治散乱污企业", "comparator": ">=", "value": Decimal(150), "value_text": "150", "unit": "家",
    "pillar": "industry",
}  # fmt: skip


@pytest.fixture
def deeds(district, adopt):
    def at_bureau(by: Any) -> dict[str, Any]:
        target, other = adopt(lead=district.bureau, **FIRMS), adopt(lead=district.bureau)
        past, old = adopt(lead=district.bureau, period="2025"), adopt(lead=district.west, period="2025")
        closed = year_end.close_year(by=district.site_admin, at=AT, unit=district.west, year=2025, because="通报")
        assert past != old
        who: dict[str, Any] = {"by": by, "at": AT, "because": "会议纪要"}
        typed = Typed(title="另一项", comparator=">=", bound="1", unit="家", pillar="industry")
        return {
            "enter_target": lambda: entering.enter_target(**who, typed=typed, lead=district.bureau),
            "attach_target": lambda: entering.attach_target(**who, target=other, parent=target),
            "split_target": lambda: splitting.split_target(
                **who, target=target, parts=[Part(district.east, Decimal(150))]
            ),
            "plan_target": lambda: splitting.plan_target(
                **who, target=target, planned=[(date(2026, 12, 31), Decimal(150), "")], basis=PlanBasis.TYPED
            ),
            "close_year": lambda: year_end.close_year(**who, unit=district.bureau, year=2025),
            "reopen_year": lambda: year_end.reopen_year(**who, year_end=closed),
            "carry_over": lambda: year_end.carry_over(
                **who, year_end=closed, carried=[Carry(old, Decimal(25))], period="2026"
            ),
        }

    return at_bureau


def test_the_walk_knows_every_deed(deeds, district):
    assert deeds(district.site_admin).keys() == DEEDS.keys()


@pytest.mark.parametrize("role", ROLES, ids=str)
@pytest.mark.parametrize("name", sorted(DEEDS))
def test_a_deed_is_open_to_the_roles_that_hold_its_right_where_they_hold_it(district, deeds, name, role):
    by = district.who(role)
    act = deeds(by)[name]
    entries, rows = (
        AuditEntry.objects.count(),
        (TargetTerms.objects.count(), Plan.objects.count(), YearEnd.objects.count()),
    )
    of_another_unit = name in ("reopen_year", "carry_over") and role is Role.OFFICER  # theirs is the bureau

    if role is not None and Permission.TARGET_EDIT in ROLE_PERMISSIONS[role] and not of_another_unit:
        act()
        assert AuditEntry.objects.count() == entries + 1
        assert AuditEntry.objects.first().action == f"ledger.{name}"
        assert AuditEntry.objects.first().actor_id == str(by.pk)
    else:
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
        assert AuditEntry.objects.count() == entries
        assert (TargetTerms.objects.count(), Plan.objects.count(), YearEnd.objects.count()) == rows


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_every_deed_takes_names_only(name):
    parameters = inspect.signature(DEEDS[name]).parameters

    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
    assert {"by", "at", "because"} <= set(parameters)


@pytest.mark.parametrize("path", ["split", "plan", "year", "enter", "sheet"])
def test_a_form_sent_twice_does_its_deed_once(open_as, district, adopt, path):
    target = adopt(lead=district.bureau, **FIRMS)
    old = adopt(lead=district.bureau, period="2025")
    browser = open_as(district.site_admin)
    address, form = {
        "split": (f"/ledger/targets/{target.number}/split/", {
            f"in.{district.east.pk}": "on", f"value.{district.east.pk}": "150", "because": "分", "do": "save"}),
        "plan": (f"/ledger/targets/{target.number}/plan/", {
            "day": ["2026-12-31"], "value": ["150"], "words": [""], "because": "分", "do": "save", "seen": "0"}),
        "year": ("/ledger/years/", {"unit": district.bureau.pk, "year": "2025", "because": "通报"}),
        "enter": ("/ledger/targets/enter/", {
            "title": "某项", "comparator": ">=", "bound": "1", "unit": "家", "pillar": "air", "strength": "plan",
            "lead": district.bureau.pk, "because": "会"}),
        "sheet": ("/ledger/sheet/", {
            "pasted": f"指标\t要求\t目标值\t领域\t牵头单位\n某项\t≥\t1\t治气\t{district.bureau.code}"}),
    }[path]  # fmt: skip
    assert old is not None

    browser.post(address, form)
    once = (Target.objects.count(), TargetTerms.objects.count(), Plan.objects.count(), YearEnd.objects.count())
    browser.post(address, form)

    assert once != (2, 2, 0, 0)
    assert (Target.objects.count(), TargetTerms.objects.count(), Plan.objects.count(), YearEnd.objects.count()) == once


def test_a_split_as_of_an_earlier_day_is_that_of_the_day(adopt, district):
    target = adopt(lead=district.bureau, **FIRMS)
    splitting.split_target(
        by=district.site_admin, at=AT, target=target, parts=[Part(district.east, Decimal(150))], because="分解"
    )
    assert tree.parts_of(target, as_of=date(2026, 3, 1)) == []
    assert len(tree.parts_of(target, as_of=DAY)) == 1
