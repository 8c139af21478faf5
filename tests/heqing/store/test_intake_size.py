"""A larger file passes with memory that does not grow with it: the short version of ``benchmarks/big_file.py``."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.big_file import make_file, measure

SIZES = (35, 75)  # MB


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sizes")
    paths = [folder / f"{megabytes}.csv" for megabytes in SIZES]
    for path, megabytes in zip(paths, SIZES, strict=True):
        make_file(path, megabytes)
    return paths


@pytest.mark.parametrize("what", ["open", "import"])
def test_peak_memory_does_not_follow_the_size_of_the_file(tmp_path: Path, files: list[Path], what: str) -> None:
    peaks = []
    for path in files:
        folder = tmp_path / path.stem
        folder.mkdir()
        peaks.append(int(str(measure(what, path, folder)["peak_mb"])))
    # a frame held whole costs several times its file: 40 MB more of file would be 200 MB (open) or 600 MB (import) more
    assert peaks[1] - peaks[0] < 150, peaks
