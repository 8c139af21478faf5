"""How well the reader reads: write docs/reference/reading-scores.md and its picture from labelled folders.

    python scripts/reading_scores.py NAME=FOLDER[:PREFIX,…] … [--calibration NAME]

Each FOLDER holds docs/ and labels/ in the corpus schema; PREFIX keeps the documents whose names begin so. The figures
are those of `heqing read --evaluate`. The picture shows, for the folder named, how often findings of each tenth of
confidence proved right. Texts and labels stay where they are: only figures are written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/reading-scores.md"
PICTURE = ROOT / "docs/reference/reading-calibration.svg"
CALL = "from heqing.cli.main import run; run()"
GROUPS = {"set:numeric": "with a number", "set:redacted": "masked or lost", "set:complete": "without a number"}
FIELDS = ("comparator", "strength", "indicator", "pillar", "period", "scope", "baseline")
SIDE, EDGE = 300, 40


def figures(folder: Path, only: str) -> dict[str, Any]:
    """Evaluate a folder by the command itself."""
    words = ["read", "--evaluate", str(folder), "--format", "jsonl", *(["--only", only] if only else [])]
    environ = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", CALL, *words], capture_output=True, text=True, check=True, env=environ)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def share(told: dict[str, Any], key: str) -> str:
    """Give F1 with the number of labels it rests on; a dash where there is none."""
    found = told["groups"].get(key)
    if found is None or not found["tp"] + found["fn"]:
        return "–"
    return f"{found['f1']:.3f} ({found['tp'] + found['fn']})"


def page(told: dict[str, dict[str, Any]], shown: str) -> str:
    """Lay out the tables."""
    out = ["# How well it reads", ""]
    out += [
        "Written by `scripts/reading_scores.py` from labelled folders; the figures are those of",
        "`heqing read --evaluate`: F1, in brackets the labels it rests on. What the groups are is told in the notes.",
        "",
        "| documents | " + " | ".join([*GROUPS.values(), "measures", "noise lines"]) + " |",
        "| --- |" + " ---: |" * (len(GROUPS) + 2),
    ]
    for name, found in told.items():
        rest = [f"{found[key]['f1']:.3f} ({found[key]['tp'] + found[key]['fn']})" for key in ("measures", "junk")]
        out.append(
            f"| {name} ({found['documents']}) | " + " | ".join([*(share(found, k) for k in GROUPS), *rest]) + " |"
        )
    out += ["", "Over the rows that match, the share in which a field is the same:", ""]
    out += ["| documents | " + " | ".join(FIELDS) + " |", "| --- |" + " ---: |" * len(FIELDS)]
    for name, found in told.items():
        fields = found["fields_over_matched"]
        out.append(f"| {name} | " + " | ".join(f"{fields[field]:.3f}" for field in FIELDS) + " |")
    out += ["", f"## Confidence: {shown}", "", "![said and right](reading-calibration.svg)", ""]
    out += ["| said | findings | mean said | right |", "| --- | ---: | ---: | ---: |"]
    for tenth, row in told[shown].get("calibration", {}).items():
        out.append(f"| {tenth} | {row['n']} | {row['mean_confidence']:.2f} | {row['right']:.2f} |")
    for name, found in told.items():
        out += [
            "",
            f"## {name}, by document",
            "",
            "| document | precision | recall | F1 |",
            "| --- | ---: | ---: | ---: |",
        ]
        out += [
            f"| {doc} | {d['precision']:.3f} | {d['recall']:.3f} | {d['f1']:.3f} |"
            for doc, d in found["per_doc"].items()
        ]
    return "\n".join(out) + "\n"


def picture(calibration: dict[str, Any]) -> str:
    """Draw what was said against what was right; the area of a dot is the number of findings."""

    def at(said: float, right: float) -> tuple[float, float]:
        return EDGE + said * SIDE, EDGE + (1 - right) * SIDE

    size = SIDE + 2 * EDGE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="11">',
        f'<rect width="{size}" height="{size}" fill="white"/>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#999" stroke-dasharray="4 4"/>'.format(*at(0, 0), *at(1, 1)),
    ]
    for mark in (0, 0.5, 1):
        (x, below), (left, y) = at(mark, 0), at(0, mark)
        out.append(f'<text x="{x}" y="{below + 15}" text-anchor="middle">{mark:g}</text>')
        out.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{mark:g}</text>')
    for row in calibration.values():
        x, y = at(row["mean_confidence"], row["right"])
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + row["n"] ** 0.5 / 2:.1f}" fill="#2b6cb0" fill-opacity="0.7"/>'
        )
        out.append(f'<text x="{x:.1f}" y="{y - 8 - row["n"] ** 0.5 / 2:.1f}" text-anchor="middle">{row["n"]}</text>')
    middle = EDGE + SIDE / 2
    out.append(f'<text x="{middle}" y="{size - 6}" text-anchor="middle">said 把握</text>')
    out.append(f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">right 读对</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> None:
    """Evaluate, then write page and picture."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folders", nargs="+", metavar="NAME=FOLDER[:PREFIX,…]")
    words.add_argument("--calibration", help="the name whose confidence is drawn; the last one by default")
    given = words.parse_args()
    told = {}
    for item in given.folders:
        name, _, place = item.partition("=")
        folder, _, only = place.partition(":")
        told[name] = figures(Path(folder), only)
    shown = given.calibration or list(told)[-1]
    text = page(told, shown)
    kept = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    notes = kept[kept.index("\n## Notes") :] if "\n## Notes" in kept else ""
    PAGE.write_text(text + notes, encoding="utf-8")
    PICTURE.write_text(picture(told[shown].get("calibration", {})), encoding="utf-8")


if __name__ == "__main__":
    main()
