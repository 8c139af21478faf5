"""Three campaigns of the sources are entered as data: nothing is rejected, numbers are those of the domain table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import typer
from tests.site.conftest import AT, PASSWORD

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import target_sheets
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.orgs.actions import found_site
from heqing_site.orgs.models import Unit, User
from heqing_site.registers.models import Entry
from heqing_site.rounds.campaign import Taken, enter_file, files_of
from heqing_site.rounds.verbs import campaign
from heqing_site.sheets.actions import take_in
from heqing_site.sheets.models import Intake
from heqing_site.sheets.paper import export
from heqing_site.works.models import Work

CAMPAIGNS = Path(__file__).parents[3] / "examples" / "campaigns"
COMPARATORS = {
    ">=": {">=", "+%", "-%", "complete"}, "<=": {"<=", "<"}, "=": {"==", "complete"}, "~": {"~"}, "<": {"<"},
}  # fmt: skip
MASK = re.compile(r"[xX*]+")

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder() -> User:
    """The administrator of an installation that holds nothing else."""
    return found_site(at=AT, username="admin", display_name="系统管理员", password=PASSWORD)


def _enter(founder: User, folder: Path) -> list[Taken]:
    return [enter_file(by=founder, at=AT, folder=folder, name=name) for name in files_of(folder)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _standing() -> list[int]:
    return [
        model.objects.count() for model in (Unit, Target, TargetTerms, Work, Entry, LetterSeries, Letter, AuditEntry)
    ]


@pytest.mark.parametrize("name", ["wuxing", "xiuzhou", "zhongshan"])
def test_a_campaign_is_entered_without_a_rejected_row_and_once(founder: User, name: str) -> None:
    first = _enter(founder, CAMPAIGNS / name)
    assert [(taken.name, intake.rejected) for taken in first for intake in taken.intakes if intake.rejected] == []
    assert all(taken.taken for taken in first)
    before = _standing()
    again = _enter(founder, CAMPAIGNS / name)
    assert [(taken.taken, taken.rejected) for taken in again] == [(0, 0)] * len(again)
    assert [taken.unchanged for taken in again] == [taken.taken for taken in first]
    assert _standing() == before


@pytest.mark.parametrize("name", ["wuxing", "xiuzhou", "zhongshan"])
def test_numbers_and_masks_are_those_of_the_domain_table(founder: User, name: str, shared_dir: Path) -> None:
    given = {row["id"]: row for row in _rows(shared_dir / "domain" / "seed_inventory.csv")}
    _enter(founder, CAMPAIGNS / name)
    seen: dict[str, list[TargetTerms]] = {}
    for row in _rows(CAMPAIGNS / name / "targets.csv"):
        terms = TargetTerms.objects.get(title=row["指标"], period_text=row["期限"], parent=None)
        seen.setdefault(row["原文行"], []).append(terms)
    for line, entered in seen.items():
        told = given[line]
        values = [part.strip() for part in told["value"].split(";") if part.strip()]
        for terms in entered:
            if told["operator"] and values:
                assert terms.comparator in COMPARATORS[told["operator"]], (line, terms.comparator)
            if terms.comparator == "complete":
                assert terms.bound is None, line
                assert not any(re.fullmatch(r"[\d.]+", value) for value in values), line
            elif any(MASK.fullmatch(value) for value in values):
                assert (terms.bound, terms.gap) == (None, "number_masked"), line
                assert MASK.fullmatch(terms.bound_text), line
                assert terms.bound_text in told["quote"], line
            elif terms.bound is None:
                assert (values, terms.bound_text, terms.gap) == ([], "（缺）", "number_lost"), line
            elif values:
                assert terms.bound in [Decimal(value) for value in values], line
        if len(values) > 1:
            assert sorted(str(Decimal(terms.bound_text)) for terms in entered) == sorted(values), line
    numbered = {
        line for line, told in given.items()
        if told["seed"] == {"wuxing": "000", "xiuzhou": "003", "zhongshan": "004"}[name] and told["value"]
    }  # fmt: skip
    assert numbered - set(seen) == set()


def test_wuxing_guesses_neither_a_number_nor_the_name_that_is_lost(founder: User) -> None:
    _enter(founder, CAMPAIGNS / "wuxing")
    lost = TargetTerms.objects.get(title__contains="原文缺指标名")
    assert (lost.bound, lost.unit) == (25, "微克/立方米")
    assert "PM2.5" not in lost.title
    assert "推断，待核" in lost.note
    assert (lost.source_kind, lost.statistic) == ("reported", "")
    gaps = Counter(TargetTerms.objects.exclude(gap="").values_list("gap", flat=True))
    assert gaps == {"number_masked": 39, "number_lost": 1}
    honour = Entry.objects.get(kind="honours")
    assert honour.gaps == {"rank": "*"}
    assert "rank" not in honour.values


def test_masked_and_lost_numbers_go_out_and_come_back_unchanged(founder: User) -> None:
    _enter(founder, CAMPAIGNS / "wuxing")
    terms = TargetTerms.objects.select_related("lead_unit", "scope_unit", "parent", "target__document")
    content = export(target_sheets.TITLE, target_sheets.FIELDS, target_sheets.sheet_rows(terms))
    back = take_in(
        by=founder, at=AT, subject="ledger.targets", back="/", fields=target_sheets.FIELDS, file_name="目标表.xlsx",
        content=content, enter=lambda row: target_sheets.take_row(row, by=founder, at=AT),
    )  # fmt: skip
    assert (back.taken, back.unchanged, back.rejected) == (0, 56, [])


def test_zhongshan_has_23_towns_two_letters_each_and_no_invented_number(founder: User) -> None:
    _enter(founder, CAMPAIGNS / "zhongshan")
    towns = Unit.objects.filter(kind__in=["town", "street"])
    assert Counter(towns.values_list("kind", flat=True)) == {"street": 8, "town": 15}
    assert Letter.objects.count() == 46
    assert set(Letter.objects.values_list("state", flat=True)) == {"draft"}
    assert set(Counter(Letter.objects.values_list("receiver", flat=True)).values()) == {2}
    parts = TargetTerms.objects.filter(parent__isnull=False)
    assert parts.count() == 69
    assert set(parts.values_list("bound", "gap")) == {(None, "number_lost")}
    lines = [line for letter in Letter.objects.all() for line in letter.versions.get().content.targets]
    assert len(lines) == 69
    assert all(line.is_masked for line in lines)


def test_xiuzhou_hands_down_only_what_the_source_says(founder: User) -> None:
    _enter(founder, CAMPAIGNS / "xiuzhou")
    parts = TargetTerms.objects.filter(parent__isnull=False)
    assert sum(part.bound for part in parts if part.bound is not None) == 7
    assert Counter(parts.values_list("lead_unit__kind", flat=True)) == {"town": 5, "street": 2}
    assert {part.parent.terms.get().title for part in parts if part.parent} == {"开建“智安街道”的镇街数"}


def test_rows_that_are_not_taken_are_written_with_their_reason(
    founder: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "units.csv").write_text(
        "代码,名称,类别,设立日期\n9901,甲区,区（县、县级市）,2020-01-01\n", encoding="utf-8"
    )
    (tmp_path / "targets.csv").write_text(
        "指标,要求,目标值,单位,期限,领域,牵头单位\n甲,≥,3,家,2026,治水,甲区\n乙,≥,很多,家,2026,治水,甲区\n丙,≥,1,家,2026,治水,\n",
        encoding="utf-8",
    )
    with pytest.raises(typer.Exit):
        campaign(tmp_path, by=founder, rejects=tmp_path / "out")
    said = capsys.readouterr().out
    assert "units.csv  收下 1  未变 0  未收 0" in said
    assert "targets.csv  收下 1  未变 0  未收 2" in said
    sheet = openpyxl.load_workbook(BytesIO((tmp_path / "out" / "targets-rejects.xlsx").read_bytes())).active
    cells = [str(cell) for row in sheet.values for cell in row]
    assert {"甲", "乙", "丙"} & set(cells) == {"乙", "丙"}
    assert any("牵头单位：这一列必须填写。" in cell for cell in cells)
    assert Intake.objects.count() == 2


def test_an_owner_of_the_subject_leads_where_nobody_is_named(founder: User) -> None:
    _enter(founder, CAMPAIGNS / "wuxing")
    assert set(TargetTerms.objects.filter(pillar="air").values_list("lead_unit__name", flat=True)) == {
        "吴兴区生态环境部门"
    }


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "campaign.nothing"),
        ({"target.csv": "指标\n"}, "campaign.file_unknown"),
        ({"works.csv": "清单,序号\n没有的清单,1\n"}, "campaign.list_unknown"),
        ({"registers/unicorns.csv": "名称\n甲\n"}, "campaign.register_unknown"),
        ({"targets.csv": "指标,要求\n"}, "sheet.columns_missing"),
    ],
)
def test_a_folder_that_cannot_be_understood_is_refused(
    founder: User, tmp_path: Path, files: dict[str, str], code: str
) -> None:
    for name, words in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(words, encoding="utf-8")
    with pytest.raises(RuleBrokenError) as refused:
        _enter(founder, tmp_path)
    assert refused.value.code == code


def test_who_may_not_enter_units_enters_nothing(founder: User, tmp_path: Path) -> None:
    stranger = User.objects.create(username="someone", display_name="路人", locale="zh-hans")
    (tmp_path / "units.csv").write_text(
        "代码,名称,类别,设立日期\n9901,甲区,区（县、县级市）,2020-01-01\n", encoding="utf-8"
    )
    taken = enter_file(by=stranger, at=AT, folder=tmp_path, name="units.csv")
    assert (taken.taken, taken.rejected, Unit.objects.count()) == (0, 1, 0)
