"""The doors for files: a CSV, Excel or Parquet file becomes a lazy frame with numbers, times and a reason per row.

No row is dropped and no value is guessed: what cannot be read is empty, with its reason beside it. It judges
nothing and keeps nothing: see `heqing.store.observations`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from heqing.errors import BadFileError, MissingColumnError, UnknownNameError
from heqing.store import values
from heqing.store.spelling import check_unit, look_alike, rows_of
from heqing.store.textfile import TextTable, is_workbook, look_through, refuse_other_kinds
from heqing.store.times import READ, read_times
from heqing.store.values import reader_of
from heqing.store.workbook import Sheet, read_sheet
from heqing.tables import Item, items, join_reasons, keep_inputs, place_marks, setting

Domain = Literal["air", "water"]

_PLACES = {"air": ("station", "city"), "water": ("section",)}
_OPTIONAL = {"air": (), "water": ("body_type",)}  # columns that a rule reads where they are there
_REASON = re.compile(r"(?P<code>[a-z0-9_]+)(?:\((?P<column>[^)]*)\))?")
_HIDDEN = "__heqing_"  # working columns; no file has such names
_SHOWN = 12  # names in a sentence
_ZONED = r":.*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"  # a clock time that ends in its zone


@dataclass(frozen=True)
class Problem:
    """Rows of a file that share a reason, counted for a summary."""

    column: str | None
    code: str
    rows: int
    first_row: int | None
    sample: str | None


@dataclass(frozen=True)
class Intake:
    """A file at the door: its frame, and what was noticed while opening it.

    ``frame`` has all columns of the file in their order, ``file_row`` [row of the file, the header being 1] and
    ``intake_reason``. As a context manager it deletes the UTF-8 copy that some files need; else that goes at exit.
    """

    path: Path
    frame: pl.LazyFrame
    notes: tuple[str, ...]
    domain: Domain = "air"
    time_column: str = "time"
    item_codes: tuple[str, ...] = ()
    options: str = ""  # how it was opened, as JSON: the same file opened otherwise is another batch
    renamed: dict[str, str] = field(default_factory=dict)  # column to its name in the file
    added: tuple[str, ...] = ()  # columns that the file has not
    staged: pl.LazyFrame = field(default_factory=pl.LazyFrame, repr=False)  # the frame plus its cells as they stood
    unit_counts: pl.LazyFrame = field(default_factory=pl.LazyFrame, repr=False)  # see `look_at_units`
    temporary: Path | None = field(default=None, repr=False)

    def __enter__(self) -> Intake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary copy, if one was made; the frame cannot be read afterwards."""
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)

    def flagged(self) -> pl.LazyFrame:
        """Give the rows that have a reason, plus ``raw_row``: the row as it stands in the file, as JSON."""
        return self.with_raw(self.staged.filter(pl.col("intake_reason").is_not_null()))

    def with_raw(self, staged: pl.LazyFrame) -> pl.LazyFrame:
        """Add ``raw_row`` to rows of `staged`; filter them first, for it is dear."""
        names = self.frame.collect_schema().names()
        kept = staged.collect_schema().names()
        columns = [
            pl.col(f"{_HIDDEN}raw_{c}" if f"{_HIDDEN}raw_{c}" in kept else c).alias(self.renamed.get(c, c))
            for c in names
            if c not in self.added
        ]
        return staged.select(*names, raw_row=pl.struct(columns).struct.json_encode())

    def problems(self) -> list[Problem]:
        """Count the rows per reason and column, in one pass over the file.

        Returns
        -------
        list of Problem
            The most frequent first; with the first row and its text.
        """
        counted = (
            self.flagged()
            .select("file_row", "raw_row", reason=pl.col("intake_reason").str.split(";"))
            .explode("reason")
            .group_by("reason")
            .agg(pl.len().alias("rows"), pl.struct("file_row", "raw_row").min_by("file_row").alias("first"))
            .sort([pl.col("rows"), pl.col("first").struct.field("file_row"), "reason"], descending=[True, False, False])
            .collect(engine="streaming")
        )
        found = []
        for reason, rows, first in counted.iter_rows():
            parts = _REASON.fullmatch(reason)
            code, column = (parts["code"], parts["column"]) if parts else (reason, None)
            shown = column or (self.time_column if code == "bad_time" else None)
            sample = json.loads(first["raw_row"]).get(self.renamed.get(shown, shown)) if shown else None
            found.append(
                Problem(column or shown, code, rows, first["file_row"], None if sample is None else str(sample))
            )
        return found


def open_frame(
    path: Path | str,
    *,
    domain: Domain,
    rename: dict[str, str] | None = None,
    units: dict[str, str] | None = None,
    same_place: dict[str, str] | None = None,
    rows: pl.LazyFrame | None = None,
    doubts_units: bool = True,
) -> Intake:
    r"""Open a file of measurements as a lazy frame.

    Parameters
    ----------
    path : path
        CSV (comma, tab or semicolon; UTF-8, UTF-16 or GB18030), Excel (.xlsx, its first sheet that is not empty) or
        Parquet. Air: ``time`` [the hour's end, local]
        or ``day``, ``station`` and/or ``city``, items [µg/m³, CO mg/m³]. Water: ``time`` or ``day``, ``section``,
        items [mg/L].
    domain : str
        ``air`` or ``water``.
    rename : dict of str to str, optional
        Old to new column names.
    units : dict of str to str, optional
        Item to the unit its values have in the file, where that is not the house's.
    same_place : dict of str to str, optional
        Old to new names of places that are one and the same; nothing merges unless it is said here.
    rows : polars.LazyFrame, optional
        The rows themselves, where they do not lie in one file (`heqing.spread`); `path` then only names them.
    doubts_units : bool
        Whether to refuse values that only another unit explains; a part of the rows is too few to say.

    Returns
    -------
    Intake
        Its ``frame`` is lazy and streams; items are Float64, ``time`` a local Datetime or ``day`` a Date.

    Raises
    ------
    BadFileError
        When the file as a whole cannot be read; names the row and byte.
    MissingColumnError
        When a column is missing; names look-alikes.
    UnknownNameError
        For a column, unit or place in `rename`, `units` or `same_place` that does not exist.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "hours.csv"
    >>> _ = file.write_text("time,city,pm25,co\n2020-3-26 24:00,无锡,35,--\n2020-3-26 25:00,无锡,n.a.?,0.4\n")
    >>> with open_frame(file, domain="air", rename={"pm25": "pm2_5"}) as intake:
    ...     intake.frame.select("pm2_5", "co", "file_row", "intake_reason").collect().rows()
    [(35.0, None, 2, None), (None, 0.4, 3, 'bad_time;not_a_number(pm2_5)')]
    """
    path = Path(path)
    notes: list[str] = []
    if rows is not None:
        return _open(
            path,
            rows,
            None,
            None,
            notes,
            domain,
            rename or {},
            units or {},
            same_place or {},
            doubts_units=doubts_units,
        )
    refuse_other_kinds(path)
    if not is_workbook(path):
        source, table = scan_file(path, notes)
        return _open(path, source, table, None, notes, domain, rename or {}, units or {}, same_place or {})
    sheet = read_sheet(path)
    try:
        notes, source = list(sheet.notes), pl.scan_parquet(sheet.copy)
        return _open(path, source, None, sheet, notes, domain, rename or {}, units or {}, same_place or {})
    except BadFileError as error:
        sheet.copy.unlink(missing_ok=True)
        named = f"{path}, sheet {sheet.name}"
        raise BadFileError(named, error.problem, row=error.row, column=error.column) from error
    except BaseException:
        sheet.copy.unlink(missing_ok=True)
        raise


def _open(
    path: Path,
    source: pl.LazyFrame,
    table: TextTable | None,
    sheet: Sheet | None,
    notes: list[str],
    domain: Domain,
    rename: dict[str, str],
    units: dict[str, str],
    same_place: dict[str, str],
    *,
    doubts_units: bool = True,
) -> Intake:
    """Open what was read of a file, text or not."""
    names = _rename(path, list(source.collect_schema().names()), rename, notes)
    _need(path, domain, names)
    raw = source.rename(dict(zip(source.collect_schema().names(), names, strict=True)), strict=False)
    raw, time_column = _settle_time(path, domain, raw, names, notes)
    found = [i for i in items(domain) if i.code in names]
    powers = _powers(path, domain, found, names, rename, units, notes)
    _suggest(domain, names, notes)
    _name_unread(domain, names, time_column, notes)
    extra_results = ["file_row", "intake_reason"]
    extra_results += [f"{i.code}_below" for i in found] if domain == "water" else []
    raw = keep_inputs(raw, extra_results)
    raw = raw.with_row_index(f"{_HIDDEN}row", offset=sheet.first_row if sheet else 1 if table is None else 2)
    columns = raw.collect_schema().names()[1:]
    try:
        if same_place:
            raw = _same_places(path, domain, raw, same_place, notes)
        read = _read(path, raw, domain=domain, time_column=time_column, found=found, powers=powers)
        counts = _unit_counts(domain, read, [i for i in found if i.code not in powers])
        if doubts_units:
            look_at_units(path, domain, _collect(path, counts), notes)
        _count_odd_times(read, table, time_column, notes)
    except BaseException:
        if table is not None and table.is_copy:
            table.path.unlink(missing_ok=True)
        raise
    staged = _finish(read, columns, domain=domain, time_column=time_column, found=found)
    finished = staged.select(pl.exclude(f"^{_HIDDEN}.*$"))
    return Intake(
        path=path,
        frame=finished,
        notes=tuple(notes),
        domain=domain,
        time_column=time_column,
        item_codes=tuple(i.code for i in found),
        options=json.dumps(
            {"domain": domain, "rename": rename, "units": units} | ({"same_place": same_place} if same_place else {}),
            sort_keys=True,
        ),
        renamed={new: old for old, new in rename.items()}
        | ({"day": "date"} if "date" in names and time_column == "day" and "day" not in names else {}),
        added=tuple(c for c in finished.collect_schema().names() if c not in columns),
        staged=staged,
        unit_counts=counts,
        temporary=sheet.copy if sheet else table.path if table is not None and table.is_copy else None,
    )


def scan_file(path: Path, notes: list[str]) -> tuple[pl.LazyFrame, TextTable | None]:
    r"""Scan a text or Parquet file; cells of a text stay text.

    Parameters
    ----------
    path : Path
        The file.
    notes : list of str
        Takes what is worth saying about it.

    Returns
    -------
    tuple of (polars.LazyFrame, TextTable or None)
        Its rows, and the shape of a text.

    Raises
    ------
    BadFileError
        When it cannot be read as a whole.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "amounts.csv"
    >>> _ = file.write_text("year,amount\n2023,5\n")
    >>> scan_file(file, [])[0].collect().row(0)
    ('2023', '5')
    """
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return _scan_parquet(path), None
    if path.suffix.lower() in (".parquet", ".pq"):
        raise BadFileError(
            path, "this is no Parquet file: it does not begin with PAR1. If it is a CSV file, let its name end in .csv."
        )
    table = look_through(path)
    if table.is_copy:
        doubt = (
            " Its bytes are UTF-8 too, in letters that no such file has; if it is UTF-8 all the same, "
            "save it as “CSV UTF-8” with its mark."
        )
        notes.append(
            f"{path.name} is {table.encoding}; a UTF-8 copy of it was read." + (doubt if table.is_utf8_too else "")
        )
    if table.blank_tail:
        notes.append(f"{table.blank_tail} blank lines at the end of the file were passed over.")
    names = [n.strip().removeprefix("\ufeff").strip() or f"column_{i}" for i, n in enumerate(table.header, start=1)]
    doubles = sorted({n for n in names if names.count(n) > 1})
    if doubles:
        raise BadFileError(
            path,
            f"two columns have the same name: {', '.join(doubles)}. Give each column of the header line its own name.",
            row=1,
            column=doubles[0],
        )
    frame = pl.scan_csv(
        table.path,
        has_header=False,
        skip_rows=1,
        schema=dict.fromkeys(names, pl.String),
        separator=table.delimiter,
        quote_char='"' if table.has_quotes else None,
        n_rows=table.rows if table.blank_tail else None,
        glob=False,
    )
    return frame, table


def _scan_parquet(path: Path) -> pl.LazyFrame:
    try:
        frame = pl.scan_parquet(path, glob=False)
        frame.collect_schema()
        rows = frame.select(pl.len()).collect().item()
    except (PolarsError, OSError) as error:
        raise BadFileError(
            path,
            f"the Parquet file cannot be read; it is cut off or damaged ({_first_line(error)}). "
            "Copy it again from where it came.",
        ) from error
    if rows == 0:
        raise BadFileError(path, "the Parquet file has columns and no rows.")
    return frame


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _rename(path: Path, present: list[str], rename: dict[str, str], notes: list[str]) -> list[str]:
    for old in rename:
        if old not in present:
            raise UnknownNameError(f"column to rename in {path.name}", old, present)
    names = [rename.get(n, n) for n in present]
    doubles = sorted({n for n in names if names.count(n) > 1})
    if doubles:
        by = [f"{old}={new}" for old, new in rename.items() if new in doubles]
        raise BadFileError(
            path,
            f"after --rename {' '.join(by)} two columns would be called {doubles[0]}. "
            f"Rename the other one out of the way first, for instance --rename {doubles[0]}={doubles[0]}_other.",
            column=doubles[0],
        )
    return names


def _need(path: Path, domain: str, names: list[str]) -> None:
    """Stop when the time, the place or every item is missing, with look-alikes in the hint."""
    guesses = {n: guess for n in names if (guess := look_alike(n, domain)) is not None and guess[0] != n}
    missing: list[str] = []
    if not {"time", "day", "date"} & set(names):
        missing.append("time")
    if not set(_PLACES[domain]) & set(names):
        missing.append(_PLACES[domain][0])
    codes = [i.code for i in items(domain)]
    if not set(codes) & set(names):
        seen = [g[0] for g in guesses.values() if g[0] in codes]
        missing += list(dict.fromkeys(seen)) or [codes[0]]
    if not missing:
        return
    hints: list[str] = []
    wanted = {*missing, *codes, *_PLACES[domain], *_OPTIONAL[domain], *(["day"] if "time" in missing else [])}
    for name, (column, unit) in guesses.items():
        if column in wanted and column not in names:
            wanted.remove(column)
            quoted = (
                f"'{name}={column}'"
                if not name.isalnum() and not name.replace("_", "").isalnum()
                else f"{name}={column}"
            )
            hints.append(f"--rename {quoted}" + (f" --unit {column}={unit}" if unit else ""))
    hint = f"Perhaps: {' '.join(hints)}" if hints else "Name it with `--rename old=new`."
    if not set(codes) & set(names) and not hints:
        hint = f"At least one item is needed: {', '.join(codes)}. " + hint
    raise MissingColumnError(path.name, missing, present=names, hint=hint)


def _suggest(domain: str, names: list[str], notes: list[str]) -> None:
    """Say which columns look like ones that are judged by and are not read as such."""
    wanted = {i.code for i in items(domain)} | set(_OPTIONAL[domain])
    for name in names:
        guess = look_alike(name, domain)
        if guess is not None and guess[0] in wanted and guess[0] not in names:
            unit = f" --unit {guess[0]}={guess[1]}" if guess[1] else ""
            notes.append(
                f"column {name} looks like {guess[0]} and is not read; --rename {name}={guess[0]}{unit} reads it."
            )


def _settle_time(
    path: Path, domain: str, raw: pl.LazyFrame, names: list[str], notes: list[str]
) -> tuple[pl.LazyFrame, str]:
    """Choose the time column: ``time``, else ``day``, else ``date`` which becomes ``day``."""
    if "time" in names:
        if domain == "air" and raw.collect_schema()["time"] == pl.Date:
            raise BadFileError(
                path,
                "the column holds days and no hours. If these are daily values, say --rename time=day.",
                column="time",
            )
        return raw, "time"
    if "day" not in names:
        notes.append("column date is read as day: these are daily values.")
        return raw.rename({"date": "day"}), "day"
    return raw, "day"


def _powers(
    path: Path,
    domain: str,
    found: list[Item],
    names: list[str],
    rename: dict[str, str],
    units: dict[str, str],
    notes: list[str],
) -> dict[str, int]:
    """Give the power of ten for each item whose unit the caller named."""
    known = {i.code: i for i in found}
    powers: dict[str, int] = {}
    for said, unit in units.items():
        code = rename.get(said, said)
        if code not in known:
            raise UnknownNameError(f"item column in {path.name} to give a unit", said, list(known))
        powers[code] = check_unit(str(path), code, unit, known[code].unit)
        if powers[code]:
            notes.append(f"{code} converted from {unit} to {known[code].unit}.")
    return powers


def _read(
    path: Path,
    raw: pl.LazyFrame,
    *,
    domain: str,
    time_column: str,
    found: list[Item],
    powers: dict[str, int],
) -> pl.LazyFrame:
    """Add working columns: the time read, and for each item its number, its limit and its fault."""
    schema = raw.collect_schema()
    read = raw.with_columns(_time(path, time_column, schema[time_column]).alias(f"{_HIDDEN}time"))
    return read.with_columns(
        _values(path, i, schema[i.code], powers.get(i.code, 0)).alias(f"{_HIDDEN}{i.code}") for i in found
    )


def _time(path: Path, column: str, kind: pl.DataType) -> pl.Expr:
    """Give the struct of `read_times` for a column of any type that can hold a time."""
    cell = pl.col(column)
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is not None:
            cell = cell.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        return pl.struct(
            moment=cell.dt.cast_time_unit("us"),
            form=pl.when(cell.is_not_null()).then(pl.lit("moment")),
            hour_24=pl.lit(False),
        )
    if kind == pl.Date:
        return pl.struct(
            moment=cell.cast(pl.Datetime("us")),
            form=pl.when(cell.is_not_null()).then(pl.lit("day")),
            hour_24=pl.lit(False),
        )
    if kind.is_integer() or isinstance(kind, (pl.String, pl.Categorical, pl.Enum)) or kind == pl.Null:
        return cell.cast(pl.String).map_batches(read_times, return_dtype=READ, is_elementwise=True)
    raise BadFileError(
        path, f"the column has type {kind}; times are text, dates or timestamps. Write it as text first.", column=column
    )


def _values(path: Path, item: Item, kind: pl.DataType, power: int) -> pl.Expr:
    """Give the struct of `heqing.store.values` for a column of any type that can hold values."""
    if kind.is_numeric() or isinstance(kind, (pl.String, pl.Categorical, pl.Enum)) or kind == pl.Null:
        return pl.col(item.code).map_batches(
            reader_of(item, power=power), return_dtype=values.READ, is_elementwise=True
        )
    raise BadFileError(
        path, f"the column has type {kind}; values are numbers or text. Write it as numbers first.", column=item.code
    )


def _unit_counts(domain: str, read: pl.LazyFrame, found: list[Item]) -> pl.LazyFrame:
    """Count by place, for each item whose unit nobody named, the values that lie where only another unit puts them."""
    asked = [i for i in found if (i.suspect_median, i.suspect_low) != (None, None)]
    keys = [c for c in ("city", *_PLACES[domain][:1]) if c in read.collect_schema().names()]
    if not asked:
        return read.select(pl.col(k).cast(pl.String) for k in keys).clear()
    return read.group_by(pl.col(k).cast(pl.String) for k in keys).agg(
        column for item in asked for column in _beyond(item)
    )


def look_at_units(path: Path, domain: Domain, counts: pl.DataFrame, notes: list[str]) -> None:
    """Stop when most of an item's values lie where only another unit puts them; name single places where they do.

    Parameters
    ----------
    path : Path
        What the message calls the rows.
    domain : str
        ``air`` or ``water``.
    counts : polars.DataFrame
        ``unit_counts`` of an intake; those of several parts of the rows together give the same.
    notes : list of str
        Takes what is said of single places.

    Raises
    ------
    BadFileError
        With the unit that the values probably have.

    Examples
    --------
    >>> counts = {"co_high": [1], "co_low": [0], "co_values": [2], "co_above_zero": [2]}
    >>> counts = pl.DataFrame({"station": ["甲"], **counts})
    >>> look_at_units(Path("hours.csv"), "air", counts, [])
    """
    keys = [c for c in ("city", *_PLACES[domain][:1]) if c in counts.columns]
    counts = counts.group_by(keys).sum()
    asked = [i for i in items(domain) if f"{i.code}_high" in counts.columns]
    share = setting("unit_suspect")
    for item in asked:
        for side, against in (("high", "values"), ("low", "above_zero")):
            beyond, of = (int(counts[f"{item.code}_{what}"].sum()) for what in (side, against))
            if of >= item.suspect_from and beyond * 100 > of * share:
                raise BadFileError(path, _suspicion(item, side, beyond, of), column=item.code)
            some = counts.filter(
                pl.col(f"{item.code}_{side}") * 100 > pl.col(f"{item.code}_{against}") * share,
                pl.col(f"{item.code}_{against}") >= setting("unit_suspect_place"),
            ).sort(keys)
            if some.height:
                name = " ".join(str(part) for part in some.row(0)[: len(keys)] if part is not None)
                bound, other = _bound_and_unit(item, side)
                notes.append(
                    f"{item.code}: at {some.height} of {counts.height} places most values are "
                    f"{'above' if side == 'high' else 'below'} {bound:g} {item.unit}, so they may be in {other}: "
                    f"{some[f'{item.code}_{side}'].sum()} values, the first place is {name}. Nothing is converted."
                )


def _beyond(item: Item) -> list[pl.Expr]:
    number = pl.col(f"{_HIDDEN}{item.code}").struct.field("number")
    never = pl.lit(None, pl.Float64)
    return [
        (number > (never if item.suspect_median is None else item.suspect_median)).sum().alias(f"{item.code}_high"),
        ((number > 0) & (number < (never if item.suspect_low is None else item.suspect_low)))
        .sum()
        .alias(f"{item.code}_low"),
        number.count().alias(f"{item.code}_values"),
        (number > 0).sum().alias(f"{item.code}_above_zero"),
    ]


def _bound_and_unit(item: Item, side: str) -> tuple[float | None, str]:
    """Give the bound that values are beyond, and the unit that would put them there."""
    bound = item.suspect_median if side == "high" else item.suspect_low
    other = next(
        r["from_unit"]
        for r in rows_of("unit_factors")
        if r["to_unit"] == item.unit and (int(r["power_of_ten"]) < 0) == (side == "high")
    )
    return bound, other


def _suspicion(item: Item, side: str, beyond: int, of: int) -> str:
    bound, other = _bound_and_unit(item, side)
    return (
        f"more than half of its values ({beyond} of {of}) are {'above' if side == 'high' else 'below'} {bound:g} "
        f"{item.unit}, so they are probably in {other}, and every result from them would be wrong by a factor. "
        f"Say --unit {item.code}={other}; if they really are in {item.unit}, say --unit {item.code}={item.unit}."
    )


def _same_places(
    path: Path, domain: str, raw: pl.LazyFrame, same_place: dict[str, str], notes: list[str]
) -> pl.LazyFrame:
    """Read places under the name that the caller says they have now, and count the rows."""
    column = next(c for c in _PLACES[domain] if c in raw.collect_schema().names())
    named = pl.col(column).cast(pl.String).str.strip_chars()
    counts = _collect(path, raw.select(named).filter(named.is_in(list(same_place))).group_by(column).len())
    rows = dict(counts.iter_rows())
    for old, new in same_place.items():
        if old not in rows:
            raise UnknownNameError(f"{column} in {path.name} to read under another name", old, [])
        notes.append(f"{rows[old]} rows of {column} {old} are read as {new}, as asked.")
    return raw.with_columns(named.replace(same_place).alias(column), pl.col(column).alias(f"{_HIDDEN}raw_{column}"))


def _name_unread(domain: str, names: list[str], time_column: str, notes: list[str]) -> None:
    """Name the columns that hold no item and nothing else that is read."""
    known = {time_column, "time", "day", "date", "city", *_PLACES[domain], *_OPTIONAL[domain]}
    known |= {i.code for i in items(domain)} | {c for columns in place_marks().values() for c in columns}
    told = [n for n in names if any(note.startswith(f"column {n} looks like") for note in notes)]
    unread = [n for n in names if n not in known and n.lower() not in known and n not in told]
    if unread:
        shown = ", ".join(unread[:_SHOWN]) + (" …" if len(unread) > _SHOWN else "")
        notes.append(f"{len(unread)} columns are no items known here; they are kept and not judged: {shown}.")


def _count_odd_times(read: pl.LazyFrame, table: TextTable | None, time_column: str, notes: list[str]) -> None:
    """Count hours 24 where the text may hold any, and times with a zone where the first has one."""
    kind = read.collect_schema()[time_column]
    if isinstance(kind, pl.Datetime) or kind == pl.Date:
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
            notes.append(f"times in zone {kind.time_zone} were turned into Beijing time.")
        return
    text = pl.col(time_column).cast(pl.String).str.strip_chars()
    first = read.select(text).drop_nulls().head(1).collect(engine="streaming").to_series().to_list()
    if first and re.search(_ZONED, first[0]):
        zoned = read.select(text.str.contains(_ZONED).sum()).collect(engine="streaming").item()
        notes.append(f"{zoned} times name their zone; they were turned into Beijing time.")
    if table is not None and not table.has_24 and not (first and first[0].isdigit()):
        return
    hours = read.select(pl.col(f"{_HIDDEN}time").struct.field("hour_24").sum()).collect(engine="streaming").item()
    if hours:
        notes.append(f"{hours} rows say hour 24; read as 00:00 of the next day.")


def _collect(path: Path, frame: pl.LazyFrame) -> pl.DataFrame:
    try:
        return frame.collect(engine="streaming")
    except PolarsError as error:
        raise BadFileError(
            path, f"the file cannot be read through ({_first_line(error)}). Copy or export it again."
        ) from error


def _finish(
    read: pl.LazyFrame, columns: list[str], *, domain: str, time_column: str, found: list[Item]
) -> pl.LazyFrame:
    """Put numbers and times in place of the text, and the row's reasons beside them."""
    moment = pl.col(f"{_HIDDEN}time").struct.field("moment")
    form = pl.col(f"{_HIDDEN}time").struct.field("form")
    if time_column == "day":
        moment = pl.when((form == "day") | (moment.dt.time() == pl.time(0, 0, 0))).then(moment.dt.date())
    elif domain == "air":
        # a day without an hour is no hour's end; a sample of water may well have a day only
        moment = pl.when(form == "moment").then(moment)
    faults = [pl.col(f"{_HIDDEN}{i.code}").struct.field("fault") for i in found]
    is_blank_row = pl.all_horizontal(pl.col(c).is_null() for c in columns)
    reason = (
        pl.when(is_blank_row)
        .then(pl.lit("blank_row"))
        .otherwise(join_reasons(pl.when(moment.is_null()).then(pl.lit("bad_time")), *faults))
    )
    cells: dict[str, pl.Expr] = {time_column: moment.alias(time_column)}
    flags: list[pl.Expr] = []
    for item in found:
        read_cell = pl.col(f"{_HIDDEN}{item.code}").struct
        number = pl.when(read_cell.field("fault").is_null()).then(read_cell.field("number"))
        cells[item.code] = number.alias(item.code)
        if domain == "water":
            below = read_cell.field("below")
            flags.append(pl.when(number.is_not_null() | below).then(below).alias(f"{item.code}_below"))
    return read.select(
        *(cells.get(c, pl.col(c)) for c in columns),
        *flags,
        pl.col(f"{_HIDDEN}row").cast(pl.Int64).alias("file_row"),
        reason.alias("intake_reason"),
        *(pl.col(c).alias(f"{_HIDDEN}raw_{c}") for c in columns if c in cells),
        *(c for c in read.collect_schema().names() if c.startswith(f"{_HIDDEN}raw_")),
    )
