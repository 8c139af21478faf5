"""Write the generated pages of docs/reference and the pinned schema of the API; --check fails where one is stale."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import coverage_table as coverage
import polars as pl
import standards_pages

from heqing.tables import items, reason_codes, stale_lengths, treatments

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SNAPSHOT = ROOT / "tests" / "snapshots" / "openapi.json"
NOTE = standards_pages.NOTE


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


def bad_input() -> str:
    """List every declared kind of bad input with its treatment, and the lengths of stale repeats."""
    out = [
        "# Bad input",
        NOTE.replace("the rulebook", "src/heqing/tables"),
        "Nothing is dropped without being counted, no value is guessed and none is changed by a check. Treatments:",
        "`convert` (read as what was meant, and told), `reason` (the row stays, the value is absent and says why),",
        "`flag` (the value is used and marked), `reject` (the file, row or call is not taken, with a sentence).",
        "`heqing check air|water FILE` tells all of it, with counts that add up to the rows of the file;",
        "`-o` gives every row with its reason and flag. `heqing assess` and `heqing import` tell it before they begin",
        "(files up to 64 MB; `check` any), and so does the page 数据导入 of the site. Doors: `file` (command line),",
        "`upload` (site), `library` (functions of `heqing`). Settings are of this house where no source is named.\n",
        "| code | what | 情形 | found in | doors | treatment | what is done | 处理 | setting |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for code, t in treatments().items():
        number = "" if t.setting is None else f"{t.setting:g} "
        doubt = " (not confirmed)" if t.is_unconfirmed else ""
        cells = (t.about_en, t.about_zh, t.found_in, ", ".join(t.doors), t.treatment, t.done_en, t.done_zh)
        least = f"; {t.at_least} values of a place at least" if t.at_least else ""
        out.append(f"| `{code}` | {' | '.join(cells)} | {number}{t.unit}{least}{doubt} |")
    out += [
        "\n## Stale repeats\n",
        "So many equal values in a row, gaps left out, by the step at which a place reports; values that are only a",
        "detection limit do not count. No source names a length: all are settings, not confirmed.\n",
    ]
    for domain in ("air", "water"):
        steps = [s for s in ("hour", "four_hours", "day") if stale_lengths(domain, s)]
        out += [f"| {domain} | {' | '.join(steps)} |", "| --- |" + " ---: |" * len(steps)]
        for i in items(domain):
            lengths = [str(stale_lengths(domain, s).get(i.code, "")) for s in steps]
            out += [f"| `{i.code}` | {' | '.join(lengths)} |"] if any(lengths) else []
        out.append("")
    out += [
        "## Units off by a thousand\n",
        "The file is refused where more than half of an item's values lie beyond its bound, given at least so many",
        "values; naming the unit (`--unit ITEM=UNIT`) ends the suspicion. Settings, not confirmed.\n",
    ]
    out += ["| item | unit | above | below | values at least |", "| --- | --- | ---: | ---: | ---: |"]
    for i in (*items("air"), *items("water")):
        if i.suspect_median is not None or i.suspect_low is not None:
            high, low = ("" if b is None else f"{b:g}" for b in (i.suspect_median, i.suspect_low))
            out.append(f"| `{i.code}` | {i.unit} | {high} | {low} | {i.suspect_from} |")
    return "\n".join([*out, ""])


def _start() -> None:
    """Start the site far from any installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heqing_site.web.settings")
    os.environ.setdefault("HEQING_DATA_DIR", tempfile.mkdtemp())
    import django

    django.setup()


def _api() -> Any:
    """Give the API of the site."""
    _start()
    from heqing_site.web import api

    return api


def snapshot() -> str:
    """Write the schema of the API as it is pinned."""
    return json.dumps(_api().api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _parameters(route: dict[str, Any], place: str) -> str:
    return ", ".join(f"`{row['name']}`" for row in route.get("parameters", []) if row["in"] == place) or "–"


def _body(route: dict[str, Any], shapes: dict[str, Any]) -> str:
    for kind, content in route.get("requestBody", {}).get("content", {}).items():
        shape = content["schema"]
        shape = shapes[shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape
        needed = set(shape.get("required", []))
        names = [f"**`{name}`**" if name in needed else f"`{name}`" for name in shape.get("properties", {})]
        return ("file form: " if kind.startswith("multipart") else "") + ", ".join(names)
    return "–"


def api_page() -> str:
    """List the routes of the API and what each refusal means."""
    from heqing_site.wording import messages

    web = _api()
    told = web.api.get_openapi_schema()
    shapes = told["components"]["schemas"]
    out = [
        "# API",
        NOTE.replace("the rulebook", "the code"),
        f"{told['info']['description']}\n",
        "The schema for programs is served at `/api/v1/openapi.json` and pinned in `tests/snapshots/openapi.json`.",
        "How to call it: [use the API](../how-to/use-the-api.md). Fields in bold are needed.\n",
    ]
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for address, routes in told["paths"].items():
        for method, route in routes.items():
            by_tag.setdefault(route["tags"][0], []).append((method.upper(), address, route))
    for tag, rows in by_tag.items():
        out += [f"## {tag}\n", "| route | what | asks | body |", "| --- | --- | --- | --- |"]
        out += [
            f"| `{method} {address}` | {route['summary']} | {_parameters(route, 'query')} | {_body(route, shapes)} |"
            for method, address, route in rows
        ]
        out.append("")
    out += [
        "## Shapes\n",
        "| shape | what | columns |",
        "| --- | --- | --- |",
    ]
    for name, shape in sorted(shapes.items()):
        if "properties" in shape and not name.startswith("Page_"):
            about = " ".join(shape.get("description", "").split())
            out.append(f"| {name} | {about} | {', '.join(f'`{column}`' for column in shape['properties'])} |")
    out += [
        "",
        "## Refusals\n",
        "Every refusal is an object with `code`, `sentence_zh`, `sentence_en`, `values` (what the sentence names) and",
        "`faults` (field and sentence, for 422 `request.invalid`). 403: another person may do it; 409: another moment",
        "may allow it, read again; 413, 415: another file; 422: mend the request; 400: it could not be read.\n",
        "| code | status | 中文 |",
        "| --- | ---: | --- |",
    ]
    out += [f"| `{code}` | {status} | {zh} |" for status, (code, zh, _) in web.FRAME.items()]
    for code, (zh, _) in sorted(messages().items()):
        if not code.startswith("action."):
            out.append(f"| `{code}` | {web.status_of_code(code)} | {zh} |")
    return "\n".join([*out, ""])


def covered() -> str:
    """Write the table of what the seeds ask for and where it is served."""
    _start()
    return coverage.coverage_table()


RIGHTS_NOTE = "<!-- written by `make reference` from rights.csv and the roles in the code; do not edit -->\n"


def rights_page() -> str:
    """List who may do what: each deed with its right, where it is asked, and the roles that carry it."""
    from heqing_site.orgs.rules import PERMISSION_NAMES, ROLE_NAMES, ROLE_PERMISSIONS, Permission, Role

    with (REFERENCE / "rights.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    asked = [row for row in rows if row["scope"] != "none"]
    out = [
        "# Rights 权限",
        RIGHTS_NOTE,
        "角色在一个单位授予，对该单位及其以下各单位有效；不写单位的，对全站有效。“按领域”的操作，限定了领域的授权只对",
        "该领域有效；其余操作，限定了领域的授权不算数。●＝该角色可以办理。本表由测试逐项核对，见",
        "[`test_rights_matrix.py`](../../tests/site/test_rights_matrix.py)。\n",
    ]
    for room in dict.fromkeys(row["action"].split(".")[0] for row in asked):
        out += [
            f"## {room}\n",
            "| 操作 | 权限 | 在哪里核对 | 按领域 | " + " | ".join(ROLE_NAMES[role] for role in Role) + " | 另须 |",
            "| --- | --- | --- | :-: |" + " :-: |" * len(Role) + " --- |",
        ]
        for row in (row for row in asked if row["action"].startswith(f"{room}.")):
            right = Permission(row["permission"]) if row["permission"] else None
            marks = ["●" if right is None or right in ROLE_PERMISSIONS[role] else "" for role in Role]
            name = "不需要" if right is None else PERMISSION_NAMES[right]
            cells = [row["name"], name, row["where"], "是" if row["matter"] == "yes" else "", *marks, row["note"]]
            out.append(f"| {' | '.join(cells)} |")
        out.append("")
    out += ["## 自己不核对权限的\n", "| 操作 | 函数 | 为什么 |", "| --- | --- | --- |"]
    out += [f"| {row['name']} | `{row['action']}` | {row['note']} |" for row in rows if row["scope"] == "none"]
    return "\n".join([*out, ""])


PAGES = {
    "coverage.csv": covered,
    "standards.md": standards_pages.standards,
    "standards-editions.md": standards_pages.editions,
    "standards-unconfirmed.md": standards_pages.unconfirmed,
    "reasons.md": reasons,
    "items.md": item_list,
    "bad-input.md": bad_input,
    "api.md": api_page,
    "rights.md": rights_page,
}


def main() -> None:
    pl.Config.set_tbl_rows(0)
    stale = []
    written = {REFERENCE / name: write for name, write in PAGES.items()} | {SNAPSHOT: snapshot}
    for path, write in written.items():
        text = write()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"{', '.join(stale)} not up to date; run `make reference`")
    print(coverage.summary())


if __name__ == "__main__":
    main()
