"""Agreement with the labelled documents, read in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.heqing.reading.agreement import SEEDS, WORKED_ON, f1


@pytest.mark.shared
def test_seeds(shared_dir: Path) -> None:
    assert f1(shared_dir, SEEDS) >= 0.97


@pytest.mark.shared
def test_documents_worked_on(shared_dir: Path) -> None:
    assert f1(shared_dir, WORKED_ON) >= 0.97
