"""Options that several verbs share, and how their words are read.

Every mistake here is one of usage and ends with exit code 2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Input = Annotated[Path, typer.Argument(metavar="INPUT", help="CSV, Excel (.xlsx) or Parquet file.", show_default=False)]
Rename = Annotated[list[str], typer.Option("--rename", metavar="OLD=NEW", help="Rename a column first; repeatable.")]
Unit = Annotated[
    list[str],
    typer.Option("--unit", metavar="ITEM=UNIT", help="Unit of an item in the file, e.g. co=µg/m³; repeatable."),
]
Excel = Annotated[bool, typer.Option("--excel", help="Begin a CSV with the mark by which Excel knows UTF-8.")]
SamePlace = Annotated[
    list[str], typer.Option("--same-place", metavar="OLD=NEW", help="Read a place under its new name; repeatable.")
]


def parse_pairs(values: list[str], option: str) -> dict[str, str]:
    """Read repeated ``old=new`` options.

    Parameters
    ----------
    values : list of str
        The words as given.
    option : str
        The option's name, for the message.

    Returns
    -------
    dict of str to str
        Left to right side.

    Raises
    ------
    typer.BadParameter
        When one has no ``=``, an empty side, or a left side twice.

    Examples
    --------
    >>> parse_pairs(["pm25=pm2_5"], "--rename")
    {'pm25': 'pm2_5'}
    """
    found: dict[str, str] = {}
    for value in values:
        left, sign, right = (part.strip() for part in value.partition("="))
        if not (left and sign and right):
            raise typer.BadParameter(f"“{value}” is not of the form old=new", param_hint=option)
        if left in found:
            raise typer.BadParameter(f"“{left}” is given twice", param_hint=option)
        found[left] = right
    return found
