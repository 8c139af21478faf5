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
Input = Annotated[Path, typer.Argument(metavar="INPUT", help="CSV, Excel (.xlsx) or Parquet file.", show_default=False)]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="OUT", help="File ending in .csv, .parquet or .jsonl; CSV to standard output without it."
    ),
]
Rename = Annotated[list[str], typer.Option("--rename", metavar="OLD=NEW", help="Rename a column first; repeatable.")]
Unit = Annotated[
    list[str],
    typer.Option("--unit", metavar="ITEM=UNIT", help="Unit of an item in the file, e.g. co=µg/m³; repeatable."),
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
Excel = Annotated[bool, typer.Option("--excel", help="Begin a CSV with the mark by which Excel knows UTF-8.")]
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
