"""The front-end files that are served are the ones that are listed, byte for byte, each beside its licence."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import heqing_site

FOLDER = Path(heqing_site.__file__).parent / "web/static/vendor"
HOSTS = re.compile(rb"pypi" rb"\.org|python" rb"hosted|npm" rb"js\.|deb" rb"\.debian|registry" rb"\.npm")


def listed() -> list[dict[str, str]]:
    with (FOLDER / "versions.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_file_bears_the_checksum_of_the_list():
    for row in listed():
        assert hashlib.sha256((FOLDER / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]


def test_every_file_is_listed_and_every_package_has_its_licence():
    kept = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    rows = listed()

    assert kept - {"versions.csv"} == {row["file"] for row in rows}
    assert {row["name"] for row in rows} == {row["name"] for row in rows if "LICENSE" in row["file"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", row["version"]) and row["licence"] for row in rows)


def test_no_file_points_to_a_source_map_or_a_registry():
    for row in listed():
        content = (FOLDER / row["file"]).read_bytes()
        assert b"sourceMappingURL" not in content, row["file"]
        assert not HOSTS.search(content), row["file"]
