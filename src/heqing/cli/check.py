"""``heqing check air|water``: say what is wrong with a file of measurements, and flag its rows, before it is judged.

It judges and stores nothing. Kinds of bad input and their treatment: ``docs/reference/bad-input.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from heqing.cli.console import say, tell_notes, tell_series, watching
from heqing.cli.intake import Domain
from heqing.cli.options import Excel, Input, Rename, SamePlace, Unit, parse_pairs
from heqing.cli.output import check_output, write
from heqing.quality import flag_series, look_over
from heqing.store import open_frame


def check(
    domain: Annotated[Domain, typer.Argument(metavar="air|water", help="What was measured.", show_default=False)],
    source: Input,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Every row with its reason and flag: .csv, .parquet or .jsonl; - for CSV.",
        ),
    ] = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    same_place: SamePlace = [],  # noqa: B006
    excel: Excel = False,
) -> None:
    """Say what is wrong with a file, with counts that add up to its rows.

    Nothing is dropped or changed: with -o every row comes back, in order, with `intake_reason` (cells that cannot be
    used) and `flag_reason` (stale repeats, rows given twice).

    For example:

      heqing check air hours.csv --rename pm25=pm2_5

      heqing check water samples.xlsx --unit nh3n=µg/L -o checked.csv --excel
    """
    if out is not None:
        check_output(out, source)
    with (
        watching(f"looking through {source}"),
        open_frame(
            source,
            domain=domain.value,
            rename=parse_pairs(rename, "--rename"),
            units=parse_pairs(unit, "--unit"),
            same_place=parse_pairs(same_place, "--same-place"),
        ) as intake,
    ):
        tell_notes(intake)
        survey = look_over(intake.frame, domain=domain.value)
        tell_series(intake, survey)
        if survey.rows == survey.clean:
            say(f"{source}: {survey.sentence('en')}")
        if out is not None:
            write(flag_series(intake.frame, domain=domain.value), out, excel=excel)
