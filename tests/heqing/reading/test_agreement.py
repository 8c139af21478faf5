"""Agreement with the labelled documents, read in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.heqing.reading.agreement import SEEDS, UNSEEN, WORKED_ON, f1, facts_told, frame_f1


@pytest.mark.shared
def test_seeds(shared_dir: Path) -> None:
    assert f1(shared_dir, SEEDS) >= 0.97


@pytest.mark.shared
def test_documents_worked_on(shared_dir: Path) -> None:
    assert f1(shared_dir, WORKED_ON) >= 0.97


@pytest.mark.shared
def test_documents_whose_texts_were_not_opened(shared_dir: Path) -> None:
    assert f1(shared_dir, UNSEEN) >= 0.92


@pytest.mark.shared
def test_measures_and_noise(shared_dir: Path) -> None:
    assert min(frame_f1(shared_dir, SEEDS + WORKED_ON)) >= 0.95
    assert min(frame_f1(shared_dir, UNSEEN)) >= 0.90


@pytest.mark.shared
def test_facts(shared_dir: Path) -> None:
    """Of thirteen documents; places and issuers that only a reader of maps knows stay untold."""
    least = {"title": 13, "doc_type": 13, "people": 13, "date": 11, "issuer": 10, "region": 9}
    found = facts_told(shared_dir, SEEDS + WORKED_ON)
    assert all(found[name] >= count for name, count in least.items()), found
