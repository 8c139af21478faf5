"""The verbs of the ledger, as the one command carries them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from tests.site.conftest import District
from tests.site.worlds import kept
from typer.testing import CliRunner

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import queries
from heqing_site.ledger.models import Restatement, Target
from heqing_site.ledger.verbs import ledger_app
from heqing_site.library.models import Document


@pytest.fixture
def run(district: District):
    """Run a verb as the site administrator."""
    app = ledger_app(lambda folder: district.site_admin)

    def call(*words: str):
        return CliRunner().invoke(app, list(words))

    return call


@kept
def document(write) -> Document:
    proposed = {"state": "proposed", "decided_by": None, "decided_at": None}
    return write({}, {"quote": "另一句", "comparator": "complete", "value": None, **proposed})


@pytest.mark.parametrize("name", ["speech", "speech.txt", "大会讲话", "id"])
def test_a_document_is_adopted_by_any_of_its_names(run, document, name):
    done = run("adopt", str(document.pk) if name == "id" else name, "--all")

    assert done.exit_code == 0, done.output
    assert Target.objects.count() == 2


def test_adopting_again_changes_nothing(run, document):
    run("adopt", "speech", "--all")
    done = run("adopt", "speech", "--all")

    assert done.exit_code == 0
    assert Target.objects.count() == 2


@pytest.mark.parametrize("unit", ["990101101", "东溪镇"])
def test_the_lead_is_named_by_code_or_name(run, document, district, unit):
    run("adopt", "speech", "--all", "--lead", unit)

    assert {target.terms.get().lead_unit for target in Target.objects.all()} == {district.east}


def test_without_all_nothing_is_done(run, document):
    assert run("adopt", "speech").exit_code == 2
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("无此文件", "--all"), "target.document_unknown"),
        (("speech", "--all", "--lead", "无此局"), "target.unit_unknown"),
    ],
)
def test_an_unknown_name_is_refused_in_words(run, document, words, code):
    done = run("adopt", *words)

    assert isinstance(done.exception, RuleBrokenError)
    assert done.exception.code == code


def test_status_prints_one_line_per_target(run, document):
    run("adopt", "speech", "--all")

    rows = [json.loads(line) for line in run("status", "--format", "jsonl").stdout.splitlines()]

    assert len(rows) == 2
    assert set(queries.STATUS_COLUMNS) <= set(rows[0])
    assert rows[0]["bound"] == 25
    assert rows[1]["value_source"] == "deed"
    assert all(row["lead_unit"] and row["light"] == "grey" and row["reason"] for row in rows)


def test_status_is_a_table_for_people_and_can_be_asked_for_a_day(run, document):
    run("adopt", "speech", "--all", "--period", "2026")

    assert "等待清河区接入" in run("status").stdout.replace("\n", "")
    assert run("status", "--format", "jsonl", "--as-of", "2026-02-09").stdout == ""
    assert len(run("status", "--format", "jsonl", "--document", "speech").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "targets", "decisions", "terms"),
    [
        ((), 2, ["confirm"], 1),
        (("--repeats", "amend"), 2, ["amend", "confirm"], 2),
        (("--repeats", "leave"), 2, [], 1),
        (("--repeats", "new"), 4, [], 1),
    ],
)
def test_what_repeats_a_target_is_listed_and_only_confirmations_are_taken(
    run, adopt, write, words, targets, decisions, terms
):
    green = {"indicator": "新增公园绿地", "comparator": ">=", "value": Decimal(30), "unit": "公顷", "pillar": "other"}
    first = adopt(**green)
    adopt()
    write({}, {**green, "value": Decimal(36), "value_text": "36"}, title="工作报告", file_name="report.txt")

    done = run("adopt", "report", "--all", *words)

    assert done.exit_code == 0, done.output
    assert Target.objects.count() == targets
    assert sorted(one.decision for one in Restatement.objects.all()) == decisions
    assert first.terms.count() == terms
    if "new" not in words:
        assert "目标提高" in done.output
        assert f"确认 {decisions.count('confirm')} 条" in done.output
