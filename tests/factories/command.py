"""Run the installed ``heqing`` command as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEQING = Path(sys.executable).with_name("heqing")


def heqing(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder and keep what it prints."""
    return subprocess.run([str(HEQING), *words], cwd=folder, capture_output=True, text=True, check=False)
