"""The wheel alone, in a clean environment: the command and the library work without Django."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USE = """
import importlib.util, heqing, heqing.air, heqing.water, heqing.reading
assert importlib.util.find_spec("django") is None
print(heqing.air.sub_index("2.2", "co", "24h", edition="HJ 633-2012"))
"""


def _run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_wheel_assesses_air_without_django(tmp_path: Path) -> None:
    built = _run(
        sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path
    )
    assert built.returncode == 0, built.stderr
    wheel = next((tmp_path / "dist").glob("heqing-*.whl"))
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean/bin/python"
    pins = _run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / "requirements/heqing.txt")
    if pins.returncode != 0 and os.environ.get("CI") != "true":
        pytest.skip(f"the pinned requirements could not be fetched: {pins.stderr[-300:]}")
    assert pins.returncode == 0, pins.stderr
    assert _run(python, "-m", "pip", "install", "-q", "--no-deps", wheel).returncode == 0
    used = _run(python, "-c", USE, cwd=tmp_path)
    assert (used.stdout.strip(), used.returncode) == ("55", 0), used.stderr
    (tmp_path / "hours.csv").write_text("station,time,pm2_5\n甲,2020-04-01 08:00,36\n", encoding="utf-8")
    judged = _run(tmp_path / "clean/bin/heqing", "assess", "air", "hours.csv", "--level", "hour", cwd=tmp_path)
    assert judged.returncode == 0, judged.stderr
    assert "pm2_5" in judged.stdout.splitlines()[1]
