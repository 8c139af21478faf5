"""Declarations: what is read, what is refused and where, and what holds of every kind that ships."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heqing.rulebook
from heqing.registers import (
    CHECKS,
    SHEETS,
    DeclarationError,
    Field,
    FieldType,
    Kind,
    Role,
    broken_rules,
    fault_words,
    read_kind,
    read_value,
    rows_of,
    shipped_kinds,
    shown_value,
    split_statistic,
    statistic_of,
)

DAY = date(2026, 11, 24)
KINDS = shipped_kinds(DAY)
PARKS: dict[str, list[dict[str, Any]]] = {
    "kinds": [{"kind": "parks", "name_zh": "口袋公园", "pillar": "用地"}],
    "fields": [
        {"label_zh": "名称", "type": "文字", "needed": "是", "role": "标题"},
        {"label_zh": "类型", "type": "选项", "options": "街角|滨水", "role": "分类"},
        {"label_zh": "面积", "type": "面积", "unit": "亩", "role": "数量"},
        {"label_zh": "建成日期", "type": "日期", "role": "统计日"},
    ],
    "states": [{"name_zh": "在建"}, {"name_zh": "建成", "counts": "是"}],
    "moves": [{"name_zh": "完工", "from_states": "在建", "to_state": "建成", "fields": "建成日期", "days": "30"}],
    "rules": [{"check": "不得重复", "arguments": "名称", "says_zh": "重复。"}],
    "counts": [
        {"name_zh": "滨水公园数", "unit": "个", "what": "条数", "filter": "类型=滨水；状态=建成", "by_day": "是"},
        {"name_zh": "占比", "unit": "%", "what": "条数占比", "filter": "状态=建成", "whole_filter": "*"},
    ],
}


def faults(tables: dict[str, Any]) -> set[tuple[str, int, str, str]]:
    """Read a declaration that must be refused."""
    with pytest.raises(DeclarationError) as caught:
        read_kind(tables)
    for fault in caught.value.faults:
        assert fault.problem in fault_words()
        assert f"{fault.sheet}, row {fault.row}, column {fault.column}" in str(caught.value)
    return {(fault.sheet, fault.row, fault.column, fault.problem) for fault in caught.value.faults}


def test_chinese_names_stand_for_codes():
    kind = read_kind(PARKS)

    assert kind.moves[0].starts == ("s1",)
    assert kind.moves[0].fields == ("f4",)
    assert kind.moves[0].days == 30
    assert [(one.field, one.words) for one in kind.counts[0].conditions] == [("f2", ("滨水",)), ("state", ("s2",))]
    assert kind.pillar == "land"


PLANTED = [
    ("kinds", 0, "kind", "Parks", "no_key"),
    ("kinds", 0, "pillar", "公园", "unknown_word"),
    ("kinds", 0, "name_zh", "", "needed"),
    ("fields", 0, "needed", "", None),
    ("fields", 1, "type", "多选", "unknown_word"),
    ("fields", 1, "options", "街角", "too_few_options"),
    ("fields", 1, "options", "街角|街角", "twice"),
    ("fields", 1, "options", "a=b|c", "bad_option"),
    ("fields", 1, "label_zh", "名称", "twice"),
    ("fields", 2, "role", "统计日", "role_of_type"),
    ("fields", 3, "gap", "是", "gap_of_number"),
    ("fields", 0, "needed", "也许", "no_flag"),
    ("states", 0, "is_end", "是", "starts_at_end"),
    ("states", 1, "name_zh", "在建", "twice"),
    ("moves", 0, "to_state", "拆除", "unknown_name"),
    ("moves", 0, "from_states", "", "needed"),
    ("moves", 0, "fields", "造价", "unknown_name"),
    ("moves", 0, "days", "三十", "no_days"),
    ("moves", 0, "days", "0", "no_days"),
    ("rules", 0, "check", "eval", "unknown_word"),
    ("rules", 0, "arguments", "造价", "unknown_name"),
    ("rules", 0, "arguments", "", "argument_count"),
    ("counts", 0, "what", "平均", "unknown_word"),
    ("counts", 0, "filter", "类型=湖心", "unknown_name"),
    ("counts", 0, "filter", "类型", "no_condition"),
    ("counts", 0, "filter", "面积=3", "condition_type"),
    ("counts", 0, "what", "合计", "sum_of_number"),
    ("counts", 1, "whole_filter", "", "needed"),
]


@pytest.mark.parametrize(("sheet", "row", "column", "said", "problem"), PLANTED)
def test_a_planted_fault_is_named_by_sheet_row_and_column(
    sheet: str, row: int, column: str, said: str, problem: str | None
):
    tables = copy.deepcopy(PARKS)
    tables[sheet][row][column] = said
    found = faults(tables)

    if problem is None:  # the title is no longer needed
        assert ("fields", 1, "role", "no_title") in found
    else:
        where = "field" if (sheet, problem) == ("counts", "sum_of_number") else column
        assert (sheet, row + 1, where, problem) in found


def test_all_faults_are_told_at_once():
    tables = copy.deepcopy(PARKS)
    tables["fields"][1]["type"] = "多选"
    tables["states"][1]["name_zh"] = ""
    tables["counts"][0]["unit"] = ""

    assert len(faults(tables)) >= 2


def test_a_state_that_no_move_reaches_is_told():
    tables = copy.deepcopy(PARKS)
    tables["states"].append({"name_zh": "拆除"})

    assert faults(tables) == {("states", 3, "state", "not_reached")}


def test_blank_rows_are_passed_over_and_keep_their_numbers():
    tables = copy.deepcopy(PARKS)
    tables["fields"].insert(0, {"label_zh": "", "type": None})
    tables["fields"][2]["type"] = "多选"

    assert ("fields", 3, "type", "unknown_word") in faults(tables)


def test_a_link_points_only_to_a_known_kind():
    tables = copy.deepcopy(PARKS)
    tables["fields"].append({"label_zh": "来源", "type": "台账", "options": "nothing"})
    with pytest.raises(DeclarationError) as caught:
        read_kind(tables, known_kinds={"parks"})

    assert caught.value.faults[0].problem == "unknown_kind"


def test_the_columns_of_the_rulebook_and_of_an_officers_workbook_are_the_same():
    folder = Path(heqing.rulebook.__file__).parent / "procedures/registers"
    declared = tomllib.loads((folder / "family.toml").read_text(encoding="utf-8"))["tables"]
    for key, sheet in SHEETS.items():
        assert [column.key for column in sheet.columns] == [
            c for c in declared[key]["columns"] if c != "kind" or key == "kinds"
        ]


def test_rows_of_a_sheet_follow_its_head():
    rows = rows_of("states", [["计数", "没有的列", "名称"], ["是", "?", "建成"]])

    assert rows == [{"counts": "是", "name_zh": "建成"}]


# --- the kinds that ship --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(KINDS))
def test_a_shipped_kind_can_be_counted_and_its_statistics_fit_the_ledger(key: str):
    kind = KINDS[key]
    assert any(state.counts for state in kind.states)
    assert kind.name_en
    for count in kind.counts:
        statistic = statistic_of(key, count.key)
        assert len(statistic) <= 60
        assert split_statistic(statistic) == (key, count.key)
        assert any(count.takes_state(state) for state in kind.states)
    assert {rule.check for rule in kind.rules} <= set(CHECKS)


def test_an_unconfirmed_figure_is_marked():
    attain = KINDS["creeks"].move("attain")

    assert attain is not None
    assert (attain.wait_days, attain.is_unconfirmed) == (180, True)
    assert KINDS["eia"].count("share").is_unconfirmed  # type: ignore[union-attr]
    assert not KINDS["livelihood"].move("vote").is_unconfirmed  # type: ignore[union-attr]


# --- values ---------------------------------------------------------------------------------------------------------


def field(sort: FieldType, **more: Any) -> Field:
    """Make a field."""
    told: dict[str, Any] = {
        "key": "x", "name_zh": "数", "name_en": "", "type": sort, "is_needed": False, "takes_gap": False, "unit": "",
        "options": (), "roles": frozenset(), "help": "",
    }  # fmt: skip
    return Field(**told | more)


@pytest.mark.parametrize(
    ("sort", "typed", "value", "fault"),
    [
        (FieldType.INTEGER, "12", "12", ""),
        (FieldType.INTEGER, "1,200", "1200", ""),
        (FieldType.INTEGER, "12.0", "12", ""),
        (FieldType.INTEGER, "12.5", "", "integer"),
        (FieldType.INTEGER, "-1", "", "negative"),
        (FieldType.INTEGER, "0", "0", ""),
        (FieldType.DECIMAL, "-0.50", "-0.50", ""),
        (FieldType.MONEY, "12.345678", "12.345678", ""),
        (FieldType.MONEY, "12.3456789", "", "too_long"),
        (FieldType.AREA, "１２", "", "number"),
        (FieldType.AREA, "1e5", "", "number"),
        (FieldType.AREA, "NaN", "", "number"),
        (FieldType.AREA, "1234567890123", "", "too_long"),
        (FieldType.DAY, "2026年3月1日", "2026-03-01", ""),
        (FieldType.DAY, "2026/3/1", "2026-03-01", ""),
        (FieldType.DAY, "2026-02-29", "", "day"),
        (FieldType.DAY, "2024-02-29 00:00:00", "2024-02-29", ""),
        (FieldType.MONTH, "2026年3月", "2026-03", ""),
        (FieldType.MONTH, "2026-13", "", "month"),
        (FieldType.TEXT, " 东溪 ", "东溪", ""),
        (FieldType.TEXT, "长" * 2001, "", "too_long"),
    ],
)
def test_values_are_read_by_type(sort: FieldType, typed: str, value: str, fault: str):
    read = read_value(field(sort), typed)

    assert (read.value, read.fault) == (value, fault)


def test_a_unit_behind_the_number_is_let_through_and_a_needed_value_is_asked_for():
    assert read_value(field(FieldType.AREA, unit="亩"), "12.5 亩").value == "12.5"
    assert read_value(field(FieldType.TEXT, is_needed=True), "  ").fault == "needed"
    assert read_value(field(FieldType.CHOICE, options=("甲", "乙")), "丙").fault == "choice"


@given(st.decimals(min_value=0, max_value=10**11, places=4))
def test_numbers_keep_every_digit(number: Decimal):
    read = read_value(field(FieldType.DECIMAL), format(number, "f"))

    assert read.fault == ""
    assert Decimal(read.value) == number


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(typed: str):
    for sort in FieldType:
        read = read_value(field(sort, takes_gap=True, options=("甲", "乙")), typed)
        assert not (read.value and read.fault)
        assert shown_value(field(sort), read.value, read.gap) is not None


@given(st.text(alphabet="*＊xX×", min_size=1, max_size=12))
def test_a_mask_is_kept_as_written_and_never_a_number(mask: str):
    assert read_value(field(FieldType.INTEGER, takes_gap=True), mask).gap == mask
    assert read_value(field(FieldType.INTEGER), mask).fault == "number"


# --- rules ----------------------------------------------------------------------------------------------------------


class Others:
    """Other entries as a test makes them up."""

    def __init__(self, taken: str = "0", limit: str = "10", covered: str = "0", theirs: str = "") -> None:
        self.given = {"taken": Decimal(taken), "covered": Decimal(covered)}
        self.limit, self.theirs = limit, theirs

    def stands_already(self, fields: tuple[str, ...]) -> bool:
        """Nothing else stands."""
        return False

    def of_linked(self, link: str, field: str) -> str:
        """Give the limit, or the pollutant."""
        return self.limit if field == "tonnes" else self.theirs

    def taken(self, link: str, part: str) -> Decimal:
        """Give what others took."""
        return self.given["taken"]

    def covered(self, kind: str, link: str, part: str) -> Decimal:
        """Give what covers it."""
        return self.given["covered"]


AMOUNTS = st.decimals(min_value=0, max_value=1000, places=3)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_source_never_gives_more_than_it_has(mine: Decimal, taken: Decimal, limit: Decimal):
    use = KINDS["quota_uses"]
    values = {"tonnes": str(mine), "source": "1"}
    broken = broken_rules(use, values, state="used", facts=Others(taken=str(taken), limit=str(limit)))

    assert ("sum_within" in {one.rule.check for one in broken}) == (mine + taken > limit)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 1500))
def test_votes_balance_or_are_refused(yes: int, no: int, none: int, cast: int):
    values = dict(
        zip(("votes_for", "votes_against", "votes_abstain", "attending"), map(str, (yes, no, none, cast)), strict=True)
    )
    broken = broken_rules(KINDS["livelihood"], values, state="voted", facts=Others())

    assert ("balance" in {one.rule.check for one in broken}) == (yes + no + none != cast)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_days_stand_in_order(first: date, last: date):
    values = {"entered_on": str(first), "left_on": str(last)}
    broken = broken_rules(KINDS["priority_parcels"], values, state="left", facts=Others())

    assert ("order" in {one.rule.check for one in broken}) == (first > last)


def test_a_rule_about_what_is_not_known_yet_is_kept():
    for kind in KINDS.values():
        for state in kind.states:
            assert not broken_rules(kind, {}, state=state.key, facts=Others()), kind.key


def test_what_a_choice_asks_for_must_be_there():
    low: Kind = KINDS["low_yield"]
    told = {"route": "收储", "code": "1"}

    assert [one.rule.check for one in broken_rules(low, told, state="done", facts=Others())] == ["needed_when"]
    assert not broken_rules(low, told | {"reserve": "储 1"}, state="done", facts=Others())
    assert not broken_rules(low, told, state="started", facts=Others())


def test_roles_stand_once_and_fit_their_types():
    for kind in KINDS.values():
        for role in Role:
            assert sum(role in one.roles for one in kind.fields) <= 1
