"""The first and third gate: imports point down, and the science half stands without Django."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINTER), "--config", "pyproject.toml", "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def _copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_imports_point_down() -> None:
    found = _lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("heqing/air/steps.py", "import django", "The science half knows no web framework"),
        ("heqing/quantities/rounding.py", "import heqing.air", "Floors of the science half"),
        ("heqing/air/steps.py", "import heqing.water", "Floors of the science half"),
        ("heqing_site/audit/apps.py", "import heqing_site.orgs.apps", "Floors of the site half"),
        ("heqing_site/orgs/rules.py", "import django", "rules.py imports no framework"),
    ],
)
def test_planted_import_that_points_up_is_caught(tmp_path: Path, file: str, line: str, contract: str) -> None:
    root = _copy(tmp_path)
    planted = root / "src" / file
    planted.write_text(planted.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    found = _lint(root)
    assert found.returncode != 0
    broken = [said for said in found.stdout.splitlines() if said.rstrip().endswith("BROKEN")]
    assert any(contract in said for said in broken), found.stdout


NO_DJANGO = """
import importlib.metadata, pkgutil, sys
importlib.metadata.entry_points = lambda **_: ()  # verbs of the site come in by this door alone
sys.modules["django"] = None  # any import of it now fails
import heqing
names = [m.name for m in pkgutil.walk_packages(heqing.__path__, "heqing.")]
for name in names:
    __import__(name)
assert not [m for m in sys.modules if m.startswith(("django.", "heqing_site"))]
print(len(names))
"""


def test_every_module_of_the_science_half_imports_without_django() -> None:
    found = subprocess.run([sys.executable, "-c", NO_DJANGO], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) > 20
