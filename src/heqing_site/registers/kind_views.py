"""Pages on which an officer declares a kind without code: form, workbook, preview, versions, taking out of use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.registers import SHEETS, Fault, Kind, Sheet, pillars
from heqing.registers.declaration import CHECK_NAMES, CHECKS, ROLE_NAMES, TYPE_NAMES, WHAT_NAMES
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, require
from heqing_site.orgs.rules import Permission
from heqing_site.registers import declaring, kinds, queries
from heqing_site.registers.boxes import boxes
from heqing_site.registers.faults import say_fault
from heqing_site.registers.workbook import read_workbook, write_workbook
from heqing_site.sheets.views import xlsx

SPARE_ROWS = {"fields": 4, "states": 2, "moves": 2, "rules": 2, "counts": 2}
LEAST_ROWS = {"fields": 6, "states": 3, "moves": 3, "rules": 2, "counts": 3}
MOST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Cell:
    """One cell of the form: its name, what stands in it, what may be picked, whether something is wrong with it."""

    name: str
    column: Any
    value: str
    choices: tuple[tuple[str, str], ...]
    is_wrong: bool


@dataclass(frozen=True)
class Grid:
    """One sheet of the form with its rows."""

    sheet: Sheet
    rows: list[tuple[int, list[Cell]]]


_PICKED: dict[tuple[str, str], dict[Any, str]] = {
    ("fields", "type"): TYPE_NAMES,
    ("rules", "check"): CHECK_NAMES,
    ("counts", "what"): WHAT_NAMES,
}


def kind_list(request: HttpRequest) -> HttpResponse:
    """List all kinds, who declared them, which are out of use."""
    today = timezone.localdate()
    context = {
        "kinds": [(one, pillars().get(one.form.pillar, "")) for one in kinds.standing_kinds(on=today).values()],
        "may_declare": may(_me(request), Permission.REGISTER_DECLARE, None, on=today),
    }
    return render(request, "registers/kinds.html", context)


def kind(request: HttpRequest, key: str) -> HttpResponse:
    """Show how a kind is declared: fields, states, moves, rules, counts, and its versions."""
    today = timezone.localdate()
    standing = kinds.standing_kind(key, on=today)
    if standing is None:
        raise Http404
    context = {
        "standing": standing,
        "form": standing.form,
        "pillar": pillars().get(standing.form.pillar, ""),
        "fields": [
            (one, TYPE_NAMES[one.type], "、".join(ROLE_NAMES[r] for r in one.roles)) for one in standing.form.fields
        ],
        "moves": [_told(standing.form, one) for one in standing.form.moves],
        "rules": [(CHECK_NAMES[one.check], one.says_zh) for one in standing.form.rules],
        "counts": [(one, WHAT_NAMES[one.what]) for one in standing.form.counts],
        "versions": queries.versions_of(key),
        "may_declare": may(_me(request), Permission.REGISTER_DECLARE, None, on=today),
    }
    return render(request, "registers/kind.html", context)


def _told(form: Kind, move: Any) -> dict[str, Any]:
    needs = [form.field(key).name_zh for key in move.fields]
    needs += ["理由"] * move.needs_words + ["佐证"] * move.needs_evidence + ["另一单位办"] * move.needs_another_unit
    return {
        "move": move,
        "starts": "、".join(form.state(key).name_zh for key in move.starts),
        "leads_to": form.state(move.leads_to).name_zh,
        "needs": "、".join(needs),
    }


def declare(request: HttpRequest, key: str = "") -> HttpResponse:
    """Declare a kind or another version of one: fill in, look at the preview, put to use."""
    today = timezone.localdate()
    me = _me(request)
    require(me, Permission.REGISTER_DECLARE, None, on=today)
    standing = kinds.standing_kind(key, on=today) if key else None
    if key and standing is None:
        raise Http404
    tables = declaring.tables_of(standing.form) if standing is not None else {}
    faults: list[Fault] = []
    sentence, status, preview = "", 200, None
    if request.method == "POST":
        try:
            tables = _posted(request)
        except RuleBrokenError as error:
            sentence, status = error.sentence(get_language()), 422
        else:
            known = set(kinds.standing_kinds(on=today)) | {row.get("kind", "") for row in tables["kinds"]}
            preview, error_found = kinds.may_be_read(tables, known_kinds=known)
            faults = list(error_found.faults) if error_found else []
            status = 422 if faults else 200
            if preview is not None and request.POST.get("do") == "use":
                try:
                    row = declaring.declare_kind(
                        by=me, at=timezone.now(), tables=tables, because=request.POST.get("because", ""),
                        seen=None if standing is None else int(request.POST.get("seen", "0") or 0),
                    )  # fmt: skip
                except RuleBrokenError as error:
                    if error.is_about_permission:
                        raise
                    sentence, status = error.sentence(get_language()), 409
                else:
                    messages.success(request, f"台账“{row.name}”第 {row.version} 版已启用。")
                    return redirect("registers:register", row.key)
    context = {
        "standing": standing,
        "grids": _grids(tables, faults),
        "faults": [say_fault(fault) for fault in faults],
        "sentence": sentence,
        "preview": preview,
        "boxes": boxes(preview, on=today, typed={}) if preview is not None else [],
        "preview_moves": [_told(preview, one) for one in preview.moves] if preview is not None else [],
        "stored": json.dumps(declaring.tidy(tables), ensure_ascii=False),
        "because": request.POST.get("because", ""),
        "seen": 0 if standing is None else standing.version,
        "checks": [(CHECK_NAMES[name], " | ".join(_ARGUMENTS[one] for one in form)) for name, form in CHECKS.items()],
    }
    return render(request, "registers/declare.html", context, status=status)


_ARGUMENTS = {
    "field": "字段", "field+": "字段（一个或几个）", "number": "数字字段", "number+": "数字字段（几个）",
    "choice": "选项字段", "word": "选项", "link": "台账字段", "of": "那本台账的字段代码", "kind": "台账代码",
}  # fmt: skip


def kind_sheet(request: HttpRequest, key: str = "") -> HttpResponse:
    """Hand out a declaration as a workbook, or an empty one to fill in."""
    standing = kinds.standing_kind(key, on=timezone.localdate()) if key else None
    if key and standing is None:
        raise Http404
    tables = declaring.tables_of(standing.form) if standing is not None else {}
    return xlsx(f"台账类别 {standing.form.name_zh if standing else '空表'}", write_workbook(tables))


@require_POST
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """Take a kind out of use."""
    try:
        row = declaring.retire_kind(
            by=_me(request), at=timezone.now(), key=key, because=request.POST.get("because", "")
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        messages.error(request, error.sentence(get_language()))
    else:
        messages.success(request, f"台账“{row.name}”已停用，原有条目照旧。")
    return redirect("registers:kind", key)


def _posted(request: HttpRequest) -> dict[str, list[dict[str, str]]]:
    """Take a declaration from a workbook, from what was previewed, or from the cells of the form."""
    file = request.FILES.get("file")
    if file is not None:
        return declaring.tidy(read_workbook(file.name or "", file.read(MOST_BYTES + 1)))
    if request.POST.get("stored") and request.POST.get("do") == "use":
        try:
            stored = json.loads(request.POST["stored"])
            return declaring.tidy({key: stored.get(key, []) for key in SHEETS})
        except (ValueError, AttributeError, TypeError) as error:
            raise RuleBrokenError("register.declaration_unreadable") from error
    tables: dict[str, list[dict[str, object]]] = {key: [] for key in SHEETS}
    for key, sheet in SHEETS.items():
        for number in range(_last_row(request, key) + 1):
            cells: dict[str, object] = {
                column.key: request.POST.get(f"{key}-{number}-{column.key}", "")[:2000] for column in sheet.columns
            }
            tables[key].append(cells)
    return declaring.tidy(tables)


def _last_row(request: HttpRequest, sheet: str) -> int:
    numbers = [
        int(part)
        for name in request.POST
        if name.startswith(f"{sheet}-")
        and (part := name.split("-")[1]).isascii()
        and part.isdecimal()
        and len(part) < 4
    ]
    return max(numbers, default=0)


def _grids(tables: Any, faults: list[Fault]) -> list[Grid]:
    wrong = {(fault.sheet, fault.row, fault.column) for fault in faults}
    found = []
    for key, sheet in SHEETS.items():
        rows = list(tables.get(key, ()))
        wanted = 1 if key == "kinds" else max(LEAST_ROWS[key], len(rows) + SPARE_ROWS[key])
        rows += [{}] * (wanted - len(rows))
        found.append(
            Grid(
                sheet,
                [
                    (
                        number + 1,
                        [
                            Cell(
                                f"{key}-{number}-{column.key}",
                                column,
                                str(row.get(column.key, "")),
                                _choices(key, column.key),
                                (key, number + 1, column.key) in wrong,
                            )
                            for column in sheet.columns
                            if not column.key.endswith("_en")
                        ],
                    )
                    for number, row in enumerate(rows)
                ],
            )
        )
    return found


def _choices(sheet: str, column: str) -> tuple[tuple[str, str], ...]:
    if (sheet, column) == ("kinds", "pillar"):
        return tuple(pillars().items())
    return tuple((str(key), name) for key, name in _PICKED.get((sheet, column), {}).items())


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
