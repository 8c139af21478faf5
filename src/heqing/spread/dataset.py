"""A dataset: one Parquet file, many, a folder of them or a Delta table, as a list of files cut into slices of rows.

Rows have one order, that of the files and of the rows in them; a slice is a run of it. It reads values nowhere: see
`heqing.store.intake`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from polars.exceptions import PolarsError

from heqing.errors import BadFileError

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # how a folder of a table without a value is called


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a dataset.

    ``fixed`` are columns that stand in the table's log or the folder's name and not in the file.
    """

    path: Path
    rows: int
    fixed: dict[str, str | None]


@dataclass(frozen=True)
class Slice:
    """A run of rows within one file: ``first`` is the number of its first row in the whole dataset, from 0."""

    file: int
    offset: int
    rows: int
    first: int


@dataclass(frozen=True)
class Dataset:
    """Files with the same columns, in their order.

    ``name`` is what messages call it, ``schema`` the columns of its rows.
    """

    name: Path
    files: tuple[DataFile, ...]
    schema: pl.Schema

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(f.rows for f in self.files)

    def frame(self) -> pl.LazyFrame:
        """Give all rows, lazily."""
        if not any(f.fixed for f in self.files):
            return self._scan([f.path for f in self.files], frozenset())
        return pl.concat([self._of_file(f) for f in self.files])

    def slices(self, most: int) -> tuple[Slice, ...]:
        """Cut the dataset into slices of at most `most` rows; none of them spans two files."""
        found: list[Slice] = []
        first = 0
        for number, file in enumerate(self.files):
            pieces = -(-file.rows // most)
            for piece in range(pieces):
                offset = piece * most
                found.append(Slice(number, offset, min(most, file.rows - offset), first + offset))
            first += file.rows
        return tuple(found)

    def slice_frame(self, piece: Slice) -> pl.LazyFrame:
        """Give the rows of a slice."""
        return self._of_file(self.files[piece.file]).slice(piece.offset, piece.rows)

    def where(self, row: int) -> str:
        """Name the file and the row in it, from 1, of a row of the dataset, from 1."""
        for file in self.files:
            if row <= file.rows:
                return f"{row} of {file.path.name}"
            row -= file.rows
        return str(row)

    def _of_file(self, file: DataFile) -> pl.LazyFrame:
        read = self._scan([file.path], frozenset(file.fixed))
        fixed = [pl.lit(value, pl.String).cast(self.schema[name]).alias(name) for name, value in file.fixed.items()]
        return read.with_columns(fixed).select(self.schema.names())

    def _scan(self, paths: list[Path], fixed: frozenset[str]) -> pl.LazyFrame:
        schema = {name: kind for name, kind in self.schema.items() if name not in fixed}
        return pl.scan_parquet(
            paths,
            glob=False,
            hive_partitioning=False,
            schema=schema,
            missing_columns="insert",
            extra_columns="ignore",
        )


def open_dataset(paths: Sequence[Path]) -> Dataset:
    """List the Parquet files that one or several paths name.

    Parameters
    ----------
    paths : sequence of Path
        A Parquet file, several of them, a folder (its files at any depth; names that begin with ``_`` or ``.`` are
        passed over; folders called ``city=无锡`` give a column) or the folder of a Delta table, whose log says which
        files belong to it.

    Returns
    -------
    Dataset
        Its files sorted by name where they come from a folder or table, else as given.

    Raises
    ------
    BadFileError
        Where a path is no such thing, a file is damaged, or the files differ in their columns.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in "ab":
    ...     pl.DataFrame({"station": [name], "pm2_5": [35.0]}).write_parquet(folder / f"{name}.parquet")
    >>> dataset = open_dataset([folder])
    >>> dataset.rows, dataset.frame().collect()["station"].to_list(), len(dataset.slices(1))
    (2, ['a', 'b'], 2)
    """
    name = paths[0] if len(paths) == 1 else Path(f"{paths[0]} and {len(paths) - 1} more")
    if len(paths) == 1 and paths[0].is_dir():
        if (paths[0] / "_delta_log").is_dir():
            return _open_table(paths[0])
        if (paths[0] / "observations" / "_delta_log").is_dir():
            raise BadFileError(
                name,
                "this is a store, whose table has one row per value. Write its values side by side first: "
                f"`heqing store observations {name} -o hours.parquet`",
            )
        return _of_files(name, _listed(paths[0]), root=paths[0])
    for path in paths:
        if path.is_dir():
            raise BadFileError(path, "this is a directory; name one folder alone, or files.")
    return _of_files(name, list(paths), root=None)


def _listed(folder: Path) -> list[Path]:
    found = [
        p
        for p in sorted(folder.rglob("*"))
        if p.suffix.lower() in (".parquet", ".pq")
        and not any(part.startswith(("_", ".")) for part in p.relative_to(folder).parts)
    ]
    if not found:
        raise BadFileError(folder, "this is a directory, and there is no Parquet file in it.")
    return found


def _of_files(name: Path, paths: list[Path], *, root: Path | None) -> Dataset:
    schema: pl.Schema | None = None
    files = []
    for path in paths:
        found, rows = _footer(path)
        fixed = _in_name(path.relative_to(root)) if root is not None else {}
        whole = pl.Schema({**found, **dict.fromkeys(fixed, pl.String())})
        if schema is not None and dict(whole) != dict(schema):
            raise BadFileError(path, f"its columns differ from those of {paths[0].name}: {_difference(schema, whole)}.")
        schema = schema or whole
        files.append(DataFile(path, rows, fixed))
    return _with_rows(Dataset(name, tuple(files), schema or pl.Schema()))


def _with_rows(dataset: Dataset) -> Dataset:
    if dataset.rows == 0:
        raise BadFileError(dataset.name, "it has columns and no rows.")
    return dataset


def _footer(path: Path) -> tuple[pl.Schema, int]:
    """Read the columns and the number of rows from the end of a file."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PAR1":
                raise BadFileError(path, "this is no Parquet file; several files, and a cluster, are read as Parquet.")
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        return frame.collect_schema(), frame.select(pl.len()).collect().item()
    except (PolarsError, OSError) as error:
        raise BadFileError(
            path, f"the Parquet file cannot be read ({error}). Copy it again from where it came."
        ) from error


def _in_name(path: Path) -> dict[str, str | None]:
    pairs = [part.split("=", 1) for part in path.parts[:-1] if "=" in part]
    return {name: None if value == _NO_VALUE else unquote(value) for name, value in pairs}


def _difference(schema: pl.Schema, other: pl.Schema) -> str:
    lacks = [n for n in schema if n not in other]
    more = [n for n in other if n not in schema]
    kinds = [f"{n} is {other[n]} and not {schema[n]}" for n in schema if n in other and other[n] != schema[n]]
    said = [f"without {', '.join(lacks)}"] if lacks else []
    said += [f"with {', '.join(more)}"] if more else []
    return "; ".join(said + kinds)


def _open_table(folder: Path) -> Dataset:
    """List the files of a Delta table as it is now."""
    try:
        table = DeltaTable(str(folder))
        schema = pl.scan_delta(table).collect_schema()
        listed = pl.DataFrame(table.get_add_actions(flatten=True))
        deleted = pl.DataFrame(table.deletion_vectors()).height
    except (DeltaError, OSError, PolarsError) as error:
        raise BadFileError(folder, f"the Delta table cannot be opened: {error}") from error
    if deleted:
        raise BadFileError(
            folder,
            "rows of this Delta table are marked as deleted within its files; rewrite it first (OPTIMIZE, VACUUM).",
        )
    fixed = [c for c in listed.columns if c.startswith("partition.")]
    files = []
    for row in listed.sort("path").iter_rows(named=True):
        path = folder / unquote(row["path"])
        columns = {c.removeprefix("partition."): None if row[c] is None else str(row[c]) for c in fixed}
        files.append(DataFile(path, _footer(path)[1], columns))
    return _with_rows(Dataset(folder, tuple(files), schema))
