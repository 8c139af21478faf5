"""Excel workbooks: the first sheet with a table in it becomes a Parquet copy of text, row by row as it stands.

Numbers and dates become the text that the other doors read; no value is judged here. Look next at
`heqing.store.intake`.
"""

from __future__ import annotations

import atexit
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from heqing.errors import BadFileError

_UNPACKED_LIMIT = 400 << 20  # bytes of a workbook once unpacked; beyond it memory would not do


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read: its name, a Parquet copy, and the row of the workbook in which values begin."""

    name: str
    copy: Path
    first_row: int
    notes: tuple[str, ...]


def read_sheet(path: Path) -> Sheet:
    """Read the first sheet of a workbook that is not empty; its first row that is not blank is the header.

    Parameters
    ----------
    path : Path
        An .xlsx file.

    Returns
    -------
    Sheet
        With a temporary copy that goes at exit, if nobody deletes it before.

    Raises
    ------
    BadFileError
        When the workbook is damaged, too large once unpacked, or holds no table.

    Examples
    --------
    >>> read_sheet(Path("/nowhere.xlsx"))
    Traceback (most recent call last):
        ...
    heqing.errors.BadFileError: /nowhere.xlsx: the Excel workbook cannot be read; it is damaged, locked or no .xlsx. \
Save it again from Excel.
    """
    notes: list[str] = []
    try:
        _refuse_too_large(path)
        book = fastexcel.read_excel(path)
        found = None
        for name in book.sheet_names:
            rows = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            if rows.width and rows.height:
                found = name, rows
                break
    except (fastexcel.FastExcelError, zipfile.BadZipFile, OSError) as error:
        raise BadFileError(
            path,
            "the Excel workbook cannot be read; it is damaged, locked or no .xlsx. Save it again from Excel.",
        ) from error
    if found is None:
        raise BadFileError(path, "the Excel workbook has no table: all its sheets are empty.")
    name, rows = found
    if len(book.sheet_names) > 1:
        others = ", ".join(n for n in book.sheet_names if n != name)
        notes.append(f"sheet {name} was read; the others were not: {others}.")
    return _copy(path, name, rows, notes)


def _refuse_too_large(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _UNPACKED_LIMIT:
        raise BadFileError(
            path,
            f"the Excel workbook has more than {_UNPACKED_LIMIT >> 20} MB once unpacked. "
            "Save the sheet as “CSV UTF-8”.",
        )


def _copy(path: Path, name: str, rows: pl.DataFrame, notes: list[str]) -> Sheet:
    """Cut off what is blank before the header and after the last row, and name the columns."""
    is_filled = rows.select(pl.any_horizontal(pl.all().str.strip_chars().fill_null("") != "")).to_series()
    filled = is_filled.arg_true()
    if filled.len() == 0:
        raise BadFileError(f"{path}, sheet {name}", "the sheet is blank.")
    top, bottom = int(filled[0]), int(filled[-1])
    header = [(cell or "").strip().removeprefix("\ufeff").strip() for cell in rows.row(top)]
    body = rows.slice(top + 1, bottom - top)
    kept = [i for i, said in enumerate(header) if said or body.to_series(i).null_count() < body.height]
    names = [header[i] or f"column_{i + 1}" for i in kept]
    doubles = sorted({n for n in names if names.count(n) > 1})
    if doubles:
        raise BadFileError(
            f"{path}, sheet {name}",
            f"two columns have the same name: {', '.join(doubles)}. Give each column of the header line its own name.",
            row=top + 1,
            column=doubles[0],
        )
    if body.is_empty():
        raise BadFileError(
            f"{path}, sheet {name}",
            f"the file has a header line and no rows below it. Header: {', '.join(names)}.",
            row=top + 1,
        )
    with tempfile.NamedTemporaryFile(prefix="heqing-sheet-", suffix=".parquet", delete=False) as handle:
        copy = Path(handle.name)
    atexit.register(copy.unlink, missing_ok=True)
    body.select(pl.nth(i).alias(n) for i, n in zip(kept, names, strict=True)).write_parquet(copy)
    return Sheet(name, copy, top + 2, tuple(notes))
