"""Fixtures of all tests: where real data lies, the rule that its absence fails a CI run, and the order of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LONG_ONES = (
    "tests/site/demo/test_demo_district.py",
    "tests/site/web/test_web_verbs.py",
    "tests/journeys/",
    "tests/site/test_rights_matrix.py",
    "tests/site/rounds/test_campaigns.py",
    "tests/site/plans/",
    "tests/site/registers/",
    "tests/architecture/test_wheel.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take minutes first, so that none of them is left to one process while the others are idle."""

    def rank(item: pytest.Item) -> int:
        return next((i for i, start in enumerate(LONG_ONES) if item.nodeid.startswith(start)), len(LONG_ONES))

    items.sort(key=rank)


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
