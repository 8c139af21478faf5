"""Real documents, adopted whole into an empty installation: no target is left without lead, source, light or reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.site.conftest import AT, DAY, PASSWORD

from heqing_site.ledger import actions, queries
from heqing_site.ledger.models import Target
from heqing_site.ledger.rules import Light, SourceKind
from heqing_site.library.actions import add_document
from heqing_site.library.models import Finding
from heqing_site.orgs.actions import found_site
from heqing_site.orgs.models import Unit

SEEDS = ["000_cf08100402a9f317", "001_bf14534f83db2975", "002_a7598a8c97ac30ac", "003_b3a55ce845693e0a",
         "004_d1457b599b4fbb45"]  # fmt: skip


@pytest.mark.shared
@pytest.mark.django_db
@pytest.mark.parametrize("name", SEEDS)
def test_every_target_of_a_seed_has_a_lead_a_source_a_light_and_a_reason(shared_dir: Path, name: str) -> None:
    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    content = (shared_dir / "corpus/docs" / f"{name}.txt").read_bytes()
    document = add_document(by=admin, at=AT, file_name=f"{name}.txt", content=content, unit=None).document

    done = actions.adopt_all(by=admin, at=AT, document=document, accept=True)
    rows = queries.status(queries.ledger(as_of=DAY, document=document))

    assert len(rows) == len(done.targets) == Finding.objects.filter(document=document, kind="target").count() > 0
    assert done.founded == Unit.objects.get()
    for row in rows:
        assert row["lead_unit"] == done.founded.name
        assert row["value_source"] in set(SourceKind)
        assert row["light"] == Light.GREY
        assert row["reason"].endswith("。")
        assert done.founded.name in row["reason"]
        assert row["value"] is None
    assert not actions.adopt_all(by=admin, at=AT, document=document, accept=True).targets


@pytest.mark.shared
@pytest.mark.django_db
def test_the_masked_numbers_of_a_seed_are_adopted_without_a_number(shared_dir: Path) -> None:
    admin = found_site(at=AT, username="admin", display_name="王建国", password=PASSWORD)
    content = (shared_dir / "corpus/docs" / f"{SEEDS[0]}.txt").read_bytes()
    document = add_document(by=admin, at=AT, file_name="seed.txt", content=content, unit=None).document
    actions.adopt_all(by=admin, at=AT, document=document, accept=True)

    rows = queries.ledger(as_of=DAY, document=document)
    masked = [row for row in rows if row.terms.gap == "number_masked"]

    assert len(masked) > 30
    assert all(row.terms.bound is None and "遮盖" in row.standing.reason for row in masked)
    sources = Counter(row.terms.source_kind for row in rows)
    assert sources["instrument"] >= 6
    assert sources["reported"] > sources["instrument"]
    assert Target.objects.filter(indicator__edition="").count() < len(rows) / 4
