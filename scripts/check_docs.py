"""Check that the documents are true: every verb, option, setting, room and table is told, links lead somewhere.

It also refuses committed text that names a package registry's host or a folder of one machine.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import click
import typer.main

from heqing.cli.main import app
from heqing.cli.settings import settings
from heqing.editions import families

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CHANGELOG.md"]
# Written in parts, so that this file does not hold what it looks for.
FORBIDDEN = ["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian", "registry" + r"\.npm"]
FORBIDDEN += ["/wo" + "rk/", "/ro" + "ot/"]
LOCKS = {"uv.lock", "poetry.lock", "package-lock.json", "yarn.lock"}


def verbs(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    """Give every verb of a command with its full name."""
    if hasattr(command, "commands"):
        return [found for name, child in command.commands.items() for found in verbs(child, f"{path} {name}")]
    return [(path, command)]


def told_commands() -> list[str]:
    text = (DOCS / "reference/cli.md").read_text(encoding="utf-8")
    text += (DOCS / "reference/store.md").read_text(encoding="utf-8")
    text += (DOCS / "reference/reading.md").read_text(encoding="utf-8")
    wrong = []
    for name, command in verbs(typer.main.get_command(app), "heqing"):
        group = " ".join(name.split()[:2])
        if group not in text or name.split()[-1] not in text:
            wrong.append(f"docs/reference/cli.md does not tell `{name}`")
        for parameter in command.params:
            for option in (o for o in parameter.opts if o.startswith("--") and o != "--help"):
                if option not in text:
                    wrong.append(f"docs/reference/cli.md does not tell {option} of `{name}`")
        if "heqing " not in (command.help or ""):
            wrong.append(f"`{name} --help` has no example")
    wrong += [f"docs/reference/cli.md does not tell {s.variable}" for s in settings() if s.variable not in text]
    return wrong


def told_rooms() -> list[str]:
    text = (DOCS / "map.md").read_text(encoding="utf-8")
    rooms = [p.name for half in ("heqing", "heqing_site") for p in (ROOT / "src" / half).iterdir() if p.is_dir()]
    wrong = [f"docs/map.md does not tell the room {r}" for r in rooms if r != "__pycache__" and f"`{r}`" not in text]
    page = (DOCS / "reference/standards.md").read_text(encoding="utf-8")
    return wrong + [f"docs/reference/standards.md lacks {f}" for f in families("standards") if f"`{f}`" not in page]


def broken_links() -> list[str]:
    wrong = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")) and not (page.parent / target).exists():
                wrong.append(f"{page.relative_to(ROOT)}: there is no {target}")
    return wrong


def glossary() -> list[str]:
    with (DOCS / "reference/glossary.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    terms = [r["term_zh"] for r in rows]
    names = [r["code_name"] for r in rows]
    wrong = [f"glossary.csv: {t} stands twice" for t in {t for t in terms if terms.count(t) > 1}]
    wrong += [f"glossary.csv: code name {n} stands twice" for n in {n for n in names if names.count(n) > 1}]
    return wrong + [f"glossary.csv: {r['term_zh']} lacks a cell" for r in rows if not all(r.values())]


def decisions() -> list[str]:
    numbers = [p.name[:4] for p in sorted((DOCS / "decisions").glob("*.md"))]
    return [f"docs/decisions: number {n} stands twice" for n in {n for n in numbers if numbers.count(n) > 1}]


def leaks() -> list[str]:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    wrong = [f"{f}: a lock file that records addresses" for f in files if Path(f).name in LOCKS]
    for name in filter(None, files):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{name}: names {found[0]}" for p in FORBIDDEN if (found := re.search(p, text))]
    return wrong


def main() -> None:
    stale = subprocess.run(
        [sys.executable, str(ROOT / "scripts/write_reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [*told_commands(), *told_rooms(), *broken_links(), *glossary(), *decisions(), *leaks()]
    wrong += filter(None, [stale.stderr.strip()])
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"documents: {len(PAGES)} pages true")


if __name__ == "__main__":
    main()
