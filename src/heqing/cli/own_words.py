"""The option ``--words`` of ``heqing read``: an installation's own words from a folder of CSV files.

The tables and their columns are those of `heqing.reading.additions`; the site exports such a folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from heqing.errors import BadFileError
from heqing.reading import ADDED_TABLES, Additions

Words = Annotated[
    Path | None,
    typer.Option(
        "--words", metavar="FOLDER", help="Own words beside the lexicon: synonyms.csv, junk.csv, exclusions.csv."
    ),
]


def own_words(folder: Path | None) -> Additions | None:
    """Read the own words of a folder.

    Parameters
    ----------
    folder : pathlib.Path or None
        A folder with at least one of the tables; None when the option is not given.

    Returns
    -------
    Additions or None
        None without a folder.

    Raises
    ------
    BadFileError
        There is no such folder, no table in it, or a table that cannot be read.

    Examples
    --------
    >>> own_words(None) is None
    True
    """
    if folder is None:
        return None
    found = {name: folder / f"{name}.csv" for name in ADDED_TABLES if (folder / f"{name}.csv").is_file()}
    if not found:
        names = ", ".join(f"{name}.csv" for name in ADDED_TABLES)
        raise BadFileError(folder, f"the folder of own words holds none of {names}")
    texts = {}
    for name, path in found.items():
        try:
            texts[name] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadFileError(path, "the table cannot be read; save it as CSV in UTF-8") from error
    return Additions.from_csv(texts)
