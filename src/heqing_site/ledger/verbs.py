"""The verbs ``heqing ledger adopt`` and ``heqing ledger status``: bulk adoption, and how every target stands.

The room knows no settings: whoever puts the verbs into the one command hands in `Prepare`, which makes the process
ready for a data folder and names the account that acts. Models are imported only after that.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from heqing.cli.console import say

if TYPE_CHECKING:
    from heqing_site.ledger.repeats import Paired
    from heqing_site.library.models import Document
    from heqing_site.orgs.models import Unit, User

Prepare = Callable[["Path | None"], "User"]

_DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the installation; by default HEQING_DATA_DIR, else ./var.")
]


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    jsonl = "jsonl"


class Repeats(StrEnum):
    """What becomes of findings that repeat a target which stands already."""

    confirm = "confirm"
    amend = "amend"
    leave = "leave"
    new = "new"


def ledger_app(prepare: Prepare) -> typer.Typer:
    """Give the verbs of the ledger, ready to be put under ``heqing ledger``.

    Parameters
    ----------
    prepare : callable
        Takes the data folder or None, sets up Django for it, and gives the account in whose name the command acts.
    """
    app = typer.Typer(help="Targets: adopt those of a document, see how all of them stand.", no_args_is_help=True)

    @app.command("adopt")
    def adopt(
        document: Annotated[
            str, typer.Argument(metavar="DOC", help="The document: its title, file name with or without ending, or id.")
        ],
        all_: Annotated[bool, typer.Option("--all", help="Adopt every finding that is a target.")] = False,
        lead: Annotated[
            str | None, typer.Option("--lead", metavar="UNIT", help="Lead unit of all, by code or name.")
        ] = None,
        period: Annotated[
            str,
            typer.Option("--period", help="Period of targets for which the document names none, for instance 2026."),
        ] = "",
        repeats: Annotated[
            Repeats,
            typer.Option(
                "--repeats",
                help="Findings that repeat a target: confirm those that say the same and only list the others; amend "
                "the others too; leave all; or enter each as a new target.",
            ),
        ] = Repeats.confirm,
        data_dir: _DataDir = None,
    ) -> None:
        """Put the targets of a document into the ledger; what stands there already is left as it is.

        Findings that nobody reviewed are accepted as read. One that repeats a target of another document is no second
        target: where it says the same it confirms the target, where it says something else the pair is listed.

        For example:

          heqing ledger adopt speech --all

          heqing ledger adopt report --all --repeats leave
        """
        if not all_:
            raise typer.BadParameter("say --all; single findings are adopted on the page of the document")
        by = prepare(data_dir)
        from django.utils import timezone

        from heqing_site.ledger import actions, restating

        found = _document(document)
        unit = _unit(lead) if lead else None
        with_repeats = repeats is Repeats.new
        done = actions.adopt_all(
            by=by,
            at=timezone.now(),
            document=found,
            lead=unit,
            period=period,
            accept=True,
            with_repeats=with_repeats,
        )
        if done.founded is not None:
            say(f"系统中没有单位，已建“{done.founded}”牵头。 No unit was entered yet; “{done.founded}” leads for now.")
        say(f"《{found}》：采纳 {len(done.targets)} 项目标，{done.already} 项原已在台账。")
        if done.repeated:
            taking = restating.Taking(repeats.value)
            _print_pairs(done.repeated)
            settled = restating.settle_repeats(by=by, at=timezone.now(), document=found, taking=taking, accept=True)
            say(
                f"与台账目标相近的 {len(done.repeated)} 条：确认 {len(settled.confirmed)} 条，调整"
                f" {len(settled.amended)} 条，{len(settled.left)} 条待决定（目标台账 › 从文件采纳）。"
            )

    @app.command("status")
    def status(
        format: Annotated[Format, typer.Option("--format", help="A table for people, or one JSON object a line.")] = (
            Format.table
        ),
        document: Annotated[
            str | None, typer.Option("--document", metavar="DOC", help="Only the targets of one document.")
        ] = None,
        as_of: Annotated[
            datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The ledger as it stood on a day.")
        ] = None,
        data_dir: _DataDir = None,
    ) -> None:
        """Print one row per target: words, bound, lead unit, value source, value, light and reason.

        Example: heqing ledger status --format jsonl
        """
        prepare(data_dir)
        from django.utils import timezone

        from heqing_site.ledger import queries

        day = as_of.date() if as_of else timezone.localdate()
        found = _document(document) if document else None
        rows = queries.status(queries.ledger(as_of=day, document=found))
        if format is Format.jsonl:
            for row in rows:
                typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            _print_table(rows)

    return app


def _document(name: str) -> Document:
    from heqing_site.errors import RuleBrokenError
    from heqing_site.ledger import queries

    found = queries.find_document(name)
    if found is None:
        raise RuleBrokenError("target.document_unknown", name=name)
    return found


def _unit(name: str) -> Unit:
    from heqing_site.errors import RuleBrokenError
    from heqing_site.orgs.models import Unit

    found = Unit.objects.filter(code=name).first() or Unit.objects.filter(name=name).first()
    if found is None:
        raise RuleBrokenError("target.unit_unknown", name=name)
    return found


def _print_pairs(pairs: list[Paired]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("条", "文件的要求", "目标", "台账的要求", "比较", "依据"):
        table.add_column(name, overflow="fold", ratio={"文件的要求": 4, "台账的要求": 4, "依据": 3}.get(name))
    for pair in pairs:
        finding, terms = pair.finding, pair.terms
        table.add_row(
            str(finding.number),
            f"{finding.indicator} {finding.demand}",
            str(pair.target.number),
            f"{terms.title} {terms.demand}",
            pair.outcome_name,
            pair.reasons,
        )
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(width=width, highlight=False, markup=False).print(table)


PIPED_WIDTH = 180  # characters of a table that goes to a file or another program
_LIGHTS = {"green": "● 正常", "yellow": "▲ 滞后", "red": "■ 预警", "grey": "○ 待报"}
_SOURCES = {"instrument": "监测", "reported": "填报", "register": "台账", "deed": "办结"}


def _print_table(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("编号", "指标", "要求", "期限", "牵头单位", "来源", "数值", "灯", "原因"):
        table.add_column(name, overflow="fold", ratio={"指标": 3, "原因": 5, "要求": 2, "牵头单位": 2}.get(name))
    for row in rows:
        bound = (
            "完成"
            if row["comparator"] == "complete"
            else f"{row['comparator']} {'？' if row['bound'] is None else row['bound']} {row['unit']}"
        )
        cells = (
            row["number"],
            row["indicator"],
            bound,
            row["period"],
            row["lead_unit"],
            _SOURCES[row["value_source"]],
            "" if row["value"] is None else row["value"],
            _LIGHTS[row["light"]],
            row["reason"],
        )
        table.add_row(*(str(cell) for cell in cells))
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(width=width, highlight=False, markup=False).print(table)
