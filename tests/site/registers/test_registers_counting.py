"""Counts: what is counted, for whom, when, as known on which day; targets that are counted instead of reported."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT
from tests.site.registers.conftest import PHOTO, Office, built, entered, later
from tests.site.reporting.conftest import target as target  # a fixture of that room, used here too

from heqing_site.ledger import actions as ledger
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_of
from heqing_site.ledger.rules import Rhythm, SourceKind
from heqing_site.registers import actions, counting, declaring
from heqing_site.registers.counting import by_unit, counted
from heqing_site.registers.models import Entry
from heqing_site.reporting.queries import owing_terms
from heqing_site.verdicts.evidence import gather

CELLS = "registers.zero_waste_cells.built"
YEAR: dict[str, Any] = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


def told(statistic: str = CELLS, **more: Any) -> counting.Counted:
    """Count over the year as known long after."""
    found = counted(statistic, **{"units": None, **YEAR, "as_of": date(2026, 12, 31), **more})
    assert found is not None
    return found


def test_only_what_is_built_and_confirmed_counts(office: Office):
    built(office)
    entered(office, name="东溪小学", sort="学校")

    found = told(names_entries=True)

    assert (found.value, found.entries, found.numbers, found.all) == (1, 1, (1,), 2)


@pytest.mark.parametrize(("days", "value"), [(4, 0), (5, 1), (6, 1)])
def test_a_count_knows_only_what_was_entered_by_the_day(office: Office, days: int, value: int):
    built(office, days=5)

    assert told(as_of=AT.date() + timedelta(days=days)).value == value


@pytest.mark.parametrize(("last", "value"), [("2026-03-06", 0), ("2026-03-07", 1), ("2026-03-08", 1)])
def test_a_count_by_day_takes_the_days_of_the_period(office: Office, last: str, value: int):
    built(office, days=5)

    assert told(last=date.fromisoformat(last)).value == value
    assert told(first=date(2026, 3, 8)).value == 0


def test_counts_are_asked_for_units(office: Office):
    built(office)

    assert told(units=[office.town.pk]).value == 1
    assert told(units=[office.district.west.pk]).value == 0
    assert [(row.unit, row.value) for row in by_unit(CELLS, **YEAR, as_of=date(2026, 12, 31))] == [(office.town, 1)]


def test_a_corrected_entry_waits_and_then_counts_again(office: Office):
    entry = built(office)
    actions.correct(by=office.town_officer, at=later(2), entry=entry, typed={"score": "80"}, note="补录")

    assert (told().value, told().waiting) == (0, 1)
    actions.confirm(by=office.officer, at=later(3), entry=entry)
    assert (told().value, told().waiting) == (1, 0)


def test_a_struck_entry_counts_no_more(office: Office):
    actions.strike(by=office.town_officer, at=later(2), entry=built(office), note="重复")

    assert told().value == 0


def trained(office: Office, title: str, persons: str) -> Entry:
    """Enter a batch of trained people and have it confirmed."""
    entry = entered(office, "people", title=title, sort="职业技能培训", day="2026-02-01", persons=persons)
    return actions.confirm(by=office.officer, at=later(1), entry=entry)


def test_a_sum_leaves_masked_amounts_out_and_says_so(office: Office):
    trained(office, "第一期", "120")
    trained(office, "第二期", "**")

    found = told("registers.people.trainings")

    assert (found.value, found.entries, found.unknown) == (120, 2, 1)


def test_when_every_amount_is_masked_there_is_no_value(office: Office):
    trained(office, "第一期", "**")

    assert told("registers.people.trainings").value is None


def test_a_sum_over_a_field_without_a_column_of_its_own_is_exact(office: Office):
    for number, safe in enumerate(("0.1", "0.2"), start=1):
        entry = entered(
            office, "safe_parcels", name=f"地块{number}", code=f"D{number}", area=safe, returned=str(number)
        )
        actions.confirm(by=office.officer, at=later(1), entry=entry)

    assert told("registers.safe_parcels.returned").value == Decimal(3)


def test_a_share_is_part_over_whole_and_nothing_over_nothing_is_unknown(office: Office):
    assert told("registers.eia.share").value is None
    for number in (1, 2, 3):
        entry = entered(office, "eia", name=f"项目{number}", sort="报告表", started_on="2026-02-01")
        if number < 3:
            actions.move(
                by=office.town_officer, at=later(1), entry=entry, move="approve", files=[PHOTO],
                typed={"approved_on": "2026-01-15", "number": f"环审 {number} 号"},
            )  # fmt: skip
            actions.confirm(by=office.officer, at=later(2), entry=entry)

    found = told("registers.eia.share")
    assert found.value is not None
    assert found.value.quantize(Decimal("0.01")) == Decimal("66.67")
    assert found.count.is_unconfirmed


def test_python_and_the_database_count_alike(office: Office):
    """The same filter, told over the rows in plain Python."""
    for number in range(12):
        name, sort = f"{number} 号", ("学校", "医院", "工厂")[number % 3]
        entry = built(office, days=1 + number, name=name, sort=sort)
        if number % 4 == 0:
            actions.give_back(by=office.officer, at=later(20), entry=entry, note="复核")
    expected = sum(
        entry.state == "built" and entry.is_confirmed and not entry.is_struck and entry.day is not None
        for entry in Entry.objects.filter(kind="zero_waste_cells")
    )

    assert told().value == expected == 9
    assert sum(row.entries for row in by_unit(CELLS, **YEAR, as_of=date(2026, 12, 31))) == expected
    assert counting.behind(CELLS, units=None, **YEAR, as_of=date(2026, 12, 31)).count() == expected


def test_unknown_statistics_are_told_apart(office: Office):
    assert counted("registers.nothing.x", units=None, first=None, last=None, as_of=AT.date()) is None
    assert counted("air.pm2_5.mean", units=None, first=None, last=None, as_of=AT.date()) is None
    assert counting.name_of("registers.zero_waste_cells.nothing") == ""


# --- targets --------------------------------------------------------------------------------------------------------


def asked(office: Office, aim: Target, statistic: str = CELLS) -> Any:
    """Have a target count a register."""
    return ledger.set_source(
        by=office.admin, at=AT, target=aim, source_kind=SourceKind.REGISTER, statistic=statistic,
        rhythm=Rhythm.MONTH, because="由台账计数",
    )  # fmt: skip


def known(aim: Target, on: date) -> Any:
    """Gather what is known of the target."""
    terms = terms_of(aim, as_of=on)
    assert terms is not None
    return gather([terms], on=on, readings=None)[aim.pk]


def test_a_target_is_counted_and_nobody_reports_it(office: Office, target: Any):
    aim = target()
    on = date(2026, 12, 1)
    assert owing_terms(as_of=on).filter(target=aim).exists()
    asked(office, aim)
    built(office)

    assert not owing_terms(as_of=on).filter(target=aim).exists()
    found = known(aim, on)
    assert found.evidence.value == 1
    assert found.inputs["entries"] == [1]
    assert found.inputs["register"] == "zero_waste_cells"


def test_a_register_that_nobody_keeps_says_nothing(office: Office, target: Any):
    aim = target()
    asked(office, aim)
    assert known(aim, date(2026, 12, 1)).evidence.value is None

    entered(office)
    assert known(aim, date(2026, 12, 1)).evidence.value == 0


def test_a_register_is_not_asked_for_a_statistic_of_instruments(office: Office, target: Any):
    aim = target()
    from heqing_site.errors import RuleBrokenError

    with pytest.raises(RuleBrokenError):
        asked(office, aim, "air.pm2_5.mean")


def test_counts_of_shipped_and_declared_kinds_are_offered_to_targets(office: Office, target: Any):
    aim = target()
    tables = {
        "kinds": [{"kind": "pocket_parks", "name_zh": "口袋公园", "pillar": "用地"}],
        "fields": [{"label_zh": "名称", "type": "文字", "needed": "是", "role": "标题"}],
        "states": [{"name_zh": "建成", "counts": "是"}],
        "counts": [{"name_zh": "口袋公园数", "unit": "个", "what": "条数"}],
    }
    declaring.declare_kind(by=office.admin, at=AT, tables=tables, because="会议决定")

    offered = catalogue.statistics()
    assert offered[CELLS] == "“无废城市细胞”：建成“无废城市细胞”数"
    assert offered["registers.pocket_parks.c1"] == "口袋公园：口袋公园数"
    assert catalogue.name_of("registers.pocket_parks.c1") == "口袋公园：口袋公园数"
    asked(office, aim, "registers.pocket_parks.c1")
    entered(office, "pocket_parks", f1="东溪口袋公园")
    assert known(aim, date(2026, 12, 1)).evidence.value == 1


def test_a_new_version_keeps_the_counts_that_targets_may_use(office: Office):
    from heqing_site.errors import RuleBrokenError
    from heqing_site.registers import kinds

    standing = kinds.standing_kind("zero_waste_cells", on=AT.date())
    assert standing is not None
    tables = declaring.tables_of(standing.form)
    tables["counts"][0]["name_zh"] = "别的数"
    with pytest.raises(RuleBrokenError) as caught:
        declaring.declare_kind(by=office.admin, at=AT, tables=tables, because="改名")
    assert caught.value.code == "register.count_changed"


@pytest.mark.parametrize("who", ["town_officer", "officer", "supervisor"])
def test_declaring_needs_its_right(office: Office, who: str):
    from heqing_site.errors import RuleBrokenError

    with pytest.raises(RuleBrokenError) as caught:
        declaring.retire_kind(by=getattr(office, who), at=AT, key="honours", because="不用")
    assert caught.value.code == "permission.missing"


def test_declaring_twice_is_one_version_and_a_stale_page_is_refused(office: Office):
    from heqing_site.errors import RuleBrokenError
    from heqing_site.registers import kinds

    standing = kinds.standing_kind("zero_waste_cells", on=AT.date())
    assert standing is not None
    tables = declaring.tables_of(standing.form)
    tables["kinds"][0]["about"] = "本地说明"
    first = declaring.declare_kind(by=office.admin, at=AT, tables=tables, because="改", seen=0)
    assert declaring.declare_kind(by=office.admin, at=AT, tables=tables, because="改", seen=0).pk == first.pk

    tables["kinds"][0]["about"] = "另一说明"
    with pytest.raises(RuleBrokenError) as caught:
        declaring.declare_kind(by=office.admin, at=AT, tables=tables, because="再改", seen=0)
    assert caught.value.code == "register.kind_changed_meanwhile"
