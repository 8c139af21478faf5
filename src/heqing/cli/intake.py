"""``heqing import air|water``: add a file of measurements to a store.

It reads the clock for the store, which does not. See `heqing.store`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from heqing.cli.console import say, tell_problems, watching
from heqing.cli.options import Input, Rename, SamePlace, Unit, parse_pairs
from heqing.cli.settings import store_directory
from heqing.store import Imported, Intake, import_frame, open_frame, successions


class Domain(StrEnum):
    """What a file holds measurements of."""

    air = "air"
    water = "water"


def import_(
    domain: Annotated[Domain, typer.Argument(metavar="air|water", help="What was measured.", show_default=False)],
    source: Input,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="The store's directory, made when missing. Default: HEQING_STORE."),
    ] = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
) -> None:
    """Add a file's values to a store.

    The same file twice changes nothing; a corrected value supersedes and the old one stays readable. What cannot be
    stored is kept as a reject with its reason: see `heqing store rejects`.

    For example:

      heqing import air hours.csv --store store --rename pm25=pm2_5

      heqing import water samples.parquet --store store --unit nh3n=µg/L

      heqing import air hours.csv --store store --same-place 老站=新站
    """
    with open_frame(
        source,
        domain=domain.value,
        rename=parse_pairs(rename, "--rename"),
        units=parse_pairs(unit, "--unit"),
        same_place=parse_pairs(same_place, "--same-place"),
    ) as intake:
        with watching(f"looking through {source}"):
            tell_problems(intake)
        store = store or store_directory()
        for succession in successions(store, intake):
            say(f"note: {source}: {succession.sentence('en')}")
        done = _import_watched(store, intake)
    for sentence in _summary(done, store):
        say(sentence)


def _import_watched(store: Path, intake: Intake) -> Imported:
    console = Console(stderr=True)
    # the outermost caller: here the clock is read
    moment = datetime.now(UTC)  # noqa: TID251
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"importing {intake.path.name}", total=1.0)
        return import_frame(store, intake, recorded_at=moment, progress=lambda part: bar.update(task, completed=part))


def _summary(done: Imported, store: Path) -> list[str]:
    if done.is_repeat:
        return [f"{done.file}: this very file was imported before (batch {done.batch}); nothing changed."]
    sentences = [
        f"{done.file}: {done.rows} rows; {done.new} new values, {done.changed} changed, {done.same} that were there "
        f"already; {done.rejects} rejects (batch {done.batch})."
    ]
    if done.rejects:
        sentences.append(f"Rejects with their reason and row: heqing store rejects {store} --batch {done.batch}")
    return sentences
