"""The coverage table: each line of the seeds, whether it is served, and where; a place that does not exist is a fault.

``docs/coverage/inventory.csv`` holds the lines of the seeds, ``docs/coverage/where.csv`` what is said of each. A place
is a word with its kind before it, ``page:ledger:split``; `KINDS` tells how each kind is looked up.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from heqing.editions import families, table

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "docs" / "coverage"
CAMPAIGNS = ROOT / "examples" / "campaigns"
STATUS = {"served": "已有", "partly": "部分", "not_yet": "未有"}
COLUMNS = ("id", "seed", "kind", "pillar", "quote", "english_name", "software_need", "status", "places", "note")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def inventory() -> list[dict[str, str]]:
    """Give the lines of the seeds."""
    return _rows(SOURCES / "inventory.csv")


def where() -> list[dict[str, str]]:
    """Give what is said of each line."""
    return _rows(SOURCES / "where.csv")


# --- where a place is looked up -----------------------------------------------------------------------------------


@cache
def _pages() -> frozenset[str]:
    from django.urls import URLPattern, URLResolver, get_resolver

    def names(patterns: list[Any], spaces: str) -> Iterator[str]:
        for found in patterns:
            if isinstance(found, URLPattern) and found.name:
                yield f"{spaces}{found.name}"
            elif isinstance(found, URLResolver):
                yield from names(found.url_patterns, f"{spaces}{found.namespace}:" if found.namespace else spaces)

    return frozenset(names(get_resolver().url_patterns, ""))


@cache
def _commands() -> frozenset[str]:
    import typer.main

    from heqing.cli.main import app

    def names(command: Any, path: str) -> Iterator[str]:
        yield path
        for name, child in getattr(command, "commands", {}).items():
            yield from names(child, f"{path} {name}")

    return frozenset(names(typer.main.get_command(app), "heqing"))


@cache
def _column(family: str, name: str, *columns: str) -> frozenset[str]:
    return frozenset("/".join(str(row[column]) for column in columns) for row in table(family, name).to_dicts())


def _register(name: str) -> bool:
    if "/" in name:
        return name in _column("registers", "counts", "kind", "count")
    return name in _column("registers", "kinds", "kind")


KINDS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "page": ("页面", lambda name: name in _pages()),
    "register": ("台账", _register),
    "pipeline": ("流程", lambda name: name in _column("work_pipelines", "pipelines", "pipeline")),
    "list": ("清单", lambda name: name in _column("work_words", "list_kinds", "kind")),
    "plan": ("方案", lambda name: name in _column("plan_kinds", "kinds", "kind")),
    "letter": ("责任书", lambda name: name in _column("letter_words", "kinds", "kind")),
    "chief": ("长制", lambda name: name in _column("chief_systems", "systems", "system")),
    "indicator": ("指标", lambda name: name in _column("indicator_catalogue", "indicators", "code")),
    "statistic": ("统计", lambda name: name in _column("indicator_catalogue", "statistics", "statistic")),
    "rule": ("规则", lambda name: name in families()),
    "scheme": ("方案规则", lambda name: name in families("schemes")),
    "command": ("命令", lambda name: name.replace("_", " ") in _commands()),
}


def _exists(place: str) -> bool:
    kind, _, name = place.partition(":")
    return kind in KINDS and KINDS[kind][1](name)


def places(said: str) -> list[str]:
    """Give the places of a row."""
    return said.split()


# --- the table ----------------------------------------------------------------------------------------------------


def entered() -> dict[str, list[str]]:
    """Name, by line of the seeds, the campaigns that enter it as data."""
    found: dict[str, list[str]] = {}
    for folder in sorted(path for path in CAMPAIGNS.iterdir() if path.is_dir()) if CAMPAIGNS.is_dir() else []:
        for file in sorted(folder.rglob("*.csv")):
            for row in _rows(file):
                for line in (row.get("原文行") or "").split():
                    names = found.setdefault(line, [])
                    if folder.name not in names:
                        names.append(folder.name)
    return found


def faults() -> list[str]:
    """Tell what is wrong: a line without a row, a status that is none, a place that does not exist."""
    known = [row["id"] for row in inventory()]
    told = [row["id"] for row in where()]
    wrong = [f"{line} has no row in where.csv" for line in known if line not in set(told)]
    wrong += [f"{line} is no line of the seeds" for line in told if line not in set(known)]
    wrong += [f"{line} stands twice" for line, many in Counter(told).items() if many > 1]
    for row in where():
        if row["status"] not in STATUS:
            wrong.append(f"{row['id']}: there is no status {row['status']}")
        if row["status"] != "not_yet" and not places(row["places"]):
            wrong.append(f"{row['id']} is {row['status']} but names no place")
        if row["status"] != "served" and not row["note"]:
            wrong.append(f"{row['id']} is {row['status']} but does not say what lacks")
        wrong += [f"{row['id']}: there is no {place}" for place in places(row["places"]) if not _exists(place)]
    wrong += [f"a campaign enters {line}, which is no line of the seeds" for line in entered() if line not in known]
    return wrong


def coverage_table() -> str:
    """Write the table, one row per line of the seeds; stop where something is wrong."""
    if wrong := faults():
        raise SystemExit("\n".join(["docs/coverage:", *wrong]))
    said = {row["id"]: row for row in where()}
    data = entered()
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\n", extrasaction="ignore")
    sheet.writeheader()
    for line in inventory():
        row = {**line, **said[line["id"]]}
        row["places"] = " ".join([row["places"], *(f"campaign:{name}" for name in data.get(line["id"], []))]).strip()
        sheet.writerow(row)
    return out.getvalue()


def summary() -> str:
    """Count the rows by status and by kind."""
    kinds = {row["id"]: row["kind"] for row in inventory()}
    whole = Counter(row["status"] for row in where())
    lines = [f"coverage: {len(kinds)} lines; " + ", ".join(f"{name} {whole[name]}" for name in STATUS)]
    for kind in sorted(set(kinds.values())):
        some = Counter(row["status"] for row in where() if kinds.get(row["id"]) == kind)
        lines.append(f"  {kind:<10}" + ", ".join(f"{name} {some[name]}" for name in STATUS))
    return "\n".join(lines)
