"""The door for tables whose columns a rule names itself: soil, waste, energy, sources, waters of all kinds.

Cells become numbers, days, years, yes or no; what cannot be read is empty, with its reason beside it. Hours of air and
samples of sections have a door of their own: see `heqing.store.intake`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from heqing.errors import BadFileError, MissingColumnError, UnknownNameError
from heqing.store.intake import Problem, scan_file
from heqing.store.spelling import check_unit, rows_of
from heqing.store.textfile import is_workbook, refuse_other_kinds
from heqing.store.times import read_times
from heqing.store.values import reader_of
from heqing.store.workbook import read_sheet
from heqing.tables import Item, items, join_reasons, keep_inputs

DATES = ("time", "day", "period_end")
_READ = "__heqing_read_{}"


@dataclass(frozen=True)
class Columns:
    """What a rule reads of a table, by kind.

    ``measured`` are concentrations, which may be written as below a limit (``<0.05``, ``0.05L``); ``below`` says how
    the column is called that tells so. ``amounts`` are other numbers, ``whole`` years and classes, ``truths`` yes or
    no; ``units`` tells the house's unit of columns that a file may have in another.
    """

    table: str
    needed: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    below: Callable[[str], str] = "{}_below".format


@dataclass(frozen=True)
class Opened:
    """A table at the door: its rows, plus ``intake_reason``, and what was noticed."""

    path: Path
    frame: pl.LazyFrame
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def open_columns(
    path: Path | str, columns: Columns, *, rename: dict[str, str] | None = None, units: dict[str, str] | None = None
) -> Opened:
    r"""Open a table of which a rule reads the columns named.

    Parameters
    ----------
    path : path
        CSV, Excel (.xlsx) or Parquet, as `heqing.store.intake.open_frame` takes it.
    columns : Columns
        What is read; other columns are passed through as they stand.
    rename : dict of str to str, optional
        Old to new column names.
    units : dict of str to str, optional
        Column to the unit its values have in the file, for columns whose unit `columns` tells.

    Returns
    -------
    Opened
        All rows in order.

    Raises
    ------
    BadFileError
        When the file as a whole cannot be read.
    MissingColumnError
        When a column that is needed is missing.
    UnknownNameError
        For a column in `rename` or `units` that does not exist.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "soil.csv"
    >>> _ = file.write_text("day,item,result\n2024-05-01,砷,<0.01\n2024-05-01,镉,n.a.?\n")
    >>> asked = Columns("soil results", needed=("day", "value"), measured=("value",), below=lambda _: "below")
    >>> open_columns(file, asked, rename={"result": "value"}).frame.collect().rows()[1]
    (datetime.date(2024, 5, 1), '镉', None, False, 'not_a_number(value)')
    """
    path = Path(path)
    notes: list[str] = []
    raw, first_row, temporary = _scanned(path, notes)
    try:
        table = raw.collect()
    finally:
        for copy in temporary:
            copy.unlink(missing_ok=True)
    table = _renamed(path, table, rename or {})
    _need(path, table.columns, columns)
    powers = _powers(path, table.columns, columns, rename or {}, units or {}, notes)
    readers = _readers(columns, table.columns, powers)
    extra = [columns.below(c) for c in columns.measured if c in table.columns]
    table = keep_inputs(table.lazy(), ["intake_reason", *[c for c in extra if c not in columns.truths]]).collect()
    read = table.with_columns(reader(table[name]).alias(_READ.format(name)) for name, reader in readers.items())
    faults = [pl.col(_READ.format(n)).struct.field("fault") for n in readers]
    shown = {n: pl.col(_READ.format(n)).struct.field("read").alias(n) for n in readers}
    below = {}
    for name in (c for c in columns.measured if c in readers):
        said = pl.col(_READ.format(name)).struct.field("below")
        flag = columns.below(name)
        below[flag] = said | shown[flag].fill_null(False) if flag in shown else said
    reason = join_reasons(*faults) if faults else pl.lit(None, pl.String)
    frame = read.select(
        *[below[c].alias(c) if c in below else shown.get(c, pl.col(c)) for c in table.columns],
        *[expr.alias(c) for c, expr in below.items() if c not in table.columns],
        reason.alias("intake_reason"),
    )
    return Opened(path, frame.lazy(), tuple(notes), _problems(table, frame, first_row))


def _scanned(path: Path, notes: list[str]) -> tuple[pl.LazyFrame, int, list[Path]]:
    """Scan the file; give the row of the file in which values begin, and copies to delete."""
    refuse_other_kinds(path)
    if is_workbook(path):
        sheet = read_sheet(path)
        notes += sheet.notes
        return pl.scan_parquet(sheet.copy), sheet.first_row, [sheet.copy]
    frame, text = scan_file(path, notes)
    copies = [text.path] if text is not None and text.is_copy else []
    return frame, 1 if text is None else 2, copies


def _renamed(path: Path, table: pl.DataFrame, rename: dict[str, str]) -> pl.DataFrame:
    for old in rename:
        if old not in table.columns:
            raise UnknownNameError(f"column to rename in {path.name}", old, table.columns)
    names = [rename.get(n, n) for n in table.columns]
    doubles = sorted({n for n in names if names.count(n) > 1})
    if doubles:
        raise BadFileError(path, f"after --rename two columns would be called {doubles[0]}.", column=doubles[0])
    return table.rename(rename)


def _need(path: Path, given: list[str], columns: Columns) -> None:
    missing = [c for c in columns.needed if c not in given]
    if columns.one_of and not set(columns.one_of) & set(given):
        missing += list(columns.one_of[:6])
    if missing:
        hint = f"{columns.table} need it; name it with `--rename old={missing[0]}`."
        if columns.one_of and not set(columns.one_of) & set(given):
            some = ", ".join(columns.one_of[:12]) + (" …" if len(columns.one_of) > 12 else "")
            hint = f"One of these at least is needed: {some}. Name it with `--rename old=new`."
        raise MissingColumnError(path.name, missing, present=given, hint=hint)


def _powers(
    path: Path, given: list[str], columns: Columns, rename: dict[str, str], units: dict[str, str], notes: list[str]
) -> dict[str, int]:
    powers = {}
    for said, unit in units.items():
        name = rename.get(said, said)
        if name not in columns.units or name not in given:
            raise UnknownNameError(
                f"column in {path.name} to give a unit", said, [c for c in columns.units if c in given]
            )
        powers[name] = check_unit(str(path), name, unit, columns.units[name])
        if powers[name]:
            notes.append(f"{name} converted from {unit} to {columns.units[name]}.")
    return powers


Reader = Callable[[pl.Series], pl.Series]


def _readers(columns: Columns, given: Sequence[str], powers: dict[str, int]) -> dict[str, Reader]:
    """Choose for each column that is read how its cells are."""
    known = {i.code: i for i in items("water")}
    readers: dict[str, Reader] = {}
    for name in given:
        if name in columns.measured:
            # An item that the catalogue knows has its bounds; of others a rule says itself what cannot be.
            item = known.get(name) or _plain("water", name)
            readers[name] = _numbers(reader_of(item, power=powers.get(name, 0)))
        elif name in columns.amounts or name in columns.whole:
            item = _plain("air", name)
            readers[name] = _numbers(
                reader_of(item, power=powers.get(name, 0)), whole=name if name in columns.whole else None
            )
        elif name in columns.truths:
            readers[name] = _truths(name)
        elif name in DATES:
            readers[name] = _dates(name)
    return readers


def _plain(domain: str, name: str) -> Item:
    """Make an item of which any number may be: of degrees even one below zero is none the doors take out."""
    return Item(
        domain=domain,
        code=name,
        name_zh=name,
        name_en=name,
        unit="℃",
        wire_code=None,
        plausible_max=None,
        suspect_median=None,
        suspect_low=None,
        suspect_from=0,
    )


def _numbers(reader: Reader, *, whole: str | None = None) -> Reader:
    def read(cells: pl.Series) -> pl.Series:
        cells = cells.cast(pl.String) if not cells.dtype.is_numeric() else cells
        answer = reader(cells).struct
        fault = answer.field("fault")
        number = answer.field("number")
        if whole is not None:
            broken = number.is_not_null() & (number != number.floor())
            fault = pl.select(pl.when(broken).then(pl.lit(f"not_a_number({whole})")).otherwise(fault)).to_series()
        number = pl.select(pl.when(fault.is_null()).then(number)).to_series()
        shown = number.cast(pl.Int64) if whole is not None else number
        return pl.select(pl.struct(read=shown, below=answer.field("below"), fault=fault)).to_series()

    return read


def _dates(name: str) -> Reader:
    def read(cells: pl.Series) -> pl.Series:
        if cells.dtype == pl.Date:
            moment = cells.cast(pl.Datetime("us"))
        elif isinstance(cells.dtype, pl.Datetime):
            moment = cells.dt.replace_time_zone(None).dt.cast_time_unit("us")
        else:
            moment = read_times(cells.cast(pl.String)).struct.field("moment")
        fault = pl.when(moment.is_null()).then(pl.lit("bad_time"))
        shown = moment if name == "time" else moment.dt.date()
        return pl.select(pl.struct(read=shown, below=pl.lit(False), fault=fault)).to_series()

    return read


def _truths(name: str) -> Reader:
    words = {row["word"]: row["means"] == "yes" for row in rows_of("truth_words")}

    def read(cells: pl.Series) -> pl.Series:
        text = cells.cast(pl.String).str.strip_chars().str.to_lowercase()
        shown = text.replace_strict(words, default=None, return_dtype=pl.Boolean)
        is_blank = text.is_null() | (text == "")
        fault = pl.when(shown.is_null() & ~is_blank).then(pl.lit(f"not_yes_or_no({name})"))
        return pl.select(pl.struct(read=shown, below=pl.lit(False), fault=fault)).to_series()

    return read


def _problems(table: pl.DataFrame, frame: pl.DataFrame, first_row: int) -> tuple[Problem, ...]:
    """Count the rows per reason, with the first of each as it stood."""
    counted = (
        frame.select(reason=pl.col("intake_reason").str.split(";"), row=pl.int_range(pl.len()))
        .explode("reason")
        .drop_nulls("reason")
        .group_by("reason")
        .agg(pl.len(), pl.col("row").min())
        .sort("len", "row", "reason", descending=[True, False, False])
    )
    found = []
    for reason, rows, row in counted.iter_rows():
        code, _, column = reason.rstrip(")").partition("(")
        shown = column or next((d for d in DATES if d in table.columns), None)
        sample = table[shown][row] if shown in table.columns else None
        found.append(Problem(column or shown, code, rows, row + first_row, None if sample is None else str(sample)))
    return tuple(found)
