"""Hourly index, level and primary pollutants against the national centre's, on data that are not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.heqing.air.agreement import FILES, hourly_agreement


@pytest.mark.shared
@pytest.mark.parametrize(("file", "rows"), list(zip(FILES, (170_943, 1_420), strict=True)))
def test_hourly_index_equals_the_published_one(shared_dir: Path, file: str, rows: int) -> None:
    for found in hourly_agreement(shared_dir, file):
        assert found.compared >= rows
        assert found.share >= 99.99, found
        assert found.unconfirmed <= 1  # one row of the set bears a date of its own
