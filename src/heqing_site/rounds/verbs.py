"""The verb ``heqing judge``: the round of a day, or of each day since another, from the command line."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Annotated

import typer


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


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"“{text}” is no day; write it as 2026-03-31.", param_hint=option) from error
