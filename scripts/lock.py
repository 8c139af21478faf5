"""Compile the pinned requirements, with hashes, for any platform and without index addresses."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [
    "pip",
    "compile",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--quiet",
]
TARGETS = {
    "requirements/heqing.txt": [],
    "requirements/site.txt": ["--extra", "site"],
    "requirements/dev.txt": ["--extra", "site", "--extra", "plots", "--group", "check", "--group", "test"],
    # Held to the versions of dev.txt, so that both go into one environment.
    "requirements/spark.txt": ["--extra", "spark", "--constraint", "requirements/dev.txt"],
}


def main() -> None:
    uv = shutil.which("uv") or sys.exit("uv is needed for this verb: pip install uv")
    for out, wants in TARGETS.items():
        subprocess.run([uv, *COMPILE, "pyproject.toml", *wants, "--output-file", out], cwd=ROOT, check=True)
        print(f"wrote {out}")


if __name__ == "__main__":
    main()
