"""Fetch the front-end files that the site serves, each from its npm package at an exact version, and list them.

A few finished files per package are copied beside their licence into ``web/static/vendor/<name>/``; pointers to source
maps are cut off, because the maps are not kept. ``versions.csv`` tells name, version, licence, file and SHA-256 of
each; a test compares them. `--check` compares without fetching. Look next at ``web/templates/base.html``.
"""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src/heqing_site/web/static/vendor"
LIST = FOLDER / "versions.csv"
COLUMNS = ("name", "version", "licence", "file", "sha256")
POINTER = re.compile(rb"\n?(//[#@] ?sourceMappingURL=[^\n]*|/\*[#@] ?sourceMappingURL=[^*]*\*/)\n?")
HOSTS = re.compile(rb"pypi" rb"\.org|python" rb"hosted|npm" rb"js\.|deb" rb"\.debian|registry" rb"\.npm")


@dataclass(frozen=True)
class Package:
    """One npm package: which version, under which licence, and what is taken of it."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...]


PACKAGES = (
    Package("bootstrap", "5.3.9", "MIT", ("dist/css/bootstrap.min.css", "LICENSE")),
    Package("echarts", "6.1.0", "Apache-2.0", ("dist/echarts.min.js", "LICENSE", "NOTICE")),
    Package("htmx.org", "2.0.11", "0BSD", ("dist/htmx.min.js", "LICENSE")),
    Package("maplibre-gl", "5.24.1", "BSD-3-Clause", ("dist/maplibre-gl.js", "dist/maplibre-gl.css", "LICENSE.txt")),
)


def place(package: Package, file: str) -> Path:
    """Tell where a file of a package is kept."""
    return FOLDER / package.name / Path(file).name


def fetch(package: Package, folder: Path) -> None:
    """Fetch a package and copy what is wanted of it."""
    done = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{package.name}@{package.version}"],
        capture_output=True,
        text=True,
        check=True,
    )
    with tarfile.open(folder / done.stdout.split()[-1]) as archive:
        for file in package.files:
            member = archive.extractfile(f"package/{file}")
            if member is None:
                sys.exit(f"{package.name}@{package.version} has no {file}")
            content = POINTER.sub(b"\n", member.read())
            if found := HOSTS.search(content):
                sys.exit(f"{package.name}/{file} names {found[0].decode()}; choose another build of it")
            target = place(package, file)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def rows() -> list[dict[str, str]]:
    """List what should be kept, with the checksum of what is."""
    return [
        {
            "name": package.name,
            "version": package.version,
            "licence": package.licence,
            "file": f"{package.name}/{Path(file).name}",
            "sha256": hashlib.sha256(place(package, file).read_bytes()).hexdigest(),
        }
        for package in PACKAGES
        for file in package.files
    ]


def main() -> None:
    if "--check" in sys.argv[1:]:
        with LIST.open(encoding="utf-8", newline="") as lines:
            if list(csv.DictReader(lines)) != rows():
                sys.exit("web/static/vendor differs from versions.csv; `make vendor` fetches it anew")
        return
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            fetch(package, Path(folder))
    with LIST.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())
    print(f"{len(PACKAGES)} packages, {len(rows())} files in {FOLDER.name}/")


if __name__ == "__main__":
    main()
