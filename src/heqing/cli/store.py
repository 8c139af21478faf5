"""``heqing store observations|history|rejects|batches``: read what a store holds.

It only reads; see `heqing.cli.intake` for the verb that adds.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from heqing.cli.output import check_output, write
from heqing.store import batches, current, history, rejects

store_app = typer.Typer(help="Read what a store holds.", no_args_is_help=True)

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The store's directory.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="OUT", help="File ending in .csv, .parquet or .jsonl; CSV to standard output without it."
    ),
]
DomainName = Annotated[str | None, typer.Option("--domain", metavar="air|water", help="Only this domain.")]
City = Annotated[str | None, typer.Option("--city", metavar="NAME", help="Only this city.")]
Place = Annotated[str | None, typer.Option("--place", metavar="NAME", help="Only this station or section.")]
ItemCode = Annotated[str | None, typer.Option("--item", metavar="CODE", help="Only this item, e.g. pm2_5.")]
Since = Annotated[
    datetime | None, typer.Option("--since", metavar="TIME", help="Only periods that end at this local time or later.")
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar="TIME", help="Only periods that end at this local time or earlier."),
]
Batch = Annotated[str | None, typer.Option("--batch", metavar="ID", help="Only this import.")]
Excel = Annotated[bool, typer.Option("--excel", help="Begin a CSV with the mark by which Excel knows UTF-8.")]


@store_app.command("observations")
def observations(
    directory: Directory,
    out: Out = None,
    domain: DomainName = None,
    city: City = None,
    place: Place = None,
    item: ItemCode = None,
    since: Since = None,
    until: Until = None,
    excel: Excel = False,
) -> None:
    """Give the values that hold now, one row each.

    For example:

      heqing store observations store --city 无锡 --item pm2_5 -o wuxi.csv
    """
    check_output(out, directory)
    write(
        current(directory, domain=domain, city=city, place=place, item=item, since=since, until=until),
        out,
        excel=excel,
    )


@store_app.command("history")
def history_(
    directory: Directory,
    out: Out = None,
    domain: DomainName = None,
    city: City = None,
    place: Place = None,
    item: ItemCode = None,
    since: Since = None,
    until: Until = None,
    excel: Excel = False,
) -> None:
    """Give all values with every revision: also those that a later one superseded.

    For example:

      heqing store history store --place 兰山嘴 --item tp
    """
    check_output(out, directory)
    frame = history(directory, domain=domain, city=city, place=place, item=item, since=since, until=until)
    write(frame.sort("domain", "city", "place", "item", "period_end", "revision"), out, excel=excel)


@store_app.command("rejects")
def rejects_(directory: Directory, out: Out = None, batch: Batch = None, excel: Excel = False) -> None:
    """Give what was not stored: the reason, and the whole row as it came.

    For example:

      heqing store rejects store -o rejects.csv --excel
    """
    check_output(out, directory)
    frame = rejects(directory).sort("recorded_at", "batch", "file_row", "reason")
    write(frame if batch is None else frame.filter(pl.col("batch") == batch), out, excel=excel)


@store_app.command("batches")
def batches_(directory: Directory, out: Out = None, excel: Excel = False) -> None:
    """Give the imports, each with its file and counts, the first one first.

    For example:

      heqing store batches store
    """
    check_output(out, directory)
    write(batches(directory).sort("recorded_at"), out, excel=excel)
