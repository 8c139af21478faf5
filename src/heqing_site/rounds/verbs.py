"""The verbs ``heqing judge``, the round of a day or of each day since another, and ``heqing campaign``, a folder.

Both are put into the one command by ``web.verbs``, which makes an installation ready before they run.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from heqing_site.orgs.models import User

REFUSED = 1
SHOWN = 5  # rejected rows of a file whose fault is said; the workbook holds all


def judge(
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DAY", help="Day to judge; by default today.", show_default=False)
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="Judge each day from this one on.", show_default=False)
    ] = "",
) -> None:
    """Judge every target and keep the verdicts; what differs from an earlier verdict of a day supersedes it.

    Reports count as they stood on the day, measurements of the days before it as they hold now.

    Examples
    --------
      heqing judge

      heqing judge --as-of 2026-03-31
    """
    from django.utils import timezone

    from heqing_site.ledger.rules import LIGHT_NAMES, Light
    from heqing_site.rounds.actions import daily

    last = _day("--as-of", as_of) if as_of else timezone.localdate()
    first = _day("--since", since) if since else last
    if first > last:
        raise typer.BadParameter(f"{first} is after {last}.", param_hint="--since")
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        judged = daily(at=timezone.now(), on=on).judged
        lights = Counter(Light(row.light) for row in judged.rows)
        told = "  ".join(f"{LIGHT_NAMES[light]} {lights[light]}" for light in Light)
        typer.echo(f"{on}  {len(judged.rows)} 项目标  {told}  新结论 {judged.new}（其中重判 {judged.superseding}）")


def campaign(folder: Path, *, by: User, rejects: Path | None = None) -> None:
    """Enter a folder of data file by file, say what came of each, and write the rows that were not taken as .xlsx."""
    from django.utils import timezone

    from heqing_site.rounds.campaign import enter_file, files_of
    from heqing_site.sheets.paper import rejects as rejected_rows

    refused = 0
    for name in files_of(folder):
        done = enter_file(by=by, at=timezone.now(), folder=folder, name=name)
        typer.echo(f"{name}  收下 {done.taken}  未变 {done.unchanged}  未收 {done.rejected}")
        refused += done.rejected
        for number, intake in enumerate((i for i in done.intakes if i.rejected), start=1):
            home = rejects or folder
            home.mkdir(parents=True, exist_ok=True)
            path = home / f"{Path(name).stem}{'' if number == 1 else f'-{number}'}-rejects.xlsx"
            path.write_bytes(rejected_rows(intake))
            for row in intake.rejected[:SHOWN]:
                fault = row["faults"][0]
                typer.echo(f"  第 {row['row']} 行 {fault['column']}：{fault['sentence']}")
            typer.echo(f"  未收下的行连同原因已写入 {path}")
    if refused:
        typer.echo(f"{refused} 行没有收下，改好后再录入一次即可，已收下的不会重复。 {refused} rows were not taken.")
        raise typer.Exit(REFUSED)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"“{text}” is no day; write it as 2026-03-31.", param_hint=option) from error
