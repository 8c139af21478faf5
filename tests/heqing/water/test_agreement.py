"""Our class beside the one the national centre published."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.heqing.water.agreement import compare, compare_2020, compare_2025

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("rounding", ["raw", "auto"])
def test_published_classes_of_2020_follow_from_values_as_measured(shared_dir: Path, rounding: str) -> None:
    equal, compared = compare_2020(shared_dir, rounding)
    assert compared == 17458
    assert equal / compared >= 0.999


@pytest.mark.parametrize("rounding", ["rounded", "auto"])
def test_published_classes_of_2025_follow_from_rounded_values(shared_dir: Path, rounding: str) -> None:
    equal, compared = compare_2025(shared_dir, rounding)
    assert compared == 6274
    assert equal / compared >= 0.999


def test_the_other_practice_does_not_agree(shared_dir: Path) -> None:
    assert compare(shared_dir, "daily_2020-05_2020-12", "rounded").share < 0.98
    assert compare(shared_dir, "nov_2025_06_08", "raw").share < 0.985
