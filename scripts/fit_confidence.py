"""Measure how often the reader's findings are right, rule by rule, and write it to table ``rules`` of its lexicon.

    python scripts/fit_confidence.py FOLDER... [--write]

Each FOLDER holds docs/*.txt and labels/*.jsonl in the corpus schema; the scorer is read in place from ../shared or
HEQING_SHARED. A finding has the confidence of the weakest rule that made it. The rules are weighed in turn: the one
whose findings are least often right decides them, and the rest is weighed without them. A share is drawn towards that
of all findings left as if `PRIOR` more of them had been seen, so that a rule met few times says little. Before anything
is written the same is done with each document left out in turn, and what was said is printed beside what was right.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.heqing.reading.agreement import load_scorer  # noqa: E402

from heqing.reading import decode, read, to_record  # noqa: E402

TABLE = ROOT / "src/heqing/rulebook/lexicon/reading_words/heqing_1/rules.csv"
PRIOR = 20
FEWEST = 8
# Said of a rule of which nothing speaks against: no more than a sample of a few hundred can bear.
MOST = 0.97

Seen = tuple[tuple[str, ...], bool]


def judged(folder: Path, shared: Path) -> dict[str, list[Seen]]:
    """Read every document and say of each finding whether a label agrees; restated ones are left out."""
    scorer = load_scorer(shared)
    found: dict[str, list[Seen]] = {}
    for label in sorted((folder / "labels").glob("*.jsonl")):
        document = next((folder / "docs").glob(f"{label.stem}.*"))
        reading = read(decode(document.read_bytes(), document.name), document.name)
        golds = [json.loads(line) for line in label.read_text(encoding="utf-8").splitlines() if line.strip()]
        records = [to_record(f) for f in reading.findings]
        pairs, _, wrong, _ = scorer.match(records, golds, reading.text)
        found[label.stem] = [(tuple(p["why"]), True) for p, _ in pairs] + [(tuple(p["why"]), False) for p in wrong]
    return found


def fit(seen: list[Seen]) -> dict[str, tuple[float, int]]:
    """Give each rule its share and how many findings it decides, the weakest rule first."""
    left, shares = list(seen), dict[str, tuple[float, int]]()
    while left:
        base = sum(ok for _, ok in left) / len(left)
        by_rule: dict[str, list[bool]] = defaultdict(list)
        for why, ok in left:
            for code in why:
                by_rule[code].append(ok)
        drawn = {
            code: (sum(oks) + PRIOR * base) / (len(oks) + PRIOR)
            for code, oks in by_rule.items()
            if code not in shares and len(oks) >= FEWEST
        }
        weakest = min(drawn, key=lambda code: (drawn[code], code), default=None)
        if weakest is None or drawn[weakest] >= base:
            for code, oks in by_rule.items():
                shares.setdefault(code, (min(MOST, base), len(oks)))
            break
        shares[weakest] = (min(MOST, drawn[weakest]), len(by_rule[weakest]))
        left = [(why, ok) for why, ok in left if weakest not in why]
    return shares


def said(why: tuple[str, ...], shares: dict[str, tuple[float, int]]) -> float:
    """Give the confidence of a finding made by these rules."""
    return min(shares[code][0] for code in why if code in shares)


def show(pairs: list[tuple[float, bool]]) -> None:
    """Print what was said beside what was right, by twentieths."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for share, ok in pairs:
        bins[int(share * 20 + 1e-9)].append((share, ok))
    for step, rows in sorted(bins.items()):
        mean, right = sum(s for s, _ in rows) / len(rows), sum(ok for _, ok in rows) / len(rows)
        print(f"  said {step / 20:.2f} and more: {len(rows):5} findings, mean {mean:.3f}, right {right:.3f}")


def write(shares: dict[str, tuple[float, int]]) -> None:
    """Put the shares into the table; a rule that was not met keeps its own, with no sample."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        share, sample = shares.get(row["code"], (float(row["share"]), 0))
        row["share"], row["sample"] = f"{share:.2f}", str(sample)
    with TABLE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Fit, print, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    shared = Path(os.environ.get("HEQING_SHARED") or ROOT.parent / "shared")
    seen: dict[str, list[Seen]] = {}
    for folder in asked.folders:
        seen |= judged(folder, shared)
    everything = [row for rows in seen.values() for row in rows]
    shares = fit(everything)
    print(f"{len(seen)} documents, {len(everything)} findings, {sum(ok for _, ok in everything)} right")
    for code, (share, sample) in sorted(shares.items(), key=lambda s: s[1]):
        print(f"  {code:20} {share:.3f} of {sample}")
    print("Each document left out in turn:")
    held_out: list[tuple[float, bool]] = []
    for name, rows in seen.items():
        others = fit([row for other, more in seen.items() if other != name for row in more])
        held_out += [(said(why, others), ok) for why, ok in rows]
    show(held_out)
    if asked.write:
        write(shares)


if __name__ == "__main__":
    main()
