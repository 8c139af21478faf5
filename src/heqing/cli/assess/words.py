"""Words that the verbs of ``heqing assess`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT...",
        help="CSV, Excel (.xlsx) or Parquet file; several Parquet files, a folder of them or a Delta table.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="OUT", help="File ending in .csv, .parquet or .jsonl; CSV to standard output without it."
    ),
]
Editions = Annotated[
    list[str],
    typer.Option(
        "--edition", metavar="NUMBER", help="Pin an edition, e.g. HJ633-2012; repeatable. Default: in force on the day."
    ),
]
Edition = Annotated[
    str | None,
    typer.Option("--edition", metavar="NUMBER", help="Pin an edition. Default: in force on the day."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="here|spark://HOST:PORT|local[N]",
        help="Where it is done: in this process, or shared out by Apache Spark, which reads Parquet and Delta.",
    ),
]
By = Annotated[
    list[str], typer.Option("--by", metavar="COLUMN", help="Column that makes a group; repeatable, in their order.")
]
