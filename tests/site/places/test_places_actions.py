"""What the actions keep: rights, rules, the audit entry."""

from __future__ import annotations

import inspect
from datetime import date
from decimal import Decimal

import pytest
from tests.site.conftest import AT, DAY
from tests.site.places.conftest import HERE, enterprise_facts, section_facts, station_facts

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs.rules import ROLE_PERMISSIONS, Permission, Role
from heqing_site.places import actions
from heqing_site.places.rules import CHANGEABLE, BodyType, Register

ACTIONS = sorted(
    name
    for name, action in inspect.getmembers(actions, inspect.isfunction)
    if action.__module__ == actions.__name__ and not name.startswith("_") and name != "unit_of"
)


def deeds(district, places, by):
    """Give every action done in the eastern town."""
    who = {"by": by, "at": AT}
    new = {"name": "新点位", "code": "QH-N"}
    return {
        "create_river": lambda: actions.create_river(**who, **new, kind=BodyType.LAKE, unit=district.village),
        "create_station": lambda: actions.create_station(**who, **{**station_facts(district), **new}),
        "create_section": lambda: actions.create_section(**who, **{**section_facts(district, places.river), **new}),
        "create_enterprise": lambda: actions.create_enterprise(**who, **{**enterprise_facts(district), **new}),
        "create_outlet": lambda: actions.create_outlet(**who, **new, enterprise=places.enterprise, river=None, **HERE),
        "change_place": lambda: actions.change_place(**who, place=places.section, because="调规", target_class=2),
        "retire_place": lambda: actions.retire_place(**who, place=places.station, last_day=DAY, because="撤站"),
    }


@pytest.mark.parametrize("role", [*Role, None], ids=str)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_open_to_the_roles_that_hold_its_right_and_leaves_one_entry(district, places, name, role):
    by = district.who(role)
    if by == district.officer:  # her grant is at the bureau, which has no ground; the eastern town is what matters
        by = district.east_admin
    entries = AuditEntry.objects.count()
    act = deeds(district, places, by)[name]

    if role is not None and Permission.PLACE_EDIT in ROLE_PERMISSIONS[role]:
        act()
        assert AuditEntry.objects.count() == entries + 1
        entry = AuditEntry.objects.first()
        assert (entry.action, entry.actor_id, entry.recorded_at) == (f"places.{name}", str(by.pk), AT)
    else:
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING
        assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_takes_names_only_and_asks_who_and_when(name):
    parameters = inspect.signature(getattr(actions, name)).parameters

    assert all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters.values())
    assert {"by", "at"} <= set(parameters)


def code_of(act, *args, **facts):
    with pytest.raises(RuleBrokenError) as refusal:
        act(*args, **facts)
    return refusal.value.code


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"code": "QH-A01"}, "place.code_taken"),
        ({"code": "QH-A02"}, "place.name_taken"),
        ({"code": "QH-A02", "name": "西站", "lon": Decimal("29.8"), "lat": Decimal("119.5")}, "place.off_the_map"),
    ],
)
def test_a_station_is_refused(district, places, fault, code):
    facts = {**station_facts(district), **fault}

    assert code_of(actions.create_station, by=district.site_admin, at=AT, **facts) == code


def test_the_same_name_in_another_city_is_fine(district, places):
    facts = {**station_facts(district), "code": "QH-A02", "city": "邻区"}

    assert actions.create_station(by=district.site_admin, at=AT, **facts).name == "东溪站"


def test_a_department_has_no_ground(district, places):
    facts = {**station_facts(district), "code": "QH-A02", "name": "局站", "unit": district.bureau}

    assert code_of(actions.create_station, by=district.site_admin, at=AT, **facts) == "place.unit_without_ground"


def test_a_change_says_what_stood_before_and_after(district, places):
    actions.change_place(
        by=district.east_admin, at=AT, place=places.section, because="批复〔2026〕1号", target_class=2, name="柳湾大桥"
    )

    entry = AuditEntry.objects.first()
    assert (entry.before["target_class"], entry.after["target_class"]) == (3, 2)
    assert (entry.before["name"], entry.after["name"]) == ("柳湾桥", "柳湾大桥")
    assert entry.before["unit"] == "东溪镇"
    assert entry.because == "批复〔2026〕1号"


def test_a_place_is_not_moved_to_where_one_has_no_right(district, places):
    move = {"place": places.station, "because": "迁建", "unit": district.west}

    assert code_of(actions.change_place, by=district.east_admin, at=AT, **move) == PERMISSION_MISSING
    places.station.refresh_from_db()
    assert places.station.unit == district.east


def test_a_code_is_never_changed(district, places):
    with pytest.raises(TypeError, match="code"):
        actions.change_place(by=district.site_admin, at=AT, place=places.station, because="误", code="QH-A99")


def test_every_changeable_fact_is_a_column(places):
    for place in places:
        assert CHANGEABLE[place.register] <= {field.name for field in place._meta.fields}
    assert set(CHANGEABLE) == set(Register)


def test_a_reason_is_asked_for(district, places):
    who = {"by": district.site_admin, "at": AT, "place": places.station}

    assert code_of(actions.change_place, **who, because=" ", name="新名") == "because.missing"
    assert code_of(actions.retire_place, **who, because="", last_day=DAY) == "because.missing"


def test_a_river_is_retired_after_what_hangs_on_it(district, places):
    who = {"by": district.site_admin, "at": AT, "because": "改道", "last_day": DAY}

    assert code_of(actions.retire_place, place=places.river, **who) == "place.still_used"
    assert code_of(actions.retire_place, place=places.enterprise, **who) == "place.still_used"
    for place in (places.outlet, places.section, places.river, places.enterprise):
        actions.retire_place(place=place, **who)
    assert places.river.refresh_from_db() is None
    assert places.river.retired_on == DAY


def test_what_is_retired_is_not_changed(district, places):
    who = {"by": district.site_admin, "at": AT, "place": places.station, "because": "撤站"}
    actions.retire_place(**who, last_day=date(2026, 2, 1))

    assert code_of(actions.retire_place, **who, last_day=DAY) == "place.retired"
    assert code_of(actions.change_place, **who, name="新名") == "place.retired"
