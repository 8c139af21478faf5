"""Fixtures of all tests: where real data lies, and the rule that its absence fails a CI run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real data that is not ours, read in place: ``HEQING_SHARED``, else ``../shared`` beside the repository."""
    root = Path(os.environ.get("HEQING_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not (root / "data").is_dir():
        said = f"no real data at {root}: set HEQING_SHARED to the folder that holds data/, standards/ and corpus/"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return root
