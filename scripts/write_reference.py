"""Write the generated pages of docs/reference from the rulebook; with --check, fail where one is not up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from heqing.editions import families, family, table
from heqing.tables import items, reason_codes

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- written by `make reference` from the rulebook; do not edit -->\n"


def standards() -> str:
    """List families, editions, phases, tables and rows that are not confirmed."""
    out = [
        "# Standards",
        NOTE,
        "A row is unconfirmed when fewer than two independent sources agree and the official text was not read;",
        "results that rest on it say so. `heqing standards show FAMILY` prints the rows.\n",
    ]
    for key in families("standards"):
        home = family(key)
        out.append(f"## {home.name_zh} `{key}`\n\n{home.name_en}. {home.judges}.\n")
        out.append("| edition | phase | from | to | title |\n| --- | --- | --- | --- | --- |")
        for edition in home.editions:
            for phase in edition.phases:
                last = phase.valid_to or "open"
                out.append(f"| {edition.number} | {phase.key} | {phase.valid_from} | {last} | {edition.title_zh} |")
        out.append("\n| table | what it holds | rows | not confirmed |\n| --- | --- | ---: | ---: |")
        for name, form in home.tables.items():
            rows = table(key, name)
            out.append(f"| {name} | {form.about} | {rows.height} | {int(rows['unconfirmed'].sum())} |")
        out.append("")
        for edition in home.editions:
            out += [f"- {edition.number}: {s.where} (compared {s.checked_on})" for s in edition.sources]
        out.append("")
    return "\n".join(out)


def reasons() -> str:
    """List reason codes with their sentences."""
    out = ["# Reasons", NOTE, "| code | 中文 | English |", "| --- | --- | --- |"]
    out += [f"| `{code}` | {zh} | {en} |" for code, (zh, en) in sorted(reason_codes().items())]
    return "\n".join([*out, ""])


def item_list() -> str:
    """List items with their unit and codes."""
    out = ["# Items", NOTE]
    for domain, title in (("air", "Air 环境空气"), ("water", "Surface water 地表水")):
        out += [f"## {title}\n", "| code | name | 名称 | unit | code on the wire |", "| --- | --- | --- | --- | --- |"]
        out += [f"| `{i.code}` | {i.name_en} | {i.name_zh} | {i.unit} | {i.wire_code or ''} |" for i in items(domain)]
        out.append("")
    return "\n".join(out)


PAGES = {"standards.md": standards, "reasons.md": reasons, "items.md": item_list}


def main() -> None:
    pl.Config.set_tbl_rows(0)
    stale = []
    for name, write in PAGES.items():
        path = REFERENCE / name
        text = write()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"docs/reference: {', '.join(stale)} not up to date; run `make reference`")


if __name__ == "__main__":
    main()
