"""The verbs ``heqing judge``, the round of a day or a question about it, and ``heqing campaign``, a folder.

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
    day: Annotated[
        str, typer.Option("--on", metavar="DAY", help="Day to judge; by default today.", show_default=False)
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="Judge each day from this one on.", show_default=False)
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="DAY",
            help="Ask what was known at the end of this day; prints, keeps nothing.",
            show_default=False,
        ),
    ] = "",
    as_if: Annotated[
        list[str] | None,
        typer.Option(
            "--as-if",
            metavar="EDITION",
            help="Ask what this edition or regime would say, beside what stands; prints, keeps nothing.",
        ),
    ] = None,
    target: Annotated[
        list[int] | None,
        typer.Option("--target", metavar="NUMBER", help="Only this target, of a question. May be repeated."),
    ] = None,
) -> None:
    """Judge every target and keep the verdicts; what differs from an earlier verdict of a day supersedes it.

    Days that late or corrected data touch are judged again with today's. A past day counts all that is known now; to
    ask what was known then, give --as-of. With --as-of or --as-if nothing is kept: both are questions.

    Examples
    --------
      heqing judge

      heqing judge --on 2026-03-31

      heqing judge --on 2026-03-31 --as-of 2026-04-05

      heqing judge --as-if "GB 3095-2026" --target 12
    """
    from django.utils import timezone

    from heqing_site.ledger.rules import LIGHT_NAMES, Light
    from heqing_site.rounds.actions import daily

    known = _day("--as-of", as_of) if as_of else None
    today = timezone.localdate()
    last = _day("--on", day) if day else min(known or today, today)
    first = _day("--since", since) if since else last
    if first > last:
        raise typer.BadParameter(f"{first} is after {last}.", param_hint="--since")
    if last > today:
        raise typer.BadParameter(f"{last} is still to come.", param_hint="--on")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if known is not None or as_if:
        for on in days:
            _answer(on, known, tuple(as_if or ()), target)
        return
    if target:
        raise typer.BadParameter("goes with --as-of or --as-if; a round judges all targets.", param_hint="--target")
    for on in days:
        done = daily(at=timezone.now(), on=on)
        judged = done.judged
        for again in done.again:
            if again.superseding:
                typer.echo(f"{again.judging.day}  迟到或更正的数据使 {again.superseding} 项重判")
        lights = Counter(Light(row.light) for row in judged.rows)
        told = "  ".join(f"{LIGHT_NAMES[light]} {lights[light]}" for light in Light)
        typer.echo(f"{on}  {len(judged.rows)} 项目标  {told}  新结论 {judged.new}（其中重判 {judged.superseding}）")


def _answer(on: date, known: date | None, editions: tuple[str, ...], numbers: list[int] | None) -> None:
    """Print what would be said of a day on other grounds, beside the verdict that stands."""
    from datetime import datetime, time

    from django.utils import timezone

    from heqing_site.ledger.models import Target
    from heqing_site.verdicts import queries

    keys = None if numbers is None else list(Target.objects.filter(number__in=numbers).values_list("pk", flat=True))
    moment = None if known is None else timezone.make_aware(datetime.combine(known + timedelta(days=1), time()))
    found = queries.answers(on=on, targets=keys, known_by=moment, editions=editions)
    stands = queries.latest_of(on, list(found))
    asked = [f"只用 {known} 以前收到的数据"] if known else []
    asked += [f"若按 {'、'.join(editions)}"] if editions else []
    typer.echo(f"{on}  {'，'.join(asked)}（只供对照，不存为结论 / an answer, not kept as a verdict）")
    for key, answer in found.items():
        row = stands.get(key)
        standing = "尚未研判" if row is None else f"{row.light_name} {row.value_shown or '—'}"
        differs = "≠" if row is None or queries.differs(row, answer) else "＝"
        unit = answer.terms.unit
        said = f"{answer.light_name} {answer.value_shown or '—'} {unit}"
        typer.echo(f"{answer.terms.target.number}  {answer.terms}  设问：{said}  {differs}  现行：{standing} {unit}")
        if numbers is not None:
            typer.echo("  " + "".join(answer.paragraph("zh-hans")))


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
